#include "core/stretch/warp.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define CHANNELS_MAX 2
#define PHASES       128 /* of the table, and what lies between two of them is linear */
#define PI           3.14159265358979323846

struct ck_warp {
    const ck_alloc *alloc;
    uint32_t channels;
    uint32_t held; /* frames in `data` */
    double at;     /* where in `data` the next frame is taken, from its first tap on */
    float data[(CK_WARP_TAPS + 1 + CK_WARP_FRAMES_MAX) * CHANNELS_MAX];
    float table[PHASES + 1][CK_WARP_TAPS];
};

/* A sinc under a raised cosine, its sum brought to 1 so that level stays level. */
static void fill_phase(float *taps, double fraction)
{
    const int middle = CK_WARP_TAPS / 2 - 1;
    double sum = 0, h[CK_WARP_TAPS];
    for (int k = 0; k < CK_WARP_TAPS; k++) {
        double x = k - middle - fraction;
        double window = 0.5 + 0.5 * cos(PI * x / (CK_WARP_TAPS / 2.0));
        h[k] = fabs(x) < 1e-9 ? 1 : sin(PI * x) / (PI * x) * window;
        sum += h[k];
    }
    for (int k = 0; k < CK_WARP_TAPS; k++) {
        taps[k] = (float)(h[k] / sum);
    }
}

int ck_warp_create(const ck_alloc *alloc, uint32_t channels, ck_warp **out)
{
    if (channels < 1 || channels > CHANNELS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_warp *w = ck_new(alloc, sizeof *w);
    if (w == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    w->alloc = alloc;
    w->channels = channels;
    w->held = CK_WARP_TAPS - 1; /* silence before the first frame */
    for (int i = 0; i <= PHASES; i++) {
        fill_phase(w->table[i], (double)i / PHASES);
    }
    *out = w;
    return CHALK_OK;
}

void ck_warp_destroy(ck_warp **w)
{
    if (*w != NULL) {
        ck_free((*w)->alloc, *w);
        *w = NULL;
    }
}

static void interpolate(const ck_warp *w, float *out)
{
    uint32_t first = (uint32_t)w->at;
    double fraction = (w->at - first) * PHASES;
    uint32_t phase = (uint32_t)fraction;
    float between = (float)(fraction - phase);
    const float *a = w->table[phase], *b = w->table[CK_MIN(phase + 1, PHASES)];
    const float *in = w->data + (size_t)first * w->channels;
    for (uint32_t c = 0; c < w->channels; c++) {
        out[c] = 0;
    }
    for (uint32_t k = 0; k < CK_WARP_TAPS; k++) {
        float tap = a[k] + between * (b[k] - a[k]);
        for (uint32_t c = 0; c < w->channels; c++) {
            out[c] += tap * in[(size_t)k * w->channels + c];
        }
    }
}

uint32_t ck_warp_run(ck_warp *w, const float *in, uint32_t frames, int32_t ppm, float *out)
{
    const size_t frame = w->channels * sizeof *in;
    uint32_t taken = CK_MIN(frames, CK_WARP_FRAMES_MAX);
    double step = 1 + CK_CLAMP(ppm, -CK_WARP_PPM_MAX, CK_WARP_PPM_MAX) / 1e6;
    memcpy(w->data + (size_t)w->held * w->channels, in, taken * frame);
    w->held += taken;
    uint32_t made = 0;
    while ((uint32_t)w->at + CK_WARP_TAPS <= w->held) {
        interpolate(w, out + (size_t)made * w->channels);
        made++;
        w->at += step;
    }
    uint32_t done = CK_MIN((uint32_t)w->at, w->held);
    w->held -= done;
    w->at -= done;
    memmove(w->data, w->data + (size_t)done * w->channels, w->held * frame);
    return made;
}
