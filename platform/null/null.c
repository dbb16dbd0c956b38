/* Black pictures and silence, with the faults of enum chalk_null_fault: what a lost or stubborn
 * device looks like to everything above it, on demand. */
#include "platform/null/null.h"

#include "platform/generator.h"
#include "platform/options.h"

#include "base/check.h"
#include "base/time.h"

#include <string.h>

#define FAULT_LASTS_US CK_US_PER_S
#define IDLE_BUFFERS   4

struct ck_source {
    ck_generator generator;
    ck_frame_pool *pool;
    int32_t width;
    int32_t height;
    uint32_t fault;
    uint64_t fault_after_us;
    bool lost; /* between the notices LOST and RECOVERED; the generator's thread alone */
};

static int null_picture(void *user, uint64_t room_us, chalk_video_frame **out)
{
    ck_source *s = user;
    (void)room_us;
    int status = ck_frame_pool_take(s->pool, CHALK_PIXEL_I420, s->width, s->height, out);
    if (status != CHALK_OK) {
        return status;
    }
    const int32_t *strides = (*out)->info.strides;
    size_t rows = (size_t)s->height;
    memset(ck_frame_plane(*out, 0), 16, (size_t)strides[0] * rows);
    memset(ck_frame_plane(*out, 1), 128, (size_t)strides[1] * (rows / 2));
    memset(ck_frame_plane(*out, 2), 128, (size_t)strides[2] * (rows / 2));
    return CHALK_OK;
}

static void null_sound(void *user, uint64_t room_us, float out[CK_GENERATOR_BLOCK])
{
    (void)user;
    (void)room_us;
    memset(out, 0, CK_GENERATOR_BLOCK * sizeof *out);
}

/* A lost device goes on with black and silence, so only the notices differ from no fault. */
static void follow_loss(ck_source *s, bool now_lost, const ck_source_sink *sink)
{
    if (now_lost && !s->lost) {
        sink->notice(sink->user, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "the null device was lost");
    } else if (!now_lost && s->lost) {
        sink->notice(sink->user, CK_SOURCE_RECOVERED, CHALK_OK, "the null device is back");
    }
    s->lost = now_lost;
}

static enum ck_generator_turn null_turn(void *user, uint64_t elapsed_us, const ck_source_sink *sink)
{
    ck_source *s = user;
    bool begun = elapsed_us >= s->fault_after_us;
    bool lasting = begun && elapsed_us < s->fault_after_us + FAULT_LASTS_US;
    switch (s->fault) {
    case CHALK_NULL_FAULT_LOST:
        follow_loss(s, lasting, sink);
        return CK_TURN_DELIVER;
    case CHALK_NULL_FAULT_STALL:
        return lasting ? CK_TURN_HOLD : CK_TURN_DELIVER;
    case CHALK_NULL_FAULT_END:
        if (!begun) {
            return CK_TURN_DELIVER;
        }
        sink->notice(sink->user, CK_SOURCE_ENDED, CHALK_ERR_END, "the null source ended");
        return CK_TURN_END;
    default:
        return CK_TURN_DELIVER;
    }
}

static void null_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    ck_generator_stop(&s->generator);
    ck_generator_free(&s->generator);
    ck_frame_pool_destroy(&s->pool);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int check_fault(const chalk_source_options *options)
{
    switch (options->null_fault) {
    case CHALK_NULL_FAULT_OPEN:
        return CHALK_ERR_NO_DEVICE;
    case CHALK_NULL_FAULT_BUSY:
        return CHALK_ERR_DEVICE_BUSY;
    default:
        return options->null_fault <= CHALK_NULL_FAULT_END ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
    }
}

static int null_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    (void)log;
    ck_generated_shape shape;
    int status = ck_options_shape(options, &shape);
    if (status == CHALK_OK) {
        status = check_fault(options);
    }
    if (status != CHALK_OK) {
        return status;
    }
    ck_source *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->width = shape.width;
    s->height = shape.height;
    s->fault = options->null_fault;
    s->fault_after_us = (uint64_t)options->null_fault_after_ms * CK_US_PER_MS;
    status = ck_frame_pool_create(IDLE_BUFFERS, &s->pool);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    const ck_generator_content content = {null_picture, null_sound, null_turn, s};
    status = ck_generator_init(&s->generator, shape.fps, &content);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    *out = s;
    return CHALK_OK;

cleanup:
    ck_frame_pool_destroy(&s->pool);
    ck_free(&ck_heap, s);
    return status;
}

static int null_size(ck_source *s, int32_t *width, int32_t *height)
{
    *width = s->width;
    *height = s->height;
    return CHALK_OK;
}

static int null_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    s->lost = false;
    return ck_generator_start(&s->generator, "chalk-null", media, sink);
}

static void null_stop(ck_source *s)
{
    ck_generator_stop(&s->generator);
}

const ck_source_backend ck_null_source = {
    .name = "null",
    .kind = CHALK_SOURCE_NULL,
    .media = 1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO,
    .open = null_open,
    .size = null_size,
    .start = null_start,
    .stop = null_stop,
    .close = null_close,
};
