/*
 * Sound that did not come in time, made up from what came before: what was voiced goes on with its
 * pitch, what was noise as noise, both through the filter that shaped them (linear prediction, so
 * that the joint is as smooth as the sound was); then it fades, and what stays is quiet noise as
 * loud as the pauses were.
 *
 *     received   ck_conceal_good(c, pcm, frames)     after a gap, its beginning is blended in place
 *     missing    ck_conceal_lost(c, out, frames)
 *
 * Samples are interleaved floats in [-1, 1], a frame is one per channel. Any count of frames. One
 * thread at a time.
 */
#ifndef CK_CORE_STRETCH_CONCEAL_H
#define CK_CORE_STRETCH_CONCEAL_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_CONCEAL_HOLD_US 20000  /* as loud as before */
#define CK_CONCEAL_FADE_US 100000 /* and then down to the noise */

typedef struct ck_conceal ck_conceal;

/* rate 8,000 to 48,000, channels 1 or 2. The seed is the noise's. CHALK_OK, INVALID_ARGUMENT,
 * NO_MEMORY. */
int ck_conceal_create(const ck_alloc *alloc, uint32_t rate, uint32_t channels, uint64_t seed,
                      ck_conceal **out);
void ck_conceal_destroy(ck_conceal **c); /* NULL inside is accepted */
void ck_conceal_good(ck_conceal *c, float *pcm, uint32_t frames);
void ck_conceal_lost(ck_conceal *c, float *out, uint32_t frames);

#endif
