/*
 * Room time on a machine that is not the edge: microseconds since the Unix epoch as the edge keeps
 * them, estimated from round trips.
 *
 *     ck_clock_feed(&clock, sent_us, room_us, now_us)     a PONG has come
 *     ck_clock_room(&clock, now_us)                       what time is it in the room?
 *
 * A round trip says the offset to within half of what it took, so the least delayed of the last
 * minute wins (Mills, RFC 5905, section 10, does the same). The first sample sets the clock; from
 * then on it is slewed, by at most 2 %, and never goes back. Only a machine that slept, whose clock
 * is found more than 5 s behind, is set forward at once.
 *
 * Times are µs; now_us is monotonic and must not go back. Integers alone. Allocates nothing; the
 * fields are private. One thread at a time.
 */
#ifndef CK_CORE_CLOCK_CLOCK_H
#define CK_CORE_CLOCK_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CK_CLOCK_SAMPLES   8u        /* round trips come each 10 s: a minute of them, and two */
#define CK_CLOCK_KEPT_US   60000000u /* older round trips do not count */
#define CK_CLOCK_SLEW_PPM  20000u
#define CK_CLOCK_ASLEEP_US 5000000 /* further behind than this is not slewed */
#define CK_CLOCK_DRIFT_PPM 100u    /* how fast a sample loses worth, as delay */

typedef struct ck_clock_sample {
    uint64_t at_us;
    uint64_t rtt_us;
    int64_t offset_us; /* room time minus ours */
} ck_clock_sample;

typedef struct ck_clock {
    ck_clock_sample samples[CK_CLOCK_SAMPLES]; /* a ring; at_us 0: empty */
    uint32_t next;
    bool set;
    int64_t offset_us; /* in force at slewed_us */
    int64_t target_us;
    uint64_t slewed_us;
    uint64_t rtt_us; /* of the sample in force */
    uint64_t shown_us;
} ck_clock;

void ck_clock_init(ck_clock *c);

/* sent_us: when we asked; room_us: what the edge answered; now_us: when the answer came. Nonsense
 * (an answer before its question) is ignored. */
void ck_clock_feed(ck_clock *c, uint64_t sent_us, uint64_t room_us, uint64_t now_us);

/* Room time, never less than given out before; 0 before the first sample. */
uint64_t ck_clock_room(ck_clock *c, uint64_t now_us);

bool ck_clock_is_set(const ck_clock *c);
/* How far off room time may be: half the round trip in force, and what is still to be slewed. */
uint64_t ck_clock_error_us(const ck_clock *c);
uint64_t ck_clock_rtt_us(const ck_clock *c);

#endif
