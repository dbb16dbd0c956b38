#include "class/voice.h"

#include "class/marks.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define RATE          48000
#define TWO_PI        6.283185307179586
#define PITCH_HZ      118.0
#define SYLLABLE      11520 /* samples: 240 ms */
#define PHRASE        12    /* syllables, of which the last ones are a pause */
#define SPOKEN        9
#define LEVEL         0.09
#define CLICK_SAMPLES (RATE / 1000 * MARKS_CLICK_US / 1000)

/* First three formants of ah, ee, oh, eh, oo (Hz). */
static const double vowels[][3] = {
    {730, 1090, 2440}, {270, 2290, 3010}, {570, 840, 2410}, {530, 1840, 2480}, {300, 870, 2240},
};
static const double bandwidths[3] = {80, 100, 140};
static const double gains[3] = {1.0, 0.5, 0.25};

static void tune(voice_formant *f, double hz, double bandwidth_hz, double gain)
{
    double r = exp(-TWO_PI / 2 * bandwidth_hz / RATE);
    f->a1 = 2 * r * cos(TWO_PI * hz / RATE);
    f->a2 = -r * r;
    f->gain = gain * (1 - r);
}

static void choose_vowel(voice *v, uint64_t syllable)
{
    size_t count = sizeof vowels / sizeof vowels[0];
    v->vowel = (uint32_t)((syllable * 7 + syllable / 3) % count);
    for (int i = 0; i < 3; i++) {
        tune(&v->formants[i], vowels[v->vowel][i], bandwidths[i], gains[i]);
    }
}

void voice_init(voice *v)
{
    memset(v, 0, sizeof *v);
    choose_vowel(v, 0);
}

static double resonate(voice_formant *f, double x)
{
    double y = f->gain * x + f->a1 * f->y1 + f->a2 * f->y2;
    f->y2 = f->y1;
    f->y1 = y;
    return y;
}

/* How loud this sample of a syllable is, 0..1: it swells and fades, and a phrase ends in a pause.
 */
static double envelope(uint64_t sample)
{
    double within = (double)(sample % SYLLABLE) / SYLLABLE;
    bool speaking = sample / SYLLABLE % PHRASE < SPOKEN;
    return speaking ? sin(TWO_PI / 2 * within) : 0;
}

static float next_sample(voice *v)
{
    if (v->sample % SYLLABLE == 0) {
        choose_vowel(v, v->sample / SYLLABLE);
    }
    double melody = 1 + 0.12 * sin(TWO_PI * (double)v->sample / (RATE * 1.7));
    v->phase += PITCH_HZ * melody / RATE;
    double pulse = 0;
    if (v->phase >= 1) {
        v->phase -= 1;
        pulse = 30;
    }
    v->breath += 0.12 * (pulse - v->breath);
    double out = 0;
    for (int i = 0; i < 3; i++) {
        out += resonate(&v->formants[i], v->breath);
    }
    out = LEVEL * tanh(2 * out) * envelope(v->sample);
    v->sample++;
    return (float)out;
}

void voice_render(voice *v, uint64_t room_us, float out[VOICE_BLOCK])
{
    for (int i = 0; i < VOICE_BLOCK; i++) {
        out[i] = next_sample(v);
    }
    if (room_us % 1000000 != 0) {
        return;
    }
    for (int i = 0; i < CLICK_SAMPLES; i++) {
        /* A cosine: the first sample is already at full scale, so the start is exact. */
        double angle = TWO_PI * MARKS_CLICK_HZ * i / RATE;
        out[i] = MARKS_CLICK_SCALE * (float)cos(angle);
    }
}
