/*
 * Decks: a PDF, or a folder of pictures, becomes pages of the board.
 *
 * A PDF is a stranger's file in a large format. It is read by pdfinfo and pdftoppm (poppler-utils)
 * in processes of their own, with a limit on memory, time and what they write: what a hostile one
 * does to them ends there. Each viewer renders the page that it shows, at the scale that its window
 * shows it; so it is as sharp there as it can be, and nothing but the PDF is uploaded.
 *
 *     decks *d = decks_new(session);
 *     decks_import(d, "lesson.pdf", after);
 *     each frame:  chalk_canvas_paint(...); decks_run(d, canvas);
 *
 * Nothing waits: one page is rendered at a time, beside the painting. One thread at a time.
 */
#ifndef DEMO_BOARD_DECK_H
#define DEMO_BOARD_DECK_H

#include "chalkrail/asset.h"
#include "chalkrail/render.h"

#include <stdbool.h>

#define DECK_PAGES_MAX  999u      /* of a deck: a board has 1000 */
#define DECK_PIXELS_MAX 16000000u /* that a page is rendered to */
#define DECK_SIDE_MAX   8192u
#define DECK_SECONDS    20u /* for one page */
#define DECK_MEMORY_MB  1024u
#define DECK_FILES_MAX  256u /* of a folder */

typedef struct decks decks;

decks *decks_new(chalk_session *session); /* NULL: no memory */
void decks_free(decks **d);               /* what is rendered is given up */

/* Uploads; the pages come when that is done. CHALK_OK; NOT_FOUND, NO_PERMISSION, IO: of the file;
 * UNSUPPORTED: no PDF and no picture, or a folder without pictures; BAD_DATA: pdfinfo cannot read
 * it; LIMIT: too many pages or files, or one is under way; CODEC_UNKNOWN: poppler-utils are not
 * installed; those of chalk_asset_add. */
int decks_import(decks *d, const char *path, uint32_t after);
/* Pages are rendered at least so sharp: pixels for a px. */
void decks_sharpen(decks *d, double scale);
/* What is wrong with a file that could not be imported, after its name. */
const char *decks_trouble(int status);
/* Goes on with an import, renders what the canvas (NULL: none) wants. CHALK_OK: nothing is to be
 * done; AGAIN: something is under way; else why the import failed, once. */
int decks_run(decks *d, chalk_canvas *canvas);

#endif
