/* chalk-bench-screen: see usage below. */
#include "bench/content.h"
#include "bench/x11_window.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-bench-screen DISPLAY KIND [WxH] [--pointer] [FILE.yuv]\n"
    "Shows content over the display until it is killed; prints \"ready\" with its first picture.\n"
    "KIND: still, slides, slow-slides, typing, scroll, video or quarter; WxH: 1280x720; FILE.yuv:\n"
    "I420 pictures of that size, for a quarter of half its sides. --pointer moves the pointer, "
    "too.\n";

typedef struct options {
    const char *display, *kind, *file;
    int width, height;
    bool pointer;
} options;

static bool show_changes(ck_x11_window *w, const ck_content *content, uint32_t number)
{
    chalk_rect parts[CK_CONTENT_PARTS];
    size_t count = ck_content_changes(content, number, parts);
    bool shown = true;
    for (size_t i = 0; i < count && shown; i++) {
        shown = ck_x11_window_show(w, (int16_t)parts[i].x, (int16_t)parts[i].y,
                                   (uint16_t)parts[i].width, (uint16_t)parts[i].height);
    }
    return shown;
}

/* Round and round, once in four seconds. */
static void move_pointer(const ck_x11_window *w, uint32_t at)
{
    double angle = 6.2832 * at / (4 * CK_CONTENT_FPS);
    double x = w->width * (0.5 + 0.3 * cos(angle)), y = w->height * (0.5 + 0.3 * sin(angle));
    xcb_warp_pointer(w->connection, XCB_NONE, w->screen->root, 0, 0, 0, 0, (int16_t)x, (int16_t)y);
    xcb_flush(w->connection);
}

static int show(ck_x11_window *w, ck_content *content, bool pointer)
{
    uint64_t began_us = ck_bench_now_us();
    uint32_t shown = UINT32_MAX;
    for (uint32_t at = 0;; at++) {
        uint32_t number = ck_content_number(content, at);
        if (number != shown) {
            shown = number;
            ck_content_draw(content, number, w->pixels);
            if (!show_changes(w, content, number)) {
                fputs("chalk-bench-screen: the display is gone\n", stderr);
                return 1;
            }
        }
        if (pointer) {
            move_pointer(w, at);
        }
        if (at == 0) {
            puts("ready");
            (void)fflush(stdout);
        }
        ck_bench_sleep_until(began_us + (at + 1) * UINT64_C(1000000) / CK_CONTENT_FPS);
    }
}

static bool read_options(int argc, char **argv, options *o)
{
    *o = (options){.width = CK_CONTENT_WIDTH, .height = CK_CONTENT_HEIGHT};
    if (argc < 3) {
        return false;
    }
    o->display = argv[1];
    o->kind = argv[2];
    for (int i = 3; i < argc; i++) {
        if (strcmp(argv[i], "--pointer") == 0) {
            o->pointer = true;
        } else if (sscanf(argv[i], "%dx%d", &o->width, &o->height) != 2) {
            o->file = argv[i];
        }
    }
    return o->width >= 320 && o->width <= 4096 && o->height >= 160 && o->height <= 2304;
}

int main(int argc, char **argv)
{
    options o;
    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    ck_content *content = ck_content_open(o.kind, o.file, o.width, o.height);
    ck_x11_window window;
    if (content == NULL ||
        !ck_x11_window_open(&window, o.display, (uint16_t)o.width, (uint16_t)o.height)) {
        ck_content_close(&content);
        return 1;
    }
    int code = show(&window, content, o.pointer);
    ck_x11_window_close(&window);
    ck_content_close(&content);
    return code;
}
