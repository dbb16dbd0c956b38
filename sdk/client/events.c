#include "client/events.h"

#include "base/check.h"
#include "base/time.h"
#include "runtime/os/os.h"

#include "base/text.h"

#include <string.h>

int ck_events_init(ck_events *e, size_t capacity, void (*wakeup)(void *user), void *user)
{
    memset(e, 0, sizeof *e);
    e->capacity = capacity;
    e->wakeup = wakeup;
    e->wakeup_user = user;
    if (uv_mutex_init(&e->lock) != 0) {
        return CHALK_ERR_LIMIT;
    }
    if (uv_cond_init(&e->came) != 0) {
        uv_mutex_destroy(&e->lock);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

void ck_events_free(ck_events *e)
{
    uv_cond_destroy(&e->came);
    uv_mutex_destroy(&e->lock);
    ck_ring_free(&e->ring);
}

static bool grow(ck_events *e, size_t most)
{
    return e->ring.capacity == 0
               ? ck_ring_init(&e->ring, &ck_heap, sizeof(chalk_event), 1) == CHALK_OK
               : ck_ring_grow(&e->ring, CK_MIN(2 * e->ring.capacity, most)) == CHALK_OK;
}

/* With the lock: one place more than what waits and what was promised take. */
static bool make_place(ck_events *e)
{
    size_t taken = e->ring.count + e->promised;
    size_t most = e->capacity + CK_EVENTS_REQUESTS;
    return taken < e->ring.capacity || (taken < most && grow(e, most));
}

bool ck_events_reserve(ck_events *e)
{
    uv_mutex_lock(&e->lock);
    bool room = e->reserved < CK_EVENTS_REQUESTS && make_place(e);
    e->reserved += room;
    e->promised += room;
    uv_mutex_unlock(&e->lock);
    return room;
}

void ck_events_release(ck_events *e)
{
    uv_mutex_lock(&e->lock);
    e->reserved--;
    e->promised--;
    uv_mutex_unlock(&e->lock);
}

void ck_events_put(ck_events *e, const chalk_event *event, const char *text)
{
    chalk_event copy = *event;
    size_t size = text != NULL ? strlen(text) : 0;
    size = CK_MIN(size, sizeof copy.text - 1);
    size = size > 0 ? ck_utf8_valid_prefix(text, size) : 0;
    memcpy(copy.text, text != NULL ? text : "", size);
    copy.text[size] = '\0';
    copy.time_us = ck_clock_us();

    uv_mutex_lock(&e->lock);
    bool ends_request = copy.request != 0 && e->promised > 0;
    e->promised -= ends_request;
    bool fits = ends_request || (e->ring.count < e->capacity && make_place(e));
    if (!fits || !ck_ring_push(&e->ring, &copy)) {
        e->dropped++;
    }
    uv_cond_signal(&e->came);
    uv_mutex_unlock(&e->lock);
    if (e->wakeup != NULL) {
        e->wakeup(e->wakeup_user);
    }
}

static bool take_now(ck_events *e, chalk_event *out)
{
    if (e->dropped > 0) {
        *out = (chalk_event){
            .kind = CHALK_EVENT_OVERFLOW,
            .cause = CHALK_ERR_LIMIT,
            .origin = CHALK_ORIGIN_APP,
            .time_us = ck_clock_us(),
            .value = (int64_t)e->dropped,
        };
        e->dropped = 0;
        return true;
    }
    bool got = ck_ring_pop(&e->ring, out);
    e->reserved -= got && out->request != 0;
    if (e->ring.count == 0 && e->promised == 0) {
        ck_ring_free(&e->ring); /* an event has 300 bytes, and most sessions are idle */
    }
    return got;
}

void ck_events_nudge(ck_events *e)
{
    uv_mutex_lock(&e->lock);
    e->nudged = true;
    uv_cond_signal(&e->came);
    uv_mutex_unlock(&e->lock);
    if (e->wakeup != NULL) {
        e->wakeup(e->wakeup_user);
    }
}

int ck_events_take(ck_events *e, chalk_event *out, uint64_t wait_us)
{
    uint64_t until_us = ck_clock_us() + wait_us;
    uv_mutex_lock(&e->lock);
    bool got = take_now(e, out);
    for (uint64_t now_us = ck_clock_us(); !got && !e->nudged && now_us < until_us;
         now_us = ck_clock_us()) {
        (void)uv_cond_timedwait(&e->came, &e->lock, (until_us - now_us) * 1000);
        got = take_now(e, out);
    }
    e->nudged = e->nudged && (got || wait_us == 0);
    uv_mutex_unlock(&e->lock);
    return got ? CHALK_OK : CHALK_ERR_AGAIN;
}
