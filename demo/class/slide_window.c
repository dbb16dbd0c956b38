#include "class/slide_window.h"

#include "class/marks.h"
#include "class/slides.h"

#include <string.h>
#include <unistd.h>

#define SLIDE_US 5000000 /* how long one is shown */
#define MOVE_US  400000  /* how long the next one slides in */
#define FRAME_US 33333   /* of the movement */
#define MARKS_US                                                                                   \
    100000 /* between drawings of the marks: ten a second, edges of the flash included */
#define POINT_US  66667 /* between steps of the pointer */
#define SETTLE_US 1000000
#define SLIDES    8 /* most slides */

struct slide_window {
    SDL_Window *window;
    SDL_Cursor *cursor;
    const room_clock *clock;
    bool own_display;
    char title[64];
    uint64_t began_us;
    uint64_t number;   /* of the next drawing */
    uint64_t marks_us; /* when the marks are due */
    uint64_t frame_us; /* when the next step of a movement is due; UINT64_MAX: nothing moves */
    uint64_t moved_us; /* the newest step of a movement */
    uint64_t point_us;
    size_t shown;          /* index of the slide that fills the window */
    bool stale;            /* everything has to be drawn */
    int32_t width, height; /* of the prepared pages */
    cairo_surface_t *pages[SLIDES];
};

/* --- pages ----------------------------------------------------------------------------------- */

static void forget_pages(slide_window *w)
{
    for (size_t i = 0; i < SLIDES; i++) {
        cairo_surface_destroy(w->pages[i]);
        w->pages[i] = NULL;
    }
}

/* Slides are drawn once a size: a movement then only copies. False: no memory. */
static bool prepare_pages(slide_window *w, int32_t width, int32_t height)
{
    if (width == w->width && height == w->height) {
        return true;
    }
    forget_pages(w);
    for (size_t i = 0; i < slides_count() && i < SLIDES; i++) {
        w->pages[i] = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
        if (cairo_surface_status(w->pages[i]) != CAIRO_STATUS_SUCCESS) {
            forget_pages(w);
            w->width = 0;
            return false;
        }
        cairo_t *c = cairo_create(w->pages[i]);
        slides_draw(c, width, height, i);
        cairo_destroy(c);
        cairo_surface_flush(w->pages[i]);
    }
    w->width = width;
    w->height = height;
    return true;
}

/* Copies columns [from, from + count) of a page to column `to` of the window. */
static void copy_columns(const slide_window *w, SDL_Surface *s, size_t page, int32_t from,
                         int32_t to, int32_t count, int32_t rows)
{
    const uint8_t *pixels = cairo_image_surface_get_data(w->pages[page]);
    int stride = cairo_image_surface_get_stride(w->pages[page]);
    for (int32_t y = 0; y < rows && count > 0; y++) {
        memcpy((uint8_t *)s->pixels + (ptrdiff_t)y * s->pitch + (ptrdiff_t)to * 4,
               pixels + (ptrdiff_t)y * stride + (ptrdiff_t)from * 4, (size_t)count * 4);
    }
}

/* --- drawing --------------------------------------------------------------------------------- */

static size_t slide_at(const slide_window *w, uint64_t now_us)
{
    return (size_t)((now_us - w->began_us) / SLIDE_US) % slides_count();
}

/* How far the newest slide has come in, 0..1, softly. */
static double progress_at(const slide_window *w, uint64_t now_us)
{
    uint64_t since_us = (now_us - w->began_us) % SLIDE_US;
    if (now_us - w->began_us < SLIDE_US || since_us >= MOVE_US) {
        return 1; /* the first one is just there */
    }
    double left = 1 - (double)since_us / MOVE_US;
    return 1 - left * left * left;
}

static SDL_Rect draw_pages(slide_window *w, SDL_Surface *s, uint64_t now_us)
{
    size_t index = slide_at(w, now_us);
    double progress = progress_at(w, now_us);
    int32_t entered = (int32_t)(progress * w->width);
    size_t before = (index + slides_count() - 1) % slides_count();
    int32_t rows = w->height;
    copy_columns(w, s, before, entered, 0, w->width - entered, rows);
    copy_columns(w, s, index, 0, w->width - entered, entered, rows);
    bool moving = progress < 1;
    w->moved_us = moving || w->shown != index ? now_us : w->moved_us;
    w->shown = moving ? before : index;
    w->frame_us = moving ? now_us + FRAME_US : UINT64_MAX;
    w->stale = false;
    return (SDL_Rect){0, 0, w->width, w->height};
}

static bool pages_are_due(const slide_window *w, uint64_t now_us)
{
    return w->stale || now_us >= w->frame_us ||
           (w->frame_us == UINT64_MAX && slide_at(w, now_us) != w->shown);
}

static void draw(slide_window *w)
{
    SDL_Surface *s = SDL_GetWindowSurface(w->window);
    if (s == NULL || s->format->BytesPerPixel != 4 || !prepare_pages(w, s->w, s->h) ||
        (SDL_MUSTLOCK(s) && SDL_LockSurface(s) != 0)) {
        return; /* the window is about to change; the next tick tries again */
    }
    uint64_t now_us = room_clock_now_us(w->clock);
    SDL_Rect areas[2];
    int count = 0;
    if (pages_are_due(w, now_us)) {
        areas[count++] = draw_pages(w, s, now_us);
    }
    now_us = room_clock_now_us(w->clock);
    chalk_rect marks = marks_draw(s->pixels, s->pitch, s->w, s->h, w->number, now_us);
    areas[count++] = (SDL_Rect){marks.x, marks.y, marks.width, marks.height};
    w->number++;
    w->marks_us = now_us / MARKS_US * MARKS_US + MARKS_US;
    if (SDL_MUSTLOCK(s)) {
        SDL_UnlockSurface(s);
    }
    if (count == 2) { /* the whole window holds the marks as well */
        count = 1;
    }
    (void)SDL_UpdateWindowSurfaceRects(w->window, areas, count); /* refused while it is resized */
}

static void point(slide_window *w, uint64_t now_us)
{
    int32_t x = 0, y = 0;
    uint64_t since_us = (now_us - w->began_us) % SLIDE_US;
    slides_pointer(slide_at(w, now_us), (double)since_us / SLIDE_US, w->width, w->height, &x, &y);
    SDL_WarpMouseInWindow(w->window, x, y);
    w->point_us = now_us + POINT_US;
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t slide_window_tick(slide_window *w)
{
    uint64_t now_us = room_clock_now_us(w->clock);
    if (now_us >= w->marks_us || pages_are_due(w, now_us)) {
        draw(w);
    }
    if (w->own_display && now_us >= w->point_us) {
        point(w, now_us);
    }
    uint64_t next_slide_us =
        w->began_us + ((now_us - w->began_us) / SLIDE_US + 1) * (uint64_t)SLIDE_US;
    uint64_t due_us = earliest(earliest(w->marks_us, w->frame_us), next_slide_us);
    return w->own_display ? earliest(due_us, w->point_us) : due_us;
}

void slide_window_expose(slide_window *w)
{
    w->stale = true;
}

/* --- life ------------------------------------------------------------------------------------ */

slide_window *slide_window_open(const slide_window_options *options)
{
    slide_window *w = SDL_calloc(1, sizeof *w);
    if (w == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    w->clock = options->clock;
    w->own_display = options->own_display;
    w->began_us = room_clock_now_us(w->clock);
    w->frame_us = UINT64_MAX;
    w->stale = true;
    SDL_snprintf(w->title, sizeof w->title, "Lines and slopes (lesson %ld)", (long)getpid());
    uint32_t flags = options->own_display ? SDL_WINDOW_BORDERLESS : SDL_WINDOW_RESIZABLE;
    int place = options->own_display ? 0 : (int)SDL_WINDOWPOS_UNDEFINED;
    w->window = SDL_CreateWindow(w->title, place, place, options->width, options->height, flags);
    if (w->window == NULL) {
        SDL_free(w);
        return NULL;
    }
    w->cursor = SDL_CreateSystemCursor(SDL_SYSTEM_CURSOR_ARROW);
    if (w->cursor != NULL) {
        SDL_SetCursor(w->cursor);
    }
    (void)slide_window_tick(w);
    return w;
}

void slide_window_close(slide_window **window)
{
    slide_window *w = *window;
    if (w == NULL) {
        return;
    }
    forget_pages(w);
    SDL_FreeCursor(w->cursor);
    SDL_DestroyWindow(w->window);
    SDL_free(w);
    *window = NULL;
}

const char *slide_window_title(const slide_window *w)
{
    return w->title;
}

uint32_t slide_window_id(const slide_window *w)
{
    return SDL_GetWindowID(w->window);
}

bool slide_window_rests(const slide_window *w)
{
    return w->frame_us == UINT64_MAX && room_clock_now_us(w->clock) > w->moved_us + SETTLE_US;
}

uint64_t slide_window_drawings(const slide_window *w)
{
    return w->number;
}
