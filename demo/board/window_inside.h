/* The inside of the window, shared by the files window*.c. */
#ifndef DEMO_BOARD_WINDOW_INSIDE_H
#define DEMO_BOARD_WINDOW_INSIDE_H

#include "board/chrome.h"
#include "board/dialog.h"
#include "board/files.h"
#include "board/help.h"
#include "board/thumbs.h"
#include "board/window.h"

#include <stdatomic.h>

#define PAGES_SHOWN 1000

typedef struct board_window {
    const board_options *options;
    cli_report *report;
    cli_session session;
    board_view *view;
    board_thumbs thumbs;
    bool has_thumbs;

    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *texture;
    SDL_Cursor *cursors[SDL_NUM_SYSTEM_CURSORS];
    SDL_SystemCursor cursor;
    cairo_surface_t *screen; /* all of it, as it is shown */
    int wide, high;          /* pixels */
    double ratio;            /* pixels for a unit of the window's coordinates */
    double scale;

    chrome chrome;
    const chrome_button *hover;
    uint64_t hover_us;
    dialog dialog;
    bool help;
    int help_first; /* column */
    bool full_screen;
    bool drags;     /* a button that went down on the board is down */
    bool composing; /* an input method is at work */
    SDL_FingerID finger;
    bool touches;

    uint32_t wake_event;
    atomic_bool woken; /* an event of that type is in SDL's queue */
    bool live, ended, quits;
    char room_words[DIALOG_TEXT + 200], title[DIALOG_TEXT + 64];
    uint32_t numbers[PAGES_SHOWN]; /* of the pages */
    uint64_t seen_version;         /* of the board, as the numbers are */
    uint32_t seen_page;
    uint64_t thumbs_us;     /* when pages are looked through again */
    char path[DIALOG_TEXT]; /* of the file; "": none yet */
    char next[DIALOG_TEXT]; /* the file that is opened once this board's room has ended */
    bool reopens;
    uint64_t saved_edits;
    bool quits_after_save;

    uint64_t painted_us;
    bool was_over; /* something lay over it all, or a message stood there */
    bool dirty;    /* what stands around the board is to be painted */
    int code;
} board_window;

/* --- window_files.c -------------------------------------------------------------------------- */

bool window_is_own(const board_window *w); /* a board without an edge */
bool window_is_saved(const board_window *w);
bool window_begin(board_window *w); /* opens or joins; false: told why not */
void window_save(board_window *w, bool elsewhere);
void window_ask(board_window *w, enum dialog_purpose purpose);
void window_answered(board_window *w, enum dialog_answer answer);
void window_reopen(board_window *w); /* with the next file */
void window_drop(board_window *w, const char *path, const board_pointer *at);
void window_quit(board_window *w);
void window_name(board_window *w); /* its title */

/* --- window_input.c -------------------------------------------------------------------------- */

void window_event(board_window *w, const SDL_Event *event);
void window_text_input(board_window *w); /* on where text is typed */
void window_cursor(board_window *w);

/* --- window_paint.c -------------------------------------------------------------------------- */

bool window_open(board_window *w);
void window_close(board_window *w);
void window_resized(board_window *w);
/* When there is something to be painted; UINT64_MAX: when something happens. */
uint64_t window_due(board_window *w, uint64_t now_us);
void window_paint(board_window *w, uint64_t now_us);

#endif
