/* All that uses a player at the same time, each on its own thread: the loop, a device, a screen,
 * and an application that asks and changes its mind. */
#include "media_support.h"
#include "runtime/media/player.h"

#include "base/check.h"
#include "support/check.h"

#include <stdatomic.h>
#include <uv.h>

#define RUN_US 2500000

static material m;
static ck_player *player;
static atomic_bool over;
static atomic_uint shown, heard;

static void on_notice(void *user, enum ck_player_notice what, int status, int64_t value,
                      const char *text)
{
    (void)user, (void)what, (void)status, (void)value, (void)text;
}

static void look(void *arg)
{
    (void)arg;
    while (!atomic_load(&over)) {
        chalk_video_frame *frame = NULL;
        if (ck_player_take(player, &frame) == CHALK_OK) {
            atomic_fetch_add(&shown, 1);
            chalk_video_frame_unref(&frame);
        }
        media_sleep_until(ck_clock_us() + 3000);
    }
}

static void hear(void *arg)
{
    (void)arg;
    float out[480 * CHALK_PLAYBACK_CHANNELS];
    uint64_t next_us = ck_clock_us();
    CK_CHECK(ck_player_claim_sound(player));
    while (!atomic_load(&over)) {
        atomic_fetch_add(&heard, ck_player_read(player, out, 480, 20000));
        next_us += 10000;
        media_sleep_until(next_us);
    }
    ck_player_release_sound(player);
}

static void ask(void *arg)
{
    (void)arg;
    for (uint32_t turn = 0; !atomic_load(&over); turn++) {
        ck_player_stats stats;
        uint64_t time_us = 0;
        const ck_player_delays delays = {5000, 50000, 20, turn % 50, 2000};
        ck_player_get_stats(player, &stats);
        (void)ck_player_room_time(player, ck_clock_us(), &time_us); /* not known at first */
        (void)ck_player_room_due(player, MATERIAL_ROOM_US, &time_us);
        ck_player_mute(player, turn % 2 == 0);
        ck_player_set_display(player, 16667, turn);
        ck_player_set_delays(player, &delays);
        media_sleep_until(ck_clock_us() + 7000);
    }
}

/* The loop's thread: media in real time, a break of the line in the middle. */
static void feed(uint64_t begin_us)
{
    size_t v = 0, a = 0;
    while (v < m.video_count && a < m.audio_count) {
        bool video = m.video[v].dts_us <= m.audio[a].dts_us;
        const ck_packet *packet = video ? &m.video[v++] : &m.audio[a++];
        if (packet->dts_us > RUN_US) {
            break;
        }
        media_sleep_until(begin_us + (uint64_t)packet->dts_us);
        int64_t shift_us = packet->dts_us < RUN_US / 2 ? INT64_C(3600000000) : 0;
        ck_flv_tag tag = material_tag(packet, shift_us);
        ck_player_tag(player, &tag);
    }
}

CK_TEST(media_player_race, everybody_at_once)
{
    static void (*const roles[])(void *) = {look, hear, ask};
    uv_thread_t threads[CK_COUNT_OF(roles)];
    const ck_player_config config = {
        .codecs = &ck_codecs,
        .delays = {5000, 50000, 20, 0, 2000},
        .notice = on_notice,
    };
    material_make(&m, 320, 180, 3);
    CK_CHECK_EQ(ck_player_create(&config, &player), CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(roles); i++) {
        CK_CHECK_EQ(uv_thread_create(&threads[i], roles[i], NULL), 0);
    }
    ck_flv_tag video = material_tag(&m.video_config, 0), audio = material_tag(&m.audio_config, 0);
    ck_player_tag(player, &video);
    ck_player_tag(player, &audio);
    feed(ck_clock_us());
    ck_player_close(player);
    media_sleep_until(ck_clock_us() + 200000);
    atomic_store(&over, true);
    for (size_t i = 0; i < CK_COUNT_OF(roles); i++) {
        uv_thread_join(&threads[i]);
    }
    ck_player_stop(player);
    ck_player_unref(&player);
    material_free(&m);
    CK_CHECK_ROW(shown, atomic_load(&shown) > 10);
    CK_CHECK_ROW(heard, atomic_load(&heard) > 48000 / 2);
}
