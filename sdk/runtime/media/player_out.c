/* Pictures and sound out: the application's render thread and the device's callback. */
#include "runtime/media/player_inside.h"

#include "base/check.h"

#include <string.h>

/* A step of the sound's time beyond this is a gap. One AAC frame is 21 ms; time stamps wander less.
 */
#define GAP_US 15000

/* --- pictures -------------------------------------------------------------------------------- */

ck_picture ck_player_pop_picture(ck_player *p)
{
    ck_picture oldest = p->pictures[0];
    p->picture_count--;
    memmove(p->pictures, p->pictures + 1, p->picture_count * sizeof p->pictures[0]);
    return oldest;
}

void ck_player_drop_pictures(ck_player *p, size_t keep)
{
    while (p->picture_count > keep) {
        ck_picture oldest = ck_player_pop_picture(p);
        chalk_video_frame_unref(&oldest.frame);
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

/* With the lock held: what to do with the oldest picture. */
static enum ck_playout_answer judge(ck_player *p, bool replaces, uint64_t now_us)
{
    int64_t pts_us = p->pictures[0].frame->info.pts_us;
    int64_t position_us;
    uint64_t ask_at_us; /* the application asks at its own pace */
    enum ck_playout_answer answer = ck_playout_video(&p->playout, pts_us, now_us, &ask_at_us);
    bool running = ck_playout_position(&p->playout, now_us, &position_us);
    if (p->closed && !running) {
        return CK_PLAYOUT_SHOW; /* the sound has ended, and no more will come to wait for */
    }
    /* Late, but less so than the one that it replaces. */
    bool better = replaces && running && pts_us <= position_us;
    return answer == CK_PLAYOUT_DROP && better ? CK_PLAYOUT_SHOW : answer;
}

/* With the lock held: the newest picture that is due; frame NULL when none is. */
static ck_picture choose(ck_player *p, uint64_t now_us)
{
    ck_picture chosen = {NULL, INT64_MIN};
    while (p->picture_count > 0) {
        enum ck_playout_answer answer = judge(p, chosen.frame != NULL, now_us);
        if (answer == CK_PLAYOUT_WAIT) {
            break;
        }
        ck_picture left_over = ck_player_pop_picture(p);
        if (answer == CK_PLAYOUT_SHOW) {
            ck_picture newer = left_over;
            left_over = chosen;
            chosen = newer;
        }
        p->stats.frames_dropped += left_over.frame != NULL;
        chalk_video_frame_unref(&left_over.frame);
    }
    return chosen;
}

static void count_shown(ck_player *p, const ck_picture *picture)
{
    p->stats.frames_shown++;
    if (picture->room_offset_us != INT64_MIN) {
        p->stats.room_time_us = (uint64_t)(picture->frame->info.pts_us + picture->room_offset_us);
    }
}

int ck_player_take(ck_player *p, chalk_video_frame **out)
{
    uint64_t now_us = ck_clock_us();
    uv_mutex_lock(&p->lock);
    size_t before = p->picture_count;
    ck_picture chosen = choose(p, now_us);
    p->asked_us = now_us;
    if (chosen.frame != NULL) {
        count_shown(p, &chosen);
    }
    if (p->picture_count < before) {
        uv_cond_signal(&p->video_wake);
    }
    if (p->picture_count < before && p->frozen_since_us != 0) {
        uv_cond_signal(&p->audio_wake); /* it watches for standstills */
    }
    bool over = p->stop || (p->closed && p->picture_count == 0 && p->video_queue.count == 0);
    uv_mutex_unlock(&p->lock);
    *out = chosen.frame;
    return chosen.frame != NULL ? CHALK_OK : over ? CHALK_ERR_END : CHALK_ERR_AGAIN;
}

void ck_player_background(ck_player *p, bool background)
{
    uv_mutex_lock(&p->lock);
    p->background = background;
    p->need_key = p->need_key || background;
    uv_mutex_unlock(&p->lock);
}

/* --- sound (the reader's thread: no locks) --------------------------------------------------- */

static void tell_heard(ck_player *p, uint32_t real, uint32_t delay_us, unsigned line)
{
    /* The sample after the last real one is heard when those before it have been. */
    uint64_t now_us = ck_clock_us();
    int64_t end_at_us = (int64_t)now_us + delay_us + (int64_t)real * 1000000 / CHALK_SAMPLE_RATE;
    atomic_store(&p->heard_offset_us, p->ring.next_pts_us - end_at_us);
    atomic_store(&p->heard_at_us, now_us);
    atomic_store(&p->heard_line, line);
    atomic_store(&p->heard, true);
}

static void count_read(ck_player *p, uint32_t frames, uint32_t real)
{
    if (frames > atomic_load_explicit(&p->largest_read, memory_order_relaxed)) {
        atomic_store_explicit(&p->largest_read, frames, memory_order_relaxed);
    }
    if (atomic_load(&p->heard)) {
        atomic_fetch_add(&p->samples_played, frames);
        atomic_fetch_add(&p->samples_concealed, frames - real);
    }
}

/* One piece of real sound; 0 when there is none. */
static uint32_t read_piece(ck_player *p, float *out, uint32_t frames, bool muted)
{
    int64_t expected_us = p->ring.next_pts_us;
    int64_t pts_us = 0;
    uint32_t piece = ck_sound_ring_take(&p->ring, out, frames, &pts_us);
    if (piece == 0) {
        return 0;
    }
    if (p->silent || pts_us > expected_us + GAP_US || pts_us < expected_us - GAP_US) {
        ck_sound_edge_joint(&p->edge);
    }
    p->silent = false;
    ck_sound_edge_apply(&p->edge, out, piece, muted);
    return piece;
}

uint32_t ck_player_read(ck_player *p, float *out, uint32_t frames, uint32_t delay_us)
{
    const size_t channels = CHALK_PLAYBACK_CHANNELS;
    bool muted = atomic_load(&p->muted);
    unsigned line = atomic_load(&p->line); /* before the sound is taken that it is about */
    uint32_t real = 0;
    uint32_t piece = atomic_load(&p->ended) ? 0 : read_piece(p, out, frames, muted);
    while (piece > 0) {
        real += piece;
        piece = real < frames ? read_piece(p, out + real * channels, frames - real, muted) : 0;
    }
    if (real < frames) {
        memset(out + real * channels, 0, (frames - real) * channels * sizeof(float));
        if (!p->silent) {
            ck_sound_edge_joint(&p->edge);
        }
        p->silent = true;
        ck_sound_edge_apply(&p->edge, out + real * channels, frames - real, muted);
    }
    if (real > 0) {
        tell_heard(p, real, delay_us, line);
    }
    count_read(p, frames, real);
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
