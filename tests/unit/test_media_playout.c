/* When the player plays: streams of one medium, pictures that take longer than sound, beginnings,
 * outages, a network that gets better, limits. */
#include "media_stage.h"

#include "base/check.h"
#include "support/slowed.h"

#include <stdlib.h>

static material m;
static stage s;

enum { PICTURES = 1, SOUND = 2 };

/* As stage_play, each medium with a delay of its own, or left out. */
static void play(uint64_t origin_us, int64_t to_us, int media, uint64_t picture_late_us)
{
    size_t v = 0, a = 0;
    stage_send(&s, origin_us, &m.video_config, 0);
    stage_send(&s, origin_us, &m.audio_config, 0);
    while (v < m.video_count || a < m.audio_count) {
        bool video = v < m.video_count &&
                     (a == m.audio_count ||
                      m.video[v].dts_us + (int64_t)picture_late_us <= m.audio[a].dts_us);
        const ck_packet *packet = video ? &m.video[v++] : &m.audio[a++];
        if (packet->dts_us < to_us && (media & (video ? PICTURES : SOUND)) != 0) {
            uint64_t late_us = video ? picture_late_us : 0;
            stage_send(&s, origin_us + (uint64_t)packet->dts_us + late_us, packet, 0);
        }
    }
}

static uint64_t ms_of(uint64_t samples)
{
    return samples / (CHALK_SAMPLE_RATE / 1000);
}

/* From a picture's capture to its being shown. */
static uint64_t lateness_us(size_t i, uint64_t origin_us)
{
    return s.seen[i].at_us - origin_us - (uint64_t)s.seen[i].pts_us;
}

CK_CALM_TEST(media_playout, on_a_calm_line_little_is_waited)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 4000000, 0, 2000);
    stage_run(&s, begin_us + 4000000);
    ck_player_stats stats = stage_stats(&s);
    stage_check_order(&s, 0, 85);
    stage_check_skew(&s, 2);
    uint64_t late_ms = ck_calm_worst_ms(), made_up_ms = ms_of(stats.jitter.concealed_samples);
    CK_CALM_ROW(stats.delay_ms, stats.delay_ms < 70 + late_ms, /* 20 are the device's */
                stats.delay_ms < 80 + 3 * late_ms);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, atomic_load(&s.freezes) <= 4);
    CK_CALM_ROW(made_up_ms, made_up_ms <= 60, made_up_ms <= 400 + 3 * late_ms);
    CK_CHECK(stats.jitter.jitter_buffer_emitted_count > 48000 * 3);
    CK_CHECK_EQ(stats.jitter.packets_received, m.audio_count);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, without_sound_pictures_keep_their_pace)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    play(begin_us, 3000000, PICTURES, 0);
    stage_run(&s, begin_us + 3000000);
    stage_check_order(&s, 0, 70);
    uint64_t disturbed_us = ck_calm_worst_us();
    for (size_t i = 10; i < s.seen_count; i++) {
        uint64_t late_us = lateness_us(i, begin_us);
        CK_CALM_ROW(i, late_us < 60000, late_us < 60000 + 3 * disturbed_us);
    }
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, atomic_load(&s.freezes) <= 4);
    CK_CHECK_EQ(stage_stats(&s).sync.skew_us, 0);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, without_pictures_sound_is_played)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    play(begin_us, 3000000, SOUND, 0);
    stage_run(&s, begin_us + 3000000);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK_EQ(s.seen_count, 0);
    CK_CALM_ROW(stats.samples_played, stats.samples_played > 48000 * 5 / 2,
                stats.samples_played > 48000 * 3 / 2);
    CK_CALM_CHECK(ms_of(stats.samples_concealed) < 100,
                  ms_of(stats.samples_concealed) < 400 + 3 * ck_calm_worst_ms());
    CK_CHECK(skew_log_largest_step(&s.log) < 0.005f);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, sound_waits_for_pictures_that_take_longer)
{
    material_make(&m, 320, 180, 6);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    play(begin_us, 6000000, PICTURES | SOUND, 150000);
    stage_run(&s, begin_us + 2500000);
    skew_log_init(&s.log); /* from here on they are in step */
    stage_run(&s, begin_us + 6200000);
    stage_check_skew(&s, 2);
    CK_CHECK_ROW(stage_stats(&s).delay_ms, stage_stats(&s).delay_ms >= 130);
    stage_close(&s);
    material_free(&m);
}

/* A server's cached group of pictures comes at once, then what is live. */
CK_CALM_TEST(media_playout, a_burst_at_the_start_is_no_fast_forward)
{
    material_make(&m, 320, 180, 6);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us(), origin_us = begin_us - 3000000;
    stage_play(&s, &m, origin_us, 0, 6000000, 0, 0);
    stage_run(&s, begin_us + 2800000);
    ck_player_stats stats = stage_stats(&s);
    uint64_t disturbed_us = ck_calm_worst_us();
    CK_CALM_ROW(stats.jitter.skipped_us, stats.jitter.skipped_us == 0,
                stats.jitter.skipped_us <= 3 * disturbed_us);
    uint64_t removed_ms = ms_of(stats.jitter.removed_samples_for_acceleration);
    CK_CALM_ROW(removed_ms, removed_ms <= 100, removed_ms <= 600);
    uint64_t first_us = s.seen[0].at_us - begin_us;
    CK_CHECK(s.seen[0].number < 75); /* at once, though old: better a still than black */
    CK_CALM_ROW(first_us, first_us < 100000 * CK_TEST_SLOWED,
                first_us < 100000 * CK_TEST_SLOWED + 5 * disturbed_us);
    size_t live = 1;
    while (live < s.seen_count && lateness_us(live, origin_us) > 200000) {
        live++;
    }
    CK_CALM_ROW(live, live <= 4, live <= 12); /* nothing of the 75 pictures is played through */
    stage_check_order(&s, 0, 55);
    stage_check_skew(&s, 1);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, an_outage_is_skipped_to_what_is_new)
{
    material_make(&m, 320, 180, 8);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 2000000, 0, 0);
    stage_send(&s, begin_us + 4500000, &m.video_config, 0); /* before that nothing goes through */
    stage_play(&s, &m, begin_us, 2000000, 8000000, 0, 0);
    stage_run(&s, begin_us + 8000000);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK(stats.freezes >= 1);
    CK_CALM_CHECK(stats.freeze_us > 1500000, stats.freeze_us > 1000000);
    int under_way = atomic_load(&s.freezes) - atomic_load(&s.thaws);
    CK_CALM_ROW(under_way, under_way == 0, under_way <= 1);
    CK_CHECK_EQ(s.freeze_why, CHALK_ERR_TIMEOUT);
    CK_CALM_ROW(stats.jitter.skipped_us, stats.jitter.skipped_us > 500000,
                stats.jitter.skipped_us > 0);
    for (size_t i = 1; i < s.seen_count; i++) {
        CK_CHECK_ROW(i, s.seen[i].pts_us > s.seen[i - 1].pts_us);
    }
    stage_check_skew(&s, 3);
    stage_close(&s);
    material_free(&m);
}

/* A telephone call takes the device away; afterwards sound and picture are together again. */
CK_CALM_TEST(media_playout, pictures_go_on_when_nobody_reads_the_sound)
{
    material_make(&m, 320, 180, 8);
    stage_open(&s, 100);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 8000000, 0, 0);
    stage_run(&s, begin_us + 1500000);
    s.read = false;
    stage_run(&s, begin_us + 4500000);
    size_t alone = s.seen_count;
    CK_CALM_ROW(alone, alone >= 90, alone >= 50); /* of 112, half a second stood still */
    s.read = true;
    stage_run(&s, begin_us + 5500000);
    skew_log_init(&s.log); /* from here on they are together */
    stage_run(&s, begin_us + 7900000);
    CK_CALM_ROW(s.seen_count, s.seen_count >= alone + 60, s.seen_count >= alone + 30);
    stage_check_order(&s, 0, 150);
    stage_check_skew(&s, 2);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, sound_that_cannot_be_decoded_is_a_standstill_with_a_reason)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    play(begin_us, 3000000, SOUND, 0);
    for (size_t i = 0; i < s.event_count; i++) {
        ck_flv_tag *tag = &s.events[i].tag;
        if (tag->type == CK_FLV_AUDIO && tag->timestamp_ms > 1000) {
            ck_slice_unref(&tag->body);
            tag->body = ck_slice_static("\xaf\x01\xff\xff\xff\xff", 6);
        }
    }
    stage_run(&s, begin_us + 2900000);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 1,
                  atomic_load(&s.freezes) >= 1 && atomic_load(&s.freezes) <= 4);
    CK_CHECK_EQ(s.freeze_why, CHALK_ERR_CODEC);
    CK_CHECK(stage_stats(&s).decode_errors > 50);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, the_least_delay_can_be_changed_while_it_plays)
{
    material_make(&m, 320, 180, 6);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 6000000, 0, 0);
    stage_run(&s, begin_us + 2000000);
    uint64_t before_us = lateness_us(s.seen_count - 1, begin_us);
    const ck_player_delays more = {5000, 50000, 20, 400, 2000};
    ck_player_set_delays(s.player, &more);
    CK_CHECK(stage_stats(&s).target_delay_ms >= 380);
    stage_run(&s, begin_us + 5800000);
    uint64_t after_us = lateness_us(s.seen_count - 1, begin_us);
    uint64_t disturbed_us = ck_calm_worst_us();
    CK_CALM_BETWEEN(after_us, before_us + 200000, 500000, before_us + 100000,
                    500000 + 3 * disturbed_us);
    uint64_t inserted_ms = ms_of(stage_stats(&s).jitter.inserted_samples_for_deceleration);
    CK_CALM_ROW(inserted_ms, inserted_ms > 200, inserted_ms > 50);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, atomic_load(&s.freezes) <= 4);
    stage_check_skew(&s, 3);
    stage_close(&s);
    material_free(&m);
}

/* Its configuration is of no use, so how long it lasts is not known either. */
CK_CALM_TEST(media_playout, sound_that_nobody_understands_does_not_hold_the_pictures)
{
    material_make(&m, 320, 180, 3);
    ck_slice_unref(&m.audio_config.payload);
    m.audio_config.payload = ck_slice_static("\x00\x00", 2);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 3000000, 0, 0);
    stage_run(&s, begin_us + 2900000);
    stage_check_order(&s, 0, 60);
    CK_CHECK(stage_stats(&s).decode_errors > 50);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_playout, sound_without_a_decoder_is_a_standstill_with_a_reason)
{
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    for (int64_t i = 0; i < 75; i++) { /* no configuration comes */
        const ck_packet silence = {.codec = CHALK_CODEC_OPUS,
                                   .key = true,
                                   .pts_us = i * 20000,
                                   .dts_us = i * 20000,
                                   .payload = ck_slice_static("\xf8\xff\xfe", 3)};
        ck_player_packet(s.player, CHALK_MEDIA_AUDIO, &silence);
        stage_run(&s, begin_us + (uint64_t)(i + 1) * 20000);
    }
    CK_CALM_CHECK(atomic_load(&s.freezes) == 1,
                  atomic_load(&s.freezes) >= 1 && atomic_load(&s.freezes) <= 4);
    CK_CHECK_EQ(s.freeze_why, CHALK_ERR_CODEC);
    CK_CHECK(stage_stats(&s).decode_errors > 40);
    stage_close(&s);
}

/* Speex, and AAC whose configuration is of no use: each without anything beside it. */
CK_CALM_TEST(media_playout, a_stream_of_refused_sound_alone_is_a_standstill_with_a_reason)
{
    static const int why[] = {CHALK_ERR_CODEC_UNKNOWN, CHALK_ERR_CODEC};
    for (size_t i = 0; i < CK_COUNT_OF(why); i++) {
        stage_open(&s, 0);
        uint64_t begin_us = ck_clock_us();
        for (uint32_t k = 0; k < 150; k++) {
            ck_flv_tag tag = {.type = CK_FLV_AUDIO,
                              .timestamp_ms = k * 20,
                              .body = i == 0 ? ck_slice_static("\xb2\x01\x02\x03", 4)
                                             : ck_slice_static("\xaf\x01\x21\x00", 4)};
            ck_player_tag(s.player, &tag);
            stage_run(&s, begin_us + (uint64_t)(k + 1) * 20000);
        }
        CK_CHECK_EQ(atomic_load(&s.freezes), 1);
        CK_CHECK_EQ(s.freeze_why, why[i]);
        CK_CHECK_EQ(atomic_load(&s.bad_codec), i == 0);
        stage_close(&s);
    }
}

/* A configuration of the old line is the new one's: it is not for an hour from now. */
CK_CALM_TEST(media_playout, a_line_that_broke_before_it_was_heard_leaves_its_configuration)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 0);
    uint64_t begin_us = ck_clock_us();
    stage_send(&s, begin_us, &m.audio_config, 0);
    stage_send(&s, begin_us, &m.audio[0], INT64_C(3600000000));
    stage_play(&s, &m, begin_us, 0, 3000000, 0, 0);
    stage_run(&s, begin_us + 2900000);
    stage_check_skew(&s, 1);
    stage_close(&s);
    material_free(&m);
}

/* The device's own time is part of the limits, also when it is told only later; a network that
 * wants less or more changes nothing. */
CK_CALM_TEST(media_playout, equal_limits_are_a_fixed_delay)
{
    material_make(&m, 320, 180, 3);
    for (int rough = 0; rough <= 1; rough++) {
        stage_open(&s, 0);
        const ck_player_delays fixed = {5000, 50000, 20, 200, 200};
        ck_player_set_delays(s.player, &fixed);
        CK_CHECK_EQ(stage_stats(&s).target_delay_ms, 200);
        uint64_t begin_us = ck_clock_us();
        if (rough == 1) {
            stage_play(&s, &m, begin_us, 0, 3000000, 0, 500000);
        } else {
            play(begin_us, 3000000, SOUND, 0);
        }
        stage_run(&s, begin_us + 2800000);
        uint32_t target_ms = stage_stats(&s).target_delay_ms;
        CK_CHECK_ROW(target_ms, target_ms >= 190 && target_ms <= 210);
        stage_close(&s);
    }
    material_free(&m);
}

/* Each leap begins another line; after half a million of them the line itself begins anew. */
CK_CALM_TEST(media_playout, a_server_that_leaps_on_and_on_stays_within_time)
{
    enum { LEAPS = 600000 };
    material_make(&m, 320, 180, 1);
    stage_open(&s, 0);
    ck_flv_tag config = material_tag(&m.audio_config, 0);
    ck_player_tag(s.player, &config);
    for (uint32_t i = 0; i < LEAPS; i++) {
        ck_flv_tag tag = {.type = CK_FLV_AUDIO,
                          .timestamp_ms = i * UINT32_C(0x7fffffff),
                          .body = ck_slice_static("\xaf\x01\x21", 3)};
        ck_player_tag(s.player, &tag);
    }
    CK_CHECK_EQ(stage_stats(&s).jitter.packets_received, LEAPS);
    stage_close(&s);
    material_free(&m);
}
