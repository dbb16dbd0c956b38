#include "tools/opus_frames.h"

#include "base/check.h"

#include <math.h>
#include <opus.h>
#include <stdlib.h>

#define FRAME_HZ    50
#define BITRATE     32000
#define PACKET_MAX  1500
#define RATE_MOST   48000
#define SINC_PERIOD 16 /* samples on each side */
#define PI          3.14159265358979323846

struct ck_opus_frames {
    OpusDecoder *whole, *heard;
    uint32_t frame; /* samples */
    size_t count;
    uint8_t (*packets)[PACKET_MAX];
    opus_int32 *sizes;
};

static bool has_rate(uint32_t rate)
{
    return rate == 8000 || rate == 12000 || rate == 16000 || rate == 24000 || rate == 48000;
}

/* A sinc under a raised cosine; the new rate is the higher one, so nothing needs to be cut off. */
static float between(const float *in, size_t count, double at)
{
    double sum = 0;
    int64_t middle = (int64_t)floor(at);
    for (int64_t i = middle - SINC_PERIOD + 1; i <= middle + SINC_PERIOD; i++) {
        double x = at - (double)i;
        double window = 0.5 + 0.5 * cos(PI * x / SINC_PERIOD);
        double sinc = fabs(x) < 1e-9 ? 1 : sin(PI * x) / (PI * x);
        sum += i >= 0 && i < (int64_t)count ? in[i] * sinc * window : 0;
    }
    return (float)sum;
}

float *ck_opus_frames_fit(float *in, uint32_t *rate, size_t *count)
{
    if (has_rate(*rate)) {
        return in;
    }
    size_t made = (size_t)((double)*count * RATE_MOST / *rate);
    float *out = calloc(made + 1, sizeof *out);
    for (size_t i = 0; out != NULL && i < made; i++) {
        out[i] = between(in, *count, (double)i * *rate / RATE_MOST);
    }
    free(in);
    *rate = RATE_MOST;
    *count = made;
    return out;
}

static bool encode(ck_opus_frames *f, uint32_t rate, const float *in)
{
    int error;
    OpusEncoder *encoder = opus_encoder_create((opus_int32)rate, 1, OPUS_APPLICATION_VOIP, &error);
    bool ok = error == OPUS_OK && opus_encoder_ctl(encoder, OPUS_SET_BITRATE(BITRATE)) == OPUS_OK;
    for (size_t i = 0; i < f->count && ok; i++) {
        f->sizes[i] =
            opus_encode_float(encoder, in + i * f->frame, (int)f->frame, f->packets[i], PACKET_MAX);
        ok = f->sizes[i] > 0;
    }
    opus_encoder_destroy(encoder);
    return ok;
}

ck_opus_frames *ck_opus_frames_open(uint32_t rate, const float *in, size_t count)
{
    ck_opus_frames *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    int error = OPUS_OK, other = OPUS_OK;
    f->frame = rate / FRAME_HZ;
    f->count = count / f->frame;
    f->packets = calloc(f->count + 1, sizeof *f->packets);
    f->sizes = calloc(f->count + 1, sizeof *f->sizes);
    f->whole = opus_decoder_create((opus_int32)rate, 1, &error);
    f->heard = opus_decoder_create((opus_int32)rate, 1, &other);
    bool ready = f->packets != NULL && f->sizes != NULL && error == OPUS_OK && other == OPUS_OK;
    if (!ready || !encode(f, rate, in)) {
        ck_opus_frames_close(&f);
    }
    return f;
}

void ck_opus_frames_close(ck_opus_frames **frames)
{
    ck_opus_frames *f = *frames;
    *frames = NULL;
    if (f != NULL) {
        if (f->whole != NULL) {
            opus_decoder_destroy(f->whole);
        }
        if (f->heard != NULL) {
            opus_decoder_destroy(f->heard);
        }
        free(f->packets);
        free(f->sizes);
        free(f);
    }
}

int ck_opus_frames_decode(ck_opus_frames *f, size_t index, bool lost, float *whole, float *heard)
{
    float guess[RATE_MOST / FRAME_HZ];
    int frame = (int)f->frame;
    const uint8_t *packet = f->packets[index];
    int made = opus_decode_float(f->whole, packet, f->sizes[index], whole, frame, 0);
    /* The decoder's state goes on with the loss; what it would play is not heard. */
    int also = lost ? opus_decode_float(f->heard, NULL, 0, guess, frame, 0)
                    : opus_decode_float(f->heard, packet, f->sizes[index], heard, frame, 0);
    return made == frame && also == frame ? 0 : -1;
}
