/*
 * The network loop: one libuv loop with a thread of its own, or driven by its host. Streams,
 * listeners, timers and the HTTP server live on one loop and are used on its thread alone; the
 * only ways in from other threads are ck_loop_post and ck_loop_call.
 *
 *     ck_loop *loop = NULL;
 *     int status = ck_loop_create(&(ck_loop_config){.alloc = &ck_heap}, &loop);
 *     if (status < 0) return status;
 *     ck_loop_call(loop, open_everything, app);   // runs there, returns when it is done
 *     ...
 *     ck_loop_call(loop, close_everything, app);
 *     ck_loop_destroy(&loop);
 *
 * A loop with nothing due has no wake-ups: it keeps no periodic timer.
 *
 * Turns: the loop waits, then runs the callbacks of what became ready. ck_loop_now_us is sampled
 * once per turn. What streams were given to write in a turn leaves at its end, in one system call
 * per stream.
 *
 * Thread: "loop" below means the loop's own thread, or for a host-driven loop the one thread that
 * calls ck_loop_poll (also between its calls). "any" means any thread.
 * Locks: one, over the queue of posted jobs and the closing flag. It is a leaf: nothing is called
 * while it is held, so it cannot take part in a lock order.
 * Lifetime: destroy what lives on a loop before the loop. What is left is closed with it: streams
 * and WebSockets report CHALK_ERR_CANCELLED, everything is freed, its pointers are invalid.
 */
#ifndef CK_RUNTIME_NET_LOOP_H
#define CK_RUNTIME_NET_LOOP_H

#include "base/alloc.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_LOOP_JOBS_MAX 65536 /* posted and not run yet */

typedef struct ck_loop ck_loop;

typedef struct ck_loop_config {
    const ck_alloc *alloc;   /* NULL: ck_heap; must work on any thread and outlive the loop */
    const ck_log *log;       /* borrowed for the loop's life; NULL: no log */
    const char *thread_name; /* copied; NULL: "chalk-loop" */
    bool host_driven;        /* no thread; the host calls ck_loop_poll */
} ck_loop_config;

/* CHALK_ERR_NO_MEMORY, CHALK_ERR_LIMIT (no descriptor or thread to be had). Thread: any. */
int ck_loop_create(const ck_loop_config *config, ck_loop **out);

/*
 * Cancels the jobs that wait, closes everything left, waits for the thread, clears *loop. A name
 * look-up under way is waited for (the system's resolver cannot be interrupted), up to its own
 * time-out. Thread: any but the loop's own; for a host-driven loop the host's. NULL is accepted.
 */
void ck_loop_destroy(ck_loop **loop);

uint64_t ck_loop_now_us(ck_loop *loop); /* loop; the clock of ck_clock_us */
bool ck_loop_is_current(ck_loop *loop); /* any: is this the loop's thread? */

/* ---- from other threads ---- */

/* `cancelled`: the loop is going away; free what `arg` holds and use nothing of the loop. */
typedef void (*ck_job_fn)(void *arg, bool cancelled);

/*
 * Runs fn(arg, false) on the loop's thread, after what was posted before. With CHALK_OK it is
 * called exactly once, at shutdown with `cancelled`; with an error never.
 * CHALK_ERR_LIMIT (CK_LOOP_JOBS_MAX wait), CHALK_ERR_NO_MEMORY, CHALK_ERR_CANCELLED (the loop is
 * going away). Thread: any, the loop's too (runs in a later turn, never inside the call).
 */
int ck_loop_post(ck_loop *loop, ck_job_fn fn, void *arg);

/* The same without memory of the loop's: the caller owns `job` until fn is entered and fills fn and
 * arg. Never fails for lack of memory or room; CHALK_ERR_CANCELLED alone. A job is in the queue at
 * most once at a time: posting it again before it runs is CHALK_ERR_BAD_STATE. */
typedef struct ck_job {
    ck_job_fn fn;
    void *arg;
    struct ck_job *next; /* private */
    bool queued;         /* private */
    bool owned;          /* private */
} ck_job;
int ck_loop_post_job(ck_loop *loop, ck_job *job);

/* Runs fn(arg) on the loop's thread and returns when it has. At once when called there. On a
 * host-driven loop: only from the host's thread (else CHALK_ERR_WRONG_THREAD). Never call it with a
 * lock held that a callback takes. CHALK_ERR_CANCELLED when the loop is going away. */
int ck_loop_call(ck_loop *loop, void (*fn)(void *arg), void *arg);

/* ---- host-driven ---- */

int ck_loop_poll(ck_loop *loop);    /* runs what is due, never waits; host's thread, not nested */
int ck_loop_poll_fd(ck_loop *loop); /* readable when there is work; borrowed */
int32_t ck_loop_poll_timeout_ms(ck_loop *loop); /* INT32_MAX: nothing is due */

/* ---- timers: thread loop ---- */

typedef struct ck_timer ck_timer;
typedef void (*ck_timer_fn)(void *user, uint64_t now_us);

/* A one-shot timer, not set. CHALK_ERR_NO_MEMORY, CHALK_ERR_CANCELLED. */
int ck_timer_create(ck_loop *loop, ck_timer_fn fn, void *user, ck_timer **out);
/* Sets it to an absolute time (the past: the next turn), replaces an earlier one; CK_NEVER stops
 * it. It never fires early: now_us >= due_us; resolution 1 ms. May be called from its callback. */
void ck_timer_set(ck_timer *timer, uint64_t due_us);
void ck_timer_destroy(ck_timer **timer); /* never fires after this; NULL is accepted */

#endif
