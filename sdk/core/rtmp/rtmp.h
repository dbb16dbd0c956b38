/*
 * RTMP as a sans-IO core, client and server (Adobe RTMP 1.0, 2012; Enhanced RTMP v2 for what a
 * connect may announce). It never touches a socket or a clock: the host feeds it what was read and
 * writes what it gives out. One object is one connection.
 *
 *     ck_rtmp_init(&r, &config, seed, now);
 *
 *     on bytes, while there are any left:
 *         status = ck_rtmp_feed(r, data, size, now, &used);     it may use fewer
 *         while (ck_rtmp_poll_event(r, &event)) ...
 *         if (status < 0) close the connection
 *
 *     on time, at ck_rtmp_next_deadline(r):
 *         ck_rtmp_on_deadline(r, now);                          then poll the events
 *
 *     after each of these, and at first:
 *         while (ck_rtmp_poll_output(r, &out, now)) write out.head, then out.body; unref the body
 *
 * Feed may use fewer bytes than it was given: the event queue is bounded, and a request's texts
 * live until the next feed. After its events were polled, feed goes on; nothing is ever lost. A
 * connection over which feed returned an error is over: the error stays, a CLOSED event carries it.
 *
 * Output is pulled a chunk at a time and a message is cut into chunks only then, so a host that
 * polls only what the transport can take lets sound overtake a large picture after at most one
 * chunk. Order: control and commands, sound, script data, pictures. Order within a kind is kept.
 *
 * Ownership: config texts are copied. ck_rtmp_send takes a reference of its own. A MEDIA event's
 * body and an output's body move to the caller, who unrefs them (ck_rtmp_event_free does it for an
 * event). Thread: one thread at a time per object.
 */
#ifndef CK_CORE_RTMP_RTMP_H
#define CK_CORE_RTMP_RTMP_H

#include "base/alloc.h"
#include "base/time.h"
#include "core/flv/tag.h"
#include "core/out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_rtmp ck_rtmp;

enum ck_rtmp_role {
    CK_RTMP_CLIENT = 1,
    CK_RTMP_SERVER,
};

enum ck_rtmp_mode {
    CK_RTMP_PUBLISH = 1,
    CK_RTMP_PLAY,
};

/* What an end can do with a codec (Enhanced RTMP v2, FourCcInfoMask). */
enum ck_rtmp_can {
    CK_RTMP_CAN_DECODE = 1,
    CK_RTMP_CAN_ENCODE = 2,
    CK_RTMP_CAN_FORWARD = 4,
};

typedef struct ck_rtmp_codec {
    char fourcc[5]; /* "vp08"; "*": any */
    bool audio;
    uint8_t can;   /* enum ck_rtmp_can, or-ed */
    bool required; /* client: without a server that announces it nothing is started */
} ck_rtmp_codec;

#define CK_RTMP_CODECS_MAX 16

/* Zero means the default wherever a default is named. */
typedef struct ck_rtmp_config {
    const ck_alloc *alloc;  /* required; outlives the object and every slice it gave out */
    enum ck_rtmp_role role; /* required */

    /* Client alone; the three texts are required, each at most string_bytes_max. */
    enum ck_rtmp_mode mode;
    const char *tc_url;        /* "rtmp://host[:port]/app" */
    const char *app;           /* "live" */
    const char *stream;        /* stream name with its query: "room/screen?token=..." */
    const char *flash_version; /* default "FMLE/3.0 (compatible; Chalkrail)" */
    uint32_t buffer_ms;        /* SetBufferLength of a player; default 1000 */

    /* Enhanced RTMP: announced by a client's connect and a server's answer to it, as fourCcList and
     * as videoFourCcInfoMap and audioFourCcInfoMap. None: those fields are left out. */
    ck_rtmp_codec codecs[CK_RTMP_CODECS_MAX];
    size_t codec_count;

    /* Key frames on request, Chalkrail's own (docs/PROTOCOL.md). Client: it makes them when it is
     * asked, and says so. Server: it asks those that do. */
    bool key_frames;

    /* Limits on what the peer may make us hold. */
    uint32_t message_bytes_max; /* one message; default and at most 16,777,215 */
    uint32_t chunk_streams_max; /* chunk streams of the peer; default 64 */
    /* All incomplete messages; default 20 MiB, less before a publish was accepted (README.md). */
    size_t reassembly_bytes_max;
    uint32_t string_bytes_max; /* one text (tcUrl, app, name) without terminator; default 4096 */

    /* Sending. */
    uint32_t chunk_size;    /* 1..16,777,215; default 60000 */
    uint32_t window_bytes;  /* acknowledgement window announced to the peer; default 2,500,000 */
    size_t queue_bytes_max; /* media that waits to be polled; default 8 MiB */
    uint32_t queue_ms_max;  /* span of its timestamps; default 30,000 */

    /* Times. */
    uint64_t setup_timeout_us; /* from init to streaming, the host's answers not counted; 15 s */
    uint64_t pong_timeout_us;  /* after ck_rtmp_ping, with nothing heard at all; 10 s */
    uint64_t close_timeout_us; /* from ck_rtmp_close to CLOSED; 2 s */
} ck_rtmp_config;

/* The states of a connection, drawn in README.md. */
enum ck_rtmp_state {
    CK_RTMP_HANDSHAKE = 1, /* C0 C1 C2 / S0 S1 S2 */
    CK_RTMP_CONNECTING,    /* client: connect sent; server: waits for it or for the host's answer */
    CK_RTMP_CONNECTED,     /* client: createStream sent; server: no stream is published or played */
    CK_RTMP_STARTING,      /* client: publish or play sent; server: waits for the host's answer */
    CK_RTMP_STREAMING,     /* media flows */
    CK_RTMP_CLOSING,       /* the last messages wait to be polled */
    CK_RTMP_CLOSED,
};

enum ck_rtmp_event_kind {
    CK_RTMP_EV_CONNECTED = 1,   /* client: the server accepted connect */
    CK_RTMP_EV_PUBLISH_STARTED, /* client: ck_rtmp_send may be called */
    CK_RTMP_EV_PLAY_STARTED,    /* client: media will come */
    CK_RTMP_EV_CONNECT_REQUEST, /* server: answer with accept or reject */
    CK_RTMP_EV_PUBLISH_REQUEST, /* server: same */
    CK_RTMP_EV_PLAY_REQUEST,    /* server: same; after accept ck_rtmp_send may be called */
    CK_RTMP_EV_STREAM_ENDED,    /* server: the peer ended its publish or play (or its request for
                                   it); it may start another over this connection */
    CK_RTMP_EV_KEY_FRAME, /* client that publishes, server of a player: the peer asks for one */
    CK_RTMP_EV_MEDIA,
    CK_RTMP_EV_RTT,    /* the answer to ck_rtmp_ping */
    CK_RTMP_EV_CLOSED, /* always the last event, exactly once */
};

/* Texts are borrowed: those of a request until the next feed, `text` of CLOSED until free. They are
 * the peer's words: bounded, terminated, valid UTF-8 is not promised. Texts that were not sent are
 * "", never NULL. */
typedef struct ck_rtmp_event {
    enum ck_rtmp_event_kind kind;
    uint64_t request; /* CONNECT_, PUBLISH_, PLAY_REQUEST: for accept and reject; never reused */
    union {
        struct {
            const char *app; /* as sent, a query included */
            const char *tc_url;
            const char *flash_version;
            bool enhanced;   /* the peer announced codecs of Enhanced RTMP */
            bool key_frames; /* the peer makes key frames when it is asked */
        } connect;
        struct {
            const char *name; /* with its query */
            const char *type; /* "live", "record", "append" */
        } publish;
        struct {
            const char *name; /* with its query */
            /* As sent: seconds by the specification, milliseconds by most clients. start below 0:
             * live; length below 0: to the end. Both are -1 when they were not sent. */
            double start;
            double length;
        } play;
        ck_flv_tag media; /* script data without "@setDataFrame"; the body moves to the caller */
        uint64_t rtt_us;
        struct {
            int status;       /* CHALK_OK after ck_rtmp_close, else why it ended */
            const char *text; /* the server's code and description, or what was broken */
        } closed;
    };
} ck_rtmp_event;

typedef struct ck_rtmp_stats {
    uint64_t bytes_in;  /* fed and used, handshake included */
    uint64_t bytes_out; /* polled */
    uint64_t messages_in;
    uint64_t messages_out;
    uint64_t messages_ignored;   /* unknown types, media outside of streaming */
    uint64_t bytes_acknowledged; /* by the peer, unwrapped; many never send one */
    uint32_t peer_chunk_size;
    uint32_t peer_window_bytes; /* 0: never announced */
} ck_rtmp_stats;

/**
 * Makes a connection. A client has output at once.
 * seed: for the handshake's random bytes (not a secret).
 * Errors: INVALID_ARGUMENT (a required field is missing or out of range), NO_MEMORY; *r is NULL
 * then.
 */
int ck_rtmp_init(ck_rtmp **r, const ck_rtmp_config *config, uint64_t seed, uint64_t now_us);
void ck_rtmp_free(ck_rtmp **r); /* clears *r; NULL is accepted */

/**
 * Takes bytes of the peer. *used says how many; fewer than `size` means: poll the events, then feed
 * the rest. With no event left to poll at least one byte is used.
 * Errors (sticky, also the CLOSED event's): PROTOCOL, TOO_LARGE, BAD_DATA of a faulty peer; DENIED,
 * NAME_TAKEN, NO_STREAM, CODEC_UNKNOWN, PEER_CLOSED, TIMEOUT; NO_MEMORY. After an orderly close:
 * END.
 */
int ck_rtmp_feed(ck_rtmp *r, const void *data, size_t size, uint64_t now_us, size_t *used);

/* One chunk (or a piece of the handshake); false when there is nothing to write now. */
bool ck_rtmp_poll_output(ck_rtmp *r, ck_out *out, uint64_t now_us);
bool ck_rtmp_poll_event(ck_rtmp *r, ck_rtmp_event *event);
void ck_rtmp_event_free(ck_rtmp_event *event); /* drops a MEDIA body; others need nothing */

uint64_t ck_rtmp_next_deadline(const ck_rtmp *r); /* CK_NEVER: none */
void ck_rtmp_on_deadline(ck_rtmp *r, uint64_t now_us);

/**
 * Queues a tag: a publishing client, or a server to its player, while STREAMING. Script data that
 * starts with "onMetaData" is given "@setDataFrame" by a client, as every server expects. A
 * sequence header that is sent again should carry the time of the frame behind it, or the span of
 * the queue is measured from its old one. Errors: AGAIN (queue_bytes_max or queue_ms_max reached:
 * nothing was queued), BAD_STATE, INVALID_ARGUMENT (type, empty body), TOO_LARGE (over 16,777,215
 * bytes), NO_MEMORY.
 */
int ck_rtmp_send(ck_rtmp *r, const ck_flv_tag *tag);

/* Drops queued tags of one type that are not partly out yet; returns the bytes dropped. What to
 * send next (a key frame, again the sequence header) is the host's to know. */
size_t ck_rtmp_drop_queued(ck_rtmp *r, enum ck_flv_type type);
size_t ck_rtmp_queued_bytes(const ck_rtmp *r); /* media that was sent but not polled */
uint32_t ck_rtmp_queued_ms(const ck_rtmp *r);  /* newest minus oldest timestamp of it */

/**
 * Server: answers a request. accept sends what players and publishers wait for; reject sends
 * `status` as RTMP names it (DENIED, NO_STREAM, NAME_TAKEN, ...; README.md has the table) with
 * `description` (NULL: the error's own text), then the connection goes to CLOSING and ends with
 * CLOSED(status). Errors: NOT_FOUND (answered, or the peer took it back), INVALID_ARGUMENT
 * (`status` is no error), TOO_LARGE (the peer does not read its answers), NO_MEMORY.
 */
int ck_rtmp_accept(ck_rtmp *r, uint64_t request, uint64_t now_us);
int ck_rtmp_reject(ck_rtmp *r, uint64_t request, int status, const char *description,
                   uint64_t now_us);

/**
 * Ends in order: media that is queued still goes out, then a client says FCUnpublish, closeStream,
 * deleteStream, a server UnpublishNotify and StreamEOF (or Unpublish.Success to a publisher).
 * CLOSED comes when all was polled or close_timeout_us has passed. Closing twice does nothing.
 */
int ck_rtmp_close(ck_rtmp *r, uint64_t now_us);

/**
 * Server: ends an accepted publish or play for a reason the client should know: onStatus of level
 * "error" with the code that names `status` (as ck_rtmp_reject; also CODEC_UNKNOWN) and
 * `description` (NULL: the error's own text). Media that is queued and not partly out is dropped.
 * Then CLOSING, and CLOSED(status). Errors: INVALID_ARGUMENT (no error status), BAD_STATE (not a
 * server that is STREAMING), NO_MEMORY.
 */
int ck_rtmp_close_with(ck_rtmp *r, int status, const char *description, uint64_t now_us);

/* Server: asks the publisher for a key frame; a client that plays: asks the server. BAD_STATE
 * (nothing is published, or played), UNSUPPORTED (one of the two ends did not announce it),
 * TOO_LARGE (the peer does not read), NO_MEMORY. */
int ck_rtmp_ask_key_frame(ck_rtmp *r);
/* Whether both ends announced key frames on request; known from CONNECTED or the connect request
 * on.
 */
bool ck_rtmp_asks_key_frames(const ck_rtmp *r);

/* Asks for a pong; RTT comes, or CLOSED(TIMEOUT) when nothing at all is heard for pong_timeout_us.
 * One ping is under way at a time: AGAIN. BAD_STATE before the handshake is done. */
int ck_rtmp_ping(ck_rtmp *r, uint64_t now_us);

enum ck_rtmp_state ck_rtmp_state(const ck_rtmp *r);
const char *ck_rtmp_state_name(enum ck_rtmp_state state); /* "STREAMING" */
void ck_rtmp_stats_get(const ck_rtmp *r, ck_rtmp_stats *stats);

#endif
