/*
 * Whatever of an edge's frames is left out, doubled or put in another order by a network that it
 * should not have: a client either has the room, or knows that it has not and begins anew. And a
 * room folded in any pieces is the same room.
 */
#include "chalkrail/errors.h"
#include "core/replica/replica.h"
#include "core/room/room.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#include <string.h>

#define EVENTS 120
#define FRAMES 40

typedef struct frame {
    uint8_t bytes[2048];
    size_t size;
} frame;

typedef struct script {
    ck_event events[EVENTS];
    char text[EVENTS][8];
    frame personal[FRAMES], shared[FRAMES];
    uint64_t to[FRAMES];
    uint32_t count;
    uint64_t hash; /* of the whole, at the end */
} script;

static script s;
static const uint64_t me = 2;

/* Events of any kind, mostly sensible. */
static void make_events(ck_rng *rng)
{
    for (uint64_t i = 0; i < EVENTS; i++) {
        ck_event *e = &s.events[i];
        memcpy(s.text[i], "\1a\1b\1c", 7);
        *e = (ck_event){
            .number = i + 1,
            .order_us = 1000 + i * 10,
            .origin_us = 1000 + i * 10 - ck_rng_below(rng, 500),
            .kind = i < 3 ? CK_EVENT_ENROLL : 2 + ck_rng_below(rng, CK_EVENT_APP),
            .author = 1 + ck_rng_below(rng, 3),
            .target = i < 3 ? i + 1 : ck_rng_below(rng, 4),
            .value = i < 3 ? CK_ROLE_STUDENT : ck_rng_below(rng, 4),
            .about = ck_rng_below(rng, i + 1),
            .text = ck_bytes_of(s.text[i], 6),
            .data = ck_bytes_of(s.text[i], 6),
        };
        /* Public, or a message to one: what changes the public state is for all. */
        if (e->kind == CK_EVENT_CHAT) {
            e->audience = ck_rng_below(rng, 3) == 0 ? CK_TO_ONE : CK_TO_ALL;
        }
    }
}

static void put_frame(frame *out, enum ck_frame kind, const ck_wire_batch *batch)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, sizeof out->bytes);
    ck_frame_put(&buf, kind, &ck_type_batch, batch);
    CK_CHECK_EQ(ck_buf_status(&buf), CHALK_OK);
    memcpy(out->bytes, buf.data, buf.size);
    out->size = buf.size;
    ck_buf_free(&buf);
}

static void pack(uint32_t index, uint64_t from, uint64_t to, const uint8_t *hash)
{
    ck_buf all, own;
    ck_buf_init(&all, &ck_test_heap, 1 << 16);
    ck_buf_init(&own, &ck_test_heap, 1 << 16);
    ck_event_writer w = {.out = &all, .field = CK_LIST_BATCH_EVENTS, .number = from};
    ck_event_writer mine = {.out = &own, .field = CK_LIST_BATCH_EVENTS, .number = from};
    for (uint64_t i = from; i < to; i++) {
        const ck_event *e = &s.events[i];
        bool theirs = e->audience != CK_TO_ALL;
        if (!theirs) {
            ck_event_write(&w, e);
        } else if (ck_event_concerns(e, me, CK_ROLE_STUDENT)) {
            ck_event_write(&mine, e);
        }
    }
    ck_wire_batch batch = {.from = from, .to = to, .events = ck_wire_list_of(&all)};
    ck_wire_batch personal = {.from = from, .to = to, .events = ck_wire_list_of(&own)};
    batch.hash = ck_bytes_of(hash, 8);
    put_frame(&s.shared[index], CK_FRAME_BATCH, &batch);
    s.personal[index].size = 0;
    if (own.size > 0) {
        put_frame(&s.personal[index], CK_FRAME_PERSONAL, &personal);
    }
    s.to[index] = to;
    ck_buf_free(&all);
    ck_buf_free(&own);
}

static void make_script(ck_rng *rng)
{
    ck_room room;
    ck_room_init(&room, &ck_test_heap, 200);
    make_events(rng);
    uint64_t from = 0;
    for (s.count = 0; s.count < FRAMES && from < EVENTS; s.count++) {
        uint64_t size = 1 + ck_rng_below(rng, 8), to = CK_MIN(EVENTS, from + size);
        uint8_t hash[8];
        for (uint64_t i = from; i < to; i++) {
            CK_CHECK_EQ(ck_room_apply(&room, &s.events[i]), CHALK_OK);
        }
        s.hash = ck_room_hash(&room);
        ck_store_be32(hash, (uint32_t)(s.hash >> 32));
        ck_store_be32(hash + 4, (uint32_t)s.hash);
        pack(s.count, from, to, hash);
        from = to;
    }
    ck_room_free(&room);
}

static ck_replica *welcome(uint32_t *attempt)
{
    const ck_replica_config config = {.alloc = &ck_test_heap, .chat_max = 200, .presents = true};
    ck_replica *r = NULL;
    ck_replica_output out;
    CK_CHECK_EQ(ck_replica_create(&config, 1, 1000, &r), CHALK_OK);
    CK_CHECK_EQ(ck_replica_start(r, 1000), CHALK_OK);
    CK_CHECK(ck_replica_poll_output(r, &out) && out.action == CK_REPLICA_OPEN);
    *attempt = out.attempt;
    ck_replica_opened(r, *attempt, 1000);
    const ck_wire_welcome wire = {.version = 1, .me = me, .epoch = 5, .room_us = 1000};
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 1000);
    ck_frame_put(&buf, CK_FRAME_WELCOME, &ck_type_welcome, &wire);
    ck_replica_feed(r, *attempt, ck_bytes_of(buf.data, buf.size), 1000);
    ck_buf_free(&buf);
    return r;
}

static void feed(ck_replica *r, uint32_t attempt, const frame *f)
{
    if (f->size > 0) {
        ck_replica_feed(r, attempt, ck_bytes_of(f->bytes, f->size), 2000);
    }
}

static void check(const ck_replica *r, uint64_t seed)
{
    const ck_room *room = ck_replica_head(r);
    bool private_there = true;
    CK_CHECK_ROW(seed, room->number == EVENTS && ck_room_hash(room) == s.hash);
    ck_room shown = *ck_replica_presented(r);
    shown.number = room->number;
    CK_CHECK_ROW(seed, ck_room_hash(&shown) == s.hash);
    for (uint64_t i = 0; i < EVENTS; i++) {
        const ck_event *e = &s.events[i];
        bool mine = e->kind == CK_EVENT_CHAT && ck_event_concerns(e, me, CK_ROLE_STUDENT);
        bool there = ck_room_find_said(room, 0, e->number) != NULL;
        private_there = private_there && (e->kind != CK_EVENT_CHAT || mine == there);
    }
    CK_CHECK_ROW(seed, private_there);
}

CK_TEST(room_any, frames_in_order_and_doubled_make_the_room)
{
    CK_FOR_SEEDS(seed, 200)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        make_script(&rng);
        uint32_t attempt;
        ck_replica *r = welcome(&attempt);
        for (uint32_t i = 0; i < s.count; i++) {
            /* The last few once more, as after a resume from too early. */
            uint32_t back = (uint32_t)ck_rng_below(&rng, CK_MIN(i + 1, 4u));
            for (uint32_t k = ck_rng_below(&rng, 4) == 0 ? i - back : i; k <= i; k++) {
                feed(r, attempt, &s.personal[k]);
                feed(r, attempt, &s.shared[k]);
            }
        }
        CK_CHECK_ROW(seed, ck_replica_state_of(r) == CK_SESSION_LIVE);
        check(r, seed);
        ck_replica_destroy(&r);
    }
}

/* Shared frames in any order, some missing: what follows on is taken, anything else is noticed. */
CK_TEST(room_any, a_hole_is_never_passed)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        make_script(&rng);
        uint32_t attempt;
        ck_replica *r = welcome(&attempt);
        uint64_t head = 0;
        bool noticed = false;
        for (uint32_t i = 0; i < 2 * s.count && !noticed; i++) {
            bool next = ck_rng_below(&rng, 8) != 0;
            uint32_t k = 0;
            while (next && k < s.count && s.to[k] <= head) {
                k++;
            }
            k = next && k < s.count ? k : (uint32_t)ck_rng_below(&rng, s.count);
            uint64_t from = k == 0 ? 0 : s.to[k - 1];
            noticed = from > head;
            head = noticed ? head : CK_MAX(head, s.to[k]);
            feed(r, attempt, &s.personal[k]);
            feed(r, attempt, &s.shared[k]);
            CK_CHECK_ROW(seed, ck_replica_head(r)->number == head);
            CK_CHECK_ROW(seed, (ck_replica_state_of(r) == CK_SESSION_LIVE) == !noticed);
        }
        CK_CHECK_ROW(seed, ck_replica_get_stats(r).mismatches == 0);
        ck_replica_destroy(&r);
    }
}

CK_TEST(room_any, a_snapshot_may_stand_anywhere)
{
    CK_FOR_SEEDS(seed, 200)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        make_script(&rng);
        ck_room room;
        ck_room_init(&room, &ck_test_heap, 200);
        for (uint64_t i = 0; i < EVENTS; i++) {
            CK_CHECK_EQ(ck_room_apply(&room, &s.events[i]), CHALK_OK);
            if (ck_rng_below(&rng, 10) == 0) {
                ck_buf bytes;
                ck_buf_init(&bytes, &ck_test_heap, 1 << 20);
                ck_room_write(&room, NULL, &bytes);
                CK_CHECK_EQ(ck_room_read(&room, ck_bytes_of(bytes.data, bytes.size)), CHALK_OK);
                ck_buf_free(&bytes);
            }
        }
        CK_CHECK_ROW(seed, ck_room_hash(&room) == s.hash);
        ck_room_free(&room);
    }
}

/* Whatever frame is broken anywhere, nothing worse happens than beginning anew. */
CK_TEST(room_any, broken_bytes_are_refused_or_mean_what_they_say)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        make_script(&rng);
        uint32_t attempt;
        ck_replica *r = welcome(&attempt);
        for (uint32_t i = 0; i < s.count; i++) {
            frame *f = &s.shared[i];
            if (ck_rng_below(&rng, 10) == 0) {
                f->bytes[ck_rng_below(&rng, f->size)] ^= (uint8_t)(1u << ck_rng_below(&rng, 8));
                f->size -= ck_rng_below(&rng, 2) * ck_rng_below(&rng, f->size);
            }
            feed(r, attempt, &s.personal[i]);
            feed(r, attempt, f);
        }
        /* With a hash in every frame, who is still there has the room. */
        const ck_room *room = ck_replica_head(r);
        bool whole = ck_replica_state_of(r) == CK_SESSION_LIVE && room->number == EVENTS;
        CK_CHECK_ROW(seed, !whole || ck_room_hash(room) == s.hash);
        ck_replica_destroy(&r);
    }
}
