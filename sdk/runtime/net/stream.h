/*
 * A connection: TCP, or TLS over TCP, on one loop. RTMP, RTMPS, HTTP-FLV and the edge's HTTP port
 * run on it. It moves bytes and counts them; it knows no rule of a protocol.
 *
 *     static void on_opened(void *user, ck_stream *s) { ck_stream_write_copy(s, "hi", 2); }
 *     static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size) { ... }
 *     static void on_closed(void *user, ck_stream *s, int status) { ck_stream_destroy(&my->s); }
 *
 *     ck_stream_config config = {.loop = loop, .events = {on_opened, on_data, NULL, NULL,
 *                                on_closed}, .user = my, .tls = client_tls};
 *     status = ck_stream_connect(&config, "live.example.org", 443, &my->s);
 *
 * Opening: the name is resolved off the thread; addresses of both families are tried alternately,
 * the next one CK_CONNECT_STAGGER_MS after the last or as soon as one fails, and the first that
 * answers wins (RFC 8305). One time-out covers name, connection and TLS handshake.
 *
 * Writing: slices are queued by reference and leave in gathered writes at the end of the loop's
 * turn, or at ck_stream_flush; the first message of a turn may leave at once (ck_stream_send_out).
 * Plain TCP never copies a payload; TLS copies while it encrypts, lazily, so at most about 16 KB
 * more than the kernel takes is ever encrypted ahead. References are dropped as soon as the kernel
 * has the bytes. The kernel is kept from hoarding (TCP_NODELAY, TCP_NOTSENT_LOWAT), so what is
 * unsent is here, where it can still be counted and judged.
 *
 * States:   resolving -> connecting -> (handshaking ->) open -> flushing -> closed
 *                  \___________\______________\___________________\_____^
 *
 * Errors in `closed`: CHALK_OK (own close), PEER_CLOSED (the peer ended in order), DISCONNECTED
 * (reset, after what had arrived before was delivered, or TLS cut without its closing alert),
 * TIMEOUT, NAME_UNRESOLVED, REFUSED, UNREACHABLE, TLS (the certificate or handshake was refused),
 * PROTOCOL (broken TLS records), NO_MEMORY, LIMIT (no descriptor), NO_PERMISSION, IO, CANCELLED
 * (the loop went away).
 *
 * Thread: loop, for every function.
 */
#ifndef CK_RUNTIME_NET_STREAM_H
#define CK_RUNTIME_NET_STREAM_H

#include "base/slice.h"
#include "core/out.h"
#include "runtime/net/loop.h"
#include "runtime/net/tls.h"
#include "runtime/os/socket.h"

/* Limits and defaults. */
#define CK_STREAM_READ_MAX       65536      /* bytes in one `data` */
#define CK_STREAM_READS_PER_TURN 4          /* then other streams have their turn */
#define CK_STREAM_ENTRIES_MAX    8192       /* queued writes */
#define CK_STREAM_QUEUE_BYTES    (8u << 20) /* default queue_bytes_max */
#define CK_STREAM_LOWAT_BYTES    16384      /* default notsent_lowat_bytes */
#define CK_STREAM_CONNECT_MS     10000      /* default connect_timeout_ms */
#define CK_STREAM_TLS_AHEAD_MAX  262144     /* unsent TLS bytes a peer can make us owe it */
#define CK_STREAM_END_FLUSH_MS   5000       /* for what is queued when the peer ends, see `ended` */
#define CK_STREAM_RESET_READ_MS  1000 /* reads what a peer sent before it reset the connection */
#define CK_CONNECT_STAGGER_MS    250
#define CK_CONNECT_ADDRESSES_MAX 8
#define CK_HOST_MAX              255 /* bytes of a host name */

typedef struct ck_stream ck_stream;

/*
 * Callbacks come from the loop's turn, never from inside a call of this header. A callback may call
 * anything here, ck_stream_destroy on the stream itself included. Any may be NULL.
 */
typedef struct ck_stream_events {
    /* Connected, and for TLS the handshake is done. Adopted plain streams get it too. */
    void (*opened)(void *user, ck_stream *s);
    /* 1 .. CK_STREAM_READ_MAX bytes, borrowed during the call. */
    void (*data)(void *user, ck_stream *s, const uint8_t *data, size_t size);
    /* The peer ended its direction; writing goes on until ck_stream_close. NULL: what is queued is
     * flushed (at most CK_STREAM_END_FLUSH_MS) and the stream closes with CHALK_ERR_PEER_CLOSED by
     * itself. */
    void (*ended)(void *user, ck_stream *s);
    /* The queue (ours + TLS) fell to drained_bytes or less after it had been above. */
    void (*drained)(void *user, ck_stream *s);
    /* Exactly once per stream, the last callback, unless ck_stream_destroy came first. */
    void (*closed)(void *user, ck_stream *s, int status);
} ck_stream_events;

/* Zero means the default everywhere. */
typedef struct ck_stream_config {
    ck_loop *loop;
    ck_stream_events events;
    void *user;
    ck_tls *tls;                 /* NULL: plain TCP. connect: a client's; adopt: a server's */
    const char *tls_host;        /* name for SNI and the check; NULL: the host; copied */
    uint32_t connect_timeout_ms; /* name + TCP + TLS; for adopted streams TLS alone */
    uint32_t read_timeout_ms;    /* nothing received for so long: TIMEOUT; 0: never */
    uint32_t write_timeout_ms;   /* bytes queued and none taken for so long: TIMEOUT; 0: never */
    uint32_t queue_bytes_max;    /* ours + TLS; a write above it is refused with LIMIT */
    uint32_t drained_bytes;      /* 0: when the queue is empty */
    uint32_t notsent_lowat_bytes;
    bool acknowledges; /* what comes at once: a peer that leaves Nagle's algorithm on holds what is
                        * small back until then */
} ck_stream_config;

/* `host` is a name or a numeric address without brackets; the config is copied. Errors that come at
 * once: INVALID_ARGUMENT, NO_MEMORY, CANCELLED; all others come through `closed`. */
int ck_stream_connect(const ck_stream_config *config, const char *host, uint16_t port,
                      ck_stream **out);

/* Makes a stream of an accepted socket, which it takes on success (see ck_listener). */
int ck_stream_adopt(const ck_stream_config *config, ck_socket socket, ck_stream **out);

/*
 * Queue bytes, also before `opened` (they leave after it). All or nothing: on an error nothing is
 * taken. CHALK_ERR_LIMIT (queue_bytes_max or CK_STREAM_ENTRIES_MAX), CHALK_ERR_NO_MEMORY,
 * CHALK_ERR_BAD_STATE (closing or closed; `closed` tells why).
 */
int ck_stream_write(ck_stream *s, ck_slice *slices, size_t count); /* takes, clears them */
int ck_stream_write_out(ck_stream *s, ck_out *out);                /* takes the body, clears it */
int ck_stream_write_copy(ck_stream *s, const void *data, size_t size);
/* The same for what is whole in itself: the first of a turn is handed to the kernel at once where
 * nothing waits before it, and so takes no place in the queue. To many streams that is one pass
 * instead of two. Others of the same turn leave together at its end. */
int ck_stream_send_out(ck_stream *s, ck_out *out); /* takes the body, clears it */
void ck_stream_flush(ck_stream *s); /* hand over now instead of at the end of the turn */

/* Bytes that were given to write and have not left this machine: queued here, encrypted and
 * waiting, and in the kernel but never sent. */
size_t ck_stream_unsent(const ck_stream *s);

/* What waits here for the kernel or for TLS. A payload counts until its last byte is taken. */
typedef struct ck_stream_queue_fill {
    size_t writes;        /* ck_stream_write_out, or slices */
    size_t payload_bytes; /* of their bodies: all but ck_out's heads */
} ck_stream_queue_fill;
ck_stream_queue_fill ck_stream_queued(const ck_stream *s);

typedef struct ck_stream_stats {
    uint64_t received;     /* bytes from the network, TLS framing included */
    uint64_t sent;         /* bytes taken by the kernel, TLS framing included */
    uint64_t writes;       /* system calls that sent something */
    size_t queued;         /* ours: plain bytes */
    size_t encrypted;      /* TLS records made and not taken by the kernel */
    uint64_t last_data_us; /* when bytes came last; 0: never */
} ck_stream_stats;
/* Without a system call: it is asked for with each message. */
void ck_stream_get_stats(const ck_stream *s, ck_stream_stats *out);

/* What the kernel has taken, by two system calls. */
typedef struct ck_stream_kernel_fill {
    size_t unsent;  /* never sent */
    size_t unacked; /* not acknowledged: in flight + never sent */
} ck_stream_kernel_fill;
ck_stream_kernel_fill ck_stream_in_kernel(const ck_stream *s);

void ck_stream_pause(ck_stream *s);  /* no `data` and no `ended` until resume, also inside `data` */
void ck_stream_resume(ck_stream *s); /* they come from the next turn on */
void ck_stream_set_read_timeout(ck_stream *s, uint32_t read_timeout_ms); /* 0: never */
void ck_stream_set_write_timeout(ck_stream *s, uint32_t write_timeout_ms);

/* queue_bytes_max and drained_bytes of the config, anew. */
void ck_stream_set_queue(ck_stream *s, uint32_t queue_bytes_max, uint32_t drained_bytes);

/* Gives the stream to another owner: from here on its callbacks are these, with that user. */
void ck_stream_set_events(ck_stream *s, const ck_stream_events *events, void *user);
bool ck_stream_is_secure(const ck_stream *s); /* TLS */

/*
 * Ends the stream; `closed` comes later with `status` (CHALK_OK or a chalk_error of the caller's
 * choice). flush_ms 0: at once, what is unsent is dropped. Otherwise what is queued is sent, then
 * FIN (TLS: its alert before), then the peer's FIN is awaited, all within flush_ms; received bytes
 * are thrown away meanwhile. A second close can only shorten.
 */
void ck_stream_close(ck_stream *s, uint32_t flush_ms, int status);

/* No callback comes any more; an open connection is cut at once. Clears *s; NULL is accepted. */
void ck_stream_destroy(ck_stream **s);

/* "address:port" of the peer, "[...]:port" for IPv6; "" before it is known. Borrowed. */
const char *ck_stream_peer(const ck_stream *s);

/* ---- listening ---- */

typedef struct ck_listener ck_listener;

/*
 * Somebody connected. Return ck_stream_adopt's status (or any negative value to refuse): on a
 * negative one the listener closes the socket. `peer` is borrowed during the call.
 */
typedef int (*ck_accept_fn)(void *user, ck_socket socket, const char *peer);

typedef struct ck_listener_config {
    ck_loop *loop;
    const char *address; /* numeric; NULL: "127.0.0.1" */
    uint16_t port;       /* 0: the kernel chooses, see ck_listener_port */
    int backlog;         /* 0: 4096 */
    ck_accept_fn accepted;
    void *user;
} ck_listener_config;

/* CHALK_ERR_ADDRESS_IN_USE, NO_PERMISSION, INVALID_ARGUMENT, LIMIT, NO_MEMORY, CANCELLED. */
int ck_listener_create(const ck_listener_config *config, ck_listener **out);
uint16_t ck_listener_port(const ck_listener *l);
/* While paused, newcomers wait in the kernel's backlog. Out of descriptors, the listener pauses by
 * itself for 100 ms and logs it. */
void ck_listener_pause(ck_listener *l);
void ck_listener_resume(ck_listener *l);
void ck_listener_destroy(ck_listener **l); /* NULL is accepted */

#endif
