/*
 * What changed on the screen since the last picture, by the DAMAGE extension: the server keeps the
 * region and says once that it is no longer empty, so a still desktop costs nothing.
 *
 * Without DAMAGE everything counts as changed at each picture (`tracked` is false).
 */
#ifndef CK_PLATFORM_X11_CHANGES_H
#define CK_PLATFORM_X11_CHANGES_H

#include "platform/linux/x11_target.h"
#include "runtime/media/frame.h"

#include <xcb/damage.h>
#include <xcb/xfixes.h>

typedef struct ck_x11_changes {
    xcb_damage_damage_t damage; /* 0: not watching */
    xcb_xfixes_region_t region; /* scratch */
    bool tracked;
    bool reported;        /* the server said that something changed; not yet collected */
    uint64_t reported_us; /* when it said so first */
    /* Collected but not yet in a delivered picture, in the picture's coordinates. */
    bool everything; /* more than fits below, or not known where */
    size_t count;
    chalk_rect rects[CK_DAMAGE_MAX];
} ck_x11_changes;

/* Starts to watch the target; everything counts as changed at first. */
void ck_x11_changes_begin(ck_x11_changes *w, const ck_x11_display *d, const ck_x11_target *target);
void ck_x11_changes_end(ck_x11_changes *w, const ck_x11_display *d);
/* True when the event was about damage. */
bool ck_x11_changes_event(ck_x11_changes *w, const ck_x11_display *d,
                          const xcb_generic_event_t *event, uint64_t now_us);
/* Asks the server what changed and resets it there: changes after this call are reported anew, so a
 * picture fetched after it has at least what was collected. */
void ck_x11_changes_collect(ck_x11_changes *w, const ck_x11_display *d,
                            const ck_x11_target *target);
/* Adds what we changed ourselves (the pointer). Clipped to the picture. */
void ck_x11_changes_add(ck_x11_changes *w, const ck_x11_target *target, chalk_rect rect);
void ck_x11_changes_add_all(ck_x11_changes *w);
bool ck_x11_changes_any(const ck_x11_changes *w);
void ck_x11_changes_clear(ck_x11_changes *w); /* they are in a delivered picture */

#endif
