/* What the application wants done with pages, and who sees what of them. */
#include "client/board_action.h"

#include "base/check.h"

#include <string.h>

/* --- pages ----------------------------------------------------------------------------------- */

static int do_page(chalk_session *s, uint64_t code, uint32_t page, uint32_t after,
                   chalk_intent_id *intent)
{
    ck_client_action a = ck_client_action_begin(code);
    a.op.page = page;
    a.op.after = after;
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_clear(chalk_session *s, uint32_t page, chalk_intent_id *intent)
{
    return do_page(s, CK_BOARD_CLEAR, page, 0, intent);
}

int chalk_board_remove_page(chalk_session *s, uint32_t page, chalk_intent_id *intent)
{
    return do_page(s, CK_BOARD_REMOVE, page, 0, intent);
}

int chalk_board_place_page(chalk_session *s, uint32_t page, uint32_t after, chalk_intent_id *intent)
{
    return do_page(s, CK_BOARD_PLACE, page, after, intent);
}

static void set_ground(ck_client_action *a, const chalk_board_background *background)
{
    a->op.background.kind = background->kind;
    a->op.background.deck_page = background->deck_page;
    memcpy(a->op.background.hash, background->hash, CK_BOARD_HASH);
}

int chalk_board_set_background(chalk_session *s, uint32_t page,
                               const chalk_board_background *background, chalk_intent_id *intent)
{
    if (background == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_action a = ck_client_action_begin(CK_BOARD_BACKGROUND);
    a.op.page = page;
    set_ground(&a, background);
    return ck_client_action_finish(s, &a, NULL, intent);
}

uint32_t ck_client_board_next_page(ck_client_room *room)
{
    const ck_board *board = ck_client_board_of(room, CHALK_VIEW_HEAD);
    uint32_t highest = 0;
    uint16_t number;
    for (uint32_t i = 0; (number = ck_board_page_at(board, i)) != 0; i++) {
        highest = CK_MAX(highest, number);
    }
    return highest + 1;
}

int chalk_board_add_pages(chalk_session *s, uint32_t count, uint32_t after,
                          const chalk_board_background *background, uint32_t *first,
                          chalk_intent_id *intent)
{
    ck_client_room *room;
    ck_client_action a = ck_client_action_begin(CK_BOARD_PAGES);
    if (background != NULL) {
        set_ground(&a, background);
    }
    int status = ck_client_action_take(s, &a, &room);
    if (status < 0) {
        return status;
    }
    a.op.first = ck_client_board_next_page(room);
    a.op.count = count;
    a.op.after = after;
    status = ck_client_action_intend(room, &a, NULL, intent);
    ck_client_room_give(s, room, true);
    if (status == CHALK_OK && first != NULL) {
        *first = (uint32_t)a.op.first;
    }
    return status;
}

int chalk_board_set_access(chalk_session *s, uint32_t page, uint32_t access,
                           const chalk_person_id *people, uint32_t count, chalk_intent_id *intent)
{
    if (count > CK_BOARD_NAMED || (people == NULL && count > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_action a = ck_client_action_begin(CK_BOARD_ACCESS);
    a.op.page = page;
    a.op.access = access;
    if (count > 0) {
        ck_client_action_put_ids(&a, people, count);
    }
    return ck_client_action_finish(s, &a, NULL, intent);
}

/* --- views and pointers ---------------------------------------------------------------------- */

int chalk_board_lead(chalk_session *s, uint32_t page, double x, double y, double zoom,
                     chalk_intent_id *intent)
{
    ck_client_action a = ck_client_action_begin(CK_BOARD_VIEW);
    a.op.page = page;
    a.op.x = ck_client_action_units(&a, x);
    a.op.y = ck_client_action_units(&a, y);
    a.op.zoom = (uint64_t)CK_MAX(ck_client_action_factor(&a, zoom), 0);
    return ck_client_action_finish(s, &a, NULL, intent);
}

enum spot_key { SPOT_POINTER = 0, SPOT_LASER = 1 };

int chalk_board_point_at(chalk_session *s, const chalk_board_pointer *pointer)
{
    ck_buf data;
    int64_t x, y;
    if (pointer == NULL || pointer->laser > 1 || pointer->page > CK_BOARD_PAGE_NUMBER ||
        !ck_client_board_units(pointer->x, &x) || !ck_client_board_units(pointer->y, &y)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_buf_init(&data, &ck_heap, CHALK_ROOM_SHOW_MAX);
    ck_wire_put_varint(&data, pointer->page);
    ck_board_put_signed(&data, x);
    ck_board_put_signed(&data, y);
    int status = ck_buf_status(&data);
    if (status == CHALK_OK) {
        status = chalk_room_show(s, pointer->laser != 0 ? SPOT_LASER : SPOT_POINTER, data.data,
                                 data.size);
    }
    ck_buf_free(&data);
    return status;
}

int chalk_board_read_pointer(const chalk_room_event *event, chalk_board_pointer *pointer)
{
    if (event == NULL || pointer == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (event->kind != CHALK_ROOM_EVENT_SHOWN || event->value > SPOT_LASER) {
        return CHALK_ERR_NOT_FOUND;
    }
    ck_reader in = ck_reader_of(event->data, event->data_size);
    uint64_t page = ck_wire_get_varint(&in);
    int64_t x = ck_board_get_signed(&in), y = ck_board_get_signed(&in);
    bool there = x >= -CK_BOARD_COORD_MAX && x <= CK_BOARD_COORD_MAX && y >= -CK_BOARD_COORD_MAX &&
                 y <= CK_BOARD_COORD_MAX && page <= CK_BOARD_PAGE_NUMBER;
    if (in.failed || ck_reader_left(&in) > 0 || !there) {
        return CHALK_ERR_BAD_DATA;
    }
    *pointer = (chalk_board_pointer){(uint32_t)page, (uint32_t)event->value, (double)x / 64.0,
                                     (double)y / 64.0};
    return CHALK_OK;
}
