/* Encodings with real encoders: when they run, where they begin, what a wrong clock does to them.
 */
#include "media_support.h"

#include "base/check.h"
#include "runtime/media/encoding.h"
#include "support/calm.h"
#include "support/wakeups.h"

#include <math.h>
#include <stdatomic.h>

#define HOUR_US UINT64_C(3600000000)

typedef struct taken {
    ck_packet_taker taker;
    atomic_int media, keys, configs, broken;
    atomic_int_fast64_t first_pts_us, last_pts_us; /* of media */
} taken;

static void on_packet(void *user, uint32_t media, const ck_packet *packet)
{
    taken *t = user;
    (void)media;
    if (packet->config) {
        atomic_fetch_add(&t->configs, 1);
        return;
    }
    bool first = atomic_fetch_add(&t->media, 1) == 0;
    bool ordered = first || packet->dts_us > atomic_load(&t->last_pts_us);
    bool whole = atomic_load(&t->configs) > 0 && (!first || packet->key);
    atomic_fetch_add(&t->broken, !ordered || !whole);
    if (first) {
        atomic_store(&t->first_pts_us, packet->pts_us);
    }
    atomic_store(&t->last_pts_us, packet->dts_us);
    atomic_fetch_add(&t->keys, packet->key);
}

typedef struct bench {
    ck_timeline line;
    ck_stamp_clock stamps;
    ck_encoding *encoding;
    atomic_int chosen;
    atomic_int hinted, hint;
    bool moves; /* pictures say that they are the one before, moved */
} bench;

static void on_chosen(void *user, int status, const char *text)
{
    bench *b = user;
    CK_CHECK_EQ(status, CHALK_OK);
    CK_CHECK(text[0] != '\0');
    atomic_fetch_add(&b->chosen, 1);
}

static void on_hinted(void *user, uint32_t hint, const char *text)
{
    bench *b = user;
    CK_CHECK(text[0] != '\0');
    atomic_store(&b->hint, (int)hint);
    atomic_fetch_add(&b->hinted, 1);
}

static void open_bench_for(bench *b, uint32_t media, uint32_t hint)
{
    memset(b, 0, sizeof *b);
    bool video = media == CHALK_MEDIA_VIDEO;
    const ck_encoding_config config = {
        .codecs = &ck_codecs,
        .line = &b->line,
        .media = media,
        .codec = video ? CHALK_CODEC_H264 : CHALK_CODEC_AAC,
        .hint = hint,
        .fps_max = 25,
        .gop_us = 2000000,
        .channels = 1,
        .stamps = &b->stamps,
        .chosen = on_chosen,
        .hinted = on_hinted,
        .user = b,
    };
    CK_CHECK_EQ(ck_stamp_clock_init(&b->stamps), CHALK_OK);
    CK_CHECK_EQ(ck_encoding_create(&config, &b->encoding), CHALK_OK);
}

static void close_bench(bench *b)
{
    ck_encoding_destroy(&b->encoding);
    ck_stamp_clock_free(&b->stamps);
}

static void open_bench(bench *b, uint32_t media)
{
    open_bench_for(b, media, media == CHALK_MEDIA_VIDEO ? CHALK_HINT_CAMERA : CHALK_HINT_VOICE);
}

static taken *attach(bench *b, taken *t)
{
    memset(t, 0, sizeof *t);
    t->taker = (ck_packet_taker){.packet = on_packet, .user = t};
    ck_encoding_attach(b->encoding, &t->taker);
    return t;
}

static void give_picture(bench *b, uint64_t capture_us)
{
    static uint8_t pixels[320 * 180 * 3 / 2];
    pixels[0]++;
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_I420;
    info.width = 320;
    info.height = 180;
    info.planes[0] = pixels;
    info.planes[1] = pixels + 320 * 180;
    info.planes[2] = pixels + 320 * 180 * 5 / 4;
    info.strides[0] = 320;
    info.strides[1] = info.strides[2] = 160;
    info.capture_us = capture_us;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    const ck_frame_move up = {.to = {0, 0, 320, 170}, .from_y = 10};
    ck_frame_set_moves(frame, &up, b->moves);
    ck_encoding_video(b->encoding, frame, false);
    chalk_video_frame_unref(&frame);
}

static void give_sound(bench *b, uint64_t capture_us)
{
    static float samples[480];
    const ck_audio_block block = {
        .samples = samples, .frames = 480, .rate = 48000, .channels = 1, .capture_us = capture_us};
    ck_encoding_audio(b->encoding, &block);
}

/* Ten milliseconds of a source, `times` of them, each captured `ago_us` before it is given. */
static void run_sound(bench *b, int times, int64_t ago_us)
{
    uint64_t next_us = ck_clock_us();
    for (int i = 0; i < times; i++) {
        give_sound(b, (uint64_t)((int64_t)ck_clock_us() - ago_us));
        next_us += 10000;
        media_sleep_until(next_us);
    }
}

static void run_pictures(bench *b, int times)
{
    uint64_t next_us = ck_clock_us();
    for (int i = 0; i < times; i++) {
        give_picture(b, ck_clock_us());
        next_us += 40000;
        media_sleep_until(next_us);
    }
}

static ck_encoding_stats stats_of(bench *b)
{
    ck_encoding_stats stats;
    ck_encoding_get_stats(b->encoding, &stats);
    return stats;
}

static bool has_one(void *arg)
{
    return atomic_load(&((taken *)arg)->media) >= 1;
}

static bool has_five(void *arg)
{
    return atomic_load(&((taken *)arg)->media) >= 5;
}

/* Longer than the time after which a silent source is shown as black. */
CK_TEST(media_encoding, without_a_taker_it_sleeps_and_makes_nothing)
{
    bench video, audio;
    taken t;
    open_bench(&video, CHALK_MEDIA_VIDEO);
    open_bench(&audio, CHALK_MEDIA_AUDIO);
    give_picture(&video, ck_clock_us());
    give_sound(&audio, ck_clock_us());
    media_sleep_until(ck_clock_us() + 50000);
    long before = ck_wakeups();
    media_sleep_until(ck_clock_us() + 3500000);
    CK_CHECK_ROW(ck_wakeups() - before, ck_wakeups() - before <= 2);
    CK_CHECK_EQ(stats_of(&video).frames_encoded + stats_of(&audio).frames_encoded, 0);
    CK_CHECK_EQ(atomic_load(&video.chosen) + atomic_load(&audio.chosen), 0);

    attach(&video, &t); /* and after the last one has gone, again */
    run_pictures(&video, 10);
    CK_CHECK(media_wait(has_five, &t, 5000));
    ck_encoding_detach(video.encoding, &t.taker);
    uint64_t encoded = stats_of(&video).frames_encoded;
    before = ck_wakeups();
    media_sleep_until(ck_clock_us() + 1500000);
    CK_CHECK_ROW(ck_wakeups() - before, ck_wakeups() - before <= 4);
    CK_CHECK(stats_of(&video).frames_encoded <= encoded + 1);
    close_bench(&video);
    close_bench(&audio);
}

CK_TEST(media_encoding, each_taker_begins_with_configuration_and_key_frame)
{
    bench b;
    taken first, second, third;
    open_bench(&b, CHALK_MEDIA_VIDEO);
    attach(&b, &first);
    run_pictures(&b, 10);
    attach(&b, &second);
    run_pictures(&b, 10);
    CK_CHECK(media_wait(has_five, &second, 5000));
    ck_encoding_detach(b.encoding, &first.taker);
    ck_encoding_detach(b.encoding, &second.taker);
    attach(&b, &third); /* another encoder, the same configuration */
    run_pictures(&b, 10);
    CK_CHECK(media_wait(has_five, &third, 5000));
    ck_encoding_detach(b.encoding, &third.taker);
    CK_CHECK_EQ(atomic_load(&first.broken) + atomic_load(&second.broken), 0);
    CK_CHECK_EQ(atomic_load(&third.broken), 0);
    CK_CHECK_EQ(atomic_load(&first.configs), 1);
    CK_CHECK_EQ(atomic_load(&third.configs), 1);
    CK_CHECK_EQ(atomic_load(&first.keys), 2); /* the second taker's is the second */
    close_bench(&b);
}

CK_TEST(media_encoding, what_joins_later_begins_now)
{
    static const uint32_t media[] = {CHALK_MEDIA_AUDIO, CHALK_MEDIA_VIDEO};
    for (size_t i = 0; i < CK_COUNT_OF(media); i++) {
        bench b;
        taken t;
        open_bench(&b, media[i]);
        atomic_store(&b.line.origin_us, ck_clock_us() - HOUR_US);
        for (int again = 0; again < 2; again++) {
            uint64_t begin_us = ck_clock_us();
            attach(&b, &t);
            if (media[i] == CHALK_MEDIA_AUDIO) {
                run_sound(&b, 40, 10000);
            } else {
                run_pictures(&b, 10);
            }
            CK_CHECK(media_wait(has_five, &t, 5000));
            ck_encoding_detach(b.encoding, &t.taker);
            int64_t line_us = (int64_t)(begin_us - atomic_load(&b.line.origin_us));
            int64_t first_us = atomic_load(&t.first_pts_us) - line_us;
            CK_CHECK_ROW(first_us, first_us > -100000 && first_us < 1000000);
            CK_CHECK_ROW(i, atomic_load(&t.media) < 60); /* no hour of silence */
            CK_CHECK_ROW(i, atomic_load(&t.broken) == 0);
        }
        close_bench(&b);
    }
}

/* The capture time is an application's word. */
CK_TEST(media_encoding, wrong_capture_times_do_no_harm)
{
    static const int64_t ago_us[] = {
        -INT64_C(1700000000000000), /* another clock: microseconds since the epoch */
        -3600000000,                /* an hour ahead */
        3600000000,                 /* an hour ago */
        900000,                     /* late as a rule */
        -50000,
    };
    for (size_t i = 0; i < CK_COUNT_OF(ago_us); i++) {
        bench audio, video;
        taken sound, pictures;
        open_bench(&audio, CHALK_MEDIA_AUDIO);
        open_bench(&video, CHALK_MEDIA_VIDEO);
        attach(&audio, &sound);
        attach(&video, &pictures);
        uint64_t next_us = ck_clock_us();
        for (int k = 0; k < 60; k++) {
            uint64_t capture_us = (uint64_t)((int64_t)ck_clock_us() - ago_us[i]);
            give_sound(&audio, capture_us);
            if (k % 4 == 0) {
                give_picture(&video, capture_us);
            }
            next_us += 10000;
            media_sleep_until(next_us);
        }
        CK_CHECK(media_wait(has_five, &sound, 5000));
        CK_CHECK(media_wait(has_five, &pictures, 5000));
        ck_encoding_detach(audio.encoding, &sound.taker);
        ck_encoding_detach(video.encoding, &pictures.taker);
        CK_CHECK_ROW(i, atomic_load(&sound.broken) + atomic_load(&pictures.broken) == 0);
        CK_CHECK_ROW(i, atomic_load(&sound.last_pts_us) < 3000000);
        CK_CHECK_ROW(i, atomic_load(&pictures.last_pts_us) < 3000000);
        CK_CHECK_ROW(i, atomic_load(&sound.media) < 200);
        close_bench(&audio);
        close_bench(&video);
    }
}

/* Sound of a radio microphone comes in bursts and late; it must not lose to the silence in its
 * place. */
CK_CALM_TEST(media_encoding, late_sound_in_bursts_is_kept)
{
    ck_calm_watch();
    bench b;
    taken t;
    open_bench(&b, CHALK_MEDIA_AUDIO);
    attach(&b, &t);
    uint64_t begin_us = ck_clock_us();
    for (int burst = 0; burst < 12; burst++) {
        media_sleep_until(begin_us + 300000 + (uint64_t)burst * 100000);
        for (int k = 0; k < 10; k++) {
            give_sound(&b, begin_us + (uint64_t)(burst * 10 + k) * 10000);
        }
    }
    CK_CHECK(media_wait(has_five, &t, 5000));
    ck_encoding_detach(b.encoding, &t.taker);
    CK_CHECK_EQ(atomic_load(&t.broken), 0);
    CK_CHECK_EQ(stats_of(&b).frames_captured, 120);
    uint64_t dropped = stats_of(&b).frames_dropped;
    CK_CALM_ROW(dropped, dropped <= 10, dropped <= 10 + 3 * ck_calm_worst_ms() / 10);
    close_bench(&b);
}

/* What follows a single picture. */
static void watch_rest(uint32_t hint, int64_t *second_us, int *soon, int *later, taken *t)
{
    bench b;
    open_bench_for(&b, CHALK_MEDIA_VIDEO, hint);
    attach(&b, t);
    give_picture(&b, ck_clock_us());
    media_wait(has_one, t, 5000);
    uint64_t began_us = ck_clock_us();
    while (atomic_load(&t->media) < 2 && ck_clock_us() < began_us + 3000000) {
        media_sleep_until(ck_clock_us() + 2000);
    }
    *second_us = (int64_t)(ck_clock_us() - began_us);
    media_sleep_until(began_us + 1100000);
    *soon = atomic_load(&t->media) - 1;
    media_sleep_until(began_us + 4100000);
    *later = atomic_load(&t->media) - 1 - *soon;
    ck_encoding_detach(b.encoding, &t->taker);
    CK_CHECK_EQ(atomic_load(&t->broken), 0);
    close_bench(&b);
}

/* Players that hold pictures back show the last one through those that follow, the first of which
 * comes at once; then five a second where key frames come by time, one each 2 s. */
CK_CALM_TEST(media_encoding, a_picture_is_followed_by_others_soon_and_then_five_a_second)
{
    ck_calm_watch();
    static const uint32_t hints[] = {CHALK_HINT_SLIDES, CHALK_HINT_MOTION};
    for (size_t i = 0; i < CK_COUNT_OF(hints); i++) {
        taken t;
        int64_t second_us;
        int soon, later;
        watch_rest(hints[i], &second_us, &soon, &later, &t);
        CK_CALM_BETWEEN(second_us, 0, 700000, 0, 1500000);
        CK_CALM_BETWEEN(soon, 4, 13, 1, 18);
        CK_CALM_BETWEEN(later, 5, 20, 1, 26);
        CK_CHECK_ROW(atomic_load(&t.keys), atomic_load(&t.keys) >= 2);
    }
}

/* A key frame that is asked for while nothing changes is the one that there was, sent again. */
CK_TEST(media_encoding, a_newcomer_at_rest_costs_no_encoding)
{
    bench b;
    taken first, second;
    open_bench_for(&b, CHALK_MEDIA_VIDEO, CHALK_HINT_SLIDES);
    attach(&b, &first);
    ck_encoding_asks_keys(b.encoding, &first.taker, true); /* none is made by time */
    give_picture(&b, ck_clock_us());
    media_sleep_until(ck_clock_us() + 1000000);
    CK_CHECK_EQ(atomic_load(&first.keys), 1);
    attach(&b, &second); /* the picture was refined since: one is coded */
    ck_encoding_asks_keys(b.encoding, &second.taker, true);
    CK_CHECK(media_wait(has_one, &second, 2000));
    uint64_t encode_us = stats_of(&b).encode_us;
    for (int i = 0; i < 10; i++) {
        int keys = atomic_load(&first.keys);
        ck_encoding_want_key(b.encoding);
        uint64_t until_us = ck_clock_us() + 2000000;
        while (atomic_load(&first.keys) == keys && ck_clock_us() < until_us) {
            media_sleep_until(ck_clock_us() + 2000);
        }
        CK_CHECK_EQ(atomic_load(&first.keys), keys + 1);
    }
    /* Ten of them together take less than the one did. */
    CK_CHECK_ROW(stats_of(&b).encode_us - encode_us,
                 stats_of(&b).encode_us - encode_us < encode_us);
    ck_encoding_detach(b.encoding, &first.taker);
    ck_encoding_detach(b.encoding, &second.taker);
    CK_CHECK_EQ(atomic_load(&first.broken) + atomic_load(&second.broken), 0);
    close_bench(&b);
}

CK_CALM_TEST(media_encoding, more_pictures_than_wanted_cost_nothing_but_the_last_is_seen)
{
    ck_calm_watch();
    bench b;
    taken t;
    open_bench(&b, CHALK_MEDIA_VIDEO); /* 25 a second */
    attach(&b, &t);
    uint64_t next_us = ck_clock_us();
    for (int i = 0; i < 50; i++) { /* 100 a second for half a second */
        give_picture(&b, ck_clock_us());
        next_us += 10000;
        media_sleep_until(next_us);
    }
    media_sleep_until(ck_clock_us() + 150000);
    ck_encoding_stats stats = stats_of(&b);
    CK_CALM_BETWEEN(stats.frames_encoded, 8, 17, 3, 17 + 3 * ck_calm_worst_ms() / 40);
    int64_t end_us = (int64_t)(next_us - atomic_load(&b.line.origin_us));
    int64_t before_us = end_us - atomic_load(&t.last_pts_us); /* not a second later */
    CK_CALM_ROW(before_us, before_us <= 60000,
                before_us <= 60000 + 3 * (int64_t)ck_calm_worst_us());
    ck_encoding_detach(b.encoding, &t.taker);
    CK_CHECK_EQ(atomic_load(&t.broken), 0);
    close_bench(&b);
}

/* The same many changes, but its source says that it was moved: scrolled text stays sharp. */
CK_TEST(media_encoding, auto_believes_a_source_that_moves)
{
    bench b;
    taken t;
    open_bench_for(&b, CHALK_MEDIA_VIDEO, CHALK_HINT_AUTO);
    b.moves = true;
    attach(&b, &t);
    run_pictures(&b, 65);
    CK_CHECK_EQ(atomic_load(&b.hinted), 0);
    ck_encoding_detach(b.encoding, &t.taker);
    close_bench(&b);
}

/* All of it changes 25 times a second, then nothing: a film, and slides again, in one stream. */
CK_TEST(media_encoding, auto_follows_what_is_shown)
{
    bench b;
    taken t;
    open_bench_for(&b, CHALK_MEDIA_VIDEO, CHALK_HINT_AUTO);
    attach(&b, &t);
    run_pictures(&b, 65);
    CK_CHECK_EQ(atomic_load(&b.hinted), 1);
    CK_CHECK_EQ(atomic_load(&b.hint), CHALK_HINT_MOTION);
    uint64_t until_us = ck_clock_us() + 8000000;
    while (atomic_load(&b.hinted) < 2 && ck_clock_us() < until_us) {
        media_sleep_until(ck_clock_us() + 20000);
    }
    CK_CHECK_EQ(atomic_load(&b.hinted), 2);
    CK_CHECK_EQ(atomic_load(&b.hint), CHALK_HINT_SLIDES);
    CK_CHECK_EQ(atomic_load(&b.chosen), 1); /* the same encoder all the while */
    ck_encoding_detach(b.encoding, &t.taker);
    CK_CHECK_EQ(atomic_load(&t.broken), 0);
    CK_CHECK(atomic_load(&t.keys) >= 3);
    ck_encoding_destroy(&b.encoding);
}
