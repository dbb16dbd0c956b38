/*
 * A pool of frames of equal size. The lock protects `idle`, `idle_count`, `holders` and
 * `destroyed`; nothing is called while it is held, memory is freed after it was let go.
 */
#include "runtime/media/frame.h"

#include "base/check.h"
#include "runtime/media/frame_layout.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <string.h>
#include <uv.h>

#define KEEP_MAX 64

struct ck_frame_pool {
    uv_mutex_t lock;
    size_t keep;
    size_t idle_count;
    size_t holders; /* the owner and each frame that is out; the last one frees the pool */
    bool destroyed; /* the owner is gone: frames that come back are freed */
    chalk_video_frame *idle[KEEP_MAX]; /* oldest first */
};

int ck_frame_pool_create(size_t keep, ck_frame_pool **out)
{
    *out = NULL;
    if (keep < 1 || keep > KEEP_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_frame_pool *pool = ck_new(&ck_heap, sizeof(*pool));
    if (pool == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_mutex_init(&pool->lock) != 0) {
        ck_free(&ck_heap, pool);
        return CHALK_ERR_NO_MEMORY;
    }
    pool->keep = keep;
    pool->holders = 1;
    *out = pool;
    return CHALK_OK;
}

/* Gives up one hold on the pool: the owner's, or that of a frame that came back. */
static void let_go(ck_frame_pool *pool)
{
    uv_mutex_lock(&pool->lock);
    const bool last = --pool->holders == 0;
    uv_mutex_unlock(&pool->lock);
    if (last) {
        uv_mutex_destroy(&pool->lock);
        ck_free(&ck_heap, pool);
    }
}

void ck_frame_pool_destroy(ck_frame_pool **pool)
{
    ck_frame_pool *p = *pool;
    if (p == NULL) {
        return;
    }
    *pool = NULL;
    uv_mutex_lock(&p->lock);
    p->destroyed = true;
    uv_mutex_unlock(&p->lock);
    /* Nobody else touches `idle` from here on: returning frames see `destroyed`. */
    for (size_t i = 0; i < p->idle_count; i++) {
        ck_frame_free(p->idle[i]);
    }
    let_go(p);
}

static void remove_idle(ck_frame_pool *p, size_t index)
{
    p->idle_count--;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): what is moved are pointers */
    memmove(&p->idle[index], &p->idle[index + 1], (p->idle_count - index) * sizeof(p->idle[0]));
}

/* The idle frame of that shape that was used last, its memory being the warmest; or NULL. */
static chalk_video_frame *take_idle(ck_frame_pool *p, uint32_t format, int32_t width,
                                    int32_t height)
{
    for (size_t i = p->idle_count; i-- > 0;) {
        chalk_video_frame *frame = p->idle[i];
        if (frame->info.format == format && frame->info.width == width &&
            frame->info.height == height) {
            remove_idle(p, i);
            return frame;
        }
    }
    return NULL;
}

int ck_frame_pool_take(ck_frame_pool *pool, uint32_t format, int32_t width, int32_t height,
                       chalk_video_frame **out)
{
    *out = NULL;
    ck_frame_layout layout;
    const int status = ck_frame_layout_of(format, width, height, &layout);
    if (status != CHALK_OK) {
        return status;
    }
    uv_mutex_lock(&pool->lock);
    chalk_video_frame *frame = take_idle(pool, format, width, height);
    pool->holders++;
    uv_mutex_unlock(&pool->lock);
    if (frame == NULL) {
        frame = ck_frame_new(format, width, height, &layout);
    }
    if (frame == NULL) {
        let_go(pool);
        return CHALK_ERR_NO_MEMORY;
    }
    atomic_store_explicit(&frame->references, 1, memory_order_relaxed);
    frame->pool = pool;
    frame->info.color =
        format == CHALK_PIXEL_BGRA ? CHALK_COLOR_SRGB_FULL : ck_color_by_size(width, height);
    frame->info.rotation_degrees = 0;
    frame->info.capture_us = 0;
    frame->info.pts_us = 0;
    ck_frame_set_damage(frame, NULL, 0);
    *out = frame;
    return CHALK_OK;
}

void ck_frame_pool_return(chalk_video_frame *frame)
{
    ck_frame_pool *pool = frame->pool;
    chalk_video_frame *surplus = frame;
    uv_mutex_lock(&pool->lock);
    if (!pool->destroyed) {
        /* The oldest goes when all places are taken, so another picture size drives the old one
         * out. */
        surplus = pool->idle_count == pool->keep ? pool->idle[0] : NULL;
        if (surplus != NULL) {
            remove_idle(pool, 0);
        }
        pool->idle[pool->idle_count++] = frame;
    }
    uv_mutex_unlock(&pool->lock);
    if (surplus != NULL) {
        ck_frame_free(surplus);
    }
    let_go(pool);
}
