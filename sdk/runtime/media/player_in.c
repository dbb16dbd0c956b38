/* Tags in, on the loop's thread: time stamps, what is told about the stream, the two queues. */
#include "runtime/media/player_inside.h"

#include "base/check.h"
#include "base/text.h"
#include "core/aac/config.h"
#include "core/flv/avcc.h"
#include "core/h264/params.h"
#include "runtime/media/tags.h"

/* FLV's 32-bit milliseconds on a line that does not wrap. */
static int64_t extend(ck_player *p, uint32_t ms)
{
    if (!p->has_time) {
        p->has_time = true;
        p->extended_ms = ms;
    } else {
        p->extended_ms += (int32_t)(ms - p->last_ms);
    }
    p->last_ms = ms;
    return p->extended_ms;
}

/* --- what is received ------------------------------------------------------------------------ */

static void describe_video(const ck_packet *config, char *out)
{
    ck_avcc record;
    ck_h264_sps sps;
    ck_text t = ck_text_of(out, CK_PLAYER_SHAPE_MAX);
    ck_text_add(&t, "H.264");
    if (ck_avcc_parse(config->payload.data, config->payload.size, &record) == CHALK_OK &&
        ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps) == CHALK_OK) {
        ck_text_add(&t, " ");
        ck_text_add_u64(&t, sps.width);
        ck_text_add(&t, "x");
        ck_text_add_u64(&t, sps.height);
    }
}

static void describe_audio(const ck_packet *config, char *out)
{
    ck_aac_config aac;
    ck_text t = ck_text_of(out, CK_PLAYER_SHAPE_MAX);
    ck_text_add(&t, "AAC");
    if (ck_aac_config_parse(config->payload.data, config->payload.size, &aac) == CHALK_OK) {
        ck_text_add(&t, " ");
        ck_text_add_u64(&t, aac.sample_rate_hz);
        ck_text_add(&t, " Hz");
    }
}

/* Publishers repeat their configuration; the host is told what changed. */
static void tell_media(ck_player *p, uint32_t media, const ck_packet *config)
{
    if (media == CHALK_MEDIA_VIDEO) {
        describe_video(config, p->video_shape);
    } else {
        describe_audio(config, p->audio_shape);
    }
    char text[sizeof p->shape_told];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, p->video_shape);
    ck_text_add(&t, p->video_shape[0] != '\0' && p->audio_shape[0] != '\0' ? ", " : "");
    ck_text_add(&t, p->audio_shape);
    if (!ck_text_equal(text, p->shape_told)) {
        (void)ck_text_copy(p->shape_told, sizeof p->shape_told, text); /* the same size */
        ck_player_notify(p, CK_PLAYER_MEDIA, CHALK_OK, 0, text);
    }
}

/* --- queues (with the lock held) ------------------------------------------------------------- */

bool ck_player_pop(ck_player *p, ck_ring *queue, ck_packet *out)
{
    if (!ck_ring_pop(queue, out)) {
        return false;
    }
    p->queued_bytes -= out->payload.size;
    return true;
}

void ck_player_clear(ck_player *p, ck_ring *queue)
{
    ck_packet packet;
    while (ck_player_pop(p, queue, &packet)) {
        ck_packet_unref(&packet);
    }
}

static bool push(ck_player *p, ck_ring *queue, const ck_packet *packet)
{
    ck_packet mine = ck_packet_ref(packet);
    if (!ck_ring_push(queue, &mine)) {
        ck_packet_unref(&mine);
        return false;
    }
    p->queued_bytes += mine.payload.size;
    return true;
}

/* Media goes, the newest configuration stays: without it nothing that follows can be decoded.
 * Returns how many media packets went. */
static size_t drop_media(ck_player *p, ck_ring *queue)
{
    ck_packet packet, config = {0};
    size_t dropped = 0;
    while (ck_player_pop(p, queue, &packet)) {
        if (packet.config) {
            ck_packet_unref(&config);
            config = packet;
        } else {
            dropped++;
            ck_packet_unref(&packet);
        }
    }
    if (config.payload.size > 0) {
        (void)push(p, queue, &config); /* the queue is empty */
    }
    ck_packet_unref(&config);
    return dropped;
}

/* Everything that belongs to the old time line goes. */
static void break_line(ck_player *p)
{
    p->stats.frames_dropped += drop_media(p, &p->video_queue);
    (void)drop_media(p, &p->audio_queue);
    ck_player_drop_pictures(p, 0);
    p->flush_video = true;
    p->flush_audio = true;
    p->need_key = true;
}

/* A decoder that cannot keep up loses whole groups of pictures, not slices of them. */
static void make_room(ck_player *p, ck_ring *queue, size_t size)
{
    bool video = queue == &p->video_queue;
    bool many = queue->count == queue->capacity;
    bool large = p->queued_bytes + size > CK_PLAYER_BYTES;
    if (large || (many && video)) {
        p->stats.frames_dropped += drop_media(p, &p->video_queue);
        p->need_key = true;
    }
    if ((large || many) && !video) {
        (void)drop_media(p, &p->audio_queue); /* concealed, and counted, as silence */
    }
}

static void put_packet(ck_player *p, uint32_t media, const ck_packet *packet)
{
    bool video = media == CHALK_MEDIA_VIDEO;
    ck_ring *queue = video ? &p->video_queue : &p->audio_queue;
    bool picture = video && !packet->config;
    if ((picture && p->background) || packet->payload.size > CK_PLAYER_BYTES) {
        p->need_key = p->need_key || picture;
        return;
    }
    make_room(p, queue, packet->payload.size);
    if (picture && p->need_key && !packet->key) {
        return;
    }
    bool pushed = push(p, queue, packet);
    p->need_key = picture ? !pushed : p->need_key;
}

static void queue_packet(ck_player *p, uint32_t media, const ck_packet *packet)
{
    bool video = media == CHALK_MEDIA_VIDEO;
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&p->lock);
    if (!packet->config) {
        enum ck_playout_kind kind = video ? CK_PLAYOUT_VIDEO : CK_PLAYOUT_AUDIO;
        if (ck_playout_on_packet(&p->playout, kind, packet->pts_us, now_us)) {
            break_line(p);
        }
        p->stats.frames_received += video;
        p->last_packet_us = now_us;
    }
    put_packet(p, media, packet);
    uv_cond_signal(video ? &p->video_wake : &p->audio_wake);
    if (video && (p->frozen_since_us != 0 || p->stats.frames_received == 1)) {
        uv_cond_signal(&p->audio_wake); /* it watches for standstills */
    }
    uv_mutex_unlock(&p->lock);
}

/* --- in -------------------------------------------------------------------------------------- */

static void take_packet(ck_player *p, uint32_t media, ck_packet *packet)
{
    packet->capture_us = ck_clock_us();
    if (packet->config) {
        tell_media(p, media, packet);
    }
    ck_player_record_packet(p, media, packet);
    queue_packet(p, media, packet);
}

void ck_player_tag(ck_player *p, ck_flv_tag *tag)
{
    uint32_t media = 0;
    const char *refused = NULL;
    ck_packet packet;
    int status = ck_packet_of_tag(tag, &media, &packet, &refused);
    if (status == CHALK_OK) {
        int64_t composition_us = packet.pts_us - packet.dts_us;
        packet.dts_us = packet.config ? 0 : extend(p, tag->timestamp_ms) * 1000;
        packet.pts_us = packet.dts_us + composition_us;
        take_packet(p, media, &packet);
        ck_packet_unref(&packet);
    } else if (status == CHALK_ERR_CODEC_UNKNOWN && !p->bad_codec_told) {
        p->bad_codec_told = true;
        ck_player_notify(p, CK_PLAYER_BAD_CODEC, status, 0, refused);
    } else if (status == CHALK_ERR_BAD_DATA) {
        uv_mutex_lock(&p->lock);
        p->stats.decode_errors++;
        uv_mutex_unlock(&p->lock);
    }
    ck_slice_unref(&tag->body);
}

void ck_player_packet(ck_player *p, uint32_t media, const ck_packet *packet)
{
    ck_packet mine = *packet; /* a look at the same payload: what is kept is referred to */
    take_packet(p, media, &mine);
}

void ck_player_discontinuity(ck_player *p)
{
    p->has_time = false;
    p->bad_codec_told = false;
    uv_mutex_lock(&p->lock);
    p->need_key = true;
    uv_mutex_unlock(&p->lock);
}
