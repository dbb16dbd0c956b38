/*
 * What the pages of an export show, fetched, decoded and rendered before each is painted, without a
 * window:
 *
 *     page_loader loader;
 *     status = page_loader_open(&loader, session, format);
 *     options.images = loader.canvas;
 *     options.begin_page = page_loader_begin;
 *     options.begin_user = &loader;
 *
 * One thread at a time.
 */
#ifndef DEMO_BOARD_LOAD_H
#define DEMO_BOARD_LOAD_H

#include "board/deck.h"

typedef struct page_loader {
    chalk_session *session;
    chalk_canvas *canvas;
    decks *decks;
} page_loader;

/* `format`: enum chalk_export_format. CHALK_OK, NO_MEMORY; close it all the same. */
int page_loader_open(page_loader *l, chalk_session *session, uint32_t format);
void page_loader_close(page_loader *l);
/* Waits; a picture that cannot be had is a frame with a cross. As chalk_export_page_fn; `loader` is
 * a page_loader. CHALK_OK; CANCELLED: the program was asked to stop; those of chalk_board_export.
 */
int page_loader_begin(uint32_t page, void *loader);

#endif
