/* Pictures and sound out: the application's render thread and the device's callback. */
#include "runtime/media/player_inside.h"

#include "base/check.h"

#include <string.h>

/* A step of the sound's time beyond this is a gap: time stamps wander less. */
#define GAP_US 15000
/* Sound that did not come, or was not taken, for so long is none. */
#define SOUNDLESS_US 2000000

/* --- pictures -------------------------------------------------------------------------------- */

chalk_video_frame *ck_player_pop_picture(ck_player *p)
{
    chalk_video_frame *oldest = p->pictures[0];
    p->picture_count--;
    /* NOLINTNEXTLINE(bugprone-sizeof-expression): what is moved are pointers */
    memmove(p->pictures, p->pictures + 1, p->picture_count * sizeof p->pictures[0]);
    return oldest;
}

void ck_player_drop_pictures(ck_player *p, size_t keep)
{
    while (p->picture_count > keep) {
        chalk_video_frame *oldest = ck_player_pop_picture(p);
        chalk_video_frame_unref(&oldest);
        p->stats.frames_dropped++;
    }
}

bool ck_player_claim_pictures(ck_player *p)
{
    return !atomic_exchange(&p->pictures_claimed, true);
}

void ck_player_release_pictures(ck_player *p)
{
    atomic_store(&p->pictures_claimed, false);
}

/* With the lock held. The sound has ended and nothing more will come to wait for. */
static bool has_ended(const ck_player *p)
{
    return p->closed && !ck_player_has_sound(p) && p->video_queue.count == 0;
}

/* With the lock held: the newest picture that is due; NULL when none is. */
static chalk_video_frame *choose(ck_player *p, uint64_t now_us)
{
    int64_t pts_us[CK_PLAYER_PICTURES];
    for (size_t i = 0; i < p->picture_count; i++) {
        pts_us[i] = p->pictures[i]->info.pts_us;
    }
    ck_player_follow(p, now_us);
    ck_avsync_pick pick = ck_avsync_choose(&p->avsync, pts_us, p->picture_count, now_us,
                                           now_us + p->display.lit_us, p->display.refresh_us);
    ck_player_drop_pictures(p, p->picture_count - pick.drop);
    if (!pick.show && has_ended(p) && p->picture_count > 0) {
        ck_player_drop_pictures(p, 1);
        pick.show = true;
    }
    return pick.show ? ck_player_pop_picture(p) : NULL;
}

static void count_shown(ck_player *p, const chalk_video_frame *picture)
{
    p->stats.frames_shown++;
    (void)ck_room_of_pts(&p->room, picture->info.pts_us, &p->stats.room_time_us); /* 0 without */
}

int ck_player_take(ck_player *p, chalk_video_frame **out)
{
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&p->lock);
    size_t before = p->picture_count;
    chalk_video_frame *chosen = choose(p, now_us);
    p->asked_us = now_us;
    if (chosen != NULL) {
        count_shown(p, chosen);
    }
    if (p->picture_count < before) {
        uv_cond_signal(&p->video_wake);
    }
    if (p->picture_count < before && p->frozen_since_us != 0) {
        uv_cond_signal(&p->audio_wake); /* it watches for standstills */
    }
    bool over = p->stop || (p->closed && p->picture_count == 0 && p->video_queue.count == 0);
    uv_mutex_unlock(&p->lock);
    *out = chosen;
    return chosen != NULL ? CHALK_OK : over ? CHALK_ERR_END : CHALK_ERR_AGAIN;
}

void ck_player_set_display(ck_player *p, uint32_t refresh_us, uint32_t lit_us)
{
    uv_mutex_lock(&p->lock);
    p->display.refresh_us = refresh_us;
    p->display.lit_us = lit_us;
    uv_mutex_unlock(&p->lock);
}

void ck_player_background(ck_player *p, bool background)
{
    uv_mutex_lock(&p->lock);
    p->background = background;
    p->need_key = p->need_key || background;
    uv_mutex_unlock(&p->lock);
}

/* --- sound (the reader's thread: no locks) --------------------------------------------------- */

static void tell_heard(ck_player *p, bool stands, uint32_t real, uint32_t delay_us, unsigned line)
{
    /* The sample after the last real one is heard when those before it have been. */
    uint64_t now_us = ck_clock_us();
    int64_t end_us = (int64_t)now_us + delay_us + (int64_t)real * 1000000 / CHALK_SAMPLE_RATE;
    atomic_fetch_add(&p->heard.turn, 1);
    atomic_store(&p->heard.pts_us, p->ring.next_pts_us);
    atomic_store(&p->heard.end_us, end_us);
    atomic_store(&p->heard.at_us, now_us);
    atomic_store(&p->heard.stands, stands);
    atomic_store(&p->heard.line, line);
    atomic_store(&p->heard.late_us, delay_us);
    atomic_fetch_add(&p->heard.turn, 1);
    atomic_store(&p->began, true);
}

static void count_read(ck_player *p, uint32_t frames, uint32_t got)
{
    if (frames > atomic_load_explicit(&p->largest_read, memory_order_relaxed)) {
        atomic_store_explicit(&p->largest_read, frames, memory_order_relaxed);
    }
    if (atomic_load(&p->began)) {
        atomic_fetch_add(&p->samples_played, frames);
        atomic_fetch_add(&p->samples_missed, frames - got);
        atomic_fetch_add(&p->missed_reads, got < frames);
    }
}

static void give_silence(ck_player *p, float *out, uint32_t frames, bool muted)
{
    memset(out, 0, (size_t)frames * CHALK_PLAYBACK_CHANNELS * sizeof(float));
    if (!p->silent) {
        ck_sound_edge_joint(&p->edge);
    }
    p->silent = true;
    ck_sound_edge_apply(&p->edge, out, frames, muted);
}

static ck_sound_piece read_piece(ck_player *p, float *out, uint32_t frames, bool muted)
{
    int64_t expected_us = p->ring.next_pts_us;
    ck_sound_piece piece = ck_sound_ring_take(&p->ring, out, frames);
    if (piece.kind == CK_SOUND_SILENCE) {
        give_silence(p, out, piece.frames, muted);
    } else if (piece.frames > 0) {
        /* After silence there is nothing that it could go on from, nor an expected time. */
        int64_t step_us = p->silent ? 0 : piece.pts_us - expected_us;
        if (p->silent || step_us > GAP_US || step_us < -GAP_US) {
            ck_sound_edge_joint(&p->edge);
        }
        p->silent = false;
        ck_sound_edge_apply(&p->edge, out, piece.frames, muted);
    }
    return piece;
}

uint32_t ck_player_read(ck_player *p, float *out, uint32_t frames, uint32_t delay_us)
{
    atomic_store(&p->read_at_us, ck_clock_us());
    bool muted = atomic_load(&p->muted);
    unsigned line = atomic_load(&p->sound_line); /* before the sound is taken that it is about */
    uint32_t got = 0, heard = 0, real = 0;
    bool stands = false, more = !atomic_load(&p->ended);
    while (more && got < frames) {
        float *to = out + (size_t)got * CHALK_PLAYBACK_CHANNELS;
        ck_sound_piece piece = read_piece(p, to, frames - got, muted);
        more = piece.frames > 0;
        got += piece.frames;
        real += piece.kind == CK_SOUND_SILENCE ? 0 : piece.frames;
        stands = piece.kind == CK_SOUND_HEARD ? piece.stands : stands;
        heard = piece.kind == CK_SOUND_HEARD ? got : heard;
    }
    if (got < frames) {
        float *to = out + (size_t)got * CHALK_PLAYBACK_CHANNELS;
        give_silence(p, to, frames - got, muted);
    }
    if (heard > 0) {
        tell_heard(p, stands, heard, delay_us, line);
    }
    count_read(p, frames, got);
    return real;
}

int64_t ck_player_read_pts(const ck_player *p)
{
    return p->ring.next_pts_us;
}

static void set_reader(ck_player *p, bool has_reader)
{
    uv_mutex_lock(&p->lock);
    p->has_reader = has_reader;
    atomic_store(&p->read_at_us, ck_clock_us());
    uv_cond_signal(&p->audio_wake);
    uv_mutex_unlock(&p->lock);
}

bool ck_player_claim_sound(ck_player *p)
{
    bool claimed = !atomic_exchange(&p->sound_claimed, true);
    if (claimed) {
        set_reader(p, true);
    }
    return claimed;
}

void ck_player_release_sound(ck_player *p)
{
    set_reader(p, false);
    atomic_store(&p->sound_claimed, false);
}

void ck_player_mute(ck_player *p, bool muted)
{
    atomic_store(&p->muted, muted);
}

/* --- whom it reaches (any thread) ------------------------------------------------------------ */

enum ck_player_hearing ck_player_hearing(ck_player *p, uint64_t now_us)
{
    uv_mutex_lock(&p->lock);
    bool arrives =
        p->last_sound_us != 0 && now_us - CK_MIN(p->last_sound_us, now_us) < SOUNDLESS_US;
    bool plays = arrives || ck_player_has_sound(p);
    uint64_t read_us = atomic_load(&p->read_at_us);
    bool taken = p->has_reader && now_us - CK_MIN(read_us, now_us) < SOUNDLESS_US;
    uv_mutex_unlock(&p->lock);
    if (!plays || atomic_load(&p->ended)) {
        return CK_PLAYER_NOT_PLAYING;
    }
    if (!taken) {
        return CK_PLAYER_NO_DEVICE;
    }
    return atomic_load(&p->muted) ? CK_PLAYER_MUTED : CK_PLAYER_HEARD;
}

bool ck_player_is_over(ck_player *p)
{
    uv_mutex_lock(&p->lock);
    bool over = p->stop || has_ended(p);
    uv_mutex_unlock(&p->lock);
    return over;
}
