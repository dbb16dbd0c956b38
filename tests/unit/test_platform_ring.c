/* The lock-free ring between a callback and its reader. */
#include "platform/sdl/sample_ring.h"

#include "support/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

static ck_sample_ring *new_ring(void)
{
    ck_sample_ring *r = calloc(1, sizeof *r);
    CK_CHECK(r != NULL);
    ck_sample_ring_reset(r);
    return r;
}

CK_TEST(sample_ring, chunks_come_out_as_they_went_in)
{
    ck_sample_ring *r = new_ring();
    float out[1000], in[1000];
    ck_sample_chunk chunk;
    uint64_t place = 0;
    CK_CHECK(!ck_sample_ring_read(r, out, 1000, &chunk));
    for (uint32_t n = 0; n < 2000; n++) { /* many times round the ring */
        uint32_t count = n % 1000 + 1;
        for (uint32_t i = 0; i < count; i++) {
            in[i] = (float)((place + i) % 9973);
        }
        CK_CHECK(ck_sample_ring_write(r, in, count, 77 + n));
        CK_CHECK(ck_sample_ring_read(r, out, 1000, &chunk));
        CK_CHECK_EQ(chunk.first, place);
        CK_CHECK_EQ(chunk.count, count);
        CK_CHECK_EQ(chunk.at_us, 77 + n);
        CK_CHECK_MEM(out, in, count * sizeof *in);
        place += count;
    }
    free(r);
}

CK_TEST(sample_ring, a_long_chunk_comes_in_parts)
{
    ck_sample_ring *r = new_ring();
    float in[900] = {0}, out[400];
    ck_sample_chunk chunk;
    for (int i = 0; i < 900; i++) {
        in[i] = (float)i;
    }
    CK_CHECK(ck_sample_ring_write(r, in, 900, 1000000));
    static const struct {
        uint64_t first;
        uint32_t count;
        uint64_t at_us;
    } parts[] = {{0, 400, 1000000 - 500 * 125 / 6},
                 {400, 400, 1000000 - 100 * 125 / 6},
                 {800, 100, 1000000}};
    for (size_t i = 0; i < 3; i++) {
        CK_CHECK_ROW(i, ck_sample_ring_read(r, out, 400, &chunk));
        CK_CHECK_ROW(i, chunk.first == parts[i].first && chunk.count == parts[i].count);
        CK_CHECK_ROW(i, chunk.at_us == parts[i].at_us);
        CK_CHECK_ROW(i, out[0] == (float)parts[i].first);
    }
    CK_CHECK(!ck_sample_ring_read(r, out, 400, &chunk));
    free(r);
}

CK_TEST(sample_ring, full_ring_drops_whole_chunks_and_counts_them)
{
    ck_sample_ring *r = new_ring();
    static float in[CK_SAMPLE_RING_SAMPLES / 4];
    ck_sample_chunk chunk;
    for (int i = 0; i < 4; i++) {
        CK_CHECK(ck_sample_ring_write(r, in, CK_SAMPLE_RING_SAMPLES / 4, 1));
    }
    CK_CHECK(!ck_sample_ring_write(r, in, 1, 1));
    CK_CHECK_EQ(atomic_load(&r->dropped), 1);
    CK_CHECK(ck_sample_ring_read(r, in, CK_SAMPLE_RING_SAMPLES / 4, &chunk));
    CK_CHECK(ck_sample_ring_write(r, in, 5, 1));
    for (int i = 0; i < 4; i++) {
        CK_CHECK(ck_sample_ring_read(r, in, CK_SAMPLE_RING_SAMPLES / 4, &chunk));
    }
    CK_CHECK_EQ(chunk.first, CK_SAMPLE_RING_SAMPLES + 1);
    ck_sample_ring_reset(r);
    for (int i = 0; i < CK_SAMPLE_RING_CHUNKS; i++) {
        CK_CHECK(ck_sample_ring_write(r, in, 1, 1));
    }
    CK_CHECK(!ck_sample_ring_write(r, in, 1, 1));
    free(r);
}

enum { RACE_CHUNKS = 20000, RACE_SIZE = 37 };

static void *produce(void *user)
{
    ck_sample_ring *r = user;
    float in[RACE_SIZE];
    uint32_t written = 0;
    while (written < RACE_CHUNKS) {
        for (int i = 0; i < RACE_SIZE; i++) {
            in[i] = (float)written;
        }
        if (ck_sample_ring_write(r, in, RACE_SIZE, written)) {
            written++;
        } else {
            sched_yield();
        }
    }
    return NULL;
}

CK_TEST(sample_ring, two_threads)
{
    ck_sample_ring *r = new_ring();
    pthread_t thread;
    CK_CHECK_EQ(pthread_create(&thread, NULL, produce, r), 0);
    uint32_t seen = 0;
    float out[RACE_SIZE];
    ck_sample_chunk chunk;
    while (seen < RACE_CHUNKS) {
        if (!ck_sample_ring_read(r, out, RACE_SIZE, &chunk)) {
            sched_yield();
            continue;
        }
        CK_CHECK_EQ(chunk.at_us, seen);
        CK_CHECK_EQ(chunk.count, RACE_SIZE);
        CK_CHECK(out[0] == (float)seen && out[RACE_SIZE - 1] == (float)seen);
        seen++;
    }
    pthread_join(thread, NULL);
    free(r);
}
