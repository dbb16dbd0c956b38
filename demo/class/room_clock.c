#include "class/room_clock.h"

#include <time.h>

room_clock room_clock_start(chalk_runtime *runtime)
{
    struct timespec wall;
    clock_gettime(CLOCK_REALTIME, &wall);
    uint64_t wall_us = (uint64_t)wall.tv_sec * 1000000 + (uint64_t)wall.tv_nsec / 1000;
    return (room_clock){runtime, wall_us - chalk_runtime_now_us(runtime)};
}

uint64_t room_clock_now_us(const room_clock *clock)
{
    return chalk_runtime_now_us(clock->runtime) + clock->offset_us;
}

uint64_t room_clock_runtime_us(const room_clock *clock, uint64_t room_us)
{
    return room_us - clock->offset_us;
}
