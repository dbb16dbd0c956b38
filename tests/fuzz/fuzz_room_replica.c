/* Frames of an edge that says anything, with intents and playout between them. */
#include "chalkrail/errors.h"
#include "core/replica/replica.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include "base/check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
    ck_replica *r;
    ck_reader in;
    uint64_t now;
    uint64_t room_us;
    uint32_t attempt;
    uint32_t pending, settled;
} run;

static void drain(run *u)
{
    ck_replica_output out;
    ck_replica_event event;
    while (ck_replica_poll_output(u->r, &out)) {
        if (out.action == CK_REPLICA_OPEN) {
            u->attempt = out.attempt;
            ck_replica_opened(u->r, out.attempt, u->now);
        }
        ck_slice_unref(&out.bytes);
    }
    while (ck_replica_poll_event(u->r, &event)) {
        u->settled += event.kind == CK_REPLICA_SETTLED;
    }
    uint64_t room_us = ck_replica_room_us(u->r, u->now);
    ck_replica_stats stats = ck_replica_get_stats(u->r);
    if (room_us < u->room_us || stats.pending + u->settled != u->pending) {
        abort(); /* time went back, or an intent ended twice or never */
    }
    u->room_us = room_us;
}

static void intend(run *u, uint8_t kind)
{
    const ck_event event = {.kind = kind, .text = {(const uint8_t *)"hello", 5}, .value = kind};
    uint64_t id;
    u->pending += ck_replica_intend(u->r, &event, u->now, &id) == CHALK_OK;
}

static void turn(run *u)
{
    uint8_t what = ck_read_u8(&u->in);
    size_t size;
    switch (what % 8) {
    case 0:
        intend(u, ck_read_u8(&u->in));
        break;
    case 1:
        ck_replica_failed(u->r, u->attempt, CHALK_ERR_DISCONNECTED, u->now);
        break;
    case 2:
        ck_replica_playing(u->r, (uint64_t)ck_read_u8(&u->in) << what / 8, u->now);
        break;
    case 3:
        u->now += (uint64_t)ck_read_u8(&u->in) << what / 8;
        break;
    default:
        size = ck_read_be16(&u->in) % 1024;
        size = u->in.failed ? 0 : CK_MIN(size, ck_reader_left(&u->in));
        ck_replica_feed(u->r, u->attempt, ck_bytes_of(ck_read_bytes(&u->in, size), size), u->now);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run u = {.in = ck_reader_of(data, size), .now = 1000000};
    uint8_t kind = ck_read_u8(&u.in);
    ck_inflater *inflater = NULL;
    if (ck_inflater_create(&ck_test_heap, &inflater) < 0) {
        return 0;
    }
    const ck_replica_config config = {.alloc = &ck_test_heap,
                                      .chat_max = kind / 2,
                                      .presents = kind & 1,
                                      .unpacker = ck_inflater_port(inflater)};
    if (ck_replica_create(&config, kind, u.now, &u.r) < 0 || ck_replica_start(u.r, u.now) < 0) {
        abort();
    }
    drain(&u);
    while (!u.in.failed && ck_reader_left(&u.in) > 0) {
        turn(&u);
        ck_replica_on_deadline(u.r, u.now);
        drain(&u);
    }
    ck_replica_destroy(&u.r);
    ck_inflater_destroy(&inflater);
    return 0;
}
