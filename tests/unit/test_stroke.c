/* Strokes as bytes, and which of their points are kept. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/stroke/simplify.h"
#include "support/alloc.h"
#include "support/check.h"

#include <math.h>

static ck_stroke_point points[CK_STROKE_POINTS_MAX];
static ck_stroke_sample samples[CK_STROKE_POINTS_MAX];
static uint32_t scratch[2 * CK_STROKE_POINTS_MAX];

static void round_trip(uint64_t row, uint32_t count)
{
    ck_buf buf;
    ck_stroke_reader r;
    ck_stroke_point p;
    ck_buf_init(&buf, &ck_test_heap, 1 << 20);
    ck_stroke_encode(points, count, &buf);
    CK_CHECK_EQ(ck_buf_status(&buf), CHALK_OK);
    CK_CHECK_EQ(ck_stroke_read(&r, buf.data, buf.size), CHALK_OK);
    CK_CHECK_ROW(row, r.count == count);
    for (uint32_t i = 0; i < count; i++) {
        CK_CHECK_ROW(row, ck_stroke_next(&r, &p));
        CK_CHECK_ROW(row, p.x == points[i].x && p.y == points[i].y && p.width == points[i].width);
    }
    CK_CHECK_ROW(row, !ck_stroke_next(&r, &p));
    ck_buf_free(&buf);
}

CK_TEST(stroke, any_points_come_back)
{
    static const struct {
        uint32_t count, span, widths;
    } rows[] = {{1, 1, 1},       {2, 1, 16},     {2, 60000000, 1}, {40, 10, 16},     {40, 3, 1},
                {300, 1000, 16}, {4096, 20, 16}, {4096, 9, 1},     {4096, 10000, 16}};
    ck_rng rng;
    ck_rng_seed(&rng, 1);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        points[0] = (ck_stroke_point){0, 0, 7};
        for (uint32_t i = 1; i < rows[row].count; i++) {
            uint64_t span = 2 * (uint64_t)rows[row].span + 1;
            points[i].x = (int32_t)((int64_t)ck_rng_below(&rng, span) - rows[row].span) / 2;
            points[i].y = (int32_t)((int64_t)ck_rng_below(&rng, span) - rows[row].span) / 2;
            points[i].width = (uint8_t)ck_rng_below(&rng, rows[row].widths);
        }
        round_trip(row, rows[row].count);
    }
}

CK_TEST(stroke, bytes_of_no_stroke_are_refused)
{
    ck_stroke_reader r;
    uint8_t many[4000];
    memset(many, 0xff, sizeof many); /* a count beyond all bounds */
    CK_CHECK_EQ(ck_stroke_read(&r, many, sizeof many), CHALK_ERR_TOO_LARGE);
    /* Few bytes that say many points. */
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 100);
    ck_range_encoder e;
    ck_number_model counts;
    ck_number_model_init(&counts, CK_STROKE_COUNT_CLASS);
    ck_range_encode_init(&e, &buf);
    ck_number_put(&e, &counts, 4000);
    ck_range_encode_end(&e);
    CK_CHECK_EQ(ck_buf_status(&buf), CHALK_OK);
    CK_CHECK_EQ(ck_stroke_read(&r, buf.data, buf.size), CHALK_ERR_BAD_DATA);
    ck_buf_free(&buf);
    /* Nothing at all is one point. */
    CK_CHECK_EQ(ck_stroke_read(&r, NULL, 0), CHALK_OK);
}

CK_TEST(stroke, a_point_too_far_away_ends_the_reading)
{
    ck_buf buf;
    ck_range_encoder e;
    ck_delta_model model;
    ck_number_model counts;
    ck_stroke_reader r;
    ck_stroke_point p;
    ck_buf_init(&buf, &ck_test_heap, 100);
    ck_range_encode_init(&e, &buf);
    ck_number_model_init(&counts, CK_STROKE_COUNT_CLASS);
    ck_delta_model_init(&model);
    ck_number_put(&e, &counts, 2);
    ck_range_put_even(&e, 0, 5);
    ck_delta_put(&e, &model, CK_STROKE_SPAN_MAX - 1, 0);
    ck_delta_put(&e, &model, 1, 0);
    ck_range_encode_end(&e);
    CK_CHECK_EQ(ck_stroke_read(&r, buf.data, buf.size), CHALK_OK);
    while (ck_stroke_next(&r, &p)) {
        CK_CHECK(p.x < CK_STROKE_SPAN_MAX);
    }
    CK_CHECK_EQ(r.given, 2);
    CK_CHECK_EQ(r.count, 3);
    ck_buf_free(&buf);
}

static double off_by(const ck_stroke_sample *s, const ck_stroke_point *a, const ck_stroke_point *b,
                     const ck_stroke_point *origin, double step)
{
    double ax = (a->x + origin->x) * step, ay = (a->y + origin->y) * step;
    double dx = (b->x - a->x) * step, dy = (b->y - a->y) * step, length = dx * dx + dy * dy;
    double t = length > 0 ? CK_CLAMP(((s->x - ax) * dx + (s->y - ay) * dy) / length, 0.0, 1.0) : 0;
    return hypot(s->x - ax - t * dx, s->y - ay - t * dy);
}

/* Straight, waving, noisy: no sample is further from the line than the tolerance. */
CK_TEST(simplify, stays_within_the_tolerance)
{
    static const struct {
        double wave, noise;
        uint32_t unit;
        uint32_t most; /* points kept of 1,000 */
    } rows[] = {
        {0, 0, 4, 2}, {300, 0, 4, 100}, {300, 0, 0, 100}, {3000, 40, 3, 900}, {0, 8, 4, 40}};
    ck_rng rng;
    ck_rng_seed(&rng, 3);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        for (uint32_t i = 0; i < 1000; i++) {
            samples[i].x = -20000 + (int32_t)(40 * i);
            samples[i].y =
                (int32_t)(rows[row].wave * sin(i / 40.0) + rows[row].noise * ck_rng_unit(&rng));
            samples[i].width = 120;
        }
        const ck_simplify_config config = {16, 30, rows[row].unit};
        ck_stroke_point origin;
        uint32_t kept = ck_stroke_simplify(&config, samples, 1000, points, &origin, scratch);
        CK_CHECK_ROW(row, kept >= 2 && kept <= rows[row].most);
        for (uint32_t i = 0; i < 1000; i++) {
            double best = 1e9;
            for (uint32_t k = 1; k < kept; k++) {
                double off = off_by(&samples[i], &points[k - 1], &points[k], &origin,
                                    (double)(1u << rows[row].unit));
                best = CK_MIN(best, off);
            }
            CK_CHECK_ROW(row, best <= 16.001);
        }
    }
}

CK_TEST(simplify, widths_that_change_are_kept)
{
    for (uint32_t i = 0; i < 100; i++) {
        samples[i] = (ck_stroke_sample){(int32_t)(64 * i), 0, (uint8_t)(i < 50 ? 40 : 200)};
    }
    const ck_simplify_config config = {16, 30, 4};
    ck_stroke_point origin;
    uint32_t kept = ck_stroke_simplify(&config, samples, 100, points, &origin, scratch);
    CK_CHECK(kept >= 4 && kept < 12);
    CK_CHECK_EQ(points[kept - 1].width, 13);
    /* A dot is a point. */
    CK_CHECK_EQ(ck_stroke_simplify(&config, samples, 1, points, &origin, scratch), 1);
}

CK_TEST(simplify, rounds_to_the_nearest_unit_on_both_sides_of_zero)
{
    static const struct {
        int32_t value;
        uint32_t unit;
        int32_t rounded;
    } rows[] = {{0, 4, 0},    {7, 4, 0},    {8, 4, 1},   {-8, 4, 0},   {-9, 4, -1},
                {-24, 4, -1}, {-25, 4, -2}, {33, 0, 33}, {-33, 0, -33}};
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        CK_CHECK_ROW(row, ck_stroke_round(rows[row].value, rows[row].unit) == rows[row].rounded);
    }
}
