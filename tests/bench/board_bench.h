/* Private to board_*.c. */
#ifndef CK_TESTS_BOARD_BENCH_H
#define CK_TESTS_BOARD_BENCH_H

#include "core/wire/wire.h"

#define CK_BENCH_STROKES 2000u

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
/* Rows of a board of so many strokes; `samples` of an input device stand for each of them. */
bool ck_bench_fill_board(bool json, uint32_t size, const ck_bench_kept *kept, uint32_t kept_count,
                         double samples);

#endif
