/*
 * chalkrail/fault.h - a bad network, made inside a session: for load tests and trials on machines
 * that have none of their own.
 *
 *     chalk_faults faults;
 *     chalk_faults_init(&faults);
 *     faults.delay_ms = 80;
 *     faults.loss_ppm = 10000;
 *     chalk_session_set_faults(session, &faults);   // before it joins or plays
 *     chalk_session_stall(session, 2000);           // and while it does
 *     chalk_session_cut(session);
 *
 * It is TCP's view of a network that is made: what is lost comes later, for it is sent again, and
 * what is lost again and again cuts the connection, which then is made anew and resumes. The room
 * and playbacks by RTMP and HTTP-FLV have it; publications and HLS do not.
 *
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: a session's, for all its connections.
 */
#ifndef CHALKRAIL_FAULT_H
#define CHALKRAIL_FAULT_H

#include "chalkrail/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_faults {
    uint32_t struct_size; /* set by chalk_faults_init */
    uint32_t delay_ms;  /* each way, 0..10000; making a connection is not delayed, and what is sent
                           while something waits goes with it, so a busy sender's is shorter */
    uint32_t jitter_ms; /* and up to so much more, evenly distributed, 0..10000; order is kept */
    uint32_t loss_ppm;  /* of what comes or goes at once, 0..500000: it is 200 ms later, twice as
                           much when it is lost again; after six times the connection is cut */
    uint64_t seed;      /* the same seed and traffic: the same faults */
} chalk_faults;

/**
 * Fills faults with their size and none.
 *
 * @param faults  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_faults_init(chalk_faults *faults);

/**
 * Sets what is wrong with the network of a session.
 *
 * @param session  the session, which has not joined a room or made a playback.
 * @param faults   copied.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (out of range), BAD_STATE (it has joined or played: too late).
 * Thread: any, serial per session.
 * Lifetime: for all its connections.
 * Since: 0.1
 */
CHALK_API int chalk_session_set_faults(chalk_session *session, const chalk_faults *faults);

/**
 * Stalls the connections that a session has now: nothing is read from them or sent.
 *
 * @param session  the session.
 * @param for_ms   how long, 1..600000 milliseconds; one that goes on is made longer, never shorter.
 * @return CHALK_OK, also when there is no connection.
 *
 * Errors: INVALID_ARGUMENT, NO_MEMORY, WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: until the time is over; a connection that is made meanwhile is not stalled.
 * Since: 0.1
 */
CHALK_API int chalk_session_stall(chalk_session *session, uint32_t for_ms);

/**
 * Cuts the connections that a session has now, as a network does that goes away. They are made
 * anew as after any such loss.
 *
 * @param session  the session.
 * @return CHALK_OK, also when there is no connection.
 *
 * Errors: WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_session_cut(chalk_session *session);

#ifdef __cplusplus
}
#endif
#endif
