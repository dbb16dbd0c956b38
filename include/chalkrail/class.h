/*
 * chalkrail/class.h - the people of a room, and what is done with a class of them: hands, the right
 * to speak, roles, order, polls, notices, beginning and end.
 *
 * Looking is local and at once; all walks go in the order of ids or numbers, so that somebody who
 * comes or goes in between disturbs none. What is done is an intent (chalkrail/room.h): it has an
 * id and ends in one SETTLED event.
 *
 *     chalk_room_person person = {.struct_size = sizeof person};
 *     while (chalk_class_next_hand(session, CHALK_VIEW_HEAD, person.hand, &person) == CHALK_OK)
 *         printf("%s wants to speak\n", person.name);
 *     chalk_class_invite(session, first, 1, &intent);
 *
 * Staff are owner, teacher and assistant. Nobody gives a right that they do not have, nor acts on
 * their own rank or above.
 *
 * Thread: any, serial per session. Lifetime: that of the room; an id of a participant is never used
 * for another as long as the edge has the room: with `data` also across its restarts.
 */
#ifndef CHALKRAIL_CLASS_H
#define CHALKRAIL_CLASS_H

#include "chalkrail/room.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Most options of a poll. */
#define CHALK_CLASS_OPTIONS_MAX 10

/* chalk_room_person.flags */
enum chalk_person_flag {
    CHALK_PERSON_HERE = 1,    /* in the room now; of a crowd only some are told */
    CHALK_PERSON_MUTED = 2,   /* may not chat */
    CHALK_PERSON_BANNED = 4,  /* may not come in */
    CHALK_PERSON_INVITED = 8, /* to speak, and has not answered */
    CHALK_PERSON_SELF = 16,   /* this participant */
};

/* A participant. Who comes when more than 100 people are here is known to staff and oneself, and to
 * all once all see something of theirs: a hand, a stream, another role or other rights. */
typedef struct chalk_room_person {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_person) */
    uint32_t role;        /* enum chalk_role */
    uint32_t rights;      /* enum chalk_right bits, mutes counted */
    uint32_t flags;       /* enum chalk_person_flag bits */
    chalk_person_id id;
    uint64_t hand;    /* number of the event that raised the hand; hands are in its order; 0: down;
                         UINT64_MAX at the head: wanted and not answered yet */
    uint64_t hand_us; /* room time at which it was raised */
    char name[72];    /* UTF-8 */
} chalk_room_person;

/* A poll. The texts are borrowed until the next call of chalk_class_next_poll. */
typedef struct chalk_room_poll {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_poll) */
    uint32_t closed;      /* 1: takes no votes any more */
    uint32_t several;     /* 1: several options may be chosen */
    uint32_t option_count;
    uint64_t id;       /* number of the event that opened it */
    uint64_t own_vote; /* bits of the options chosen here, as far as settled */
    uint64_t counts[CHALK_CLASS_OPTIONS_MAX]; /* votes for each, told at most once a second */
    const char *question;
    const char *options[CHALK_CLASS_OPTIONS_MAX];
} chalk_room_poll;

/**
 * Reads a participant.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param id       the participant; chalk_room_info.me is oneself.
 * @param person   `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (not known here), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_class_get_person(chalk_session *session, uint32_t view, chalk_person_id id,
                                     chalk_room_person *person);

/**
 * Reads the participant with the next higher id; begin with 0.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param after    id of the one before; 0: the first.
 * @param person   `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: END (there is none), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_class_next_person(chalk_session *session, uint32_t view, chalk_person_id after,
                                      chalk_room_person *person);

/**
 * Reads the participant whose hand was raised next; begin with 0.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param after    `hand` of the one before; 0: the hand that has been up for longest.
 * @param person   `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: END (no other hand is up), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_class_next_hand(chalk_session *session, uint32_t view, uint64_t after,
                                    chalk_room_person *person);

/**
 * Reads the poll that was opened next; begin with 0. The 16 newest are kept.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param after    id of the one before; 0: the oldest.
 * @param poll     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: END (there is none), INVALID_ARGUMENT, NO_MEMORY, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: its texts are borrowed until the next call.
 * Since: 0.1
 */
CHALK_API int chalk_class_next_poll(chalk_session *session, uint32_t view, uint64_t after,
                                    chalk_room_poll *poll);

/**
 * Asks the edge for a page of all who ever were in the room, in the order of their ids; who is not
 * staff gets those whom everybody knows. They come as CHALK_ROOM_EVENT_PERSON, then one
 * CHALK_ROOM_EVENT_PAGE ends the request.
 *
 * @param session  the session.
 * @param after    id of the last one known; 0: from the first.
 * @param count    1..200.
 * @param request  receives the request's id; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (not live now), BAD_STATE (in no room, or it has ended), LIMIT
 * (a page is under way: wait for its end).
 * Thread: any, serial per session.
 * Lifetime: the request ends also when the connection is lost (DISCONNECTED) or nobody answers
 * within 10 s (TIMEOUT).
 * Since: 0.1
 */
CHALK_API int chalk_class_ask_roster(chalk_session *session, chalk_person_id after, uint32_t count,
                                     chalk_request_id *request);

/**
 * Raises the own hand, or takes it down. It goes down by itself after 10 minutes.
 *
 * @param session  the session.
 * @param up       1: up, 0: down.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_hand(chalk_session *session, int up, chalk_intent_id *intent);

/**
 * Takes somebody's hand down; staff alone.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_lower_hand(chalk_session *session, chalk_person_id who,
                                     chalk_intent_id *intent);

/**
 * Invites somebody to speak, or takes that back; staff alone. Who accepts gets the right to speak.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param on       1: invite, 0: not any more.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_invite(chalk_session *session, chalk_person_id who, int on,
                                 chalk_intent_id *intent);

/**
 * Answers an invitation to speak.
 *
 * @param session  the session.
 * @param yes      1: accepts, 0: declines.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_answer(chalk_session *session, int yes, chalk_intent_id *intent);

/**
 * Gives somebody another role, below one's own; owner and teachers alone.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param role     enum chalk_role.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_set_role(chalk_session *session, chalk_person_id who, uint32_t role,
                                   chalk_intent_id *intent);

/**
 * Sets what somebody may do, out of one's own rights; staff alone.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param rights   enum chalk_right bits; all others are taken away.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_set_rights(chalk_session *session, chalk_person_id who, uint32_t rights,
                                     chalk_intent_id *intent);

/**
 * Stops somebody, or all but staff, from chatting, or lets them again; staff alone. Messages to
 * staff stay possible.
 *
 * @param session  the session.
 * @param who      the participant; 0: all but staff.
 * @param on       1: mute, 0: unmute.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_mute(chalk_session *session, chalk_person_id who, int on,
                               chalk_intent_id *intent);

/**
 * Puts somebody out and keeps them out, or lets them come again; staff alone.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param on       1: out, 0: may come again.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_ban(chalk_session *session, chalk_person_id who, int on,
                              chalk_intent_id *intent);

/**
 * Sets the pace of students' messages to all; staff alone.
 *
 * @param session  the session.
 * @param seconds  least time between two messages of one, 0..3600; 0: any pace.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_set_slow(chalk_session *session, uint32_t seconds,
                                   chalk_intent_id *intent);

/**
 * Asks somebody to mute the microphone or to stop the camera; staff alone. It is theirs to do.
 *
 * @param session  the session.
 * @param who      the participant.
 * @param what     enum chalk_room_ask.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_ask(chalk_session *session, chalk_person_id who, uint32_t what,
                              chalk_intent_id *intent);

/**
 * Opens a poll; staff alone. At most 16 are open; its id is the number in the SETTLED event.
 *
 * @param session   the session.
 * @param question  UTF-8, 1..CHALK_ROOM_TEXT_MAX bytes.
 * @param options   `count` texts, each UTF-8 of 1..1000 bytes.
 * @param count     1..CHALK_CLASS_OPTIONS_MAX.
 * @param several   1: several options may be chosen, 0: one.
 * @param intent    receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_open_poll(chalk_session *session, const char *question,
                                    const char *const *options, uint32_t count, int several,
                                    chalk_intent_id *intent);

/**
 * Votes; the last vote counts. Observers may not.
 *
 * @param session  the session.
 * @param poll     the poll's id.
 * @param choices  bit 0 for the first option, and so on; 0: takes the vote back.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_vote(chalk_session *session, uint64_t poll, uint32_t choices,
                               chalk_intent_id *intent);

/**
 * Ends a poll; staff alone.
 *
 * @param session  the session.
 * @param poll     the poll's id.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_end_poll(chalk_session *session, uint64_t poll, chalk_intent_id *intent);

/**
 * Pins a notice, or takes it away; staff alone.
 *
 * @param session  the session.
 * @param text     UTF-8, at most CHALK_ROOM_NOTICE_MAX bytes; "": none.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_set_notice(chalk_session *session, const char *text,
                                     chalk_intent_id *intent);

/**
 * Begins, ends or archives the class; owner and teachers alone. There is no way back.
 *
 * @param session  the session.
 * @param state    enum chalk_class_state, beyond the present one.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended), LIMIT (too many unanswered:
 * take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_class_set_state(chalk_session *session, uint32_t state,
                                    chalk_intent_id *intent);

#ifdef __cplusplus
}
#endif
#endif
