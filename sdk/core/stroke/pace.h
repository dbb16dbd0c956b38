/*
 * Somebody else's pen, at the pace at which it moved: chunks (live.h) come in a few times a second
 * and in bursts, the pen's way goes out for every frame of the screen.
 *
 *     ck_pace_feed(&pace, data, size, now)                         as a message of key 3 comes
 *     while (ck_pace_next(&pace, now, &sample)) ...                each frame: what was passed
 *     if (ck_pace_tip(&pace, &tip)) ...                            where the pen is now, between
 * two samples ck_pace_drop(&pace, stroke)                                  its finished stroke has
 * come
 *
 * Shown as late as chunks came late of late; never back, a little faster when behind. One for each
 * author; one thread. Times are µs and rise.
 */
#ifndef CK_CORE_STROKE_PACE_H
#define CK_CORE_STROKE_PACE_H

#include "core/stroke/live.h"

#define CK_PACE_SAMPLES  1024u /* waiting; more are passed at once */
#define CK_PACE_LEAST_US 30000 /* behind the author, beyond the quickest chunk */
#define CK_PACE_MOST_US  600000
#define CK_PACE_JUMP_US  1500000 /* so far behind it jumps */

typedef struct ck_pace_sample {
    ck_live_sample live;
    ck_live_style style;
    uint8_t stroke; /* its number, low bits */
    bool jumps;     /* samples between this one and the one before were left out */
} ck_pace_sample;

typedef struct ck_pace {
    ck_live_reader reader;
    bool known;    /* a sample has come */
    bool finished; /* strokes up to `dropped` are there already: what still comes of them is not
                      shown */
    uint8_t dropped;
    /* When is what shown: author's ms as µs. */
    int64_t quickest_us; /* arrival less author's time, of the quickest chunk of late */
    int64_t behind_us;   /* of the latest ones, decaying */
    int64_t playing_us;  /* author's time shown last */
    uint64_t at_us;      /* when that was */
    ck_pace_sample waiting[CK_PACE_SAMPLES]; /* a ring */
    uint32_t first, count;
    bool shown; /* something was: */
    ck_pace_sample last;
} ck_pace;

void ck_pace_init(ck_pace *p);
/* One message of the pen's key. CHALK_OK; CHALK_ERR_BAD_DATA: what stands before the fault counts.
 */
int ck_pace_feed(ck_pace *p, const void *data, size_t size, uint64_t now_us);
bool ck_pace_next(ck_pace *p, uint64_t now_us, ck_pace_sample *out);
/* Between the sample shown last and the next one, at the time of the last ck_pace_next; false: the
 * pen is up. */
bool ck_pace_tip(const ck_pace *p, ck_pace_sample *out);
/* Strokes up to this number are shown as they will stay; they go from here. */
void ck_pace_drop(ck_pace *p, uint32_t stroke);

#endif
