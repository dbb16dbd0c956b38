/*
 * Devices: the list, the modes of cameras, and the news that the list is another one. A program
 * that never asked for the list is told nothing, and nothing is watched for it.
 *
 * Thread: what is watched lives on the loop; `watching` alone is read elsewhere.
 */
#include "client/client.h"

#include "chalkrail/device.h"

#include "runtime/media/capture.h"
#include "runtime/net/watch.h"

/* A camera that is plugged in has several nodes, whose rights are set one after the other. */
#define SETTLE_US (200 * CK_US_PER_MS)
#define AGAIN_US  (20 * CK_US_PER_MS)

static void say_changed(void *user, uint64_t now_us)
{
    chalk_runtime *r = user;
    const chalk_event event = {.kind = CHALK_EVENT_DEVICES, .origin = CHALK_ORIGIN_SYSTEM};
    /* Who holds the lock may wait for a call that waits for the loop, so the loop never waits. */
    if (uv_mutex_trylock(&r->lock) != 0) {
        ck_timer_set(r->devices.settled, now_us + AGAIN_US);
        return;
    }
    r->devices.changed = false;
    for (chalk_session *s = r->sessions; s != NULL; s = s->next) {
        ck_events_put(&s->events, &event, "the list of devices has changed");
    }
    uv_mutex_unlock(&r->lock);
}

static void on_readable(void *user, int fd)
{
    ck_client_watched *w = user;
    ck_client_devices *d = &w->runtime->devices;
    if (w->backend->watched(fd) && !d->changed) {
        d->changed = true;
        ck_timer_set(d->settled, ck_loop_now_us(d->loop) + SETTLE_US);
    }
}

/* On the loop. Without the watch the list is as good, only nobody is told. */
static void watch_backend(chalk_runtime *r, size_t place, const ck_device_backend *backend)
{
    ck_client_watched *w = &r->devices.watched[place];
    ck_watch *watch = NULL;
    *w = (ck_client_watched){r, backend};
    int fd = backend->watch != NULL ? backend->watch() : -1;
    if (fd < 0) {
        return;
    }
    if (ck_watch_create(r->loop, fd, on_readable, w, &watch) < 0) {
        backend->unwatch(fd);
    }
}

static void begin_watching(void *arg)
{
    chalk_runtime *r = arg;
    r->devices.loop = r->loop;
    if (ck_timer_create(r->loop, say_changed, r, &r->devices.settled) < 0) {
        return;
    }
    for (size_t i = 0; i < CK_WATCHED_MAX && ck_this_platform.devices[i] != NULL; i++) {
        watch_backend(r, i, ck_this_platform.devices[i]);
    }
}

static void begin_watching_later(void *arg, bool cancelled)
{
    if (!cancelled) {
        begin_watching(arg);
    }
}

/* Before the list is made, so that no change falls in between. */
static void watch_devices(chalk_runtime *r)
{
    if (atomic_exchange(&r->devices.watching, true)) {
        return;
    }
    int status = ck_runtime_reaches_loop(r) ? ck_loop_call(r->loop, begin_watching, r)
                                            : ck_loop_post(r->loop, begin_watching_later, r);
    if (status < 0) {
        ck_logf(&r->log, CHALK_LOG_WARNING, "device", "changes of the list will not be told: %s",
                chalk_error_text(status));
    }
}

int chalk_devices_list(chalk_runtime *r, chalk_device *out, size_t capacity, size_t *count)
{
    if (r == NULL || count == NULL || (out == NULL && capacity > 0) || capacity > 1024) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    watch_devices(r);
    *count = 0;
    for (size_t i = 0; ck_this_platform.devices[i] != NULL; i++) {
        const ck_device_backend *backend = ck_this_platform.devices[i];
        size_t found = 0;
        size_t used = *count < capacity ? *count : capacity;
        int status =
            backend->list(out != NULL ? out + used : NULL, capacity - used, &found, &r->log);
        if (status < 0) {
            ck_logf(&r->log, CHALK_LOG_WARNING, "device", "%s cannot be listed: %s", backend->name,
                    chalk_error_text(status));
        }
        *count += found;
    }
    return CHALK_OK;
}

int chalk_camera_modes(chalk_runtime *r, const char *device, chalk_camera_mode *out,
                       size_t capacity, size_t *count)
{
    if (r == NULL || count == NULL || (out == NULL && capacity > 0) || capacity > 1024) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *count = 0;
    for (size_t i = 0; ck_this_platform.devices[i] != NULL; i++) {
        const ck_device_backend *backend = ck_this_platform.devices[i];
        if (backend->camera_modes != NULL) {
            return backend->camera_modes(device, out, capacity, count, &r->log);
        }
    }
    return CHALK_ERR_UNSUPPORTED;
}
