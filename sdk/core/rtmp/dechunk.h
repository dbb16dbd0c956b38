/*
 * Messages out of a chunk stream (RTMP 1.0, 5.3), from input split anywhere. It holds one
 * incomplete message per chunk stream, within the limits of its fields, and nothing else of the
 * input.
 *
 * Extended timestamps: the specification repeats the four bytes in every type 3 chunk of a chunk
 * stream whose last header had them. Some senders leave them out of the chunks that continue a
 * message. The four bytes are therefore taken as a timestamp there only when they equal the
 * header's value or the message's time; else they are payload. (A payload equal by chance: 1 in
 * 2^31.)
 */
#ifndef CK_CORE_RTMP_DECHUNK_H
#define CK_CORE_RTMP_DECHUNK_H

#include "base/alloc.h"
#include "core/rtmp/chunk.h"
#include "core/rtmp/message.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_rtmp_chunk_in ck_rtmp_chunk_in;

typedef struct ck_rtmp_dechunk {
    const ck_alloc *alloc;

    /* Limits; may be changed between two calls of feed. */
    uint32_t message_bytes_max;
    uint32_t command_bytes_max; /* for command messages (17, 20) */
    size_t reassembly_bytes_max;
    uint32_t chunk_streams_max;

    uint32_t chunk_size; /* the peer's, 128 at first */
    ck_rtmp_chunk_in *streams;
    size_t count;
    size_t capacity;
    size_t current;      /* index of the chunk stream whose payload is read */
    uint32_t chunk_left; /* payload bytes of the current chunk; 0: a header comes */
    size_t reassembly_bytes;

    uint8_t header[CK_RTMP_CHUNK_HEADER_MAX];
    uint8_t header_size;
    uint8_t unread[4]; /* looked at as an extended timestamp, found to be something else */
    uint8_t unread_size;
} ck_rtmp_dechunk;

void ck_rtmp_dechunk_init(ck_rtmp_dechunk *d, const ck_alloc *alloc);
void ck_rtmp_dechunk_free(ck_rtmp_dechunk *d);

/**
 * Takes bytes until a message is whole. *used: how many were taken.
 * Returns 1 when *message was filled (its body moves to the caller), 0 when all bytes were used and
 * more are needed. Errors: PROTOCOL (a type 3 chunk without a header before it, a new header within
 * a message), TOO_LARGE (a limit), NO_MEMORY. After an error the object can only be freed.
 */
int ck_rtmp_dechunk_feed(ck_rtmp_dechunk *d, const uint8_t *data, size_t size, size_t *used,
                         ck_rtmp_message *message);

/* Set Chunk Size (5.4.1). PROTOCOL for 0 or a set top bit; more than any message holds is clamped.
 */
int ck_rtmp_dechunk_set_chunk_size(ck_rtmp_dechunk *d, uint32_t chunk_size);

/* Abort Message (5.4.2): drops what was read of the message on this chunk stream. */
void ck_rtmp_dechunk_abort(ck_rtmp_dechunk *d, uint32_t chunk_stream);

#endif
