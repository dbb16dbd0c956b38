/* Sinks: what an application takes pictures and sound from. They hold a reference on the player and
 * outlive playback, session and runtime. */
#include "client/client.h"

#include "base/time.h"

struct chalk_video_sink {
    ck_player *player;
};

struct chalk_audio_sink {
    ck_player *player;
};

/* The player of a playback, with a reference, for the one sink of its kind. */
static int claim_player(chalk_session *s, chalk_playback_id id, bool (*claim)(ck_player *),
                        ck_player **out)
{
    int status = CHALK_ERR_NOT_FOUND;
    ck_client_enter(s);
    ck_client_playback **place = ck_find_playback(s, id);
    if (place != NULL) {
        ck_player *player = (*place)->player;
        status = player == NULL  ? CHALK_ERR_UNSUPPORTED
                 : claim(player) ? CHALK_OK
                                 : CHALK_ERR_BAD_STATE;
    }
    if (status == CHALK_OK) {
        *out = (*place)->player;
        ck_player_ref(*out);
    }
    ck_client_leave(s);
    return status;
}

int chalk_video_sink_open(chalk_session *s, chalk_playback_id id, chalk_video_sink **out)
{
    if (s == NULL || out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_player *player = NULL;
    int status = claim_player(s, id, ck_player_claim_pictures, &player);
    if (status < 0) {
        return status;
    }
    *out = ck_new(&ck_heap, sizeof **out);
    if (*out == NULL) {
        ck_player_release_pictures(player);
        ck_player_unref(&player);
        return CHALK_ERR_NO_MEMORY;
    }
    (*out)->player = player;
    return CHALK_OK;
}

int chalk_video_sink_take(chalk_video_sink *sink, chalk_video_frame **frame)
{
    return sink != NULL && frame != NULL ? ck_player_take(sink->player, frame)
                                         : CHALK_ERR_INVALID_ARGUMENT;
}

int chalk_video_sink_set_display(chalk_video_sink *sink, uint32_t refresh_us, uint32_t lit_us)
{
    if (sink == NULL || refresh_us > CK_US_PER_S || lit_us > CK_US_PER_S) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_player_set_display(sink->player, refresh_us, lit_us);
    return CHALK_OK;
}

void chalk_video_sink_close(chalk_video_sink **sink)
{
    if (sink != NULL && *sink != NULL) {
        ck_player_release_pictures((*sink)->player);
        ck_player_unref(&(*sink)->player);
        ck_free(&ck_heap, *sink);
        *sink = NULL;
    }
}

int chalk_audio_sink_open(chalk_session *s, chalk_playback_id id, chalk_audio_sink **out)
{
    if (s == NULL || out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_player *player = NULL;
    int status = claim_player(s, id, ck_player_claim_sound, &player);
    if (status < 0) {
        return status;
    }
    *out = ck_new(&ck_heap, sizeof **out);
    if (*out == NULL) {
        ck_player_release_sound(player);
        ck_player_unref(&player);
        return CHALK_ERR_NO_MEMORY;
    }
    (*out)->player = player;
    return CHALK_OK;
}

int chalk_audio_sink_read(chalk_audio_sink *sink, float *samples, uint32_t frames,
                          uint32_t delay_us)
{
    if (sink == NULL || samples == NULL || frames == 0 || frames > 9600) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return (int)ck_player_read(sink->player, samples, frames, delay_us);
}

int64_t chalk_audio_sink_pts_us(const chalk_audio_sink *sink)
{
    return sink != NULL ? ck_player_read_pts(sink->player) : INT64_MIN;
}

void chalk_audio_sink_close(chalk_audio_sink **sink)
{
    if (sink != NULL && *sink != NULL) {
        ck_player_release_sound((*sink)->player);
        ck_player_unref(&(*sink)->player);
        ck_free(&ck_heap, *sink);
        *sink = NULL;
    }
}
