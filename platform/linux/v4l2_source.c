/* The camera source: opened, started, stopped. Its thread is in v4l2_run.c. */
#include "platform/linux/v4l2_inside.h"

#include "base/text.h"
#include "base/time.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define FPS_MAX        60
#define FPS_DEFAULT    30
#define WIDTH_DEFAULT  1280
#define HEIGHT_DEFAULT 720
#define STALLED_US     (3 * CK_US_PER_S)
#define REOPEN_US      CK_US_PER_S
#define BLACK_US       CK_US_PER_S

static void v4l2_stop(ck_source *s)
{
    const uint64_t one = 1;
    (void)!write(s->wake_fd, &one, sizeof one);
    ck_worker_stop(&s->worker);
}

static void v4l2_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    v4l2_stop(s);
    ck_v4l2_stream_close(&s->stream);
    ck_v4l2_unpack_destroy(&s->unpack);
    ck_frame_pool_destroy(&s->black);
    if (s->watch_fd >= 0) {
        s->port->close(s->port->user, s->watch_fd);
    }
    if (s->wake_fd >= 0) {
        close(s->wake_fd);
    }
    ck_worker_free(&s->worker);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int read_wish(const chalk_source_options *options, ck_camera_wish *wish)
{
    *wish = (ck_camera_wish){
        .width = options->width != 0 ? options->width : WIDTH_DEFAULT,
        .height = options->height != 0 ? options->height : HEIGHT_DEFAULT,
        .fps = options->fps != 0 ? options->fps : FPS_DEFAULT,
    };
    bool fine = wish->width > 0 && wish->width <= CHALK_PICTURE_SIDE_MAX && wish->height > 0 &&
                wish->height <= CHALK_PICTURE_SIDE_MAX && wish->fps <= FPS_MAX;
    return fine ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

/* What an opened source needs besides its camera. */
static int prepare(ck_source *s)
{
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    s->watch_fd = s->port->watch(s->port->user); /* without it, each second has to do */
    if (s->wake_fd < 0) {
        return CHALK_ERR_LIMIT;
    }
    int status = ck_frame_pool_create(1, &s->black);
    return status == CHALK_OK ? ck_v4l2_unpack_create(&s->unpack) : status;
}

int ck_v4l2_source_open(const ck_v4l2_port *port, const ck_v4l2_timing *timing,
                        const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    ck_camera_wish wish;
    int status = read_wish(options, &wish);
    if (status != CHALK_OK) {
        return status;
    }
    ck_source *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    status = ck_worker_init(&s->worker);
    if (status != CHALK_OK) {
        ck_free(&ck_heap, s);
        return status;
    }
    s->log = log;
    s->port = port;
    s->timing = *timing;
    s->wish = wish;
    s->stream.fd = -1;
    ck_v4l2_trouble trouble;
    status = prepare(s);
    if (status == CHALK_OK && options->device != NULL &&
        !ck_text_copy(s->id, sizeof s->id, options->device)) {
        status = CHALK_ERR_NO_DEVICE; /* longer than any id */
    }
    if (status != CHALK_OK) {
        goto cleanup;
    }
    status = ck_v4l2_open_stream(s, &trouble);
    if (status != CHALK_OK) {
        ck_logf(log, CHALK_LOG_WARNING, "camera", "%s", trouble.text);
        goto cleanup;
    }
    (void)ck_v4l2_update_size(s);
    *out = s;
    return CHALK_OK;

cleanup:
    v4l2_close(&s);
    return status;
}

static int v4l2_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    static const ck_v4l2_timing timing = {STALLED_US, REOPEN_US, BLACK_US};
    return ck_v4l2_source_open(&ck_v4l2_system, &timing, options, log, out);
}

static int v4l2_size(ck_source *s, int32_t *width, int32_t *height)
{
    *width = atomic_load(&s->width);
    *height = atomic_load(&s->height);
    return CHALK_OK;
}

static int v4l2_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    if ((media & 1u << CHALK_MEDIA_VIDEO) == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (s->worker.running) {
        return CHALK_ERR_BAD_STATE;
    }
    uint64_t unused;
    (void)!read(s->wake_fd, &unused, sizeof unused); /* of an earlier stop */
    s->sink = *sink;
    s->allowed_us = 0;
    s->given_us = ck_clock_us();
    return ck_worker_start(&s->worker, "chalk-camera", ck_v4l2_run, s);
}

const ck_source_backend ck_v4l2_camera = {
    .name = "v4l2-camera",
    .kind = CHALK_SOURCE_CAMERA,
    .media = 1u << CHALK_MEDIA_VIDEO,
    .open = v4l2_open,
    .size = v4l2_size,
    .start = v4l2_start,
    .stop = v4l2_stop,
    .close = v4l2_close,
};
