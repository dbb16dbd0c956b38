/*
 * The files of rooms on a disk, as bytes. docs/PROTOCOL.md ("What the edge keeps on disk") is the
 * specification; which files there are and when they are written is the edge's affair.
 *
 * A file is entries, one behind the other. The first one says what the file is and has a random
 * number in it, its mark, with which all others begin: nobody who sends messages to a room can know
 * it, so nothing that is in a message is taken for an entry.
 *
 *     ck_journal_begin(&scan, data, size, &first)
 *     while ((status = ck_journal_next(&scan, &entry)) != 0)
 *         if (status < 0) ... what stands at scan.at is not whole; ck_journal_skip(&scan)
 *
 * Plain functions; any thread. What is read is borrowed from the bytes that are scanned.
 */
#ifndef CK_CORE_JOURNAL_JOURNAL_H
#define CK_CORE_JOURNAL_JOURNAL_H

#include "core/wire/wire.h"

#define CK_JOURNAL_HEAD_BYTES 48u
#define CK_JOURNAL_NAME_MAX   64u
#define CK_JOURNAL_BODY_MAX   (16u << 20)
#define CK_JOURNAL_ENTRY_MAX  (CK_JOURNAL_HEAD_BYTES + CK_JOURNAL_NAME_MAX + CK_JOURNAL_BODY_MAX)
#define CK_JOURNAL_FIRST_MAX  (CK_JOURNAL_HEAD_BYTES + CK_JOURNAL_NAME_MAX + 12) /* bytes */

enum ck_journal_kind {
    CK_JOURNAL_SEGMENT = 1, /* first of a file of the log */
    CK_JOURNAL_ROOM,        /* first of a room's file */
    CK_JOURNAL_STATE,
    CK_JOURNAL_RECORD,
};

typedef struct ck_journal_entry {
    enum ck_journal_kind kind;
    uint32_t synced; /* this file was on disk up to here when the entry was written */
    uint64_t epoch;  /* of the lease; SEGMENT: of the start that made it */
    uint64_t after;  /* RECORD; SEGMENT: the number of the one before, 0: none; ROOM: see below */
    uint64_t to;     /* RECORD, STATE, ROOM; SEGMENT: its number */
    ck_bytes name;   /* of the room; 1 to 64 bytes; SEGMENT: empty */
    ck_bytes body;
} ck_journal_entry;

/* The first entry of a file of the log: `before_size` bytes of the one before it count. */
void ck_journal_put_segment(ck_buf *out, uint32_t mark, uint64_t start, uint64_t number,
                            uint64_t before, uint64_t before_size);
/* The first entry of a room's file, which reaches up to `to` and has all that the files of the log
 * up to `number` have of the room. */
void ck_journal_put_room(ck_buf *out, uint32_t mark, ck_bytes name, uint64_t epoch, uint64_t number,
                         uint64_t to);
/* Any other entry: STATE, RECORD. */
void ck_journal_put(ck_buf *out, uint32_t mark, const ck_journal_entry *entry);
/* The bytes of such an entry. */
size_t ck_journal_size(const ck_journal_entry *entry);

typedef struct ck_journal_scan {
    const uint8_t *data;
    size_t size;
    size_t at; /* where the next entry stands */
    uint32_t mark;
} ck_journal_scan;

/* Reads a file's first entry and stands behind it. END: it is cut short; BAD_DATA: it is not one.
 */
int ck_journal_begin(ck_journal_scan *scan, const void *data, size_t size, ck_journal_entry *first);
/* What a SEGMENT says of the one before it. */
uint64_t ck_journal_before_size(const ck_journal_entry *first);

/* 1: *entry, and the scan stands behind it; 0: that was all. END: the bytes end within an entry;
 * BAD_DATA: they are damaged. The scan stays where it is then, and if the entry's head is whole
 * `entry` has it without its body, else its kind is 0. */
int ck_journal_next(ck_journal_scan *scan, ck_journal_entry *entry);

/* Goes from an entry that is not whole to the next head that is, or to the end. */
void ck_journal_skip(ck_journal_scan *scan);

/* Of a scan that stands at an entry that is not whole: whether nothing behind it was written when
 * this entry was on disk already. Then it never was: it is torn. Else it is damaged. */
bool ck_journal_is_torn(const ck_journal_scan *scan);

#endif
