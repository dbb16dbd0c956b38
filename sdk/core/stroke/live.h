/*
 * The pen of somebody as it moves, in chunks for the latest lane: so few bytes that it can be shown
 * to a room. Chunks may stand one behind the other. Each stroke begins a chunk. Chunks build on the
 * one before, but for those that tell where and how the stroke is.
 *
 * A chunk is a size (varint, of what follows), the number of its first sample (8 bits, counted over
 * all strokes), and then in the range coder of range.h:
 *
 * - 1 bit: it begins a stroke. If so: the stroke's number, 8 bits, and 1 bit: it tells its style.
 * If so: x and y of the first sample, 22 bits each, plus 2^21 - 1; page 12, tool 4, colour 16 and
 * 16, line's width 17 bits.
 * - How many samples, less 1.
 * - Each sample: ms since the one before, also over chunks; x and y as in code.h from the one
 * before, but for a first one that was told; 1 bit: the stroke ends here; its width as in code.h,
 * from 8 in a chunk's first.
 *
 * A style that is not told is that of the stroke before. Every few strokes it is told, so who came
 * late or missed something sees the pen again. Coordinates are in units of 1/4 px. Samples that lie
 * on the way between two others, in place and time, are left out, and not counted.
 */
#ifndef CK_CORE_STROKE_LIVE_H
#define CK_CORE_STROKE_LIVE_H

#include "core/stroke/simplify.h"

#define CK_LIVE_SAMPLES   250u  /* of a chunk */
#define CK_LIVE_BYTES     1000u /* of a message */
#define CK_LIVE_UNIT      4u    /* 1/4 px */
#define CK_LIVE_GAP_MS    60000u
#define CK_LIVE_COORD_MAX ((1 << 21) - 1) /* units */
#define CK_LIVE_STYLES    8u /* every so many strokes the style is told, for who came late */

enum ck_live_what {
    CK_LIVE_MOVES = 0,
    CK_LIVE_DOWN = 1,
    CK_LIVE_UP = 2, /* with DOWN: a dot */
};

typedef struct ck_live_style {
    uint32_t page;
    uint8_t tool;
    uint32_t colour;
    uint32_t width; /* 1/64 px */
} ck_live_style;

typedef struct ck_live_sample {
    int32_t x, y;   /* units */
    uint8_t width;  /* 0 to 15 */
    uint8_t what;   /* enum ck_live_what, together */
    uint32_t at_ms; /* since some sample of the author; rises */
} ck_live_sample;

/* Beside the samples of a chunk. */
typedef struct ck_live_chunk {
    uint32_t first;               /* number of the first sample */
    uint32_t stroke;              /* number of the stroke */
    const ck_live_sample *before; /* the one before; NULL: none */
    const ck_live_style *style;   /* with a first sample that is DOWN; NULL: as before */
} ck_live_chunk;

/* Appends a chunk of 1 to CK_LIVE_SAMPLES samples of one stroke. */
void ck_live_write(const ck_live_chunk *chunk, const ck_live_sample *samples, uint32_t count,
                   ck_buf *out);

/* One for each author, for as long as their chunks come. Starts as zeros. */
typedef struct ck_live_reader {
    ck_reader in; /* the rest of the message */
    ck_range_decoder coded;
    ck_delta_model model;
    ck_number_model steps;
    uint32_t left; /* samples of this chunk */
    bool first;    /* the next one is the chunk's first */
    bool known;    /* what follows can be built on `at` */
    uint8_t next;  /* number of the next sample, low bits */
    uint8_t stroke;
    bool placed; /* this chunk told where it begins */
    ck_live_style style;
    ck_live_sample at;
    uint64_t missed; /* chunks that built on one that did not come */
} ck_live_reader;

/* Another message. */
void ck_live_begin(ck_live_reader *r, const void *data, size_t size);
/* 1: the next sample, of stroke r->stroke (low 8 bits) and style r->style; 0: the message is read;
 * CHALK_ERR_BAD_DATA: the rest of it is not. Chunks that build on what was missed are passed over.
 */
int ck_live_read(ck_live_reader *r, ck_live_sample *out);

#endif
