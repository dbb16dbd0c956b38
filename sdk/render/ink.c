#include "render/ink.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <math.h>
#include <string.h>

#define LEAST 64u /* samples; one place is the tip's */
#define EDGE  2   /* pixels of a smooth edge */

void ck_inks_init(ck_inks *inks, const ck_alloc *alloc)
{
    *inks = (ck_inks){.alloc = alloc};
}

static ck_ink **place_of(ck_inks *inks, uint64_t key)
{
    ck_ink **place = &inks->first;
    while (*place != NULL && (*place)->key != key) {
        place = &(*place)->next;
    }
    return place;
}

static void forget_layer(ck_inks *inks)
{
    cairo_surface_destroy(inks->layer);
    inks->layer = NULL;
    for (ck_ink *ink = inks->first; ink != NULL; ink = ink->next) {
        ink->drawn = 0;
    }
}

void ck_inks_drop(ck_inks *inks, uint64_t key)
{
    ck_ink **place = place_of(inks, key), *ink = *place;
    if (ink == NULL) {
        return;
    }
    *place = ink->next;
    inks->count--;
    ck_free(inks->alloc, ink->samples);
    ck_free(inks->alloc, ink);
    forget_layer(inks);
}

void ck_inks_free(ck_inks *inks)
{
    while (inks->first != NULL) {
        ck_inks_drop(inks, inks->first->key);
    }
    forget_layer(inks);
}

static ck_ink *make(ck_inks *inks, uint64_t key, const ck_live_style *style)
{
    ck_ink *ink = ck_new(inks->alloc, sizeof *ink);
    if (ink != NULL) {
        ink->key = key;
        ink->style = *style;
        ink->left = ink->top = INT32_MAX;
        ink->right = ink->bottom = INT32_MIN;
        ink->next = inks->first;
        inks->first = ink;
        inks->count++;
    }
    return ink;
}

int ck_inks_add(ck_inks *inks, uint64_t key, const ck_live_style *style,
                const ck_live_sample *samples, uint32_t count)
{
    ck_ink *ink = *place_of(inks, key);
    if (count > CK_CANVAS_SAMPLES - (ink != NULL ? ink->count : 0) ||
        (ink == NULL && inks->count == CK_CANVAS_INKS)) {
        return CHALK_ERR_LIMIT;
    }
    ink = ink != NULL ? ink : make(inks, key, style);
    if (ink != NULL && ink->count + count >= ink->size) {
        uint32_t size = CK_MAX(LEAST, CK_MAX(2 * ink->size, ink->count + count + 1));
        ck_live_sample *grown = ck_resize_array(inks->alloc, ink->samples, size, sizeof *grown);
        ink->samples = grown != NULL ? grown : ink->samples;
        ink->size = grown != NULL ? size : ink->size;
    }
    if (ink == NULL || ink->count + count >= ink->size) {
        if (ink != NULL && ink->count == 0) {
            ck_inks_drop(inks, key); /* what is shown has a sample */
        }
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(ink->samples + ink->count, samples, count * sizeof *samples);
    for (uint32_t i = 0; i < count; i++) {
        ink->left = CK_MIN(ink->left, samples[i].x);
        ink->top = CK_MIN(ink->top, samples[i].y);
        ink->right = CK_MAX(ink->right, samples[i].x);
        ink->bottom = CK_MAX(ink->bottom, samples[i].y);
    }
    ink->count += count;
    return CHALK_OK;
}

void ck_inks_set_tip(ck_inks *inks, uint64_t key, const ck_live_sample *tip)
{
    ck_ink *ink = *place_of(inks, key);
    if (ink != NULL) {
        ink->has_tip = tip != NULL;
        ink->tip = tip != NULL ? *tip : ink->tip;
    }
}

uint32_t ck_inks_count(const ck_inks *inks, uint64_t key)
{
    const ck_ink *ink = inks->first;
    while (ink != NULL && ink->key != key) {
        ink = ink->next;
    }
    return ink != NULL ? ink->count : 0;
}

uint64_t ck_inks_at(const ck_inks *inks, uint32_t index)
{
    const ck_ink *ink = inks->first;
    for (; ink != NULL && index > 0; index--) {
        ink = ink->next;
    }
    return ink != NULL ? ink->key : 0;
}

/* --- painting -------------------------------------------------------------------------------- */

static bool is_opaque(const ck_ink *ink)
{
    return ink->style.tool != CK_BOARD_MARKER && ink->style.colour >> 24 == 0xff;
}

static void to_page(cairo_t *cr, const ck_canvas_view *view, int left, int top)
{
    cairo_translate(cr, -left, -top);
    cairo_scale(cr, view->zoom, view->zoom);
}

static bool is_same(const ck_canvas_view *a, const ck_canvas_view *b)
{
    return a->page == b->page && a->x == b->x && a->y == b->y && a->zoom == b->zoom &&
           a->wide == b->wide && a->high == b->high;
}

static bool need_layer(ck_inks *inks, const ck_canvas_view *view)
{
    if (inks->layer != NULL && is_same(&inks->view, view)) {
        return true;
    }
    forget_layer(inks);
    inks->layer = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)view->wide, (int)view->high);
    inks->view = *view;
    if (cairo_surface_status(inks->layer) != CAIRO_STATUS_SUCCESS) {
        forget_layer(inks);
    }
    return inks->layer != NULL;
}

/* What came since, and one sample before it. */
static void draw_rest(ck_ink *ink, cairo_t *cr)
{
    uint32_t from = ink->drawn > 0 ? ink->drawn - 1 : 0;
    if (ink->drawn < ink->count) {
        ck_painter_live(cr, &ink->style, ink->samples + from, ink->count - from);
        ink->drawn = ink->count;
    }
}

/* From a sample on, with the tip: not on the layer, for it moves. */
static void draw_tip(ck_ink *ink, uint32_t from, cairo_t *cr)
{
    ink->samples[ink->count] = ink->tip;
    ck_painter_live(cr, &ink->style, ink->samples + from, ink->count - from + ink->has_tip);
}

/* Its pixels of the layer, with all of its line, as a path. */
static void add_box(const ck_ink *ink, cairo_t *cr, const ck_canvas_view *view, int left, int top)
{
    double scale = view->zoom * (double)(1u << CK_LIVE_UNIT) / CK_PAINT_PX;
    double around =
        view->zoom * ink->style.width / CK_PAINT_PX + EDGE; /* widest: twice its width */
    double x = CK_MAX(floor(ink->left * scale - left - around), 0.0);
    double y = CK_MAX(floor(ink->top * scale - top - around), 0.0);
    double right = CK_MIN(ceil(ink->right * scale - left + around), (double)view->wide);
    double bottom = CK_MIN(ceil(ink->bottom * scale - top + around), (double)view->high);
    if (right > x && bottom > y) {
        cairo_rectangle(cr, x, y, right - x, bottom - y);
    }
}

/* What lies on the layer; where there is nothing there is nothing to be blended. */
static void show_layer(const ck_inks *inks, cairo_t *cr, const ck_canvas_view *view, int left,
                       int top)
{
    cairo_new_path(cr);
    for (const ck_ink *ink = inks->first; ink != NULL; ink = ink->next) {
        if (ink->drawn > 0) {
            add_box(ink, cr, view, left, top);
        }
    }
    cairo_set_source_surface(cr, inks->layer, 0, 0);
    cairo_fill(cr);
}

int ck_inks_show(ck_inks *inks, cairo_t *cr, const ck_canvas_view *view, int left, int top)
{
    bool layered = inks->count > 0 && need_layer(inks, view);
    cairo_t *on = layered ? cairo_create(inks->layer) : NULL;
    if (layered) {
        to_page(on, view, left, top);
    }
    cairo_save(cr);
    to_page(cr, view, left, top);
    for (ck_ink *ink = inks->first; ink != NULL; ink = ink->next) {
        if (ink->style.page != view->page) {
            continue;
        }
        if (layered && is_opaque(ink)) {
            draw_rest(ink, on);
            draw_tip(ink, ink->count - 1, cr);
        } else {
            draw_tip(ink, 0, cr);
        }
    }
    cairo_restore(cr);
    if (layered) {
        cairo_destroy(on);
        show_layer(inks, cr, view, left, top);
    }
    return layered || inks->count == 0 ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}
