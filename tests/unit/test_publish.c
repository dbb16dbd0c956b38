#include "core/publish/backlog.h"
#include "core/publish/gate.h"
#include "support/check.h"

#include "base/check.h"

CK_TEST(backlog, spans_what_is_unsent)
{
    static ck_backlog b;
    ck_backlog_init(&b);
    CK_CHECK_EQ(ck_backlog_span_us(&b, 0), 0);
    for (int i = 0; i < 10; i++) {
        ck_backlog_add(&b, 100, i * 40000);
    }
    static const struct {
        size_t unsent;
        uint64_t span_us;
    } rows[] = {{5000, 360000}, {1000, 360000}, {901, 360000}, {900, 320000},
                {150, 40000},   {100, 0},       {0, 0}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_backlog_span_us(&b, rows[i].unsent) == rows[i].span_us);
    }
}

CK_TEST(backlog, is_bounded_and_still_right_when_full)
{
    static ck_backlog b;
    ck_backlog_init(&b);
    const int packets = 4 * CK_BACKLOG_PACKETS;
    for (int i = 0; i < packets; i++) {
        ck_backlog_add(&b, 10, i * 1000);
    }
    CK_CHECK_EQ(ck_backlog_span_us(&b, (size_t)packets * 10), (packets - 1) * 1000);
    CK_CHECK_EQ(ck_backlog_span_us(&b, 20), 1000);
}

/* One packet of a scene, and what the gate should do with it. */
typedef struct row {
    enum ck_gate_kind kind;
    bool key;
    int64_t dts_ms;
    uint64_t backlog_ms;
    ck_gate_answer expected;
} row;

static void play_scene(bool has_video, const row *rows, size_t count)
{
    ck_gate g;
    ck_gate_init(&g, 1000000, has_video);
    for (size_t i = 0; i < count; i++) {
        ck_gate_answer a = ck_gate_offer(&g, rows[i].kind, rows[i].key, rows[i].dts_ms * 1000,
                                         rows[i].backlog_ms * 1000);
        CK_CHECK_ROW(i, a.send == rows[i].expected.send);
        CK_CHECK_ROW(i, a.drop_queued == rows[i].expected.drop_queued);
        CK_CHECK_ROW(i, a.want_key == rows[i].expected.want_key);
    }
}

#define SEND                                                                                       \
    {                                                                                              \
        true, false, false                                                                         \
    }
#define DROP                                                                                       \
    {                                                                                              \
        false, false, false                                                                        \
    }
#define ASK                                                                                        \
    {                                                                                              \
        false, false, true                                                                         \
    }
#define CUT                                                                                        \
    {                                                                                              \
        false, true, false                                                                         \
    }

CK_TEST(gate, begins_with_a_key_frame)
{
    static const row rows[] = {
        {CK_GATE_SOUND, true, 0, 0, DROP},     {CK_GATE_PICTURE, false, 0, 0, ASK},
        {CK_GATE_PICTURE, true, 40, 0, SEND},  {CK_GATE_SOUND, true, 41, 0, SEND},
        {CK_GATE_PICTURE, false, 80, 0, SEND},
    };
    play_scene(true, rows, CK_COUNT_OF(rows));
}

CK_TEST(gate, sound_does_not_wait_for_ever)
{
    static const row rows[] = {
        {CK_GATE_SOUND, true, 500, 0, DROP},
        {CK_GATE_SOUND, true, 2499, 0, DROP},
        {CK_GATE_SOUND, true, 2500, 0, SEND},
        {CK_GATE_PICTURE, false, 2510, 0, ASK},
    };
    play_scene(true, rows, CK_COUNT_OF(rows));
}

CK_TEST(gate, without_pictures_sound_goes_at_once)
{
    static const row rows[] = {{CK_GATE_SOUND, true, 0, 0, SEND}};
    play_scene(false, rows, CK_COUNT_OF(rows));
}

CK_TEST(gate, drops_pictures_first_and_sound_last)
{
    static const row rows[] = {
        {CK_GATE_PICTURE, true, 0, 0, SEND},
        {CK_GATE_PICTURE, false, 40, 1000, SEND},
        {CK_GATE_PICTURE, false, 80, 1001, CUT},
        {CK_GATE_SOUND, true, 81, 1500, SEND},
        {CK_GATE_PICTURE, false, 120, 900, DROP},
        {CK_GATE_SOUND, true, 121, 2001, DROP},
        {CK_GATE_SOUND, true, 141, 1500, DROP}, /* stays shut until the limit is kept */
        {CK_GATE_SOUND, true, 161, 1000, SEND},
        {CK_GATE_PICTURE, true, 200, 600, DROP}, /* a key frame too early helps nobody */
        {CK_GATE_PICTURE, false, 240, 500, ASK},
        {CK_GATE_PICTURE, true, 280, 400, SEND},
        {CK_GATE_PICTURE, false, 320, 500, SEND},
    };
    play_scene(true, rows, CK_COUNT_OF(rows));
}

CK_TEST(gate, restart_needs_a_key_frame_and_keeps_counters)
{
    ck_gate g;
    ck_gate_init(&g, 1000000, true);
    CK_CHECK(!ck_gate_offer(&g, CK_GATE_PICTURE, false, 0, 0).send);
    CK_CHECK(ck_gate_offer(&g, CK_GATE_PICTURE, true, 1, 0).send);
    ck_gate_restart(&g);
    CK_CHECK(!ck_gate_offer(&g, CK_GATE_PICTURE, false, 2, 0).send);
    CK_CHECK_EQ(g.dropped, 2);
}
