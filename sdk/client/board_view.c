/* A board as it stands: pages, objects, what is where. */
#include "client/board.h"

#include "base/check.h"
#include "client/room.h"
#include "core/board/index.h"

#include "chalkrail/board_view.h"

#include <math.h>
#include <string.h>

/* --- views ----------------------------------------------------------------------------------- */

const ck_board *ck_client_board_of(ck_client_room *room, uint32_t view)
{
    const ck_room *state = ck_client_room_state(room, view);
    return state == NULL             ? NULL
           : view == CHALK_VIEW_HEAD ? ck_drawing_look(&room->board.drawing, room->replica)
                                     : &state->board;
}

uint64_t ck_client_board_version(const ck_client_room *room, uint32_t view)
{
    const ck_room *state = ck_client_room_state(room, view);
    uint64_t version = (state->number << 20) + state->board.changes;
    const ck_event *pending = NULL;
    for (uint32_t i = 0;
         view == CHALK_VIEW_HEAD && (pending = ck_replica_pending(room->replica, i)) != NULL; i++) {
        version = version * 31 + pending->counter;
    }
    return version;
}

/* Takes the room to look at the board of a view. */
static int look(chalk_session *s, uint32_t view, ck_client_room **room, const ck_board **board)
{
    const ck_room *state;
    *board = NULL;
    int status = ck_client_room_look(s, view, room, &state);
    if (status < 0) {
        return status;
    }
    *board = ck_client_board_of(*room, view);
    return CHALK_OK;
}

/* The same for an object; NOT_FOUND. */
static int find(chalk_session *s, uint32_t view, chalk_object_id id, ck_client_room **room,
                const ck_board_object **object)
{
    const ck_board *board;
    int status = look(s, view, room, &board);
    if (status < 0) {
        return status;
    }
    *object = ck_board_find(board, id);
    if (*object == NULL || !ck_board_is_there(board, *object)) {
        ck_client_room_give(s, *room, false);
        return CHALK_ERR_NOT_FOUND;
    }
    return CHALK_OK;
}

/* --- the board as a whole -------------------------------------------------------------------- */

int chalk_board_get_info(chalk_session *s, uint32_t view, chalk_board_info *info)
{
    ck_client_room *room;
    const ck_board *board;
    if (info == NULL || !CK_KNOWN_SIZE(info)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = look(s, view, &room, &board);
    if (status < 0) {
        return status;
    }
    uint64_t me = ck_replica_me(room->replica);
    *info = (chalk_board_info){
        .struct_size = info->struct_size,
        .undoable = ck_board_undoable(board, me) != 0,
        .redoable = ck_board_redoable(board, me) != 0,
        .leader = board->view.leader,
        .lead_page = board->view.page,
        .lead_x = board->view.x / 64.0,
        .lead_y = board->view.y / 64.0,
        .lead_zoom = board->view.zoom / (double)CK_BOARD_SCALE_ONE,
    };
    while (ck_board_page_at(board, info->pages) != 0) {
        info->pages++;
    }
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

bool ck_client_board_is_open(ck_client_room *room, const ck_board *board, uint64_t page)
{
    ck_person me;
    const ck_board_page *p = ck_board_find_page(board, page);
    bool known = ck_replica_look(room->replica, ck_replica_me(room->replica), &me);
    return (known && ck_role_is_staff(me.role)) || (p != NULL && (p->access & CK_BOARD_OPEN) != 0);
}

static bool may_draw(const ck_client_room *room, const ck_board *board, uint64_t page)
{
    ck_person me;
    const ck_room *head = ck_replica_head(room->replica);
    if (!ck_replica_look(room->replica, ck_replica_me(room->replica), &me)) {
        return false;
    }
    const ck_board_who who = {me.id, ck_role_is_staff(me.role),
                              (ck_room_rights(head, &me) & CK_RIGHT_DRAW) != 0};
    return ck_board_may_draw(board, &who, page);
}

int chalk_board_get_page(chalk_session *s, uint32_t view, uint32_t index, chalk_board_page *out)
{
    ck_client_room *room;
    const ck_board *board;
    if (out == NULL || !CK_KNOWN_SIZE(out)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = look(s, view, &room, &board);
    if (status < 0) {
        return status;
    }
    const uint16_t number = ck_board_page_at(board, index);
    const ck_board_page *page = number != 0 ? ck_board_find_page(board, number) : NULL;
    status = number != 0 ? CHALK_OK : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK) {
        *out = (chalk_board_page){.struct_size = out->struct_size,
                                  .number = number,
                                  .may_draw = may_draw(room, board, number)};
    }
    if (page != NULL) { /* page 1 takes no memory before something is on it */
        out->access = page->access;
        out->named_count = page->named_count;
        memcpy(out->named, page->named, page->named_count * sizeof *page->named);
        out->background.kind = (uint32_t)page->background.kind;
        out->background.deck_page = (uint32_t)page->background.deck_page;
        memcpy(out->background.hash, page->background.hash, CK_BOARD_HASH);
    }
    ck_client_room_give(s, room, false);
    return status;
}

/* --- objects --------------------------------------------------------------------------------- */

static double scale_of(int32_t scale)
{
    return scale / (double)CK_BOARD_SCALE_ONE;
}

static void fill_place(const ck_board_object *o, const ck_board_body *body, chalk_board_object *out)
{
    int32_t ax = o->x, ay = o->y, bx, by;
    if (o->kind == CK_BOARD_LINE || o->kind == CK_BOARD_ARROW) {
        ck_board_place_point(o, body->x, body->y, &bx, &by);
    } else {
        int32_t cx, cy, dx, dy;
        ck_board_place_point(o, o->box.left, o->box.top, &cx, &cy);
        ck_board_place_point(o, o->box.right, o->box.bottom, &dx, &dy);
        ax = CK_MIN(cx, dx);
        ay = CK_MIN(cy, dy);
        bx = CK_MAX(cx, dx);
        by = CK_MAX(cy, dy);
    }
    out->x = ax / 64.0;
    out->y = ay / 64.0;
    out->wide = ((double)bx - ax) / 64.0;
    out->high = ((double)by - ay) / 64.0;
    out->width_px = o->width / 64.0;
    out->scale_x = scale_of(o->sx);
    out->scale_y = scale_of(o->sy);
}

static int lend_text(ck_client_room *room, ck_bytes text, chalk_board_object *out)
{
    ck_buf *lent = &room->board.text;
    ck_buf_clear(lent);
    ck_buf_put(lent, text.data, text.size);
    ck_buf_put_u8(lent, 0);
    out->text = (const char *)lent->data;
    out->text_size = text.size;
    return ck_buf_status(lent);
}

static bool has_erased(const ck_board_object *o)
{
    for (uint32_t i = 0; i < o->erased_count; i++) {
        if ((o->erased[i].by & CK_BOARD_HIDDEN) == 0) {
            return true;
        }
    }
    return false;
}

static void fill_body(const ck_board_object *o, ck_board_body *body, chalk_board_object *out)
{
    ck_stroke_reader r;
    if (o->kind <= CK_BOARD_MARKER) {
        out->points = ck_stroke_read(&r, o->body, o->body_size) == CHALK_OK ? r.count : 0;
        return;
    }
    (void)ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), body); /* it was read */
    out->size_px = o->kind == CK_BOARD_TEXT ? (double)body->size / 64.0 : 0.0;
    out->pixels_wide = (uint32_t)body->pixels_x;
    out->pixels_high = (uint32_t)body->pixels_y;
    if (body->hash != NULL) {
        memcpy(out->hash, body->hash, CK_BOARD_HASH);
    }
}

int chalk_board_get_object(chalk_session *s, uint32_t view, chalk_object_id id,
                           chalk_board_object *out)
{
    ck_client_room *room;
    const ck_board_object *o;
    ck_board_body body = {0};
    if (out == NULL || !CK_KNOWN_SIZE(out)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = find(s, view, id, &room, &o);
    if (status < 0) {
        return status;
    }
    *out = (chalk_board_object){.struct_size = out->struct_size,
                                .kind = o->kind,
                                .page = o->page,
                                .colour = o->colour,
                                .fill = o->fill,
                                .erased = has_erased(o),
                                .z = o->z,
                                .id = o->id,
                                .author = ck_board_author_of(o->id)};
    fill_body(o, &body, out);
    fill_place(o, &body, out);
    status = lend_text(room, body.text, out);
    ck_client_room_give(s, room, false);
    return status;
}

int chalk_board_get_points(chalk_session *s, uint32_t view, chalk_object_id id,
                           chalk_board_stroke_point *points, uint32_t size, uint32_t *count)
{
    ck_client_room *room;
    const ck_board_object *o;
    ck_stroke_reader r;
    ck_stroke_point p;
    if (count == NULL || (points == NULL && size > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = find(s, view, id, &room, &o);
    if (status < 0) {
        return status;
    }
    bool stroke =
        o->kind <= CK_BOARD_MARKER && ck_stroke_read(&r, o->body, o->body_size) == CHALK_OK;
    *count = stroke ? r.count : 0;
    for (uint32_t i = 0; stroke && i < size && ck_stroke_next(&r, &p); i++) {
        const double step = (double)(1u << o->unit);
        points[i] = (chalk_board_stroke_point){
            (o->x + p.x * step * scale_of(o->sx)) / 64.0,
            (o->y + p.y * step * scale_of(o->sy)) / 64.0,
            o->width / 64.0 * p.width / 8.0,
        };
    }
    ck_client_room_give(s, room, false);
    return *count <= size || points == NULL ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

int chalk_board_get_erased(chalk_session *s, uint32_t view, chalk_object_id id,
                           chalk_board_part *parts, uint32_t size, uint32_t *count)
{
    ck_client_room *room;
    const ck_board_object *o;
    if (count == NULL || (parts == NULL && size > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = find(s, view, id, &room, &o);
    if (status < 0) {
        return status;
    }
    *count = 0;
    for (uint32_t i = 0; i < o->erased_count; i++) {
        const ck_board_erasure *e = &o->erased[i];
        if ((e->by & CK_BOARD_HIDDEN) == 0 && *count < size) {
            parts[*count] = (chalk_board_part){id, e->range.from, e->range.to};
        }
        *count += (e->by & CK_BOARD_HIDDEN) == 0;
    }
    ck_client_room_give(s, room, false);
    return *count <= size || parts == NULL ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

int chalk_board_describe(chalk_session *s, uint32_t view, chalk_object_id id, char *text,
                         size_t size)
{
    ck_client_room *room;
    const ck_board_object *o;
    if (text == NULL || size == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = find(s, view, id, &room, &o);
    if (status == CHALK_OK) {
        ck_board_describe(o, text, size);
        ck_client_room_give(s, room, false);
    }
    return status;
}

int chalk_board_hit(chalk_session *s, uint32_t view, uint32_t page, double x, double y,
                    double reach_px, chalk_object_id *object)
{
    ck_client_room *room;
    const ck_board *board;
    int64_t at_x, at_y, reach;
    bool sane = object != NULL && ck_client_board_units(x, &at_x) &&
                ck_client_board_units(y, &at_y) && ck_client_board_units(reach_px, &reach) &&
                reach >= 0;
    if (!sane) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = look(s, view, &room, &board);
    if (status < 0) {
        return status;
    }
    const ck_board_object *o =
        ck_board_hit(board, page, (int32_t)at_x, (int32_t)at_y, (int32_t)reach);
    *object = o != NULL ? o->id : 0;
    ck_client_room_give(s, room, false);
    return o != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}
