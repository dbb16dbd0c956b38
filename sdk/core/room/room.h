/*
 * The state of a room: what remains of its events, one after the other. The edge and every client
 * fold the same events with the same code, so whoever has seen the same public events has the same
 * public state; ck_room_hash says so in one number. What not everybody may know (messages to staff
 * or to one, votes, who is in a large room) is in the same struct where it is known, and not in
 * the hash.
 *
 *     while (ck_event_read(&reader, &event) > 0) {
 *         status = ck_room_apply(&room, &event);
 *     }
 *
 * Applying never judges: what was ordered has been allowed (rules.h is asked before). An event that
 * makes no sense here changes nothing, the same for everybody. Used by one thread at a time.
 */
#ifndef CK_CORE_ROOM_ROOM_H
#define CK_CORE_ROOM_ROOM_H

#include "core/board/board.h"
#include "core/room/events.h"
#include "core/room/index.h"

#define CK_ROOM_PEOPLE_MAX 16384u /* ever enrolled */
#define CK_ROOM_POLLS      16u    /* the oldest closed one makes room; else a new one is refused */
#define CK_ROOM_OPTIONS    10u
#define CK_ROOM_STREAMS    64u
#define CK_ROOM_VOTES_MAX  65536u
#define CK_ROOM_NOTICE_MAX 500u
#define CK_ROOM_CHAT_BYTES (4u << 20) /* texts kept; the oldest go first */
#define CK_ROOM_SHOWN_CHAT 100u       /* messages in a client's snapshot */

enum ck_person_flag {
    CK_PERSON_PUBLIC = 1, /* everybody knows of this participant */
    CK_PERSON_MUTED = 2,
    CK_PERSON_BANNED = 4,
    CK_PERSON_INVITED = 8,
};

/* A class has as many copies of its people as it has people, so this is small. */
typedef struct ck_person {
    const char *name; /* the room's */
    uint32_t id;      /* from 1, never used again */
    uint8_t role;     /* enum ck_role */
    uint8_t rights;   /* enum ck_right, together */
    uint8_t flags;
    bool hand; /* is up: ck_room_hand */
} ck_person;

typedef struct ck_hand {
    uint64_t who;
    uint64_t number; /* of the event that raised it: hands are in its order */
    uint64_t since_us;
} ck_hand;

/* What the edge alone knows of a participant. */
typedef struct ck_account {
    uint64_t epoch;     /* of the newest login */
    uint64_t done;      /* its intents up to here are settled */
    uint64_t chat_us;   /* of the last message: slow mode */
    uint32_t seat;      /* the sequencer's: which connection */
    uint8_t token_role; /* that the room has taken from a token last */
} ck_account;

/* Names stand in blocks that stay where they are. */
typedef struct ck_name_block {
    struct ck_name_block *next;
    uint32_t used, size;
    char text[];
} ck_name_block;

/* One message. */
typedef struct ck_said {
    ck_event event; /* its data is not kept, but for the author's name of a crowd's message */
    char *text;     /* text and data; NULL: empty or deleted */
} ck_said;

typedef struct ck_poll {
    uint64_t id; /* number of the event that opened it; 0: an empty place */
    char *question;
    uint8_t *options; /* each a varint length and a text */
    size_t question_size;
    size_t options_size;
    uint32_t option_count;
    uint64_t counts[CK_ROOM_OPTIONS]; /* told to everybody */
    bool closed;
    bool several;
} ck_poll;

typedef struct ck_vote {
    uint64_t poll, who, choices;
} ck_vote;

typedef struct ck_live_stream {
    uint64_t who;
    uint64_t media; /* enum ck_media */
    uint64_t since_us;
} ck_live_stream;

typedef struct ck_room {
    const ck_alloc *alloc;
    uint64_t number; /* of the last ordered event applied */
    uint64_t crowd;  /* of the last crowd message */
    uint64_t order_us;
    uint64_t next_id;
    uint8_t class_state; /* enum ck_class_state */
    uint64_t begun_us;   /* 0: it has not */
    bool muted;          /* all but staff */
    uint64_t slow_s;
    char *notice;      /* ck_room_notice */
    ck_person *people; /* by id */
    uint32_t person_count, person_size;
    bool is_view;         /* a client's, which has no accounts */
    ck_account *accounts; /* beside people; NULL: there are none */
    ck_hand *hands;       /* that are up, by who */
    uint32_t hand_count, hand_size;
    ck_name_block *name_texts; /* the newest first */
    ck_index names;            /* of people; a view has none */
    ck_poll *polls;            /* places, empty ones among them */
    uint32_t poll_size;        /* 0, or CK_ROOM_POLLS from the first poll on */
    ck_live_stream *streams;
    uint32_t stream_count, stream_size;
    ck_vote *votes; /* of open polls: the edge's, and one's own */
    uint32_t vote_count, vote_size;
    ck_index voters; /* of votes */
    ck_said *chat;   /* a ring that grows up to chat_max */
    uint32_t chat_first, chat_count, chat_size, chat_max;
    size_t chat_bytes;
    uint64_t chat_gone;
    uint64_t chat_hash; /* of all public messages that there ever were */
    ck_board board;
} ck_room;

/* chat_max: messages kept, 0: none. */
void ck_room_init(ck_room *room, const ck_alloc *alloc, uint32_t chat_max);
/* The same for a client's copy, which takes less memory: it has no accounts, and nobody is looked
 * for by name. */
void ck_room_init_view(ck_room *room, const ck_alloc *alloc, uint32_t chat_max);
void ck_room_free(ck_room *room);
void ck_room_reset(ck_room *room); /* as new, with its memory */

/* CHALK_OK; CHALK_ERR_NO_MEMORY: the room is to be thrown away and built anew. Numbers must rise;
 * which of them are there is the caller's matter. */
int ck_room_apply(ck_room *room, const ck_event *event);

/* Of everything public. Equal numbers and unequal hashes mean that something was lost. */
uint64_t ck_room_hash(const ck_room *room);

/* --- who and what -------------------------------------------------------------------------- */

ck_person *ck_room_find(const ck_room *room, uint64_t id); /* NULL: nobody */
const char *ck_room_notice(const ck_room *room);           /* borrowed until it changes; "": none */
const ck_hand *ck_room_hand(const ck_room *room, uint64_t who);            /* NULL: it is down */
ck_account *ck_room_account(const ck_room *room, const ck_person *person); /* NULL: a view */
ck_person *ck_room_find_name(const ck_room *room, ck_bytes name);          /* no view has names */
/* What this participant may do now, mutes counted. */
uint8_t ck_room_rights(const ck_room *room, const ck_person *person);
uint8_t ck_role_rights(uint64_t role); /* that it comes with */
ck_poll *ck_room_find_poll(const ck_room *room, uint64_t id);
/* The message, newest first searched; NULL: never there or gone. */
ck_said *ck_room_find_said(const ck_room *room, uint64_t lane, uint64_t number);
ck_said *ck_room_said_at(const ck_room *room, uint32_t index); /* 0 is the oldest kept */
/* Who speaks in a crowd is not known to all, so a message of it carries its author's name as data
 * (borrowed from the room); others are left as they are. */
void ck_room_sign(const ck_room *room, ck_event *event);
const ck_vote *ck_room_find_vote(const ck_room *room, uint64_t poll, uint64_t who);
/* Votes as they are now, which the edge alone knows. */
void ck_room_count_votes(const ck_room *room, uint64_t poll, uint64_t counts[CK_ROOM_OPTIONS]);

/* --- snapshots ----------------------------------------------------------------------------- */

/* `viewer` NULL: everything, for the store. Appends the message, not a frame. */
void ck_room_write(const ck_room *room, const ck_person *viewer, ck_buf *out);
/* Replaces the state. CHALK_OK; errors leave an empty room: BAD_DATA, TOO_LARGE, NO_MEMORY. */
int ck_room_read(ck_room *room, ck_bytes snapshot);

#endif
