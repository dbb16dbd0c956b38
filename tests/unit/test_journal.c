/* Entries as bytes: the sums, one file written out in full, and what each kind of damage is called.
 */
#include "chalkrail/errors.h"
#include "core/journal/crc32c.h"
#include "core/journal/journal.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#define MARK 0xa1b2c3d4u

static ck_bytes text(const char *s)
{
    return ck_bytes_of(s, strlen(s));
}

CK_TEST(journal, sums_are_those_of_the_rfc)
{
    uint8_t bytes[32] = {0};
    CK_CHECK_EQ(ck_crc32c(0, "123456789", 9), 0xe3069283);
    CK_CHECK_EQ(ck_crc32c(0, bytes, 32), 0x8a9136aa);
    memset(bytes, 0xff, sizeof bytes);
    CK_CHECK_EQ(ck_crc32c(0, bytes, 32), 0x62a8ab43);
    for (uint8_t i = 0; i < 32; i++) {
        bytes[i] = i;
    }
    CK_CHECK_EQ(ck_crc32c(0, bytes, 32), 0x46dd794e);
    CK_CHECK_EQ(ck_crc32c(ck_crc32c(0, bytes, 7), bytes + 7, 25), 0x46dd794e);
    CK_CHECK_EQ(ck_crc32c(0, bytes, 0), 0);
    /* One byte of each value uses each entry of the table. */
    for (unsigned i = 0; i < 256; i++) {
        uint32_t expected = 0xffffffffu ^ i;
        for (int bit = 0; bit < 8; bit++) {
            expected = expected >> 1 ^ ((expected & 1) != 0 ? 0x82f63b78u : 0);
        }
        CK_CHECK_ROW(i, ck_crc32c(0, &(uint8_t){(uint8_t)i}, 1) == ~expected);
    }
}

/* A segment with a record of two rooms, in two groups. */
static void put_file(ck_buf *out)
{
    ck_journal_put_segment(out, MARK, 3, 7, 6, 0x100000020);
    const uint32_t synced = (uint32_t)out->size;
    ck_journal_entry entry = {
        .kind = CK_JOURNAL_RECORD,
        .synced = synced,
        .epoch = 0x300000001,
        .after = 41,
        .to = 43,
        .name = text("maths"),
        .body = text("two events"),
    };
    ck_journal_put(out, MARK, &entry);
    entry.name = text("数学");
    entry.after = 0;
    entry.to = 1;
    entry.body = text("");
    ck_journal_put(out, MARK, &entry);
    entry = (ck_journal_entry){.kind = CK_JOURNAL_RECORD,
                               .synced = (uint32_t)out->size,
                               .epoch = 0x300000001,
                               .after = 43,
                               .to = 44,
                               .name = text("maths"),
                               .body = text("a third one")};
    ck_journal_put(out, MARK, &entry);
    CK_CHECK_EQ(ck_buf_status(out), CHALK_OK);
}

#define FIRST_END  60u
#define SECOND_AT  (FIRST_END + 48 + 5 + 10)
#define THIRD_AT   (SECOND_AT + 48 + 6)
#define FILE_BYTES (THIRD_AT + 48 + 5 + 11)

CK_TEST(journal, file_is_written_as_specified)
{
    /* Made by another program, from docs/PROTOCOL.md. */
    static const uint8_t first[FIRST_END] = {
        0x43, 0x4b, 0x52, 0x31, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x00, 0x00, 0x00,
        0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
        0x00, 0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x10, 0x2b, 0xe1, 0xe1, 0xc8,
        0xf4, 0xcb, 0x6e, 0xa1, 0xb2, 0xc3, 0xd4, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x20,
    };
    ck_buf file;
    ck_buf_init(&file, &ck_test_heap, 1 << 16);
    put_file(&file);
    CK_CHECK_EQ(file.size, FILE_BYTES);
    CK_CHECK_MEM(file.data, first, FIRST_END);
    const uint8_t *record = file.data + FIRST_END;
    CK_CHECK_EQ(ck_load_be32(record), MARK);
    CK_CHECK_EQ(record[4], CK_JOURNAL_RECORD);
    CK_CHECK_EQ(record[5], 5);
    CK_CHECK_EQ(ck_load_be32(record + 8), 10);
    CK_CHECK_EQ(ck_load_be32(record + 12), FIRST_END);
    CK_CHECK_EQ(ck_load_be32(record + 28), 41);
    CK_CHECK_EQ(ck_load_be32(record + 36), 43);
    CK_CHECK_EQ(ck_load_be32(record + 40), ck_crc32c(0, "two events", 10));
    CK_CHECK_EQ(ck_load_be32(record + 44), ck_crc32c(ck_crc32c(0, record, 44), record + 48, 5));
    CK_CHECK_MEM(record + 48, "mathstwo events", 15);
    ck_buf_free(&file);
}

CK_TEST(journal, file_is_read_as_it_was_written)
{
    ck_buf file;
    ck_buf_init(&file, &ck_test_heap, 1 << 16);
    put_file(&file);
    ck_journal_scan scan;
    ck_journal_entry e;
    CK_CHECK_EQ(ck_journal_begin(&scan, file.data, file.size, &e), CHALK_OK);
    CK_CHECK_EQ(e.kind, CK_JOURNAL_SEGMENT);
    CK_CHECK(e.epoch == 3 && e.to == 7 && e.after == 6);
    CK_CHECK_EQ(ck_journal_before_size(&e), 0x100000020);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), 1);
    CK_CHECK(e.epoch == 0x300000001 && e.after == 41 && e.to == 43 && e.synced == FIRST_END);
    CK_CHECK(e.body.size == 10 && memcmp(e.body.data, "two events", 10) == 0);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), 1);
    CK_CHECK(e.name.size == 6 && memcmp(e.name.data, "数学", 6) == 0 && e.body.size == 0);
    CK_CHECK_EQ(scan.at, THIRD_AT);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), 1);
    CK_CHECK_EQ(e.synced, THIRD_AT);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), 0);
    ck_buf_free(&file);
}

typedef struct damage {
    const char *what;
    size_t at;   /* of the byte that is changed; FILE_BYTES: none */
    size_t size; /* to which the file is cut */
    int whole;   /* records read before it */
    int status;  /* of the record that is not */
    int known;   /* its head is whole */
    int torn;
    int behind; /* whole records found behind it */
} damage;

static const damage damages[] = {
    {"a body in the first group", FIRST_END + 60, FILE_BYTES, 0, CHALK_ERR_BAD_DATA, 1, 0, 2},
    {"a name in the first group", FIRST_END + 49, FILE_BYTES, 0, CHALK_ERR_BAD_DATA, 0, 0, 2},
    {"a mark", FIRST_END, FILE_BYTES, 0, CHALK_ERR_BAD_DATA, 0, 0, 2},
    {"a size", FIRST_END + 10, FILE_BYTES, 0, CHALK_ERR_BAD_DATA, 0, 0, 2},
    {"a kind", FIRST_END + 4, FILE_BYTES, 0, CHALK_ERR_BAD_DATA, 0, 0, 2},
    {"the second of the group", SECOND_AT + 20, FILE_BYTES, 1, CHALK_ERR_BAD_DATA, 0, 0, 1},
    {"the first of a last group", FIRST_END + 60, THIRD_AT, 0, CHALK_ERR_BAD_DATA, 1, 1, 1},
    {"the last body", FILE_BYTES - 1, FILE_BYTES, 2, CHALK_ERR_BAD_DATA, 1, 1, 0},
    {"cut in a body", FILE_BYTES, FILE_BYTES - 1, 2, CHALK_ERR_END, 1, 1, 0},
    {"cut in a name", FILE_BYTES, THIRD_AT + 50, 2, CHALK_ERR_END, 0, 1, 0},
    {"cut in a head", FILE_BYTES, THIRD_AT + 1, 2, CHALK_ERR_END, 0, 1, 0},
    {"cut between two", FILE_BYTES, THIRD_AT, 2, 0, 0, 1, 0},
};

static int count_behind(ck_journal_scan *scan)
{
    ck_journal_entry e;
    int count = 0, status = CHALK_ERR_BAD_DATA;
    while (status != 0) {
        if (status < 0) {
            ck_journal_skip(scan);
        }
        status = ck_journal_next(scan, &e);
        count += status == 1;
    }
    return count;
}

CK_TEST(journal, damage_is_named)
{
    ck_buf file;
    ck_buf_init(&file, &ck_test_heap, 1 << 16);
    for (size_t i = 0; i < CK_COUNT_OF(damages); i++) {
        const damage *d = &damages[i];
        ck_buf_clear(&file);
        put_file(&file);
        if (d->at < FILE_BYTES) {
            file.data[d->at] ^= 0x10;
        }
        ck_journal_scan scan;
        ck_journal_entry e;
        CK_CHECK_ROW(i, ck_journal_begin(&scan, file.data, d->size, &e) == CHALK_OK);
        int whole = 0, status;
        while ((status = ck_journal_next(&scan, &e)) > 0) {
            whole++;
        }
        CK_CHECK_ROW(i, whole == d->whole);
        CK_CHECK_ROW(i, status == d->status);
        CK_CHECK_ROW(i, (e.kind != 0) == d->known);
        if (status < 0) {
            CK_CHECK_ROW(i, ck_journal_is_torn(&scan) == d->torn);
            CK_CHECK_ROW(i, count_behind(&scan) == d->behind);
        }
    }
    ck_buf_free(&file);
}

CK_TEST(journal, first_entry_must_be_one)
{
    ck_buf file;
    ck_buf_init(&file, &ck_test_heap, 1 << 16);
    put_file(&file);
    ck_journal_scan scan;
    ck_journal_entry e;
    for (size_t size = 0; size < FIRST_END; size++) {
        CK_CHECK_ROW(size, ck_journal_begin(&scan, file.data, size, &e) == CHALK_ERR_END);
        file.data[size] ^= 1;
        CK_CHECK_ROW(size, ck_journal_begin(&scan, file.data, file.size, &e) < 0);
        file.data[size] ^= 1;
    }
    /* A record is none, and a second first entry is none within a file. */
    ck_buf_clear(&file);
    CK_CHECK_EQ(ck_buf_status(&file), CHALK_OK);
    const ck_journal_entry state = {.kind = CK_JOURNAL_STATE, .to = 1, .name = text("a")};
    ck_journal_put(&file, 0x434b5231, &state);
    CK_CHECK_EQ(ck_journal_begin(&scan, file.data, file.size, &e), CHALK_ERR_BAD_DATA);
    ck_buf_clear(&file);
    ck_journal_put_room(&file, 0x434b5231, text("a"), 1, 7, 2);
    ck_journal_put_room(&file, 0x434b5231, text("a"), 1, 7, 2);
    CK_CHECK_EQ(ck_journal_begin(&scan, file.data, file.size, &e), CHALK_OK);
    CK_CHECK_EQ(e.kind, CK_JOURNAL_ROOM);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(e.kind, 0);
    ck_buf_free(&file);
}

CK_TEST(journal, an_entry_within_a_message_is_not_found)
{
    /* Somebody sends a message that looks like a record; then the record around it is damaged. */
    ck_buf inner, file;
    ck_buf_init(&inner, &ck_test_heap, 1 << 16);
    ck_buf_init(&file, &ck_test_heap, 1 << 16);
    ck_journal_entry forged = {.kind = CK_JOURNAL_RECORD, .to = 9, .name = text("exam")};
    ck_journal_put(&inner, MARK + 1, &forged);
    ck_journal_put_segment(&file, MARK, 1, 1, 0, 0);
    ck_journal_entry outer = {.kind = CK_JOURNAL_RECORD,
                              .to = 1,
                              .name = text("maths"),
                              .body = ck_bytes_of(inner.data, inner.size)};
    ck_journal_put(&file, MARK, &outer);
    CK_CHECK(!inner.failed && !file.failed);
    file.data[FIRST_END + 44] ^= 1;
    ck_journal_scan scan;
    ck_journal_entry e;
    CK_CHECK_EQ(ck_journal_begin(&scan, file.data, file.size, &e), CHALK_OK);
    CK_CHECK_EQ(ck_journal_next(&scan, &e), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(count_behind(&scan), 0);
    ck_buf_free(&inner);
    ck_buf_free(&file);
}
