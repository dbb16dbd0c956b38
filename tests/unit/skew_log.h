/*
 * What an audience saw and heard, and whether the two were in step: each second a synthetic source
 * lights a square and clicks (chalkrail/source.h).
 */
#ifndef CK_TESTS_SKEW_LOG_H
#define CK_TESTS_SKEW_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SKEW_RATE    48000
#define SKEW_READ    480
#define SKEW_SAMPLES (SKEW_RATE * 10)
#define SKEW_FLASHES 64
#define SKEW_MAX_US  40000

typedef struct skew_log {
    float heard[SKEW_SAMPLES]; /* one channel */
    uint64_t
        heard_at_us[SKEW_SAMPLES / SKEW_READ]; /* when the first sample of each read is heard */
    size_t heard_count;
    uint64_t flash_at_us[SKEW_FLASHES];
    size_t flash_count;
    int last_flash; /* as ck_marks_flash */
} skew_log;

void skew_log_init(skew_log *l);
/* SKEW_READ stereo samples of which the first is heard at that time; more than fit are forgotten.
 */
void skew_log_hear(skew_log *l, const float *stereo, uint64_t at_us);
void skew_log_see(skew_log *l, int flash, uint64_t at_us);
/* The distance of each flash to the click that belongs to it, at most SKEW_FLASHES; how many there
 * are. */
size_t skew_log_each(const skew_log *l, uint64_t out_us[SKEW_FLASHES]);
/* How many flashes had a click near them; the worst distance between two that belong together. */
size_t skew_log_compare(const skew_log *l, uint64_t *worst_us);
/* The largest step between two neighbouring samples, those near clicks left out. */
float skew_log_largest_step(const skew_log *l);

#endif
