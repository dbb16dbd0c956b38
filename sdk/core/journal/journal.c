#include "core/journal/journal.h"

#include "chalkrail/errors.h"
#include "core/journal/crc32c.h"

#include <string.h>

#define FIRST_MARK   0x434b5231u /* "CKR1" */
#define MARK_BYTES   4u
#define SIZE_BYTES   8u
#define HEAD_CRC_AT  44u
#define SEGMENT_BODY (MARK_BYTES + SIZE_BYTES)

/* --- writing ------------------------------------------------------------------------------- */

static uint32_t head_crc(const uint8_t *head, size_t name_size)
{
    uint32_t crc = ck_crc32c(0, head, HEAD_CRC_AT);
    return ck_crc32c(crc, head + CK_JOURNAL_HEAD_BYTES, name_size);
}

void ck_journal_put(ck_buf *out, uint32_t mark, const ck_journal_entry *entry)
{
    size_t start = out->size;
    ck_buf_put_be32(out, mark);
    ck_buf_put_u8(out, (uint8_t)entry->kind);
    ck_buf_put_u8(out, (uint8_t)entry->name.size);
    ck_buf_put_be16(out, 0);
    ck_buf_put_be32(out, (uint32_t)entry->body.size);
    ck_buf_put_be32(out, entry->synced);
    ck_buf_put_be64(out, entry->epoch);
    ck_buf_put_be64(out, entry->after);
    ck_buf_put_be64(out, entry->to);
    ck_buf_put_be32(out, ck_crc32c(0, entry->body.data, entry->body.size));
    ck_buf_put_be32(out, 0);
    ck_buf_put(out, entry->name.data, entry->name.size);
    ck_buf_put(out, entry->body.data, entry->body.size);
    if (!out->failed) {
        uint8_t *head = out->data + start;
        ck_store_be32(head + HEAD_CRC_AT, head_crc(head, entry->name.size));
    }
}

void ck_journal_put_segment(ck_buf *out, uint32_t mark, uint64_t start, uint64_t number,
                            uint64_t before, uint64_t before_size)
{
    uint8_t body[SEGMENT_BODY];
    ck_store_be32(body, mark);
    ck_store_be32(body + 4, (uint32_t)(before_size >> 32));
    ck_store_be32(body + 8, (uint32_t)before_size);
    const ck_journal_entry entry = {
        .kind = CK_JOURNAL_SEGMENT,
        .epoch = start,
        .after = before,
        .to = number,
        .body = ck_bytes_of(body, sizeof body),
    };
    ck_journal_put(out, FIRST_MARK, &entry);
}

void ck_journal_put_room(ck_buf *out, uint32_t mark, ck_bytes name, uint64_t epoch, uint64_t number,
                         uint64_t to)
{
    uint8_t body[MARK_BYTES];
    ck_store_be32(body, mark);
    const ck_journal_entry entry = {
        .kind = CK_JOURNAL_ROOM,
        .epoch = epoch,
        .after = number,
        .to = to,
        .name = name,
        .body = ck_bytes_of(body, sizeof body),
    };
    ck_journal_put(out, FIRST_MARK, &entry);
}

size_t ck_journal_size(const ck_journal_entry *entry)
{
    return CK_JOURNAL_HEAD_BYTES + entry->name.size + entry->body.size;
}

/* --- reading ------------------------------------------------------------------------------- */

typedef struct head {
    ck_journal_entry entry;
    size_t body_size;
    uint32_t body_crc;
} head;

/* Whether the kind, the name and the sizes go together. */
static bool makes_sense(const ck_journal_entry *e, size_t name_size, size_t body_size)
{
    bool first = e->kind == CK_JOURNAL_SEGMENT || e->kind == CK_JOURNAL_ROOM;
    if (e->kind < CK_JOURNAL_SEGMENT || e->kind > CK_JOURNAL_RECORD ||
        name_size > CK_JOURNAL_NAME_MAX || (name_size == 0) != (e->kind == CK_JOURNAL_SEGMENT)) {
        return false;
    }
    return first ? body_size == (e->kind == CK_JOURNAL_SEGMENT ? SEGMENT_BODY : MARK_BYTES)
                 : body_size <= CK_JOURNAL_BODY_MAX;
}

/* CHALK_OK, END, BAD_DATA; of a head alone. */
static int read_head(const uint8_t *at, size_t left, uint32_t mark, head *out)
{
    ck_reader r = ck_reader_of(at, left);
    *out = (head){0};
    if (left < CK_JOURNAL_HEAD_BYTES) {
        return CHALK_ERR_END;
    }
    if (ck_read_be32(&r) != mark) {
        return CHALK_ERR_BAD_DATA;
    }
    head h = {.entry.kind = (enum ck_journal_kind)ck_read_u8(&r)};
    size_t name_size = ck_read_u8(&r);
    ck_read_skip(&r, 2);
    h.body_size = ck_read_be32(&r);
    h.entry.synced = ck_read_be32(&r);
    h.entry.epoch = ck_read_be64(&r);
    h.entry.after = ck_read_be64(&r);
    h.entry.to = ck_read_be64(&r);
    h.body_crc = ck_read_be32(&r);
    uint32_t crc = ck_read_be32(&r);
    if (!makes_sense(&h.entry, name_size, h.body_size)) {
        return CHALK_ERR_BAD_DATA;
    }
    h.entry.name = ck_bytes_of(ck_read_bytes(&r, name_size), name_size);
    if (r.failed) {
        return CHALK_ERR_END;
    }
    if (head_crc(at, name_size) != crc) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = h;
    return CHALK_OK;
}

/* The whole entry at `at`. Its head, if that is whole, is given also when its body is not. */
static int read_entry(const ck_journal_scan *scan, size_t at, uint32_t mark,
                      ck_journal_entry *entry)
{
    head h;
    int status = read_head(scan->data + at, scan->size - at, mark, &h);
    *entry = h.entry;
    if (status < 0) {
        return status;
    }
    const uint8_t *body = scan->data + at + CK_JOURNAL_HEAD_BYTES + h.entry.name.size;
    if ((size_t)(scan->data + scan->size - body) < h.body_size) {
        return CHALK_ERR_END;
    }
    if (ck_crc32c(0, body, h.body_size) != h.body_crc) {
        return CHALK_ERR_BAD_DATA;
    }
    entry->body = ck_bytes_of(body, h.body_size);
    return CHALK_OK;
}

int ck_journal_begin(ck_journal_scan *scan, const void *data, size_t size, ck_journal_entry *first)
{
    *scan = (ck_journal_scan){.data = data, .size = size};
    int status = read_entry(scan, 0, FIRST_MARK, first);
    if (status < 0) {
        return status;
    }
    if (first->kind != CK_JOURNAL_SEGMENT && first->kind != CK_JOURNAL_ROOM) {
        return CHALK_ERR_BAD_DATA;
    }
    scan->mark = ck_load_be32(first->body.data);
    scan->at = ck_journal_size(first);
    return CHALK_OK;
}

uint64_t ck_journal_before_size(const ck_journal_entry *first)
{
    ck_reader r = ck_reader_of(first->body.data, first->body.size);
    ck_read_skip(&r, MARK_BYTES);
    return ck_read_be64(&r);
}

int ck_journal_next(ck_journal_scan *scan, ck_journal_entry *entry)
{
    if (scan->at >= scan->size) {
        *entry = (ck_journal_entry){0};
        return 0;
    }
    int status = read_entry(scan, scan->at, scan->mark, entry);
    if (status < 0) {
        return status;
    }
    if (entry->kind != CK_JOURNAL_STATE && entry->kind != CK_JOURNAL_RECORD) {
        *entry = (ck_journal_entry){0};
        return CHALK_ERR_BAD_DATA;
    }
    scan->at += ck_journal_size(entry);
    return 1;
}

void ck_journal_skip(ck_journal_scan *scan)
{
    uint8_t mark[MARK_BYTES];
    ck_store_be32(mark, scan->mark);
    while (++scan->at < scan->size) {
        const uint8_t *at = memchr(scan->data + scan->at, mark[0], scan->size - scan->at);
        if (at == NULL) {
            break;
        }
        head h;
        scan->at = (size_t)(at - scan->data);
        if (read_head(at, scan->size - scan->at, scan->mark, &h) == CHALK_OK) {
            return;
        }
    }
    scan->at = scan->size;
}

bool ck_journal_is_torn(const ck_journal_scan *scan)
{
    ck_journal_scan ahead = *scan;
    ck_journal_entry entry;
    int status = CHALK_ERR_BAD_DATA;
    while (status != 0) {
        if (status < 0) {
            ck_journal_skip(&ahead);
        }
        status = ck_journal_next(&ahead, &entry);
        if (entry.kind != 0 && entry.synced > scan->at) {
            return false;
        }
    }
    return true;
}
