/* Room time for a lesson in one process: microseconds since the Unix epoch, at the pace of the
 * runtime's clock, so that an adjustment of the system's clock does not bend a measurement. */
#ifndef DEMO_CLASS_ROOM_CLOCK_H
#define DEMO_CLASS_ROOM_CLOCK_H

#include "chalkrail/runtime.h"

typedef struct room_clock {
    chalk_runtime *runtime;
    uint64_t offset_us; /* room time minus the runtime's clock */
} room_clock;

room_clock room_clock_start(chalk_runtime *runtime);
uint64_t room_clock_now_us(const room_clock *clock);
/* The runtime's clock at a moment of room time. */
uint64_t room_clock_runtime_us(const room_clock *clock, uint64_t room_us);

#endif
