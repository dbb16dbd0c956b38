/*
 * When a session tries again, how long it waits, and when it gives up. Private to core/session.
 */
#ifndef CK_CORE_SESSION_POLICY_H
#define CK_CORE_SESSION_POLICY_H

#include "core/session/session.h"

uint64_t ck_session_add_time(uint64_t a, uint64_t b); /* CK_NEVER absorbs */
void ck_session_set_defaults(ck_session_config *config);

/* After the counters took in a failure by `cause`: whether that was the last attempt. */
bool ck_session_gives_up(const ck_session *s, int cause, uint64_t now_us);
uint64_t ck_session_give_up_at(const ck_session *s);

/* The wait before the next attempt, at least 1 ms. Draws from the session's random numbers. */
uint64_t ck_session_draw_wait(ck_session *s, int cause, uint64_t now_us);

#endif
