#include "runtime/media/sound_ring.h"

#include "base/check.h"

#include <string.h>

void ck_sound_ring_init(ck_sound_ring *r)
{
    atomic_store(&r->written, 0);
    atomic_store(&r->read, 0);
    atomic_store(&r->flush_to, 0);
    r->used = 0;
    r->next_pts_us = INT64_MIN;
}

ck_sound_block *ck_sound_ring_slot(ck_sound_ring *r)
{
    unsigned written = atomic_load_explicit(&r->written, memory_order_relaxed);
    unsigned read = atomic_load_explicit(&r->read, memory_order_acquire);
    return written - read < CK_SOUND_BLOCKS ? &r->blocks[written % CK_SOUND_BLOCKS] : NULL;
}

void ck_sound_ring_put(ck_sound_ring *r)
{
    atomic_fetch_add_explicit(&r->written, 1, memory_order_release);
}

uint32_t ck_sound_ring_level(const ck_sound_ring *r)
{
    return atomic_load(&r->written) - atomic_load(&r->read);
}

void ck_sound_ring_flush(ck_sound_ring *r)
{
    atomic_store(&r->flush_to, atomic_load(&r->written));
}

/* Skips what the writer declared void. Counts wrap, so "before" is a signed difference. */
static unsigned first_readable(ck_sound_ring *r)
{
    unsigned read = atomic_load_explicit(&r->read, memory_order_relaxed);
    unsigned flush_to = atomic_load_explicit(&r->flush_to, memory_order_acquire);
    if ((int)(flush_to - read) > 0) {
        read = flush_to;
        r->used = 0;
        atomic_store_explicit(&r->read, read, memory_order_release);
    }
    return read;
}

/* Presentation time of a sample of a block, or of its end. */
static int64_t time_in(const ck_sound_block *block, uint32_t sample)
{
    return block->pts_us + (int64_t)block->span_us * sample / CK_SOUND_BLOCK;
}

ck_sound_piece ck_sound_ring_take(ck_sound_ring *r, float *out, uint32_t frames)
{
    unsigned read = first_readable(r);
    if (frames == 0 || read == atomic_load_explicit(&r->written, memory_order_acquire)) {
        return (ck_sound_piece){0};
    }
    const ck_sound_block *block = &r->blocks[read % CK_SOUND_BLOCKS];
    ck_sound_piece piece = {
        .frames = CK_MIN(frames, CK_SOUND_BLOCK - r->used),
        .kind = block->kind,
        .stands = block->span_us == 0,
        .pts_us = time_in(block, r->used),
    };
    memcpy(out, block->samples + (size_t)r->used * CHALK_PLAYBACK_CHANNELS,
           (size_t)piece.frames * CHALK_PLAYBACK_CHANNELS * sizeof(float));
    r->used += piece.frames;
    if (block->kind != CK_SOUND_SILENCE) {
        r->next_pts_us = time_in(block, r->used);
    }
    if (r->used == CK_SOUND_BLOCK) {
        r->used = 0;
        atomic_store_explicit(&r->read, read + 1, memory_order_release);
    }
    return piece;
}
