#include "runtime/media/sender.h"

#include "chalkrail/codec.h"
#include "chalkrail/errors.h"

#include "base/check.h"

#include "runtime/media/tags.h"
#include "runtime/os/os.h"

#define STAMP_US 1000000 /* between two */

void ck_sender_init(ck_sender *s, bool has_video, bool has_audio, uint64_t limit_us,
                    ck_stamp_clock *stamps)
{
    *s = (ck_sender){.stamps = stamps, .expects_video = has_video, .expects_audio = has_audio};
    ck_gate_init(&s->gate, limit_us, has_video);
    ck_backlog_init(&s->backlog);
}

void ck_sender_free(ck_sender *s)
{
    ck_packet_unref(&s->video_config);
    ck_packet_unref(&s->audio_config);
}

void ck_sender_restart(ck_sender *s)
{
    s->headers_sent = false;
    s->stamped = false;
    s->picture_count = 0;
    s->waiting = false;
    ck_gate_restart(&s->gate);
    ck_backlog_init(&s->backlog);
}

void ck_sender_without(ck_sender *s, uint32_t media)
{
    if (media == CHALK_MEDIA_AUDIO) {
        s->expects_audio = false;
        return;
    }
    s->expects_video = false;
    s->gate.has_video = false; /* sound need not wait for it */
    s->gate.congested = false; /* that was about pictures */
}

static int send_tag(ck_sender *s, ck_flv_tag *tag, int64_t dts_us)
{
    size_t size = tag->body.size;
    int status = ck_link_send(s->link, tag);
    ck_slice_unref(&tag->body);
    if (status == CHALK_OK) {
        ck_backlog_add(&s->backlog, size, dts_us);
    }
    return status;
}

static int send_packet(ck_sender *s, const ck_packet *packet)
{
    ck_flv_tag tag;
    int status = ck_tag_of_packet(packet, &tag);
    if (status < 0) {
        return status;
    }
    size_t size = tag.body.size;
    bool video = tag.type == CK_FLV_VIDEO;
    status = send_tag(s, &tag, packet->dts_us);
    if (status == CHALK_OK && video) {
        size_t at = s->picture_count++ % CK_SENDER_PICTURES;
        s->pictures[at].bytes = (uint32_t)size;
        s->pictures[at].config = packet->config;
    }
    return status;
}

/* A configuration has no time of its own; it carries that of the packet behind it, or the span of
 * what is queued would be measured from the beginning of the stream. */
static int send_config(ck_sender *s, const ck_packet *config, int64_t dts_us)
{
    if (config->payload.size == 0) {
        return CHALK_OK;
    }
    ck_packet timed = *config;
    timed.dts_us = dts_us;
    timed.pts_us = dts_us;
    return send_packet(s, &timed);
}

static bool may_begin(ck_sender *s, int64_t dts_us)
{
    bool complete = (!s->expects_video || s->video_config.payload.size > 0) &&
                    (!s->expects_audio || s->audio_config.payload.size > 0);
    if (complete) {
        return true;
    }
    if (!s->waiting) {
        s->waiting = true;
        s->wait_since_us = dts_us;
    }
    return dts_us - s->wait_since_us >= CK_SENDER_PATIENCE_US;
}

static bool send_headers(ck_sender *s, int64_t dts_us)
{
    if (s->headers_sent || !may_begin(s, dts_us)) {
        return s->headers_sent;
    }
    ck_flv_tag meta;
    int status = ck_tag_of_meta(&s->video_config, &s->audio_config, &meta);
    if (status == CHALK_OK) {
        meta.timestamp_ms = (uint32_t)(dts_us / 1000);
        status = send_tag(s, &meta, dts_us);
    }
    if (status == CHALK_OK) {
        status = send_config(s, &s->video_config, dts_us);
    }
    if (status == CHALK_OK) {
        status = send_config(s, &s->audio_config, dts_us);
    }
    s->headers_sent = status == CHALK_OK;
    return s->headers_sent;
}

void ck_sender_config(ck_sender *s, uint32_t media, const ck_packet *config)
{
    ck_packet *kept = media == CHALK_MEDIA_VIDEO ? &s->video_config : &s->audio_config;
    ck_packet_unref(kept);
    *kept = ck_packet_ref(config);
    s->headers_sent = false; /* all of them again, in front of the next packet */
}

/* The protocol tells bytes; as it drops the newest first, they tell what it was. A configuration
 * among them has to be sent again. */
static uint64_t drop_queued(ck_sender *s)
{
    size_t bytes = ck_link_drop_pictures(s->link);
    uint64_t pictures = 0;
    for (size_t i = 0; bytes > 0 && s->picture_count > 0 && i < CK_SENDER_PICTURES; i++) {
        s->picture_count--;
        size_t newest = s->picture_count % CK_SENDER_PICTURES;
        bytes -= CK_MIN(s->pictures[newest].bytes, bytes);
        pictures += !s->pictures[newest].config;
        s->headers_sent = s->headers_sent && !s->pictures[newest].config;
    }
    return pictures;
}

static bool pass(ck_sender *s, const ck_packet *packet, enum ck_gate_kind kind,
                 ck_sender_result *result)
{
    ck_gate_answer answer =
        ck_gate_offer(&s->gate, kind, packet->key, packet->dts_us, ck_sender_backlog_us(s));
    result->taken_back = answer.drop_queued ? drop_queued(s) : 0;
    result->want_key = answer.want_key;
    return answer.send;
}

/* H.264 carries room time itself; this is for sound alone, and for codecs that have no place for
 * it: players that do not know it take it for a stream of data, and some warn of that. A stamp that
 * cannot be sent is none: the next comes in a second. */
static void send_stamp(ck_sender *s, const ck_packet *packet)
{
    int64_t since_us = packet->pts_us - s->stamp_us;
    bool due = !s->stamped || since_us >= STAMP_US;
    bool in_pictures =
        s->video_config.payload.size > 0 && s->video_config.codec == CHALK_CODEC_H264;
    if (s->stamps == NULL || !due || in_pictures || packet->capture_us == 0 || packet->pts_us < 0) {
        return;
    }
    ck_flv_tag tag;
    bool confirmed = false; /* this message has no place to say so */
    uint64_t room_us = ck_stamp_clock_at(s->stamps, packet->capture_us, ck_clock_us(), &confirmed);
    if (ck_tag_of_stamp(packet->pts_us, room_us, &tag) == CHALK_OK &&
        send_tag(s, &tag, packet->dts_us) == CHALK_OK) {
        s->stamped = true;
        s->stamp_us = packet->pts_us;
    }
}

ck_sender_result ck_sender_put(ck_sender *s, uint32_t media, const ck_packet *packet)
{
    enum ck_gate_kind kind = media == CHALK_MEDIA_VIDEO ? CK_GATE_PICTURE : CK_GATE_SOUND;
    ck_sender_result result = {0};
    result.sent = send_headers(s, packet->dts_us) && pass(s, packet, kind, &result) &&
                  send_packet(s, packet) == CHALK_OK;
    if (result.sent) {
        send_stamp(s, packet);
    }
    if (kind == CK_GATE_PICTURE && !result.sent) {
        ck_gate_lost_picture(&s->gate);
    }
    return result;
}

uint64_t ck_sender_backlog_us(ck_sender *s)
{
    return ck_backlog_span_us(&s->backlog, ck_link_unsent_bytes(s->link));
}
