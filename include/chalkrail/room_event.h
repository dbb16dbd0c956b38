/*
 * chalkrail/room_event.h - what happens in a room, in words that all its headers use.
 *
 * Everything in a room has one shape of event. `kind` says what the library tells: that something
 * happened, that an intent has ended, that a page has come. Of what happened `what` says which, and
 * beside each of its values stands which fields mean what; the others are 0.
 *
 *     if (event.kind == CHALK_ROOM_EVENT_SETTLED && event.reason != CHALK_REASON_NONE)
 *         fprintf(stderr, "not done: %s\n", chalk_room_reason_name(event.reason));
 *
 * Numbers are those of the protocol and never change their meaning; ends that are newer may use
 * ones that are not here.
 *
 * Thread: values are plain. Lifetime: texts and data of an event are borrowed until the next one is
 * taken (chalk_room_next_event).
 */
#ifndef CHALKRAIL_ROOM_EVENT_H
#define CHALKRAIL_ROOM_EVENT_H

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
    CHALK_ROOM_EVENT_POINTER = 14, /* the pointer over author's shared screen has moved or looks
                                      different (chalkrail/pointer.h) */
    CHALK_ROOM_EVENT_ASSET = 15,   /* a picture or deck (chalkrail/asset.h); data: its hash, value:
                                      enum chalk_asset_state, cause: why it failed */
};

/* What happened in the room. Fields that the kind does not name are 0. */
typedef struct chalk_room_event {
    uint32_t kind;     /* enum chalk_room_event_kind */
    uint32_t what;     /* HAPPENED, PAST: enum chalk_room_what; another number: from a newer end */
    uint32_t lane;     /* enum chalk_lane */
    uint32_t audience; /* enum chalk_audience */
    uint32_t how;      /* HAPPENED, SHOWN, POINTER: enum chalk_room_how */
    uint32_t reason;   /* SETTLED, HELD: enum chalk_room_reason */
    uint32_t on;       /* by what; of a CHAT in PAST 1: it was taken back; PERSON 1: is here now */
    int32_t cause;     /* PAGE, TOKEN, ASSET: enum chalk_error */
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
