/*
 * The time that stamps tell: the room's where it is known, until then this machine's own.
 *
 *     room_us = ck_stamp_clock_at(clock, capture_us, now_us, &confirmed)   any thread that stamps
 *     ck_stamp_clock_set(clock, room_us, now_us)                           who knows room time
 *
 * The first stamp may be made before the room is known. What was told then is not taken back at
 * once, for players map playout by it: the difference is slewed, by at most 2 %, and only one of
 * more than five seconds is put right in a step.
 *
 * Thread: any; a leaf lock.
 */
#ifndef CK_MEDIA_STAMP_CLOCK_H
#define CK_MEDIA_STAMP_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef struct ck_stamp_clock {
    uv_mutex_t lock;
    bool known;        /* room time */
    bool begun;        /* a stamp was made */
    int64_t target_us; /* room time minus the runtime's clock */
    int64_t offset_us; /* in force at at_us */
    uint64_t at_us;
} ck_stamp_clock;

int ck_stamp_clock_init(ck_stamp_clock *c); /* CHALK_ERR_LIMIT: no lock to be had */
void ck_stamp_clock_free(ck_stamp_clock *c);
void ck_stamp_clock_set(ck_stamp_clock *c, uint64_t room_us, uint64_t now_us);
/* Room time of a moment of the runtime's clock. *confirmed: it is an edge's, to within 10 ms. */
uint64_t ck_stamp_clock_at(ck_stamp_clock *c, uint64_t at_us, uint64_t now_us, bool *confirmed);

#endif
