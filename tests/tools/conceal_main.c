/* chalk-conceal: see usage below. */
#include "core/stretch/conceal.h"
#include "support/alloc.h"
#include "support/listen.h"
#include "tools/opus_frames.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/rng.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-conceal [--codec pcm|opus] IN.wav PATTERN OUT.wav (options anywhere)\n"
    "Loses frames of 20 ms of speech and writes what is heard instead.\n"
    "With --codec opus the frames are Opus packets (32 kbit/s): a lost one is told to the "
    "decoder,\n"
    "whose own guess is thrown away, and the product's concealment is heard, as everywhere in it.\n"
    "What is judged against is the same decoded without loss. 44.1 kHz become 48 kHz then.\n"
    "PATTERN: a file of 0 and 1, a frame each (1: lost), or RATE:SEED: RATE is how many per cent "
    "of\n"
    "the frames are lost, such as 5 or 0.5, in bursts of three on average. IN.wav is 16-bit PCM; "
    "its first channel is used.\n"
    "Tells as JSON: frames, lost ones, clicks (corners twice as sharp as any of the\n"
    "original near by), and how far the pitch of what was made up is from that before it.\n";

#define FRAME_HZ     50
#define BURST        3.0
#define PERIODS_MAX  4096
#define PITCH_BEFORE 30 /* ms */

typedef struct job {
    uint32_t rate;
    uint32_t frame; /* samples */
    size_t count;   /* samples, whole frames */
    float *in, *out;
    uint8_t *lost; /* a frame each */
    bool opus;
} job;

static uint8_t *load(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    *size = 0;
    if (f == NULL) {
        return NULL;
    }
    if (fseek(f, 0, SEEK_END) == 0) {
        long length = ftell(f);
        rewind(f);
        data = length > 0 ? malloc((size_t)length) : NULL;
        *size = data != NULL ? fread(data, 1, (size_t)length, f) : 0;
    }
    fclose(f);
    return data;
}

/* Gilbert: a loss goes on with a chance that makes bursts of three, and begins as often as the rate
 * needs. */
static void draw_pattern(job *j, double rate, uint64_t seed)
{
    ck_rng rng;
    ck_rng_seed(&rng, seed);
    double stay = 1 - 1 / BURST;
    double begin = rate >= 1 ? 1 : rate / ((1 - rate) * BURST);
    bool lost = false;
    for (size_t i = 0; i < j->count / j->frame; i++) {
        lost = ck_rng_unit(&rng) < (lost ? stay : begin);
        j->lost[i] = lost;
    }
}

static bool read_pattern(job *j, const char *pattern)
{
    char *end;
    double per_cent = strtod(pattern, &end);
    if (end != pattern && *end == ':' && per_cent >= 0 && per_cent <= 100) {
        draw_pattern(j, per_cent / 100, strtoull(end + 1, NULL, 10));
        return true;
    }
    size_t size, frame = 0;
    uint8_t *text = load(pattern, &size);
    bool ok = text != NULL;
    for (size_t i = 0; i < size && frame < j->count / j->frame; i++) {
        if (text[i] == '0' || text[i] == '1') {
            j->lost[frame++] = text[i] == '1';
        }
    }
    free(text);
    return ok;
}

/* What came is what the codec makes of it after what was lost; PCM is as it was. */
static int conceal(job *j)
{
    ck_conceal *c = NULL;
    ck_opus_frames *opus = NULL;
    int status = ck_conceal_create(&ck_test_heap, j->rate, 1, 1, &c);
    if (status == 0 && j->opus) {
        opus = ck_opus_frames_open(j->rate, j->in, j->count);
        status = opus != NULL ? 0 : -1;
    }
    for (size_t i = 0; status == 0 && i < j->count / j->frame; i++) {
        float *in = j->in + i * j->frame, *out = j->out + i * j->frame;
        memcpy(out, in, j->frame * sizeof *out);
        if (j->opus) {
            status = ck_opus_frames_decode(opus, i, j->lost[i], in, out);
        }
        if (j->lost[i]) {
            ck_conceal_lost(c, out, j->frame);
        } else {
            ck_conceal_good(c, out, j->frame);
        }
    }
    ck_opus_frames_close(&opus);
    ck_conceal_destroy(&c);
    return status;
}

static bool write_wav(const char *path, const job *j)
{
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, SIZE_MAX);
    static const uint8_t format[] = {1, 0, 1, 0};
    static const uint8_t width[] = {2, 0, 16, 0};
    ck_buf_put(&b, "RIFF", 4);
    ck_buf_put_le32(&b, (uint32_t)(36 + 2 * j->count));
    ck_buf_put(&b, "WAVEfmt ", 8);
    ck_buf_put_le32(&b, 16);
    ck_buf_put(&b, format, sizeof format);
    ck_buf_put_le32(&b, j->rate);
    ck_buf_put_le32(&b, 2 * j->rate);
    ck_buf_put(&b, width, sizeof width);
    ck_buf_put(&b, "data", 4);
    ck_buf_put_le32(&b, (uint32_t)(2 * j->count));
    for (size_t i = 0; i < j->count; i++) {
        int16_t v = (int16_t)lrintf(CK_CLAMP(j->out[i], -1.0f, 0.99996f) * 32768.0f);
        ck_buf_put_u8(&b, (uint8_t)v);
        ck_buf_put_u8(&b, (uint8_t)((uint16_t)v >> 8));
    }
    FILE *f = fopen(path, "wb");
    bool ok = f != NULL && !b.failed && fwrite(b.data, 1, b.size, f) == b.size;
    ok = f != NULL && fclose(f) == 0 && ok;
    ck_buf_free(&b);
    return ok;
}

/* --- judging --------------------------------------------------------------------------------- */

/* All samples of lost frames and of the one after, where it is blended in. */
static unsigned count_clicks(const job *j, double *sharpest)
{
    unsigned clicks = 0;
    *sharpest = 0;
    for (size_t i = 1; i + 1 < j->count; i++) {
        size_t frame = i / j->frame;
        bool touched =
            j->lost[frame] || (frame > 0 && j->lost[frame - 1]) ||
            (i % j->frame == j->frame - 1 && frame + 1 < j->count / j->frame && j->lost[frame + 1]);
        if (touched) {
            double click = ck_listen_click(j->out, j->in, j->count, i, j->rate);
            clicks += click > CK_LISTEN_CLICK;
            *sharpest = CK_MAX(*sharpest, click);
        }
    }
    return clicks;
}

static int by_value(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Of each gap that begins in voiced sound: the pitch across its beginning beside that before. */
static size_t pitch_errors(const job *j, double *errors, size_t *gone)
{
    size_t count = 0;
    size_t before = (size_t)j->rate * PITCH_BEFORE / 1000;
    for (size_t i = 2; i < j->count / j->frame && count < PERIODS_MAX; i++) {
        bool begins = j->lost[i] && !j->lost[i - 1] && !j->lost[i - 2];
        size_t at = i * j->frame;
        if (!begins || at < before) {
            continue;
        }
        double was = ck_listen_period(j->out + at - before, before, j->rate, 0);
        if (was <= 0) {
            continue;
        }
        size_t half = before / 3;
        double is = ck_listen_period(j->out + at - half, half + j->frame, j->rate, was);
        *gone += is <= 0;
        if (is > 0) {
            errors[count++] = fabs(is - was) / was;
        }
    }
    qsort(errors, count, sizeof *errors, by_value);
    return count;
}

static void tell(const job *j)
{
    static double errors[PERIODS_MAX];
    size_t lost = 0, frames = j->count / j->frame;
    for (size_t i = 0; i < frames; i++) {
        lost += j->lost[i];
    }
    double sharpest;
    unsigned clicks = count_clicks(j, &sharpest);
    size_t gone = 0;
    size_t voiced = pitch_errors(j, errors, &gone);
    printf("{\"frames\":%zu,\"lost\":%zu,\"clicks\":%u,\"sharpest\":%.2f,\"voiced_gaps\":%zu,"
           "\"pitch_gone\":%zu,\"pitch_error_median\":%.4f,\"pitch_error_p95\":%.4f}\n",
           frames, lost, clicks, sharpest, voiced + gone, gone, voiced > 0 ? errors[voiced / 2] : 0,
           voiced > 0 ? errors[voiced * 95 / 100] : 0);
}

static int wrong(const char *what)
{
    fprintf(stderr, "chalk-conceal: %s\n%s", what, usage);
    return 2;
}

static bool read_wav(job *j, const char *path)
{
    size_t size = 0;
    uint8_t *wav = load(path, &size);
    j->in = wav != NULL ? ck_listen_read_wav(wav, size, &j->rate, &j->count) : NULL;
    free(wav);
    if (j->in != NULL && j->opus) {
        j->in = ck_opus_frames_fit(j->in, &j->rate, &j->count);
    }
    return j->in != NULL && j->rate >= 8000 && j->rate <= 48000;
}

enum { IN, PATTERN, OUT, FILES };

/* False: it is over, and `code` is what the program ends with. */
static bool read_arguments(job *j, int argc, char **argv, const char *files[FILES], int *code)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            *code = fputs(usage, stdout) < 0;
            return false;
        }
        bool codec = strcmp(argv[i], "--codec") == 0;
        if (codec) {
            i++;
            j->opus = i < argc && strcmp(argv[i], "opus") == 0;
        }
        if (codec && (i == argc || (!j->opus && strcmp(argv[i], "pcm") != 0))) {
            *code = wrong("--codec is pcm or opus");
            return false;
        }
        if (!codec && (argv[i][0] == '-' || count == FILES)) {
            *code = wrong(argv[i][0] == '-' ? "no such option" : "too many arguments");
            return false;
        }
        if (!codec) {
            files[count++] = argv[i];
        }
    }
    if (count < FILES) {
        *code = wrong("IN.wav, PATTERN and OUT.wav are needed");
    }
    return count == FILES;
}

int main(int argc, char **argv)
{
    job j = {0};
    const char *files[FILES];
    int status = 1;
    if (!read_arguments(&j, argc, argv, files, &status)) {
        return status;
    }
    if (!read_wav(&j, files[IN])) {
        free(j.in);
        return wrong("IN.wav is not 16-bit PCM of 8 to 48 kHz");
    }
    j.frame = j.rate / FRAME_HZ;
    j.count -= j.count % j.frame;
    j.out = calloc(j.count + 1, sizeof *j.out);
    j.lost = calloc(j.count / j.frame + 1, 1);
    if (j.out == NULL || j.lost == NULL) {
        fputs("chalk-conceal: out of memory\n", stderr);
    } else if (!read_pattern(&j, files[PATTERN])) {
        fputs("chalk-conceal: the pattern cannot be read\n", stderr);
    } else if (conceal(&j) < 0 || !write_wav(files[OUT], &j)) {
        fputs("chalk-conceal: cannot write the result\n", stderr);
    } else {
        tell(&j);
        status = 0;
    }
    free(j.in);
    free(j.out);
    free(j.lost);
    return status;
}
