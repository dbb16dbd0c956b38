/*
 * An encoding: one thread that takes pictures or sound, encodes, and hands packets to its takers.
 *
 * Pictures wait in a mailbox of one (the newest wins, the replaced ones are counted); sound waits
 * in a queue of CK_ENCODING_SOUND_MS that drops its oldest. So a slow encoder costs frames, never
 * delay. When nothing comes, what core/share/rest.h says is sent of the last picture (better first,
 * then repeated once a second) and silence, so a stream never stands still because its source does.
 * A picture that is repeated needs no encoder where the stream allows it (core/h264/still.h), nor
 * does a key frame of a picture that has one already: that is sent once more.
 *
 * Without a taker the thread sleeps, holds no encoder and forgets the picture it had: what is taken
 * later begins with what is there then.
 *
 * Thread: any for every function here; takers are called on the encoding's thread.
 */
#ifndef CK_MEDIA_ENCODING_H
#define CK_MEDIA_ENCODING_H

#include "runtime/media/codec.h"
#include "runtime/media/stamp_clock.h"

#include <stdatomic.h>

#define CK_ENCODING_SOUND_MS 500

typedef struct ck_encoding ck_encoding;

/* The time line of a publication, shared by its encodings: presentation time 0 in runtime clock. */
typedef struct ck_timeline {
    atomic_uint_fast64_t origin_us; /* 0: not yet set */
} ck_timeline;

void ck_timeline_begin(ck_timeline *line, uint64_t now_us);            /* the first call sets it */
int64_t ck_timeline_pts(const ck_timeline *line, uint64_t capture_us); /* >= 0; once it began */

typedef struct ck_packet_taker {
    /* Configuration first, and again when it changes, then from a key frame on; packets are
     * borrowed during the call. */
    void (*packet)(void *user, uint32_t media, const ck_packet *packet);
    void *user;
    bool has_config;              /* private */
    bool begun;                   /* private: had its first key frame */
    bool asks_keys;               /* private: see ck_encoding_asks_keys */
    struct ck_packet_taker *next; /* private */
} ck_packet_taker;

/* What is asked of the choice of an encoder. */
enum ck_encoder_wish {
    CK_WISH_AUTO = 1, /* software, then hardware */
    CK_WISH_SOFTWARE, /* never hardware */
    CK_WISH_HARDWARE, /* hardware, then software */
    CK_WISH_NAME,     /* this one alone */
};

/* NULL and "auto", "software", "hardware"; anything else is a name. */
enum ck_encoder_wish ck_encoder_wish_of(const char *encoder);
bool ck_encoder_is_wished(const char *encoder, const ck_encoder_backend *backend);

typedef struct ck_encoding_config {
    const ck_codec_set *codecs;
    const ck_log *log;
    ck_timeline *line; /* lives longer than the encoding */
    uint32_t media;
    uint32_t codec;
    uint32_t hint;
    int32_t width, height; /* 0: the first picture's, made to fit 1920x1080 */
    uint32_t fps_max;
    uint32_t bitrate_kbps; /* 0: by hint and size */
    uint64_t gop_us;       /* longest distance of key frames; 0: only on request */
    uint32_t channels;
    const char *encoder;    /* see ck_encoder_wish_of; lives longer than the encoding */
    ck_stamp_clock *stamps; /* of room time in the pictures; NULL: none */
    /* An encoder was chosen, or (status < 0) none works. From the encoding's thread, no lock held.
     */
    void (*chosen)(void *user, int status, const char *text);
    /* CHALK_HINT_AUTO: what the pictures are from now on; text: why. The same thread. */
    void (*hinted)(void *user, uint32_t hint, const char *text);
    void *user;
} ck_encoding_config;

typedef struct ck_encoding_stats {
    uint32_t width, height, bitrate_kbps;
    uint64_t frames_captured, frames_dropped, frames_encoded, key_frames;
    uint64_t bytes_encoded, encode_us;
    char encoder[32];
} ck_encoding_stats;

int ck_encoding_create(const ck_encoding_config *config, ck_encoding **out);
void ck_encoding_destroy(ck_encoding **e); /* joins its thread; with no taker attached */

/* The taker's memory stays the caller's. The first one of a publication begins its time line. */
void ck_encoding_attach(ck_encoding *e, ck_packet_taker *taker);
void ck_encoding_detach(ck_encoding *e, ck_packet_taker *taker); /* no call comes any more */

/* Takes its own reference. whole: what the frame says of its damage is not to be relied on. */
void ck_encoding_video(ck_encoding *e, chalk_video_frame *frame, bool whole);
void ck_encoding_audio(ck_encoding *e, const ck_audio_block *block); /* copies */
void ck_encoding_mute(ck_encoding *e, bool muted);
void ck_encoding_want_key(ck_encoding *e);
/* An attached taker asks for the key frames that it needs, or does not, as at first. While all do,
 * none is made by time. */
void ck_encoding_asks_keys(ck_encoding *e, ck_packet_taker *taker, bool asks);
void ck_encoding_set_bitrate(ck_encoding *e, uint32_t kbps);
void ck_encoding_get_stats(ck_encoding *e, ck_encoding_stats *stats);

#endif
