/*
 * chalkrail/chat.h - messages: to all, to staff, to one; taken back; kept; asked for again.
 *
 * A message is an intent (chalkrail/room.h): it is pending until the edge has answered, and then
 * has a number, by which it is known in its lane. Those of others come as CHALK_WHAT_CHAT. In a
 * large room students' messages to all go by the crowd lane: a person sees as many as a person can
 * read, and the rest is in the history.
 *
 *     chalk_chat_send(session, CHALK_TO_ALL, 0, "Good morning", &intent);
 *     chalk_room_message message = {.struct_size = sizeof message};
 *     for (uint32_t i = 0; chalk_chat_get(session, view, i, &message) == CHALK_OK; i++)
 *         draw(message.name, message.text);
 *
 * Texts are kept byte by byte as they were sent, well-formed UTF-8 of any script.
 *
 * Thread: any, serial per session. Lifetime: that of the room.
 */
#ifndef CHALKRAIL_CHAT_H
#define CHALKRAIL_CHAT_H

#include "chalkrail/room.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A message as it is kept. */
typedef struct chalk_room_message {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_message) */
    uint32_t lane;        /* enum chalk_lane */
    uint32_t audience;    /* enum chalk_audience */
    uint32_t deleted;     /* 1: taken back; the text is "" */
    uint64_t number;      /* in its lane; 0: pending */
    chalk_person_id author;
    chalk_person_id target;
    uint64_t times;         /* repeats merged into this one; 0 and 1: none */
    uint64_t order_us;      /* room time; 0: pending */
    uint64_t origin_us;     /* room time, by its author's clock */
    chalk_intent_id intent; /* pending: what will settle it; else 0 */
    size_t text_size;       /* bytes */
    const char *text;       /* UTF-8 with a terminating zero; borrowed */
    char name[72];          /* the author's; "": not known */
} chalk_room_message;

/**
 * Sends a message. Students may send to all, to staff, and to one of the staff.
 *
 * @param session   the session.
 * @param audience  enum chalk_audience but SELF; 0: ALL.
 * @param target    with TO_ONE: to whom; with ALL: who is meant, or 0; with STAFF: 0.
 * @param text      UTF-8, 1..CHALK_ROOM_TEXT_MAX bytes.
 * @param intent    receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_chat_send(chalk_session *session, uint32_t audience, chalk_person_id target,
                              const char *text, chalk_intent_id *intent);

/**
 * Takes a message back: one's own, or as staff anybody's.
 *
 * @param session  the session.
 * @param lane     enum chalk_lane of the message.
 * @param number   its number.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_chat_delete(chalk_session *session, uint32_t lane, uint64_t number,
                                chalk_intent_id *intent);

/**
 * Reads a message that is kept (chalk_room_options.keep), in the order in which they came.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param index    0: the oldest kept; chalk_room_info.messages says how many there are.
 * @param message  `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: END (there are not so many), INVALID_ARGUMENT, NO_MEMORY, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: `text` is borrowed until the next call of this function or of chalk_chat_get_pending.
 * Since: 0.1
 */
CHALK_API int chalk_chat_get(chalk_session *session, uint32_t view, uint32_t index,
                             chalk_room_message *message);

/**
 * Reads one of this participant's messages that the edge has not answered yet.
 *
 * @param session  the session.
 * @param index    0: the oldest.
 * @param message  `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: END (there are not so many), INVALID_ARGUMENT, NO_MEMORY, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: `text` is borrowed until the next call of this function or of chalk_chat_get.
 * Since: 0.1
 */
CHALK_API int chalk_chat_get_pending(chalk_session *session, uint32_t index,
                                     chalk_room_message *message);

/**
 * Asks the edge for a page of the history: the newest messages before a point, of both lanes,
 * oldest first, those that were hidden and marks of those that were taken back among them. They
 * come as CHALK_ROOM_EVENT_PAST, then one CHALK_ROOM_EVENT_PAGE ends the request and says where the
 * next page ends.
 *
 * @param session       the session.
 * @param before        a number of the ordered lane; 0: from the newest.
 * @param before_crowd  a number of the crowd lane; 0: from the newest.
 * @param count         1..200.
 * @param request       receives the request's id; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (not live now), BAD_STATE (in no room, or it has ended), LIMIT
 * (a page is under way: wait for its end).
 * Thread: any, serial per session.
 * Lifetime: the request ends also when the connection is lost (DISCONNECTED) or nobody answers
 * within 10 s (TIMEOUT).
 * Since: 0.1
 */
CHALK_API int chalk_chat_history(chalk_session *session, uint64_t before, uint64_t before_crowd,
                                 uint32_t count, chalk_request_id *request);

#ifdef __cplusplus
}
#endif
#endif
