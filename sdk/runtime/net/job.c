/* Work posted from other threads: a bounded queue under the loop's one lock. */
#include "runtime/net/loop_internal.h"

static int enqueue(ck_loop *loop, ck_job *job)
{
    int status = CHALK_OK;
    uv_mutex_lock(&loop->lock);
    if (loop->closing) {
        status = CHALK_ERR_CANCELLED;
    } else if (job->queued) {
        status = CHALK_ERR_BAD_STATE;
    } else if (job->owned && loop->owned_count >= CK_LOOP_JOBS_MAX) {
        status = CHALK_ERR_LIMIT;
    } else {
        job->queued = true;
        job->next = NULL;
        if (loop->last_job != NULL) {
            loop->last_job->next = job;
        } else {
            loop->first_job = job;
        }
        loop->last_job = job;
        loop->job_count++;
        loop->owned_count += job->owned;
        /* Inside the lock, so that `wake` cannot be closed in between. */
        (void)uv_async_send(&loop->wake);
    }
    uv_mutex_unlock(&loop->lock);
    return status;
}

int ck_loop_post_job(ck_loop *loop, ck_job *job)
{
    return enqueue(loop, job);
}

int ck_loop_post(ck_loop *loop, ck_job_fn fn, void *arg)
{
    ck_job *job = ck_new(loop->alloc, sizeof *job);
    if (job == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    job->fn = fn;
    job->arg = arg;
    job->owned = true;
    int status = enqueue(loop, job);
    if (status < 0) {
        ck_free(loop->alloc, job);
    }
    return status;
}

static ck_job *dequeue(ck_loop *loop, bool *cancelled)
{
    uv_mutex_lock(&loop->lock);
    ck_job *job = loop->first_job;
    if (job != NULL) {
        loop->first_job = job->next;
        if (loop->first_job == NULL) {
            loop->last_job = NULL;
        }
        loop->job_count--;
        loop->owned_count -= job->owned;
        job->queued = false;
    }
    *cancelled = loop->closing;
    uv_mutex_unlock(&loop->lock);
    return job;
}

static size_t waiting(ck_loop *loop)
{
    uv_mutex_lock(&loop->lock);
    size_t count = loop->job_count;
    uv_mutex_unlock(&loop->lock);
    return count;
}

void ck_loop_run_jobs(ck_loop *loop)
{
    /* Only those that wait now: a job that posts itself again must not starve the sockets. At the
     * end of the loop nothing can be posted any more, so then this empties the queue. */
    for (size_t left = waiting(loop); left > 0; left--) {
        bool cancelled = false;
        ck_job *job = dequeue(loop, &cancelled);
        if (job == NULL) {
            return;
        }
        ck_job_fn fn = job->fn;
        void *arg = job->arg;
        if (job->owned) {
            ck_free(loop->alloc, job);
        }
        fn(arg, cancelled);
    }
    if (waiting(loop) > 0) {
        (void)uv_async_send(&loop->wake);
    }
}

/* ---- calling and waiting ---- */

typedef struct call {
    void (*fn)(void *arg);
    void *arg;
    bool cancelled;
    uv_sem_t done;
} call;

static void run_call(void *arg, bool cancelled)
{
    call *c = arg;
    c->cancelled = cancelled;
    if (!cancelled) {
        c->fn(c->arg);
    }
    uv_sem_post(&c->done);
}

int ck_loop_call(ck_loop *loop, void (*fn)(void *arg), void *arg)
{
    if (ck_loop_is_current(loop)) {
        fn(arg);
        return CHALK_OK;
    }
    if (loop->host_driven) {
        return CHALK_ERR_WRONG_THREAD;
    }
    call c = {.fn = fn, .arg = arg};
    if (uv_sem_init(&c.done, 0) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_job job = {.fn = run_call, .arg = &c};
    int status = ck_loop_post_job(loop, &job);
    if (status == CHALK_OK) {
        uv_sem_wait(&c.done);
        status = c.cancelled ? CHALK_ERR_CANCELLED : CHALK_OK;
    }
    uv_sem_destroy(&c.done);
    return status;
}
