/* A room's file, and a room as a whole: its file and what the log has behind that. */
#include "edge/store/disk.h"

#include "base/check.h"

#include <string.h>

static bool same(ck_bytes a, ck_bytes b)
{
    return a.size == b.size && memcmp(a.data, b.data, a.size) == 0;
}

int ck_disk_room_head(ck_disk *d, ck_bytes name, ck_journal_entry *head)
{
    ck_disk_path path;
    ck_slice bytes = {0};
    ck_journal_scan scan;
    ck_journal_entry first;
    ck_disk_room_path(d, name, &path);
    int status = ck_disk_read_file(d, &path, CK_JOURNAL_FIRST_MAX, false, &bytes);
    if (status < 0) {
        return status;
    }
    status = ck_journal_begin(&scan, bytes.data, bytes.size, &first);
    bool ours = status == CHALK_OK && first.kind == CK_JOURNAL_ROOM && same(first.name, name);
    if (ours) {
        *head = (ck_journal_entry){.epoch = first.epoch, .after = first.after, .to = first.to};
    }
    ck_slice_unref(&bytes);
    return ours ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

/* --- reading ------------------------------------------------------------------------------- */

typedef struct reading {
    ck_disk *d;
    const ck_disk_job *job;
    ck_tail *tail;
    size_t capacity;
    uint64_t end;    /* of what was read */
    uint64_t newer;  /* the file has a state up to here that is newer than the job's; 0: none */
    ck_file file;    /* of the log, */
    uint64_t number; /* this one */
} reading;

/* What is known already is left out; what does not follow on is damage. */
static int add_record(reading *r, const ck_journal_entry *e, ck_slice within)
{
    ck_tail *tail = r->tail;
    if (e->to <= r->end) {
        return CHALK_OK;
    }
    if (e->after != r->end) {
        return CHALK_ERR_BAD_DATA;
    }
    if (tail->count == r->capacity) {
        size_t capacity = CK_MAX(2 * r->capacity, 16);
        ck_tail_record *grown =
            ck_resize_array(r->d->store.alloc, tail->records, capacity, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        tail->records = grown;
        r->capacity = capacity;
    }
    const size_t offset = e->body.size > 0 ? (size_t)(e->body.data - within.data) : 0;
    tail->records[tail->count++] =
        (ck_tail_record){.epoch = e->epoch,
                         .after = e->after,
                         .to = e->to,
                         .bytes = ck_slice_part(within, offset, e->body.size)};
    r->end = e->to;
    return CHALK_OK;
}

static void take_state(reading *r, const ck_journal_entry *e, ck_slice within)
{
    if (r->tail->state.data == NULL) {
        r->tail->state = ck_slice_part(within, (size_t)(e->body.data - within.data), e->body.size);
        r->tail->state_to = r->end = e->to;
    } else if (e->to >= r->tail->state_to) {
        r->newer = e->to;
    }
}

static int take_file(reading *r, ck_slice bytes)
{
    ck_journal_scan scan;
    ck_journal_entry e;
    int status = ck_journal_begin(&scan, bytes.data, bytes.size, &e);
    const uint64_t to = e.to;
    if (status < 0 || e.kind != CK_JOURNAL_ROOM) {
        return CHALK_ERR_BAD_DATA;
    }
    while ((status = ck_journal_next(&scan, &e)) > 0) {
        if (e.kind == CK_JOURNAL_STATE && e.body.size > 0) {
            take_state(r, &e, bytes);
        } else if ((status = add_record(r, &e, bytes)) < 0) {
            return status;
        }
    }
    /* It came under its name when it was whole. */
    return status < 0 || CK_MAX(r->end, r->newer) < to ? CHALK_ERR_BAD_DATA : CHALK_OK;
}

static int read_file(reading *r)
{
    ck_disk_path path;
    ck_slice bytes = {0};
    ck_disk_room_path(r->d, ck_named_name(&r->job->room->named), &path);
    int status = ck_disk_read_file(r->d, &path, CK_DISK_FILE_MAX, true, &bytes);
    if (status == CHALK_ERR_NOT_FOUND && r->job->expected == 0) {
        return CHALK_OK;
    }
    if (status == CHALK_OK) {
        r->tail->bytes += bytes.size;
        status = take_file(r, bytes);
    }
    ck_slice_unref(&bytes);
    return status == CHALK_ERR_NOT_FOUND || status == CHALK_ERR_TOO_LARGE ? CHALK_ERR_BAD_DATA
                                                                          : status;
}

static int open_log(reading *r, uint64_t number)
{
    if (r->file != CK_FILE_NONE && r->number == number) {
        return CHALK_OK;
    }
    ck_disk_path path;
    ck_file_close(&r->file);
    r->number = number;
    ck_disk_log_path(r->d, number, &path);
    int status = ck_file_open(path.text, &r->file);
    return status == CHALK_ERR_NOT_FOUND ? CHALK_ERR_BAD_DATA : status;
}

static int read_place(reading *r, const ck_disk_place *place)
{
    ck_slice bytes = ck_slice_new(r->d->store.alloc, place->size);
    size_t got = 0;
    int status = bytes.data != NULL ? open_log(r, place->segment->number) : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = ck_file_read(r->file, place->offset, ck_slice_mutable(bytes), place->size, &got);
    }
    if (status == CHALK_OK) {
        ck_journal_scan scan = {.data = bytes.data, .size = got, .mark = place->segment->mark};
        ck_journal_entry e;
        bool found = ck_journal_next(&scan, &e) == 1 && e.kind == CK_JOURNAL_RECORD &&
                     e.after == place->after && e.to == place->to &&
                     same(e.name, ck_named_name(&r->job->room->named));
        r->tail->bytes += place->size;
        status = found ? add_record(r, &e, bytes) : CHALK_ERR_BAD_DATA;
    }
    ck_slice_unref(&bytes);
    return status;
}

static int read_all(reading *r)
{
    int status = read_file(r);
    if (status == CHALK_OK && CK_MAX(r->end, r->newer) < r->job->expected) {
        status = CHALK_ERR_BAD_DATA;
    }
    for (size_t i = 0; i < r->job->count && status == CHALK_OK; i++) {
        status = read_place(r, &r->job->places[i]);
    }
    ck_file_close(&r->file);
    return status;
}

int ck_disk_read_room(ck_disk *d, const ck_disk_job *job, ck_tail *out)
{
    reading r = {.d = d, .job = job, .tail = out, .file = CK_FILE_NONE};
    return read_all(&r);
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_room(ck_buf *out, uint32_t mark, const ck_disk_job *job, const ck_tail *tail)
{
    const ck_bytes name = ck_named_name(&job->room->named);
    ck_journal_put_room(out, mark, name, job->epoch, job->kept_number, job->to);
    ck_journal_entry entry = {.kind = CK_JOURNAL_STATE,
                              .epoch = job->epoch,
                              .to = tail->state_to,
                              .name = name,
                              .body = ck_bytes_of(tail->state.data, tail->state.size)};
    if (tail->state.data != NULL) {
        ck_journal_put(out, mark, &entry);
    }
    for (size_t i = 0; i < tail->count; i++) {
        const ck_tail_record *record = &tail->records[i];
        entry.kind = CK_JOURNAL_RECORD;
        entry.epoch = record->epoch;
        entry.after = record->after;
        entry.to = record->to;
        entry.body = ck_bytes_of(record->bytes.data, record->bytes.size);
        ck_journal_put(out, mark, &entry);
    }
}

static int write_room(ck_disk *d, const ck_disk_job *job, const ck_tail *tail)
{
    ck_disk_path folder, path;
    ck_disk_folder_path(d, "rooms", &folder);
    ck_disk_room_path(d, ck_named_name(&job->room->named), &path);
    ck_buf bytes;
    uint32_t mark = 0;
    ck_buf_init(&bytes, d->store.alloc, CK_DISK_FILE_MAX);
    int status = ck_disk_new_mark(&mark);
    if (status == CHALK_OK) {
        put_room(&bytes, mark, job, tail);
        status = ck_buf_status(&bytes);
    }
    if (status == CHALK_OK) {
        status = ck_disk_write_file(&folder, &path, &bytes);
    }
    ck_disk_count(d, &d->store.stats.syncs, 2);
    ck_disk_count(d, &d->store.stats.bytes, bytes.size);
    ck_buf_free(&bytes);
    return status;
}

int ck_disk_keep_room(ck_disk *d, ck_disk_job *job)
{
    ck_tail tail = {0};
    reading r = {.d = d, .job = job, .tail = &tail, .file = CK_FILE_NONE};
    if (job->ask != NULL) {
        tail.state = ck_slice_ref(job->ask->bytes);
        tail.state_to = r.end = job->ask->to;
    }
    int status = read_all(&r);
    if (status == CHALK_OK && r.newer == 0) {
        job->to = r.end;
        status = write_room(d, job, &tail);
    }
    ck_tail_free(&d->store, &tail);
    return status;
}
