#include "core/share/damage.h"

#include "base/check.h"

void ck_damage_clear(ck_damage *d)
{
    d->everything = false;
    d->count = 0;
}

void ck_damage_add_all(ck_damage *d)
{
    d->everything = true;
    d->count = 0;
}

static bool lies_in(const chalk_rect *inner, const chalk_rect *outer)
{
    return inner->x >= outer->x && inner->y >= outer->y &&
           (int64_t)inner->x + inner->width <= (int64_t)outer->x + outer->width &&
           (int64_t)inner->y + inner->height <= (int64_t)outer->y + outer->height;
}

static chalk_rect around(const chalk_rect *a, const chalk_rect *b)
{
    int32_t left = CK_MIN(a->x, b->x);
    int32_t top = CK_MIN(a->y, b->y);
    int32_t right = CK_MAX(a->x + a->width, b->x + b->width);
    int32_t bottom = CK_MAX(a->y + a->height, b->y + b->height);
    return (chalk_rect){left, top, right - left, bottom - top};
}

void ck_damage_add(ck_damage *d, chalk_rect rect)
{
    if (d->everything || rect.width <= 0 || rect.height <= 0) {
        return;
    }
    for (uint32_t i = 0; i < d->count; i++) {
        if (lies_in(&rect, &d->rects[i])) {
            return;
        }
        if (lies_in(&d->rects[i], &rect)) {
            d->rects[i] = rect;
            return;
        }
    }
    if (d->count < CK_DAMAGE_MAX) {
        d->rects[d->count++] = rect;
        return;
    }
    for (uint32_t i = 1; i < d->count; i++) {
        d->rects[0] = around(&d->rects[0], &d->rects[i]);
    }
    d->rects[0] = around(&d->rects[0], &rect);
    d->count = 1;
}

void ck_damage_add_frame(ck_damage *d, const chalk_rect *rects, size_t count)
{
    if (count == 0) {
        ck_damage_add_all(d);
    }
    for (size_t i = 0; i < count; i++) {
        ck_damage_add(d, rects[i]);
    }
}

void ck_damage_merge(ck_damage *d, const ck_damage *other)
{
    if (other->everything) {
        ck_damage_add_all(d);
    }
    for (uint32_t i = 0; i < other->count; i++) {
        ck_damage_add(d, other->rects[i]);
    }
}

bool ck_damage_any(const ck_damage *d)
{
    return d->everything || d->count > 0;
}

uint64_t ck_damage_area(const ck_damage *d, int32_t width, int32_t height)
{
    uint64_t whole = (uint64_t)width * (uint64_t)height;
    uint64_t area = d->everything ? whole : 0;
    for (uint32_t i = 0; i < d->count; i++) {
        area += (uint64_t)d->rects[i].width * (uint64_t)d->rects[i].height;
    }
    return CK_MIN(area, whole);
}
