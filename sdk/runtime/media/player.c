/* The life of a player. What it does is in player_in.c, player_video.c, player_audio.c,
 * player_clock.c and player_out.c. */
#include "runtime/media/player_inside.h"

#include "base/check.h"

static int init_locks(ck_player *p)
{
    int made = 0;
    bool ok = uv_mutex_init(&p->lock) == 0 && ++made && uv_mutex_init(&p->record_lock) == 0 &&
              ++made && uv_cond_init(&p->video_wake) == 0 && ++made &&
              uv_cond_init(&p->audio_wake) == 0;
    if (ok) {
        return CHALK_OK;
    }
    if (made >= 3) {
        uv_cond_destroy(&p->video_wake);
    }
    if (made >= 2) {
        uv_mutex_destroy(&p->record_lock);
    }
    if (made >= 1) {
        uv_mutex_destroy(&p->lock);
    }
    return CHALK_ERR_LIMIT;
}

static void free_player(ck_player *p)
{
    ck_player_clear(p);
    ck_player_clear_sound(p);
    ck_ring_free(&p->video_queue);
    ck_ring_free(&p->sound_configs);
    ck_jitter_destroy(&p->jitter);
    ck_player_drop_pictures(p, 0);
    ck_player_record_free(p);
    uv_cond_destroy(&p->video_wake);
    uv_cond_destroy(&p->audio_wake);
    uv_mutex_destroy(&p->record_lock);
    uv_mutex_destroy(&p->lock);
    ck_free(&ck_heap, p);
}

static int start_threads(ck_player *p)
{
    if (uv_thread_create(&p->video_thread, ck_player_run_video, p) != 0) {
        return CHALK_ERR_LIMIT;
    }
    if (uv_thread_create(&p->audio_thread, ck_player_run_audio, p) != 0) {
        uv_mutex_lock(&p->lock);
        p->stop = true;
        uv_cond_signal(&p->video_wake);
        uv_mutex_unlock(&p->lock);
        uv_thread_join(&p->video_thread);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
}

static int init_playout(ck_player *p)
{
    const ck_player_delays *delays = &p->config.delays;
    const ck_jitter_config config = {
        .alloc = &ck_heap,
        .mode = CK_JITTER_STREAM,
        .late_ppm = delays->late_ppm,
        .start_delay_ms = delays->start_ms,
        .max_delay_ms = delays->max_ms,
        .packets_max = CK_PLAYER_SOUNDS,
        .sample_rate = CHALK_SAMPLE_RATE,
    };
    const ck_delay_config pictures = {.late_ppm = delays->picture_late_ppm};
    p->delays = *delays;
    ck_delay_init(&p->arrivals, &pictures);
    ck_line_init(&p->time_line);
    ck_room_map_init(&p->room);
    ck_avsync_init(&p->avsync);
    ck_lead_init(&p->lead, p->created_us);
    int status = ck_jitter_create(&config, p->created_us, &p->jitter);
    if (status == CHALK_OK) {
        ck_player_apply_delays(p, p->created_us);
        status =
            ck_ring_init(&p->sound_configs, &ck_heap, sizeof(ck_sound_config), CK_PLAYER_CONFIGS);
    }
    if (status == CHALK_OK) {
        status = ck_ring_init(&p->video_queue, &ck_heap, sizeof(ck_packet), CK_PLAYER_PACKETS);
    }
    return status;
}

int ck_player_create(const ck_player_config *config, ck_player **out)
{
    ck_player *p = ck_new(&ck_heap, sizeof *p);
    if (p == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    p->config = *config;
    p->created_us = ck_clock_us();
    p->need_key = true;
    p->silent = true;
    atomic_store(&p->references, 1);
    atomic_store(&p->muted, config->muted);
    ck_sound_ring_init(&p->ring);
    ck_sound_edge_init(&p->edge, config->muted);
    int status = init_locks(p);
    if (status < 0) {
        ck_free(&ck_heap, p);
        return status;
    }
    status = init_playout(p);
    if (status == CHALK_OK) {
        status = start_threads(p);
    }
    if (status < 0) {
        free_player(p);
        return status;
    }
    *out = p;
    return CHALK_OK;
}

void ck_player_ref(ck_player *p)
{
    atomic_fetch_add(&p->references, 1);
}

void ck_player_unref(ck_player **player)
{
    ck_player *p = *player;
    *player = NULL;
    if (p != NULL && atomic_fetch_sub(&p->references, 1) == 1) {
        free_player(p);
    }
}

void ck_player_close(ck_player *p)
{
    (void)ck_player_record_stop(p, 0); /* not recording is fine */
    uv_mutex_lock(&p->lock);
    p->closed = true;
    uv_cond_signal(&p->audio_wake);
    uv_mutex_unlock(&p->lock);
}

void ck_player_stop(ck_player *p)
{
    if (p->stopped) {
        return;
    }
    p->stopped = true;
    ck_player_close(p);
    uv_mutex_lock(&p->lock);
    p->stop = true;
    uv_cond_signal(&p->video_wake);
    uv_cond_signal(&p->audio_wake);
    uv_mutex_unlock(&p->lock);
    uv_thread_join(&p->video_thread);
    uv_thread_join(&p->audio_thread);
    atomic_store(&p->ended, true);
    uv_mutex_lock(&p->lock);
    ck_player_drop_pictures(p, 0);
    uv_mutex_unlock(&p->lock);
    uv_mutex_lock(&p->record_lock);
    ck_recorder *recorder = p->recorder;
    p->recorder = NULL;
    uv_mutex_unlock(&p->record_lock);
    ck_recorder_destroy(&recorder);
}

void ck_player_set_delays(ck_player *p, const ck_player_delays *delays)
{
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&p->lock);
    p->delays = *delays;
    ck_jitter_set_late(p->jitter, delays->late_ppm, now_us);
    ck_player_apply_delays(p, now_us);
    uv_mutex_unlock(&p->lock);
}

void ck_player_notify(ck_player *p, enum ck_player_notice what, int status, int64_t value,
                      const char *text)
{
    p->config.notice(p->config.user, what, status, value, text);
}

void ck_player_get_stats(ck_player *p, ck_player_stats *stats)
{
    uv_mutex_lock(&p->lock);
    *stats = p->stats;
    uint64_t now_us = ck_clock_us();
    stats->sync = ck_avsync_get_stats(&p->avsync, now_us);
    stats->jitter = ck_jitter_get_stats(p->jitter);
    stats->room_source = (uint32_t)ck_room_source_of(&p->room);
    ck_player_tell_delay(p, now_us, stats);
    int64_t heard_us;
    if (stats->frames_shown == 0 && ck_player_position(p, now_us, &heard_us)) {
        (void)ck_room_of_pts(&p->room, heard_us, &stats->room_time_us); /* 0 without */
    }
    if (p->frozen_since_us != 0) {
        stats->freeze_us += now_us - p->frozen_since_us;
    }
    uv_mutex_unlock(&p->lock);
    stats->samples_played = atomic_load(&p->samples_played);
    stats->samples_concealed = stats->jitter.concealed_samples + atomic_load(&p->samples_missed);
}
