/* The keeper: jobs that take longer, one after the other. */
#include "edge/store/disk.h"

#include "chalkrail/runtime.h"

static ck_disk_job *next_job(ck_disk *d)
{
    ck_disk_job *job = NULL;
    uv_mutex_lock(&d->store.lock);
    while (ck_list_is_empty(&d->jobs) && !d->written) {
        uv_cond_wait(&d->keeper_wake, &d->store.lock);
    }
    if (!ck_list_is_empty(&d->jobs)) {
        job = CK_LIST_OWNER(d->jobs.next, ck_disk_job, link);
        ck_list_remove(&job->link);
    }
    uv_mutex_unlock(&d->store.lock);
    return job;
}

static void give_back(ck_disk *d, ck_disk_job *job)
{
    uv_mutex_lock(&d->store.lock);
    ck_list_append(&d->done, &job->link);
    d->keeping--;
    uv_cond_signal(&d->wake);
    uv_mutex_unlock(&d->store.lock);
}

/* What was read waits in memory until it was told; so not too much is read. */
static int read_tail(ck_disk *d, ck_disk_job *job)
{
    uv_mutex_lock(&d->store.lock);
    while (d->store.untold > CK_STORE_UNTOLD_MAX && !d->stopping) {
        uv_cond_wait(&d->store.told, &d->store.lock);
    }
    bool stopping = d->stopping;
    uv_mutex_unlock(&d->store.lock);
    if (stopping) {
        return CHALK_ERR_CANCELLED;
    }
    int status = ck_disk_read_room(d, job, &job->ask->tail);
    if (status < 0) {
        ck_tail_free(&d->store, &job->ask->tail);
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s: room %.*s cannot be read: %s",
                d->folder, (int)job->room->named.size, (const char *)job->room->named.name,
                chalk_error_text(status));
    }
    return status;
}

static int remove_segment(const ck_disk *d, const ck_disk_segment *segment)
{
    ck_disk_path folder, path;
    ck_disk_folder_path(d, "log", &folder);
    ck_disk_log_path(d, segment->number, &path);
    int status = ck_file_remove(path.text);
    return status == CHALK_OK ? ck_folder_sync(folder.text) : status;
}

/* Whether the bytes that count are still there, as the device has them. */
static int verify_segment(const ck_disk *d, const ck_disk_segment *segment)
{
    ck_disk_path path;
    ck_disk_log_path(d, segment->number, &path);
    ck_file file = CK_FILE_NONE;
    ck_slice bytes = {0};
    ck_journal_scan scan;
    ck_journal_entry entry;
    (void)ck_file_cut(path.text, segment->size); /* the next file says it all the same */
    int status = ck_file_open(path.text, &file);
    if (status == CHALK_OK) {
        ck_file_drop_cache(file);
        ck_file_close(&file);
        status = ck_disk_read_file(d, &path, segment->size, false, &bytes);
    }
    if (status == CHALK_OK) {
        status = ck_journal_begin(&scan, bytes.data, bytes.size, &entry);
        int next = status == CHALK_OK ? 1 : 0;
        while (next > 0) {
            next = ck_journal_next(&scan, &entry);
        }
        bool whole = status == CHALK_OK && next == 0 && bytes.size == segment->size;
        status = whole ? CHALK_OK : CHALK_ERR_BAD_DATA;
    }
    ck_slice_unref(&bytes);
    if (status < 0) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store",
                "%s: what was acknowledged cannot be read any more: %s", path.text,
                chalk_error_text(status));
    }
    return status;
}

static int run(ck_disk *d, ck_disk_job *job)
{
    switch (job->kind) {
    case CK_JOB_TAIL:
        return read_tail(d, job);
    case CK_JOB_KEEP:
        return ck_disk_keep_room(d, job);
    case CK_JOB_REMOVE:
        return remove_segment(d, job->segment);
    case CK_JOB_VERIFY:
        return verify_segment(d, job->segment);
    }
    return CHALK_ERR_INVALID_ARGUMENT;
}

void ck_disk_keep(void *disk)
{
    ck_disk *d = disk;
    ck_thread_name("chalk-keep");
    ck_disk_job *job;
    while ((job = next_job(d)) != NULL) {
        job->status = run(d, job);
        if (job->status == CHALK_ERR_BAD_DATA) {
            uv_mutex_lock(&d->store.lock);
            d->store.stats.damaged++;
            uv_mutex_unlock(&d->store.lock);
        }
        give_back(d, job);
    }
}
