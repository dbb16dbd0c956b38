/* Chunk headers to and from bytes: the specification's examples, limits, extended timestamps. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/chunk.h"
#include "core/rtmp/dechunk.h"
#include "rtmp_pair.h"
#include "support/alloc.h"
#include "support/check.h"

static const uint8_t payload[307] = {1, 2, 3};

/* RTMP 1.0, 5.3.2.1: four audio messages of 32 bytes on chunk stream 3, stream 12345. */
CK_TEST(rtmp_chunk, specification_example_1)
{
    static const struct {
        uint32_t timestamp_ms;
        size_t size;
        uint8_t header[12];
    } rows[] = {
        {1000, 12, {0x03, 0x00, 0x03, 0xe8, 0x00, 0x00, 0x20, 0x08, 0x39, 0x30, 0x00, 0x00}},
        {1020, 4, {0x83, 0x00, 0x00, 0x14}},
        {1040, 1, {0xc3}},
        {1060, 1, {0xc3}},
    };
    ck_rtmp_chunk_out c = {.id = 3};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t out[CK_RTMP_CHUNK_HEADER_MAX];
        size_t size = ck_rtmp_chunk_begin(&c, 8, 12345, rows[i].timestamp_ms, 32, out);
        CK_CHECK_ROW(i, size == rows[i].size);
        CK_CHECK_ROW(i, memcmp(out, rows[i].header, size) == 0);
    }
}

/* 5.3.2.2: one video message of 307 bytes in chunks of 128: 140, 129 and 52 bytes. */
CK_TEST(rtmp_chunk, specification_example_2)
{
    static const uint8_t first[12] = {0x04, 0x00, 0x03, 0xe8, 0x00, 0x01,
                                      0x33, 0x09, 0x3a, 0x30, 0x00, 0x00};
    ck_rtmp_chunk_out c = {.id = 4};
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 4096);
    rtmp_put_message(&b, &c, 9, 12346, 1000, payload, sizeof payload, 128);
    CK_CHECK_EQ(b.size, 140 + 129 + 52);
    CK_CHECK_MEM(b.data, first, sizeof first);
    CK_CHECK_EQ(b.data[140], 0xc4);
    CK_CHECK_EQ(b.data[140 + 129], 0xc4);
    ck_buf_free(&b);
}

/* A receiver that takes the specification at its word needs the time again in each chunk. */
CK_TEST(rtmp_chunk, extended_timestamp_is_repeated)
{
    static const uint8_t expected[5] = {0xc6, 0x01, 0x02, 0x03, 0x04};
    ck_rtmp_chunk_out c = {.id = 6};
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 4096);
    rtmp_put_message(&b, &c, 9, 1, 0x01020304, payload, sizeof payload, 128);
    CK_CHECK_EQ(b.size, 16 + 128 + 5 + 128 + 5 + 51);
    CK_CHECK_MEM(b.data + 16 + 128, expected, sizeof expected);
    CK_CHECK_MEM(b.data + 16 + 128 + 5 + 128, expected, sizeof expected);
    ck_buf_free(&b);
}

CK_TEST(rtmp_chunk, header_choice)
{
    /* On one chunk stream, in this order. */
    static const struct {
        uint8_t type;
        uint32_t stream;
        uint32_t timestamp_ms;
        uint32_t length;
        unsigned format;
        size_t size;
    } rows[] = {
        {9, 1, 40, 10, 0, 12},
        {9, 1, 80, 10, 2, 4},          /* the delta equals the time of type 0: still spelled out */
        {9, 1, 120, 10, 3, 1},         /* */
        {9, 1, 160, 11, 1, 8},         /* another length */
        {9, 1, 200, 11, 3, 1},         /* */
        {8, 1, 200, 11, 1, 8},         /* another type */
        {8, 1, 190, 11, 0, 12},        /* back in time */
        {8, 1, 0x10000be, 11, 0, 16},  /* a delta that does not fit: extended time */
        {8, 1, 0x10000d2, 11, 2, 4},   /* and no extension for a small delta */
        {8, 2, 0x10000e6, 11, 0, 16},  /* another stream */
        {8, 2, 0xFFFFFFF0, 11, 0, 16}, /* */
        {8, 2, 0x10, 11, 2, 4},        /* the clock wraps: a small delta */
    };
    ck_rtmp_chunk_out c = {.id = 6};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t out[CK_RTMP_CHUNK_HEADER_MAX];
        size_t size = ck_rtmp_chunk_begin(&c, rows[i].type, rows[i].stream, rows[i].timestamp_ms,
                                          rows[i].length, out);
        CK_CHECK_ROW(i, out[0] >> 6 == rows[i].format);
        CK_CHECK_ROW(i, size == rows[i].size);
    }
}

CK_TEST(rtmp_chunk, basic_header_forms)
{
    static const struct {
        uint32_t id;
        size_t size;
        uint8_t bytes[3];
    } rows[] = {
        {2, 1, {0x02}},
        {63, 1, {0x3f}},
        {64, 2, {0x00, 0x00}},
        {319, 2, {0x00, 0xff}},
        {320, 3, {0x01, 0x00, 0x01}},
        {65599, 3, {0x01, 0xff, 0xff}},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rtmp_chunk_out c = {.id = rows[i].id};
        ck_rtmp_dechunk d;
        ck_rtmp_message m;
        uint8_t out[CK_RTMP_CHUNK_HEADER_MAX + 1];
        size_t used = 0;
        size_t size = ck_rtmp_chunk_begin(&c, 8, 1, 5, 1, out);
        CK_CHECK_ROW(i, size == rows[i].size + 11);
        CK_CHECK_ROW(i, memcmp(out, rows[i].bytes, rows[i].size) == 0);
        out[size] = 0x55;
        ck_rtmp_dechunk_init(&d, &ck_test_heap);
        CK_CHECK_ROW(i, ck_rtmp_dechunk_feed(&d, out, size + 1, &used, &m) == 1);
        CK_CHECK_ROW(i, m.chunk_stream == rows[i].id && m.timestamp_ms == 5 && m.body.size == 1);
        ck_slice_unref(&m.body);
        ck_rtmp_dechunk_free(&d);
    }
}

typedef struct expected_message {
    uint8_t type;
    uint32_t timestamp_ms;
    size_t size;
} expected_message;

/* Feeds in pieces; returns 0 or the error. Messages must equal `expected`, in order. */
static int dechunk(const uint8_t *data, size_t size, size_t piece, const expected_message *expected,
                   size_t *count)
{
    ck_rtmp_dechunk d;
    int status = 0;
    size_t seen = 0;
    ck_rtmp_dechunk_init(&d, &ck_test_heap);
    d.message_bytes_max = 70000;
    d.reassembly_bytes_max = 100000;
    d.chunk_streams_max = 4;
    for (size_t at = 0; at < size && status >= 0;) {
        ck_rtmp_message m;
        size_t used = 0;
        status = ck_rtmp_dechunk_feed(&d, data + at, CK_MIN(piece, size - at), &used, &m);
        at += used;
        if (status == 1) {
            CK_CHECK(expected == NULL || seen < *count);
            if (expected != NULL) {
                CK_CHECK_ROW(seen, m.type == expected[seen].type);
                CK_CHECK_ROW(seen, m.timestamp_ms == expected[seen].timestamp_ms);
                CK_CHECK_ROW(seen, m.body.size == expected[seen].size);
            }
            seen++;
            ck_slice_unref(&m.body);
        }
    }
    *count = seen;
    ck_rtmp_dechunk_free(&d);
    return status < 0 ? status : 0;
}

/* Messages of 130 bytes in two chunks, the second of which says the extended time or not. A payload
 * that starts like the timestamp is the ambiguous case; its last byte decides. */
CK_TEST(rtmp_chunk, extended_timestamp_repeated_or_not)
{
    static const expected_message expected[] = {
        {9, 0x01020304, 130}, {9, 0x01020304 + 0x1000000, 130}, {8, 7, 1}};
    static const uint8_t fmt0[] = {0x06, 0xff, 0xff, 0xff, 0, 0, 130, 9, 1, 0, 0, 0, 1, 2, 3, 4};
    static const uint8_t fmt2[] = {0x86, 0xff, 0xff, 0xff, 1, 0, 0, 0};
    static const uint8_t small[] = {0x04, 0, 0, 7, 0, 0, 1, 8, 1, 0, 0, 0, 0x77};
    static const struct {
        bool repeats;
        uint8_t tail[2]; /* the payload of the second chunk */
    } rows[] = {{true, {0, 0}}, {false, {0, 0}}, {false, {1, 2}}, {true, {1, 2}}, {false, {1, 0}}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_buf b;
        ck_buf_init(&b, &ck_test_heap, 4096);
        for (int message = 0; message < 2; message++) {
            ck_buf_put(&b, message == 0 ? fmt0 : fmt2, message == 0 ? sizeof fmt0 : sizeof fmt2);
            ck_buf_put(&b, payload, 128);
            ck_buf_put_u8(&b, 0xc6);
            if (rows[i].repeats) {
                ck_buf_put_be32(&b, message == 0 ? 0x01020304 : 0x01000000);
            }
            ck_buf_put(&b, rows[i].tail, 2);
        }
        ck_buf_put(&b, small, sizeof small);
        for (size_t piece = 1; piece < 20; piece++) {
            size_t count = CK_COUNT_OF(expected);
            CK_CHECK_ROW(i, dechunk(b.data, b.size, piece, expected, &count) == 0);
            CK_CHECK_ROW(i, count == CK_COUNT_OF(expected));
        }
        ck_buf_free(&b);
    }
}

/* Nothing may wait for bytes that the peer has no reason to send: the last payload bytes differ
 * from the timestamp, so the message is whole as soon as they are there. */
CK_TEST(rtmp_chunk, omitted_extension_does_not_delay)
{
    static const uint8_t fmt0[] = {0x06, 0xff, 0xff, 0xff, 0, 0, 129, 9, 1, 0, 0, 0, 1, 2, 3, 4};
    ck_buf b;
    size_t count = 0;
    ck_buf_init(&b, &ck_test_heap, 4096);
    ck_buf_put(&b, fmt0, sizeof fmt0);
    ck_buf_put(&b, payload, 128);
    ck_buf_put_u8(&b, 0xc6);
    ck_buf_put_u8(&b, 0x99);
    CK_CHECK_EQ(dechunk(b.data, b.size, 1, NULL, &count), 0);
    CK_CHECK_EQ(count, 1);
    ck_buf_free(&b);
}

CK_TEST(rtmp_chunk, type_3_starts_a_message)
{
    static const struct {
        uint8_t bytes[40];
        size_t size;
        uint32_t second_ms;
    } rows[] = {
        /* after type 0 the delta is the time itself (5.3.1.2.4) */
        {{0x03, 0, 0, 10, 0, 0, 1, 8, 1, 0, 0, 0, 9, 0xc3, 9}, 15, 20},
        /* with an extended time that would double hours: the time is said again */
        {{0x03, 255, 255, 255, 0, 0, 1, 8, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0xc3, 1, 0, 0, 5, 9},
         23,
         0x01000005},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rtmp_dechunk d;
        ck_rtmp_message m;
        size_t used = 0;
        size_t more = 0;
        ck_rtmp_dechunk_init(&d, &ck_test_heap);
        CK_CHECK_ROW(i, ck_rtmp_dechunk_feed(&d, rows[i].bytes, rows[i].size, &used, &m) == 1);
        ck_slice_unref(&m.body);
        CK_CHECK_ROW(
            i, ck_rtmp_dechunk_feed(&d, rows[i].bytes + used, rows[i].size - used, &more, &m) == 1);
        CK_CHECK_ROW(i, m.timestamp_ms == rows[i].second_ms);
        CK_CHECK_ROW(i, used + more == rows[i].size);
        ck_slice_unref(&m.body);
        ck_rtmp_dechunk_free(&d);
    }
}

CK_TEST(rtmp_chunk, malformed)
{
    static const struct {
        const char *name;
        int status;
        size_t size;
        uint8_t bytes[64];
    } rows[] = {
        {"type 3 without a header", CHALK_ERR_PROTOCOL, 1, {0xc3}},
        {"type 2 without a header", CHALK_ERR_PROTOCOL, 4, {0x83, 0, 0, 1}},
        {"a header within a message",
         CHALK_ERR_PROTOCOL,
         152,
         {0x03, 0, 0, 1, 0, 0, 200, 8, 1, 0, 0, 0}},
        {"over the limit of a message",
         CHALK_ERR_TOO_LARGE,
         12,
         {0x03, 0, 0, 1, 0x01, 0x11, 0x71, 8, 1, 0, 0, 0}},
        {"too many chunk streams",
         CHALK_ERR_TOO_LARGE,
         60,
         {0x03, 0, 0, 0, 0,    0, 0, 8, 1,    0, 0, 0, 0x04, 0, 0, 0, 0,    0, 0, 8,
          1,    0, 0, 0, 0x05, 0, 0, 0, 0,    0, 0, 8, 1,    0, 0, 0, 0x06, 0, 0, 0,
          0,    0, 0, 8, 1,    0, 0, 0, 0x07, 0, 0, 0, 0,    0, 0, 8, 1,    0, 0, 0}},
        {"type 1 may be first: some encoders do that", 0, 9, {0x43, 0, 0, 1, 0, 0, 1, 8, 7}},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t bytes[160] = {0};
        memcpy(bytes, rows[i].bytes, sizeof rows[i].bytes);
        if (i == 2) {
            bytes[140] = 0x03; /* 128 bytes of payload lie before it */
        }
        for (size_t piece = 1; piece < 8; piece++) {
            size_t count = 0;
            CK_CHECK_ROW(i, dechunk(bytes, rows[i].size, piece, NULL, &count) == rows[i].status);
        }
    }
}

/* Two messages of 60,000 bytes on two chunk streams are under the limit each, not both at once. */
CK_TEST(rtmp_chunk, limit_on_all_incomplete_messages)
{
    static const uint8_t both[] = {0x03, 0, 0, 0, 0, 0xea, 0x60, 8, 1, 0, 0, 0};
    uint8_t bytes[2 * 140] = {0};
    size_t count = 0;
    memcpy(bytes, both, sizeof both);
    memcpy(bytes + 140, both, sizeof both);
    bytes[140] = 0x04;
    CK_CHECK_EQ(dechunk(bytes, 140, 140, NULL, &count), 0);
    CK_CHECK_EQ(dechunk(bytes, sizeof bytes, 140, NULL, &count), CHALK_ERR_TOO_LARGE);
}

CK_TEST(rtmp_chunk, set_chunk_size_range)
{
    static const struct {
        uint32_t size;
        int status;
        uint32_t result;
    } rows[] = {{0, CHALK_ERR_PROTOCOL, 128},     {1, CHALK_OK, 1},
                {65536, CHALK_OK, 65536},         {0xFFFFFF, CHALK_OK, 0xFFFFFF},
                {0x1000000, CHALK_OK, 0xFFFFFF}, /* legal, and no message is larger (5.4.1) */
                {0x7FFFFFFF, CHALK_OK, 0xFFFFFF}, {0x80000000, CHALK_ERR_PROTOCOL, 128}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rtmp_dechunk d;
        ck_rtmp_dechunk_init(&d, &ck_test_heap);
        CK_CHECK_ROW(i, ck_rtmp_dechunk_set_chunk_size(&d, rows[i].size) == rows[i].status);
        CK_CHECK_ROW(i, d.chunk_size == rows[i].result);
        ck_rtmp_dechunk_free(&d);
    }
}

CK_TEST(rtmp_chunk, abort_drops_the_partial_message)
{
    static const uint8_t head[] = {0x03, 0, 0, 5, 0, 0, 200, 8, 1, 0, 0, 0};
    static const uint8_t next[] = {0x03, 0, 0, 6, 0, 0, 1, 8, 1, 0, 0, 0, 0x42};
    uint8_t bytes[140] = {0};
    ck_rtmp_dechunk d;
    ck_rtmp_message m;
    size_t used = 0;
    memcpy(bytes, head, sizeof head);
    ck_rtmp_dechunk_init(&d, &ck_test_heap);
    CK_CHECK_EQ(ck_rtmp_dechunk_feed(&d, bytes, sizeof bytes, &used, &m), 0);
    CK_CHECK_EQ(d.reassembly_bytes, 200);
    ck_rtmp_dechunk_abort(&d, 99); /* unknown: nothing to drop */
    ck_rtmp_dechunk_abort(&d, 3);
    CK_CHECK_EQ(d.reassembly_bytes, 0);
    CK_CHECK_EQ(ck_rtmp_dechunk_feed(&d, next, sizeof next, &used, &m), 1);
    CK_CHECK_EQ(m.timestamp_ms, 6);
    CK_CHECK_EQ(m.body.data[0], 0x42);
    ck_slice_unref(&m.body);
    ck_rtmp_dechunk_free(&d);
}
