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

CK_TEST(live, samples_come_back_in_one_chunk_or_several)
{
    ck_rng rng;
    ck_live_sample samples[CK_LIVE_SAMPLES], read;
    ck_rng_seed(&rng, 5);
    for (uint32_t i = 0; i < CK_LIVE_SAMPLES; i++) {
        samples[i] = (ck_live_sample){
            .x = (int32_t)ck_rng_below(&rng, 8000) - 4000,
            .y = (int32_t)ck_rng_below(&rng, 8000) - 4000,
            .width = (uint8_t)ck_rng_below(&rng, 16),
            .what = (uint8_t)(i % 20 == 0    ? CK_LIVE_DOWN
                              : i % 20 == 19 ? CK_LIVE_UP
                                             : 0),
            .at_ms = i * 17 + (uint32_t)ck_rng_below(&rng, 10),
            .style = ink,
        };
    }
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 10000);
    ck_live_write(samples, 90, 1000, 7, &out);
    ck_live_write(samples + 90, CK_LIVE_SAMPLES - 90, 1090, 11, &out);
    CK_CHECK_EQ(ck_buf_status(&out), CHALK_OK);
    ck_live_reader r = ck_live_reader_of(out.data, out.size);
    for (uint32_t i = 0; i < CK_LIVE_SAMPLES; i++) {
        CK_CHECK_ROW(i, ck_live_read(&r, &read) == 1);
        CK_CHECK_ROW(i, r.number == 1001 + i && r.stroke == 7 + i / 20);
        CK_CHECK_ROW(i, read.x == samples[i].x && read.y == samples[i].y);
        CK_CHECK_ROW(i, read.at_ms == samples[i].at_ms && read.what == samples[i].what);
        CK_CHECK_ROW(i, read.width == samples[i].width);
        CK_CHECK_ROW(i, !(read.what & CK_LIVE_DOWN) || read.style.colour == ink.colour);
    }
    CK_CHECK_EQ(ck_live_read(&r, &read), 0);
    ck_buf_free(&out);
}

CK_TEST(live, bytes_of_no_chunk_are_refused)
{
    static const struct {
        const char *bytes;
        size_t size;
    } rows[] = {{"\xff\xff\xff\xff\xff", 5},
                {"\5\1", 2},
                {"\2\1\1", 3},
                {"\x0a\1\1\1\1\xff\xff\xff\xff\x0f\0", 11},
                {"\x0c\1\1\1\1\1\1\xff\xff\xff\xff\xff\xff", 13}};
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_live_reader r = ck_live_reader_of(rows[row].bytes, rows[row].size);
        ck_live_sample sample;
        int status;
        uint32_t count = 0;
        while ((status = ck_live_read(&r, &sample)) > 0 && count <= CK_LIVE_SAMPLES) {
            count++;
        }
        CK_CHECK_ROW(row, status == CHALK_ERR_BAD_DATA);
        CK_CHECK_ROW(row, ck_live_read(&r, &sample) == CHALK_ERR_BAD_DATA);
    }
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
                CK_CHECK_ROW(row, !s.jumps);
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

CK_TEST(pace, what_comes_twice_or_not_at_all_is_known)
{
    ck_live_sample samples[40];
    ck_pace_sample s;
    for (uint32_t i = 0; i < 40; i++) {
        samples[i] = (ck_live_sample){.x = (int32_t)i,
                                      .width = 8,
                                      .at_ms = 10 * i,
                                      .what = i == 0 ? CK_LIVE_DOWN : 0,
                                      .style = ink};
    }
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 10000);
    ck_pace_init(&pace);
    ck_live_write(samples, 20, 0, 1, &out);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1000000), CHALK_OK);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1000000), CHALK_OK);
    ck_buf_clear(&out);
    ck_live_write(samples + 30, 10, 30, 1, &out);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1100000), CHALK_OK);
    uint32_t count = 0, jumps = 0;
    for (uint64_t now = 1100000; now < 4000000; now += FRAME_US) {
        while (ck_pace_next(&pace, now, &s)) {
            count++;
            jumps += s.jumps;
            CK_CHECK_EQ(s.live.style.colour, ink.colour);
        }
    }
    CK_CHECK_EQ(count, 30);
    CK_CHECK_EQ(jumps, 1);
    CK_CHECK(ck_pace_tip(&pace, &s));
    ck_pace_drop(&pace, 1);
    CK_CHECK(!ck_pace_tip(&pace, &s));
    ck_buf_free(&out);
}

/* The stroke's beginning was missed: its style is not known, so it is not shown. */
CK_TEST(pace, a_stroke_without_its_beginning_waits_for_the_finished_one)
{
    const ck_live_sample samples[2] = {{.x = 1, .width = 8}, {.x = 2, .width = 8, .at_ms = 10}};
    ck_pace_sample s;
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 10000);
    ck_pace_init(&pace);
    ck_live_write(samples, 2, 50, 3, &out);
    CK_CHECK_EQ(ck_pace_feed(&pace, out.data, out.size, 1000000), CHALK_OK);
    CK_CHECK(!ck_pace_next(&pace, 5000000, &s));
    ck_buf_free(&out);
}
