#include "platform/sdl/sample_ring.h"

#include "base/check.h"

#include <string.h>

static uint64_t load(atomic_uint_fast64_t *value, memory_order order)
{
    return atomic_load_explicit(value, order);
}

void ck_sample_ring_reset(ck_sample_ring *r)
{
    atomic_store(&r->samples_written, 0);
    atomic_store(&r->chunks_written, 0);
    atomic_store(&r->dropped, 0);
    atomic_store(&r->samples_read, 0);
    atomic_store(&r->chunks_read, 0);
    r->position = 0;
}

static void copy_in(ck_sample_ring *r, uint64_t at, const float *samples, uint32_t count)
{
    uint32_t start = (uint32_t)(at % CK_SAMPLE_RING_SAMPLES);
    uint32_t first = CK_MIN(count, CK_SAMPLE_RING_SAMPLES - start);
    memcpy(r->samples + start, samples, first * sizeof *samples);
    memcpy(r->samples, samples + first, (count - first) * sizeof *samples);
}

static void copy_out(const ck_sample_ring *r, uint64_t at, float *out, uint32_t count)
{
    uint32_t start = (uint32_t)(at % CK_SAMPLE_RING_SAMPLES);
    uint32_t first = CK_MIN(count, CK_SAMPLE_RING_SAMPLES - start);
    memcpy(out, r->samples + start, first * sizeof *out);
    memcpy(out + first, r->samples, (count - first) * sizeof *out);
}

bool ck_sample_ring_write(ck_sample_ring *r, const float *samples, uint32_t count, uint64_t at_us)
{
    uint64_t place = r->position;
    r->position += count;
    /* Acquire: what the consumer has given back it no longer reads. */
    uint64_t written = load(&r->samples_written, memory_order_relaxed);
    uint64_t chunk = load(&r->chunks_written, memory_order_relaxed);
    uint64_t used = written - load(&r->samples_read, memory_order_acquire);
    uint64_t waiting = chunk - load(&r->chunks_read, memory_order_acquire);
    if (used + count > CK_SAMPLE_RING_SAMPLES || waiting == CK_SAMPLE_RING_CHUNKS) {
        atomic_fetch_add_explicit(&r->dropped, count, memory_order_relaxed);
        return false;
    }
    copy_in(r, written, samples, count);
    r->chunks[chunk % CK_SAMPLE_RING_CHUNKS] = (ck_sample_chunk){place, count, at_us};
    atomic_store_explicit(&r->samples_written, written + count, memory_order_relaxed);
    /* Release: the consumer that sees the chunk sees its samples. */
    atomic_store_explicit(&r->chunks_written, chunk + 1, memory_order_release);
    return true;
}

bool ck_sample_ring_read(ck_sample_ring *r, float *out, uint32_t most, ck_sample_chunk *chunk)
{
    uint64_t index = load(&r->chunks_read, memory_order_relaxed);
    if (index == load(&r->chunks_written, memory_order_acquire)) {
        return false;
    }
    /* The consumer may change a chunk that was handed to it: the producer is done with it. */
    ck_sample_chunk *kept = &r->chunks[index % CK_SAMPLE_RING_CHUNKS];
    uint32_t count = CK_MIN(kept->count, most);
    uint64_t at = load(&r->samples_read, memory_order_relaxed);
    copy_out(r, at, out, count);
    uint32_t rest = kept->count - count;
    *chunk = (ck_sample_chunk){kept->first, count, kept->at_us - (uint64_t)rest * 125 / 6};
    kept->first += count;
    kept->count = rest;
    atomic_store_explicit(&r->samples_read, at + count, memory_order_release);
    if (rest == 0) {
        atomic_store_explicit(&r->chunks_read, index + 1, memory_order_release);
    }
    return true;
}
