/* The writer: what was asked, in its order; one group of appends a round. */
#include "edge/store/disk.h"

#include "base/check.h"
#include "chalkrail/runtime.h"

#include <string.h>

/* --- jobs for the keeper ------------------------------------------------------------------- */

/* Copies what the job has to know of its room up to `to`. A room's new state makes the records
 * before it needless. */
static bool plan(ck_disk *d, ck_disk_job *job, uint64_t to)
{
    ck_disk_room *room = job->room;
    size_t count = 0;
    while (count < room->count && room->places[count].to <= to) {
        count++;
    }
    /* The file being written may still get more of this room. */
    uint64_t closed = d->next_number - (d->file != CK_FILE_NONE ? 2 : 1);
    job->kept_number = count < room->count ? room->places[count].segment->number - 1 : closed;
    job->epoch = room->epoch;
    job->expected = room->kept_to;
    job->count = job->kind == CK_JOB_KEEP && job->ask != NULL ? 0 : count;
    job->places = ck_new_array(d->store.alloc, job->count + 1, sizeof *job->places);
    if (job->places == NULL) {
        return false;
    }
    if (job->count > 0) {
        memcpy(job->places, room->places, job->count * sizeof *job->places);
    }
    room->jobs++;
    return true;
}

bool ck_disk_job_start(ck_disk *d, ck_disk_job job, uint64_t to)
{
    ck_disk_job *made = ck_new(d->store.alloc, sizeof *made);
    if (made == NULL) {
        return false;
    }
    *made = job;
    ck_list_init(&made->link);
    if (job.room != NULL && !plan(d, made, to)) {
        ck_free(d->store.alloc, made);
        return false;
    }
    uv_mutex_lock(&d->store.lock);
    ck_list_append(&d->jobs, &made->link);
    d->keeping++;
    uv_cond_signal(&d->keeper_wake);
    uv_mutex_unlock(&d->store.lock);
    return true;
}

static void room_is_kept(ck_disk *d, const ck_disk_job *job)
{
    ck_disk_room *room = job->room;
    if (job->status == CHALK_OK && job->to > room->kept_to) {
        room->kept_to = job->to;
        room->kept_number = job->kept_number;
        ck_disk_places_drop(room, job->to);
    }
    if (job->status == CHALK_ERR_BAD_DATA) {
        room->damaged =
            true; /* what it holds in the log stays there, others need not wait for it */
    }
    d->moving = d->moving && job->ask != NULL;
}

static void job_is_done(ck_disk *d, ck_disk_job *job)
{
    d->counted.failures += job->status < 0;
    if (job->kind == CK_JOB_KEEP) {
        room_is_kept(d, job);
    } else if (job->kind == CK_JOB_REMOVE) {
        ck_free(d->store.alloc, job->segment);
    } else if (job->kind == CK_JOB_VERIFY) {
        job->segment->damaged = job->segment->damaged || job->status == CHALK_ERR_BAD_DATA;
    }
    if (job->ask != NULL) {
        job->ask->status = job->status;
        ck_list_append(&d->answers, &job->ask->link);
    }
    if (job->room != NULL) {
        job->room->jobs--;
        ck_disk_room_release(d, job->room);
    }
    /* A file that could not be written is tried again with the next file of the log, not at once.
     */
    if (job->kind == CK_JOB_KEEP && job->status == CHALK_OK) {
        ck_disk_tidy(d);
    }
    ck_free(d->store.alloc, job->places);
    ck_free(d->store.alloc, job);
}

/* --- questions ----------------------------------------------------------------------------- */

static int get_room(ck_disk *d, ck_bytes name, ck_disk_room **room)
{
    if (d->rooms.count >= CK_DISK_ROOMS_MAX && ck_table_find(&d->rooms, name) == NULL) {
        return CHALK_ERR_LIMIT;
    }
    return ck_disk_room_get(d, name, room);
}

static void take_open(ck_disk *d, ck_ask *ask)
{
    ck_lease *lease = ask->lease;
    ck_disk_room *room = NULL;
    uint64_t epoch = d->start << 32 | (d->leases_given + 1);
    ask->status = get_room(d, ck_lease_name(lease), &room);
    if (ask->status == CHALK_OK && (!ck_disk_room_is_whole(d, room) || room->epoch >= epoch)) {
        ask->status = CHALK_ERR_BAD_DATA;
        ck_disk_room_release(d, room);
    }
    if (ask->status < 0) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s: room %.*s is refused: %s", d->folder,
                (int)lease->name_size, (const char *)lease->name, chalk_error_text(ask->status));
        return;
    }
    d->leases_given++;
    room->epoch = epoch;
    room->leases++;
    lease->room = room;
    lease->epoch = ask->epoch = epoch;
}

/* The answer to an append that is not to be written. 0: it is. */
static enum ck_store_answer judge(const ck_ask *ask, const ck_disk_room *room)
{
    if (ask->lease->epoch != room->epoch || ask->after != room->to) {
        return CK_STORE_FENCED;
    }
    if (ask->to == ask->after) {
        return CK_STORE_COMMITTED;
    }
    bool fits = room->count < CK_DISK_PLACES_MAX && room->bytes < CK_DISK_LOGGED_MAX;
    return fits ? 0 : CK_STORE_FULL;
}

/* Into the group; false: it cannot be. */
static bool put_append(ck_disk *d, ck_ask *ask, ck_disk_room *room)
{
    ck_journal_entry entry = {
        .kind = CK_JOURNAL_RECORD,
        .epoch = ask->lease->epoch,
        .after = ask->after,
        .to = ask->to,
        .name = ck_lease_name(ask->lease),
        .body = ck_bytes_of(ask->bytes.data, ask->bytes.size),
    };
    if (ck_disk_place_reserve(d, room) < 0 || ck_disk_group_open(d, ck_journal_size(&entry)) < 0) {
        return false;
    }
    size_t before = d->group.size;
    const ck_disk_segment *newest = ck_disk_newest(d);
    entry.synced = (uint32_t)newest->size;
    ck_journal_put(&d->group, newest->mark, &entry);
    if (d->group.failed) {
        d->group.failed = false;
        d->group.size = before;
        return false;
    }
    ck_list_append(&d->grouped, &ask->link);
    room->grouped = true;
    return true;
}

/* True: it is in the group, which answers it. */
static bool take_append(ck_disk *d, ck_ask *ask)
{
    ck_disk_room *room = ask->lease->room;
    if (room->grouped) { /* by the lease before this one: what comes of that is to be known first */
        ck_disk_group_close(d);
    }
    ask->answer = judge(ask, room);
    if (ask->answer == 0) {
        if (put_append(d, ask, room)) {
            return true;
        }
        ask->answer = CK_STORE_FULL;
    }
    d->counted.fenced += ask->answer == CK_STORE_FENCED;
    d->counted.full += ask->answer == CK_STORE_FULL;
    return false;
}

static bool ends_a_record(const ck_disk_room *room, uint64_t to)
{
    bool found = to <= room->kept_to; /* there the keeper looks */
    for (size_t i = 0; i < room->count && !found; i++) {
        found = room->places[i].to == to;
    }
    return found;
}

/* True: the keeper has it. */
static bool take_checkpoint(ck_disk *d, ck_ask *ask)
{
    ck_disk_room *room = ask->lease->room;
    CK_INVARIANT(room != NULL, return false); /* nothing but opening is asked before it is open */
    if (ask->lease->epoch != room->epoch) {
        return false;
    }
    const ck_disk_job job = {.kind = CK_JOB_KEEP, .room = room, .ask = ask};
    bool started = ends_a_record(room, ask->to) && ck_disk_job_start(d, job, ask->to);
    d->counted.failures += !started;
    return started;
}

static bool take_tail(ck_disk *d, ck_ask *ask)
{
    const ck_disk_job job = {.kind = CK_JOB_TAIL, .room = ask->lease->room, .ask = ask};
    if (!ck_disk_job_start(d, job, UINT64_MAX)) {
        ask->status = CHALK_ERR_NO_MEMORY;
        return false;
    }
    return true;
}

static void take_close(ck_disk *d, ck_ask *ask)
{
    ck_disk_room *room = ask->lease->room;
    if (room != NULL) {
        room->leases--;
        ck_disk_room_release(d, room);
    }
}

static void take(ck_disk *d, ck_ask *ask)
{
    const ck_disk_room *room = ask->lease->room;
    bool later = false;
    if (ask->kind != CK_ASK_APPEND && room != NULL && room->grouped) {
        ck_disk_group_close(d);
    }
    switch (ask->kind) {
    case CK_ASK_OPEN:
        take_open(d, ask);
        break;
    case CK_ASK_TAIL:
        later = take_tail(d, ask);
        break;
    case CK_ASK_APPEND:
        later = take_append(d, ask);
        break;
    case CK_ASK_CHECKPOINT:
        later = take_checkpoint(d, ask);
        break;
    case CK_ASK_CLOSE:
    case CK_ASK_KINDS:
        take_close(d, ask);
        break;
    }
    if (!later) {
        ck_list_append(&d->answers, &ask->link);
    }
}

/* --- rounds -------------------------------------------------------------------------------- */

/* Under the lock. False: it is time for a sweep. */
static bool wait(ck_disk *d)
{
    if (d->keep_s == 0) {
        uv_cond_wait(&d->wake, &d->store.lock);
        return true;
    }
    uint64_t now_ns = uv_hrtime();
    return now_ns < d->sweep_ns &&
           uv_cond_timedwait(&d->wake, &d->store.lock, d->sweep_ns - now_ns) == 0;
}

/* Waits until there is something; false: nothing will come any more. */
static bool next_round(ck_disk *d, ck_list *asks, ck_list *done)
{
    bool waits = true;
    uv_mutex_lock(&d->store.lock);
    while (waits && ck_list_is_empty(&d->asks) && ck_list_is_empty(&d->done) &&
           !(d->stopping && d->keeping == 0)) {
        waits = wait(d);
    }
    bool ends = d->stopping && d->keeping == 0;
    ck_list_move(&d->asks, asks);
    ck_list_move(&d->done, done);
    d->waiting = 0;
    uv_mutex_unlock(&d->store.lock);
    return !ends || !ck_list_is_empty(asks) || !ck_list_is_empty(done);
}

static void add_up(ck_disk *d)
{
    ck_room_store_stats *sum = &d->store.stats, *more = &d->counted;
    uint32_t segments = 0;
    for (const ck_list *at = d->segments.next; at != &d->segments; at = at->next) {
        segments++;
    }
    uv_mutex_lock(&d->store.lock);
    sum->appends += more->appends;
    sum->fenced += more->fenced;
    sum->full += more->full;
    sum->commits += more->commits;
    sum->syncs += more->syncs;
    sum->bytes += more->bytes;
    sum->failures += more->failures;
    sum->rooms = (uint32_t)d->rooms.count;
    sum->segments = segments;
    uv_mutex_unlock(&d->store.lock);
    *more = (ck_room_store_stats){0};
}

static void end_round(ck_disk *d)
{
    ck_disk_group_close(d);
    d->full = false;
    add_up(d);
    ck_room_store_answer(&d->store, &d->answers);
}

void ck_disk_write(void *disk)
{
    ck_disk *d = disk;
    ck_list asks, done;
    ck_thread_name("chalk-store");
    ck_disk_tidy(d);
    ck_disk_sweep(d);
    add_up(d);
    while (next_round(d, &asks, &done)) {
        while (!ck_list_is_empty(&done)) {
            ck_disk_job *job = CK_LIST_OWNER(done.next, ck_disk_job, link);
            ck_list_remove(&job->link);
            job_is_done(d, job);
        }
        while (!ck_list_is_empty(&asks)) {
            ck_ask *ask = CK_LIST_OWNER(asks.next, ck_ask, link);
            ck_list_remove(&ask->link);
            take(d, ask);
        }
        end_round(d);
        ck_disk_sweep(d);
    }
    uv_mutex_lock(&d->store.lock);
    d->written = true;
    uv_cond_signal(&d->keeper_wake);
    uv_mutex_unlock(&d->store.lock);
}
