/*
 * What of a picture changed: a bounded list of rectangles, or everything. Plain state, no memory of
 * its own.
 *
 * A frame's damage is told against the frame before it. Who leaves frames out adds theirs up, or it
 * loses changes.
 */
#ifndef CK_CORE_SHARE_DAMAGE_H
#define CK_CORE_SHARE_DAMAGE_H

#include "chalkrail/frame.h"

#include <stdbool.h>
#include <stddef.h>

#define CK_DAMAGE_MAX 64

typedef struct ck_damage {
    bool everything; /* or not known what */
    uint32_t count;  /* 0 while everything */
    chalk_rect rects[CK_DAMAGE_MAX];
} ck_damage;

void ck_damage_clear(ck_damage *d);
void ck_damage_add_all(ck_damage *d);
/* One that lies in another is left out; above CK_DAMAGE_MAX all become the one around them. */
void ck_damage_add(ck_damage *d, chalk_rect rect);
/* A frame's: no rectangle means everything. */
void ck_damage_add_frame(ck_damage *d, const chalk_rect *rects, size_t count);
void ck_damage_merge(ck_damage *d, const ck_damage *other);
bool ck_damage_any(const ck_damage *d);
/* Pixels, of a picture of that size; what rectangles have in common counts each time, but never is
 * it more than the picture. */
uint64_t ck_damage_area(const ck_damage *d, int32_t width, int32_t height);

#endif
