/* The window source against a real X server. */
#include "platform/linux/x11.h"

#include "interop/x11_support.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

#define VIDEO (1u << CHALK_MEDIA_VIDEO)

static uint32_t noise[640 * 480];

static void window_id(const x11_scene *scene, xcb_window_t window, char id[64])
{
    snprintf(id, 64, "x11win:%s:0x%08x", scene->server.display, window);
}

static int open_window(const x11_scene *scene, xcb_window_t window, uint32_t cursor,
                       ck_source **out)
{
    char id[64];
    window_id(scene, window, id);
    chalk_source_options options = {
        .kind = CHALK_SOURCE_WINDOW, .device = id, .fps = 30, .cursor = cursor};
    *out = NULL;
    return ck_x11_window.open(&options, NULL, out);
}

static ck_source *start_window(x11_scene *scene, xcb_window_t window, uint32_t cursor)
{
    ck_source *source = NULL;
    CK_CHECK_EQ(open_window(scene, window, cursor, &source), CHALK_OK);
    CK_CHECK_EQ(ck_x11_window.start(source, VIDEO, &scene->sink->sink), CHALK_OK);
    return source;
}

/* With Composite a window that is covered and half off the screen is still whole. */
CK_TEST(x11_window, is_whole_when_covered_and_off_the_screen)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){500, 400, 200, 150});
    ck_source *source = start_window(&scene, window, 0);
    x11_noise(noise, 200, 150, 1);
    x11_draw(&scene, window, noise, 200, 150);
    CK_CHECK(x11_wait_picture(&scene, noise, 200, 150));
    xcb_window_t cover = x11_window(&scene, (chalk_rect){0, 0, 640, 480});
    x11_fill(&scene, cover, (chalk_rect){0, 0, 640, 480}, 0xffffff);
    x11_noise(noise, 200, 150, 2);
    x11_draw(&scene, window, noise, 200, 150);
    CK_CHECK(x11_wait_picture(&scene, noise, 200, 150));
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, works_without_composite_and_without_shared_memory)
{
    static const char *const without[] = {"Composite", "MIT-SHM"};
    for (size_t i = 0; i < 2; i++) {
        x11_scene scene = x11_scene_open("640x480x24", without[i]);
        xcb_window_t window = x11_window(&scene, (chalk_rect){100, 100, 200, 150});
        ck_source *source = start_window(&scene, window, 0);
        x11_noise(noise, 200, 150, 1);
        x11_draw(&scene, window, noise, 200, 150);
        CK_CHECK_ROW(i, x11_wait_picture(&scene, noise, 200, 150));
        if (i == 0) { /* what is off the screen cannot be had: the picture shrinks to the rest */
            x11_place(&scene, window, (chalk_rect){540, 100, 200, 150});
            ck_test_notice notice;
            CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_RESIZED, 3000, &notice));
            CK_CHECK_STR(notice.text, "the picture is now 100 x 150");
        }
        ck_x11_window.close(&source);
        x11_scene_close(&scene);
    }
}

CK_TEST(x11_window, is_followed_when_moved_and_resized)
{
    static const struct {
        chalk_rect place;
        int width, height; /* of the picture; 0: no notice is expected */
    } rows[] = {
        {{300, 200, 200, 150}, 0, 0},   {{-50, -20, 200, 150}, 0, 0},
        {{10, 10, 320, 240}, 320, 240}, {{20, 10, 301, 201}, 300, 200},
        {{20, 10, 300, 200}, 0, 0},     {{0, 0, 640, 480}, 640, 480},
    };
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){0, 0, 200, 150});
    ck_source *source = start_window(&scene, window, 1);
    int width = 200, height = 150;
    x11_pointer(&scene, 0, 639, 479);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t seen = ck_test_sink_notices(scene.sink);
        x11_place(&scene, window, rows[i].place);
        if (rows[i].width > 0) {
            ck_test_notice notice;
            CK_CHECK_ROW(
                i, ck_test_sink_wait_notice(scene.sink, seen, CK_SOURCE_RESIZED, 3000, &notice));
            width = rows[i].width;
            height = rows[i].height;
        }
        x11_noise(noise, rows[i].place.width, rows[i].place.height, (uint32_t)i);
        x11_draw(&scene, window, noise, rows[i].place.width, rows[i].place.height);
        for (int y = 0; y < height; y++) { /* an odd last column is left out */
            memmove(noise + y * width, noise + y * rows[i].place.width,
                    (size_t)width * sizeof *noise);
        }
        if (width == 640) {
            noise[640 * 480 - 1] = 0; /* the pointer */
        }
        CK_CHECK_ROW(i, x11_wait_picture(&scene, noise, width, height));
        CK_CHECK_ROW(i, rows[i].width > 0 || ck_test_sink_notices(scene.sink) == seen);
    }
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, pointer_is_in_the_windows_coordinates)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){100, 100, 200, 150});
    x11_fill(&scene, window, (chalk_rect){0, 0, 200, 150}, 0x202020);
    x11_pointer(&scene, 0xff8000, 140, 130);
    ck_source *source = start_window(&scene, window, 1);
    CK_CHECK(x11_wait_pixel(&scene, 40, 30, 0xff8000));
    CK_CHECK_EQ(x11_pixel(&scene, 39, 30), 0x202020);
    x11_place(&scene, window, (chalk_rect){120, 110, 200, 150});
    CK_CHECK(x11_wait_pixel(&scene, 20, 20, 0xff8000));
    CK_CHECK(x11_wait_pixel(&scene, 40, 40, 0x202020));
    x11_pointer(&scene, 0xff8000, 600, 400); /* outside of the window */
    CK_CHECK(x11_wait_pixel(&scene, 20, 20, 0x202020));
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, border_is_left_out)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){50, 50, 100, 80});
    const uint32_t border[] = {7};
    xcb_configure_window(scene.painter, window, XCB_CONFIG_WINDOW_BORDER_WIDTH, border);
    ck_source *source = start_window(&scene, window, 0);
    x11_noise(noise, 100, 80, 5);
    x11_draw(&scene, window, noise, 100, 80);
    CK_CHECK(x11_wait_picture(&scene, noise, 100, 80));
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, a_hidden_window_says_so_and_gives_nothing)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){50, 50, 100, 80});
    ck_source *source = start_window(&scene, window, 0);
    x11_noise(noise, 100, 80, 6);
    x11_draw(&scene, window, noise, 100, 80);
    CK_CHECK(x11_wait_picture(&scene, noise, 100, 80));
    xcb_unmap_window(scene.painter, window);
    x11_sync(&scene);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_HIDDEN, 3000, &notice));
    size_t before = ck_test_sink_pictures(scene.sink);
    CK_CHECK(!ck_test_sink_wait_pictures(scene.sink, before + 1, 1500));
    xcb_map_window(scene.painter, window);
    x11_sync(&scene);
    x11_noise(noise, 100, 80, 7);
    x11_draw(&scene, window, noise, 100, 80);
    CK_CHECK(x11_wait_picture(&scene, noise, 100, 80));
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_RECOVERED, 3000, &notice));
    CK_CHECK_EQ(ck_test_sink_notices(scene.sink), 2);
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, ends_when_closed)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t window = x11_window(&scene, (chalk_rect){50, 50, 100, 80});
    ck_source *source = start_window(&scene, window, 1);
    CK_CHECK(ck_test_sink_wait_pictures(scene.sink, 1, 3000));
    xcb_destroy_window(scene.painter, window);
    x11_sync(&scene);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_ENDED, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_END);
    CK_CHECK_EQ(ck_test_sink_notices(scene.sink), 1);
    size_t count = ck_test_sink_pictures(scene.sink);
    ck_test_sleep_ms(1500);
    CK_CHECK_EQ(ck_test_sink_pictures(scene.sink), count);
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, is_lost_with_the_server_and_ends_when_that_is_back)
{
    x11_scene scene = x11_scene_open_to_restart("640x480x24");
    xcb_window_t window = x11_window(&scene, (chalk_rect){50, 50, 100, 80});
    ck_source *source = start_window(&scene, window, 1);
    CK_CHECK(ck_test_sink_wait_pictures(scene.sink, 1, 3000));
    ck_xvfb_kill(&scene.server);
    xcb_disconnect(scene.painter);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 0, CK_SOURCE_LOST, 3000, &notice));
    CK_CHECK_EQ(notice.status, CHALK_ERR_NO_DISPLAY);
    CK_CHECK(ck_xvfb_start(&scene.server, "640x480x24", NULL, scene.server.display));
    x11_scene_connect(&scene);
    CK_CHECK(ck_test_sink_wait_notice(scene.sink, 1, CK_SOURCE_ENDED, 4000, &notice));
    ck_x11_window.close(&source);
    x11_scene_close(&scene);
}

CK_TEST(x11_window, cannot_be_opened)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t hidden = x11_window(&scene, (chalk_rect){0, 0, 100, 100});
    xcb_window_t tiny = x11_window(&scene, (chalk_rect){0, 0, 1, 100});
    xcb_unmap_window(scene.painter, hidden);
    x11_sync(&scene);
    ck_source *source = NULL;
    CK_CHECK_EQ(open_window(&scene, 0x7777777, 0, &source), CHALK_ERR_NO_DEVICE);
    CK_CHECK_EQ(open_window(&scene, hidden, 0, &source), CHALK_ERR_NO_DEVICE);
    CK_CHECK_EQ(open_window(&scene, tiny, 0, &source), CHALK_ERR_NO_DEVICE);
    CK_CHECK(source == NULL);
    x11_scene_close(&scene);
}

static void set_text(x11_scene *scene, xcb_window_t window, xcb_atom_t property, const char *text)
{
    xcb_change_property(scene->painter, XCB_PROP_MODE_REPLACE, window, property, XCB_ATOM_STRING, 8,
                        (uint32_t)strlen(text), text);
}

static xcb_atom_t atom(x11_scene *scene, const char *name)
{
    xcb_intern_atom_reply_t *reply = xcb_intern_atom_reply(
        scene->painter, xcb_intern_atom(scene->painter, 0, (uint16_t)strlen(name), name), NULL);
    xcb_atom_t found = reply->atom;
    free(reply);
    return found;
}

static size_t list_windows(chalk_device out[16])
{
    chalk_device all[64];
    size_t count = 0, windows = 0;
    CK_CHECK_EQ(ck_x11_devices.list(all, 64, &count, NULL), CHALK_OK);
    for (size_t i = 0; i < count && windows < 16; i++) {
        if (all[i].kind == CHALK_DEVICE_WINDOW) {
            out[windows++] = all[i];
        }
    }
    return windows;
}

CK_TEST(x11_window, list_has_titles_and_skips_what_cannot_be_seen)
{
    x11_scene scene = x11_scene_open("640x480x24", NULL);
    xcb_window_t plain = x11_window(&scene, (chalk_rect){10, 20, 100, 80});
    xcb_window_t modern = x11_window(&scene, (chalk_rect){30, 40, 60, 50});
    xcb_window_t hidden = x11_window(&scene, (chalk_rect){0, 0, 100, 80});
    (void)x11_window(&scene, (chalk_rect){0, 0, 100, 80}); /* without a title */
    set_text(&scene, plain, XCB_ATOM_WM_NAME, "Notes");
    set_text(&scene, modern, XCB_ATOM_WM_NAME, "?");
    set_text(&scene, modern, atom(&scene, "_NET_WM_NAME"), "Folien \xc3\xbc\xff");
    set_text(&scene, hidden, XCB_ATOM_WM_NAME, "Hidden");
    xcb_unmap_window(scene.painter, hidden);
    x11_sync(&scene);
    chalk_device list[16];
    char id[64];
    CK_CHECK_EQ(list_windows(list), 2);
    CK_CHECK_STR(list[0].name, "Notes");
    window_id(&scene, plain, id);
    CK_CHECK_STR(list[0].id, id);
    CK_CHECK(list[0].x == 10 && list[0].y == 20);
    CK_CHECK(list[0].width == 100 && list[0].height == 80);
    CK_CHECK_STR(list[1].name, "Folien \xc3\xbc"); /* what is not UTF-8 is cut */

    /* A window manager's list replaces the search. */
    xcb_change_property(scene.painter, XCB_PROP_MODE_REPLACE, scene.screen->root,
                        atom(&scene, "_NET_CLIENT_LIST"), XCB_ATOM_WINDOW, 32, 1, &modern);
    x11_sync(&scene);
    CK_CHECK_EQ(list_windows(list), 1);
    window_id(&scene, modern, id);
    CK_CHECK_STR(list[0].id, id);
    x11_scene_close(&scene);
}
