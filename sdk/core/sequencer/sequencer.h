/*
 * The edge's side of one room: it puts what participants want into one order, has it stored, and
 * tells everybody, in that order and nothing else.
 *
 *     someone connects     ck_sequencer_connect(s, &claims, now, &id)
 *     (the host has checked the token before)
 *     a frame came         ck_sequencer_feed(s, id, bytes, now)
 *     the store answered   ck_sequencer_stored(s, to, answer, now)
 *     then                 while (ck_sequencer_poll_output(s, &out)) ... carry it out
 *     at the deadline      ck_sequencer_on_deadline(s, now)
 *
 * What was accepted is told to nobody, its author included, before the store has committed it. So
 * whoever saw an event will find it there again, whatever dies in between. Intents wait while the
 * store writes; then they are judged one after the other against what is committed and go into the
 * next record together.
 *
 * A sequencer begins by asking for what is stored (CK_SEQUENCER_TAIL), and ends when somebody else
 * has taken the lease (FENCED): then it says MOVED to all and does nothing more. README.md draws
 * it.
 *
 * Times: now_us is monotonic; room time is made of it, of the wall clock at the beginning and of
 * the newest time in the log, and never goes back. One thread at a time. Every queue is bounded;
 * stats count what was turned away.
 */
#ifndef CK_CORE_SEQUENCER_SEQUENCER_H
#define CK_CORE_SEQUENCER_SEQUENCER_H

#include "base/rng.h"
#include "base/slice.h"
#include "base/time.h"
#include "core/room/pack.h"
#include "core/room/room.h"
#include "core/room/store.h"

typedef struct ck_sequencer ck_sequencer;

/* 0 is the default that stands beside the field. */
typedef struct ck_sequencer_config {
    const ck_alloc *alloc;    /* required */
    uint64_t epoch;           /* required: of the lease under which it may append */
    uint64_t unix_us;         /* required: the wall clock now */
    uint32_t connections_max; /* 16,384 */
    uint32_t crowd_from;      /* 100: with more people here students' chat goes by the crowd lane */
    uint32_t crowd_per_s;     /* 10: so many of its messages are shown to everybody */
    uint32_t chat_max;        /* 20,000 messages kept for history */
    uint32_t hand_timeout_s;  /* 600 */
    uint32_t silent_s;        /* 30: a connection that says nothing for so long is closed */
    uint32_t checkpoint_events; /* 1,000 */
    bool keep_first_login;      /* a second login is refused; else it wins and the first is told */
    const ck_packer *packer;    /* borrowed, of this room alone; NULL: frames go as they are */
    uint32_t pack_from;         /* 9: with fewer people here nothing is packed */
} ck_sequencer_config;

/* What a checked token says. */
typedef struct ck_claims {
    ck_bytes name; /* 1 to 64 bytes, well-formed */
    enum ck_role role;
    uint64_t expires_us; /* in the time of now_us; 0: never */
} ck_claims;

enum ck_sequencer_action {
    CK_SEQUENCER_SEND = 1,   /* `bytes`, one WebSocket message, to `connection` */
    CK_SEQUENCER_CLOSE,      /* `connection`, when what was sent is out; it is forgotten here */
    CK_SEQUENCER_TAIL,       /* give what is stored: ck_sequencer_load, then ck_sequencer_open */
    CK_SEQUENCER_APPEND,     /* `bytes` as the record (after, to]; answer by ck_sequencer_stored */
    CK_SEQUENCER_CHECKPOINT, /* `bytes` are the state at `to`; needs no answer */
    CK_SEQUENCER_RENEW,      /* `bytes`: a new token of `connection`; answer: ck_sequencer_renew */
};

typedef struct ck_sequencer_output {
    enum ck_sequencer_action action;
    uint64_t connection;
    uint64_t after, to;
    ck_slice bytes; /* one reference, the caller's; the same bytes for all where they are */
} ck_sequencer_output;

enum ck_sequencer_state {
    CK_SEQUENCER_LOADING = 1,
    CK_SEQUENCER_OPEN,
    CK_SEQUENCER_LOST, /* fenced, or out of memory: destroy it */
};

typedef struct ck_sequencer_stats {
    uint32_t connections; /* now */
    uint32_t present;     /* people here, now */
    uint32_t inbox_most;  /* intents that waited, ever */
    uint32_t outputs_most;
    uint64_t head;      /* committed */
    uint64_t accepted;  /* events and crowd messages */
    uint64_t refused;   /* intents */
    uint64_t busy;      /* of them: the inbox was full */
    uint64_t sent_back; /* intents that had to come again: too fast, or the store was full */
    uint64_t repeated;  /* intents that came again after they were settled */
    uint64_t hidden;    /* crowd messages not shown to everybody */
    uint64_t resumed;   /* joins without a snapshot */
    uint64_t snapshots;
    uint64_t slow_closed;
    uint64_t spots_dropped;
    uint64_t lanes_skipped; /* frames that slow readers were spared */
    uint64_t flooded;       /* frames besides intents that came too fast and were left out */
    uint64_t packed_frames; /* made, not sent: each goes to many */
    uint64_t packed_from_bytes, packed_bytes; /* what was in them, and their size */
    uint64_t pack_restarts;
} ck_sequencer_stats;

/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_NO_MEMORY. */
int ck_sequencer_create(const ck_sequencer_config *config, uint64_t now_us, ck_sequencer **out);
void ck_sequencer_destroy(ck_sequencer **s); /* NULL inside is accepted */

/* --- connections --------------------------------------------------------------------------- */

/* CHALK_ERR_LIMIT: no more fit; CHALK_ERR_INVALID_ARGUMENT: a claim; CHALK_ERR_NO_MEMORY. */
int ck_sequencer_connect(ck_sequencer *s, const ck_claims *claims, uint64_t now_us, uint64_t *id);
/* Its HELLO has come and waits at the host: the time for it begins anew. */
void ck_sequencer_waits(ck_sequencer *s, uint64_t id, uint64_t now_us);
/* A frame. What is wrong with it is answered to that connection. Unknown ids are ignored: they may
 * have been closed in the same turn. */
void ck_sequencer_feed(ck_sequencer *s, uint64_t id, ck_bytes frame, uint64_t now_us);
/* Bytes that wait to be sent to it. Beyond 64 KB it gets the ordered lane alone; beyond 1 MB it is
 * closed, to resume. */
void ck_sequencer_unsent(ck_sequencer *s, uint64_t id, size_t bytes);
void ck_sequencer_gone(ck_sequencer *s, uint64_t id, uint64_t now_us);
/* The answer to RENEW: what the new token says. The participant must be the same; a higher role is
 * taken over, a lower one is not (what the room gave, the room takes). NULL, or another
 * participant: the connection is closed as EXPIRED. */
void ck_sequencer_renew(ck_sequencer *s, uint64_t id, const ck_claims *claims, uint64_t now_us);
/* The room is another edge's now: all are told where, and nothing more is done here. Also to be
 * called before a store's FENCED is passed on, where the host knows who has the room. `url`: up to
 * 1024 bytes; empty: they come to the address that they know. */
void ck_sequencer_move(ck_sequencer *s, ck_bytes url);

/* --- media --------------------------------------------------------------------------------- */

/* A participant of this name began or ceased to publish; unknown names are ignored. */
void ck_sequencer_stream(ck_sequencer *s, ck_bytes name, enum ck_media media, bool on,
                         uint64_t now_us);

/* --- store --------------------------------------------------------------------------------- */

/* One piece after the other, in order. BAD_DATA: it is not what we once wrote; NO_MEMORY. */
int ck_sequencer_load_checkpoint(ck_sequencer *s, ck_bytes state);
int ck_sequencer_load(ck_sequencer *s, ck_bytes record);
void ck_sequencer_open(ck_sequencer *s, uint64_t now_us);
/* To the APPEND up to `to`; others are ignored. */
void ck_sequencer_stored(ck_sequencer *s, uint64_t to, enum ck_store_answer answer,
                         uint64_t now_us);

/* --- outputs ------------------------------------------------------------------------------- */

uint64_t ck_sequencer_next_deadline(const ck_sequencer *s);
void ck_sequencer_on_deadline(ck_sequencer *s, uint64_t now_us);
bool ck_sequencer_poll_output(ck_sequencer *s, ck_sequencer_output *out);

enum ck_sequencer_state ck_sequencer_state_of(const ck_sequencer *s);
ck_sequencer_stats ck_sequencer_get_stats(const ck_sequencer *s);
uint64_t ck_sequencer_room_us(const ck_sequencer *s, uint64_t now_us);
const ck_room *ck_sequencer_room(const ck_sequencer *s); /* borrowed until the next call */

#endif
