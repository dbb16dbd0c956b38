#include "rtmp_pair.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "support/check.h"

#include <string.h>

#define WIRE_MAX (64u << 20)

ck_rtmp_config rtmp_client_config(const ck_alloc *alloc, enum ck_rtmp_mode mode)
{
    return (ck_rtmp_config){.alloc = alloc,
                            .role = CK_RTMP_CLIENT,
                            .mode = mode,
                            .tc_url = "rtmp://edge.example/live",
                            .app = "live",
                            .stream = "algebra/teacher/screen?token=abc"};
}

ck_rtmp_config rtmp_server_config(const ck_alloc *alloc)
{
    return (ck_rtmp_config){.alloc = alloc, .role = CK_RTMP_SERVER};
}

int rtmp_pair_init(rtmp_pair *p, const ck_rtmp_config *client, const ck_rtmp_config *server,
                   uint64_t seed, size_t split_max)
{
    memset(p, 0, sizeof *p);
    p->alloc = client->alloc;
    p->now_us = 1000000;
    p->split_max = split_max;
    ck_rng_seed(&p->rng, seed);
    ck_buf_init(&p->client.wire, &ck_test_heap, WIRE_MAX);
    ck_buf_init(&p->server.wire, &ck_test_heap, WIRE_MAX);
    int status = ck_rtmp_init(&p->client.r, client, seed, p->now_us);
    if (status == CHALK_OK) {
        status = ck_rtmp_init(&p->server.r, server, seed + 1, p->now_us);
    }
    return status;
}

void rtmp_pair_free(rtmp_pair *p)
{
    ck_rtmp_free(&p->client.r);
    ck_rtmp_free(&p->server.r);
    ck_buf_free(&p->client.wire);
    ck_buf_free(&p->server.wire);
}

uint32_t rtmp_sum(const uint8_t *data, size_t size)
{
    uint32_t sum = 2166136261u;
    for (size_t i = 0; i < size; i++) {
        sum = (sum ^ data[i]) * 16777619u;
    }
    return sum;
}

static void note(rtmp_end *e, const ck_rtmp_event *event)
{
    if (e->count == RTMP_LOG_MAX) {
        return;
    }
    rtmp_entry *entry = &e->log[e->count++];
    *entry = (rtmp_entry){.kind = event->kind, .request = event->request};
    switch (event->kind) {
    case CK_RTMP_EV_MEDIA:
        entry->type = event->media.type;
        entry->timestamp_ms = event->media.timestamp_ms;
        entry->size = event->media.body.size;
        entry->sum = rtmp_sum(event->media.body.data, event->media.body.size);
        break;
    case CK_RTMP_EV_CONNECT_REQUEST:
        ck_text_copy(entry->text, sizeof entry->text, event->connect.app);
        break;
    case CK_RTMP_EV_PUBLISH_REQUEST:
        ck_text_copy(entry->text, sizeof entry->text, event->publish.name);
        break;
    case CK_RTMP_EV_PLAY_REQUEST:
        ck_text_copy(entry->text, sizeof entry->text, event->play.name);
        break;
    case CK_RTMP_EV_RTT:
        entry->rtt_us = event->rtt_us;
        break;
    case CK_RTMP_EV_CLOSED:
        entry->status = event->closed.status;
        ck_text_copy(entry->text, sizeof entry->text, event->closed.text);
        break;
    default:
        break;
    }
}

static void answer(rtmp_end *e, rtmp_pair *p, const ck_rtmp_event *event)
{
    if (p == NULL || event->request == 0) {
        return;
    }
    if (event->kind == p->reject) {
        (void)ck_rtmp_reject(e->r, event->request, p->reject_status, p->reject_words, p->now_us);
    } else {
        (void)ck_rtmp_accept(e->r, event->request, p->now_us);
    }
}

void rtmp_end_take_events(rtmp_end *e, rtmp_pair *p)
{
    ck_rtmp_event event;
    while (ck_rtmp_poll_event(e->r, &event)) {
        note(e, &event);
        answer(e, p, &event);
        ck_rtmp_event_free(&event);
    }
}

void rtmp_end_feed(rtmp_end *e, rtmp_pair *p, const uint8_t *data, size_t size, size_t piece,
                   uint64_t now_us)
{
    size_t at = 0;
    while (at < size && e->feed_status >= 0) {
        size_t used = 0;
        int status = ck_rtmp_feed(e->r, data + at, CK_MIN(piece, size - at), now_us, &used);
        e->feed_status = status;
        at += used;
        rtmp_end_take_events(e, p);
    }
}

static bool carry(rtmp_pair *p, rtmp_end *from, rtmp_end *to)
{
    ck_out out;
    bool moved = false;
    while (ck_rtmp_poll_output(from->r, &out, p->now_us)) {
        ck_buf_put(&to->wire, out.head, out.head_size);
        ck_buf_put(&to->wire, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
    }
    for (size_t at = 0; at < to->wire.size;) {
        size_t piece = 1 + (size_t)ck_rng_below(&p->rng, p->split_max);
        piece = CK_MIN(piece, to->wire.size - at);
        rtmp_end_feed(to, p, to->wire.data + at, piece, piece, p->now_us);
        at += piece;
        moved = true;
    }
    ck_buf_clear(&to->wire);
    rtmp_end_take_events(from, p);
    return moved;
}

void rtmp_pair_pump(rtmp_pair *p)
{
    bool moved = true;
    while (moved) {
        moved = carry(p, &p->client, &p->server);
        moved = carry(p, &p->server, &p->client) || moved;
    }
    rtmp_end_take_events(&p->client, p);
    rtmp_end_take_events(&p->server, p);
}

const rtmp_entry *rtmp_find(const rtmp_end *e, enum ck_rtmp_event_kind kind)
{
    for (size_t i = 0; i < e->count; i++) {
        if (e->log[i].kind == kind) {
            return &e->log[i];
        }
    }
    return NULL;
}

const rtmp_entry *rtmp_get(const rtmp_end *e, enum ck_rtmp_event_kind kind)
{
    const rtmp_entry *entry = rtmp_find(e, kind);
    CK_CHECK(entry != NULL);
    return entry;
}

size_t rtmp_count(const rtmp_end *e, enum ck_rtmp_event_kind kind)
{
    size_t count = 0;
    for (size_t i = 0; i < e->count; i++) {
        count += e->log[i].kind == kind;
    }
    return count;
}

ck_flv_tag rtmp_tag(const ck_alloc *alloc, uint8_t type, uint32_t timestamp_ms, size_t size,
                    uint32_t seed)
{
    ck_flv_tag tag = {
        .type = type, .timestamp_ms = timestamp_ms, .body = ck_slice_new(alloc, size)};
    uint8_t *bytes = tag.body.data != NULL ? ck_slice_mutable(tag.body) : NULL;
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        bytes[i] = (uint8_t)(seed * 31 + i * 7 + (i >> 8));
    }
    return tag;
}

void rtmp_put_message(ck_buf *b, ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
                      uint32_t timestamp_ms, const void *body, size_t size, size_t chunk_size)
{
    uint8_t head[CK_RTMP_CHUNK_HEADER_MAX];
    ck_buf_put(b, head, ck_rtmp_chunk_begin(c, type, stream, timestamp_ms, (uint32_t)size, head));
    for (size_t at = 0; at < size; at += chunk_size) {
        if (at > 0) {
            ck_buf_put(b, head, ck_rtmp_chunk_continue(c, head));
        }
        ck_buf_put(b, (const uint8_t *)body + at, CK_MIN(chunk_size, size - at));
    }
}

void rtmp_put_handshake(ck_buf *b)
{
    ck_buf_put_u8(b, 3);
    for (size_t i = 0; i < 2 * 1536; i++) {
        ck_buf_put_u8(b, (uint8_t)i);
    }
}
