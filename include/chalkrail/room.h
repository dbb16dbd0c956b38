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

#include "chalkrail/role.h"
#include "chalkrail/session.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef uint64_t chalk_person_id; /* of a participant: from 1, as long as the edge has the room;
                                     0: nobody, or the edge */
typedef uint64_t chalk_intent_id; /* of an action; never used twice in a session */

/* Bytes of the longest text and of the longest data of an application's event, for staff; students
 * may send 2,000 and 4,096. */
#define CHALK_ROOM_TEXT_MAX 8000
#define CHALK_ROOM_DATA_MAX 16384
/* Bytes of the newest state of a key (chalk_room_show), of a reaction, of a notice. */
#define CHALK_ROOM_SHOW_MAX   1024
#define CHALK_ROOM_REACT_MAX  32
#define CHALK_ROOM_NOTICE_MAX 500
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

/* Bits of rights. */
enum chalk_right {
    CHALK_RIGHT_CHAT = 1,
    CHALK_RIGHT_SPEAK = 2,
    CHALK_RIGHT_SHARE = 4,
    CHALK_RIGHT_DRAW = 8,
    CHALK_RIGHT_MODERATE = 16,
};

/* Whom something is for. */
enum chalk_audience {
    CHALK_TO_ALL = 1,
    CHALK_TO_STAFF = 2, /* and its author */
    CHALK_TO_ONE = 3,   /* `target` and its author */
    CHALK_TO_SELF = 4,  /* its author alone, such as a vote */
};

/* Each lane has numbers of its own. */
enum chalk_lane {
    CHALK_LANE_ORDERED = 1, /* all, once, in order */
    CHALK_LANE_CROWD = 2,   /* students' chat in a large room: sampled, repeats merged; one's own,
                               what means one, and staff's always */
};

enum chalk_class_state {
    CHALK_CLASS_OPEN = 1, /* people come together */
    CHALK_CLASS_LIVE = 2,
    CHALK_CLASS_ENDED = 3,    /* chat and moderation go on */
    CHALK_CLASS_ARCHIVED = 4, /* read only */
};

/* What somebody publishes to the room. */
enum chalk_room_media {
    CHALK_ROOM_SCREEN = 1,
    CHALK_ROOM_CAMERA = 2,
};

/* What happened. Beside each: which fields of chalk_room_event say what. */
enum chalk_room_what {
    CHALK_WHAT_ENROLL = 1,    /* target: a new participant; name, value: enum chalk_role */
    CHALK_WHAT_CHAT = 2,      /* text; target: to whom, or in a message to all who is meant */
    CHALK_WHAT_DELETE = 3,    /* about, lane: the message that is gone */
    CHALK_WHAT_ROLE = 4,      /* target has role value */
    CHALK_WHAT_RIGHTS = 5,    /* target has rights value, enum chalk_right bits */
    CHALK_WHAT_MUTE = 6,      /* target, or with 0 all but staff, may not chat; on 0: may again */
    CHALK_WHAT_BAN = 7,       /* target is out; on 0: may come again */
    CHALK_WHAT_SLOW = 8,      /* value: seconds between two messages of a student */
    CHALK_WHAT_HAND = 9,      /* target's hand is up (on 1) or down */
    CHALK_WHAT_INVITE = 10,   /* target may speak if it wants to; on 0: not any more */
    CHALK_WHAT_ANSWER = 11,   /* author answers an invitation; on 1: yes */
    CHALK_WHAT_ASK = 12,      /* target is asked; value: enum chalk_room_ask */
    CHALK_WHAT_POLL = 13,     /* number: a new poll; text: the question; chalk_class_next_poll */
    CHALK_WHAT_VOTE = 14,     /* one's own, for poll about: choices value */
    CHALK_WHAT_COUNTS = 15,   /* the votes of poll about were counted; chalk_class_next_poll */
    CHALK_WHAT_POLL_END = 16, /* poll about takes no votes any more */
    CHALK_WHAT_NOTICE = 17,   /* text is pinned; empty: nothing is */
    CHALK_WHAT_CLASS = 18,    /* value: enum chalk_class_state */
    CHALK_WHAT_STREAM = 19,   /* target publishes value, enum chalk_room_media; on 0: ceased to */
    CHALK_WHAT_APP = 20,      /* the application's own: value, text, data */
    CHALK_WHAT_REPEAT = 21,   /* message about of the crowd was said `times` again */
    CHALK_WHAT_BOARD = 22,    /* author drew, or did something else on the whiteboard */
};

/* What a participant can be asked to do by itself. */
enum chalk_room_ask {
    CHALK_ASK_MUTE_MICROPHONE = 1,
    CHALK_ASK_STOP_CAMERA = 2,
};

/* Why an intent was not done, or why the edge ended a connection. */
enum chalk_room_reason {
    CHALK_REASON_NONE = 0,      /* nothing is wrong; of an intent: it was done */
    CHALK_REASON_DENIED = 1,    /* the role or right for it is missing */
    CHALK_REASON_NOT_FOUND = 2, /* no such participant, message or poll */
    CHALK_REASON_STATE = 3,     /* not now: the class is over, the poll closed */
    CHALK_REASON_INVALID = 4,   /* makes no sense */
    CHALK_REASON_LIMIT = 5,     /* there are too many already */
    CHALK_REASON_RATE = 6,      /* too fast; tried again by itself */
    CHALK_REASON_MUTED = 7,     /* may not chat now */
    CHALK_REASON_TOO_LARGE = 8, /* a text or data over the role's limit */
    CHALK_REASON_BUSY = 9,      /* the edge has too much to do; an intent may be tried again */
    CHALK_REASON_STORE = 10,    /* could not be saved; tried again by itself */
    CHALK_REASON_SETTLED = 11,  /* answered while away: the state shows what came of it */
    CHALK_REASON_PACE = 12,     /* slow mode: wait */
    CHALK_REASON_SUPERSEDED =
        16,                   /* the same participant logged in again; the room has ended here */
    CHALK_REASON_BANNED = 17, /* the room has ended here */
    CHALK_REASON_MOVED = 18,  /* another edge has the room */
    CHALK_REASON_SLOW_READER = 19, /* this end did not take what was sent; resumes by itself */
    CHALK_REASON_PROTOCOL = 20,    /* the edge understood something differently; resumes */
    CHALK_REASON_FULL = 21,        /* no more people fit; tried again by itself */
    CHALK_REASON_VERSION = 22,     /* not spoken there; the room has ended here */
    CHALK_REASON_TAKEN = 23,       /* logged in elsewhere, and the room keeps the first */
    CHALK_REASON_SILENT = 24,      /* said nothing for too long; resumes by itself */
    CHALK_REASON_RESUMED = 25,     /* the same login came by another connection */
    CHALK_REASON_EXPIRED = 26,     /* the token has; resumes with a new one */
    CHALK_REASON_LEFT = 100,       /* of an intent: the room ended here before it was answered */
};

/* How an event came to be presented when it was. */
enum chalk_room_how {
    CHALK_HOW_LIVE = 1,    /* nothing is followed, or it does not wait: when it arrived */
    CHALK_HOW_IN_STEP = 2, /* with its moment of the followed playback; late_us after it */
    CHALK_HOW_BOUND = 3,   /* its moment did not come for 60 s, or too much was waiting */
    CHALK_HOW_JUMP = 4,    /* playout jumped over its moment, or the playback ended */
};

/* Whether sound reaches the participant. */
enum chalk_room_sound {
    CHALK_SOUND_HEARD = 1,       /* it reaches a device that is open and not muted */
    CHALK_SOUND_MUTED = 2,       /* by the participant */
    CHALK_SOUND_NO_DEVICE = 3,   /* no speaker is open */
    CHALK_SOUND_NOT_PLAYING = 4, /* no stream is played, or none with sound */
};

enum chalk_room_event_kind {
    CHALK_ROOM_EVENT_RESET = 1,    /* much has changed at once, or events were dropped: look at the
                                      state; value: events dropped */
    CHALK_ROOM_EVENT_HAPPENED = 2, /* `what`, presented now */
    CHALK_ROOM_EVENT_SETTLED = 3,  /* `intent` has ended: reason NONE: it is event `number` */
    CHALK_ROOM_EVENT_SHOWN = 4,    /* newest state of key `value` of author: data */
    CHALK_ROOM_EVENT_REACTION = 5, /* text, from `times` people */
    CHALK_ROOM_EVENT_HIDDEN = 6,   /* `times` messages of the crowd were not shown; they are in the
                                      history */
    CHALK_ROOM_EVENT_PRESENCE = 7, /* `value` people are here */
    CHALK_ROOM_EVENT_SUMMARY = 8,  /* staff alone: chalk_room_get_summary has a new one */
    CHALK_ROOM_EVENT_PAST = 9,     /* one event of the history asked for by `request` */
    CHALK_ROOM_EVENT_PERSON = 10,  /* one participant of the roster asked for by `request`: target,
                                      name, value: enum chalk_role */
    CHALK_ROOM_EVENT_PAGE = 11,    /* `request` has ended, after its PAST or PERSON events; cause:
                                      why it failed, or OK; on 1: there is more. Of the history
                                      number and about are `before` and `before_crowd` of the next
                                      page; of the roster target is `after` */
    CHALK_ROOM_EVENT_TOKEN = 12,   /* a new token is wanted (chalk_room_set_token), for the present
                                      one is about to expire or (cause DENIED) was refused; on 1: a
                                      new one was accepted. value: room time at which it expires, 0:
                                      never or not known */
    CHALK_ROOM_EVENT_HELD = 13,    /* the edge does not take what is pending, for `reason`, such as
                                      STORE (its disk is full); it is sent again by itself. NONE:
                                      it does again */
};

/* What happened in the room. Fields that the kind does not name are 0. */
typedef struct chalk_room_event {
    uint32_t kind;     /* enum chalk_room_event_kind */
    uint32_t what;     /* HAPPENED, PAST: enum chalk_room_what; another number: from a newer end */
    uint32_t lane;     /* enum chalk_lane */
    uint32_t audience; /* enum chalk_audience */
    uint32_t how;      /* HAPPENED, SHOWN: enum chalk_room_how */
    uint32_t reason;   /* SETTLED, HELD: enum chalk_room_reason */
    uint32_t on;       /* by what; of a CHAT in PAST 1: it was taken back; PERSON 1: is here now */
    int32_t cause;     /* PAGE, TOKEN: enum chalk_error */
    uint64_t number;   /* of the event in its lane */
    chalk_person_id author; /* 0: the edge */
    chalk_person_id target;
    uint64_t value;     /* by what */
    uint64_t about;     /* number of a message or poll */
    uint64_t times;     /* repeats merged into this one; 0 and 1: none */
    uint64_t order_us;  /* room time at which the edge put it in order */
    uint64_t origin_us; /* room time at which it happened, by its author's clock */
    uint64_t late_us;   /* IN_STEP: how long after its moment it is presented */
    chalk_intent_id intent;
    chalk_request_id request;
    size_t text_size;     /* bytes */
    size_t data_size;     /* bytes */
    const char *text;     /* UTF-8 with a terminating zero; never NULL; borrowed */
    const uint8_t *data;  /* never NULL; borrowed */
    uint64_t reserved[4]; /* 0; for kinds to come, so that the size stays */
    char name[72];        /* the author's, or by what; "": not known */
} chalk_room_event;

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
 * Errors: NOT_FOUND (no such playback), BAD_STATE (in no room, or it has ended; or it was joined
 * with CHALK_PRESENT_LIVE).
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
 * may not, and who is muted only to staff.
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

/**
 * The name of a kind of event of a room, such as "settled", for logs and JSON.
 *
 * @param kind  enum chalk_room_event_kind.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_room_event_kind_name(uint32_t kind);

/**
 * The name of what happened, such as "chat", for logs and JSON.
 *
 * @param what  enum chalk_room_what.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_room_what_name(uint32_t what);

/**
 * The name of a reason, such as "denied", for logs and JSON.
 *
 * @param reason  enum chalk_room_reason.
 * @return a lower-case word; "none" for 0, "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_room_reason_name(uint32_t reason);

/**
 * The name of how an event was presented, such as "in_step", for logs and JSON.
 *
 * @param how  enum chalk_room_how.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_room_how_name(uint32_t how);

/**
 * The name of a role, such as "teacher", as tokens have it.
 *
 * @param role  enum chalk_role.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_role_name(uint32_t role);

#ifdef __cplusplus
}
#endif
#endif
