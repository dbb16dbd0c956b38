/* The arithmetic of rate control and of the sound's time line. */
#include "support/check.h"

#include "chalkrail/errors.h"
#include "codec/rate.h"
#include "codec/sound_line.h"

#include <math.h>

/* An ideal encoder: `cost` bits at quality 20, half for every 6 steps. */
static size_t ideal_bytes(double quality, double cost)
{
    return (size_t)(cost * pow(2.0, (20.0 - quality) / 6.0) / 8.0);
}

typedef struct rate_row {
    uint32_t kbps;
    int64_t gap_us; /* between pictures, alternating with `gap_us * ratio` */
    double ratio;
    double cost; /* bits of a picture at quality 20 */
} rate_row;

static const rate_row rate_rows[] = {
    {1000, 66667, 1, 400000},  {1000, 66667, 1, 90000},    {1000, 33333, 5, 300000},
    {1000, 200000, 1, 900000}, {300, 66667, 1, 60000},     {4000, 16667, 1, 1000000},
    {1000, 20000, 20, 600000}, {1000, 500000, 1, 1500000},
};

CK_TEST(codec_rate, hard_material_settles_at_the_rate)
{
    for (size_t i = 0; i < sizeof(rate_rows) / sizeof(rate_rows[0]); i++) {
        const rate_row *row = &rate_rows[i];
        ck_rate rate;
        ck_rate_init(&rate, 20, 50, 1000, row->kbps);
        int64_t pts = 0, measured_from = 0;
        double bits = 0, highest = 0;
        for (int n = 0; pts < 20000000; n++) {
            const size_t size = ideal_bytes(ck_rate_quality(&rate, pts), row->cost);
            ck_rate_spend(&rate, size);
            if (pts >= 10000000) {
                measured_from = measured_from == 0 ? pts : measured_from;
                bits += 8.0 * (double)size;
                highest = fmax(highest, rate.used);
            }
            pts += n % 2 == 0 ? row->gap_us : (int64_t)((double)row->gap_us * row->ratio);
        }
        const double kbps = bits / ((double)(pts - measured_from) / 1000.0);
        CK_CHECK_ROW(i, kbps > 0.9 * row->kbps && kbps < 1.08 * row->kbps);
        /* Settled, the window is never full: that would be delay. */
        CK_CHECK_ROW(i, highest < 0.8 * 1000.0 * row->kbps);
    }
}

CK_TEST(codec_rate, easy_material_has_the_best_quality)
{
    ck_rate rate;
    ck_rate_init(&rate, 20, 50, 1000, 1000);
    for (int n = 0; n < 100; n++) {
        const double quality = ck_rate_quality(&rate, n * INT64_C(66667));
        CK_CHECK(quality < 21.0);
        ck_rate_spend(&rate, 1000);
    }
}

CK_TEST(codec_rate, a_rest_makes_up_for_a_busy_time)
{
    ck_rate rate;
    ck_rate_init(&rate, 20, 34, 1500, 1000);
    int64_t pts = 0;
    for (int n = 0; n < 150; n++, pts += 66667) {
        ck_rate_spend(&rate, ideal_bytes(ck_rate_quality(&rate, pts), 500000));
    }
    CK_CHECK(ck_rate_quality(&rate, pts) > 30.0);
    /* Three windows of debt are remembered, and have to be sent first. */
    CK_CHECK(ck_rate_quality(&rate, pts + 6000000) < 20.5);
}

CK_TEST(codec_rate, a_new_rate_counts_from_the_next_picture)
{
    ck_rate rate;
    ck_rate_init(&rate, 20, 50, 1000, 1000);
    CK_CHECK_EQ(ck_rate_window_bits(&rate), 1000000);
    ck_rate_quality(&rate, 0);
    ck_rate_spend(&rate, 50000);
    const double slow = ck_rate_quality(&rate, 1);
    ck_rate_set(&rate, 4000);
    CK_CHECK_EQ(ck_rate_window_bits(&rate), 4000000);
    CK_CHECK(ck_rate_quality(&rate, 2) < slow - 3.0);
    ck_rate_set(&rate, 0); /* never divides by nothing */
    CK_CHECK(isfinite(ck_rate_quality(&rate, 3)));
    CK_CHECK(ck_rate_quality(&rate, 4) <= 50.0);
}

typedef struct line_row {
    int64_t pts_us; /* of a block of 480 samples, after one second was counted from 5,000,000 */
    int status;
    uint32_t silence, skip;
    bool restart;
} line_row;

static const line_row line_rows[] = {
    {6000000, CHALK_OK, 0, 0, false},
    {6040000, CHALK_OK, 0, 0, false},
    {5960000, CHALK_OK, 0, 0, false},
    {6050000, CHALK_OK, 2400, 0, false},
    {8000000, CHALK_OK, 96000, 0, false},
    {8000001, CHALK_OK, 0, 0, true},
    {INT64_C(1) << 50, CHALK_OK, 0, 0, true},
    {5950000, CHALK_OK, 0, 480, false}, /* more overlap than the block has */
    {5959000, CHALK_OK, 0, 480, false},
    {4000000, CHALK_OK, 0, 480, false},
    {3999999, CHALK_ERR_INVALID_ARGUMENT, 0, 0, false},
};

CK_TEST(codec_rate, sound_line_fits_blocks)
{
    for (size_t i = 0; i < sizeof(line_rows) / sizeof(line_rows[0]); i++) {
        const line_row *row = &line_rows[i];
        ck_sound_line line = {.rate = 48000};
        ck_sound_fit fit;
        CK_CHECK_EQ(ck_sound_line_fit(&line, 5000000, 480, &fit), CHALK_OK);
        ck_sound_line_count(&line, 48000);
        CK_CHECK_ROW(i, ck_sound_line_fit(&line, row->pts_us, 480, &fit) == row->status);
        CK_CHECK_ROW(i, fit.silence == row->silence);
        CK_CHECK_ROW(i, fit.skip == row->skip);
        CK_CHECK_ROW(i, fit.restart == row->restart);
        CK_CHECK_ROW(i, ck_sound_line_next_us(&line) == 6000000);
    }
}

CK_TEST(codec_rate, sound_line_cuts_a_long_overlap_partly)
{
    ck_sound_line line = {.rate = 48000};
    ck_sound_fit fit;
    ck_sound_line_restart(&line, 0);
    ck_sound_line_count(&line, 48000);
    CK_CHECK_EQ(ck_sound_line_fit(&line, 900000, 9600, &fit), CHALK_OK);
    CK_CHECK_EQ(fit.skip, 4800);
}
