#include "platform/linux/v4l2_stream.h"

#include "chalkrail/frame.h"

#include "base/alloc.h"
#include "base/check.h"
#include "base/time.h"
#include "runtime/os/os.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <string.h>

/* One is filled, one waits, one is read, and one for a thread that comes late. */
#define BUFFERS_WANTED 4
#define BUFFERS_MIN    2

static int ask(const ck_v4l2_stream *s, unsigned long request, void *argument)
{
    return s->port->ioctl(s->port->user, s->fd, request, argument);
}

/* ITU-T H.273 of what the driver states; webcams say sRGB, which means the matrix of BT.601. */
static void read_color(const struct v4l2_pix_format *pix, ck_v4l2_shape *shape)
{
    uint32_t encoding = pix->ycbcr_enc;
    if (encoding == V4L2_YCBCR_ENC_DEFAULT) {
        encoding = V4L2_MAP_YCBCR_ENC_DEFAULT(pix->colorspace);
    }
    shape->color =
        encoding == V4L2_YCBCR_ENC_709 ? CHALK_COLOR_BT709_LIMITED : CHALK_COLOR_BT601_LIMITED;
    shape->full_range =
        pix->quantization == V4L2_QUANTIZATION_FULL_RANGE ||
        (pix->quantization == V4L2_QUANTIZATION_DEFAULT && pix->colorspace == V4L2_COLORSPACE_JPEG);
}

/* Bytes of a whole picture with such rows; 0 for MJPEG, whose pictures have any size. */
static uint64_t bytes_of(const ck_v4l2_shape *shape)
{
    uint64_t rows = (uint64_t)shape->mode.height, stride = shape->stride;
    switch (shape->mode.format) {
    case CHALK_CAMERA_YUYV:
        return stride * rows;
    case CHALK_CAMERA_I420: /* rows of chroma have half the bytes of those of luma */
    case CHALK_CAMERA_NV12:
        return stride * rows * 3 / 2;
    default:
        return 0;
    }
}

static uint32_t row_bytes(const chalk_camera_mode *mode)
{
    uint32_t width = (uint32_t)mode->width;
    return mode->format == CHALK_CAMERA_YUYV ? width * 2 : width;
}

/* False where the driver's answer cannot be true. */
static bool read_shape(const struct v4l2_pix_format *pix, uint32_t fps_milli, ck_v4l2_shape *shape)
{
    if (pix->width > CHALK_PICTURE_SIDE_MAX || pix->height > CHALK_PICTURE_SIDE_MAX) {
        return false;
    }
    *shape = (ck_v4l2_shape){.mode = {.format = ck_v4l2_format(pix->pixelformat),
                                      .width = (int32_t)pix->width,
                                      .height = (int32_t)pix->height,
                                      .fps_milli = fps_milli}};
    bool raw = shape->mode.format != CHALK_CAMERA_MJPEG;
    shape->stride = raw ? CK_MAX(pix->bytesperline, row_bytes(&shape->mode)) : 0;
    shape->size = raw ? (uint32_t)CK_MIN(bytes_of(shape), (uint64_t)UINT32_MAX) : pix->sizeimage;
    read_color(pix, shape);
    bool interlaced = pix->field == V4L2_FIELD_TOP || pix->field == V4L2_FIELD_BOTTOM ||
                      pix->field == V4L2_FIELD_ALTERNATE;
    return ck_camera_mode_is_sane(&shape->mode) && !interlaced && shape->size > 0 &&
           shape->size <= pix->sizeimage;
}

/* Asks for a mode; the driver may set another, which is taken as it is. */
static int set_format(ck_v4l2_stream *s, const chalk_camera_mode *mode, const char **doing)
{
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    *doing = "cannot tell its format";
    int error = ask(s, VIDIOC_G_FMT, &format); /* what is not asked for stays as it is */
    if (error < 0) {
        return error;
    }
    format.fmt.pix.width = (uint32_t)mode->width;
    format.fmt.pix.height = (uint32_t)mode->height;
    format.fmt.pix.pixelformat = ck_v4l2_fourcc(mode->format);
    format.fmt.pix.field = V4L2_FIELD_NONE;
    format.fmt.pix.bytesperline = 0;
    format.fmt.pix.sizeimage = 0;
    *doing = "refuses its own format";
    error = ask(s, VIDIOC_S_FMT, &format);
    if (error == 0 && !read_shape(&format.fmt.pix, mode->fps_milli, &s->shape)) {
        error = -EINVAL;
    }
    return error;
}

/* A camera whose rate cannot be set gives its own. */
static void set_rate(ck_v4l2_stream *s, uint32_t fps_milli)
{
    struct v4l2_streamparm parm = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    if (fps_milli == 0 || ask(s, VIDIOC_G_PARM, &parm) < 0 ||
        (parm.parm.capture.capability & V4L2_CAP_TIMEPERFRAME) == 0) {
        return;
    }
    parm.parm.capture.timeperframe = (struct v4l2_fract){1000, fps_milli};
    (void)ask(s, VIDIOC_S_PARM, &parm);
}

static int map_buffers(ck_v4l2_stream *s, const char **doing)
{
    struct v4l2_requestbuffers request = {
        .count = BUFFERS_WANTED, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    *doing = "cannot be given buffers";
    int error = ask(s, VIDIOC_REQBUFS, &request);
    if (error == 0 && request.count < BUFFERS_MIN) {
        error = -ENOMEM;
    }
    s->count = CK_MIN(request.count, (uint32_t)CK_V4L2_BUFFERS_MAX);
    for (uint32_t i = 0; error == 0 && i < s->count; i++) {
        struct v4l2_buffer b = {
            .index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
        error = ask(s, VIDIOC_QUERYBUF, &b);
        if (error == 0 && b.length < s->shape.size) {
            error = -EINVAL;
        }
        if (error == 0) {
            s->buffers[i].at = s->port->map(s->port->user, s->fd, b.length, b.m.offset);
            s->buffers[i].length = b.length;
            error = s->buffers[i].at != NULL ? 0 : -ENOMEM;
        }
    }
    return error;
}

int ck_v4l2_stream_open(ck_v4l2_stream *s, const ck_v4l2_port *port, const char *device,
                        const ck_camera_wish *wish, ck_v4l2_trouble *trouble)
{
    *s = (ck_v4l2_stream){.port = port, .fd = -1};
    ck_v4l2_modes *modes = ck_new(&ck_heap, sizeof *modes);
    if (modes == NULL) {
        return ck_v4l2_trouble_set(trouble, CHALK_ERR_NO_MEMORY, "memory is exhausted");
    }
    int status = ck_v4l2_find(port, device, &s->node, &s->fd, modes, trouble);
    if (status == CHALK_OK) {
        const char *doing = "";
        const chalk_camera_mode *mode =
            &modes->modes[ck_camera_fit(modes->modes, modes->count, wish)];
        int error = set_format(s, mode, &doing);
        if (error == 0) {
            set_rate(s, mode->fps_milli);
            error = map_buffers(s, &doing);
        }
        if (error < 0) {
            uint32_t number = s->node.number;
            ck_v4l2_stream_close(s);
            status = ck_v4l2_trouble_of(trouble, port, number, error, doing);
        }
    }
    ck_free(&ck_heap, modes);
    return status;
}

void ck_v4l2_stream_close(ck_v4l2_stream *s)
{
    if (s->fd < 0) {
        return;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        if (s->buffers[i].at != NULL) {
            s->port->unmap(s->port->user, s->buffers[i].at, s->buffers[i].length);
            s->buffers[i].at = NULL;
        }
    }
    s->port->close(s->port->user, s->fd); /* frees the driver's side of them */
    s->fd = -1;
    s->count = 0;
}

bool ck_v4l2_stream_is_open(const ck_v4l2_stream *s)
{
    return s->fd >= 0;
}

static int queue(const ck_v4l2_stream *s, uint32_t index)
{
    struct v4l2_buffer b = {
        .index = index, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    return ask(s, VIDIOC_QBUF, &b);
}

int ck_v4l2_stream_start(ck_v4l2_stream *s)
{
    int error = 0;
    for (uint32_t i = 0; error == 0 && i < s->count; i++) {
        error = queue(s, i);
    }
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    return error == 0 ? ask(s, VIDIOC_STREAMON, &type) : error;
}

void ck_v4l2_stream_stop(ck_v4l2_stream *s)
{
    int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    if (s->fd >= 0) {
        (void)ask(s, VIDIOC_STREAMOFF, &type); /* takes all buffers back; refused when unplugged */
    }
}

static uint64_t capture_time(const struct v4l2_buffer *b)
{
    bool monotonic = (b->flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    if (!monotonic || b->timestamp.tv_sec < 0 || b->timestamp.tv_usec < 0) {
        return 0;
    }
    return (uint64_t)b->timestamp.tv_sec * CK_US_PER_S + (uint64_t)b->timestamp.tv_usec;
}

int ck_v4l2_stream_take(ck_v4l2_stream *s, ck_v4l2_picture *out)
{
    struct v4l2_buffer b = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE, .memory = V4L2_MEMORY_MMAP};
    int error = ask(s, VIDIOC_DQBUF, &b);
    if (error < 0) {
        return error;
    }
    if (b.index >= s->count) {
        return -EIO;
    }
    const ck_v4l2_buffer *buffer = &s->buffers[b.index];
    bool raw = s->shape.mode.format != CHALK_CAMERA_MJPEG;
    uint32_t least = raw ? s->shape.size : 1;
    *out = (ck_v4l2_picture){
        .index = b.index,
        .data = buffer->at,
        .size = CK_MIN((size_t)b.bytesused, buffer->length),
        .capture_us = capture_time(&b),
        .broken = (b.flags & V4L2_BUF_FLAG_ERROR) != 0 || b.bytesused < least,
    };
    return 0;
}

int ck_v4l2_stream_give_back(ck_v4l2_stream *s, const ck_v4l2_picture *picture)
{
    return queue(s, picture->index);
}
