/* The synthetic source against its public description. */
#include "platform/synthetic/picture.h"
#include "platform/synthetic/synthetic.h"

#include "support/calm.h"
#include "support/marks.h"
#include "support/sink.h"

#include <stdlib.h>

#define VIDEO (1u << CHALK_MEDIA_VIDEO)
#define AUDIO (1u << CHALK_MEDIA_AUDIO)

static ck_source *open_synthetic(int32_t width, int32_t height, uint32_t fps)
{
    chalk_source_options options = {
        .kind = CHALK_SOURCE_SYNTHETIC, .width = width, .height = height, .fps = fps};
    ck_source *source = NULL;
    CK_CHECK_EQ(ck_synthetic_source.open(&options, NULL, &source), CHALK_OK);
    return source;
}

/* Runs for a while and closes; the sink holds what came. */
static ck_test_sink *run_synthetic(int32_t width, int32_t height, uint32_t fps, uint32_t media,
                                   unsigned ms)
{
    ck_test_sink *sink = ck_test_sink_create();
    ck_source *source = open_synthetic(width, height, fps);
    CK_CHECK_EQ(ck_synthetic_source.start(source, media, &sink->sink), CHALK_OK);
    ck_test_sleep_ms(ms);
    ck_synthetic_source.stop(source);
    ck_synthetic_source.close(&source);
    CK_CHECK(source == NULL);
    return sink;
}

CK_TEST(synthetic, picture_decodes_at_every_size)
{
    static const struct {
        int32_t width;
        int32_t height;
        uint64_t number;
        uint64_t room_us;
        int flash;
    } rows[] = {
        {1280, 720, 0, 1700000000000000, 1},    {1280, 720, 77, 1700000000099999, 1},
        {1280, 720, 78, 1700000000100000, 0},   {144, 144, 12345, 1700000000999999, 0},
        {640, 360, UINT64_MAX, UINT64_MAX, 0},  {1366, 768, 1, 1, 1},
        {3840, 2160, 0xaaaaaaaaaaaaaaaa, 0, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_frame_pool *pool = NULL;
        chalk_video_frame *frame = NULL;
        ck_picture picture;
        uint64_t number = 0, room_us = 0;
        CK_CHECK_ROW(i, ck_picture_init(&picture, rows[i].width, rows[i].height) == CHALK_OK);
        CK_CHECK_ROW(i, ck_frame_pool_create(1, &pool) == CHALK_OK);
        CK_CHECK_ROW(i, ck_frame_pool_take(pool, CHALK_PIXEL_I420, rows[i].width, rows[i].height,
                                           &frame) == CHALK_OK);
        ck_picture_draw(&picture, frame, rows[i].number, rows[i].room_us);
        const ck_marks_view view = {frame->info.planes[0], frame->info.strides[0], rows[i].width,
                                    rows[i].height, 0};
        CK_CHECK_ROW(i, ck_marks_read(&view, &number, &room_us));
        CK_CHECK_ROW(i, number == rows[i].number);
        CK_CHECK_ROW(i, room_us == rows[i].room_us);
        CK_CHECK_ROW(i, ck_marks_flash(&view) == rows[i].flash);
        chalk_video_frame_unref(&frame);
        ck_frame_pool_destroy(&pool);
        ck_picture_free(&picture);
    }
}

/* 8192 x 144: the blocks are taller than the picture, and nothing is drawn outside of it. */
CK_TEST(synthetic, flat_picture_is_clipped)
{
    ck_test_sink *sink = run_synthetic(8192, 144, 15, VIDEO, 300);
    CK_CHECK(sink->pictures_count >= 2);
    CK_CHECK(!sink->pictures[0].marked);
    ck_test_sink_destroy(&sink);
}

CK_TEST(synthetic, marks_survive_scaling)
{
    enum { W = 1280, H = 720, HALF_W = 852, HALF_H = 480 };
    ck_frame_pool *pool = NULL;
    chalk_video_frame *frame = NULL;
    ck_picture picture;
    CK_CHECK_EQ(ck_picture_init(&picture, W, H), CHALK_OK);
    CK_CHECK_EQ(ck_frame_pool_create(1, &pool), CHALK_OK);
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, W, H, &frame), CHALK_OK);
    ck_picture_draw(&picture, frame, 4711, 1700000000000042);
    uint8_t *small = malloc(HALF_W * HALF_H);
    for (int y = 0; y < HALF_H; y++) {
        for (int x = 0; x < HALF_W; x++) {
            small[y * HALF_W + x] =
                frame->info.planes[0][y * H / HALF_H * frame->info.strides[0] + x * W / HALF_W];
        }
    }
    const ck_marks_view view = {small, HALF_W, HALF_W, HALF_H, W};
    uint64_t number = 0, room_us = 0;
    CK_CHECK(ck_marks_read(&view, &number, &room_us));
    CK_CHECK_EQ(number, 4711);
    CK_CHECK_EQ(room_us, 1700000000000042);
    CK_CHECK_EQ(ck_marks_flash(&view), 1);
    free(small);
    chalk_video_frame_unref(&frame);
    ck_frame_pool_destroy(&pool);
    ck_picture_free(&picture);
}

CK_CALM_TEST(synthetic, pictures_are_numbered_paced_and_tell_the_time)
{
    ck_calm_watch();
    ck_test_sink *sink = run_synthetic(640, 360, 15, VIDEO, 2500);
    CK_CALM_BETWEEN(sink->pictures_count, 34, 39, 20, 60);
    CK_CHECK_EQ(sink->blocks_count, 0);
    int64_t offset = 0;
    for (size_t i = 0; i < sink->pictures_count; i++) {
        const ck_test_picture *p = &sink->pictures[i];
        CK_CHECK_ROW(i, p->marked);
        CK_CHECK_ROW(i, p->number == i);
        CK_CHECK_ROW(i, p->width == 640 && p->height == 360);
        CK_CHECK_ROW(i, p->flash == (p->room_us % 1000000 < 100000));
        CK_CHECK_ROW(i, p->given_us >= p->capture_us);
        int64_t difference = (int64_t)p->room_us - (int64_t)p->capture_us;
        CK_CHECK_ROW(i, i == 0 || difference == offset);
        offset = difference;
        /* On the grid of fifteenths of a second, so one picture lies exactly on each second. */
        uint64_t place = p->room_us % 1000000;
        CK_CHECK_ROW(i, place == (place * 15 + 999999) / 1000000 * 1000000 / 15);
    }
    int64_t wall = (int64_t)ck_wall_us() - (int64_t)ck_clock_us();
    CK_CHECK(llabs(wall - offset) < 20000);
    ck_test_sink_destroy(&sink);
}

/* When the room time of a picture's flash begins, the click of that second begins in the sound. */
CK_TEST(synthetic, click_and_flash_begin_together)
{
    ck_test_sink *sink = run_synthetic(320, 180, 50, VIDEO | AUDIO, 3200);
    size_t pairs = 0;
    for (size_t i = 1; i < sink->pictures_count; i++) {
        if (sink->pictures[i].flash != 1 || sink->pictures[i - 1].flash != 0) {
            continue;
        }
        uint64_t flash_us = sink->pictures[i].capture_us;
        ptrdiff_t click = -1;
        for (size_t from = 0;
             (click = ck_marks_click(sink->samples, sink->samples_count, 1, from)) >= 0;
             from = (size_t)click + 1) {
            uint64_t click_us =
                sink->blocks[click / 480].capture_us + (uint64_t)(click % 480) * 125 / 6;
            if (llabs((int64_t)click_us - (int64_t)flash_us) < 500000) {
                CK_CHECK(llabs((int64_t)click_us - (int64_t)flash_us) <= 2000);
                pairs++;
            }
        }
    }
    CK_CHECK(pairs >= 2);
    ck_test_sink_destroy(&sink);
}

CK_CALM_TEST(synthetic, sound_is_gapless)
{
    ck_calm_watch();
    ck_test_sink *sink = run_synthetic(144, 144, 1, AUDIO, 2200);
    CK_CHECK_EQ(sink->pictures_count, 0);
    CK_CALM_BETWEEN(sink->blocks_count, 210, 225, 110, 450);
    for (size_t i = 0; i < sink->blocks_count; i++) {
        const ck_test_block *b = &sink->blocks[i];
        CK_CHECK_ROW(i, b->rate == 48000 && b->channels == 1 && b->frames == 480);
        CK_CHECK_ROW(i, i == 0 || b->capture_us == sink->blocks[i - 1].capture_us + 10000);
        CK_CHECK_ROW(i, b->given_us >= b->capture_us + 10000);
    }
    ptrdiff_t first = ck_marks_click(sink->samples, sink->samples_count, 1, 0);
    CK_CHECK(first >= 0);
    ptrdiff_t second = ck_marks_click(sink->samples, sink->samples_count, 1, (size_t)first + 1);
    CK_CHECK_EQ(second - first, 48000);
    ck_test_sink_destroy(&sink);
}

CK_TEST(synthetic, can_be_stopped_and_started_again)
{
    ck_test_sink *sink = ck_test_sink_create();
    ck_source *source = open_synthetic(144, 144, 30);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(ck_synthetic_source.start(source, VIDEO, &sink->sink), CHALK_OK);
        CK_CHECK_EQ(ck_synthetic_source.start(source, VIDEO, &sink->sink), CHALK_ERR_BAD_STATE);
        CK_CHECK(ck_test_sink_wait_pictures(sink, ck_test_sink_pictures(sink) + 3, 2000));
        ck_synthetic_source.stop(source);
        size_t count = ck_test_sink_pictures(sink);
        ck_test_sleep_ms(100);
        CK_CHECK_EQ(ck_test_sink_pictures(sink), count);
    }
    CK_CHECK_EQ(ck_synthetic_source.start(source, 0, &sink->sink), CHALK_ERR_INVALID_ARGUMENT);
    ck_synthetic_source.close(&source);
    ck_test_sink_destroy(&sink);
}

/* The goal is "a few per cent of a core"; a machine under load must not make this fail by chance.
 */
CK_TEST(synthetic, drawing_is_cheap)
{
    ck_frame_pool *pool = NULL;
    ck_picture picture;
    CK_CHECK_EQ(ck_picture_init(&picture, 1280, 720), CHALK_OK);
    CK_CHECK_EQ(ck_frame_pool_create(1, &pool), CHALK_OK);
    uint64_t before = ck_thread_cpu_us();
    for (uint64_t i = 0; i < 100; i++) {
        chalk_video_frame *frame = NULL;
        CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, 1280, 720, &frame), CHALK_OK);
        ck_picture_draw(&picture, frame, i, i);
        chalk_video_frame_unref(&frame);
    }
    uint64_t each = (ck_thread_cpu_us() - before) / 100;
    CK_CHECK(each < 3000); /* 15 of them: 4.5 % of a core */
    ck_frame_pool_destroy(&pool);
    ck_picture_free(&picture);
}
