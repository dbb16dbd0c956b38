/*
 * Time in pure code is a number that the caller passes in: microseconds of a monotonic clock with
 * an arbitrary start. CK_NEVER is "no deadline".
 */
#ifndef CK_BASE_TIME_H
#define CK_BASE_TIME_H

#include <stdint.h>

#define CK_NEVER     UINT64_MAX
#define CK_US_PER_MS 1000u
#define CK_US_PER_S  1000000u

#endif
