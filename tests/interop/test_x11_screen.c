/* The screen source against a real X server. */
#include "platform/linux/x11.h"

#include "interop/x11_support.h"
#include "support/calm.h"
#include "support/child.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define VIDEO (1u << CHALK_MEDIA_VIDEO)
#define W     640
#define H     480

static uint32_t noise[W * H];

static ck_source *open_screen(const chalk_source_options *options)
{
    chalk_source_options o = *options;
    o.kind = CHALK_SOURCE_SCREEN;
    ck_source *source = NULL;
    CK_CHECK_EQ(ck_x11_screen.open(&o, NULL, &source), CHALK_OK);
    return source;
}

static ck_source *start_screen(x11_scene *scene, const chalk_source_options *options)
{
    ck_source *source = open_screen(options);
    CK_CHECK_EQ(ck_x11_screen.start(source, VIDEO, &scene->sink->sink), CHALK_OK);
    return source;
}

/* Every way to get at pixels gives exactly what was drawn, also after a part of it changed. */
CK_TEST(x11_screen, pixels_are_exact_with_and_without_extensions)
{
    static const char *const without[] = {NULL,     "MIT-SHM", "DAMAGE",
                                          "XFIXES", "RANDR",   "Composite"};
    for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
        x11_scene scene = x11_scene_open("640x480x24", without[i]);
        const chalk_source_options options = {.fps = 30};
        ck_source *source = start_screen(&scene, &options);
        xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
        x11_noise(noise, W, H, 1);
        x11_draw(&scene, window, noise, W, H);
        CK_CHECK_ROW(i, x11_wait_picture(&scene, noise, W, H));
        /* Some small changes one after the other: each buffer must catch up with all of them. */
        for (int n = 0; n < 12; n++) {
            const chalk_rect r = {n * 50, n * 37, 13, 7};
            x11_fill(&scene, window, r, 0x123456);
            for (int y = r.y; y < r.y + r.height; y++) {
                for (int x = r.x; x < r.x + r.width; x++) {
                    noise[y * W + x] = 0x123456;
                }
            }
            CK_CHECK_ROW(i, x11_wait_picture(&scene, noise, W, H));
        }
        ck_x11_screen.close(&source);
        x11_scene_close(&scene);
    }
}

CK_CALM_TEST(x11_screen, still_screen_repeats_once_a_second)
{
    ck_calm_watch();
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 30, .cursor = 1};
    ck_source *source = start_screen(&scene, &options);
    CK_CHECK(ck_test_sink_wait_pictures(scene.sink, 1, 3000));
    ck_test_sleep_ms(300);
    size_t before = ck_test_sink_pictures(scene.sink);
    ck_test_sleep_ms(3200);
    size_t more = ck_test_sink_pictures(scene.sink) - before;
    CK_CALM_BETWEEN(more, 2, 4, 1, 5);
    const ck_test_picture *last = &scene.sink->pictures[before + more - 1];
    CK_CHECK_EQ(last->damage_count, 1);
    CK_CHECK_EQ(last->damage.width * last->damage.height, 4);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

CK_CALM_TEST(x11_screen, change_is_seen_at_once_and_where_it_is)
{
    ck_calm_watch();
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 5};
    ck_source *source = start_screen(&scene, &options);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
    ck_test_sleep_ms(800);
    size_t before = ck_test_sink_pictures(scene.sink);
    uint64_t drawn_us = ck_clock_us();
    x11_fill(&scene, window, (chalk_rect){100, 200, 30, 20}, 0xff0000);
    CK_CHECK(ck_test_sink_wait_pictures(scene.sink, before + 1, 2000));
    const ck_test_picture *p = &scene.sink->pictures[before];
    CK_CHECK_EQ(p->damage_count, 1);
    CK_CHECK_EQ(p->damage.x, 100);
    CK_CHECK_EQ(p->damage.y, 200);
    CK_CHECK_EQ(p->damage.width, 30);
    CK_CHECK_EQ(p->damage.height, 20);
    /* Well within the 200 ms that polling at 5 a second would take. */
    uint64_t late_us = p->given_us - drawn_us;
    CK_CALM_ROW(late_us, late_us < 100000, late_us < 100000 + 3 * ck_calm_worst_us());
    CK_CHECK(p->capture_us <= p->given_us && p->capture_us >= drawn_us);
    CK_CHECK_EQ(x11_pixel(&scene, 100, 200), 0xff0000);
    CK_CHECK_EQ(x11_pixel(&scene, 99, 200), 0);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

CK_CALM_TEST(x11_screen, rate_is_kept_under_constant_change)
{
    ck_calm_watch();
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 20};
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
    ck_source *source = start_screen(&scene, &options);
    for (int i = 0; i < 400; i++) {
        x11_fill(&scene, window, (chalk_rect){i, 10, 20, 20}, (uint32_t)i * 77777 & 0xffffff);
        ck_test_sleep_ms(5);
    }
    size_t count = ck_test_sink_pictures(scene.sink);
    const ck_test_picture *p = scene.sink->pictures;
    double seconds = (double)(p[count - 1].capture_us - p[0].capture_us) / 1e6;
    double rate = (double)(count - 1) / seconds;
    CK_CALM_BETWEEN(rate, 18.0, 21.0, 9.0, 21.0);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

/* Pictures that are held outside are never written into again, and the source goes on without them.
 */
CK_TEST(x11_screen, held_pictures_do_not_change)
{
    enum { HELD = 10 };
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 60};
    ck_source *source = start_screen(&scene, &options);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
    chalk_video_frame *held[HELD] = {NULL};
    uint32_t color[HELD] = {0};
    for (int i = 0; i < HELD; i++) {
        x11_fill(&scene, window, (chalk_rect){0, 0, W, H}, 0x10 * ((uint32_t)i + 1));
        ck_test_sleep_ms(60);
        held[i] = ck_test_sink_newest(scene.sink);
        color[i] = held[i]->info.planes[0][0];
    }
    CK_CHECK_EQ(color[0], 0x10);
    CK_CHECK_EQ(color[3], 0x40);
    for (int i = 0; i < HELD; i++) {
        for (int n = 0; n < W * 4 * H; n += 4) {
            CK_CHECK_ROW(i, held[i]->info.planes[0][n] == color[i]);
        }
        chalk_video_frame_unref(&held[i]);
    }
    x11_fill(&scene, window, (chalk_rect){0, 0, W, H}, 0x00ff00);
    CK_CHECK(x11_wait_pixel(&scene, 5, 5, 0x00ff00));
    chalk_video_frame *late = ck_test_sink_newest(scene.sink);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
    CK_CHECK_EQ(late->info.planes[0][1], 0xff); /* frames outlive their source and server */
    chalk_video_frame_unref(&late);
}

CK_TEST(x11_screen, pointer_is_drawn_when_asked_for)
{
    for (uint32_t wanted = 0; wanted < 2; wanted++) {
        x11_scene scene = x11_scene_open("640x480x24", NULL);
        x11_fill(&scene, scene.screen->root, (chalk_rect){0, 0, W, H}, 0x0000ff);
        x11_pointer(&scene, 0xff8000, 50, 60);
        const chalk_source_options options = {.fps = 30, .cursor = wanted};
        ck_source *source = start_screen(&scene, &options);
        uint32_t under = wanted ? 0xff8000 : 0x0000ff;
        CK_CHECK_ROW(wanted, x11_wait_pixel(&scene, 50, 60, under));
        CK_CHECK_ROW(wanted, x11_wait_pixel(&scene, 65, 75, under));
        CK_CHECK_ROW(wanted, x11_pixel(&scene, 49, 60) == 0x0000ff);
        CK_CHECK_ROW(wanted, x11_pixel(&scene, 66, 76) == 0x0000ff);
        /* It moves: gone from the old place, there at the new one, cut at the edge. */
        x11_pointer(&scene, 0xff8000, W - 5, H - 5);
        under = wanted ? 0xff8000 : 0x0000ff;
        CK_CHECK_ROW(wanted, x11_wait_pixel(&scene, W - 1, H - 1, under));
        CK_CHECK_ROW(wanted, x11_wait_pixel(&scene, 50, 60, 0x0000ff));
        x11_pointer(&scene, 0x00ff00, W - 5, H - 5); /* another shape at the same place */
        CK_CHECK_ROW(wanted, x11_wait_pixel(&scene, W - 1, H - 1, wanted ? 0x00ff00 : 0x0000ff));
        ck_x11_screen.close(&source);
        x11_scene_close(&scene);
    }
}

/* Waits for a pointer at that place; NULL: it never came. */
static const ck_test_pointer *wait_pointer(x11_scene *scene, uint32_t x, uint32_t y, bool visible)
{
    for (size_t i = 0; ck_test_sink_wait_pointers(scene->sink, i + 1, 3000); i++) {
        const ck_test_pointer *p = &scene->sink->pointers[i];
        if (p->visible == visible && (!visible || (p->x == x && p->y == y))) {
            return p;
        }
    }
    return NULL;
}

CK_TEST(x11_screen, pointer_apart_from_the_picture)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    x11_pointer(&scene, 0xff8000, 50, 60);
    const chalk_source_options options = {
        .fps = 30, .cursor = CHALK_CURSOR_LANE, .region = {40, 40, 400, 300}};
    ck_source *source = start_screen(&scene, &options);
    const ck_test_pointer *p = wait_pointer(&scene, 10, 20, true);
    CK_CHECK(p != NULL && p->shape.width == 16 && p->shape.height == 16 && p->shape.hot_x == 0);
    CK_CHECK(p->shape.picture_width == 400 && p->shape.picture_height == 300);
    CK_CHECK_EQ(p->bgra, 0xffff8000);
    CK_CHECK(x11_wait_pixel(&scene, 10, 20, 0)); /* not in the picture */
    ck_test_sleep_ms(300);
    size_t pictures = ck_test_sink_pictures(scene.sink);
    uint64_t began_us = ck_clock_us();
    for (int i = 1; i <= 40; i++) { /* it moves: no picture comes of it, and no shape */
        xcb_warp_pointer(scene.painter, XCB_NONE, scene.screen->root, 0, 0, 0, 0, (int16_t)(50 + i),
                         60);
        x11_sync(&scene);
        ck_test_sleep_ms(10);
    }
    CK_CHECK(wait_pointer(&scene, 50, 20, true) != NULL);
    size_t repeats = 2 + (size_t)((ck_clock_us() - began_us) / 1000000);
    CK_CHECK(ck_test_sink_pictures(scene.sink) - pictures <= repeats);
    size_t shapes = 0, count = scene.sink->pointers_count;
    for (size_t i = 0; i < count; i++) {
        shapes += scene.sink->pointers[i].shape.width != 0;
        bool soon = i > 0 &&
                    scene.sink->pointers[i].given_us - scene.sink->pointers[i - 1].given_us < 10000;
        CK_CHECK_ROW(i, i < 2 || !soon); /* 60 a second */
    }
    CK_CHECK_EQ(shapes, 1);
    x11_pointer(&scene, 0x00ff00, 90, 60); /* another shape: one image */
    CK_CHECK(ck_test_sink_wait_pointers(scene.sink, count + 1, 3000));
    ck_test_sleep_ms(300);
    CK_CHECK_EQ(scene.sink->pointers_count, count + 1);
    CK_CHECK(scene.sink->pointers[count].bgra == 0xff00ff00);
    x11_pointer(&scene, 0x00ff00, 20, 60); /* beside the region */
    CK_CHECK(wait_pointer(&scene, 0, 0, false) != NULL);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_screen, regions)
{
    static const struct {
        chalk_rect region;
        int status;
        int32_t width, height;
    } rows[] = {
        {{0, 0, 0, 0}, CHALK_OK, W, H},
        {{10, 20, 100, 50}, CHALK_OK, 100, 50},
        {{11, 21, 101, 51}, CHALK_OK, 100, 50},
        {{600, 400, 1000, 1000}, CHALK_OK, 40, 80},
        {{638, 478, 2, 2}, CHALK_OK, 2, 2},
        {{639, 0, 10, 10}, CHALK_ERR_NO_DEVICE, 0, 0},
        {{640, 480, 10, 10}, CHALK_ERR_NO_DEVICE, 0, 0},
        {{0, 0, 1, 1}, CHALK_ERR_INVALID_ARGUMENT, 0, 0},
    };
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
    x11_noise(noise, W, H, 2);
    x11_draw(&scene, window, noise, W, H);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN, .region = rows[i].region};
        ck_source *source = NULL;
        CK_CHECK_ROW(i, ck_x11_screen.open(&options, NULL, &source) == rows[i].status);
        if (rows[i].status != CHALK_OK) {
            CK_CHECK_ROW(i, source == NULL);
            continue;
        }
        int32_t width = 0, height = 0;
        CK_CHECK_EQ(ck_x11_screen.size(source, &width, &height), CHALK_OK);
        CK_CHECK_ROW(i, width == rows[i].width && height == rows[i].height);
        uint32_t *part = malloc((size_t)(width * height) * sizeof *part);
        for (int y = 0; y < height; y++) {
            memcpy(part + y * width, noise + (rows[i].region.y + y) * W + rows[i].region.x,
                   (size_t)width * sizeof *part);
        }
        CK_CHECK_EQ(ck_x11_screen.start(source, VIDEO, &scene.sink->sink), CHALK_OK);
        CK_CHECK_ROW(i, x11_wait_picture(&scene, part, width, height));
        free(part);
        ck_x11_screen.close(&source);
    }
    x11_scene_close(&scene);
}

CK_TEST(x11_screen, monitors_are_listed_and_opened_by_id)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    chalk_device devices[16];
    size_t count = 0;
    CK_CHECK_EQ(ck_x11_devices.list(devices, 16, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 2); /* the whole display and Xvfb's one output */
    CK_CHECK_EQ(devices[0].is_default, 1);
    CK_CHECK_EQ(devices[1].is_default, 0);
    char id[64];
    snprintf(id, sizeof id, "x11:%s:", scene.server.display);
    CK_CHECK_STR(devices[0].id, id);
    snprintf(id, sizeof id, "x11:%s:screen", scene.server.display);
    CK_CHECK_STR(devices[1].id, id);
    for (size_t i = 0; i < count; i++) {
        CK_CHECK_ROW(i, devices[i].kind == CHALK_DEVICE_SCREEN);
        CK_CHECK_ROW(i, devices[i].width == W && devices[i].height == H);
        const chalk_source_options options = {.device = devices[i].id};
        ck_source *source = open_screen(&options);
        ck_x11_screen.close(&source);
    }
    /* A list that does not fit is cut, its length is told. */
    count = 0;
    CK_CHECK_EQ(ck_x11_devices.list(devices, 1, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 2);
    x11_scene_close(&scene);
}

CK_TEST(x11_screen, cannot_be_opened)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    char gone[64];
    snprintf(gone, sizeof gone, "x11:%s:HDMI-7", scene.server.display);
    const struct {
        const char *device;
        int status;
    } rows[] = {
        {":9876", CHALK_ERR_NO_DISPLAY},
        {"x11::9876:screen", CHALK_ERR_NO_DISPLAY},
        {"nonsense", CHALK_ERR_NO_DISPLAY},
        {gone, CHALK_ERR_NO_DEVICE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN, .device = rows[i].device};
        ck_source *source = NULL;
        CK_CHECK_ROW(i, ck_x11_screen.open(&options, NULL, &source) == rows[i].status);
        CK_CHECK_ROW(i, source == NULL);
    }
    x11_scene_close(&scene);
    unsetenv("DISPLAY");
    chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN};
    ck_source *source = NULL;
    size_t count = 0;
    CK_CHECK_EQ(ck_x11_screen.open(&options, NULL, &source), CHALK_ERR_NO_DISPLAY);
    CK_CHECK_EQ(ck_x11_devices.list(NULL, 0, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 0);
}

CK_TEST(x11_screen, sixteen_bits_are_refused_by_name)
{
    x11_scene scene = x11_scene_open("640x480x16", NULL);
    chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN};
    ck_source *source = NULL;
    CK_CHECK_EQ(ck_x11_screen.open(&options, NULL, &source), CHALK_ERR_UNSUPPORTED);
    x11_scene_close(&scene);
}

/* Xvfb has one mode; a second one is made before it can be switched to. */
static void make_small_mode(const x11_scene *scene)
{
    const char *const mode[] = {"xrandr",    "-d",    scene->server.display,
                                "--newmode", "small", "10",
                                "320",       "336",   "352",
                                "400",       "240",   "245",
                                "250",       "262",   NULL};
    const char *const add[] = {"xrandr", "-d", scene->server.display, "--addmode", "screen",
                               "small",  NULL};
    CK_CHECK(ck_child_run(mode));
    CK_CHECK(ck_child_run(add));
}

static void switch_mode(const x11_scene *scene, const char *name)
{
    const char *const argv[] = {
        "xrandr", "-d", scene->server.display, "--output", "screen", "--mode", name, NULL};
    CK_CHECK(ck_child_run(argv));
}

CK_TEST(x11_screen, follows_a_resized_screen)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 30, .cursor = 1};
    ck_source *source = start_screen(&scene, &options);
    CK_CHECK(ck_test_sink_wait_pictures(scene.sink, 1, 3000));
    make_small_mode(&scene);
    switch_mode(&scene, "small");
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_RESIZED, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_OK);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, 320, 240});
    x11_noise(noise, 320, 240, 3);
    x11_draw(&scene, window, noise, 320, 240);
    x11_pointer(&scene, 0, 319, 239);
    noise[239 * 320 + 319] = 0; /* under the pointer */
    CK_CHECK(x11_wait_picture(&scene, noise, 320, 240));
    int32_t width = 0, height = 0;
    CK_CHECK_EQ(ck_x11_screen.size(source, &width, &height), CHALK_OK);
    CK_CHECK(width == 320 && height == 240);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

/* A region that the smaller screen no longer has is lost, and back with the larger one. */
CK_TEST(x11_screen, region_off_the_screen_is_lost_until_it_is_back)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 30, .region = {400, 300, 100, 100}};
    ck_source *source = start_screen(&scene, &options);
    ck_test_notice notice;
    make_small_mode(&scene);
    switch_mode(&scene, "small");
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_LOST, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_DEVICE);
    switch_mode(&scene, "640x480");
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_RECOVERED, 3000, &notice));
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_screen, survives_the_death_of_the_server)
{
    x11_scene scene = x11_scene_open_to_restart("640x480x24");
    const chalk_source_options options = {.fps = 30, .cursor = 1};
    x11_fill(&scene, scene.screen->root, (chalk_rect){0, 0, W, H}, 0xff00ff);
    ck_source *source = start_screen(&scene, &options);
    CK_CHECK(x11_wait_pixel(&scene, 0, 0, 0xff00ff));
    ck_xvfb_kill(&scene.server);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_LOST, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_DISPLAY);
    size_t before = ck_test_sink_pictures(scene.sink);
    ck_test_sleep_ms(1300);
    CK_CHECK_EQ(ck_test_sink_pictures(scene.sink), before); /* the last one stands */
    CK_CHECK_EQ(x11_pixel(&scene, 0, 0), 0xff00ff);
    xcb_disconnect(scene.painter);
    CK_CHECK(ck_xvfb_start(&scene.server, "800x600x24", NULL, scene.server.display));
    x11_scene_connect(&scene);
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_RECOVERED, 4000, &notice));
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_RESIZED, 1000, &notice));
    x11_fill(&scene, scene.screen->root, (chalk_rect){0, 0, 800, 600}, 0x00ffff);
    CK_CHECK(x11_wait_pixel(&scene, 799, 599, 0x00ffff));
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

/* Closing and stopping while the server is away, and after it died unnoticed. */
CK_CALM_TEST(x11_screen, can_be_closed_without_a_server)
{
    ck_calm_watch();
    for (int running = 0; running < 2; running++) {
        x11_scene scene = x11_scene_open("640x480x24", NULL);
        const chalk_source_options options = {.cursor = 1};
        ck_source *source = open_screen(&options);
        if (running) {
            CK_CHECK_EQ(ck_x11_screen.start(source, VIDEO, &scene.sink->sink), CHALK_OK);
        }
        ck_xvfb_kill(&scene.server);
        ck_test_sleep_ms(running ? 300 : 0);
        uint64_t before = ck_clock_us();
        ck_x11_screen.close(&source);
        uint64_t took_us = ck_clock_us() - before;
        CK_CALM_ROW(took_us, took_us < 1000000, took_us < 1000000 + 5 * ck_calm_worst_us());
        x11_scene_close(&scene);
    }
}

CK_TEST(x11_screen, can_be_stopped_and_started_again)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    const chalk_source_options options = {.fps = 30};
    ck_source *source = open_screen(&options);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, W, H});
    for (uint32_t i = 1; i <= 3; i++) {
        CK_CHECK_EQ(ck_x11_screen.start(source, VIDEO, &scene.sink->sink), CHALK_OK);
        CK_CHECK_EQ(ck_x11_screen.start(source, VIDEO, &scene.sink->sink), CHALK_ERR_BAD_STATE);
        x11_fill(&scene, window, (chalk_rect){0, 0, W, H}, 0x111111 * i);
        CK_CHECK_ROW(i, x11_wait_pixel(&scene, 1, 1, 0x111111 * i));
        ck_x11_screen.stop(source);
        size_t count = ck_test_sink_pictures(scene.sink);
        x11_fill(&scene, window, (chalk_rect){0, 0, W, H}, 0);
        ck_test_sleep_ms(200);
        CK_CHECK_EQ(ck_test_sink_pictures(scene.sink), count);
    }
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}
