/*
 * Helpers for the RTMP tests: a client core wired to a server core in memory, and a peer written by
 * hand, byte by byte. Everything that an end tells is kept in a log that tests compare.
 */
#ifndef CK_TESTS_RTMP_PAIR_H
#define CK_TESTS_RTMP_PAIR_H

#include "base/bytes.h"
#include "base/rng.h"
#include "core/rtmp/chunk.h"
#include "core/rtmp/rtmp.h"
#include "support/alloc.h"

#define RTMP_LOG_MAX 512

typedef struct rtmp_entry {
    enum ck_rtmp_event_kind kind;
    int status;     /* CLOSED */
    char text[256]; /* CLOSED: its text; requests: app or name */
    uint8_t type;   /* MEDIA */
    uint32_t timestamp_ms;
    size_t size;
    uint32_t sum; /* of the body's bytes, by place */
    uint64_t rtt_us;
    uint64_t request;
} rtmp_entry;

typedef struct rtmp_end {
    ck_rtmp *r;
    rtmp_entry log[RTMP_LOG_MAX];
    size_t count;
    int feed_status; /* the first error of feed */
    ck_buf wire;     /* bytes on their way to this end */
} rtmp_end;

typedef struct rtmp_pair {
    const ck_alloc *alloc;
    rtmp_end client;
    rtmp_end server;
    uint64_t now_us;
    ck_rng rng;
    size_t split_max;               /* bytes of one feed, 1..split_max by the seed */
    enum ck_rtmp_event_kind reject; /* 0: accept everything; else refuse this kind ... */
    int reject_status;              /* ... with this */
    const char *reject_words;
} rtmp_pair;

ck_rtmp_config rtmp_client_config(const ck_alloc *alloc, enum ck_rtmp_mode mode);
ck_rtmp_config rtmp_server_config(const ck_alloc *alloc);

/* Errors: what ck_rtmp_init says. The pair must be freed in any case. */
int rtmp_pair_init(rtmp_pair *p, const ck_rtmp_config *client, const ck_rtmp_config *server,
                   uint64_t seed, size_t split_max);
void rtmp_pair_free(rtmp_pair *p);
/* Carries bytes both ways and answers requests until nothing moves. */
void rtmp_pair_pump(rtmp_pair *p);

/* Polls all events of one end into its log; answers requests as `p` says (NULL: not at all). */
void rtmp_end_take_events(rtmp_end *e, rtmp_pair *p);
/* Feeds `size` bytes in pieces, taking events whenever feed asks for it. */
void rtmp_end_feed(rtmp_end *e, rtmp_pair *p, const uint8_t *data, size_t size, size_t piece,
                   uint64_t now_us);
const rtmp_entry *rtmp_find(const rtmp_end *e, enum ck_rtmp_event_kind kind); /* first, or NULL */
const rtmp_entry *rtmp_get(const rtmp_end *e, enum ck_rtmp_event_kind kind);  /* or fails */
size_t rtmp_count(const rtmp_end *e, enum ck_rtmp_event_kind kind);

uint32_t rtmp_sum(const uint8_t *data, size_t size);
/* A tag whose body is `size` bytes made from `seed`; the first says what it is. */
ck_flv_tag rtmp_tag(const ck_alloc *alloc, uint8_t type, uint32_t timestamp_ms, size_t size,
                    uint32_t seed);

/* By hand: one message in chunks of `chunk_size`. */
void rtmp_put_message(ck_buf *b, ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
                      uint32_t timestamp_ms, const void *body, size_t size, size_t chunk_size);
/* C0 C1 C2, or S0 S1 S2: 3073 bytes. */
void rtmp_put_handshake(ck_buf *b);

#endif
