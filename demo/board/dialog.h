/* A question over the board: the name of a file, or yes or no. */
#ifndef DEMO_BOARD_DIALOG_H
#define DEMO_BOARD_DIALOG_H

#include "board/ui.h"

#include <SDL.h>

#define DIALOG_TEXT 1024

enum dialog_purpose {
    DIALOG_NONE = 0,
    DIALOG_OPEN,
    DIALOG_SAVE,
    DIALOG_EXPORT,
    DIALOG_IMAGE,
    DIALOG_QUIT, /* yes: save first, no: without */
};

enum dialog_answer {
    DIALOG_WAITS = 0,
    DIALOG_YES,
    DIALOG_NO,
    DIALOG_CANCEL,
};

typedef struct dialog {
    enum dialog_purpose purpose; /* NONE: there is none */
    char text[DIALOG_TEXT];      /* what was typed */
    bool proposed;               /* it is our proposal still, which typing replaces */
    bool replaces;               /* the file is there already: yes once more replaces it */
    ui_rect yes, no, cancel;     /* where the buttons were painted */
} dialog;

/* `text` is proposed. */
void dialog_begin(dialog *d, enum dialog_purpose purpose, const char *text);
bool dialog_is_typing(const dialog *d);
void dialog_type(dialog *d, const char *text);
enum dialog_answer dialog_key(dialog *d, const SDL_Keysym *key);
enum dialog_answer dialog_press(const dialog *d, double x, double y);
void dialog_paint(dialog *d, cairo_t *c, const ui_rect *area, double scale);

#endif
