/*
 * Events that wait for their moment: what is said at a point of the lesson is shown when sound and
 * picture have come to that point.
 *
 * Events are released in the order in which they came, each when playout reaches the largest origin
 * time so far. Waiting is bounded: after 60 s, or with more than 4 MB waiting, events go out marked
 * BOUND; when playout jumps or there is nothing to follow any more, all that waits goes out at
 * once, marked JUMP. Used by one thread at a time.
 */
#ifndef CK_CORE_REPLICA_RELEASE_H
#define CK_CORE_REPLICA_RELEASE_H

#include "core/room/events.h"

#define CK_RELEASE_MAX_US    60000000u
#define CK_RELEASE_MAX_BYTES (4u << 20) /* texts, data and 256 for each event */
#define CK_RELEASE_JUMP_US   1000000    /* playout moved by so much more or less than time */
#define CK_RELEASE_TRUST_US  250000u    /* so long playout is taken to go on without a report */

enum ck_release_how {
    CK_RELEASE_LIVE = 1, /* nothing is followed: at once */
    CK_RELEASE_IN_STEP,
    CK_RELEASE_BOUND,
    CK_RELEASE_JUMP,
};

typedef struct ck_held {
    ck_event event;
    uint8_t *bytes; /* text and data; the taker frees them with the allocator */
    uint64_t due_us;
    uint64_t since_us;
} ck_held;

typedef struct ck_released {
    ck_event event;
    uint8_t *bytes;
    enum ck_release_how how;
    uint64_t late_us; /* IN_STEP: playout was so far past it */
} ck_released;

typedef struct ck_release {
    const ck_alloc *alloc;
    ck_held *held; /* a ring */
    uint32_t first, count, size;
    size_t bytes;
    uint64_t due_us; /* the largest origin so far */
    bool following;
    uint64_t playing_us; /* room time being played at at_us */
    uint64_t at_us;
    uint32_t jumped; /* so many of those that wait go out at once */
} ck_release;

void ck_release_init(ck_release *r, const ck_alloc *alloc);
void ck_release_free(ck_release *r);
void ck_release_clear(ck_release *r); /* forgets what waits */

/* Copies the event. CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_release_push(ck_release *r, const ck_event *event, uint64_t now_us);
/* The followed stream is showing this room time now. To be told several times a second. */
void ck_release_playing(ck_release *r, uint64_t room_us, uint64_t now_us);
void ck_release_unfollow(ck_release *r);
bool ck_release_pop(ck_release *r, uint64_t now_us, ck_released *out);
uint64_t ck_release_next_deadline(const ck_release *r); /* CK_NEVER: none */

#endif
