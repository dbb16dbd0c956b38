/* The life of a store on a disk: its folder, its threads, the way in; and files as a whole. */
#include "edge/store/disk.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/runtime.h"

#include <string.h>

#define START_TEXT_MAX 24u
#define SWEEP_S        3600u

/* --- paths and files ----------------------------------------------------------------------- */

void ck_disk_folder_path(const ck_disk *d, const char *what, ck_disk_path *out)
{
    ck_text text = ck_text_of(out->text, sizeof out->text);
    ck_text_add(&text, d->folder);
    ck_text_add(&text, "/");
    ck_text_add(&text, what);
}

static void add_path(ck_disk_path *path, const void *name, size_t size, const char *end)
{
    size_t used = strlen(path->text);
    ck_text text = ck_text_of(path->text + used, sizeof path->text - used);
    ck_text_add(&text, "/");
    ck_text_add_hex(&text, name, size);
    ck_text_add(&text, end);
}

void ck_disk_log_path(const ck_disk *d, uint64_t number, ck_disk_path *out)
{
    uint8_t name[8];
    ck_store_be32(name, (uint32_t)(number >> 32));
    ck_store_be32(name + 4, (uint32_t)number);
    ck_disk_folder_path(d, "log", out);
    add_path(out, name, sizeof name, ".log");
}

void ck_disk_room_path(const ck_disk *d, ck_bytes name, ck_disk_path *out)
{
    ck_disk_folder_path(d, "rooms", out);
    add_path(out, name.data, name.size, ".room");
}

int ck_disk_write_file(const ck_disk_path *folder, const ck_disk_path *path, const ck_buf *bytes)
{
    ck_disk_path made = *path;
    ck_text text = ck_text_of(made.text, sizeof made.text);
    ck_text_add(&text, path->text);
    ck_text_add(&text, ".tmp");
    ck_file file = CK_FILE_NONE;
    int status = ck_file_create(made.text, &file);
    if (status < 0) {
        return status;
    }
    status = ck_file_append(file, bytes->data, bytes->size);
    if (status == CHALK_OK) {
        status = ck_file_sync(file);
    }
    ck_file_close(&file);
    if (status == CHALK_OK) {
        status = ck_file_rename(made.text, path->text);
    }
    if (status < 0) {
        (void)ck_file_remove(made.text); /* else the next start does it */
        return status;
    }
    return ck_folder_sync(folder->text);
}

int ck_disk_read_file(const ck_disk *d, const ck_disk_path *path, uint64_t limit, bool whole,
                      ck_slice *out)
{
    ck_file file = CK_FILE_NONE;
    uint64_t size = 0;
    int status = ck_file_open(path->text, &file);
    if (status == CHALK_OK) {
        status = ck_file_size(file, &size);
    }
    if (status == CHALK_OK && whole && size > limit) {
        status = CHALK_ERR_TOO_LARGE;
    }
    if (status == CHALK_OK) {
        size_t got = 0;
        *out = ck_slice_new(d->store.alloc, (size_t)CK_MIN(size, limit));
        status = out->data == NULL ? CHALK_ERR_NO_MEMORY
                                   : ck_file_read(file, 0, ck_slice_mutable(*out), out->size, &got);
        out->size = got; /* somebody else may have cut it in between */
    }
    ck_file_close(&file);
    if (status < 0) {
        ck_slice_unref(out);
    }
    return status;
}

int ck_disk_new_mark(uint32_t *mark)
{
    int status = ck_entropy(mark, sizeof *mark);
    *mark |= 1; /* zeros, of which damaged files are full, are no mark */
    return status;
}

void ck_disk_count(ck_disk *d, uint64_t *figure, uint64_t more)
{
    uv_mutex_lock(&d->store.lock);
    *figure += more;
    uv_mutex_unlock(&d->store.lock);
}

/* --- the way in ---------------------------------------------------------------------------- */

static void submit(ck_room_store *store, ck_ask *ask)
{
    ck_disk *d = (ck_disk *)store;
    uv_mutex_lock(&store->lock);
    ck_list_append(&d->asks, &ask->link);
    d->waiting++;
    store->stats.queue_most = CK_MAX(store->stats.queue_most, d->waiting);
    uv_cond_signal(&d->wake);
    uv_mutex_unlock(&store->lock);
}

static int forget(ck_room_store *store, ck_bytes name)
{
    (void)store;
    (void)name;
    return CHALK_ERR_UNSUPPORTED;
}

static void stop(ck_room_store *store)
{
    ck_disk *d = (ck_disk *)store;
    uv_mutex_lock(&store->lock);
    d->stopping = true;
    uv_cond_signal(&d->wake);
    uv_cond_signal(&store->told);
    uv_mutex_unlock(&store->lock);
    uv_thread_join(&d->writer);
    uv_thread_join(&d->keeper);
    ck_file_close(&d->file);
    ck_file_close(&d->lock_file); /* somebody else may have the folder now */
}

/* --- the folder ---------------------------------------------------------------------------- */

static int remove_unfinished(void *user, const char *name)
{
    const ck_disk_path *folder = user;
    size_t size = strlen(name);
    if (size < 4 || strcmp(name + size - 4, ".tmp") != 0) {
        return CHALK_OK;
    }
    ck_disk_path path;
    ck_text text = ck_text_of(path.text, sizeof path.text);
    ck_text_add(&text, folder->text);
    ck_text_add(&text, "/");
    ck_text_add(&text, name);
    return ck_file_remove(path.text);
}

static int make_folder(ck_disk *d, const char *what)
{
    ck_disk_path path;
    ck_disk_folder_path(d, what, &path);
    int status = ck_folder_make(path.text);
    return status < 0 ? status : ck_folder_list(path.text, remove_unfinished, &path);
}

static int make_folders(ck_disk *d)
{
    ck_disk_path parent;
    ck_disk_folder_path(d, "..", &parent);
    int status = ck_folder_make(d->folder);
    if (status == CHALK_OK) {
        status = ck_folder_sync(parent.text);
        /* A folder that was given to us lies in one that need not be ours to read. */
        status = status == CHALK_ERR_NO_PERMISSION ? CHALK_OK : status;
    }
    if (status == CHALK_OK) {
        status = make_folder(d, "log");
    }
    return status < 0 ? status : make_folder(d, "rooms");
}

/* Counts this start: leases are of it, so none of them has an epoch that was given before. With the
 * number the names of all folders come to the device. */
static int count_start(ck_disk *d)
{
    ck_disk_path folder, path;
    ck_disk_folder_path(d, "", &folder);
    ck_disk_folder_path(d, "start", &path);
    char text[START_TEXT_MAX + 1] = "0";
    ck_slice old = {0};
    int status = ck_disk_read_file(d, &path, START_TEXT_MAX, true, &old);
    if (status == CHALK_OK) {
        size_t size = old.size > 0 && old.data[old.size - 1] == '\n' ? old.size - 1 : old.size;
        memcpy(text, old.data, size);
        text[size] = '\0';
        ck_slice_unref(&old);
    } else if (status != CHALK_ERR_NOT_FOUND) {
        return status;
    }
    if (!ck_text_u64(text, UINT32_MAX - 1, &d->start)) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s is not a number", path.text);
        return CHALK_ERR_BAD_DATA;
    }
    d->start++;
    ck_text line = ck_text_of(text, sizeof text);
    ck_text_add_u64(&line, d->start);
    ck_text_add(&line, "\n");
    const ck_buf bytes = {.data = (uint8_t *)text, .size = line.used};
    return ck_disk_write_file(&folder, &path, &bytes);
}

static int take_folder(ck_disk *d)
{
    ck_disk_path path;
    ck_disk_folder_path(d, "lock", &path);
    int status = make_folders(d);
    if (status == CHALK_OK) {
        status = ck_file_lock(path.text, &d->lock_file);
    }
    if (status == CHALK_OK) {
        status = count_start(d);
    }
    return status == CHALK_OK ? ck_disk_load(d) : status;
}

/* --- life ---------------------------------------------------------------------------------- */

static void disk_free(ck_room_store *store)
{
    ck_disk *d = (ck_disk *)store;
    ck_disk_rooms_free(d);
    while (!ck_list_is_empty(&d->segments)) {
        ck_disk_segment *segment = CK_LIST_OWNER(d->segments.next, ck_disk_segment, link);
        ck_list_remove(&segment->link);
        ck_free(store->alloc, segment);
    }
    ck_table_free(&d->rooms);
    ck_buf_free(&d->group);
    ck_file_close(&d->file);
    ck_file_close(&d->lock_file);
    uv_cond_destroy(&d->wake);
    uv_cond_destroy(&d->keeper_wake);
    ck_room_store_free(store);
}

static const ck_room_store_ops ops = {
    .submit = submit, .forget = forget, .stop = stop, .free = disk_free};

/* The parts that disk_free takes for granted. */
static int init(ck_disk *d, const ck_room_store_config *config)
{
    int status = ck_room_store_init(&d->store, &ops, config);
    if (status < 0) {
        return status;
    }
    if (uv_cond_init(&d->wake) != 0) {
        goto no_wake;
    }
    if (uv_cond_init(&d->keeper_wake) != 0) {
        goto no_keeper_wake;
    }
    return CHALK_OK;
no_keeper_wake:
    uv_cond_destroy(&d->wake);
no_wake:
    uv_cond_destroy(&d->store.told);
    uv_mutex_destroy(&d->store.lock);
    return CHALK_ERR_NO_MEMORY;
}

/* The keeper first: it waits for jobs, which the writer alone has. */
static int start_threads(ck_disk *d)
{
    if (uv_thread_create(&d->keeper, ck_disk_keep, d) != 0) {
        return CHALK_ERR_LIMIT;
    }
    if (uv_thread_create(&d->writer, ck_disk_write, d) != 0) {
        uv_mutex_lock(&d->store.lock);
        d->written = true;
        uv_cond_signal(&d->keeper_wake);
        uv_mutex_unlock(&d->store.lock);
        uv_thread_join(&d->keeper);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

static ck_disk *disk_new(const ck_alloc *alloc, const ck_room_store_config *config)
{
    ck_disk *d = ck_new(alloc, sizeof *d);
    if (d == NULL) {
        return NULL;
    }
    d->file = d->lock_file = CK_FILE_NONE;
    d->segment_max = config->segment_bytes != 0 ? config->segment_bytes : CK_DISK_SEGMENT_MAX;
    d->keep_s = config->keep_s;
    d->sweep_s = config->sweep_s != 0 ? config->sweep_s : SWEEP_S;
    ck_list *const lists[] = {&d->segments, &d->grouped, &d->answers, &d->asks, &d->jobs, &d->done};
    for (size_t i = 0; i < CK_COUNT_OF(lists); i++) {
        ck_list_init(lists[i]);
    }
    ck_buf_init(&d->group, alloc, CK_DISK_GROUP_MAX + CK_JOURNAL_ENTRY_MAX);
    if (init(d, config) < 0) {
        ck_free(alloc, d);
        return NULL;
    }
    return d;
}

int ck_disk_rooms_create(const ck_room_store_config *config, ck_room_store **out)
{
    const ck_alloc *alloc = config->alloc != NULL ? config->alloc : &ck_heap;
    size_t size = config->folder != NULL ? strlen(config->folder) : 0;
    if (config->loop == NULL || size == 0 || size >= CK_DISK_FOLDER_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_disk *d = disk_new(alloc, config);
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(d->folder, config->folder, size);
    int status = ck_table_init(&d->rooms, alloc);
    if (status == CHALK_OK) {
        status = take_folder(d);
    }
    if (status == CHALK_OK) {
        status = start_threads(d);
    }
    if (status < 0) {
        ck_logf(d->store.log, CHALK_LOG_ERROR, "store", "%s cannot be used: %s", d->folder,
                status == CHALK_ERR_DEVICE_BUSY ? "another edge has it" : chalk_error_text(status));
        disk_free(&d->store);
        return status;
    }
    *out = &d->store;
    return CHALK_OK;
}
