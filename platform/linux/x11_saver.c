#include "platform/linux/x11_saver.h"

#include <stdlib.h>
#include <xcb/screensaver.h>

void ck_x11_saver_begin(ck_x11_saver *saver, const ck_x11_display *d)
{
    xcb_connection_t *c = d->connection;
    *saver = (ck_x11_saver){0};
    const xcb_query_extension_reply_t *extension = xcb_get_extension_data(c, &xcb_screensaver_id);
    if (extension == NULL || !extension->present) {
        return;
    }
    saver->event = (uint8_t)(extension->first_event + XCB_SCREENSAVER_NOTIFY);
    xcb_screensaver_select_input(c, d->screen->root, XCB_SCREENSAVER_EVENT_NOTIFY_MASK);
    xcb_screensaver_query_info_reply_t *info =
        xcb_screensaver_query_info_reply(c, xcb_screensaver_query_info(c, d->screen->root), NULL);
    saver->locked = info != NULL && info->state == XCB_SCREENSAVER_STATE_ON &&
                    info->kind == XCB_SCREENSAVER_KIND_EXTERNAL;
    free(info);
}

bool ck_x11_saver_event(ck_x11_saver *saver, const xcb_generic_event_t *event)
{
    if (saver->event == 0 || (event->response_type & 0x7f) != saver->event) {
        return false;
    }
    const xcb_screensaver_notify_event_t *told = (const xcb_screensaver_notify_event_t *)event;
    bool meant = told->forced != 0 || told->kind == XCB_SCREENSAVER_KIND_EXTERNAL;
    if (told->state != XCB_SCREENSAVER_STATE_CYCLE) {
        saver->locked = told->state == XCB_SCREENSAVER_STATE_ON && meant;
    }
    return true;
}
