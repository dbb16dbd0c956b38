/* Private to jitter*.c: the inside of a jitter buffer. */
#ifndef CK_CORE_JITTER_INSIDE_H
#define CK_CORE_JITTER_INSIDE_H

#include "core/jitter/ask.h"
#include "core/jitter/delay.h"
#include "core/jitter/jitter.h"
#include "core/jitter/store.h"

#define CK_JITTER_MS INT64_C(1000)
#define CK_JITTER_JOINT_US                                                                         \
    (6 * CK_JITTER_MS) /* time stamps of whole milliseconds miss by so much */

struct ck_jitter {
    ck_jitter_config config;
    ck_delay delay;
    ck_ask *ask; /* PACKETS; NULL: nothing is asked for again */
    ck_jitter_store store;
    ck_jitter_stats stats;
    int64_t next_pts;    /* of what is given out next */
    int64_t played_pts;  /* of the last packet played */
    int64_t next_number; /* PACKETS: of the packet after the last one played */
    int64_t newest_number;
    int64_t newest_pts;
    uint64_t newest_at_us;
    bool any;           /* of the four above */
    bool discontinuous; /* before the next packet */
    bool keyed;         /* key_pts is known */
    int64_t key_pts;
    int pace;              /* -1 slower, 0 as it is, 1 faster */
    uint64_t held_us;      /* concealed since the last PLAY without time passing in the media */
    uint64_t concealed_us; /* since the last PLAY, all */
    uint64_t began_us;
    uint64_t drain_us; /* since when only old media came; 0: it does not */
    int64_t lag_us;    /* at the latest pull: transit played at */
    bool heard;        /* something was played since the line began */
    bool holding;      /* nothing was there in time */
    ck_jitter_event events[CK_JITTER_EVENTS];
    uint32_t event_first, event_count;
};

void ck_jitter_tell(ck_jitter *j, enum ck_jitter_event_kind kind, uint64_t value_us,
                    uint64_t now_us);
/* More than so much behind is skipped. */
uint32_t ck_jitter_backlog_ms(const ck_jitter_config *config);
/* It, or what comes after it, has been played or passed. */
bool ck_jitter_too_late(const ck_jitter *j, const ck_jitter_entry *e);

#endif
