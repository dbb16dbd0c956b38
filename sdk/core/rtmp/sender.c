#include "core/rtmp/sender.h"

#include "base/bytes.h"
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/message.h"

#include <string.h>

#define CONTROL_BYTES_MAX 65536
#define CONTROL_COUNT_MAX 512

void ck_rtmp_sender_init(ck_rtmp_sender *s, const ck_alloc *alloc)
{
    *s = (ck_rtmp_sender){.chunk_size = CK_RTMP_CHUNK_SIZE_DEFAULT};
    for (size_t i = 0; i < CK_RTMP_LANES; i++) {
        s->lanes[i].alloc = alloc;
    }
    for (uint32_t i = 0; i < CK_RTMP_CHUNK_STREAMS_OUT; i++) {
        s->chunk_streams[i].id = CK_RTMP_CHUNK_STREAM_FIRST + i;
    }
}

void ck_rtmp_sender_free(ck_rtmp_sender *s)
{
    for (size_t i = 0; i < CK_RTMP_LANES; i++) {
        ck_rtmp_queue_free(&s->lanes[i]);
    }
    for (size_t i = 0; i < s->raw_count; i++) {
        ck_slice_unref(&s->raw[i].body);
    }
    s->raw_count = 0;
}

void ck_rtmp_sender_put_raw(ck_rtmp_sender *s, const uint8_t *head, size_t head_size, ck_slice body)
{
    CK_INVARIANT(s->raw_count < CK_COUNT_OF(s->raw) && head_size <= 1, {
        ck_slice_unref(&body);
        return;
    });
    ck_out *out = &s->raw[s->raw_count++];
    *out = (ck_out){.head_size = (uint8_t)head_size, .body = body};
    if (head_size > 0) {
        memcpy(out->head, head, head_size);
    }
}

int ck_rtmp_sender_put_control(ck_rtmp_sender *s, const ck_rtmp_queued *message)
{
    ck_rtmp_queue *lane = &s->lanes[CK_RTMP_LANE_CONTROL];
    ck_slice body = message->body;
    int status = CHALK_ERR_TOO_LARGE;
    if (lane->count < CONTROL_COUNT_MAX && lane->bytes + body.size <= CONTROL_BYTES_MAX) {
        status = ck_rtmp_queue_push(lane, message);
    }
    if (status < 0) {
        ck_slice_unref(&body);
    }
    return status;
}

static void cut(ck_rtmp_sender *s, ck_rtmp_queue *lane, ck_out *out)
{
    ck_rtmp_queued *message = ck_rtmp_queue_at(lane, 0);
    ck_rtmp_chunk_out *c = &s->chunk_streams[message->chunk_stream - CK_RTMP_CHUNK_STREAM_FIRST];
    size_t left = message->body.size - message->sent;
    size_t size = CK_MIN(left, (size_t)s->chunk_size);
    size_t head = message->sent > 0
                      ? ck_rtmp_chunk_continue(c, out->head)
                      : ck_rtmp_chunk_begin(c, message->type, message->stream,
                                            message->timestamp_ms, (uint32_t)left, out->head);
    out->head_size = (uint8_t)head;
    out->body = ck_slice_part(message->body, message->sent, size);
    if (size == left) {
        s->messages++;
        if (message->type == CK_RTMP_SET_CHUNK_SIZE) {
            s->chunk_size = ck_load_be32(message->body.data);
        }
    }
    ck_rtmp_queue_advance(lane, size);
}

bool ck_rtmp_sender_poll(ck_rtmp_sender *s, ck_out *out)
{
    bool found = s->raw_count > 0;
    if (found) {
        *out = s->raw[0];
        s->raw[0] = s->raw[1];
        s->raw_count--;
    }
    for (size_t i = 0; i < CK_RTMP_LANES && !found; i++) {
        if (s->lanes[i].count > 0) {
            cut(s, &s->lanes[i], out);
            found = true;
        }
    }
    if (found) {
        s->bytes += out->head_size + out->body.size;
    }
    return found;
}

size_t ck_rtmp_sender_media_bytes(const ck_rtmp_sender *s)
{
    size_t bytes = 0;
    for (size_t i = CK_RTMP_LANE_AUDIO; i < CK_RTMP_LANES; i++) {
        bytes += s->lanes[i].bytes;
    }
    return bytes;
}

/* The span of times seen so far, as distances from the first, since the clock wraps. */
typedef struct span {
    bool any;
    uint32_t base;
    int32_t low;
    int32_t high;
} span;

static void widen(span *w, uint32_t timestamp_ms)
{
    if (!w->any) {
        *w = (span){.any = true, .base = timestamp_ms};
    }
    int32_t distance = (int32_t)(timestamp_ms - w->base);
    w->low = CK_MIN(w->low, distance);
    w->high = CK_MAX(w->high, distance);
}

static span media_span(const ck_rtmp_sender *s)
{
    span w = {0};
    for (size_t i = CK_RTMP_LANE_AUDIO; i < CK_RTMP_LANES; i++) {
        const ck_rtmp_queue *lane = &s->lanes[i];
        if (lane->count > 0) {
            widen(&w, ck_rtmp_queue_at(lane, 0)->timestamp_ms);
            widen(&w, ck_rtmp_queue_at(lane, lane->count - 1)->timestamp_ms);
        }
    }
    return w;
}

uint32_t ck_rtmp_sender_media_ms(const ck_rtmp_sender *s)
{
    span w = media_span(s);
    return (uint32_t)w.high - (uint32_t)w.low;
}

uint32_t ck_rtmp_sender_media_ms_with(const ck_rtmp_sender *s, uint32_t timestamp_ms)
{
    span w = media_span(s);
    widen(&w, timestamp_ms);
    return (uint32_t)w.high - (uint32_t)w.low;
}

void ck_rtmp_sender_drop_media(ck_rtmp_sender *s)
{
    for (size_t i = CK_RTMP_LANE_AUDIO; i < CK_RTMP_LANES; i++) {
        ck_rtmp_queue_drop(&s->lanes[i]);
    }
}
