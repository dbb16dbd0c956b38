#include "cli/clock.h"

#include <time.h>

static uint64_t read_us(clockid_t clock)
{
    struct timespec now = {0};
    (void)clock_gettime(clock, &now); /* both clocks exist on every POSIX system */
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

uint64_t cli_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

uint64_t cli_cpu_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

void cli_meter_start(cli_meter *m)
{
    m->wall_us = cli_now_us();
    m->cpu_us = cli_cpu_us();
}

double cli_meter_percent(cli_meter *m)
{
    cli_meter before = *m;
    cli_meter_start(m);
    if (m->wall_us == before.wall_us) {
        return 0;
    }
    return 100.0 * (double)(m->cpu_us - before.cpu_us) / (double)(m->wall_us - before.wall_us);
}
