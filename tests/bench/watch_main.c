/* chalk-bench-watch: see usage below. */
#include "bench/x11_window.h"

#include "base/rng.h"
#include "chalkrail/frame.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xcb/damage.h>

#define WIDTH        1280
#define HEIGHT       720
#define BOX_X        400 /* what changes */
#define BOX_Y        224
#define BOX_WIDTH    480
#define BOX_HEIGHT   272
#define PROBE_X      640
#define PROBE_Y      360
#define FIRST_X      320 /* away from what a player writes in the middle while it waits */
#define FIRST_Y      180
#define PROBE_REACH  40 /* of one colour around the place that is looked at */
#define LOST_US      3000000u
#define APPEAR_US    30000000u
#define SETTLE_US    1500000u
#define MOVE_US      66667u
#define MOVER        24     /* pixels a side */
#define PEN_PAUSE_US 40000u /* at most, between two moves */
#define PEN_X        160
#define PEN_Y        300
#define PEN_STEP     16 /* pixels: the ink of the move before does not reach half of it */
#define DARK         0xff202020u
#define LIGHT        0xffe8e8e8u

static const char usage[] =
    "usage: chalk-bench-watch SOURCE PLAYER CHANGES SEED\n"
    "       chalk-bench-watch SOURCE\n"
    "       chalk-bench-watch --first PLAYER\n"
    "       chalk-bench-watch --pen BOARD MOVES SEED\n"
    "Changes a part of the display SOURCE at random moments, 0.3 to 1 s apart, and waits until\n"
    "PLAYER, another display, shows it; prints \"ready\" when the first picture is there, then a\n"
    "line with the milliseconds of each change, or \"lost\" after 3 s.\n"
    "With SOURCE alone it shows a light picture, in which something small moves, until it is "
    "killed.\n"
    "With --first it prints the time (us, CLOCK_MONOTONIC) at which PLAYER becomes light.\n"
    "With --pen it moves the pointer, which is a pen that is down, and prints for each move the\n"
    "milliseconds until the ink has come half the way.\n";

typedef struct watch {
    ck_x11_window screen;
    uint8_t damage_event;
    xcb_damage_damage_t damage;
    int32_t probe_x, probe_y; /* of the picture */
} watch;

static bool watch_open(watch *w, const char *display, int32_t probe_x, int32_t probe_y)
{
    w->probe_x = probe_x;
    w->probe_y = probe_y;
    if (!ck_x11_window_open(&w->screen, display, 0, 0)) {
        return false;
    }
    xcb_connection_t *c = w->screen.connection;
    const xcb_query_extension_reply_t *extension = xcb_get_extension_data(c, &xcb_damage_id);
    free(xcb_damage_query_version_reply(c, xcb_damage_query_version(c, 1, 1), NULL));
    if (extension == NULL || !extension->present) {
        fprintf(stderr, "display %s does not report damage\n", display);
        ck_x11_window_close(&w->screen);
        return false;
    }
    w->damage_event = extension->first_event;
    w->damage = xcb_generate_id(c);
    xcb_damage_create(c, w->damage, w->screen.screen->root, XCB_DAMAGE_REPORT_LEVEL_NON_EMPTY);
    xcb_flush(c);
    return true;
}

/* Whether something was drawn since it was last asked. */
static bool was_damaged(watch *w)
{
    bool damaged = false;
    xcb_generic_event_t *event;
    while ((event = xcb_poll_for_event(w->screen.connection)) != NULL) {
        damaged = damaged || (event->response_type & 0x7f) == w->damage_event + XCB_DAMAGE_NOTIFY;
        free(event);
    }
    if (damaged) {
        xcb_damage_subtract(w->screen.connection, w->damage, XCB_NONE, XCB_NONE);
    }
    return damaged;
}

/* Players open a window and place and size it as they like: the largest one is looked at, at the
 * place of the picture's probe. */
static bool find_window(const watch *w, chalk_rect *place)
{
    xcb_connection_t *c = w->screen.connection;
    xcb_query_tree_reply_t *tree =
        xcb_query_tree_reply(c, xcb_query_tree(c, w->screen.screen->root), NULL);
    int count = tree != NULL ? xcb_query_tree_children_length(tree) : 0;
    *place = (chalk_rect){0};
    for (int i = 0; i < count; i++) {
        xcb_window_t window = xcb_query_tree_children(tree)[i];
        xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(c, xcb_get_geometry(c, window), NULL);
        xcb_get_window_attributes_reply_t *about =
            xcb_get_window_attributes_reply(c, xcb_get_window_attributes(c, window), NULL);
        bool larger = g != NULL && about != NULL && about->map_state == XCB_MAP_STATE_VIEWABLE &&
                      g->width * g->height > place->width * place->height;
        if (larger) {
            *place = (chalk_rect){g->x, g->y, g->width, g->height};
        }
        free(g);
        free(about);
    }
    free(tree);
    return place->width > 0;
}

static bool is_light(const watch *w)
{
    chalk_rect place;
    if (!find_window(w, &place)) {
        return false;
    }
    int32_t x = place.x + place.width * w->probe_x / WIDTH;
    int32_t y = place.y + place.height * w->probe_y / HEIGHT;
    uint32_t rgb = ck_x11_pixel(&w->screen, (int16_t)x, (int16_t)y);
    return rgb != UINT32_MAX && (rgb >> 8 & 0xff) > 128;
}

/* When the display shows the wanted colour, or 0 after the deadline. */
static uint64_t wait_for(watch *w, bool light, uint64_t until_us)
{
    /* What was drawn before may be the wanted colour already. */
    while (is_light(w) != light) {
        struct pollfd readable = {xcb_get_file_descriptor(w->screen.connection), POLLIN, 0};
        while (!was_damaged(w)) {
            uint64_t now_us = ck_bench_now_us();
            if (now_us >= until_us || xcb_connection_has_error(w->screen.connection) != 0) {
                return 0;
            }
            xcb_flush(w->screen.connection);
            (void)poll(&readable, 1, (int)((until_us - now_us) / 1000) + 1);
        }
    }
    return ck_bench_now_us();
}

/* A box of stripes as dense as small letters, with a plain middle. */
static void draw_box(uint32_t *pixels, bool light, ck_rng *rng)
{
    uint32_t paper = light ? LIGHT : DARK, ink = light ? DARK : LIGHT;
    for (int y = BOX_Y; y < BOX_Y + BOX_HEIGHT; y++) {
        for (int x = BOX_X; x < BOX_X + BOX_WIDTH; x++) {
            pixels[y * WIDTH + x] = paper;
        }
    }
    for (int y = BOX_Y + 8; y < BOX_Y + BOX_HEIGHT - 8; y += 16) {
        for (int x = BOX_X + 8; x < BOX_X + BOX_WIDTH - 8; x += 4) {
            bool probe = abs(x - PROBE_X) < PROBE_REACH && abs(y - PROBE_Y) < PROBE_REACH;
            uint64_t letter = probe ? 0 : ck_rng_next(rng);
            for (int bit = 0; bit < 30; bit++) {
                if (letter >> bit & 1) {
                    pixels[(y + bit / 3) * WIDTH + x + bit % 3] = ink;
                }
            }
        }
    }
}

static bool show_all(ck_x11_window *source)
{
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) {
        source->pixels[i] = LIGHT;
    }
    return ck_x11_window_show(source, 0, 0, WIDTH, HEIGHT);
}

static bool change(ck_x11_window *source, watch *player, bool light, ck_rng *rng)
{
    draw_box(source->pixels, light, rng);
    uint64_t at_us = ck_bench_now_us();
    if (!ck_x11_window_show(source, BOX_X, BOX_Y, BOX_WIDTH, BOX_HEIGHT)) {
        return false;
    }
    uint64_t seen_us = wait_for(player, light, at_us + LOST_US);
    if (seen_us > 0) {
        printf("%.3f\n", (double)(seen_us - at_us) / 1000.0);
    } else {
        puts("lost");
    }
    (void)fflush(stdout);
    return true;
}

static int run_changes(const char *const *displays, uint32_t changes, uint64_t seed)
{
    ck_x11_window source;
    watch player;
    if (!ck_x11_window_open(&source, displays[0], WIDTH, HEIGHT)) {
        return 1;
    }
    if (!watch_open(&player, displays[1], PROBE_X, PROBE_Y)) {
        ck_x11_window_close(&source);
        return 1;
    }
    ck_rng rng;
    ck_rng_seed(&rng, seed);
    bool ok = show_all(&source) && wait_for(&player, true, ck_bench_now_us() + APPEAR_US) > 0;
    ck_bench_sleep_until(ck_bench_now_us() + SETTLE_US); /* its window takes the picture's size */
    ok = ok && wait_for(&player, true, ck_bench_now_us() + APPEAR_US) > 0;
    if (ok) {
        puts("ready");
        (void)fflush(stdout);
    } else {
        fputs("chalk-bench-watch: the player shows nothing\n", stderr);
    }
    for (uint32_t i = 0; ok && i < changes; i++) {
        ck_bench_sleep_until(ck_bench_now_us() + 300000 + ck_rng_next(&rng) % 700000);
        ok = change(&source, &player, i % 2 == 1, &rng);
    }
    ck_x11_window_close(&player.screen);
    ck_x11_window_close(&source);
    return ok ? 0 : 1;
}

/* Something small that moves along the upper edge. */
static bool show_mover(ck_x11_window *source, int at)
{
    int x = at * MOVER % (WIDTH - 2 * MOVER) / 2 * 2;
    for (int row = 0; row < MOVER; row++) {
        for (int column = 0; column < 2 * MOVER; column++) {
            source->pixels[row * WIDTH + x + column] = column < MOVER ? LIGHT : DARK;
        }
    }
    return ck_x11_window_show(source, (int16_t)x, 0, 2 * MOVER, MOVER);
}

static int run_light(const char *display)
{
    ck_x11_window source;
    if (!ck_x11_window_open(&source, display, WIDTH, HEIGHT)) {
        return 1;
    }
    bool ok = show_all(&source);
    puts("ready");
    (void)fflush(stdout);
    for (int at = 0; ok; at++) {
        ck_bench_sleep_until(ck_bench_now_us() + MOVE_US);
        ok = show_mover(&source, at);
    }
    ck_x11_window_close(&source);
    return 1;
}

static int run_first(const char *display)
{
    watch player;
    if (!watch_open(&player, display, FIRST_X, FIRST_Y)) {
        return 1;
    }
    puts("ready");
    (void)fflush(stdout);
    uint64_t seen_us = wait_for(&player, true, ck_bench_now_us() + APPEAR_US);
    if (seen_us > 0) {
        printf("%llu\n", (unsigned long long)seen_us);
    } else {
        puts("lost");
    }
    ck_x11_window_close(&player.screen);
    return seen_us > 0 ? 0 : 1;
}

/* The pointer goes on; true: it is told when the ink followed. */
static bool move_pen(watch *board, uint32_t move)
{
    int16_t x = (int16_t)(PEN_X + (int)(move + 1) * PEN_STEP);
    board->probe_x = x - PEN_STEP / 2;
    uint64_t at_us = ck_bench_now_us();
    xcb_warp_pointer(board->screen.connection, XCB_NONE, board->screen.screen->root, 0, 0, 0, 0, x,
                     PEN_Y);
    xcb_flush(board->screen.connection);
    uint64_t seen_us = wait_for(board, false, at_us + LOST_US);
    if (seen_us > 0) {
        printf("%.3f\n", (double)(seen_us - at_us) / 1000.0);
        (void)fflush(stdout);
    }
    return seen_us > 0;
}

static int run_pen(const char *display, uint32_t moves, uint64_t seed)
{
    watch board;
    ck_rng rng;
    if (!watch_open(&board, display, PEN_X, PEN_Y)) {
        return 1;
    }
    ck_rng_seed(&rng, seed);
    bool ok = true;
    for (uint32_t i = 0; ok && i < moves; i++) {
        ck_bench_sleep_until(ck_bench_now_us() + ck_rng_next(&rng) % PEN_PAUSE_US);
        ok = move_pen(&board, i);
    }
    if (!ok) {
        fputs("chalk-bench-watch: the ink does not follow\n", stderr);
    }
    ck_x11_window_close(&board.screen);
    return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "--pen") == 0) {
        return run_pen(argv[2], (uint32_t)strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
    }
    if (argc == 3 && strcmp(argv[1], "--first") == 0) {
        return run_first(argv[2]);
    }
    if (argc == 2 && argv[1][0] != '-') {
        return run_light(argv[1]);
    }
    if (argc == 5) {
        const char *const displays[] = {argv[1], argv[2]};
        return run_changes(displays, (uint32_t)strtoul(argv[3], NULL, 10),
                           strtoull(argv[4], NULL, 10));
    }
    fputs(usage, stderr);
    return 2;
}
