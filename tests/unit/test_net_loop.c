#include "net_support.h"
#include "support/alloc.h"
#include "support/check.h"

#include "runtime/net/watch.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

static void set_true(void *arg)
{
    *(bool *)arg = true;
}

CK_TEST(net_loop, lives_and_dies_in_both_modes)
{
    for (int driven = 0; driven < 2; driven++) {
        ck_loop *loop = NULL;
        CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.host_driven = driven}, &loop), CHALK_OK);
        bool called = false;
        CK_CHECK_EQ(ck_loop_call(loop, set_true, &called), CHALK_OK);
        CK_CHECK_ROW(driven, called);
        CK_CHECK_ROW(driven, ck_loop_is_current(loop) == (driven != 0));
        CK_CHECK_EQ(ck_loop_poll(loop), driven ? CHALK_OK : CHALK_ERR_BAD_STATE);
        ck_loop_destroy(&loop);
        CK_CHECK(loop == NULL);
        ck_loop_destroy(&loop);
    }
}

CK_TEST(net_loop, memory_may_run_out_at_every_allocation)
{
    for (size_t fail_at = 1;; fail_at++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, fail_at);
        ck_loop *loop = NULL;
        int status = ck_loop_create(&(ck_loop_config){.alloc = &f.alloc}, &loop);
        if (status == CHALK_OK) {
            ck_loop_destroy(&loop);
            CK_CHECK_EQ(f.live, 0);
            CK_CHECK(fail_at > 3);
            return;
        }
        CK_CHECK_EQ(status, CHALK_ERR_NO_MEMORY);
        CK_CHECK(loop == NULL);
        CK_CHECK_EQ(f.live, 0);
    }
}

/* ---- descriptors that are watched ---- */

typedef struct pipe_watch {
    ck_loop *loop;
    ck_watch *watch;
    int ends[2];
    int bytes;
} pipe_watch;

static void read_pipe(void *user, int fd)
{
    pipe_watch *w = user;
    char byte;
    w->bytes += read(fd, &byte, 1) == 1;
    if (w->bytes == 3) {
        ck_watch_destroy(&w->watch); /* from its own callback */
    }
}

static void begin_watch(void *arg)
{
    pipe_watch *w = arg;
    CK_CHECK_EQ(ck_watch_create(w->loop, w->ends[0], read_pipe, w, &w->watch), CHALK_OK);
}

CK_TEST(net_loop, a_descriptor_is_watched_until_it_is_let_go)
{
    for (int left = 0; left < 2; left++) {
        pipe_watch w = {0};
        CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.host_driven = true}, &w.loop), CHALK_OK);
        CK_CHECK_EQ(pipe(w.ends), 0);
        begin_watch(&w);
        CK_CHECK_EQ(ck_loop_poll(w.loop), CHALK_OK);
        CK_CHECK_EQ(w.bytes, 0);
        for (int i = 1; i <= 5 - 3 * left; i++) {
            CK_CHECK_EQ(write(w.ends[1], "x", 1), 1);
            CK_CHECK_EQ(ck_loop_poll(w.loop), CHALK_OK);
            CK_CHECK_ROW(i, w.bytes == (i < 3 ? i : 3));
            if (i == 3) {
                CK_CHECK_EQ(ck_loop_poll(w.loop), CHALK_OK);
                break; /* nobody reads it any more */
            }
        }
        CK_CHECK_ROW(left, (w.watch == NULL) == (left == 0));
        ck_loop_destroy(&w.loop); /* ends what is left */
        CK_CHECK_EQ(fcntl(w.ends[0], F_GETFD), -1);
        close(w.ends[1]);
    }
}

/* ---- jobs ---- */

typedef struct job_log {
    ck_loop *loop;
    int order[8];
    int count;
    int cancelled;
    int reposts;
} job_log;

typedef struct numbered {
    job_log *log;
    int number;
} numbered;

static void note_job(void *arg, bool cancelled)
{
    numbered *n = arg;
    n->log->cancelled += cancelled;
    n->log->order[n->log->count++] = n->number;
}

CK_TEST(net_loop, jobs_run_in_order_and_never_inside_the_call)
{
    ck_loop *loop = net_loop();
    job_log log = {0};
    numbered jobs[] = {{&log, 1}, {&log, 2}, {&log, 3}};
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(ck_loop_post(loop, note_job, &jobs[i]), CHALK_OK);
    }
    CK_CHECK_EQ(log.count, 0);
    net_settle(loop);
    CK_CHECK_EQ(log.count, 3);
    CK_CHECK(log.order[0] == 1 && log.order[1] == 2 && log.order[2] == 3);
    CK_CHECK_EQ(log.cancelled, 0);
    ck_loop_destroy(&loop);
}

CK_TEST(net_loop, waiting_jobs_are_cancelled_with_the_loop)
{
    ck_loop *loop = net_loop();
    job_log log = {0};
    numbered jobs[] = {{&log, 1}, {&log, 2}};
    ck_job own = {.fn = note_job, .arg = &jobs[1]};
    CK_CHECK_EQ(ck_loop_post(loop, note_job, &jobs[0]), CHALK_OK);
    CK_CHECK_EQ(ck_loop_post_job(loop, &own), CHALK_OK);
    CK_CHECK_EQ(ck_loop_post_job(loop, &own), CHALK_ERR_BAD_STATE);
    ck_loop_destroy(&loop);
    CK_CHECK_EQ(log.count, 2);
    CK_CHECK_EQ(log.cancelled, 2);
}

static void post_again(void *arg, bool cancelled)
{
    job_log *log = arg;
    if (!cancelled && log->reposts-- > 0) {
        CK_CHECK_EQ(ck_loop_post(log->loop, post_again, log), CHALK_OK);
    }
    log->count++;
}

static void post_while_ending(void *arg, bool cancelled)
{
    job_log *log = arg;
    CK_CHECK(cancelled);
    CK_CHECK_EQ(ck_loop_post(log->loop, post_again, log), CHALK_ERR_CANCELLED);
    log->cancelled++;
}

CK_TEST(net_loop, a_job_may_post_itself_and_none_is_taken_at_the_end)
{
    ck_loop *loop = net_loop();
    job_log log = {.loop = loop, .reposts = 5};
    CK_CHECK_EQ(ck_loop_post(loop, post_again, &log), CHALK_OK);
    net_settle(loop);
    CK_CHECK_EQ(log.count, 6);
    CK_CHECK_EQ(ck_loop_post(loop, post_while_ending, &log), CHALK_OK);
    ck_loop_destroy(&loop);
    CK_CHECK_EQ(log.cancelled, 1);
}

static void ignore_job(void *arg, bool cancelled)
{
    (void)cancelled;
    (*(size_t *)arg)++;
}

CK_TEST(net_loop, the_queue_of_jobs_is_bounded)
{
    ck_loop *loop = net_loop();
    size_t ran = 0;
    for (size_t i = 0; i < CK_LOOP_JOBS_MAX; i++) {
        CK_CHECK_EQ(ck_loop_post(loop, ignore_job, &ran), CHALK_OK);
    }
    CK_CHECK_EQ(ck_loop_post(loop, ignore_job, &ran), CHALK_ERR_LIMIT);
    ck_job own = {.fn = ignore_job, .arg = &ran};
    CK_CHECK_EQ(ck_loop_post_job(loop, &own), CHALK_OK);
    net_settle(loop);
    CK_CHECK_EQ(ran, CK_LOOP_JOBS_MAX + 1);
    ck_loop_destroy(&loop);
}

/* ---- timers ---- */

typedef struct timer_log {
    ck_timer *timer;
    ck_loop *loop;
    uint64_t due_us;
    uint64_t fired_us;
    int fired;
    int rearm;
    bool destroy;
} timer_log;

static void on_timer(void *user, uint64_t now_us)
{
    timer_log *t = user;
    t->fired++;
    t->fired_us = now_us;
    CK_CHECK(now_us >= t->due_us);
    CK_CHECK_EQ(now_us, ck_loop_now_us(t->loop));
    if (t->rearm > 0) {
        t->rearm--;
        t->due_us = now_us + 1500;
        ck_timer_set(t->timer, t->due_us);
    }
    if (t->destroy) {
        ck_timer_destroy(&t->timer);
    }
}

static void make_timer(timer_log *t, ck_loop *loop, uint64_t in_us)
{
    t->loop = loop;
    CK_CHECK_EQ(ck_timer_create(loop, on_timer, t, &t->timer), CHALK_OK);
    t->due_us = ck_clock_us() + in_us;
    ck_timer_set(t->timer, t->due_us);
}

static bool fired_all(void *arg)
{
    timer_log *t = arg;
    return t->fired > 0 && t->rearm == 0 && (t->destroy || t->fired_us >= t->due_us);
}

CK_TEST(net_loop, timers_are_never_early)
{
    static const uint64_t delays_us[] = {0, 1, 999, 1000, 1001, 5300, 20700};
    ck_loop *loop = net_loop();
    for (size_t i = 0; i < sizeof delays_us / sizeof *delays_us; i++) {
        timer_log t = {0};
        make_timer(&t, loop, delays_us[i]);
        net_wait(loop, fired_all, &t);
        CK_CHECK_ROW(i, t.fired == 1);
        ck_timer_destroy(&t.timer);
    }
    ck_loop_destroy(&loop);
}

CK_TEST(net_loop, a_timer_is_rearmed_stopped_and_destroyed_in_its_callback)
{
    ck_loop *loop = net_loop();
    timer_log again = {.rearm = 3};
    timer_log gone = {.destroy = true};
    timer_log stopped = {0};
    make_timer(&again, loop, 1000);
    make_timer(&gone, loop, 1000);
    make_timer(&stopped, loop, 1000);
    ck_timer_set(stopped.timer, CK_NEVER);
    net_wait(loop, fired_all, &again);
    net_wait(loop, fired_all, &gone);
    CK_CHECK_EQ(again.fired, 4);
    CK_CHECK_EQ(gone.fired, 1);
    CK_CHECK_EQ(stopped.fired, 0);
    CK_CHECK(gone.timer == NULL);
    CK_CHECK_EQ(ck_loop_poll_timeout_ms(loop), INT32_MAX);
    ck_loop_destroy(&loop); /* two timers are left: they go with the loop */
}

CK_TEST(net_loop, a_timer_that_is_moved_fires_once_and_then)
{
    ck_loop *loop = net_loop();
    timer_log later = {0}, earlier = {0}, stopped = {0}, again = {0};
    make_timer(&later, loop, 1000);
    later.due_us += 4000;
    ck_timer_set(later.timer, later.due_us);
    make_timer(&earlier, loop, CK_US_PER_S * 3600u);
    earlier.due_us = ck_clock_us() + 1000;
    ck_timer_set(earlier.timer, earlier.due_us);
    make_timer(&stopped, loop, 1000);
    ck_timer_set(stopped.timer, stopped.due_us + 1000);
    ck_timer_set(stopped.timer, CK_NEVER);
    make_timer(&again, loop, 1000);
    ck_timer_set(again.timer, CK_NEVER);
    again.due_us += 3000;
    ck_timer_set(again.timer, again.due_us);
    net_wait(loop, fired_all, &later);
    net_wait(loop, fired_all, &earlier);
    net_wait(loop, fired_all, &again);
    CK_CHECK_EQ(later.fired, 1);
    CK_CHECK_EQ(earlier.fired, 1);
    CK_CHECK_EQ(stopped.fired, 0);
    CK_CHECK_EQ(again.fired, 1);
    CK_CHECK_EQ(ck_loop_poll_timeout_ms(loop), INT32_MAX);
    ck_loop_destroy(&loop);
}

/* ---- time and rest ---- */

static void burn(uint64_t us)
{
    for (uint64_t until = ck_clock_us() + us; ck_clock_us() < until;) {
    }
}

static void sample_twice(void *arg, bool cancelled)
{
    job_log *log = arg;
    (void)cancelled;
    uint64_t first_us = ck_loop_now_us(log->loop);
    burn(2000);
    CK_CHECK_EQ(ck_loop_now_us(log->loop), first_us);
    log->count++;
}

CK_TEST(net_loop, now_is_sampled_once_per_turn)
{
    ck_loop *loop = net_loop();
    job_log log = {.loop = loop};
    CK_CHECK_EQ(ck_loop_post(loop, sample_twice, &log), CHALK_OK);
    net_settle(loop);
    CK_CHECK_EQ(log.count, 1);
    uint64_t before_us = ck_loop_now_us(loop);
    burn(10);
    CK_CHECK(ck_loop_now_us(loop) > before_us); /* between turns it is the clock */
    ck_loop_destroy(&loop);
}

CK_TEST(net_loop, a_loop_with_nothing_due_does_not_wake)
{
    ck_loop *loop = net_loop();
    timer_log far = {0};
    make_timer(&far, loop, CK_US_PER_S * 3600u);
    ck_timer_set(far.timer, CK_NEVER);
    net_settle(loop);
    struct pollfd ready = {.fd = ck_loop_poll_fd(loop), .events = POLLIN};
    CK_CHECK_EQ(poll(&ready, 1, 0), 0);
    CK_CHECK_EQ(ck_loop_poll_timeout_ms(loop), INT32_MAX);
    /* A job makes the descriptor readable: that is how the host learns of it. */
    job_log log = {0};
    numbered job = {&log, 1};
    CK_CHECK_EQ(ck_loop_post(loop, note_job, &job), CHALK_OK);
    CK_CHECK_EQ(poll(&ready, 1, NET_PATIENCE_MS), 1);
    net_settle(loop);
    CK_CHECK_EQ(log.count, 1);
    ck_loop_destroy(&loop);
}
