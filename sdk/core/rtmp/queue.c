#include "core/rtmp/queue.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define FIRST_CAPACITY 8

ck_rtmp_queued *ck_rtmp_queue_at(const ck_rtmp_queue *q, size_t index)
{
    return &q->slots[(q->first + index) & (q->capacity - 1)];
}

static void pop_back(ck_rtmp_queue *q)
{
    ck_rtmp_queued *last = ck_rtmp_queue_at(q, q->count - 1);
    q->bytes -= last->body.size - last->sent;
    ck_slice_unref(&last->body);
    q->count--;
}

void ck_rtmp_queue_free(ck_rtmp_queue *q)
{
    while (q->count > 0) {
        pop_back(q);
    }
    if (q->alloc != NULL) {
        ck_free(q->alloc, q->slots);
    }
    *q = (ck_rtmp_queue){.alloc = q->alloc};
}

static int grow(ck_rtmp_queue *q)
{
    size_t capacity = q->capacity == 0 ? FIRST_CAPACITY : q->capacity * 2;
    ck_rtmp_queued *slots = ck_new_array(q->alloc, capacity, sizeof *slots);
    if (slots == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < q->count; i++) {
        slots[i] = *ck_rtmp_queue_at(q, i);
    }
    ck_free(q->alloc, q->slots);
    q->slots = slots;
    q->capacity = capacity;
    q->first = 0;
    return CHALK_OK;
}

int ck_rtmp_queue_push(ck_rtmp_queue *q, const ck_rtmp_queued *message)
{
    CK_INVARIANT(message->body.size > 0, return CHALK_ERR_INVALID_ARGUMENT);
    if (q->count == q->capacity) {
        int status = grow(q);
        if (status < 0) {
            return status;
        }
    }
    q->count++;
    *ck_rtmp_queue_at(q, q->count - 1) = *message;
    q->bytes += message->body.size;
    return CHALK_OK;
}

void ck_rtmp_queue_advance(ck_rtmp_queue *q, size_t size)
{
    ck_rtmp_queued *first = ck_rtmp_queue_at(q, 0);
    CK_INVARIANT(size <= first->body.size - first->sent, return );
    first->sent += size;
    q->bytes -= size;
    if (first->sent == first->body.size) {
        ck_slice_unref(&first->body);
        q->first = (q->first + 1) & (q->capacity - 1);
        q->count--;
    }
}

size_t ck_rtmp_queue_drop(ck_rtmp_queue *q)
{
    size_t before = q->bytes;
    while (q->count > 0 && ck_rtmp_queue_at(q, q->count - 1)->sent == 0) {
        pop_back(q);
    }
    return before - q->bytes;
}
