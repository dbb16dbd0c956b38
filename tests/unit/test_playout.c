#include "chalkrail/errors.h"
#include "core/playout/playout.h"
#include "support/check.h"

#include "base/check.h"

#define MS 1000

static ck_playout playout_of(ck_playout_config config)
{
    ck_playout p;
    CK_CHECK_EQ(ck_playout_init(&p, &config, 0), CHALK_OK);
    return p;
}

static bool sound(ck_playout *p, int64_t pts_ms, uint64_t now_ms)
{
    return ck_playout_on_packet(p, CK_PLAYOUT_AUDIO, pts_ms * MS, now_ms * MS);
}

static bool picture(ck_playout *p, int64_t pts_ms, uint64_t now_ms)
{
    return ck_playout_on_packet(p, CK_PLAYOUT_VIDEO, pts_ms * MS, now_ms * MS);
}

static enum ck_playout_answer ask_audio(ck_playout *p, int64_t first_ms, uint64_t queued_ms,
                                        uint64_t now_ms, int64_t *skip_to_ms)
{
    int64_t skip_to = 0;
    enum ck_playout_answer answer =
        ck_playout_audio(p, first_ms * MS, queued_ms * MS, now_ms * MS, &skip_to);
    *skip_to_ms = skip_to / MS;
    return answer;
}

static enum ck_playout_answer ask_video(ck_playout *p, int64_t pts_ms, uint64_t now_ms,
                                        uint64_t *ask_at_ms)
{
    uint64_t ask_at = 0;
    enum ck_playout_answer answer = ck_playout_video(p, pts_ms * MS, now_ms * MS, &ask_at);
    *ask_at_ms = ask_at / MS;
    return answer;
}

/* Sound of 200 ms from pts 0 on, playing since 200 ms with pts 0. */
static ck_playout playing(ck_playout_config config)
{
    ck_playout p = playout_of(config);
    int64_t skip;
    for (int i = 0; i <= 10; i++) {
        sound(&p, i * 20, (uint64_t)i * 20);
    }
    CK_CHECK_EQ(ask_audio(&p, 0, 200, 200, &skip), CK_PLAYOUT_PLAY);
    return p;
}

CK_TEST(playout, starts_sound_when_the_delay_is_there)
{
    ck_playout p = playout_of((ck_playout_config){0});
    int64_t skip;
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 0, &skip), CK_PLAYOUT_WAIT);
    sound(&p, 0, 10);
    CK_CHECK_EQ(ask_audio(&p, 0, 20, 10, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_audio(&p, 0, 199, 200, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_audio(&p, 0, 200, 210, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK_EQ(ask_audio(&p, 10, 10, 220, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK_EQ(ck_playout_get_stats(&p).underruns, 0);
    CK_CHECK_EQ(ck_playout_get_stats(&p).delay_ms, 200);
}

CK_TEST(playout, starts_short_sound_after_twice_the_delay)
{
    ck_playout p = playout_of((ck_playout_config){0});
    int64_t skip;
    sound(&p, 0, 100);
    CK_CHECK_EQ(ask_audio(&p, 0, 20, 499, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 500, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_audio(&p, 0, 20, 500, &skip), CK_PLAYOUT_PLAY);
}

CK_TEST(playout, begins_at_the_live_edge_of_a_burst)
{
    ck_playout p = playout_of((ck_playout_config){0});
    int64_t skip;
    for (int i = 0; i < 40; i++) {
        sound(&p, i * 20, 5);
        picture(&p, i * 20, 5);
    }
    CK_CHECK_EQ(ask_audio(&p, 0, 800, 6, &skip), CK_PLAYOUT_SKIP);
    CK_CHECK_EQ(skip, 600);
    CK_CHECK_EQ(ask_audio(&p, 600, 200, 6, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK_EQ(ck_playout_get_stats(&p).skips, 0);
    uint64_t ask_at;
    CK_CHECK_EQ(ask_video(&p, 0, 6, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 20, 7, &ask_at), CK_PLAYOUT_DROP);
    CK_CHECK_EQ(ask_video(&p, 600, 8, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 640, 8, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 46);
}

CK_TEST(playout, lets_the_picture_follow_the_sound)
{
    ck_playout p = playing((ck_playout_config){0});
    uint64_t ask_at;
    CK_CHECK_EQ(ask_video(&p, 0, 200, &ask_at), CK_PLAYOUT_SHOW);
    /* The device is 30 ms behind what was handed to it. */
    ck_playout_audio_played(&p, 20 * MS, 250 * MS);
    CK_CHECK_EQ(ask_video(&p, 40, 250, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 270);
    CK_CHECK_EQ(ask_video(&p, 40, 273, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ck_playout_get_stats(&p).skew_us, -3 * MS);
    int64_t position;
    CK_CHECK(ck_playout_position(&p, 280 * MS, &position));
    CK_CHECK_EQ(position, 50 * MS);
    /* A device that has gone silent does not carry the picture away. */
    CK_CHECK(ck_playout_position(&p, 5000 * MS, &position));
    CK_CHECK_EQ(position, 270 * MS);
    /* Reports can be stamped a little later than the caller's now. */
    CK_CHECK(ck_playout_position(&p, 240 * MS, &position));
    CK_CHECK_EQ(position, 20 * MS);
}

CK_TEST(playout, drops_late_pictures_but_never_freezes)
{
    ck_playout p = playing((ck_playout_config){0});
    uint64_t ask_at;
    CK_CHECK_EQ(ask_video(&p, 0, 200, &ask_at), CK_PLAYOUT_SHOW);
    ck_playout_audio_played(&p, 100 * MS, 300 * MS);
    CK_CHECK_EQ(ask_video(&p, 20, 300, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 19, 300, &ask_at), CK_PLAYOUT_DROP);
    ck_playout_audio_played(&p, 349 * MS, 549 * MS);
    CK_CHECK_EQ(ask_video(&p, 40, 549, &ask_at), CK_PLAYOUT_DROP);
    CK_CHECK_EQ(ask_video(&p, 40, 550, &ask_at), CK_PLAYOUT_SHOW);
    ck_playout_stats stats = ck_playout_get_stats(&p);
    CK_CHECK_EQ(stats.pictures_shown, 3);
    CK_CHECK_EQ(stats.pictures_dropped, 2);
}

CK_TEST(playout, a_long_gap_is_no_head_start_for_the_first_packet_after_it)
{
    ck_playout p = playing((ck_playout_config){0});
    int64_t skip;
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 400, &skip), CK_PLAYOUT_WAIT); /* ran dry */
    sound(&p, 220, 3000);
    CK_CHECK_EQ(ask_audio(&p, 220, 20, 3001, &skip), CK_PLAYOUT_WAIT);
    sound(&p, 420, 3020);
    CK_CHECK_EQ(ask_audio(&p, 220, 300, 3021, &skip), CK_PLAYOUT_PLAY);
}

CK_TEST(playout, buffers_more_after_an_underrun)
{
    ck_playout p = playing((ck_playout_config){.max_delay_ms = 300});
    static const uint32_t delays[] = {260, 300, 300};
    int64_t skip;
    int64_t position;
    uint64_t now = 400;
    for (size_t i = 0; i < CK_COUNT_OF(delays); i++) {
        CK_CHECK_ROW(i, ask_audio(&p, 0, 0, now, &skip) == CK_PLAYOUT_WAIT);
        CK_CHECK_ROW(i, ask_audio(&p, 0, 0, now, &skip) == CK_PLAYOUT_WAIT);
        CK_CHECK_ROW(i, !ck_playout_position(&p, now * MS, &position));
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).underruns == i + 1);
        sound(&p, (int64_t)now - 180, now + 20);
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).delay_ms == delays[i]);
        CK_CHECK_ROW(i, ask_audio(&p, 0, delays[i] - 1, now + 20, &skip) == CK_PLAYOUT_WAIT);
        CK_CHECK_ROW(i, ask_audio(&p, 0, delays[i], now + 20, &skip) == CK_PLAYOUT_PLAY);
        now += 400;
    }
}

CK_TEST(playout, does_not_take_a_muted_microphone_for_jitter)
{
    ck_playout p = playing((ck_playout_config){0});
    int64_t skip;
    uint64_t ask_at;
    picture(&p, 200, 200);
    CK_CHECK_EQ(ask_video(&p, 0, 200, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 400, &skip), CK_PLAYOUT_WAIT);
    /* The picture waits for the sound to come back, but not for ever. */
    picture(&p, 600, 600);
    CK_CHECK_EQ(ask_video(&p, 240, 699, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 709);
    picture(&p, 700, 700);
    CK_CHECK_EQ(ask_video(&p, 480, 700, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 600, 720, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 800);
    CK_CHECK_EQ(ck_playout_get_stats(&p).skew_us, 0);

    /* When it does, the picture moves on while sound is buffered, and is in step after. */
    for (uint64_t now = 1000; now <= 1200; now += 20) {
        CK_CHECK(!sound(&p, (int64_t)now, now));
        picture(&p, (int64_t)now, now);
    }
    int64_t position;
    CK_CHECK(ck_playout_position(&p, 1200 * MS, &position));
    CK_CHECK_EQ(position, 1000 * MS);
    CK_CHECK_EQ(ask_audio(&p, 1000, 220, 1200, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK(ck_playout_position(&p, 1200 * MS, &position));
    CK_CHECK_EQ(position, 1000 * MS);
    CK_CHECK_EQ(ck_playout_get_stats(&p).delay_ms, 200);
}

CK_TEST(playout, takes_the_clock_of_pictures_as_they_come_now)
{
    ck_playout p = playing((ck_playout_config){0});
    int64_t skip;
    uint64_t ask_at;
    int64_t position;
    picture(&p, 200, 200);
    CK_CHECK_EQ(ask_video(&p, 0, 200, &ask_at), CK_PLAYOUT_SHOW);
    /* The path has become 300 ms longer since sound began. */
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 400, &skip), CK_PLAYOUT_WAIT);
    picture(&p, 600, 900);
    CK_CHECK_EQ(ask_video(&p, 400, 900, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK(ck_playout_position(&p, 900 * MS, &position));
    CK_CHECK_EQ(position, 400 * MS);
}

CK_TEST(playout, does_not_take_a_long_silence_for_jitter)
{
    static const struct {
        uint64_t back_ms;
        uint32_t delay_ms;
    } rows[] = {{699, 260}, {700, 200}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_playout p = playing((ck_playout_config){0});
        int64_t skip;
        CK_CHECK_ROW(i, ask_audio(&p, 0, 0, 400, &skip) == CK_PLAYOUT_WAIT);
        sound(&p, 220, rows[i].back_ms);
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).delay_ms == rows[i].delay_ms);
    }
}

CK_TEST(playout, shows_what_waits_when_nothing_comes_any_more)
{
    ck_playout p = playing((ck_playout_config){0});
    int64_t skip;
    uint64_t ask_at;
    picture(&p, 200, 200);
    CK_CHECK_EQ(ask_video(&p, 0, 200, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_audio(&p, 0, 0, 300, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_video(&p, 200, 2199, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_video(&p, 200, 2200, &ask_at), CK_PLAYOUT_SHOW);
}

CK_TEST(playout, cuts_a_backlog)
{
    ck_playout p = playing((ck_playout_config){0});
    int64_t skip;
    CK_CHECK_EQ(ask_audio(&p, 100, 1000, 400, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK_EQ(ask_audio(&p, 100, 1001, 400, &skip), CK_PLAYOUT_SKIP);
    CK_CHECK_EQ(skip, 901);
    CK_CHECK_EQ(ask_audio(&p, 901, 200, 400, &skip), CK_PLAYOUT_PLAY);
    CK_CHECK_EQ(ck_playout_get_stats(&p).skips, 1);
}

CK_TEST(playout, plays_pictures_without_sound)
{
    ck_playout p = playout_of((ck_playout_config){0});
    uint64_t ask_at;
    /* A burst: the clock is behind its newest picture, not its first. */
    for (int i = 0; i <= 10; i++) {
        picture(&p, i * 100, 50);
    }
    CK_CHECK_EQ(ask_video(&p, 0, 50, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 100, 50, &ask_at), CK_PLAYOUT_DROP);
    CK_CHECK_EQ(ask_video(&p, 800, 50, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 1000, 60, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 250);
    /* A still screen is no jump and no underrun. */
    CK_CHECK(!picture(&p, 61000, 60050));
    CK_CHECK_EQ(ask_video(&p, 61000, 60050, &ask_at), CK_PLAYOUT_WAIT);
    CK_CHECK_EQ(ask_at, 60250);
    CK_CHECK_EQ(ck_playout_get_stats(&p).underruns, 0);
}

CK_TEST(playout, gives_late_pictures_more_delay)
{
    ck_playout p = playout_of((ck_playout_config){.max_delay_ms = 300});
    static const struct {
        int64_t pts_ms;
        uint64_t now_ms;
        uint32_t delay_ms;
        uint32_t underruns;
    } rows[] = {
        {0, 0, 200, 0},
        {40, 240, 200, 0},
        /* late; a burst of them counts once a second */
        {80, 330, 260, 1},
        {120, 390, 260, 1},
        {1280, 1570, 300, 2},
        /* over the maximum it is another path: the delay stays, the clock moves */
        {1320, 1821, 300, 2},
        {1360, 1860, 300, 2},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        picture(&p, rows[i].pts_ms, rows[i].now_ms);
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).delay_ms == rows[i].delay_ms);
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).underruns == rows[i].underruns);
    }
    int64_t position;
    CK_CHECK(ck_playout_position(&p, 1860 * MS, &position));
    CK_CHECK_EQ(position, 1060 * MS);
}

CK_TEST(playout, starts_anew_when_the_time_line_breaks)
{
    static const struct {
        int64_t pts_ms;
        uint64_t now_ms;
        bool broken;
    } rows[] = {
        {100000 + 5600, 600, false},
        {100000 + 5601, 600, true},
        {100000 - 800, 600, false},
        {100000 - 801, 600, true},
        {0, 600, true},
        {160200, 60200, false},
        {165200, 60200, false},
        {165201, 60200, true},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_playout p = playout_of((ck_playout_config){0});
        uint64_t ask_at;
        picture(&p, 100000, 0);
        picture(&p, 100200, 200);
        CK_CHECK_ROW(i, ask_video(&p, 100000, 200, &ask_at) == CK_PLAYOUT_SHOW);
        CK_CHECK_ROW(i, picture(&p, rows[i].pts_ms, rows[i].now_ms) == rows[i].broken);
        CK_CHECK_ROW(i, ck_playout_get_stats(&p).reanchors == rows[i].broken);
        if (rows[i].broken) {
            enum ck_playout_answer answer = ask_video(&p, rows[i].pts_ms, rows[i].now_ms, &ask_at);
            CK_CHECK_ROW(i, answer == CK_PLAYOUT_SHOW);
        }
    }
}

CK_TEST(playout, drops_what_is_left_of_another_time_line)
{
    ck_playout p = playout_of((ck_playout_config){0});
    uint64_t ask_at;
    picture(&p, 100000, 0);
    CK_CHECK(picture(&p, 0, 10));
    CK_CHECK_EQ(ask_video(&p, 0, 10, &ask_at), CK_PLAYOUT_SHOW);
    CK_CHECK_EQ(ask_video(&p, 100000, 10, &ask_at), CK_PLAYOUT_DROP);
}

CK_TEST(playout, waits_while_nothing_has_come)
{
    ck_playout p = playout_of((ck_playout_config){0});
    int64_t skip;
    int64_t position;
    CK_CHECK_EQ(ask_audio(&p, 0, 5000, 10, &skip), CK_PLAYOUT_WAIT);
    CK_CHECK(!ck_playout_position(&p, 10, &position));
    ck_playout_audio_played(&p, 7, 10);
    CK_CHECK(!ck_playout_position(&p, 10, &position));
}

CK_TEST(playout, refuses_a_bad_configuration)
{
    static const struct {
        ck_playout_config config;
        int status;
    } rows[] = {
        {{0}, CHALK_OK},
        {{20, 20, 20}, CHALK_OK},
        {{10000, 10000, 10000}, CHALK_OK},
        {{19, 800, 1000}, CHALK_ERR_INVALID_ARGUMENT},
        {{300, 200, 1000}, CHALK_ERR_INVALID_ARGUMENT},
        {{200, 2000, 1000}, CHALK_ERR_INVALID_ARGUMENT},
        {{200, 800, 10001}, CHALK_ERR_INVALID_ARGUMENT},
        {{UINT32_MAX, UINT32_MAX, UINT32_MAX}, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_playout p;
        CK_CHECK_ROW(i, ck_playout_init(&p, &rows[i].config, 0) == rows[i].status);
    }
}
