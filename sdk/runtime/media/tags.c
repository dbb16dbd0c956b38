#include "runtime/media/tags.h"

#include "chalkrail/errors.h"
#include "chalkrail/frame.h"

#include "base/check.h"
#include "base/text.h"
#include "core/aac/config.h"
#include "core/flv/audio.h"
#include "core/flv/avcc.h"
#include "core/flv/meta.h"
#include "core/flv/stamp.h"
#include "core/flv/video.h"
#include "core/h264/params.h"
#include "core/opus/head.h"
#include "runtime/os/os.h"

#include <string.h>

#define META_MAX      4096
#define HEAD_MAX      5
#define FLV_CODEC_AVC 7
#define FLV_CODEC_AAC 10

typedef struct codec_row {
    uint32_t codec;
    uint32_t fourcc;
    uint8_t type; /* enum ck_flv_type */
} codec_row;

static const codec_row codecs[] = {
    {CHALK_CODEC_H264, CK_FOURCC_AVC, CK_FLV_VIDEO},
    {CHALK_CODEC_AAC, CK_FOURCC_AAC, CK_FLV_AUDIO},
    {CHALK_CODEC_VP8, CK_FOURCC_VP8, CK_FLV_VIDEO},
    {CHALK_CODEC_OPUS, CK_FOURCC_OPUS, CK_FLV_AUDIO},
};

static const codec_row *row_of_codec(uint32_t codec)
{
    for (size_t i = 0; i < CK_COUNT_OF(codecs); i++) {
        if (codecs[i].codec == codec) {
            return &codecs[i];
        }
    }
    return NULL;
}

/* 0: it is none of ours. */
static uint32_t codec_of_fourcc(uint32_t fourcc)
{
    for (size_t i = 0; i < CK_COUNT_OF(codecs); i++) {
        if (codecs[i].fourcc == fourcc) {
            return codecs[i].codec;
        }
    }
    return 0;
}

uint32_t ck_fourcc_of_codec(uint32_t codec)
{
    const codec_row *row = row_of_codec(codec);
    return row != NULL ? row->fourcc : 0;
}

const char *ck_name_of_codec(uint32_t codec)
{
    return ck_fourcc_name(ck_fourcc_of_codec(codec));
}

/* Returns the size of the head. */
static size_t write_head(const ck_packet *packet, const codec_row *row, uint8_t head[HEAD_MAX])
{
    enum ck_flv_packet kind = packet->config ? CK_FLV_PACKET_CONFIG : CK_FLV_PACKET_FRAMES;
    switch (packet->codec) {
    case CHALK_CODEC_H264: {
        /* Each is rounded by itself, so that the player's sum is the presentation time rounded. */
        int64_t composition_ms = packet->pts_us / 1000 - packet->dts_us / 1000;
        ck_flv_write_avc_head(head, packet->key, kind, (int32_t)composition_ms);
        return CK_FLV_AVC_HEAD;
    }
    case CHALK_CODEC_AAC:
        ck_flv_write_aac_head(head, kind);
        return CK_FLV_AAC_HEAD;
    case CHALK_CODEC_VP8:
        ck_flv_write_video_head(head, row->fourcc, packet->key, kind);
        return CK_FLV_ENHANCED_HEAD;
    default:
        ck_flv_write_audio_head(head, row->fourcc, kind);
        return CK_FLV_ENHANCED_HEAD;
    }
}

int ck_tag_of_packet(const ck_packet *packet, ck_flv_tag *out)
{
    const codec_row *row = row_of_codec(packet->codec);
    if (row == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    uint8_t head[HEAD_MAX];
    size_t head_size = write_head(packet, row, head);
    ck_slice body = ck_slice_new(&ck_heap, head_size + packet->payload.size);
    if (body.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(ck_slice_mutable(body), head, head_size);
    memcpy(ck_slice_mutable(body) + head_size, packet->payload.data, packet->payload.size);
    out->type = row->type;
    out->timestamp_ms = (uint32_t)(packet->dts_us / 1000); /* wraps as FLV's does */
    out->body = body;
    return CHALK_OK;
}

static void describe_video(const ck_packet *video, ck_flv_meta *meta)
{
    ck_avcc record;
    ck_h264_sps sps;
    meta->video_codec = FLV_CODEC_AVC;
    if (video->codec != CHALK_CODEC_H264) {
        meta->video_codec = ck_fourcc_of_codec(video->codec); /* the record says no size */
        return;
    }
    if (ck_avcc_parse(video->payload.data, video->payload.size, &record) == CHALK_OK &&
        ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK) {
        meta->width = sps.width;
        meta->height = sps.height;
    }
}

static void describe_audio(const ck_packet *audio, ck_flv_meta *meta)
{
    ck_aac_config config;
    ck_opus_head head;
    if (audio->codec == CHALK_CODEC_OPUS) {
        meta->audio_codec = CK_FOURCC_OPUS;
        meta->audio_rate_hz = CHALK_SAMPLE_RATE;
        if (ck_opus_head_parse(audio->payload.data, audio->payload.size, &head) == CHALK_OK) {
            meta->audio_channels = head.channels;
        }
        return;
    }
    meta->audio_codec = FLV_CODEC_AAC;
    if (ck_aac_config_parse(audio->payload.data, audio->payload.size, &config) == CHALK_OK) {
        meta->audio_rate_hz = config.sample_rate_hz;
        meta->audio_channels = config.channels;
    }
}

/* Takes what was written; frees the buffer. */
static int script_tag(ck_buf *buffer, uint32_t timestamp_ms, ck_flv_tag *out)
{
    int status = ck_buf_status(buffer);
    if (status == CHALK_OK) {
        out->type = CK_FLV_SCRIPT;
        out->timestamp_ms = timestamp_ms;
        out->body = ck_slice_copy(&ck_heap, buffer->data, buffer->size);
        status = out->body.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    ck_buf_free(buffer);
    return status;
}

int ck_tag_of_meta(const ck_packet *video, const ck_packet *audio, ck_flv_tag *out)
{
    ck_flv_meta meta = {0};
    (void)ck_text_copy(meta.encoder, sizeof meta.encoder, "Chalkrail");
    if (video != NULL && video->payload.size > 0) {
        describe_video(video, &meta);
    }
    if (audio != NULL && audio->payload.size > 0) {
        describe_audio(audio, &meta);
    }
    ck_buf buffer;
    ck_buf_init(&buffer, &ck_heap, META_MAX);
    ck_flv_meta_write(&buffer, &meta);
    return script_tag(&buffer, 0, out);
}

int ck_tag_of_stamp(int64_t pts_us, uint64_t room_us, ck_flv_tag *out)
{
    const ck_flv_stamp stamp = {.room_us = room_us, .media_us = (uint64_t)pts_us};
    ck_buf buffer;
    ck_buf_init(&buffer, &ck_heap, CK_FLV_STAMP_SIZE_MAX);
    ck_flv_stamp_write(&buffer, &stamp);
    return script_tag(&buffer, (uint32_t)(pts_us / 1000), out);
}

int ck_stamp_of_tag(const ck_flv_tag *tag, uint64_t *room_us, int64_t *beyond_us)
{
    ck_flv_stamp stamp = {0};
    int status = tag->type == CK_FLV_SCRIPT
                     ? ck_flv_stamp_parse(tag->body.data, tag->body.size, &stamp)
                     : CHALK_ERR_NOT_FOUND;
    *room_us = stamp.room_us;
    *beyond_us = (int64_t)(stamp.media_us % 1000);
    return status;
}

/* Some publishers begin a sequence of VP8 or Opus with an empty header, which both allow. Packets
 * of configuration have a payload, so what it stands for is filled in. */
static ck_slice usual_config(uint32_t codec)
{
    static const char opus[] = "OpusHead\x01\x02\x00\x00\x80\xbb\x00\x00\x00\x00\x00";
    static const char vp8[] = "\x00\x00\x82\x02\x02\x02\x00\x00";
    switch (codec) {
    case CHALK_CODEC_OPUS:
        return ck_slice_static(opus, sizeof opus - 1);
    case CHALK_CODEC_VP8:
        return ck_slice_static(vp8, sizeof vp8 - 1);
    default:
        return (ck_slice){0};
    }
}

/* Only what the parser accepted gets here; control packets carry nothing to decode. */
static int share_payload(const ck_flv_tag *tag, uint8_t packet_type, size_t offset, size_t size,
                         ck_packet *out)
{
    bool media = packet_type == CK_FLV_PACKET_FRAMES || packet_type == CK_FLV_PACKET_CONFIG;
    if (!media) {
        return CHALK_ERR_AGAIN;
    }
    out->config = packet_type == CK_FLV_PACKET_CONFIG;
    out->dts_us = (int64_t)tag->timestamp_ms * 1000;
    if (size > 0) {
        out->payload = ck_slice_part(tag->body, offset, size);
    } else if (out->config) {
        out->payload = usual_config(out->codec);
    }
    return out->payload.size > 0 ? CHALK_OK : CHALK_ERR_AGAIN;
}

static int packet_of_video(const ck_flv_tag *tag, ck_packet *out, const char **refused)
{
    ck_flv_video video;
    int status = ck_flv_video_parse(tag->body.data, tag->body.size, &video);
    *refused = video.refused;
    if (status < 0) {
        return status;
    }
    out->codec = codec_of_fourcc(video.fourcc);
    out->key = video.frame_type == CK_FLV_FRAME_KEY;
    status = share_payload(tag, video.packet_type, video.payload_offset, video.payload_size, out);
    out->pts_us = out->dts_us + (int64_t)video.composition_time_ms * 1000;
    return status;
}

/* What of Opus is not played shows in its header, not in the tag's. */
static int check_opus(ck_packet *config, const char **refused)
{
    ck_opus_head head;
    int status = ck_opus_head_parse(config->payload.data, config->payload.size, &head);
    if (status < 0) {
        *refused = head.refused;
        ck_packet_unref(config);
    }
    return status;
}

static int packet_of_audio(const ck_flv_tag *tag, ck_packet *out, const char **refused)
{
    ck_flv_audio audio;
    int status = ck_flv_audio_parse(tag->body.data, tag->body.size, &audio);
    *refused = audio.refused;
    if (status < 0) {
        return status;
    }
    out->codec = codec_of_fourcc(audio.fourcc);
    out->key = true;
    status = share_payload(tag, audio.packet_type, audio.payload_offset, audio.payload_size, out);
    out->pts_us = out->dts_us;
    bool opus_config = status == CHALK_OK && out->config && out->codec == CHALK_CODEC_OPUS;
    return opus_config ? check_opus(out, refused) : status;
}

int ck_packet_of_tag(const ck_flv_tag *tag, uint32_t *media, ck_packet *out, const char **refused)
{
    memset(out, 0, sizeof *out);
    if (tag->type == CK_FLV_VIDEO) {
        *media = CHALK_MEDIA_VIDEO;
        return packet_of_video(tag, out, refused);
    }
    if (tag->type == CK_FLV_AUDIO) {
        *media = CHALK_MEDIA_AUDIO;
        return packet_of_audio(tag, out, refused);
    }
    return CHALK_ERR_AGAIN;
}
