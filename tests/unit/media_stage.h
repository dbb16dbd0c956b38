/*
 * A stage for one player in real time: a network that delivers a material's tags when it likes, a
 * screen that takes pictures as fast as it can, a device that reads 10 ms of sound at a time. What
 * was seen and heard is written down. Tests on it are CK_CALM_TESTs.
 */
#ifndef CK_TESTS_MEDIA_STAGE_H
#define CK_TESTS_MEDIA_STAGE_H

#include "base/rng.h"
#include "media_support.h"
#include "runtime/media/player.h"
#include "skew_log.h"
#include "support/calm.h"

#define STAGE_EVENTS    2048
#define STAGE_DEVICE_US 20000 /* from a read to the ear */

typedef struct stage_event {
    uint64_t at_us;
    ck_flv_tag tag;
} stage_event;

typedef struct stage_seen {
    uint64_t at_us;
    uint64_t number; /* UINT64_MAX: unreadable */
    uint64_t room_us;
    uint64_t told_room_us; /* by the player's figures */
    int64_t pts_us;
    int32_t width;
} stage_seen;

typedef struct stage {
    ck_player *player;
    ck_rng rng;
    bool take, read; /* somebody looks, somebody listens */
    stage_event events[STAGE_EVENTS];
    size_t event_count, event_next;
    stage_seen seen[STAGE_EVENTS];
    size_t seen_count;
    skew_log log;
    uint64_t read_next_us;
    uint64_t away_us; /* for how long this program did not run although it should have, in all */
    /* From the player's own notices; read after the player was stopped, or by one thread. */
    _Atomic int media, first_picture, freezes, thaws, bad_codec, record_ended;
    _Atomic int64_t freeze_us;
    _Atomic int freeze_why; /* of the latest */
    char text[64];
} stage;

void stage_open(stage *s, uint32_t delay_ms);
void stage_close(stage *s);
/* Schedules a tag; times must not decrease from call to call (a stream keeps its order). */
void stage_send(stage *s, uint64_t at_us, const ck_packet *packet, int64_t shift_us);
/* Schedules a material's packets of [from_us, to_us) as if live since `origin_us`, each up to
 * `jitter_us` late; configurations first. */
void stage_play(stage *s, const material *m, uint64_t origin_us, int64_t from_us, int64_t to_us,
                int64_t shift_us, uint64_t jitter_us);
/* Lets time pass. */
void stage_run(stage *s, uint64_t until_us);
ck_player_stats stage_stats(stage *s);

/* Pictures are in order and none came twice; `least` were seen, less those of the time away. */
void stage_check_order(const stage *s, size_t first, size_t least);
/* Each second's flash was seen within 40 ms of its click; at least `clicks` were compared. */
void stage_check_skew(const stage *s, size_t clicks);

#endif
