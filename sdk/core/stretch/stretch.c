#include "core/stretch/stretch.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/stretch/lag.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define LAG_LEAST_HZ 400 /* pieces of 2.5 ms ... */
#define LAG_MOST_HZ  66  /* ... to 15 ms */
#define FADE_HZ      100 /* 10 ms */
#define DEBT_MAX     4   /* longest pieces that may be owed */
#define PI           3.14159265358979323846

struct ck_stretch {
    const ck_alloc *alloc;
    uint32_t rate, channels;
    uint32_t lag_least, lag_most, fade; /* frames */
    float *window;                      /* rising half of a raised cosine, `fade` long */
    float *data;
    size_t size;      /* frames that fit */
    size_t at, end;   /* frames: to be played next, and where what was put in ends */
    int64_t debt;     /* thousandths of a frame to leave out (above 0) or to play again */
    int64_t jump;     /* frames, while fading: what is faded to lies so much further on */
    uint32_t look_in; /* frames until it is looked at again whether a piece is owed */
    uint32_t faded;   /* frames of the fade that is under way */
    bool fading;
};

int ck_stretch_create(const ck_alloc *alloc, uint32_t rate, uint32_t channels, ck_stretch **out)
{
    if (rate < 8000 || rate > 48000 || channels < 1 || channels > 2) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_stretch *s = ck_new(alloc, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->alloc = alloc;
    s->rate = rate;
    s->channels = channels;
    s->lag_least = rate / LAG_LEAST_HZ;
    s->lag_most = rate / LAG_MOST_HZ;
    s->fade = rate / FADE_HZ;
    s->size = (size_t)rate + 2 * (s->lag_most + s->fade);
    s->window = ck_new_array(alloc, s->fade, sizeof *s->window);
    s->data = ck_new_array(alloc, s->size * channels, sizeof *s->data);
    if (s->window == NULL || s->data == NULL) {
        ck_stretch_destroy(&s);
        return CHALK_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < s->fade; i++) {
        s->window[i] = (float)(0.5 - 0.5 * cos(PI * (i + 0.5) / s->fade));
    }
    *out = s;
    return CHALK_OK;
}

void ck_stretch_destroy(ck_stretch **stretch)
{
    ck_stretch *s = *stretch;
    *stretch = NULL;
    if (s != NULL) {
        ck_free(s->alloc, s->window);
        ck_free(s->alloc, s->data);
        ck_free(s->alloc, s);
    }
}

void ck_stretch_reset(ck_stretch *s)
{
    s->at = 0;
    s->end = 0;
    s->debt = 0;
    s->look_in = 0;
    s->fading = false;
}

uint32_t ck_stretch_held(const ck_stretch *s)
{
    return (uint32_t)(s->end - s->at);
}

/* Forgets what no piece can begin in any more. */
static void make_room(ck_stretch *s)
{
    size_t back = s->lag_most;
    if (s->at <= back) {
        return;
    }
    size_t old = s->at - back;
    memmove(s->data, s->data + old * s->channels, (s->end - old) * s->channels * sizeof *s->data);
    s->at -= old;
    s->end -= old;
}

int ck_stretch_put(ck_stretch *s, const float *in, uint32_t frames)
{
    if (s->size - s->end < frames) {
        make_room(s);
    }
    if (s->size - s->end < frames || (uint64_t)ck_stretch_held(s) + frames > s->rate) {
        return CHALK_ERR_LIMIT;
    }
    memcpy(s->data + s->end * s->channels, in, (size_t)frames * s->channels * sizeof *in);
    s->end += frames;
    return CHALK_OK;
}

/* --- playing --------------------------------------------------------------------------------- */

static void begin_fade(ck_stretch *s)
{
    int direction = s->debt > 0 ? 1 : -1;
    float likeness;
    uint32_t lag = ck_lag_find(s->data + s->at * s->channels, s->channels, direction, s->fade,
                               s->lag_least, s->lag_most, &likeness);
    s->jump = direction * (int64_t)lag;
    s->debt -= s->jump * CK_STRETCH_NORMAL;
    s->faded = 0;
    s->fading = true;
}

static bool may_jump(const ck_stretch *s)
{
    int64_t least = (int64_t)s->lag_least * CK_STRETCH_NORMAL;
    if (s->debt >= least) {
        return s->end - s->at >= s->lag_most + s->fade;
    }
    return s->debt <= -least && s->end - s->at >= s->fade && s->at >= s->lag_most;
}

static uint32_t fade(ck_stretch *s, float *out, uint32_t frames)
{
    uint32_t count = CK_MIN(frames, s->fade - s->faded);
    const float *from = s->data + s->at * s->channels;
    const float *to = s->data + (size_t)((int64_t)s->at + s->jump) * s->channels;
    for (uint32_t i = 0; i < count; i++) {
        float w = s->window[s->faded + i];
        for (uint32_t c = 0; c < s->channels; c++) {
            size_t k = (size_t)i * s->channels + c;
            out[k] = from[k] + w * (to[k] - from[k]);
        }
    }
    s->faded += count;
    s->at += count;
    if (s->faded == s->fade) {
        s->at = (size_t)((int64_t)s->at + s->jump);
        s->fading = false;
    }
    return count;
}

static uint32_t copy(ck_stretch *s, float *out, uint32_t frames)
{
    uint32_t count = CK_MIN(frames, ck_stretch_held(s));
    memcpy(out, s->data + s->at * s->channels, (size_t)count * s->channels * sizeof *out);
    s->at += count;
    return count;
}

static void owe(ck_stretch *s, uint32_t frames, uint32_t speed)
{
    int64_t most = (int64_t)DEBT_MAX * s->lag_most * CK_STRETCH_NORMAL;
    if (speed == CK_STRETCH_NORMAL) {
        s->debt = 0;
    } else {
        s->debt += (int64_t)frames * ((int64_t)speed - CK_STRETCH_NORMAL);
        s->debt = CK_CLAMP(s->debt, -most, most);
    }
}

/* The decision falls at the same frames however the taking is split. */
static void look(ck_stretch *s)
{
    if (s->look_in == 0) {
        s->look_in = s->lag_least;
        if (!s->fading && may_jump(s)) {
            begin_fade(s);
        }
    }
}

uint32_t ck_stretch_take(ck_stretch *s, float *out, uint32_t frames, uint32_t speed)
{
    uint32_t pace = CK_CLAMP(speed, CK_STRETCH_LEAST, CK_STRETCH_MOST);
    uint32_t done = 0;
    while (done < frames && ck_stretch_held(s) > 0) {
        look(s);
        uint32_t piece = CK_MIN(frames - done, s->look_in);
        float *to = out + (size_t)done * s->channels;
        uint32_t count = s->fading ? fade(s, to, piece) : copy(s, to, piece);
        owe(s, count, pace);
        s->look_in -= count;
        done += count;
    }
    return done;
}
