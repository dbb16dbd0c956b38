/*
 * Chunk headers to send (RTMP 1.0, 5.3.1). One ck_rtmp_chunk_out per chunk stream remembers what
 * the peer knows of its previous message, so that a header says only what changed.
 *
 * Two places stay clear of what receivers read in different ways: a message that repeats the header
 * of a type 0 chunk (is its delta the timestamp, or 0?) is sent as type 2, and a delta that would
 * need an extended timestamp is sent as type 0.
 */
#ifndef CK_CORE_RTMP_CHUNK_H
#define CK_CORE_RTMP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_RTMP_CHUNK_HEADER_MAX 18 /* 3 basic, 11 message, 4 extended timestamp */

typedef struct ck_rtmp_chunk_out {
    uint32_t id;    /* 2..65599 */
    bool known;     /* a message was sent: the fields below are the peer's knowledge */
    bool has_delta; /* its header carried a delta */
    uint32_t delta;
    uint32_t timestamp_ms;
    uint32_t length; /* bytes */
    uint32_t stream;
    uint8_t type;
} ck_rtmp_chunk_out;

/* Both write at most CK_RTMP_CHUNK_HEADER_MAX bytes and return how many: the header of a message's
 * first chunk, and of each chunk that continues it. */
size_t ck_rtmp_chunk_begin(ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
                           uint32_t timestamp_ms, uint32_t length, uint8_t *out);
size_t ck_rtmp_chunk_continue(const ck_rtmp_chunk_out *c, uint8_t *out);

#endif
