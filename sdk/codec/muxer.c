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
#include "core/opus/head.h"
#include "core/vp8/record.h"

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

/* What a file can hold, by the name's end. MP4 has no VP8, FLV's Enhanced heads are not known to
 * libavformat. */
typedef struct container {
    const char *extension;
    uint32_t codecs[4];
} container;

static const container containers[] = {
    {".mp4", {CHALK_CODEC_H264, CHALK_CODEC_AAC, CHALK_CODEC_OPUS}},
    {".flv", {CHALK_CODEC_H264, CHALK_CODEC_AAC}},
    {".mkv", {CHALK_CODEC_H264, CHALK_CODEC_AAC, CHALK_CODEC_VP8, CHALK_CODEC_OPUS}},
};

bool ck_muxer_carries(const char *path, uint32_t codec)
{
    const char *extension = strrchr(path, '.');
    for (size_t i = 0; extension != NULL && i < CK_COUNT_OF(containers); i++) {
        const container *c = &containers[i];
        for (size_t k = 0; k < CK_COUNT_OF(c->codecs); k++) {
            if (c->codecs[k] == codec && ck_text_equal(c->extension, extension)) {
                return true;
            }
        }
    }
    return false;
}

static int describe_h264(const ck_muxer_track *track, AVCodecParameters *p)
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

static int describe_vp8(const ck_muxer_track *track, AVCodecParameters *p)
{
    ck_vp8_record record;
    const int status = ck_vp8_record_parse(track->config.data, track->config.size, &record);
    if (status != CHALK_OK || track->width < 1 || track->height < 1) {
        return status != CHALK_OK ? status : CHALK_ERR_INVALID_ARGUMENT;
    }
    p->codec_type = AVMEDIA_TYPE_VIDEO;
    p->codec_id = AV_CODEC_ID_VP8;
    p->width = track->width;
    p->height = track->height;
    p->color_primaries = (enum AVColorPrimaries)record.primaries;
    p->color_trc = (enum AVColorTransferCharacteristic)record.transfer;
    p->color_space = (enum AVColorSpace)record.matrix;
    p->color_range = record.full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    return CHALK_OK;
}

static int describe_aac(const ck_muxer_track *track, AVCodecParameters *p)
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

static int describe_opus(const ck_muxer_track *track, AVCodecParameters *p)
{
    ck_opus_head head;
    const int status = ck_opus_head_parse(track->config.data, track->config.size, &head);
    if (status != CHALK_OK) {
        return status;
    }
    p->codec_type = AVMEDIA_TYPE_AUDIO;
    p->codec_id = AV_CODEC_ID_OPUS;
    p->sample_rate = CHALK_SAMPLE_RATE;
    p->initial_padding = head.pre_skip; /* Matroska says it twice */
    av_channel_layout_default(&p->ch_layout, head.channels);
    return CHALK_OK;
}

static int describe(const ck_muxer_track *track, AVCodecParameters *p)
{
    switch (track->codec) {
    case CHALK_CODEC_H264:
        return describe_h264(track, p);
    case CHALK_CODEC_VP8:
        return describe_vp8(track, p);
    case CHALK_CODEC_AAC:
        return describe_aac(track, p);
    default:
        return describe_opus(track, p);
    }
}

static int add_track(ck_muxer *m, const ck_muxer_track *track)
{
    AVStream *stream = avformat_new_stream(m->format, NULL);
    if (stream == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    AVCodecParameters *p = stream->codecpar;
    const int status = describe(track, p);
    if (status != CHALK_OK) {
        return status;
    }
    stream->time_base = (AVRational){1, 90000};
    m->tracks[m->track_count++].config = ck_slice_ref(track->config);
    if (track->codec == CHALK_CODEC_VP8) {
        return CHALK_OK; /* its record is Enhanced FLV's: files say the same in their own fields */
    }
    p->extradata = av_mallocz(track->config.size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (p->extradata == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(p->extradata, track->config.data, track->config.size);
    p->extradata_size = (int)track->config.size;
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
    if (format == NULL) {
        return CHALK_ERR_UNSUPPORTED; /* this libavformat was built without it */
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
    int status = CHALK_OK;
    for (size_t i = 0; status == CHALK_OK && i < count; i++) {
        status = ck_muxer_carries(path, tracks[i].codec) ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
    }
    if (status == CHALK_OK) {
        status = open_file(m, path);
    }
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
