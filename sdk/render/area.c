#include "render/area.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

#define NOTHING (1.0F / 512) /* less is not seen */

void ck_area_begin(ck_area *a, int left, int top, int wide, int high)
{
    a->left = left;
    a->top = top;
    a->wide = wide;
    a->high = high;
    a->open = false;
    a->row_first = high;
    a->row_last = -1;
    for (int y = 0; y < high; y++) {
        a->first[y] = (int16_t)wide;
        a->last[y] = -1;
    }
}

/* --- edges ----------------------------------------------------------------------------------- */

static void touch(ck_area *a, int y, int from, int to)
{
    a->first[y] = (int16_t)CK_MIN(a->first[y], from);
    a->last[y] = (int16_t)CK_MAX(a->last[y], to);
}

/* What an edge covers of one row, between two places in it: `d` of its height, with the direction.
 * The cells' sum is `d`; where it lies says how much of each pixel is to the right of the edge. */
static void add_row(float *row, float x0, float x1, float d)
{
    int from = (int)x0;
    float first = (float)from, last = ceilf(x1);
    int to = (int)last;
    if (to <= from + 1) {
        float middle = 0.5F * (x0 + x1) - first;
        row[from] += d - d * middle;
        row[from + 1] += d * middle;
        return;
    }
    float slope = 1.0F / (x1 - x0), in = x0 - first, out = x1 - last + 1.0F;
    float begin = 0.5F * slope * (1.0F - in) * (1.0F - in), end = 0.5F * slope * out * out;
    row[from] += d * begin;
    if (to == from + 2) {
        row[from + 1] += d * (1.0F - begin - end);
    } else {
        float second = slope * (1.5F - in);
        row[from + 1] += d * (second - begin);
        for (int x = from + 2; x < to - 1; x++) {
            row[x] += d * slope;
        }
        row[to - 1] += d * (1.0F - second - (float)(to - from - 3) * slope - end);
    }
    row[to] += d * end;
}

/* Left to right or back, within the columns; from y0 down to y1, within the rows. */
static void add_inside(ck_area *a, float x0, float y0, float x1, float y1, float turn)
{
    if (y1 <= y0) { /* by the rounding to floats */
        return;
    }
    float slope = (x1 - x0) / (y1 - y0), most = (float)a->wide, x = x0;
    int bottom = CK_MIN((int)ceilf(y1), a->high);
    a->row_first = CK_MIN(a->row_first, (int)y0);
    a->row_last = CK_MAX(a->row_last, bottom - 1);
    for (int y = (int)y0; y < bottom; y++) {
        float high = CK_MIN((float)y + 1.0F, y1) - CK_MAX((float)y, y0);
        float next = CK_CLAMP(x + slope * high, 0.0F, most);
        float from = CK_MIN(x, next), to = CK_MAX(x, next);
        add_row(a->cells[y], from, to, turn * high);
        touch(a, y, (int)from, (int)to + 1);
        x = next;
    }
}

typedef struct end {
    double x, y;
} end;

static end at_column(end p, end q, double x)
{
    const end there = {x, p.y + (q.y - p.y) * (x - p.x) / (q.x - p.x)};
    return (end){x, CK_CLAMP(there.y, p.y, q.y)};
}

/* Right of all columns an edge covers nothing, but what is to its left is painted up to there. */
static void pass_on_the_right(ck_area *a, end p, end q)
{
    for (int y = (int)p.y; y < a->high && y < q.y; y++) {
        touch(a, y, a->wide, a->wide);
    }
}

/* Of an edge between two columns: its ends are both within them, both left or both right of them.
 */
static void add_part(ck_area *a, end p, end q, float turn)
{
    double most = a->wide;
    if (q.y <= p.y) {
        return;
    }
    if (0.5 * (p.x + q.x) >= most) {
        pass_on_the_right(a, p, q);
    } else {
        add_inside(a, (float)CK_CLAMP(p.x, 0.0, most), (float)p.y, (float)CK_CLAMP(q.x, 0.0, most),
                   (float)q.y, turn);
    }
}

static void add_edge(ck_area *a, end from, end to)
{
    bool down = from.y < to.y;
    end p = down ? from : to, q = down ? to : from;
    double most = a->wide, high = a->high;
    if (p.y == q.y || q.y <= 0 || p.y >= high) {
        return;
    }
    double slope = (q.x - p.x) / (q.y - p.y);
    p = p.y < 0 ? (end){p.x - p.y * slope, 0} : p;
    q = q.y > high ? (end){q.x - (q.y - high) * slope, high} : q;
    const double columns[] = {q.x > p.x ? 0 : most, q.x > p.x ? most : 0};
    for (int i = 0; i < 2; i++) {
        if ((p.x < columns[i]) != (q.x < columns[i])) {
            const end between = at_column(p, q, columns[i]);
            add_part(a, p, between, down ? 1.0F : -1.0F);
            p = between;
        }
    }
    add_part(a, p, q, down ? 1.0F : -1.0F);
}

void ck_area_corner(ck_area *a, double x, double y)
{
    const end to = {x - a->left, y - a->top};
    if (a->open) {
        add_edge(a, (end){a->x, a->y}, to);
    } else {
        a->start_x = to.x;
        a->start_y = to.y;
        a->open = true;
    }
    a->x = to.x;
    a->y = to.y;
}

void ck_area_close(ck_area *a)
{
    if (a->open) {
        add_edge(a, (end){a->x, a->y}, (end){a->start_x, a->start_y});
        a->open = false;
    }
}

/* --- pixels ---------------------------------------------------------------------------------- */

/* `share` of 255 of the colour over a pixel; two colours at a time. */
static uint32_t mix(uint32_t below, uint32_t colour, uint32_t share)
{
    const uint32_t even = 0x00ff00ffu;
    uint32_t rest = 255 - share;
    uint32_t low = (below & even) * rest + (colour & even) * share + 0x00800080u;
    uint32_t high = (below >> 8 & even) * rest + (colour >> 8 & even) * share + 0x00800080u;
    low = (low + (low >> 8 & even)) >> 8 & even;
    high = (high + (high >> 8 & even)) & ~even;
    return low | high;
}

static void paint_row(float *cells, int first, int last, uint32_t *pixels, uint32_t colour,
                      float most)
{
    float sum = 0;
    for (int x = first; x <= last; x++) {
        sum += cells[x];
        cells[x] = 0;
        float covered = fabsf(sum);
        if (covered > NOTHING) {
            pixels[x] = mix(pixels[x], colour, (uint32_t)(CK_MIN(covered, 1.0F) * most + 0.5F));
        }
    }
}

void ck_area_paint(ck_area *a, cairo_surface_t *surface, uint32_t colour, double alpha_most)
{
    float most = (float)(255.0 * CK_MIN((colour >> 24) / 255.0, alpha_most));
    cairo_surface_flush(surface);
    uint8_t *data = cairo_image_surface_get_data(surface);
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    for (int y = a->row_first; y <= a->row_last; y++) {
        uint8_t *row = data + (size_t)(y + a->top) * stride + (size_t)a->left * 4;
        float *cells = a->cells[y];
        int last = CK_MIN((int)a->last[y], a->wide - 1);
        paint_row(cells, a->first[y], last, (uint32_t *)(void *)row, colour | 0xff000000u, most);
        cells[a->wide] = cells[a->wide + 1] = 0; /* right of all */
    }
    if (a->row_last >= a->row_first) {
        cairo_surface_mark_dirty_rectangle(surface, a->left, a->top + a->row_first, a->wide,
                                           a->row_last - a->row_first + 1);
    }
    ck_area_begin(a, a->left, a->top, a->wide, a->high);
}
