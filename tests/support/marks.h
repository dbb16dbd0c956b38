/*
 * Reads what a synthetic source wrote into its pictures and sound (the opening comment of
 * chalkrail/source.h), also after scaling and coding. Written from that description alone, so that
 * it can disagree with the source.
 */
#ifndef CK_TESTS_MARKS_H
#define CK_TESTS_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The luma plane of a picture. */
typedef struct ck_marks_view {
    const uint8_t *luma; /* limited range: 16 black, 235 white */
    int32_t stride;      /* bytes */
    int32_t width;       /* pixels */
    int32_t height;
    int32_t made_width; /* width that the source drew, when it was scaled since; 0: not scaled */
} ck_marks_view;

/* False when some block is neither black nor white. */
bool ck_marks_read(const ck_marks_view *view, uint64_t *number, uint64_t *room_us);
/* 1: the square is lit, 0: it is dark, -1: neither. */
int ck_marks_flash(const ck_marks_view *view);

/* The first click that starts at or after `from` and has 5 ms of quiet before it: the index of its
 * first sample frame, or -1. Only the first channel is looked at. 48 kHz. */
ptrdiff_t ck_marks_click(const float *samples, size_t frames, size_t channels, size_t from);

#endif
