#include "codec/driver_encoder.h"

#include "base/check.h"
#include "codec/av_video.h"
#include "codec/avc_out.h"
#include "codec/video_in.h"

#include <errno.h>
#include <libavutil/hwcontext.h>
#include <libavutil/opt.h>
#include <libyuv.h>
#include <stdio.h>

#define BUFFER_MS    500  /* of the rate, by which one picture may exceed it */
#define GOP_PICTURES 3600 /* never by count: avc_out asks for key frames by time */
#define RENDER_NODE  "/dev/dri/renderD128"
#define POOL_FRAMES  4

#define VAAPI_NAME "h264_vaapi"
#define NVENC_NAME "h264_nvenc"
#define QSV_NAME   "h264_qsv"
#define V4L2_NAME  "h264_v4l2m2m"

struct ck_encoder {
    const ck_driver_kind *kind;
    ck_encoder_config config; /* bitrate_kbps: what the context was opened for */
    const ck_log *log;
    uint32_t wanted_kbps;
    AVBufferRef *device; /* VAAPI alone */
    AVBufferRef *pool;
    AVCodecContext *context;
    AVFrame *picture; /* as the encoder wants it; NV12 of its own, or lent */
    AVFrame *upload;  /* VAAPI: in the driver's memory */
    AVPacket *packet;
    ck_avc_out out;
    ck_stamps stamps;
};

static int fail(const ck_encoder *e, const char *what, int averror)
{
    ck_av_log(e->log, 2, e->kind->name, what, averror);
    /* A library that is missing is no lack of permission, whatever a driver calls it. */
    return averror == AVERROR(ENOMEM) ? CHALK_ERR_NO_MEMORY : CHALK_ERR_CODEC;
}

/* --- VA-API's own memory --------------------------------------------------------------------- */

/* libavutil complains aloud of a device that is not there, and cannot be told not to. */
static bool node_exists(void)
{
    FILE *node = fopen(RENDER_NODE, "rb");
    if (node != NULL) {
        (void)fclose(node);
    }
    return node != NULL;
}

static int open_device(ck_encoder *e)
{
    if (e->kind->format != AV_PIX_FMT_VAAPI) {
        return CHALK_OK;
    }
    if (!node_exists()) {
        return CHALK_ERR_UNSUPPORTED;
    }
    int result = av_hwdevice_ctx_create(&e->device, AV_HWDEVICE_TYPE_VAAPI, RENDER_NODE, NULL, 0);
    if (result < 0) {
        return fail(e, "cannot open the device", result);
    }
    e->pool = av_hwframe_ctx_alloc(e->device);
    if (e->pool == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    AVHWFramesContext *frames = (AVHWFramesContext *)(void *)e->pool->data;
    frames->format = AV_PIX_FMT_VAAPI;
    frames->sw_format = AV_PIX_FMT_NV12;
    frames->width = e->config.width;
    frames->height = e->config.height;
    frames->initial_pool_size = POOL_FRAMES;
    result = av_hwframe_ctx_init(e->pool);
    return result < 0 ? fail(e, "cannot make pictures of the device", result) : CHALK_OK;
}

static int upload(ck_encoder *e, AVFrame **out)
{
    if (e->kind->format != AV_PIX_FMT_VAAPI) {
        *out = e->picture;
        return CHALK_OK;
    }
    int result = av_hwframe_get_buffer(e->pool, e->upload, 0);
    if (result >= 0) {
        result = av_hwframe_transfer_data(e->upload, e->picture, 0);
    }
    *out = e->upload;
    return result < 0 ? fail(e, "cannot give a picture to the device", result) : CHALK_OK;
}

/* --- opening --------------------------------------------------------------------------------- */

static int open_context(ck_encoder *e)
{
    const AVCodec *codec = avcodec_find_encoder_by_name(e->kind->name);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    e->context = ck_av_context(codec);
    if (e->context == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_av_describe_video(&e->config, e->context);
    const int64_t rate = (int64_t)e->config.bitrate_kbps * 1000;
    e->context->pix_fmt = e->kind->format;
    e->context->bit_rate = rate;
    e->context->rc_max_rate = rate;
    e->context->rc_buffer_size = (int)CK_MIN(rate * BUFFER_MS / 1000, INT32_MAX);
    e->context->gop_size = GOP_PICTURES;
    e->context->refs = 1;
    e->context->hw_frames_ctx = e->pool != NULL ? av_buffer_ref(e->pool) : NULL;
    if (e->pool != NULL && e->context->hw_frames_ctx == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    AVDictionary *options = NULL;
    int result = av_dict_parse_string(&options, e->kind->options, "=", ":", 0);
    if (result >= 0) {
        result = avcodec_open2(e->context, codec, &options);
    }
    av_dict_free(&options);
    if (result < 0) {
        return fail(e, "cannot open", result);
    }
    /* Some state their parameter sets with the first key frame alone. */
    return e->context->extradata_size > 0 ? ck_avc_out_config(&e->out, e->context->extradata,
                                                              (size_t)e->context->extradata_size)
                                          : CHALK_OK;
}

/* NV12 that is written anew for each picture; I420 is lent instead. */
static int make_picture(ck_encoder *e)
{
    e->picture = av_frame_alloc();
    e->upload = av_frame_alloc();
    e->packet = av_packet_alloc();
    if (e->picture == NULL || e->upload == NULL || e->packet == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (e->kind->format == AV_PIX_FMT_YUV420P) {
        return CHALK_OK;
    }
    e->picture->format = AV_PIX_FMT_NV12;
    e->picture->width = e->config.width;
    e->picture->height = e->config.height;
    return ck_av_status(av_frame_get_buffer(e->picture, 0), CHALK_ERR_NO_MEMORY);
}

static void driver_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    avcodec_free_context(&e->context);
    av_frame_free(&e->picture);
    av_frame_free(&e->upload);
    av_packet_free(&e->packet);
    av_buffer_unref(&e->pool);
    av_buffer_unref(&e->device);
    ck_avc_out_free(&e->out);
    ck_free(&ck_heap, e);
}

int ck_driver_open(const ck_driver_kind *kind, const ck_encoder_config *config, const ck_log *log,
                   ck_encoder **out)
{
    *out = NULL;
    int status = ck_video_check_config(config, CHALK_CODEC_H264);
    if (status != CHALK_OK) {
        return status;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->kind = kind;
    e->config = *config;
    e->log = log;
    e->wanted_kbps = config->bitrate_kbps;
    ck_avc_out_init(&e->out, config->gop_us);
    status = make_picture(e);
    if (status == CHALK_OK) {
        status = open_device(e);
    }
    if (status == CHALK_OK) {
        status = open_context(e);
    }
    if (status != CHALK_OK) {
        driver_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

/* --- encoding -------------------------------------------------------------------------------- */

static int take_picture(ck_encoder *e, const chalk_video_frame *frame)
{
    const chalk_video_info *info = &frame->info;
    if (e->kind->format == AV_PIX_FMT_YUV420P) {
        av_frame_unref(e->picture);
        return ck_av_lend_picture(e->picture, frame);
    }
    const int writable = av_frame_make_writable(e->picture);
    if (writable < 0) {
        return ck_av_status(writable, CHALK_ERR_NO_MEMORY);
    }
    (void)I420ToNV12(info->planes[0], info->strides[0], info->planes[1], info->strides[1],
                     info->planes[2], info->strides[2], e->picture->data[0],
                     e->picture->linesize[0], e->picture->data[1], e->picture->linesize[1],
                     info->width, info->height); /* fails for no pixels alone */
    return CHALK_OK;
}

static int take_packets(ck_encoder *e)
{
    int result = avcodec_receive_packet(e->context, e->packet);
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) {
        return CHALK_OK; /* it holds back a picture: the guard counts those */
    }
    if (result < 0) {
        return fail(e, "cannot encode", result);
    }
    const int status = ck_avc_out_unit(&e->out, e->packet->data, (size_t)e->packet->size,
                                       ck_stamps_get(&e->stamps, e->packet->pts));
    av_packet_unref(e->packet);
    return status;
}

static int encode(ck_encoder *e, const chalk_video_frame *frame, ck_stamp stamp, bool key)
{
    AVFrame *input = NULL;
    int status = take_picture(e, frame);
    if (status == CHALK_OK) {
        status = upload(e, &input);
    }
    if (status != CHALK_OK) {
        return status;
    }
    input->pts = ck_stamps_put(&e->stamps, stamp);
    input->pict_type = key ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
    const int sent = avcodec_send_frame(e->context, input);
    av_frame_unref(e->upload);
    if (e->kind->format == AV_PIX_FMT_YUV420P) {
        av_frame_unref(e->picture);
    }
    return sent < 0 ? fail(e, "cannot encode", sent) : take_packets(e);
}

/* Another rate: another context. */
static int follow_rate(ck_encoder *e)
{
    if (e->wanted_kbps == e->config.bitrate_kbps) {
        return CHALK_OK;
    }
    avcodec_free_context(&e->context);
    e->config.bitrate_kbps = e->wanted_kbps;
    e->out.has_key = false; /* what comes next is one */
    return open_context(e);
}

static int driver_send(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    int status = ck_video_check_frame(&e->config, frame);
    if (status != CHALK_OK) {
        return status;
    }
    if (e->out.drained) {
        return CHALK_ERR_BAD_STATE;
    }
    if (e->out.queued > 0) {
        return CHALK_ERR_AGAIN;
    }
    status = follow_rate(e);
    if (status != CHALK_OK) {
        return status;
    }
    const ck_stamp stamp = {pts_us, frame->info.capture_us};
    return encode(e, frame, stamp, key || ck_avc_key_is_due(&e->out, pts_us));
}

static int driver_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){.name = e->kind->name, .config = e->out.config};
    return CHALK_OK;
}

static int driver_drain(ck_encoder *e)
{
    e->out.drained = true;
    return CHALK_OK;
}

static int driver_receive(ck_encoder *e, ck_packet *out)
{
    return ck_avc_out_receive(&e->out, out);
}

static int driver_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    e->wanted_kbps = kbps;
    return CHALK_OK;
}

static int driver_send_audio(ck_encoder *e, const ck_audio_block *block)
{
    (void)e;
    (void)block;
    return CHALK_ERR_UNSUPPORTED;
}

/* --- the table's rows ------------------------------------------------------------------------ */

static const ck_driver_kind vaapi = {VAAPI_NAME, "rc_mode=CBR:async_depth=1", AV_PIX_FMT_VAAPI};
static const ck_driver_kind nvenc = {
    NVENC_NAME, "preset=p3:tune=ull:rc=cbr:zerolatency=1:delay=0:forced-idr=1", AV_PIX_FMT_NV12};
static const ck_driver_kind qsv = {
    QSV_NAME, "preset=veryfast:async_depth=1:forced_idr=1:look_ahead=0", AV_PIX_FMT_NV12};
static const ck_driver_kind v4l2 = {V4L2_NAME, "", AV_PIX_FMT_YUV420P};

/* The contract's open knows no backend, so each row has one of its own. */
#define DRIVER(kind, name_)                                                                        \
    static int kind##_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)   \
    {                                                                                              \
        return ck_driver_open(&(kind), config, log, out);                                          \
    }                                                                                              \
    const ck_encoder_backend ck_##kind##_encoder = {                                               \
        .name = name_,                                                                             \
        .codec = CHALK_CODEC_H264,                                                                 \
        .hardware = true,                                                                          \
        .open = kind##_open,                                                                       \
        .info = driver_info,                                                                       \
        .send_video = driver_send,                                                                 \
        .send_audio = driver_send_audio,                                                           \
        .drain = driver_drain,                                                                     \
        .receive = driver_receive,                                                                 \
        .set_bitrate = driver_set_bitrate,                                                         \
        .close = driver_close,                                                                     \
    }

DRIVER(vaapi, VAAPI_NAME);
DRIVER(nvenc, NVENC_NAME);
DRIVER(qsv, QSV_NAME);
DRIVER(v4l2, V4L2_NAME);
