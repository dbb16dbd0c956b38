/*
 * A client's side of a room: it keeps a copy of the room that converges on the edge's whatever the
 * network does, and delivers what its owner wants done exactly once.
 *
 *     ck_replica_start(r, now)
 *     what to do        while (ck_replica_poll_output(r, &out)) open, send, close
 *     how it went       ck_replica_opened / _failed / _feed
 *     what is wanted    ck_replica_intend(r, &intent, now, &id)   at any time, also offline
 *     what happened     while (ck_replica_poll_event(r, &event)) ...
 *     the connection    while (ck_replica_poll_state(r, &change)) ...
 *     at the deadline   ck_replica_on_deadline(r, now)
 *
 * The copy has a head (all that has arrived) and a presented state (all whose moment has come in
 * the stream that is followed; release.h). Rights, class control and one's own doings count at the
 * head; the rest is shown as presented. Intents are pending until the room answers; what they will
 * do is laid over the head when somebody looks (ck_replica_look), so there is nothing to take back
 * when the room decides otherwise.
 *
 * The life of the connection is a ck_session's. One thread at a time; times are µs; queues are
 * bounded and say so in stats.
 */
#ifndef CK_CORE_REPLICA_REPLICA_H
#define CK_CORE_REPLICA_REPLICA_H

#include "base/slice.h"
#include "core/clock/clock.h"
#include "core/replica/release.h"
#include "core/room/pack.h"
#include "core/room/room.h"
#include "core/session/session.h"

typedef struct ck_replica ck_replica;

#define CK_REPLICA_PENDING   256u       /* intents not answered; more are refused with LIMIT */
#define CK_REPLICA_PENDING_B (1u << 20) /* bytes of them */
#define CK_REPLICA_STASH     (1u << 20) /* personal events before what covers them: else resync */
#define CK_REPLICA_EVENTS    1024u      /* for the app; more are dropped, and RESET says so */
#define CK_REPLICA_SETTLES   512u       /* places beyond them for SETTLED alone */
#define CK_REPLICA_OUTPUTS   1024u      /* to be sent; more close the connection */
#define CK_REPLICA_KEEP_ALL  UINT32_MAX /* messages, up to CK_ROOM_CHAT_BYTES of texts */

typedef struct ck_replica_config {
    const ck_alloc *alloc;       /* required */
    uint32_t chat_max;           /* messages kept: 0: none, the hash alone; CK_REPLICA_KEEP_ALL */
    bool presents;               /* keeps a presented state; else the head is what is presented */
    ck_session_config session;   /* kind is set here; media_idle_us: 0 is 25 s */
    const ck_unpacker *unpacker; /* borrowed, of this replica alone; NULL: frames come plain */
} ck_replica_config;

enum ck_replica_action {
    CK_REPLICA_OPEN = 1, /* a WebSocket for `attempt`; report _opened or _failed */
    CK_REPLICA_SEND,     /* `bytes`, one message, on it */
    CK_REPLICA_CLOSE,    /* it, whatever its state */
};

typedef struct ck_replica_output {
    enum ck_replica_action action;
    uint32_t attempt;
    ck_slice bytes; /* one reference, the caller's */
} ck_replica_output;

enum ck_replica_event_kind {
    CK_REPLICA_RESET = 1, /* much has changed at once: look at the state; `number` dropped */
    CK_REPLICA_EVENT,     /* `event` is presented */
    CK_REPLICA_SETTLED,   /* intent `id`: `reason` NONE: it is event `number` */
    CK_REPLICA_SPOT,      /* `event`: author, value: key, data, origin_us; with the media */
    CK_REPLICA_REACTION,  /* `event`: text, times */
    CK_REPLICA_HIDDEN,    /* `number` crowd messages were not shown */
    CK_REPLICA_PRESENCE,  /* `number` people are here */
    CK_REPLICA_SUMMARY,   /* there is a new one: ck_replica_summary (core/room/summary.h) */
    CK_REPLICA_PAGE,      /* `bytes` is the page's message (core/room/page.h) */
    CK_REPLICA_RENEWED,   /* the token is good until room time `number`; 0: for ever */
};

typedef struct ck_replica_event {
    enum ck_replica_event_kind kind;
    ck_event event; /* texts and data borrowed until the next poll */
    enum ck_release_how how;
    uint64_t late_us;
    uint64_t id;
    uint64_t number;
    enum ck_reason reason;
    ck_bytes bytes;
} ck_replica_event;

/* For each kind of event, how late behind its picture it was shown. */
typedef struct ck_lateness {
    uint64_t count; /* IN_STEP */
    uint64_t sum_us;
    uint64_t most_us;
    uint64_t marked; /* BOUND and JUMP */
} ck_lateness;

#define CK_REPLICA_KINDS 23u /* enum ck_event_kind; 0: those that are not known */

typedef struct ck_replica_stats {
    uint64_t head, presented; /* numbers */
    uint64_t gaps;            /* frames that did not follow on: resumed */
    uint64_t mismatches;      /* of the hash: begun anew */
    uint64_t snapshots;
    uint64_t resent;         /* intents */
    uint64_t hidden;         /* crowd messages */
    uint64_t unpacked;       /* frames of the edge that came packed */
    uint64_t packed_bytes;   /* their size */
    uint64_t unpacked_bytes; /* what was in them */
    /* Received frames by lane; what came packed by its share of the packed size. */
    uint64_t ordered_bytes, crowd_bytes, presence_bytes, state_bytes;
    uint64_t events_dropped;
    uint32_t pending, held, stash_most;
    uint64_t clock_error_us, rtt_us;
} ck_replica_stats;

/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_NO_MEMORY. */
int ck_replica_create(const ck_replica_config *config, uint64_t seed, uint64_t now_us,
                      ck_replica **out);
void ck_replica_destroy(ck_replica **r); /* NULL inside is accepted */

int ck_replica_start(ck_replica *r, uint64_t now_us); /* CHALK_ERR_BAD_STATE: it was */
void ck_replica_stop(ck_replica *r, uint64_t now_us);
void ck_replica_network_changed(ck_replica *r, enum ck_session_network network, uint64_t now_us);

/* --- transport ----------------------------------------------------------------------------- */

void ck_replica_opened(ck_replica *r, uint32_t attempt, uint64_t now_us);
void ck_replica_failed(ck_replica *r, uint32_t attempt, int status, uint64_t now_us);
/* One WebSocket message. What is not well-formed ends the connection, and it is tried again. */
void ck_replica_feed(ck_replica *r, uint32_t attempt, ck_bytes frame, uint64_t now_us);

/* --- what is wanted ------------------------------------------------------------------------ */

/* Kind, audience, target, about, value, text, data and lane of `intent` count; they are copied. The
 * id comes back in SETTLED, once. CHALK_ERR_LIMIT: too many are pending; CHALK_ERR_NO_MEMORY;
 * CHALK_ERR_BAD_STATE: closed. */
int ck_replica_intend(ck_replica *r, const ck_event *intent, uint64_t now_us, uint64_t *id);
/* Newest state of `key` (0-15) of ours, up to 1 KB; sent when connected, else forgotten. */
void ck_replica_show(ck_replica *r, uint64_t key, ck_bytes data, uint64_t now_us);
void ck_replica_react(ck_replica *r, ck_bytes text);
/* What is played, seen and heard, as it is now (sound: enum ck_sound): to be told on change and now
 * and then. Sent at most as often as the room asks for. */
void ck_replica_report(ck_replica *r, const ck_wire_report *report, uint64_t now_us);
/* What the application says of its owner to all who are told that it is here; kept over reconnects.
 * CHALK_ERR_LIMIT: over 64 bytes. */
int ck_replica_set_status(ck_replica *r, ck_bytes status);
/* A new token for the connection that there is; RENEWED answers. Without a connection nothing is
 * sent: the next one is opened with it. CHALK_ERR_BAD_STATE: not connected; CHALK_ERR_LIMIT: over
 * 1024 bytes. */
int ck_replica_renew(ck_replica *r, ck_bytes token);
void ck_replica_ask(ck_replica *r, const ck_wire_ask *ask);
/* The followed stream shows this room time now (release.h); 0: none is followed any more. */
void ck_replica_playing(ck_replica *r, uint64_t room_us, uint64_t now_us);

/* --- what is ------------------------------------------------------------------------------- */

const ck_room *ck_replica_head(const ck_replica *r); /* borrowed until the next call */
const ck_room *ck_replica_presented(const ck_replica *r);
/* The participant as it will be when what is pending has been accepted. False: unknown. */
bool ck_replica_look(const ck_replica *r, uint64_t id, ck_person *out);
const ck_event *ck_replica_pending(const ck_replica *r, uint32_t index); /* 0: oldest; NULL */
/* Pending, or settled and their event not taken. */
uint32_t ck_replica_unsettled(const ck_replica *r);
/* Why the edge sent the oldest pending ones back, to be sent again by and by (such as STORE); NONE:
 * it did not, or has settled one since. */
enum ck_reason ck_replica_sent_back(const ck_replica *r);
uint64_t ck_replica_me(const ck_replica *r); /* 0: not known yet */
bool ck_replica_is_here(const ck_replica *r, uint64_t id);
ck_bytes ck_replica_status(const ck_replica *r, uint64_t id); /* of who is here; until a feed */
uint64_t ck_replica_here(const ck_replica *r);                /* people, as the edge counts them */
/* The newest that came to us as staff; lists borrowed until the next call. False: none. */
bool ck_replica_summary(const ck_replica *r, ck_wire_summary *out);
uint64_t ck_replica_room_us(ck_replica *r, uint64_t now_us); /* 0: not known yet */
enum ck_session_state ck_replica_state_of(const ck_replica *r);
/* Connected, and the head has come to where the room was when it let us in. */
bool ck_replica_is_caught_up(const ck_replica *r);
enum ck_reason ck_replica_bye(const ck_replica *r); /* the edge's, until it lets us in */
/* Where the next OPEN is to go, if the room has moved; empty: to the address that is known.
 * An address that did not let us in is forgotten. Borrowed until the next call. */
ck_bytes ck_replica_moved_to(const ck_replica *r);
/* Room time at which the token ends; 0: never, or not known. */
uint64_t ck_replica_expires_us(const ck_replica *r);
ck_replica_stats ck_replica_get_stats(const ck_replica *r);
/* Of events of `kind`, below CK_REPLICA_KINDS. All 0 where the head is what is presented. */
ck_lateness ck_replica_lateness(const ck_replica *r, uint32_t kind);

/* --- outputs ------------------------------------------------------------------------------- */

uint64_t ck_replica_next_deadline(const ck_replica *r);
void ck_replica_on_deadline(ck_replica *r, uint64_t now_us);
bool ck_replica_poll_output(ck_replica *r, ck_replica_output *out);
bool ck_replica_has_event(const ck_replica *r);
bool ck_replica_poll_event(ck_replica *r, ck_replica_event *out);
/* Changes of the connection, apart from the events: they are bounded and never dropped. */
bool ck_replica_poll_state(ck_replica *r, ck_session_event *out);

#endif
