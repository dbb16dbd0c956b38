/*
 * VP8 by libvpx. One frame in, at most one picture out: hidden frames are references alone.
 *
 * libvpx keeps the memory of its pictures, so each is copied once. A frame that cannot be decoded
 * is an error of that frame; what refers to it looks as libvpx has it until the next key frame.
 */
#include "codec/codecs.h"
#include "codec/picture.h"

#include "core/vp8/frame.h"
#include "core/vp8/record.h"

#include <libyuv.h>
#include <vpx/vp8dx.h>
#include <vpx/vpx_decoder.h>

#define NAME              "libvpx"
#define UNIT_MAX          (32u << 20)
#define POOL_KEEP         4
#define MATRIX_BT709      1
#define PARTITION_THREADS 2 /* pays where the publisher made several partitions of tokens */

struct ck_decoder {
    const ck_log *log;
    vpx_codec_ctx_t codec;
    bool opened;
    ck_frame_pool *pool;
    chalk_video_frame *picture; /* NULL: nothing to receive */
    uint32_t color;
    bool wait_key;
    bool drained;
    bool complained; /* one line for a run of broken frames */
};

static int set_config(ck_decoder *d, ck_slice config)
{
    ck_vp8_record record;
    const int status = ck_vp8_record_parse(config.data, config.size, &record);
    if (status == CHALK_OK) {
        /* RFC 6386, 9.2: BT.601, unless somebody who knows says otherwise. */
        d->color =
            record.matrix == MATRIX_BT709 ? CHALK_COLOR_BT709_LIMITED : CHALK_COLOR_BT601_LIMITED;
    }
    return status;
}

static int open_codec(ck_decoder *d)
{
    const vpx_codec_dec_cfg_t settings = {.threads = PARTITION_THREADS};
    const vpx_codec_err_t error = vpx_codec_dec_init(&d->codec, vpx_codec_vp8_dx(), &settings, 0);
    if (error != VPX_CODEC_OK) {
        ck_logf(d->log, 2, "codec", NAME ": cannot open: %s", vpx_codec_err_to_string(error));
        return error == VPX_CODEC_MEM_ERROR ? CHALK_ERR_NO_MEMORY : CHALK_ERR_CODEC;
    }
    d->opened = true;
    return ck_frame_pool_create(POOL_KEEP, &d->pool);
}

static void vp8_close(ck_decoder **decoder)
{
    ck_decoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    *decoder = NULL;
    if (d->opened) {
        (void)vpx_codec_destroy(&d->codec); /* fails for what was never opened alone */
    }
    chalk_video_frame_unref(&d->picture);
    ck_frame_pool_destroy(&d->pool);
    ck_free(&ck_heap, d);
}

static int vp8_open(uint32_t codec, ck_slice config, const ck_log *log, ck_decoder **out)
{
    *out = NULL;
    if (codec != CHALK_CODEC_VP8) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_decoder *d = ck_new(&ck_heap, sizeof(*d));
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->log = log;
    d->wait_key = true;
    int status = set_config(d, config);
    if (status == CHALK_OK) {
        status = open_codec(d);
    }
    if (status != CHALK_OK) {
        vp8_close(&d);
        return status;
    }
    *out = d;
    return CHALK_OK;
}

static int complain(ck_decoder *d, const char *what)
{
    if (!d->complained) {
        ck_logf(d->log, 2, "codec", NAME ": cannot decode: %s", what);
    }
    d->complained = true;
    return CHALK_ERR_BAD_DATA;
}

/* Before libvpx allocates a picture of the size that the frame says. */
static int check_frame(ck_decoder *d, const ck_packet *packet, ck_vp8_frame *frame)
{
    if (packet->payload.size > UNIT_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    const int status = ck_vp8_frame_parse(packet->payload.data, packet->payload.size, frame);
    if (status != CHALK_OK) {
        return complain(d, "no VP8 frame");
    }
    const bool fits = frame->width <= CHALK_PICTURE_SIDE_MAX &&
                      frame->height <= CHALK_PICTURE_SIDE_MAX &&
                      (int64_t)frame->width * frame->height <= CK_PICTURE_PIXELS_MAX;
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

static int copy_picture(ck_decoder *d, const vpx_image_t *from, const ck_packet *packet)
{
    const int32_t width = (int32_t)from->d_w, height = (int32_t)from->d_h;
    chalk_video_frame *to = NULL;
    const int status = ck_frame_pool_take(d->pool, CHALK_PIXEL_I420, width, height, &to);
    if (status != CHALK_OK) {
        return status;
    }
    (void)I420Copy(from->planes[0], from->stride[0], from->planes[1], from->stride[1],
                   from->planes[2], from->stride[2], ck_frame_plane(to, 0), to->info.strides[0],
                   ck_frame_plane(to, 1), to->info.strides[1], ck_frame_plane(to, 2),
                   to->info.strides[2], width, height); /* fails for no pixels alone */
    to->info.color = d->color;
    to->info.pts_us = packet->pts_us;
    to->info.capture_us = packet->capture_us;
    d->picture = to;
    return CHALK_OK;
}

static int vp8_send(ck_decoder *d, const ck_packet *packet)
{
    if (packet->codec != CHALK_CODEC_VP8) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (packet->config) {
        return set_config(d, packet->payload);
    }
    if (d->drained || d->picture != NULL) {
        return d->drained ? CHALK_ERR_BAD_STATE : CHALK_ERR_AGAIN;
    }
    ck_vp8_frame frame;
    const int status = check_frame(d, packet, &frame);
    if (status != CHALK_OK || (d->wait_key && !frame.key)) {
        return status;
    }
    const vpx_codec_err_t error =
        vpx_codec_decode(&d->codec, packet->payload.data, (unsigned)packet->payload.size, NULL, 0);
    if (error != VPX_CODEC_OK) {
        return error == VPX_CODEC_MEM_ERROR ? CHALK_ERR_NO_MEMORY
                                            : complain(d, vpx_codec_err_to_string(error));
    }
    d->wait_key = false;
    d->complained = false;
    vpx_codec_iter_t iter = NULL;
    const vpx_image_t *image = vpx_codec_get_frame(&d->codec, &iter);
    return image != NULL ? copy_picture(d, image, packet) : CHALK_OK;
}

static int vp8_receive(ck_decoder *d, chalk_video_frame **out)
{
    *out = d->picture;
    d->picture = NULL;
    return *out != NULL ? CHALK_OK : d->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
}

static int vp8_drain(ck_decoder *d)
{
    d->drained = true; /* nothing is ever held back */
    return CHALK_OK;
}

static void vp8_reset(ck_decoder *d)
{
    chalk_video_frame_unref(&d->picture);
    d->wait_key = true; /* a key frame replaces everything that libvpx holds */
    d->drained = false;
    d->complained = false;
}

static int vp8_receive_audio(ck_decoder *d, ck_audio_block *out)
{
    (void)d;
    (void)out;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_decoder_backend ck_vp8_decoder = {
    .name = NAME,
    .codec = CHALK_CODEC_VP8,
    .open = vp8_open,
    .send = vp8_send,
    .receive_video = vp8_receive,
    .receive_audio = vp8_receive_audio,
    .drain = vp8_drain,
    .reset = vp8_reset,
    .close = vp8_close,
};
