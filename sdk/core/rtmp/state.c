#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

#define TO(state) (1u << (state))

/* Drawn in README.md. Any state may end at once: a broken peer, a closed socket. */
static const unsigned moves[] = {
    [CK_RTMP_HANDSHAKE] = TO(CK_RTMP_CONNECTING) | TO(CK_RTMP_CLOSED),
    [CK_RTMP_CONNECTING] = TO(CK_RTMP_CONNECTED) | TO(CK_RTMP_CLOSING) | TO(CK_RTMP_CLOSED),
    [CK_RTMP_CONNECTED] = TO(CK_RTMP_STARTING) | TO(CK_RTMP_CLOSING) | TO(CK_RTMP_CLOSED),
    [CK_RTMP_STARTING] =
        TO(CK_RTMP_STREAMING) | TO(CK_RTMP_CONNECTED) | TO(CK_RTMP_CLOSING) | TO(CK_RTMP_CLOSED),
    [CK_RTMP_STREAMING] = TO(CK_RTMP_CONNECTED) | TO(CK_RTMP_CLOSING) | TO(CK_RTMP_CLOSED),
    [CK_RTMP_CLOSING] = TO(CK_RTMP_CLOSED),
    [CK_RTMP_CLOSED] = 0,
};

static const char *const names[] = {
    [CK_RTMP_HANDSHAKE] = "HANDSHAKE", [CK_RTMP_CONNECTING] = "CONNECTING",
    [CK_RTMP_CONNECTED] = "CONNECTED", [CK_RTMP_STARTING] = "STARTING",
    [CK_RTMP_STREAMING] = "STREAMING", [CK_RTMP_CLOSING] = "CLOSING",
    [CK_RTMP_CLOSED] = "CLOSED",
};

void ck_rtmp_set_state(ck_rtmp *r, enum ck_rtmp_state state)
{
    CK_INVARIANT((moves[r->state] & TO(state)) != 0, {
        r->status = CHALK_ERR_BAD_STATE;
        r->state = CK_RTMP_CLOSED;
        return;
    });
    r->state = state;
}

enum ck_rtmp_state ck_rtmp_state(const ck_rtmp *r)
{
    return r->state;
}

const char *ck_rtmp_state_name(enum ck_rtmp_state state)
{
    size_t index = (size_t)state;
    return index < CK_COUNT_OF(names) && names[index] != NULL ? names[index] : "UNKNOWN";
}
