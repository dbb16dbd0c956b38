/* chalk-bench-screen: see usage below. */
#include "bench/content.h"
#include "bench/x11_window.h"

#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-bench-screen DISPLAY scroll|slides|video [FILE.yuv]\n"
    "Shows content over the display until it is killed; prints \"ready\" with its first picture.\n"
    "FILE.yuv: 1280x720 I420 pictures, for video.\n";

static int show(ck_x11_window *w, ck_content *content)
{
    uint64_t began_us = ck_bench_now_us();
    uint32_t shown = UINT32_MAX;
    for (uint32_t at = 0;; at++) {
        uint32_t number = ck_content_number(content, at);
        if (number != shown) {
            shown = number;
            ck_content_draw(content, number, w->pixels);
            if (!ck_x11_window_show(w, 0, 0, w->width, w->height)) {
                fputs("chalk-bench-screen: the display is gone\n", stderr);
                return 1;
            }
        }
        if (at == 0) {
            puts("ready");
            (void)fflush(stdout);
        }
        ck_bench_sleep_until(began_us + (at + 1) * UINT64_C(1000000) / CK_CONTENT_FPS);
    }
}

int main(int argc, char **argv)
{
    if (argc < 3 || argc > 4) {
        fputs(usage, stderr);
        return 2;
    }
    ck_content *content = ck_content_open(argv[2], argc == 4 ? argv[3] : NULL);
    ck_x11_window window;
    if (content == NULL ||
        !ck_x11_window_open(&window, argv[1], CK_CONTENT_WIDTH, CK_CONTENT_HEIGHT)) {
        ck_content_close(&content);
        return 1;
    }
    int code = show(&window, content);
    ck_x11_window_close(&window);
    ck_content_close(&content);
    return code;
}
