/*
 * When received media is shown. Sound leads, the picture follows: the clock of a stream is the
 * sound being heard; a stream without sound, or whose sound has stopped, runs on arrival times.
 *
 * Small on purpose: a fixed target delay that grows after an underrun. It neither estimates jitter
 * nor stretches sound; README.md says what it does not do.
 *
 * All presentation times of both kinds are on one line, in µs, unwrapped by the caller. Used by one
 * thread at a time. Allocates nothing; the fields are private.
 *
 *     packet arrives    if (ck_playout_on_packet(&p, kind, pts, now)) drop everything queued
 *     sound wanted      switch (ck_playout_audio(&p, first_pts, queued_us, now, &skip_to)) ...
 *     sound was heard   ck_playout_audio_played(&p, pts, now)
 *     picture decoded   switch (ck_playout_video(&p, pts, now, &ask_at)) ...
 */
#ifndef CK_CORE_PLAYOUT_PLAYOUT_H
#define CK_CORE_PLAYOUT_PLAYOUT_H

#include <stdbool.h>
#include <stdint.h>

enum ck_playout_kind {
    CK_PLAYOUT_AUDIO = 1,
    CK_PLAYOUT_VIDEO = 2,
};

enum ck_playout_answer {
    CK_PLAYOUT_SHOW = 1, /* video: show now */
    CK_PLAYOUT_WAIT,     /* video: ask again at *ask_at_us; audio: play silence */
    CK_PLAYOUT_DROP,     /* video: too late, take the next */
    CK_PLAYOUT_PLAY,     /* audio: play what is queued */
    CK_PLAYOUT_SKIP,     /* audio: drop queued sound before *skip_to_us, then ask again */
};

/* 0 is the default that stands beside the field. */
typedef struct ck_playout_config {
    uint32_t target_delay_ms; /* 200: sound buffered before it starts; 20-10,000 */
    uint32_t max_delay_ms;    /* 800: what the delay may grow to */
    uint32_t max_backlog_ms;  /* 1000: more queued sound than this is skipped */
} ck_playout_config;

typedef struct ck_playout_stats {
    uint32_t underruns; /* sound ran out, or pictures came after their time */
    uint32_t skips;     /* backlogs that were cut */
    uint32_t reanchors; /* breaks of the time line */
    uint64_t pictures_shown;
    uint64_t pictures_dropped;
    uint32_t delay_ms; /* the delay now aimed at */
    int64_t skew_us;   /* last picture shown: its pts minus that of the sound then heard;
                          above 0 the picture was early. 0 without sound */
} ck_playout_stats;

typedef struct ck_playout {
    uint64_t target_us;
    uint64_t max_delay_us;
    uint64_t max_backlog_us;
    uint64_t delay_us;
    uint8_t mode; /* private to playout.c */
    bool heard;   /* sound has been played since the last anchor */
    bool starved; /* sound ran out and has not come back */
    /* The clock: pts `anchor_pts` is presented at `anchor_us`. */
    int64_t anchor_pts;
    uint64_t anchor_us;
    /* The least delayed packet since the last anchor, as pts minus arrival. */
    int64_t lead_us;
    bool has_lead;
    uint64_t late_us; /* when a packet last came after its time; 0: none yet */
    struct {
        bool seen;
        int64_t pts; /* of the newest packet */
        uint64_t at_us;
    } last[2]; /* audio, video */
    uint64_t wait_since_us;
    uint64_t shown_us;
    bool shown; /* a picture since the last anchor */
    ck_playout_stats stats;
} ck_playout;

/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT for a delay out of its range or over its maximum. */
int ck_playout_init(ck_playout *p, const ck_playout_config *config, uint64_t now_us);

/* A packet arrived. True when the time line broke (over 5 s ahead of, or 1 s behind, the newest of
 * its kind): the clock starts anew with this packet, and the caller drops what it had queued. */
bool ck_playout_on_packet(ck_playout *p, enum ck_playout_kind kind, int64_t pts_us,
                          uint64_t now_us);

/* Asked whenever the device wants sound. `first_pts_us` and `queued_us`: pts of the oldest queued
 * sound and how much there is; the pts is ignored when nothing is queued. WAIT, PLAY or SKIP. */
enum ck_playout_answer ck_playout_audio(ck_playout *p, int64_t first_pts_us, uint64_t queued_us,
                                        uint64_t now_us, int64_t *skip_to_us);

/* The device says: the sound of `pts_us` is heard at now_us (its latency accounted for). */
void ck_playout_audio_played(ck_playout *p, int64_t pts_us, uint64_t now_us);

/* The oldest decoded picture. SHOW (and take it as shown), WAIT or DROP. */
enum ck_playout_answer ck_playout_video(ck_playout *p, int64_t pts_us, uint64_t now_us,
                                        uint64_t *ask_at_us);

/* The pts presented at now_us; false while no clock runs (nothing came yet, sound has run out). */
bool ck_playout_position(const ck_playout *p, uint64_t now_us, int64_t *pts_us);

ck_playout_stats ck_playout_get_stats(const ck_playout *p);

#endif
