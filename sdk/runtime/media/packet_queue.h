/*
 * Encoded packets on their way from the threads that make them to the one that takes them. Bounded:
 * what does not fit is dropped and counted, never waited for; after a picture all pictures up to
 * the next key frame, for they refer to it. A configuration has places of its own, as nothing can
 * be decoded without it.
 *
 * Thread: the owner locks.
 */
#ifndef CK_MEDIA_PACKET_QUEUE_H
#define CK_MEDIA_PACKET_QUEUE_H

#include "base/ring.h"
#include "runtime/media/packet.h"

#define CK_PACKET_QUEUE_CONFIGS 8

typedef struct ck_packet_queue {
    ck_ring ring;
    size_t packets_max;
    size_t bytes_max;
    size_t bytes;
    uint64_t dropped;
    bool need_key;
} ck_packet_queue;

int ck_packet_queue_init(ck_packet_queue *q, size_t packets_max, size_t bytes_max); /* NO_MEMORY */
void ck_packet_queue_free(ck_packet_queue *q);
/* Takes a reference of its own; false: dropped and counted. */
bool ck_packet_queue_put(ck_packet_queue *q, uint32_t media, const ck_packet *packet);
/* The oldest packet, with its reference; false when there is none. */
bool ck_packet_queue_take(ck_packet_queue *q, uint32_t *media, ck_packet *out);
const ck_packet *ck_packet_queue_first(const ck_packet_queue *q); /* the oldest; NULL: none */
void ck_packet_queue_clear(ck_packet_queue *q);                   /* drops and counts what waits */

#endif
