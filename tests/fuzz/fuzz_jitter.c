/* Bytes choose what comes, when, and when it is asked for. Played time must rise. */
#include "core/jitter/jitter.h"
#include "support/alloc.h"

#include "base/bytes.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct run {
    ck_jitter *j;
    ck_reader r;
    uint64_t now;
    int64_t last_pts;
    bool any;
} run;

static void feed(run *u)
{
    ck_jitter_packet p = {
        .pts_us = (int64_t)u->now + (int32_t)ck_read_be32(&u->r) / 256,
        .duration_us = ck_read_be16(&u->r),
        .sequence = ck_read_be16(&u->r),
        .payload = ck_slice_static("x", 1),
    };
    uint8_t flags = ck_read_u8(&u->r);
    p.key = flags & 1;
    p.extra = flags & 2;
    p.pts_us = flags & 4 ? (int64_t)((uint64_t)p.pts_us << 24) : p.pts_us;
    (void)ck_jitter_feed(u->j, &p, u->now); /* may be refused */
}

static void drain(run *u)
{
    ck_jitter_event event;
    uint16_t sequence;
    while (ck_jitter_poll_event(u->j, &event)) {
        u->any = u->any && event.kind != CK_JITTER_BROKE;
    }
    while (ck_jitter_poll_output(u->j, &sequence, u->now)) {
    }
    if (ck_jitter_next_deadline(u->j) <= u->now) {
        abort();
    }
}

static void pull(run *u)
{
    ck_jitter_out out;
    enum ck_jitter_answer answer = ck_jitter_pull(u->j, ck_read_be16(&u->r), u->now, &out);
    if (out.duration_us == 0 || out.speed < 750 || out.speed > 1250) {
        abort();
    }
    if (answer == CK_JITTER_PLAY) {
        if (u->any && out.pts_us <= u->last_pts) {
            abort();
        }
        u->last_pts = out.pts_us;
        u->any = true;
    }
    ck_slice_unref(&out.payload);
}

static void turn(run *u)
{
    switch (ck_read_u8(&u->r) % 8) {
    case 0:
        ck_jitter_discontinuity(u->j);
        break;
    case 1:
        ck_jitter_key(u->j, (int64_t)u->now - ck_read_be24(&u->r));
        break;
    case 2:
        ck_jitter_set_late(u->j, ck_read_be24(&u->r), u->now);
        break;
    case 3:
        ck_jitter_set_delays(u->j, ck_read_be16(&u->r), ck_read_be16(&u->r), u->now);
        break;
    case 4:
    case 5:
        pull(u);
        break;
    default:
        feed(u);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run u = {.r = ck_reader_of(data, size), .now = 1};
    uint8_t kind = ck_read_u8(&u.r);
    const ck_jitter_config config = {
        .alloc = &ck_test_heap,
        .mode = kind & 1 ? CK_JITTER_STREAM : CK_JITTER_PACKETS,
        .headers_only = kind & 2,
        .fec = kind & 4,
        .packets_max = 2u + kind / 8,
    };
    if (ck_jitter_create(&config, 0, &u.j) < 0) {
        return 0;
    }
    while (!u.r.failed && ck_reader_left(&u.r) > 0) {
        u.now += (uint64_t)ck_read_u8(&u.r) << ck_read_u8(&u.r) % 20;
        turn(&u);
        drain(&u);
    }
    ck_jitter_destroy(&u.j);
    return 0;
}
