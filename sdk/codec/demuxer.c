/*
 * Segments of HLS by libavformat, over bytes in memory: it opens nothing itself. Packed AAC is read
 * here.
 *
 * A segment is complete before it is taken apart, because libavformat pulls, and what it pulls from
 * must not run dry in the middle.
 *
 * A format context takes its log level from its class (libavutil/log.h), so each gets a class of
 * its own: a copy of FFmpeg's whose offset of the level is CK_AV_SILENT. Parsers and probing of
 * codecs are switched off, so nothing else logs.
 */
#include "codec/av.h"
#include "codec/codecs.h"
#include "codec/demuxer_tracks.h"

#include "base/check.h"
#include "chalkrail/codec.h"
#include "chalkrail/runtime.h"
#include "core/aac/id3.h"
#include "core/mp4/prune.h"
#include "runtime/os/os.h"

#include <errno.h>
#include <string.h>

#define IO_BYTES     32768
#define READY_MAX    1024 /* packets made of one of libavformat's; more are TOO_LARGE */
#define EMPTY_IN_ROW 100000
#define CONFIG_MAX   65536
#define STREAMS_MAX  16
#define PACKED_PIECE 4096 /* bytes of packed AAC at once: fewer frames than READY_MAX */

struct ck_demuxer {
    const ck_log *log;
    ck_buf bytes;
    size_t at; /* what has been read of them */
    bool ended;
    ck_demuxer_stamps stamps;
    AVFormatContext *format;
    AVIOContext *io;
    AVPacket *packet;
    AVClass quiet;
    int index[2]; /* of the track of each medium; -1: none yet */
    ck_video_track video;
    ck_sound_track sound;
    ck_ring ready; /* of ck_packet */
    int status;    /* of reading: OK, END, CODEC_UNKNOWN, TOO_LARGE, NO_MEMORY */
    const char *refused;
};

int ck_demuxer_open(const ck_log *log, ck_demuxer **out)
{
    ck_demuxer *d = ck_new(&ck_heap, sizeof *d);
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->log = log;
    d->index[0] = d->index[1] = -1;
    ck_buf_init(&d->bytes, &ck_heap, CK_DEMUXER_BYTES_MAX);
    ck_buf_init(&d->video.config, &ck_heap, CONFIG_MAX);
    ck_buf_init(&d->video.unit, &ck_heap, CK_DEMUXER_BYTES_MAX);
    ck_adts_split_init(&d->sound.split);
    int status = ck_ring_init(&d->ready, &ck_heap, sizeof(ck_packet), READY_MAX);
    if (status == CHALK_OK) {
        *out = d;
    } else {
        ck_demuxer_close(&d);
    }
    return status;
}

void ck_demuxer_close(ck_demuxer **demuxer)
{
    ck_demuxer *d = *demuxer;
    ck_packet packet;
    if (d == NULL) {
        return;
    }
    avformat_close_input(&d->format); /* leaves our io alone */
    if (d->io != NULL) {
        av_freep(&d->io->buffer);
        avio_context_free(&d->io);
    }
    av_packet_free(&d->packet);
    while (ck_ring_pop(&d->ready, &packet)) {
        ck_packet_unref(&packet);
    }
    ck_ring_free(&d->ready);
    ck_buf_free(&d->video.config);
    ck_buf_free(&d->video.unit);
    ck_buf_free(&d->bytes);
    ck_free(&ck_heap, d);
    *demuxer = NULL;
}

int ck_demuxer_send(ck_demuxer *d, const void *data, size_t size)
{
    if (d->ended) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_buf_put(&d->bytes, data, size);
    return ck_buf_status(&d->bytes);
}

ck_demuxer_stamps ck_demuxer_get_stamps(const ck_demuxer *d)
{
    return d->stamps;
}

/* --- the bytes, as libavformat reads them ---------------------------------------------------- */

static int on_read(void *opaque, uint8_t *out, int size)
{
    ck_demuxer *d = opaque;
    size_t count = CK_MIN(d->bytes.size - d->at, (size_t)CK_MAX(size, 0));
    if (count == 0) {
        return AVERROR_EOF;
    }
    memcpy(out, d->bytes.data + d->at, count);
    d->at += count;
    return (int)count;
}

/* The size stays untold, by SEEK_END too: knowing it, libavformat would log what it cuts off, on no
 * context that could be told to keep quiet. */
static int64_t on_seek(void *opaque, int64_t offset, int whence)
{
    ck_demuxer *d = opaque;
    int64_t base = whence == SEEK_CUR ? (int64_t)d->at : 0;
    if (whence != SEEK_CUR && whence != SEEK_SET) {
        return AVERROR(ENOSYS);
    }
    if (offset < -base || offset > (int64_t)d->bytes.size - base) {
        return AVERROR(EINVAL);
    }
    d->at = (size_t)(base + offset);
    return base + offset;
}

/* --- opening --------------------------------------------------------------------------------- */

static bool is_mpegts(const ck_buf *bytes)
{
    return bytes->size >= 188 && bytes->data[0] == 0x47 &&
           (bytes->size < 189 || bytes->data[188] == 0x47);
}

static bool is_mp4(const ck_buf *bytes)
{
    static const char *const boxes[] = {"ftyp", "styp", "moov", "moof", "sidx", "emsg", "prft"};
    for (size_t i = 0; bytes->size >= 8 && i < CK_COUNT_OF(boxes); i++) {
        if (memcmp(bytes->data + 4, boxes[i], 4) == 0) {
            return true;
        }
    }
    return false;
}

static int open_format(ck_demuxer *d, const AVInputFormat *input)
{
    uint8_t *buffer = input != NULL ? av_malloc(IO_BYTES) : NULL;
    if (input == NULL) {
        return CHALK_ERR_UNSUPPORTED; /* FFmpeg was built without it */
    }
    d->packet = av_packet_alloc();
    d->format = avformat_alloc_context();
    d->io =
        buffer != NULL ? avio_alloc_context(buffer, IO_BYTES, 0, d, on_read, NULL, on_seek) : NULL;
    if (d->packet == NULL || d->format == NULL || d->io == NULL) {
        if (d->io == NULL) {
            av_free(buffer);
        }
        return CHALK_ERR_NO_MEMORY;
    }
    /* The level is added from inside the context: its user's own pointer holds it. */
    static const int silence[2] = {CK_AV_SILENT, CK_AV_SILENT};
    memcpy(&d->format->opaque, silence, sizeof d->format->opaque);
    d->quiet = *d->format->av_class;
    d->quiet.log_level_offset_offset = offsetof(AVFormatContext, opaque);
    d->format->av_class = &d->quiet;
    d->format->pb = d->io;
    d->format->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_NOPARSE | AVFMT_FLAG_NOFILLIN;
    d->format->max_streams = STREAMS_MAX; /* each has tables of several kilobytes */
    d->format->correct_ts_overflow = 0;   /* whoever joins segments unwraps their times */
    int result = avformat_open_input(&d->format, NULL, input, NULL); /* frees it when it fails */
    if (result < 0) {
        ck_av_log(d->log, CHALK_LOG_WARNING, "a segment", "cannot be read", result);
        return result == AVERROR(ENOMEM) ? CHALK_ERR_NO_MEMORY : CHALK_ERR_BAD_DATA;
    }
    return CHALK_OK;
}

/* libavformat's reader of MP4 allocates what boxes claim: it gets only those that were measured. */
static int prune(ck_demuxer *d)
{
    ck_mp4_fault fault;
    int status = ck_mp4_prune(d->bytes.data, &d->bytes.size, &fault);
    if (status < 0) {
        ck_logf(d->log, CHALK_LOG_WARNING, "codec", "a segment cannot be read: box %s: %s",
                fault.box, fault.text);
    }
    return status;
}

/* Packed audio (RFC 8216 section 3.4): tags, of which one has the time, and frames of ADTS. */
static int open_packed(ck_demuxer *d)
{
    ck_id3 tag;
    ck_adts adts;
    d->stamps = CK_STAMPS_ALONE;
    d->sound.has_time = true;
    while (ck_id3_parse(d->bytes.data + d->at, d->bytes.size - d->at, &tag) == CHALK_OK) {
        d->at += tag.size;
        if (tag.has_stamp) {
            d->stamps = CK_STAMPS_WRAP;
            d->sound.next_us = (int64_t)(tag.stamp * 100 / 9);
        }
    }
    bool head = d->bytes.size - d->at >= CK_ADTS_HEAD &&
                ck_adts_parse(d->bytes.data + d->at, &adts) != CHALK_ERR_BAD_DATA;
    return head ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

static int open_segment(ck_demuxer *d)
{
    if (d->bytes.size == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (is_mpegts(&d->bytes)) {
        d->stamps = CK_STAMPS_WRAP;
        return open_format(d, av_find_input_format("mpegts"));
    }
    if (is_mp4(&d->bytes)) {
        int status = prune(d);
        return status == CHALK_OK ? open_format(d, av_find_input_format("mov")) : status;
    }
    return open_packed(d);
}

int ck_demuxer_end(ck_demuxer *d)
{
    if (d->ended) {
        return CHALK_ERR_BAD_STATE;
    }
    d->ended = true;
    d->status = open_segment(d);
    return d->status;
}

/* --- packets --------------------------------------------------------------------------------- */

/* The first track of each medium; what has none of its own is passed over. */
static int take_packet(ck_demuxer *d)
{
    int index = d->packet->stream_index;
    const AVStream *stream = d->format->streams[index];
    enum AVMediaType type = stream->codecpar->codec_type;
    bool video = type == AVMEDIA_TYPE_VIDEO;
    if (!video && type != AVMEDIA_TYPE_AUDIO) {
        return CHALK_OK;
    }
    int *mine = &d->index[video ? 0 : 1];
    if (*mine < 0) {
        *mine = index;
    }
    if (*mine != index) {
        return CHALK_OK;
    }
    return video ? ck_video_track_take(&d->video, stream, d->packet, &d->ready, &d->refused)
                 : ck_sound_track_take(&d->sound, stream, d->packet, &d->ready, &d->refused);
}

static int read_packed(ck_demuxer *d)
{
    int status = CHALK_OK;
    while (d->at < d->bytes.size && d->ready.count == 0 && status == CHALK_OK) {
        size_t size = CK_MIN(d->bytes.size - d->at, PACKED_PIECE);
        status = ck_sound_track_take_adts(&d->sound, NULL, d->bytes.data + d->at, size, &d->ready,
                                          &d->refused);
        d->at += size;
    }
    return status;
}

static int read_frames(ck_demuxer *d)
{
    int status = CHALK_OK;
    for (int i = 0; i < EMPTY_IN_ROW && status == CHALK_OK && d->ready.count == 0; i++) {
        int result = av_read_frame(d->format, d->packet);
        if (result < 0) {
            /* A cut or broken end is an end: what came before it is played. */
            return result == AVERROR(ENOMEM) ? CHALK_ERR_NO_MEMORY : CHALK_ERR_END;
        }
        status = take_packet(d);
        av_packet_unref(d->packet);
    }
    return status;
}

static int read_more(ck_demuxer *d)
{
    int status = d->format != NULL ? read_frames(d) : read_packed(d);
    return d->ready.count > 0 || status < 0 ? status : CHALK_ERR_END;
}

int ck_demuxer_receive(ck_demuxer *d, uint32_t *media, ck_packet *out, const char **refused)
{
    if (!d->ended) {
        return CHALK_ERR_AGAIN;
    }
    if (d->ready.count == 0 && d->status == CHALK_OK) {
        d->status = read_more(d);
    }
    if (!ck_ring_pop(&d->ready, out)) {
        *refused = d->refused;
        return d->status;
    }
    *media = out->codec == CHALK_CODEC_H264 ? CHALK_MEDIA_VIDEO : CHALK_MEDIA_AUDIO;
    return CHALK_OK;
}
