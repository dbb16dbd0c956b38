/*
 * Sound from an audio device's callback to a thread, without a lock, an allocation or a wait on
 * either side: one producer, one consumer. Samples travel in the chunks in which they came, each
 * with its place in the stream and the time at which it came. A chunk that finds no room is dropped
 * whole and still counts in the places of those after it.
 */
#ifndef CK_PLATFORM_SAMPLE_RING_H
#define CK_PLATFORM_SAMPLE_RING_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define CK_SAMPLE_RING_SAMPLES 65536 /* 1.4 s of mono at 48 kHz; a power of two */
#define CK_SAMPLE_RING_CHUNKS  256   /* a power of two */

typedef struct ck_sample_chunk {
    uint64_t first; /* place of its first sample in the stream, from 0 */
    uint32_t count; /* samples */
    uint64_t at_us; /* when the last of them was there */
} ck_sample_chunk;

typedef struct ck_sample_ring {
    /* Written by the producer alone. */
    atomic_uint_fast64_t samples_written;
    atomic_uint_fast64_t chunks_written;
    atomic_uint_fast64_t dropped; /* samples */
    uint64_t position;
    /* Written by the consumer alone. */
    atomic_uint_fast64_t samples_read;
    atomic_uint_fast64_t chunks_read;

    ck_sample_chunk chunks[CK_SAMPLE_RING_CHUNKS];
    float samples[CK_SAMPLE_RING_SAMPLES];
} ck_sample_ring;

void ck_sample_ring_reset(ck_sample_ring *r); /* while neither side uses it */
/* Producer. False when the chunk was dropped. */
bool ck_sample_ring_write(ck_sample_ring *r, const float *samples, uint32_t count, uint64_t at_us);
/* Consumer. Copies the oldest chunk out; false when there is none. A chunk longer than `most` is
 * given in parts. */
bool ck_sample_ring_read(ck_sample_ring *r, float *out, uint32_t most, ck_sample_chunk *chunk);

#endif
