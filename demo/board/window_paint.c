/* The window itself, and what is shown in it. */
#include "board/window_inside.h"

#include <math.h>
#include <stdio.h>

#define WIDE     1280
#define HIGH     800
#define LEAST_W  640
#define LEAST_H  480
#define TIP_US   500000 /* the pointer rests on a button */
#define THUMB_US 400000 /* between two pages whose picture is renewed */
#define DECK_US  40000  /* between two looks at a page that is being rendered */

/* --- life ------------------------------------------------------------------------------------ */

static bool make_window(board_window *w)
{
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "nearest");
    SDL_SetHint(SDL_HINT_TOUCH_MOUSE_EVENTS, "0"); /* touches draw by themselves */
    SDL_SetHint(SDL_HINT_MOUSE_TOUCH_EVENTS, "0");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    w->window = SDL_CreateWindow("Chalkrail board", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED,
                                 WIDE, HIGH, SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (w->window != NULL) {
        w->renderer = SDL_CreateRenderer(w->window, -1, SDL_RENDERER_SOFTWARE);
    }
    if (w->renderer == NULL) {
        (void)cli_fail(w->report, "the window cannot be opened: %s", SDL_GetError());
        return false;
    }
    SDL_SetWindowMinimumSize(w->window, LEAST_W, LEAST_H);
    SDL_StopTextInput();
    return true;
}

bool window_open(board_window *w)
{
    if (!make_window(w)) {
        return false;
    }
    window_resized(w);
    return w->screen != NULL;
}

void window_close(board_window *w)
{
    if (w->has_thumbs) {
        board_thumbs_free(&w->thumbs);
    }
    board_view_destroy(&w->view);
    cairo_surface_destroy(w->screen);
    for (int i = 0; i < SDL_NUM_SYSTEM_CURSORS; i++) {
        SDL_FreeCursor(w->cursors[i]);
    }
    if (w->texture != NULL) {
        SDL_DestroyTexture(w->texture);
    }
    if (w->renderer != NULL) {
        SDL_DestroyRenderer(w->renderer);
    }
    if (w->window != NULL) {
        SDL_DestroyWindow(w->window);
    }
}

static bool make_screen(board_window *w)
{
    cairo_surface_destroy(w->screen);
    if (w->texture != NULL) {
        SDL_DestroyTexture(w->texture);
    }
    w->texture = SDL_CreateTexture(w->renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING,
                                   w->wide, w->high);
    w->screen = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w->wide, w->high);
    if (w->texture != NULL && cairo_surface_status(w->screen) == CAIRO_STATUS_SUCCESS) {
        return true;
    }
    w->code = cli_fail_status(w->report, CHALK_ERR_NO_MEMORY, "cannot show the window");
    w->quits = true;
    return false;
}

void window_resized(board_window *w)
{
    int wide = 0, high = 0, units = 0, ignored = 0;
    SDL_GetWindowSize(w->window, &units, &ignored);
    if (SDL_GetRendererOutputSize(w->renderer, &wide, &high) != 0 || wide <= 0 || units <= 0) {
        return;
    }
    w->ratio = (double)wide / units;
    w->scale = w->ratio * (w->options->ui_scale != 0 ? w->options->ui_scale / 100.0 : 1.0);
    if (wide != w->wide || high != w->high) {
        w->wide = wide;
        w->high = high;
        if (!make_screen(w)) {
            return;
        }
    }
    w->hover = NULL;
    chrome_layout(&w->chrome, w->wide, w->high, w->scale);
    board_view_resize(w->view, (int)w->chrome.board.w, (int)w->chrome.board.h, w->scale);
    board_thumbs_resize(&w->thumbs, (int)w->chrome.thumb_wide, (int)w->chrome.thumb_high);
    w->dirty = true;
}

/* --- when ------------------------------------------------------------------------------------ */

static bool shows_tip(const board_window *w, uint64_t now_us)
{
    return w->hover != NULL && now_us - w->hover_us >= TIP_US;
}

/* The page whose picture is to be renewed next; 0: none. */
static uint32_t stale_page(board_window *w)
{
    const board_state *state = board_view_state(w->view);
    uint64_t version = board_view_version(w->view);
    for (uint32_t i = 0; i < state->pages && i < PAGES_SHOWN; i++) {
        uint32_t at = (state->page_index + i) % state->pages; /* the one that is seen first */
        double top = at * w->chrome.thumb_step - w->chrome.scrolled;
        bool visible = top + w->chrome.thumb_step > 0 && top < w->chrome.pages.h;
        if (at < PAGES_SHOWN && visible && w->numbers[at] != 0 &&
            board_thumbs_is_stale(&w->thumbs, w->numbers[at], version)) {
            return w->numbers[at];
        }
    }
    return 0;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t window_due(board_window *w, uint64_t now_us)
{
    if (w->dirty) {
        return now_us;
    }
    uint64_t due_us = board_view_due(w->view, now_us);
    if (w->hover != NULL && !shows_tip(w, now_us)) {
        due_us = sooner(due_us, w->hover_us + TIP_US);
    }
    if (stale_page(w) != 0) {
        due_us = sooner(due_us, w->thumbs_us);
    }
    return due_us;
}

/* --- what ------------------------------------------------------------------------------------ */

static void list_pages(board_window *w, const board_state *state)
{
    chalk_board_page page = {.struct_size = sizeof page};
    for (uint32_t i = 0; i < state->pages && i < PAGES_SHOWN; i++) {
        w->numbers[i] =
            chalk_board_get_page(w->session.session, CHALK_VIEW_HEAD, i, &page) == CHALK_OK
                ? page.number
                : 0;
    }
    if (w->seen_page != state->page) {
        w->seen_page = state->page;
        chrome_show_page(&w->chrome, state);
    }
}

/* One page a turn, and that only now and then: drawing comes first. */
static void renew_thumbs(board_window *w, uint64_t now_us)
{
    uint32_t page = now_us >= w->thumbs_us ? stale_page(w) : 0;
    if (page != 0) {
        bool done = board_thumbs_paint(&w->thumbs, page, board_view_version(w->view));
        w->thumbs_us = now_us + (w->thumbs.renders            ? DECK_US
                                 : done && stale_page(w) == 0 ? THUMB_US
                                                              : 0);
        w->dirty = true;
    }
}

static chrome_words words_of(board_window *w, const board_state *state)
{
    chalk_room_info info = {.struct_size = sizeof info};
    bool known =
        chalk_room_get_info(w->session.session, CHALK_VIEW_HEAD, &info) == CHALK_OK && w->live;
    bool own = window_is_own(w), quiet = !known && !own;
    if (own) {
        (void)snprintf(w->room_words, sizeof w->room_words, "%s",
                       w->path[0] != '\0' ? w->path : "Not in a class; no file yet");
    } else if (known) {
        (void)snprintf(w->room_words, sizeof w->room_words, "%s%s%s%s   %s: live, %u here",
                       state->leader[0] != '\0' ? "You " : "",
                       state->leader[0] == '\0' ? ""
                       : state->follows         ? "follow "
                                                : "have left the view of ",
                       state->leader, info.pending > 0 ? "   sending" : "", w->options->room,
                       (unsigned)info.here);
    } else {
        (void)snprintf(w->room_words, sizeof w->room_words, "%s: %s", w->options->room,
                       w->ended ? "it has ended"
                                : "no connection; what you draw is kept and sent later");
    }
    return (chrome_words){
        .room = w->room_words,
        .trouble = quiet,
        .hint = state->may_draw
                    ? "F1 shows all keys"
                    : "You see the board; the teacher gives the right to draw.  F1: keys",
    };
}

static void paint_board(board_window *w, uint64_t now_us)
{
    const ui_rect *r = &w->chrome.board;
    size_t stride = (size_t)cairo_image_surface_get_stride(w->screen);
    cairo_surface_flush(w->screen);
    uint8_t *pixels =
        cairo_image_surface_get_data(w->screen) + (size_t)r->y * stride + (size_t)r->x * 4;
    (void)board_view_paint(w->view, pixels, stride, now_us); /* the picture is the one before */
    cairo_surface_mark_dirty(w->screen);
}

static void paint_over(board_window *w, cairo_t *c, uint64_t now_us)
{
    const ui_rect all = {0, 0, w->wide, w->high};
    if (w->help) {
        help_paint(c, &all, w->scale, w->help_first);
    } else if (w->dialog.purpose != DIALOG_NONE) {
        dialog_paint(&w->dialog, c, &all, w->scale);
    } else if (shows_tip(w, now_us)) {
        chrome_paint_tip(&w->chrome, c, w->hover);
    }
}

static void present(board_window *w, bool all)
{
    const ui_rect *b = &w->chrome.board;
    const SDL_Rect board = {(int)b->x, (int)b->y, (int)b->w, (int)b->h};
    const SDL_Rect whole = {0, 0, w->wide, w->high};
    const SDL_Rect *part = all ? &whole : &board;
    int stride = cairo_image_surface_get_stride(w->screen);
    cairo_surface_flush(w->screen);
    SDL_UpdateTexture(w->texture, part,
                      cairo_image_surface_get_data(w->screen) + part->y * stride + part->x * 4,
                      stride);
    SDL_RenderCopy(w->renderer, w->texture, NULL, NULL);
    SDL_RenderPresent(w->renderer);
}

void window_paint(board_window *w, uint64_t now_us)
{
    bool over = w->help || w->dialog.purpose != DIALOG_NONE || shows_tip(w, now_us);
    renew_thumbs(w, now_us);
    paint_board(w, now_us);
    const board_state *state = board_view_state(w->view);
    bool all = w->dirty || over || w->was_over || state->message[0] != '\0';
    cairo_t *c = cairo_create(w->screen);
    if (all) {
        list_pages(w, state);
        const chrome_words words = words_of(w, state);
        chrome_paint(&w->chrome, c, state, &words, w->hover);
        chrome_paint_pages(&w->chrome, c, state, &w->thumbs, w->numbers);
        paint_over(w, c, now_us);
    }
    cairo_destroy(c);
    present(w, all);
    window_name(w);
    w->was_over = over || state->message[0] != '\0';
    w->dirty = false;
    w->painted_us = now_us;
}
