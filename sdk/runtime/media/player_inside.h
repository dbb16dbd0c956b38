/* Private to player*.c: the inside of a player. */
#ifndef CK_MEDIA_PLAYER_INSIDE_H
#define CK_MEDIA_PLAYER_INSIDE_H

#include "runtime/media/player.h"

#include "base/ring.h"
#include "base/time.h"
#include "core/playout/playout.h"
#include "runtime/media/recorder.h"
#include "runtime/media/sound_edge.h"
#include "runtime/media/sound_ring.h"

#include <uv.h>

#define CK_PLAYER_PACKETS   2048        /* waiting to be decoded, of each medium */
#define CK_PLAYER_BYTES     (48u << 20) /* of both */
#define CK_PLAYER_STAGED    100         /* decoded blocks of 10 ms that wait: one second */
#define CK_PLAYER_FREEZE_US 2500000     /* pictures alone: nothing came for so long */
#define CK_PLAYER_SHAPE_MAX 64

typedef struct ck_picture {
    chalk_video_frame *frame;
    int64_t room_offset_us; /* room time minus presentation time; INT64_MIN: unknown */
} ck_picture;

enum ck_recording {
    CK_NOT_RECORDING = 0,
    CK_RECORDING,
    CK_RECORD_STOPPING, /* asked to end, not complete yet */
};

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
    ck_ring video_queue, audio_queue; /* of ck_packet */
    size_t queued_bytes;
    bool need_key; /* pictures are useless up to the next key frame */
    ck_picture pictures[CK_PLAYER_PICTURES];
    size_t picture_count;
    uint64_t asked_us; /* when somebody last asked for a picture */
    ck_playout playout;
    ck_player_stats stats;
    bool has_reader;
    bool flush_video, flush_audio; /* the time line broke: forget what is in hand */
    uint64_t last_packet_us;
    uint64_t frozen_since_us; /* 0: not frozen */

    uv_mutex_t record_lock;
    ck_recorder *recorder; /* an ended one stays until the next or the stop */
    enum ck_recording recording;
    uint64_t record_request;
    ck_packet configs[2]; /* newest of video and audio, for a recording that begins later */

    /* Loop thread: extension of 32-bit millisecond time stamps, and what the host was told. */
    bool has_time;
    uint32_t last_ms;
    int64_t extended_ms;
    bool bad_codec_told;
    char video_shape[CK_PLAYER_SHAPE_MAX], audio_shape[CK_PLAYER_SHAPE_MAX];
    char shape_told[2 * CK_PLAYER_SHAPE_MAX];

    /* The reader's thread. */
    ck_sound_edge edge;
    bool silent; /* the latest samples given were silence */

    ck_sound_ring ring;
    atomic_bool muted;
    atomic_bool ended;
    atomic_bool heard;                   /* some real sound was given */
    atomic_uint largest_read;            /* samples per channel */
    atomic_int_fast64_t heard_offset_us; /* pts of what is heard, minus the clock */
    atomic_uint_fast64_t heard_at_us;    /* when that was told */
    atomic_uint heard_line;              /* the value of `line` when it was */
    atomic_uint line; /* counts the times that what was heard before says nothing any more */
    atomic_uint_fast64_t samples_played, samples_concealed;
};

void ck_player_notify(ck_player *p, enum ck_player_notice what, int status, int64_t value,
                      const char *text);

/* With the lock held: */
bool ck_player_pop(ck_player *p, ck_ring *queue, ck_packet *out);
void ck_player_clear(ck_player *p, ck_ring *queue);      /* all of it, configurations too */
ck_picture ck_player_pop_picture(ck_player *p);          /* there is one */
void ck_player_drop_pictures(ck_player *p, size_t keep); /* the oldest, counted */

void ck_player_record_packet(ck_player *p, uint32_t media, const ck_packet *packet);
void ck_player_run_video(void *player);
void ck_player_run_audio(void *player);

#endif
