#include "client/board_action.h"

#include "base/check.h"
#include "base/time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

ck_client_action ck_client_action_begin(uint64_t code)
{
    ck_client_action a = {.op = {.code = code}};
    ck_buf_init(&a.rest, &ck_heap, CK_DATA_MAX);
    return a;
}

int64_t ck_client_action_units(ck_client_action *a, double px)
{
    int64_t value;
    a->invalid = !ck_client_board_units(px, &value) || a->invalid;
    return value;
}

uint64_t ck_client_action_width(ck_client_action *a, double px)
{
    a->invalid = !(px >= 0.0 && px <= CK_BOARD_WIDTH_MAX / 64.0) || a->invalid;
    return a->invalid ? 0 : (uint64_t)llround(px * 64);
}

int64_t ck_client_action_factor(ck_client_action *a, double value)
{
    const double most = (double)CK_BOARD_SCALE_MAX / CK_BOARD_SCALE_ONE;
    a->invalid = !(value >= -most && value <= most) || a->invalid;
    return a->invalid ? 0 : llround(value * CK_BOARD_SCALE_ONE);
}

static int rising(const void *left, const void *right)
{
    const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

void ck_client_action_put_ids(ck_client_action *a, const uint64_t *given, uint32_t count)
{
    uint64_t ids[CK_BOARD_IDS];
    uint32_t kept = 0;
    memcpy(ids, given, count * sizeof *ids);
    qsort(ids, count, sizeof *ids, rising);
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || ids[i] != ids[kept - 1]) {
            ids[kept++] = ids[i];
        }
    }
    ck_board_put_ids(&a->rest, ids, kept);
}

/* --- doing it -------------------------------------------------------------------------------- */

/* What the pen has finished goes first, so that things happen in the order in which they were done.
 */
int ck_client_action_intend(ck_client_room *room, ck_client_action *a, chalk_object_id *object,
                            chalk_intent_id *intent)
{
    ck_board_op checked;
    ck_buf data;
    uint64_t now_us = ck_clock_us();
    ck_client_board_pump(room, true, now_us);
    if (ck_client_board_waits(&room->board)) {
        return CHALK_ERR_LIMIT;
    }
    a->op.rest = ck_bytes_of(a->rest.data, a->rest.size);
    ck_buf_init(&data, &ck_heap, CK_DATA_MAX);
    ck_board_op_write(&a->op, &data);
    int status = ck_buf_status(&data);
    if (status == CHALK_OK &&
        ck_board_op_read(ck_bytes_of(data.data, data.size), &checked) != CK_REASON_NONE) {
        status = CHALK_ERR_INVALID_ARGUMENT;
    }
    if (status == CHALK_OK) {
        const ck_event event = {.kind = CK_EVENT_BOARD, .data = ck_bytes_of(data.data, data.size)};
        status = ck_client_room_add(room, &event, now_us, intent);
    }
    if (status == CHALK_OK && object != NULL) {
        *object = ck_board_id(ck_replica_me(room->replica), a->op.term,
                              room->last_intent - room->intent_base, 0);
    }
    ck_buf_free(&data);
    return status == CHALK_ERR_TOO_LARGE ? CHALK_ERR_INVALID_ARGUMENT : status;
}

/* Takes the room; its term goes into the operation. */
int ck_client_action_take(chalk_session *s, ck_client_action *a, ck_client_room **room)
{
    int status = ck_client_room_take(s, true, room);
    if (status < 0) {
        return status;
    }
    a->op.term = ck_drawing_term(&(*room)->board.drawing, (*room)->replica);
    if (a->op.term == 0) {
        ck_client_room_give(s, *room, false);
        return CHALK_ERR_AGAIN;
    }
    return CHALK_OK;
}

int ck_client_action_finish(chalk_session *s, ck_client_action *a, chalk_object_id *object,
                            chalk_intent_id *intent)
{
    ck_client_room *room;
    int status = a->invalid ? CHALK_ERR_INVALID_ARGUMENT : ck_buf_status(&a->rest);
    if (status == CHALK_OK) {
        status = ck_client_action_take(s, a, &room);
    } else if (status == CHALK_ERR_TOO_LARGE) {
        status = CHALK_ERR_INVALID_ARGUMENT;
    }
    if (status == CHALK_OK) {
        status = ck_client_action_intend(room, a, object, intent);
        ck_client_room_give(s, room, true);
    }
    ck_buf_free(&a->rest);
    return status;
}
