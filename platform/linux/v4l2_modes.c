/* Formats, sizes and rates of a camera (V4L2: VIDIOC_ENUM_FMT, _FRAMESIZES, _FRAMEINTERVALS). */
#include "platform/linux/v4l2_node.h"

#include "base/check.h"
#include "core/camera/fit.h"

#include <linux/videodev2.h>

/* A driver that never says "that was all" is not listened to for ever. */
#define FORMATS_MAX 64
#define SIZES_MAX   128
#define RATES_MAX   32

static const struct format_pair {
    uint32_t format;
    uint32_t fourcc;
} formats[] = {
    {CHALK_CAMERA_I420, V4L2_PIX_FMT_YUV420}, {CHALK_CAMERA_NV12, V4L2_PIX_FMT_NV12},
    {CHALK_CAMERA_YUYV, V4L2_PIX_FMT_YUYV},   {CHALK_CAMERA_MJPEG, V4L2_PIX_FMT_MJPEG},
    {CHALK_CAMERA_MJPEG, V4L2_PIX_FMT_JPEG}, /* what some drivers call the same */
};

uint32_t ck_v4l2_fourcc(uint32_t format)
{
    for (size_t i = 0; i < CK_COUNT_OF(formats); i++) {
        if (formats[i].format == format) {
            return formats[i].fourcc;
        }
    }
    return 0;
}

uint32_t ck_v4l2_format(uint32_t fourcc)
{
    for (size_t i = 0; i < CK_COUNT_OF(formats); i++) {
        if (formats[i].fourcc == fourcc) {
            return formats[i].format;
        }
    }
    return 0;
}

typedef struct listing {
    const ck_v4l2_port *port;
    int fd;
    uint32_t fourcc;
    ck_v4l2_modes *out;
} listing;

static int ask(const listing *l, unsigned long request, void *argument)
{
    return l->port->ioctl(l->port->user, l->fd, request, argument);
}

static void add(const listing *l, uint32_t width, uint32_t height, uint64_t fps_milli)
{
    ck_v4l2_modes *out = l->out;
    if (width > INT32_MAX || height > INT32_MAX || fps_milli > CK_CAMERA_FPS_MILLI_MAX) {
        return;
    }
    const chalk_camera_mode mode = {.format = ck_v4l2_format(l->fourcc),
                                    .width = (int32_t)width,
                                    .height = (int32_t)height,
                                    .fps_milli = (uint32_t)fps_milli};
    if (out->count < CK_V4L2_MODES_MAX && ck_camera_mode_is_sane(&mode)) {
        out->modes[out->count++] = mode;
    }
}

/* An interval of n/d seconds as pictures in 1000 seconds; too many for an interval of nothing. */
static uint64_t rate_of(struct v4l2_fract interval)
{
    return interval.numerator != 0 ? (uint64_t)interval.denominator * 1000 / interval.numerator
                                   : UINT64_MAX;
}

static void add_usual_rates(const listing *l, uint32_t width, uint32_t height,
                            const struct v4l2_frmival_stepwise *range)
{
    static const uint32_t usual[] = {5, 10, 15, 20, 24, 25, 30, 50, 60};
    uint64_t fastest = rate_of(range->min), slowest = rate_of(range->max);
    for (size_t i = 0; i < CK_COUNT_OF(usual); i++) {
        uint64_t rate = (uint64_t)usual[i] * 1000;
        if (rate >= slowest && rate <= fastest) {
            add(l, width, height, rate);
        }
    }
}

static void add_rates(const listing *l, uint32_t width, uint32_t height)
{
    for (uint32_t i = 0; i < RATES_MAX; i++) {
        struct v4l2_frmivalenum rate = {
            .index = i, .pixel_format = l->fourcc, .width = width, .height = height};
        if (ask(l, VIDIOC_ENUM_FRAMEINTERVALS, &rate) < 0) {
            if (i == 0) {
                add(l, width, height, 0); /* it does not say */
            }
            return;
        }
        if (rate.type != V4L2_FRMIVAL_TYPE_DISCRETE) {
            add_usual_rates(l, width, height, &rate.stepwise);
            return;
        }
        add(l, width, height, rate_of(rate.discrete));
    }
}

static bool in_range(uint32_t side, uint32_t low, uint32_t high, uint32_t step)
{
    return side >= low && side <= high && (step <= 1 || (side - low) % step == 0);
}

static void add_usual_sizes(const listing *l, const struct v4l2_frmsize_stepwise *range)
{
    static const struct {
        uint32_t width, height;
    } usual[] = {
        {320, 180}, {320, 240},  {640, 360},   {640, 480},   {800, 600},   {1024, 768},
        {960, 540}, {1280, 720}, {1280, 1024}, {1600, 1200}, {1920, 1080}, {3840, 2160},
    };
    for (size_t i = 0; i < CK_COUNT_OF(usual); i++) {
        if (in_range(usual[i].width, range->min_width, range->max_width, range->step_width) &&
            in_range(usual[i].height, range->min_height, range->max_height, range->step_height)) {
            add_rates(l, usual[i].width, usual[i].height);
        }
    }
    add_rates(l, range->max_width, range->max_height);
}

/* A driver without a list of sizes tells the one that is set. */
static void add_present_size(const listing *l)
{
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    if (ask(l, VIDIOC_G_FMT, &format) == 0) {
        add_rates(l, format.fmt.pix.width, format.fmt.pix.height);
    }
}

static void add_sizes(const listing *l)
{
    for (uint32_t i = 0; i < SIZES_MAX; i++) {
        struct v4l2_frmsizeenum size = {.index = i, .pixel_format = l->fourcc};
        if (ask(l, VIDIOC_ENUM_FRAMESIZES, &size) < 0) {
            if (i == 0) {
                add_present_size(l);
            }
            return;
        }
        if (size.type != V4L2_FRMSIZE_TYPE_DISCRETE) {
            add_usual_sizes(l, &size.stepwise);
            return;
        }
        add_rates(l, size.discrete.width, size.discrete.height);
    }
}

void ck_v4l2_read_modes(const ck_v4l2_port *port, int fd, ck_v4l2_modes *out)
{
    out->count = 0;
    listing l = {.port = port, .fd = fd, .out = out};
    for (uint32_t i = 0; i < FORMATS_MAX; i++) {
        struct v4l2_fmtdesc format = {.index = i, .type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
        if (ask(&l, VIDIOC_ENUM_FMT, &format) < 0) {
            return;
        }
        /* Converted in the driver's library at our cost: the format behind it is listed as well. */
        bool emulated = (format.flags & V4L2_FMT_FLAG_EMULATED) != 0;
        if (!emulated && ck_v4l2_format(format.pixelformat) != 0) {
            l.fourcc = format.pixelformat;
            add_sizes(&l);
        }
    }
}
