/*
 * The jitter buffer of one stream: packets in as they come, media out as it is to be played.
 *
 *     packet arrives       ck_jitter_feed(j, &packet, now)
 *     sound is wanted      switch (ck_jitter_pull(j, held_us, now, &out)) ... decode, stretch
 *     it was stretched     ck_jitter_stretched(j, made_us, out.duration_us)
 *     at the deadline      while (ck_jitter_poll_output(j, &number, now)) ask(number)
 *     now and then         while (ck_jitter_poll_event(j, &event)) ...
 *
 * Two modes. PACKETS (RTP): packets come in any order, twice or not at all; what is missing is
 * asked for again while it can still be in time, then concealed. STREAM (RTMP, HTTP-FLV): all
 * comes, in order, in bursts. Both play at the transit that delay.h estimates; what is behind it is
 * caught up at no more than 1.25 times the speed, a backlog over `backlog_ms` is skipped to the
 * newest key frame. When nothing is there, time is held (CONCEAL, then NOISE): media that comes
 * late is played late, and the delay is worked off afterwards.
 *
 * A packet is played at most once, and what is given out never goes back in presentation time.
 * Times are µs; presentation times are unwrapped by the caller and within 2^60. One thread at a
 * time. The buffer is bounded by packets_max; when it is full the oldest goes.
 */
#ifndef CK_CORE_JITTER_JITTER_H
#define CK_CORE_JITTER_JITTER_H

#include "base/slice.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_JITTER_BLOCK_US                                                                         \
    2500                      /* CONCEAL and NOISE ask for this much: what comes waits no longer */
#define CK_JITTER_NORMAL 1000 /* speed: played as it was recorded */

typedef struct ck_jitter ck_jitter;

enum ck_jitter_mode {
    CK_JITTER_STREAM = 1,
    CK_JITTER_PACKETS,
};

/* 0 is the default that stands beside the field. */
typedef struct ck_jitter_config {
    const ck_alloc *alloc;    /* required */
    enum ck_jitter_mode mode; /* required */
    bool headers_only;        /* payloads are released at once: a crowd that only counts */
    bool fec;                 /* PACKETS: a packet can rebuild the one before it */
    uint32_t late_ppm;        /* 5,000: share that may come too late; 100 to 500,000 */
    uint32_t min_delay_ms;    /* 0 */
    uint32_t max_delay_ms;    /* 2,000; at most 10,000 */
    uint32_t start_delay_ms;  /* 80: in the first second */
    uint32_t backlog_ms;      /* more than this behind is skipped; at most 10,000. 1,000 up to a
                                 share of 1 %, less in proportion above, at least 200 */
    uint32_t packets_max;     /* 512; at most 8,192 */
    uint32_t sample_rate;     /* 48,000: what stats count in */
} ck_jitter_config;

typedef struct ck_jitter_packet {
    int64_t pts_us;
    uint32_t duration_us; /* 1 to 1,000,000 */
    uint16_t sequence;    /* PACKETS: as on the wire */
    bool key;             /* playing may begin here: all sound, key frames */
    bool extra;           /* redundant or asked for again: says nothing about delay */
    ck_slice payload;
} ck_jitter_packet;

enum ck_jitter_answer {
    CK_JITTER_PLAY = 1, /* out.payload at out.speed */
    CK_JITTER_REBUILD,  /* the packet is lost: from the redundancy in out.payload, the next one */
    CK_JITTER_CONCEAL,  /* continue what was played, for out.duration_us */
    CK_JITTER_NOISE,    /* so long concealed that only quiet noise is left */
    CK_JITTER_SILENCE,  /* nothing has been played yet, or the line broke */
};

typedef struct ck_jitter_out {
    int64_t pts_us; /* of its first sample; meaningless for SILENCE */
    uint32_t duration_us;
    uint32_t speed;    /* thousandths: 750 to 1,250 */
    int64_t behind_us; /* PLAY: how much later than aimed at it is, for ck_trim */
    bool joint;        /* PLAY: does not continue what was given out before */
    bool passes;       /* CONCEAL, NOISE: the missing media's time passes; else time stands */
    ck_slice payload;  /* one reference, the caller's; empty with headers_only */
} ck_jitter_out;

enum ck_jitter_event_kind {
    CK_JITTER_STARTED = 1,
    CK_JITTER_RAN_OUT,   /* nothing came in time; told once concealing has turned to noise */
    CK_JITTER_RECOVERED, /* value: µs that were held since it ran out */
    CK_JITTER_SKIPPED,   /* value: µs of media that will not be played */
    CK_JITTER_BROKE,     /* the time line started anew */
};

typedef struct ck_jitter_event {
    enum ck_jitter_event_kind kind;
    uint64_t at_us;
    uint64_t value_us;
} ck_jitter_event;

#define CK_JITTER_EVENTS 16 /* of more than that the oldest go, counted */

/* Under their webrtc-stats names (W3C, RTCInboundRtpStreamStats); samples at `sample_rate`. */
typedef struct ck_jitter_stats {
    uint64_t packets_received;
    uint64_t packets_discarded;      /* came too late or twice */
    uint64_t packets_lost;           /* gaps in the numbers that were passed */
    uint64_t packets_overflowed;     /* not W3C: the buffer was full */
    uint64_t packets_asked;          /* nackCount counts messages; here numbers */
    uint64_t fec_packets_used;       /* rebuilt */
    uint64_t jitter_buffer_delay_us; /* jitterBufferDelay: sum over samples, in µs */
    uint64_t jitter_buffer_target_delay_us;
    uint64_t jitter_buffer_emitted_count;
    uint64_t total_samples_received; /* all given out, concealed ones included */
    uint64_t concealed_samples;
    uint64_t silent_concealed_samples; /* of them noise */
    uint64_t concealment_events;
    uint64_t inserted_samples_for_deceleration;
    uint64_t removed_samples_for_acceleration;
    uint64_t stretched_samples; /* not W3C: given out at another speed than normal */
    uint64_t skipped_us;        /* not W3C */
    uint64_t events_lost;       /* not W3C */
    uint32_t delay_ms;          /* played media behind the least delayed, now */
    uint32_t target_delay_ms;
    uint32_t buffered; /* packets */
} ck_jitter_stats;

/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_NO_MEMORY. */
int ck_jitter_create(const ck_jitter_config *config, uint64_t now_us, ck_jitter **out);
void ck_jitter_destroy(ck_jitter **j); /* NULL inside is accepted */

/* The share that may come too late, from now on; out of range is clamped. */
void ck_jitter_set_late(ck_jitter *j, uint32_t late_ppm, uint64_t now_us);
void ck_jitter_set_delays(ck_jitter *j, uint32_t min_ms, uint32_t max_ms, uint64_t now_us);
void ck_jitter_set_rtt(ck_jitter *j, uint32_t rtt_us); /* between two requests; 100 ms at first */

/* Takes the payload's reference on success. CHALK_OK, also for what is late, double or pushes the
 * oldest out (counted); CHALK_ERR_INVALID_ARGUMENT for a duration or time out of range. */
int ck_jitter_feed(ck_jitter *j, ck_jitter_packet *packet, uint64_t now_us);
/* Another connection: what comes may be a burst of old media or another time line. What is in the
 * buffer is played. */
void ck_jitter_discontinuity(ck_jitter *j);
/* Another time line begins: what is in the buffer goes. */
void ck_jitter_restart(ck_jitter *j, uint64_t now_us);
/* STREAM: a key frame of the picture that goes with this sound, a place to skip to. Only such
 * places are while the latest is within 10 s of the newest sound. */
void ck_jitter_key(ck_jitter *j, int64_t pts_us);

/* What is to be played next. held_us: media given out earlier that the device has not taken, less
 * what the caller always keeps ready. */
enum ck_jitter_answer ck_jitter_pull(ck_jitter *j, int64_t held_us, uint64_t now_us,
                                     ck_jitter_out *out);
/* How long the latest PLAY became: made_us of media_us. */
void ck_jitter_stretched(ck_jitter *j, uint64_t made_us, uint64_t media_us);

/* PACKETS: a number to ask the sender for again. */
bool ck_jitter_poll_output(ck_jitter *j, uint16_t *sequence, uint64_t now_us);
uint64_t ck_jitter_next_deadline(const ck_jitter *j);
bool ck_jitter_poll_event(ck_jitter *j, ck_jitter_event *event);

/* The transit (time minus presentation time) that is aimed at; false: nothing came yet. A stream
 * without sound takes it as its clock. */
bool ck_jitter_transit(const ck_jitter *j, int64_t *transit_us);
ck_jitter_stats ck_jitter_get_stats(const ck_jitter *j);

#endif
