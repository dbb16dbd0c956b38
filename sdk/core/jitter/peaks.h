/*
 * Peaks of transit: a scan of the radio, a handover, a stall. They come apart from jitter (Moon,
 * Kurose and Towsley 1998 call them spikes): a few of them say nothing about how late packets
 * usually are, so they are kept out of the histogram and remembered here. Waiting for them costs
 * delay all the time and saves sound each time: it pays when they come back often enough.
 *
 * Allocates nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_JITTER_PEAKS_H
#define CK_CORE_JITTER_PEAKS_H

#include <stdbool.h>
#include <stdint.h>

#define CK_PEAKS_MAX       8
#define CK_PEAKS_MEMORY_US 60000000
#define CK_PEAKS_OVER_US   60000  /* so much later than usual begins a peak, */
#define CK_PEAKS_TAIL_US   20000  /* so little ends it, */
#define CK_PEAKS_LAST_US   500000 /* and what lasts longer is the path's own delay */

typedef struct ck_peak {
    uint64_t at_us;   /* its first packet came */
    uint64_t last_us; /* and its latest one */
    int64_t transit_us;
    uint64_t late_us; /* media that came with it */
} ck_peak;

typedef struct ck_peaks {
    ck_peak peaks[CK_PEAKS_MAX]; /* oldest first */
    uint32_t count;
    uint64_t began_us; /* of the one that goes on */
    bool going_on;
} ck_peaks;

void ck_peaks_init(ck_peaks *p);
/* A packet whose transit is over_us above the usual, standing for late_us of media. True: it is of
 * a peak and says nothing about the usual. now_us does not go back. */
bool ck_peaks_arrive(ck_peaks *p, int64_t transit_us, int64_t over_us, uint64_t late_us,
                     uint64_t now_us);
/* The transit that is exceeded no more often than each worth_us; false: all peaks are rarer, or
 * make no more than late_ppm of the media late, or are overdue. */
bool ck_peaks_cover(const ck_peaks *p, uint32_t late_ppm, uint64_t worth_us, uint64_t now_us,
                    int64_t *transit_us);

#endif
