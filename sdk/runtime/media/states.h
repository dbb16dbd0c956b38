/* The session core's words in the public API's. */
#ifndef CK_MEDIA_STATES_H
#define CK_MEDIA_STATES_H

#include "core/session/session.h"

uint32_t ck_state_public(enum ck_session_state state);    /* enum chalk_link_state */
uint32_t ck_origin_public(enum ck_session_origin origin); /* enum chalk_origin */

#endif
