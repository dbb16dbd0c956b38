/*
 * The inside of a connection. Who does what:
 *
 *   config.c      defaults, checks, copies of the config
 *   state.c       the table of legal moves
 *   connection.c  the verbs: init, poll, deadlines, close
 *   input.c       the verb feed: handshake, chunks, which message goes where
 *   control.c     protocol and user control messages, both ways
 *   media.c       tags in and out, aggregates
 *   client.c      connect ... publish or play, from the client's side
 *   server.c      the same from the server's side
 *   answer.c      the server host's accept and reject, and what they say
 *   capabilities.c  what is announced of codecs, both ways
 *
 * Handlers return CHALK_OK or an error that ends the connection; ck_rtmp_fail adds the words.
 */
#ifndef CK_CORE_RTMP_INTERNAL_H
#define CK_CORE_RTMP_INTERNAL_H

#include "base/bytes.h"
#include "base/ring.h"
#include "base/rng.h"
#include "core/rtmp/command.h"
#include "core/rtmp/dechunk.h"
#include "core/rtmp/handshake.h"
#include "core/rtmp/message.h"
#include "core/rtmp/rtmp.h"
#include "core/rtmp/sender.h"

/* Events that wait to be polled. One message makes at most CK_RTMP_EVENTS_PER_MESSAGE of them. */
#define CK_RTMP_EVENTS_MAX         16
#define CK_RTMP_EVENTS_PER_MESSAGE 2

/* Before a server's host accepted a publish a peer may send commands, nothing large. */
#define CK_RTMP_COMMAND_BYTES_MAX 65536u
/* What such a peer may have us hold of messages that it began and did not finish: a header of
 * twelve bytes reserves a whole message, and everybody may open 64 chunk streams. */
#define CK_RTMP_UNTRUSTED_BYTES_MAX 262144u

/* An aggregate message (7.1.6) of which tags are left to be given out. */
typedef struct ck_rtmp_aggregate {
    ck_slice body; /* data NULL: none */
    size_t at;
    uint32_t timestamp_ms; /* of the message, which is that of its first tag */
    uint32_t first_ms;     /* what its first tag says */
} ck_rtmp_aggregate;

/* A request of the peer: what it is about and what waits for the host's answer. */
typedef struct ck_rtmp_request {
    uint64_t id;                  /* 0: none waits */
    enum ck_rtmp_event_kind kind; /* CONNECT_, PUBLISH_ or PLAY_REQUEST */
    double transaction;
    bool polled; /* its event was taken; until then nothing is read, its texts would change */
} ck_rtmp_request;

struct ck_rtmp {
    ck_rtmp_config config; /* defaults filled in, texts are own copies */
    const ck_alloc *alloc;
    uint64_t now_us; /* of the call that is running */

    enum ck_rtmp_state state;
    int status;    /* why it is CLOSED, or will be */
    bool reported; /* CLOSED was polled */
    bool farewell; /* the closing words are still to be said */
    char text[CK_RTMP_TEXT_MAX];

    ck_rng rng;
    ck_rtmp_handshake handshake;
    ck_rtmp_dechunk in;
    ck_rtmp_sender out;
    ck_ring events;
    ck_rtmp_aggregate aggregate;

    /* Acknowledgement, both counts from the end of the handshake (5.4.3). */
    uint64_t chunk_bytes_in;
    uint64_t acknowledged_in; /* what our last acknowledgement said */
    bool acknowledge;         /* one is due */
    uint32_t own_window_bytes;
    enum ck_rtmp_bandwidth_limit limit_type;

    /* The one message stream. */
    enum ck_rtmp_mode mode; /* server: of the current request or stream */
    uint32_t stream;        /* its id; 0: none */
    uint32_t streams_made;
    bool trusted;       /* server: a publish was accepted once, messages may be large */
    bool key_frames;    /* both ends announced them on request */
    double transaction; /* of the client's last call */
    double create_transaction;

    ck_rtmp_request request;
    uint64_t requests_made;
    char *app;
    char *tc_url;
    char *flash_version;
    char *name;
    char *type;

    uint64_t setup_deadline_us;
    uint64_t close_deadline_us;
    uint64_t pong_deadline_us;
    uint64_t ping_sent_us;
    uint32_t ping_stamp;

    uint64_t bytes_in;
    uint64_t messages_in;
    uint64_t messages_ignored;
    uint64_t bytes_acknowledged;
    uint32_t peer_window_bytes;
};

/* config.c */
int ck_rtmp_config_take(ck_rtmp *r, const ck_rtmp_config *config);
void ck_rtmp_config_drop(ck_rtmp *r);

/* state.c */
void ck_rtmp_set_state(ck_rtmp *r, enum ck_rtmp_state state);

/* connection.c */
uint32_t ck_rtmp_now_ms(const ck_rtmp *r);
uint64_t ck_rtmp_later(uint64_t now_us, uint64_t delay_us); /* CK_NEVER when that is past the end */
/* Ends the connection; `text` (may be NULL) says what was wrong. Returns `status`. What was
 * reported or is about to be by CLOSING stands. */
int ck_rtmp_fail(ck_rtmp *r, int status, const char *text);
void ck_rtmp_drop_all(ck_rtmp *r); /* what is held for a connection that goes on */
void ck_rtmp_push_event(ck_rtmp *r, const ck_rtmp_event *event);
/* Goes to CLOSING with `status` and `text` to be reported when all is out. */
void ck_rtmp_begin_closing(ck_rtmp *r, int status, const char *text, bool farewell);
/* Queues what was written to `b`, a command (20) or data (18) message, and frees `b`. */
int ck_rtmp_queue_command(ck_rtmp *r, ck_buf *b, uint8_t type, uint32_t stream);
ck_buf ck_rtmp_command_buffer(const ck_rtmp *r);

/* control.c */
int ck_rtmp_send_control(ck_rtmp *r, uint8_t type, const uint8_t *body, size_t size);
int ck_rtmp_send_control_u32(ck_rtmp *r, uint8_t type, uint32_t value);
int ck_rtmp_send_user_control(ck_rtmp *r, enum ck_rtmp_user_event event, uint32_t value);
int ck_rtmp_handle_control(ck_rtmp *r, const ck_rtmp_message *message);
int ck_rtmp_handle_user_control(ck_rtmp *r, const ck_rtmp_message *message);
void ck_rtmp_count_input(ck_rtmp *r, size_t size);
int ck_rtmp_send_due_acknowledgement(ck_rtmp *r);

/* media.c */
int ck_rtmp_handle_media(ck_rtmp *r, ck_rtmp_message *message);
int ck_rtmp_split_aggregate(ck_rtmp *r);

/* client.c */
int ck_rtmp_client_start(ck_rtmp *r);
int ck_rtmp_client_command(ck_rtmp *r, ck_rtmp_command *command);
int ck_rtmp_client_playing(ck_rtmp *r);
int ck_rtmp_client_farewell(ck_rtmp *r);

/* server.c */
int ck_rtmp_server_command(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command);

/* answer.c */
int ck_rtmp_send_info(ck_rtmp *r, uint32_t stream, const char *level, const char *code,
                      const char *description);
int ck_rtmp_send_error(ck_rtmp *r, double transaction, const char *code, const char *description);
int ck_rtmp_server_farewell(ck_rtmp *r);

#endif
