/* The null source: black, silence, and each fault. */
#include "platform/null/null.h"

#include "support/calm.h"
#include "support/sink.h"

#define BOTH (1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO)

CK_TEST(null, black_and_silence)
{
    chalk_source_options options = {
        .kind = CHALK_SOURCE_NULL, .width = 320, .height = 180, .fps = 20};
    ck_test_sink *sink = ck_test_sink_create();
    ck_source *source = NULL;
    int32_t width = 0, height = 0;
    CK_CHECK_EQ(ck_null_source.open(&options, NULL, &source), CHALK_OK);
    CK_CHECK_EQ(ck_null_source.size(source, &width, &height), CHALK_OK);
    CK_CHECK_EQ(width, 320);
    CK_CHECK_EQ(height, 180);
    CK_CHECK_EQ(ck_null_source.start(source, BOTH, &sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_pictures(sink, 5, 2000));
    CK_CHECK(ck_test_sink_wait_blocks(sink, 20, 2000));
    ck_null_source.close(&source);
    const chalk_video_info *info = &sink->newest->info;
    for (int y = 0; y < 180; y++) {
        for (int x = 0; x < 320; x++) {
            CK_CHECK_EQ(info->planes[0][y * info->strides[0] + x], 16);
            CK_CHECK_EQ(info->planes[1][y / 2 * info->strides[1] + x / 2], 128);
            CK_CHECK_EQ(info->planes[2][y / 2 * info->strides[2] + x / 2], 128);
        }
    }
    for (size_t i = 0; i < sink->samples_count; i++) {
        CK_CHECK(sink->samples[i] == 0.0f);
    }
    ck_test_sink_destroy(&sink);
}

CK_TEST(null, faults_when_opening)
{
    static const struct {
        uint32_t fault;
        int status;
    } rows[] = {
        {CHALK_NULL_FAULT_NONE, CHALK_OK},
        {CHALK_NULL_FAULT_OPEN, CHALK_ERR_NO_DEVICE},
        {CHALK_NULL_FAULT_BUSY, CHALK_ERR_DEVICE_BUSY},
        {CHALK_NULL_FAULT_END, CHALK_OK},
        {CHALK_NULL_FAULT_END + 1, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {.kind = CHALK_SOURCE_NULL, .null_fault = rows[i].fault};
        ck_source *source = NULL;
        CK_CHECK_ROW(i, ck_null_source.open(&options, NULL, &source) == rows[i].status);
        CK_CHECK_ROW(i, (source != NULL) == (rows[i].status == CHALK_OK));
        ck_null_source.close(&source);
    }
}

typedef struct fault_run {
    ck_test_sink *sink;
    uint64_t started_us;
} fault_run;

static fault_run run_fault(uint32_t fault, uint32_t after_ms, unsigned run_ms)
{
    chalk_source_options options = {.kind = CHALK_SOURCE_NULL,
                                    .width = 144,
                                    .height = 144,
                                    .fps = 20,
                                    .null_fault = fault,
                                    .null_fault_after_ms = after_ms};
    ck_source *source = NULL;
    fault_run run = {ck_test_sink_create(), 0};
    CK_CHECK_EQ(ck_null_source.open(&options, NULL, &source), CHALK_OK);
    run.started_us = ck_clock_us();
    CK_CHECK_EQ(ck_null_source.start(source, BOTH, &run.sink->sink), CHALK_OK);
    ck_test_sleep_ms(run_ms);
    ck_null_source.close(&source);
    return run;
}

/* The longest time between two pictures, in ms. */
static uint64_t longest_gap_ms(const ck_test_sink *sink)
{
    uint64_t longest = 0;
    for (size_t i = 1; i < sink->pictures_count; i++) {
        uint64_t gap = sink->pictures[i].given_us - sink->pictures[i - 1].given_us;
        longest = gap > longest ? gap : longest;
    }
    return longest / 1000;
}

CK_CALM_TEST(null, faults_under_way)
{
    ck_calm_watch();
    static const struct {
        uint32_t fault;
        size_t notices;
        int what[2];
        int status[2];
        uint64_t at_ms[2];
        bool gap;  /* of about a second */
        bool ends; /* the pictures stop after 500 ms */
    } rows[] = {
        {CHALK_NULL_FAULT_NONE, 0, {0}, {0}, {0}, false, false},
        {CHALK_NULL_FAULT_LOST,
         2,
         {CK_SOURCE_LOST, CK_SOURCE_RECOVERED},
         {CHALK_ERR_NO_DEVICE, CHALK_OK},
         {500, 1500},
         false,
         false},
        {CHALK_NULL_FAULT_STALL, 0, {0}, {0}, {0}, true, false},
        {CHALK_NULL_FAULT_END, 1, {CK_SOURCE_ENDED}, {CHALK_ERR_END}, {500}, false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        fault_run run = run_fault(rows[i].fault, 500, 2000);
        const ck_test_sink *sink = run.sink;
        CK_CHECK_ROW(i, sink->notices_count == rows[i].notices);
        for (size_t n = 0; n < rows[i].notices; n++) {
            CK_CHECK_ROW(i, sink->notices[n].what == rows[i].what[n]);
            CK_CHECK_ROW(i, sink->notices[n].status == rows[i].status[n]);
            uint64_t at_ms = (sink->notices[n].given_us - run.started_us) / 1000;
            CK_CHECK_ROW(i, at_ms >= rows[i].at_ms[n]);
            CK_CALM_ROW(i, at_ms < rows[i].at_ms[n] + 300,
                        at_ms < rows[i].at_ms[n] + 300 + 3 * ck_calm_worst_ms());
        }
        uint64_t gap_ms = longest_gap_ms(sink);
        CK_CHECK_ROW(i, !rows[i].gap || gap_ms >= 900);
        CK_CALM_ROW(i, gap_ms < (rows[i].gap ? 1400u : 400u),
                    gap_ms < (rows[i].gap ? 1400u : 400u) + 3 * ck_calm_worst_ms());
        CK_CALM_ROW(i, rows[i].ends ? sink->pictures_count <= 12 : sink->pictures_count >= 18,
                    rows[i].ends ? sink->pictures_count <= 12 : sink->pictures_count >= 9);
        ck_test_sink_destroy(&run.sink);
    }
}
