/* The player under real time: in step, over gaps and breaks, with a bad stream, with nobody there.
 */
#include "media_stage.h"

#include "base/check.h"
#include "support/folder.h"
#include "support/wakeups.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static material m;
static stage s;

#define HOUR_US INT64_C(3600000000)

CK_CALM_TEST(media_player, pictures_come_once_in_order_and_in_step_with_the_sound)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 200);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 4000000, HOUR_US, 60000);
    stage_run(&s, begin_us + 4300000);
    stage_check_order(&s, 0, 90);
    stage_check_skew(&s, 3);
    int64_t disturbed_us = (int64_t)ck_calm_worst_us();
    int64_t first_us = (int64_t)(s.seen[0].at_us - begin_us); /* it waits for nothing */
    CK_CALM_ROW(first_us, first_us < 150000, first_us < 150000 + 5 * disturbed_us);
    for (size_t i = 1; i < s.seen_count; i++) {
        int64_t apart_us = llabs((int64_t)(s.seen[i].told_room_us - s.seen[i].room_us));
        CK_CALM_ROW(i, apart_us <= 40000, apart_us <= 40000 + 3 * disturbed_us);
    }
    ck_player_stats stats = stage_stats(&s);
    CK_CALM_ROW(stats.frames_received, stats.frames_received == 100, stats.frames_received >= 90);
    CK_CALM_ROW(stats.frames_decoded, stats.frames_decoded == 100, stats.frames_decoded >= 80);
    CK_CHECK_EQ(stats.frames_shown, s.seen_count);
    uint64_t accounted = stats.frames_shown + stats.frames_dropped;
    CK_CHECK_ROW(accounted, accounted <= 100); /* the rest is in hand */
    CK_CALM_ROW(accounted, accounted >= 97, accounted >= 80);
    CK_CHECK_EQ(stats.decode_errors, 0);
    CK_CHECK_EQ(stats.width, 320);
    CK_CALM_CHECK(llabs(stats.sync.skew_us) <= 40000,
                  llabs(stats.sync.skew_us) <= 40000 + 3 * disturbed_us);
    CK_CHECK_EQ(atomic_load(&s.first_picture), 1);
    CK_CHECK_EQ(atomic_load(&s.media), 2); /* the picture's shape, then both */
    CK_CHECK(skew_log_largest_step(&s.log) < 0.005f);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, long_delays_are_kept)
{
    material_make(&m, 320, 180, 3);
    static const uint32_t delays_ms[] = {20, 600, 5000};
    for (size_t i = 0; i < CK_COUNT_OF(delays_ms); i++) {
        stage_open(&s, delays_ms[i]);
        CK_CHECK_EQ(stage_stats(&s).delay_ms, delays_ms[i]);
        stage_close(&s);
    }
    stage_open(&s, 600);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 3000000, 0, 20000);
    stage_run(&s, begin_us + 3000000);
    stage_check_order(&s, 0, 50);
    uint64_t late_us = s.seen[40].at_us - begin_us - (uint64_t)s.seen[40].pts_us;
    CK_CALM_BETWEEN(late_us, 550000, 900000, 100000, 900000 + 3 * ck_calm_worst_us());
    stage_check_skew(&s, 1);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, a_gap_is_one_freeze_and_no_click)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 100);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 1500000, 0, 0);
    stage_play(&s, &m, begin_us + 700000, 1500000, 4000000, 0, 0); /* 700 ms late from here on */
    stage_run(&s, begin_us + 1950000);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 1, atomic_load(&s.freezes) <= 4);
    CK_CHECK_EQ(atomic_load(&s.thaws), atomic_load(&s.freezes) - 1);
    CK_CHECK(stage_stats(&s).freeze_us > 0); /* the one under way counts already */
    stage_run(&s, begin_us + 4600000);
    CK_CHECK_EQ(atomic_load(&s.thaws), atomic_load(&s.freezes));
    /* It may run dry once more until the delay has grown. */
    CK_CALM_CHECK(atomic_load(&s.freezes) <= 2, atomic_load(&s.freezes) <= 5);
    int64_t freeze_us = atomic_load(&s.freeze_us), disturbed_us = (int64_t)ck_calm_worst_us();
    CK_CALM_BETWEEN(freeze_us, 300000, 1300000, 200000, 1300000 + 5 * disturbed_us);
    CK_CHECK(skew_log_largest_step(&s.log) < 0.005f);
    stage_check_order(&s, 0, 80);
    stage_check_skew(&s, 2);
    ck_player_stats stats = stage_stats(&s);
    uint64_t concealed_ms = stats.samples_concealed / 48;
    CK_CALM_BETWEEN(concealed_ms, 300, 1500, 200, 2500);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, muting_is_no_click)
{
    material_make(&m, 320, 180, 2);
    stage_open(&s, 100);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 2000000, 0, 0);
    for (int i = 0; i < 8; i++) {
        ck_player_mute(s.player, i % 2 == 1);
        stage_run(&s, begin_us + 400000 + (uint64_t)i * 170000);
    }
    CK_CHECK(skew_log_largest_step(&s.log) < 0.01f); /* at once would be up to 0.02 */
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, time_stamps_wrap_without_a_break)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 100);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 3000000, (INT64_C(1) << 32) * 1000 - 1480000, 10000);
    stage_run(&s, begin_us + 2950000);
    stage_check_order(&s, 0, 65);
    stage_check_skew(&s, 2);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, atomic_load(&s.freezes) <= 4);
    uint64_t decoded = stage_stats(&s).frames_decoded;
    CK_CALM_ROW(decoded, decoded >= 73, decoded >= 50);
    stage_close(&s);
    material_free(&m);
}

/* The stream begins anew, elsewhere on the line and in another size, as after a publisher's
 * restart. */
CK_CALM_TEST(media_player, a_break_of_the_line_goes_on_with_the_new_one)
{
    static material other;
    material_make(&m, 320, 180, 2);
    material_make(&other, 480, 270, 2);
    static const struct {
        uint32_t delay_ms; /* the longer one leaves packets in the queue when the line breaks */
        int64_t shift_us;
    } rows[] = {{200, 0}, {600, HOUR_US}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        stage_open(&s, rows[i].delay_ms);
        uint64_t begin_us = ck_clock_us();
        stage_play(&s, &m, begin_us, 0, 1400000, HOUR_US - rows[i].shift_us, 0);
        stage_play(&s, &other, begin_us + 1400000, 0, 2000000, rows[i].shift_us, 0);
        stage_run(&s, begin_us + 3500000);
        size_t change = 0;
        while (change < s.seen_count && s.seen[change].width == 320) {
            change++;
        }
        size_t missed = s.away_us / MATERIAL_PICTURE_US;
        CK_CALM_ROW(change, change + missed >= 15 && change <= 35, change <= 35);
        CK_CHECK_ROW(s.seen_count, change < s.seen_count);
        CK_CALM_ROW(i, s.seen[change].number <= 1, /* at its first key frame */
                    s.seen[change].number <= 25);
        stage_check_order(&s, change, 30);
        CK_CHECK_ROW(i, stage_stats(&s).decode_errors == 0);
        CK_CHECK_ROW(i, stage_stats(&s).width == 480);
        CK_CHECK_ROW(i, atomic_load(&s.media) == 3);
        stage_close(&s);
    }
    material_free(&m);
    material_free(&other);
}

CK_CALM_TEST(media_player, after_a_lost_connection_it_waits_for_a_key_frame)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 200);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 1000000, 0, 0);
    stage_run(&s, begin_us + 1050000);
    ck_player_discontinuity(s.player);
    stage_play(&s, &m, begin_us, 1400000, 4000000, 0, 0); /* from the middle of a group on */
    stage_run(&s, begin_us + 4200000);
    stage_check_order(&s, 0, 60);
    for (size_t i = 0; i < s.seen_count; i++) {
        CK_CHECK_ROW(i, s.seen[i].number < 25 || s.seen[i].number >= 50);
    }
    CK_CHECK_EQ(stage_stats(&s).decode_errors, 0);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, broken_packets_are_counted_and_survived)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 200);
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 4000000, 0, 0);
    for (size_t i = 2; i < s.event_count; i++) {
        ck_flv_tag *tag = &s.events[i].tag;
        if (tag->timestamp_ms < 2000 && ck_rng_below(&rng, 4) == 0) {
            ck_slice cut =
                ck_slice_copy(&ck_heap, tag->body.data, ck_rng_below(&rng, tag->body.size + 1));
            for (size_t k = 2; k < cut.size; k += 1 + ck_rng_below(&rng, 40)) {
                ck_slice_mutable(cut)[k] ^= (uint8_t)ck_rng_next(&rng);
            }
            ck_slice_unref(&tag->body);
            tag->body = cut;
        }
    }
    stage_run(&s, begin_us + 4300000);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK(stats.decode_errors > 0);
    size_t good = 0; /* from the key frame at two seconds on all is well again */
    while (good < s.seen_count && (s.seen[good].number == UINT64_MAX || s.seen[good].number < 50)) {
        good++;
    }
    stage_check_order(&s, good, 40);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, a_codec_that_it_cannot_decode_is_named_once)
{
    stage_open(&s, 200);
    for (int i = 0; i < 3; i++) {
        ck_flv_tag tag = {.type = CK_FLV_VIDEO, .body = ck_slice_static("\x90hvc1\x00\x00", 7)};
        ck_player_tag(s.player, &tag);
    }
    ck_flv_tag garbage = {.type = CK_FLV_VIDEO, .body = ck_slice_static("\x17", 1)};
    ck_player_tag(s.player, &garbage);
    CK_CHECK_EQ(atomic_load(&s.bad_codec), 1);
    CK_CHECK_STR(s.text, "HEVC");
    CK_CHECK_EQ(stage_stats(&s).decode_errors, 1);
    stage_close(&s);
}

CK_CALM_TEST(media_player, in_the_background_only_sound_is_decoded)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 100);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 4000000, 0, 0);
    stage_run(&s, begin_us + 900000);
    ck_player_background(s.player, true);
    stage_run(&s, begin_us + 1200000);
    uint64_t decoded = stage_stats(&s).frames_decoded;
    size_t seen = s.seen_count;
    stage_run(&s, begin_us + 2400000);
    CK_CHECK_EQ(stage_stats(&s).frames_decoded, decoded);
    CK_CALM_ROW(s.seen_count, s.seen_count == seen, s.seen_count <= seen + 2);
    ck_player_background(s.player, false);
    stage_run(&s, begin_us + 3950000);
    stage_check_order(&s, 0, seen + 10);
    CK_CALM_ROW(s.seen[seen].number, s.seen[seen].number == 75, /* a key frame */
                s.seen[seen].number >= 50);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK_EQ(stats.decode_errors, 0);
    CK_CHECK_ROW(stats.frames_dropped, stats.frames_dropped >= 30); /* nor decoded, nor forgotten */
    uint64_t accounted = stats.frames_decoded + stats.frames_dropped;
    CK_CHECK_ROW(accounted, accounted >= stats.frames_received); /* some were decoded in vain */
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, atomic_load(&s.freezes) <= 4);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, when_nobody_is_there_nothing_piles_up)
{
    material_make(&m, 320, 180, 3);
    stage_open(&s, 100);
    ck_player_release_sound(s.player);
    s.take = s.read = false;
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 2500000, 0, 0);
    stage_run(&s, begin_us + 2400000);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK_EQ(stats.frames_shown, 0);
    CK_CALM_ROW(stats.frames_decoded, stats.frames_decoded >= 50, stats.frames_decoded >= 25);
    CK_CALM_ROW(stats.frames_dropped, stats.frames_dropped >= 40, stats.frames_dropped >= 15);
    CK_CALM_ROW(stats.samples_played, stats.samples_played > 48000, /* it listened to itself */
                stats.samples_played > 24000);
    CK_CALM_CHECK(stats.freezes == 0, stats.freezes <= 4);
    CK_CHECK(ck_player_claim_sound(s.player));
    s.take = s.read = true; /* a newcomer sees what is due now */
    stage_run(&s, begin_us + 2450000);
    CK_CALM_CHECK(s.seen_count >= 1, s.seen_count <= 2);
    CK_CALM_ROW(s.seen[0].number, s.seen[0].number >= 50,
                s.seen_count == 0 || s.seen[0].number >= 25);
    stage_close(&s);
    material_free(&m);
}

/* Sound that stops holds the picture for a moment only, also when nobody asks for pictures. */
CK_CALM_TEST(media_player, pictures_go_on_when_the_sound_has_stopped)
{
    material_make(&m, 320, 180, 4);
    for (int watched = 0; watched < 2; watched++) {
        stage_open(&s, 100);
        s.take = watched == 1;
        uint64_t begin_us = ck_clock_us();
        stage_send(&s, begin_us, &m.video_config, 0);
        stage_send(&s, begin_us, &m.audio_config, 0);
        for (size_t i = 0, a = 0; i < m.video_count; i++) {
            for (; a < m.audio_count && m.audio[a].pts_us <= m.video[i].pts_us; a++) {
                if (m.audio[a].pts_us < 1000000) {
                    stage_send(&s, begin_us + (uint64_t)m.audio[a].pts_us, &m.audio[a], 0);
                }
            }
            stage_send(&s, begin_us + (uint64_t)m.video[i].pts_us, &m.video[i], 0);
        }
        stage_run(&s, begin_us + 3800000);
        ck_player_stats stats = stage_stats(&s);
        CK_CALM_ROW(stats.frames_decoded, stats.frames_decoded >= 80, stats.frames_decoded >= 50);
        if (watched == 1) {
            stage_check_order(&s, 0, 70);
            CK_CALM_ROW(stats.freezes, stats.freezes == 1,
                        stats.freezes >= 1 && stats.freezes <= 5);
            CK_CHECK_EQ(atomic_load(&s.thaws), stats.freezes);
        }
        stage_close(&s);
    }
    material_free(&m);
}

CK_CALM_TEST(media_player, a_flood_is_cut_to_what_is_new)
{
    material_make(&m, 320, 180, 4);
    stage_open(&s, 200);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us - 4000000, 0, 4000000, 0, 0); /* four seconds at once */
    for (int i = 0; i < 40; i++) { /* and as often as it takes to fill every queue */
        for (size_t v = 0; v < m.video_count; v++) {
            ck_flv_tag tag = material_tag(&m.video[v], i * 4000000);
            ck_player_tag(s.player, &tag);
        }
    }
    stage_run(&s, begin_us + 1500000);
    ck_player_stats stats = stage_stats(&s);
    CK_CHECK(stats.frames_dropped > 0);
    CK_CHECK_EQ(stats.decode_errors, 0);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, a_closed_stream_is_played_to_its_end)
{
    material_make(&m, 320, 180, 1);
    stage_open(&s, 200);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 1000000, 0, 0);
    stage_run(&s, begin_us + 1000000);
    ck_player_close(s.player);
    stage_run(&s, begin_us + 1500000);
    stage_check_order(&s, 0, 22);
    uint64_t last = s.seen[s.seen_count - 1].number;
    CK_CALM_ROW(last, last == 24, last >= 15);
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(ck_player_take(s.player, &frame), CHALK_ERR_END);
    CK_CALM_CHECK(atomic_load(&s.freezes) == 0, /* an end is no standstill */
                  atomic_load(&s.freezes) <= 2);
    stage_close(&s);
    material_free(&m);
}

CK_CALM_TEST(media_player, one_recording_at_a_time_and_each_ends_once)
{
    material_make(&m, 320, 180, 2);
    stage_open(&s, 100);
    char folder[CK_TEST_FOLDER_MAX], path[64];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.mp4", folder);
    CK_CHECK_EQ(ck_player_record_stop(s.player, 1), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_player_record(s.player, "/nonexistent/a.mp4"), CHALK_ERR_IO);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 2000000, 0, 0);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(ck_player_record(s.player, path), CHALK_OK);
        CK_CHECK_EQ(ck_player_record(s.player, path), CHALK_ERR_BAD_STATE);
        stage_run(&s, begin_us + (uint64_t)(i + 1) * 500000);
        CK_CHECK_EQ(ck_player_record_stop(s.player, 1), CHALK_OK);
        CK_CHECK_EQ(ck_player_record_stop(s.player, 2), CHALK_ERR_BAD_STATE);
        for (int k = 0; k < 500 && atomic_load(&s.record_ended) == i; k++) {
            stage_run(&s, ck_clock_us() + 4000);
        }
        CK_CHECK_EQ(atomic_load(&s.record_ended), i + 1);
    }
    CK_CHECK_EQ(ck_player_record(s.player, path), CHALK_OK); /* ended by the player's own end */
    stage_close(&s);
    CK_CHECK_EQ(atomic_load(&s.record_ended), 4);
    CK_CHECK_EQ(remove(path), -1); /* nothing came after the third: it left no file */
    CK_CHECK_EQ(remove(folder), 0);
    material_free(&m);
}

/* Though the file is opened when the only key frame has come already. */
CK_CALM_TEST(media_player, a_recording_from_the_start_has_the_first_key_frame)
{
    material_make(&m, 320, 180, 1);
    stage_open(&s, 100);
    char folder[CK_TEST_FOLDER_MAX], path[64];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.mkv", folder);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 1000000, 0, 0);
    stage_run(&s, begin_us + 400000);
    CK_CHECK_EQ(ck_player_record(s.player, path), CHALK_OK);
    stage_run(&s, begin_us + 800000);
    CK_CHECK_EQ(ck_player_record_stop(s.player, 1), CHALK_OK);
    stage_close(&s);
    CK_CHECK_EQ(atomic_load(&s.record_ended), 1);
    struct stat about;
    CK_CHECK_EQ(stat(path, &about), 0); /* without a key frame there would be no file */
    CK_CHECK(about.st_size > 1000);
    CK_CHECK_EQ(remove(path), 0);
    CK_CHECK_EQ(remove(folder), 0);
    material_free(&m);
}

CK_CALM_TEST(media_player, without_a_stream_it_sleeps)
{
    material_make(&m, 320, 180, 1);
    stage_open(&s, 100);
    ck_player_release_sound(s.player);
    s.take = s.read = false;
    media_sleep_until(ck_clock_us() + 50000); /* until its threads have come to rest */
    long before = ck_wakeups();
    media_sleep_until(ck_clock_us() + 500000);
    CK_CHECK_ROW(ck_wakeups() - before, ck_wakeups() - before <= 2);
    uint64_t begin_us = ck_clock_us();
    stage_play(&s, &m, begin_us, 0, 1000000, 0, 0);
    stage_run(&s, begin_us + 1000000);
    media_sleep_until(begin_us + 1700000); /* the rest of it has been played */
    before = ck_wakeups();
    media_sleep_until(ck_clock_us() + 500000);
    long woken = ck_wakeups() - before;
    CK_CALM_ROW(woken, woken <= 4, woken <= 40);
    stage_close(&s);
    material_free(&m);
}
