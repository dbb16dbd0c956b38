/*
 * The camera source: a thread that takes pictures from a stream, and what is said about it.
 *
 * A camera that is unplugged, taken by another program, or silent is LOST: black takes its place,
 * and it is tried again each second and whenever a node appears. It counts as back with its first
 * good picture. The reason may change meanwhile (unplugged, then busy), which is said again.
 *
 * Thread: open, start, stop and close belong to one owner. Between start and stop everything but
 * `width` and `height`, which may be asked for at any time, belongs to the source's thread.
 */
#include "platform/linux/v4l2_source.h"

#include "platform/linux/v4l2_unpack.h"
#include "platform/worker.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define FPS_MAX        60
#define FPS_DEFAULT    30
#define WIDTH_DEFAULT  1280
#define HEIGHT_DEFAULT 720

struct ck_source {
    ck_worker worker;
    ck_source_sink sink;
    const ck_log *log;
    const ck_v4l2_port *port;
    ck_v4l2_timing timing;
    char id[CHALK_DEVICE_TEXT_MAX];
    ck_camera_wish wish;
    ck_v4l2_stream stream;
    ck_v4l2_unpack *unpack;
    ck_frame_pool *black;
    int wake_fd;         /* eventfd: tells the thread's poll(2) to look at the worker */
    int watch_fd;        /* tells of nodes that come and go; negative: there is none */
    int lost;            /* the status that was told last; CHALK_OK: it gives pictures */
    uint64_t allowed_us; /* capture time before which no picture is passed on */
    uint64_t given_us;   /* when the last picture was, black ones included */
    uint64_t good_us;    /* when the last good one came */
    bool came_broken;    /* pictures came since then, but none that is one */
    atomic_int width;
    atomic_int height;
};

static void say(ck_source *s, int what, int status, const char *text)
{
    s->sink.notice(s->sink.user, what, status, text);
}

static void say_lost(ck_source *s, const ck_v4l2_trouble *trouble)
{
    if (s->lost != trouble->status) {
        s->lost = trouble->status;
        say(s, CK_SOURCE_LOST, trouble->status, trouble->text);
    }
}

static void say_back(ck_source *s)
{
    if (s->lost != CHALK_OK) {
        s->lost = CHALK_OK;
        say(s, CK_SOURCE_RECOVERED, CHALK_OK, "the camera is back");
    }
}

/* Takes over the stream's size; true when it is another. */
static bool update_size(ck_source *s)
{
    const chalk_camera_mode *mode = &s->stream.shape.mode;
    bool changed = mode->width != atomic_load(&s->width) || mode->height != atomic_load(&s->height);
    atomic_store(&s->width, mode->width);
    atomic_store(&s->height, mode->height);
    return changed;
}

static void say_resized(ck_source *s)
{
    char text[64];
    snprintf(text, sizeof text, "the picture is now %d x %d", atomic_load(&s->width),
             atomic_load(&s->height));
    say(s, CK_SOURCE_RESIZED, CHALK_OK, text);
}

static void log_mode(const ck_source *s)
{
    const chalk_camera_mode *mode = &s->stream.shape.mode;
    const uint32_t fourcc = ck_v4l2_fourcc(mode->format);
    ck_logf(s->log, CHALK_LOG_INFO, "camera", "%s: %d x %d, %.4s, %u.%03u pictures a second",
            s->stream.node.id, (int)mode->width, (int)mode->height, (const char *)&fourcc,
            (unsigned)(mode->fps_milli / 1000), (unsigned)(mode->fps_milli % 1000));
}

static int open_stream(ck_source *s, ck_v4l2_trouble *trouble)
{
    int status = ck_v4l2_stream_open(&s->stream, s->port, s->id, &s->wish, trouble);
    if (status == CHALK_OK) {
        log_mode(s);
    }
    return status;
}

static void give(ck_source *s, chalk_video_frame *frame, uint64_t now)
{
    s->given_us = now;
    s->sink.video(s->sink.user, frame);
}

static void give_black(ck_source *s)
{
    chalk_video_frame *frame = NULL;
    int32_t width = atomic_load(&s->width), height = atomic_load(&s->height);
    if (ck_frame_pool_take(s->black, CHALK_PIXEL_I420, width, height, &frame) != CHALK_OK) {
        return; /* out of memory: perhaps with the next one */
    }
    const int32_t *strides = frame->info.strides;
    memset(ck_frame_plane(frame, 0), 16, (size_t)strides[0] * (size_t)height);
    memset(ck_frame_plane(frame, 1), 128, (size_t)strides[1] * (size_t)(height / 2));
    memset(ck_frame_plane(frame, 2), 128, (size_t)strides[2] * (size_t)(height / 2));
    frame->info.color = s->stream.shape.color;
    frame->info.capture_us = ck_clock_us();
    give(s, frame, frame->info.capture_us);
}

/* --- while it gives pictures --------------------------------------------------------------------
 */

/* The driver's time where it is one of this clock and not of long ago; a picture that waited is as
 * old as it is. */
static uint64_t time_of(const ck_v4l2_picture *picture, uint64_t now)
{
    bool likely = picture->capture_us != 0 && picture->capture_us <= now &&
                  picture->capture_us + CK_US_PER_S > now;
    return likely ? picture->capture_us : now;
}

/* Whether a picture of that time is wanted at the rate that was asked for. A quarter of a period
 * is forgiven, for cameras do not keep time so well. */
static bool pace(ck_source *s, uint64_t capture_us)
{
    const uint64_t period = CK_US_PER_S / s->wish.fps;
    if (capture_us + period / 4 < s->allowed_us) {
        return false;
    }
    bool in_time = capture_us < s->allowed_us + period;
    s->allowed_us = (in_time ? s->allowed_us : capture_us) + period;
    return true;
}

static void unpack(ck_source *s, const ck_v4l2_picture *picture, uint64_t capture_us, uint64_t now)
{
    chalk_video_frame *frame = NULL;
    int status = ck_v4l2_unpack_picture(s->unpack, &s->stream.shape, picture, &frame);
    if (status != CHALK_OK) {
        s->came_broken = s->came_broken || status == CHALK_ERR_BAD_DATA;
        return;
    }
    s->good_us = now;
    s->came_broken = false;
    say_back(s);
    frame->info.capture_us = capture_us;
    give(s, frame, now);
}

/* Takes what waits; 0 or -errno. */
static int take_pictures(ck_source *s, uint64_t now)
{
    /* As many as there are buffers: a driver that always has one more is not listened to for ever.
     */
    for (int i = 0; i < CK_V4L2_BUFFERS_MAX; i++) {
        ck_v4l2_picture picture;
        int error = ck_v4l2_stream_take(&s->stream, &picture);
        if (error == -EAGAIN) {
            return 0;
        }
        if (error < 0) {
            return error;
        }
        uint64_t capture_us = time_of(&picture, now);
        if (pace(s, capture_us)) {
            unpack(s, &picture, capture_us, now);
        }
        error = ck_v4l2_stream_give_back(&s->stream, &picture);
        if (error < 0) {
            return error;
        }
    }
    return 0;
}

/* Sleeps until the deadline, until one of the descriptors has something (negative ones have not),
 * or the order to stop. */
static void wait_for(const ck_source *s, int camera_fd, int watch_fd, uint64_t deadline_us)
{
    uint64_t now = ck_clock_us();
    if (deadline_us <= now) {
        return;
    }
    struct pollfd fds[] = {{s->wake_fd, POLLIN, 0}, {camera_fd, POLLIN, 0}, {watch_fd, POLLIN, 0}};
    /* Rounded up, or the last fraction of a millisecond would be spent spinning. */
    uint64_t ms = (deadline_us - now + CK_US_PER_MS - 1) / CK_US_PER_MS;
    (void)poll(fds, CK_COUNT_OF(fds), (int)CK_MIN(ms, (uint64_t)1000));
}

static bool is_stalled(const ck_source *s, uint64_t now, ck_v4l2_trouble *trouble)
{
    if (now < s->good_us + s->timing.stalled_us) {
        return false;
    }
    if (s->came_broken) {
        ck_v4l2_trouble_set(trouble, CHALK_ERR_BAD_DATA, "the camera gives only damaged pictures");
    } else {
        ck_v4l2_trouble_set(trouble, CHALK_ERR_TIMEOUT, "the camera gives no pictures");
    }
    return true;
}

/* Returns when told to stop (true), or when the camera is of no use any more (false, and why). */
static bool capture(ck_source *s, ck_v4l2_trouble *trouble)
{
    int error = ck_v4l2_stream_start(&s->stream);
    s->good_us = ck_clock_us();
    s->came_broken = false;
    while (error == 0 && !ck_worker_stopping(&s->worker)) {
        uint64_t now = ck_clock_us();
        error = take_pictures(s, now);
        if (error == 0 && is_stalled(s, now, trouble)) {
            return false;
        }
        uint64_t deadline = s->good_us + s->timing.stalled_us;
        if (s->lost != CHALK_OK) {
            if (now >= s->given_us + s->timing.black_us) {
                give_black(s);
            }
            deadline = CK_MIN(deadline, s->given_us + s->timing.black_us);
        }
        if (error == 0) {
            wait_for(s, s->stream.fd, -1, deadline);
        }
    }
    if (error < 0) {
        uint32_t node = s->stream.node.number;
        ck_v4l2_stream_close(&s->stream);
        ck_v4l2_trouble_of(trouble, s->port, node, error, "cannot go on");
    }
    return error == 0;
}

/* --- while it is lost ---------------------------------------------------------------------------
 */

/* Black pictures until it is time for another attempt. False when told to stop. */
static bool wait_for_chance(ck_source *s)
{
    uint64_t deadline = ck_clock_us() + s->timing.reopen_us;
    while (!ck_worker_stopping(&s->worker)) {
        uint64_t now = ck_clock_us();
        if (now >= s->given_us + s->timing.black_us) {
            give_black(s);
        }
        if (now >= deadline || (s->watch_fd >= 0 && s->port->watched(s->port->user, s->watch_fd))) {
            return true;
        }
        wait_for(s, -1, s->watch_fd, CK_MIN(deadline, s->given_us + s->timing.black_us));
    }
    return false;
}

/* False when told to stop. */
static bool reopen(ck_source *s, ck_v4l2_trouble *trouble)
{
    while (!ck_v4l2_stream_is_open(&s->stream)) {
        say_lost(s, trouble);
        if (!wait_for_chance(s)) {
            return false;
        }
        (void)open_stream(s, trouble);
    }
    if (update_size(s)) {
        say_resized(s);
    }
    return true;
}

static void source_body(void *user)
{
    ck_source *s = user;
    ck_v4l2_trouble trouble = {0};
    if (!ck_v4l2_stream_is_open(&s->stream)) {
        (void)open_stream(s, &trouble); /* it was lost before it was stopped */
    }
    while (reopen(s, &trouble)) {
        if (capture(s, &trouble)) {
            break;
        }
        ck_v4l2_stream_close(&s->stream);
        give_black(s);
    }
    ck_v4l2_stream_stop(&s->stream);
}

/* --- the contract -------------------------------------------------------------------------------
 */

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
    status = open_stream(s, &trouble);
    if (status != CHALK_OK) {
        ck_logf(log, CHALK_LOG_WARNING, "camera", "%s", trouble.text);
        goto cleanup;
    }
    (void)update_size(s);
    *out = s;
    return CHALK_OK;

cleanup:
    v4l2_close(&s);
    return status;
}

static int v4l2_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    static const ck_v4l2_timing timing = {3 * CK_US_PER_S, CK_US_PER_S, CK_US_PER_S};
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
    return ck_worker_start(&s->worker, "chalk-camera", source_body, s);
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
