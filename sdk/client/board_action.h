/*
 * An intent on a board, from its numbers to its id.
 *
 *     ck_client_action a = ck_client_action_begin(CK_BOARD_CLEAR);
 *     a.op.page = page;
 *     return ck_client_action_finish(session, &a, NULL, intent);
 *
 * Numbers that are out of range make it invalid; finishing says so.
 */
#ifndef CK_CLIENT_BOARD_ACTION_H
#define CK_CLIENT_BOARD_ACTION_H

#include "client/room.h"

#include "chalkrail/board.h"

typedef struct ck_client_action {
    ck_board_op op;
    ck_buf rest;
    bool invalid;
} ck_client_action;

ck_client_action ck_client_action_begin(uint64_t code);
/* px to 1/64 px. */
int64_t ck_client_action_units(ck_client_action *a, double px);
uint64_t ck_client_action_width(ck_client_action *a, double px);
int64_t ck_client_action_factor(ck_client_action *a, double value);

/* In any order, at most CK_BOARD_IDS: as its rest, rising and each once. */
void ck_client_action_put_ids(ck_client_action *a, const uint64_t *given, uint32_t count);

ck_client_action ck_client_action_of_put(const chalk_board_put_options *options);
/* With the room's lock: the number of the next new page. */
uint32_t ck_client_board_next_page(ck_client_room *room);

/* The session's room, with its lock; the operation's term. AGAIN: the room was never live. */
int ck_client_action_take(chalk_session *s, ck_client_action *a, ck_client_room **room);
/* With that: the intent, and the id of the first object that it makes; both may be NULL. */
int ck_client_action_intend(ck_client_room *room, ck_client_action *a, chalk_object_id *object,
                            chalk_intent_id *intent);
/* All of that, and its memory is given back. */
int ck_client_action_finish(chalk_session *s, ck_client_action *a, chalk_object_id *object,
                            chalk_intent_id *intent);

#endif
