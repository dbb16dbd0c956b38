/* From a hand to another's screen: the pen live and paced, its finished strokes. */
#include "base/check.h"
#include "base/rng.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/drawing/pen.h"
#include "core/stroke/pace.h"
#include "support/alloc.h"
#include "support/check.h"

#include <math.h>
#include <string.h>

#define SAMPLE_US 16667u
#define FRAME_US  16667u

static ck_pen pen;
static ck_pace pace;
static const ck_live_style ink = {
    .page = 1, .tool = CK_BOARD_PEN, .colour = 0xff1971c2, .width = 192};

static void begin(uint32_t live_us)
{
    const ck_pen_config config = {.alloc = &ck_test_heap, .live_us = live_us};
    CK_CHECK_EQ(ck_pen_init(&pen, &config), CHALK_OK);
    ck_pace_init(&pace);
}

/* A hand that writes loops, 200 px a second. */
static void hand(uint64_t us, int32_t *x, int32_t *y)
{
    double t = (double)us / CK_US_PER_S;
    *x = (int32_t)(64 * (100 * t + 20 * sin(9 * t)));
    *y = (int32_t)(64 * (300 + 20 * cos(9 * t)));
}

/* So long a stroke; `now` goes on. */
static void write_stroke(uint64_t *now, uint64_t us)
{
    int32_t x, y;
    hand(*now, &x, &y);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, x, y, 0.5, *now), CHALK_OK);
    for (uint64_t end = *now + us; *now + SAMPLE_US < end;) {
        *now += SAMPLE_US;
        hand(*now, &x, &y);
        CK_CHECK_EQ(ck_pen_move(&pen, x, y, 0.5, *now), CHALK_OK);
    }
    *now += SAMPLE_US;
    CK_CHECK_EQ(ck_pen_up(&pen, x, y, 0.5, *now), CHALK_OK);
}

/* Strokes of 20 samples; numbers from 250 on, so that their low bits go round. */
static ck_live_sample drawn[CK_LIVE_SAMPLES];

static void draw_samples(void)
{
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    for (uint32_t i = 0; i < CK_LIVE_SAMPLES; i++) {
        drawn[i] = (ck_live_sample){
            .x = (int32_t)ck_rng_below(&rng, 8000) - 4000,
            .y = (int32_t)ck_rng_below(&rng, 8000) - 4000,
            .width = (uint8_t)ck_rng_below(&rng, 16),
            .what = (uint8_t)(i % 20 == 0    ? CK_LIVE_DOWN
                              : i % 20 == 19 ? CK_LIVE_UP
                                             : 0),
            .at_ms = i * 17 + (uint32_t)ck_rng_below(&rng, 10),
        };
    }
    drawn[0].at_ms = 0;
}

static void put(ck_buf *out, uint32_t from, uint32_t to)
{
    const ck_live_chunk chunk = {.first = 250 + from,
                                 .stroke = 7 + from / 20,
                                 .before = from > 0 ? &drawn[from - 1] : NULL,
                                 .style = from % 40 == 0 ? &ink : NULL};
    ck_live_write(&chunk, drawn + from, to - from, out);
}

CK_TEST(live, samples_come_back_chunk_by_chunk)
{
    static ck_live_reader r;
    ck_live_sample read;
    ck_buf out;
    draw_samples();
    memset(&r, 0, sizeof r);
    ck_buf_init(&out, &ck_test_heap, 10000);
    for (uint32_t from = 0; from < CK_LIVE_SAMPLES; from += from % 20 == 0 ? 8 : 12) {
        put(&out, from, CK_MIN(from + (from % 20 == 0 ? 8u : 12u), CK_LIVE_SAMPLES));
    }
    CK_CHECK_EQ(ck_buf_status(&out), CHALK_OK);
    ck_live_begin(&r, out.data, out.size);
    for (uint32_t i = 0; i < CK_LIVE_SAMPLES; i++) {
        CK_CHECK_ROW(i, ck_live_read(&r, &read) == 1);
        CK_CHECK_ROW(i, r.stroke == 7 + i / 20 && r.style.colour == ink.colour);
        CK_CHECK_ROW(i, read.x == drawn[i].x && read.y == drawn[i].y);
        CK_CHECK_ROW(i, read.at_ms == drawn[i].at_ms && read.what == drawn[i].what);
        CK_CHECK_ROW(i, read.width == drawn[i].width);
    }
    CK_CHECK_EQ(ck_live_read(&r, &read), 0);
    CK_CHECK_EQ(r.missed, 0);
    ck_buf_free(&out);
}

CK_TEST(live, what_builds_on_a_chunk_that_did_not_come_is_passed_over)
{
    static ck_live_reader r;
    ck_live_sample read;
    ck_buf out;
    draw_samples();
    memset(&r, 0, sizeof r);
    ck_buf_init(&out, &ck_test_heap, 10000);
    put(&out, 0, 8);
    put(&out, 0, 8); /* twice */
    put(&out, 12, 20);
    put(&out, 20, 30);
    put(&out, 40, 50);
    ck_live_begin(&r, out.data, out.size);
    uint32_t count = 0;
    while (ck_live_read(&r, &read) == 1) {
        CK_CHECK_EQ(read.x, drawn[count < 8 ? count : count + 32].x);
        count++;
    }
    CK_CHECK_EQ(count, 18);
    CK_CHECK_EQ(r.missed, 2);
    ck_buf_free(&out);
}

CK_TEST(live, bytes_of_no_chunk_are_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {{"\xff\xff\xff\xff\xff", 5}, {"\5\1", 2}, {"\0", 1}};
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        static ck_live_reader r;
        ck_live_sample sample;
        int status;
        uint32_t count = 0;
        memset(&r, 0, sizeof r);
        ck_live_begin(&r, rows[row].bytes, rows[row].size);
        while ((status = ck_live_read(&r, &sample)) > 0 && count <= CK_LIVE_SAMPLES) {
            count++;
        }
        CK_CHECK_ROW(row, status == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(row, ck_live_read(&r, &sample) == 0);
    }
}

CK_TEST(live, a_pen_out_of_the_world_is_refused)
{
    static ck_live_reader r;
    const ck_live_sample far = {.x = CK_LIVE_COORD_MAX + 1, .what = CK_LIVE_DOWN, .width = 8};
    const ck_live_sample near = {.x = CK_LIVE_COORD_MAX, .what = CK_LIVE_DOWN, .width = 8};
    const ck_live_chunk chunk = {.style = &ink}, next = {.first = 1, .style = &ink};
    ck_live_sample read;
    ck_buf out;
    memset(&r, 0, sizeof r);
    ck_buf_init(&out, &ck_test_heap, 1000);
    ck_live_write(&chunk, &near, 1, &out);
    ck_live_write(&next, &far, 1, &out);
    ck_live_begin(&r, out.data, out.size);
    CK_CHECK(ck_live_read(&r, &read) == 1 && read.x == CK_LIVE_COORD_MAX);
    CK_CHECK_EQ(ck_live_read(&r, &read), CHALK_ERR_BAD_DATA);
    ck_buf_free(&out);
}

CK_TEST(pen, strokes_wait_for_each_other)
{
    ck_board_op op;
    uint64_t now = 1000000;
    begin(0);
    for (int i = 0; i < 3; i++) {
        write_stroke(&now, 300000);
        CK_CHECK(!ck_pen_poll_draw(&pen, now, &op));
        now += 200000;
    }
    uint64_t deadline = ck_pen_next_deadline(&pen);
    CK_CHECK(deadline <= now + CK_PEN_HOLD_US);
    now += CK_PEN_HOLD_US;
    CK_CHECK(ck_pen_poll_draw(&pen, now, &op));
    CK_CHECK_EQ(op.live, 1);
    ck_board_strokes strokes = ck_board_strokes_of(op.rest);
    ck_bytes points;
    for (int i = 0; i < 3; i++) {
        CK_CHECK_ROW(i, ck_board_next_stroke(&strokes, &points));
    }
    CK_CHECK(!ck_board_next_stroke(&strokes, &points));
    CK_CHECK(!ck_pen_poll_draw(&pen, now, &op));
    ck_pen_free(&pen);
}

CK_TEST(pen, a_flush_another_style_or_age_end_the_waiting)
{
    ck_board_op op;
    ck_live_style red = ink;
    uint64_t now = 1000000;
    red.colour = 0xffff0000;
    begin(0);
    write_stroke(&now, 100000);
    ck_pen_flush(&pen);
    CK_CHECK(ck_pen_poll_draw(&pen, now, &op));
    write_stroke(&now, 100000);
    CK_CHECK_EQ(ck_pen_down(&pen, &red, 1.0, 0, 0, -1.0, now), CHALK_OK);
    CK_CHECK_EQ(ck_pen_up(&pen, 640, 0, -1.0, now + 10000), CHALK_OK);
    CK_CHECK(ck_pen_poll_draw(&pen, now, &op) && op.colour == ink.colour);
    CK_CHECK(!ck_pen_poll_draw(&pen, now, &op));
    uint64_t since = now;
    while (!ck_pen_poll_draw(&pen, now, &op)) {
        CK_CHECK(now - since <= CK_PEN_AGE_US + 1000000);
        now += 20000;
    }
    CK_CHECK(op.colour == 0xffff0000);
    ck_pen_free(&pen);
}

CK_TEST(pen, long_strokes_go_on_as_others_and_all_fit_an_operation)
{
    ck_rng rng;
    ck_board_op op;
    uint64_t now = 1000000;
    size_t strokes = 0;
    ck_rng_seed(&rng, 2);
    begin(0);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, 0, 0, 0.5, now), CHALK_OK);
    for (int i = 0; i < 5000; i++) {
        now += 8000;
        int32_t x = (int32_t)ck_rng_below(&rng, 60000), y = (int32_t)ck_rng_below(&rng, 60000);
        CK_CHECK_EQ(ck_pen_move(&pen, x, y, ck_rng_unit(&rng), now), CHALK_OK);
    }
    CK_CHECK_EQ(ck_pen_up(&pen, 0, 0, 0.5, now), CHALK_OK);
    ck_pen_flush(&pen);
    while (ck_pen_poll_draw(&pen, now, &op)) {
        ck_buf bytes;
        ck_buf_init(&bytes, &ck_test_heap, 1 << 20);
        op.term = 1;
        ck_board_op_write(&op, &bytes);
        CK_CHECK_EQ(ck_board_op_read(ck_bytes_of(bytes.data, bytes.size), &op), CK_REASON_NONE);
        CK_CHECK(bytes.size <= 4096);
        ck_board_strokes walk = ck_board_strokes_of(op.rest);
        for (ck_bytes points; ck_board_next_stroke(&walk, &points);) {
            strokes++;
        }
        ck_buf_free(&bytes);
    }
    CK_CHECK_EQ(strokes, 6);
    ck_pen_free(&pen);
}

CK_TEST(pen, wrong_calls_are_told)
{
    begin(0);
    CK_CHECK_EQ(ck_pen_move(&pen, 0, 0, 0, 1), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_pen_up(&pen, 0, 0, 0, 1), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, INT32_MAX, 0, 0, 1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, NAN, 0, 0, 0, 1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, 0, 0, NAN, 1), CHALK_OK);
    CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, 0, 0, 0, 1), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_pen_up(&pen, INT32_MAX, INT32_MIN, 2.0, 1), CHALK_OK);
    ck_pen_free(&pen);
}

typedef struct message {
    uint8_t data[CK_LIVE_BYTES];
    size_t size;
    uint64_t arrives_us;
} message;

/* Four chunks a second, over a network that delays each by up to so much: the pen moves with every
 * frame, and never further than a hand does in a few frames. */
CK_TEST(pace, a_pen_moves_smoothly_at_four_chunks_a_second)
{
    static const uint32_t delays_us[] = {0, 20000, 120000};
    static message messages[400];
    for (size_t row = 0; row < CK_COUNT_OF(delays_us); row++) {
        ck_rng rng;
        uint32_t sent = 0, got = 0, moved = 0, frames = 0, most = 0;
        ck_rng_seed(&rng, row);
        begin(250000);
        int32_t x, y, last_x = 0, last_y = 0;
        uint64_t start = 1000000, sampled = start;
        hand(start, &x, &y);
        CK_CHECK_EQ(ck_pen_down(&pen, &ink, 1.0, x, y, 0.5, start), CHALK_OK);
        for (uint64_t now = start; now < start + 8000000; now += FRAME_US) {
            for (; sampled + SAMPLE_US <= now; sampled += SAMPLE_US) {
                hand(sampled, &x, &y);
                CK_CHECK_EQ(ck_pen_move(&pen, x, y, 0.5, sampled), CHALK_OK);
            }
            ck_buf out;
            ck_buf_init(&out, &ck_test_heap, CK_LIVE_BYTES);
            if (ck_pen_poll_live(&pen, now, &out)) {
                CK_CHECK_EQ(ck_buf_status(&out), CHALK_OK);
                message *m = &messages[sent++ % CK_COUNT_OF(messages)];
                memcpy(m->data, out.data, out.size);
                m->size = out.size;
                m->arrives_us = now + 40000 + ck_rng_below(&rng, delays_us[row] + 1);
            }
            ck_buf_free(&out);
            for (; got < sent && messages[got].arrives_us <= now; got++) {
                CK_CHECK_EQ(ck_pace_feed(&pace, messages[got].data, messages[got].size, now),
                            CHALK_OK);
            }
            ck_pace_sample s;
            while (ck_pace_next(&pace, now, &s)) {
                CK_CHECK_ROW(row, !s.jumps && s.style.colour == ink.colour);
            }
            if (ck_pace_tip(&pace, &s) && now > start + 1500000) {
                uint32_t step = (uint32_t)(hypot(s.live.x - last_x, s.live.y - last_y) / 4);
                moved += s.live.x != last_x || s.live.y != last_y;
                frames++;
                most = CK_MAX(most, step);
            }
            last_x = s.live.x;
            last_y = s.live.y;
        }
        CK_CHECK_ROW(row, frames > 300 && moved > frames * 8 / 10); /* of 60 a second */
        CK_CHECK_ROW(row, most <= 14); /* px; the hand moves 5 a frame at most */
        ck_pen_free(&pen);
    }
}

static uint32_t show_until(uint64_t from_us, uint64_t to_us)
{
    ck_pace_sample s;
    uint32_t count = 0;
    for (uint64_t now = from_us; now < to_us; now += FRAME_US) {
        while (ck_pace_next(&pace, now, &s)) {
            count++;
            CK_CHECK_EQ(s.style.colour, ink.colour);
        }
    }
    return count;
}

CK_TEST(pace, a_finished_stroke_takes_the_place_of_the_live_one)
{
    ck_pace_sample s;
    ck_buf out;
    draw_samples();
    ck_pace_init(&pace);
    ck_buf_init(&out, &ck_test_heap, 10000);
    put(&out, 0, 20);
    put(&out, 20, 30);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1000000), CHALK_OK);
    CK_CHECK_EQ(show_until(1000000, 4000000), 30);
    CK_CHECK(ck_pace_tip(&pace, &s) && s.stroke == 8);
    ck_pace_drop(&pace, 8);
    CK_CHECK(!ck_pace_tip(&pace, &s));
    ck_buf_clear(&out);
    put(&out, 30, 40); /* late: the finished one is there */
    put(&out, 40, 60);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 4000000), CHALK_OK);
    CK_CHECK_EQ(show_until(4000000, 6000000), 20);
    ck_buf_free(&out);
}

/* Who comes late does not know the style yet: nothing is shown until it is told. */
CK_TEST(pace, a_stroke_of_unknown_style_waits_for_the_finished_one)
{
    ck_buf out;
    draw_samples();
    ck_pace_init(&pace);
    ck_buf_init(&out, &ck_test_heap, 10000);
    put(&out, 20, 40);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1000000), CHALK_OK);
    CK_CHECK_EQ(show_until(1000000, 4000000), 0);
    ck_buf_free(&out);
}
