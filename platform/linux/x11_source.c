/*
 * The screen and the window source: when pictures of a view are taken and what is said about it.
 *
 * A picture is taken as soon as something changed, at most `fps` a second, and a few milliseconds
 * after the first change so that a program that draws in several steps is not caught half-way. When
 * nothing changes the last picture is given once a second, so that who joins late sees one; also
 * while the session is locked. While the display is lost nothing is given: what was seen last
 * stands.
 *
 * Thread: open, start, stop and close belong to one owner. Between start and stop the view belongs
 * to the source's thread; `width` and `height` are atomic because size may be asked at any time.
 */
#include "platform/linux/x11.h"

#include "platform/linux/sigpipe.h"
#include "platform/linux/x11_view.h"
#include "platform/options.h"
#include "platform/worker.h"

#include "base/check.h"
#include "base/time.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define SETTLE_US    (4 * CK_US_PER_MS)
#define REPEAT_US    CK_US_PER_S
#define RECONNECT_US CK_US_PER_S
/* A pointer that has not moved for the first is asked for its place each second one: each question
 * wakes both the server and us, which is most of what a still screen costs. */
#define POINTER_RESTS_US CK_US_PER_S
#define POINTER_LOOK_US  (200 * CK_US_PER_MS)
/* One that is told apart costs no picture, so it is looked for as often as it is shown. */
#define POINTER_TOLD_US 16667
#define POINTER_FIND_US (100 * CK_US_PER_MS)
#define HIDDEN_US       (100 * CK_US_PER_MS) /* a window that is closed is hidden first */

struct ck_source {
    ck_x11_view view;
    ck_worker worker;
    ck_source_sink sink;
    int wake_fd; /* eventfd: tells the thread's poll(2) to look at the worker */
    uint64_t period_us;
    uint64_t allowed_us; /* no picture before */
    uint64_t given_us;   /* the last picture, repeated ones included */
    uint64_t polled_us;  /* the last look at what sends no events */
    uint64_t moved_us;   /* when that found something */
    uint64_t shown_us;   /* the last look at which the window was not hidden */
    bool told_hidden;
    bool told_locked;
    atomic_int width;
    atomic_int height;
};

static void say(ck_source *s, int what, int status, const char *text)
{
    s->sink.notice(s->sink.user, what, status, text);
}

static void say_resized(ck_source *s)
{
    char text[64];
    snprintf(text, sizeof text, "the picture is now %d x %d", atomic_load(&s->width),
             atomic_load(&s->height));
    say(s, CK_SOURCE_RESIZED, CHALK_OK, text);
}

/* Takes over the view's size; true when it is another. */
static bool update_size(ck_source *s)
{
    int width = s->view.target.area.width;
    int height = s->view.target.area.height;
    bool changed = width != atomic_load(&s->width) || height != atomic_load(&s->height);
    atomic_store(&s->width, width);
    atomic_store(&s->height, height);
    return changed;
}

static void give(ck_source *s, chalk_video_frame *frame, uint64_t now)
{
    s->given_us = now;
    s->sink.video(s->sink.user, frame);
}

/* Keeps the average rate when pictures are taken a little late, without two in quick succession. */
static void pace(ck_source *s, uint64_t now)
{
    bool in_time = now < s->allowed_us + s->period_us;
    s->allowed_us = (in_time ? s->allowed_us : now) + s->period_us;
}

static int take_picture(ck_source *s, uint64_t now)
{
    chalk_video_frame *frame = NULL;
    int status = ck_x11_view_picture(&s->view, now, &frame);
    pace(s, now);
    if (status == CHALK_OK) {
        give(s, frame, now);
    }
    return status == CHALK_ERR_NO_DISPLAY ? status : CHALK_OK;
}

static void repeat_picture(ck_source *s, uint64_t now)
{
    chalk_video_frame *frame = NULL;
    s->given_us = now;
    if (ck_x11_view_repeat(&s->view, now, &frame) == CHALK_OK) {
        give(s, frame, now);
    }
}

static uint64_t picture_deadline(const ck_source *s)
{
    if (!ck_x11_view_changed(&s->view)) {
        return CK_NEVER;
    }
    uint64_t settled = 0;
    if (s->view.changes.reported) {
        settled = s->view.changes.reported_us + SETTLE_US;
    }
    return CK_MAX(settled, s->allowed_us);
}

static uint64_t poll_deadline(const ck_source *s)
{
    if (!ck_x11_view_must_poll(&s->view)) {
        return CK_NEVER;
    }
    bool told = s->view.tells_cursor;
    uint64_t period_us = told ? CK_MIN(s->period_us, POINTER_TOLD_US) : s->period_us;
    bool rests = s->view.changes.tracked && s->polled_us - s->moved_us >= POINTER_RESTS_US;
    uint64_t look_us = told ? POINTER_FIND_US : POINTER_LOOK_US;
    return s->polled_us + (rests ? CK_MAX(s->period_us, look_us) : period_us);
}

/* Sleeps until the deadline, an event of the server, or the order to stop. */
static void wait_for(const ck_source *s, uint64_t deadline_us)
{
    uint64_t now = ck_clock_us();
    if (deadline_us <= now) {
        return;
    }
    xcb_connection_t *connection = s->view.display.connection;
    xcb_flush(connection);
    struct pollfd fds[] = {{xcb_get_file_descriptor(connection), POLLIN, 0},
                           {s->wake_fd, POLLIN, 0}};
    /* Rounded up, or the last fraction of a millisecond would be spent spinning. */
    uint64_t ms = (deadline_us - now + CK_US_PER_MS - 1) / CK_US_PER_MS;
    (void)poll(fds, CK_COUNT_OF(fds), (int)CK_MIN(ms, (uint64_t)1000));
}

static uint64_t hidden_deadline(const ck_source *s)
{
    bool due = s->view.hidden && !s->told_hidden;
    return due ? s->shown_us + HIDDEN_US : CK_NEVER;
}

static void say_hidden(ck_source *s, uint64_t now)
{
    s->shown_us = s->view.hidden ? s->shown_us : now;
    if (s->view.hidden == s->told_hidden || (s->view.hidden && now < hidden_deadline(s))) {
        return;
    }
    s->told_hidden = s->view.hidden;
    if (s->told_hidden) {
        say(s, CK_SOURCE_HIDDEN, CHALK_OK, "the window is minimised");
    } else {
        ck_x11_changes_add_all(&s->view.changes);
        say(s, CK_SOURCE_RECOVERED, CHALK_OK, "the window is shown again");
    }
}

/* Under a window that is hidden, or a locked session, the pointer is somewhere else. */
static void tell_pointer(ck_source *s)
{
    if (s->view.tells_cursor && s->view.cursor_news && !s->view.hidden && !s->view.saver.locked) {
        s->view.cursor_news = false;
        ck_x11_cursor_tell(&s->view.cursor, &s->view.target, &s->sink);
    }
}

static void say_locked(ck_source *s)
{
    if (s->view.saver.locked == s->told_locked) {
        return;
    }
    s->told_locked = s->view.saver.locked;
    if (s->told_locked) {
        say(s, CK_SOURCE_LOST, CHALK_ERR_NO_PERMISSION, "the session is locked");
    } else {
        ck_x11_changes_add_all(&s->view.changes);
        say(s, CK_SOURCE_RECOVERED, CHALK_OK, "the session is unlocked");
    }
}

static void look_for_mirror(ck_source *s, uint64_t now)
{
    if (ck_x11_mirror_look(&s->view.mirror, &s->view.display, &s->view.target, now)) {
        say(s, CK_SOURCE_MIRRORED, CHALK_OK,
            "a window of this program is in the picture: viewers may see themselves");
    }
}

/* Does what is due. A negative status: the view is of no use any more. */
static int turn(ck_source *s)
{
    uint64_t now = ck_clock_us();
    if (now >= poll_deadline(s)) {
        s->polled_us = now;
        ck_x11_view_poll(&s->view);
        bool moved = s->view.cursor_moved || s->view.cursor_news;
        s->moved_us = moved ? now : CK_MIN(s->moved_us, now);
    }
    ck_x11_view_read_events(&s->view, now);
    if (ck_x11_display_gone(&s->view.display)) {
        return CHALK_ERR_NO_DISPLAY;
    }
    int status = ck_x11_view_follow(&s->view);
    if (status != CHALK_OK) {
        return status;
    }
    if (update_size(s)) {
        say_resized(s);
    }
    say_hidden(s, now);
    tell_pointer(s);
    say_locked(s);
    ck_x11_view_mark(&s->view, now);
    look_for_mirror(s, now);
    if (now >= picture_deadline(s)) {
        return take_picture(s, now);
    }
    if (now >= s->given_us + REPEAT_US && s->view.hidden) {
        s->given_us = now; /* it would seem to be there */
    } else if (now >= s->given_us + REPEAT_US) {
        repeat_picture(s, now);
    }
    return CHALK_OK;
}

/* Returns when told to stop (CHALK_OK) or when the view is of no use any more (why). */
static int capture(ck_source *s)
{
    while (!ck_worker_stopping(&s->worker)) {
        int status = turn(s);
        if (status != CHALK_OK) {
            return status;
        }
        /* Answers read during the turn may have brought events that poll(2) does not see. */
        ck_x11_view_read_events(&s->view, ck_clock_us());
        if (s->view.geometry_stale || s->view.closed) {
            continue;
        }
        uint64_t deadline = CK_MIN(picture_deadline(s), poll_deadline(s));
        deadline = CK_MIN(deadline, hidden_deadline(s));
        deadline = CK_MIN(deadline, ck_x11_mirror_deadline(&s->view.mirror));
        wait_for(s, CK_MIN(deadline, s->given_us + REPEAT_US));
    }
    return CHALK_OK;
}

/* Waits until the display (or the monitor) is there again. False when told to stop, or
 * when the window did not survive. */
static bool wait_until_back(ck_source *s)
{
    uint64_t next = ck_clock_us();
    do {
        next = CK_MAX(next + RECONNECT_US, ck_clock_us());
        if (!ck_worker_sleep_until(&s->worker, next)) {
            return false;
        }
        int status = ck_x11_view_attach(&s->view);
        if (status == CHALK_ERR_NO_DEVICE && s->view.spec.kind == CHALK_SOURCE_WINDOW) {
            say(s, CK_SOURCE_ENDED, status, "the window went away with its display");
            return false;
        }
    } while (!ck_x11_view_attached(&s->view));
    say(s, CK_SOURCE_RECOVERED, CHALK_OK, "the screen is back");
    if (update_size(s)) {
        say_resized(s);
    }
    return true;
}

static const char *reason(int status)
{
    return status == CHALK_ERR_NO_DISPLAY  ? "the display server went away"
           : status == CHALK_ERR_NO_DEVICE ? "this part of the screen is gone"
                                           : chalk_error_text(status);
}

static void source_body(void *user)
{
    ck_source *s = user;
    ck_sigpipe masked;
    ck_sigpipe_block(&masked);
    for (;;) {
        int status = ck_x11_view_attached(&s->view) ? capture(s) : CHALK_ERR_NO_DISPLAY;
        if (status == CHALK_OK) {
            return; /* told to stop */
        }
        if (s->view.closed) {
            say(s, CK_SOURCE_ENDED, CHALK_ERR_END, "the window was closed");
            return;
        }
        ck_x11_view_detach(&s->view);
        s->told_hidden = false;
        s->told_locked = false;
        say(s, CK_SOURCE_LOST, status, reason(status));
        if (!wait_until_back(s)) {
            return;
        }
    }
}

static void x11_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    ck_sigpipe masked;
    ck_sigpipe_block(&masked);
    ck_x11_view_detach(&s->view);
    ck_sigpipe_restore(&masked);
    close(s->wake_fd);
    ck_worker_free(&s->worker);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int attach_guarded(ck_x11_view *view)
{
    ck_sigpipe masked;
    ck_sigpipe_block(&masked);
    int status = ck_x11_view_attach(view);
    ck_sigpipe_restore(&masked);
    return status;
}

static int x11_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    uint32_t fps = 0;
    int status = ck_options_fps(options, &fps);
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
    s->view.log = log;
    s->view.with_cursor = (options->cursor & CHALK_CURSOR_VIDEO) != 0;
    s->view.tells_cursor = (options->cursor & CHALK_CURSOR_LANE) != 0;
    s->view.with_border = options->border != 0;
    s->period_us = CK_US_PER_S / fps;
    s->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (s->wake_fd < 0) {
        status = CHALK_ERR_LIMIT;
        goto cleanup;
    }
    status = ck_x11_spec_parse(options, &s->view.spec);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    status = attach_guarded(&s->view);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    (void)update_size(s);
    *out = s;
    return CHALK_OK;

cleanup:
    x11_close(&s);
    return status;
}

static int x11_size(ck_source *s, int32_t *width, int32_t *height)
{
    *width = atomic_load(&s->width);
    *height = atomic_load(&s->height);
    return CHALK_OK;
}

static int x11_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
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
    s->polled_us = 0;
    s->given_us = ck_clock_us();
    /* What happened since the source was opened, or while it rested, was not followed. */
    s->view.geometry_stale = true;
    s->view.cursor.told = (chalk_rect){0};
    s->view.cursor_news = true;
    ck_x11_changes_add_all(&s->view.changes);
    return ck_worker_start(&s->worker, "chalk-x11", source_body, s);
}

static void x11_stop(ck_source *s)
{
    const uint64_t one = 1;
    (void)!write(s->wake_fd, &one, sizeof one);
    ck_worker_stop(&s->worker);
}

static void x11_stop_and_close(ck_source **source)
{
    if (*source != NULL) {
        x11_stop(*source);
    }
    x11_close(source);
}

const ck_source_backend ck_x11_screen = {
    .name = "x11-screen",
    .kind = CHALK_SOURCE_SCREEN,
    .media = 1u << CHALK_MEDIA_VIDEO,
    .open = x11_open,
    .size = x11_size,
    .start = x11_start,
    .stop = x11_stop,
    .close = x11_stop_and_close,
};

const ck_source_backend ck_x11_window = {
    .name = "x11-window",
    .kind = CHALK_SOURCE_WINDOW,
    .media = 1u << CHALK_MEDIA_VIDEO,
    .open = x11_open,
    .size = x11_size,
    .start = x11_start,
    .stop = x11_stop,
    .close = x11_stop_and_close,
};
