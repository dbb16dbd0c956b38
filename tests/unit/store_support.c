#include "store_support.h"

#include "support/alloc.h"
#include "support/check.h"
#include "support/folder.h"

#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 10000

/* --- events -------------------------------------------------------------------------------- */

static void on_opened(void *user, int status, uint64_t epoch)
{
    holder *h = user;
    CK_CHECK(!h->shelf->in_call && h->opened == 1);
    h->opened = status;
    h->epoch = epoch;
}

static void tell(holder *h, const char *format, uint64_t to, ck_bytes bytes)
{
    size_t left = sizeof h->told - h->told_size;
    int size = snprintf(h->told + h->told_size, left, format, to, (int)bytes.size,
                        (const char *)bytes.data);
    h->told_size += size > 0 && (size_t)size < left ? (size_t)size : 0;
}

static void on_checkpoint(void *user, uint64_t to, ck_bytes state)
{
    holder *h = user;
    CK_CHECK(!h->shelf->in_call && h->told_size == 0);
    tell(h, "[%" PRIu64 " %.*s]", to, state);
}

static void on_record(void *user, uint64_t after, uint64_t to, ck_bytes record)
{
    holder *h = user;
    CK_CHECK(!h->shelf->in_call && after < to);
    h->records++;
    tell(h, "%" PRIu64 " %.*s ", to, record);
}

static void on_tailed(void *user, int status)
{
    holder *h = user;
    CK_CHECK(!h->shelf->in_call && h->tailed == 1);
    h->tailed = status;
}

static void on_appended(void *user, uint64_t to, enum ck_store_answer answer)
{
    holder *h = user;
    CK_CHECK(!h->shelf->in_call && h->answer == 0);
    h->answer = (int)answer;
    h->answered_to = to;
    h->answers++;
}

static const ck_lease_events events = {on_opened, on_checkpoint, on_record, on_tailed, on_appended};

/* --- the store ----------------------------------------------------------------------------- */

/* Lines come from any thread. */
static pthread_mutex_t said_lock = PTHREAD_MUTEX_INITIALIZER;
static char said[512];

static void on_log(void *user, int level, const char *module, const char *text)
{
    (void)user;
    (void)level;
    (void)module;
    pthread_mutex_lock(&said_lock);
    snprintf(said, sizeof said, "%s", text);
    pthread_mutex_unlock(&said_lock);
}

bool shelf_said(const char *text)
{
    pthread_mutex_lock(&said_lock);
    bool found = strstr(said, text) != NULL;
    pthread_mutex_unlock(&said_lock);
    return found;
}

static void on_forgot(void *user, ck_bytes name)
{
    shelf *s = user;
    size_t used = strlen(s->forgotten);
    snprintf(s->forgotten + used, sizeof s->forgotten - used, "%.*s ", (int)name.size,
             (const char *)name.data);
}

int shelf_start(shelf *s)
{
    static const ck_log log = {.line = on_log, .level = 2};
    const ck_room_store_config config = {.loop = s->loop,
                                         .log = &log,
                                         .folder = s->folder,
                                         .segment_bytes = s->segment_bytes,
                                         .keep_s = s->keep_s,
                                         .sweep_s = 1,
                                         .forgot = on_forgot,
                                         .user = s};
    return s->disk ? ck_disk_rooms_create(&config, &s->store)
                   : ck_memory_rooms_create(&config, &s->store);
}

void shelf_remove(const char *folder)
{
    char path[512];
    DIR *dir = opendir(folder);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        if (unlink(path) != 0) {
            shelf_remove(path);
        }
    }
    closedir(dir);
    rmdir(folder);
}

void shelf_open(shelf *s, bool disk)
{
    *s = (shelf){.disk = disk};
    pthread_mutex_lock(&said_lock);
    said[0] = '\0';
    pthread_mutex_unlock(&said_lock);
    ck_test_folder(s->folder);
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.host_driven = true}, &s->loop), CHALK_OK);
    CK_CHECK_EQ(shelf_start(s), CHALK_OK);
}

void shelf_stop(shelf *s)
{
    ck_room_store_destroy(&s->store);
}

void shelf_restart(shelf *s)
{
    shelf_stop(s);
    CK_CHECK_EQ(shelf_start(s), CHALK_OK);
}

void shelf_close(shelf *s)
{
    shelf_stop(s);
    ck_loop_destroy(&s->loop);
    shelf_remove(s->folder);
}

void shelf_turn(shelf *s)
{
    struct pollfd fd = {.fd = ck_loop_poll_fd(s->loop), .events = POLLIN};
    (void)poll(&fd, 1, 2);
    CK_CHECK(ck_loop_poll(s->loop) >= 0);
}

ck_room_store_stats shelf_stats(shelf *s)
{
    ck_room_store_stats stats;
    ck_room_store_get_stats(s->store, &stats);
    return stats;
}

unsigned shelf_files(const shelf *s, const char *folder, char *newest, size_t size)
{
    char path[128];
    unsigned count = 0;
    newest[0] = '\0';
    snprintf(path, sizeof path, "%s/%s", s->folder, folder);
    DIR *dir = opendir(path);
    const struct dirent *entry;
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        count++;
        char found[512];
        snprintf(found, sizeof found, "%s/%.200s", path, entry->d_name);
        if (strcmp(found, newest) > 0) {
            snprintf(newest, size, "%s", found);
        }
    }
    closedir(dir);
    return count;
}

size_t shelf_read(const char *path, uint8_t *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    CK_CHECK(file != NULL);
    size = fread(out, 1, size, file);
    fclose(file);
    return size;
}

void shelf_write(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    CK_CHECK(file != NULL);
    size_t written = fwrite(data, 1, size, file);
    CK_CHECK(fclose(file) == 0 && written == size);
}

/* --- who holds a lease --------------------------------------------------------------------- */

#define WAIT_FOR(shelf_, condition)                                                                \
    for (int ms_ = 0; !(condition) && ms_ < ck_test_patience_ms(PATIENCE_MS); ms_ += 2)            \
    shelf_turn(shelf_)

int holder_open(holder *h, shelf *s, const char *room)
{
    *h = (holder){.shelf = s, .opened = 1};
    s->in_call = true;
    int status = ck_lease_open(s->store, (ck_bytes){(const uint8_t *)room, strlen(room)}, &events,
                               h, &h->lease);
    s->in_call = false;
    if (status < 0) {
        return status;
    }
    WAIT_FOR(s, h->opened != 1);
    return h->opened;
}

void holder_close(holder *h)
{
    ck_lease_close(&h->lease);
}

static ck_slice text_slice(const char *text)
{
    return ck_slice_copy(&ck_heap, text, strlen(text));
}

int holder_begin_append(holder *h, uint64_t after, uint64_t to, const char *text)
{
    ck_slice record = text_slice(text);
    h->shelf->in_call = true;
    int status = ck_lease_append(h->lease, after, to, record);
    h->shelf->in_call = false;
    if (status < 0) {
        ck_slice_unref(&record);
    }
    return status;
}

int holder_wait(holder *h)
{
    WAIT_FOR(h->shelf, h->answer != 0);
    int answer = h->answer;
    h->answer = 0;
    return answer;
}

int holder_append(holder *h, uint64_t after, uint64_t to, const char *text)
{
    return holder_begin_append(h, after, to, text) == CHALK_OK ? holder_wait(h) : 0;
}

const char *holder_tail(holder *h)
{
    h->tailed = 1;
    h->told_size = 0;
    h->told[0] = '\0';
    h->shelf->in_call = true;
    int status = ck_lease_tail(h->lease);
    h->shelf->in_call = false;
    CK_CHECK_EQ(status, CHALK_OK);
    WAIT_FOR(h->shelf, h->tailed != 1);
    return h->tailed == CHALK_OK ? h->told : "?";
}

int holder_checkpoint(holder *h, uint64_t to, const char *text)
{
    ck_slice state = text_slice(text);
    int status = ck_lease_checkpoint(h->lease, to, state);
    if (status < 0) {
        ck_slice_unref(&state);
        return status;
    }
    /* A second one is taken when the first is done; to ask does nothing. */
    ck_slice never = text_slice("");
    WAIT_FOR(h->shelf, ck_lease_checkpoint(h->lease, to, never) != CHALK_ERR_AGAIN);
    ck_slice_unref(&never);
    return status;
}

void shelf_append(shelf *s, const char *room, uint64_t after, const char *text)
{
    holder h;
    CK_CHECK_EQ(holder_open(&h, s, room), CHALK_OK);
    CK_CHECK_EQ(holder_append(&h, after, after + 1, text), CK_STORE_COMMITTED);
    holder_close(&h);
}
