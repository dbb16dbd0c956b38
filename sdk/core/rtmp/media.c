#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

#include <string.h>

/* AMF0 short strings as they stand at the start of script data. */
static const uint8_t set_data_frame[] = "\x02\x00\x0d@setDataFrame";
static const uint8_t on_meta_data[] = "\x02\x00\x0aonMetaData";
static const uint8_t sample_access[] = "\x02\x00\x11|RtmpSampleAccess";
static const uint8_t on_status[] = "\x02\x00\x08onStatus";

/* `prefix` is one of the strings above, so `size` counts a terminator that is not on the wire. */
static bool starts(ck_slice s, const uint8_t *prefix, size_t size)
{
    return s.size >= size - 1 && memcmp(s.data, prefix, size - 1) == 0;
}
#define STARTS(slice, prefix) starts((slice), (prefix), sizeof(prefix))

/* Replaces *s with what is left behind `size` bytes. */
static void cut_front(ck_slice *s, size_t size)
{
    ck_slice rest = ck_slice_part(*s, size, s->size);
    ck_slice_unref(s);
    *s = rest;
}

static void give_tag(ck_rtmp *r, uint8_t type, uint32_t timestamp_ms, ck_slice body)
{
    if (type == CK_FLV_SCRIPT && STARTS(body, set_data_frame)) {
        cut_front(&body, sizeof set_data_frame - 1);
    }
    /* What a server says to a player's own machinery is no part of the stream. */
    bool internal =
        type == CK_FLV_SCRIPT && (STARTS(body, sample_access) || STARTS(body, on_status));
    if (body.size == 0 || internal) {
        r->messages_ignored += body.size == 0;
        ck_slice_unref(&body);
        return;
    }
    ck_rtmp_event event = {.kind = CK_RTMP_EV_MEDIA,
                           .media = {.type = type, .timestamp_ms = timestamp_ms, .body = body}};
    ck_rtmp_push_event(r, &event);
}

static bool is_tag_type(uint8_t type)
{
    return type == CK_FLV_AUDIO || type == CK_FLV_VIDEO || type == CK_FLV_SCRIPT;
}

static bool has_event_room(const ck_rtmp *r)
{
    return r->events.count + CK_RTMP_EVENTS_PER_MESSAGE <= CK_RTMP_EVENTS_MAX;
}

/* An aggregate is a run of FLV tags: an 11-byte header, the body, the size of both (7.1.6). */
static int split_one(ck_rtmp *r, ck_rtmp_aggregate *a)
{
    ck_reader in = ck_reader_of(a->body.data + a->at, a->body.size - a->at);
    bool first = a->at == 0;
    uint8_t type = ck_read_u8(&in);
    uint32_t size = ck_read_be24(&in);
    uint32_t time_ms = ck_read_be24(&in);
    time_ms |= (uint32_t)ck_read_u8(&in) << 24;
    ck_read_skip(&in, 3); /* the stream id of the aggregate counts */
    const uint8_t *body = ck_read_bytes(&in, size);
    ck_read_skip(&in, 4);
    if (in.failed) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "an aggregate message is cut short");
    }
    if (type == CK_RTMP_AGGREGATE) {
        return ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "an aggregate message within another");
    }
    if (first) {
        a->first_ms = time_ms;
    }
    size_t offset = size > 0 ? (size_t)(body - a->body.data) : 0;
    a->at = a->body.size - ck_reader_left(&in);
    if (!is_tag_type(type) || size == 0) {
        r->messages_ignored++;
        return CHALK_OK;
    }
    give_tag(r, type, a->timestamp_ms + (time_ms - a->first_ms),
             ck_slice_part(a->body, offset, size));
    return CHALK_OK;
}

int ck_rtmp_split_aggregate(ck_rtmp *r)
{
    ck_rtmp_aggregate *a = &r->aggregate;
    int status = CHALK_OK;
    while (status == CHALK_OK && a->at < a->body.size && has_event_room(r)) {
        status = split_one(r, a);
    }
    if (status < 0 || a->at >= a->body.size || r->state != CK_RTMP_STREAMING) {
        ck_slice_unref(&a->body);
        *a = (ck_rtmp_aggregate){.at = 0};
    }
    return status;
}

/* CHALK_OK, or CHALK_ERR_AGAIN for media that is passed over, or what ends the connection. */
static int admit(ck_rtmp *r, const ck_rtmp_message *message)
{
    bool client = r->config.role == CK_RTMP_CLIENT;
    bool receives = r->mode == (client ? CK_RTMP_PLAY : CK_RTMP_PUBLISH);
    if (!receives || message->body.size == 0) {
        return CHALK_ERR_AGAIN;
    }
    bool script = message->type == CK_RTMP_DATA || message->type == CK_RTMP_DATA_AMF3;
    if (client && r->state == CK_RTMP_STARTING && !script) {
        /* Not every server says Play.Start. */
        int status = ck_rtmp_client_playing(r);
        if (status < 0) {
            return status;
        }
    }
    if (r->state != CK_RTMP_STREAMING) {
        return CHALK_ERR_AGAIN;
    }
    if (message->stream == r->stream || (client && message->stream == 0)) {
        return CHALK_OK;
    }
    return client ? CHALK_ERR_AGAIN
                  : ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "media for a stream that was not created");
}

int ck_rtmp_handle_media(ck_rtmp *r, ck_rtmp_message *message)
{
    int status = admit(r, message);
    if (status < 0) {
        r->messages_ignored += status == CHALK_ERR_AGAIN;
        ck_slice_unref(&message->body);
        return status == CHALK_ERR_AGAIN ? CHALK_OK : status;
    }
    if (message->type == CK_RTMP_AGGREGATE) {
        r->aggregate =
            (ck_rtmp_aggregate){.body = message->body, .timestamp_ms = message->timestamp_ms};
        return ck_rtmp_split_aggregate(r);
    }
    uint8_t type = message->type;
    if (type == CK_RTMP_DATA_AMF3) {
        /* As with commands: a format byte, then AMF0. */
        type = CK_FLV_SCRIPT;
        if (message->body.data[0] == 0) {
            cut_front(&message->body, 1);
        }
    }
    give_tag(r, type, message->timestamp_ms, message->body);
    return CHALK_OK;
}

static enum ck_rtmp_lane lane_of(uint8_t type)
{
    switch (type) {
    case CK_FLV_AUDIO:
        return CK_RTMP_LANE_AUDIO;
    case CK_FLV_VIDEO:
        return CK_RTMP_LANE_VIDEO;
    default:
        return CK_RTMP_LANE_DATA;
    }
}

/* A publisher's metadata travel behind "@setDataFrame", by which servers know to keep them. */
static ck_slice frame_metadata(const ck_rtmp *r, ck_slice body)
{
    size_t prefix = sizeof set_data_frame - 1;
    ck_slice framed = ck_slice_new(r->alloc, prefix + body.size);
    if (framed.data != NULL) {
        memcpy(ck_slice_mutable(framed), set_data_frame, prefix);
        memcpy(ck_slice_mutable(framed) + prefix, body.data, body.size);
    }
    return framed;
}

static bool needs_frame(const ck_rtmp *r, const ck_flv_tag *tag)
{
    return r->config.role == CK_RTMP_CLIENT && tag->type == CK_FLV_SCRIPT &&
           STARTS(tag->body, on_meta_data);
}

static int check_send(const ck_rtmp *r, const ck_flv_tag *tag)
{
    bool client = r->config.role == CK_RTMP_CLIENT;
    if (r->state != CK_RTMP_STREAMING || r->mode != (client ? CK_RTMP_PUBLISH : CK_RTMP_PLAY)) {
        return CHALK_ERR_BAD_STATE;
    }
    if (!is_tag_type(tag->type) || tag->body.size == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    size_t frame = needs_frame(r, tag) ? sizeof set_data_frame - 1 : 0;
    if (tag->body.size > CK_RTMP_MESSAGE_MAX - frame) {
        return CHALK_ERR_TOO_LARGE;
    }
    size_t queued = ck_rtmp_sender_media_bytes(&r->out);
    /* A picture larger than the whole queue still fits an empty one. */
    if (queued > 0 &&
        (queued + tag->body.size > r->config.queue_bytes_max ||
         ck_rtmp_sender_media_ms_with(&r->out, tag->timestamp_ms) > r->config.queue_ms_max)) {
        return CHALK_ERR_AGAIN;
    }
    return CHALK_OK;
}

int ck_rtmp_send(ck_rtmp *r, const ck_flv_tag *tag)
{
    int status = check_send(r, tag);
    if (status < 0) {
        return status;
    }
    enum ck_rtmp_lane lane = lane_of(tag->type);
    ck_rtmp_queued message = {
        .body = needs_frame(r, tag) ? frame_metadata(r, tag->body) : ck_slice_ref(tag->body),
        .timestamp_ms = tag->timestamp_ms,
        .stream = r->stream,
        .type = tag->type,
        .chunk_stream = (uint8_t)(CK_RTMP_CHUNK_STREAM_COMMAND + lane),
    };
    if (message.body.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    status = ck_rtmp_queue_push(&r->out.lanes[lane], &message);
    if (status < 0) {
        ck_slice_unref(&message.body);
    }
    return status;
}

size_t ck_rtmp_drop_queued(ck_rtmp *r, enum ck_flv_type type)
{
    return ck_rtmp_queue_drop(&r->out.lanes[lane_of((uint8_t)type)]);
}

size_t ck_rtmp_queued_bytes(const ck_rtmp *r)
{
    return ck_rtmp_sender_media_bytes(&r->out);
}

uint32_t ck_rtmp_queued_ms(const ck_rtmp *r)
{
    return ck_rtmp_sender_media_ms(&r->out);
}
