/* A window over a whole X display, drawn through shared memory, and what is seen of a display. */
#ifndef CK_TESTS_BENCH_X11_WINDOW_H
#define CK_TESTS_BENCH_X11_WINDOW_H

#include <stdbool.h>
#include <stdint.h>
#include <xcb/shm.h>
#include <xcb/xcb.h>

typedef struct ck_x11_window {
    xcb_connection_t *connection;
    xcb_screen_t *screen;
    xcb_window_t window;
    xcb_gcontext_t gc;
    xcb_shm_seg_t segment;
    uint32_t *pixels; /* width x height, shared with the server */
    uint16_t width, height;
} ck_x11_window;

/* Connects and, with a size, covers the display's upper left corner. False with a line on standard
 * error when that fails. */
bool ck_x11_window_open(ck_x11_window *w, const char *display, uint16_t width, uint16_t height);
void ck_x11_window_close(ck_x11_window *w);

/* Shows a part of `pixels` in one request, and returns when the server has done it. */
bool ck_x11_window_show(ck_x11_window *w, int16_t x, int16_t y, uint16_t width, uint16_t height);

/* The colour 0xRRGGBB that is on the display at a place, UINT32_MAX when the server is gone. */
uint32_t ck_x11_pixel(const ck_x11_window *w, int16_t x, int16_t y);

uint64_t ck_bench_now_us(void); /* CLOCK_MONOTONIC */
void ck_bench_sleep_until(uint64_t at_us);

#endif
