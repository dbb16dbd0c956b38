/* A student: the cores that a player is made of, and a sound device and display that ask them. */
#include "sim/lesson_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"

#include <string.h>

#define TICK_NS      UINT64_C(10000000)
#define REFRESH_US   16667
#define BILLION      UINT64_C(1000000000)
#define ASK_AGAIN_US 1000000 /* a request that got no answer */
#define ASK_BYTES    300
#define SHED_UNSENT  1200 /* segments: the edge closes what is so far behind */
#define SETTLED_US   2000000
#define STEADY_US    5000000
#define TRIM_US      200000

static void drive(ck_student *s);
static void device_tick(void *student, uint64_t a, uint64_t b);
static void picture_tick(void *student, uint64_t a, uint64_t b);
static void trim_tick(void *student, uint64_t a, uint64_t b);

static ck_sim *sim_of(ck_student *s)
{
    return &s->lesson->sim;
}

static uint64_t now_of(ck_student *s)
{
    return s->lesson->sim.now_us;
}

static bool asleep(ck_student *s, ck_sim_fn again)
{
    bool is = now_of(s) < s->asleep_until_us;
    if (is) {
        ck_sim_at(sim_of(s), s->asleep_until_us, again, s, 0, 0);
    }
    return is;
}

/* --- life ------------------------------------------------------------------------------------ */

void ck_student_init(ck_student *s, ck_lesson *l)
{
    *s = (ck_student){.lesson = l};
    ck_avsync_init(&s->avsync);
    ck_trim_init(&s->trim);
    const ck_jitter_config jitter = {
        .alloc = &ck_test_heap,
        .mode = l->options->packets ? CK_JITTER_PACKETS : CK_JITTER_STREAM,
        .headers_only = true,
        .late_ppm = l->options->late_ppm,
    };
    const ck_session_config session = {.kind = CK_SESSION_PLAY};
    int status = ck_jitter_create(&jitter, 0, &s->jitter);
    if (status == CHALK_OK) {
        status = ck_session_init(&s->session, &session, ck_rng_next(&l->sim.rng), 0);
    }
    if (status < 0) {
        ck_lesson_break(l, "a core cannot be made", (uint64_t)-status);
    }
}

void ck_student_free(ck_student *s)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        ck_tcp_free(&s->connections[i]);
    }
    ck_jitter_destroy(&s->jitter);
}

void ck_student_join(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    ck_student_trouble(s, true);
    if (s->lesson->options->packets) {
        s->subscribed = true;
    } else {
        (void)ck_session_start(&s->session, CK_ORIGIN_USER, now_of(s)); /* it is idle */
        drive(s);
    }
    device_tick(s, 0, 0);
    picture_tick(s, 0, 0);
    trim_tick(s, 0, 0);
}

void ck_student_sleep(ck_student *s, uint64_t us)
{
    s->asleep_until_us = now_of(s) + us;
}

void ck_student_trouble(ck_student *s, bool over)
{
    uint64_t limit = (uint64_t)(s->lesson->scenario->live_again_ms
                                    ? s->lesson->scenario->live_again_ms
                                    : 1000) *
                     1000;
    bool late = s->live_since_us != 0 && now_of(s) - s->live_since_us > limit;
    if (late) {
        ck_lesson_break(s->lesson, "not live again", s->live_since_us);
    }
    s->live_since_us = over ? now_of(s) : 0;
}

/* --- media in -------------------------------------------------------------------------------- */

static void take_sound(ck_student *s, const ck_item *item, size_t index, bool again)
{
    ck_jitter_packet packet = {
        .pts_us = item->pts_us,
        .duration_us = item->duration_us,
        .sequence = (uint16_t)index,
        .key = true,
        .extra = again,
    };
    if (ck_jitter_feed(s->jitter, &packet, now_of(s)) < 0) {
        ck_lesson_break(s->lesson, "sound was refused", index);
    }
    uint32_t buffered = ck_jitter_get_stats(s->jitter).buffered;
    s->lesson->report->buffered_most = CK_MAX(s->lesson->report->buffered_most, buffered);
}

static void take_picture(ck_student *s, const ck_item *item)
{
    if (s->picture_count == CK_LESSON_PICTURES) {
        ck_lesson_break(s->lesson, "pictures are not bounded", s->picture_count);
        return;
    }
    s->pictures[s->picture_count++] = item->pts_us;
    if (item->key) {
        ck_jitter_key(s->jitter, item->pts_us);
    }
}

static void on_message(void *student, uint64_t index, uint64_t bytes)
{
    ck_student *s = student;
    s->bytes += bytes;
    if (index == CK_LESSON_ACCEPTED) {
        ck_session_accepted(&s->session, s->attempt, now_of(s));
        drive(s);
        return;
    }
    const ck_item *item = &s->lesson->items[index];
    ck_session_media_progress(&s->session, s->attempt, now_of(s));
    if (item->sound) {
        take_sound(s, item, index, false);
    } else {
        take_picture(s, item);
    }
}

static void on_packet(void *student, uint64_t index, uint64_t again)
{
    ck_student *s = student;
    s->bytes += s->lesson->items[index].bytes;
    take_sound(s, &s->lesson->items[index], index, again != 0);
}

static void on_asked_again(void *student, uint64_t sequence, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    size_t newest = s->lesson->item_count - 1;
    size_t index = newest - (uint16_t)((uint16_t)newest - (uint16_t)sequence);
    if (index <= newest) {
        ck_link_send(&s->lesson->down, s->lesson->items[index].bytes + 40, on_packet, s, index, 1);
    }
}

static void ask_again(ck_student *s)
{
    uint16_t sequence;
    while (ck_jitter_poll_output(s->jitter, &sequence, now_of(s))) {
        ck_link_send(&s->lesson->up, 60, on_asked_again, s, sequence, 0);
    }
}

void ck_student_send(ck_student *s, size_t index)
{
    const ck_item *item = &s->lesson->items[index];
    if (s->lesson->options->packets) {
        if (s->subscribed) {
            ck_link_send(&s->lesson->down, item->bytes + 40, on_packet, s, index, 0);
        }
        return;
    }
    ck_tcp *t = &s->connections[s->connection_count - 1];
    if (ck_tcp_unsent(t) > SHED_UNSENT || !ck_tcp_write(t, index, item->bytes)) {
        ck_student_lost(s);
    }
}

/* --- connection ------------------------------------------------------------------------------ */

static void on_session_time(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    s->session_at_us = 0;
    if (!asleep(s, on_session_time)) {
        ck_session_on_deadline(&s->session, now_of(s));
        drive(s);
    }
}

/* The way back is as slow as a round trip: what the student learns of is told then. */
static void on_lost(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_session_transport_failed(&s->session, (uint32_t)attempt, CHALK_ERR_DISCONNECTED, now_of(s));
    drive(s);
}

void ck_student_lost(ck_student *s)
{
    if (s->connection_count > 0) {
        ck_tcp_close(&s->connections[s->connection_count - 1]);
    }
    if (s->attempt != 0) {
        uint64_t at = now_of(s) + s->lesson->scenario->down.delay_us;
        ck_sim_at(sim_of(s), CK_MAX(at, s->asleep_until_us), on_lost, s, s->attempt, 0);
    }
    s->subscribed = false;
}

static void on_answer(void *student, uint64_t attempt, uint64_t status)
{
    ck_student *s = student;
    if (attempt != s->attempt || s->opened) {
        return;
    }
    if (status == 0) {
        ck_session_transport_failed(&s->session, s->attempt, CHALK_ERR_REFUSED, now_of(s));
    } else {
        s->opened = true;
        ck_session_transport_opened(&s->session, s->attempt, now_of(s));
    }
    drive(s);
}

static void on_connect(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_link_send(&s->lesson->down, 60, on_answer, s, attempt, s->lesson->edge_up);
}

static void connect_edge(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    if (attempt == s->attempt && !s->opened) {
        ck_link_send(&s->lesson->up, 60, on_connect, s, attempt, 0);
        ck_sim_at(sim_of(s), now_of(s) + ASK_AGAIN_US, connect_edge, s, attempt, 0);
    }
}

static void on_no_stream(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_session_peer_closed(&s->session, (uint32_t)attempt, CHALK_ERR_NO_STREAM, now_of(s));
    drive(s);
}

static void on_play(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    if (attempt != s->attempt || s->subscribed || !s->lesson->edge_up) {
        return;
    }
    if (!ck_lesson_has_stream(s->lesson)) {
        ck_link_send(&s->lesson->down, 200, on_no_stream, s, attempt, 0);
        return;
    }
    s->subscribed = ck_tcp_write(&s->connections[s->connection_count - 1], CK_LESSON_ACCEPTED, 200);
    ck_lesson_subscribe(s->lesson, s);
}

static void ask_for_stream(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    if (attempt == s->attempt && s->asked && !s->subscribed) {
        ck_link_send(&s->lesson->up, ASK_BYTES, on_play, s, attempt, 0);
        ck_sim_at(sim_of(s), now_of(s) + ASK_AGAIN_US, ask_for_stream, s, attempt, 0);
    }
}

static void open_connection(ck_student *s, uint32_t attempt)
{
    s->lesson->report->opens++;
    if (s->connection_count == CK_LESSON_CONNECTIONS) {
        ck_lesson_break(s->lesson, "too many connections", attempt);
        return;
    }
    ck_tcp *t = &s->connections[s->connection_count++];
    ck_tcp_init(t, sim_of(s), &s->lesson->down, &s->lesson->up, on_message, s);
    s->attempt = attempt;
    s->opened = false;
    s->asked = false;
    ck_jitter_discontinuity(s->jitter);
    connect_edge(s, attempt, 0);
}

static void act(ck_student *s, const ck_session_output *out)
{
    switch (out->action) {
    case CK_SESSION_OPEN:
        open_connection(s, out->attempt);
        break;
    case CK_SESSION_START:
        s->asked = true;
        ask_for_stream(s, out->attempt, 0);
        break;
    case CK_SESSION_FINISH:
        ck_session_finished(&s->session, out->attempt, now_of(s));
        break;
    case CK_SESSION_CLOSE:
        s->lesson->report->closes++;
        ck_tcp_close(&s->connections[s->connection_count - 1]);
        s->attempt = 0;
        s->subscribed = false;
        break;
    }
}

static void drive(ck_student *s)
{
    ck_session_output out;
    ck_session_event event;
    while (ck_session_poll_output(&s->session, &out)) {
        act(s, &out);
    }
    while (ck_session_poll_event(&s->session, &event)) {
        ck_sim_note(sim_of(s), (uint64_t)event.to);
    }
    uint64_t at = ck_session_next_deadline(&s->session);
    bool sooner = s->session_at_us == 0 || at < s->session_at_us;
    if (at != CK_NEVER && sooner) {
        s->session_at_us = at;
        ck_sim_at(sim_of(s), at, on_session_time, s, 0, 0);
    }
}

/* --- sound ----------------------------------------------------------------------------------- */

static void check_order(ck_student *s, const ck_jitter_out *out)
{
    if (s->any_pts && out->pts_us <= s->last_pts) {
        ck_lesson_break(s->lesson, "sound went back", (uint64_t)out->pts_us);
    }
    s->last_pts = out->pts_us;
    s->any_pts = true;
}

static void note_live(ck_student *s)
{
    if (s->live_since_us != 0) {
        uint64_t took = now_of(s) - s->live_since_us;
        s->lesson->report->live_again_us = CK_MAX(s->lesson->report->live_again_us, took);
        ck_student_trouble(s, false); /* tells when that was too long */
    }
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
        bool steady = now_of(s) > s->first_heard_us + STEADY_US;
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
    if (s->first_heard_us == 0) {
        s->first_heard_us = CK_MAX(now_of(s), 1);
    }
    s->ready_ns += made_ns * 1000000 / (uint64_t)(1000000 + s->trim_ppm);
    s->heard_end_pts = out->pts_us + (int64_t)out->duration_us;
    s->trim_ppm = out->speed == CK_JITTER_NORMAL
                      ? ck_trim_feed(&s->trim, out->behind_us, now_of(s))
                      : s->trim_ppm;
    s->playing = true;
    note_play(s, out, made_ns);
    note_live(s);
    ck_sim_note(sim_of(s), (uint64_t)out->pts_us ^ (uint64_t)out->speed << 48);
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
    uint64_t delay = now_of(s) - (uint64_t)(pts - CK_LESSON_PTS);
    ck_avsync_heard(&s->avsync, pts, now_of(s));
    s->delay_sum_ms += delay / 1000;
    s->delay_count++;
    s->lesson->delay_sum_ms += delay / 1000;
    s->lesson->delay_count++;
}

static void device_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    if (asleep(s, device_tick)) {
        return;
    }
    while (s->ready_ns < TICK_NS) {
        ck_jitter_out out;
        enum ck_jitter_answer answer =
            ck_jitter_pull(s->jitter, s->ready_ns / 1000, now_of(s), &out);
        if (answer == CK_JITTER_PLAY) {
            play(s, &out);
        } else {
            fill(s, &out);
        }
    }
    hear(s);
    s->ready_ns -= TICK_NS;
    ask_again(s);
    /* A device that is fast by n ppm takes its 10 ms in so much less of the world's time. */
    int64_t off_ns = (int64_t)TICK_NS * s->lesson->scenario->drift_ppm / 1000000;
    s->tick_ns += (uint64_t)((int64_t)TICK_NS - off_ns);
    uint64_t us = s->tick_ns / 1000;
    s->tick_ns %= 1000;
    ck_sim_at(sim_of(s), now_of(s) + us, device_tick, s, 0, 0);
}

/* --- picture --------------------------------------------------------------------------------- */

static void drop_pictures(ck_student *s, uint32_t count)
{
    s->picture_count -= count;
    memmove(s->pictures, s->pictures + count, s->picture_count * sizeof s->pictures[0]);
}

static void picture_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    if (asleep(s, picture_tick)) {
        return;
    }
    int64_t transit, position;
    if (ck_jitter_transit(s->jitter, &transit)) {
        ck_avsync_free(&s->avsync, transit, now_of(s));
    }
    uint64_t shown = ck_avsync_get_stats(&s->avsync, now_of(s)).frames_rendered;
    ck_avsync_pick pick = ck_avsync_choose(&s->avsync, s->pictures, s->picture_count, now_of(s),
                                           now_of(s), REFRESH_US);
    drop_pictures(s, (uint32_t)pick.drop);
    if (pick.show) {
        bool settled = s->first_heard_us != 0 && now_of(s) > s->first_heard_us + SETTLED_US;
        int64_t skew = ck_avsync_get_stats(&s->avsync, now_of(s)).skew_us;
        size_t ms = (size_t)CK_MIN((skew < 0 ? -skew : skew) / 1000, CK_LESSON_BUCKETS - 1);
        s->lesson->skew[ms] += settled && shown > 0 && s->playing;
        ck_sim_note(sim_of(s), (uint64_t)s->pictures[0]);
        drop_pictures(s, 1);
    }
    if (ck_avsync_position(&s->avsync, now_of(s), &position)) {
        if (s->any_position && position < s->last_position) {
            ck_lesson_break(s->lesson, "time went back", (uint64_t)position);
        }
        s->last_position = position;
        s->any_position = true;
    }
    ck_sim_at(sim_of(s), now_of(s) + REFRESH_US, picture_tick, s, 0, 0);
}

static void trim_tick(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    ck_jitter_event event;
    while (ck_jitter_poll_event(s->jitter, &event)) {
        ck_sim_note(sim_of(s), (uint64_t)event.kind << 56 ^ event.value_us);
    }
    ck_sim_at(sim_of(s), now_of(s) + TRIM_US, trim_tick, s, 0, 0);
}

/* --- figures --------------------------------------------------------------------------------- */

void ck_student_sample(ck_student *s, ck_lesson_sample *sample)
{
    ck_jitter_stats stats = ck_jitter_get_stats(s->jitter);
    int64_t heard = s->heard_end_pts - (int64_t)(s->ready_ns / 1000) - CK_LESSON_PTS;
    uint64_t delay = s->playing ? now_of(s) - (uint64_t)heard : 0;
    *sample = (ck_lesson_sample){
        .delay_ms = (uint32_t)(delay / 1000),
        .target_ms = stats.target_delay_ms,
        .buffered_ms = stats.buffered * 20,
        .kbps = (uint32_t)((s->bytes - s->sampled_bytes) * 8000 / CK_LESSON_EVERY_US),
        .frozen = s->frozen,
    };
    s->sampled_bytes = s->bytes;
    s->frozen = false;
}

void ck_student_finish(ck_student *s)
{
    ck_lesson_report *r = s->lesson->report;
    ck_avsync_stats stats = ck_avsync_get_stats(&s->avsync, now_of(s));
    r->pictures += stats.frames_rendered;
    r->freezes += stats.freeze_count;
    r->freeze_us += stats.total_freezes_us;
    r->plays += s->first_heard_us != 0;
    ck_student_trouble(s, false);
    if (s->first_heard_us == 0) {
        ck_lesson_break(s->lesson, "never heard anything", 0);
    }
    if (!s->lesson->options->packets) {
        ck_session_stop(&s->session, CK_ORIGIN_USER, now_of(s));
        drive(s);
        ck_session_on_deadline(&s->session, now_of(s));
        drive(s);
        if (ck_session_state_of(&s->session) != CK_SESSION_CLOSED || s->attempt != 0) {
            ck_lesson_break(s->lesson, "a session did not end", s->attempt);
        }
    }
}
