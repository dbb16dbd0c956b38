#include "codec/av_video.h"

#include "codec/video_in.h"

void ck_av_describe_video(const ck_encoder_config *config, AVCodecContext *c)
{
    const ck_video_color color = ck_video_color_of(config->color);
    c->width = config->width;
    c->height = config->height;
    c->pix_fmt = AV_PIX_FMT_YUV420P;
    c->color_primaries = (enum AVColorPrimaries)color.primaries;
    c->color_trc = (enum AVColorTransferCharacteristic)color.transfer;
    c->colorspace = (enum AVColorSpace)color.matrix;
    c->color_range = AVCOL_RANGE_MPEG;
    /* Pictures are numbered, not timed: see stamps.h. The SPS then states the highest rate. */
    c->time_base = (AVRational){1, (int)config->fps_max};
    c->framerate = (AVRational){(int)config->fps_max, 1};
    c->max_b_frames = 0;
    c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_LOW_DELAY;
}

static void release_frame(void *opaque, uint8_t *data)
{
    (void)data;
    chalk_video_frame *frame = opaque;
    chalk_video_frame_unref(&frame);
}

int ck_av_lend_picture(AVFrame *to, const chalk_video_frame *frame)
{
    /* The count may change through a const frame: pixels and description do not. */
    chalk_video_frame *held = chalk_video_frame_ref((chalk_video_frame *)(uintptr_t)frame);
    uint8_t *first = (uint8_t *)(uintptr_t)held->info.planes[0];
    to->buf[0] = av_buffer_create(first, 1, release_frame, held, AV_BUFFER_FLAG_READONLY);
    if (to->buf[0] == NULL) {
        chalk_video_frame_unref(&held);
        return CHALK_ERR_NO_MEMORY;
    }
    for (int i = 0; i < 3; i++) {
        to->data[i] = (uint8_t *)(uintptr_t)held->info.planes[i];
        to->linesize[i] = held->info.strides[i];
    }
    to->format = AV_PIX_FMT_YUV420P;
    to->width = held->info.width;
    to->height = held->info.height;
    return CHALK_OK;
}
