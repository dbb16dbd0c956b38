/*
 * Who may do what: one table, asked by the edge before it orders an intent, and by a client to know
 * which buttons make sense. Pure functions of a room's state; any thread.
 */
#ifndef CK_CORE_ROOM_RULES_H
#define CK_CORE_ROOM_RULES_H

#include "core/room/room.h"

/* What a role may send, so that nobody drowns the others. */
#define CK_ASK_COST 10u

typedef struct ck_role_limits {
    uint32_t text_max;   /* bytes */
    uint32_t data_max;   /* bytes */
    uint32_t per_minute; /* intents, on average */
    uint32_t burst;      /* at once */
    /* Everything else: pointers, reactions, reports, pings; a page counts as CK_ASK_COST. */
    uint32_t frames_per_minute;
    uint32_t frames_burst;
} ck_role_limits;

/* Intents on the board are counted by themselves, and may be so many times as many. */
#define CK_RULES_DRAWS 5u

const ck_role_limits *ck_rules_limits(uint64_t role);

/* CK_REASON_NONE: `author` may do it now; else why not. `now_us` is room time. What an intent
 * leaves open is filled in: the audience and target of what only has one; a text or data that its
 * kind does not carry is taken out. */
enum ck_reason ck_rules_check(const ck_room *room, const ck_person *author, ck_event *intent,
                              uint64_t now_us);

#endif
