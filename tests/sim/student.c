/* A student: the cores that a player is made of, and its connection. */
#include "sim/lesson_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/video.h"
#include "support/alloc.h"

#define SOUND_US  21333 /* 1024 samples at 48 kHz */
#define PACKET_US 20000
/* Time-outs double: after an outage TCP may need as long again, and more where packets are lost. */
#define TCP_BACK_US 4000000
#define SILENCE_US  250000

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

/* --- media in -------------------------------------------------------------------------------- */

static void note_arrival(ck_student *s, const ck_jitter_packet *p, uint32_t bytes)
{
    const ck_lesson_options *o = s->lesson->options;
    ck_lesson_report *r = s->lesson->report;
    if (s == s->lesson->students && r->arrival_count < o->arrivals_max && !p->extra) {
        o->arrivals[r->arrival_count++] =
            (ck_arrival){ck_student_now_of(s), p->pts_us, p->sequence, bytes};
    }
}

static void take_sound(ck_student *s, ck_jitter_packet *p, uint32_t bytes)
{
    note_arrival(s, p, bytes);
    if (!s->fresh) {
        s->fresh = true;
        s->fresh_pts = p->pts_us;
    }
    if (ck_jitter_feed(s->jitter, p, ck_student_now_of(s)) < 0) {
        ck_lesson_break(s->lesson, "sound was refused", p->sequence);
    }
    uint32_t buffered = ck_jitter_get_stats(s->jitter).buffered;
    s->lesson->report->buffered_most = CK_MAX(s->lesson->report->buffered_most, buffered);
}

static void take_picture(ck_student *s, int64_t pts_us, bool key)
{
    if (s->picture_count == CK_LESSON_PICTURES) {
        ck_lesson_break(s->lesson, "pictures are not bounded", s->picture_count);
        return;
    }
    s->pictures[s->picture_count++] = pts_us;
    if (key) {
        ck_jitter_key(s->jitter, pts_us);
    }
}

static void on_media(void *student, const ck_flv_tag *tag)
{
    ck_student *s = student;
    ck_flv_audio sound;
    ck_flv_video picture;
    int64_t pts_us = (int64_t)tag->timestamp_ms * 1000;
    bool is_sound = tag->type == CK_FLV_AUDIO;
    int status = is_sound ? ck_flv_audio_parse(tag->body.data, tag->body.size, &sound)
                          : ck_flv_video_parse(tag->body.data, tag->body.size, &picture);
    if (status < 0) {
        ck_lesson_break(s->lesson, "media came broken", tag->timestamp_ms);
    } else if (is_sound && sound.packet_type == CK_FLV_PACKET_FRAMES) {
        ck_jitter_packet p = {.pts_us = pts_us,
                              .duration_us = SOUND_US,
                              .sequence = (uint16_t)s->sounds++,
                              .key = true};
        take_sound(s, &p, (uint32_t)tag->body.size);
    } else if (!is_sound && picture.packet_type == CK_FLV_PACKET_FRAMES) {
        take_picture(s, pts_us, picture.frame_type == CK_FLV_FRAME_KEY);
    }
}

/* Something is sent each 20 ms, so silence on a connection that survived is TCP's: it waits for its
 * time-out, at first or because what it sent again was lost again. */
static bool transport_is_silent(const ck_student *s, uint64_t now)
{
    bool stalls = s->survived && now - s->bytes_at_us > SILENCE_US;
    return s->over_us != 0 && (s->transport_waits || stalls);
}

/* TCP is back when bytes come again: how long that takes after the network healed is not the
 * player's doing, and is told apart. */
static void transport_back(ck_student *s)
{
    uint64_t now = ck_student_now_of(s);
    if (transport_is_silent(s, now)) {
        s->lesson->report->transport_us = CK_MAX(s->lesson->report->transport_us, now - s->over_us);
        s->transport_waits = false;
        s->live_us = now;
    }
}

static void on_bytes(void *student, size_t size)
{
    ck_student *s = student;
    s->bytes += size;
    transport_back(s);
    s->bytes_at_us = ck_student_now_of(s);
}

/* Another connection: time counts from when the network healed. */
static void on_lost(void *student)
{
    ck_student *s = student;
    ck_jitter_discontinuity(s->jitter);
    s->transport_waits = false;
    s->survived = false;
}

void ck_student_packet(void *student, uint64_t number, uint64_t again)
{
    ck_student *s = student;
    if (ck_student_now_of(s) < s->asleep_until_us) {
        return;
    }
    ck_jitter_packet p = {.pts_us = CK_LESSON_PTS + (int64_t)number * PACKET_US,
                          .duration_us = PACKET_US,
                          .sequence = (uint16_t)number,
                          .key = true,
                          .extra = again != 0};
    on_bytes(s, 180);
    take_sound(s, &p, 180);
}

static void on_asked_again(void *student, uint64_t sequence, uint64_t b)
{
    (void)b;
    ck_student *s = student;
    ck_teacher_again(&s->lesson->teacher, s, (uint16_t)sequence);
}

void ck_student_ask_again(ck_student *s)
{
    uint16_t sequence;
    while (ck_jitter_poll_output(s->jitter, &sequence, ck_student_now_of(s))) {
        ck_link_send(&s->lesson->up, 60, on_asked_again, s, sequence, 0);
    }
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
    const ck_sim_client client = {.sim = &l->sim,
                                  .up = &l->up,
                                  .down = &l->down,
                                  .edge = &l->edge,
                                  .kind = CK_SESSION_PLAY,
                                  .lost = on_lost,
                                  .media = on_media,
                                  .bytes = on_bytes,
                                  .user = s};
    if (ck_jitter_create(&jitter, 0, &s->jitter) < 0 || !ck_sim_client_init(&s->client, &client)) {
        ck_lesson_break(l, "a core cannot be made", 0);
    }
}

void ck_student_free(ck_student *s)
{
    ck_sim_client_free(&s->client);
    ck_jitter_destroy(&s->jitter);
}

void ck_student_join(void *student, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_student *s = student;
    s->joined = true;
    ck_student_trouble(s, true);
    if (!s->lesson->options->packets) {
        ck_sim_client_start(&s->client);
    }
    ck_student_device_tick(s, 0, 0);
    ck_student_picture_tick(s, 0, 0);
    ck_student_trim_tick(s, 0, 0);
}

void ck_student_sleep(ck_student *s, uint64_t us)
{
    s->asleep_until_us = ck_student_now_of(s) + us;
    ck_sim_client_sleep(&s->client, s->asleep_until_us);
}

void ck_student_trouble(ck_student *s, bool over)
{
    if (!s->joined) {
        return;
    }
    const ck_scenario *c = s->lesson->scenario;
    uint64_t now = ck_student_now_of(s);
    bool newcomer = s->first_heard_us == 0 || s->first_heard_us == now;
    uint32_t limit_ms = newcomer ? c->join_ms : c->live_again_ms;
    uint64_t limit_us = (uint64_t)(limit_ms != 0 ? limit_ms : 1000) * 1000;
    bool silent = transport_is_silent(s, now);
    if (s->over_us != 0 && !silent && now - s->live_us > limit_us) {
        ck_lesson_break(s->lesson, "not live again, us", now - s->live_us);
    }
    if (silent && now - s->over_us > TCP_BACK_US) {
        ck_lesson_break(s->lesson, "TCP did not come back, us", now - s->over_us);
    }
    s->over_us = over ? now : 0;
    s->live_us = s->over_us;
    s->fresh = !over;
    s->fresh_pts = INT64_MIN;
    s->transport_waits = over && s->client.conn != NULL;
    s->survived = s->transport_waits;
    s->bytes_at_us = now;
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
    s->joined = false;
    bool hangs_up = s->lesson->options->fault != CK_FAULT_LEAK;
    if (!s->lesson->options->packets && hangs_up) {
        ck_sim_client_stop(&s->client);
    }
}

void ck_student_check(ck_student *s)
{
    const ck_sim_client *c = &s->client;
    ck_lesson_report *r = s->lesson->report;
    r->opens += c->opens;
    r->closes += c->closes;
    if (c->opens != c->closes) {
        ck_lesson_break(s->lesson, "a transport was not closed", c->opens - c->closes);
    }
    if (c->twice || c->ended != (s->lesson->options->packets ? 0 : 1)) {
        ck_lesson_break(s->lesson, "something did not happen exactly once", c->ended);
    }
}

void ck_student_sample(ck_student *s, ck_lesson_sample *sample)
{
    ck_jitter_stats stats = ck_jitter_get_stats(s->jitter);
    int64_t heard = s->heard_end_pts - (int64_t)(s->ready_ns / 1000) - CK_LESSON_PTS;
    uint64_t delay = s->playing ? ck_student_now_of(s) - (uint64_t)heard : 0;
    uint64_t freezes_us = ck_avsync_get_stats(&s->avsync, ck_student_now_of(s)).total_freezes_us;
    *sample = (ck_lesson_sample){
        .delay_ms = (uint32_t)(delay / 1000),
        .target_ms = stats.target_delay_ms,
        .buffered_ms = stats.buffered * 20,
        .kbps = (uint32_t)((s->bytes - s->sampled_bytes) * 8000 / CK_LESSON_EVERY_US),
        .frozen = s->frozen,
        .stood_ms = (uint32_t)((freezes_us - s->sampled_freezes_us) / 1000),
    };
    s->sampled_bytes = s->bytes;
    s->sampled_freezes_us = freezes_us;
    s->frozen = false;
}
