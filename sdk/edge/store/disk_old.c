/*
 * Rooms in which nothing happened for as long as they are to be kept. What happens in a room is in
 * files of the log at first, beside what happens in others. So that none of them has for long what
 * is to go, a file of the log is ended after a day, and what it still has moves into rooms' own
 * files, as it does when there are too many.
 *
 * A room's own file is removed when it was not written for so long, nobody has the room, and no
 * file of the log may still have records of it: else a start would find those without what was
 * before.
 */
#include "edge/store/disk.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/runtime.h"
#include "runtime/os/os.h"

#include <string.h>

#define DAY_S       86400u
#define NS_PER_S    UINT64_C(1000000000)
#define SWEEP_ROOMS 256u /* are removed at a time; appends wait meanwhile */

typedef struct sweep {
    ck_disk *d;
    uint64_t oldest;   /* number of the oldest file of the log that has records */
    ck_list forgotten; /* rooms that were removed */
    uint32_t count;
} sweep;

bool ck_disk_segment_is_old(const ck_disk *d, const ck_disk_segment *segment)
{
    return d->keep_s != 0 && d->now_s > segment->at_s + DAY_S;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* "6d61746873.room"; others are nobody's business. */
static bool read_name(const char *file, ck_forgotten *out)
{
    size_t digits = strspn(file, "0123456789abcdef");
    if (digits == 0 || digits % 2 != 0 || digits > 2 * sizeof out->name ||
        strcmp(file + digits, ".room") != 0) {
        return false;
    }
    out->size = (uint8_t)(digits / 2);
    for (size_t i = 0; i < out->size; i++) {
        out->name[i] = (uint8_t)(digit_of(file[2 * i]) << 4 | digit_of(file[2 * i + 1]));
    }
    return true;
}

/* What the room's file covers, all there was, stood in files of the log up to the one behind
 * `kept_number` (head.after): that one was being written. A file that cannot be read is kept:
 * somebody may want to know why. */
static bool may_go(sweep *s, ck_bytes name, const ck_disk_path *path)
{
    uint64_t written_s = 0;
    ck_journal_entry head;
    return ck_table_find(&s->d->rooms, name) == NULL &&
           ck_file_time(path->text, &written_s) == CHALK_OK &&
           s->d->now_s > written_s + s->d->keep_s &&
           ck_disk_room_head(s->d, name, &head) == CHALK_OK && head.after + 1 < s->oldest;
}

static int look_at(void *user, const char *file)
{
    sweep *s = user;
    ck_forgotten found = {.size = 0};
    ck_disk_path path;
    if (!read_name(file, &found)) {
        return CHALK_OK;
    }
    ck_disk_room_path(s->d, ck_bytes_of(found.name, found.size), &path);
    if (!may_go(s, ck_bytes_of(found.name, found.size), &path)) {
        return CHALK_OK;
    }
    ck_forgotten *room = ck_new(s->d->store.alloc, sizeof *room);
    if (room == NULL) {
        return CHALK_ERR_NO_MEMORY; /* another time */
    }
    *room = found;
    ck_list_init(&room->link);
    int status = ck_file_remove(path.text);
    if (status < 0) {
        ck_free(s->d->store.alloc, room);
        return status;
    }
    ck_list_append(&s->forgotten, &room->link);
    return ++s->count < SWEEP_ROOMS ? CHALK_OK : CHALK_ERR_AGAIN;
}

/* Its first entry alone is smaller than two heads of entries. */
static bool has_records(const ck_disk_segment *segment)
{
    return segment->size >= 2 * CK_JOURNAL_HEAD_BYTES;
}

static uint64_t oldest_with_records(const ck_disk *d)
{
    for (const ck_list *at = d->segments.next; at != &d->segments; at = at->next) {
        const ck_disk_segment *segment = CK_LIST_OWNER(at, ck_disk_segment, link);
        if (has_records(segment)) {
            return segment->number;
        }
    }
    return d->next_number;
}

/* A day's file is ended, so that what it has can move out. */
static void end_old_segment(ck_disk *d)
{
    const ck_disk_segment *newest = ck_disk_newest(d);
    if (newest == NULL || !has_records(newest) || !ck_disk_segment_is_old(d, newest)) {
        return;
    }
    ck_file_close(&d->file);
    d->counted.failures += ck_disk_segment_begin(d) < 0;
}

static void remove_old(ck_disk *d)
{
    ck_disk_path folder;
    sweep s = {.d = d, .oldest = oldest_with_records(d)};
    ck_list_init(&s.forgotten);
    ck_disk_folder_path(d, "rooms", &folder);
    int status = ck_folder_list(folder.text, look_at, &s);
    bool more = status == CHALK_ERR_AGAIN;
    d->counted.failures += status < 0 && !more;
    if (s.count > 0) {
        d->counted.failures += ck_folder_sync(folder.text) < 0;
        ck_logf(d->store.log, CHALK_LOG_INFO, "store",
                "%s: %u rooms in which nothing happened for %u days are removed", d->folder,
                s.count, d->keep_s / DAY_S);
        ck_room_store_tell_forgotten(&d->store, &s.forgotten);
    }
    if (more) {
        d->sweep_ns = uv_hrtime() + NS_PER_S;
    }
}

void ck_disk_sweep(ck_disk *d)
{
    if (d->keep_s == 0 || uv_hrtime() < d->sweep_ns) {
        return;
    }
    d->sweep_ns = uv_hrtime() + d->sweep_s * NS_PER_S;
    d->now_s = ck_wall_us() / CK_US_PER_S;
    end_old_segment(d);
    ck_disk_tidy(d);
    if (d->losses == 0) { /* else nobody knows what the log still has of which room */
        remove_old(d);
    }
}
