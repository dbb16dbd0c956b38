/* Private to encoding*.c: the inside of an encoding. */
#ifndef CK_MEDIA_ENCODING_INSIDE_H
#define CK_MEDIA_ENCODING_INSIDE_H

#include "base/time.h"
#include "core/h264/still.h"
#include "core/share/motion.h"
#include "core/share/rest.h"
#include "core/share/scroll.h"
#include "runtime/media/encoding.h"

#include <uv.h>

/* Locks: `lock` guards the fields of its group; `takers_lock` guards the list and is held while
 * takers are called. Neither is taken while the other is held. Fields of the last group belong to
 * the encoding's thread. */
struct ck_encoding {
    ck_encoding_config config;
    uv_thread_t thread;

    uv_mutex_t lock;
    uv_cond_t wake;
    bool stop;
    uint32_t takers_count; /* 0: the thread sleeps */
    bool muted;
    bool want_key;
    uint32_t bitrate_kbps; /* target; 0: by hint and size */
    bool bitrate_changed;
    chalk_video_frame *mailbox;
    bool has_picture;       /* one came since the thread slept last */
    ck_damage arrived;      /* what the mailbox changes, with the pictures that it replaced */
    uint64_t arrived_moved; /* pixels of it that were only moved */
    float *sound;           /* ring of interleaved samples in the source's own form */
    uint32_t sound_rate, sound_channels;
    size_t sound_capacity, sound_first, sound_count; /* samples per channel */
    uint64_t sound_capture_us;                       /* of the first sample in the ring */
    ck_encoding_stats stats;

    uv_mutex_t takers_lock;
    ck_packet_taker *takers;
    ck_packet config_packet;  /* payload empty: none yet */
    atomic_bool keys_by_time; /* a taker relies on them; written with `takers_lock` held */

    const ck_encoder_backend *chosen;  /* of the table */
    const ck_encoder_backend *backend; /* its verbs, or those of the guard around it */
    ck_encoder *encoder;
    ck_encoder_config encoder_config;
    bool hopeless;     /* no encoder works: frames are dropped */
    bool rejected[16]; /* encoders that failed, by index in the table */
    ck_converter *converter;
    ck_frame_pool *blacks;
    chalk_video_frame *last; /* the latest picture, repeated when nothing comes */
    int64_t last_pts_us;     /* of the latest encoded picture; -1: none */
    int64_t last_key_us;
    int64_t last_stamp_us;
    uint64_t last_encoded_at_us;
    uint64_t next_frame_us; /* frame rate limit: earliest capture time of the next picture */
    bool owed;              /* `last` came too soon to be encoded; its turn comes */
    bool black;             /* what was encoded last was black: muted, or nothing came */
    bool was_black;         /* and before that */
    ck_damage changed;      /* what `last` changes of the picture that was encoded last */
    uint64_t moved;         /* pixels of it that were only moved, as the source said */
    ck_rest rest;           /* what is sent while nothing changes */
    uint32_t hint;          /* the one in force: of AUTO, SLIDES or MOTION */
    bool retuned;           /* the encoder was closed for another hint alone */
    ck_motion motion;       /* AUTO: which of them it is */
    ck_scroll *scroll;      /* AUTO: once it was needed */
    ck_h264_still still;    /* pictures made without the encoder */
    ck_packet key_packet;   /* as the encoder gave it; payload empty: something came after it */
    bool key_was_last;      /* the packet that was handed out last is that one */
    ck_resampler *resampler;
    int64_t sound_pts_us; /* presentation time of the next sample to encode; -1: none yet */
    uint64_t sound_at_us; /* when sound came last, and */
    int64_t sound_lag_us; /* how far its time was behind then */
    float gain;           /* of the sound: 1, 0 when muted, between while it changes */
};

/* encoding.c */
void ck_encoding_hand_out(ck_encoding *e, const ck_packet *packet);
/* Sleeps until there is a taker or the end; true when it slept. With the lock held. */
bool ck_encoding_sleep(ck_encoding *e);
/* The capture time that is believed: sources, and applications more so, can be wrong. */
uint64_t ck_encoding_capture_us(uint64_t capture_us, uint64_t now_us);
/* encoding_choice.c */
int ck_encoding_open_encoder(ck_encoding *e, int32_t width, int32_t height, uint32_t color);
void ck_encoding_encoder_failed(ck_encoding *e, int status);
void ck_encoding_close_encoder(ck_encoding *e);
/* encoding_packets.c: what becomes of pictures behind the encoder */
void ck_encoding_configure_still(ck_encoding *e, ck_slice record);
/* Hands out what the encoder has; its bytes are added to *bytes. */
int ck_encoding_receive(ck_encoding *e, uint64_t capture_us, uint64_t *bytes);
/* A picture that shows what was shown, without the encoder; BAD_STATE: it has to be encoded. */
int ck_encoding_send_repeat(ck_encoding *e, int64_t pts_us, uint64_t capture_us, uint64_t *bytes);
/* The last key frame once more, where nothing but repeated pictures came after it; else BAD_STATE.
 */
int ck_encoding_send_key_again(ck_encoding *e, int64_t pts_us, uint64_t capture_us,
                               uint64_t *bytes);
/* encoding_hint.c: AUTO. Either may close the encoder, so that the next picture is coded as what it
 * is now. */
void ck_encoding_begin_hint(ck_encoding *e);
/* A picture of which `area` of its pixels changed, as it will be encoded. */
void ck_encoding_watch_picture(ck_encoding *e, const chalk_video_frame *picture, uint64_t area,
                               uint64_t pixels);
void ck_encoding_watch_time(ck_encoding *e);
/* encoding_video.c, encoding_audio.c: the threads' bodies */
void ck_encoding_run_video(ck_encoding *e);
void ck_encoding_run_audio(ck_encoding *e);

#endif
