/*
 * The inside of a stream. stream.c makes and ends it, stream_send.c and stream_receive.c move its
 * bytes, stream_time.c watches its deadlines. Everything belongs to the loop's thread.
 */
#ifndef CK_RUNTIME_NET_STREAM_INTERNAL_H
#define CK_RUNTIME_NET_STREAM_INTERNAL_H

#include "runtime/net/dial.h"
#include "runtime/net/loop_internal.h"
#include "runtime/net/send_queue.h"
#include "runtime/net/stream.h"
#include "runtime/net/tls_session.h"

enum ck_stream_state {
    CK_STREAM_CONNECTING = 1, /* resolving and connecting, or adopted and not opened yet */
    CK_STREAM_HANDSHAKING,
    CK_STREAM_OPEN,
    CK_STREAM_FLUSHING, /* closing: what is queued leaves, then FIN, then the peer's FIN */
    CK_STREAM_CLOSED,
};

typedef struct ck_stream_fault ck_stream_fault; /* fault.h */

struct ck_stream {
    ck_loop_item item;
    ck_turn_item turn;
    ck_loop *loop;

    /* What a write looks at stands together: where thousands are written to in a row, each line of
     * memory is one that no cache has. */
    enum ck_stream_state state;
    bool blocked;    /* the kernel took less than there was: wait until it is writable */
    bool send_broke; /* the peer has reset the connection: what it sent before is read to the end */
    bool paused;
    bool peer_ended; /* no byte will come any more */
    ck_socket socket;
    ck_tls_session *tls;    /* NULL: plain */
    ck_stream_fault *fault; /* NULL: the network is as it is */
    uint64_t sent_turn;     /* of the loop, in which a message went at once */
    uint64_t sent;
    uint64_t writes;
    uint64_t write_since_us; /* the write time-out counts from here, while blocked */
    ck_send_queue queue;
    uint32_t queue_bytes_max;
    uint32_t drained_bytes;

    ck_stream_events events;
    void *user;
    uint32_t read_timeout_ms;
    uint32_t write_timeout_ms;
    uint32_t notsent_lowat_bytes;
    int close_status;  /* what `closed` will say */
    bool said_goodbye; /* TLS's closing alert was made */
    bool fin_sent;
    bool acknowledges;
    bool above;      /* more than drained_bytes waited since the last `drained` */
    bool more_plain; /* paused with decrypted or decryptable bytes left in the TLS session */
    bool told_closed;
    bool telling; /* inside the `closed` callback */
    bool destroyed;

    ck_dial *dial;
    uv_poll_t poll;
    uv_timer_t timer;
    int watched; /* events that `poll` waits for */
    bool poll_open;
    int handles; /* of libuv, not closed yet */

    uint64_t timer_due_us;  /* what `timer` is set to; CK_NEVER: not set */
    uint64_t open_due_us;   /* CONNECTING, HANDSHAKING */
    uint64_t close_due_us;  /* FLUSHING */
    uint64_t read_since_us; /* the read time-out counts from here */
    uint64_t last_data_us;
    uint64_t received;
    char peer[CK_ADDRESS_TEXT_MAX];
};

/* stream.c */
int ck_stream_start_io(ck_stream *s);                          /* the socket is there: poll it */
bool ck_stream_enter(ck_stream *s, enum ck_stream_state next); /* checks the move, sets the state */
void ck_stream_fail(ck_stream *s, int status);                 /* closes at once */
void ck_stream_opened(ck_stream *s);
void ck_stream_start_flushing(ck_stream *s, uint32_t flush_ms, int status);
const char *ck_stream_state_name(enum ck_stream_state state);
size_t ck_stream_waiting(const ck_stream *s); /* ours + TLS */

/* stream_send.c */
void ck_stream_send_some(ck_stream *s); /* as much as the kernel takes; may fail the stream */
void ck_stream_lost(ck_stream *s, int status); /* broken, or a deadline of the kernel passed */
void ck_stream_tell_drained(ck_stream *s);

/* stream_receive.c */
void ck_stream_update_watch(ck_stream *s);
void ck_stream_end_turn(ck_turn_item *item);
void ck_stream_handshake(ck_stream *s);

/* Bytes of the network are there now. */
void ck_stream_received(ck_stream *s, const uint8_t *data, size_t size);

/* stream_fault.c: of a stream that has faults, but for the first three */
bool ck_stream_fault_reads(const ck_stream *s);   /* the socket may be read */
uint64_t ck_stream_fault_due(const ck_stream *s); /* CK_NEVER: nothing is */
void ck_stream_fault_free(ck_stream *s);
void ck_stream_fault_take(ck_stream *s, const uint8_t *data, size_t size);
void ck_stream_fault_deliver(ck_stream *s, uint64_t now_us); /* what is due by then */
void ck_stream_fault_written(ck_stream *s);
bool ck_stream_fault_sends(ck_stream *s); /* what is queued may go */
void ck_stream_fault_turn(ck_stream *s);

/* stream_time.c */
void ck_stream_arm(ck_stream *s); /* sets the timer for the earliest deadline */

#endif
