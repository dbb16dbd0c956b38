/* What keys and buttons ask of a view. */
#include "board/inside.h"

#include "chalkrail/asset.h"

#include <math.h>

#define IMAGE_PART 0.6 /* of the view, at most */
#define ZOOM_STEP  1.25

/* --- pages ----------------------------------------------------------------------------------- */

static void add_page(board_view *v)
{
    chalk_board_page here = {.struct_size = sizeof here};
    const chalk_board_background *like = NULL;
    if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, v->state.page_index, &here) == CHALK_OK &&
        here.background.kind < CHALK_GROUND_IMAGE) {
        like = &here.background;
    }
    if (view_acted(v, chalk_board_add_pages(v->session, 1, v->state.page, like, NULL, NULL))) {
        uint32_t next = v->state.page_index + 1;
        board_view_renew(v);
        board_view_go_to(v, next);
    }
    v->acts = 0; /* pages are not undone with what is drawn */
}

static void remove_page(board_view *v)
{
    if (v->state.pages < 2) {
        board_view_say(v, "The last page stays; Ctrl+Delete clears it.");
    } else if (view_acted(v, chalk_board_remove_page(v->session, v->state.page, NULL))) {
        board_view_say(v, "The page is removed.");
    }
    v->acts = 0;
    board_view_renew(v);
}

static void change_ground(board_view *v)
{
    chalk_board_page page = {.struct_size = sizeof page};
    if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, v->state.page_index, &page) < 0) {
        return;
    }
    const chalk_board_background next = {.kind = (page.background.kind + 1) % CHALK_GROUND_IMAGE};
    (void)view_acted(v, chalk_board_set_background(v->session, v->state.page, &next, NULL));
    v->acts = 0;
    board_view_renew(v);
}

static void clear_page(board_view *v)
{
    view_group_begin(v);
    if (view_acted(v, chalk_board_clear(v->session, v->state.page, NULL))) {
        board_view_say(v, "The page is cleared. Ctrl+Z brings it back.");
    }
    view_group_end(v);
    view_select_none(v);
}

static void turn_page(board_view *v, int by)
{
    if ((by < 0 && v->state.page_index == 0) ||
        (by > 0 && v->state.page_index + 1 >= v->state.pages)) {
        board_view_say(v, by < 0 ? "This is the first page."
                                 : "This is the last page. Ctrl+N adds one.");
        return;
    }
    board_view_go_to(v, (uint32_t)((int)v->state.page_index + by));
}

/* --- images ---------------------------------------------------------------------------------- */

/* A picture of the size of its pixels, made smaller where that is more than a part of the view. */
int board_view_put_image(board_view *v, const uint8_t *data, size_t size, const board_pointer *at)
{
    chalk_asset_info info = {.struct_size = sizeof info};
    int status = chalk_asset_identify(data, size, &info, NULL);
    if (status < 0) {
        return status;
    }
    double most_wide = v->wide * IMAGE_PART / v->zoom, most_high = v->high * IMAGE_PART / v->zoom;
    double shrink = fmin(1.0, fmin(most_wide / info.wide, most_high / info.high));
    world_point middle =
        at != NULL ? view_world(v, at->x, at->y) : view_world(v, v->wide / 2.0, v->high / 2.0);
    chalk_board_put_options put;
    chalk_board_put_options_init(&put);
    put.page = v->state.page;
    put.wide = info.wide * shrink;
    put.high = info.high * shrink;
    put.x = middle.x - put.wide / 2;
    put.y = middle.y - put.high / 2;
    status = chalk_board_add_image(v->session, &put, data, size, NULL);
    if (status == CHALK_OK) {
        view_group_begin(v);
        (void)view_acted(v, CHALK_OK); /* it comes when it is uploaded, as one intent */
        view_group_end(v);
        v->state.tool = TOOL_SELECT;
    }
    return status;
}

/* --- commands -------------------------------------------------------------------------------- */

static void choose_tool(board_view *v, enum board_tool tool)
{
    view_text_end(v);
    if (tool != TOOL_SELECT) {
        view_select_none(v);
    }
    v->state.tool = tool;
}

static void choose_width(board_view *v, uint32_t width)
{
    v->state.width = width < BOARD_WIDTHS ? width : BOARD_WIDTHS - 1;
    if (v->selected_count > 0) {
        view_restyle(v, CHALK_STYLE_WIDTH);
    }
}

static bool choose(board_view *v, enum board_command command)
{
    if (command >= COMMAND_TOOL && command < COMMAND_COLOUR) {
        choose_tool(v, (enum board_tool)(command - COMMAND_TOOL));
    } else if (command >= COMMAND_COLOUR && command < COMMAND_WIDTH) {
        v->state.colour = (uint32_t)(command - COMMAND_COLOUR);
        v->text.colour = view_argb(v);
        if (v->selected_count > 0) {
            view_restyle(v, CHALK_STYLE_COLOUR);
        }
    } else if (command >= COMMAND_WIDTH && command < COMMAND_THINNER) {
        choose_width(v, (uint32_t)(command - COMMAND_WIDTH));
    } else if (command == COMMAND_THINNER) {
        choose_width(v, v->state.width > 0 ? v->state.width - 1 : 0);
    } else if (command == COMMAND_THICKER) {
        choose_width(v, v->state.width + 1);
    } else if (command == COMMAND_FILL) {
        v->state.filled = !v->state.filled;
        if (v->selected_count > 0) {
            view_restyle(v, CHALK_STYLE_FILL);
        }
    } else {
        return false;
    }
    v->dirty = true;
    return true;
}

static void select_all(board_view *v)
{
    v->state.tool = TOOL_SELECT;
    v->selected_count = view_list(v, v->selected, SELECTED_MAX, NULL);
    view_select_refresh(v);
}

static bool act(board_view *v, enum board_command command)
{
    switch (command) {
    case COMMAND_UNDO:
    case COMMAND_REDO:
        view_step_back(v, command == COMMAND_REDO);
        return true;
    case COMMAND_DELETE:
        view_delete(v);
        return true;
    case COMMAND_DUPLICATE:
        view_duplicate(v);
        return true;
    case COMMAND_FRONT:
    case COMMAND_BACK:
        view_order(v, command == COMMAND_FRONT);
        return true;
    case COMMAND_SELECT_ALL:
        select_all(v);
        return true;
    case COMMAND_NEXT:
    case COMMAND_PREVIOUS:
        view_select_step(v, command == COMMAND_NEXT ? 1 : -1);
        return true;
    case COMMAND_CLEAR:
        clear_page(v);
        return true;
    default:
        return false;
    }
}

static bool turn(board_view *v, enum board_command command)
{
    switch (command) {
    case COMMAND_PAGE_NEXT:
    case COMMAND_PAGE_PREVIOUS:
        turn_page(v, command == COMMAND_PAGE_NEXT ? 1 : -1);
        return true;
    case COMMAND_PAGE_ADD:
        add_page(v);
        return true;
    case COMMAND_PAGE_REMOVE:
        remove_page(v);
        return true;
    case COMMAND_GROUND:
        change_ground(v);
        return true;
    case COMMAND_LEAD:
        view_lead_toggle(v);
        return true;
    case COMMAND_FOLLOW:
        view_follow_toggle(v);
        return true;
    default:
        return false;
    }
}

bool board_view_do(board_view *v, enum board_command command, bool far)
{
    switch (command) {
    case COMMAND_LEFT:
    case COMMAND_RIGHT:
        view_nudge(v, command == COMMAND_LEFT ? -1 : 1, 0, far);
        return true;
    case COMMAND_UP:
    case COMMAND_DOWN:
        view_nudge(v, 0, command == COMMAND_UP ? -1 : 1, far);
        return true;
    case COMMAND_ZOOM_IN:
    case COMMAND_ZOOM_OUT:
        view_zoom(v, command == COMMAND_ZOOM_IN ? ZOOM_STEP : 1 / ZOOM_STEP, v->wide / 2.0,
                  v->high / 2.0);
        return true;
    case COMMAND_ZOOM_ONE:
        v->zoom = v->scale;
        v->x = v->y = 0;
        view_camera_moved(v, true);
        return true;
    case COMMAND_FIT:
        view_show_all(v);
        return true;
    case COMMAND_ESCAPE:
        view_text_end(v);
        view_select_none(v);
        return true;
    default:
        return choose(v, command) || act(v, command) || turn(v, command);
    }
}
