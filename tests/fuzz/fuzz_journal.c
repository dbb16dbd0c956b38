/*
 * Any file: reading it ends, what is read stays inside it and is written again as the same bytes. A
 * fuzzer finds no sums by itself, so a second form of the input is entries without theirs: the
 * first byte says which.
 */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/journal/journal.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FILE_MAX (1u << 20)

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void check_entry(const ck_journal_scan *scan, size_t start, const ck_journal_entry *entry)
{
    ck_buf again;
    ck_buf_init(&again, &ck_test_heap, FILE_MAX);
    ck_journal_put(&again, scan->mark, entry);
    must(scan->at - start == ck_journal_size(entry));
    must(ck_buf_status(&again) == CHALK_OK && again.size == ck_journal_size(entry));
    /* The two reserved bytes may be anything, and are in the sum. */
    if (scan->data[start + 6] == 0 && scan->data[start + 7] == 0) {
        must(memcmp(again.data, scan->data + start, again.size) == 0);
    }
    ck_buf_free(&again);
}

static void read_file(const uint8_t *data, size_t size)
{
    ck_journal_scan scan;
    ck_journal_entry entry;
    if (ck_journal_begin(&scan, data, size, &entry) < 0) {
        return;
    }
    if (entry.kind == CK_JOURNAL_SEGMENT) {
        (void)ck_journal_before_size(&entry);
    }
    int status;
    do {
        size_t start = scan.at;
        status = ck_journal_next(&scan, &entry);
        if (status == 1) {
            check_entry(&scan, start, &entry);
        } else if (status < 0) {
            must(scan.at == start);
            (void)ck_journal_is_torn(&scan);
            ck_journal_skip(&scan);
            must(scan.at > start && scan.at <= size);
        }
    } while (status != 0);
}

/* Of each piece: kind, name, body and a byte that damages the file there. */
static void read_made(const uint8_t *data, size_t size)
{
    ck_reader r = ck_reader_of(data, size);
    ck_buf file;
    ck_buf_init(&file, &ck_test_heap, FILE_MAX);
    uint32_t mark = ck_read_be32(&r);
    ck_journal_put_segment(&file, mark, 1, 1, 0, 0);
    while (ck_reader_left(&r) >= 8 && !file.failed) {
        size_t start = file.size;
        ck_journal_entry entry = {.kind = (enum ck_journal_kind)ck_read_u8(&r),
                                  .synced = ck_read_u8(&r) % 2 == 0 ? (uint32_t)start : 0};
        size_t name = ck_read_u8(&r), body = ck_read_be16(&r);
        uint8_t where = ck_read_u8(&r), how = ck_read_u8(&r);
        name = CK_MIN(name, ck_reader_left(&r));
        entry.name = ck_bytes_of(ck_read_bytes(&r, name), name);
        body = CK_MIN(body, ck_reader_left(&r));
        entry.body = ck_bytes_of(ck_read_bytes(&r, body), body);
        ck_journal_put(&file, mark, &entry);
        if (!file.failed) {
            file.data[start + where % (file.size - start)] ^= how;
        }
    }
    read_file(file.data, file.size);
    ck_buf_free(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0 || size > FILE_MAX / 4) {
        return 0;
    }
    if (data[0] % 2 == 0) {
        read_file(data + 1, size - 1);
    } else {
        read_made(data + 1, size - 1);
    }
    return 0;
}
