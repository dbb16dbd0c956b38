#include "core/session/session.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/session/policy.h"

#include <stddef.h>

/* --- states ------------------------------------------------------------------------------- */

#define BIT(state) (1u << (state))

/* Row: from; bits: the states that may follow. README.md draws it. */
static const uint16_t legal_moves[] = {
    [CK_SESSION_IDLE] = BIT(CK_SESSION_CONNECTING) | BIT(CK_SESSION_CLOSED),
    [CK_SESSION_CONNECTING] =
        BIT(CK_SESSION_NEGOTIATING) | BIT(CK_SESSION_WAITING) | BIT(CK_SESSION_CLOSED),
    [CK_SESSION_NEGOTIATING] =
        BIT(CK_SESSION_LIVE) | BIT(CK_SESSION_WAITING) | BIT(CK_SESSION_CLOSED),
    [CK_SESSION_LIVE] = BIT(CK_SESSION_WAITING) | BIT(CK_SESSION_STOPPING) | BIT(CK_SESSION_CLOSED),
    [CK_SESSION_WAITING] = BIT(CK_SESSION_CONNECTING) | BIT(CK_SESSION_CLOSED),
    [CK_SESSION_STOPPING] = BIT(CK_SESSION_CLOSED),
    [CK_SESSION_CLOSED] = 0,
};

static void push_event(ck_session *s, const ck_session_event *event)
{
    if (s->event_count == CK_SESSION_EVENTS) {
        uint32_t newest = (s->event_first + s->event_count - 1) % CK_SESSION_EVENTS;
        enum ck_session_state from = s->events[newest].from;
        uint32_t merged = s->events[newest].merged;
        s->events[newest] = *event;
        s->events[newest].from = from;
        s->events[newest].merged = merged + 1;
        return;
    }
    s->events[(s->event_first + s->event_count) % CK_SESSION_EVENTS] = *event;
    s->event_count++;
}

/* The only place that moves the machine. `wait_us`: for WAITING, until the next attempt. */
static void set_state(ck_session *s, enum ck_session_state to, int cause,
                      enum ck_session_origin origin, uint64_t wait_us)
{
    bool legal = (legal_moves[s->state] & BIT(to)) != 0;
    CK_INVARIANT(legal, to = CK_SESSION_CLOSED; cause = CHALK_ERR_BAD_STATE);
    ck_session_event event = {
        .from = s->state,
        .to = to,
        .cause = cause,
        .origin = origin,
        .attempt = s->attempt,
        .failures = s->failures,
        .retry_in_us = wait_us,
        .in_background = s->in_background,
    };
    s->state = to;
    s->deadline_us = CK_NEVER;
    push_event(s, &event);
}

/* --- transports --------------------------------------------------------------------------- */

/* After this no transport is wanted: one that the host was not told to open never was, one that it
 * opened is to be closed. */
static void release_transport(ck_session *s)
{
    s->open_attempt = 0;
    s->start_attempt = 0;
    s->finish_attempt = 0;
    if (s->held_attempt != 0) {
        s->close_attempt = s->held_attempt;
        s->held_attempt = 0;
    }
}

static void connect(ck_session *s, int cause, enum ck_session_origin origin, uint64_t now_us)
{
    s->attempt++;
    s->open_attempt = s->attempt;
    set_state(s, CK_SESSION_CONNECTING, cause, origin, 0);
    s->deadline_us = ck_session_add_time(now_us, s->config.connect_timeout_us);
}

static void close_session(ck_session *s, int cause, enum ck_session_origin origin)
{
    release_transport(s);
    s->cause = cause;
    set_state(s, CK_SESSION_CLOSED, cause, origin, 0);
}

/* --- failure ------------------------------------------------------------------------------ */

/* A link that has held for a while ends the outage before it: the next failure is a first one. */
static void leave_live(ck_session *s, uint64_t now_us)
{
    if (s->state != CK_SESSION_LIVE) {
        return;
    }
    s->outage_us = now_us;
    if (now_us - s->live_us >= s->config.stable_us) {
        s->failures = 0;
        s->name_taken = 0;
    }
}

static void fail(ck_session *s, int cause, enum ck_session_origin origin, uint64_t now_us)
{
    leave_live(s, now_us);
    s->failures += s->failures < UINT32_MAX;
    s->name_taken = cause == CHALK_ERR_NAME_TAKEN ? s->name_taken + 1 : 0;
    if (ck_session_gives_up(s, cause, now_us)) {
        close_session(s, cause, origin);
        return;
    }
    release_transport(s);
    s->cause = cause;
    uint64_t wait = ck_session_draw_wait(s, cause, now_us);
    s->hinted = false;
    set_state(s, CK_SESSION_WAITING, cause, origin, wait);
    s->deadline_us = ck_session_add_time(now_us, wait);
}

/* The transport of this attempt is gone, whoever ended it. */
static void lose(ck_session *s, uint32_t attempt, int cause, enum ck_session_origin origin,
                 uint64_t now_us)
{
    if (attempt == 0 || attempt != s->held_attempt) {
        return;
    }
    if (s->state == CK_SESSION_STOPPING) {
        close_session(s, CHALK_OK, origin);
    } else {
        fail(s, cause, origin, now_us);
    }
}

/* --- init and inputs ---------------------------------------------------------------------- */

int ck_session_init(ck_session *s, const ck_session_config *config, uint64_t seed, uint64_t now_us)
{
    *s = (ck_session){
        .config = *config,
        .state = CK_SESSION_IDLE,
        .network = CK_NETWORK_UNKNOWN,
        .deadline_us = CK_NEVER,
        .outage_us = now_us,
    };
    ck_session_set_defaults(&s->config);
    ck_rng_seed(&s->rng, seed);
    bool known = config->kind == CK_SESSION_PUBLISH || config->kind == CK_SESSION_PLAY;
    if (!known || s->config.backoff_base_us > s->config.backoff_cap_us) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return CHALK_OK;
}

int ck_session_start(ck_session *s, enum ck_session_origin origin, uint64_t now_us)
{
    if (s->state != CK_SESSION_IDLE) {
        return CHALK_ERR_BAD_STATE;
    }
    s->outage_us = now_us;
    connect(s, CHALK_OK, origin, now_us);
    return CHALK_OK;
}

void ck_session_stop(ck_session *s, enum ck_session_origin origin, uint64_t now_us)
{
    if (s->state == CK_SESSION_LIVE) {
        set_state(s, CK_SESSION_STOPPING, CHALK_OK, origin, 0);
        s->finish_attempt = s->held_attempt;
        s->deadline_us = ck_session_add_time(now_us, s->config.stop_timeout_us);
    } else if (s->state != CK_SESSION_CLOSED) {
        close_session(s, CHALK_OK, origin);
    }
}

void ck_session_reconnect(ck_session *s, enum ck_session_origin origin, uint64_t now_us)
{
    switch (s->state) {
    case CK_SESSION_CONNECTING:
    case CK_SESSION_NEGOTIATING:
    case CK_SESSION_LIVE:
        leave_live(s, now_us);
        release_transport(s);
        set_state(s, CK_SESSION_WAITING, CHALK_OK, origin, 0);
        connect(s, CHALK_OK, origin, now_us);
        break;
    case CK_SESSION_WAITING:
        connect(s, CHALK_OK, origin, now_us);
        break;
    default:
        break;
    }
}

void ck_session_transport_opened(ck_session *s, uint32_t attempt, uint64_t now_us)
{
    if (s->state != CK_SESSION_CONNECTING || attempt == 0 || attempt != s->held_attempt) {
        return;
    }
    s->start_attempt = attempt;
    set_state(s, CK_SESSION_NEGOTIATING, CHALK_OK, CK_ORIGIN_SYSTEM, 0);
    s->deadline_us = ck_session_add_time(now_us, s->config.negotiate_timeout_us);
}

void ck_session_transport_failed(ck_session *s, uint32_t attempt, int status, uint64_t now_us)
{
    int cause = status < 0 ? status : CHALK_ERR_DISCONNECTED;
    lose(s, attempt, cause, CK_ORIGIN_SYSTEM, now_us);
}

void ck_session_accepted(ck_session *s, uint32_t attempt, uint64_t now_us)
{
    bool asked = attempt != 0 && attempt == s->held_attempt && s->start_attempt == 0;
    if (s->state != CK_SESSION_NEGOTIATING || !asked) {
        return;
    }
    s->live_us = now_us;
    s->hinted = false;
    set_state(s, CK_SESSION_LIVE, CHALK_OK, CK_ORIGIN_PEER, 0);
    s->deadline_us = ck_session_add_time(now_us, s->config.media_idle_us);
}

void ck_session_media_progress(ck_session *s, uint32_t attempt, uint64_t now_us)
{
    if (s->state == CK_SESSION_LIVE && attempt == s->held_attempt) {
        s->deadline_us = ck_session_add_time(now_us, s->config.media_idle_us);
    }
}

void ck_session_peer_closed(ck_session *s, uint32_t attempt, int status, uint64_t now_us)
{
    int cause = status < 0 ? status : CHALK_ERR_PEER_CLOSED;
    lose(s, attempt, cause, CK_ORIGIN_PEER, now_us);
}

void ck_session_finished(ck_session *s, uint32_t attempt, uint64_t now_us)
{
    (void)now_us;
    if (s->state == CK_SESSION_STOPPING && attempt == s->held_attempt) {
        close_session(s, CHALK_OK, CK_ORIGIN_SYSTEM);
    }
}

void ck_session_network_changed(ck_session *s, enum ck_session_network network, uint64_t now_us)
{
    s->network = network;
    if (network != CK_NETWORK_UP) {
        return;
    }
    if (s->state == CK_SESSION_WAITING) {
        connect(s, CHALK_OK, CK_ORIGIN_SYSTEM, now_us);
    } else {
        s->hinted = s->state == CK_SESSION_CONNECTING || s->state == CK_SESSION_NEGOTIATING;
    }
}

void ck_session_background(ck_session *s, bool in_background)
{
    s->in_background = in_background;
}

/* --- time --------------------------------------------------------------------------------- */

static bool in_outage(const ck_session *s)
{
    return s->state == CK_SESSION_CONNECTING || s->state == CK_SESSION_NEGOTIATING ||
           s->state == CK_SESSION_WAITING;
}

uint64_t ck_session_next_deadline(const ck_session *s)
{
    return in_outage(s) ? CK_MIN(s->deadline_us, ck_session_give_up_at(s)) : s->deadline_us;
}

void ck_session_on_deadline(ck_session *s, uint64_t now_us)
{
    if (now_us < ck_session_next_deadline(s)) {
        return;
    }
    if (in_outage(s) && now_us >= ck_session_give_up_at(s)) {
        int cause = s->cause < 0 ? s->cause : CHALK_ERR_TIMEOUT;
        close_session(s, cause, CK_ORIGIN_SYSTEM);
        return;
    }
    switch (s->state) {
    case CK_SESSION_CONNECTING:
    case CK_SESSION_NEGOTIATING:
    case CK_SESSION_LIVE:
        fail(s, CHALK_ERR_TIMEOUT, CK_ORIGIN_SYSTEM, now_us);
        break;
    case CK_SESSION_WAITING:
        connect(s, CHALK_OK, CK_ORIGIN_SYSTEM, now_us);
        break;
    case CK_SESSION_STOPPING:
        close_session(s, CHALK_ERR_TIMEOUT, CK_ORIGIN_SYSTEM);
        break;
    case CK_SESSION_IDLE:
    case CK_SESSION_CLOSED:
        break;
    }
}

/* --- outputs and queries ------------------------------------------------------------------ */

static bool take_output(uint32_t *attempt, enum ck_session_action action, ck_session_output *out)
{
    if (*attempt == 0) {
        return false;
    }
    *out = (ck_session_output){action, *attempt};
    *attempt = 0;
    return true;
}

bool ck_session_poll_output(ck_session *s, ck_session_output *out)
{
    if (take_output(&s->close_attempt, CK_SESSION_CLOSE, out)) {
        return true;
    }
    if (take_output(&s->open_attempt, CK_SESSION_OPEN, out)) {
        s->held_attempt = out->attempt;
        return true;
    }
    return take_output(&s->start_attempt, CK_SESSION_START, out) ||
           take_output(&s->finish_attempt, CK_SESSION_FINISH, out);
}

bool ck_session_poll_event(ck_session *s, ck_session_event *event)
{
    if (s->event_count == 0) {
        return false;
    }
    *event = s->events[s->event_first];
    s->event_first = (s->event_first + 1) % CK_SESSION_EVENTS;
    s->event_count--;
    return true;
}

enum ck_session_state ck_session_state_of(const ck_session *s)
{
    return s->state;
}

int ck_session_cause(const ck_session *s)
{
    return s->cause;
}

uint32_t ck_session_attempt(const ck_session *s)
{
    return s->attempt;
}

const char *ck_session_state_name(enum ck_session_state state)
{
    static const char *const names[] = {
        [CK_SESSION_IDLE] = "idle",
        [CK_SESSION_CONNECTING] = "connecting",
        [CK_SESSION_NEGOTIATING] = "negotiating",
        [CK_SESSION_LIVE] = "live",
        [CK_SESSION_WAITING] = "waiting",
        [CK_SESSION_STOPPING] = "stopping",
        [CK_SESSION_CLOSED] = "closed",
    };
    unsigned index = (unsigned)state;
    return index < CK_COUNT_OF(names) && names[index] != NULL ? names[index] : "?";
}

const char *ck_session_origin_name(enum ck_session_origin origin)
{
    static const char *const names[] = {
        [CK_ORIGIN_USER] = "user", [CK_ORIGIN_APP] = "app",       [CK_ORIGIN_SYSTEM] = "system",
        [CK_ORIGIN_PEER] = "peer", [CK_ORIGIN_REMEDY] = "remedy",
    };
    unsigned index = (unsigned)origin;
    return index < CK_COUNT_OF(names) && names[index] != NULL ? names[index] : "?";
}
