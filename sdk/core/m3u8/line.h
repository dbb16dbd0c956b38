/*
 * The time line of what comes out of segments, and its pace.
 *
 * Segments carry time stamps of the server's choosing: those of MPEG-TS wrap after 26.5 hours, and
 * each discontinuity begins anew. A line gives every packet a time on one continuous axis that
 * begins at 1 s: after a break the next packet follows where the last one ended.
 *
 * A segment comes at once and plays for seconds. The pace lets packets go when they would have come
 * from a live source, so that everything behind it (playout, counters of silence) sees a stream.
 *
 * Pure; the fields are private but for those that say otherwise.
 */
#ifndef CK_CORE_M3U8_LINE_H
#define CK_CORE_M3U8_LINE_H

#include <stdbool.h>
#include <stdint.h>

/* 2^33 ticks of 90 kHz (ISO/IEC 13818-1 section 2.4.3.7). */
#define CK_HLS_WRAP_US INT64_C(95443717689)

typedef struct ck_hls_line {
    bool started;
    bool broken;          /* the next packet follows what came last, whatever its stamp */
    bool wraps;           /* stamps are those of MPEG-TS */
    int64_t stamp_us;     /* of the packet before, unwrapped */
    int64_t offset_us;    /* time minus unwrapped stamp */
    int64_t newest_us;    /* the largest time given */
    int64_t step_us;      /* how long the packet that has it lasts, as far as is known */
    bool has_date;        /* the playlist says when something was taken */
    int64_t date_us;      /* since 1970, minus the time */
    bool date_waits;      /* the next packet is the one that has... */
    int64_t date_next_us; /* ...this date */
} ck_hls_line;

void ck_hls_line_init(ck_hls_line *l);
/* A segment begins. `broken`: its stamps have nothing to do with those before. `date_us`: of its
 * first packet, since 1970; below 0: not given. */
void ck_hls_line_segment(ck_hls_line *l, bool broken, bool wraps, int64_t date_us);

typedef struct ck_hls_time {
    int64_t dts_us;
    int64_t pts_us;
    int64_t room_us; /* when it was taken, since 1970; 0: not known */
} ck_hls_time;

/* Of a packet, in decoding order of its kind. Stamps that jump by more than 10 s are a break that
 * nobody announced. */
ck_hls_time ck_hls_line_time(ck_hls_line *l, int64_t dts_us, int64_t pts_us);

typedef struct ck_hls_pace {
    bool running;
    uint64_t anchor_us;  /* clock... */
    int64_t anchor_time; /* ...of this time of the line */
} ck_hls_pace;

/* When a packet of that time is to go. A packet that is more than 200 ms late (the segment came too
 * late, or the machine slept) goes now, and those after it at their distance from it. */
uint64_t ck_hls_pace_due(ck_hls_pace *p, int64_t dts_us, uint64_t now_us);

#endif
