/* What changes on a page, for applications that show it with means of their own. */
#include "client/board.h"

#include "base/check.h"
#include "client/room.h"
#include "core/drawing/scene.h"

#include "chalkrail/board_view.h"

struct chalk_board_watch {
    chalk_session *session;
    uint32_t view, page;
    bool looked;
    uint64_t version;  /* of the board that was looked at last */
    const void *state; /* whose it was: to compare, no more */
    ck_scene scene;
};

int chalk_board_watch_create(chalk_session *s, uint32_t view, uint32_t page,
                             chalk_board_watch **out)
{
    bool known = view == CHALK_VIEW_HEAD || view == CHALK_VIEW_PRESENTED;
    if (s == NULL || out == NULL || !known || page == 0 || page > CK_BOARD_PAGE_NUMBER) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    chalk_board_watch *watch = ck_new(&ck_heap, sizeof *watch);
    if (watch == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    watch->session = s;
    watch->view = view;
    watch->page = page;
    ck_scene_init(&watch->scene, &ck_heap);
    *out = watch;
    return CHALK_OK;
}

void chalk_board_watch_destroy(chalk_board_watch **place)
{
    if (*place != NULL) {
        ck_scene_free(&(*place)->scene);
        ck_free(&ck_heap, *place);
        *place = NULL;
    }
}

/* Looks, if there may be something new. */
static int look(chalk_board_watch *watch, ck_client_room *room)
{
    const void *state = ck_client_room_state(room, watch->view);
    uint64_t version = ck_client_board_version(room, watch->view);
    if (watch->looked && state == watch->state && version == watch->version) {
        return CHALK_ERR_AGAIN;
    }
    int status = ck_scene_look(&watch->scene, ck_client_board_of(room, watch->view), watch->page);
    watch->looked = status == CHALK_OK;
    watch->state = state;
    watch->version = version;
    return status;
}

static double least(int32_t a, int32_t b)
{
    return CK_MIN(a, b) / 64.0;
}

static double most(int32_t a, int32_t b)
{
    return CK_MAX(a, b) / 64.0;
}

int chalk_board_watch_next(chalk_board_watch *watch, chalk_board_change *out)
{
    ck_client_room *room;
    ck_scene_change change;
    if (watch == NULL || out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    bool found = ck_scene_next(&watch->scene, &change);
    if (!found) {
        int status = ck_client_room_take(watch->session, false, &room);
        if (status < 0) {
            return status;
        }
        status = look(watch, room);
        ck_client_room_give(watch->session, room, false);
        if (status < 0) {
            return status;
        }
        found = ck_scene_next(&watch->scene, &change);
    }
    if (!found) {
        return CHALK_ERR_AGAIN;
    }
    const ck_board_box was = change.what == CK_SCENE_ADDED ? change.box : change.before;
    const ck_board_box is = change.what == CK_SCENE_REMOVED ? change.before : change.box;
    *out = (chalk_board_change){
        .what = (uint32_t)change.what,
        .object = change.id,
        .left = least(was.left, is.left),
        .top = least(was.top, is.top),
        .right = most(was.right, is.right),
        .bottom = most(was.bottom, is.bottom),
    };
    return CHALK_OK;
}
