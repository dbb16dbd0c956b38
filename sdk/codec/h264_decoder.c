/*
 * H.264 by FFmpeg. Access units are given to it in Annex B with the parameter sets in front, after
 * our own walker has checked every length, so a new configuration in mid-stream is nothing special.
 *
 * FFmpeg resynchronises by itself: a broken unit is an error of that unit, the next one is taken.
 * Pictures that refer to what was lost look as FFmpeg conceals them.
 */
#include "codec/av.h"
#include "codec/codecs.h"
#include "codec/picture.h"
#include "codec/stamps.h"

#include "base/check.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"
#include "core/h264/rewrite.h"

#include <string.h>

#define NAME     "h264"
#define UNIT_MAX (32u << 20)
/* Two threads where a picture comes in slices: it is complete sooner, nothing is held back. */
#define THREADS   2
#define POOL_KEEP 4

struct ck_decoder {
    const ck_log *log;
    AVCodecContext *context;
    AVFrame *frame;
    AVPacket *packet;
    ck_frame_pool *pool;
    ck_buf sets; /* Annex B parameter sets in force */
    ck_buf unit;
    ck_stamps stamps;
    bool sets_pending; /* not given to FFmpeg yet */
    bool wait_key;
    bool complained; /* one line for a run of broken units */
};

/* Refuses pictures before their memory is allocated. */
static int get_buffer(AVCodecContext *context, AVFrame *frame, int flags)
{
    if (frame->width > CHALK_PICTURE_SIDE_MAX || frame->height > CHALK_PICTURE_SIDE_MAX) {
        return AVERROR_INVALIDDATA;
    }
    return avcodec_default_get_buffer2(context, frame, flags);
}

static int check_sps(const ck_avcc_unit *unit)
{
    ck_h264_sps sps;
    const int status = ck_h264_parse_sps(unit->data, unit->size, &sps);
    if (status != CHALK_OK) {
        return status;
    }
    /* The parser has refused what is over CK_PICTURE_PIXELS_MAX. */
    const bool fits =
        sps.coded_width <= CHALK_PICTURE_SIDE_MAX && sps.coded_height <= CHALK_PICTURE_SIDE_MAX;
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

static int put_sets(ck_buf *out, const ck_avcc_unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const int status = ck_h264_put_nal(out, CK_H264_ANNEX_B, units[i].data, units[i].size);
        if (status < 0) {
            return status;
        }
    }
    return CHALK_OK;
}

/* On an error the configuration in force stays. */
static int set_config(ck_decoder *d, ck_slice config)
{
    ck_avcc record;
    int status = ck_avcc_parse(config.data, config.size, &record);
    for (size_t i = 0; status == CHALK_OK && i < record.sps_count; i++) {
        status = check_sps(&record.sps[i]);
    }
    if (status != CHALK_OK) {
        return status;
    }
    ck_buf sets;
    ck_buf_init(&sets, &ck_heap, UNIT_MAX);
    status = put_sets(&sets, record.sps, record.sps_count);
    if (status == CHALK_OK) {
        status = put_sets(&sets, record.pps, record.pps_count);
    }
    if (status != CHALK_OK) {
        ck_buf_free(&sets);
        return status;
    }
    ck_buf_free(&d->sets);
    d->sets = sets;
    d->sets_pending = true;
    return CHALK_OK;
}

static int open_context(ck_decoder *d)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_H264);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    d->context = ck_av_context(codec);
    d->frame = av_frame_alloc();
    d->packet = av_packet_alloc();
    if (d->context == NULL || d->frame == NULL || d->packet == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->context->flags |= AV_CODEC_FLAG_LOW_DELAY;
    d->context->flags |= AV_CODEC_FLAG_UNALIGNED; /* crop to the pixel, not to the vector */
    d->context->thread_type = FF_THREAD_SLICE;
    d->context->thread_count = THREADS;
    d->context->max_pixels = CK_PICTURE_PIXELS_MAX;
    d->context->get_buffer2 = get_buffer;
    const int opened = avcodec_open2(d->context, codec, NULL);
    if (opened < 0) {
        ck_av_log(d->log, 2, NAME, "cannot open", opened);
        return ck_av_status(opened, CHALK_ERR_CODEC);
    }
    return ck_frame_pool_create(POOL_KEEP, &d->pool);
}

static void h264_close(ck_decoder **decoder)
{
    ck_decoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    *decoder = NULL;
    avcodec_free_context(&d->context);
    av_frame_free(&d->frame);
    av_packet_free(&d->packet);
    ck_frame_pool_destroy(&d->pool);
    ck_buf_free(&d->sets);
    ck_buf_free(&d->unit);
    ck_free(&ck_heap, d);
}

static int h264_open(uint32_t codec, ck_slice config, const ck_log *log, ck_decoder **out)
{
    *out = NULL;
    if (codec != CHALK_CODEC_H264) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_decoder *d = ck_new(&ck_heap, sizeof(*d));
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->log = log;
    d->wait_key = true;
    ck_buf_init(&d->sets, &ck_heap, UNIT_MAX);
    ck_buf_init(&d->unit, &ck_heap, UNIT_MAX);
    int status = open_context(d);
    if (status == CHALK_OK && config.size > 0) {
        status = set_config(d, config);
    }
    if (status != CHALK_OK) {
        h264_close(&d);
        return status;
    }
    *out = d;
    return CHALK_OK;
}

/* The parameter sets when they are due, the access unit, and the zeros that FFmpeg reads into. */
static int assemble(ck_decoder *d, const ck_packet *packet)
{
    ck_buf_clear(&d->unit);
    if (d->sets_pending) {
        ck_buf_put(&d->unit, d->sets.data, d->sets.size);
    }
    const int written =
        ck_h264_to_annex_b(packet->payload.data, packet->payload.size, CK_H264_AVCC_4, &d->unit);
    if (written < 0) {
        return written;
    }
    const size_t size = d->unit.size;
    uint8_t *padding = ck_buf_extend(&d->unit, AV_INPUT_BUFFER_PADDING_SIZE);
    if (written == 0 || padding == NULL) {
        return written == 0 ? CHALK_ERR_BAD_DATA : ck_buf_status(&d->unit);
    }
    memset(padding, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    d->packet->data = d->unit.data;
    d->packet->size = (int)size;
    d->packet->flags = packet->key ? AV_PKT_FLAG_KEY : 0;
    return CHALK_OK;
}

static int complain(ck_decoder *d, int averror)
{
    if (!d->complained) {
        ck_av_log(d->log, 2, NAME, "cannot decode", averror);
    }
    d->complained = true;
    return ck_av_status(averror, CHALK_ERR_BAD_DATA);
}

static int h264_send(ck_decoder *d, const ck_packet *packet)
{
    if (packet->codec != CHALK_CODEC_H264) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (packet->config) {
        return set_config(d, packet->payload);
    }
    if (d->wait_key && !packet->key) {
        return CHALK_OK;
    }
    const int status = assemble(d, packet);
    if (status != CHALK_OK) {
        return status;
    }
    d->packet->pts = d->stamps.next;
    const int sent = avcodec_send_packet(d->context, d->packet);
    d->packet->data = NULL;
    d->packet->size = 0;
    if (sent == AVERROR(EAGAIN)) {
        return CHALK_ERR_AGAIN;
    }
    ck_stamps_put(&d->stamps, (ck_stamp){packet->pts_us, packet->capture_us});
    d->sets_pending = false;
    d->wait_key = false;
    return sent < 0 ? complain(d, sent) : CHALK_OK;
}

static int h264_receive(ck_decoder *d, chalk_video_frame **out)
{
    *out = NULL;
    const int got = avcodec_receive_frame(d->context, d->frame);
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
        return ck_av_status(got, CHALK_ERR_CODEC);
    }
    if (got < 0) {
        return complain(d, got);
    }
    const ck_stamp stamp = ck_stamps_get(&d->stamps, d->frame->pts);
    const int status = ck_picture_of(d->frame, d->pool, out);
    av_frame_unref(d->frame);
    if (status != CHALK_OK) {
        return status;
    }
    d->complained = false;
    (*out)->info.pts_us = stamp.pts_us;
    (*out)->info.capture_us = stamp.capture_us;
    return CHALK_OK;
}

static int h264_drain(ck_decoder *d)
{
    const int sent = avcodec_send_packet(d->context, NULL);
    return sent == AVERROR_EOF ? CHALK_OK : ck_av_status(sent, CHALK_ERR_CODEC);
}

static void h264_reset(ck_decoder *d)
{
    avcodec_flush_buffers(d->context);
    d->sets_pending = d->sets.size > 0;
    d->wait_key = true;
    d->complained = false;
}

static int h264_receive_audio(ck_decoder *d, ck_audio_block *out)
{
    (void)d;
    (void)out;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_decoder_backend ck_h264_decoder = {
    .name = NAME,
    .codec = CHALK_CODEC_H264,
    .open = h264_open,
    .send = h264_send,
    .receive_video = h264_receive,
    .receive_audio = h264_receive_audio,
    .drain = h264_drain,
    .reset = h264_reset,
    .close = h264_close,
};
