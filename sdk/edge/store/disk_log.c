/* The log: appends of all rooms in groups, one file after the other. */
#include "edge/store/disk.h"

#include "base/check.h"
#include "chalkrail/runtime.h"
#include "runtime/os/os.h"

ck_disk_segment *ck_disk_newest(ck_disk *d)
{
    return ck_list_is_empty(&d->segments)
               ? NULL
               : CK_LIST_OWNER(d->segments.previous, ck_disk_segment, link);
}

ck_disk_segment *ck_disk_segment_new(ck_disk *d, uint64_t number)
{
    ck_disk_segment *segment = ck_new(d->store.alloc, sizeof *segment);
    if (segment != NULL) {
        segment->number = number;
        ck_list_init(&segment->link);
    }
    return segment;
}

/* --- files of the log ---------------------------------------------------------------------- */

/* Makes the file with its first entry, on the device under its name. Its descriptor goes on to be
 * appended to. */
static int make_file(ck_disk *d, const ck_disk_path *made, const ck_disk_path *path,
                     const ck_buf *first)
{
    ck_disk_path folder;
    ck_disk_folder_path(d, "log", &folder);
    ck_file file = CK_FILE_NONE;
    int status = ck_file_create(made->text, &file);
    if (status < 0) {
        return status;
    }
    status = ck_file_append(file, first->data, first->size);
    if (status == CHALK_OK) {
        status = ck_file_sync(file);
    }
    if (status == CHALK_OK) {
        status = ck_file_rename(made->text, path->text);
    }
    if (status == CHALK_OK) {
        status = ck_folder_sync(folder.text);
    }
    d->counted.syncs += 2;
    if (status < 0) {
        /* What is left of it is taken over by the next try, which has the same number. */
        (void)ck_file_remove(made->text);
        ck_file_close(&file);
        return status;
    }
    d->file = file;
    return CHALK_OK;
}

int ck_disk_segment_begin(ck_disk *d)
{
    ck_disk_path made, path;
    ck_disk_folder_path(d, "log/next.tmp", &made);
    ck_disk_log_path(d, d->next_number, &path);
    const bool none = ck_list_is_empty(&d->segments);
    const ck_disk_segment *before = ck_disk_newest(d);
    ck_disk_segment *segment = ck_disk_segment_new(d, d->next_number);
    if (segment == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    uint8_t room[CK_JOURNAL_FIRST_MAX];
    ck_buf first = {.data = room, .capacity = sizeof room, .limit = sizeof room};
    int status = ck_disk_new_mark(&segment->mark);
    if (status == CHALK_OK) {
        ck_journal_put_segment(&first, segment->mark, d->start, segment->number,
                               none ? 0 : before->number, none ? 0 : before->size);
        status = make_file(d, &made, &path, &first);
    }
    if (status < 0) {
        ck_free(d->store.alloc, segment);
        return status;
    }
    segment->size = first.size;
    segment->at_s = ck_wall_us() / CK_US_PER_S;
    d->next_number++;
    ck_list_append(&d->segments, &segment->link);
    ck_disk_tidy(d);
    return CHALK_OK;
}

/* --- groups -------------------------------------------------------------------------------- */

static void say_failure(ck_disk *d, int status)
{
    d->counted.failures++;
    if (!d->failing) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s: the log cannot be written: %s",
                d->folder, chalk_error_text(status));
    }
    d->failing = true;
}

int ck_disk_group_open(ck_disk *d, size_t size)
{
    if (!ck_list_is_empty(&d->grouped) && d->group.size + size > CK_DISK_GROUP_MAX) {
        ck_disk_group_close(d);
    }
    if (!ck_list_is_empty(&d->grouped)) {
        return CHALK_OK;
    }
    if (d->file != CK_FILE_NONE && ck_disk_newest(d)->size >= d->segment_max) {
        ck_file_close(&d->file);
    }
    if (d->file == CK_FILE_NONE && !d->full) {
        int status = ck_disk_segment_begin(d);
        if (status < 0) {
            say_failure(d, status);
            d->full = true;
        }
    }
    return d->file != CK_FILE_NONE ? CHALK_OK : CHALK_ERR_NO_SPACE;
}

/* Nobody knows which of its last bytes are on the device. The next file says how many count, and
 * nothing is acknowledged before that is on the device; what was acknowledged is looked at again.
 */
static void abandon(ck_disk *d, ck_disk_segment *segment)
{
    ck_logf(d->store.log, CHALK_LOG_WARNING, "store", "%s: file %llu of the log is abandoned",
            d->folder, (unsigned long long)segment->number);
    ck_file_close(&d->file);
    segment->loose = true;
    const ck_disk_job job = {.kind = CK_JOB_VERIFY, .segment = segment};
    (void)ck_disk_job_start(d, job, 0); /* without memory it is read at the next start */
}

static int write_group(ck_disk *d)
{
    ck_disk_segment *segment = ck_disk_newest(d);
    ck_disk_path path;
    ck_disk_log_path(d, segment->number, &path);
    int status = ck_file_append(d->file, d->group.data, d->group.size);
    bool cut = false;
    if (status < 0) {
        cut = ck_file_cut(path.text, segment->size) == CHALK_OK;
    } else {
        status = ck_file_sync(d->file);
        d->counted.syncs++;
    }
    if (status < 0) {
        say_failure(d, status);
        if (!cut) {
            abandon(d, segment);
        }
        return status;
    }
    if (d->failing) {
        ck_logf(d->store.log, CHALK_LOG_WARNING, "store", "%s: the log is written again",
                d->folder);
        d->failing = false;
    }
    d->counted.commits++;
    d->counted.bytes += d->group.size;
    return CHALK_OK;
}

static size_t entry_size(const ck_ask *ask)
{
    return CK_JOURNAL_HEAD_BYTES + ask->lease->name_size + ask->bytes.size;
}

void ck_disk_group_close(ck_disk *d)
{
    if (ck_list_is_empty(&d->grouped)) {
        return;
    }
    ck_disk_segment *segment = ck_disk_newest(d);
    int status = write_group(d);
    uint64_t offset = segment->size;
    while (!ck_list_is_empty(&d->grouped)) {
        ck_ask *ask = CK_LIST_OWNER(d->grouped.next, ck_ask, link);
        ck_disk_room *room = ask->lease->room;
        uint32_t size = (uint32_t)entry_size(ask);
        ck_list_remove(&ask->link);
        ck_list_append(&d->answers, &ask->link);
        room->grouped = false;
        ask->answer = status == CHALK_OK ? CK_STORE_COMMITTED : CK_STORE_FULL;
        if (status == CHALK_OK) {
            ck_disk_place_add(room, (ck_disk_place){.segment = segment,
                                                    .after = ask->after,
                                                    .to = ask->to,
                                                    .offset = (uint32_t)offset,
                                                    .size = size});
            d->counted.appends++;
        } else {
            d->counted.full++;
        }
        offset += size;
    }
    segment->size = status == CHALK_OK ? offset : segment->size;
    ck_buf_clear(&d->group);
}

/* --- what the log is rid of ---------------------------------------------------------------- */

static void remove_segment(ck_disk *d, ck_disk_segment *segment)
{
    const ck_disk_job job = {.kind = CK_JOB_REMOVE, .segment = segment};
    if (ck_disk_job_start(d, job, 0)) {
        ck_list_remove(&segment->link);
    }
}

/* The newest stays: the next one says how many of its bytes count. */
static void remove_covered(ck_disk *d)
{
    bool needed = false; /* to know how much of the one before counts */
    ck_list *at = d->segments.next;
    while (at != d->segments.previous && at != &d->segments) {
        ck_disk_segment *segment = CK_LIST_OWNER(at, ck_disk_segment, link);
        at = at->next;
        if (segment->live == 0 && !segment->damaged && !needed) {
            remove_segment(d, segment);
        } else {
            needed = segment->loose;
        }
    }
}

/* A room whose oldest record is in this file. */
static ck_disk_room *first_in(const ck_disk *d, const ck_disk_segment *segment)
{
    const ck_named *at = NULL;
    while ((at = ck_table_next(&d->rooms, at)) != NULL) {
        ck_disk_room *room = (ck_disk_room *)at;
        if (room->count > 0 && room->places[0].segment == segment && !room->damaged) {
            return room;
        }
    }
    return NULL;
}

/* Too many files, or too old ones: of the oldest one a room's records go into a file of its own,
 * one room at a time, so that a room where little happens does not keep what others wrote. */
static void move_out(ck_disk *d)
{
    uv_mutex_lock(&d->store.lock);
    bool stopping = d->stopping;
    uv_mutex_unlock(&d->store.lock);
    uint32_t closed = 0;
    for (ck_list *at = d->segments.next; at != &d->segments; at = at->next) {
        closed++;
    }
    ck_list *at = d->segments.next;
    for (; closed > 1 && !d->moving && !stopping; closed--, at = at->next) {
        const ck_disk_segment *segment = CK_LIST_OWNER(at, ck_disk_segment, link);
        if (closed <= CK_DISK_CLOSED_MAX + 1 && !ck_disk_segment_is_old(d, segment)) {
            break;
        }
        ck_disk_room *room = first_in(d, segment);
        if (room != NULL) {
            const ck_disk_job job = {.kind = CK_JOB_KEEP, .room = room};
            d->moving = ck_disk_job_start(d, job, room->to);
        }
    }
}

void ck_disk_tidy(ck_disk *d)
{
    remove_covered(d);
    move_out(d);
}
