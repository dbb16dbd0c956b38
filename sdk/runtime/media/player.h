/*
 * The receiving half of the media graph: tags in, pictures and sound out.
 *
 *   loop thread     ck_player_tag -> packets -> recorder, video queue, jitter buffer
 *   audio thread    jitter buffer decides -> decode -> stretch, make up -> ring of 10 ms blocks ->
 *                   device callback
 *   video thread    decode -> pictures in hand (at most CK_PLAYER_PICTURES)
 *   any thread      ck_player_take: the newest picture that is due by what is heard
 *
 * Reference-counted, because sinks outlive the playback: the creator holds one reference, each open
 * sink another. ck_player_stop joins the threads; afterwards takes give CHALK_ERR_END and reads
 * give silence. See player_inside.h for the locks, README.md for what is dropped when.
 */
#ifndef CK_MEDIA_PLAYER_H
#define CK_MEDIA_PLAYER_H

#include "core/avsync/avsync.h"
#include "core/flv/tag.h"
#include "core/jitter/jitter.h"
#include "runtime/media/capture.h"
#include "runtime/media/codec.h"

#include <stdatomic.h>

#define CK_PLAYER_PICTURES 8

typedef struct ck_player ck_player;

enum ck_player_notice {
    CK_PLAYER_MEDIA = 1,     /* text: what is received, such as "H.264 1280x720, AAC 48000 Hz" */
    CK_PLAYER_FIRST_PICTURE, /* value: microseconds since the player was made */
    CK_PLAYER_FREEZE,        /* value 0: began; else microseconds that it lasted. status: TIMEOUT
                                nothing comes, CODEC what comes cannot be decoded */
    CK_PLAYER_RECORD_BEGAN,
    CK_PLAYER_RECORD_ENDED, /* status: why; value: the request that asked for it, or 0 */
    CK_PLAYER_DEVICE,       /* status: the speaker's trouble, CHALK_OK when it is over */
    CK_PLAYER_ROOM_SOURCE,  /* value: enum ck_room_source now; status: the one before */
    CK_PLAYER_BAD_CODEC, /* status CODEC_UNKNOWN, text: the codec's name; the stream is useless */
};

/* How delay is weighed against what is lost by it. */
typedef struct ck_player_delays {
    uint32_t late_ppm;         /* share of sound that may come too late: 100 to 500,000 */
    uint32_t picture_late_ppm; /* the same of pictures of a stream without sound */
    uint32_t start_ms;         /* at least this in the first second */
    uint32_t min_ms, max_ms;   /* from arrival to the ear; at most 10,000. What the device takes is
                                  part of it, but 20 ms are left to the network */
} ck_player_delays;

typedef struct ck_player_config {
    const ck_codec_set *codecs;
    const ck_log *log;
    ck_player_delays delays;
    bool muted;
    /* From any of the player's threads or the loop's, never under its locks. */
    void (*notice)(void *user, enum ck_player_notice what, int status, int64_t value,
                   const char *text);
    void *user;
} ck_player_config;

typedef struct ck_player_stats {
    uint32_t width, height;
    uint32_t delay_ms, target_delay_ms;
    ck_jitter_stats jitter;
    ck_avsync_stats sync;
    uint64_t frames_received, frames_decoded, frames_shown, frames_dropped;
    uint64_t decode_errors;
    uint64_t samples_played, samples_concealed;
    uint64_t freezes, freeze_us;
    uint64_t first_picture_us;
    uint64_t room_time_us; /* of the picture shown last, else of the sound heard; 0: not known */
    uint32_t room_source;  /* enum ck_room_source */
    uint64_t decode_us;
} ck_player_stats;

int ck_player_create(const ck_player_config *config, ck_player **out);
void ck_player_ref(ck_player *p);
void ck_player_unref(ck_player **p);
void ck_player_stop(ck_player *p); /* joins; not from its own threads */

/* ---- in: the loop's thread ---- */

void ck_player_tag(ck_player *p, ck_flv_tag *tag); /* takes the body's reference */
/* The same for what has come apart already: H.264 and AAC, times that do not wrap; takes references
 * of its own. */
void ck_player_packet(ck_player *p, uint32_t media, const ck_packet *packet);
/* Another connection is being made: its time line may start anew; what is in hand is played. */
void ck_player_discontinuity(ck_player *p);
/* No tag will come any more: what is in hand is played, then takes give END. Ends a recording. */
void ck_player_close(ck_player *p);

/* ---- pictures ---- */

void ck_player_set_delays(ck_player *p, const ck_player_delays *delays);
/* At most 1 s each; refresh 0: unknown. */
void ck_player_set_display(ck_player *p, uint32_t refresh_us, uint32_t lit_us);
bool ck_player_claim_pictures(ck_player *p); /* false: somebody takes them already */
void ck_player_release_pictures(ck_player *p);
int ck_player_take(ck_player *p, chalk_video_frame **out); /* AGAIN, END */
void ck_player_background(ck_player *p, bool background);  /* true: decode sound alone */

/* ---- sound ---- */

/* One reader at a time. Without one the player consumes the sound itself, at the clock's pace. */
bool ck_player_claim_sound(ck_player *p); /* false: it has a reader */
void ck_player_release_sound(ck_player *p);
/* Real-time safe, the reader's thread; the count of real frames, the rest is silence. */
uint32_t ck_player_read(ck_player *p, float *out, uint32_t frames, uint32_t delay_us);
int64_t ck_player_read_pts(
    const ck_player *p); /* INT64_MIN before the first; the reader's thread */
void ck_player_mute(ck_player *p, bool muted);

/* Whether what is played reaches somebody. */
enum ck_player_hearing {
    CK_PLAYER_HEARD = 1,   /* sound is taken, and not muted */
    CK_PLAYER_MUTED,       /* is taken, and muted */
    CK_PLAYER_NO_DEVICE,   /* nobody takes it */
    CK_PLAYER_NOT_PLAYING, /* there is none to take */
};

enum ck_player_hearing ck_player_hearing(ck_player *p, uint64_t now_us); /* any thread */
bool ck_player_is_over(ck_player *p); /* nothing is played any more, nor will be; any thread */

/* ---- recording and figures: any thread ---- */

int ck_player_record(ck_player *p, const char *path); /* BAD_STATE while one is not complete */
/* RECORD_ENDED follows with `request`. BAD_STATE when not recording, or stopped already. */
int ck_player_record_stop(ck_player *p, uint64_t request);
/* Room time of what is presented at a time of the clock, and back. AGAIN: not known. */
int ck_player_room_time(ck_player *p, uint64_t at_us, uint64_t *room_us);
int ck_player_room_due(ck_player *p, uint64_t room_us, uint64_t *at_us);
void ck_player_get_stats(ck_player *p, ck_player_stats *stats);

#endif
