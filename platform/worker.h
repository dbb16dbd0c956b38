/*
 * A thread that sleeps until absolute deadlines and can be told to stop at any moment: what every
 * source here runs its delivery on.
 *
 * Thread: one owner calls init, start, stop and free; the body calls ck_worker_sleep_until and
 * ck_worker_stopping. Units: deadlines are microseconds of ck_clock_us().
 */
#ifndef CK_PLATFORM_WORKER_H
#define CK_PLATFORM_WORKER_H

#include <uv.h>

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_worker {
    uv_thread_t thread;
    uv_mutex_t lock; /* protects `stopping` */
    uv_cond_t wake;
    bool stopping;
    bool running; /* the owner's alone */
    const char *name;
    void (*body)(void *user);
    void *user;
} ck_worker;

int ck_worker_init(ck_worker *w);  /* CHALK_OK or CHALK_ERR_LIMIT */
void ck_worker_free(ck_worker *w); /* after stop */

/* Runs `body` on a thread called `name` (static text, at most 15 characters are shown). Errors:
 * BAD_STATE when it runs already, LIMIT when the system gives no thread. */
int ck_worker_start(ck_worker *w, const char *name, void (*body)(void *user), void *user);
/* Asks the body to return and waits for it; nothing to do when it does not run. */
void ck_worker_stop(ck_worker *w);

/* False as soon as the worker was told to stop; true once the deadline is reached. */
bool ck_worker_sleep_until(ck_worker *w, uint64_t deadline_us);
bool ck_worker_stopping(ck_worker *w);

#endif
