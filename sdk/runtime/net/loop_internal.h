/*
 * The inside of a loop, for the other files of runtime/net. libuv's types stay here.
 *
 * Who protects what: `lock` protects the fields of the group named after it; everything else is the
 * loop thread's alone. The lock is a leaf: no function of ours and no callback is called with it.
 */
#ifndef CK_RUNTIME_NET_LOOP_INTERNAL_H
#define CK_RUNTIME_NET_LOOP_INTERNAL_H

#include "base/list.h"
#include "runtime/net/loop.h"

#include <uv.h>

#define CK_LOOP_READ_BYTES 65536
#define CK_LOOP_SEAL_BYTES 16384 /* one TLS record */

/* Something that lives on a loop, so that the loop can end it. `abandon` runs once, at the loop's
 * end, after the node was taken out: it tells the owner and closes its handles. */
typedef struct ck_loop_item {
    ck_list node;
    void (*abandon)(struct ck_loop_item *item);
} ck_loop_item;

/* Something that wants to be called at the end of the turn (before the loop waits again). */
typedef struct ck_turn_item {
    ck_list node;
    void (*end_turn)(struct ck_turn_item *item);
} ck_turn_item;

typedef struct ck_slow_wheel ck_slow_wheel;

struct ck_loop {
    const ck_alloc *alloc;
    const ck_log *log;
    bool host_driven;
    char thread_name[16];

    /* loop thread */
    uv_loop_t uv;
    uv_async_t wake;
    uv_prepare_t turn;
    ck_list items;
    ck_list turn_items;
    bool in_turn;   /* callbacks are running */
    bool sampled;   /* now_us is this turn's */
    bool torn_down; /* nothing new may be made on it */
    bool has_pool;  /* libuv's threads are there, or could be made */
    uint64_t now_us;
    uint64_t turns;       /* that have ended, and this one */
    ck_slow_wheel *slow;  /* slow_timer.h; NULL: no slow timer is there */
    uint8_t *read_buffer; /* CK_LOOP_READ_BYTES, for the stream being read */
    uint8_t *seal_buffer; /* CK_LOOP_SEAL_BYTES, for the stream being flushed */

    /* set before the thread runs, then constant */
    uv_thread_t thread;
    uv_sem_t started;

    /* lock */
    uv_mutex_t lock;
    uv_thread_t owner; /* the loop's thread, or the host's that polled last */
    ck_job *first_job;
    ck_job *last_job;
    size_t job_count;
    size_t owned_count; /* of them made by ck_loop_post */
    bool closing;
};

/* CHALK_ERR_CANCELLED once the loop is being torn down. */
int ck_loop_add(ck_loop *loop, ck_loop_item *item);
void ck_loop_end_turn_with(ck_loop *loop, ck_turn_item *item); /* once per turn, however often */
void ck_loop_refresh_now(ck_loop *loop);                       /* a second sample within a turn */

/* Starts a libuv timer for an absolute time; it may fire up to 1 ms late and a little early. */
void ck_loop_start_uv_timer(ck_loop *loop, uv_timer_t *timer, uv_timer_cb callback,
                            uint64_t due_us);
void ck_loop_run_jobs(ck_loop *loop); /* job.c */

#endif
