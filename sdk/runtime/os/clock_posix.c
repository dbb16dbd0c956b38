#include "runtime/os/os.h"

#include "base/time.h"

#include <time.h>

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    if (clock_gettime(clock, &now) != 0) {
        return 0;
    }
    return (uint64_t)now.tv_sec * CK_US_PER_S + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t ck_clock_us(void)
{
    /* Some systems start the clock at boot: one microsecond keeps 0 free to mean "never set". */
    return read_clock(CLOCK_MONOTONIC) + 1;
}

uint64_t ck_wall_us(void)
{
    return read_clock(CLOCK_REALTIME);
}

uint64_t ck_thread_cpu_us(void)
{
    return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
