/*
 * The thread of the camera source: takes pictures from a stream, and says what is the matter.
 *
 * A camera that is unplugged, taken by another program, or silent is LOST: black takes its place,
 * and it is tried again each second and whenever a node appears. It counts as back with its first
 * good picture. The reason may change meanwhile (unplugged, then busy), which is said again.
 */
#include "platform/linux/v4l2_inside.h"

#include "base/check.h"
#include "base/time.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

/* After a descriptor was flagged and its driver still had nothing to say. */
#define FLAGGED_MS 5

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

bool ck_v4l2_update_size(ck_source *s)
{
    const chalk_camera_mode *mode = &s->stream.shape.mode;
    bool changed = mode->width != atomic_load(&s->width) || mode->height != atomic_load(&s->height);
    atomic_store(&s->width, mode->width);
    atomic_store(&s->height, mode->height);
    s->color = s->stream.shape.color;
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

int ck_v4l2_open_stream(ck_source *s, ck_v4l2_trouble *trouble)
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
    frame->info.color = s->color;
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
    int ready = poll(fds, CK_COUNT_OF(fds), (int)CK_MIN(ms, (uint64_t)1000));
    /* The driver's answer to the next call says what is wrong. One that then says "nothing yet"
     * would be asked without a pause. */
    if (ready > 0 && (fds[1].revents & (POLLERR | POLLHUP)) != 0) {
        (void)poll(fds, 1, FLAGGED_MS);
    }
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
        (void)ck_v4l2_open_stream(s, trouble);
    }
    if (ck_v4l2_update_size(s)) {
        say_resized(s);
    }
    return true;
}

void ck_v4l2_run(void *source)
{
    ck_source *s = source;
    ck_v4l2_trouble trouble = {0};
    if (!ck_v4l2_stream_is_open(&s->stream)) {
        (void)ck_v4l2_open_stream(s, &trouble); /* it was lost before it was stopped */
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
