#include "core/jitter/peaks.h"

#include "base/check.h"

#include <string.h>

#define JOIN_US 200000 /* late packets this near are one peak */
#define PPM     1000000

void ck_peaks_init(ck_peaks *p)
{
    *p = (ck_peaks){0};
}

static void remove_oldest(ck_peaks *p)
{
    p->count--;
    memmove(p->peaks, p->peaks + 1, p->count * sizeof p->peaks[0]);
}

static void note(ck_peaks *p, int64_t transit_us, uint64_t late_us, uint64_t now_us)
{
    while (p->count > 0 && now_us - p->peaks[0].at_us > CK_PEAKS_MEMORY_US) {
        remove_oldest(p);
    }
    ck_peak *last = p->count > 0 ? &p->peaks[p->count - 1] : NULL;
    if (last != NULL && now_us - last->last_us < JOIN_US) {
        last->transit_us = CK_MAX(last->transit_us, transit_us);
        last->late_us += late_us;
        last->last_us = now_us;
        return;
    }
    if (p->count == CK_PEAKS_MAX) {
        remove_oldest(p);
    }
    p->peaks[p->count++] = (ck_peak){now_us, now_us, transit_us, late_us};
}

bool ck_peaks_arrive(ck_peaks *p, int64_t transit_us, int64_t over_us, uint64_t late_us,
                     uint64_t now_us)
{
    bool is = over_us > (p->going_on ? CK_PEAKS_TAIL_US : CK_PEAKS_OVER_US);
    if (is && !p->going_on) {
        p->began_us = now_us;
    }
    p->going_on = is;
    if (!is || now_us - p->began_us >= CK_PEAKS_LAST_US) {
        return false;
    }
    note(p, transit_us, late_us, now_us);
    return true;
}

/* How many were at least that high. */
static uint32_t count_of(const ck_peaks *p, int64_t transit_us)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        count += p->peaks[i].transit_us >= transit_us;
    }
    return count;
}

/* Whether they make too much late, and go on coming. */
static bool matter(const ck_peaks *p, uint32_t late_ppm, uint64_t now_us)
{
    uint64_t late_us = 0, longest_us = 0;
    for (uint32_t i = 0; i < p->count; i++) {
        late_us += p->peaks[i].late_us;
        if (i > 0) {
            longest_us = CK_MAX(longest_us, p->peaks[i].at_us - p->peaks[i - 1].at_us);
        }
    }
    uint64_t last_us = p->peaks[p->count - 1].at_us;
    return now_us - last_us <= 2 * longest_us &&
           late_us * PPM > (now_us - p->peaks[0].at_us) * late_ppm;
}

/* Each ms of height costs a ms of delay and saves a ms of sound with each peak that is higher: up
 * to the height that is exceeded each worth_us, it pays. */
bool ck_peaks_cover(const ck_peaks *p, uint32_t late_ppm, uint64_t worth_us, uint64_t now_us,
                    int64_t *transit_us)
{
    if (p->count < 2 || !matter(p, late_ppm, now_us)) {
        return false;
    }
    bool found = false;
    uint64_t span_us = p->peaks[p->count - 1].at_us - p->peaks[0].at_us;
    for (uint32_t i = 0; i < p->count; i++) {
        int64_t height = p->peaks[i].transit_us;
        uint32_t count = count_of(p, height);
        bool pays = count > 1 && span_us / (count - 1) <= worth_us;
        if (pays && (!found || height > *transit_us)) {
            *transit_us = height;
            found = true;
        }
    }
    return found;
}
