/* One writer and one reader on the ring of sound at once: labelled "race", so that it also runs
 * under ThreadSanitizer. */
#include "runtime/media/sound_ring.h"
#include "support/check.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define BLOCKS   20000
#define CHANNELS CHALK_PLAYBACK_CHANNELS

typedef struct shared {
    ck_sound_ring ring;
    atomic_bool written_all;
    atomic_uint flushes;
} shared;

static void *write_blocks(void *arg)
{
    shared *s = arg;
    for (int64_t number = 0; number < BLOCKS;) {
        ck_sound_block *slot = ck_sound_ring_slot(&s->ring);
        if (slot == NULL) {
            sched_yield();
            continue;
        }
        slot->pts_us = number * CK_SOUND_BLOCK_US;
        slot->span_us = CK_SOUND_BLOCK_US;
        slot->kind = CK_SOUND_HEARD;
        for (int i = 0; i < CK_SOUND_BLOCK * CHANNELS; i++) {
            slot->samples[i] = (float)number;
        }
        ck_sound_ring_put(&s->ring);
        number++;
        if (number % 1000 == 0) {
            ck_sound_ring_flush(&s->ring);
            atomic_fetch_add(&s->flushes, 1);
        }
    }
    atomic_store(&s->written_all, true);
    return NULL;
}

CK_TEST(media_ring_race, what_is_read_was_written_whole_and_in_order)
{
    static shared s;
    ck_sound_ring_init(&s.ring);
    pthread_t writer;
    CK_CHECK_EQ(pthread_create(&writer, NULL, write_blocks, &s), 0);
    int64_t last_us = -1;
    uint64_t blocks = 0;
    float out[CK_SOUND_BLOCK * CHANNELS];
    for (uint32_t wanted = 1;; wanted = wanted % CK_SOUND_BLOCK + 1) {
        bool all = atomic_load(&s.written_all);
        ck_sound_piece piece = ck_sound_ring_take(&s.ring, out, wanted);
        int64_t pts_us = piece.pts_us;
        uint32_t got = piece.frames;
        if (got == 0 && all) {
            break;
        }
        if (got == 0) {
            sched_yield();
            continue;
        }
        CK_CHECK(pts_us > last_us);
        last_us = pts_us;
        for (uint32_t i = 0; i < got * CHANNELS; i++) {
            CK_CHECK_EQ(out[i], pts_us / CK_SOUND_BLOCK_US);
        }
        blocks += pts_us % CK_SOUND_BLOCK_US == 0;
    }
    CK_CHECK_EQ(pthread_join(writer, NULL), 0);
    CK_CHECK(blocks > 0 && blocks <= BLOCKS);
    CK_CHECK_EQ(atomic_load(&s.flushes), BLOCKS / 1000);
}
