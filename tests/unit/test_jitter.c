#include "chalkrail/errors.h"
#include "core/jitter/jitter.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#define BLOCK_SAMPLES (CK_JITTER_BLOCK_US * 48 / 1000)
#define MS            1000

static ck_jitter *make(enum ck_jitter_mode mode)
{
    const ck_jitter_config config = {.alloc = &ck_test_heap,
                                     .mode = mode,
                                     .late_ppm = 50000,
                                     .start_delay_ms = 60,
                                     .backlog_ms = 1000,
                                     .fec = true};
    ck_jitter *j = NULL;
    CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
    return j;
}

static void feed(ck_jitter *j, int64_t pts_ms, uint16_t sequence, uint64_t now_ms)
{
    ck_jitter_packet p = {
        .pts_us = pts_ms * MS, .duration_us = 20 * MS, .sequence = sequence, .key = true};
    CK_CHECK_EQ(ck_jitter_feed(j, &p, now_ms * MS), CHALK_OK);
}

/* Sound of 20 ms packets over a wire, taken as a device does, for so long; returns the time. */
static uint64_t run(ck_jitter *j, uint64_t now_ms, uint64_t ms)
{
    for (uint64_t end = now_ms + ms; now_ms < end; now_ms += 20) {
        feed(j, (int64_t)now_ms, (uint16_t)(now_ms / 20), now_ms);
        ck_jitter_out out;
        (void)ck_jitter_pull(j, 0, now_ms * MS, &out);
    }
    return now_ms;
}

static enum ck_jitter_answer pull(ck_jitter *j, uint64_t now_ms, ck_jitter_out *out)
{
    return ck_jitter_pull(j, 0, now_ms * MS, out);
}

static int event_kind(ck_jitter *j)
{
    ck_jitter_event event;
    return ck_jitter_poll_event(j, &event) ? (int)event.kind : 0;
}

CK_TEST(jitter, waits_for_its_delay_then_plays)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    CK_CHECK_EQ(pull(j, 0, &out), CK_JITTER_SILENCE);
    for (uint64_t now = 0; now < 60; now += 20) {
        feed(j, (int64_t)now, 0, now);
        CK_CHECK_EQ(pull(j, now, &out), CK_JITTER_SILENCE);
    }
    CK_CHECK_EQ(pull(j, 60, &out), CK_JITTER_PLAY);
    CK_CHECK_EQ(out.pts_us, 0);
    CK_CHECK_EQ(out.speed, CK_JITTER_NORMAL);
    CK_CHECK(out.joint);
    CK_CHECK_EQ(event_kind(j), CK_JITTER_STARTED);
    ck_jitter_destroy(&j);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, begins_at_the_live_edge_of_a_burst)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    for (int i = 0; i <= 100; i++) {
        feed(j, i * 20, 0, 5);
        CK_CHECK_EQ(pull(j, 5, &out), CK_JITTER_SILENCE);
    }
    feed(j, 2020, 0, 25);
    feed(j, 2040, 0, 45);
    CK_CHECK_EQ(pull(j, 45, &out), CK_JITTER_PLAY);
    CK_CHECK(out.pts_us >= 1940 * MS && out.pts_us <= 2000 * MS);
    CK_CHECK_EQ(out.speed, CK_JITTER_NORMAL);
    CK_CHECK_EQ(ck_jitter_get_stats(j).skipped_us, 0);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, holds_time_and_plays_what_comes_late)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    uint64_t now = run(j, 0, 4000);
    while (pull(j, now, &out) == CK_JITTER_PLAY) {
    }
    CK_CHECK_EQ(pull(j, now + 10, &out), CK_JITTER_CONCEAL);
    CK_CHECK_EQ(out.duration_us, CK_JITTER_BLOCK_US);
    feed(j, (int64_t)now, 0, now + 20);
    CK_CHECK_EQ(pull(j, now + 20, &out), CK_JITTER_PLAY);
    CK_CHECK_EQ(out.pts_us, (int64_t)now * MS);
    CK_CHECK(out.joint);
    CK_CHECK(out.behind_us > 10 * MS);
    ck_jitter_stats stats = ck_jitter_get_stats(j);
    CK_CHECK_EQ(stats.concealment_events, 1);
    CK_CHECK_EQ(stats.concealed_samples, 2 * BLOCK_SAMPLES);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, concealing_turns_to_noise_and_says_so)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    uint64_t now = run(j, 0, 4000);
    while (pull(j, now, &out) == CK_JITTER_PLAY) {
    }
    while (event_kind(j) != 0) {
    }
    unsigned blocks = 1;
    while (ck_jitter_pull(j, 0, now * MS + blocks * CK_JITTER_BLOCK_US, &out) ==
           CK_JITTER_CONCEAL) {
        blocks++;
    }
    CK_CHECK_EQ(blocks * CK_JITTER_BLOCK_US, 200 * MS);
    CK_CHECK_EQ(event_kind(j), CK_JITTER_RAN_OUT);
    feed(j, (int64_t)now + 220, 0, now + 240);
    CK_CHECK_EQ(pull(j, now + 240, &out), CK_JITTER_PLAY);
    CK_CHECK_EQ(event_kind(j), CK_JITTER_RECOVERED);
    CK_CHECK_EQ(ck_jitter_get_stats(j).silent_concealed_samples, BLOCK_SAMPLES);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, catches_up_no_faster_than_a_quarter)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    uint64_t now = run(j, 0, 4000);
    while (pull(j, now, &out) == CK_JITTER_PLAY) {
    }
    /* 600 ms of nothing, then all of it. */
    uint64_t late = now + 600;
    for (uint64_t t = now; t <= late; t += 20) {
        feed(j, (int64_t)t, 0, late);
    }
    ck_jitter_set_late(j, 500000, late * MS);
    ck_jitter_set_delays(j, 0, 100, late * MS);
    CK_CHECK_EQ(pull(j, late, &out), CK_JITTER_PLAY);
    CK_CHECK_EQ(out.pts_us, (int64_t)now * MS);
    CK_CHECK_EQ(out.speed, 1250);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, skips_a_backlog_to_the_newest_key_frame)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    uint64_t now = run(j, 0, 4000);
    while (pull(j, now, &out) == CK_JITTER_PLAY) {
    }
    while (event_kind(j) != 0) {
    }
    uint64_t late = now + 2000;
    for (uint64_t t = now; t <= late; t += 20) {
        feed(j, (int64_t)t, 0, late);
    }
    ck_jitter_key(j, ((int64_t)now + 600) * MS);
    ck_jitter_key(j, ((int64_t)now + 1600) * MS);
    CK_CHECK_EQ(pull(j, late, &out), CK_JITTER_PLAY);
    CK_CHECK_EQ(out.pts_us, ((int64_t)now + 1600) * MS);
    CK_CHECK_EQ(event_kind(j), CK_JITTER_SKIPPED);
    CK_CHECK_EQ(ck_jitter_get_stats(j).skipped_us, 1600 * MS);
    ck_jitter_destroy(&j);
}

/* A camera that was switched off leaves no key frame to wait for, nor does one of another time. */
CK_TEST(jitter, only_a_key_frame_that_is_near_is_waited_for)
{
    static const struct {
        int64_t key_ms;
        bool skips;
    } rows[] = {{15000, false}, {8000, false}, {4000, true}, {32000, true}, {INT64_MAX / MS, true}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_jitter *j = make(CK_JITTER_STREAM);
        ck_jitter_out out;
        ck_jitter_key(j, rows[i].key_ms * MS);
        uint64_t now = run(j, 0, 16000);
        while (pull(j, now, &out) == CK_JITTER_PLAY) {
        }
        for (uint64_t t = now; t <= now + 1600; t += 20) {
            feed(j, (int64_t)t, 0, now + 1600);
        }
        CK_CHECK_ROW(i, pull(j, now + 1600, &out) == CK_JITTER_PLAY);
        CK_CHECK_ROW(i, (ck_jitter_get_stats(j).skipped_us > 0) == rows[i].skips);
        ck_jitter_destroy(&j);
    }
}

/* Who would rather lose sound than wait skips a smaller backlog. */
CK_TEST(jitter, the_backlog_follows_the_trade_off)
{
    static const struct {
        uint32_t late_ppm;
        bool skips;
    } rows[] = {{10000, false}, {50000, true}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const ck_jitter_config config = {
            .alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .late_ppm = rows[i].late_ppm};
        ck_jitter *j = NULL;
        ck_jitter_out out;
        CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
        uint64_t now = run(j, 0, 4000);
        while (pull(j, now, &out) == CK_JITTER_PLAY) {
        }
        for (uint64_t t = now; t <= now + 500; t += 20) {
            feed(j, (int64_t)t, 0, now + 500);
        }
        CK_CHECK_ROW(i, pull(j, now + 500, &out) == CK_JITTER_PLAY);
        CK_CHECK_ROW(i, (ck_jitter_get_stats(j).skipped_us > 0) == rows[i].skips);
        ck_jitter_destroy(&j);
    }
}

CK_TEST(jitter, sound_alone_is_skipped_to_what_is_due)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    ck_jitter_out out;
    uint64_t now = run(j, 0, 4000);
    while (pull(j, now, &out) == CK_JITTER_PLAY) {
    }
    uint64_t late = now + 2000;
    for (uint64_t t = now; t <= late; t += 20) {
        feed(j, (int64_t)t, 0, late);
    }
    CK_CHECK_EQ(pull(j, late, &out), CK_JITTER_PLAY);
    CK_CHECK(out.behind_us >= 0 && out.behind_us <= 20 * MS);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, orders_packets_and_drops_doubles)
{
    static const uint16_t order[] = {65533, 65535, 65534, 65534, 1, 0, 3, 2, 65533};
    ck_jitter *j = make(CK_JITTER_PACKETS);
    ck_jitter_set_delays(j, 80, 500, 0);
    int64_t next = 940;
    for (uint64_t i = 0; i < 14; i++) {
        ck_jitter_out out;
        if (i < CK_COUNT_OF(order)) {
            feed(j, 1000 + 20 * (int16_t)order[i], order[i], 940 + 20 * i);
        }
        if (pull(j, 940 + 20 * i, &out) == CK_JITTER_PLAY) {
            CK_CHECK_EQ(out.pts_us, next * MS);
            next += 20;
        }
    }
    CK_CHECK_EQ(next, 1080);
    ck_jitter_stats stats = ck_jitter_get_stats(j);
    CK_CHECK_EQ(stats.packets_received, 9);
    CK_CHECK_EQ(stats.packets_discarded, 2);
    CK_CHECK_EQ(stats.packets_lost, 0);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, rebuilds_one_lost_packet_and_conceals_two)
{
    static const struct {
        int lost;
        enum ck_jitter_answer first;
    } rows[] = {{1, CK_JITTER_REBUILD}, {2, CK_JITTER_CONCEAL}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_jitter *j = make(CK_JITTER_PACKETS);
        ck_jitter_out out;
        ck_jitter_set_delays(j, 60, 500, 0);
        uint64_t now = run(j, 0, 4000);
        uint64_t next = now + 20 * (uint64_t)rows[i].lost;
        feed(j, (int64_t)next, (uint16_t)(next / 20), next);
        enum ck_jitter_answer answer = CK_JITTER_PLAY;
        uint64_t at = now;
        for (; answer == CK_JITTER_PLAY; at += 20) {
            answer = ck_jitter_pull(j, 0, at * MS, &out);
        }
        CK_CHECK_ROW(i, answer == rows[i].first);
        CK_CHECK_ROW(i, out.pts_us == (int64_t)now * MS);
        uint16_t sequence;
        CK_CHECK_ROW(i, ck_jitter_poll_output(j, &sequence, at * MS) == (rows[i].lost == 2));
        ck_jitter_destroy(&j);
    }
}

CK_TEST(jitter, asks_for_what_is_missing)
{
    ck_jitter *j = make(CK_JITTER_PACKETS);
    ck_jitter_set_rtt(j, 30 * MS);
    uint64_t now = run(j, 0, 2000);
    uint16_t next = (uint16_t)(now / 20);
    feed(j, (int64_t)now + 20, (uint16_t)(next + 1), now);
    CK_CHECK_EQ(ck_jitter_next_deadline(j), (now + 10) * MS);
    uint16_t sequence = 0;
    CK_CHECK(!ck_jitter_poll_output(j, &sequence, (now + 9) * MS));
    CK_CHECK(ck_jitter_poll_output(j, &sequence, (now + 10) * MS));
    CK_CHECK_EQ(sequence, next);
    CK_CHECK_EQ(ck_jitter_get_stats(j).packets_asked, 1);
    ck_jitter_packet again = {.pts_us = (int64_t)now * MS,
                              .duration_us = 20 * MS,
                              .sequence = next,
                              .key = true,
                              .extra = true};
    CK_CHECK_EQ(ck_jitter_feed(j, &again, (now + 40) * MS), CHALK_OK);
    CK_CHECK(ck_jitter_next_deadline(j) == CK_NEVER);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, starts_anew_when_the_time_line_breaks)
{
    static const struct {
        int64_t step_ms;
        bool broken;
    } rows[] = {{20, false},    {5020, false}, {5021, true},
                {-1000, false}, {-1001, true}, {-900000, true}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_jitter *j = make(CK_JITTER_STREAM);
        feed(j, 1000000, 0, 0);
        feed(j, 1000000 + rows[i].step_ms, 0, 20);
        CK_CHECK_ROW(i, (event_kind(j) == CK_JITTER_BROKE) == rows[i].broken);
        CK_CHECK_ROW(i, ck_jitter_get_stats(j).buffered ==
                            (rows[i].broken || rows[i].step_ms < 0 ? 1u : 2u));
        ck_jitter_destroy(&j);
    }
}

CK_TEST(jitter, stretching_is_counted)
{
    ck_jitter *j = make(CK_JITTER_STREAM);
    run(j, 0, 1000);
    uint64_t before = ck_jitter_get_stats(j).total_samples_received;
    ck_jitter_stretched(j, 20 * MS, 20 * MS);
    ck_jitter_stretched(j, 16 * MS, 20 * MS);
    ck_jitter_stretched(j, 25 * MS, 20 * MS);
    ck_jitter_stats stats = ck_jitter_get_stats(j);
    CK_CHECK_EQ(stats.removed_samples_for_acceleration, 4 * 48);
    CK_CHECK_EQ(stats.inserted_samples_for_deceleration, 5 * 48);
    CK_CHECK_EQ(stats.stretched_samples, 41 * 48);
    CK_CHECK_EQ(stats.total_samples_received, before + 48);
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, payloads_move_and_are_released)
{
    static const bool headers[] = {false, true};
    for (size_t i = 0; i < CK_COUNT_OF(headers); i++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, 0);
        const ck_jitter_config config = {.alloc = &heap.alloc,
                                         .mode = CK_JITTER_STREAM,
                                         .headers_only = headers[i],
                                         .packets_max = 4};
        ck_jitter *j = NULL;
        CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
        for (int n = 0; n < 9; n++) {
            ck_jitter_packet p = {.pts_us = n * 20 * MS,
                                  .duration_us = 20 * MS,
                                  .key = true,
                                  .payload = ck_slice_copy(&heap.alloc, "sound", 5)};
            CK_CHECK_EQ(ck_jitter_feed(j, &p, (uint64_t)n * 20 * MS), CHALK_OK);
            CK_CHECK_ROW(i, p.payload.data == NULL);
        }
        CK_CHECK_EQ(ck_jitter_get_stats(j).packets_overflowed, 5);
        ck_jitter_out out;
        CK_CHECK_EQ(pull(j, 300, &out), CK_JITTER_PLAY);
        CK_CHECK_ROW(i, (out.payload.size == 5) == !headers[i]);
        ck_slice_unref(&out.payload);
        ck_jitter_destroy(&j);
        CK_CHECK_ROW(i, heap.live == 0);
    }
}

CK_TEST(jitter, memory_follows_what_waits)
{
    ck_counting_alloc heap;
    ck_counting_alloc_init(&heap);
    const ck_jitter_config config = {.alloc = &heap.alloc, .mode = CK_JITTER_STREAM};
    ck_jitter *j = NULL;
    CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
    const size_t least = heap.bytes;
    for (int n = 0; n < 200; n++) { /* 4 s that nobody takes */
        feed(j, n * 20, 0, (uint64_t)n * 20);
    }
    CK_CHECK_EQ(ck_jitter_get_stats(j).buffered, 200);
    CK_CHECK(heap.bytes > least + 200 * sizeof(int64_t));
    (void)run(j, 4000, 2000);
    CK_CHECK(ck_jitter_get_stats(j).buffered < 8);
    CK_CHECK(heap.bytes < least + 2048);
    ck_jitter_destroy(&j);
    CK_CHECK_EQ(heap.bytes, 0);
}

CK_TEST(jitter, without_memory_the_oldest_goes)
{
    enum { PLACES = 8, GROWTH = 3 /* after the buffer and its first places */ };
    ck_failing_alloc heap;
    ck_failing_alloc_init(&heap, GROWTH);
    const ck_jitter_config config = {.alloc = &heap.alloc, .mode = CK_JITTER_STREAM};
    ck_jitter *j = NULL;
    CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
    for (int n = 0; n <= PLACES; n++) {
        feed(j, n * 20, 0, (uint64_t)n * 20);
    }
    CK_CHECK_EQ(ck_jitter_get_stats(j).packets_overflowed, 1);
    feed(j, (PLACES + 1) * 20, 0, (PLACES + 1) * 20);
    CK_CHECK_EQ(ck_jitter_get_stats(j).packets_overflowed, 1);
    CK_CHECK_EQ(ck_jitter_get_stats(j).buffered, PLACES + 1);
    ck_jitter_destroy(&j);
    CK_CHECK_EQ(heap.live, 0);
}

CK_TEST(jitter, refuses_what_is_out_of_range)
{
    static const struct {
        ck_jitter_config config;
    } rows[] = {
        {{.alloc = NULL, .mode = CK_JITTER_STREAM}},
        {{.alloc = &ck_test_heap}},
        {{.alloc = &ck_test_heap, .mode = 3}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .late_ppm = 99}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .late_ppm = 500001}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .max_delay_ms = 10001}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .min_delay_ms = 2001}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .packets_max = 1}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .packets_max = 8193}},
        {{.alloc = &ck_test_heap, .mode = CK_JITTER_STREAM, .sample_rate = 192001}},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_jitter *j = NULL;
        CK_CHECK_ROW(i, ck_jitter_create(&rows[i].config, 0, &j) == CHALK_ERR_INVALID_ARGUMENT);
    }
    static const struct {
        int64_t pts_us;
        uint32_t duration_us;
    } packets[] = {{0, 0}, {0, 1000001}, {(INT64_C(1) << 60) + 1, 1}, {-(INT64_C(1) << 60) - 1, 1}};
    ck_jitter *j = make(CK_JITTER_STREAM);
    for (size_t i = 0; i < CK_COUNT_OF(packets); i++) {
        ck_jitter_packet p = {.pts_us = packets[i].pts_us, .duration_us = packets[i].duration_us};
        CK_CHECK_ROW(i, ck_jitter_feed(j, &p, 0) == CHALK_ERR_INVALID_ARGUMENT);
    }
    ck_jitter_destroy(&j);
}

CK_TEST(jitter, survives_no_memory)
{
    for (size_t fail = 1; fail <= 2; fail++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail);
        const ck_jitter_config config = {.alloc = &heap.alloc, .mode = CK_JITTER_PACKETS};
        ck_jitter *j = NULL;
        CK_CHECK_ROW(fail, ck_jitter_create(&config, 0, &j) == CHALK_ERR_NO_MEMORY);
        CK_CHECK_ROW(fail, heap.live == 0);
    }
}
