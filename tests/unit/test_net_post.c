/* Threads that post at once: labelled "race", so that it also runs under ThreadSanitizer. */
#include "runtime/net/loop.h"
#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS    4
#define PER_THREAD 2000

typedef struct shared {
    ck_loop *loop;
    size_t ran; /* the loop's thread alone */
    atomic_size_t cancelled;
    atomic_size_t accepted;
    atomic_bool stop;
} shared;

static void count(void *arg, bool cancelled)
{
    shared *s = arg;
    if (cancelled) {
        atomic_fetch_add(&s->cancelled, 1);
    } else {
        s->ran++;
    }
}

static void *post_many(void *arg)
{
    shared *s = arg;
    for (int i = 0; i < PER_THREAD; i++) {
        CK_CHECK_EQ(ck_loop_post(s->loop, count, s), CHALK_OK);
    }
    return NULL;
}

static void nothing(void *arg)
{
    (void)arg;
}

static void *call_many(void *arg)
{
    shared *s = arg;
    for (int i = 0; i < 200; i++) {
        CK_CHECK_EQ(ck_loop_call(s->loop, nothing, NULL), CHALK_OK);
        CK_CHECK(!ck_loop_is_current(s->loop));
    }
    return NULL;
}

static void read_count(void *arg)
{
    shared *s = arg;
    atomic_store(&s->accepted, s->ran);
}

CK_TEST(net_post, every_job_of_every_thread_runs_once)
{
    shared s = {0};
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.thread_name = "post-test"}, &s.loop), CHALK_OK);
    pthread_t threads[THREADS + 1];
    for (int i = 0; i < THREADS; i++) {
        CK_CHECK_EQ(pthread_create(&threads[i], NULL, post_many, &s), 0);
    }
    CK_CHECK_EQ(pthread_create(&threads[THREADS], NULL, call_many, &s), 0);
    for (int i = 0; i <= THREADS; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
    CK_CHECK_EQ(ck_loop_call(s.loop, read_count, &s), CHALK_OK);
    CK_CHECK_EQ(atomic_load(&s.accepted), (size_t)THREADS * PER_THREAD);
    ck_loop_destroy(&s.loop);
    CK_CHECK_EQ(atomic_load(&s.cancelled), 0);
}

static void *post_until_stopped(void *arg)
{
    shared *s = arg;
    while (!atomic_load(&s->stop)) {
        int status = ck_loop_post(s->loop, count, s);
        if (status == CHALK_OK) {
            atomic_fetch_add(&s->accepted, 1);
        } else {
            CK_CHECK(status == CHALK_ERR_LIMIT || status == CHALK_ERR_CANCELLED);
        }
    }
    return NULL;
}

static void stop_posting(void *arg)
{
    atomic_store(&((shared *)arg)->stop, true);
}

CK_TEST(net_post, what_was_accepted_runs_or_is_cancelled)
{
    shared s = {0};
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){0}, &s.loop), CHALK_OK);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CK_CHECK_EQ(pthread_create(&threads[i], NULL, post_until_stopped, &s), 0);
    }
    /* The loop ends their work in the middle of it; jobs still wait when it is destroyed. */
    CK_CHECK_EQ(ck_loop_call(s.loop, stop_posting, &s), CHALK_OK);
    for (int i = 0; i < THREADS; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
    ck_loop_destroy(&s.loop);
    CK_CHECK_EQ(s.ran + atomic_load(&s.cancelled), atomic_load(&s.accepted));
}
