/*
 * What an ear would notice in sound that was made up or stretched, as numbers: clicks, and pitch
 * that moved.
 */
#ifndef CK_TESTS_LISTEN_H
#define CK_TESTS_LISTEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One channel of 16-bit PCM in a WAV file, as floats, the caller's to free(); NULL: it is none.
 * Further channels are left out. */
float *ck_listen_read_wav(const uint8_t *data, size_t size, uint32_t *rate, size_t *count);

/* A click is a corner: a second difference that the sound itself does not have. That of `out` at
 * `at`, as a multiple of the largest of `like` from 150 ms before to 60 ms after (made-up sound
 * goes on like what was before it) and of a floor at -70 dB full scale. */
#define CK_LISTEN_CLICK 2.0
double ck_listen_click(const float *out, const float *like, size_t count, size_t at, uint32_t rate);

/* The period of what is voiced, in samples, with a fraction, between 66 and 400 Hz; 0: the sound is
 * not voiced (it repeats itself with a likeness under 0.8). With `near` above 0 only periods within
 * 15 % of that count. */
double ck_listen_period(const float *sound, size_t count, uint32_t rate, double near);

#endif
