/*
 * The states of one link: one publication or one playback, from start to its only end, over as many
 * transports as it takes. The same machine serves both; it decides, the host acts.
 *
 * Host loop: call inputs as things happen (ck_session_start is the first), then pull outputs and
 * events until there are none, then sleep until ck_session_next_deadline().
 *
 *     output             what the host does                       what it reports
 *     CK_SESSION_OPEN    opens a transport for out.attempt        transport_opened, _failed
 *     CK_SESSION_START   publishes or plays on it                 accepted, media, peer_closed
 *     CK_SESSION_FINISH  unpublishes, flushes                     finished
 *     CK_SESSION_CLOSE   frees that transport, whatever its state
 *
 * Each OPEN that was pulled is followed by exactly one CLOSE of the same attempt, also when the
 * transport failed by itself, and before the next OPEN: at most one transport exists. Inputs carry
 * the attempt they speak of; those of an older attempt, or of one not opened yet, are ignored.
 *
 * Time is microseconds and never goes back. The machine allocates nothing; its fields are private.
 */
#ifndef CK_CORE_SESSION_SESSION_H
#define CK_CORE_SESSION_SESSION_H

#include "base/rng.h"
#include "base/time.h"

#include <stdbool.h>
#include <stdint.h>

enum ck_session_kind {
    CK_SESSION_PUBLISH = 1,
    CK_SESSION_PLAY = 2,
};

enum ck_session_state {
    CK_SESSION_IDLE = 1,
    CK_SESSION_CONNECTING,  /* a transport is being opened */
    CK_SESSION_NEGOTIATING, /* the protocol asks for the stream */
    CK_SESSION_LIVE,        /* accepted: media may flow */
    CK_SESSION_WAITING,     /* between two attempts */
    CK_SESSION_STOPPING,    /* finishing gracefully */
    CK_SESSION_CLOSED,      /* the end; nothing follows */
};

/* Whose doing a change is. */
enum ck_session_origin {
    CK_ORIGIN_USER = 1, /* a person asked */
    CK_ORIGIN_APP,      /* the host program asked */
    CK_ORIGIN_SYSTEM,   /* transport, time-out, operating system */
    CK_ORIGIN_PEER,     /* the server */
    CK_ORIGIN_REMEDY,   /* an automatic repair */
};

enum ck_session_network {
    CK_NETWORK_UNKNOWN = 1,
    CK_NETWORK_UP,
    CK_NETWORK_DOWN,
};

/* 0 in any field is the default that stands beside it; CK_NEVER in a time switches it off. */
typedef struct ck_session_config {
    enum ck_session_kind kind;     /* required */
    uint64_t connect_timeout_us;   /* 5 s: name, TCP and TLS together */
    uint64_t negotiate_timeout_us; /* 5 s */
    uint64_t media_idle_us;        /* play 10 s, publish never: LIVE without media_progress */
    uint64_t stop_timeout_us;      /* 2 s */
    uint64_t backoff_base_us;      /* 250 ms */
    uint64_t backoff_cap_us;       /* 10 s */
    uint64_t no_stream_cap_us;     /* 1 s: play, while nobody publishes */
    uint64_t stable_us;            /* 10 s of LIVE make the next failure a first one */
    uint64_t give_up_after_us;     /* never: longest time without LIVE */
    uint32_t max_attempts;         /* never: failures in a row */
    uint32_t name_taken_attempts;  /* 8: refusals by NAME_TAKEN in a row; our own lost connection
                                      may hold the name until the server notices */
    bool no_retry;                 /* the first failure is the end */
} ck_session_config;

enum ck_session_action {
    CK_SESSION_OPEN = 1,
    CK_SESSION_START,
    CK_SESSION_FINISH,
    CK_SESSION_CLOSE,
};

typedef struct ck_session_output {
    enum ck_session_action action;
    uint32_t attempt;
} ck_session_output;

/* A state changed. Kept in a queue of CK_SESSION_EVENTS; when it is full the newest entry is
 * widened to cover the change (`merged` counts those), so first and last are never lost. */
typedef struct ck_session_event {
    enum ck_session_state from;
    enum ck_session_state to;
    int cause; /* chalk_error; CHALK_OK where nothing went wrong */
    enum ck_session_origin origin;
    uint32_t attempt;     /* counts transports from 1; 0 before the first */
    uint32_t failures;    /* failed attempts of this outage */
    uint64_t retry_in_us; /* WAITING: until the next attempt; else 0 */
    uint32_t merged;      /* further changes that this event stands for */
    bool in_background;   /* the app was in the background */
} ck_session_event;

#define CK_SESSION_EVENTS 6 /* a life without losses */

typedef struct ck_session {
    ck_session_config config;
    ck_rng rng;
    enum ck_session_state state;
    enum ck_session_network network;
    bool in_background;
    bool hinted; /* the network came back during an attempt: its failure is not waited for */
    uint32_t attempt;
    uint32_t failures;
    uint32_t name_taken; /* in a row */
    int cause;
    uint64_t deadline_us;
    uint64_t outage_us; /* when it was started, or last left LIVE */
    uint64_t live_us;   /* when LIVE began */
    /* Outputs not pulled yet: an attempt id, 0 for none. Pulled in this order. */
    uint32_t close_attempt;
    uint32_t open_attempt;
    uint32_t start_attempt;
    uint32_t finish_attempt;
    uint32_t held_attempt; /* the attempt whose OPEN was pulled and whose CLOSE was not asked */
    ck_session_event events[CK_SESSION_EVENTS];
    uint32_t event_first;
    uint32_t event_count;
} ck_session;

/* CHALK_OK; CHALK_ERR_INVALID_ARGUMENT for a kind out of range or a base over its cap. */
int ck_session_init(ck_session *s, const ck_session_config *config, uint64_t seed, uint64_t now_us);

/* --- inputs ------------------------------------------------------------------------------- */

/* CHALK_OK; CHALK_ERR_BAD_STATE unless IDLE: a session is started once. */
int ck_session_start(ck_session *s, enum ck_session_origin origin, uint64_t now_us);
/* LIVE finishes gracefully, every other state closes at once; a second stop does not wait. */
void ck_session_stop(ck_session *s, enum ck_session_origin origin, uint64_t now_us);
/* Drops the transport and tries again at once (a remedy, a changed route). The outage counters are
 * kept. Nothing in IDLE, STOPPING and CLOSED. */
void ck_session_reconnect(ck_session *s, enum ck_session_origin origin, uint64_t now_us);

void ck_session_transport_opened(ck_session *s, uint32_t attempt, uint64_t now_us);
/* The transport could not be opened, or broke: REFUSED, DISCONNECTED, TLS, ... `status` >= 0
 * counts as DISCONNECTED. */
void ck_session_transport_failed(ck_session *s, uint32_t attempt, int status, uint64_t now_us);
/* The server agreed to the stream. */
void ck_session_accepted(ck_session *s, uint32_t attempt, uint64_t now_us);
/* Media came in (play) or went out (publish). Cheap: may be called for each packet. */
void ck_session_media_progress(ck_session *s, uint32_t attempt, uint64_t now_us);
/* The server refused or ended the stream: DENIED, NO_STREAM, PEER_CLOSED, END, ... `status` >= 0
 * counts as PEER_CLOSED. */
void ck_session_peer_closed(ck_session *s, uint32_t attempt, int status, uint64_t now_us);
/* What FINISH asked for is done. */
void ck_session_finished(ck_session *s, uint32_t attempt, uint64_t now_us);

/* UP ends a wait at once, once for each call; during an attempt it is kept for its failure. DOWN
 * makes waits as long as the cap: such reports can be wrong, so trying does not stop. */
void ck_session_network_changed(ck_session *s, enum ck_session_network network, uint64_t now_us);
/* Informative: marks later events. */
void ck_session_background(ck_session *s, bool in_background);

uint64_t ck_session_next_deadline(const ck_session *s); /* CK_NEVER: none */
/* Early calls do nothing. Afterwards the next deadline lies after now_us. */
void ck_session_on_deadline(ck_session *s, uint64_t now_us);

/* --- outputs ------------------------------------------------------------------------------ */

bool ck_session_poll_output(ck_session *s, ck_session_output *out);
bool ck_session_poll_event(ck_session *s, ck_session_event *event);

enum ck_session_state ck_session_state_of(const ck_session *s);
/* The cause of the last loss or of the end; CHALK_OK when there was none. */
int ck_session_cause(const ck_session *s);
uint32_t ck_session_attempt(const ck_session *s);

/* Whether a cause ends a session at once: usage errors, TLS, DENIED, CODEC_UNKNOWN, END. */
bool ck_session_is_final(int cause);

const char *ck_session_state_name(enum ck_session_state state);    /* "live"; "?" out of range */
const char *ck_session_origin_name(enum ck_session_origin origin); /* "peer" */

#endif
