#include "sim/trace.h"
#include "support/check.h"
#include "support/data.h"

#include "base/check.h"

#include <stdlib.h>

static ck_trace trace;

static bool parse(const char *text)
{
    return ck_trace_parse(&trace, (const uint8_t *)text, strlen(text));
}

CK_TEST(sim_trace, reads_each_kind)
{
    static const struct {
        const char *text;
        uint64_t span_us;
        uint64_t at_us, bps;
        uint32_t delay_us;
    } rows[] = {
        {"[\n  {\"duration_ms\": 1000, \"bandwidth_kbps\": 500, \"latency_ms\": 20},\n"
         "  {\"duration_ms\": 500, \"bandwidth_kbps\": 0, \"latency_ms\": 20}\n]\n",
         1500000, 1200000, 0, 20000},
        {"0.0\t0.5\n0.25\t2.25\n1.0\t7\n", 1000000, 300000, 2250000, 0},
        {"0\n0\n50\n100\n199\n250\n300\n", 300000, 150000, 240000, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, parse(rows[i].text));
        CK_CHECK_ROW(i, trace.span_us == rows[i].span_us);
        CK_CHECK_ROW(i, ck_trace_bps(&trace, rows[i].at_us) == rows[i].bps);
        CK_CHECK_ROW(i, ck_trace_bps(&trace, rows[i].at_us + 7 * rows[i].span_us) == rows[i].bps);
        CK_CHECK_ROW(i, trace.delay_us == rows[i].delay_us);
    }
}

CK_TEST(sim_trace, refuses_what_is_none)
{
    static const char *const rows[] = {
        "",
        "\n",
        "x",
        "[",
        "[{\"duration_ms\": 5}]",
        "0.0 1.0\n",
        "5\n3\n",
        "1\t2\n0.5\t2\n",
        "99999999999999999999\n",
        "[{\"duration_ms\": 0, \"bandwidth_kbps\": 1, \"latency_ms\": 1}]",
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, !parse(rows[i]));
    }
}

CK_TEST(sim_trace, wire_time_crosses_steps)
{
    CK_CHECK(parse("[{\"duration_ms\": 100, \"bandwidth_kbps\": 80, \"latency_ms\": 0},"
                   "{\"duration_ms\": 100, \"bandwidth_kbps\": 0, \"latency_ms\": 0},"
                   "{\"duration_ms\": 100, \"bandwidth_kbps\": 800, \"latency_ms\": 0}]"));
    CK_CHECK_EQ(ck_trace_wire_time(&trace, 0, 500), 50000);
    CK_CHECK_EQ(ck_trace_wire_time(&trace, 0, 1000), 100000);
    CK_CHECK_EQ(ck_trace_wire_time(&trace, 0, 2000), 210000);
    CK_CHECK_EQ(ck_trace_wire_time(&trace, 300000, 2000), 210000);
    CK_CHECK(parse("[{\"duration_ms\": 100, \"bandwidth_kbps\": 0, \"latency_ms\": 0}]"));
    CK_CHECK_EQ(ck_trace_wire_time(&trace, 0, 1), 60000000);
}

CK_TEST(sim_trace, reads_arrivals)
{
    static const char calls[] = "arrival_ms,seq,rtp_ts,marker,bytes\n"
                                "0.000,65535,4294967136,0,171\n158.380,0,160,1,133\n";
    static const uint8_t dump[] = "#!rtpplay1.0 /\n"
                                  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                                  "\0\x14\0\x0c\0\0\0\x05\x80\0\0\x07\0\0\0\xa0\0\0\0\x01"
                                  "\0\x14\0\x0c\0\0\0\x19\x80\0\0\x08\0\0\x01\x40\0\0\0\x01";
    ck_arrival got[4];
    CK_CHECK_EQ(ck_arrivals_parse(got, 4, (const uint8_t *)calls, sizeof calls - 1, 16000), 2);
    CK_CHECK_EQ(got[1].at_us, 158380);
    CK_CHECK_EQ(got[1].pts_us - got[0].pts_us, 20000);
    CK_CHECK_EQ(got[1].sequence, 0);
    CK_CHECK_EQ(got[1].bytes, 133);
    CK_CHECK_EQ(ck_arrivals_parse(got, 1, (const uint8_t *)calls, sizeof calls - 1, 16000), 1);
    CK_CHECK_EQ(ck_arrivals_parse(got, 4, dump, sizeof dump - 1, 8000), 2);
    CK_CHECK_EQ(got[1].at_us, 25000);
    CK_CHECK_EQ(got[1].pts_us - got[0].pts_us, 20000);
    CK_CHECK_EQ(ck_arrivals_parse(got, 4, dump, sizeof dump - 5, 8000), 0);
    CK_CHECK_EQ(ck_arrivals_parse(got, 4, dump, 10, 8000), 0);
}

/* The measured ones, where they are there. */
CK_TEST(sim_trace, reads_the_test_data)
{
    static const char *const rates[] = {
        "net/mahimahi/TMobile-LTE-short.down",
        "net/ghent-4g/report_bus_0001.json",
        "net/hsdpa-norway/report.2010-09-13_1003CEST.json",
        "net/fcc-sd-hd/trace0000.json",
        "net/puffer-2022/trace0AjTUPKpysJEHFtRgN9QD4_BYdy9n5OdzI19rn9kpsQ__1.txt",
    };
    for (size_t i = 0; i < CK_COUNT_OF(rates); i++) {
        size_t size = 0;
        uint8_t *data = ck_data_load(rates[i], &size);
        CK_CHECK_ROW(i, data == NULL || ck_trace_parse(&trace, data, size));
        CK_CHECK_ROW(i, data == NULL || trace.count > 10);
        free(data);
    }
    size_t size = 0;
    static ck_arrival got[2048];
    uint8_t *data = ck_data_load("net/call-arrivals/wa_voice_pt120_0.csv", &size);
    CK_CHECK(data == NULL || ck_arrivals_parse(got, 2048, data, size, 16000) == 62);
    free(data);
}
