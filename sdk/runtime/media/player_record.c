/* Recording what is received, as it is. */
#include "runtime/media/player_inside.h"

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
        p->recording = CK_RECORD_STOPPING; /* nothing is put before there is a recorder */
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
