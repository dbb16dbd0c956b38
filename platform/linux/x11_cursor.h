/*
 * The mouse pointer: its shape (fetched when XFIXES says that it changed) and its place (asked as
 * often as it is needed), drawn into the picture, because the server keeps it out of the pixels, or
 * told apart from it.
 */
#ifndef CK_PLATFORM_X11_CURSOR_H
#define CK_PLATFORM_X11_CURSOR_H

#include "platform/linux/x11_target.h"
#include "runtime/media/capture.h"

/* The largest pointer that is drawn, pixels a side; servers give far smaller ones. */
#define CK_X11_CURSOR_SIDE_MAX 256

typedef struct ck_x11_cursor {
    uint32_t *pixels; /* ARGB, colour premultiplied; width * height of them */
    int32_t width;
    int32_t height;
    int32_t hot_x; /* the point of the pointer, from its corner */
    int32_t hot_y;
    int32_t x; /* where that point is on the root */
    int32_t y;
    bool on_screen; /* not on another screen of the display */
    bool shape_stale;
    uint8_t *straight; /* the pixels as they are told; NULL before they were */
    bool blank;        /* nothing of it can be seen */
    chalk_rect told;   /* the size of the picture for which they were */
} ck_x11_cursor;

void ck_x11_cursor_begin(ck_x11_cursor *cursor, const ck_x11_display *d);
void ck_x11_cursor_end(ck_x11_cursor *cursor);
bool ck_x11_cursor_event(ck_x11_cursor *cursor, const ck_x11_display *d,
                         const xcb_generic_event_t *event);
/* Asks the server; true when place or shape differ from the last time. */
bool ck_x11_cursor_update(ck_x11_cursor *cursor, const ck_x11_display *d);
/* Where it covers the picture, in the picture's coordinates and clipped to it; width 0: nowhere. */
chalk_rect ck_x11_cursor_rect(const ck_x11_cursor *cursor, const ck_x11_target *target);
/* Tells it apart from the picture, with its shape when that is new. */
void ck_x11_cursor_tell(ck_x11_cursor *cursor, const ck_x11_target *target,
                        const ck_source_sink *sink);
/* Blends it into pixels B G R x with rows of `stride` bytes; `rect` from ck_x11_cursor_rect. */
void ck_x11_cursor_draw(const ck_x11_cursor *cursor, const ck_x11_target *target, chalk_rect rect,
                        uint8_t *pixels, int32_t stride);

#endif
