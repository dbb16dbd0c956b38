#include "platform/file/convert.h"

#include "platform/file/quiet.h"

#include "base/check.h"

#include <libavutil/opt.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>

#define IDLE_BUFFERS 4
#define RATE_MIN     8000
#define RATE_MAX     192000
#define CHANNELS_MAX 8

/* What a scaler is made for. */
typedef struct scaler_kind {
    enum AVPixelFormat format;
    int width;
    int height;
    int full_range;
    int matrix;
} scaler_kind;

struct ck_file_convert {
    ck_frame_pool *pool;
    struct SwsContext *scaler; /* for `scaler_kind` */
    scaler_kind scaler_kind;

    SwrContext *resampler; /* for the three values below */
    AVChannelLayout layout;
    int sample_format;
    int rate;
    uint32_t rate_out;
    uint32_t channels_out;
    float *samples;
    size_t capacity; /* floats */
};

int ck_file_convert_create(ck_file_convert **out)
{
    ck_file_convert *c = ck_new(&ck_heap, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_frame_pool_create(IDLE_BUFFERS, &c->pool);
    if (status != CHALK_OK) {
        ck_free(&ck_heap, c);
        return status;
    }
    *out = c;
    return CHALK_OK;
}

void ck_file_convert_destroy(ck_file_convert **convert)
{
    ck_file_convert *c = *convert;
    if (c == NULL) {
        return;
    }
    sws_freeContext(c->scaler);
    swr_free(&c->resampler);
    av_channel_layout_uninit(&c->layout);
    ck_frame_pool_destroy(&c->pool);
    ck_free(&ck_heap, c->samples);
    ck_free(&ck_heap, c);
    *convert = NULL;
}

static uint32_t color_of(const AVFrame *frame)
{
    switch (frame->colorspace) {
    case AVCOL_SPC_BT709:
        return CHALK_COLOR_BT709_LIMITED;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return CHALK_COLOR_BT601_LIMITED;
    default:
        return ck_color_by_size(frame->width, frame->height);
    }
}

/* The format as which the frame can be lent as it is; 0 when it must be converted. */
static uint32_t lendable_format(const AVFrame *frame)
{
    if (frame->linesize[0] <= 0) {
        return 0; /* stored bottom up */
    }
    bool limited = frame->color_range != AVCOL_RANGE_JPEG;
    switch (frame->format) {
    case AV_PIX_FMT_YUV420P:
        return limited ? CHALK_PIXEL_I420 : 0;
    case AV_PIX_FMT_NV12:
        return limited ? CHALK_PIXEL_NV12 : 0;
    case AV_PIX_FMT_BGRA:
    case AV_PIX_FMT_BGR0:
        return CHALK_PIXEL_BGRA;
    default:
        return 0;
    }
}

static void release_frame(void *user)
{
    AVFrame *held = user;
    av_frame_free(&held);
}

static int lend(const AVFrame *frame, uint32_t format, chalk_video_frame **out)
{
    AVFrame *held = av_frame_clone(frame);
    if (held == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = format;
    info.color = format == CHALK_PIXEL_BGRA ? CHALK_COLOR_SRGB_FULL : color_of(frame);
    info.width = frame->width;
    info.height = frame->height;
    int planes = format == CHALK_PIXEL_I420 ? 3 : format == CHALK_PIXEL_NV12 ? 2 : 1;
    for (int i = 0; i < planes; i++) {
        info.planes[i] = held->data[i];
        info.strides[i] = held->linesize[i];
    }
    int status = chalk_video_frame_create(&info, release_frame, held, out);
    if (status != CHALK_OK) {
        av_frame_free(&held);
    }
    return status;
}

/* The same pixels under the name that does not say their range too: of the old names libswscale
 * complains on standard error. */
static enum AVPixelFormat without_range(int format)
{
    switch (format) {
    case AV_PIX_FMT_YUVJ420P:
        return AV_PIX_FMT_YUV420P;
    case AV_PIX_FMT_YUVJ422P:
        return AV_PIX_FMT_YUV422P;
    case AV_PIX_FMT_YUVJ444P:
        return AV_PIX_FMT_YUV444P;
    case AV_PIX_FMT_YUVJ440P:
        return AV_PIX_FMT_YUV440P;
    case AV_PIX_FMT_YUVJ411P:
        return AV_PIX_FMT_YUV411P;
    default:
        return (enum AVPixelFormat)format;
    }
}

static bool same_kind(const scaler_kind *a, const scaler_kind *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height &&
           a->full_range == b->full_range && a->matrix == b->matrix;
}

static struct SwsContext *make_scaler(const scaler_kind *k)
{
    const struct {
        const char *name;
        int64_t value;
    } options[] = {
        {"srcw", k->width},           {"srch", k->height},       {"dstw", k->width},
        {"dsth", k->height},          {"src_format", k->format}, {"dst_format", AV_PIX_FMT_YUV420P},
        {"src_range", k->full_range}, {"dst_range", 0},          {"sws_flags", SWS_BILINEAR},
    };
    struct SwsContext *scaler = sws_isSupportedInput(k->format) != 0 ? sws_alloc_context() : NULL;
    bool sound = scaler != NULL;
    for (size_t i = 0; sound && i < CK_COUNT_OF(options); i++) {
        sound = av_opt_set_int(scaler, options[i].name, options[i].value, 0) >= 0;
    }
    if (!sound || sws_init_context(scaler, NULL, NULL) < 0) {
        sws_freeContext(scaler);
        return NULL;
    }
    const int unity = 1 << 16; /* contrast and saturation as they are */
    const int *matrix = sws_getCoefficients(k->matrix);
    /* It refuses where a matrix has no meaning (grey), which is fine. */
    (void)sws_setColorspaceDetails(scaler, matrix, k->full_range, matrix, 0, 0, unity, unity);
    return scaler;
}

static bool prepare_scaler(ck_file_convert *c, const AVFrame *frame, uint32_t color)
{
    scaler_kind kind = {
        .format = without_range(frame->format),
        .width = frame->width,
        .height = frame->height,
        .matrix = color == CHALK_COLOR_BT709_LIMITED ? SWS_CS_ITU709 : SWS_CS_ITU601,
    };
    kind.full_range =
        frame->color_range == AVCOL_RANGE_JPEG || kind.format != (enum AVPixelFormat)frame->format;
    if (c->scaler == NULL || !same_kind(&c->scaler_kind, &kind)) {
        sws_freeContext(c->scaler);
        c->scaler = make_scaler(&kind);
        c->scaler_kind = kind;
    }
    return c->scaler != NULL;
}

static int scale(ck_file_convert *c, const AVFrame *frame, chalk_video_frame **out)
{
    uint32_t color = color_of(frame);
    if (!prepare_scaler(c, frame, color)) {
        return CHALK_ERR_UNSUPPORTED;
    }
    int status = ck_frame_pool_take(c->pool, CHALK_PIXEL_I420, frame->width, frame->height, out);
    if (status != CHALK_OK) {
        return status;
    }
    uint8_t *planes[4] = {NULL};
    int strides[4] = {0};
    for (int i = 0; i < 3; i++) {
        planes[i] = ck_frame_plane(*out, i);
        strides[i] = (*out)->info.strides[i];
    }
    (*out)->info.color = color;
    const uint8_t *const *source = (const uint8_t *const *)frame->data;
    int rows = sws_scale(c->scaler, source, frame->linesize, 0, frame->height, planes, strides);
    if (rows != frame->height) {
        chalk_video_frame_unref(out);
        return CHALK_ERR_UNSUPPORTED;
    }
    return CHALK_OK;
}

int ck_file_convert_video(ck_file_convert *c, const AVFrame *frame, chalk_video_frame **out)
{
    if (frame->width < 1 || frame->height < 1 || frame->data[0] == NULL) {
        return CHALK_ERR_BAD_DATA;
    }
    if (frame->width > CHALK_PICTURE_SIDE_MAX || frame->height > CHALK_PICTURE_SIDE_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    uint32_t format = lendable_format(frame);
    if (format != 0) {
        return lend(frame, format, out);
    }
    int status = scale(c, frame, out);
    return status;
}

static bool same_sound(const ck_file_convert *c, const AVFrame *frame)
{
    return c->resampler != NULL && c->sample_format == frame->format &&
           c->rate == frame->sample_rate &&
           av_channel_layout_compare(&c->layout, &frame->ch_layout) == 0;
}

static int prepare_resampler(ck_file_convert *c, const AVFrame *frame)
{
    if (same_sound(c, frame)) {
        return CHALK_OK;
    }
    swr_free(&c->resampler);
    if (av_channel_layout_copy(&c->layout, &frame->ch_layout) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->sample_format = frame->format;
    c->rate = frame->sample_rate;
    bool rate_fits = frame->sample_rate >= RATE_MIN && frame->sample_rate <= RATE_MAX;
    c->rate_out = rate_fits ? (uint32_t)frame->sample_rate : CHALK_SAMPLE_RATE;
    AVChannelLayout order = c->layout; /* shallow, for the call below */
    int channels = order.nb_channels;
    if (order.order == AV_CHANNEL_ORDER_UNSPEC) {
        av_channel_layout_default(&order, channels);
    }
    AVChannelLayout wanted = order;
    if (channels > CHANNELS_MAX) {
        wanted = (AVChannelLayout)AV_CHANNEL_LAYOUT_STEREO;
    }
    c->channels_out = (uint32_t)wanted.nb_channels;
    if (swr_alloc_set_opts2(&c->resampler, &wanted, AV_SAMPLE_FMT_FLT, (int)c->rate_out, &order,
                            frame->format, frame->sample_rate, CK_AV_SILENT, NULL) < 0 ||
        swr_init(c->resampler) < 0) {
        swr_free(&c->resampler);
        return CHALK_ERR_UNSUPPORTED;
    }
    return CHALK_OK;
}

static bool make_room(ck_file_convert *c, size_t floats)
{
    if (floats <= c->capacity) {
        return true;
    }
    float *grown = ck_resize_array(&ck_heap, c->samples, floats, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    c->samples = grown;
    c->capacity = floats;
    return true;
}

int ck_file_convert_audio(ck_file_convert *c, const AVFrame *frame, ck_audio_block *out)
{
    if (frame->nb_samples < 1 || frame->sample_rate < 1 || frame->ch_layout.nb_channels < 1) {
        return CHALK_ERR_BAD_DATA;
    }
    int status = prepare_resampler(c, frame);
    if (status != CHALK_OK) {
        return status;
    }
    int most = swr_get_out_samples(c->resampler, frame->nb_samples);
    if (most < 0 || !make_room(c, (size_t)most * c->channels_out)) {
        return CHALK_ERR_NO_MEMORY;
    }
    uint8_t *planes[] = {(uint8_t *)c->samples};
    const uint8_t **source = (const uint8_t **)(void *)frame->extended_data;
    int made = swr_convert(c->resampler, planes, most, source, frame->nb_samples);
    if (made <= 0) {
        return made == 0 ? CHALK_ERR_AGAIN : CHALK_ERR_BAD_DATA;
    }
    *out = (ck_audio_block){.samples = c->samples,
                            .frames = (uint32_t)made,
                            .rate = c->rate_out,
                            .channels = c->channels_out};
    return CHALK_OK;
}
