/*
 * A session's queue of events. Bounded: an event that finds it full is dropped and counted, and the
 * next one taken is an OVERFLOW that tells; an event that ends a request has a place that was
 * reserved when the request was made. Its memory grows with what waits in it: most sessions never
 * have more than a few events.
 *
 * Thread: any.
 */
#ifndef CK_CLIENT_EVENTS_H
#define CK_CLIENT_EVENTS_H

#include "chalkrail/event.h"

#include "base/ring.h"

#include <uv.h>

#define CK_EVENTS_DEFAULT  256
#define CK_EVENTS_REQUESTS 256 /* requests made whose events were not taken yet */

typedef struct ck_events {
    uv_mutex_t lock;
    uv_cond_t came;
    ck_ring ring;
    size_t capacity; /* without the places for requests */
    uint64_t dropped;
    bool nudged;
    size_t reserved; /* requests, until their events are taken */
    size_t promised; /* of them: their events have not come, and have places in `ring` */
    void (*wakeup)(void *user);
    void *wakeup_user;
} ck_events;

int ck_events_init(ck_events *e, size_t capacity, void (*wakeup)(void *user), void *user);
void ck_events_free(ck_events *e);
/* A place for the event that will end a request; false when CK_EVENTS_REQUESTS are taken, or there
 * is no memory for one more. */
bool ck_events_reserve(ck_events *e);
void ck_events_release(ck_events *e); /* the request was not made after all */
/* Copies; the time is filled in. `text` may be NULL and is cut at a character. */
void ck_events_put(ck_events *e, const chalk_event *event, const char *text);
/* Something came elsewhere that the application is to look for: the wakeup signals, and a wait
 * under way, or the next one, ends with AGAIN. */
void ck_events_nudge(ck_events *e);
int ck_events_take(ck_events *e, chalk_event *out, uint64_t wait_us); /* CHALK_ERR_AGAIN */

#endif
