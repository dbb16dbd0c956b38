#include "support/listen.h"

#include "base/bytes.h"
#include "base/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEFORE_MS 150
#define AFTER_MS  60
#define FLOOR     0.0003 /* -70 dB */
#define VOICED    0.8

float *ck_listen_read_wav(const uint8_t *data, size_t size, uint32_t *rate, size_t *count)
{
    ck_reader r = ck_reader_of(data, size);
    const uint8_t *riff = ck_read_bytes(&r, 12);
    uint16_t format = 0, channels = 0, bits = 0;
    uint32_t length = 0;
    if (riff == NULL || memcmp(riff, "RIFF", 4) != 0 || memcmp(riff + 8, "WAVE", 4) != 0) {
        return NULL;
    }
    while (!r.failed) {
        const uint8_t *name = ck_read_bytes(&r, 4);
        length = ck_read_le32(&r);
        if (r.failed) {
            return NULL;
        }
        if (memcmp(name, "data", 4) == 0) {
            break;
        }
        const uint8_t *body = ck_read_bytes(&r, length + (length & 1));
        if (body != NULL && memcmp(name, "fmt ", 4) == 0 && length >= 16) {
            format = (uint16_t)(body[0] | body[1] << 8);
            channels = (uint16_t)(body[2] | body[3] << 8);
            *rate = ck_load_le32(body + 4);
            bits = (uint16_t)(body[14] | body[15] << 8);
        }
    }
    bool pcm = (format == 1 || format == 0xfffe) && bits == 16 && channels > 0;
    *count = pcm ? CK_MIN(ck_reader_left(&r), length) / (2u * channels) : 0; /* others may follow */
    float *out = *count > 0 ? malloc(*count * sizeof *out) : NULL;
    for (size_t i = 0; out != NULL && i < *count; i++) {
        const uint8_t *p = r.at + i * 2u * channels;
        out[i] = (float)(int16_t)(p[0] | p[1] << 8) / 32768.0f;
    }
    return out;
}

static double corner(const float *x, size_t i)
{
    return fabs((double)x[i + 1] - 2 * (double)x[i] + (double)x[i - 1]);
}

double ck_listen_click(const float *out, const float *like, size_t count, size_t at, uint32_t rate)
{
    size_t before = (size_t)rate * BEFORE_MS / 1000;
    size_t from = at > before ? at - before : 1;
    size_t to = CK_MIN(at + (size_t)rate * AFTER_MS / 1000, count - 1);
    double most = FLOOR;
    for (size_t i = from; i < to; i++) {
        most = CK_MAX(most, corner(like, i));
    }
    return at == 0 || at + 1 >= count ? 0 : corner(out, at) / most;
}

static double alike(const float *x, size_t count, size_t lag)
{
    double ab = 0, aa = 1e-9, bb = 1e-9;
    for (size_t i = 0; i + lag < count; i++) {
        ab += (double)x[i] * (double)x[i + lag];
        aa += (double)x[i] * (double)x[i];
        bb += (double)x[i + lag] * (double)x[i + lag];
    }
    return ab / sqrt(aa * bb);
}

/* The shortest period that is nearly as good as the best: two periods are as alike as one. */
static size_t best_lag(const float *sound, size_t count, size_t least, size_t most,
                       double *likeness)
{
    double top = 0;
    for (size_t lag = least; lag <= most; lag++) {
        top = CK_MAX(top, alike(sound, count, lag));
    }
    size_t best = 0;
    *likeness = 0;
    for (size_t lag = least; lag <= most && !(best > 0 && lag > best + best / 8); lag++) {
        double now = alike(sound, count, lag);
        if (now > CK_MAX(*likeness, top - 0.03)) {
            *likeness = now;
            best = lag;
        }
    }
    return best;
}

double ck_listen_period(const float *sound, size_t count, uint32_t rate, double near)
{
    size_t least = near > 0 ? (size_t)(near * 0.85) : rate / 400;
    size_t most = near > 0 ? (size_t)(near * 1.15) + 1 : rate / 66;
    double likeness;
    size_t best = best_lag(sound, count, least, CK_MIN(most, count / 2), &likeness);
    if (likeness < VOICED || best <= least || best >= most) {
        return 0;
    }
    double a = alike(sound, count, best - 1), c = alike(sound, count, best + 1);
    double bend = a - 2 * likeness + c;
    return (double)best + (bend < 0 ? 0.5 * (a - c) / bend : 0);
}
