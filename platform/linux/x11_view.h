/*
 * A connected look at a target: follows its geometry, knows what changed and makes pictures of it.
 * It keeps no time and has no thread; platform/linux/x11_source.c decides when.
 *
 * Thread: one at a time, with SIGPIPE blocked.
 */
#ifndef CK_PLATFORM_X11_VIEW_H
#define CK_PLATFORM_X11_VIEW_H

#include "platform/linux/x11_border.h"
#include "platform/linux/x11_canvas.h"
#include "platform/linux/x11_changes.h"
#include "platform/linux/x11_cursor.h"
#include "platform/linux/x11_mirror.h"
#include "platform/linux/x11_saver.h"

typedef struct ck_x11_view {
    ck_x11_spec spec;
    const ck_log *log;
    bool with_cursor;  /* it is drawn into pictures */
    bool tells_cursor; /* it is told apart from them */
    bool with_border;

    ck_x11_display display;
    ck_x11_target target;
    ck_x11_canvas *canvas;
    ck_x11_changes changes;
    ck_x11_cursor cursor;
    ck_x11_border border;
    ck_x11_mirror mirror;
    ck_x11_saver saver;
    ck_x11_buffer *newest;  /* shown by the last picture; NULL before the first */
    chalk_rect cursor_rect; /* where the pointer is in the last picture; width 0: nowhere */
    bool cursor_moved;      /* since the last picture, where it is drawn */
    bool cursor_news;       /* since it was told */
    bool moved;             /* the window may have: ask where it is */
    bool geometry_stale;    /* find the target anew before the next picture */
    bool hidden;            /* the window is not shown: its last picture stands */
    bool closed;            /* the window is gone for good */
} ck_x11_view;

/* Connects and finds the target. Errors of ck_x11_display_open, ck_x11_target_find and NO_MEMORY;
 * the view is detached then. */
int ck_x11_view_attach(ck_x11_view *v);
void ck_x11_view_detach(ck_x11_view *v);
bool ck_x11_view_attached(const ck_x11_view *v);

/* Takes all events that have come. */
void ck_x11_view_read_events(ck_x11_view *v, uint64_t now_us);
/* True when something can change without an event: ck_x11_view_poll must be called once a picture.
 */
bool ck_x11_view_must_poll(const ck_x11_view *v);
/* Asks where pointer and window are. */
void ck_x11_view_poll(ck_x11_view *v);
/* Brings the target up to date when geometry_stale. CHALK_OK (the size may have changed, or
 * `hidden` may be set), NO_DEVICE: the screen, region or window is gone, NO_DISPLAY, UNSUPPORTED,
 * NO_MEMORY. */
int ck_x11_view_follow(ck_x11_view *v);

/* Keeps the border around what is shared; a window that is not shown has none. */
void ck_x11_view_mark(ck_x11_view *v, uint64_t now_us);

/* True when a picture taken now may differ from the last one. */
bool ck_x11_view_changed(const ck_x11_view *v);
/* A picture of now, damage included. AGAIN: all buffers are held outside, or nothing of the picture
 * changed; NO_DEVICE: the geometry changed under way, follow first; NO_DISPLAY; NO_MEMORY. What
 * changed is kept for the next try. */
int ck_x11_view_picture(ck_x11_view *v, uint64_t capture_us, chalk_video_frame **out);
/* The last picture once more, with almost no damage. BAD_STATE before the first picture. */
int ck_x11_view_repeat(ck_x11_view *v, uint64_t capture_us, chalk_video_frame **out);

#endif
