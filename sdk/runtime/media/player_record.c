/* Recording what is received, as it is. */
#include "runtime/media/player_inside.h"

#define OPENING_US      (1 * CK_US_PER_S)
#define OPENING_PACKETS 512
#define OPENING_BYTES   (8u << 20)

static void end_opening(ck_player *p)
{
    ck_packet_queue_free(&p->opening);
    p->opening_over = true;
}

void ck_player_record_free(ck_player *p)
{
    ck_packet_unref(&p->configs[0]);
    ck_packet_unref(&p->configs[1]);
    ck_packet_queue_free(&p->opening);
}

/* Who asks for a recording right after the playback was made wants it from the first key frame on,
 * which may come before the file is open: the first second waits for that. Without memory, or with
 * more than fits, a recording begins with the next key frame. */
static void keep_opening(ck_player *p, uint32_t media, const ck_packet *packet)
{
    if (p->opening_over) {
        return;
    }
    uint64_t now_us = ck_clock_us();
    bool first = p->opening_us == 0;
    p->opening_us = first ? now_us : p->opening_us;
    int status =
        first ? ck_packet_queue_init(&p->opening, OPENING_PACKETS, OPENING_BYTES) : CHALK_OK;
    bool late = now_us - p->opening_us > OPENING_US && p->recording != CK_RECORD_OPENING;
    if (status < 0 || late || !ck_packet_queue_put(&p->opening, media, packet)) {
        end_opening(p);
    }
}

void ck_player_record_packet(ck_player *p, uint32_t media, const ck_packet *packet)
{
    uv_mutex_lock(&p->record_lock);
    if (packet->config) {
        ck_packet *kept = &p->configs[media == CHALK_MEDIA_AUDIO];
        ck_packet_unref(kept);
        *kept = ck_packet_ref(packet);
    }
    if (p->recording == CK_RECORDING) {
        ck_recorder_put(p->recorder, media, packet);
    } else {
        keep_opening(p, media, packet);
    }
    uv_mutex_unlock(&p->record_lock);
}

static void record_began(void *user)
{
    ck_player_notify(user, CK_PLAYER_RECORD_BEGAN, CHALK_OK, 0, "");
}

/* Asked to, or because the disk is full: either way it ends once, and with the request if any. */
static void record_ended(void *user, int status)
{
    ck_player *p = user;
    uv_mutex_lock(&p->record_lock);
    p->recording = CK_NOT_RECORDING;
    uint64_t request = p->record_request;
    p->record_request = 0;
    uv_mutex_unlock(&p->record_lock);
    ck_player_notify(p, CK_PLAYER_RECORD_ENDED, status, (int64_t)request, "");
}

static void begin(ck_player *p, ck_recorder *recorder)
{
    p->recorder = recorder;
    for (int i = 0; i < 2; i++) {
        if (p->configs[i].payload.size > 0) {
            ck_recorder_put(recorder, i == 0 ? CHALK_MEDIA_VIDEO : CHALK_MEDIA_AUDIO,
                            &p->configs[i]);
        }
    }
    uint32_t media;
    ck_packet packet;
    while (!p->opening_over && ck_packet_queue_take(&p->opening, &media, &packet)) {
        ck_recorder_put(recorder, media, &packet);
        ck_packet_unref(&packet);
    }
    end_opening(p);
}

/* Marks the player as recording and takes out the recorder of an earlier time, whose thread has
 * nothing more to do; false while one is not complete. */
static bool reserve(ck_player *p, ck_recorder **old)
{
    uv_mutex_lock(&p->record_lock);
    bool idle = p->recording == CK_NOT_RECORDING;
    *old = idle ? p->recorder : NULL;
    if (idle) {
        p->recorder = NULL;
        p->recording = CK_RECORD_OPENING; /* nothing is put before there is a recorder */
    }
    uv_mutex_unlock(&p->record_lock);
    return idle;
}

int ck_player_record(ck_player *p, const char *path)
{
    ck_recorder *recorder = NULL;
    if (!reserve(p, &recorder)) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_recorder_destroy(&recorder);
    uv_mutex_lock(&p->record_lock);
    uint32_t video_codec = p->configs[0].codec; /* 0: none came yet */
    uint32_t audio_codec = p->configs[1].codec;
    uv_mutex_unlock(&p->record_lock);
    const ck_recorder_config config = {
        .codecs = p->config.codecs,
        .path = path,
        .has_video = true,
        .has_audio = true,
        .video_codec = video_codec,
        .audio_codec = audio_codec,
        .began = record_began,
        .ended = record_ended,
        .user = p,
    };
    int status =
        ck_recorder_create(&config, &recorder); /* not under the lock: a disk may be slow */
    uv_mutex_lock(&p->record_lock);
    p->recording = status == CHALK_OK ? CK_RECORDING : CK_NOT_RECORDING;
    if (status == CHALK_OK) {
        begin(p, recorder);
    }
    uv_mutex_unlock(&p->record_lock);
    return status;
}

int ck_player_record_stop(ck_player *p, uint64_t request)
{
    uv_mutex_lock(&p->record_lock);
    int status = p->recording == CK_RECORDING ? CHALK_OK : CHALK_ERR_BAD_STATE;
    if (status == CHALK_OK) {
        p->recording = CK_RECORD_STOPPING;
        p->record_request = request;
        ck_recorder_finish(p->recorder);
    }
    uv_mutex_unlock(&p->record_lock);
    return status;
}
