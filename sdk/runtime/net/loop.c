#include "runtime/net/loop_internal.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/os/error.h"

static void set_owner(ck_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    loop->owner = uv_thread_self();
    uv_mutex_unlock(&loop->lock);
}

/* ---- a turn ---- */

/* Runs just before the loop waits: what was written during the turn leaves now. */
static void end_turn(ck_loop *loop)
{
    ck_list due;
    ck_list_move(&loop->turn_items, &due);
    while (!ck_list_is_empty(&due)) {
        ck_turn_item *item = CK_LIST_OWNER(due.next, ck_turn_item, node);
        ck_list_remove(&item->node);
        item->end_turn(item);
    }
    if (!ck_list_is_empty(&loop->turn_items)) {
        /* What the callbacks added belongs to the next turn, which therefore must not wait. */
        (void)uv_async_send(&loop->wake);
    }
    loop->sampled = false;
    loop->turns++;
}

static void on_prepare(uv_prepare_t *handle)
{
    end_turn(handle->data);
}

void ck_loop_end_turn_with(ck_loop *loop, ck_turn_item *item)
{
    if (!ck_list_is_empty(&item->node)) {
        return;
    }
    bool first = ck_list_is_empty(&loop->turn_items);
    ck_list_append(&loop->turn_items, &item->node);
    if (first && !loop->in_turn) {
        /* Between two polls of a host the descriptor has to say that there is work. */
        (void)uv_async_send(&loop->wake);
    }
}

void ck_loop_refresh_now(ck_loop *loop)
{
    uint64_t now_us = ck_clock_us();
    loop->now_us = CK_MAX(loop->now_us, now_us);
    loop->sampled = true;
}

uint64_t ck_loop_now_us(ck_loop *loop)
{
    if (!loop->in_turn || !loop->sampled) {
        ck_loop_refresh_now(loop);
    }
    return loop->now_us;
}

/* ---- the end ---- */

static void tear_down(ck_loop *loop)
{
    if (loop->torn_down) {
        return;
    }
    loop->torn_down = true;
    while (!ck_list_is_empty(&loop->items)) {
        ck_loop_item *item = CK_LIST_OWNER(loop->items.next, ck_loop_item, node);
        ck_list_remove(&item->node);
        item->abandon(item);
    }
    uv_close((uv_handle_t *)&loop->turn, NULL);
    uv_close((uv_handle_t *)&loop->wake, NULL);
}

static bool is_closing(ck_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    bool closing = loop->closing;
    uv_mutex_unlock(&loop->lock);
    return closing;
}

static void on_wake(uv_async_t *handle)
{
    ck_loop *loop = handle->data;
    /* Asked first: once the loop is closing nothing is posted, so the jobs run below are all. */
    bool closing = is_closing(loop);
    ck_loop_run_jobs(loop);
    if (closing) {
        tear_down(loop);
    }
}

static void run_until_closed(ck_loop *loop)
{
    loop->in_turn = true;
    (void)uv_run(&loop->uv, UV_RUN_DEFAULT);
    loop->in_turn = false;
}

static void thread_main(void *arg)
{
    ck_loop *loop = arg;
    ck_thread_name(loop->thread_name);
    set_owner(loop);
    uv_sem_post(&loop->started);
    run_until_closed(loop);
}

/* Frees what create made, in reverse; the handles are closed already. */
static void release(ck_loop *loop)
{
    const ck_alloc *alloc = loop->alloc;
    int status = uv_loop_close(&loop->uv);
    /* A handle left open would be a leak of an object of this folder: better leak than free. */
    CK_INVARIANT(status == 0, return );
    uv_sem_destroy(&loop->started);
    uv_mutex_destroy(&loop->lock);
    ck_free(alloc, loop->seal_buffer);
    ck_free(alloc, loop->read_buffer);
    ck_free(alloc, loop);
}

void ck_loop_destroy(ck_loop **out)
{
    ck_loop *loop = *out;
    if (loop == NULL) {
        return;
    }
    *out = NULL;
    uv_mutex_lock(&loop->lock);
    loop->closing = true;
    (void)uv_async_send(&loop->wake);
    uv_mutex_unlock(&loop->lock);
    if (loop->host_driven) {
        set_owner(loop);
        run_until_closed(loop);
    } else {
        (void)uv_thread_join(&loop->thread);
    }
    release(loop);
}

/* ---- the beginning ---- */

/* libuv aborts the process when its first loop gets no descriptors for a pipe of its own, so they
 * are asked for here: one for the poll, two for that pipe, one for waking up. */
static int spare_descriptors(void)
{
    uv_file first[2], second[2];
    int status = uv_pipe(first, 0, 0);
    if (status < 0) {
        return status;
    }
    status = uv_pipe(second, 0, 0);
    uv_fs_t request;
    for (size_t i = 0; i < 2; i++) {
        (void)uv_fs_close(NULL, &request, first[i], NULL);
        uv_fs_req_cleanup(&request);
        if (status == 0) {
            (void)uv_fs_close(NULL, &request, second[i], NULL);
            uv_fs_req_cleanup(&request);
        }
    }
    return status;
}

static int init_handles(ck_loop *loop)
{
    int status = spare_descriptors();
    if (status == 0) {
        status = uv_loop_init(&loop->uv);
    }
    if (status < 0) {
        return ck_error_of_uv(status);
    }
    loop->wake.data = loop;
    loop->turn.data = loop;
    status = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (status < 0) {
        (void)uv_loop_close(&loop->uv);
        return ck_error_of_uv(status);
    }
    (void)uv_prepare_init(&loop->uv, &loop->turn);
    (void)uv_prepare_start(&loop->turn, on_prepare);
    return CHALK_OK;
}

static int init_locks(ck_loop *loop)
{
    int status = uv_mutex_init(&loop->lock);
    if (status < 0) {
        return ck_error_of_uv(status);
    }
    status = uv_sem_init(&loop->started, 0);
    if (status < 0) {
        uv_mutex_destroy(&loop->lock);
        return ck_error_of_uv(status);
    }
    return CHALK_OK;
}

static ck_loop *allocate(const ck_loop_config *config)
{
    const ck_alloc *alloc = config->alloc != NULL ? config->alloc : &ck_heap;
    ck_loop *loop = ck_new(alloc, sizeof *loop);
    if (loop == NULL) {
        return NULL;
    }
    loop->alloc = alloc;
    loop->log = config->log;
    loop->host_driven = config->host_driven;
    loop->read_buffer = ck_new(alloc, CK_LOOP_READ_BYTES);
    loop->seal_buffer = ck_new(alloc, CK_LOOP_SEAL_BYTES);
    const char *name = config->thread_name != NULL ? config->thread_name : "chalk-loop";
    (void)ck_text_copy(loop->thread_name, sizeof loop->thread_name, name);
    ck_list_init(&loop->items);
    ck_list_init(&loop->turn_items);
    loop->turns = 1;
    return loop;
}

static void discard(ck_loop *loop)
{
    const ck_alloc *alloc = loop->alloc;
    ck_free(alloc, loop->seal_buffer);
    ck_free(alloc, loop->read_buffer);
    ck_free(alloc, loop);
}

static int start_thread(ck_loop *loop)
{
    int status = uv_thread_create(&loop->thread, thread_main, loop);
    if (status == 0) {
        uv_sem_wait(&loop->started);
        return CHALK_OK;
    }
    /* Nobody runs the loop yet, so it is closed here. */
    tear_down(loop);
    run_until_closed(loop);
    return CHALK_ERR_LIMIT;
}

int ck_loop_create(const ck_loop_config *config, ck_loop **out)
{
    *out = NULL;
    ck_loop *loop = allocate(config);
    if (loop == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = CHALK_ERR_NO_MEMORY;
    if (loop->read_buffer == NULL || loop->seal_buffer == NULL || (status = init_locks(loop)) < 0) {
        discard(loop);
        return status;
    }
    status = init_handles(loop);
    if (status < 0) {
        uv_sem_destroy(&loop->started);
        uv_mutex_destroy(&loop->lock);
        discard(loop);
        return status;
    }
    loop->owner = uv_thread_self();
    if (!loop->host_driven) {
        status = start_thread(loop);
        if (status < 0) {
            release(loop);
            return status;
        }
    }
    *out = loop;
    return CHALK_OK;
}

/* ---- small things ---- */

int ck_loop_add(ck_loop *loop, ck_loop_item *item)
{
    if (loop->torn_down) {
        return CHALK_ERR_CANCELLED;
    }
    ck_list_append(&loop->items, &item->node);
    return CHALK_OK;
}

void ck_loop_start_uv_timer(ck_loop *loop, uv_timer_t *timer, uv_timer_cb callback, uint64_t due_us)
{
    uint64_t now_us = ck_clock_us();
    uint64_t left_us = due_us > now_us ? due_us - now_us : 0;
    /* libuv's cached time lags behind by as long as this turn has lasted, or in a host-driven loop
     * by as long as the host was away: without this the timer would fire early by that much. */
    uv_update_time(&loop->uv);
    (void)uv_timer_start(timer, callback, left_us / CK_US_PER_MS + (left_us % CK_US_PER_MS != 0),
                         0);
}

bool ck_loop_is_current(ck_loop *loop)
{
    uv_thread_t self = uv_thread_self();
    uv_mutex_lock(&loop->lock);
    bool current = uv_thread_equal(&self, &loop->owner) != 0;
    uv_mutex_unlock(&loop->lock);
    return current;
}

int ck_loop_poll(ck_loop *loop)
{
    if (!loop->host_driven || loop->in_turn) {
        return CHALK_ERR_BAD_STATE;
    }
    set_owner(loop);
    loop->in_turn = true;
    (void)uv_run(&loop->uv, UV_RUN_NOWAIT);
    /* The host waits, not libuv, so the turn of the callbacks that just ran ends here. */
    end_turn(loop);
    loop->in_turn = false;
    return CHALK_OK;
}

int ck_loop_poll_fd(ck_loop *loop)
{
    if (!loop->host_driven) {
        return CHALK_ERR_BAD_STATE;
    }
    int fd = uv_backend_fd(&loop->uv);
    return fd >= 0 ? fd : CHALK_ERR_UNSUPPORTED;
}

int32_t ck_loop_poll_timeout_ms(ck_loop *loop)
{
    if (!loop->host_driven) {
        return CHALK_ERR_BAD_STATE;
    }
    /* libuv counts from its cached time, which is old when the host has been away. */
    uv_update_time(&loop->uv);
    int timeout_ms = uv_backend_timeout(&loop->uv);
    return timeout_ms >= 0 ? timeout_ms : INT32_MAX;
}
