/* The numbers of the room's protocol that are not fields: kinds, roles, rights, reasons. */
#ifndef CK_CORE_ROOM_NAMES_H
#define CK_CORE_ROOM_NAMES_H

#include <stdbool.h>
#include <stdint.h>

enum ck_role {
    CK_ROLE_OWNER = 1,
    CK_ROLE_TEACHER,
    CK_ROLE_ASSISTANT,
    CK_ROLE_STUDENT,
    CK_ROLE_OBSERVER,
};

/* Owner, teacher, assistant. */
static inline bool ck_role_is_staff(uint64_t role)
{
    return role >= CK_ROLE_OWNER && role <= CK_ROLE_ASSISTANT;
}

enum ck_right {
    CK_RIGHT_CHAT = 1,
    CK_RIGHT_SPEAK = 2,
    CK_RIGHT_SHARE = 4,
    CK_RIGHT_DRAW = 8,
    CK_RIGHT_MODERATE = 16,
};

enum ck_audience {
    CK_TO_ALL = 0,
    CK_TO_STAFF = 1, /* and the author */
    CK_TO_ONE = 2,   /* the target and the author */
    CK_TO_SELF = 3,  /* the author; what the edge says: the target */
};

enum ck_lane {
    CK_LANE_ORDERED = 0,
    CK_LANE_CROWD = 1,
};

enum ck_class_state {
    CK_CLASS_OPEN = 0,
    CK_CLASS_LIVE,
    CK_CLASS_ENDED,
    CK_CLASS_ARCHIVED, /* read only */
};

/* What a page is of. */
enum ck_ask {
    CK_ASK_HISTORY = 1, /* messages of both lanes */
    CK_ASK_CROWD,       /* of the crowd lane alone */
    CK_ASK_ROSTER,
};

enum ck_media {
    CK_MEDIA_SCREEN = 1,
    CK_MEDIA_CAMERA = 2,
};

/* What a participant reports of the sound that it is sent. X(NAME, value, "name") */
#define CK_SOUND_LIST(X)                                                                           \
    X(UNKNOWN, 0, "sound unknown")                                                                 \
    X(HEARD, 1, "hears") /* it reaches a device that is open and not muted */                      \
    X(MUTED, 2, "speaker muted")                                                                   \
    X(NO_DEVICE, 3, "no sound device")                                                             \
    X(NOT_PLAYING, 4, "plays no stream") /* or none with sound */

enum ck_sound {
#define CK_SOUND_ENUM(name, value, text) CK_SOUND_##name = value,
    CK_SOUND_LIST(CK_SOUND_ENUM)
#undef CK_SOUND_ENUM
};

/* X(NAME, value, "name") */
#define CK_EVENT_LIST(X)                                                                           \
    X(ENROLL, 1, "enroll")  /* by the edge: target is `text`, of role `value` */                   \
    X(CHAT, 2, "chat")      /* `text` to all, staff or one; to all, target: who is meant */        \
    X(DELETE, 3, "delete")  /* message `about` of lane `value` */                                  \
    X(ROLE, 4, "role")      /* target has role `value` */                                          \
    X(RIGHTS, 5, "rights")  /* target has rights `value` */                                        \
    X(MUTE, 6, "mute")      /* target, or 0 for all, may not chat; value 0: may again */           \
    X(BAN, 7, "ban")        /* target is out; value 0: may come again */                           \
    X(SLOW, 8, "slow")      /* `value` seconds between two messages of a student */                \
    X(HAND, 9, "hand")      /* own, or target's, is up (1) or down (0) */                          \
    X(INVITE, 10, "invite") /* target may speak if it wants to; 0: not any more */                 \
    X(ANSWER, 11, "answer") /* to an invitation: yes (1), no (0) */                                \
    X(ASK, 12, "ask")       /* target: mute your microphone (1), stop your camera (2) */           \
    X(POLL, 13, "poll")     /* `text`, options in `data`; value 1: several may be chosen */        \
    X(VOTE, 14, "vote")     /* for poll `about`: bits of `value` */                                \
    X(COUNTS, 15, "counts") /* by the edge: of poll `about`, packed in `data` */                   \
    X(POLL_END, 16, "poll_end")                                                                    \
    X(NOTICE, 17, "notice") /* pinned `text`; empty: none */                                       \
    X(CLASS, 18, "class")   /* state `value` */                                                    \
    X(STREAM, 19, "stream") /* by the edge: target publishes media value >> 1 if value & 1 */      \
    X(APP, 20, "app")       /* the application's own: `value`, `text`, `data` */                   \
    X(REPEAT, 21, "repeat") /* by the edge: message `about` of the crowd said `times` again */     \
    X(BOARD, 22, "board")   /* an operation on the whiteboard in `data`: core/board */

enum ck_event_kind {
#define CK_EVENT_ENUM(name, value, text) CK_EVENT_##name = value,
    CK_EVENT_LIST(CK_EVENT_ENUM)
#undef CK_EVENT_ENUM
};

/* Why an intent is refused or a connection ended. X(NAME, value, "name") */
#define CK_REASON_LIST(X)                                                                          \
    X(DENIED, 1, "denied")          /* the role or right for it is missing */                      \
    X(NOT_FOUND, 2, "not_found")    /* no such participant, message or poll */                     \
    X(STATE, 3, "state")            /* not now: the class is over, the poll closed */              \
    X(INVALID, 4, "invalid")        /* makes no sense */                                           \
    X(LIMIT, 5, "limit")            /* there are too many already */                               \
    X(RATE, 6, "rate")              /* too fast: comes again, with all behind it, after a while */ \
    X(MUTED, 7, "muted")            /* may not chat now */                                         \
    X(TOO_LARGE, 8, "too_large")    /* a text or data over the role's limit */                     \
    X(BUSY, 9, "busy")              /* the edge has too much to do; wait */                        \
    X(STORE, 10, "store")           /* could not be saved: the same */                             \
    X(SETTLED, 11, "settled")       /* was answered while away, and not accepted */                \
    X(PACE, 12, "pace")             /* slow mode */                                                \
    X(SUPERSEDED, 16, "superseded") /* the same participant logged in again */                     \
    X(BANNED, 17, "banned")                                                                        \
    X(MOVED, 18, "moved")       /* another edge has the room */                                    \
    X(SLOW, 19, "slow_reader")  /* did not take what was sent; come again */                       \
    X(PROTOCOL, 20, "protocol") /* broke it */                                                     \
    X(FULL, 21, "full")         /* no more people fit */                                           \
    X(VERSION, 22, "version")   /* not spoken here */                                              \
    X(TAKEN, 23, "taken")       /* logged in elsewhere, and the room keeps the first */            \
    X(SILENT, 24, "silent")     /* said nothing for too long */                                    \
    X(RESUMED, 25, "resumed")   /* the same login came by another connection */                    \
    X(EXPIRED, 26, "expired")   /* the token has; come again with a new one */

enum ck_reason {
    CK_REASON_NONE = 0,
#define CK_REASON_ENUM(name, value, text) CK_REASON_##name = value,
    CK_REASON_LIST(CK_REASON_ENUM)
#undef CK_REASON_ENUM
};

const char *ck_event_kind_name(uint64_t kind); /* "chat"; "?" for what is none */
const char *ck_reason_name(uint64_t reason);   /* "denied"; "none" for 0 */
const char *ck_sound_name(uint64_t sound);     /* "speaker muted" */

#endif
