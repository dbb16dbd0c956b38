#include "support/marks.h"

#include <math.h>

#define QUIET_FRAMES 240  /* 5 ms */
#define CLICK_LEVEL  0.2f /* between the tone (0.02) and the click (0.5) */

static double block_size(const ck_marks_view *v)
{
    int32_t made = v->made_width > 0 ? v->made_width : v->width;
    return (double)(made / 72) * v->width / made;
}

/* Mean of what lies in the middle third of a square, where scaling and coding hurt least. */
static int level_at(const ck_marks_view *v, double x, double y, double side)
{
    int left = (int)(x + side / 3), right = (int)(x + side * 2 / 3);
    int top = (int)fmax(y + side / 3, 0), bottom = (int)(y + side * 2 / 3);
    int sum = 0, count = 0;
    for (int row = top; row <= bottom && row < v->height; row++) {
        for (int column = left; column <= right && column < v->width; column++) {
            sum += v->luma[(ptrdiff_t)row * v->stride + column];
            count++;
        }
    }
    return count > 0 ? sum / count : -1;
}

static int bit_of(int level)
{
    return level >= 0 && level < 90 ? 0 : level > 160 ? 1 : -1;
}

static bool read_row(const ck_marks_view *v, int row, uint64_t *out)
{
    double side = block_size(v);
    uint64_t value = 0;
    for (int i = 0; i < 64; i++) {
        int bit = bit_of(level_at(v, (4 + i) * side, row * side, side));
        if (bit < 0) {
            return false;
        }
        value = value << 1 | (uint64_t)bit;
    }
    *out = value;
    return true;
}

bool ck_marks_read(const ck_marks_view *view, uint64_t *number, uint64_t *room_us)
{
    return read_row(view, 1, number) && read_row(view, 3, room_us);
}

int ck_marks_flash(const ck_marks_view *view)
{
    double side = 8 * block_size(view);
    return bit_of(level_at(view, view->width - side, view->height - side, side));
}

ptrdiff_t ck_marks_click(const float *samples, size_t frames, size_t channels, size_t from)
{
    size_t quiet = 0;
    size_t start = from > QUIET_FRAMES ? from - QUIET_FRAMES : 0;
    for (size_t i = start; i < frames; i++) {
        bool loud = fabsf(samples[i * channels]) > CLICK_LEVEL;
        if (loud && quiet >= QUIET_FRAMES && i >= from) {
            return (ptrdiff_t)i;
        }
        quiet = loud ? 0 : quiet + 1;
    }
    return -1;
}
