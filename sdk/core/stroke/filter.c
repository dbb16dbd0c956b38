#include "core/stroke/filter.h"

#include "base/check.h"
#include "base/time.h"
#include "core/stroke/simplify.h"

#include <math.h>

#define PI           3.14159265358979323846
#define CUTOFF_LEAST 9.0    /* Hz, for a pen that stands */
#define CUTOFF_BY_PX 0.7    /* Hz more for each px a second */
#define CUTOFF_SPEED 4.0    /* Hz, of the speed itself */
#define STEP_LEAST_S 0.0005 /* samples of one moment */
#define STEP_MOST_S  0.1
#define PX           64.0
#define WIDTH_USUAL  128.0 /* without pressure: the stroke's own width */
#define WIDTH_THIN   70.0
#define SPEED_HALF   1500.0 /* px a second at which half of the difference is gone */
#define WIDTH_EASE   0.25

void ck_stroke_filter_begin(ck_stroke_filter *f)
{
    *f = (ck_stroke_filter){0};
}

static double share(double cutoff, double step_s)
{
    double tau = 1.0 / (2.0 * PI * cutoff);
    return 1.0 / (1.0 + tau / step_s);
}

void ck_stroke_filter_next(ck_stroke_filter *f, int32_t *x, int32_t *y, uint64_t at_us, bool last)
{
    if (!f->begun) {
        *f = (ck_stroke_filter){
            .begun = true, .x = *x, .y = *y, .raw_x = *x, .raw_y = *y, .at_us = at_us};
        return;
    }
    double step = (double)(at_us - f->at_us) / CK_US_PER_S;
    step = CK_CLAMP(step, STEP_LEAST_S, STEP_MOST_S);
    double slow = share(CUTOFF_SPEED, step);
    f->dx += slow * ((*x - f->raw_x) / step - f->dx);
    f->dy += slow * ((*y - f->raw_y) / step - f->dy);
    double speed = sqrt(f->dx * f->dx + f->dy * f->dy) / PX;
    double part = last ? 1.0 : share(CUTOFF_LEAST + CUTOFF_BY_PX * speed, step);
    f->x += part * (*x - f->x);
    f->y += part * (*y - f->y);
    f->raw_x = *x;
    f->raw_y = *y;
    f->at_us = at_us;
    *x = (int32_t)lround(f->x);
    *y = (int32_t)lround(f->y);
}

uint8_t ck_stroke_width_of_pressure(double pressure)
{
    double known = pressure >= 0.0 ? pressure : 0.0; /* also what is not a number */
    return (uint8_t)lround(CK_MIN(known, 1.0) * CK_SAMPLE_WIDTHS);
}

uint8_t ck_stroke_width_of_speed(uint8_t before, double speed)
{
    double known = speed >= 0.0 ? speed : 0.0;
    double wanted = WIDTH_THIN + (WIDTH_USUAL - WIDTH_THIN) * SPEED_HALF / (SPEED_HALF + known);
    double eased = before == 0 ? wanted : before + WIDTH_EASE * (wanted - before);
    return (uint8_t)lround(CK_CLAMP(eased, 0.0, (double)CK_SAMPLE_WIDTHS));
}
