/* People: they talk, delete, vote, raise hands, do what they may not, start the app again, log in
 * twice. */
#include "sim/room_inside.h"

#include "base/check.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include <stdio.h>
#include <string.h>

static void wake(void *user, uint64_t at_us, uint64_t b)
{
    (void)b;
    device *d = user;
    if (d->replica != NULL && d->wake_us == at_us) {
        d->wake_us = CK_NEVER;
        ck_replica_on_deadline(d->replica, d->world->sim.now_us);
        ck_device_pump(d);
    }
}

static void carry_out(device *d, ck_replica_output *out)
{
    switch (out->action) {
    case CK_REPLICA_OPEN:
        ck_wire_open(d, out->attempt);
        break;
    case CK_REPLICA_SEND:
        if (d->wire != NULL && d->wire->attempt == out->attempt && d->wire->up_open) {
            ck_wire_up(d->wire, ck_slice_ref(out->bytes));
        }
        break;
    case CK_REPLICA_CLOSE:
        if (d->wire != NULL && d->wire->attempt == out->attempt) {
            ck_wire_cut(d->wire, true);
        }
        break;
    }
    ck_slice_unref(&out->bytes);
}

void ck_device_pump(device *d)
{
    ck_replica_output out;
    ck_replica_event event;
    while (ck_replica_poll_output(d->replica, &out)) {
        carry_out(d, &out);
    }
    while (ck_replica_poll_event(d->replica, &event)) {
        ck_check_event(d, &event);
    }
    ck_check_time(d);
    uint64_t at = ck_replica_next_deadline(d->replica);
    if (at != d->wake_us && at != CK_NEVER) {
        d->wake_us = at;
        ck_sim_at(&d->world->sim, at, wake, d, at, 0);
    }
}

static void play(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    device *d = user;
    world *w = d->world;
    uint64_t room_us = ck_replica_room_us(d->replica, w->sim.now_us);
    if (ck_world_is_over(w)) {
        ck_replica_playing(d->replica, 0, w->sim.now_us);
        ck_device_pump(d);
        return;
    }
    if (ck_sim_chance(&w->sim, 3000)) {
        d->stalled_until_us = w->sim.now_us + ck_world_us(w, 3000000);
    }
    if (room_us > d->behind_us && w->sim.now_us >= d->stalled_until_us) {
        /* After a stall playout is further behind, and may jump back to where it was. */
        bool jumps = ck_sim_chance(&w->sim, 100000);
        uint64_t goes_on =
            d->playing_us == 0 || jumps ? room_us - d->behind_us : d->playing_us + 100000;
        d->playing_us = CK_MIN(goes_on, room_us);
    }
    if (d->playing_us != 0) {
        ck_replica_playing(d->replica, d->playing_us, w->sim.now_us);
    }
    ck_sim_at(&w->sim, w->sim.now_us + 100000, play, d, 0, 0);
    ck_device_pump(d);
}

device *ck_device_new(world *w, uint32_t who)
{
    if (w->device_count == DEVICES_MAX) {
        return NULL;
    }
    static const uint32_t kept[] = {0, 50, CK_REPLICA_KEEP_ALL};
    device *d = &w->devices[w->device_count++];
    *d = (device){.world = w, .person = who, .wake_us = CK_NEVER};
    d->follows = ck_sim_chance(&w->sim, 400000);
    d->keeps = kept[ck_rng_below(&w->sim.rng, 3)];
    d->behind_us = 500000 + ck_world_us(w, 3000000);
    bool packs = ck_sim_chance(&w->sim, 800000);
    if (packs && ck_inflater_create(&ck_test_heap, &d->inflater) < 0) {
        ck_world_break(w, "a client could not be made", 0);
        return NULL;
    }
    const ck_replica_config config = {
        .alloc = &ck_test_heap,
        .unpacker = packs ? ck_inflater_port(d->inflater) : NULL,
        .chat_max = d->keeps,
        .presents = d->follows || ck_sim_chance(&w->sim, 300000),
    };
    if (ck_replica_create(&config, ck_rng_next(&w->sim.rng), w->sim.now_us, &d->replica) < 0) {
        ck_world_break(w, "a client could not be made", 0);
        return NULL;
    }
    ck_drawing_init(&d->drawing, &ck_test_heap);
    w->people[who].device = d;
    (void)ck_replica_start(d->replica, w->sim.now_us);
    ck_device_pump(d);
    if (d->follows) {
        ck_sim_at(&w->sim, w->sim.now_us + 100000, play, d, 0, 0);
    }
    return d;
}

/* --- what they do -------------------------------------------------------------------------- */

/* Somebody or something that exists, mostly. */
static uint64_t any_person(world *w)
{
    return ck_rng_below(&w->sim.rng, w->people_count + 1);
}

static uint64_t any_fact(world *w, uint64_t kind)
{
    for (size_t i = w->fact_count; i > 0; i--) {
        if (w->facts[i - 1].kind == kind && ck_rng_below(&w->sim.rng, 3) == 0) {
            return w->facts[i - 1].number;
        }
    }
    return ck_rng_below(&w->sim.rng, w->fact_count + 1);
}

static ck_event chat(world *w, char *text, size_t size)
{
    ck_event event = {.kind = CK_EVENT_CHAT};
    int used = snprintf(text, size, "%llu 明白了 %s", (unsigned long long)++w->words,
                        ck_sim_chance(&w->sim, 200000) ? "?" : "");
    if (ck_sim_chance(&w->sim, 200000)) {
        used = snprintf(text, size, "666"); /* said by many */
    }
    event.text = ck_bytes_of(text, (size_t)used);
    uint64_t whom = ck_rng_below(&w->sim.rng, 10);
    event.audience = whom < 7 ? CK_TO_ALL : whom == 7 ? CK_TO_STAFF : CK_TO_ONE;
    event.target =
        event.audience == CK_TO_ONE || ck_sim_chance(&w->sim, 100000) ? any_person(w) : 0;
    return event;
}

/* Anybody tries anything: what is allowed is for the edge to say. */
static ck_event any_intent(world *w, char *text, size_t size)
{
    static const uint8_t options[] = {3, 'y', 'e', 's', 2, 'n', 'o', 3, 0xe6, 0x98, 0xaf};
    uint64_t kind = 1 + ck_rng_below(&w->sim.rng, CK_EVENT_APP + 1); /* also what is none */
    ck_event event = {.kind = kind, .value = ck_rng_below(&w->sim.rng, 3)};
    switch (kind) {
    case CK_EVENT_DELETE:
        event.about = any_fact(w, CK_EVENT_CHAT);
        break;
    case CK_EVENT_ROLE:
        event.target = any_person(w);
        event.value = 1 + ck_rng_below(&w->sim.rng, 5);
        break;
    case CK_EVENT_RIGHTS:
        event.value = ck_rng_below(&w->sim.rng, 32);
        event.target = any_person(w);
        break;
    case CK_EVENT_BAN: /* rare, and mostly taken back: the room must not be empty */
        event.target = any_person(w);
        event.value = ck_sim_chance(&w->sim, 100000);
        break;
    case CK_EVENT_MUTE:
    case CK_EVENT_HAND:
    case CK_EVENT_INVITE:
    case CK_EVENT_ASK:
        event.target = any_person(w);
        break;
    case CK_EVENT_POLL:
        event.text = ck_bytes_of("now?", 4);
        event.data = ck_bytes_of(options, sizeof options);
        event.value = ck_rng_below(&w->sim.rng, 2);
        break;
    case CK_EVENT_VOTE:
        event.about = any_fact(w, CK_EVENT_POLL);
        event.value = ck_rng_below(&w->sim.rng, 9);
        break;
    case CK_EVENT_POLL_END:
        event.about = any_fact(w, CK_EVENT_POLL);
        event.value = 0;
        break;
    case CK_EVENT_CLASS:
        event.value = ck_sim_chance(&w->sim, 20000) ? CK_CLASS_ENDED : CK_CLASS_LIVE;
        break;
    case CK_EVENT_SLOW:
        event.value = ck_rng_below(&w->sim.rng, 2);
        break;
    case CK_EVENT_APP:
    case CK_EVENT_NOTICE:
        event = chat(w, text, size);
        event.kind = kind;
        event.lane = ck_rng_below(&w->sim.rng, 2);
        break;
    default:
        break;
    }
    return event;
}

static void say_something(device *d)
{
    world *w = d->world;
    char text[64];
    if (w->run->board && !ck_sim_chance(&w->sim, 100000)) {
        ck_board_act(d);
        return;
    }
    ck_event intent = ck_sim_chance(&w->sim, 600000) ? chat(w, text, sizeof text)
                                                     : any_intent(w, text, sizeof text);
    uint64_t id;
    (void)ck_replica_intend(d->replica, &intent, w->sim.now_us, &id);
    if (ck_sim_chance(&w->sim, 100000)) {
        ck_replica_react(d->replica, ck_bytes_of("👏", 4));
        ck_replica_show(d->replica, ck_rng_below(&w->sim.rng, 8), ck_bytes_of("here", 4),
                        w->sim.now_us);
        const ck_wire_ask ask = {
            .request = 1, .what = 1 + ck_rng_below(&w->sim.rng, 3), .count = 20};
        ck_replica_ask(d->replica, &ask);
        const ck_wire_report report = {.page = 1, .sound = 1};
        ck_replica_report(d->replica, &report, w->sim.now_us);
    }
}

static void act(void *user, uint64_t pace_us, uint64_t b)
{
    (void)b;
    person *p = user;
    device *d = p->device;
    world *w = d->world;
    if (ck_world_is_over(w)) {
        return;
    }
    uint64_t what = ck_rng_below(&w->sim.rng, 120);
    if (what == 0 && d->wire != NULL) {
        w->run->cuts++;
        ck_wire_cut(d->wire, false);
    } else if (what == 1) {
        ck_replica_stop(d->replica, w->sim.now_us); /* and the app is started again */
        ck_device_pump(d);
        (void)ck_device_new(w, d->person);
    } else if (what == 2 || what == 3) {
        (void)ck_device_new(w, d->person); /* beside the first */
    } else {
        say_something(d);
        ck_device_pump(d);
    }
    ck_sim_at(&w->sim, w->sim.now_us + pace_us / 2 + ck_world_us(w, pace_us), act, p, pace_us, 0);
}

static void arrive(void *user, uint64_t who, uint64_t pace_us)
{
    world *w = user;
    (void)ck_device_new(w, (uint32_t)who);
    ck_sim_at(&w->sim, w->sim.now_us + ck_world_us(w, pace_us), act, &w->people[who], pace_us, 0);
}

void ck_people_begin(world *w)
{
    if (w->run->board) {
        ck_board_people_begin(w);
    }
    for (uint32_t i = 0; i < w->people_count; i++) {
        person *p = &w->people[i];
        uint64_t chance = ck_rng_below(&w->sim.rng, 10);
        snprintf(p->name, sizeof p->name, "p%u李", (unsigned)i);
        p->role = i == 0        ? CK_ROLE_TEACHER
                  : chance == 0 ? CK_ROLE_ASSISTANT
                  : chance == 1 ? CK_ROLE_OBSERVER
                                : CK_ROLE_STUDENT;
        uint64_t pace_us = 100000 + ck_world_us(w, w->people_count * 15000 + 300000);
        ck_sim_at(&w->sim, ck_world_us(w, 3000000), arrive, w, i, pace_us);
    }
}
