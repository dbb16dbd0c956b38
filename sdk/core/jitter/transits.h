/*
 * A histogram of transits that forgets: the weight of what came falls to 1/e in a time that each
 * arrival names. Bins of 2.5 ms over 2.56 s; the window follows what comes. Integers alone.
 * Allocates nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_JITTER_TRANSITS_H
#define CK_CORE_JITTER_TRANSITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_TRANSITS_BINS   1024
#define CK_TRANSITS_BIN_US 2500

typedef struct ck_transits {
    uint32_t bins[CK_TRANSITS_BINS]; /* of bin i at i modulo the count */
    int64_t low_bin;                 /* the window is [low_bin, low_bin + CK_TRANSITS_BINS) */
    int64_t first_bin, last_bin;     /* of it; those around them are empty, and there are many */
    uint64_t sum;
    uint64_t weight; /* of the next packet */
} ck_transits;

void ck_transits_init(ck_transits *t);
/* One packet, passed_us after the one before it; memory_us at least 1. Transits within 2^60. */
void ck_transits_add(ck_transits *t, int64_t transit_us, uint64_t passed_us, uint64_t memory_us);
/* All but so much of the weight stays under it: the upper edge of a bin. */
int64_t ck_transits_above(const ck_transits *t, uint32_t ppm);
/* So much of the weight is under it: the lower edge of a bin. */
int64_t ck_transits_below(const ck_transits *t, uint32_t ppm);

#endif
