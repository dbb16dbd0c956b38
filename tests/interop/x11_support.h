/* A program that draws, for the tests of X11 capture, and looks at what was captured. */
#ifndef CK_TESTS_X11_SUPPORT_H
#define CK_TESTS_X11_SUPPORT_H

#include "support/sink.h"
#include "support/xvfb.h"

#include <xcb/xcb.h>

/* One test's server, painter and sink. */
typedef struct x11_scene {
    ck_xvfb server;
    xcb_connection_t *painter;
    xcb_screen_t *screen;
    ck_test_sink *sink;
} x11_scene;

/* Starts a server ("640x480x24") and connects to it; $DISPLAY names it. */
x11_scene x11_scene_open(const char *size, const char *without_extension);
/* The same on a number of this process's own: a server that picks a free number begins at the
 * lowest, so nobody takes it while the server is down. */
x11_scene x11_scene_open_to_restart(const char *size);
void x11_scene_connect(x11_scene *scene); /* after the server was started again */
void x11_scene_close(x11_scene *scene);

/* A mapped window at the top of the pile that no window manager touches. */
xcb_window_t x11_window(x11_scene *scene, chalk_rect place);
void x11_place(x11_scene *scene, xcb_window_t window, chalk_rect place);
/* Fills a rectangle with 0xRRGGBB; returns when the server has done it. */
void x11_fill(x11_scene *scene, xcb_drawable_t drawable, chalk_rect rect, uint32_t rgb);
/* A picture in which no two neighbours are alike, drawn at the window's origin. `pixels`: width *
 * height of 0x00RRGGBB. */
void x11_noise(uint32_t *pixels, int width, int height, uint32_t seed);
void x11_draw(x11_scene *scene, xcb_drawable_t drawable, const uint32_t *pixels, int width,
              int height);
/* A pointer of 16 x 16 pixels of one colour, hot point at its corner, moved to a place. */
void x11_pointer(x11_scene *scene, uint32_t rgb, int x, int y);
void x11_sync(x11_scene *scene);

/* Waits up to 5 s for a newest picture that is exactly this one. False when it never is. */
bool x11_wait_picture(x11_scene *scene, const uint32_t *pixels, int width, int height);
/* The same for one pixel. */
bool x11_wait_pixel(x11_scene *scene, int x, int y, uint32_t rgb);
/* 0xRRGGBB of the newest picture; UINT32_MAX outside of it. */
uint32_t x11_pixel(x11_scene *scene, int x, int y);

#endif
