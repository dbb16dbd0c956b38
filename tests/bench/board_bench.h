/* Private to board_*.c. */
#ifndef CK_TESTS_BOARD_BENCH_H
#define CK_TESTS_BOARD_BENCH_H

#include "base/rng.h"
#include "core/board/board.h"
#include "core/wire/wire.h"

#define CK_BENCH_STROKES 2000u
#define CK_BENCH_NEW     40u /* strokes that are drawn on a board that is full */

typedef struct ck_bench_sample {
    double x, y, pressure, at_ms;
} ck_bench_sample;

typedef struct ck_bench_stroke {
    uint32_t count;
    ck_bench_sample *samples;
} ck_bench_stroke;

/* As it was sent. */
typedef struct ck_bench_kept {
    int32_t x, y; /* units */
    uint32_t unit;
    ck_bytes points;
} ck_bench_kept;

/* A figure, as text or as an element of a JSON list. */
void ck_bench_row(bool json, const char *name, const char *unit, double value);
void ck_bench_size_row(bool json, const char *what, uint32_t size, const char *unit, double value);
/* Processor time: others use this machine too. */
double ck_bench_now_s(void);

/* A board that is written full: strokes of handwriting, as dense as 2,000 on 1920 x 1080 px. */
typedef struct ck_bench_full {
    ck_board *board;
    double side_px;
    ck_rng rng;
    const ck_bench_kept *kept;
    uint32_t kept_count, drawn;
} ck_bench_full;

/* One more stroke, beginning at that place; px. */
bool ck_bench_draw_more(ck_bench_full *full, double x, double y);
/* Rows of it in a window (board_paint.c). */
bool ck_bench_paint_board(bool json, uint32_t size, ck_bench_full *full);

/* How long a board's left upper corner takes to be in a window. */
bool ck_bench_first_paint(bool json, const char *what, uint32_t size, const ck_board *board);
/* The same of a screen with shapes of all kinds (board_mixed.c). */
bool ck_bench_mixed_board(bool json);

/* Rows of a board of so many strokes, CK_BENCH_NEW less at first; `samples` of an input device
 * stand for each of them. */
bool ck_bench_fill_board(bool json, uint32_t size, const ck_bench_kept *kept, uint32_t kept_count,
                         double samples);

#endif
