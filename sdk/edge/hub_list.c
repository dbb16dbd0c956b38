/* The list of tags of one stream: appending, how far back it reaches, what it weighs. */
#include "edge/hub_state.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define CAPACITY_MIN 64u

static uint64_t weight_of(const ck_hub_entry *e)
{
    return e->body.size + CK_HUB_TAG_COST;
}

ck_hub_entry *ck_hub_entry_at(const ck_hub_stream *s, uint64_t seq)
{
    CK_INVARIANT(seq >= s->first_seq && seq < s->end_seq, return NULL);
    return &s->slots[seq & (s->capacity - 1)];
}

/* ---- headers ---- */

static uint64_t headers_weight(const ck_hub_headers *h)
{
    uint64_t bytes = sizeof *h;
    for (int i = 0; i < CK_MEDIA_HEADERS; i++) {
        bytes += h->body[i].size;
    }
    return bytes;
}

static ck_hub_headers *headers_ref(ck_hub_headers *h)
{
    if (h != NULL) {
        h->refs++;
    }
    return h;
}

void ck_hub_headers_unref(ck_hub *hub, ck_hub_headers **headers)
{
    ck_hub_headers *h = *headers;
    *headers = NULL;
    if (h == NULL || --h->refs > 0) {
        return;
    }
    hub->stats.memory_bytes -= headers_weight(h);
    for (int i = 0; i < CK_MEDIA_HEADERS; i++) {
        ck_slice_unref(&h->body[i]);
    }
    ck_free(hub->config.alloc, h);
}

bool ck_hub_is_current_header(const ck_hub_stream *s, int index, ck_slice body)
{
    const ck_slice *current = s->headers != NULL ? &s->headers->body[index] : NULL;
    return current != NULL && current->size == body.size &&
           memcmp(current->data, body.data, body.size) == 0;
}

/* A set like the current one but with one header replaced. */
static int replace_header(ck_hub_stream *s, int index, uint64_t seq, ck_slice body)
{
    ck_hub *hub = s->hub;
    ck_hub_headers *h = ck_new(hub->config.alloc, sizeof *h);
    if (h == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    h->refs = 1;
    for (int i = 0; i < CK_MEDIA_HEADERS; i++) {
        if (i == index) {
            h->seq[i] = seq;
            h->body[i] = ck_slice_ref(body);
        } else if (s->headers != NULL) {
            h->seq[i] = s->headers->seq[i];
            h->body[i] = ck_slice_ref(s->headers->body[i]);
        }
    }
    hub->stats.memory_bytes += headers_weight(h);
    ck_hub_headers_unref(hub, &s->headers);
    s->headers = h;
    return CHALK_OK;
}

/* ---- the list ---- */

static int grow(ck_hub_stream *s)
{
    size_t count = (size_t)(s->end_seq - s->first_seq);
    if (count < s->capacity) {
        return CHALK_OK;
    }
    size_t capacity = CK_MAX(s->capacity * 2, CAPACITY_MIN);
    ck_hub_entry *slots = ck_new_array(s->hub->config.alloc, capacity, sizeof *slots);
    if (slots == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    for (uint64_t seq = s->first_seq; seq < s->end_seq; seq++) {
        slots[seq & (capacity - 1)] = *ck_hub_entry_at(s, seq);
    }
    ck_free(s->hub->config.alloc, s->slots);
    s->slots = slots;
    s->capacity = capacity;
    return CHALK_OK;
}

static void drop_first(ck_hub_stream *s)
{
    ck_hub_entry *e = ck_hub_entry_at(s, s->first_seq);
    s->bytes -= weight_of(e);
    s->hub->stats.memory_bytes -= weight_of(e);
    ck_hub_headers_unref(s->hub, &e->headers);
    ck_slice_unref(&e->body);
    s->first_seq++;
}

void ck_hub_list_trim(ck_hub_stream *s)
{
    while (s->first_seq < s->end_seq && s->first_seq != s->gop_seq &&
           ck_hub_entry_at(s, s->first_seq)->cursors == 0) {
        drop_first(s);
    }
}

void ck_hub_list_free(ck_hub_stream *s)
{
    while (s->first_seq < s->end_seq) {
        drop_first(s);
    }
    ck_hub_headers_unref(s->hub, &s->headers);
    ck_free(s->hub->config.alloc, s->slots);
    s->slots = NULL;
    s->capacity = 0;
}

/* Where newcomers begin from now on. */
static void update_gop(ck_hub_stream *s, const ck_hub_entry *e, uint64_t seq)
{
    if (e->class == CK_MEDIA_KEY) {
        s->gop_seq = seq;
    }
    if (s->gop_seq == 0) {
        return;
    }
    /* Timestamps wrap, so they are compared by difference; one that jumps back says nothing. */
    int32_t span_ms = (int32_t)(e->timestamp_ms - ck_hub_entry_at(s, s->gop_seq)->timestamp_ms);
    if (span_ms > 0 && (uint32_t)span_ms > s->hub->config.gop_max_ms) {
        s->gop_seq = 0;
    }
}

int ck_hub_list_append(ck_hub_stream *s, const ck_flv_tag *tag, enum ck_media_class class,
                       uint64_t now_us)
{
    uint64_t seq = s->end_seq;
    int status = grow(s);
    if (status == CHALK_OK && class < CK_MEDIA_HEADERS) {
        status = replace_header(s, (int)class, seq, tag->body);
    }
    if (status != CHALK_OK) {
        return status;
    }
    ck_hub_entry *e = &s->slots[seq & (s->capacity - 1)];
    *e = (ck_hub_entry){
        .body = ck_slice_ref(tag->body),
        .arrival_us = now_us,
        .headers = class == CK_MEDIA_KEY ? headers_ref(s->headers) : NULL,
        .timestamp_ms = tag->timestamp_ms,
        .cursors = s->at_end,
        .type = tag->type,
        .class = (uint8_t) class,
    };
    s->at_end = 0;
    s->end_seq++;
    s->bytes += weight_of(e);
    s->hub->stats.memory_bytes += weight_of(e);
    s->last_timestamp_ms = tag->timestamp_ms;
    update_gop(s, e, seq);
    ck_hub_list_trim(s);
    return CHALK_OK;
}
