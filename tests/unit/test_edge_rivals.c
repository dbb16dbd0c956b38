/*
 * Two devices of one participant publish under one name. The newest must stay, and the one that it
 * displaced must come to an end of its own, with the hub's rules on one side and the session core's
 * patience on the other; a device that lost its connection must get back in.
 */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/session/session.h"
#include "support/alloc.h"
#include "support/check.h"
#include "unit/edge_tags.h"

#define MS       1000ull
#define S        1000000ull
#define STEP_US  (20 * MS)
#define CONNECT  (60 * MS) /* to open a transport and ask for the stream */
#define PING_US  (2 * S)   /* the edge asks a silent publisher whether it is there */
#define DEVICES  2
#define START_US (1000 * S)

typedef struct device {
    ck_session session;
    ck_hub_stream *stream;
    uint32_t attempt;   /* that is open */
    uint64_t ask_us;    /* when its publish reaches the edge; CK_NEVER: none is under way */
    bool still;         /* its picture does not change: it only answers pings */
    uint64_t heard_us;  /* by the edge */
    uint32_t displaced; /* times */
} device;

typedef struct world {
    ck_hub *hub;
    ck_stream_name name;
    const char *owner;
    device devices[DEVICES];
    uint64_t now_us;
} world;

static void set_up(world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    const ck_hub_config config = {.alloc = &ck_test_heap,
                                  .streams_max = 2,
                                  .memory_max = 1 << 20,
                                  .gop_max_ms = 10000,
                                  .reader_max_ms = 3000};
    CK_CHECK_EQ(ck_hub_init(&w->hub, &config), CHALK_OK);
    w->name = name_of("maths/ada/screen");
    w->owner = "ada";
    w->now_us = START_US;
    for (size_t i = 0; i < DEVICES; i++) {
        const ck_session_config session = {.kind = CK_SESSION_PUBLISH};
        w->devices[i].ask_us = CK_NEVER;
        CK_CHECK_EQ(ck_session_init(&w->devices[i].session, &session, seed * 2 + i, w->now_us),
                    CHALK_OK);
    }
}

static void tear_down(world *w)
{
    for (size_t i = 0; i < DEVICES; i++) {
        ck_hub_unpublish(&w->devices[i].stream, w->now_us);
    }
    ck_hub_free(&w->hub);
}

/* The edge's side of a publish: the answer goes back, and to whom it displaces. */
static void ask(world *w, device *d)
{
    void *replaced = NULL;
    int status = ck_hub_publish(w->hub, &w->name, w->owner, d, w->now_us, &d->stream, &replaced);
    if (status < 0) {
        ck_session_peer_closed(&d->session, d->attempt, status, w->now_us);
        return;
    }
    d->heard_us = w->now_us;
    ck_session_accepted(&d->session, d->attempt, w->now_us);
    device *other = replaced;
    if (other == NULL || other == d) {
        return; /* its own earlier connection, which nobody can tell anything */
    }
    ck_hub_unpublish(&other->stream, w->now_us);
    other->displaced++;
    ck_session_peer_closed(&other->session, other->attempt, CHALK_ERR_NAME_TAKEN, w->now_us);
}

static void pull_outputs(world *w, device *d)
{
    ck_session_output out;
    while (ck_session_poll_output(&d->session, &out)) {
        switch (out.action) {
        case CK_SESSION_OPEN:
            d->attempt = out.attempt;
            ck_session_transport_opened(&d->session, out.attempt, w->now_us);
            break;
        case CK_SESSION_START:
            d->ask_us = w->now_us + CONNECT;
            break;
        default: /* its connection ends */
            d->ask_us = CK_NEVER;
            ck_hub_unpublish(&d->stream, w->now_us);
            break;
        }
    }
}

static void step_device(world *w, device *d)
{
    if (d->stream != NULL && (!d->still || w->now_us - d->heard_us >= PING_US)) {
        ck_hub_heard(d->stream, w->now_us);
        d->heard_us = w->now_us;
    }
    if (w->now_us >= d->ask_us) {
        d->ask_us = CK_NEVER;
        ask(w, d);
    }
    if (w->now_us >= ck_session_next_deadline(&d->session)) {
        ck_session_on_deadline(&d->session, w->now_us);
    }
    pull_outputs(w, d);
}

static void run(world *w, uint64_t span_us)
{
    for (uint64_t end_us = w->now_us + span_us; w->now_us < end_us; w->now_us += STEP_US) {
        for (size_t i = 0; i < DEVICES; i++) {
            step_device(w, &w->devices[i]);
        }
    }
}

static bool is_live(const device *d)
{
    return ck_session_state_of(&d->session) == CK_SESSION_LIVE && d->stream != NULL;
}

static void start(world *w, device *d)
{
    CK_CHECK_EQ(ck_session_start(&d->session, CK_ORIGIN_USER, w->now_us), CHALK_OK);
    run(w, 1 * S);
}

CK_TEST(edge_rivals, the_newest_stays_and_the_displaced_one_gives_up)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        world w;
        set_up(&w, seed);
        device *old = &w.devices[0];
        device *new = &w.devices[1];
        new->still = seed % 2 == 1; /* a slide that is shown for minutes sends nothing */
        start(&w, old);
        CK_CHECK_ROW(seed, is_live(old));
        run(&w, 20 * S);
        start(&w, new);
        CK_CHECK_ROW(seed, is_live(new) && old->displaced == 1);
        run(&w, 60 * S);
        CK_CHECK_ROW(seed, is_live(new) && new->displaced == 0);
        CK_CHECK_ROW(seed, ck_session_state_of(&old->session) == CK_SESSION_CLOSED);
        CK_CHECK_EQ(ck_session_cause(&old->session), CHALK_ERR_NAME_TAKEN);
        tear_down(&w);
    }
}

/* A change of network, also twice within the time in which the name is kept: the connection that
 * holds the name looks alive and is not. */
CK_TEST(edge_rivals, a_device_gets_back_in)
{
    for (uint64_t seed = 0; seed < 200; seed++) {
        world w;
        set_up(&w, seed);
        device *d = &w.devices[0];
        start(&w, d);
        for (int i = 0; i < 3; i++) {
            run(&w, 2 * S);
            ck_hub_stream *lost = d->stream; /* nobody tells the edge that it is dead */
            d->stream = NULL;
            ck_session_reconnect(&d->session, CK_ORIGIN_SYSTEM, w.now_us);
            run(&w, 12 * S);
            ck_hub_unpublish(&lost, w.now_us);
            run(&w, 12 * S);
            CK_CHECK_ROW(seed, is_live(d));
        }
        tear_down(&w);
    }
}

/* When the newest has gone, whoever waits gets the name. */
CK_TEST(edge_rivals, the_name_is_free_when_its_holder_falls_silent)
{
    static const struct {
        const char *first;
        const char *second;
        uint64_t silence_us;
        int status;
    } rows[] = {
        {"ada", "ada", 2999 * MS, CHALK_ERR_NAME_TAKEN},
        {"ada", "ada", 3000 * MS, CHALK_OK},
        {"eve", "ada", 2999 * MS, CHALK_OK}, /* ada's second did not displace one of eve's */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        world w;
        ck_hub_stream *streams[3] = {NULL};
        void *replaced;
        uint64_t now_us = START_US;
        set_up(&w, i);
        const char *const owners[] = {"ada", rows[i].second, rows[i].second};
        now_us += rows[i].first[0] == 'e' ? 5 * S : 0;
        CK_CHECK_EQ(
            ck_hub_publish(w.hub, &w.name, rows[i].first, &w, START_US, &streams[0], &replaced),
            CHALK_OK);
        CK_CHECK_EQ(ck_hub_publish(w.hub, &w.name, owners[1], &w, now_us, &streams[1], &replaced),
                    CHALK_OK);
        now_us += rows[i].silence_us;
        CK_CHECK_ROW(i, ck_hub_publish(w.hub, &w.name, owners[2], &w, now_us, &streams[2],
                                       &replaced) == rows[i].status);
        for (size_t n = 0; n < CK_COUNT_OF(streams); n++) {
            ck_hub_unpublish(&streams[n], now_us);
        }
        tear_down(&w);
    }
}

/* The name is kept as long as somebody keeps asking, and free a minute after the last time. */
CK_TEST(edge_rivals, the_keep_ends_a_minute_after_the_last_refusal)
{
    world w;
    ck_hub_stream *streams[3] = {NULL};
    void *replaced;
    set_up(&w, 1);
    uint64_t now_us = START_US;
    CK_CHECK_EQ(ck_hub_publish(w.hub, &w.name, "ada", &w, now_us, &streams[0], &replaced),
                CHALK_OK);
    CK_CHECK_EQ(ck_hub_publish(w.hub, &w.name, "ada", &w, now_us, &streams[1], &replaced),
                CHALK_OK);
    for (int i = 0; i < 4; i++) {
        now_us += 59 * S;
        ck_hub_heard(streams[1], now_us);
        CK_CHECK_EQ(ck_hub_publish(w.hub, &w.name, "ada", &w, now_us, &streams[2], &replaced),
                    CHALK_ERR_NAME_TAKEN);
    }
    now_us += 60 * S;
    ck_hub_heard(streams[1], now_us);
    CK_CHECK_EQ(ck_hub_publish(w.hub, &w.name, "ada", &w, now_us, &streams[2], &replaced),
                CHALK_OK);
    CK_CHECK(replaced == &w);
    for (size_t n = 0; n < CK_COUNT_OF(streams); n++) {
        ck_hub_unpublish(&streams[n], now_us);
    }
    tear_down(&w);
}
