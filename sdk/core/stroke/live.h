/*
 * The pen of somebody as it moves, in chunks for the latest lane. A chunk is by itself, and chunks
 * may stand one behind the other. Each says from which sample on it goes, counted over all of its
 * author's strokes, so what comes twice is known and what is missing too.
 *
 *   chunk  size v (of what follows), first sample v, stroke v, page v, time of the first sample v
 * (ms after the author's first), x s, y s (of the first sample, in units), then in the range coder
 * of range.h: count  samples, less 1 each   of all but the first: the ms since the one before; of
 * all but the first: x and y as in code.h from the one before; what it is (2 bits: 1 the first of
 * its stroke, 2 the last); its width (of the first in a chunk 4 bits, else as in code.h). The first
 * of its stroke also says the style: tool (4 bits), unit (3, of the stroke to come), colour (32),
 * line's width (17).
 *
 * Coordinates are in units of 1/4 px. Samples that lie on the way between two others, in place and
 * time, are left out, and not counted. Plain functions; any thread.
 */
#ifndef CK_CORE_STROKE_LIVE_H
#define CK_CORE_STROKE_LIVE_H

#include "core/stroke/simplify.h"

#define CK_LIVE_SAMPLES   250u  /* of a chunk */
#define CK_LIVE_BYTES     1000u /* of a chunk */
#define CK_LIVE_UNIT      4u    /* 1/4 px */
#define CK_LIVE_GAP_MS    60000u
#define CK_LIVE_COORD_MAX (1 << 21) /* units */

enum ck_live_what {
    CK_LIVE_MOVES = 0,
    CK_LIVE_DOWN = 1,
    CK_LIVE_UP = 2, /* with DOWN: a dot */
};

typedef struct ck_live_style {
    uint32_t page; /* in the chunk's head */
    uint8_t tool;
    uint32_t colour;
    uint32_t width; /* 1/64 px */
} ck_live_style;

typedef struct ck_live_sample {
    int32_t x, y;        /* units */
    uint8_t width;       /* 0 to 15 */
    uint8_t what;        /* enum ck_live_what, together */
    uint32_t at_ms;      /* since the author's first sample */
    ck_live_style style; /* of a DOWN */
} ck_live_sample;

/* Appends one chunk of 1 to CK_LIVE_SAMPLES samples; times do not fall. `first` is the number of
 * the first one, `stroke` that of the stroke to which it belongs; those after it follow on. */
void ck_live_write(const ck_live_sample *samples, uint32_t count, uint32_t first, uint32_t stroke,
                   ck_buf *out);

typedef struct ck_live_reader {
    ck_reader in; /* the rest of the message */
    ck_range_decoder coded;
    ck_delta_model model;
    ck_number_model steps;
    uint32_t left;   /* samples of this chunk */
    uint32_t number; /* of the next sample */
    uint32_t stroke; /* of the last one given */
    bool begins;     /* the chunk's first is next */
    bool failed;
    ck_live_sample at;
} ck_live_reader;

ck_live_reader ck_live_reader_of(const void *data, size_t size);
/* 1: the next sample, number r->number - 1, of stroke r->stroke; 0: the end; CHALK_ERR_BAD_DATA. */
int ck_live_read(ck_live_reader *r, ck_live_sample *out);

#endif
