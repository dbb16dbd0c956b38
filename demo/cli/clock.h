/* Time, and how much of the processor this process took of it. */
#ifndef DEMO_CLI_CLOCK_H
#define DEMO_CLI_CLOCK_H

#include <stdint.h>

/* Monotonic microseconds. */
uint64_t cli_now_us(void);
/* Processor time of the whole process so far, in microseconds. */
uint64_t cli_cpu_us(void);

/* Processor use since the last reading. */
typedef struct cli_meter {
    uint64_t wall_us;
    uint64_t cpu_us;
} cli_meter;

void cli_meter_start(cli_meter *m);
/* Per cent of one processor since the start or the last call. */
double cli_meter_percent(cli_meter *m);

#endif
