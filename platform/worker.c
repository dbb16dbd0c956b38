#include "platform/worker.h"

#include "chalkrail/errors.h"

#include "base/check.h"
#include "runtime/os/os.h"

/* One wait never takes longer, so that the product below cannot overflow. */
#define LONGEST_WAIT_US 3600000000u

int ck_worker_init(ck_worker *w)
{
    *w = (ck_worker){0};
    if (uv_mutex_init(&w->lock) != 0) {
        return CHALK_ERR_LIMIT;
    }
    if (uv_cond_init(&w->wake) != 0) {
        uv_mutex_destroy(&w->lock);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

void ck_worker_free(ck_worker *w)
{
    uv_cond_destroy(&w->wake);
    uv_mutex_destroy(&w->lock);
}

static void thread_main(void *user)
{
    ck_worker *w = user;
    ck_thread_name(w->name);
    w->body(w->user);
}

int ck_worker_start(ck_worker *w, const char *name, void (*body)(void *user), void *user)
{
    if (w->running) {
        return CHALK_ERR_BAD_STATE;
    }
    w->name = name;
    w->body = body;
    w->user = user;
    w->stopping = false; /* no thread reads it yet */
    if (uv_thread_create(&w->thread, thread_main, w) != 0) {
        return CHALK_ERR_LIMIT;
    }
    w->running = true;
    return CHALK_OK;
}

void ck_worker_stop(ck_worker *w)
{
    if (!w->running) {
        return;
    }
    uv_mutex_lock(&w->lock);
    w->stopping = true;
    uv_cond_signal(&w->wake);
    uv_mutex_unlock(&w->lock);
    uv_thread_join(&w->thread);
    w->running = false;
}

bool ck_worker_sleep_until(ck_worker *w, uint64_t deadline_us)
{
    uv_mutex_lock(&w->lock);
    for (;;) {
        uint64_t now = ck_clock_us();
        if (w->stopping || now >= deadline_us) {
            break;
        }
        uint64_t wait = CK_MIN(deadline_us - now, (uint64_t)LONGEST_WAIT_US);
        uv_cond_timedwait(&w->wake, &w->lock, wait * 1000);
    }
    bool go_on = !w->stopping;
    uv_mutex_unlock(&w->lock);
    return go_on;
}

bool ck_worker_stopping(ck_worker *w)
{
    uv_mutex_lock(&w->lock);
    bool stopping = w->stopping;
    uv_mutex_unlock(&w->lock);
    return stopping;
}
