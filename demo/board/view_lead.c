/* A view that is shared: who leads says where it is, who follows goes there. */
#include "board/inside.h"

#include "chalkrail/class.h"

#include <stdio.h>

#define SAY_US 300000 /* between two words of where one looks: each is an event of the room */

static void say(board_view *v, uint64_t now_us)
{
    world_point middle = view_world(v, v->wide / 2.0, v->high / 2.0);
    if (v->wide > 0 && chalk_board_lead(v->session, v->state.page, middle.x, middle.y,
                                        v->state.zoom, NULL) == CHALK_OK) {
        v->lead_stale = false;
    }
    v->lead_us = now_us;
}

static void follow(board_view *v, const chalk_board_info *info)
{
    chalk_board_page page = {.struct_size = sizeof page};
    for (uint32_t i = 0; info->lead_page != v->state.page && i < info->pages; i++) {
        if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, i, &page) == CHALK_OK &&
            page.number == info->lead_page) {
            v->state.follows = false; /* it is not left by this */
            board_view_go_to(v, i);
        }
    }
    v->state.follows = true;
    if (view_centre(v, info->lead_x, info->lead_y, info->lead_zoom * v->scale)) {
        view_camera_moved(v, false);
    }
}

/* Of the leader; "somebody" who is not known here. */
static void name_leader(board_view *v, chalk_person_id leader)
{
    chalk_room_person person = {.struct_size = sizeof person};
    bool known = chalk_class_get_person(v->session, CHALK_VIEW_HEAD, leader, &person) == CHALK_OK;
    (void)snprintf(v->state.leader, sizeof v->state.leader, "%s", known ? person.name : "somebody");
}

void view_lead_turn(board_view *v, uint64_t now_us)
{
    chalk_board_info info = {.struct_size = sizeof info};
    chalk_room_info room = {.struct_size = sizeof room};
    if (chalk_board_get_info(v->session, CHALK_VIEW_HEAD, &info) < 0 ||
        chalk_room_get_info(v->session, CHALK_VIEW_HEAD, &room) < 0) {
        return;
    }
    bool mine = info.leader != 0 && info.leader == room.me;
    bool others = info.leader != 0 && !mine;
    if (v->leads && others) {
        board_view_say(v, "Another shares a view now.");
    }
    v->leads = v->leads && !others;
    v->state.leader[0] = '\0';
    if (others) {
        name_leader(v, info.leader);
    } else {
        v->follows = true; /* the next one to be shared */
    }
    v->state.follows = others && v->follows;
    if (v->state.follows && v->gesture == GESTURE_NONE) {
        follow(v, &info);
    } else if (v->leads && v->lead_stale && now_us - v->lead_us >= SAY_US) {
        say(v, now_us);
    }
}

uint64_t view_lead_due(const board_view *v)
{
    return v->leads && v->lead_stale ? v->lead_us + SAY_US : UINT64_MAX;
}

void view_lead_toggle(board_view *v)
{
    if (v->leads) {
        v->leads = false;
        (void)view_acted(v, chalk_board_lead(v->session, 0, 0, 0, 1, NULL));
        board_view_say(v, "Your view is shared no more.");
    } else {
        v->leads = v->lead_stale = true;
        v->lead_us = 0;
        board_view_say(v, "All see what you see. Ctrl+L ends that.");
    }
    v->acts = 0;
    v->dirty = true;
}

void view_follow_toggle(board_view *v)
{
    if (v->state.leader[0] == '\0') {
        board_view_say(v, "Nobody shares a view now.");
        return;
    }
    v->follows = !v->state.follows;
    v->state.follows = v->follows;
    board_view_say(v, v->follows ? "You see what %s sees." : "You have left the view of %s.",
                   v->state.leader);
}
