/*
 * Messages that wait to be cut into chunks, first in first out. It grows by doubling and has no
 * limit of its own: who pushes decides what is too much.
 */
#ifndef CK_CORE_RTMP_QUEUE_H
#define CK_CORE_RTMP_QUEUE_H

#include "base/slice.h"

#include <stddef.h>
#include <stdint.h>

typedef struct ck_rtmp_queued {
    ck_slice body; /* never empty */
    size_t sent;   /* bytes of it that were polled; above 0 the message has begun */
    uint32_t timestamp_ms;
    uint32_t stream;
    uint8_t type;
    uint8_t chunk_stream; /* 2..6 */
} ck_rtmp_queued;

typedef struct ck_rtmp_queue {
    const ck_alloc *alloc;
    ck_rtmp_queued *slots;
    size_t capacity; /* 0 or a power of two */
    size_t first;
    size_t count;
    size_t bytes; /* of all bodies, without what was sent */
} ck_rtmp_queue;

void ck_rtmp_queue_free(ck_rtmp_queue *q);
/* Takes the body's reference on success. Errors: NO_MEMORY. */
int ck_rtmp_queue_push(ck_rtmp_queue *q, const ck_rtmp_queued *message);
ck_rtmp_queued *ck_rtmp_queue_at(const ck_rtmp_queue *q, size_t index); /* index < count */
/* Counts `size` more bytes of the first message as sent; drops it once all of it is. */
void ck_rtmp_queue_advance(ck_rtmp_queue *q, size_t size);
/* Drops every message that has not begun; returns the bytes dropped. */
size_t ck_rtmp_queue_drop(ck_rtmp_queue *q);

#endif
