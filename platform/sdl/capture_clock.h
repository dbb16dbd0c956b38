/*
 * When was this sample captured? A device's callback comes at the end of each chunk, late by a
 * changing amount and never early, and the device's crystal is not the computer's. The estimate
 * follows the least late callbacks quickly and everything else slowly, by small steps, so that the
 * times of consecutive chunks neither jump nor go back.
 *
 * Pure: no clock is read. 48,000 samples a second, times in microseconds.
 */
#ifndef CK_PLATFORM_CAPTURE_CLOCK_H
#define CK_PLATFORM_CAPTURE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_capture_clock {
    bool started;
    int64_t zero_us; /* when the sample at place 0 was, or would have been, captured */
} ck_capture_clock;

/* The capture time of the first of `count` samples at place `first`, whose callback came at
 * `at_us`. An error of more than 100 ms (the device paused) is taken over at once. Never later than
 * `at_us`. */
uint64_t ck_capture_clock_place(ck_capture_clock *c, uint64_t first, uint32_t count,
                                uint64_t at_us);

#endif
