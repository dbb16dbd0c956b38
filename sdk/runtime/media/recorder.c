#include "runtime/media/recorder.h"

#include "base/check.h"
#include "core/vp8/frame.h"
#include "runtime/media/courier.h"
#include "runtime/media/packet_queue.h"
#include "runtime/os/error.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* A step of the packets' times beyond these is another time line; it begins a little later. */
#define HELD_PACKETS  512
#define HELD_BYTES    (16u << 20)
#define JUMP_BACK_US  1000000
#define JUMP_AHEAD_US 10000000
#define JOINT_US      40000
#define NOTHING_YET   INT64_MIN

enum { VIDEO, AUDIO, MEDIA_COUNT };

struct ck_recorder {
    ck_recorder_config config;
    char *path;
    ck_courier *courier;
    atomic_uint_fast64_t bytes;
    atomic_uint_fast64_t frames;
    /* The courier's thread alone: */
    ck_packet configs[MEDIA_COUNT]; /* payload empty: not seen */
    size_t tracks[MEDIA_COUNT];
    bool has_track[MEDIA_COUNT];
    ck_muxer *muxer;
    bool waiting;
    int64_t first_seen_us;           /* dts of the first packet, while configurations are awaited */
    ck_packet_queue held;            /* before the file begins: from the newest key frame on */
    int64_t held_from_us;            /* dts of that key frame */
    int64_t base_us;                 /* dts that is time 0 in the file */
    int64_t written_us[MEDIA_COUNT]; /* newest time in the file, of each track; or NOTHING_YET */
    bool need_key;                   /* the time line broke: pictures go on with a key frame */
};

static int index_of(uint32_t media)
{
    return media == CHALK_MEDIA_VIDEO ? VIDEO : AUDIO;
}

static bool all_configs_known(const ck_recorder *r)
{
    return (!r->config.has_video || r->configs[VIDEO].payload.size > 0) &&
           (!r->config.has_audio || r->configs[AUDIO].payload.size > 0);
}

/* VP8 says its size in its key frames alone. The file begins with the one that is held first. */
static void add_size(const ck_recorder *r, ck_muxer_track *track)
{
    ck_vp8_frame frame;
    const ck_packet *key = ck_packet_queue_first(&r->held);
    if (track->codec == CHALK_CODEC_VP8 && key != NULL &&
        ck_vp8_frame_parse(key->payload.data, key->payload.size, &frame) == CHALK_OK) {
        track->width = frame.width;
        track->height = frame.height;
    }
}

static int open_file(ck_recorder *r, int64_t base_us)
{
    ck_muxer_track tracks[MEDIA_COUNT];
    size_t count = 0;
    memset(tracks, 0, sizeof tracks);
    for (int i = 0; i < MEDIA_COUNT; i++) {
        r->has_track[i] = r->configs[i].payload.size > 0;
        r->written_us[i] = NOTHING_YET;
        if (r->has_track[i]) {
            tracks[count].codec = r->configs[i].codec;
            tracks[count].config = r->configs[i].payload;
            add_size(r, &tracks[count]);
            r->tracks[i] = count++;
        }
    }
    int status = r->config.codecs->muxer_open(r->path, tracks, count, &r->muxer);
    if (status == CHALK_OK) {
        r->base_us = base_us;
        if (r->config.began != NULL) {
            r->config.began(r->config.user);
        }
    }
    return status;
}

/* While configurations are awaited, what the file can begin with is kept: the newest key frame and
 * all that came after it. One long group of pictures would otherwise be lost for a late microphone.
 */
static void hold(ck_recorder *r, uint32_t media, const ck_packet *packet)
{
    bool key = media == CHALK_MEDIA_VIDEO && packet->key;
    if (key) {
        ck_packet_queue_clear(&r->held);
        r->held_from_us = packet->dts_us;
    }
    if (key || r->held.ring.count > 0) {
        (void)ck_packet_queue_put(&r->held, media, packet); /* what does not fit is counted there */
    }
}

/* Whether the file can begin: all that is expected is known, or was waited for long enough. */
static bool may_begin(ck_recorder *r, int media, const ck_packet *packet)
{
    if (!r->waiting || packet->dts_us < r->first_seen_us) {
        r->waiting = true;
        r->first_seen_us = packet->dts_us;
    }
    bool patience_over = packet->dts_us - r->first_seen_us >= CK_RECORDER_PATIENCE_US;
    if (!all_configs_known(r) && !patience_over) {
        return false;
    }
    return r->configs[VIDEO].payload.size > 0 ? r->held.ring.count > 0 : media == AUDIO;
}

static int take_config(ck_recorder *r, int media, const ck_packet *config)
{
    ck_packet_unref(&r->configs[media]);
    r->configs[media] = ck_packet_ref(config);
    return r->muxer != NULL && r->has_track[media]
               ? r->config.codecs->muxer_write(r->muxer, r->tracks[media], config)
               : CHALK_OK;
}

/* Each track is compared with itself, for one may run well behind the other. */
static void follow_line(ck_recorder *r, int media, int64_t dts_us)
{
    int64_t newest = CK_MAX(r->written_us[VIDEO], r->written_us[AUDIO]);
    int64_t own = r->written_us[media];
    int64_t time = dts_us - r->base_us;
    bool back = own != NOTHING_YET && time < own - JUMP_BACK_US;
    bool ahead = newest != NOTHING_YET && time > newest + JUMP_AHEAD_US;
    if (back || ahead) {
        r->base_us = dts_us - newest - JOINT_US;
        r->need_key = true;
    }
}

static int write_media(ck_recorder *r, int i, const ck_packet *packet)
{
    follow_line(r, i, packet->dts_us);
    r->need_key = r->need_key && !(i == VIDEO && packet->key);
    if ((i == VIDEO && r->need_key) || packet->dts_us < r->base_us) {
        return CHALK_OK;
    }
    ck_packet shifted = *packet;
    shifted.pts_us -= r->base_us;
    shifted.dts_us -= r->base_us;
    r->written_us[i] = shifted.dts_us;
    int status = r->config.codecs->muxer_write(r->muxer, r->tracks[i], &shifted);
    if (status == CHALK_OK) {
        atomic_fetch_add(&r->bytes, packet->payload.size);
        atomic_fetch_add(&r->frames, 1);
    }
    return status;
}

static int write_held(ck_recorder *r)
{
    int status = CHALK_OK;
    uint32_t media;
    ck_packet packet;
    while (status >= 0 && ck_packet_queue_take(&r->held, &media, &packet)) {
        int i = index_of(media);
        status = r->has_track[i] ? write_media(r, i, &packet) : CHALK_OK;
        ck_packet_unref(&packet);
    }
    return status;
}

/* With pictures the file begins with the key frame that is held, without with this packet. */
static int begin_file(ck_recorder *r, int media, const ck_packet *packet)
{
    bool held = r->held.ring.count > 0; /* this packet is among them */
    int status = open_file(r, held ? r->held_from_us : packet->dts_us);
    if (status < 0) {
        return status;
    }
    return held ? write_held(r) : write_media(r, media, packet);
}

static int deliver(void *user, uint32_t media, const ck_packet *packet)
{
    ck_recorder *r = user;
    int i = index_of(media);
    if (packet->config) {
        return take_config(r, i, packet);
    }
    if (r->configs[i].payload.size == 0) {
        return CHALK_OK; /* cannot be decoded by anybody */
    }
    if (r->muxer == NULL) {
        hold(r, media, packet);
        return may_begin(r, i, packet) ? begin_file(r, i, packet) : CHALK_OK;
    }
    return r->has_track[i] ? write_media(r, i, packet) : CHALK_OK;
}

static void ended(void *user, int status)
{
    ck_recorder *r = user;
    if (r->muxer == NULL && status >= 0 && r->held.ring.count > 0) {
        status = open_file(r, r->held_from_us); /* it ended while it waited: what there is */
        status = status < 0 ? status : write_held(r);
    }
    if (r->muxer == NULL) {
        (void)remove(r->path); /* it is empty */
        status = status < 0 ? status : CHALK_ERR_NO_MEDIA;
    }
    if (r->muxer != NULL) {
        int closed = r->config.codecs->muxer_close(&r->muxer);
        status = status < 0 ? status : closed;
    }
    r->config.ended(r->config.user, status);
}

/* Says now what would otherwise come out with the first key frame. Every container holds H.264 and
 * AAC, which stand for what is not known yet. */
static int check_path(const ck_recorder_config *config)
{
    const char *path = config->path;
    uint32_t video = config->video_codec != 0 ? config->video_codec : CHALK_CODEC_H264;
    uint32_t audio = config->audio_codec != 0 ? config->audio_codec : CHALK_CODEC_AAC;
    if (!config->codecs->muxer_carries(path, video) ||
        !config->codecs->muxer_carries(path, audio)) {
        return CHALK_ERR_UNSUPPORTED;
    }
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        int status = ck_error_of_errno(errno);
        return status == CHALK_ERR_NOT_FOUND ? CHALK_ERR_IO : status; /* its folder is missing */
    }
    return fclose(file) == 0 ? CHALK_OK : ck_error_of_errno(errno);
}

int ck_recorder_create(const ck_recorder_config *config, ck_recorder **out)
{
    int status = check_path(config);
    if (status < 0) {
        return status;
    }
    ck_recorder *r = ck_new(&ck_heap, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    r->config = *config;
    r->path = ck_strdup(&ck_heap, config->path);
    r->config.path = r->path;
    status = r->path != NULL ? ck_packet_queue_init(&r->held, HELD_PACKETS, HELD_BYTES)
                             : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        const ck_courier_host host = {deliver, ended, r};
        status = ck_courier_create("chalk-record", &host, &r->courier);
    }
    if (status < 0) {
        ck_packet_queue_free(&r->held);
        ck_free(&ck_heap, r->path);
        ck_free(&ck_heap, r);
        return status;
    }
    *out = r;
    return CHALK_OK;
}

void ck_recorder_put(ck_recorder *r, uint32_t media, const ck_packet *packet)
{
    ck_courier_put(r->courier, media, packet);
}

void ck_recorder_finish(ck_recorder *r)
{
    ck_courier_finish(r->courier);
}

uint64_t ck_recorder_bytes(ck_recorder *r)
{
    return atomic_load(&r->bytes);
}

uint64_t ck_recorder_frames(ck_recorder *r)
{
    return atomic_load(&r->frames);
}

uint64_t ck_recorder_dropped(ck_recorder *r)
{
    return ck_courier_dropped(r->courier);
}

void ck_recorder_destroy(ck_recorder **recorder)
{
    ck_recorder *r = *recorder;
    if (r == NULL) {
        return;
    }
    ck_courier_destroy(&r->courier);
    ck_packet_queue_free(&r->held);
    ck_packet_unref(&r->configs[VIDEO]);
    ck_packet_unref(&r->configs[AUDIO]);
    ck_free(&ck_heap, r->path);
    ck_free(&ck_heap, r);
    *recorder = NULL;
}
