#include "platform/linux/v4l2_unpack.h"

#include "platform/file/convert.h"
#include "platform/file/quiet.h"

#include "base/bytes.h"
#include "core/camera/jpeg.h"

#include <libavcodec/avcodec.h>
#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <string.h>

#define IDLE_BUFFERS 4
#define JPEG_MAX     (64u << 20)

struct ck_v4l2_unpack {
    ck_frame_pool *pool;
    ck_file_convert *convert;
    AVCodecContext *decoder; /* made with the first MJPEG picture */
    AVPacket *packet;
    AVFrame *frame;
    ck_buf jpeg; /* with the zeros behind it that FFmpeg reads into */
};

int ck_v4l2_unpack_create(ck_v4l2_unpack **out)
{
    ck_v4l2_unpack *u = ck_new(&ck_heap, sizeof *u);
    if (u == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_buf_init(&u->jpeg, &ck_heap, JPEG_MAX);
    u->packet = av_packet_alloc();
    u->frame = av_frame_alloc();
    int status = u->packet != NULL && u->frame != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = ck_frame_pool_create(IDLE_BUFFERS, &u->pool);
    }
    if (status == CHALK_OK) {
        status = ck_file_convert_create(&u->convert);
    }
    if (status != CHALK_OK) {
        ck_v4l2_unpack_destroy(&u);
        return status;
    }
    *out = u;
    return CHALK_OK;
}

void ck_v4l2_unpack_destroy(ck_v4l2_unpack **unpack)
{
    ck_v4l2_unpack *u = *unpack;
    if (u == NULL) {
        return;
    }
    avcodec_free_context(&u->decoder);
    av_packet_free(&u->packet);
    av_frame_free(&u->frame);
    ck_file_convert_destroy(&u->convert);
    ck_frame_pool_destroy(&u->pool);
    ck_buf_free(&u->jpeg);
    ck_free(&ck_heap, u);
    *unpack = NULL;
}

/* --- MJPEG --------------------------------------------------------------------------------------
 */

static int open_decoder(ck_v4l2_unpack *u)
{
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_MJPEG);
    if (codec == NULL) {
        return CHALK_ERR_CODEC;
    }
    u->decoder = avcodec_alloc_context3(codec);
    if (u->decoder == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    u->decoder->log_level_offset = CK_AV_SILENT;
    u->decoder->thread_count = 1; /* several would hold pictures back */
    u->decoder->err_recognition = AV_EF_EXPLODE;
    if (avcodec_open2(u->decoder, codec, NULL) < 0) {
        avcodec_free_context(&u->decoder);
        return CHALK_ERR_CODEC;
    }
    return CHALK_OK;
}

static int fill_packet(ck_v4l2_unpack *u, const uint8_t *data, size_t size)
{
    ck_buf_clear(&u->jpeg);
    ck_buf_put(&u->jpeg, data, size);
    uint8_t *padding = ck_buf_extend(&u->jpeg, AV_INPUT_BUFFER_PADDING_SIZE);
    if (padding == NULL) {
        return ck_buf_status(&u->jpeg);
    }
    memset(padding, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    u->packet->data = u->jpeg.data;
    u->packet->size = (int)size;
    return CHALK_OK;
}

static int decode(ck_v4l2_unpack *u)
{
    int got = avcodec_send_packet(u->decoder, u->packet);
    u->packet->data = NULL;
    u->packet->size = 0;
    if (got == 0) {
        got = avcodec_receive_frame(u->decoder, u->frame);
    }
    if (got < 0) {
        avcodec_flush_buffers(u->decoder);
    }
    return got == 0 ? CHALK_OK : got == AVERROR(ENOMEM) ? CHALK_ERR_NO_MEMORY : CHALK_ERR_BAD_DATA;
}

static int unpack_jpeg(ck_v4l2_unpack *u, const ck_v4l2_shape *shape,
                       const ck_v4l2_picture *picture, chalk_video_frame **out)
{
    /* A damaged head may claim any size: nothing is decoded in another than was agreed on. */
    ck_jpeg jpeg;
    int status = ck_jpeg_read(picture->data, picture->size, &jpeg);
    if (status == CHALK_OK &&
        (jpeg.width != shape->mode.width || jpeg.height != shape->mode.height)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK && u->decoder == NULL) {
        status = open_decoder(u);
    }
    if (status == CHALK_OK) {
        status = fill_packet(u, picture->data, jpeg.size);
    }
    if (status == CHALK_OK) {
        status = decode(u);
    }
    if (status == CHALK_OK) {
        status = ck_file_convert_video(u->convert, u->frame, out);
    }
    av_frame_unref(u->frame);
    return status == CHALK_ERR_UNSUPPORTED ? CHALK_ERR_BAD_DATA : status;
}

/* --- pictures as they lie in memory -------------------------------------------------------------
 */

/* Where the planes of a picture begin. */
typedef struct planes {
    const uint8_t *at[3];
    int strides[3];
} planes;

static planes planes_of(const ck_v4l2_shape *shape, const uint8_t *data)
{
    size_t stride = shape->stride, rows = (size_t)shape->mode.height;
    planes p = {.at = {data}, .strides = {(int)stride}};
    if (shape->mode.format == CHALK_CAMERA_NV12) {
        p.at[1] = data + stride * rows;
        p.strides[1] = (int)stride;
    } else if (shape->mode.format == CHALK_CAMERA_I420) {
        p.at[1] = data + stride * rows;
        p.at[2] = p.at[1] + stride / 2 * (rows / 2);
        p.strides[1] = p.strides[2] = (int)(stride / 2);
    }
    return p;
}

/* Full range is what few cameras give: FFmpeg's converter knows it. */
static int unpack_full_range(ck_v4l2_unpack *u, const ck_v4l2_shape *shape, const planes *p,
                             chalk_video_frame **out)
{
    static const int formats[] = {
        [CHALK_CAMERA_I420] = AV_PIX_FMT_YUV420P,
        [CHALK_CAMERA_NV12] = AV_PIX_FMT_NV12,
        [CHALK_CAMERA_YUYV] = AV_PIX_FMT_YUYV422,
    };
    AVFrame *f = u->frame;
    f->format = formats[shape->mode.format];
    f->width = shape->mode.width;
    f->height = shape->mode.height;
    f->color_range = AVCOL_RANGE_JPEG;
    f->colorspace =
        shape->color == CHALK_COLOR_BT709_LIMITED ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    for (int i = 0; i < 3; i++) {
        f->data[i] = (uint8_t *)(uintptr_t)p->at[i]; /* read alone */
        f->linesize[i] = p->strides[i];
    }
    int status = ck_file_convert_video(u->convert, f, out);
    av_frame_unref(f);
    return status;
}

static void copy_planes(const ck_v4l2_shape *shape, const planes *p, chalk_video_frame *to)
{
    const int32_t *strides = to->info.strides;
    int width = shape->mode.width, height = shape->mode.height;
    uint8_t *y = ck_frame_plane(to, 0), *u = ck_frame_plane(to, 1);
    if (shape->mode.format == CHALK_CAMERA_YUYV) {
        YUY2ToI420(p->at[0], p->strides[0], y, strides[0], u, strides[1], ck_frame_plane(to, 2),
                   strides[2], width, height);
    } else if (shape->mode.format == CHALK_CAMERA_NV12) {
        CopyPlane(p->at[0], p->strides[0], y, strides[0], width, height);
        CopyPlane(p->at[1], p->strides[1], u, strides[1], width, height / 2);
    } else {
        I420Copy(p->at[0], p->strides[0], p->at[1], p->strides[1], p->at[2], p->strides[2], y,
                 strides[0], u, strides[1], ck_frame_plane(to, 2), strides[2], width, height);
    }
}

int ck_v4l2_unpack_picture(ck_v4l2_unpack *u, const ck_v4l2_shape *shape,
                           const ck_v4l2_picture *picture, chalk_video_frame **out)
{
    const chalk_camera_mode *mode = &shape->mode;
    if (picture->broken) {
        return CHALK_ERR_BAD_DATA;
    }
    if (mode->format == CHALK_CAMERA_MJPEG) {
        return unpack_jpeg(u, shape, picture, out);
    }
    const planes p = planes_of(shape, picture->data);
    if (shape->full_range) {
        return unpack_full_range(u, shape, &p, out);
    }
    uint32_t format = mode->format == CHALK_CAMERA_NV12 ? CHALK_PIXEL_NV12 : CHALK_PIXEL_I420;
    int status = ck_frame_pool_take(u->pool, format, mode->width, mode->height, out);
    if (status == CHALK_OK) {
        copy_planes(shape, &p, *out);
        (*out)->info.color = shape->color;
    }
    return status;
}
