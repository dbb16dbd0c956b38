/* A PDF, looked at and rendered by poppler's programs at arm's length: deck.h says why. */
#ifndef DEMO_BOARD_PDF_H
#define DEMO_BOARD_PDF_H

#include "board/deck.h"

#include <stdio.h>
#include <sys/types.h>

typedef struct pdf {
    FILE *file; /* nameless */
    uint32_t pages;
    uint64_t width_mpt, height_mpt; /* of the largest page, in 1/1000 pt */
} pdf;

/* CHALK_OK; BAD_DATA: pdfinfo does not understand it; LIMIT: over DECK_PAGES_MAX pages;
 * CODEC_UNKNOWN: there is no pdfinfo; IO. Waits for pdfinfo, DECK_SECONDS at most. */
int pdf_open(const uint8_t *data, size_t size, pdf *out);
void pdf_close(pdf *p);

/* A page being rendered. */
typedef struct pdf_job {
    pid_t child; /* 0: none */
    FILE *picture;
    double scale; /* as it will be: large pages are rendered smaller */
    uint64_t due_ms;
} pdf_job;

typedef struct pdf_picture {
    uint8_t *pixels; /* blue, green, red, 255; free() it */
    uint32_t wide, high;
} pdf_picture;

/* `scale`: pixels for a px, of which a point is 4/3. CHALK_OK, IO. */
int pdf_render(pdf *p, uint32_t page, double scale, pdf_job *job);
/* AGAIN: not yet; CHALK_OK: *out; BAD_DATA: it cannot be rendered within the limits; NO_MEMORY. */
int pdf_poll(pdf_job *job, pdf_picture *out);
void pdf_cancel(pdf_job *job);

#endif
