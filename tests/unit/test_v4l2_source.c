/* The camera source over recorded cameras: what is given and said when they come, go, are taken by
 * others, fall silent or give rubbish. Times are a third of the real ones and less. */
#include "platform/linux/v4l2_source.h"

#include "base/check.h"
#include "base/time.h"
#include "support/check.h"
#include "support/sink.h"
#include "support/v4l2_replay.h"

#include <errno.h>

#define VIDEO    (1u << CHALK_MEDIA_VIDEO)
#define PATIENCE 5000
#define BLACK    16

static const ck_v4l2_timing quick = {1000 * CK_US_PER_MS, 60 * CK_US_PER_MS, 30 * CK_US_PER_MS};

typedef struct stage {
    ck_replay *replay;
    ck_test_sink *sink;
    ck_source *source;
    ck_recording webcam;
    ck_recording raw;
} stage;

static int open_source(stage *s, const ck_v4l2_timing *timing, int32_t width, uint32_t fps)
{
    const chalk_source_options options = {.kind = CHALK_SOURCE_CAMERA,
                                          .width = width,
                                          .height = width == 640 ? 480 : 720,
                                          .fps = fps};
    return ck_v4l2_source_open(ck_replay_port(s->replay), timing, &options, NULL, &s->source);
}

static void open_stage(stage *s, uint64_t period_us)
{
    *s = (stage){.replay = ck_replay_create(period_us, 1), .sink = ck_test_sink_create()};
    ck_recording_load(CK_CAMERAS, "webcam.txt", &s->webcam);
    ck_recording_load(CK_CAMERAS, "raw.txt", &s->raw);
    ck_replay_plug(s->replay, 0, &s->webcam);
}

static void start(stage *s)
{
    CK_CHECK_EQ(open_source(s, &quick, 640, 30), CHALK_OK);
    CK_CHECK_EQ(ck_v4l2_camera.start(s->source, VIDEO, &s->sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_pictures(s->sink, 3, PATIENCE));
}

static void close_stage(stage *s)
{
    ck_v4l2_camera.close(&s->source);
    CK_CHECK_EQ(ck_replay_leaks(s->replay), 0);
    ck_test_sink_destroy(&s->sink);
    ck_replay_destroy(&s->replay);
}

/* The luma at the lower right of the newest picture. */
static int newest_luma(stage *s)
{
    chalk_video_frame *f = ck_test_sink_newest(s->sink);
    const chalk_video_info *i = &f->info;
    int luma = i->planes[0][(i->height - 1) * i->strides[0] + i->width - 1];
    int corner = i->planes[0][0];
    chalk_video_frame_unref(&f);
    return corner == BLACK ? BLACK : luma + 1; /* a black picture is black in its corner too */
}

static void expect(stage *s, size_t nth, int what, int status, const char *text)
{
    ck_test_notice n = {0};
    CK_CHECK(ck_test_sink_wait_notice(s->sink, nth, what, PATIENCE, &n));
    CK_CHECK_EQ(ck_test_sink_notices(s->sink), nth + 1);
    CK_CHECK_EQ(n.status, status);
    CK_CHECK(strstr(n.text, text) != NULL);
}

static void expect_black(stage *s)
{
    size_t before = ck_test_sink_pictures(s->sink);
    CK_CHECK(ck_test_sink_wait_pictures(s->sink, before + 2, PATIENCE));
    CK_CHECK_EQ(newest_luma(s), BLACK);
    chalk_video_frame *f = ck_test_sink_newest(s->sink);
    CK_CHECK_EQ(f->info.color, CHALK_COLOR_BT601_LIMITED); /* as its pictures were */
    chalk_video_frame_unref(&f);
}

static void expect_alive(stage *s)
{
    size_t before = ck_test_sink_pictures(s->sink);
    CK_CHECK(ck_test_sink_wait_pictures(s->sink, before + 2, PATIENCE));
    CK_CHECK(newest_luma(s) != BLACK);
}

CK_TEST(v4l2_source, pictures_of_the_size_and_rate_asked_for)
{
    static const struct {
        uint64_t period_us;
        uint32_t fps;
        size_t permille; /* of what the camera gave that is passed on at least */
    } rows[] = {
        {33333, 30, 900},
        {33333, 25, 700},
        {33333, 10, 250},
        {5000, 20, 80},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        stage s;
        int32_t width = 0, height = 0;
        open_stage(&s, rows[i].period_us);
        CK_CHECK_EQ(open_source(&s, &quick, 640, rows[i].fps), CHALK_OK);
        CK_CHECK_EQ(ck_v4l2_camera.size(s.source, &width, &height), CHALK_OK);
        CK_CHECK(width == 640 && height == 480);
        CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_OK);
        CK_CHECK(ck_test_sink_wait_pictures(s.sink, 1, PATIENCE));
        ck_test_sleep_ms(1000);
        ck_v4l2_camera.stop(s.source);
        size_t count = ck_test_sink_pictures(s.sink);
        uint64_t span_us = s.sink->pictures[count - 1].capture_us - s.sink->pictures[0].capture_us;
        CK_CHECK_ROW(i, count - 1 <= span_us * rows[i].fps / CK_US_PER_S + 1);
        CK_CHECK_ROW(i, count * 1000 >= ck_replay_given(s.replay) * rows[i].permille);
        for (size_t p = 0; p < count; p++) {
            const ck_test_picture *picture = &s.sink->pictures[p];
            CK_CHECK_ROW(i, picture->width == 640 && picture->height == 480);
            CK_CHECK_ROW(i, picture->capture_us <= picture->given_us);
            CK_CHECK_ROW(i, p == 0 || picture->capture_us > picture[-1].capture_us);
        }
        CK_CHECK_ROW(i, ck_test_sink_notices(s.sink) == 0);
        close_stage(&s);
    }
}

CK_TEST(v4l2_source, opening)
{
    static const struct {
        bool plugged;
        int denied;
        const char *holder;
        uint32_t fps;
        int status;
    } rows[] = {
        {true, 0, NULL, 30, CHALK_OK},
        {false, 0, NULL, 30, CHALK_ERR_NO_DEVICE},
        {true, EACCES, NULL, 30, CHALK_ERR_NO_PERMISSION},
        {true, EMFILE, NULL, 30, CHALK_ERR_LIMIT},
        {true, 0, "cheese, process 7", 30, CHALK_ERR_DEVICE_BUSY},
        {true, 0, NULL, 61, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        stage s;
        open_stage(&s, 1000);
        if (!rows[i].plugged) {
            ck_replay_unplug(s.replay, 0);
        }
        ck_replay_deny(s.replay, 0, rows[i].denied);
        ck_replay_hold(s.replay, 0, rows[i].holder);
        CK_CHECK_ROW(i, open_source(&s, &quick, 640, rows[i].fps) == rows[i].status);
        CK_CHECK_ROW(i, (s.source != NULL) == (rows[i].status == CHALK_OK));
        close_stage(&s);
    }
}

CK_TEST(v4l2_source, two_of_one_camera)
{
    stage s;
    open_stage(&s, 1000);
    CK_CHECK_EQ(open_source(&s, &quick, 640, 30), CHALK_OK);
    ck_source *first = s.source;
    CK_CHECK_EQ(open_source(&s, &quick, 640, 30), CHALK_ERR_DEVICE_BUSY);
    ck_v4l2_camera.close(&first);
    s.source = NULL;
    CK_CHECK_EQ(open_source(&s, &quick, 640, 30), CHALK_OK);
    close_stage(&s);
}

CK_TEST(v4l2_source, unplugged_and_back)
{
    stage s;
    open_stage(&s, 4000);
    start(&s);
    ck_replay_unplug(s.replay, 0);
    expect(&s, 0, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "not plugged in");
    expect_black(&s);
    ck_replay_plug(s.replay, 3, &s.webcam); /* the node has another number now */
    expect(&s, 1, CK_SOURCE_RECOVERED, CHALK_OK, "back");
    expect_alive(&s);
    close_stage(&s);
}

/* Who plugs a camera in does not want to wait for the next attempt. */
CK_TEST(v4l2_source, appearing_is_noticed_at_once)
{
    const ck_v4l2_timing slow = {10 * CK_US_PER_S, 3600 * CK_US_PER_S, CK_US_PER_S};
    stage s;
    open_stage(&s, 4000);
    CK_CHECK_EQ(open_source(&s, &slow, 640, 60), CHALK_OK);
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_pictures(s.sink, 3, PATIENCE));
    ck_replay_unplug(s.replay, 0);
    expect(&s, 0, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "");
    ck_replay_deny(s.replay, 0, EACCES); /* a new node has no rights for a moment */
    ck_replay_plug(s.replay, 0, &s.webcam);
    expect(&s, 1, CK_SOURCE_LOST, CHALK_ERR_NO_PERMISSION, "/dev/video0");
    ck_replay_deny(s.replay, 0, 0);
    expect(&s, 2, CK_SOURCE_RECOVERED, CHALK_OK, "");
    close_stage(&s);
}

CK_TEST(v4l2_source, taken_by_another_while_it_was_gone)
{
    stage s;
    open_stage(&s, 4000);
    start(&s);
    ck_replay_unplug(s.replay, 0);
    expect(&s, 0, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "");
    ck_replay_hold(s.replay, 0, "cheese, process 7");
    ck_replay_plug(s.replay, 0, &s.webcam);
    expect(&s, 1, CK_SOURCE_LOST, CHALK_ERR_DEVICE_BUSY, "cheese, process 7");
    expect_black(&s);
    ck_replay_hold(s.replay, 0, NULL);
    expect(&s, 2, CK_SOURCE_RECOVERED, CHALK_OK, "");
    expect_alive(&s);
    close_stage(&s);
}

CK_TEST(v4l2_source, silence_and_rubbish)
{
    static const struct {
        enum ck_replay_pictures pictures;
        int status;
    } rows[] = {
        {CK_REPLAY_NONE, CHALK_ERR_TIMEOUT},
        {CK_REPLAY_SHORT, CHALK_ERR_BAD_DATA},
        {CK_REPLAY_FLAGGED, CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        stage s;
        open_stage(&s, 4000);
        start(&s);
        ck_replay_pictures(s.replay, rows[i].pictures);
        expect(&s, 0, CK_SOURCE_LOST, rows[i].status, "the camera gives");
        expect_black(&s);
        ck_test_sleep_ms(1300); /* it is opened again and again, and is no better */
        CK_CHECK_ROW(i, ck_test_sink_notices(s.sink) == 1);
        ck_replay_pictures(s.replay, CK_REPLAY_GOOD);
        expect(&s, 1, CK_SOURCE_RECOVERED, CHALK_OK, "");
        expect_alive(&s);
        close_stage(&s);
    }
}

/* One broken picture is left out, and nothing is said. */
CK_TEST(v4l2_source, a_hiccup_is_no_loss)
{
    stage s;
    open_stage(&s, 4000);
    start(&s);
    ck_replay_pictures(s.replay, CK_REPLAY_FLAGGED);
    ck_test_sleep_ms(60);
    ck_replay_pictures(s.replay, CK_REPLAY_GOOD);
    expect_alive(&s);
    CK_CHECK_EQ(ck_test_sink_notices(s.sink), 0);
    close_stage(&s);
}

CK_TEST(v4l2_source, another_camera_behind_the_same_wish)
{
    stage s;
    open_stage(&s, 4000);
    CK_CHECK_EQ(open_source(&s, &quick, 1280, 60), CHALK_OK);
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_pictures(s.sink, 3, PATIENCE));
    ck_replay_unplug(s.replay, 0);
    expect(&s, 0, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "");
    s.webcam.count = 4; /* it comes back in a slower port, without its larger modes */
    ck_replay_plug(s.replay, 0, &s.webcam);
    ck_test_notice n;
    CK_CHECK(ck_test_sink_wait_notice(s.sink, 1, CK_SOURCE_RESIZED, PATIENCE, &n));
    CK_CHECK_STR(n.text, "the picture is now 640 x 480");
    CK_CHECK(ck_test_sink_wait_notice(s.sink, 1, CK_SOURCE_RECOVERED, PATIENCE, &n));
    expect_alive(&s);
    close_stage(&s);
}

/* Stopped and started again, also while the camera is away. */
CK_TEST(v4l2_source, again)
{
    stage s;
    open_stage(&s, 4000);
    start(&s);
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_ERR_BAD_STATE);
    ck_v4l2_camera.stop(s.source);
    size_t count = ck_test_sink_pictures(s.sink);
    ck_test_sleep_ms(50);
    CK_CHECK_EQ(ck_test_sink_pictures(s.sink), count);
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_OK);
    expect_alive(&s);
    ck_replay_unplug(s.replay, 0);
    expect(&s, 0, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "");
    ck_v4l2_camera.stop(s.source);
    ck_replay_plug(s.replay, 0, &s.webcam);
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, VIDEO, &s.sink->sink), CHALK_OK);
    expect(&s, 1, CK_SOURCE_RECOVERED, CHALK_OK, "");
    CK_CHECK_EQ(ck_v4l2_camera.start(s.source, 1u << CHALK_MEDIA_AUDIO, &s.sink->sink),
                CHALK_ERR_INVALID_ARGUMENT);
    close_stage(&s);
}
