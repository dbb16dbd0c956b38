/*
 * The board's window (SDL): a view, what stands around it, its files. One thread, the main one,
 * does everything here; the library has its own.
 */
#ifndef DEMO_BOARD_WINDOW_H
#define DEMO_BOARD_WINDOW_H

#include "cli/session.h"

#include <stdbool.h>

typedef struct board_options {
    const char *file;                       /* a board's; NULL: none */
    const char *deck;                       /* that becomes pages; NULL: none */
    const char *edge, *room, *token, *name; /* of a room; NULL: a board of one's own */
    uint32_t role;                          /* enum chalk_role, at an edge without tokens */
    const char *png, *svg, *pdf;            /* where to it is exported; NULL: not */
    uint32_t page;                          /* 0: the first, of a PDF all */
    uint32_t scale;                         /* per cent */
    uint32_t ui_scale;                      /* per cent of the window's own; 0: 100 */
    bool text, json, verbose;
} board_options;

/* Until it is closed. The exit code. */
int board_window_run(const board_options *options, cli_report *report);

#endif
