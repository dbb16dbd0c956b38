/*
 * The start: what the log has is read once, to know what is where. What was written and never
 * acknowledged is cut off; what was acknowledged and cannot be read is a damage, which is told, and
 * the rooms that it hits are not given to anybody.
 */
#include "edge/store/disk.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/runtime.h"

#include <stdlib.h>
#include <string.h>

#define NAME_DIGITS 16u

typedef struct log_files {
    const ck_alloc *alloc;
    uint64_t *numbers;
    size_t count, capacity;
} log_files;

/* What the next file says of this one. */
typedef struct log_end {
    bool known;
    uint64_t size;
} log_end;

/* --- which files there are ----------------------------------------------------------------- */

/* "00000000000000ff.log"; others are nobody's business. */
static bool read_name(const char *name, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < NAME_DIGITS; i++) {
        const char *digits = "0123456789abcdef";
        const char *digit = name[i] != '\0' ? strchr(digits, name[i]) : NULL;
        if (digit == NULL) {
            return false;
        }
        *number = *number << 4 | (uint64_t)(digit - digits);
    }
    return strcmp(name + NAME_DIGITS, ".log") == 0;
}

static int add_file(void *user, const char *name)
{
    log_files *files = user;
    uint64_t number;
    if (!read_name(name, &number)) {
        return CHALK_OK;
    }
    if (files->count == files->capacity) {
        size_t capacity = CK_MAX(2 * files->capacity, 16);
        uint64_t *grown =
            ck_resize_array(files->alloc, files->numbers, capacity, sizeof *files->numbers);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        files->numbers = grown;
        files->capacity = capacity;
    }
    files->numbers[files->count++] = number;
    return CHALK_OK;
}

static int by_number(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

/* --- what one of them has ------------------------------------------------------------------ */

static void lose(ck_disk *d, ck_disk_segment *segment, uint64_t at)
{
    segment->damaged = true;
    d->losses++;
    d->lost_number = segment->number;
    d->store.stats.damaged++;
    ck_logf(
        d->store.log, CHALK_LOG_ERROR, "store",
        "%s: file %016llx of the log is damaged at byte %llu, nobody knows of which room: those "
        "that may be hit are refused",
        d->folder, (unsigned long long)segment->number, (unsigned long long)at);
}

static void hurt(ck_disk *d, ck_disk_room *room, const ck_disk_segment *segment, uint64_t at,
                 const char *what)
{
    if (!room->damaged) {
        d->store.stats.damaged++;
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store",
                "%s: file %016llx of the log, byte %llu: room %.*s %s and is refused", d->folder,
                (unsigned long long)segment->number, (unsigned long long)at, (int)room->named.size,
                (const char *)room->named.name, what);
    }
    room->damaged = true;
}

/* The room of an entry; also one whose own file cannot be read, which is refused. */
static int room_of(ck_disk *d, ck_bytes name, const ck_disk_segment *segment, uint64_t at,
                   ck_disk_room **out)
{
    int status = ck_disk_room_get(d, name, out);
    if (status != CHALK_ERR_BAD_DATA) {
        return status;
    }
    ck_disk_room *room = ck_new(d->store.alloc, sizeof *room);
    if (room == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_table_add(&d->rooms, &room->named, name);
    hurt(d, room, segment, at, "has a damaged file");
    *out = room;
    return CHALK_OK;
}

static int take_record(ck_disk *d, ck_disk_segment *segment, uint64_t at, const ck_journal_entry *e)
{
    ck_disk_room *room = NULL;
    int status = room_of(d, e->name, segment, at, &room);
    if (status == CHALK_OK) {
        status = ck_disk_place_reserve(d, room);
    }
    if (status < 0 || room->damaged) {
        return status;
    }
    bool known = e->to <= room->kept_to;
    if (!known && (e->after != room->to || e->epoch < room->log_epoch)) {
        hurt(d, room, segment, at, "has a gap");
        return CHALK_OK;
    }
    room->losses_seen = d->losses;
    if (!known) {
        room->log_epoch = e->epoch;
        room->epoch = CK_MAX(room->epoch, e->epoch);
        ck_disk_place_add(room, (ck_disk_place){.segment = segment,
                                                .after = e->after,
                                                .to = e->to,
                                                .offset = (uint32_t)at,
                                                .size = (uint32_t)ck_journal_size(e)});
    }
    return CHALK_OK;
}

static int take_damage(ck_disk *d, ck_disk_segment *segment, uint64_t at, const ck_journal_entry *e)
{
    if (e->kind == 0) {
        lose(d, segment, at);
        return CHALK_OK;
    }
    ck_disk_room *room = NULL;
    int status = room_of(d, e->name, segment, at, &room);
    if (status == CHALK_OK && e->to > room->kept_to) {
        hurt(d, room, segment, at, "is damaged");
        segment->damaged = true;
    }
    return status;
}

/* The rest was never acknowledged. */
static int cut(ck_disk *d, ck_disk_segment *segment, uint64_t size, uint64_t end)
{
    ck_disk_path path;
    ck_disk_log_path(d, segment->number, &path);
    segment->size = size;
    segment->loose = true; /* until the cut is on the device, which nobody waits for */
    d->store.stats.torn_bytes += end - size;
    ck_logf(d->store.log, CHALK_LOG_WARNING, "store",
            "%s: the last %llu bytes were never acknowledged and are cut off", path.text,
            (unsigned long long)(end - size));
    return ck_file_cut(path.text, size);
}

static int take_entries(ck_disk *d, ck_disk_segment *segment, ck_journal_scan *scan, bool end_known)
{
    ck_journal_entry e;
    size_t at = scan->at;
    int next, status = CHALK_OK;
    while (status == CHALK_OK && (next = ck_journal_next(scan, &e)) != 0) {
        if (next > 0 && e.kind == CK_JOURNAL_RECORD) {
            status = take_record(d, segment, at, &e);
        } else if (next < 0 && !end_known && ck_journal_is_torn(scan)) {
            return cut(d, segment, at, scan->size);
        } else {
            status = take_damage(d, segment, at, &e);
            if (next < 0) {
                ck_journal_skip(scan);
            }
        }
        at = scan->at;
    }
    return status;
}

static int take_bytes(ck_disk *d, ck_disk_segment *segment, ck_slice bytes, const log_end *end)
{
    ck_journal_scan scan;
    ck_journal_entry first;
    const uint64_t size = end->known ? CK_MIN(end->size, bytes.size) : bytes.size;
    segment->size = size;
    int status = ck_journal_begin(&scan, bytes.data, (size_t)size, &first);
    if (status < 0 || first.kind != CK_JOURNAL_SEGMENT || first.to != segment->number) {
        lose(d, segment, 0);
        return CHALK_OK;
    }
    segment->mark = scan.mark;
    status = take_entries(d, segment, &scan, end->known);
    if (status == CHALK_OK && end->known && bytes.size < end->size) {
        lose(d, segment, bytes.size);
    } else if (status == CHALK_OK && bytes.size > size) {
        status = cut(d, segment, size, bytes.size);
    }
    return status;
}

static int take_segment(ck_disk *d, uint64_t number, const log_end *end)
{
    ck_disk_path path;
    ck_slice bytes = {0};
    ck_disk_segment *segment = ck_disk_segment_new(d, number);
    if (segment == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_list_append(&d->segments, &segment->link);
    d->next_number = number + 1;
    ck_disk_log_path(d, number, &path);
    int status = ck_file_time(path.text, &segment->at_s);
    if (status == CHALK_OK) {
        status = ck_disk_read_file(d, &path, UINT32_MAX, true, &bytes);
    }
    if (status == CHALK_OK) {
        status = take_bytes(d, segment, bytes, end);
    }
    if (status < 0) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s: %s", path.text,
                chalk_error_text(status));
    }
    ck_slice_unref(&bytes);
    return status;
}

static int read_end(ck_disk *d, uint64_t number, uint64_t next, log_end *end)
{
    ck_disk_path path;
    ck_slice bytes = {0};
    ck_journal_scan scan;
    ck_journal_entry first;
    *end = (log_end){0};
    ck_disk_log_path(d, next, &path);
    int status = ck_disk_read_file(d, &path, CK_JOURNAL_FIRST_MAX, false, &bytes);
    if (status == CHALK_OK && ck_journal_begin(&scan, bytes.data, bytes.size, &first) == CHALK_OK &&
        first.kind == CK_JOURNAL_SEGMENT && first.after == number) {
        *end = (log_end){true, ck_journal_before_size(&first)};
    }
    ck_slice_unref(&bytes);
    return status;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* Rooms of which their own file has everything need not be known. */
static void forget_kept(ck_disk *d)
{
    ck_named *at = ck_table_next(&d->rooms, NULL);
    while (at != NULL) {
        ck_named *next = ck_table_next(&d->rooms, at);
        ck_disk_room_release(d, (ck_disk_room *)at);
        at = next;
    }
}

int ck_disk_load(ck_disk *d)
{
    ck_disk_path folder;
    log_files files = {.alloc = d->store.alloc};
    ck_disk_folder_path(d, "log", &folder);
    d->next_number = 1;
    int status = ck_folder_list(folder.text, add_file, &files);
    if (files.count > 1) {
        qsort(files.numbers, files.count, sizeof *files.numbers, by_number);
    }
    for (size_t i = 0; i < files.count && status == CHALK_OK; i++) {
        log_end end = {0};
        if (i + 1 < files.count) {
            status = read_end(d, files.numbers[i], files.numbers[i + 1], &end);
        }
        if (status == CHALK_OK) {
            status = take_segment(d, files.numbers[i], &end);
        }
    }
    ck_free(files.alloc, files.numbers);
    if (status == CHALK_OK) {
        forget_kept(d);
    }
    return status;
}
