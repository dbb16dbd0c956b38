/* A student: the cores that a player is made of, and its connection. */
#include "sim/lesson_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"

#define ASK_AGAIN_US 1000000 /* a request that got no answer */
#define ASK_BYTES    300
#define SHED_UNSENT  1200 /* segments: the edge closes what is so far behind */

static void drive(ck_student *s);

ck_sim *ck_student_sim_of(ck_student *s)
{
    return &s->lesson->sim;
}

uint64_t ck_student_now_of(ck_student *s)
{
    return s->lesson->sim.now_us;
}

bool ck_student_asleep(ck_student *s, ck_sim_fn again)
{
    bool is = ck_student_now_of(s) < s->asleep_until_us;
    if (is) {
        ck_sim_at(ck_student_sim_of(s), s->asleep_until_us, again, s, 0, 0);
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
        (void)ck_session_start(&s->session, CK_ORIGIN_USER, ck_student_now_of(s)); /* it is idle */
        drive(s);
    }
    ck_student_device_tick(s, 0, 0);
    ck_student_picture_tick(s, 0, 0);
    ck_student_trim_tick(s, 0, 0);
}

void ck_student_sleep(ck_student *s, uint64_t us)
{
    s->asleep_until_us = ck_student_now_of(s) + us;
}

void ck_student_trouble(ck_student *s, bool over)
{
    uint64_t limit =
        (uint64_t)(s->lesson->scenario->live_again_ms ? s->lesson->scenario->live_again_ms : 1000) *
        1000;
    bool late = s->live_since_us != 0 && ck_student_now_of(s) - s->live_since_us > limit;
    if (late) {
        ck_lesson_break(s->lesson, "not live again", s->live_since_us);
    }
    s->live_since_us = over ? ck_student_now_of(s) : 0;
}

/* --- media in -------------------------------------------------------------------------------- */

static void note_arrival(ck_student *s, const ck_item *item, size_t index)
{
    const ck_lesson_options *o = s->lesson->options;
    ck_lesson_report *r = s->lesson->report;
    if (s == s->lesson->students && r->arrival_count < o->arrivals_max) {
        o->arrivals[r->arrival_count++] =
            (ck_arrival){ck_student_now_of(s), item->pts_us, (uint16_t)index, item->bytes};
    }
}

static void take_sound(ck_student *s, const ck_item *item, size_t index, bool again)
{
    ck_jitter_packet packet = {
        .pts_us = item->pts_us,
        .duration_us = item->duration_us,
        .sequence = (uint16_t)index,
        .key = true,
        .extra = again,
    };
    note_arrival(s, item, index);
    if (ck_jitter_feed(s->jitter, &packet, ck_student_now_of(s)) < 0) {
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
        ck_session_accepted(&s->session, s->attempt, ck_student_now_of(s));
        drive(s);
        return;
    }
    const ck_item *item = &s->lesson->items[index];
    ck_session_media_progress(&s->session, s->attempt, ck_student_now_of(s));
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

void ck_student_ask_again(ck_student *s)
{
    uint16_t sequence;
    while (ck_jitter_poll_output(s->jitter, &sequence, ck_student_now_of(s))) {
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
    if (!ck_student_asleep(s, on_session_time)) {
        ck_session_on_deadline(&s->session, ck_student_now_of(s));
        drive(s);
    }
}

/* The way back is as slow as a round trip: what the student learns of is told then. */
static void on_lost(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_session_transport_failed(&s->session, (uint32_t)attempt, CHALK_ERR_DISCONNECTED,
                                ck_student_now_of(s));
    drive(s);
}

void ck_student_lost(ck_student *s)
{
    if (s->connection_count > 0) {
        ck_tcp_close(&s->connections[s->connection_count - 1]);
    }
    if (s->attempt != 0) {
        uint64_t at = ck_student_now_of(s) + s->lesson->scenario->down.delay_us;
        ck_sim_at(ck_student_sim_of(s), CK_MAX(at, s->asleep_until_us), on_lost, s, s->attempt, 0);
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
        ck_session_transport_failed(&s->session, s->attempt, CHALK_ERR_REFUSED,
                                    ck_student_now_of(s));
    } else {
        s->opened = true;
        ck_session_transport_opened(&s->session, s->attempt, ck_student_now_of(s));
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
        ck_sim_at(ck_student_sim_of(s), ck_student_now_of(s) + ASK_AGAIN_US, connect_edge, s,
                  attempt, 0);
    }
}

static void on_no_stream(void *student, uint64_t attempt, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_session_peer_closed(&s->session, (uint32_t)attempt, CHALK_ERR_NO_STREAM,
                           ck_student_now_of(s));
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
        ck_sim_at(ck_student_sim_of(s), ck_student_now_of(s) + ASK_AGAIN_US, ask_for_stream, s,
                  attempt, 0);
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
    ck_tcp_init(t, ck_student_sim_of(s), &s->lesson->down, &s->lesson->up, on_message, s);
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
        ck_session_finished(&s->session, out->attempt, ck_student_now_of(s));
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
        ck_sim_note(ck_student_sim_of(s), (uint64_t)event.to);
    }
    uint64_t at = ck_session_next_deadline(&s->session);
    bool sooner = s->session_at_us == 0 || at < s->session_at_us;
    if (at != CK_NEVER && sooner) {
        s->session_at_us = at;
        ck_sim_at(ck_student_sim_of(s), at, on_session_time, s, 0, 0);
    }
}

/* --- figures --------------------------------------------------------------------------------- */

void ck_student_sample(ck_student *s, ck_lesson_sample *sample)
{
    ck_jitter_stats stats = ck_jitter_get_stats(s->jitter);
    int64_t heard = s->heard_end_pts - (int64_t)(s->ready_ns / 1000) - CK_LESSON_PTS;
    uint64_t delay = s->playing ? ck_student_now_of(s) - (uint64_t)heard : 0;
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
    ck_avsync_stats stats = ck_avsync_get_stats(&s->avsync, ck_student_now_of(s));
    r->pictures += stats.frames_rendered;
    r->freezes += stats.freeze_count;
    r->freeze_us += stats.total_freezes_us;
    r->plays += s->first_heard_us != 0;
    ck_student_trouble(s, false);
    if (s->first_heard_us == 0) {
        ck_lesson_break(s->lesson, "never heard anything", 0);
    }
    if (!s->lesson->options->packets) {
        ck_session_stop(&s->session, CK_ORIGIN_USER, ck_student_now_of(s));
        drive(s);
        ck_session_on_deadline(&s->session, ck_student_now_of(s));
        drive(s);
        if (ck_session_state_of(&s->session) != CK_SESSION_CLOSED || s->attempt != 0) {
            ck_lesson_break(s->lesson, "a session did not end", s->attempt);
        }
    }
}
