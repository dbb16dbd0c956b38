/*
 * Any sound to 48 kHz interleaved float with one or two channels, by libswresample. Shared by the
 * resampler of captured sound and the AAC decoder. Input may change its rate, channels or format at
 * any block: the few samples inside the filter are then lost.
 */
#ifndef CK_CODEC_MIXER_H
#define CK_CODEC_MIXER_H

#include "codec/av.h"

#include <libswresample/swresample.h>

typedef struct ck_mixer {
    SwrContext *swr;
    uint32_t out_channels;
    int format; /* enum AVSampleFormat, of the input that `swr` was made for */
    int rate;
    int channels;
    float *out;
    size_t out_capacity; /* samples of all channels */
} ck_mixer;

typedef struct ck_mixer_input {
    const uint8_t *const *data; /* planes, or one for interleaved formats */
    int format;                 /* enum AVSampleFormat */
    int rate;                   /* Hz, 8000..192000 */
    int channels;               /* 1..8 */
    int frames;                 /* samples per channel, 0..192000 */
} ck_mixer_input;

typedef struct ck_mixer_output {
    const float *samples; /* borrowed until the next call */
    uint32_t frames;      /* 0: nothing yet */
    int64_t delay_us;     /* the first of them came in that long before the input's first */
} ck_mixer_output;

void ck_mixer_init(ck_mixer *m, uint32_t out_channels);
void ck_mixer_free(ck_mixer *m);
/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_NO_MEMORY, CHALK_ERR_CODEC. */
int ck_mixer_convert(ck_mixer *m, const ck_mixer_input *in, ck_mixer_output *out);

#endif
