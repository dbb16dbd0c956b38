/* The student's sound device and display: they ask the cores what to play and show. */
#include "sim/lesson_inside.h"

#include "base/check.h"

#include <string.h>

#define TRIM_US    200000
#define STEADY_US  5000000
#define SETTLED_US 2000000
#define BILLION    UINT64_C(1000000000)
#define REFRESH_US 16667
#define TICK_NS    UINT64_C(10000000)

/* --- sound ----------------------------------------------------------------------------------- */

static void check_order(ck_student *s, const ck_jitter_out *out)
{
    if (s->any_pts && out->pts_us <= s->last_pts) {
        ck_lesson_break(s->lesson, "sound went back", (uint64_t)out->pts_us);
    }
    s->last_pts = out->pts_us;
    s->any_pts = true;
}

/* Live again is who hears what came after the network healed. As long as what came before is heard,
 * nothing is missing. */
static void note_live(ck_student *s, int64_t pts_us)
{
    uint64_t now = ck_student_now_of(s);
    if (s->over_us == 0 || s->lesson->options->fault == CK_FAULT_DEAF) {
        return;
    }
    bool newcomer = s->first_heard_us == now;
    if (!newcomer && (!s->fresh || pts_us < s->fresh_pts)) {
        s->live_us = now;
        return;
    }
    ck_lesson_report *r = s->lesson->report;
    uint64_t took = now - s->live_us;
    r->join_us = newcomer ? CK_MAX(r->join_us, took) : r->join_us;
    r->live_again_us = newcomer ? r->live_again_us : CK_MAX(r->live_again_us, took);
    s->transport_waits = false;
    ck_student_trouble(s, false); /* tells when that was too long */
}

static void note_play(ck_student *s, const ck_jitter_out *out, uint64_t made_ns)
{
    ck_lesson_report *r = s->lesson->report;
    uint64_t media_ns = (uint64_t)out->duration_us * 1000;
    r->played_us += out->duration_us;
    r->inserted_us += made_ns > media_ns ? (made_ns - media_ns) / 1000 : 0;
    r->stretched_us += made_ns != media_ns ? made_ns / 1000 : 0;
    s->second_made_ns += made_ns;
    s->second_media_ns += media_ns;
    if (s->second_made_ns >= BILLION) {
        uint64_t off = s->second_made_ns > s->second_media_ns
                           ? s->second_made_ns - s->second_media_ns
                           : s->second_media_ns - s->second_made_ns;
        bool steady = ck_student_now_of(s) > s->first_heard_us + STEADY_US;
        size_t bucket = (size_t)CK_MIN(off * 1000 / s->second_media_ns, CK_LESSON_BUCKETS - 1u);
        s->lesson->rate[bucket] += steady;
        s->second_made_ns = 0;
        s->second_media_ns = 0;
    }
}

static void play(ck_student *s, const ck_jitter_out *out)
{
    uint64_t made_ns = (uint64_t)out->duration_us * 1000 * CK_JITTER_NORMAL / out->speed;
    ck_jitter_stretched(s->jitter, made_ns / 1000, out->duration_us);
    check_order(s, out);
    if (s->lesson->options->fault == CK_FAULT_BACK && out->pts_us % 1000000 < 20000) {
        check_order(s, out);
    }
    if (s->first_heard_us == 0) {
        s->first_heard_us = CK_MAX(ck_student_now_of(s), 1);
    }
    s->ready_ns += made_ns * 1000000 / (uint64_t)(1000000 + s->trim_ppm);
    s->heard_end_pts = out->pts_us + (int64_t)out->duration_us;
    s->trim_ppm = out->speed == CK_JITTER_NORMAL
                      ? ck_trim_feed(&s->trim, out->behind_us, ck_student_now_of(s))
                      : s->trim_ppm;
    s->playing = true;
    note_play(s, out, made_ns);
    note_live(s, out->pts_us);
    ck_sim_note(ck_student_sim_of(s), (uint64_t)out->pts_us ^ (uint64_t)out->speed << 48);
}

/* What is not played as received: nothing before the first sound counts. */
static void fill(ck_student *s, const ck_jitter_out *out)
{
    s->ready_ns += (uint64_t)out->duration_us * 1000;
    s->playing = false;
    if (s->first_heard_us != 0) {
        s->lesson->report->concealed_us += out->duration_us;
        s->frozen = true;
    }
}

static void hear(ck_student *s)
{
    if (!s->playing) {
        return;
    }
    int64_t pts = s->heard_end_pts - (int64_t)(s->ready_ns / 1000);
    uint64_t delay = ck_student_now_of(s) - (uint64_t)(pts - CK_LESSON_PTS);
    ck_avsync_heard(&s->avsync, pts, ck_student_now_of(s));
    s->delay_sum_ms += delay / 1000;
    s->delay_count++;
    s->lesson->delay_sum_ms += delay / 1000;
    s->lesson->delay_count++;
}

void ck_student_device_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    if (!s->joined || ck_student_asleep(s, ck_student_device_tick)) {
        return;
    }
    while (s->ready_ns < TICK_NS) {
        ck_jitter_out out;
        enum ck_jitter_answer answer =
            ck_jitter_pull(s->jitter, (int64_t)(s->ready_ns / 1000), ck_student_now_of(s), &out);
        if (answer == CK_JITTER_PLAY) {
            play(s, &out);
        } else {
            fill(s, &out);
        }
    }
    hear(s);
    s->ready_ns -= TICK_NS;
    ck_student_ask_again(s);
    /* A device that is fast by n ppm takes its 10 ms in so much less of the world's time. */
    int64_t off_ns = (int64_t)TICK_NS * s->lesson->scenario->drift_ppm / 1000000;
    s->tick_ns += (uint64_t)((int64_t)TICK_NS - off_ns);
    uint64_t us = s->tick_ns / 1000;
    s->tick_ns %= 1000;
    ck_sim_at(ck_student_sim_of(s), ck_student_now_of(s) + us, ck_student_device_tick, s, 0, 0);
}

/* --- picture --------------------------------------------------------------------------------- */

static void drop_pictures(ck_student *s, uint32_t count)
{
    s->picture_count -= count;
    memmove(s->pictures, s->pictures + count, s->picture_count * sizeof s->pictures[0]);
}

void ck_student_picture_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    if (!s->joined || ck_student_asleep(s, ck_student_picture_tick)) {
        return;
    }
    int64_t transit, position;
    if (ck_jitter_transit(s->jitter, &transit)) {
        ck_avsync_free(&s->avsync, transit, ck_student_now_of(s));
    }
    uint64_t shown = ck_avsync_get_stats(&s->avsync, ck_student_now_of(s)).frames_rendered;
    ck_avsync_pick pick = ck_avsync_choose(&s->avsync, s->pictures, s->picture_count,
                                           ck_student_now_of(s), ck_student_now_of(s), REFRESH_US);
    drop_pictures(s, (uint32_t)pick.drop);
    if (pick.show) {
        bool settled =
            s->first_heard_us != 0 && ck_student_now_of(s) > s->first_heard_us + SETTLED_US;
        int64_t skew = ck_avsync_get_stats(&s->avsync, ck_student_now_of(s)).skew_us;
        size_t ms = (size_t)CK_MIN((skew < 0 ? -skew : skew) / 1000, CK_LESSON_BUCKETS - 1);
        s->lesson->skew[ms] += settled && shown > 0 && s->playing;
        ck_sim_note(ck_student_sim_of(s), (uint64_t)s->pictures[0]);
        drop_pictures(s, 1);
    }
    if (ck_avsync_position(&s->avsync, ck_student_now_of(s), &position)) {
        if (s->any_position && position < s->last_position) {
            ck_lesson_break(s->lesson, "time went back", (uint64_t)position);
        }
        s->last_position = position;
        s->any_position = true;
    }
    ck_sim_at(ck_student_sim_of(s), ck_student_now_of(s) + REFRESH_US, ck_student_picture_tick, s,
              0, 0);
}

void ck_student_trim_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    ck_jitter_event event;
    while (ck_jitter_poll_event(s->jitter, &event)) {
        ck_sim_note(ck_student_sim_of(s), (uint64_t)event.kind << 56 ^ event.value_us);
    }
    ck_sim_at(ck_student_sim_of(s), ck_student_now_of(s) + TRIM_US, ck_student_trim_tick, s, 0, 0);
}
