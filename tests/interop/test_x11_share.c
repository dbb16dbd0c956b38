/* What a teacher sees of a share and what becomes of it: the border, the warning of a mirror, a
 * locked session, a display that goes away again and again. */
#include "platform/linux/x11.h"

#include "interop/x11_support.h"
#include "support/check.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VIDEO  (1u << CHALK_MEDIA_VIDEO)
#define BORDER 0xe02b20u /* its colour */
#define SIZE   "640x480x24"

static ck_source *start(x11_scene *scene, const ck_source_backend *backend,
                        const chalk_source_options *options)
{
    ck_source *source = NULL;
    CK_CHECK_EQ(backend->open(options, NULL, &source), CHALK_OK);
    CK_CHECK_EQ(backend->start(source, VIDEO, &scene->sink->sink), CHALK_OK);
    return source;
}

/* --- what is on the screen --------------------------------------------------------------------
 */

static uint32_t on_screen(x11_scene *scene, int x, int y)
{
    uint32_t rgb = UINT32_MAX;
    xcb_get_image_reply_t *image = xcb_get_image_reply(
        scene->painter,
        xcb_get_image(scene->painter, XCB_IMAGE_FORMAT_Z_PIXMAP, scene->screen->root, (int16_t)x,
                      (int16_t)y, 1, 1, UINT32_MAX),
        NULL);
    if (image != NULL) {
        memcpy(&rgb, xcb_get_image_data(image), sizeof rgb);
        rgb &= 0xffffff;
    }
    free(image);
    return rgb;
}

static bool wait_on_screen(x11_scene *scene, int x, int y, uint32_t rgb)
{
    for (int i = 0; i < 250 && on_screen(scene, x, y) != rgb; i++) {
        ck_test_sleep_ms(20);
    }
    return on_screen(scene, x, y) == rgb;
}

/* Which window a click there would go to. */
static xcb_window_t under_pointer(x11_scene *scene, int x, int y)
{
    xcb_connection_t *c = scene->painter;
    xcb_warp_pointer(c, XCB_NONE, scene->screen->root, 0, 0, 0, 0, (int16_t)x, (int16_t)y);
    xcb_query_pointer_reply_t *p =
        xcb_query_pointer_reply(c, xcb_query_pointer(c, scene->screen->root), NULL);
    xcb_window_t child = p != NULL ? p->child : XCB_NONE;
    free(p);
    return child;
}

/* --- the border -------------------------------------------------------------------------------
 */

CK_TEST(x11_share, border_is_beside_a_region_and_lets_clicks_through)
{
    x11_scene scene = x11_scene_open(SIZE, NULL);
    xcb_window_t paper = x11_window(&scene, (chalk_rect){0, 0, 640, 480});
    x11_fill(&scene, paper, (chalk_rect){0, 0, 640, 480}, 0xffffff);
    const chalk_source_options options = {
        .kind = CHALK_SOURCE_SCREEN, .fps = 30, .border = 1, .region = {100, 80, 200, 160}};
    ck_source *source = start(&scene, &ck_x11_screen, &options);
    static const int beside[][2] = {{200, 79}, {200, 240}, {99, 160}, {300, 160}, {98, 78}};
    static const int inside[][2] = {{100, 80}, {299, 80}, {100, 239}, {299, 239}};
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
        CK_CHECK_ROW(i, wait_on_screen(&scene, beside[i][0], beside[i][1], BORDER));
        CK_CHECK_ROW(i, under_pointer(&scene, beside[i][0], beside[i][1]) == paper);
    }
    for (size_t i = 0; i < sizeof inside / sizeof inside[0]; i++) {
        CK_CHECK_ROW(i, on_screen(&scene, inside[i][0], inside[i][1]) == 0xffffff);
        CK_CHECK_ROW(i, x11_wait_pixel(&scene, inside[i][0] - 100, inside[i][1] - 80, 0xffffff));
    }
    /* What comes over it does not keep it. */
    xcb_window_t cover = x11_window(&scene, (chalk_rect){0, 60, 640, 40});
    x11_fill(&scene, cover, (chalk_rect){0, 0, 640, 40}, 0x00ff00);
    CK_CHECK(wait_on_screen(&scene, 200, 79, BORDER));
    ck_x11_screen.stop(source);
    ck_x11_screen.close(&source);
    CK_CHECK(wait_on_screen(&scene, 200, 241, 0xffffff) || on_screen(&scene, 200, 241) == 0);
    x11_scene_close(&scene);
}

CK_TEST(x11_share, border_follows_a_window_and_hides_with_it)
{
    x11_scene scene = x11_scene_open(SIZE, NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){50, 50, 100, 80});
    char id[64];
    snprintf(id, sizeof id, "x11win:%s:0x%08x", scene.server.display, window);
    const chalk_source_options options = {
        .kind = CHALK_SOURCE_WINDOW, .device = id, .fps = 30, .border = 1};
    ck_source *source = start(&scene, &ck_x11_window, &options);
    CK_CHECK(wait_on_screen(&scene, 100, 49, BORDER));
    x11_place(&scene, window, (chalk_rect){300, 200, 100, 80});
    CK_CHECK(wait_on_screen(&scene, 350, 199, BORDER));
    CK_CHECK(on_screen(&scene, 100, 49) != BORDER);
    x11_place(&scene, window, (chalk_rect){300, 200, 160, 80});
    CK_CHECK(wait_on_screen(&scene, 460, 240, BORDER));
    xcb_unmap_window(scene.painter, window);
    x11_sync(&scene);
    CK_CHECK(wait_on_screen(&scene, 350, 199, 0));
    xcb_map_window(scene.painter, window);
    x11_sync(&scene);
    CK_CHECK(wait_on_screen(&scene, 350, 199, BORDER));
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_share, a_whole_screen_and_who_wants_none_have_no_border)
{
    for (uint32_t border = 0; border < 2; border++) {
        x11_scene scene = x11_scene_open(SIZE, NULL);
        chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN, .fps = 30, .border = border};
        if (border == 0) {
            options.region = (chalk_rect){100, 80, 200, 160};
        }
        ck_source *source = start(&scene, &ck_x11_screen, &options);
        CK_CHECK(ck_test_sink_wait_pictures(scene.sink, 1, 3000));
        ck_test_sleep_ms(200);
        CK_CHECK_EQ(on_screen(&scene, 200, 79), 0);
        CK_CHECK_EQ(on_screen(&scene, 0, 0), 0);
        CK_CHECK_EQ(on_screen(&scene, 639, 479), 0);
        ck_x11_screen.close(&source);
        x11_scene_close(&scene);
    }
}

/* What happens beside a region costs no picture. */
CK_TEST(x11_share, what_changes_beside_a_region_is_not_taken)
{
    x11_scene scene = x11_scene_open(SIZE, NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, 640, 480});
    const chalk_source_options options = {
        .kind = CHALK_SOURCE_SCREEN, .fps = 30, .region = {100, 80, 200, 160}};
    ck_source *source = start(&scene, &ck_x11_screen, &options);
    x11_fill(&scene, window, (chalk_rect){0, 0, 640, 480}, 0x102030);
    CK_CHECK(x11_wait_pixel(&scene, 0, 0, 0x102030));
    size_t before = ck_test_sink_pictures(scene.sink);
    for (uint32_t i = 0; i < 10; i++) {
        x11_fill(&scene, window, (chalk_rect){400, 0, 100, 480}, i);
        ck_test_sleep_ms(50);
    }
    CK_CHECK(ck_test_sink_pictures(scene.sink) - before <= 2); /* one a second, as of what rests */
    x11_fill(&scene, window, (chalk_rect){150, 100, 10, 10}, 0xabcdef);
    CK_CHECK(x11_wait_pixel(&scene, 50, 20, 0xabcdef));
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

/* --- a mirror ---------------------------------------------------------------------------------
 */

static void say_process(x11_scene *scene, xcb_window_t window, uint32_t process)
{
    static const char name[] = "_NET_WM_PID";
    xcb_connection_t *c = scene->painter;
    xcb_intern_atom_reply_t *atom =
        xcb_intern_atom_reply(c, xcb_intern_atom(c, 0, sizeof name - 1, name), NULL);
    xcb_change_property(c, XCB_PROP_MODE_REPLACE, window, atom->atom, XCB_ATOM_CARDINAL, 32, 1,
                        &process);
    free(atom);
    x11_sync(scene);
}

CK_TEST(x11_share, own_windows_are_told_once)
{
    x11_scene scene = x11_scene_open(SIZE, NULL);
    xcb_window_t others = x11_window(&scene, (chalk_rect){120, 100, 50, 50});
    say_process(&scene, others, 1);
    xcb_window_t beside = x11_window(&scene, (chalk_rect){400, 100, 50, 50});
    say_process(&scene, beside, (uint32_t)getpid());
    const chalk_source_options options = {
        .kind = CHALK_SOURCE_SCREEN, .fps = 30, .region = {100, 80, 200, 160}};
    ck_source *source = start(&scene, &ck_x11_screen, &options);
    ck_test_notice notice;
    CK_CHECK(!ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_MIRRORED, 1500, &notice));
    x11_place(&scene, beside, (chalk_rect){280, 100, 50, 50});
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_MIRRORED, 3000, &notice));
    xcb_window_t second = x11_window(&scene, (chalk_rect){120, 100, 50, 50});
    say_process(&scene, second, (uint32_t)getpid());
    x11_place(&scene, second, (chalk_rect){130, 100, 50, 50});
    ck_test_sleep_ms(1200);
    CK_CHECK_EQ(ck_test_sink_notices(scene.sink), 1);
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

/* --- what cannot be captured ------------------------------------------------------------------
 */

CK_TEST(x11_share, a_locked_session_leaves_the_last_picture)
{
    x11_scene scene = x11_scene_open(SIZE, NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, 640, 480});
    x11_fill(&scene, window, (chalk_rect){0, 0, 640, 480}, 0x204060);
    const chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN, .fps = 30, .cursor = 1};
    ck_source *source = start(&scene, &ck_x11_screen, &options);
    CK_CHECK(x11_wait_pixel(&scene, 5, 5, 0x204060));
    xcb_force_screen_saver(scene.painter, XCB_SCREEN_SAVER_ACTIVE);
    x11_sync(&scene);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_LOST, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_PERMISSION);
    CK_CHECK_STR(notice.text, "the session is locked");
    x11_fill(&scene, window, (chalk_rect){0, 0, 640, 480}, 0xffffff);
    ck_test_sleep_ms(500);
    CK_CHECK_EQ(x11_pixel(&scene, 5, 5), 0x204060);
    xcb_force_screen_saver(scene.painter, XCB_SCREEN_SAVER_RESET);
    x11_sync(&scene);
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_RECOVERED, 3000, &notice));
    x11_fill(&scene, window, (chalk_rect){0, 0, 640, 480}, 0x808000);
    CK_CHECK(x11_wait_pixel(&scene, 5, 5, 0x808000));
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}

static size_t open_files(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    if (folder != NULL) {
        closedir(folder);
    }
    return count;
}

/* Memory shared with the server. */
static size_t shared_segments(void)
{
    char line[512];
    size_t count = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
        count += strstr(line, "/SYSV") != NULL;
    }
    if (maps != NULL) {
        (void)fclose(maps);
    }
    return count;
}

static void restart_server(x11_scene *scene)
{
    xcb_disconnect(scene->painter);
    CK_CHECK(ck_xvfb_start(&scene->server, SIZE, NULL, scene->server.display));
    x11_scene_connect(scene);
}

/* One death of the server: the last picture stands, and what follows is seen. */
static void kill_and_restart(x11_scene *scene, uint32_t before, uint32_t after)
{
    ck_test_notice notice;
    size_t seen = ck_test_sink_notices(scene->sink);
    ck_xvfb_kill(&scene->server);
    CK_CHECK(ck_test_sink_wait_notice(scene->sink, seen, CK_SOURCE_LOST, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_DISPLAY);
    size_t pictures = ck_test_sink_pictures(scene->sink);
    restart_server(scene);
    x11_fill(scene, scene->screen->root, (chalk_rect){0, 0, 640, 480}, after);
    CK_CHECK_EQ(x11_pixel(scene, 9, 9), before);
    CK_CHECK_EQ(ck_test_sink_pictures(scene->sink), pictures);
    CK_CHECK(ck_test_sink_wait_notice(scene->sink, seen, CK_SOURCE_RECOVERED, 5000, &notice));
    x11_fill(scene, scene->screen->root, (chalk_rect){0, 0, 640, 480}, after);
    CK_CHECK(x11_wait_pixel(scene, 9, 9, after));
}

/* With CHALKRAIL_LONG twenty times. */
CK_TEST(x11_share, a_display_that_goes_and_comes_leaves_nothing_behind)
{
    x11_scene scene = x11_scene_open_to_restart(SIZE);
    const chalk_source_options options = {.kind = CHALK_SOURCE_SCREEN,
                                          .fps = 30,
                                          .cursor = 1,
                                          .border = 1,
                                          .region = {4, 4, 320, 240}};
    x11_fill(&scene, scene.screen->root, (chalk_rect){0, 0, 640, 480}, 0x00ffff);
    ck_source *source = start(&scene, &ck_x11_screen, &options);
    CK_CHECK(x11_wait_pixel(&scene, 9, 9, 0x00ffff));
    uint32_t rounds = getenv("CHALKRAIL_LONG") != NULL ? 20 : 3;
    size_t files = 0, segments = 0;
    uint32_t shown = 0x00ffff;
    for (uint32_t i = 0; i < rounds; i++) {
        kill_and_restart(&scene, shown, 0x101010 * (i % 15 + 1));
        shown = 0x101010 * (i % 15 + 1);
        if (i == 0) {
            files = open_files();
            segments = shared_segments();
        }
    }
    CK_CHECK_EQ(open_files(), files);
    CK_CHECK(shared_segments() <=
             segments + 6); /* a canvas of buffers that its frames still hold */
    ck_x11_screen.close(&source);
    x11_scene_close(&scene);
}
