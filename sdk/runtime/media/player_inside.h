/* Private to player*.c: the inside of a player. */
#ifndef CK_MEDIA_PLAYER_INSIDE_H
#define CK_MEDIA_PLAYER_INSIDE_H

#include "runtime/media/player.h"

#include "base/ring.h"
#include "base/time.h"
#include "core/avsync/avsync.h"
#include "core/avsync/lead.h"
#include "core/avsync/line.h"
#include "core/avsync/room.h"
#include "core/jitter/delay.h"
#include "core/jitter/jitter.h"
#include "runtime/media/intake.h"
#include "runtime/media/packet_queue.h"
#include "runtime/media/recorder.h"
#include "runtime/media/sound_edge.h"
#include "runtime/media/sound_ring.h"

#include <uv.h>

#define CK_PLAYER_PACKETS   2048        /* pictures that wait to be decoded */
#define CK_PLAYER_BYTES     (48u << 20) /* of them */
#define CK_PLAYER_SOUNDS    1024        /* packets of sound that wait */
#define CK_PLAYER_SOUND_MAX (64u << 10) /* bytes of one */
#define CK_PLAYER_CONFIGS   4           /* of sound that wait for their first packet */
#define CK_PLAYER_FREEZE_US 2500000     /* pictures alone: nothing came for so long */

/* Whether the source of room time is another than was told; if so it counts as told, and the caller
 * gives the notice. */
typedef struct ck_room_change {
    bool changed;
    uint8_t from, to;
} ck_room_change;

enum ck_recording {
    CK_NOT_RECORDING = 0,
    CK_RECORDING,
    CK_RECORD_OPENING,  /* there is no file yet */
    CK_RECORD_STOPPING, /* asked to end, not complete yet */
};

/* A configuration of sound, and the first presentation time that it is for. */
typedef struct ck_sound_config {
    ck_packet packet;
    int64_t from_us;
} ck_sound_config;

/* What the device's callback tells of the sound that is heard. Written by the reader's thread
 * alone; `turn` is odd while it writes, so that nobody takes one field of an old report and one of
 * a new. */
typedef struct ck_player_heard {
    atomic_uint turn;
    atomic_int_fast64_t pts_us;   /* of the sample after the last one given, ... */
    atomic_int_fast64_t end_us;   /* ... and when it is heard */
    atomic_uint_fast64_t at_us;   /* when this was told; 0: never */
    atomic_bool stands;           /* time stands until something comes */
    atomic_uint line;             /* the player's `sound_line` then */
    atomic_uint_fast32_t late_us; /* from the callback to the ear */
} ck_player_heard;

/* Locks: `lock` guards the fields of its group, `record_lock` those of its own; both are leaves,
 * and notices are given under neither. The ring has one writer, the audio thread, and one reader:
 * who claimed the sound, or while nobody did the audio thread with `lock` held, so that a claim
 * waits for it. */
struct ck_player {
    ck_player_config config;
    atomic_uint references;
    uint64_t created_us;
    uv_thread_t video_thread, audio_thread;
    bool stopped; /* joined; creator's thread alone */
    atomic_bool pictures_claimed, sound_claimed;

    uv_mutex_t lock;
    uv_cond_t video_wake, audio_wake;
    bool stop;
    bool closed; /* nothing more will come */
    bool background;
    ck_player_delays delays;
    ck_line time_line;
    ck_jitter *jitter;     /* sound that waits */
    ck_ring sound_configs; /* of ck_sound_config */
    ck_ring video_queue;   /* of ck_packet */
    size_t queued_bytes;
    bool need_key;          /* pictures are useless up to the next key frame */
    ck_delay arrivals;      /* of pictures */
    int64_t decode_mean_us; /* of a picture, smoothed */
    chalk_video_frame *pictures[CK_PLAYER_PICTURES]; /* oldest first */
    size_t picture_count;
    uint64_t asked_us; /* when somebody last asked for a picture */
    ck_avsync avsync;
    struct {
        uint32_t lit_us;     /* from being taken to being seen */
        uint32_t refresh_us; /* 0: unknown */
    } display;
    ck_room_map room;
    uint8_t room_told; /* enum ck_room_source */
    ck_lead lead;
    uint32_t floor_ms;  /* of the sound's delay, so that pictures are there in time */
    uint32_t behind_ms; /* what lies behind the jitter buffer, as its limits have it */
    uint64_t limits_at_us;
    ck_player_stats stats;
    bool has_reader;
    bool flush_video, flush_audio;           /* the time line broke: forget what is in hand */
    uint64_t last_sound_us, last_picture_us; /* arrivals */
    uint64_t alone_us;                       /* of the first picture after the newest sound */
    bool ran_out;                            /* of sound, and nothing goes on without it */
    uint64_t broken_us[CK_LINE_MEDIA];       /* since when nothing can be decoded; 0: it can */
    uint64_t refused_us; /* since when only media came that nobody can decode; 0: it is not so */
    int refused_why;
    uint64_t frozen_since_us; /* 0: not frozen */
    int frozen_why;

    uv_mutex_t record_lock;
    ck_recorder *recorder; /* an ended one stays until the next or the stop */
    enum ck_recording recording;
    uint64_t record_request;
    ck_packet configs[2];    /* newest of video and audio, for a recording that begins later */
    ck_packet_queue opening; /* what came in the first second, for one that begins in it */
    uint64_t opening_us;     /* when it began to come; 0: nothing came */
    bool opening_over;

    /* Loop thread. */
    ck_intake intake;
    bool bad_codec_told;

    /* The reader's thread. */
    ck_sound_edge edge;
    bool silent; /* the latest samples given were silence */

    ck_sound_ring ring;
    atomic_bool muted;
    atomic_bool ended;
    atomic_bool began;               /* some real sound was given */
    atomic_uint largest_read;        /* samples per channel */
    atomic_uint missed_reads;        /* in which the ring had not enough */
    atomic_uint_fast64_t read_at_us; /* the latest read, or claim */
    ck_player_heard heard;
    atomic_uint sound_line; /* counts the times that what was heard before says nothing any more */
    atomic_uint_fast64_t samples_played, samples_missed;
};

void ck_player_notify(ck_player *p, enum ck_player_notice what, int status, int64_t value,
                      const char *text);

void ck_player_tell_room(ck_player *p, ck_room_change change); /* without the lock */

/* With the lock held: */
bool ck_player_pop(ck_player *p, ck_packet *out);        /* of the video queue */
void ck_player_clear(ck_player *p);                      /* all of it, configurations too */
chalk_video_frame *ck_player_pop_picture(ck_player *p);  /* there is one */
void ck_player_drop_pictures(ck_player *p, size_t keep); /* the oldest, counted */
void ck_player_skip_pictures(ck_player *p);              /* those before the newest key frame */
void ck_player_clear_sound(ck_player *p);                /* configurations that wait */

/* player_clock.c, with the lock held: what time it is on the stream's line. */
void ck_player_follow(ck_player *p, uint64_t now_us);
bool ck_player_position(ck_player *p, uint64_t now_us, int64_t *pts_us);
bool ck_player_has_sound(const ck_player *p); /* that was not heard yet */
/* Returns what to tell of a standstill: -1 nothing, 0 it began, above 0 microseconds it lasted. */
int64_t ck_player_watch(ck_player *p, uint64_t now_us);
void ck_player_tell_delay(ck_player *p, uint64_t now_us, ck_player_stats *stats);
/* A packet could be decoded, or could not. */
void ck_player_decoded(ck_player *p, enum ck_line_medium medium, int status, uint64_t now_us);
ck_room_change ck_player_room_change(ck_player *p);
void ck_player_measure_room(ck_player *p, uint64_t now_us);
void ck_player_apply_delays(ck_player *p, uint64_t now_us);

void ck_player_record_free(ck_player *p);
void ck_player_record_packet(ck_player *p, uint32_t media, const ck_packet *packet);
void ck_player_run_video(void *player);
void ck_player_run_audio(void *player);

#endif
