/*
 * Pictures with a reference count. A frame's pixels are one of three: pooled memory, memory of the
 * frame's own, or the application's, given back through its release callback.
 */
#include "runtime/media/frame.h"

#include "base/check.h"
#include "runtime/media/frame_layout.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static int32_t align_row(int32_t bytes)
{
    return (bytes + CK_FRAME_ALIGN - 1) & ~(CK_FRAME_ALIGN - 1);
}

static bool side_is_valid(int32_t side)
{
    return side >= 1 && side <= CHALK_PICTURE_SIDE_MAX;
}

int ck_frame_layout_of(uint32_t format, int32_t width, int32_t height, ck_frame_layout *out)
{
    memset(out, 0, sizeof(*out));
    if (!side_is_valid(width) || !side_is_valid(height)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const int32_t chroma_width = (width + 1) / 2;
    const int32_t chroma_rows = (height + 1) / 2;
    out->row_bytes[0] = width;
    out->rows[0] = height;
    switch (format) {
    case CHALK_PIXEL_I420:
        out->planes = 3;
        out->row_bytes[1] = out->row_bytes[2] = chroma_width;
        out->rows[1] = out->rows[2] = chroma_rows;
        break;
    case CHALK_PIXEL_NV12:
        out->planes = 2;
        out->row_bytes[1] = 2 * chroma_width;
        out->rows[1] = chroma_rows;
        break;
    case CHALK_PIXEL_BGRA:
        out->planes = 1;
        out->row_bytes[0] = 4 * width;
        break;
    default:
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    for (int i = 0; i < out->planes; i++) {
        out->strides[i] = align_row(out->row_bytes[i]);
        out->offsets[i] = out->size;
        out->size += (size_t)out->strides[i] * (size_t)out->rows[i];
    }
    out->size += CK_FRAME_ALIGN;
    return CHALK_OK;
}

uint32_t ck_color_by_size(int32_t width, int32_t height)
{
    /* mpv's rule; the players of browsers and televisions draw the line at the same place. */
    return width >= 1280 || height > 576 ? CHALK_COLOR_BT709_LIMITED : CHALK_COLOR_BT601_LIMITED;
}

chalk_video_frame *ck_frame_new(uint32_t format, int32_t width, int32_t height,
                                const ck_frame_layout *layout)
{
    chalk_video_frame *frame = ck_new(&ck_heap, sizeof(*frame));
    if (frame == NULL) {
        return NULL;
    }
    /* Not zeroed: touching every page here would cost more than filling the picture does. */
    frame->memory = ck_heap.resize(ck_heap.user, NULL, layout->size);
    if (frame->memory == NULL) {
        ck_free(&ck_heap, frame);
        return NULL;
    }
    frame->memory_size = layout->size;
    chalk_video_info_init(&frame->info);
    frame->info.format = format;
    frame->info.width = width;
    frame->info.height = height;
    const size_t misfit = (uintptr_t)frame->memory % CK_FRAME_ALIGN;
    uint8_t *first = frame->memory + (misfit == 0 ? 0 : CK_FRAME_ALIGN - misfit);
    for (int i = 0; i < layout->planes; i++) {
        frame->info.planes[i] = first + layout->offsets[i];
        frame->info.strides[i] = layout->strides[i];
    }
    atomic_init(&frame->references, 1);
    return frame;
}

void ck_frame_free(chalk_video_frame *frame)
{
    ck_free(&ck_heap, frame->memory);
    ck_free(&ck_heap, frame);
}

uint8_t *ck_frame_plane(chalk_video_frame *frame, int plane)
{
    /* Only `memory` is ours to write; what an application lent stays const. */
    CK_INVARIANT(frame->memory != NULL && plane >= 0 && plane < 3, return NULL);
    const uint8_t *start = frame->info.planes[plane];
    return start == NULL ? NULL : frame->memory + (start - frame->memory);
}

void ck_frame_blacken(chalk_video_frame *frame)
{
    static const uint8_t black[] = {16, 128, 128};
    const size_t height = (size_t)frame->info.height;
    const size_t rows[] = {height, (height + 1) / 2, (height + 1) / 2};
    for (int i = 0; i < 3; i++) {
        memset(ck_frame_plane(frame, i), black[i], (size_t)frame->info.strides[i] * rows[i]);
    }
}

/* The part of `rect` inside the picture; false when nothing is left of it. */
static bool clip_rect(const chalk_rect *rect, int32_t width, int32_t height, chalk_rect *out)
{
    const int64_t left = CK_MAX((int64_t)rect->x, 0);
    const int64_t top = CK_MAX((int64_t)rect->y, 0);
    const int64_t right = CK_MIN((int64_t)rect->x + rect->width, (int64_t)width);
    const int64_t bottom = CK_MIN((int64_t)rect->y + rect->height, (int64_t)height);
    if (right <= left || bottom <= top) {
        return false;
    }
    *out =
        (chalk_rect){(int32_t)left, (int32_t)top, (int32_t)(right - left), (int32_t)(bottom - top)};
    return true;
}

void ck_frame_set_damage(chalk_video_frame *frame, const chalk_rect *rects, size_t count)
{
    uint32_t kept = 0;
    for (size_t i = 0; i < count && count <= CK_DAMAGE_MAX; i++) {
        if (clip_rect(&rects[i], frame->info.width, frame->info.height, &frame->damage[kept])) {
            kept++;
        }
    }
    /* Nothing left reads as "unknown", which is taken as "everything": wrong only in cost. */
    frame->info.damage_count = kept;
    frame->info.damage = kept > 0 ? frame->damage : NULL;
    frame->move_count = 0;
}

static bool is_inside(const chalk_rect *rect, const chalk_video_info *info)
{
    return rect->x >= 0 && rect->y >= 0 && rect->width > 0 && rect->height > 0 &&
           rect->width <= info->width && rect->height <= info->height &&
           rect->x <= info->width - rect->width && rect->y <= info->height - rect->height;
}

void ck_frame_set_moves(chalk_video_frame *frame, const ck_frame_move *moves, size_t count)
{
    frame->move_count = 0;
    for (size_t i = 0; i < count && frame->move_count < CK_MOVES_MAX; i++) {
        const ck_frame_move *m = &moves[i];
        const chalk_rect from = {m->from_x, m->from_y, m->to.width, m->to.height};
        if (is_inside(&m->to, &frame->info) && is_inside(&from, &frame->info)) {
            frame->moves[frame->move_count++] = *m;
        }
    }
}

uint64_t ck_frame_moved_area(const chalk_video_frame *frame)
{
    uint64_t area = 0;
    for (uint32_t i = 0; i < frame->move_count; i++) {
        area += (uint64_t)frame->moves[i].to.width * (uint64_t)frame->moves[i].to.height;
    }
    return area;
}

void ck_frame_set_still(chalk_video_frame *frame)
{
    const chalk_rect smallest = {0, 0, CK_STILL_SIDE, CK_STILL_SIDE};
    ck_frame_set_damage(frame, &smallest, 1);
}

bool ck_frame_is_still(const chalk_video_frame *frame)
{
    const chalk_rect *rect = frame->info.damage;
    return frame->info.damage_count == 1 && rect->x == 0 && rect->y == 0 &&
           rect->width == CK_STILL_SIDE && rect->height == CK_STILL_SIDE;
}

bool ck_frame_is_alone(const chalk_video_frame *frame)
{
    /* acquire: what the others read happened before what the caller writes. */
    return atomic_load_explicit(&frame->references, memory_order_acquire) == 1;
}

void chalk_video_info_init(chalk_video_info *info)
{
    memset(info, 0, sizeof(*info));
    info->struct_size = sizeof(*info);
}

static bool color_fits(uint32_t format, uint32_t color)
{
    switch (color) {
    case 0:
        return true;
    case CHALK_COLOR_BT601_LIMITED:
    case CHALK_COLOR_BT709_LIMITED:
        return format != CHALK_PIXEL_BGRA;
    case CHALK_COLOR_SRGB_FULL:
        return format == CHALK_PIXEL_BGRA || format == CHALK_PIXEL_NATIVE;
    default:
        return false;
    }
}

static int check_planes(const chalk_video_info *info, ck_frame_layout *layout)
{
    const int status = ck_frame_layout_of(info->format, info->width, info->height, layout);
    if (status != CHALK_OK) {
        return status;
    }
    for (int i = 0; i < layout->planes; i++) {
        if (info->planes[i] == NULL || info->strides[i] < layout->row_bytes[i]) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
    }
    return CHALK_OK;
}

static int check_info(const chalk_video_info *info, bool has_release, ck_frame_layout *layout)
{
    if (info == NULL || info->struct_size < sizeof(*info) ||
        !color_fits(info->format, info->color) || info->rotation_degrees % 90 != 0 ||
        info->rotation_degrees > 270 || (info->damage_count > 0 && info->damage == NULL)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (info->format != CHALK_PIXEL_NATIVE) {
        return check_planes(info, layout);
    }
    if (!side_is_valid(info->width) || !side_is_valid(info->height) || info->native == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return has_release ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
}

static void copy_pixels(chalk_video_frame *frame, const chalk_video_info *from,
                        const ck_frame_layout *layout)
{
    for (int i = 0; i < layout->planes; i++) {
        uint8_t *to = ck_frame_plane(frame, i);
        for (int32_t row = 0; row < layout->rows[i]; row++) {
            memcpy(to + (size_t)row * (size_t)layout->strides[i],
                   from->planes[i] + (size_t)row * (size_t)from->strides[i],
                   (size_t)layout->row_bytes[i]);
        }
    }
}

static uint32_t default_color(const chalk_video_info *info)
{
    return info->format == CHALK_PIXEL_BGRA ? CHALK_COLOR_SRGB_FULL
                                            : ck_color_by_size(info->width, info->height);
}

/* Copies what describes the picture; the pixels and where they lie are the caller's business. */
static void describe(chalk_video_frame *frame, const chalk_video_info *from)
{
    chalk_video_info *info = &frame->info;
    info->format = from->format;
    info->color = from->color != 0 ? from->color : default_color(from);
    info->rotation_degrees = from->rotation_degrees;
    info->width = from->width;
    info->height = from->height;
    info->capture_us = from->capture_us != 0 ? from->capture_us : ck_clock_us();
    ck_frame_set_damage(frame, from->damage, from->damage_count);
}

int chalk_video_frame_create(const chalk_video_info *info, void (*release)(void *user), void *user,
                             chalk_video_frame **out)
{
    ck_frame_layout layout = {0};
    if (out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *out = NULL;
    const int status = check_info(info, release != NULL, &layout);
    if (status != CHALK_OK) {
        return status;
    }
    chalk_video_frame *frame = NULL;
    if (release == NULL) {
        frame = ck_frame_new(info->format, info->width, info->height, &layout);
        if (frame == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        copy_pixels(frame, info, &layout);
    } else {
        frame = ck_new(&ck_heap, sizeof(*frame));
        if (frame == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        atomic_init(&frame->references, 1);
        chalk_video_info_init(&frame->info);
        for (int i = 0; i < layout.planes; i++) {
            frame->info.planes[i] = info->planes[i];
            frame->info.strides[i] = info->strides[i];
        }
        frame->info.native = info->format == CHALK_PIXEL_NATIVE ? info->native : NULL;
        frame->release = release;
        frame->release_user = user;
    }
    describe(frame, info);
    *out = frame;
    return CHALK_OK;
}

chalk_video_frame *chalk_video_frame_ref(chalk_video_frame *frame)
{
    if (frame != NULL) {
        atomic_fetch_add_explicit(&frame->references, 1, memory_order_relaxed);
    }
    return frame;
}

void chalk_video_frame_unref(chalk_video_frame **frame)
{
    if (frame == NULL || *frame == NULL) {
        return;
    }
    chalk_video_frame *last = *frame;
    *frame = NULL;
    /* acq_rel: what every other holder read of the pixels happens before they are reused. */
    if (atomic_fetch_sub_explicit(&last->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (last->pool != NULL) {
        ck_frame_pool_return(last);
        return;
    }
    if (last->release != NULL) {
        last->release(last->release_user);
    }
    ck_frame_free(last);
}

int chalk_video_frame_info(const chalk_video_frame *frame, chalk_video_info *info)
{
    if (frame == NULL || info == NULL || info->struct_size < sizeof(*info)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    /* A newer caller's struct is longer: its tail keeps the zeros of its own init. */
    const uint32_t size = info->struct_size;
    *info = frame->info;
    info->struct_size = size;
    return CHALK_OK;
}
