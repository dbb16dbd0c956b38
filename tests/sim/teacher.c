#include "sim/lesson_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/video.h"
#include "support/alloc.h"

#include <string.h>

#define SOUND_SAMPLES 1024
#define SOUND_RATE    48000
#define PACKET_US     20000
#define SOUND_BYTES   178
#define PICTURE_US    40000
#define KEY_EVERY     50
#define KEY_BYTES     20000
#define DELTA_BYTES   1500
#define BODY_MAX      (KEY_BYTES * 3 / 2)
#define LIMIT_US      2000000 /* the product's own: chalk_output_options.queue_max_ms */

/* --- stream ---------------------------------------------------------------------------------- */

static void note_backlog(ck_teacher *t)
{
    uint64_t bytes = ck_rtmp_queued_bytes(t->client.end.rtmp) + ck_tcp_unsent(t->client.end.out);
    t->queued_most = CK_MAX(t->queued_most, bytes);
}

static bool send_tag(ck_teacher *t, uint8_t type, uint32_t ms, const uint8_t *body, size_t size)
{
    ck_flv_tag tag = {type, ms, ck_slice_copy(&ck_test_heap, body, size)};
    bool sent = tag.body.data != NULL && ck_rtmp_send(t->client.end.rtmp, &tag) == CHALK_OK;
    ck_slice_unref(&tag.body);
    if (sent) {
        ck_backlog_add(&t->backlog, size, (int64_t)ms * 1000);
        note_backlog(t);
        ck_sim_end_pump(&t->client.end);
    }
    return sent;
}

static void send_headers(ck_teacher *t, uint32_t ms)
{
    static const uint8_t avcc[] = {1,  66, 0,  30, 0xff, 0xe1, 0,    4,   0x67,
                                   66, 0,  30, 1,  0,    2,    0x68, 0xce};
    static const uint8_t asc[] = {0x11, 0x90};
    uint8_t body[32];
    ck_flv_write_avc_head(body, true, CK_FLV_PACKET_CONFIG, 0);
    memcpy(body + CK_FLV_AVC_HEAD, avcc, sizeof avcc);
    bool sent = send_tag(t, CK_FLV_VIDEO, ms, body, CK_FLV_AVC_HEAD + sizeof avcc);
    ck_flv_write_aac_head(body, CK_FLV_PACKET_CONFIG);
    memcpy(body + CK_FLV_AAC_HEAD, asc, sizeof asc);
    t->headers_sent = send_tag(t, CK_FLV_AUDIO, ms, body, CK_FLV_AAC_HEAD + sizeof asc) && sent;
}

static bool passes(ck_teacher *t, enum ck_gate_kind kind, bool key, int64_t dts_us)
{
    uint64_t unsent = ck_rtmp_queued_bytes(t->client.end.rtmp) + ck_tcp_unsent(t->client.end.out);
    uint64_t backlog_us = ck_backlog_span_us(&t->backlog, unsent);
    ck_gate_answer answer = ck_gate_offer(&t->gate, kind, key, dts_us, backlog_us);
    if (answer.drop_queued) {
        (void)ck_rtmp_drop_queued(t->client.end.rtmp, CK_FLV_VIDEO);
    }
    t->want_key = t->want_key || answer.want_key;
    return answer.send;
}

static void offer(ck_teacher *t, enum ck_gate_kind kind, bool key, size_t size)
{
    static uint8_t body[BODY_MAX + CK_FLV_AVC_HEAD];
    int64_t dts_us = CK_LESSON_PTS + (int64_t)t->lesson->sim.now_us;
    uint32_t ms = (uint32_t)(dts_us / 1000);
    if (!t->live) {
        return;
    }
    if (!t->headers_sent) {
        send_headers(t, ms);
    }
    bool picture = kind == CK_GATE_PICTURE;
    if (picture) {
        ck_flv_write_avc_head(body, key, CK_FLV_PACKET_FRAMES, 0);
    } else {
        ck_flv_write_aac_head(body, CK_FLV_PACKET_FRAMES);
    }
    bool sent = passes(t, kind, key, dts_us) &&
                send_tag(t, picture ? CK_FLV_VIDEO : CK_FLV_AUDIO, ms, body, size);
    if (picture && !sent) {
        ck_gate_lost_picture(&t->gate);
    }
}

static void on_live(void *teacher)
{
    ck_teacher *t = teacher;
    t->live = true;
    t->headers_sent = false;
    t->want_key = true;
    ck_gate_restart(&t->gate);
    ck_backlog_init(&t->backlog);
}

static void on_lost(void *teacher)
{
    ck_teacher *t = teacher;
    t->live = false;
}

/* --- packets --------------------------------------------------------------------------------- */

/* What a relay does: no more than passing it on to all who listen. */
static void relay(void *lesson, uint64_t number, uint64_t b)
{
    (void)b;
    ck_lesson *l = lesson;
    for (uint32_t i = 0; i < l->student_count && l->edge.hub != NULL; i++) {
        if (l->students[i].joined) {
            ck_link_send(&l->down, SOUND_BYTES + 40, ck_student_packet, &l->students[i], number, 0);
        }
    }
}

void ck_teacher_again(ck_teacher *t, ck_student *s, uint16_t sequence)
{
    uint32_t newest = t->packets - 1;
    uint32_t back = (uint16_t)((uint16_t)newest - sequence);
    if (back < CK_LESSON_PACKETS && back <= newest && t->lesson->edge.hub != NULL) {
        ck_link_send(&t->lesson->down, SOUND_BYTES + 40, ck_student_packet, s, newest - back, 1);
    }
}

static void packet_tick(void *teacher, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_teacher *t = teacher;
    ck_lesson *l = t->lesson;
    ck_link_send(&l->publish, SOUND_BYTES + 40, relay, l, t->packets++, 0);
    ck_sim_at(&l->sim, (uint64_t)t->packets * PACKET_US, packet_tick, t, 0, 0);
}

/* --- what is seen and said ------------------------------------------------------------------- */

static void sound_tick(void *teacher, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_teacher *t = teacher;
    offer(t, CK_GATE_SOUND, false, SOUND_BYTES + CK_FLV_AAC_HEAD);
    t->sound_samples += SOUND_SAMPLES;
    ck_sim_at(&t->lesson->sim, t->sound_samples * 1000000 / SOUND_RATE, sound_tick, t, 0, 0);
}

static void picture_tick(void *teacher, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_teacher *t = teacher;
    bool key = t->want_key || t->picture_number % KEY_EVERY == 0;
    size_t bytes = key ? KEY_BYTES : DELTA_BYTES;
    size_t size = bytes / 2 + (size_t)ck_rng_below(&t->lesson->sim.rng, bytes);
    t->want_key = false;
    t->picture_number = key ? 1 : t->picture_number + 1;
    offer(t, CK_GATE_PICTURE, key, size + CK_FLV_AVC_HEAD);
    ck_sim_at(&t->lesson->sim, t->lesson->sim.now_us + PICTURE_US, picture_tick, t, 0, 0);
}

void ck_teacher_init(ck_teacher *t, ck_lesson *l)
{
    *t = (ck_teacher){.lesson = l};
    ck_gate_init(&t->gate, LIMIT_US, true);
    ck_backlog_init(&t->backlog);
    const ck_sim_client client = {.sim = &l->sim,
                                  .up = &l->publish,
                                  .down = &l->publish_acks,
                                  .edge = &l->edge,
                                  .kind = CK_SESSION_PUBLISH,
                                  .live = on_live,
                                  .lost = on_lost,
                                  .user = t};
    if (!ck_sim_client_init(&t->client, &client)) {
        ck_lesson_break(l, "a core cannot be made", 0);
    }
}

void ck_teacher_start(ck_teacher *t)
{
    if (t->lesson->options->packets) {
        packet_tick(t, 0, 0);
    } else {
        ck_sim_client_start(&t->client);
        sound_tick(t, 0, 0);
        picture_tick(t, 0, 0);
    }
}
