/* Which runs a simulation of a room is to make: `--seed N` or `--seeds N`. */
#ifndef CK_SIM_SEEDS_H
#define CK_SIM_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#define CK_SEEDS_MAX 1000000u

typedef struct ck_seeds {
    uint64_t first, last;
} ck_seeds;

/* A number from 1 to `max`, and nothing else. */
bool ck_seeds_number(const char *text, uint64_t max, uint64_t *out);
/* What stands behind the name of the simulation, argv[0]. False: it is wrong. */
bool ck_seeds_read(ck_seeds *seeds, int argc, char **argv);

#endif
