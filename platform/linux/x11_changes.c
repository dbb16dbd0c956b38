#include "platform/linux/x11_changes.h"

#include "base/check.h"

#include <stdlib.h>

void ck_x11_changes_begin(ck_x11_changes *w, const ck_x11_display *d, const ck_x11_target *target)
{
    *w = (ck_x11_changes){.tracked = d->has_damage, .everything = true};
    if (d->has_damage) {
        w->damage = xcb_generate_id(d->connection);
        w->region = xcb_generate_id(d->connection);
        xcb_damage_create(d->connection, w->damage, target->watched,
                          XCB_DAMAGE_REPORT_LEVEL_NON_EMPTY);
        xcb_xfixes_create_region(d->connection, w->region, 0, NULL);
    }
}

void ck_x11_changes_end(ck_x11_changes *w, const ck_x11_display *d)
{
    if (w->damage != 0 && d->connection != NULL) {
        xcb_damage_destroy(d->connection, w->damage);
        xcb_xfixes_destroy_region(d->connection, w->region);
    }
    *w = (ck_x11_changes){0};
}

bool ck_x11_changes_event(ck_x11_changes *w, const ck_x11_display *d,
                          const xcb_generic_event_t *event, uint64_t now_us)
{
    if (!d->has_damage || (event->response_type & 0x7f) != d->damage_event + XCB_DAMAGE_NOTIFY) {
        return false;
    }
    const xcb_damage_notify_event_t *notify = (const xcb_damage_notify_event_t *)event;
    if (notify->damage == w->damage && !w->reported) {
        w->reported = true;
        w->reported_us = now_us;
    }
    return true;
}

void ck_x11_changes_add_all(ck_x11_changes *w)
{
    w->everything = true;
    w->count = 0;
}

void ck_x11_changes_add(ck_x11_changes *w, const ck_x11_target *target, chalk_rect rect)
{
    int32_t left = CK_MAX(rect.x, 0);
    int32_t top = CK_MAX(rect.y, 0);
    int32_t right = CK_MIN(rect.x + rect.width, target->area.width);
    int32_t bottom = CK_MIN(rect.y + rect.height, target->area.height);
    if (left >= right || top >= bottom || w->everything) {
        return;
    }
    if (w->count == CK_DAMAGE_MAX) {
        ck_x11_changes_add_all(w);
        return;
    }
    w->rects[w->count++] = (chalk_rect){left, top, right - left, bottom - top};
}

static void add_server_rect(ck_x11_changes *w, const ck_x11_target *target, xcb_rectangle_t r)
{
    const chalk_rect moved = {r.x - target->watched_x, r.y - target->watched_y, r.width, r.height};
    ck_x11_changes_add(w, target, moved);
}

void ck_x11_changes_collect(ck_x11_changes *w, const ck_x11_display *d, const ck_x11_target *target)
{
    if (!w->tracked) {
        ck_x11_changes_add_all(w);
        return;
    }
    if (!w->reported) {
        return;
    }
    w->reported = false;
    xcb_damage_subtract(d->connection, w->damage, XCB_NONE, w->region);
    xcb_xfixes_fetch_region_reply_t *reply = xcb_xfixes_fetch_region_reply(
        d->connection, xcb_xfixes_fetch_region(d->connection, w->region), NULL);
    if (reply == NULL) {
        ck_x11_changes_add_all(w);
        return;
    }
    const xcb_rectangle_t *rects = xcb_xfixes_fetch_region_rectangles(reply);
    int count = xcb_xfixes_fetch_region_rectangles_length(reply);
    if (w->count + (size_t)count > CK_DAMAGE_MAX) {
        add_server_rect(w, target, reply->extents);
        count = 0;
    }
    for (int i = 0; i < count; i++) {
        add_server_rect(w, target, rects[i]);
    }
    free(reply);
}

bool ck_x11_changes_any(const ck_x11_changes *w)
{
    return w->everything || w->count > 0;
}

void ck_x11_changes_clear(ck_x11_changes *w)
{
    w->everything = false;
    w->count = 0;
}
