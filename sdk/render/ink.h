/*
 * Strokes that are still drawn. Opaque ones grow on a layer of their own, which is painted anew
 * only when one of them goes or the view changes, and of which only their boxes are looked at; what
 * lets shine through is painted whole each time, for its parts must not lie above one another. One
 * thread at a time, the canvas's.
 */
#ifndef CK_RENDER_INK_H
#define CK_RENDER_INK_H

#include "render/canvas.h"

typedef struct ck_ink {
    struct ck_ink *next;
    uint64_t key;
    ck_live_style style;
    ck_live_sample *samples;
    uint32_t count, size;
    uint32_t drawn;                   /* of them, on the layer */
    int32_t left, top, right, bottom; /* of the samples, in their units */
    bool has_tip;
    ck_live_sample tip;
} ck_ink;

typedef struct ck_inks {
    const ck_alloc *alloc;
    ck_ink *first;
    uint32_t count;
    cairo_surface_t *layer; /* NULL: nothing is drawn on one */
    ck_canvas_view view;    /* of the layer */
} ck_inks;

void ck_inks_init(ck_inks *inks, const ck_alloc *alloc);
void ck_inks_free(ck_inks *inks);
int ck_inks_add(ck_inks *inks, uint64_t key, const ck_live_style *style,
                const ck_live_sample *samples, uint32_t count);
void ck_inks_set_tip(ck_inks *inks, uint64_t key, const ck_live_sample *tip);
uint32_t ck_inks_count(const ck_inks *inks, uint64_t key);
void ck_inks_drop(ck_inks *inks, uint64_t key);
uint64_t ck_inks_at(const ck_inks *inks, uint32_t index);
/* Above what `cr` shows, whose left upper pixel is `left`, `top` from the page's origin. CHALK_OK,
 * CHALK_ERR_NO_MEMORY. */
int ck_inks_show(ck_inks *inks, cairo_t *cr, const ck_canvas_view *view, int left, int top);

#endif
