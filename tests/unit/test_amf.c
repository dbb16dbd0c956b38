#include "core/amf/amf.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#define BYTES(...) (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})
#define TEXT(text) (const uint8_t *)(text), sizeof(text) - 1

/* Items in short: N number, B boolean, S string, - null, u undefined, D date, { object, [ ECMA
 * array, ( strict array, k key, } end; then ! and the error, unless the end was reached. */
static void spell(const uint8_t *data, size_t size, char *out, int *error)
{
    static const char letters[] = "?NBS-uD{[(k}";
    ck_amf_in in;
    ck_amf_item item;
    ck_amf_in_init(&in, data, size);
    while ((*error = ck_amf_next(&in, &item)) == CHALK_OK) {
        *out++ = letters[item.kind];
    }
    *out = '\0';
}

CK_TEST(amf, every_form_is_read_as_its_kind)
{
    const struct {
        const uint8_t *data;
        size_t size;
        const char *items;
        int error;
    } rows[] = {
        {NULL, 0, "", CHALK_ERR_END},
        {BYTES(0, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0), "N", CHALK_ERR_END},
        {BYTES(1, 1, 1, 0), "BB", CHALK_ERR_END},
        {TEXT("\x02\x00\x03"
              "abc\x02\x00\x00"),
         "SS", CHALK_ERR_END},
        {TEXT("\x0c\x00\x00\x00\x01z"), "S", CHALK_ERR_END},
        {TEXT("\x0f\x00\x00\x00\x04<a/>"), "S", CHALK_ERR_END},
        {BYTES(5, 6, 0x0d), "-uu", CHALK_ERR_END},
        {BYTES(0x0b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), "D", CHALK_ERR_END},
        {TEXT("\x03\x00\x01"
              "a\x05\x00\x00\x09"),
         "{k-}", CHALK_ERR_END},
        {TEXT("\x08\xff\xff\xff\xff\x00\x01"
              "a\x05\x00\x00\x09\x05"),
         "[k-}-", CHALK_ERR_END},
        {BYTES(0x0a, 0, 0, 0, 2, 5, 6), "(-u}", CHALK_ERR_END},
        {BYTES(0x0a, 0, 0, 0, 0, 5), "(}-", CHALK_ERR_END},
        /* A member whose name is empty. */
        {BYTES(3, 0, 0, 5, 0, 0, 9), "{k-}", CHALK_ERR_END},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char items[64];
        int error;
        spell(rows[i].data, rows[i].size, items, &error);
        CK_CHECK_ROW(i, strcmp(items, rows[i].items) == 0);
        CK_CHECK_ROW(i, error == rows[i].error);
    }
}

CK_TEST(amf, malformed_and_refused_input)
{
    const struct {
        const uint8_t *data;
        size_t size;
        const char *items;
        int error;
        const char *refused; /* marker's name */
    } rows[] = {
        {BYTES(0, 0x3f), "", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(1), "", CHALK_ERR_BAD_DATA, NULL},
        {TEXT("\x02\x00\x04"
              "abc"),
         "", CHALK_ERR_BAD_DATA, NULL},
        {TEXT("\x0c\xff\xff\xff\xff"
              "a"),
         "", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(3), "{", CHALK_ERR_BAD_DATA, NULL},
        {TEXT("\x03\x00\x01"
              "a"),
         "{k", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(3, 0, 0), "{k", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(0x0a, 0xff, 0xff, 0xff, 0xff, 5), "(-", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(9), "", CHALK_ERR_BAD_DATA, NULL},
        {BYTES(5, 0x04), "-", CHALK_ERR_PROTOCOL, "movie clip"},
        {BYTES(7, 0, 0), "", CHALK_ERR_PROTOCOL, "reference"},
        {BYTES(0x0e), "", CHALK_ERR_PROTOCOL, "record set"},
        {BYTES(0x10, 0, 0), "", CHALK_ERR_PROTOCOL, "typed object"},
        {BYTES(0x11, 1), "", CHALK_ERR_PROTOCOL, "AMF3"},
        {BYTES(0x12), "", CHALK_ERR_BAD_DATA, "unknown"},
        {BYTES(0xff), "", CHALK_ERR_BAD_DATA, "unknown"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_amf_in in;
        ck_amf_item item;
        char items[64];
        int error;
        spell(rows[i].data, rows[i].size, items, &error);
        CK_CHECK_ROW(i, strcmp(items, rows[i].items) == 0);
        CK_CHECK_ROW(i, error == rows[i].error);
        ck_amf_in_init(&in, rows[i].data, rows[i].size);
        while (ck_amf_next(&in, &item) == CHALK_OK) {
        }
        CK_CHECK_ROW(i, ck_amf_next(&in, &item) == rows[i].error);
        CK_CHECK_ROW(i, rows[i].refused == NULL ||
                            strcmp(ck_amf_marker_name(in.refused), rows[i].refused) == 0);
    }
}

CK_TEST(amf, depth_is_limited)
{
    uint8_t nested[5 * (CK_AMF_DEPTH_MAX + 1)];
    ck_amf_in in;
    ck_amf_item item;
    for (size_t i = 0; i < sizeof nested; i += 5) {
        memcpy(nested + i, "\x0a\x00\x00\x00\x01", 5);
    }
    ck_amf_in_init(&in, nested, sizeof nested);
    for (int i = 0; i < CK_AMF_DEPTH_MAX; i++) {
        CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    }
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_ERR_TOO_LARGE);
}

/* What a publisher's connect looks like on the wire. */
static const uint8_t connect_bytes[] = "\x02\x00\x07"
                                       "connect\x00\x3f\xf0\x00\x00\x00\x00\x00\x00\x03"
                                       "\x00\x03"
                                       "app\x02\x00\x04live"
                                       "\x00\x04type\x02\x00\x0anonprivate"
                                       "\x00\x05inner\x03\x00\x03"
                                       "key\x05\x00\x00\x09"
                                       "\x00\x06"
                                       "speeds\x0a\x00\x00\x00\x01\x05"
                                       "\x00\x04"
                                       "fpad\x01\x01"
                                       "\x00\x03"
                                       "num\x00\x40\x00\x00\x00\x00\x00\x00\x00"
                                       "\x00\x03"
                                       "app\x02\x00\x01x"
                                       "\x00\x00\x09";

static void write_connect(ck_buf *b)
{
    ck_amf_put_string(b, "connect");
    ck_amf_put_number(b, 1);
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "app", "live");
    ck_amf_put_key_string(b, "type", "nonprivate");
    ck_amf_put_key(b, "inner");
    ck_amf_put_object(b);
    ck_amf_put_key(b, "key");
    ck_amf_put_null(b);
    ck_amf_put_end(b);
    ck_amf_put_key(b, "speeds");
    ck_amf_put_strict_array(b, 1);
    ck_amf_put_null(b);
    ck_amf_put_key_boolean(b, "fpad", true);
    ck_amf_put_key_number(b, "num", 2);
    ck_amf_put_key_string(b, "app", "x");
    ck_amf_put_end(b);
}

CK_TEST(amf, a_command_is_written_byte_for_byte)
{
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 1000);
    write_connect(&b);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    CK_CHECK_EQ(b.size, sizeof connect_bytes - 1);
    CK_CHECK_MEM(b.data, connect_bytes, b.size);
    ck_buf_free(&b);
}

CK_TEST(amf, members_are_found_without_moving)
{
    ck_amf_in in;
    ck_amf_item item;
    char text[16];
    double number = 0;
    bool flag = false;
    ck_amf_in_init(&in, connect_bytes, sizeof connect_bytes - 1);
    CK_CHECK_EQ(ck_amf_read_string(&in, text, sizeof text), CHALK_OK);
    CK_CHECK_STR(text, "connect");
    CK_CHECK_EQ(ck_amf_read_number(&in, &number), CHALK_OK);
    CK_CHECK(number == 1);
    CK_CHECK_EQ(ck_amf_find_string(&in, "app", text, sizeof text), CHALK_OK);
    CK_CHECK_STR(text, "live");
    CK_CHECK_EQ(ck_amf_find_number(&in, "num", &number), CHALK_OK);
    CK_CHECK(number == 2);
    CK_CHECK_EQ(ck_amf_find_boolean(&in, "fpad", &flag), CHALK_OK);
    CK_CHECK(flag);
    CK_CHECK_EQ(ck_amf_find(&in, "inner", &item), CHALK_OK);
    CK_CHECK_EQ(item.kind, CK_AMF_OBJECT);
    CK_CHECK_EQ(ck_amf_find(&in, "key", &item), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_amf_find_number(&in, "app", &number), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_amf_find_string(&in, "app", text, 4), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(in.status, CHALK_OK);
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_OK);
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_ERR_END);
}

CK_TEST(amf, find_in_what_is_no_object_or_is_cut)
{
    ck_amf_in in;
    ck_amf_item item;
    ck_amf_in_init(&in, "\x05", 1);
    CK_CHECK_EQ(ck_amf_find(&in, "a", &item), CHALK_ERR_BAD_DATA);
    ck_amf_in_init(&in, "", 0);
    CK_CHECK_EQ(ck_amf_find(&in, "a", &item), CHALK_ERR_BAD_DATA);
    ck_amf_in_init(&in, "\x03\x00\x01z\x05\x00", 6);
    CK_CHECK_EQ(ck_amf_find(&in, "a", &item), CHALK_ERR_BAD_DATA);
}

CK_TEST(amf, strings_with_zero_bytes_or_of_the_wrong_kind_are_refused)
{
    ck_amf_in in;
    char text[8];
    double number;
    bool flag;
    ck_amf_in_init(&in,
                   "\x02\x00\x03"
                   "a\0b",
                   6);
    CK_CHECK_EQ(ck_amf_read_string(&in, text, sizeof text), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_amf_read_string(&in, text, sizeof text), CHALK_ERR_BAD_DATA);
    ck_amf_in_init(&in, "\x05\x05", 2);
    CK_CHECK_EQ(ck_amf_read_number(&in, &number), CHALK_ERR_BAD_DATA);
    ck_amf_in_init(&in, "\x05", 1);
    CK_CHECK_EQ(ck_amf_read_boolean(&in, &flag), CHALK_ERR_BAD_DATA);
    ck_amf_in_init(&in, "\x01\x07", 2);
    CK_CHECK_EQ(ck_amf_read_boolean(&in, &flag), CHALK_OK);
    CK_CHECK(flag);
    CK_CHECK_EQ(ck_amf_read_string(&in, text, sizeof text), CHALK_ERR_END);
}

CK_TEST(amf, skip_within_containers)
{
    ck_amf_in in;
    ck_amf_item item;
    ck_amf_in_init(&in, "\x03\x00\x01z\x0a\x00\x00\x00\x01\x05\x00\x00\x09", 13);
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    CK_CHECK(ck_amf_is(&item, "z") && !ck_amf_is(&item, "zz") && !ck_amf_is(&item, ""));
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_OK);
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    CK_CHECK_EQ(item.kind, CK_AMF_END);
}

CK_TEST(amf, long_texts)
{
    static char text[70000];
    ck_buf b;
    ck_amf_in in;
    ck_amf_item item;
    memset(text, 'x', sizeof text);
    ck_buf_init(&b, &ck_test_heap, 100000);
    ck_amf_put_string_n(&b, text, 65535);
    CK_CHECK(b.size > 0);
    CK_CHECK_EQ(b.data[0], CK_AMF_MARK_STRING);
    ck_buf_clear(&b);
    ck_amf_put_string_n(&b, text, 65536);
    CK_CHECK(b.size > 0);
    CK_CHECK_EQ(b.data[0], CK_AMF_MARK_LONG_STRING);
    ck_amf_in_init(&in, b.data, b.size);
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    CK_CHECK_EQ(item.text_size, 65536);
    ck_buf_clear(&b);
    ck_amf_put_key_n(&b, text, 65536);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_ERR_TOO_LARGE);
    ck_buf_free(&b);
}

CK_TEST(amf, writing_survives_exhausted_memory)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 0);
    for (size_t fail_at = 1; fail_at < 10; fail_at++) {
        ck_buf b;
        ck_failing_alloc_init(&f, fail_at);
        ck_buf_init(&b, &f.alloc, 1000);
        write_connect(&b);
        bool ran_out = f.calls >= fail_at;
        CK_CHECK_EQ(ck_buf_status(&b), ran_out ? CHALK_ERR_NO_MEMORY : CHALK_OK);
        ck_buf_free(&b);
        CK_CHECK_EQ(f.live, 0);
    }
}
