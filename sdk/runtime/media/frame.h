/*
 * The inside of chalk_video_frame, and pools that reuse pixel memory: a fresh 1080p buffer costs
 * more in page faults than its conversion does.
 *
 * Thread: reference counts are atomic, a pool has its own lock. Pixels are written only by the
 * thread that took the frame from the pool, before it hands it on.
 */
#ifndef CK_MEDIA_FRAME_H
#define CK_MEDIA_FRAME_H

#include "chalkrail/frame.h"

#include "base/alloc.h"
#include "core/share/damage.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ck_frame_pool ck_frame_pool;

#define CK_MOVES_MAX 16

/* What stood at `from_x`, `from_y` in the frame before stands at `to` in this one. */
typedef struct ck_frame_move {
    chalk_rect to;
    int32_t from_x, from_y;
} ck_frame_move;

struct chalk_video_frame {
    atomic_uint references;
    chalk_video_info info; /* planes point into `memory` or at the owner's pixels */
    chalk_rect damage[CK_DAMAGE_MAX];
    ck_frame_move moves[CK_MOVES_MAX];
    uint32_t move_count;
    uint8_t *memory; /* pooled pixels; NULL when `release` owns them */
    size_t memory_size;
    ck_frame_pool *pool; /* holds one reference on it; NULL outside a pool */
    void (*release)(void *user);
    void *release_user;
};

/* A pool keeps at most `keep` idle buffers. It lives until its last frame is gone. */
int ck_frame_pool_create(size_t keep, ck_frame_pool **out);
void ck_frame_pool_destroy(ck_frame_pool **pool);
/* A frame of the format and size with 64-byte aligned rows, pixels undefined, one reference. */
int ck_frame_pool_take(ck_frame_pool *pool, uint32_t format, int32_t width, int32_t height,
                       chalk_video_frame **out);
/* Paints a frame of I420 that was just taken black, limited range. */
void ck_frame_blacken(chalk_video_frame *frame);
/* The writable plane of a frame that was just taken. */
uint8_t *ck_frame_plane(chalk_video_frame *frame, int plane);
/* Copies at most CK_DAMAGE_MAX rectangles; more than that means "everything" (count 0). */
void ck_frame_set_damage(chalk_video_frame *frame, const chalk_rect *rects, size_t count);
/* After its damage, in which the moves' destinations are, too: who does not look at moves loses
 * nothing. Beyond CK_MOVES_MAX, and where one is not inside the picture, they are left out. */
void ck_frame_set_moves(chalk_video_frame *frame, const ck_frame_move *moves, size_t count);
/* Pixels of its destinations, each as often as it is one. */
uint64_t ck_frame_moved_area(const chalk_video_frame *frame);
/* A picture that is the one before once more says so by a rectangle of CK_STILL_SIDE pixels a side:
 * none at all would mean "unknown". */
#define CK_STILL_SIDE 2
void ck_frame_set_still(chalk_video_frame *frame);
bool ck_frame_is_still(const chalk_video_frame *frame);
/* Whether the caller's is the only reference: nobody else can come by one then. */
bool ck_frame_is_alone(const chalk_video_frame *frame);
/* The colour that players assume for untagged video of this size. */
uint32_t ck_color_by_size(int32_t width, int32_t height);

#endif
