/*
 * Files by libavformat: .mp4, .flv, .mkv. Packets' times count from the file's beginning.
 *
 * An MP4 is written in fragments of at most two seconds and flushed after each, so that what a kill
 * or a full disk leaves behind plays up to there.
 *
 * libavformat's contexts cannot be told to log less (av.h), so whatever it would complain about is
 * checked first: times that go back, sizes and rates that are missing.
 */
#include "codec/av.h"
#include "codec/codecs.h"

#include "base/check.h"
#include "base/text.h"
#include "core/aac/config.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"

#include <libavformat/avformat.h>
#include <string.h>

#define TRACKS_MAX 8
/* How long one track waits for another that is silent before it is written alone. */
#define INTERLEAVE_US 1000000
#define FRAGMENT_US   "2000000"
#define PACKET_MAX    (64u << 20)

/* A packet is held until the next one of its track, which ends it: a picture lasts as long as it is
 * shown, and fragments of MP4 state durations. */
typedef struct muxer_track {
    ck_slice config;
    ck_packet held; /* with times that grow; payload.size 0: none */
    int64_t last_duration_us;
} muxer_track;

struct ck_muxer {
    AVFormatContext *format;
    AVPacket *packet;
    muxer_track tracks[TRACKS_MAX];
    size_t track_count;
    bool header_written;
    int status; /* the first failure; nothing is written after it */
};

static int describe_video(const ck_muxer_track *track, AVCodecParameters *p)
{
    ck_avcc record;
    ck_h264_sps sps;
    int status = ck_avcc_parse(track->config.data, track->config.size, &record);
    if (status == CHALK_OK) {
        status = ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps);
    }
    if (status != CHALK_OK) {
        return status;
    }
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->codec_id = AV_CODEC_ID_H264;
    p->width = track->width > 0 ? track->width : (int)sps.width;
    p->height = track->height > 0 ? track->height : (int)sps.height;
    p->color_primaries = (enum AVColorPrimaries)sps.colour_primaries;
    p->color_trc = (enum AVColorTransferCharacteristic)sps.transfer;
    p->color_space = (enum AVColorSpace)sps.matrix;
    p->color_range = sps.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    return CHALK_OK;
}

static int describe_audio(const ck_muxer_track *track, AVCodecParameters *p)
{
    ck_aac_config config;
    const int status = ck_aac_config_parse(track->config.data, track->config.size, &config);
    if (status != CHALK_OK) {
        return status;
    }
    p->codec_type = AVMEDIA_TYPE_AUDIO;
    p->codec_id = AV_CODEC_ID_AAC;
    p->sample_rate = track->rate > 0 ? (int)track->rate : (int)config.sample_rate_hz;
    p->frame_size = config.frame_length;
    av_channel_layout_default(&p->ch_layout,
                              track->channels > 0 ? (int)track->channels : config.channels);
    return CHALK_OK;
}

static int add_track(ck_muxer *m, const ck_muxer_track *track)
{
    AVStream *stream = avformat_new_stream(m->format, NULL);
    if (stream == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    AVCodecParameters *p = stream->codecpar;
    const int status = track->codec == CHALK_CODEC_H264  ? describe_video(track, p)
                       : track->codec == CHALK_CODEC_AAC ? describe_audio(track, p)
                                                         : CHALK_ERR_INVALID_ARGUMENT;
    if (status != CHALK_OK) {
        return status;
    }
    p->extradata = av_mallocz(track->config.size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (p->extradata == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(p->extradata, track->config.data, track->config.size);
    p->extradata_size = (int)track->config.size;
    stream->time_base = (AVRational){1, 90000};
    m->tracks[m->track_count++].config = ck_slice_ref(track->config);
    return CHALK_OK;
}

static int write_header(ck_muxer *m)
{
    AVDictionary *options = NULL;
    int result = 0;
    if (strcmp(m->format->oformat->name, "mp4") == 0) {
        /* delay_moov: the head follows with the first fragment and states where each track begins;
         * without it sound and picture would both begin at 0, and their distance be lost. */
        result = av_dict_set(&options, "movflags",
                             "frag_keyframe+empty_moov+delay_moov+default_base_moof", 0);
        if (result >= 0) {
            result = av_dict_set(&options, "frag_duration", FRAGMENT_US, 0);
        }
    } else if (strcmp(m->format->oformat->name, "flv") == 0) {
        result = av_dict_set(&options, "flvflags", "no_duration_filesize", 0);
    }
    if (result >= 0) {
        result = avformat_write_header(m->format, &options);
    }
    av_dict_free(&options);
    m->header_written = result >= 0;
    return ck_av_status(result, CHALK_ERR_IO);
}

/* Frees without completing. */
static void discard(ck_muxer *m)
{
    if (m->format != NULL && m->format->pb != NULL) {
        (void)avio_closep(&m->format->pb);
    }
    avformat_free_context(m->format);
    av_packet_free(&m->packet);
    for (size_t i = 0; i < m->track_count; i++) {
        ck_slice_unref(&m->tracks[i].config);
        ck_packet_unref(&m->tracks[i].held);
    }
    ck_free(&ck_heap, m);
}

static int open_file(ck_muxer *m, const char *path)
{
    const AVOutputFormat *format = av_guess_format(NULL, path, NULL);
    if (format == NULL || (strcmp(format->name, "mp4") != 0 && strcmp(format->name, "flv") != 0 &&
                           strcmp(format->name, "matroska") != 0)) {
        return CHALK_ERR_UNSUPPORTED;
    }
    /* "file:" in front: a name with a colon in it is a name, not a protocol. */
    char url[4096];
    ck_text text = ck_text_of(url, sizeof(url));
    ck_text_add(&text, "file:");
    ck_text_add(&text, path);
    if (text.cut) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    m->packet = av_packet_alloc();
    if (m->packet == NULL || avformat_alloc_output_context2(&m->format, format, NULL, url) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    m->format->max_interleave_delta = INTERLEAVE_US;
    m->format->flags |= AVFMT_FLAG_FLUSH_PACKETS;
    return ck_av_status(avio_open(&m->format->pb, url, AVIO_FLAG_WRITE), CHALK_ERR_IO);
}

int ck_muxer_open(const char *path, const ck_muxer_track *tracks, size_t count, ck_muxer **out)
{
    *out = NULL;
    if (path == NULL || count < 1 || count > TRACKS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_muxer *m = ck_new(&ck_heap, sizeof(*m));
    if (m == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = open_file(m, path);
    for (size_t i = 0; status == CHALK_OK && i < count; i++) {
        status = add_track(m, &tracks[i]);
    }
    if (status == CHALK_OK) {
        status = write_header(m);
    }
    if (status != CHALK_OK) {
        discard(m);
        return status;
    }
    *out = m;
    return CHALK_OK;
}

/* A file states its parameter sets once, at its beginning. */
static int check_config(const muxer_track *track, const ck_packet *packet)
{
    const bool same = packet->payload.size == track->config.size &&
                      memcmp(packet->payload.data, track->config.data, track->config.size) == 0;
    return same ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
}

static int fill_packet(ck_muxer *m, size_t index, const ck_packet *packet, int64_t duration_us)
{
    const AVRational us = {1, 1000000};
    const AVRational base = m->format->streams[index]->time_base;
    if (av_new_packet(m->packet, (int)packet->payload.size) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(m->packet->data, packet->payload.data, packet->payload.size);
    m->packet->stream_index = (int)index;
    m->packet->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
    m->packet->dts = av_rescale_q(packet->dts_us, us, base);
    m->packet->pts = av_rescale_q(packet->pts_us, us, base);
    /* To the next packet's rounded time, so that rounding does not add up. */
    m->packet->duration = av_rescale_q(packet->dts_us + duration_us, us, base) - m->packet->dts;
    return CHALK_OK;
}

static int write_held(ck_muxer *m, size_t index, int64_t duration_us)
{
    muxer_track *t = &m->tracks[index];
    const int status = fill_packet(m, index, &t->held, duration_us);
    ck_packet_unref(&t->held);
    t->last_duration_us = duration_us;
    if (status != CHALK_OK) {
        return status;
    }
    int result = av_interleaved_write_frame(m->format, m->packet);
    av_packet_unref(m->packet); /* still ours when the call failed */
    /* A failed write of buffered bytes shows in the file's context alone. */
    if (result >= 0 && m->format->pb->error < 0) {
        result = m->format->pb->error;
    }
    return ck_av_status(result, CHALK_ERR_IO);
}

int ck_muxer_write(ck_muxer *m, size_t track, const ck_packet *packet)
{
    if (track >= m->track_count || packet->payload.size > PACKET_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    muxer_track *t = &m->tracks[track];
    if (packet->config) {
        return check_config(t, packet);
    }
    if (m->status != CHALK_OK || packet->payload.size == 0) {
        return m->status;
    }
    ck_packet next = ck_packet_ref(packet);
    if (t->held.payload.size > 0) {
        /* Containers want times that grow. The coarsest of them tells milliseconds apart. */
        next.dts_us = CK_MAX(next.dts_us, t->held.dts_us + 1000);
        m->status = write_held(m, track, next.dts_us - t->held.dts_us);
    }
    next.pts_us = CK_MAX(next.pts_us, next.dts_us);
    t->held = next;
    return m->status;
}

/* What is still held lasts as long as the packet before it did. */
static int write_rest(ck_muxer *m)
{
    for (size_t i = 0; i < m->track_count && m->status == CHALK_OK; i++) {
        if (m->tracks[i].held.payload.size > 0) {
            m->status = write_held(m, i, CK_MAX(m->tracks[i].last_duration_us, 1000));
        }
    }
    return m->status;
}

int ck_muxer_close(ck_muxer **muxer)
{
    ck_muxer *m = *muxer;
    if (m == NULL) {
        return CHALK_OK;
    }
    *muxer = NULL;
    int status = write_rest(m);
    /* Also after a failure: it frees what waits to be interleaved. */
    if (m->header_written) {
        const int result = av_write_trailer(m->format);
        status = status != CHALK_OK ? status : ck_av_status(result, CHALK_ERR_IO);
    }
    const int closed = avio_closep(&m->format->pb);
    status = status != CHALK_OK ? status : ck_av_status(closed, CHALK_ERR_IO);
    discard(m);
    return status;
}
