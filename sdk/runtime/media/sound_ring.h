/*
 * Sound on its last way: blocks of 10 ms from one thread that writes to one that reads, the
 * device's callback, without a lock.
 *
 * Thread: each function is the writer's or the reader's, as said; no others.
 */
#ifndef CK_MEDIA_SOUND_RING_H
#define CK_MEDIA_SOUND_RING_H

#include "chalkrail/frame.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CK_SOUND_BLOCK    480 /* samples per channel: 10 ms */
#define CK_SOUND_BLOCK_US 10000
#define CK_SOUND_BLOCKS   64

enum ck_sound_kind {
    CK_SOUND_HEARD = 1, /* received, or made up and so short that it passes for it */
    CK_SOUND_NOISE,     /* stands for sound that is not there */
    CK_SOUND_SILENCE,   /* before the first sound */
};

typedef struct ck_sound_block {
    int64_t pts_us;  /* of the first sample */
    int32_t span_us; /* media time that passes in it: 10,000 at normal speed, 0 while it stands */
    uint8_t kind;    /* enum ck_sound_kind */
    float samples[CK_SOUND_BLOCK * CHALK_PLAYBACK_CHANNELS];
} ck_sound_block;

typedef struct ck_sound_ring {
    ck_sound_block blocks[CK_SOUND_BLOCKS];
    atomic_uint written;  /* blocks, ever; wraps */
    atomic_uint read;     /* blocks, ever; wraps */
    atomic_uint flush_to; /* reader: throw away what was written before this count */
    uint32_t used;        /* reader: samples taken of the oldest block */
    int64_t next_pts_us;  /* reader: of the sample after the last one given; INT64_MIN: none yet */
} ck_sound_ring;

/* What a reader got: samples of one block. */
typedef struct ck_sound_piece {
    uint32_t frames;
    uint8_t kind; /* enum ck_sound_kind */
    bool stands;  /* no media time passes in it */
    int64_t pts_us;
} ck_sound_piece;

void ck_sound_ring_init(ck_sound_ring *r);
/* Writer. The block to fill, or NULL when there is no room; put makes it readable. */
ck_sound_block *ck_sound_ring_slot(ck_sound_ring *r);
void ck_sound_ring_put(ck_sound_ring *r);
uint32_t ck_sound_ring_level(const ck_sound_ring *r); /* writer: blocks waiting, about */
void ck_sound_ring_flush(ck_sound_ring *r);           /* writer: nothing written so far is heard */
/* Reader. At most `frames` samples per channel of one block; none when there is no sound. */
ck_sound_piece ck_sound_ring_take(ck_sound_ring *r, float *out, uint32_t frames);

#endif
