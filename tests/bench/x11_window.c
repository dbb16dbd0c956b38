#include "bench/x11_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <time.h>

#define US_PER_S 1000000u

uint64_t ck_bench_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * US_PER_S + (uint64_t)t.tv_nsec / 1000;
}

void ck_bench_sleep_until(uint64_t at_us)
{
    const struct timespec at = {(time_t)(at_us / US_PER_S), (long)(at_us % US_PER_S) * 1000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

/* Marked for removal at once, so that no end of the program leaves it behind. */
static bool share(ck_x11_window *w)
{
    size_t size = (size_t)w->width * w->height * sizeof *w->pixels;
    int id = shmget(IPC_PRIVATE, size, IPC_CREAT | 0600);
    void *memory = id >= 0 ? shmat(id, NULL, 0) : (void *)-1;
    if (memory == (void *)-1) {
        return false;
    }
    w->pixels = memory;
    w->segment = xcb_generate_id(w->connection);
    xcb_generic_error_t *error = xcb_request_check(
        w->connection, xcb_shm_attach_checked(w->connection, w->segment, (uint32_t)id, 0));
    shmctl(id, IPC_RMID, NULL);
    bool done = error == NULL;
    free(error);
    return done;
}

static void settle(const ck_x11_window *w)
{
    free(xcb_get_input_focus_reply(w->connection, xcb_get_input_focus(w->connection), NULL));
}

static bool make_window(ck_x11_window *w)
{
    const uint32_t unmanaged = 1;
    w->window = xcb_generate_id(w->connection);
    xcb_create_window(w->connection, XCB_COPY_FROM_PARENT, w->window, w->screen->root, 0, 0,
                      w->width, w->height, 0, XCB_WINDOW_CLASS_INPUT_OUTPUT, w->screen->root_visual,
                      XCB_CW_OVERRIDE_REDIRECT, &unmanaged);
    w->gc = xcb_generate_id(w->connection);
    xcb_create_gc(w->connection, w->gc, w->window, 0, NULL);
    xcb_map_window(w->connection, w->window);
    settle(w);
    return share(w);
}

bool ck_x11_window_open(ck_x11_window *w, const char *display, uint16_t width, uint16_t height)
{
    *w = (ck_x11_window){.width = width, .height = height};
    w->connection = xcb_connect(display, NULL);
    bool ready = xcb_connection_has_error(w->connection) == 0;
    if (ready) {
        w->screen = xcb_setup_roots_iterator(xcb_get_setup(w->connection)).data;
        ready = width == 0 || make_window(w);
    }
    if (!ready) {
        fprintf(stderr, "cannot draw on display %s\n", display);
        ck_x11_window_close(w);
    }
    return ready;
}

void ck_x11_window_close(ck_x11_window *w)
{
    if (w->pixels != NULL) {
        shmdt(w->pixels);
        w->pixels = NULL;
    }
    xcb_disconnect(w->connection);
    w->connection = NULL;
}

bool ck_x11_window_show(ck_x11_window *w, int16_t x, int16_t y, uint16_t width, uint16_t height)
{
    xcb_shm_put_image(w->connection, w->window, w->gc, w->width, w->height, (uint16_t)x,
                      (uint16_t)y, width, height, x, y, w->screen->root_depth,
                      XCB_IMAGE_FORMAT_Z_PIXMAP, 0, w->segment, 0);
    settle(w); /* until then the memory is the server's */
    return xcb_connection_has_error(w->connection) == 0;
}

uint32_t ck_x11_pixel(const ck_x11_window *w, int16_t x, int16_t y)
{
    xcb_get_image_reply_t *reply =
        xcb_get_image_reply(w->connection,
                            xcb_get_image(w->connection, XCB_IMAGE_FORMAT_Z_PIXMAP, w->screen->root,
                                          x, y, 1, 1, UINT32_MAX),
                            NULL);
    uint32_t rgb = UINT32_MAX;
    if (reply != NULL && xcb_get_image_data_length(reply) >= 3) {
        const uint8_t *p = xcb_get_image_data(reply);
        rgb = (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
    }
    free(reply);
    return rgb;
}
