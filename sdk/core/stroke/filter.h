/*
 * Takes the tremor out of a pen's samples: the 1-euro filter (Casiez, Roussel and Vogel, 2012), a
 * low pass whose limit rises with the speed. A pen that stands is steadied, one that moves is not
 * held back. One stroke at a time; one thread.
 */
#ifndef CK_CORE_STROKE_FILTER_H
#define CK_CORE_STROKE_FILTER_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_stroke_filter {
    bool begun;
    double x, y;   /* 1/64 px, filtered */
    double dx, dy; /* 1/64 px a second, filtered */
    double raw_x, raw_y;
    uint64_t at_us;
} ck_stroke_filter;

void ck_stroke_filter_begin(ck_stroke_filter *f);
/* A sample at a time that rises; the filtered place. `last`: the pen is lifted here, so it is where
 * it is. */
void ck_stroke_filter_next(ck_stroke_filter *f, int32_t *x, int32_t *y, uint64_t at_us, bool last);

/* --- widths: 0 to CK_SAMPLE_WIDTHS ---------------------------------------------------------- */

/* Of a pressure of 0 to 1. */
uint8_t ck_stroke_width_of_pressure(double pressure);
/* Without pressure: slow is wide, fast is thin, and changes take a while. `speed` in px a second.
 */
uint8_t ck_stroke_width_of_speed(uint8_t before, double speed);

#endif
