/*
 * Speech as Opus packets of 20 ms (libopus), decoded twice: by a decoder that lost some, and by one
 * that lost nothing, which is what to compare with.
 */
#ifndef CK_TESTS_OPUS_FRAMES_H
#define CK_TESTS_OPUS_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_opus_frames ck_opus_frames;

/* Sound at a rate that Opus has; another is made 48 kHz. Takes `in` (from malloc); NULL: no memory.
 */
float *ck_opus_frames_fit(float *in, uint32_t *rate, size_t *count);

/* Encodes all of it. NULL: libopus would not, or no memory. */
ck_opus_frames *ck_opus_frames_open(uint32_t rate, const float *in, size_t count);
void ck_opus_frames_close(ck_opus_frames **frames); /* NULL inside is accepted */
/* Frame by frame, in order: `whole` without loss, `heard` after it (untouched when this one is
 * lost). Below 0: libopus failed. */
int ck_opus_frames_decode(ck_opus_frames *f, size_t index, bool lost, float *whole, float *heard);

#endif
