/*
 * chalkrail/edge.h - the embedded edge: one process that makes a class possible without a cloud.
 *
 * It takes streams by RTMP, gives them out by RTMP and HTTP-FLV, keeps the last group of pictures
 * so that a newcomer sees something at once, checks tokens, and tells about itself: a status page
 * (GET /), the streams of a room (GET /rooms/ROOM/streams), Prometheus figures (GET /metrics). A
 * stream is named ROOM/PARTICIPANT/screen or ROOM/PARTICIPANT/camera:
 *
 *     rtmp://HOST:1935/ROOM/PARTICIPANT/screen?token=TOKEN        publish and play
 *     http://HOST:8935/ROOM/PARTICIPANT/screen.flv?token=TOKEN    play
 *     ws://HOST:8935/rooms/ROOM?token=TOKEN                       chat, hands, polls, who is there
 *
 * It keeps rooms in memory, or with `data` on a disk: then whatever a participant saw happen is
 * there again after the process or the machine died.
 *
 * It runs on a thread of its own and is a library of its own (libchalkrail-edge).
 *
 *     chalk_edge_options options;
 *     chalk_edge_options_init(&options);
 *     options.open = 1;                        // no tokens; loopback addresses only
 *     chalk_edge *edge = NULL;
 *     int status = chalk_edge_create(&options, &edge);
 *     ...
 *     chalk_edge_destroy(&edge);
 *
 * Thread: any. Lifetime: independent of runtimes.
 */
#ifndef CHALKRAIL_EDGE_H
#define CHALKRAIL_EDGE_H

#include "chalkrail/errors.h"
#include "chalkrail/role.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_edge chalk_edge;

/* Shortest and longest secret in bytes. */
#define CHALK_SECRET_MIN 16
#define CHALK_SECRET_MAX 4096
/* Longest token with its terminating zero. */
#define CHALK_TOKEN_MAX 1024

typedef struct chalk_edge_options {
    uint32_t struct_size;     /* set by chalk_edge_options_init */
    uint32_t open;            /* 1: everybody may do everything; both addresses must be loopback */
    const char *rtmp;         /* "ADDRESS:PORT", port 0: any free one; NULL: "127.0.0.1:1935" */
    const char *http;         /* the same; NULL: "127.0.0.1:8935" */
    const void *secret;       /* HMAC key of tokens; required unless `open` */
    size_t secret_size;       /* bytes, CHALK_SECRET_MIN..CHALK_SECRET_MAX */
    uint32_t connections_max; /* 0: 4096 */
    uint32_t streams_max;     /* published at a time; 0: 256 */
    uint32_t memory_max_mb;   /* media kept for all streams and slow readers; 0: 512 */
    uint32_t gop_max_ms;      /* longest span kept for newcomers; 0: 10000 */
    uint32_t reader_max_ms;   /* a reader this far behind is moved to the next key frame, and
                                 closed when three times as far; 0: 3000 */
    uint32_t log_level;       /* 1 error .. 4 debug; 0: 2 */
    /* May be NULL; called on the edge's threads, of which there are several with `data`. */
    void (*log)(void *user, int level, const char *module, const char *text);
    void *log_user;     /* passed to `log` */
    uint32_t rooms_max; /* with somebody in them at a time, and as many kept in memory; 0: 1024 */
    const char *data;   /* folder for rooms, made if its parent is there; NULL: they are kept in
                           memory, and gone when the edge is */
    /* PEM files: the server's certificate followed by its intermediates, and its key without a
     * password. Both or neither. With them both ports speak TLS alone (rtmps, https, wss). Read
     * once, when the edge starts. */
    const char *tls_cert;
    const char *tls_key;
    /* Of two logins of one participant to a room, 0: the newest stays, and the first is told
     * SUPERSEDED; 1: the first stays as long as it is connected, and the new one is told TAKEN. */
    uint32_t keep_first_login;
    /* Messages that students of a large room write, shown to everybody a second; the others are
     * hidden, counted, and kept in the history. 0: 10; 1000 shows all that can be shown. */
    uint32_t crowd_per_s;
    /* Of `data`: a room in which nothing happened for so many days is removed, with what was put on
     * its board, at most two days later. 0: rooms are kept for ever; at most 36500. */
    uint32_t data_keep_days;
    uint32_t reserved; /* 0 */
} chalk_edge_options;

/**
 * Fills edge options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_edge_options_init(chalk_edge_options *options);

/**
 * Starts an edge; when it returns, it accepts connections.
 *
 * @param options  where to listen and what to allow; strings and secret are copied.
 * @param out      receives the edge.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (no secret and not open, a secret out of its range, an address that
 * cannot be parsed, `open` on an address that is not loopback, a certificate without a key: fix the
 * options), TLS (a certificate or key that cannot be used: the log says why), ADDRESS_IN_USE
 * (choose another port), NO_PERMISSION (ports below 1024, `data`), NO_MEMORY, LIMIT, IO (no
 * entropy); of `data`: DEVICE_BUSY (another edge has the folder), BAD_DATA (what is in it cannot be
 * read: the log says which file), NO_SPACE, IO.
 * Thread: any.
 * Lifetime: chalk_edge_destroy.
 * Since: 0.1
 */
CHALK_API int chalk_edge_create(const chalk_edge_options *options, chalk_edge **out);

/**
 * Stops an edge and clears the pointer: no new connections, players get the end of their stream,
 * and what is still open after one second is closed.
 *
 * @param edge  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any but the edge's own (never from its log callback); waits for its thread.
 * Lifetime: the pointer is invalid afterwards.
 * Since: 0.1
 */
CHALK_API void chalk_edge_destroy(chalk_edge **edge);

/**
 * The port on which RTMP is accepted.
 *
 * @param edge  a running edge.
 * @return 1..65535.
 *
 * Errors: INVALID_ARGUMENT (NULL).
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_edge_rtmp_port(const chalk_edge *edge);

/**
 * The port on which HTTP is accepted.
 *
 * @param edge  a running edge.
 * @return 1..65535.
 *
 * Errors: INVALID_ARGUMENT (NULL).
 * Thread: any.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_edge_http_port(const chalk_edge *edge);

/* A snapshot of what an edge does; the same figures as GET /metrics. */
typedef struct chalk_edge_stats {
    uint32_t struct_size;    /* set by the caller to sizeof(chalk_edge_stats) */
    uint32_t connections;    /* open now */
    uint32_t publishers;     /* streams published now */
    uint32_t players;        /* of RTMP and HTTP-FLV, now */
    uint64_t bytes_received; /* since the start */
    uint64_t bytes_sent;     /* since the start */
    uint64_t frames_dropped; /* not sent to readers that were too slow */
    uint64_t readers_closed; /* closed because they were too slow */
    uint64_t refused;        /* connections and requests refused */
    uint64_t memory_bytes;   /* media held now */
    uint32_t rooms;          /* loaded now */
    uint32_t people;         /* present in rooms now */
} chalk_edge_stats;

/**
 * Reads an edge's figures.
 *
 * @param edge   a running edge.
 * @param stats  `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (`struct_size` not set).
 * Thread: any.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_edge_get_stats(chalk_edge *edge, chalk_edge_stats *stats);

/**
 * Makes a token: a JSON Web Token signed with HMAC-SHA256 (RFC 7519, RFC 7515) whose claims are
 * room, name, role and exp.
 *
 * @param secret       the key that the edge has.
 * @param secret_size  bytes, CHALK_SECRET_MIN..CHALK_SECRET_MAX.
 * @param room         a name as described at CHALK_NAME_MAX.
 * @param name         the participant; the same.
 * @param role         enum chalk_role.
 * @param expires_s    seconds since the Unix epoch, in the future, at most 2^53.
 * @param out          room for the token and its terminating zero.
 * @param out_size     bytes at `out`; CHALK_TOKEN_MAX is always enough.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (a name or the secret out of its range, no such role, an expiry that is
 * not in the future: fix the call), LIMIT (`out` is too small), NO_MEMORY.
 * Thread: any.
 * Lifetime: the text is the caller's own.
 * Since: 0.1
 */
CHALK_API int chalk_token_create(const void *secret, size_t secret_size, const char *room,
                                 const char *name, uint32_t role, uint64_t expires_s, char *out,
                                 size_t out_size);

#ifdef __cplusplus
}
#endif
#endif
