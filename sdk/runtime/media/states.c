#include "runtime/media/states.h"

#include "chalkrail/event.h"

uint32_t ck_state_public(enum ck_session_state state)
{
    switch (state) {
    case CK_SESSION_LIVE:
        return CHALK_LINK_LIVE;
    case CK_SESSION_WAITING:
        return CHALK_LINK_WAITING;
    case CK_SESSION_STOPPING:
        return CHALK_LINK_STOPPING;
    case CK_SESSION_CLOSED:
        return CHALK_LINK_CLOSED;
    default:
        return CHALK_LINK_CONNECTING;
    }
}

uint32_t ck_origin_public(enum ck_session_origin origin)
{
    switch (origin) {
    case CK_ORIGIN_USER:
        return CHALK_ORIGIN_USER;
    case CK_ORIGIN_PEER:
        return CHALK_ORIGIN_PEER;
    case CK_ORIGIN_SYSTEM:
        return CHALK_ORIGIN_SYSTEM;
    default:
        return CHALK_ORIGIN_APP;
    }
}
