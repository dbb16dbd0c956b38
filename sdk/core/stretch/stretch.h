/*
 * Sound played up to a quarter faster or slower without a change of pitch (WSOLA, Verhelst and
 * Roelands 1993): now and then a piece as long as the sound repeats itself after is left out or
 * played twice, with a cross-fade where it is most like itself.
 *
 *     ck_stretch_put(s, decoded, frames);
 *     while (ck_stretch_take(s, block, 480, 1100) == 480) { ... }      10 % faster
 *
 * At normal speed what comes out is what was put in, bit for bit, without delay. Faster needs up to
 * 25 ms in hand (CK_STRETCH_AHEAD_US); with less it waits for more rather than play worse. Samples
 * are interleaved floats, a frame is one per channel. One thread at a time.
 */
#ifndef CK_CORE_STRETCH_STRETCH_H
#define CK_CORE_STRETCH_STRETCH_H

#include "base/alloc.h"

#include <stdint.h>

#define CK_STRETCH_NORMAL   1000
#define CK_STRETCH_LEAST    750
#define CK_STRETCH_MOST     1250
#define CK_STRETCH_AHEAD_US 25000

typedef struct ck_stretch ck_stretch;

/* rate 8,000 to 48,000, channels 1 or 2. CHALK_OK, INVALID_ARGUMENT, NO_MEMORY. */
int ck_stretch_create(const ck_alloc *alloc, uint32_t rate, uint32_t channels, ck_stretch **out);
void ck_stretch_destroy(ck_stretch **s); /* NULL inside is accepted */
/* Forgets what is in hand: what comes does not continue it. */
void ck_stretch_reset(ck_stretch *s);
/* CHALK_ERR_LIMIT when more than a second would be in hand: nothing is taken then. */
int ck_stretch_put(ck_stretch *s, const float *in, uint32_t frames);
/* speed: thousandths, clamped to LEAST..MOST. The count of frames written: fewer than asked for
 * when no more is in hand. */
uint32_t ck_stretch_take(ck_stretch *s, float *out, uint32_t frames, uint32_t speed);
uint32_t ck_stretch_held(const ck_stretch *s); /* frames put in and not taken */

#endif
