#include "codec/demuxer_tracks.h"

#include "chalkrail/errors.h"
#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"
#include "runtime/os/os.h"

#include <string.h>

static const AVRational us_base = {1, 1000000};

static int put(ck_ring *out, const ck_packet *model, const void *data, size_t size)
{
    ck_packet packet = *model;
    packet.payload = ck_slice_copy(&ck_heap, data, size);
    if (packet.payload.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (!ck_ring_push(out, &packet)) {
        ck_packet_unref(&packet);
        return CHALK_ERR_TOO_LARGE;
    }
    return CHALK_OK;
}

/* Where only one of the two times stands there, the other is the same. */
static void set_times(ck_packet *packet, const AVStream *stream, const AVPacket *from)
{
    int64_t pts = from->pts != AV_NOPTS_VALUE ? from->pts : from->dts;
    int64_t dts = from->dts != AV_NOPTS_VALUE ? from->dts : pts;
    packet->pts_us = av_rescale_q(pts, stream->time_base, us_base);
    packet->dts_us = av_rescale_q(dts, stream->time_base, us_base);
}

/* --- pictures -------------------------------------------------------------------------------- */

static int give_video_config(ck_video_track *t, const void *data, size_t size, ck_ring *out)
{
    if (t->config.size == size && memcmp(t->config.data, data, size) == 0) {
        return CHALK_OK;
    }
    ck_buf_clear(&t->config);
    ck_buf_put(&t->config, data, size);
    const ck_packet model = {.codec = CHALK_CODEC_H264, .config = true, .key = true};
    return t->config.failed ? ck_buf_status(&t->config) : put(out, &model, data, size);
}

/* The record of the parameter sets in an access unit; nothing when it has none. */
static int give_sets(ck_video_track *t, const AVPacket *packet, ck_ring *out)
{
    ck_avcc_unit sps[CK_AVCC_SPS_MAX], pps[CK_AVCC_PPS_MAX];
    size_t sps_count = 0, pps_count = 0;
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_ANNEX_B, packet->data, (size_t)packet->size);
    ck_h264_nal nal;
    while (ck_h264_walk_next(&walk, &nal) > 0) {
        if (nal.type == CK_H264_SPS && sps_count < CK_AVCC_SPS_MAX) {
            sps[sps_count++] = (ck_avcc_unit){nal.data, nal.size};
        } else if (nal.type == CK_H264_PPS && pps_count < CK_AVCC_PPS_MAX) {
            pps[pps_count++] = (ck_avcc_unit){nal.data, nal.size};
        }
    }
    ck_avcc record;
    if (ck_avcc_from_sets(&record, sps, sps_count, pps, pps_count) != CHALK_OK) {
        return CHALK_OK;
    }
    ck_buf_clear(&t->unit);
    ck_avcc_write(&t->unit, &record);
    int status = ck_buf_status(&t->unit);
    return status == CHALK_OK ? give_video_config(t, t->unit.data, t->unit.size, out) : status;
}

static int take_annex_b(ck_video_track *t, ck_packet *model, const AVPacket *packet, ck_ring *out)
{
    static const ck_h264_rewrite how = {
        .from = CK_H264_ANNEX_B, .to = CK_H264_AVCC_4, .drop = CK_H264_DROP_FOR_FLV};
    ck_h264_unit_info info;
    size_t size = (size_t)packet->size;
    if (ck_h264_inspect(CK_H264_ANNEX_B, packet->data, size, &info) < 0 || !info.has_picture) {
        return CHALK_OK;
    }
    model->key = info.is_key;
    int status = give_sets(t, packet, out);
    if (status < 0) {
        return status;
    }
    ck_buf_clear(&t->unit);
    status = ck_h264_rewrite_unit(&how, packet->data, size, &t->unit);
    if (status == CHALK_ERR_NO_MEMORY) {
        return status;
    }
    return status > 0 ? put(out, model, t->unit.data, t->unit.size) : CHALK_OK;
}

int ck_video_track_take(ck_video_track *t, const AVStream *stream, const AVPacket *packet,
                        ck_ring *out, const char **refused)
{
    const AVCodecParameters *p = stream->codecpar;
    ck_packet model = {.codec = CHALK_CODEC_H264};
    if (p->codec_id != AV_CODEC_ID_H264) {
        *refused = avcodec_get_name(p->codec_id);
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    if (packet->size <= 0 || (packet->pts == AV_NOPTS_VALUE && packet->dts == AV_NOPTS_VALUE)) {
        return CHALK_OK;
    }
    set_times(&model, stream, packet);
    /* An avcC record begins with its version, 1; Annex B with a zero. */
    if (p->extradata_size < 1 || p->extradata[0] != 1) {
        return take_annex_b(t, &model, packet, out);
    }
    if ((packet->flags & AV_PKT_FLAG_CORRUPT) != 0) {
        return CHALK_OK; /* cut short: its lengths do not add up */
    }
    model.key = (packet->flags & AV_PKT_FLAG_KEY) != 0;
    int status = give_video_config(t, p->extradata, (size_t)p->extradata_size, out);
    return status == CHALK_OK ? put(out, &model, packet->data, (size_t)packet->size) : status;
}

/* --- sound ----------------------------------------------------------------------------------- */

static int give_sound_config(ck_sound_track *t, const void *data, int size, ck_ring *out)
{
    if (t->config_size == size && memcmp(t->config, data, (size_t)size) == 0) {
        return CHALK_OK;
    }
    const ck_packet model = {.codec = CHALK_CODEC_AAC, .config = true, .key = true};
    memcpy(t->config, data, (size_t)size);
    t->config_size = size;
    return put(out, &model, data, (size_t)size);
}

static int give_frame(ck_sound_track *t, const ck_adts_frame *frame, ck_ring *out)
{
    uint8_t config[CK_AAC_CONFIG_MAX];
    int size = ck_aac_config_write(config, &frame->head.config);
    int status = size > 0 ? give_sound_config(t, config, size, out) : CHALK_OK;
    if (status == CHALK_OK && t->has_time && frame->payload_size > 0) {
        const ck_packet model = {
            .codec = CHALK_CODEC_AAC, .key = true, .pts_us = t->next_us, .dts_us = t->next_us};
        status = put(out, &model, frame->payload, frame->payload_size);
    }
    uint32_t rate = frame->head.config.sample_rate_hz;
    t->next_us += rate > 0 ? (int64_t)frame->head.config.frame_length * 1000000 / rate : 0;
    return status;
}

/* The time of a PES packet is that of the first frame that begins in it (ISO/IEC 13818-1, 2.4.3.7):
 * a frame that began in the one before still goes by that one's. */
int ck_sound_track_take_adts(ck_sound_track *t, const int64_t *begins_us, const void *data,
                             size_t size, ck_ring *out, const char **refused)
{
    bool pending = t->split.have > 0;
    int status = ck_adts_split_feed(&t->split, data, size);
    ck_adts_frame frame;
    while (status == CHALK_OK) {
        if (begins_us != NULL && !pending) {
            t->next_us = *begins_us;
            t->has_time = true;
            begins_us = NULL;
        }
        pending = false;
        status = ck_adts_split_poll(&t->split, &frame);
        status = status == CHALK_OK ? give_frame(t, &frame, out) : status;
    }
    if (begins_us != NULL && !pending) { /* what began here is not complete yet */
        t->next_us = *begins_us;
        t->has_time = true;
    }
    if (status == CHALK_ERR_CODEC_UNKNOWN) {
        *refused = t->split.head.config.refused;
        *refused = *refused != NULL ? *refused : "AAC of an unknown kind";
    }
    return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
}

static int take_adts(ck_sound_track *t, const AVStream *stream, const AVPacket *packet,
                     ck_ring *out, const char **refused)
{
    bool timed = packet->pts != AV_NOPTS_VALUE;
    int64_t begins_us = timed ? av_rescale_q(packet->pts, stream->time_base, us_base) : 0;
    return ck_sound_track_take_adts(t, timed ? &begins_us : NULL, packet->data,
                                    (size_t)packet->size, out, refused);
}

int ck_sound_track_take(ck_sound_track *t, const AVStream *stream, const AVPacket *packet,
                        ck_ring *out, const char **refused)
{
    const AVCodecParameters *p = stream->codecpar;
    if (p->codec_id != AV_CODEC_ID_AAC) {
        *refused = avcodec_get_name(p->codec_id);
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    if (packet->size <= 0) {
        return CHALK_OK;
    }
    if (p->extradata_size < 2 || p->extradata_size > (int)sizeof t->config) {
        return take_adts(t, stream, packet, out, refused);
    }
    ck_aac_config config;
    if (ck_aac_config_parse(p->extradata, (size_t)p->extradata_size, &config) ==
        CHALK_ERR_CODEC_UNKNOWN) {
        *refused = config.refused;
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    if (packet->pts == AV_NOPTS_VALUE && packet->dts == AV_NOPTS_VALUE) {
        return CHALK_OK;
    }
    ck_packet model = {.codec = CHALK_CODEC_AAC, .key = true};
    set_times(&model, stream, packet);
    int status = give_sound_config(t, p->extradata, p->extradata_size, out);
    return status == CHALK_OK ? put(out, &model, packet->data, (size_t)packet->size) : status;
}
