/*
 * A whiteboard as somebody works on it: a page of a room's board, what lies over it (a selection,
 * others' cursors, text that is being typed), and what a pointer and commands do. It knows no
 * window and no key: whoever shows it hands in places in pixels of the view and paints what it
 * gives.
 *
 *     view = board_view_create(runtime, session)
 *     board_view_resize(view, wide, high, scale)
 *     board_view_press / _move / _release / _wheel      what the pointer does, each sample
 *     board_view_type / _compose                        while board_view_is_typing
 *     board_view_do(view, command)                      what keys and buttons ask for
 *     board_view_event(view, &event)                    each event of the room
 *     board_view_paint(view, pixels, stride, now_us)    when board_view_due says so
 *
 * One thread.
 */
#ifndef DEMO_BOARD_VIEW_H
#define DEMO_BOARD_VIEW_H

#include "board/command.h"
#include "board/deck.h"
#include "board/ui.h"
#include "chalkrail/board_view.h"

typedef struct board_view board_view;

/* A sample of a pointer, in pixels of the view. */
typedef struct board_pointer {
    double x, y;
    double pressure; /* 0..1; below 0: not known */
    uint64_t at_us;  /* runtime clock; 0: now */
    bool shift, ctrl;
    int clicks; /* of a press */
    bool pans;  /* of a press: the view is moved, whatever the tool */
} board_pointer;

/* How the view stands, for who draws tools around it. */
typedef struct board_state {
    enum board_tool tool;
    uint32_t colour, width; /* indices */
    bool filled;
    uint32_t page;       /* its number */
    uint32_t page_index; /* from 0 */
    uint32_t pages;
    uint32_t selected; /* objects */
    bool undoable, redoable, may_draw;
    bool leads;        /* this view is shared */
    bool follows;      /* the shared one is shown */
    char leader[72];   /* who shares a view; "": nobody */
    double zoom;       /* 1: a px of the page is a pixel of a plain display */
    char message[160]; /* what was done, or why not; "" after a while */
} board_state;

board_view *board_view_create(chalk_runtime *runtime, chalk_session *session);
void board_view_destroy(board_view **view);
/* Pixels, and how many of them a pixel of a plain display is. */
void board_view_resize(board_view *v, int wide, int high, double scale);
/* The room has another board now, or is live again. */
void board_view_renew(board_view *v);

void board_view_press(board_view *v, const board_pointer *at);
void board_view_move(board_view *v, const board_pointer *at); /* also without a button */
void board_view_release(board_view *v, const board_pointer *at);
void board_view_leave(board_view *v); /* the pointer has left it */
/* `across` and `down` in notches; with `zooms` the view comes closer. */
void board_view_wheel(board_view *v, const board_pointer *at, double across, double down,
                      bool zooms);

bool board_view_is_typing(const board_view *v);
/* Where the text stands that is being typed, in pixels of the view, for an input method. */
ui_rect board_view_caret(const board_view *v);
void board_view_type(board_view *v, const char *text);
void board_view_compose(board_view *v, const char *text); /* not decided yet, by an input method */
enum board_edit {
    EDIT_BREAK = 1,
    EDIT_ERASE,
    EDIT_DELETE,
    EDIT_LEFT,
    EDIT_RIGHT,
    EDIT_HOME,
    EDIT_END
};
void board_view_edit(board_view *v, enum board_edit what);

/* False: this is not the view's to do. `far`: with Shift. */
bool board_view_do(board_view *v, enum board_command command, bool far);
void board_view_go_to(board_view *v, uint32_t page_index);
/* A PDF, a picture or a folder of them becomes pages behind the one that is seen. */
void board_view_import(board_view *v, const char *path);
/* Puts the picture of a file in the middle of what is seen; at `at`, unless it is NULL. A status.
 */
int board_view_put_image(board_view *v, const uint8_t *data, size_t size, const board_pointer *at);
void board_view_event(board_view *v, const chalk_room_event *event);
void board_view_say(board_view *v, const char *format, ...) __attribute__((format(printf, 2, 3)));

const board_state *board_view_state(board_view *v);
/* When it is to be painted again, by the runtime's clock; UINT64_MAX: when something happens. */
uint64_t board_view_due(const board_view *v, uint64_t now_us);
/* Paints all of it. A status. */
int board_view_paint(board_view *v, uint8_t *pixels, size_t stride, uint64_t now_us);
/* How often something was done on the board by this view. */
uint64_t board_view_edits(const board_view *v);
/* Changes with what is on the board. */
uint64_t board_view_version(const board_view *v);

#endif
