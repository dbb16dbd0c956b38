/* What commands do on the board, and undoing whole gestures: an eraser that is drawn over ten
 * strokes is ten intents, and one thing to be undone. */
#include "board/inside.h"

#include <stdlib.h>
#include <string.h>

#define COPY_OFF  16.0 /* px of the screen */
#define STEP_NEAR 1.0
#define STEP_FAR  10.0
#define PAN_STEP  80.0

/* --- gestures as one ------------------------------------------------------------------------- */

static void push(uint16_t *list, uint32_t *count, uint32_t value)
{
    if (*count == GROUPS_MAX) {
        memmove(list, list + 1, (GROUPS_MAX - 1) * sizeof *list);
        (*count)--;
    }
    list[(*count)++] = (uint16_t)(value < UINT16_MAX ? value : UINT16_MAX);
}

void view_group_begin(board_view *v)
{
    v->acts = 0;
}

void view_group_end(board_view *v)
{
    if (v->acts > 0) {
        push(v->groups, &v->group_count, v->acts);
        v->undone_count = 0;
        v->acts = 0;
        board_view_renew(v);
    }
}

bool view_acted(board_view *v, int status)
{
    v->acts += status == CHALK_OK;
    v->edits += status == CHALK_OK;
    v->dirty = true;
    if (status == CHALK_ERR_AGAIN) {
        board_view_say(v, "The room is not there yet.");
    } else if (status == CHALK_ERR_LIMIT) {
        board_view_say(v, "Too much waits for the edge: wait a moment.");
    } else if (status < 0 && status != CHALK_ERR_NOT_FOUND) {
        board_view_say(v, "That cannot be done: %s.", chalk_error_text(status));
    }
    return status == CHALK_OK;
}

void view_step_back(board_view *v, bool again)
{
    uint16_t *from = again ? v->undone : v->groups, *to = again ? v->groups : v->undone;
    uint32_t *from_count = again ? &v->undone_count : &v->group_count;
    uint32_t *to_count = again ? &v->group_count : &v->undone_count;
    uint32_t wanted = *from_count > 0 ? from[--*from_count] : 1, done = 0;
    int status = CHALK_OK;
    while (done < wanted && status == CHALK_OK) {
        status = again ? chalk_board_redo(v->session, NULL) : chalk_board_undo(v->session, NULL);
        done += status == CHALK_OK;
    }
    if (done > 0) {
        push(to, to_count, done);
        v->edits++;
    } else if (status == CHALK_ERR_NOT_FOUND) {
        board_view_say(v, again ? "There is nothing to do again." : "There is nothing to undo.");
    } else {
        (void)view_acted(v, status);
    }
    v->acts = 0;
    board_view_renew(v);
}

/* --- objects --------------------------------------------------------------------------------- */

uint32_t view_list(board_view *v, chalk_object_id *ids, uint32_t most, world_box *box)
{
    chalk_board_watch *watch = NULL;
    chalk_board_change change;
    uint32_t count = 0;
    if (chalk_board_watch_create(v->session, CHALK_VIEW_HEAD, v->state.page, &watch) < 0) {
        return 0;
    }
    while (chalk_board_watch_next(watch, &change) == CHALK_OK) {
        if (ids != NULL && count < most) {
            ids[count] = change.object;
        }
        if (box != NULL) {
            const world_box b = {change.left, change.top, change.right, change.bottom};
            box->left = count == 0 || b.left < box->left ? b.left : box->left;
            box->top = count == 0 || b.top < box->top ? b.top : box->top;
            box->right = count == 0 || b.right > box->right ? b.right : box->right;
            box->bottom = count == 0 || b.bottom > box->bottom ? b.bottom : box->bottom;
        }
        count++;
    }
    chalk_board_watch_destroy(&watch);
    return ids != NULL && count > most ? most : count;
}

/* An action takes so many objects; what comes of several is one thing to undo. */
typedef int (*on_some)(board_view *v, const chalk_object_id *ids, uint32_t count);

static void on_selected(board_view *v, on_some act)
{
    if (v->selected_count == 0) {
        board_view_say(v, "Nothing is selected: V selects.");
        return;
    }
    view_group_begin(v);
    bool done = true;
    for (uint32_t i = 0; i < v->selected_count && done; i += CHALK_BOARD_OBJECTS_MAX) {
        uint32_t left = v->selected_count - i;
        done = view_acted(v, act(v, v->selected + i,
                                 left < CHALK_BOARD_OBJECTS_MAX ? left : CHALK_BOARD_OBJECTS_MAX));
    }
    view_group_end(v);
    view_select_refresh(v);
}

static int delete_some(board_view *v, const chalk_object_id *ids, uint32_t count)
{
    return chalk_board_delete(v->session, ids, count, NULL);
}

void view_delete(board_view *v)
{
    on_selected(v, delete_some);
}

static int to_front(board_view *v, const chalk_object_id *ids, uint32_t count)
{
    return chalk_board_order(v->session, ids, count, 1, NULL);
}

static int to_back(board_view *v, const chalk_object_id *ids, uint32_t count)
{
    return chalk_board_order(v->session, ids, count, 0, NULL);
}

void view_order(board_view *v, bool front)
{
    on_selected(v, front ? to_front : to_back);
}

static int restyle(board_view *v, const chalk_object_id *ids, uint32_t count)
{
    return chalk_board_style(v->session, ids, count, v->restyles, view_argb(v),
                             v->state.filled ? view_argb(v) : 0, view_width(v), NULL);
}

void view_restyle(board_view *v, uint32_t mask)
{
    v->restyles = mask;
    on_selected(v, restyle);
}

static int order_of_ids(const void *a, const void *b)
{
    const chalk_object_id *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

/* The copies are what is selected then. Their ids follow those of the originals in order. */
void view_duplicate(board_view *v)
{
    chalk_object_id first = 0;
    double off = COPY_OFF * v->scale / v->zoom;
    uint32_t count =
        v->selected_count < CHALK_BOARD_OBJECTS_MAX ? v->selected_count : CHALK_BOARD_OBJECTS_MAX;
    if (count == 0) {
        board_view_say(v, "Nothing is selected: V selects.");
        return;
    }
    qsort(v->selected, v->selected_count, sizeof *v->selected, order_of_ids);
    view_group_begin(v);
    if (view_acted(v, chalk_board_copy(v->session, v->selected, count, v->state.page, off, off,
                                       &first, NULL))) {
        for (uint32_t i = 0; i < count; i++) {
            v->selected[i] = first + i;
        }
        v->selected_count = count;
    }
    view_group_end(v);
    view_select_refresh(v);
}

void view_nudge(board_view *v, double x, double y, bool far)
{
    double step = far ? STEP_FAR : STEP_NEAR;
    if (v->selected_count == 0) {
        v->x += x * PAN_STEP * v->scale / v->zoom * (far ? 4 : 1);
        v->y += y * PAN_STEP * v->scale / v->zoom * (far ? 4 : 1);
        view_camera_moved(v, true);
        return;
    }
    view_group_begin(v);
    for (uint32_t i = 0; i < v->selected_count; i += CHALK_BOARD_OBJECTS_MAX) {
        uint32_t left = v->selected_count - i;
        (void)view_acted(
            v, chalk_board_move(v->session, v->selected + i,
                                left < CHALK_BOARD_OBJECTS_MAX ? left : CHALK_BOARD_OBJECTS_MAX,
                                x * step, y * step, NULL));
    }
    view_group_end(v);
    view_select_refresh(v);
}
