#include "interop/x11_support.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WAIT_ROUNDS 250
#define ROUND_MS    20

void x11_scene_connect(x11_scene *scene)
{
    scene->painter = xcb_connect(scene->server.display, NULL);
    CK_CHECK(xcb_connection_has_error(scene->painter) == 0);
    scene->screen = xcb_setup_roots_iterator(xcb_get_setup(scene->painter)).data;
}

static x11_scene open_scene(const char *size, const char *without_extension, const char *display)
{
    x11_scene scene = {.sink = ck_test_sink_create()};
    CK_CHECK(ck_xvfb_start(&scene.server, size, without_extension, display));
    x11_scene_connect(&scene);
    setenv("DISPLAY", scene.server.display, 1);
    return scene;
}

x11_scene x11_scene_open(const char *size, const char *without_extension)
{
    return open_scene(size, without_extension, NULL);
}

x11_scene x11_scene_open_to_restart(const char *size)
{
    char display[16];
    snprintf(display, sizeof display, ":%d", 1000 + (int)(getpid() % 50000));
    return open_scene(size, NULL, display);
}

void x11_scene_close(x11_scene *scene)
{
    xcb_disconnect(scene->painter);
    ck_xvfb_kill(&scene->server);
    ck_test_sink_destroy(&scene->sink);
}

void x11_sync(x11_scene *scene)
{
    free(xcb_get_input_focus_reply(scene->painter, xcb_get_input_focus(scene->painter), NULL));
}

xcb_window_t x11_window(x11_scene *scene, chalk_rect place)
{
    xcb_window_t window = xcb_generate_id(scene->painter);
    const uint32_t values[] = {scene->screen->black_pixel, 1};
    xcb_create_window(scene->painter, XCB_COPY_FROM_PARENT, window, scene->screen->root,
                      (int16_t)place.x, (int16_t)place.y, (uint16_t)place.width,
                      (uint16_t)place.height, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT,
                      scene->screen->root_visual, XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT,
                      values);
    xcb_map_window(scene->painter, window);
    x11_sync(scene);
    return window;
}

void x11_place(x11_scene *scene, xcb_window_t window, chalk_rect place)
{
    const uint32_t values[] = {(uint32_t)place.x, (uint32_t)place.y, (uint32_t)place.width,
                               (uint32_t)place.height};
    xcb_configure_window(scene->painter, window,
                         XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y | XCB_CONFIG_WINDOW_WIDTH |
                             XCB_CONFIG_WINDOW_HEIGHT,
                         values);
    x11_sync(scene);
}

static xcb_gcontext_t new_gc(x11_scene *scene, xcb_drawable_t drawable, uint32_t rgb)
{
    xcb_gcontext_t gc = xcb_generate_id(scene->painter);
    xcb_create_gc(scene->painter, gc, drawable, XCB_GC_FOREGROUND, &rgb);
    return gc;
}

void x11_fill(x11_scene *scene, xcb_drawable_t drawable, chalk_rect rect, uint32_t rgb)
{
    xcb_gcontext_t gc = new_gc(scene, drawable, rgb);
    const xcb_rectangle_t area = {(int16_t)rect.x, (int16_t)rect.y, (uint16_t)rect.width,
                                  (uint16_t)rect.height};
    xcb_poly_fill_rectangle(scene->painter, drawable, gc, 1, &area);
    xcb_free_gc(scene->painter, gc);
    x11_sync(scene);
}

void x11_noise(uint32_t *pixels, int width, int height, uint32_t seed)
{
    uint32_t state = seed * 2654435761u + 1;
    for (int i = 0; i < width * height; i++) {
        state = state * 1664525u + 1013904223u;
        pixels[i] = state >> 8;
    }
}

void x11_draw(x11_scene *scene, xcb_drawable_t drawable, const uint32_t *pixels, int width,
              int height)
{
    xcb_gcontext_t gc = new_gc(scene, drawable, 0);
    for (int y = 0; y < height; y += 16) { /* a request carries 256 KB at most */
        int rows = height - y < 16 ? height - y : 16;
        xcb_put_image(scene->painter, XCB_IMAGE_FORMAT_Z_PIXMAP, drawable, gc, (uint16_t)width,
                      (uint16_t)rows, 0, (int16_t)y, 0, scene->screen->root_depth,
                      (uint32_t)(width * rows * 4), (const uint8_t *)(pixels + y * width));
    }
    xcb_free_gc(scene->painter, gc);
    x11_sync(scene);
}

void x11_pointer(x11_scene *scene, uint32_t rgb, int x, int y)
{
    xcb_connection_t *c = scene->painter;
    xcb_pixmap_t shape = xcb_generate_id(c);
    xcb_cursor_t cursor = xcb_generate_id(c);
    xcb_gcontext_t gc;
    const xcb_rectangle_t all = {0, 0, 16, 16};
    uint16_t red = (uint16_t)((rgb >> 16 & 0xff) * 257);
    uint16_t green = (uint16_t)((rgb >> 8 & 0xff) * 257);
    uint16_t blue = (uint16_t)((rgb & 0xff) * 257);
    xcb_create_pixmap(c, 1, shape, scene->screen->root, 16, 16);
    gc = new_gc(scene, shape, 1);
    xcb_poly_fill_rectangle(c, shape, gc, 1, &all);
    xcb_create_cursor(c, cursor, shape, shape, red, green, blue, 0, 0, 0, 0, 0);
    xcb_change_window_attributes(c, scene->screen->root, XCB_CW_CURSOR, &cursor);
    xcb_warp_pointer(c, XCB_NONE, scene->screen->root, 0, 0, 0, 0, (int16_t)x, (int16_t)y);
    xcb_free_gc(c, gc);
    xcb_free_pixmap(c, shape);
    xcb_free_cursor(c, cursor);
    x11_sync(scene);
}

static uint32_t pixel_of(const chalk_video_info *info, int x, int y)
{
    const uint8_t *p = info->planes[0] + (ptrdiff_t)y * info->strides[0] + x * 4;
    return (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static bool equals(const chalk_video_info *info, const uint32_t *pixels, int width, int height)
{
    if (info->format != CHALK_PIXEL_BGRA || info->width != width || info->height != height) {
        return false;
    }
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            if (pixel_of(info, x, y) != (pixels[y * width + x] & 0xffffff)) {
                return false;
            }
        }
    }
    return true;
}

bool x11_wait_picture(x11_scene *scene, const uint32_t *pixels, int width, int height)
{
    bool same = false;
    for (int i = 0; i < WAIT_ROUNDS && !same; i++) {
        chalk_video_frame *frame = ck_test_sink_newest(scene->sink);
        same = frame != NULL && equals(&frame->info, pixels, width, height);
        chalk_video_frame_unref(&frame);
        if (!same) {
            ck_test_sleep_ms(ROUND_MS);
        }
    }
    return same;
}

uint32_t x11_pixel(x11_scene *scene, int x, int y)
{
    uint32_t rgb = UINT32_MAX;
    chalk_video_frame *frame = ck_test_sink_newest(scene->sink);
    if (frame != NULL && x < frame->info.width && y < frame->info.height) {
        rgb = pixel_of(&frame->info, x, y);
    }
    chalk_video_frame_unref(&frame);
    return rgb;
}

bool x11_wait_pixel(x11_scene *scene, int x, int y, uint32_t rgb)
{
    for (int i = 0; i < WAIT_ROUNDS; i++) {
        if (x11_pixel(scene, x, y) == rgb) {
            return true;
        }
        ck_test_sleep_ms(ROUND_MS);
    }
    return false;
}
