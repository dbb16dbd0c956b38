#include "codec/image.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "codec/av.h"

#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

static const AVCodec *find_decoder(enum ck_asset_kind kind)
{
    switch (kind) {
    case CK_ASSET_PNG:
        return avcodec_find_decoder(AV_CODEC_ID_PNG);
    case CK_ASSET_JPEG:
        return avcodec_find_decoder(AV_CODEC_ID_MJPEG);
    case CK_ASSET_WEBP:
        return avcodec_find_decoder(AV_CODEC_ID_WEBP);
    default:
        return NULL;
    }
}

/* A file may say another size later on than at its beginning. (`max_pixels` would do for that, but
 * what it refuses is printed.) */
static int get_buffer(AVCodecContext *context, AVFrame *frame, int flags)
{
    const ck_asset_probe *probe = context->opaque;
    bool fits = frame->width <= (int)probe->wide && frame->height <= (int)probe->high;
    return fits ? avcodec_default_get_buffer2(context, frame, flags) : AVERROR_INVALIDDATA;
}

static int open_decoder(const ck_asset_probe *probe, AVCodecContext **out)
{
    const AVCodec *codec = find_decoder(probe->kind);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    AVCodecContext *context = ck_av_context(codec);
    if (context == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    context->opaque = (void *)(uintptr_t)probe;
    context->get_buffer2 = get_buffer;
    context->thread_count = 1;
    *out = context;
    return ck_av_status(avcodec_open2(context, codec, NULL), CHALK_ERR_UNSUPPORTED);
}

static int decode(AVCodecContext *context, ck_bytes file, AVFrame *frame)
{
    AVPacket *packet = av_packet_alloc();
    int status = packet == NULL ? AVERROR(ENOMEM) : av_new_packet(packet, (int)file.size);
    if (status >= 0) {
        memcpy(packet->data, file.data, file.size);
        status = avcodec_send_packet(context, packet);
    }
    if (status >= 0) {
        status = avcodec_receive_frame(context, frame);
    }
    if (status == AVERROR(EAGAIN)) { /* some give a picture only when no more comes */
        (void)avcodec_send_packet(context, NULL);
        status = avcodec_receive_frame(context, frame);
    }
    av_packet_free(&packet);
    int result = ck_av_status(status, CHALK_ERR_BAD_DATA);
    return result == CHALK_OK || result == CHALK_ERR_NO_MEMORY ? result : CHALK_ERR_BAD_DATA;
}

/* JPEG's colours take the whole range, under names of formats that libswscale warns of. */
static enum AVPixelFormat plain_format(enum AVPixelFormat format, bool *full)
{
    static const enum AVPixelFormat pairs[][2] = {
        {AV_PIX_FMT_YUVJ420P, AV_PIX_FMT_YUV420P}, {AV_PIX_FMT_YUVJ422P, AV_PIX_FMT_YUV422P},
        {AV_PIX_FMT_YUVJ444P, AV_PIX_FMT_YUV444P}, {AV_PIX_FMT_YUVJ440P, AV_PIX_FMT_YUV440P},
        {AV_PIX_FMT_YUVJ411P, AV_PIX_FMT_YUV411P},
    };
    for (size_t i = 0; i < CK_COUNT_OF(pairs); i++) {
        if (pairs[i][0] == format) {
            *full = true;
            return pairs[i][1];
        }
    }
    return format;
}

static int convert(const AVFrame *frame, uint8_t *pixels, size_t stride)
{
    bool full = frame->color_range == AVCOL_RANGE_JPEG;
    enum AVPixelFormat format = plain_format((enum AVPixelFormat)frame->format, &full);
    struct SwsContext *scaler = sws_getContext(
        frame->width, frame->height, format, frame->width, frame->height, AV_PIX_FMT_RGB32,
        SWS_POINT | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, NULL, NULL, NULL);
    if (scaler == NULL) {
        return CHALK_ERR_BAD_DATA; /* of a format that it does not know */
    }
    const int *matrix = sws_getCoefficients(SWS_CS_ITU601);
    (void)sws_setColorspaceDetails(scaler, matrix, full, matrix, 1, 0, 1 << 16, 1 << 16);
    uint8_t *const out[4] = {pixels};
    const int strides[4] = {(int)stride};
    int rows = sws_scale(scaler, (const uint8_t *const *)frame->data, frame->linesize, 0,
                         frame->height, out, strides);
    sws_freeContext(scaler);
    return rows == frame->height ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

static bool has_alpha(const AVFrame *frame)
{
    const AVPixFmtDescriptor *d = av_pix_fmt_desc_get((enum AVPixelFormat)frame->format);
    return d != NULL && (d->flags & (AV_PIX_FMT_FLAG_ALPHA | AV_PIX_FMT_FLAG_PAL)) != 0;
}

static void premultiply(uint8_t *row, uint32_t wide)
{
    for (uint32_t x = 0; x < wide; x++) {
        uint32_t pixel;
        memcpy(&pixel, row + (size_t)x * 4, sizeof pixel);
        uint32_t alpha = pixel >> 24, out = alpha << 24;
        for (int shift = 0; shift < 24; shift += 8) {
            out |= ((pixel >> shift & 255) * alpha + 127) / 255 << shift;
        }
        memcpy(row + (size_t)x * 4, &out, sizeof out);
    }
}

int ck_image_decode(ck_bytes file, const ck_asset_probe *probe, uint8_t *pixels, size_t stride)
{
    AVCodecContext *context = NULL;
    AVFrame *frame = av_frame_alloc();
    int status = frame == NULL || file.size > INT32_MAX / 2 ? CHALK_ERR_NO_MEMORY
                                                            : open_decoder(probe, &context);
    if (status == CHALK_OK) {
        status = decode(context, file, frame);
    }
    if (status == CHALK_OK &&
        (frame->width != (int)probe->wide || frame->height != (int)probe->high)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        status = convert(frame, pixels, stride);
    }
    for (uint32_t y = 0; status == CHALK_OK && has_alpha(frame) && y < probe->high; y++) {
        premultiply(pixels + y * stride, probe->wide);
    }
    av_frame_free(&frame);
    avcodec_free_context(&context);
    return status;
}
