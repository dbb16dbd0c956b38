/*
 * chalkrail/session.h - one class as this program takes part in it.
 *
 * A session holds sources, publications and playbacks, and one queue of events. Everything in it is
 * named by a 64-bit id that is never 0 and never used twice: using one whose object is gone is
 * CHALK_ERR_NOT_FOUND and nothing worse.
 *
 * Events are pulled. The wakeup callback only says that there is one; it may signal a condition or
 * post to the application's own loop and must not call back into the library.
 *
 *     chalk_session *session = NULL;
 *     chalk_session_create(runtime, NULL, &session);
 *     chalk_event event;
 *     while (chalk_session_wait_event(session, &event, 1000) == CHALK_OK)
 *         printf("%s %s\n", chalk_event_kind_name(event.kind), event.text);
 *     chalk_session_destroy(&session);
 *
 * Asynchronous calls give a request id; each request ends in exactly one event that carries it,
 * also when it is cancelled. Destroying the session cancels what is left without further events.
 *
 * Thread: any thread, serial per session: the library locks inside, but two threads that change the
 * same session at the same time get no useful order. On a host-driven runtime the functions that
 * say so have to be called on the thread that polls; elsewhere they are CHALK_ERR_WRONG_THREAD.
 * Lifetime: destroy before the runtime.
 */
#ifndef CHALKRAIL_SESSION_H
#define CHALKRAIL_SESSION_H

#include "chalkrail/event.h"
#include "chalkrail/runtime.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_session chalk_session;

typedef uint64_t chalk_source_id;
typedef uint64_t chalk_publication_id;
typedef uint64_t chalk_track_id;
typedef uint64_t chalk_encoding_id;
typedef uint64_t chalk_output_id;
typedef uint64_t chalk_playback_id;
typedef uint64_t chalk_request_id;

/* Most objects of each kind in a session; one more is CHALK_ERR_LIMIT. */
#define CHALK_SESSION_OBJECTS_MAX 64

typedef struct chalk_session_options {
    uint32_t struct_size;       /* set by chalk_session_options_init */
    uint32_t events_max;        /* capacity of the event queue, 16..65536; 0: 256 */
    void (*wakeup)(void *user); /* an event was queued; may be NULL; only signals */
    void *wakeup_user;          /* passed to `wakeup` */
} chalk_session_options;

/**
 * Fills session options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_session_options_init(chalk_session_options *options);

/**
 * Creates a session.
 *
 * @param runtime  the runtime it lives on.
 * @param options  NULL for the defaults.
 * @param out      receives the session.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NO_MEMORY, LIMIT (the system gives no lock: release something).
 * Thread: any.
 * Lifetime: chalk_session_destroy, before the runtime's.
 * Since: 0.1
 */
CHALK_API int chalk_session_create(chalk_runtime *runtime, const chalk_session_options *options,
                                   chalk_session **out);

/**
 * Ends everything in a session and clears the pointer. Streams being published are ended
 * gracefully for at most two seconds; files being written are completed.
 *
 * @param session  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any but the library's own (never from a callback); waits. On a host-driven runtime it
 * polls the loop itself, so call it from the thread that polls.
 * Lifetime: sinks that were opened stay valid (silent) until they are closed.
 * Since: 0.1
 */
CHALK_API void chalk_session_destroy(chalk_session **session);

/**
 * Takes the oldest event without waiting.
 *
 * @param session  the session.
 * @param out      receives a copy of the event.
 * @return CHALK_OK.
 *
 * Errors: AGAIN (no event; wait for the wakeup).
 * Thread: any.
 * Lifetime: a plain copy; nothing to release.
 * Since: 0.1
 */
CHALK_API int chalk_session_next_event(chalk_session *session, chalk_event *out);

/**
 * Takes the oldest event, waiting for one if there is none.
 *
 * @param session     the session.
 * @param out         receives a copy of the event.
 * @param timeout_ms  longest wait, 0..INT32_MAX milliseconds.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (a negative time), AGAIN (none came in time, or the room has events:
 * take them all with chalk_room_next_event), BAD_STATE (host-driven runtime: the wait would stop
 * the loop; use chalk_session_next_event).
 * Thread: any but the library's own.
 * Lifetime: a plain copy; nothing to release.
 * Since: 0.1
 */
CHALK_API int chalk_session_wait_event(chalk_session *session, chalk_event *out,
                                       int32_t timeout_ms);

#ifdef __cplusplus
}
#endif
#endif
