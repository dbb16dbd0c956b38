/*
 * The sending side of a connection: one queue per lane, cut into chunks when polled. A lane is
 * served only while every lane before it is empty, chunk by chunk, so what is urgent overtakes what
 * is large. Each lane has chunk streams of its own, since a chunk stream carries one message at a
 * time.
 *
 *   lane      chunk streams
 *   control   2 protocol and user control, 3 commands and their data
 *   audio     4
 *   data      5
 *   video     6
 */
#ifndef CK_CORE_RTMP_SENDER_H
#define CK_CORE_RTMP_SENDER_H

#include "core/out.h"
#include "core/rtmp/chunk.h"
#include "core/rtmp/queue.h"

#include <stdbool.h>
#include <stdint.h>

enum ck_rtmp_lane {
    CK_RTMP_LANE_CONTROL,
    CK_RTMP_LANE_AUDIO,
    CK_RTMP_LANE_DATA,
    CK_RTMP_LANE_VIDEO,
    CK_RTMP_LANES,
};

#define CK_RTMP_CHUNK_STREAM_FIRST   2
#define CK_RTMP_CHUNK_STREAM_CONTROL 2
#define CK_RTMP_CHUNK_STREAM_COMMAND 3
#define CK_RTMP_CHUNK_STREAM_AUDIO   4
#define CK_RTMP_CHUNK_STREAM_DATA    5
#define CK_RTMP_CHUNK_STREAM_VIDEO   6
#define CK_RTMP_CHUNK_STREAMS_OUT    5

typedef struct ck_rtmp_sender {
    ck_rtmp_queue lanes[CK_RTMP_LANES];
    ck_rtmp_chunk_out chunk_streams[CK_RTMP_CHUNK_STREAMS_OUT];
    uint32_t chunk_size; /* in force; changes when a Set Chunk Size message has gone out */
    ck_out raw[2];       /* pieces of the handshake, before everything */
    uint8_t raw_count;
    uint64_t bytes;    /* polled */
    uint64_t messages; /* polled whole */
} ck_rtmp_sender;

void ck_rtmp_sender_init(ck_rtmp_sender *s, const ck_alloc *alloc);
void ck_rtmp_sender_free(ck_rtmp_sender *s);

/* A piece of the handshake: `head_size` bytes (at most 1) and a body whose reference is taken. */
void ck_rtmp_sender_put_raw(ck_rtmp_sender *s, const uint8_t *head, size_t head_size,
                            ck_slice body);

/* Takes the body's reference in any case. Errors: NO_MEMORY; TOO_LARGE when the control lane is
 * full: a peer asks for answers and does not read them. */
int ck_rtmp_sender_put_control(ck_rtmp_sender *s, const ck_rtmp_queued *message);

bool ck_rtmp_sender_poll(ck_rtmp_sender *s, ck_out *out);

size_t ck_rtmp_sender_media_bytes(const ck_rtmp_sender *s);
uint32_t ck_rtmp_sender_media_ms(const ck_rtmp_sender *s); /* newest minus oldest timestamp */
/* The same once a message of this timestamp was added. */
uint32_t ck_rtmp_sender_media_ms_with(const ck_rtmp_sender *s, uint32_t timestamp_ms);
void ck_rtmp_sender_drop_media(ck_rtmp_sender *s); /* what has begun goes on */

#endif
