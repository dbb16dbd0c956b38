#include "support/v4l2_replay_inside.h"

#include "support/jpeg.h"

#include "base/time.h"
#include "runtime/os/os.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

static int query_capabilities(const ck_recording *rec, struct v4l2_capability *c)
{
    snprintf((char *)c->driver, sizeof c->driver, "replay");
    memcpy(c->card, rec->card, sizeof c->card - 1);
    memcpy(c->bus_info, rec->bus, sizeof c->bus_info - 1);
    c->capabilities = rec->caps;
    c->device_caps = rec->device_caps;
    return 0;
}

static int list_format(const ck_replay *r, const ck_recording *rec, struct v4l2_fmtdesc *d)
{
    const ck_recorded_mode *m = ck_recording_format(rec, r->endless ? 0 : d->index);
    if (m == NULL) {
        return -EINVAL;
    }
    d->pixelformat = m->fourcc;
    return 0;
}

static int list_size(const ck_replay *r, const ck_recording *rec, struct v4l2_frmsizeenum *s)
{
    const ck_recorded_mode *m = ck_recording_size(rec, s->pixel_format, r->endless ? 0 : s->index);
    if (m == NULL || (m->size[2] != 0 && s->index > 0 && !r->endless)) {
        return -EINVAL;
    }
    s->type = m->size[2] != 0 ? V4L2_FRMSIZE_TYPE_STEPWISE : V4L2_FRMSIZE_TYPE_DISCRETE;
    if (m->size[2] != 0) {
        s->stepwise = (struct v4l2_frmsize_stepwise){m->size[0], m->size[2], m->size[4],
                                                     m->size[1], m->size[3], m->size[5]};
    } else {
        s->discrete = (struct v4l2_frmsize_discrete){m->size[0], m->size[1]};
    }
    return 0;
}

static int list_rate(const ck_replay *r, const ck_recording *rec, struct v4l2_frmivalenum *i)
{
    const ck_recorded_mode *m =
        ck_recording_rate(rec, i->pixel_format, i->width, i->height, r->endless ? 0 : i->index);
    if (m == NULL) {
        return -EINVAL;
    }
    i->type = m->rate[2] != 0 ? V4L2_FRMIVAL_TYPE_STEPWISE : V4L2_FRMIVAL_TYPE_DISCRETE;
    if (m->rate[2] != 0) {
        i->stepwise.min = (struct v4l2_fract){m->rate[0], m->rate[1]};
        i->stepwise.max = (struct v4l2_fract){m->rate[2], m->rate[3]};
    } else {
        i->discrete = (struct v4l2_fract){m->rate[0], m->rate[1]};
    }
    return 0;
}

static int set_format(ck_replay *r, replay_file *f, struct v4l2_format *format)
{
    const ck_recording *rec = &r->cameras[f->node].recording;
    struct v4l2_pix_format *pix = &format->fmt.pix;
    if (f->count > 0) {
        return -EBUSY;
    }
    uint32_t pixels = pix->width * pix->height;
    bool packed = pix->pixelformat == V4L2_PIX_FMT_YUYV;
    bool jpeg = pix->pixelformat == V4L2_PIX_FMT_MJPEG;
    pix->bytesperline = jpeg ? 0 : packed ? pix->width * 2 : pix->width;
    pix->sizeimage = packed || jpeg ? pixels * 2 : pixels * 3 / 2;
    pix->field = V4L2_FIELD_NONE;
    pix->colorspace = rec->colorspace;
    pix->ycbcr_enc = rec->ycbcr_enc;
    pix->quantization = rec->quantization;
    f->pix = *pix;
    return 0;
}

static int set_buffers(ck_replay *r, replay_file *f, struct v4l2_requestbuffers *request)
{
    for (size_t i = 0; i < REPLAY_FILES; i++) {
        const replay_file *other = &r->files[i];
        if (other != f && other->used && other->node == f->node && other->count > 0) {
            return -EBUSY;
        }
    }
    if (r->cameras[f->node].holder[0] != '\0') {
        return -EBUSY;
    }
    f->count = request->count < REPLAY_BUFFERS ? request->count : REPLAY_BUFFERS;
    request->count = f->count;
    return 0;
}

static int queue_buffer(replay_file *f, struct v4l2_buffer *b)
{
    if (b->index >= f->count || f->buffers[b->index].queued) {
        return -EINVAL;
    }
    f->buffers[b->index].queued = true;
    return 0;
}

static int stream_on(ck_replay *r, replay_file *f)
{
    if (f->count == 0) {
        return -EINVAL;
    }
    f->streaming = true;
    const struct timespec period = {.tv_sec = (time_t)(r->period_us / CK_US_PER_S),
                                    .tv_nsec = (long)(r->period_us % CK_US_PER_S) * 1000};
    const struct itimerspec ticks = {period, period};
    timerfd_settime(f->fd, 0, &ticks, NULL);
    return 0;
}

static int stream_off(replay_file *f)
{
    f->streaming = false;
    const struct itimerspec none = {{0}, {0}};
    timerfd_settime(f->fd, 0, &none, NULL);
    for (size_t i = 0; i < REPLAY_BUFFERS; i++) {
        f->buffers[i].queued = false;
    }
    return 0;
}

/* --- pictures -----------------------------------------------------------------------------------
 */

/* A row of luma, or of YUYV with its chroma: `left` up to the middle, `right` behind it. */
static void draw_row(uint8_t *at, uint32_t width, bool packed, uint8_t left, uint8_t right)
{
    if (!packed) {
        memset(at, left, width / 2);
        memset(at + width / 2, right, width - width / 2);
        return;
    }
    for (uint32_t x = 0; x < width; x++) {
        at[2 * x] = x < width / 2 ? left : right;
        at[2 * x + 1] = x % 2 == 0 ? 100 : 150;
    }
}

static uint32_t draw_raw(const struct v4l2_pix_format *pix, uint64_t number, uint8_t *at)
{
    const bool packed = pix->pixelformat == V4L2_PIX_FMT_YUYV;
    const bool nv12 = pix->pixelformat == V4L2_PIX_FMT_NV12;
    const uint32_t w = pix->width, h = pix->height, row = packed ? 2 * w : w;
    const uint8_t luma = (uint8_t)(16 + number % 200);
    for (uint32_t y = 0; y < h; y++) {
        if (y == 0 || y == h / 2) {
            draw_row(at + y * row, w, packed, y == 0 ? 235 : luma, luma);
        } else {
            memcpy(at + y * row, at + (y - 1) * row, row);
        }
    }
    if (packed) {
        return row * h;
    }
    uint8_t *chroma = at + w * h;
    memset(chroma, 100, w * h / 4);
    memset(chroma + w * h / 4, 150, w * h / 4);
    for (uint32_t i = 0; nv12 && i < w * h / 2; i++) {
        chroma[i] = i % 2 == 0 ? 100 : 150;
    }
    return w * h * 3 / 2;
}

static uint32_t draw_jpeg(ck_replay *r, const replay_file *f, uint8_t *at)
{
    size_t size = 0;
    bool tables = r->pictures != CK_REPLAY_NO_TABLES;
    const uint8_t *jpeg =
        ck_jpeg_picture((int)f->pix.width, (int)f->pix.height, f->pictures % 4, tables, &size);
    memcpy(at, jpeg, size);
    if (r->pictures == CK_REPLAY_LIED) {
        ck_jpeg_claim_size(at, size, 65500, 65500);
    }
    for (int i = 0; r->pictures == CK_REPLAY_DAMAGED && i < 20; i++) {
        at[ck_rng_below(&r->rng, size)] = (uint8_t)ck_rng_next(&r->rng);
    }
    return (uint32_t)size;
}

static void fill(ck_replay *r, replay_file *f, struct v4l2_buffer *b)
{
    uint8_t *at = f->buffers[b->index].at;
    bool jpeg = f->pix.pixelformat == V4L2_PIX_FMT_MJPEG;
    b->bytesused = jpeg ? draw_jpeg(r, f, at) : draw_raw(&f->pix, f->pictures, at);
    b->flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
    if (r->pictures == CK_REPLAY_SHORT) {
        b->bytesused /= 2;
    } else if (r->pictures == CK_REPLAY_FLAGGED) {
        b->flags |= V4L2_BUF_FLAG_ERROR;
    }
    uint64_t now = ck_clock_us() - 1;
    b->timestamp.tv_sec = (long)(now / CK_US_PER_S);
    b->timestamp.tv_usec = (long)(now % CK_US_PER_S);
    b->length = f->pix.sizeimage;
    f->pictures++;
    r->given++;
}

static int give_picture(ck_replay *r, replay_file *f, struct v4l2_buffer *b)
{
    uint64_t ticks = 0;
    if (!f->streaming) {
        return -EINVAL;
    }
    if (read(f->fd, &ticks, sizeof ticks) < 0 || r->pictures == CK_REPLAY_NONE) {
        return -EAGAIN;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        if (f->buffers[i].queued && f->buffers[i].at != NULL) {
            f->buffers[i].queued = false;
            b->index = i;
            fill(r, f, b);
            return 0;
        }
    }
    return -EAGAIN;
}

int ck_replay_answer(ck_replay *r, replay_file *f, unsigned long request, void *argument)
{
    const ck_recording *rec = &r->cameras[f->node].recording;
    if (!r->cameras[f->node].plugged) {
        return -ENODEV;
    }
    switch (request) {
    case VIDIOC_QUERYCAP:
        return query_capabilities(rec, argument);
    case VIDIOC_ENUM_FMT:
        return list_format(r, rec, argument);
    case VIDIOC_ENUM_FRAMESIZES:
        return list_size(r, rec, argument);
    case VIDIOC_ENUM_FRAMEINTERVALS:
        return list_rate(r, rec, argument);
    case VIDIOC_G_FMT:
        ((struct v4l2_format *)argument)->fmt.pix = f->pix;
        return 0;
    case VIDIOC_S_FMT:
        return set_format(r, f, argument);
    case VIDIOC_G_PARM:
        ((struct v4l2_streamparm *)argument)->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
        return 0;
    case VIDIOC_S_PARM:
        return 0;
    case VIDIOC_REQBUFS:
        return set_buffers(r, f, argument);
    case VIDIOC_QUERYBUF:
        ((struct v4l2_buffer *)argument)->length = f->pix.sizeimage;
        ((struct v4l2_buffer *)argument)->m.offset = ((struct v4l2_buffer *)argument)->index;
        return 0;
    case VIDIOC_QBUF:
        return queue_buffer(f, argument);
    case VIDIOC_DQBUF:
        return give_picture(r, f, argument);
    case VIDIOC_STREAMON:
        return stream_on(r, f);
    case VIDIOC_STREAMOFF:
        return stream_off(f);
    default:
        return -ENOTTY;
    }
}
