/*
 * Any picture to I420 of a fixed size, by libyuv: unpack, rotate, scale, each step left out where
 * it has nothing to do. What is left out most is all of it: I420 of the right size is passed on.
 *
 * Colour: libyuv's BGRA conversion computes the BT.601 matrix in limited range at every size, so
 * that is what such frames are tagged with; YUV sources keep their tag. The encoder writes the tag
 * into the stream, and players that read it show the right colours.
 */
#include "codec/codecs.h"
#include "core/fit/fit.h"

#include "base/check.h"

#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>
#include <libyuv/rotate.h>
#include <libyuv/scale.h>

#define POOL_KEEP 6

struct ck_converter {
    int32_t width;
    int32_t height;
    ck_frame_pool *output;
    ck_frame_pool *scratch;  /* pictures between two steps */
    chalk_video_frame *kept; /* given out last, if it was made of kept_width x kept_height pixels */
    int32_t kept_width;      /* of BGRA, one to one */
    int32_t kept_height;
};

/* An I420 picture that somebody else owns. */
typedef struct view {
    const uint8_t *planes[3];
    int strides[3];
    int32_t width;
    int32_t height;
} view;

typedef struct target {
    uint8_t *planes[3];
    int strides[3];
} target;

static view view_of(const chalk_video_frame *frame)
{
    view v = {.width = frame->info.width, .height = frame->info.height};
    for (int i = 0; i < 3; i++) {
        v.planes[i] = frame->info.planes[i];
        v.strides[i] = frame->info.strides[i];
    }
    return v;
}

/* The part of an I420 frame that begins at even x, y. */
static target target_of(chalk_video_frame *frame, int32_t x, int32_t y)
{
    target t;
    for (int i = 0; i < 3; i++) {
        const int shift = i == 0 ? 0 : 1;
        t.strides[i] = frame->info.strides[i];
        t.planes[i] = ck_frame_plane(frame, i) + (size_t)(y >> shift) * (size_t)t.strides[i] +
                      (size_t)(x >> shift);
    }
    return t;
}

int ck_converter_open(int32_t width, int32_t height, ck_converter **out)
{
    *out = NULL;
    if (width < 2 || height < 2 || width > CHALK_PICTURE_SIDE_MAX ||
        height > CHALK_PICTURE_SIDE_MAX || width % 2 != 0 || height % 2 != 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_converter *c = ck_new(&ck_heap, sizeof(*c));
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->width = width;
    c->height = height;
    int status = ck_frame_pool_create(POOL_KEEP, &c->output);
    if (status == CHALK_OK) {
        status = ck_frame_pool_create(2, &c->scratch);
    }
    if (status != CHALK_OK) {
        ck_converter_close(&c);
        return status;
    }
    *out = c;
    return CHALK_OK;
}

void ck_converter_close(ck_converter **c)
{
    if (*c == NULL) {
        return;
    }
    chalk_video_frame_unref(&(*c)->kept);
    ck_frame_pool_destroy(&(*c)->output);
    ck_frame_pool_destroy(&(*c)->scratch);
    ck_free(&ck_heap, *c);
    *c = NULL;
}

/* The first width x height pixels of BGRA or NV12. */
static void unpack(const chalk_video_info *in, int32_t width, int32_t height, const target *to)
{
    if (in->format == CHALK_PIXEL_BGRA) {
        ARGBToI420(in->planes[0], in->strides[0], to->planes[0], to->strides[0], to->planes[1],
                   to->strides[1], to->planes[2], to->strides[2], width, height);
        return;
    }
    NV12ToI420(in->planes[0], in->strides[0], in->planes[1], in->strides[1], to->planes[0],
               to->strides[0], to->planes[1], to->strides[1], to->planes[2], to->strides[2], width,
               height);
}

/* Gives *held an I420 picture of the input's own size and *out a view of it. */
static int unpacked_view(ck_converter *c, chalk_video_frame *in, chalk_video_frame **held,
                         view *out)
{
    if (in->info.format == CHALK_PIXEL_I420) {
        *held = chalk_video_frame_ref(in);
    } else {
        const int status =
            ck_frame_pool_take(c->scratch, CHALK_PIXEL_I420, in->info.width, in->info.height, held);
        if (status != CHALK_OK) {
            return status;
        }
        const target to = target_of(*held, 0, 0);
        unpack(&in->info, in->info.width, in->info.height, &to);
    }
    *out = view_of(*held);
    return CHALK_OK;
}

/* Replaces *held and *v by the rotated picture. */
static int rotate_view(ck_converter *c, uint32_t degrees, chalk_video_frame **held, view *v)
{
    const bool turned = degrees != 180;
    chalk_video_frame *rotated = NULL;
    const int status =
        ck_frame_pool_take(c->scratch, CHALK_PIXEL_I420, turned ? v->height : v->width,
                           turned ? v->width : v->height, &rotated);
    if (status != CHALK_OK) {
        return status;
    }
    const target to = target_of(rotated, 0, 0);
    I420Rotate(v->planes[0], v->strides[0], v->planes[1], v->strides[1], v->planes[2],
               v->strides[2], to.planes[0], to.strides[0], to.planes[1], to.strides[1],
               to.planes[2], to.strides[2], v->width, v->height, (enum RotationMode)degrees);
    chalk_video_frame_unref(held);
    *held = rotated;
    *v = view_of(rotated);
    return CHALK_OK;
}

/* Black bars; the pool's frames hold old pictures. */
static void fill_bars(chalk_video_frame *frame, const chalk_rect *inner)
{
    const target t = target_of(frame, 0, 0);
    const int32_t width = frame->info.width;
    const int32_t height = frame->info.height;
    const int32_t right = inner->x + inner->width;
    const int32_t bottom = inner->y + inner->height;
    const chalk_rect bars[4] = {
        {0, 0, width, inner->y},
        {0, bottom, width, height - bottom},
        {0, inner->y, inner->x, inner->height},
        {right, inner->y, width - right, inner->height},
    };
    for (size_t i = 0; i < CK_COUNT_OF(bars); i++) {
        if (bars[i].width > 0 && bars[i].height > 0) {
            I420Rect(t.planes[0], t.strides[0], t.planes[1], t.strides[1], t.planes[2],
                     t.strides[2], bars[i].x, bars[i].y, bars[i].width, bars[i].height, 16, 128,
                     128);
        }
    }
}

static void scale(const view *v, const ck_fit *fit, const target *to)
{
    if (fit->exact) {
        I420Copy(v->planes[0], v->strides[0], v->planes[1], v->strides[1], v->planes[2],
                 v->strides[2], to->planes[0], to->strides[0], to->planes[1], to->strides[1],
                 to->planes[2], to->strides[2], fit->inner.width, fit->inner.height);
        return;
    }
    /* Box averages when shrinking, which keeps thin lines, and is bilinear when growing. */
    I420Scale(v->planes[0], v->strides[0], v->planes[1], v->strides[1], v->planes[2], v->strides[2],
              v->width, v->height, to->planes[0], to->strides[0], to->planes[1], to->strides[1],
              to->planes[2], to->strides[2], fit->inner.width, fit->inner.height, kFilterBox);
}

static int draw(ck_converter *c, chalk_video_frame *in, const ck_fit *fit, chalk_video_frame *out)
{
    const uint32_t degrees = in->info.rotation_degrees;
    const target to = target_of(out, fit->inner.x, fit->inner.y);
    if (in->info.format != CHALK_PIXEL_I420 && degrees == 0 && fit->exact) {
        unpack(&in->info, fit->source_width, fit->source_height, &to);
        return CHALK_OK;
    }
    chalk_video_frame *held = NULL;
    view v;
    int status = unpacked_view(c, in, &held, &v);
    if (status == CHALK_OK && degrees != 0) {
        status = rotate_view(c, degrees, &held, &v);
    }
    if (status == CHALK_OK) {
        scale(&v, fit, &to);
        fill_bars(out, &fit->inner);
    }
    chalk_video_frame_unref(&held);
    return status;
}

static void carry_over(const chalk_video_frame *in, const ck_fit *fit, chalk_video_frame *out)
{
    const chalk_video_info *from = &in->info;
    chalk_rect damage[CK_DAMAGE_MAX];
    size_t count = 0;
    for (uint32_t i = 0; i < from->damage_count; i++) {
        if (ck_fit_damage(fit, from->rotation_degrees, &from->damage[i], from->width, from->height,
                          &damage[count])) {
            count++;
        }
    }
    ck_frame_set_damage(out, damage, count);
    if (ck_frame_is_still(in)) {
        ck_frame_set_still(out); /* its rectangle, scaled, would be a change */
    }
    out->info.color = from->format == CHALK_PIXEL_BGRA ? CHALK_COLOR_BT601_LIMITED : from->color;
    out->info.capture_us = from->capture_us;
    out->info.pts_us = from->pts_us;
}

/* Pixels of BGRA that become as many of I420: what can be done in parts. */
static bool is_plain(const chalk_video_frame *in, const ck_fit *fit)
{
    return in->info.format == CHALK_PIXEL_BGRA && in->info.rotation_degrees == 0 && fit->exact;
}

/* One changed part of a plain picture, widened to even places because chroma is halved. */
static void convert_part(const chalk_video_frame *in, const chalk_rect *part,
                         chalk_video_frame *out)
{
    const int32_t left = CK_MAX(part->x, 0) & ~1;
    const int32_t top = CK_MAX(part->y, 0) & ~1;
    const int32_t right = CK_MIN((part->x + part->width + 1) & ~1, out->info.width);
    const int32_t bottom = CK_MIN((part->y + part->height + 1) & ~1, out->info.height);
    if (left >= right || top >= bottom) {
        return;
    }
    const uint8_t *pixels = in->info.planes[0] + (ptrdiff_t)top * in->info.strides[0] + 4 * left;
    const target to = target_of(out, left, top);
    ARGBToI420(pixels, in->info.strides[0], to.planes[0], to.strides[0], to.planes[1],
               to.strides[1], to.planes[2], to.strides[2], right - left, bottom - top);
}

/* Brings the kept picture up to date and gives it out again; false when it cannot be used. */
static bool update_kept(ck_converter *c, chalk_video_frame *in, const ck_fit *fit,
                        const ck_damage *changed, chalk_video_frame **out)
{
    /* Its pixels may be written only while nobody else reads them. */
    const bool fits = c->kept != NULL && changed != NULL && !changed->everything &&
                      is_plain(in, fit) && in->info.width == c->kept_width &&
                      in->info.height == c->kept_height && ck_frame_is_alone(c->kept);
    if (!fits) {
        return false;
    }
    for (uint32_t i = 0; i < changed->count; i++) {
        convert_part(in, &changed->rects[i], c->kept);
    }
    *out = chalk_video_frame_ref(c->kept);
    return true;
}

static void keep(ck_converter *c, const chalk_video_frame *in, const ck_fit *fit,
                 chalk_video_frame *out)
{
    chalk_video_frame_unref(&c->kept);
    if (is_plain(in, fit)) {
        c->kept = chalk_video_frame_ref(out);
        c->kept_width = in->info.width;
        c->kept_height = in->info.height;
    }
}

int ck_converter_convert(ck_converter *c, chalk_video_frame *in, const ck_damage *changed,
                         chalk_video_frame **out)
{
    *out = NULL;
    if (in->info.format == CHALK_PIXEL_NATIVE) {
        return CHALK_ERR_UNSUPPORTED;
    }
    const bool turned = in->info.rotation_degrees % 180 != 0;
    const ck_fit fit = ck_fit_of(turned ? in->info.height : in->info.width,
                                 turned ? in->info.width : in->info.height, c->width, c->height);
    if (in->info.format == CHALK_PIXEL_I420 && in->info.rotation_degrees == 0 &&
        in->info.width == c->width && in->info.height == c->height) {
        *out = chalk_video_frame_ref(in);
        return CHALK_OK;
    }
    chalk_video_frame *frame = NULL;
    if (!update_kept(c, in, &fit, changed, &frame)) {
        int status = ck_frame_pool_take(c->output, CHALK_PIXEL_I420, c->width, c->height, &frame);
        if (status == CHALK_OK) {
            status = draw(c, in, &fit, frame);
        }
        if (status != CHALK_OK) {
            chalk_video_frame_unref(&frame);
            return status;
        }
        keep(c, in, &fit, frame);
    }
    carry_over(in, &fit, frame);
    *out = frame;
    return CHALK_OK;
}
