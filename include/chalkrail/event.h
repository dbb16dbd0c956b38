/*
 * chalkrail/event.h - what happened, to what, why, and who caused it.
 *
 * All events have one shape. `object` names what it happened to, `cause` why (a chalk_error),
 * `origin` who. State events are for the eye and for logs: an application that missed one asks the
 * source, output, encoding or playback for its figures, which have the state too, so a full queue
 * loses no truth. When the queue was full, one CHALK_EVENT_OVERFLOW tells how many were dropped;
 * events that carry a request are never dropped.
 *
 *     if (event.kind == CHALK_EVENT_OUTPUT && event.state == CHALK_LINK_CLOSED)
 *         fprintf(stderr, "ended: %s\n", chalk_error_text(event.cause));
 *
 * Thread: an event is a plain copy. Lifetime: the caller's own.
 */
#ifndef CHALKRAIL_EVENT_H
#define CHALKRAIL_EVENT_H

#include "chalkrail/errors.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum chalk_event_kind {
    CHALK_EVENT_OVERFLOW = 1,      /* value: events dropped */
    CHALK_EVENT_SOURCE = 2,        /* object: source; state: enum chalk_source_state */
    CHALK_EVENT_ENCODER = 3,       /* object: encoding; text: the encoder and the reason for it;
                                      cause: why an earlier one was left */
    CHALK_EVENT_OUTPUT = 4,        /* object: output; state: enum chalk_link_state */
    CHALK_EVENT_PLAYBACK = 5,      /* object: playback; state: enum chalk_link_state */
    CHALK_EVENT_MEDIA = 6,         /* object: playback; text: codec and shape of what is received */
    CHALK_EVENT_FIRST_PICTURE = 7, /* object: playback; value: microseconds since it was created */
    CHALK_EVENT_FREEZE = 8,    /* object: playback; state 1: playing stands still, 0: it goes on,
                                  value: microseconds it stood. cause, of both: TIMEOUT: nothing
                                  comes over a connection that stands; CODEC: what comes cannot be
                                  decoded; NO_STREAM, PEER_CLOSED, END: the source stopped; any
                                  other: why the connection is lost */
    CHALK_EVENT_RECORDING = 9, /* object: playback; state: 1 began, 0 ended; cause: why it ended */
    CHALK_EVENT_DEVICE = 10,   /* object: playback; its speaker; cause: what is wrong with it, or
                                  OK: it is back */
    CHALK_EVENT_CONGESTION = 11,  /* object: output; state 1: frames are dropped because the network
                                   is slower than the stream, 0: over; value: frames dropped */
    CHALK_EVENT_ROOM_SOURCE = 12, /* object: playback; state: enum chalk_room_source that room time
                                  comes from now; value: the one before, 0: none */
    CHALK_EVENT_DEVICES = 13,     /* object: 0; cameras came or went since chalk_devices_list was
                                        called: list them again. Told once the program has listed. */
    CHALK_EVENT_ROOM = 14, /* object: 0; the room (chalkrail/room.h); state: enum chalk_link_state;
                              text: the edge's reason, if it gave one */
    CHALK_EVENT_HINT = 15, /* object: encoding of a track with CHALK_HINT_AUTO; state: SLIDES or
                              MOTION, which it is from now on; text: why */
};

/* Who caused a change. */
enum chalk_origin {
    CHALK_ORIGIN_USER = 1,   /* a call of the application */
    CHALK_ORIGIN_APP = 2,    /* the library's own policy, such as a time-out */
    CHALK_ORIGIN_SYSTEM = 3, /* the network, a device, the operating system */
    CHALK_ORIGIN_PEER = 4,   /* the server */
};

/* States of an output, of a playback and of a room. */
enum chalk_link_state {
    CHALK_LINK_CONNECTING = 1, /* name, connection, TLS, handshake, request */
    CHALK_LINK_LIVE = 2,       /* media may flow; a room: its state is here */
    CHALK_LINK_WAITING = 3,    /* lost; will be tried again, event.value microseconds from now */
    CHALK_LINK_STOPPING = 4,   /* being ended */
    CHALK_LINK_CLOSED = 5,     /* ended for good; event.cause tells why, OK when asked to */
};

enum chalk_source_state {
    CHALK_SOURCE_RUNNING = 1,  /* delivers when asked to; as an event: again, after LOST */
    CHALK_SOURCE_LOST = 2,     /* keeps trying; viewers see the last picture of a screen or window,
                                  black of a camera, and hear silence; cause NO_PERMISSION of a
                                  screen: the session is locked */
    CHALK_SOURCE_RESIZED = 3,  /* events alone: goes on with pictures of another size */
    CHALK_SOURCE_ENDED = 4,    /* nothing more will come; of a closed window viewers see a card */
    CHALK_SOURCE_HIDDEN = 5,   /* a minimised window: viewers see a card; RUNNING follows */
    CHALK_SOURCE_PAUSED = 6,   /* events alone: chalk_source_pause; viewers see a card */
    CHALK_SOURCE_RESUMED = 7,  /* events alone */
    CHALK_SOURCE_MIRRORED = 8, /* events alone, once: windows of this program lie in the screen that
                                  is shared, so viewers may see themselves */
};

/* Longest event text with its terminating zero. */
#define CHALK_EVENT_TEXT_MAX 192

typedef struct chalk_event {
    uint32_t kind;        /* enum chalk_event_kind */
    uint32_t state;       /* by kind */
    int32_t cause;        /* enum chalk_error; CHALK_OK: nothing was wrong */
    uint32_t origin;      /* enum chalk_origin */
    uint64_t object;      /* id of the source, encoding, output or playback; 0 for the session */
    uint64_t request;     /* id of the request that this event ends; 0: none */
    uint64_t time_us;     /* runtime clock */
    int64_t value;        /* by kind */
    uint64_t reserved[8]; /* 0; for kinds to come, so that the size stays */
    char text[CHALK_EVENT_TEXT_MAX]; /* UTF-8, for people; may be empty */
} chalk_event;

/**
 * The name of an event kind, such as "output", for logs and JSON.
 *
 * @param kind  enum chalk_event_kind.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_event_kind_name(uint32_t kind);

/**
 * The name of a link state, such as "connecting", for logs and JSON.
 *
 * @param state  enum chalk_link_state.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_link_state_name(uint32_t state);

/**
 * The name of an origin, such as "peer", for logs and JSON.
 *
 * @param origin  enum chalk_origin.
 * @return a lower-case word; "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_origin_name(uint32_t origin);

#ifdef __cplusplus
}
#endif
#endif
