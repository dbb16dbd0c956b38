/* What the application wants done with objects on a board. */
#include "client/board_action.h"

#include "base/check.h"
#include "base/time.h"
#include "core/drawing/rub.h"

#include <string.h>

#define BLACK    0xff000000u
#define WIDTH_PX 2.0
#define SIZE_PX  24.0

/* NOLINTBEGIN(misc-redundant-expression): both sides are equal, which is what is asserted */
_Static_assert(CHALK_BOARD_OBJECTS_MAX == CK_BOARD_IDS &&
                   CHALK_BOARD_PEOPLE_MAX == CK_BOARD_NAMED &&
                   CHALK_BOARD_TEXT_MAX == CK_BOARD_TEXT_MAX &&
                   CHALK_BOARD_ALT_MAX == CK_BOARD_ALT_MAX && CHALK_BOARD_HASH == CK_BOARD_HASH &&
                   CHALK_BOARD_POINT_STEPS == CK_BOARD_ERASE_STEPS,
               "the public limits are the board's");
/* NOLINTEND(misc-redundant-expression) */
_Static_assert((int)CHALK_BOARD_IMAGE == CK_BOARD_IMAGE &&
                   (int)CHALK_GROUND_DECK == CK_BOARD_DECK &&
                   (int)CHALK_ACCESS_OPEN == CK_BOARD_OPEN &&
                   (int)CHALK_STYLE_WIDTH == CK_BOARD_WIDTH,
               "so are the public names");

/* --- putting --------------------------------------------------------------------------------- */

void chalk_board_put_options_init(chalk_board_put_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static bool is_sane(const chalk_board_put_options *o)
{
    bool known = o != NULL && CK_KNOWN_SIZE(o) && o->kind >= CHALK_BOARD_LINE &&
                 o->kind <= CHALK_BOARD_IMAGE && o->page <= CK_BOARD_PAGE_NUMBER;
    if (!known) {
        return false;
    }
    size_t most = o->kind == CHALK_BOARD_TEXT    ? CHALK_BOARD_TEXT_MAX
                  : o->kind == CHALK_BOARD_IMAGE ? CHALK_BOARD_ALT_MAX
                                                 : 0;
    ck_bytes ignored;
    bool text = o->text == NULL ? o->kind != CHALK_BOARD_TEXT
                                : ck_client_room_text(o->text, 0, most, &ignored);
    return text && (o->kind != CHALK_BOARD_IMAGE || o->hash != NULL);
}

ck_client_action ck_client_action_of_put(const chalk_board_put_options *o)
{
    ck_client_action a = ck_client_action_begin(CK_BOARD_PUT);
    if (!is_sane(o)) {
        a.invalid = true;
        return a;
    }
    a.op.page = o->page != 0 ? o->page : 1;
    a.op.kind = o->kind;
    a.op.replaces = o->replaces;
    a.op.colour = o->colour != 0 ? o->colour : BLACK;
    a.op.fill = o->fill;
    a.op.width = ck_client_action_width(&a, o->width_px > 0.0 ? o->width_px : WIDTH_PX);
    a.op.x = ck_client_action_units(&a, o->x);
    a.op.y = ck_client_action_units(&a, o->y);
    const ck_board_body body = {
        .x = ck_client_action_units(&a, o->wide),
        .y = ck_client_action_units(&a, o->high),
        .size = (uint64_t)ck_client_action_units(&a, o->size_px > 0.0 ? o->size_px : SIZE_PX),
        .pixels_x = o->pixels_wide,
        .pixels_y = o->pixels_high,
        .hash = o->hash,
        .text = ck_bytes_of(o->text, o->text != NULL ? strlen(o->text) : 0),
    };
    bool sized = o->kind < CHALK_BOARD_TEXT || (body.x >= 0 && body.y >= 0);
    a.invalid = a.invalid || !sized;
    if (!a.invalid) {
        ck_board_put_body(&a.rest, o->kind, &body);
    }
    return a;
}

int chalk_board_put(chalk_session *s, const chalk_board_put_options *o, chalk_object_id *object,
                    chalk_intent_id *intent)
{
    ck_client_action a = ck_client_action_of_put(o);
    return ck_client_action_finish(s, &a, object, intent);
}

/* --- parts of strokes ------------------------------------------------------------------------ */

int chalk_board_erase(chalk_session *s, const chalk_board_part *parts, uint32_t count,
                      chalk_intent_id *intent)
{
    ck_board_range ranges[CK_BOARD_IDS];
    if (parts == NULL || count == 0 || count > CK_BOARD_IDS) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_action a = ck_client_action_begin(CK_BOARD_ERASE);
    for (uint32_t i = 0; i < count;) {
        uint32_t of_one = 0, end = 0;
        for (; i + of_one < count && parts[i + of_one].object == parts[i].object; of_one++) {
            const chalk_board_part *part = &parts[i + of_one];
            a.invalid = a.invalid || part->to <= part->from || (of_one > 0 && part->from <= end);
            end = part->to;
            ranges[of_one] = (ck_board_range){part->from, part->to};
        }
        if (!a.invalid) {
            ck_board_put_erased(&a.rest, parts[i].object, ranges, of_one);
        }
        i += of_one;
    }
    return ck_client_action_finish(s, &a, NULL, intent);
}

/* The strokes are found in what one sees, with what is pending. */
static int rub(ck_client_room *room, ck_client_action *a, uint32_t page, const ck_rub_way *way)
{
    ck_client_board_pump(room, true, ck_clock_us());
    const ck_board *board = ck_client_board_of(room, CHALK_VIEW_HEAD);
    uint64_t author = ck_client_board_is_open(room, board, page) ? 0 : ck_replica_me(room->replica);
    int status = ck_rub_over(board, page, way, author, &a->rest);
    return status > 0 ? CHALK_OK : status < 0 ? status : CHALK_ERR_NOT_FOUND;
}

int chalk_board_rub(chalk_session *s, uint32_t page, double from_x, double from_y, double to_x,
                    double to_y, double radius_px, chalk_intent_id *intent)
{
    ck_client_room *room;
    ck_client_action a = ck_client_action_begin(CK_BOARD_ERASE);
    const ck_rub_way way = {.ax = (int32_t)ck_client_action_units(&a, from_x),
                            .ay = (int32_t)ck_client_action_units(&a, from_y),
                            .bx = (int32_t)ck_client_action_units(&a, to_x),
                            .by = (int32_t)ck_client_action_units(&a, to_y),
                            .radius = (int32_t)ck_client_action_units(&a, radius_px)};
    if (a.invalid || way.radius <= 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_action_take(s, &a, &room);
    if (status < 0) {
        return status;
    }
    status = rub(room, &a, page, &way);
    if (status == CHALK_OK) {
        status = ck_client_action_intend(room, &a, NULL, intent);
    }
    ck_client_room_give(s, room, true);
    ck_buf_free(&a.rest);
    return status;
}

/* --- objects --------------------------------------------------------------------------------- */

static ck_client_action begin_with(uint64_t code, const chalk_object_id *objects, uint32_t count)
{
    ck_client_action a = ck_client_action_begin(code);
    a.invalid = objects == NULL || count == 0 || count > CK_BOARD_IDS;
    if (!a.invalid) {
        ck_client_action_put_ids(&a, objects, count);
    }
    return a;
}

int chalk_board_delete(chalk_session *s, const chalk_object_id *objects, uint32_t count,
                       chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_DELETE, objects, count);
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_move(chalk_session *s, const chalk_object_id *objects, uint32_t count, double x,
                     double y, chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_MOVE, objects, count);
    a.op.x = ck_client_action_units(&a, x);
    a.op.y = ck_client_action_units(&a, y);
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_scale(chalk_session *s, const chalk_object_id *objects, uint32_t count, double x,
                      double y, double factor_x, double factor_y, chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_SCALE, objects, count);
    a.op.x = ck_client_action_units(&a, x);
    a.op.y = ck_client_action_units(&a, y);
    a.op.fx = ck_client_action_factor(&a, factor_x);
    a.op.fy = ck_client_action_factor(&a, factor_y);
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_style(chalk_session *s, const chalk_object_id *objects, uint32_t count,
                      uint32_t mask, uint32_t colour, uint32_t fill, double width_px,
                      chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_STYLE, objects, count);
    a.op.mask = mask;
    a.op.colour = colour;
    a.op.fill = fill;
    a.op.width = ck_client_action_width(&a, width_px);
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_order(chalk_session *s, const chalk_object_id *objects, uint32_t count,
                      uint32_t front, chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_ORDER, objects, count);
    a.op.front = front;
    a.invalid = a.invalid || front > 1;
    return ck_client_action_finish(s, &a, NULL, intent);
}

int chalk_board_copy(chalk_session *s, const chalk_object_id *objects, uint32_t count,
                     uint32_t page, double x, double y, chalk_object_id *first,
                     chalk_intent_id *intent)
{
    ck_client_action a = begin_with(CK_BOARD_COPY, objects, count);
    a.op.page = page;
    a.op.x = ck_client_action_units(&a, x);
    a.op.y = ck_client_action_units(&a, y);
    return ck_client_action_finish(s, &a, first, intent);
}

/* --- undo ------------------------------------------------------------------------------------ */

/* Of what one sees: what is pending can be undone too. */
static int back(chalk_session *s, uint64_t code, chalk_intent_id *intent)
{
    ck_client_room *room;
    ck_client_action a = ck_client_action_begin(code);
    int status = ck_client_action_take(s, &a, &room);
    if (status < 0) {
        return status;
    }
    ck_client_board_pump(room, true, ck_clock_us());
    const ck_board *board = ck_client_board_of(room, CHALK_VIEW_HEAD);
    uint64_t me = ck_replica_me(room->replica);
    uint64_t id =
        code == CK_BOARD_UNDO ? ck_board_undoable(board, me) : ck_board_redoable(board, me);
    a.op.target_term = ck_board_term_of(id);
    a.op.target_counter = ck_board_counter_of(id);
    a.op.target_index = ck_board_index_of(id);
    status = id != 0 ? ck_client_action_intend(room, &a, NULL, intent) : CHALK_ERR_NOT_FOUND;
    ck_client_room_give(s, room, true);
    return status;
}

int chalk_board_undo(chalk_session *s, chalk_intent_id *intent)
{
    return back(s, CK_BOARD_UNDO, intent);
}

int chalk_board_redo(chalk_session *s, chalk_intent_id *intent)
{
    return back(s, CK_BOARD_REDO, intent);
}
