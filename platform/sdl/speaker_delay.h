/*
 * How long until a sample that a loudspeaker asks for now is heard? SDL does not tell. A driver
 * fills its buffers in a burst when it starts and then asks for as much as it has played, so the
 * burst tells how much is queued. It is measured during the first second and kept then: later
 * differences are the crystals', not the queue's.
 *
 * Pure: no clock is read. 48,000 samples a second, times in microseconds.
 */
#ifndef CK_PLATFORM_SPEAKER_DELAY_H
#define CK_PLATFORM_SPEAKER_DELAY_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_speaker_delay {
    bool started;
    uint64_t start_us; /* of the first callback */
    uint64_t last_us;  /* of the last one */
    uint64_t asked;    /* samples so far */
    uint64_t queued_us;
} ck_speaker_delay;

/* A callback for `count` samples came at `now_us`; gives the delay of the first of them. A silence
 * of the driver for more than 250 ms starts the measurement anew. */
uint32_t ck_speaker_delay_of(ck_speaker_delay *d, uint32_t count, uint64_t now_us);

#endif
