#include "core/session/policy.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define MS UINT64_C(1000)
#define S  UINT64_C(1000000)

/* A wait is never shorter than a timer can be, so a deadline always moves on. */
#define WAIT_MIN_US MS
/* A wait is at most this, or a part of the outage so far when that is longer. */
#define WAIT_SHORT_US (600 * MS)
#define OUTAGE_PART   4

uint64_t ck_session_add_time(uint64_t a, uint64_t b)
{
    return a > CK_NEVER - b ? CK_NEVER : a + b;
}

static void set_default(uint64_t *field, uint64_t value)
{
    if (*field == 0) {
        *field = value;
    }
}

void ck_session_set_defaults(ck_session_config *c)
{
    set_default(&c->connect_timeout_us, 5 * S);
    set_default(&c->negotiate_timeout_us, 5 * S);
    set_default(&c->media_idle_us, c->kind == CK_SESSION_PLAY ? 10 * S : CK_NEVER);
    set_default(&c->stop_timeout_us, 2 * S);
    set_default(&c->backoff_base_us, 250 * MS);
    set_default(&c->backoff_cap_us, 10 * S);
    set_default(&c->no_stream_cap_us, 1 * S);
    set_default(&c->stable_us, 10 * S);
    set_default(&c->give_up_after_us, CK_NEVER);
    if (c->name_taken_attempts == 0) {
        c->name_taken_attempts = 8;
    }
}

bool ck_session_is_final(int cause)
{
    switch (cause) {
    case CHALK_ERR_INVALID_ARGUMENT:
    case CHALK_ERR_BAD_STATE:
    case CHALK_ERR_NOT_FOUND:
    case CHALK_ERR_UNSUPPORTED:
    case CHALK_ERR_WRONG_THREAD:
    case CHALK_ERR_TLS:
    case CHALK_ERR_NO_TLS:
    case CHALK_ERR_DENIED:
    case CHALK_ERR_CODEC_UNKNOWN:
    case CHALK_ERR_END:
        return true;
    default:
        return false;
    }
}

uint64_t ck_session_give_up_at(const ck_session *s)
{
    return ck_session_add_time(s->outage_us, s->config.give_up_after_us);
}

bool ck_session_gives_up(const ck_session *s, int cause, uint64_t now_us)
{
    const ck_session_config *c = &s->config;
    return c->no_retry || ck_session_is_final(cause) || now_us >= ck_session_give_up_at(s) ||
           (c->max_attempts != 0 && s->failures >= c->max_attempts) ||
           s->name_taken >= c->name_taken_attempts;
}

/* Full jitter: anywhere between nothing and the exponential, so that a class that lost its server
 * does not come back as one (M. Brooker, "Exponential Backoff And Jitter", 2015). */
uint64_t ck_session_draw_wait(ck_session *s, int cause, uint64_t now_us)
{
    const ck_session_config *c = &s->config;
    /* Refusals are quick and would soon make the wait longer than the outage has been: a server
     * that was away for two seconds is found again within one. */
    uint64_t outage = now_us > s->outage_us ? now_us - s->outage_us : 0;
    uint64_t cap = CK_MIN(c->backoff_cap_us, CK_MAX(outage / OUTAGE_PART, WAIT_SHORT_US));
    if (cause == CHALK_ERR_NAME_TAKEN) {
        cap = c->backoff_cap_us; /* no outage: the tries must last until the name's holder is given
                                    up */
    }
    if (c->kind == CK_SESSION_PLAY && cause == CHALK_ERR_NO_STREAM) {
        cap = CK_MIN(cap, c->no_stream_cap_us);
    }
    uint64_t window = CK_MIN(c->backoff_base_us, cap);
    for (uint32_t i = 1; i < s->failures && window < cap; i++) {
        window = window > cap / 2 ? cap : window * 2;
    }
    if (s->network == CK_NETWORK_DOWN) {
        window = c->backoff_cap_us;
    }
    if (s->hinted) {
        window = 0;
    }
    uint64_t wait = window < CK_NEVER ? ck_rng_below(&s->rng, window + 1) : ck_rng_next(&s->rng);
    return CK_MAX(wait, WAIT_MIN_US);
}
