#include "runtime/net/loop_internal.h"

struct ck_timer {
    ck_loop_item item;
    ck_loop *loop;
    uv_timer_t uv;
    ck_timer_fn fn;
    void *user;
    uint64_t due_us;
    uint64_t armed_us; /* what `uv` is set to; CK_NEVER: not set */
    bool destroyed;
};

static void on_closed(uv_handle_t *handle)
{
    ck_timer *timer = handle->data;
    ck_free(timer->loop->alloc, timer);
}

static void close_timer(ck_timer *timer)
{
    if (!timer->destroyed) {
        timer->destroyed = true;
        ck_list_remove(&timer->item.node);
        uv_close((uv_handle_t *)&timer->uv, on_closed);
    }
}

static void abandon(ck_loop_item *item)
{
    close_timer((ck_timer *)item);
}

static void on_due(uv_timer_t *handle)
{
    ck_timer *timer = handle->data;
    ck_loop *loop = timer->loop;
    timer->armed_us = CK_NEVER;
    if (ck_loop_now_us(loop) < timer->due_us) {
        ck_loop_refresh_now(loop);
    }
    if (ck_loop_now_us(loop) < timer->due_us) {
        /* It was moved later; or libuv, which counts in whole milliseconds from a cached time, is a
         * little early. */
        ck_timer_set(timer, timer->due_us);
        return;
    }
    timer->due_us = CK_NEVER;
    timer->fn(timer->user, ck_loop_now_us(loop));
}

int ck_timer_create(ck_loop *loop, ck_timer_fn fn, void *user, ck_timer **out)
{
    *out = NULL;
    ck_timer *timer = ck_new(loop->alloc, sizeof *timer);
    if (timer == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    timer->loop = loop;
    timer->fn = fn;
    timer->user = user;
    timer->due_us = CK_NEVER;
    timer->armed_us = CK_NEVER;
    timer->item.abandon = abandon;
    if (ck_loop_add(loop, &timer->item) < 0) {
        ck_free(loop->alloc, timer);
        return CHALK_ERR_CANCELLED;
    }
    timer->uv.data = timer;
    (void)uv_timer_init(&loop->uv, &timer->uv);
    *out = timer;
    return CHALK_OK;
}

void ck_timer_set(ck_timer *timer, uint64_t due_us)
{
    if (timer->destroyed) {
        return;
    }
    timer->due_us = due_us;
    if (due_us == CK_NEVER) {
        timer->armed_us = CK_NEVER;
        (void)uv_timer_stop(&timer->uv);
        return;
    }
    /* What moved later fires, finds nothing due and is set anew: most deadlines move with whatever
     * comes, and moving them so costs nothing. */
    if (timer->armed_us <= due_us) {
        return;
    }
    timer->armed_us = due_us;
    ck_loop_start_uv_timer(timer->loop, &timer->uv, on_due, due_us);
}

void ck_timer_destroy(ck_timer **timer)
{
    if (*timer != NULL) {
        close_timer(*timer);
        *timer = NULL;
    }
}
