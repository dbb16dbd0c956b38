/* Tags in, on the loop's thread, to the two queues. */
#include "runtime/media/player_inside.h"

#include "base/check.h"
#include "runtime/media/tags.h"

/* --- queues (with the lock held) ------------------------------------------------------------- */

bool ck_player_pop(ck_player *p, ck_packet *out)
{
    if (!ck_ring_pop(&p->video_queue, out)) {
        return false;
    }
    p->queued_bytes -= out->payload.size;
    return true;
}

void ck_player_clear(ck_player *p)
{
    ck_packet packet;
    while (ck_player_pop(p, &packet)) {
        ck_packet_unref(&packet);
    }
}

void ck_player_clear_sound(ck_player *p)
{
    ck_sound_config config;
    while (ck_ring_pop(&p->sound_configs, &config)) {
        ck_packet_unref(&config.packet);
    }
}

static bool push(ck_player *p, const ck_packet *packet)
{
    ck_packet mine = ck_packet_ref(packet);
    if (!ck_ring_push(&p->video_queue, &mine)) {
        ck_packet_unref(&mine);
        return false;
    }
    p->queued_bytes += mine.payload.size;
    return true;
}

/* The first `count` packets go, the newest configuration among them stays: without it nothing that
 * follows can be decoded. */
static void drop_packets(ck_player *p, size_t count)
{
    ck_packet packet, config = {0};
    for (size_t i = 0; i < count && ck_player_pop(p, &packet); i++) {
        if (packet.config) {
            ck_packet_unref(&config);
            config = packet;
        } else {
            p->stats.frames_dropped++;
            ck_packet_unref(&packet);
        }
    }
    if (config.payload.size > 0) {
        ck_ring_push_front(&p->video_queue, &config); /* at least its own place is free */
        p->queued_bytes += config.payload.size;
    }
}

void ck_player_skip_pictures(ck_player *p)
{
    size_t key = 0;
    for (size_t i = 0; i < p->video_queue.count; i++) {
        const ck_packet *packet = ck_ring_at(&p->video_queue, i);
        key = packet->key && !packet->config ? i : key;
    }
    drop_packets(p, key);
}

/* Everything that belongs to the old time line goes; configurations that wait are the new one's. */
static void break_line(ck_player *p, uint64_t now_us)
{
    for (size_t i = 0; i < p->sound_configs.count; i++) {
        ck_sound_config *config = ck_ring_at(&p->sound_configs, i);
        config->from_us = INT64_MIN;
    }
    drop_packets(p, p->video_queue.count);
    ck_player_drop_pictures(p, 0);
    ck_jitter_restart(p->jitter, now_us);
    ck_delay_reset(&p->arrivals);
    ck_avsync_reset(&p->avsync);
    ck_room_map_init(&p->room);
    p->ran_out = false;
    p->flush_video = true;
    p->flush_audio = true;
    p->need_key = true;
}

/* A decoder that cannot keep up loses whole groups of pictures, not slices of them. */
static void put_picture(ck_player *p, const ck_packet *packet)
{
    bool picture = !packet->config;
    size_t size = packet->payload.size;
    if ((picture && p->background) || size > CK_PLAYER_BYTES) {
        p->need_key = p->need_key || picture;
        p->stats.frames_dropped += picture;
        return;
    }
    if (p->video_queue.count == p->video_queue.capacity ||
        p->queued_bytes + size > CK_PLAYER_BYTES) {
        drop_packets(p, p->video_queue.count);
        p->need_key = true;
    }
    if (picture && p->need_key && !packet->key) {
        p->stats.frames_dropped++;
        return;
    }
    bool pushed = push(p, packet);
    p->stats.frames_dropped += picture && !pushed;
    p->need_key = picture ? !pushed : p->need_key;
}

static void take_picture(ck_player *p, const ck_packet *packet, uint64_t now_us)
{
    p->stats.frames_received++;
    p->last_picture_us = now_us;
    p->alone_us = p->alone_us > p->last_sound_us ? p->alone_us : now_us;
    ck_delay_arrive(&p->arrivals, (int64_t)now_us - packet->dts_us, now_us);
    if (packet->key) {
        ck_jitter_key(p->jitter, packet->pts_us);
    }
}

static void put_sound_config(ck_player *p, const ck_packet *packet)
{
    ck_sound_config config = {ck_packet_ref(packet), INT64_MIN};
    if (p->sound_configs.count == CK_PLAYER_CONFIGS) {
        ck_sound_config oldest;
        (void)ck_ring_pop(&p->sound_configs, &oldest); /* there is one */
        ck_packet_unref(&oldest.packet);
    }
    (void)ck_ring_push(&p->sound_configs, &config); /* there is room */
}

/* A stream of which nothing can be decoded stands still, though all of it comes. */
static void refuse(ck_player *p, int why, uint64_t now_us)
{
    if (p->refused_us == 0) {
        p->refused_us = now_us;
        p->refused_why = why;
        uv_cond_signal(&p->audio_wake); /* it watches for standstills */
    }
}

static void put_sound(ck_player *p, const ck_packet *packet, uint64_t now_us)
{
    for (size_t i = 0; i < p->sound_configs.count; i++) {
        ck_sound_config *config = ck_ring_at(&p->sound_configs, i);
        config->from_us = config->from_us == INT64_MIN ? packet->pts_us : config->from_us;
    }
    ck_jitter_packet sound = {
        .pts_us = packet->pts_us,
        .duration_us = ck_intake_sound_us(&p->intake, packet),
        .key = true,
        .payload = ck_slice_ref(packet->payload),
    };
    bool fits = sound.duration_us > 0 && sound.payload.size <= CK_PLAYER_SOUND_MAX;
    if (!fits || ck_jitter_feed(p->jitter, &sound, now_us) < 0) {
        ck_slice_unref(&sound.payload);
        p->stats.decode_errors++;
        refuse(p, CHALK_ERR_CODEC, now_us);
        return; /* nobody will hear it, so it leads nobody */
    }
    p->last_sound_us = now_us;
    p->refused_us = 0;
}

static void queue_packet(ck_player *p, uint32_t media, const ck_packet *packet)
{
    bool video = media == CHALK_MEDIA_VIDEO;
    uint64_t now_us = ck_clock_us();
    enum ck_line_medium medium = video ? CK_LINE_PICTURE : CK_LINE_SOUND;
    uv_mutex_lock(&p->lock);
    if (!packet->config && ck_line_breaks(&p->time_line, medium, packet->dts_us, now_us)) {
        break_line(p, now_us);
    }
    if (packet->room_us != 0) {
        ck_room_pair(&p->room, CK_ROOM_PLAYLIST, packet->pts_us, packet->room_us, now_us);
    }
    if (video && !packet->config) {
        take_picture(p, packet, now_us);
    }
    if (video) {
        put_picture(p, packet);
    } else if (packet->config) {
        put_sound_config(p, packet);
    } else {
        put_sound(p, packet, now_us);
    }
    uv_cond_signal(video ? &p->video_wake : &p->audio_wake);
    if (video && (p->frozen_since_us != 0 || p->stats.frames_received == 1)) {
        uv_cond_signal(&p->audio_wake); /* it watches for standstills */
    }
    ck_player_measure_room(p, now_us);
    ck_room_change change = ck_player_room_change(p);
    uv_mutex_unlock(&p->lock);
    ck_player_tell_room(p, change);
}

/* --- in -------------------------------------------------------------------------------------- */

static void take_packet(ck_player *p, uint32_t media, ck_packet *packet)
{
    packet->capture_us = ck_clock_us();
    const char *told = packet->config ? ck_intake_describe(&p->intake, media, packet) : NULL;
    if (told != NULL) {
        ck_player_notify(p, CK_PLAYER_MEDIA, CHALK_OK, 0, told);
    }
    ck_player_record_packet(p, media, packet);
    queue_packet(p, media, packet);
}

/* Room time beside the media. Before any media its place on the line is not known. */
static void take_stamp(ck_player *p, const ck_flv_tag *tag)
{
    uint64_t room_us;
    int64_t beyond_us;
    if (!p->intake.has_time || ck_stamp_of_tag(tag, &room_us, &beyond_us) != CHALK_OK) {
        return;
    }
    int64_t pts_us = ck_intake_time_us(&p->intake, tag->timestamp_ms) + beyond_us;
    uv_mutex_lock(&p->lock);
    ck_room_pair(&p->room, CK_ROOM_DATA, pts_us, room_us, ck_clock_us());
    ck_room_change change = ck_player_room_change(p);
    uv_mutex_unlock(&p->lock);
    ck_player_tell_room(p, change);
}

static void take_refused(ck_player *p, const char *codec)
{
    uv_mutex_lock(&p->lock);
    refuse(p, CHALK_ERR_CODEC_UNKNOWN, ck_clock_us());
    uv_mutex_unlock(&p->lock);
    if (!p->bad_codec_told) {
        p->bad_codec_told = true;
        ck_player_notify(p, CK_PLAYER_BAD_CODEC, CHALK_ERR_CODEC_UNKNOWN, 0, codec);
    }
}

void ck_player_tag(ck_player *p, ck_flv_tag *tag)
{
    uint32_t media = 0;
    const char *refused = NULL;
    ck_packet packet;
    int status = ck_intake_tag(&p->intake, tag, &media, &packet, &refused);
    if (status == CHALK_OK) {
        take_packet(p, media, &packet);
        ck_packet_unref(&packet);
    } else if (status == CHALK_ERR_CODEC_UNKNOWN) {
        take_refused(p, refused);
    } else if (status == CHALK_ERR_BAD_DATA) {
        uv_mutex_lock(&p->lock);
        p->stats.decode_errors++;
        uv_mutex_unlock(&p->lock);
    } else if (tag->type == CK_FLV_SCRIPT) {
        take_stamp(p, tag);
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
    ck_intake_restart(&p->intake);
    p->bad_codec_told = false;
    uv_mutex_lock(&p->lock);
    p->need_key = true;
    ck_jitter_discontinuity(p->jitter);
    ck_delay_reset(&p->arrivals);
    uv_mutex_unlock(&p->lock);
}
