/*
 * Keeps an encoder that is steered by a quality number (x264's CRF: lower is better, 6 halves the
 * bits) within a bit rate, in the time of the stream.
 *
 * Why not the encoder's own rate control: without lookahead x264 takes every picture to last 1/fps
 * seconds. Pictures of a shared desktop come when something changes, so after a minute's rest it
 * would still believe that the last slide was sent a fifteenth of a second ago and code the next
 * one in the few bits of that time. Here a leaky bucket runs on the pictures' real times:
 *
 *     used -= rate * elapsed        before a picture, not below 0
 *     used += size                  after it
 *     quality = best + held + steep * used / window, and steeper when it is nearly full
 *
 * `held` is what the material has cost lately: it rises while `used` stays above a fifth of the
 * window and falls below that, so that a busy minute settles with a small `used`, which is to say
 * with little delay in the network; it is forgotten within a second of rest. Pure arithmetic.
 */
#ifndef CK_CODEC_RATE_H
#define CK_CODEC_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_rate {
    double best;  /* quality of a picture after a rest */
    double worst; /* never above */
    double window_s;
    double bits_per_s;
    double used; /* bits */
    double held; /* quality steps, 0 .. worst - best */
    int64_t last_us;
    bool started;
} ck_rate;

/* window_ms: how much of the rate one picture may take at once, 100-5000. */
void ck_rate_init(ck_rate *r, double best, double worst, uint32_t window_ms, uint32_t kbps);
void ck_rate_set(ck_rate *r, uint32_t kbps);
/* The quality for a picture at that time (times never decrease). */
double ck_rate_quality(ck_rate *r, int64_t pts_us);
void ck_rate_spend(ck_rate *r, size_t bytes);
/* Size of the window: a picture should never be larger. */
uint32_t ck_rate_window_bits(const ck_rate *r);

#endif
