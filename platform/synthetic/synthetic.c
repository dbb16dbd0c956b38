/* Pictures that show their own number and room time, and a click at each whole second, from which a
 * receiver measures latency, loss and the skew between picture and sound. */
#include "platform/synthetic/synthetic.h"

#include "platform/generator.h"
#include "platform/options.h"
#include "platform/synthetic/picture.h"

#include "base/time.h"

#include <math.h>
#include <string.h>

#define IDLE_BUFFERS  4
#define TWO_PI        6.283185307179586
#define TONE_HZ       300 /* three whole periods in a block, so every block is the same */
#define TONE_SCALE    0.02
#define CLICK_HZ      2000
#define CLICK_SCALE   0.5
#define CLICK_SAMPLES (CK_GENERATOR_RATE * 5 / 1000)

struct ck_source {
    ck_generator generator;
    ck_frame_pool *pool;
    ck_picture picture;
    uint64_t number; /* of the next picture; the generator's thread alone while it runs */
    float tone[CK_GENERATOR_BLOCK];
    float click[CK_GENERATOR_BLOCK]; /* the block that starts a second */
};

static void make_sound(ck_source *s)
{
    for (int i = 0; i < CK_GENERATOR_BLOCK; i++) {
        double seconds = (double)i / CK_GENERATOR_RATE;
        s->tone[i] = (float)(TONE_SCALE * sin(TWO_PI * TONE_HZ * seconds));
        /* A cosine: the click's first sample is already at full scale, so its start is exact. */
        s->click[i] = i < CLICK_SAMPLES ? (float)(CLICK_SCALE * cos(TWO_PI * CLICK_HZ * seconds))
                                        : s->tone[i];
    }
}

static int synthetic_picture(void *user, uint64_t room_us, chalk_video_frame **out)
{
    ck_source *s = user;
    int status =
        ck_frame_pool_take(s->pool, CHALK_PIXEL_I420, s->picture.width, s->picture.height, out);
    if (status != CHALK_OK) {
        return status;
    }
    ck_picture_draw(&s->picture, *out, s->number, room_us);
    s->number++;
    return CHALK_OK;
}

static void synthetic_sound(void *user, uint64_t room_us, float out[CK_GENERATOR_BLOCK])
{
    const ck_source *s = user;
    bool starts_second = room_us % CK_US_PER_S == 0;
    memcpy(out, starts_second ? s->click : s->tone, sizeof s->tone);
}

static void synthetic_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    ck_generator_stop(&s->generator);
    ck_generator_free(&s->generator);
    ck_picture_free(&s->picture);
    ck_frame_pool_destroy(&s->pool);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int synthetic_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    (void)log;
    ck_generated_shape shape;
    int status = ck_options_shape(options, &shape);
    if (status != CHALK_OK) {
        return status;
    }
    ck_source *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    make_sound(s);
    status = ck_picture_init(&s->picture, shape.width, shape.height);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    status = ck_frame_pool_create(IDLE_BUFFERS, &s->pool);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    const ck_generator_content content = {synthetic_picture, synthetic_sound, NULL, s};
    status = ck_generator_init(&s->generator, shape.fps, &content);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    *out = s;
    return CHALK_OK;

cleanup:
    ck_frame_pool_destroy(&s->pool);
    ck_picture_free(&s->picture);
    ck_free(&ck_heap, s);
    return status;
}

static int synthetic_size(ck_source *s, int32_t *width, int32_t *height)
{
    *width = s->picture.width;
    *height = s->picture.height;
    return CHALK_OK;
}

static int synthetic_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    return ck_generator_start(&s->generator, "chalk-synthetic", media, sink);
}

static void synthetic_stop(ck_source *s)
{
    ck_generator_stop(&s->generator);
}

const ck_source_backend ck_synthetic_source = {
    .name = "synthetic",
    .kind = CHALK_SOURCE_SYNTHETIC,
    .media = 1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO,
    .open = synthetic_open,
    .size = synthetic_size,
    .start = synthetic_start,
    .stop = synthetic_stop,
    .close = synthetic_close,
};
