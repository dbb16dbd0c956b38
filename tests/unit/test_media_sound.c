/* The last way of sound: the ring between decoder and device, and the smoothing of its edges. */
#include "runtime/media/sound_edge.h"
#include "runtime/media/sound_ring.h"
#include "support/check.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>

#define CHANNELS CHALK_PLAYBACK_CHANNELS

/* A ring is too large for some stacks. */
static ck_sound_ring ring;

static bool put(int64_t number)
{
    ck_sound_block *slot = ck_sound_ring_slot(&ring);
    if (slot == NULL) {
        return false;
    }
    slot->pts_us = number * CK_SOUND_BLOCK_US;
    slot->span_us = CK_SOUND_BLOCK_US;
    slot->kind = CK_SOUND_HEARD;
    for (int i = 0; i < CK_SOUND_BLOCK * CHANNELS; i++) {
        slot->samples[i] = (float)(number * CK_SOUND_BLOCK + i / CHANNELS);
    }
    ck_sound_ring_put(&ring);
    return true;
}

/* Takes `frames` in pieces and checks that they are consecutive samples from `from` on. */
static void take(uint32_t frames, uint32_t piece_max, int64_t from)
{
    float out[CK_SOUND_BLOCK * CHANNELS];
    for (uint32_t done = 0; done < frames;) {
        uint32_t wanted = CK_MIN(piece_max, frames - done);
        ck_sound_piece piece = ck_sound_ring_take(&ring, out, wanted);
        uint32_t got = piece.frames;
        CK_CHECK(got >= 1 && got <= wanted);
        CK_CHECK_EQ(piece.pts_us, (from + done) * 1000000 / CHALK_SAMPLE_RATE);
        for (uint32_t i = 0; i < got; i++) {
            CK_CHECK_EQ(out[i * CHANNELS], from + done + i);
        }
        done += got;
    }
}

CK_TEST(media_sound, ring_is_bounded_and_keeps_order_over_its_end)
{
    ck_sound_ring_init(&ring);
    float none[CHANNELS];
    CK_CHECK_EQ(ck_sound_ring_take(&ring, none, 1).frames, 0);
    CK_CHECK_EQ(ring.next_pts_us, INT64_MIN);
    int64_t written = 0, read = 0;
    for (int round = 0; round < 5; round++) {
        while (put(written)) {
            written++;
        }
        CK_CHECK_EQ(ck_sound_ring_level(&ring), CK_SOUND_BLOCKS);
        take(50 * CK_SOUND_BLOCK, 333, read * CK_SOUND_BLOCK);
        read += 50;
        CK_CHECK_EQ(ring.next_pts_us, read * CK_SOUND_BLOCK_US);
        CK_CHECK_EQ(ck_sound_ring_level(&ring), CK_SOUND_BLOCKS - 50);
    }
}

CK_TEST(media_sound, ring_goes_on_where_its_counters_wrap)
{
    ck_sound_ring_init(&ring);
    atomic_store(&ring.written, UINT32_MAX - 2);
    atomic_store(&ring.read, UINT32_MAX - 2);
    atomic_store(&ring.flush_to, UINT32_MAX - 2);
    for (int i = 0; i < 10; i++) {
        CK_CHECK(put(i));
    }
    CK_CHECK_EQ(ck_sound_ring_level(&ring), 10);
    take(2 * CK_SOUND_BLOCK, 480, 0);
    ck_sound_ring_flush(&ring);
    CK_CHECK(put(77));
    take(CK_SOUND_BLOCK, 480, 77 * CK_SOUND_BLOCK);
}

CK_TEST(media_sound, flushed_sound_is_never_heard)
{
    ck_sound_ring_init(&ring);
    float out[CHANNELS * 100];
    CK_CHECK(put(0));
    CK_CHECK(put(1));
    CK_CHECK_EQ(ck_sound_ring_take(&ring, out, 100).frames, 100);
    ck_sound_ring_flush(&ring); /* in the middle of a block */
    CK_CHECK_EQ(ck_sound_ring_take(&ring, out, 100).frames, 0);
    CK_CHECK(put(9));
    ck_sound_piece piece = ck_sound_ring_take(&ring, out, 100);
    CK_CHECK_EQ(piece.frames, 100);
    CK_CHECK_EQ(piece.pts_us, 9 * CK_SOUND_BLOCK_US);
    CK_CHECK_EQ(out[0], 9 * CK_SOUND_BLOCK);
}

CK_TEST(media_sound, a_block_tells_how_fast_its_time_passes)
{
    ck_sound_ring_init(&ring);
    float out[CHANNELS * CK_SOUND_BLOCK];
    CK_CHECK(put(0) && put(1) && put(2));
    ring.blocks[0].span_us = 12500; /* a quarter faster */
    ring.blocks[1].span_us = 0;     /* made up while nothing came */
    ring.blocks[2].kind = CK_SOUND_SILENCE;
    CK_CHECK_EQ(ck_sound_ring_take(&ring, out, 240).pts_us, 0);
    CK_CHECK_EQ(ring.next_pts_us, 6250);
    CK_CHECK_EQ(ck_sound_ring_take(&ring, out, 480).pts_us, 6250);
    CK_CHECK_EQ(ring.next_pts_us, 12500);
    ck_sound_piece piece = ck_sound_ring_take(&ring, out, 480);
    CK_CHECK(piece.stands && piece.pts_us == CK_SOUND_BLOCK_US);
    CK_CHECK_EQ(ring.next_pts_us, CK_SOUND_BLOCK_US);
    CK_CHECK_EQ(ck_sound_ring_take(&ring, out, 480).kind, CK_SOUND_SILENCE);
    CK_CHECK_EQ(ring.next_pts_us, CK_SOUND_BLOCK_US); /* silence has no time */
}

/* The largest step between two neighbouring samples of a channel, the one before the first
 * included. */
static float largest_step(const float *samples, size_t frames, float before)
{
    float step = 0;
    for (size_t i = 0; i < frames; i++) {
        float last = i > 0 ? samples[(i - 1) * CHANNELS] : before;
        step = fmaxf(step, fabsf(samples[i * CHANNELS] - last));
    }
    return step;
}

static void fill(float *samples, size_t frames, float level)
{
    for (size_t i = 0; i < frames * CHANNELS; i++) {
        samples[i] = level;
    }
}

CK_TEST(media_sound, stopping_and_going_on_is_no_step)
{
    enum { FRAMES = 1000 };
    float s[FRAMES * CHANNELS];
    ck_sound_edge edge;
    ck_sound_edge_init(&edge, false);
    static const struct {
        float level;
        bool joint;
        bool muted;
    } rows[] = {
        {0.5f, true, false},   /* begins */
        {0.5f, false, false},  /* goes on */
        {0.0f, true, false},   /* stops */
        {-0.5f, true, false},  /* goes on elsewhere */
        {0.4f, true, false},   /* skips */
        {0.4f, false, true},   /* is muted */
        {-0.4f, true, true},   /* skips while muted */
        {-0.4f, false, false}, /* is heard again */
    };
    float before = 0;
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        fill(s, FRAMES, rows[i].level);
        if (rows[i].joint) {
            ck_sound_edge_joint(&edge);
        }
        ck_sound_edge_apply(&edge, s, FRAMES, rows[i].muted);
        CK_CHECK_ROW(i, largest_step(s, FRAMES, before) <= 1.01f / CK_SOUND_FADE);
        before = s[(FRAMES - 1) * CHANNELS];
        CK_CHECK_ROW(i, fabsf(before - (rows[i].muted ? 0 : rows[i].level)) < 1e-6f);
    }
}

CK_TEST(media_sound, a_fade_may_be_cut_into_any_pieces)
{
    enum { FRAMES = 960 };
    static float whole[FRAMES * CHANNELS], cut[FRAMES * CHANNELS];
    fill(whole, FRAMES, 0.7f);
    fill(cut, FRAMES, 0.7f);
    ck_sound_edge a, b;
    ck_sound_edge_init(&a, true);
    ck_sound_edge_init(&b, true);
    ck_sound_edge_joint(&a);
    ck_sound_edge_joint(&b);
    ck_sound_edge_apply(&a, whole, FRAMES, false);
    for (uint32_t done = 0, piece = 1; done < FRAMES; done += piece, piece = piece % 37 + 1) {
        piece = CK_MIN(piece, FRAMES - done);
        ck_sound_edge_apply(&b, cut + done * CHANNELS, piece, false);
    }
    CK_CHECK_MEM(whole, cut, sizeof whole);
}

CK_TEST(media_sound, untouched_sound_is_untouched)
{
    enum { FRAMES = 480 };
    float s[FRAMES * CHANNELS], original[FRAMES * CHANNELS];
    srand(7);
    for (int i = 0; i < FRAMES * CHANNELS; i++) {
        s[i] = original[i] = (float)rand() / (float)RAND_MAX - 0.5f;
    }
    ck_sound_edge edge;
    ck_sound_edge_init(&edge, false);
    ck_sound_edge_apply(&edge, s, FRAMES, false);
    CK_CHECK_MEM(s, original, sizeof s);
}
