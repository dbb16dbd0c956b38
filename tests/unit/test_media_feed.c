/* A feed by itself: who gets which picture, and what of its damage may be believed. */
#include "runtime/media/feed.h"

#include "base/check.h"
#include "support/check.h"

#include <string.h>

typedef struct taken {
    ck_feed_taker taker;
    chalk_video_frame *last;
    int pictures, whole, sounds;
} taken;

static void on_video(void *user, chalk_video_frame *frame, bool whole)
{
    taken *t = user;
    chalk_video_frame_unref(&t->last);
    t->last = chalk_video_frame_ref(frame);
    t->pictures++;
    t->whole += whole;
}

static void on_audio(void *user, const ck_audio_block *block)
{
    taken *t = user;
    (void)block;
    t->sounds++;
}

static void on_notice(void *user, int what, int status, const char *text)
{
    (void)user;
    (void)what;
    (void)status;
    (void)text;
}

static taken taker_of(uint32_t media)
{
    return (taken){.taker = {.media = media, .video = on_video, .audio = on_audio}};
}

static void attach(ck_feed *feed, taken *t)
{
    t->taker.user = t;
    CK_CHECK_EQ(ck_feed_attach(feed, &t->taker), CHALK_OK);
}

static ck_feed *open_feed(void)
{
    const ck_feed_config config = {.notice = on_notice};
    ck_feed *feed = NULL;
    CK_CHECK_EQ(ck_feed_open(&config, &feed), CHALK_OK);
    return feed;
}

static chalk_video_frame *grey_of(uint8_t grey)
{
    static uint8_t pixels[320 * 180 * 4];
    memset(pixels, grey, sizeof pixels);
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = 320;
    info.height = 180;
    info.planes[0] = pixels;
    info.strides[0] = 320 * 4;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    return frame;
}

/* A picture of one grey. */
static chalk_video_frame *push(ck_feed *feed, uint8_t grey)
{
    chalk_video_frame *frame = grey_of(grey);
    ck_feed_push_video(feed, frame);
    return frame;
}

static void push_sound(ck_feed *feed)
{
    static const float samples[480];
    const ck_audio_block block = {
        .samples = samples, .frames = 480, .rate = 48000, .channels = 1, .capture_us = 1};
    ck_feed_push_audio(feed, &block);
}

static uint8_t luma_at(const chalk_video_frame *frame, int32_t x, int32_t y)
{
    return frame->info.planes[0][y * frame->info.strides[0] + x];
}

CK_TEST(media_feed, a_paused_source_is_a_card)
{
    ck_feed *feed = open_feed();
    taken video = taker_of(CHALK_MEDIA_VIDEO), audio = taker_of(CHALK_MEDIA_AUDIO);
    taken late = taker_of(CHALK_MEDIA_VIDEO);
    attach(feed, &video);
    attach(feed, &audio);
    chalk_video_frame *first = push(feed, 1), *second = push(feed, 2);
    CK_CHECK(video.last == second && video.pictures == 2 && video.whole == 1);
    CK_CHECK_EQ(ck_feed_pause(feed, true), CHALK_OK);
    CK_CHECK_EQ(video.pictures, 3);
    CK_CHECK(video.last->info.format == CHALK_PIXEL_I420);
    CK_CHECK(video.last->info.width == 320 && video.last->info.height == 180);
    CK_CHECK(luma_at(video.last, 2, 2) < 60);
    CK_CHECK(luma_at(video.last, 160 - 15, 90) > 150); /* a bar beside the middle */
    CK_CHECK(luma_at(video.last, 160, 90) < 60);
    chalk_video_frame *third = push(feed, 3), *fourth = push(feed, 4);
    push_sound(feed);
    attach(feed, &late);
    CK_CHECK(video.pictures == 3 && audio.sounds == 0);
    CK_CHECK(late.last == video.last);
    CK_CHECK_EQ(ck_feed_pause(feed, false), CHALK_OK);
    CK_CHECK(video.last == fourth && late.last == fourth && video.whole == 3 && late.whole == 2);
    chalk_video_frame *fifth = push(feed, 5);
    push_sound(feed);
    CK_CHECK(video.last == fifth && video.whole == 3 && audio.sounds == 1);
    chalk_video_frame *frames[] = {first, second, third, fourth, fifth, video.last, late.last};
    ck_feed_detach(feed, &video.taker);
    ck_feed_detach(feed, &audio.taker);
    ck_feed_detach(feed, &late.taker);
    ck_feed_close(&feed);
    for (size_t i = 0; i < CK_COUNT_OF(frames); i++) {
        chalk_video_frame_unref(&frames[i]);
    }
}

/* --- the pointer ----------------------------------------------------------------------------- */

static ck_source_sink pointed; /* of the source that the test plays */
static ck_source_pointer last;
static int shapes;

static int screen_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    (void)options;
    (void)log;
    *out = (ck_source *)(void *)&pointed;
    return CHALK_OK;
}

static int screen_size(ck_source *s, int32_t *width, int32_t *height)
{
    (void)s;
    *width = *height = 64;
    return CHALK_OK;
}

static int screen_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    (void)s;
    (void)media;
    pointed = *sink;
    return CHALK_OK;
}

static void screen_stop(ck_source *s)
{
    (void)s;
}

static void screen_close(ck_source **s)
{
    *s = NULL;
}

static void on_pointer(void *user, const ck_source_pointer *pointer)
{
    (void)user;
    last = *pointer;
    shapes += pointer->shape != NULL;
}

CK_TEST(media_feed, a_pointer_is_where_its_picture_is_shown)
{
    static const ck_source_backend screen = {.kind = CHALK_SOURCE_WINDOW,
                                             .media = 1u << CHALK_MEDIA_VIDEO,
                                             .open = screen_open,
                                             .size = screen_size,
                                             .start = screen_start,
                                             .stop = screen_stop,
                                             .close = screen_close};
    const ck_feed_config config = {.backend = &screen, .notice = on_notice, .pointer = on_pointer};
    ck_feed *feed = NULL;
    CK_CHECK_EQ(ck_feed_open(&config, &feed), CHALK_OK);
    taken t = taker_of(CHALK_MEDIA_VIDEO);
    attach(feed, &t);
    const ck_shape shape = {.width = 1};
    const ck_source_pointer at = {.visible = true, .x = 3, .y = 4, .shape = &shape};
    pointed.pointer(pointed.user, &at);
    CK_CHECK(last.visible && last.x == 3 && last.y == 4 && shapes == 1);
    ck_feed_rest(feed, 1u << CHALK_MEDIA_VIDEO);
    CK_CHECK(!last.visible);
    ck_feed_rest(feed, 0);
    CK_CHECK(last.visible && last.x == 3 && last.shape == NULL);
    CK_CHECK_EQ(ck_feed_pause(feed, true), CHALK_OK);
    CK_CHECK(!last.visible);
    pointed.pointer(pointed.user, &at);
    CK_CHECK(!last.visible && shapes == 2); /* its shape is not lost */
    CK_CHECK_EQ(ck_feed_pause(feed, false), CHALK_OK);
    CK_CHECK(!last.visible); /* the card stays until there is a picture */
    pointed.video(pointed.user, grey_of(5));
    CK_CHECK(last.visible);
    pointed.notice(pointed.user, CK_SOURCE_HIDDEN, CHALK_OK, "");
    CK_CHECK(!last.visible);
    pointed.pointer(pointed.user, &at);
    ck_feed_detach(feed, &t.taker); /* nobody takes the picture */
    CK_CHECK(!last.visible);
    chalk_video_frame_unref(&t.last);
    ck_feed_close(&feed);
}

/* What was not given to a taker is missing in the damage of what comes then. */
CK_TEST(media_feed, whoever_missed_a_picture_is_told)
{
    ck_feed *feed = open_feed();
    taken t = taker_of(CHALK_MEDIA_VIDEO);
    attach(feed, &t);
    chalk_video_frame *frames[4];
    frames[0] = push(feed, 1);
    frames[1] = push(feed, 2);
    CK_CHECK_EQ(t.whole, 1);
    ck_feed_rest(feed, 1u << CHALK_MEDIA_VIDEO);
    frames[2] = push(feed, 3);
    CK_CHECK(t.last == frames[1]);
    ck_feed_rest(feed, 0);
    frames[3] = push(feed, 4);
    CK_CHECK(t.last == frames[3] && t.whole == 2);
    ck_feed_detach(feed, &t.taker);
    chalk_video_frame_unref(&t.last);
    ck_feed_close(&feed);
    for (size_t i = 0; i < CK_COUNT_OF(frames); i++) {
        chalk_video_frame_unref(&frames[i]);
    }
}
