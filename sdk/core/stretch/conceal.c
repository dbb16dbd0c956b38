#include "core/stretch/conceal.h"

#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/stretch/lag.h"

#include <math.h>
#include <string.h>

#define CHANNELS_MAX 2
#define ORDER_MAX    24
#define ORDER_LOW    12 /* under 32 kHz */
#define WINDOW_HZ    40 /* what the filter is taken from: 25 ms */
#define WINDOW_FALL  8
#define LAG_LEAST_HZ 400
#define LAG_MOST_HZ  66
#define BLEND_HZ     125    /* 8 ms into what comes again */
#define WIDEN        0.994  /* of the filter's peaks, or it would ring */
#define WHITEN       1.0001 /* noise under the correlation, so that it is never singular */
#define NOISE_MAX    0.001f /* -60 dB: comfort, not hiss */
#define FLOOR_RISE   1.005f /* of the estimate of the pauses, for each 10 ms */
/* The noise is low-passed: white noise is sharper than any room. Its loudness is given back:
 * sqrt((2 - COLOUR) / COLOUR). */
#define COLOUR      0.15f
#define COLOUR_GAIN 3.512f
#define VOICED      0.5f /* likeness under which sound is noise */
#define PI          3.14159265358979323846

struct ck_conceal {
    const ck_alloc *alloc;
    uint32_t rate, channels;
    uint32_t order, window, lag_most, blend; /* frames */
    ck_rng rng;
    float *past; /* the latest `past_frames` given out, oldest first */
    uint32_t past_frames;
    float *loop;      /* excitation of one period, interleaved */
    float *tail;      /* scratch for blending */
    float *window_of; /* a raised cosine, `window` long */
    float *shaped;    /* scratch: one channel of the latest `window` under it */
    uint32_t lag;
    uint32_t loop_at;
    float voiced;                           /* share of the loop in the excitation */
    float level[CHANNELS_MAX];              /* of the noise in it */
    double filter[CHANNELS_MAX][ORDER_MAX]; /* predicts the next sample from the latest */
    double memory[CHANNELS_MAX][ORDER_MAX]; /* latest first */
    bool any;                               /* something came */
    float quiet;                            /* how loud the pauses are: root mean square */
    float coloured[CHANNELS_MAX];
    uint64_t lost; /* frames since the gap began; 0: none */
};

/* --- life ------------------------------------------------------------------------------------ */

int ck_conceal_create(const ck_alloc *alloc, uint32_t rate, uint32_t channels, uint64_t seed,
                      ck_conceal **out)
{
    if (rate < 8000 || rate > 48000 || channels < 1 || channels > CHANNELS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_conceal *c = ck_new(alloc, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->alloc = alloc;
    c->rate = rate;
    c->channels = channels;
    c->order = rate < 32000 ? ORDER_LOW : ORDER_MAX;
    c->window = rate / WINDOW_HZ;
    c->lag_most = rate / LAG_MOST_HZ;
    c->blend = rate / BLEND_HZ;
    c->past_frames = c->window + 2 * c->lag_most + c->order;
    ck_rng_seed(&c->rng, seed);
    c->past = ck_new_array(alloc, (size_t)c->past_frames * channels, sizeof *c->past);
    c->loop = ck_new_array(alloc, (size_t)c->lag_most * channels, sizeof *c->loop);
    c->tail = ck_new_array(alloc, (size_t)c->blend * channels, sizeof *c->tail);
    c->window_of = ck_new_array(alloc, c->window, sizeof *c->window_of);
    c->shaped = ck_new_array(alloc, c->window, sizeof *c->shaped);
    if (c->past == NULL || c->loop == NULL || c->tail == NULL || c->window_of == NULL ||
        c->shaped == NULL) {
        ck_conceal_destroy(&c);
        return CHALK_ERR_NO_MEMORY;
    }
    /* The filter must be of the sound that the excitation is taken from: where a consonant has just
     * begun, one of what was before it makes it far too loud. So the latest weighs most. */
    uint32_t fall = c->window / WINDOW_FALL, rise = c->window - fall;
    for (uint32_t i = 0; i < c->window; i++) {
        double from_top = i < rise ? (rise - i - 0.5) / rise : (i - rise + 0.5) / fall;
        c->window_of[i] = (float)(0.5 + 0.5 * cos(PI * from_top));
    }
    *out = c;
    return CHALK_OK;
}

void ck_conceal_destroy(ck_conceal **conceal)
{
    ck_conceal *c = *conceal;
    *conceal = NULL;
    if (c != NULL) {
        ck_free(c->alloc, c->past);
        ck_free(c->alloc, c->loop);
        ck_free(c->alloc, c->tail);
        ck_free(c->alloc, c->window_of);
        ck_free(c->alloc, c->shaped);
        ck_free(c->alloc, c);
    }
}

/* --- what came before ------------------------------------------------------------------------ */

static void remember(ck_conceal *c, const float *pcm, uint32_t frames)
{
    uint32_t kept = CK_MIN(frames, c->past_frames);
    size_t old = (size_t)(c->past_frames - kept) * c->channels;
    memmove(c->past, c->past + (size_t)kept * c->channels, old * sizeof *c->past);
    memcpy(c->past + old, pcm + (size_t)(frames - kept) * c->channels,
           (size_t)kept * c->channels * sizeof *pcm);
}

/* The quietest of late is what the pauses sound like. */
static void follow_floor(ck_conceal *c, const float *pcm, uint32_t frames)
{
    float energy = 0;
    size_t count = (size_t)frames * c->channels;
    for (size_t i = 0; i < count; i++) {
        energy += pcm[i] * pcm[i];
    }
    float now = sqrtf(energy / (float)CK_MAX(count, 1));
    float before = c->any ? c->quiet : NOISE_MAX;
    float risen = before * (1 + (FLOOR_RISE - 1) * (float)frames * 100 / (float)c->rate);
    c->quiet = CK_MIN(CK_MIN(now, risen) + 1e-7f, NOISE_MAX);
    c->any = true;
}

static const float *past_at(const ck_conceal *c, uint32_t back, uint32_t channel)
{
    return c->past + (size_t)(c->past_frames - back) * c->channels + channel;
}

static void correlate(const ck_conceal *c, uint32_t channel, double *r)
{
    for (uint32_t i = 0; i < c->window; i++) {
        c->shaped[i] = c->window_of[i] * *past_at(c, c->window - i, channel);
    }
    for (uint32_t k = 0; k <= c->order; k++) {
        r[k] = 0;
        for (uint32_t i = k; i < c->window; i++) {
            r[k] += (double)c->shaped[i] * (double)c->shaped[i - k];
        }
    }
    r[0] = r[0] * WHITEN + 1e-12;
}

/* Levinson and Durbin: the filter that predicts best, stable by construction. */
static void predict(ck_conceal *c, uint32_t channel)
{
    double r[ORDER_MAX + 1], a[ORDER_MAX] = {0}, next[ORDER_MAX];
    correlate(c, channel, r);
    double error = r[0];
    for (uint32_t i = 0; i < c->order; i++) {
        double sum = r[i + 1];
        for (uint32_t k = 0; k < i; k++) {
            sum -= a[k] * r[i - k];
        }
        double reflection = sum / error;
        memcpy(next, a, sizeof next);
        next[i] = reflection;
        for (uint32_t k = 0; k < i; k++) {
            next[k] = a[k] - reflection * a[i - 1 - k];
        }
        memcpy(a, next, sizeof a);
        error *= 1 - reflection * reflection;
    }
    double widen = 1;
    for (uint32_t k = 0; k < c->order; k++) {
        widen *= WIDEN;
        c->filter[channel][k] = a[k] * widen;
    }
}

/* What the filter cannot predict of the latest period. */
static void take_excitation(ck_conceal *c, uint32_t channel)
{
    double energy = 0;
    for (uint32_t i = 0; i < c->lag; i++) {
        uint32_t back = c->lag - i;
        double rest = (double)*past_at(c, back, channel);
        for (uint32_t k = 0; k < c->order; k++) {
            rest -= c->filter[channel][k] * (double)*past_at(c, back + 1 + k, channel);
        }
        c->loop[(size_t)i * c->channels + channel] = (float)rest;
        energy += rest * rest;
    }
    c->level[channel] = (float)sqrt(energy / c->lag);
}

static void begin_gap(ck_conceal *c)
{
    float likeness;
    uint32_t window = c->window - c->window / 4;
    const float *latest = c->past + (size_t)(c->past_frames - window) * c->channels;
    c->lag = ck_lag_find(latest, c->channels, -1, window, c->rate / LAG_LEAST_HZ, c->lag_most,
                         &likeness);
    c->voiced = CK_CLAMP((likeness - VOICED) / (1 - VOICED), 0, 1);
    c->voiced = sqrtf(c->voiced);
    c->loop_at = 0;
    for (uint32_t channel = 0; channel < c->channels; channel++) {
        predict(c, channel);
        take_excitation(c, channel);
        for (uint32_t k = 0; k < c->order; k++) {
            c->memory[channel][k] = (double)*past_at(c, 1 + k, channel);
        }
    }
}

/* --- what is made up ------------------------------------------------------------------------- */

/* Noise of variance 1. Even, not normal: filtered it sounds the same and has no peaks. */
static float noise(ck_conceal *c)
{
    return (float)((2 * ck_rng_unit(&c->rng) - 1) * 1.7320508);
}

static float loudness(const ck_conceal *c, uint64_t frame)
{
    float hold = (float)c->rate * CK_CONCEAL_HOLD_US / 1e6f;
    float fade = (float)c->rate * CK_CONCEAL_FADE_US / 1e6f;
    float gone = ((float)frame - hold) / fade;
    return gone <= 0 ? 1 : gone >= 1 ? 0 : 0.5f + 0.5f * cosf((float)PI * gone);
}

static float synthesise(ck_conceal *c, uint32_t channel)
{
    float unvoiced = sqrtf(1 - c->voiced * c->voiced);
    double y = (double)(c->voiced * c->loop[(size_t)c->loop_at * c->channels + channel] +
                        unvoiced * c->level[channel] * noise(c));
    double *memory = c->memory[channel];
    for (uint32_t k = 0; k < c->order; k++) {
        y += c->filter[channel][k] * memory[k];
    }
    y = CK_CLAMP(y, -1.0, 1.0);
    memmove(memory + 1, memory, (c->order - 1) * sizeof *memory);
    memory[0] = y;
    return (float)y;
}

static float comfort(ck_conceal *c, uint32_t channel)
{
    float *y = &c->coloured[channel];
    *y += COLOUR * (noise(c) - *y);
    return *y * c->quiet * COLOUR_GAIN;
}

static void make_up(ck_conceal *c, float *out, uint32_t frames)
{
    if (c->lost == 0) {
        begin_gap(c);
    }
    for (uint32_t i = 0; i < frames; i++) {
        float loud = loudness(c, c->lost++);
        for (uint32_t channel = 0; channel < c->channels; channel++) {
            float y = loud > 0 ? loud * synthesise(c, channel) : 0;
            out[(size_t)i * c->channels + channel] = y + (1 - loud) * comfort(c, channel);
        }
        c->loop_at = (c->loop_at + 1) % c->lag;
    }
}

void ck_conceal_lost(ck_conceal *c, float *out, uint32_t frames)
{
    make_up(c, out, frames);
    remember(c, out, frames);
}

void ck_conceal_good(ck_conceal *c, float *pcm, uint32_t frames)
{
    if (frames == 0) {
        return;
    }
    follow_floor(c, pcm, frames);
    if (c->lost > 0) {
        uint32_t blend = CK_MIN(c->blend, frames);
        make_up(c, c->tail, blend);
        for (uint32_t i = 0; i < blend; i++) {
            float w = 0.5f - 0.5f * cosf((float)PI * ((float)i + 0.5f) / (float)blend);
            for (uint32_t channel = 0; channel < c->channels; channel++) {
                size_t k = (size_t)i * c->channels + channel;
                pcm[k] = c->tail[k] + w * (pcm[k] - c->tail[k]);
            }
        }
        c->lost = 0;
    }
    remember(c, pcm, frames);
}
