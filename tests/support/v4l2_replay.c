#include "support/v4l2_replay_inside.h"

#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static void enter(ck_replay *r)
{
    pthread_mutex_lock(&r->lock);
}

static void leave(ck_replay *r)
{
    pthread_mutex_unlock(&r->lock);
}

static replay_file *file_of(ck_replay *r, int fd)
{
    for (size_t i = 0; i < REPLAY_FILES; i++) {
        if (r->files[i].used && r->files[i].fd == fd) {
            return &r->files[i];
        }
    }
    return NULL;
}

/* --- opening ------------------------------------------------------------------------------------
 */

static size_t replay_nodes(void *user, uint32_t *out, size_t capacity)
{
    ck_replay *r = user;
    size_t count = 0;
    enter(r);
    for (uint32_t i = 0; i < REPLAY_NODES && count < capacity; i++) {
        if (r->cameras[i].plugged) {
            out[count++] = i;
        }
    }
    leave(r);
    return count;
}

static int open_locked(ck_replay *r, uint32_t node)
{
    if (node >= REPLAY_NODES || !r->cameras[node].plugged) {
        return -ENOENT;
    }
    if (r->cameras[node].denied != 0) {
        return -r->cameras[node].denied;
    }
    for (size_t i = 0; i < REPLAY_FILES; i++) {
        replay_file *f = &r->files[i];
        if (!f->used) {
            *f = (replay_file){.used = true, .node = node};
            f->pix = (struct v4l2_pix_format){.width = 640, .height = 480};
            f->fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
            return f->fd;
        }
    }
    return -EMFILE;
}

static int replay_open(void *user, uint32_t node)
{
    ck_replay *r = user;
    enter(r);
    int fd = open_locked(r, node);
    leave(r);
    return fd;
}

static void replay_close(void *user, int fd)
{
    ck_replay *r = user;
    enter(r);
    replay_file *f = file_of(r, fd);
    if (f != NULL) {
        f->used = false;
    } else {
        r->watches--;
        r->watch = r->watch == fd ? -1 : r->watch;
    }
    close(fd);
    leave(r);
}

/* --- buffers -------------------------------------------------------------------------------------
 */

static int replay_ioctl(void *user, int fd, unsigned long request, void *argument)
{
    ck_replay *r = user;
    enter(r);
    replay_file *f = file_of(r, fd);
    r->ioctls++;
    bool fails =
        r->fail_at != 0 && r->ioctls >= r->fail_at && r->ioctls < r->fail_at + r->fail_times;
    int result = f == NULL ? -EBADF
                 : fails   ? -r->fail_with
                           : ck_replay_answer(r, f, request, argument);
    leave(r);
    return result;
}

static void *replay_map(void *user, int fd, size_t length, uint32_t offset)
{
    ck_replay *r = user;
    enter(r);
    replay_file *f = file_of(r, fd);
    uint8_t *at = f != NULL && offset < f->count ? malloc(length) : NULL;
    if (at != NULL) {
        f->buffers[offset].at = at;
        r->maps++;
    }
    leave(r);
    return at;
}

static void replay_unmap(void *user, void *at, size_t length)
{
    ck_replay *r = user;
    (void)length;
    enter(r);
    for (size_t i = 0; i < REPLAY_FILES; i++) {
        for (size_t b = 0; b < REPLAY_BUFFERS; b++) {
            if (r->files[i].buffers[b].at == at) {
                r->files[i].buffers[b].at = NULL;
            }
        }
    }
    r->maps--;
    free(at);
    leave(r);
}

/* --- what comes and goes ------------------------------------------------------------------------
 */

static int replay_watch(void *user)
{
    ck_replay *r = user;
    enter(r);
    r->watch = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->watches++;
    int fd = r->watch;
    leave(r);
    return fd;
}

static bool replay_watched(void *user, int fd)
{
    (void)user;
    uint64_t events = 0;
    return read(fd, &events, sizeof events) > 0;
}

static bool replay_holder(void *user, uint32_t node, char *out, size_t size)
{
    ck_replay *r = user;
    enter(r);
    bool held = node < REPLAY_NODES && r->cameras[node].holder[0] != '\0';
    if (held) {
        (void)ck_text_copy(out, size, r->cameras[node].holder);
    }
    leave(r);
    return held;
}

static void tell(const ck_replay *r)
{
    const uint64_t one = 1;
    if (r->watch >= 0) {
        (void)!write(r->watch, &one, sizeof one);
    }
}

void ck_replay_plug(ck_replay *r, uint32_t node, const ck_recording *recording)
{
    enter(r);
    r->cameras[node].plugged = true;
    r->cameras[node].recording = *recording;
    tell(r);
    leave(r);
}

void ck_replay_unplug(ck_replay *r, uint32_t node)
{
    enter(r);
    r->cameras[node].plugged = false;
    tell(r);
    leave(r);
}

void ck_replay_deny(ck_replay *r, uint32_t node, int error)
{
    enter(r);
    r->cameras[node].denied = error;
    tell(r);
    leave(r);
}

void ck_replay_hold(ck_replay *r, uint32_t node, const char *holder)
{
    enter(r);
    (void)ck_text_copy(r->cameras[node].holder, sizeof r->cameras[node].holder,
                       holder != NULL ? holder : "");
    leave(r);
}

void ck_replay_pictures(ck_replay *r, enum ck_replay_pictures what)
{
    enter(r);
    r->pictures = what;
    leave(r);
}

void ck_replay_fail(ck_replay *r, unsigned nth, int error, unsigned times)
{
    enter(r);
    r->fail_at = r->ioctls + nth;
    r->fail_times = times;
    r->fail_with = error;
    leave(r);
}

void ck_replay_endless(ck_replay *r)
{
    r->endless = true;
}

unsigned ck_replay_given(ck_replay *r)
{
    enter(r);
    unsigned count = r->given;
    leave(r);
    return count;
}

unsigned ck_replay_leaks(ck_replay *r)
{
    enter(r);
    unsigned leaks = r->maps + r->watches;
    for (size_t i = 0; i < REPLAY_FILES; i++) {
        leaks += r->files[i].used;
    }
    leave(r);
    return leaks;
}

const ck_v4l2_port *ck_replay_port(const ck_replay *r)
{
    return &r->port;
}

ck_replay *ck_replay_create(uint64_t period_us, uint64_t seed)
{
    ck_replay *r = calloc(1, sizeof *r);
    if (r == NULL) {
        abort();
    }
    pthread_mutex_init(&r->lock, NULL);
    r->period_us = period_us;
    r->watch = -1;
    ck_rng_seed(&r->rng, seed);
    r->port = (ck_v4l2_port){replay_nodes, replay_open,  replay_close,   replay_ioctl,  replay_map,
                             replay_unmap, replay_watch, replay_watched, replay_holder, r};
    return r;
}

void ck_replay_destroy(ck_replay **replay)
{
    pthread_mutex_destroy(&(*replay)->lock);
    free(*replay);
    *replay = NULL;
}
