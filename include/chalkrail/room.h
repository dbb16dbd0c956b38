/*
 * chalkrail/room.h - the room of a class: who is in it, what they say and do, and when that is
 * seen.
 *
 * A session is in at most one room; who wants to be in several has several sessions. The library
 * keeps a copy of the room's state, which converges on the edge's whatever the network does: it
 * connects again for ever unless told otherwise, resumes where it was, and nothing that the edge
 * acknowledged is lost or happens twice.
 *
 *     chalk_room_options options;
 *     chalk_room_options_init(&options);
 *     options.url = "wss://edge.example.org";
 *     options.room = "maths";
 *     options.token = token;
 *     chalk_room_join(session, &options);
 *     chalk_room_follow(session, playback);              // show what is said with the picture
 *     chalk_room_event event;
 *     while (chalk_room_next_event(session, &event) == CHALK_OK)
 *         if (event.kind == CHALK_ROOM_EVENT_HAPPENED && event.what == CHALK_WHAT_CHAT)
 *             printf("%s: %s\n", event.name, event.text);
 *
 * State. The connection's is told by CHALK_EVENT_ROOM in the session's queue and asked for by
 * chalk_room_get_info. All other events of a room have a queue of their own, for their texts are
 * long; the session's wakeup tells of both, and chalk_session_wait_event returns when there is
 * something in either. That queue holds 1,024 events; what finds it full is dropped, and
 * CHALK_ROOM_EVENT_RESET says to look at the state instead, which loses nothing.
 *
 * Two views. The head is all that has arrived; the presented state is what belongs to the picture
 * and sound that are being shown: an event is presented when playout of the followed playback has
 * come to the moment at which it happened. Waiting is bounded by 60 s and 4 MB. Roles, rights,
 * mutes, bans, invitations, requests, the class itself and one's own doings are told at once.
 * Functions that look at the state take a view; at the head, what this participant wants and the
 * edge has not answered yet is laid over people and their rights.
 *
 * Actions (here, in chalkrail/chat.h and chalkrail/class.h) are intents: they are kept until the
 * edge has answered, also while there is no connection, and sent again after every reconnect. Each
 * gives an id and ends in exactly one CHALK_ROOM_EVENT_SETTLED, whose reason says whether it was
 * done. 256 of them, and 1 MB, may be without an answer; 512 may be settled and their events not
 * taken. The edge alone decides; what is in the state only helps to hide buttons.
 *
 * Thread: any, serial per session, also on a host-driven runtime: the network part follows when it
 * is polled. Lifetime: from chalk_room_join to the session's end; what was the last state of a room
 * that has ended can be looked at until the next join.
 */
#ifndef CHALKRAIL_ROOM_H
#define CHALKRAIL_ROOM_H

#include "chalkrail/room_event.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of a stream's URL with its terminating zero. */
#define CHALK_ROOM_URL_MAX 2049

/* How many messages are kept, to be looked at by chalk_chat_get. */
enum chalk_room_keep {
    CHALK_KEEP_FULL = 1,     /* all from joining on, up to 4 MB of texts */
    CHALK_KEEP_WINDOW = 2,   /* the newest `messages_max` */
    CHALK_KEEP_CHECKSUM = 3, /* none; that none is missing is checked all the same */
};

enum chalk_room_present {
    CHALK_PRESENT_WITH_MEDIA = 1, /* with the playback that is followed, live while none is */
    CHALK_PRESENT_LIVE = 2,       /* as it arrives; costs half the memory */
};

enum chalk_room_view {
    CHALK_VIEW_PRESENTED = 1, /* what belongs to the picture shown */
    CHALK_VIEW_HEAD = 2,      /* all that has arrived, and what is pending */
};

typedef struct chalk_room_options {
    uint32_t struct_size;  /* set by chalk_room_options_init */
    uint32_t keep;         /* enum chalk_room_keep; 0: FULL */
    uint32_t messages_max; /* with WINDOW: 1..20000 */
    uint32_t present;      /* enum chalk_room_present; 0: WITH_MEDIA */
    uint32_t no_retry;     /* 1: the first failure ends it */
    uint32_t give_up_ms;   /* ends after this long without being live; 0: never */
    uint32_t role;         /* without a token, at an open edge: enum chalk_role; 0: STUDENT */
    uint32_t reserved;     /* 0 */
    const char *url;       /* the edge: wss://HOST[:PORT], ws://, https:// or http://, with or
                              without a path before /rooms; required */
    const char *room;      /* CHALK_NAME_MAX; required */
    const char *token;     /* NULL: an open edge, `name` says who this is */
    const char *name;      /* without a token, at an open edge: CHALK_NAME_MAX */
} chalk_room_options;

/* A room as a whole. */
typedef struct chalk_room_info {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_info) */
    uint32_t state;       /* enum chalk_link_state */
    int32_t cause;        /* why it is in this state */
    uint32_t reason;    /* the last enum chalk_room_reason for which the edge ended a connection */
    chalk_person_id me; /* 0: not known before the first time live */
    uint32_t role;      /* own, enum chalk_role; 0: not known yet */
    uint32_t rights;    /* own, enum chalk_right bits; mutes counted; HEAD: as they will be */
    uint32_t class_state;       /* enum chalk_class_state */
    uint32_t muted;             /* 1: nobody but staff may chat */
    uint64_t slow_s;            /* seconds between two messages of a student; 0: any pace */
    uint64_t begun_us;          /* room time at which the class began; 0: it has not */
    uint64_t here;              /* people in the room now, as the edge counts them */
    uint32_t people;            /* participants known here, gone ones included */
    uint32_t hands;             /* up */
    uint32_t polls;             /* known, closed ones included */
    uint32_t streams;           /* published */
    uint32_t messages;          /* kept */
    uint32_t pending;           /* intents not answered */
    uint32_t held;              /* enum chalk_room_reason for which the edge does not take those
                                   now, such as STORE; NONE: it does */
    uint32_t reserved;          /* 0 */
    uint64_t number;            /* of the last event of the ordered lane in this view */
    uint64_t crowd;             /* of the last crowd message in this view */
    chalk_playback_id followed; /* 0: none */
    uint64_t token_expires_us;  /* room time; 0: not known */
    char notice[CHALK_ROOM_NOTICE_MAX + 4]; /* pinned; "": none */
} chalk_room_info;

/* What one participant publishes. */
typedef struct chalk_room_stream {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_stream) */
    uint32_t media;       /* enum chalk_room_media */
    chalk_person_id who;
    uint64_t since_us;            /* room time */
    char name[72];                /* who's */
    char url[CHALK_ROOM_URL_MAX]; /* HTTP-FLV, for chalk_playback_options.url, with the room's token
                                     in it: not for logs. "": not known */
} chalk_room_stream;

/* Figures of one room since it was joined. */
typedef struct chalk_room_stats {
    uint32_t struct_size;    /* set by the caller to sizeof(chalk_room_stats) */
    uint32_t reconnects;     /* times it became live again */
    uint32_t pending;        /* intents not answered, now */
    uint32_t held;           /* events that wait for playout, now */
    uint64_t head;           /* number of the last event that arrived */
    uint64_t presented;      /* number of the last event presented */
    uint64_t clock_error_us; /* room time is known to within this */
    uint64_t rtt_us;         /* of the round trip that room time comes from */
    uint64_t bytes_sent;     /* payload of WebSocket messages */
    uint64_t bytes_received;
    uint64_t gaps;       /* times something was missing and it resumed */
    uint64_t mismatches; /* times the state differed from the edge's and was fetched anew */
    uint64_t snapshots;  /* states received whole, the first included */
    uint64_t intents_resent;
    uint64_t messages_hidden; /* of the crowd, not shown */
    uint64_t events_dropped;  /* the queue was full */
    uint64_t messages_received;
    uint64_t bytes_framing; /* WebSocket's own, around those messages */
    /* Of bytes_received; of what came packed, its share. The rest answers what was sent. */
    uint64_t bytes_ordered;  /* the ordered lane, and the newest states that come with it */
    uint64_t bytes_crowd;    /* the crowd lane */
    uint64_t bytes_presence; /* who is here */
    uint64_t bytes_state;    /* states that came whole */
} chalk_room_stats;

/* How late behind its moment in the followed playback one kind of event was presented. */
typedef struct chalk_room_lateness_stats {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_lateness_stats) */
    uint32_t marked;      /* events presented without their moment: BOUND and JUMP */
    uint64_t in_step;     /* events presented with it */
    uint64_t late_us_sum; /* of those */
    uint64_t late_us_max; /* of those */
} chalk_room_lateness_stats;

/* Most participants that a summary names. */
#define CHALK_ROOM_NAMED_MAX 8

/* Who sees and hears the class, for staff; staff themselves are not counted. */
typedef struct chalk_room_summary {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_room_summary) */
    uint32_t deaf_count;  /* of `deaf` */
    uint32_t blind_count; /* of `blind` */
    uint32_t oldest_ms;   /* what the one furthest behind is shown is so old */
    uint64_t people;
    uint64_t reported; /* of them: said lately where they are; the rest counts nowhere below */
    uint64_t page;     /* that staff see */
    uint64_t see_page; /* people that see the same */
    uint64_t hear;     /* people whom sound reaches */
    chalk_person_id deaf[CHALK_ROOM_NAMED_MAX];  /* some of those whom it does not reach */
    uint32_t deaf_why[CHALK_ROOM_NAMED_MAX];     /* enum chalk_room_sound of each; 0: not said */
    chalk_person_id blind[CHALK_ROOM_NAMED_MAX]; /* some of those who see another page */
} chalk_room_summary;

/* An event of the application's own. */
typedef struct chalk_room_app_options {
    uint32_t struct_size;   /* set by chalk_room_app_options_init */
    uint32_t lane;          /* enum chalk_lane; 0: ORDERED */
    uint32_t audience;      /* enum chalk_audience but SELF; 0: ALL */
    uint32_t reserved;      /* 0 */
    chalk_person_id target; /* with TO_ONE: whom; else 0, or whom it means */
    uint64_t value;         /* the application's */
    const char *text;       /* UTF-8, at most CHALK_ROOM_TEXT_MAX bytes; NULL: none */
    const void *data;       /* NULL: none */
    size_t data_size;       /* bytes, at most CHALK_ROOM_DATA_MAX */
} chalk_room_app_options;

/**
 * Fills room options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL. `url`, `room` and `token` (or `name`) must be set.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_room_options_init(chalk_room_options *options);

/**
 * Joins a room.
 *
 * @param session  the session; in no room, or in one that has ended.
 * @param options  which room and how; strings are copied.
 * @return CHALK_OK; connecting goes on in the background, CHALK_EVENT_ROOM tells how. Its LIVE,
 * each time, means that the room's state is here: people can be looked up.
 *
 * Errors: INVALID_ARGUMENT (a bad URL, a room or name against the rule at CHALK_NAME_MAX, neither
 * token nor name, a value out of range), UNSUPPORTED (the URL's scheme), BAD_STATE (it is in a
 * room: leave first), TLS (the trusted certificates cannot be read), LIMIT (the system gives no
 * lock), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until its CHALK_EVENT_ROOM with state CLOSED: chalk_room_leave, a token refused at the
 * first attempt (DENIED), an address at which there is no room (NOT_FOUND) or that takes the
 * request for wrong (INVALID_ARGUMENT) before it was live, `no_retry`, `give_up_ms`, or the edge's
 * word (DENIED, with a reason such as SUPERSEDED or BANNED).
 * Since: 0.1
 */
CHALK_API int chalk_room_join(chalk_session *session, const chalk_room_options *options);

/**
 * Leaves the room. While it is live, what was wanted before is waited for, at most two seconds.
 *
 * @param session  the session.
 * @param request  receives the request's id; may be NULL. The CHALK_EVENT_ROOM with state CLOSED
 * carries it.
 * @return CHALK_OK; a second call gives the same request.
 *
 * Errors: NOT_FOUND (in no room, or it has ended), LIMIT (256 requests whose events were not
 * taken).
 * Thread: any, serial per session.
 * Lifetime: the last state can be looked at, and events taken, until the next join.
 * Since: 0.1
 */
CHALK_API int chalk_room_leave(chalk_session *session, chalk_request_id *request);

/**
 * Gives the token that this connection goes on with and later ones use. CHALK_ROOM_EVENT_TOKEN asks
 * for one a minute before the old one expires, and when it was refused; then nothing is tried
 * before this call.
 *
 * @param session  the session.
 * @param token    the new token, for the same room and name; copied.
 * @return CHALK_OK; a connection that waits for it is tried at once. While live it is given to the
 * edge: TOKEN with on 1 says that it was accepted; with one that is not good the edge ends the
 * connection (EXPIRED), refuses the next, and TOKEN asks once more.
 *
 * Errors: INVALID_ARGUMENT (empty, or too long for a request), BAD_STATE (in no room, or it has
 * ended), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_room_set_token(chalk_session *session, const char *token);

/**
 * Shows what happens in the room together with a playback of this session from now on. Its time is
 * that of the publisher's stamps (chalk_playback_room_time); what it plays, and whether that is
 * heard, is reported to staff by itself. While nobody publishes the stream, events are presented as
 * they arrive.
 *
 * @param session   the session.
 * @param playback  the id; 0: none, events are presented as they arrive. What waits is presented at
 * once, marked JUMP.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (no such playback), UNSUPPORTED (one that does not decode), BAD_STATE (in no
 * room, or it has ended; or it was joined with CHALK_PRESENT_LIVE).
 * Thread: any, serial per session.
 * Lifetime: until the playback ends or another is followed.
 * Since: 0.1
 */
CHALK_API int chalk_room_follow(chalk_session *session, chalk_playback_id playback);

/**
 * Takes the oldest event of the room without waiting.
 *
 * @param session  the session.
 * @param out      receives the event.
 * @return CHALK_OK.
 *
 * Errors: AGAIN (no event; wait for the wakeup), BAD_STATE (no room was joined), NO_MEMORY (its
 * texts cannot be held: the event is lost, RESET follows).
 * Thread: any, serial per session.
 * Lifetime: `text` and `data` are borrowed until the next call, the next join or the session's end.
 * Since: 0.1
 */
CHALK_API int chalk_room_next_event(chalk_session *session, chalk_room_event *out);

/**
 * Reads the room as a whole.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param info     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_room_get_info(chalk_session *session, uint32_t view, chalk_room_info *info);

/**
 * What time it is in the room: microseconds since the Unix epoch as the edge keeps them. It never
 * goes back.
 *
 * @param session   the session.
 * @param at_us     runtime clock (chalk_runtime_now_us), usually now; 0: now.
 * @param room_us   receives room time.
 * @param error_us  receives by how much it may be off; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: AGAIN (not known before the first time live), BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: plain copies.
 * Since: 0.1
 */
CHALK_API int chalk_room_time(chalk_session *session, uint64_t at_us, uint64_t *room_us,
                              uint64_t *error_us);

/**
 * Reads one of the streams that are published to the room. They have no order; walk over all with
 * index 0, 1, ... until NOT_FOUND.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param index    0 and up.
 * @param stream   `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (there are not so many), INVALID_ARGUMENT, BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_room_get_stream(chalk_session *session, uint32_t view, uint32_t index,
                                    chalk_room_stream *stream);

/**
 * Reads the room's figures.
 *
 * @param session  the session.
 * @param stats    `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (`struct_size` not set), BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_room_get_stats(chalk_session *session, chalk_room_stats *stats);

/**
 * Reads how late one kind of event was presented.
 *
 * @param session  the session.
 * @param what     enum chalk_room_what; 0: those that this build does not know.
 * @param stats    `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (`struct_size` not set, or no such kind), BAD_STATE (no room was
 * joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_room_get_lateness(chalk_session *session, uint32_t what,
                                      chalk_room_lateness_stats *stats);

/**
 * Fills the options of an application's event with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_room_app_options_init(chalk_room_app_options *options);

/**
 * Sends an event of the application's own; everybody it is for gets it as CHALK_WHAT_APP. Observers
 * may not, and who is muted only to staff. To one, students write to staff alone, as in chat
 * (DENIED).
 *
 * @param session  the session.
 * @param options  what and to whom; copied.
 * @param intent   receives the intent's id; may be NULL.
 * @return CHALK_OK; the SETTLED event tells what came of it.
 *
 * Errors: INVALID_ARGUMENT (text not UTF-8, or too long), BAD_STATE (in no room, or it has ended),
 * LIMIT (too many unanswered: take events), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_room_send_app(chalk_session *session, const chalk_room_app_options *options,
                                  chalk_intent_id *intent);

/**
 * Shows the newest state of something, such as a pointer: others get the newest alone, as
 * CHALK_ROOM_EVENT_SHOWN. It is not kept and not sent again; without the right for its key, once
 * the class has ended, or where too much is sent at once, it is shown to nobody, and nothing says
 * so.
 *
 * @param session  the session.
 * @param key      0..3: of what is drawn, such as a pointer, with the right to draw (3 is the
 * whiteboard's pen: states that were not sent yet are joined); 4..7: the application's own, with
 * the right to chat, which who is muted has not.
 * @param data     the state.
 * @param size     bytes, 0..CHALK_ROOM_SHOW_MAX.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (not live: it is forgotten), BAD_STATE (in no room, or it has
 * ended).
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_room_show(chalk_session *session, uint32_t key, const void *data, size_t size);

/**
 * Reacts, such as with an emoji. Equal reactions are added up and shown to all as
 * CHALK_ROOM_EVENT_REACTION; they are not kept.
 *
 * @param session  the session.
 * @param text     UTF-8, 1..CHALK_ROOM_REACT_MAX bytes.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (not live: it is forgotten), BAD_STATE (in no room, or it has
 * ended).
 * Thread: any, serial per session.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_room_react(chalk_session *session, const char *text);

/**
 * Reports to staff what this participant sees and hears. What is played, and how old it is, comes
 * from the followed playback by itself.
 *
 * @param session  the session.
 * @param page     the page or slide that is seen, the application's count; 0: none.
 * @param sound    enum chalk_room_sound, for an application that plays the sound itself; 0: as the
 * followed playback's speaker shows.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, BAD_STATE (in no room, or it has ended).
 * Thread: any, serial per session.
 * Lifetime: until the next call.
 * Since: 0.1
 */
CHALK_API int chalk_room_report(chalk_session *session, uint64_t page, uint32_t sound);

/**
 * Reads the newest summary of what everybody sees and hears; the edge sends it to staff when
 * somebody has reported, come or gone, at most twice a second. A report is made when page or sound
 * changes and else each 5 s, in large rooms more seldom or by some alone, and counts for 15 s.
 *
 * @param session  the session.
 * @param summary  `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (`struct_size` not set), AGAIN (none has come), BAD_STATE (no room was
 * joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_room_get_summary(chalk_session *session, chalk_room_summary *summary);

/**
 * The newest summary in words, such as "28 of 30 see page 14, the oldest 1.1 s behind; 27 hear you;
 * Li Wei: speaker muted".
 *
 * @param session  the session.
 * @param text     receives the words with a terminating zero, cut where they do not fit.
 * @param size     bytes of `text`, 1 and up.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, AGAIN (none has come), BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: the caller's own buffer.
 * Since: 0.1
 */
CHALK_API int chalk_room_summary_text(chalk_session *session, char *text, size_t size);

#ifdef __cplusplus
}
#endif
#endif
