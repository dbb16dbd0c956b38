#include "chalkrail/errors.h"
#include "core/session/session.h"
#include "support/check.h"

#include "base/check.h"

#define MS UINT64_C(1000)
#define S  UINT64_C(1000000)

static ck_session session_of(ck_session_config config)
{
    ck_session s;
    CK_CHECK_EQ(ck_session_init(&s, &config, 1, 0), CHALK_OK);
    return s;
}

static void expect_output(ck_session *s, enum ck_session_action action, uint32_t attempt)
{
    ck_session_output out = {0};
    CK_CHECK(ck_session_poll_output(s, &out));
    CK_CHECK_EQ(out.action, action);
    CK_CHECK_EQ(out.attempt, attempt);
}

static void expect_silence(ck_session *s)
{
    ck_session_output out;
    CK_CHECK(!ck_session_poll_output(s, &out));
}

static ck_session_event last_event(ck_session *s)
{
    ck_session_event event = {0};
    while (ck_session_poll_event(s, &event)) {
    }
    return event;
}

/* Carries a fresh or waiting session to LIVE. */
static void go_live(ck_session *s, uint64_t now)
{
    uint32_t attempt = ck_session_attempt(s);
    expect_output(s, CK_SESSION_OPEN, attempt);
    ck_session_transport_opened(s, attempt, now);
    expect_output(s, CK_SESSION_START, attempt);
    ck_session_accepted(s, attempt, now);
    CK_CHECK_EQ(ck_session_state_of(s), CK_SESSION_LIVE);
}

/* Pulls the OPEN of the current attempt and fails it. */
static void fail_attempt(ck_session *s, int cause, uint64_t now)
{
    uint32_t attempt = ck_session_attempt(s);
    expect_output(s, CK_SESSION_OPEN, attempt);
    ck_session_transport_failed(s, attempt, cause, now);
    expect_output(s, CK_SESSION_CLOSE, attempt);
}

CK_TEST(session, goes_live_and_finishes_gracefully)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PUBLISH});
    CK_CHECK_EQ(ck_session_start(&s, CK_ORIGIN_USER, 0), CHALK_OK);
    CK_CHECK_EQ(ck_session_start(&s, CK_ORIGIN_USER, 0), CHALK_ERR_BAD_STATE);
    go_live(&s, 1 * S);
    CK_CHECK_EQ(ck_session_next_deadline(&s), CK_NEVER);
    ck_session_stop(&s, CK_ORIGIN_APP, 2 * S);
    expect_output(&s, CK_SESSION_FINISH, 1);
    CK_CHECK_EQ(ck_session_next_deadline(&s), 4 * S);
    ck_session_finished(&s, 1, 3 * S);
    expect_output(&s, CK_SESSION_CLOSE, 1);
    expect_silence(&s);
    static const enum ck_session_state path[] = {CK_SESSION_IDLE,        CK_SESSION_CONNECTING,
                                                 CK_SESSION_NEGOTIATING, CK_SESSION_LIVE,
                                                 CK_SESSION_STOPPING,    CK_SESSION_CLOSED};
    static const enum ck_session_origin origins[] = {
        CK_ORIGIN_USER, CK_ORIGIN_SYSTEM, CK_ORIGIN_PEER, CK_ORIGIN_APP, CK_ORIGIN_SYSTEM};
    ck_session_event event;
    for (size_t i = 0; i + 1 < CK_COUNT_OF(path); i++) {
        CK_CHECK_ROW(i, ck_session_poll_event(&s, &event));
        CK_CHECK_ROW(i, event.from == path[i] && event.to == path[i + 1]);
        CK_CHECK_ROW(i, event.origin == origins[i] && event.cause == CHALK_OK);
        CK_CHECK_ROW(i, event.attempt == 1 && event.failures == 0 && event.merged == 0);
    }
    CK_CHECK(!ck_session_poll_event(&s, &event));
    CK_CHECK_EQ(ck_session_start(&s, CK_ORIGIN_USER, 9 * S), CHALK_ERR_BAD_STATE);
}

CK_TEST(session, times_each_step)
{
    static const struct {
        enum ck_session_kind kind;
        enum ck_session_state state;
        uint64_t after;
    } rows[] = {
        {CK_SESSION_PLAY, CK_SESSION_CONNECTING, 5 * S},
        {CK_SESSION_PLAY, CK_SESSION_NEGOTIATING, 5 * S},
        {CK_SESSION_PLAY, CK_SESSION_LIVE, 10 * S},
        {CK_SESSION_PUBLISH, CK_SESSION_LIVE, CK_NEVER},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s = session_of((ck_session_config){.kind = rows[i].kind});
        ck_session_start(&s, CK_ORIGIN_USER, 0);
        expect_output(&s, CK_SESSION_OPEN, 1);
        if (rows[i].state != CK_SESSION_CONNECTING) {
            ck_session_transport_opened(&s, 1, 0);
            expect_output(&s, CK_SESSION_START, 1);
        }
        if (rows[i].state == CK_SESSION_LIVE) {
            ck_session_accepted(&s, 1, 0);
        }
        CK_CHECK_ROW(i, ck_session_state_of(&s) == rows[i].state);
        CK_CHECK_ROW(i, ck_session_next_deadline(&s) == rows[i].after);
        if (rows[i].after == CK_NEVER) {
            continue;
        }
        ck_session_on_deadline(&s, rows[i].after - 1);
        CK_CHECK_ROW(i, ck_session_state_of(&s) == rows[i].state);
        ck_session_on_deadline(&s, rows[i].after);
        CK_CHECK_ROW(i, ck_session_state_of(&s) == CK_SESSION_WAITING);
        expect_output(&s, CK_SESSION_CLOSE, 1);
        ck_session_event event = last_event(&s);
        CK_CHECK_ROW(i, event.cause == CHALK_ERR_TIMEOUT && event.origin == CK_ORIGIN_SYSTEM);
    }
}

CK_TEST(session, media_keeps_a_playback_live)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    go_live(&s, 0);
    ck_session_media_progress(&s, 1, 9 * S);
    CK_CHECK_EQ(ck_session_next_deadline(&s), 19 * S);
    ck_session_media_progress(&s, 7, 15 * S);
    CK_CHECK_EQ(ck_session_next_deadline(&s), 19 * S);
}

CK_TEST(session, stops_from_every_state)
{
    for (int steps = 0; steps < 5; steps++) {
        ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
        bool started = steps > 0 && ck_session_start(&s, CK_ORIGIN_USER, 0) == CHALK_OK;
        if (steps == 2) {
            fail_attempt(&s, CHALK_ERR_REFUSED, 0);
        }
        if (steps >= 3) {
            expect_output(&s, CK_SESSION_OPEN, 1);
        }
        if (steps == 4) {
            ck_session_transport_opened(&s, 1, 0);
        }
        ck_session_stop(&s, CK_ORIGIN_USER, 1 * S);
        CK_CHECK_ROW(steps, ck_session_state_of(&s) == CK_SESSION_CLOSED);
        CK_CHECK_ROW(steps, ck_session_cause(&s) == CHALK_OK);
        CK_CHECK_ROW(steps, ck_session_next_deadline(&s) == CK_NEVER);
        /* What was never opened is not closed. */
        if (started && steps >= 3) {
            expect_output(&s, CK_SESSION_CLOSE, 1);
        }
        expect_silence(&s);
    }
}

CK_TEST(session, does_not_wait_for_ever_to_stop)
{
    static const struct {
        int what;
        int cause;
    } rows[] = {{0, CHALK_ERR_TIMEOUT}, {1, CHALK_OK}, {2, CHALK_OK}, {3, CHALK_OK}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PUBLISH});
        ck_session_start(&s, CK_ORIGIN_USER, 0);
        go_live(&s, 0);
        ck_session_stop(&s, CK_ORIGIN_USER, 1 * S);
        CK_CHECK_ROW(i, ck_session_state_of(&s) == CK_SESSION_STOPPING);
        switch (rows[i].what) {
        case 0:
            ck_session_on_deadline(&s, 3 * S);
            break;
        case 1:
            ck_session_stop(&s, CK_ORIGIN_USER, 1 * S + 1);
            break;
        case 2:
            ck_session_peer_closed(&s, 1, CHALK_ERR_DENIED, 2 * S);
            break;
        default:
            ck_session_transport_failed(&s, 1, CHALK_ERR_DISCONNECTED, 2 * S);
            break;
        }
        CK_CHECK_ROW(i, ck_session_state_of(&s) == CK_SESSION_CLOSED);
        CK_CHECK_ROW(i, ck_session_cause(&s) == rows[i].cause);
        expect_output(&s, CK_SESSION_CLOSE, 1);
        expect_silence(&s);
    }
}

CK_TEST(session, ends_at_once_on_final_causes)
{
    static const struct {
        int cause;
        bool final;
    } rows[] = {
        {CHALK_ERR_DENIED, true},
        {CHALK_ERR_TLS, true},
        {CHALK_ERR_NO_TLS, true},
        {CHALK_ERR_CODEC_UNKNOWN, true},
        {CHALK_ERR_UNSUPPORTED, true},
        {CHALK_ERR_INVALID_ARGUMENT, true},
        {CHALK_ERR_END, true},
        {CHALK_ERR_REFUSED, false},
        {CHALK_ERR_NAME_TAKEN, false},
        {CHALK_ERR_NO_STREAM, false},
        {CHALK_ERR_PEER_CLOSED, false},
        {CHALK_ERR_NAME_UNRESOLVED, false},
        {CHALK_ERR_PROTOCOL, false},
        {CHALK_ERR_TIMEOUT, false},
        {CHALK_OK, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
        ck_session_start(&s, CK_ORIGIN_USER, 0);
        expect_output(&s, CK_SESSION_OPEN, 1);
        ck_session_transport_opened(&s, 1, 0);
        expect_output(&s, CK_SESSION_START, 1);
        ck_session_peer_closed(&s, 1, rows[i].cause, 1 * S);
        ck_session_event event = last_event(&s);
        CK_CHECK_ROW(i, event.to == (rows[i].final ? CK_SESSION_CLOSED : CK_SESSION_WAITING));
        CK_CHECK_ROW(i, event.origin == CK_ORIGIN_PEER);
        int told = rows[i].cause < 0 ? rows[i].cause : CHALK_ERR_PEER_CLOSED;
        CK_CHECK_ROW(i, event.cause == told && ck_session_cause(&s) == told);
        CK_CHECK_ROW(i, ck_session_is_final(rows[i].cause) == rows[i].final);
    }
}

/* Fails `count` attempts; gives the longest wait seen before each over many seeds. */
static void longest_waits(ck_session_config config, int cause, uint64_t *longest, int count)
{
    for (int i = 0; i < count; i++) {
        longest[i] = 0;
    }
    for (uint64_t seed = 0; seed < 400; seed++) {
        ck_session s;
        CK_CHECK_EQ(ck_session_init(&s, &config, seed, 0), CHALK_OK);
        uint64_t now = 0;
        ck_session_start(&s, CK_ORIGIN_USER, now);
        for (int i = 0; i < count; i++) {
            fail_attempt(&s, cause, now);
            ck_session_event event = last_event(&s);
            CK_CHECK_EQ(event.to, CK_SESSION_WAITING);
            CK_CHECK_EQ(event.failures, i + 1);
            CK_CHECK_EQ(ck_session_next_deadline(&s), now + event.retry_in_us);
            CK_CHECK(event.retry_in_us >= 1 * MS);
            CK_CHECK(event.retry_in_us <= CK_MAX(now / 4, 600 * MS)); /* of the outage so far */
            longest[i] = CK_MAX(longest[i], event.retry_in_us);
            now += event.retry_in_us;
            ck_session_on_deadline(&s, now);
        }
    }
}

CK_TEST(session, backs_off_with_full_jitter_to_the_cap)
{
    uint64_t longest[60];
    longest_waits((ck_session_config){.kind = CK_SESSION_PLAY}, CHALK_ERR_REFUSED, longest,
                  CK_COUNT_OF(longest));
    for (size_t i = 0; i < CK_COUNT_OF(longest); i++) {
        uint64_t window = i < 6 ? (250 * MS) << i : 10 * S;
        /* Within the window, and over 400 draws near its end, where the outage is no less. */
        bool reached = i < 2 || i >= 50;
        CK_CHECK_ROW(i, longest[i] <= window);
        CK_CHECK_ROW(i, !reached || longest[i] >= window * 9 / 10);
    }
}

CK_TEST(session, waits_for_a_publisher_with_a_shorter_cap)
{
    uint64_t longest[40];
    longest_waits((ck_session_config){.kind = CK_SESSION_PLAY}, CHALK_ERR_NO_STREAM, longest, 40);
    CK_CHECK(longest[39] <= 1 * S && longest[39] >= 900 * MS);
    longest_waits((ck_session_config){.kind = CK_SESSION_PUBLISH}, CHALK_ERR_NO_STREAM, longest,
                  40);
    CK_CHECK(longest[39] > 1 * S);
}

CK_TEST(session, counts_from_one_again_after_a_stable_time)
{
    static const struct {
        uint64_t live;
        uint32_t failures;
    } rows[] = {{10 * S - 1, 2}, {10 * S, 1}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PUBLISH});
        ck_session_start(&s, CK_ORIGIN_USER, 0);
        fail_attempt(&s, CHALK_ERR_REFUSED, 0);
        uint64_t now = ck_session_next_deadline(&s);
        ck_session_on_deadline(&s, now);
        go_live(&s, now);
        ck_session_transport_failed(&s, 2, CHALK_ERR_DISCONNECTED, now + rows[i].live);
        CK_CHECK_ROW(i, last_event(&s).failures == rows[i].failures);
    }
}

CK_TEST(session, gives_up_when_told)
{
    static const struct {
        ck_session_config config;
        int cause;
        int attempts; /* that are made */
    } rows[] = {
        {{.kind = CK_SESSION_PLAY, .no_retry = true}, CHALK_ERR_REFUSED, 1},
        {{.kind = CK_SESSION_PLAY, .max_attempts = 3}, CHALK_ERR_REFUSED, 3},
        {{.kind = CK_SESSION_PUBLISH}, CHALK_ERR_NAME_TAKEN, 8},
        {{.kind = CK_SESSION_PUBLISH, .name_taken_attempts = 2}, CHALK_ERR_NAME_TAKEN, 2},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s = session_of(rows[i].config);
        uint64_t now = 0;
        int attempts = 0;
        ck_session_start(&s, CK_ORIGIN_USER, now);
        while (ck_session_state_of(&s) != CK_SESSION_CLOSED) {
            fail_attempt(&s, rows[i].cause, now);
            attempts++;
            now = ck_session_next_deadline(&s);
            ck_session_on_deadline(&s, now);
        }
        CK_CHECK_ROW(i, attempts == rows[i].attempts);
        CK_CHECK_ROW(i, ck_session_cause(&s) == rows[i].cause);
    }
}

CK_TEST(session, gives_up_after_a_time_without_live)
{
    ck_session_config config = {.kind = CK_SESSION_PLAY, .give_up_after_us = 30 * S};
    ck_session s = session_of(config);
    uint64_t now = 0;
    ck_session_start(&s, CK_ORIGIN_USER, now);
    /* LIVE begins the count anew, however short it was. */
    go_live(&s, 20 * S);
    ck_session_transport_failed(&s, 1, CHALK_ERR_DISCONNECTED, 21 * S);
    expect_output(&s, CK_SESSION_CLOSE, 1);
    while (ck_session_state_of(&s) != CK_SESSION_CLOSED) {
        now = ck_session_next_deadline(&s);
        CK_CHECK(now <= 51 * S);
        ck_session_on_deadline(&s, now);
        if (ck_session_state_of(&s) == CK_SESSION_CONNECTING) {
            fail_attempt(&s, CHALK_ERR_UNREACHABLE, now);
        }
    }
    CK_CHECK_EQ(now, 51 * S);
    CK_CHECK_EQ(ck_session_cause(&s), CHALK_ERR_UNREACHABLE);
}

CK_TEST(session, tries_at_once_when_the_network_is_back)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    fail_attempt(&s, CHALK_ERR_UNREACHABLE, 0);
    ck_session_network_changed(&s, CK_NETWORK_UNKNOWN, 0);
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_WAITING);
    ck_session_network_changed(&s, CK_NETWORK_UP, 0);
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_CONNECTING);
    CK_CHECK_EQ(last_event(&s).origin, CK_ORIGIN_SYSTEM);

    /* During an attempt: its failure is not waited for, but only once. */
    ck_session_network_changed(&s, CK_NETWORK_UP, 0);
    fail_attempt(&s, CHALK_ERR_UNREACHABLE, 1 * S);
    CK_CHECK_EQ(ck_session_next_deadline(&s), 1 * S + 1 * MS);
    ck_session_on_deadline(&s, 1 * S + 1 * MS);
    fail_attempt(&s, CHALK_ERR_UNREACHABLE, 2 * S);
    CK_CHECK(ck_session_next_deadline(&s) > 2 * S + 1 * MS);

    /* A hint that was followed by LIVE is used up. */
    ck_session_on_deadline(&s, 20 * S);
    ck_session_network_changed(&s, CK_NETWORK_UP, 20 * S);
    go_live(&s, 20 * S);
    ck_session_transport_failed(&s, ck_session_attempt(&s), CHALK_ERR_DISCONNECTED, 21 * S);
    CK_CHECK(ck_session_next_deadline(&s) > 21 * S + 1 * MS);
}

CK_TEST(session, waits_longer_while_the_network_is_down)
{
    uint64_t longest = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        ck_session s;
        ck_session_config config = {.kind = CK_SESSION_PLAY};
        CK_CHECK_EQ(ck_session_init(&s, &config, seed, 0), CHALK_OK);
        ck_session_start(&s, CK_ORIGIN_USER, 0);
        ck_session_network_changed(&s, CK_NETWORK_DOWN, 0);
        fail_attempt(&s, CHALK_ERR_UNREACHABLE, 0);
        longest = CK_MAX(longest, ck_session_next_deadline(&s));
    }
    CK_CHECK(longest > 9 * S && longest <= 10 * S);
}

CK_TEST(session, reconnects_for_a_remedy)
{
    ck_session_config config = {.kind = CK_SESSION_PLAY, .give_up_after_us = 60 * S};
    ck_session s = session_of(config);
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    go_live(&s, 0);
    ck_session_media_progress(&s, 1, 1000 * S);
    ck_session_reconnect(&s, CK_ORIGIN_REMEDY, 1000 * S);
    expect_output(&s, CK_SESSION_CLOSE, 1);
    expect_output(&s, CK_SESSION_OPEN, 2);
    ck_session_event event = last_event(&s);
    CK_CHECK_EQ(event.to, CK_SESSION_CONNECTING);
    CK_CHECK_EQ(event.origin, CK_ORIGIN_REMEDY);
    /* An hour of LIVE is no outage. */
    CK_CHECK_EQ(ck_session_next_deadline(&s), 1005 * S);
}

CK_TEST(session, ignores_late_and_disordered_reports)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_transport_opened(&s, 0, 0);
    ck_session_peer_closed(&s, 0, CHALK_ERR_DENIED, 0);
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_IDLE);
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    ck_session_transport_opened(&s, 1, 0); /* OPEN was not pulled yet */
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_CONNECTING);
    expect_output(&s, CK_SESSION_OPEN, 1);
    ck_session_accepted(&s, 1, 0);
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_CONNECTING);
    ck_session_transport_opened(&s, 1, 0);
    ck_session_accepted(&s, 1, 0); /* START was not pulled yet */
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_NEGOTIATING);
    ck_session_transport_failed(&s, 1, CHALK_ERR_DISCONNECTED, 0);
    expect_output(&s, CK_SESSION_CLOSE, 1);
    ck_session_on_deadline(&s, ck_session_next_deadline(&s));
    expect_output(&s, CK_SESSION_OPEN, 2);
    ck_session_transport_opened(&s, 1, 1 * S);
    ck_session_transport_failed(&s, 1, CHALK_ERR_TLS, 1 * S);
    ck_session_peer_closed(&s, 1, CHALK_ERR_DENIED, 1 * S);
    ck_session_finished(&s, 1, 1 * S);
    CK_CHECK_EQ(ck_session_state_of(&s), CK_SESSION_CONNECTING);
    expect_silence(&s);
}

CK_TEST(session, takes_back_what_was_not_pulled)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    for (int i = 0; i < 100; i++) {
        ck_session_on_deadline(&s, ck_session_next_deadline(&s));
    }
    ck_session_output out;
    int count = 0;
    while (ck_session_poll_output(&s, &out)) {
        CK_CHECK_EQ(out.action, CK_SESSION_OPEN);
        count++;
    }
    CK_CHECK(count <= 1);
}

CK_TEST(session, widens_the_newest_event_when_nobody_reads)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    for (int i = 0; i < 100; i++) {
        ck_session_on_deadline(&s, ck_session_next_deadline(&s));
    }
    ck_session_stop(&s, CK_ORIGIN_USER, CK_NEVER - 1);
    ck_session_event event;
    enum ck_session_state at = CK_SESSION_IDLE;
    uint32_t changes = 0;
    while (ck_session_poll_event(&s, &event)) {
        CK_CHECK_EQ(event.from, at);
        at = event.to;
        changes += 1 + event.merged;
    }
    CK_CHECK_EQ(at, CK_SESSION_CLOSED);
    CK_CHECK_EQ(changes, 102);
}

CK_TEST(session, marks_events_in_the_background)
{
    ck_session s = session_of((ck_session_config){.kind = CK_SESSION_PLAY});
    ck_session_start(&s, CK_ORIGIN_USER, 0);
    CK_CHECK(!last_event(&s).in_background);
    ck_session_background(&s, true);
    fail_attempt(&s, CHALK_ERR_DISCONNECTED, 0);
    CK_CHECK(last_event(&s).in_background);
    ck_session_background(&s, false);
    ck_session_stop(&s, CK_ORIGIN_USER, 0);
    CK_CHECK(!last_event(&s).in_background);
}

CK_TEST(session, refuses_a_bad_configuration)
{
    static const ck_session_config rows[] = {
        {.kind = (enum ck_session_kind)0},
        {.kind = (enum ck_session_kind)3},
        {.kind = CK_SESSION_PLAY, .backoff_base_us = 2 * S, .backoff_cap_us = 1 * S},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_session s;
        CK_CHECK_ROW(i, ck_session_init(&s, &rows[i], 1, 0) == CHALK_ERR_INVALID_ARGUMENT);
    }
}

CK_TEST(session, names_states_and_origins)
{
    CK_CHECK_STR(ck_session_state_name(CK_SESSION_LIVE), "live");
    CK_CHECK_STR(ck_session_state_name(CK_SESSION_CLOSED), "closed");
    CK_CHECK_STR(ck_session_state_name((enum ck_session_state)0), "?");
    CK_CHECK_STR(ck_session_state_name((enum ck_session_state)99), "?");
    CK_CHECK_STR(ck_session_origin_name(CK_ORIGIN_REMEDY), "remedy");
    CK_CHECK_STR(ck_session_origin_name((enum ck_session_origin) - 1), "?");
}
