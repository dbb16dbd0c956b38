#include "runtime/net/send_queue.h"

#include "base/check.h"

#include <string.h>

#define FIRST_CAPACITY 2  /* a crowd gets a frame at a time */
#define KEPT_CAPACITY  16 /* slots that a queue which ran empty may keep */

void ck_send_queue_init(ck_send_queue *q, const ck_alloc *alloc)
{
    *q = (ck_send_queue){.alloc = alloc};
}

static ck_out *slot(const ck_send_queue *q, size_t index)
{
    return &q->slots[(q->first + index) & (q->capacity - 1)];
}

static size_t entry_size(const ck_out *out)
{
    return out->head_size + out->body.size;
}

void ck_send_queue_clear(ck_send_queue *q)
{
    for (size_t i = 0; i < q->count; i++) {
        ck_slice_unref(&slot(q, i)->body);
    }
    ck_free(q->alloc, q->slots);
    ck_send_queue_init(q, q->alloc);
}

bool ck_send_queue_reserve(ck_send_queue *q, size_t count)
{
    size_t needed = q->count + count;
    if (needed <= q->capacity) {
        return true;
    }
    size_t capacity = CK_MAX(q->capacity, (size_t)FIRST_CAPACITY);
    while (capacity < needed) {
        capacity *= 2;
    }
    ck_out *slots = ck_new_array(q->alloc, capacity, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (size_t i = 0; i < q->count; i++) {
        slots[i] = *slot(q, i);
    }
    ck_free(q->alloc, q->slots);
    q->slots = slots;
    q->capacity = capacity;
    q->first = 0;
    return true;
}

void ck_send_queue_push(ck_send_queue *q, const ck_out *out)
{
    CK_INVARIANT(q->count < q->capacity, return );
    *slot(q, q->count) = *out;
    q->count++;
    q->bytes += entry_size(out);
    q->body_bytes += out->body.size;
}

size_t ck_send_queue_front(const ck_send_queue *q, ck_io_piece *pieces, size_t max)
{
    size_t used = 0;
    size_t skip = q->done;
    for (size_t i = 0; i < q->count && used + 2 <= max; i++) {
        const ck_out *out = slot(q, i);
        if (skip < out->head_size) {
            pieces[used++] = (ck_io_piece){out->head + skip, out->head_size - skip};
            skip = 0;
        } else {
            skip -= out->head_size;
        }
        if (skip < out->body.size) {
            pieces[used++] = (ck_io_piece){out->body.data + skip, out->body.size - skip};
        }
        skip = 0;
    }
    return used;
}

size_t ck_send_queue_copy(const ck_send_queue *q, uint8_t *out, size_t size)
{
    ck_io_piece pieces[CK_IO_PIECES_MAX];
    size_t count = ck_send_queue_front(q, pieces, CK_COUNT_OF(pieces));
    size_t copied = 0;
    for (size_t i = 0; i < count && copied < size; i++) {
        size_t part = CK_MIN(pieces[i].size, size - copied);
        memcpy(out + copied, pieces[i].data, part);
        copied += part;
    }
    return copied;
}

static void give_back_memory(ck_send_queue *q)
{
    if (q->count == 0 && q->capacity > KEPT_CAPACITY) {
        ck_send_queue_clear(q);
    }
}

void ck_send_queue_drop(ck_send_queue *q, size_t size)
{
    CK_INVARIANT(size <= q->bytes, return );
    q->bytes -= size;
    q->done += size;
    while (q->count > 0 && q->done >= entry_size(slot(q, 0))) {
        q->done -= entry_size(slot(q, 0));
        q->body_bytes -= slot(q, 0)->body.size;
        ck_slice_unref(&slot(q, 0)->body);
        q->first = (q->first + 1) & (q->capacity - 1);
        q->count--;
    }
    give_back_memory(q);
}
