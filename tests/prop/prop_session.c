/* A session under random inputs, by a host that is sometimes slow, late or wrong. */
#include "chalkrail/errors.h"
#include "core/session/session.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#define STEPS 300u

/* What the host and its transports are like, as the session's outputs made them. */
typedef struct host {
    ck_session s;
    ck_rng rng;
    uint64_t now;
    uint32_t open;  /* attempt of the one transport; 0 for none */
    uint32_t opens; /* attempts seen */
    uint32_t closes;
    enum ck_session_state seen; /* by the events */
    uint32_t ends;
    uint64_t digest;
    uint64_t seed; /* named by a failing check */
} host;

static const int statuses[] = {
    CHALK_OK,           CHALK_ERR_REFUSED,    CHALK_ERR_DISCONNECTED, CHALK_ERR_NO_STREAM,
    CHALK_ERR_PROTOCOL, CHALK_ERR_NAME_TAKEN, CHALK_ERR_PEER_CLOSED,  CHALK_ERR_TIMEOUT,
};
static const int final_statuses[] = {CHALK_ERR_DENIED, CHALK_ERR_TLS, CHALK_ERR_CODEC_UNKNOWN,
                                     CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_UNSUPPORTED};

static void note(host *h, uint64_t value)
{
    h->digest = (h->digest ^ value) * UINT64_C(0x100000001b3);
}

static void take_outputs(host *h)
{
    ck_session_output out;
    while (ck_session_poll_output(&h->s, &out)) {
        note(h, (uint64_t)out.action << 32 | out.attempt);
        switch (out.action) {
        case CK_SESSION_OPEN:
            CK_CHECK_ROW(h->seed, h->open == 0);
            CK_CHECK_ROW(h->seed, out.attempt > h->opens);
            h->opens = h->open = out.attempt;
            break;
        case CK_SESSION_START:
        case CK_SESSION_FINISH:
            CK_CHECK_ROW(h->seed, out.attempt == h->open);
            break;
        case CK_SESSION_CLOSE:
            CK_CHECK_ROW(h->seed, out.attempt == h->open);
            CK_CHECK_ROW(h->seed, h->open != 0);
            h->open = 0;
            h->closes++;
            break;
        }
    }
}

static void take_events(host *h)
{
    ck_session_event event;
    while (ck_session_poll_event(&h->s, &event)) {
        note(h, (uint64_t)event.from << 32 | (uint64_t)event.to);
        note(h, (uint64_t)(int64_t)event.cause ^ event.retry_in_us);
        CK_CHECK_ROW(h->seed, event.from == h->seen);
        CK_CHECK_ROW(h->seed, h->seen != CK_SESSION_CLOSED);
        h->seen = event.to;
        h->ends += event.to == CK_SESSION_CLOSED;
    }
    CK_CHECK_ROW(h->seed, h->seen == ck_session_state_of(&h->s));
}

/* Mostly the attempt that is open, at times an old, a future or no attempt. */
static uint32_t pick_attempt(host *h)
{
    return ck_rng_below(&h->rng, 8) != 0 ? h->open : (uint32_t)ck_rng_below(&h->rng, h->opens + 2);
}

static int pick_status(host *h)
{
    if (ck_rng_below(&h->rng, 40) == 0) {
        return final_statuses[ck_rng_below(&h->rng, CK_COUNT_OF(final_statuses))];
    }
    return statuses[ck_rng_below(&h->rng, CK_COUNT_OF(statuses))];
}

static void pass_time(host *h)
{
    uint64_t deadline = ck_session_next_deadline(&h->s);
    uint64_t step = ck_rng_below(&h->rng, 3000000);
    bool jump = deadline != CK_NEVER && ck_rng_below(&h->rng, 2) == 0;
    h->now = jump ? CK_MAX(deadline, h->now) : h->now + step;
    ck_session_on_deadline(&h->s, h->now);
    CK_CHECK_ROW(h->seed, ck_session_next_deadline(&h->s) > h->now);
}

static void random_input(host *h)
{
    uint32_t attempt = pick_attempt(h);
    switch (ck_rng_below(&h->rng, 16)) {
    case 0:
    case 1:
    case 2:
    case 3:
        ck_session_transport_opened(&h->s, attempt, h->now);
        break;
    case 4:
    case 5:
    case 6:
        ck_session_accepted(&h->s, attempt, h->now);
        break;
    case 7:
        ck_session_transport_failed(&h->s, attempt, pick_status(h), h->now);
        break;
    case 8:
        ck_session_peer_closed(&h->s, attempt, pick_status(h), h->now);
        break;
    case 9:
    case 10:
        ck_session_media_progress(&h->s, attempt, h->now);
        break;
    case 11:
        ck_session_network_changed(&h->s, (enum ck_session_network)(1 + ck_rng_below(&h->rng, 3)),
                                   h->now);
        break;
    case 12:
        ck_session_background(&h->s, ck_rng_below(&h->rng, 2) == 0);
        break;
    case 13:
        if (ck_rng_below(&h->rng, 4) == 0) {
            ck_session_reconnect(&h->s, CK_ORIGIN_REMEDY, h->now);
        }
        break;
    case 14:
        ck_session_finished(&h->s, attempt, h->now);
        break;
    default:
        if (ck_rng_below(&h->rng, 60) == 0) {
            ck_session_stop(&h->s, CK_ORIGIN_USER, h->now);
        }
        break;
    }
}

/* Runs one seed to its end and returns a digest of all that came out. */
static uint64_t run(uint64_t seed)
{
    host h = {.seen = CK_SESSION_IDLE, .seed = seed};
    ck_rng_seed(&h.rng, seed);
    h.now = ck_rng_next(&h.rng) >> 2;
    ck_session_config config = {
        .kind = ck_rng_below(&h.rng, 2) == 0 ? CK_SESSION_PUBLISH : CK_SESSION_PLAY,
        .give_up_after_us = ck_rng_below(&h.rng, 4) == 0 ? 30000000 : 0,
        .max_attempts = ck_rng_below(&h.rng, 4) == 0 ? 5 : 0,
        .no_retry = ck_rng_below(&h.rng, 16) == 0,
    };
    CK_CHECK_ROW(seed, ck_session_init(&h.s, &config, seed, h.now) == CHALK_OK);
    CK_CHECK_ROW(seed, ck_session_start(&h.s, CK_ORIGIN_USER, h.now) == CHALK_OK);
    for (uint32_t i = 0; i < STEPS; i++) {
        random_input(&h);
        pass_time(&h);
        if (ck_rng_below(&h.rng, 8) != 0) {
            take_outputs(&h);
        }
        take_events(&h);
    }
    /* Whatever it was doing, two stops end it, and it stays ended. */
    ck_session_stop(&h.s, CK_ORIGIN_USER, h.now);
    ck_session_stop(&h.s, CK_ORIGIN_USER, h.now);
    for (uint32_t i = 0; i < 20; i++) {
        random_input(&h);
        pass_time(&h);
    }
    take_outputs(&h);
    take_events(&h);
    CK_CHECK_ROW(seed, h.seen == CK_SESSION_CLOSED);
    CK_CHECK_ROW(seed, h.ends == 1);
    CK_CHECK_ROW(seed, h.open == 0);
    CK_CHECK_ROW(seed, ck_session_next_deadline(&h.s) == CK_NEVER);
    return h.digest;
}

CK_TEST(session_walk, keeps_its_rules_under_any_input)
{
    CK_FOR_SEEDS(seed, 3000)
    {
        run(seed);
    }
}

CK_TEST(session_walk, is_the_same_for_the_same_seed)
{
    uint32_t different = 0;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        CK_CHECK_ROW(seed, run(seed) == run(seed));
        different += run(seed) != run(seed + 1);
    }
    CK_CHECK(different > 40);
}
