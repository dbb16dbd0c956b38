/*
 * What a stream was given to write and the kernel has not taken: header bytes and counted slices,
 * first in first out. Memory grows with what waits and is given back when nothing does.
 * Private to runtime/net.
 */
#ifndef CK_RUNTIME_NET_SEND_QUEUE_H
#define CK_RUNTIME_NET_SEND_QUEUE_H

#include "core/out.h"
#include "runtime/os/socket.h"

typedef struct ck_send_queue {
    ck_out *slots; /* a ring of `capacity`, which is a power of two or 0 */
    size_t capacity;
    size_t first;
    size_t count;
    size_t done;       /* bytes of the first entry that are gone */
    size_t bytes;      /* that wait */
    size_t body_bytes; /* of the entries that wait, whole bodies */
    const ck_alloc *alloc;
} ck_send_queue;

void ck_send_queue_init(ck_send_queue *q, const ck_alloc *alloc);
void ck_send_queue_clear(ck_send_queue *q); /* drops every reference and the memory */

/* Makes room for `count` more; afterwards as many pushes cannot fail. False: no memory. */
bool ck_send_queue_reserve(ck_send_queue *q, size_t count);
void ck_send_queue_push(ck_send_queue *q, const ck_out *out); /* takes its body */

/* The front as pieces, at most `max`; borrowed until the next call that changes the queue. */
size_t ck_send_queue_front(const ck_send_queue *q, ck_io_piece *pieces, size_t max);
/* Copies at most `size` bytes of the front without removing them. */
size_t ck_send_queue_copy(const ck_send_queue *q, uint8_t *out, size_t size);
void ck_send_queue_drop(ck_send_queue *q, size_t size); /* those bytes are gone; size <= bytes */

#endif
