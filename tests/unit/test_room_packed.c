/* Frames for all, compressed once for all: who gets what when, and what bad ones come to. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <string.h>

static ck_room_pair p;
static ck_deflater *deflater;
static ck_inflater *inflaters[CK_PAIR_CLIENTS];

static void begin(uint32_t pack_from)
{
    CK_CHECK_EQ(ck_deflater_create(&ck_test_heap, &deflater), CHALK_OK);
    const ck_sequencer_config config = {.packer = ck_deflater_port(deflater),
                                        .pack_from = pack_from};
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &config), CHALK_OK);
}

static void join(const char *name, bool packs)
{
    ck_inflater **mine = &inflaters[p.count];
    ck_replica_config config = {.chat_max = 100};
    if (packs) {
        CK_CHECK_EQ(ck_inflater_create(&ck_test_heap, mine), CHALK_OK);
        config.unpacker = ck_inflater_port(*mine);
    }
    CK_CHECK_EQ(ck_pair_join(&p, name, p.count == 0 ? CK_ROLE_TEACHER : CK_ROLE_STUDENT, &config),
                CHALK_OK);
}

static void end(void)
{
    ck_pair_free(&p);
    ck_deflater_destroy(&deflater);
    for (uint32_t i = 0; i < CK_PAIR_CLIENTS; i++) {
        ck_inflater_destroy(&inflaters[i]);
    }
}

static uint64_t unpacked(uint32_t client)
{
    return ck_replica_get_stats(p.clients[client].replica).unpacked;
}

static bool all_have_the_room(void)
{
    uint64_t hash = ck_room_hash(ck_sequencer_room(p.sequencer));
    for (uint32_t i = 0; i < p.count; i++) {
        if (ck_room_hash(ck_replica_head(p.clients[i].replica)) != hash) {
            return false;
        }
    }
    return true;
}

CK_TEST(packed, who_can_unpack_gets_packed_frames_and_the_others_plain_ones)
{
    begin(1);
    join("ada", true);
    join("li", true);
    join("wu", false);
    ck_pair_run(&p, 11000000);
    for (int i = 0; i < 20; i++) {
        (void)ck_pair_say(&p, 0, "the same to all, 明白了");
    }
    CK_CHECK(unpacked(0) >= 20 && unpacked(1) >= 20 && unpacked(2) == 0);
    CK_CHECK(all_have_the_room());
    CK_CHECK_EQ(ck_replica_head(p.clients[2].replica)->chat_count, 20);
    ck_sequencer_stats stats = ck_sequencer_get_stats(p.sequencer);
    CK_CHECK(stats.packed_bytes * 2 < stats.packed_from_bytes); /* it is worth it */
    end();
}

CK_TEST(packed, a_newcomer_waits_for_the_next_beginning)
{
    begin(1);
    join("ada", true);
    (void)ck_pair_say(&p, 0, "one");
    uint64_t restarts = ck_sequencer_get_stats(p.sequencer).pack_restarts;
    CK_CHECK(restarts == 1 && unpacked(0) > 0);
    join("li", true);
    (void)ck_pair_say(&p, 0, "two");
    CK_CHECK(unpacked(1) == 0 && ck_pair_told(&p, 1, CK_EVENT_CHAT) != NULL);
    ck_pair_run(&p, 10000000);
    (void)ck_pair_say(&p, 0, "three");
    CK_CHECK(unpacked(1) > 0);
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).pack_restarts, 2);
    /* Nobody waits any more: the context goes on. */
    ck_pair_run(&p, 60000000);
    (void)ck_pair_say(&p, 0, "four");
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).pack_restarts, 2);
    CK_CHECK(all_have_the_room());
    end();
}

CK_TEST(packed, few_people_are_not_worth_it)
{
    begin(3);
    join("ada", true);
    join("li", true);
    ck_pair_run(&p, 11000000);
    (void)ck_pair_say(&p, 0, "plain");
    CK_CHECK_EQ(unpacked(0), 0);
    join("wu", true);
    ck_pair_run(&p, 11000000);
    (void)ck_pair_say(&p, 0, "packed");
    CK_CHECK(unpacked(0) > 0);
    end();
}

CK_TEST(packed, a_slow_reader_leaves_the_context_and_finds_back)
{
    begin(1);
    join("ada", true);
    join("li", true);
    ck_pair_run(&p, 11000000);
    (void)ck_pair_say(&p, 0, "one");
    uint64_t before = unpacked(1);
    CK_CHECK(before > 0);
    ck_sequencer_unsent(p.sequencer, p.clients[1].connection, 70000);
    (void)ck_pair_say(&p, 0, "two");
    CK_CHECK(unpacked(1) == before && ck_replica_head(p.clients[1].replica)->chat_count == 2);
    ck_sequencer_unsent(p.sequencer, p.clients[1].connection, 0);
    (void)ck_pair_say(&p, 0, "three"); /* it missed what the others' context knows */
    CK_CHECK(unpacked(1) == before);
    ck_pair_run(&p, 11000000);
    (void)ck_pair_say(&p, 0, "four");
    CK_CHECK(unpacked(1) > before && all_have_the_room());
    CK_CHECK_EQ(ck_replica_get_stats(p.clients[1].replica).gaps, 0);
    end();
}

/* What one says to nobody else stands before the frame for all that covers it. */
CK_TEST(packed, personal_frames_keep_their_place)
{
    begin(1);
    join("ada", true);
    join("li", true);
    ck_pair_run(&p, 11000000);
    for (int i = 0; i < 10; i++) {
        const ck_event whisper = {.kind = CK_EVENT_CHAT,
                                  .audience = CK_TO_ONE,
                                  .target = 2,
                                  .text = {(const uint8_t *)"w", 1}};
        (void)ck_pair_do(&p, 0, &whisper);
        (void)ck_pair_say(&p, 0, "all");
    }
    CK_CHECK_EQ(ck_replica_head(p.clients[1].replica)->chat_count, 20);
    CK_CHECK_EQ(ck_replica_get_stats(p.clients[1].replica).gaps, 0);
    end();
}

/* --- frames that are not what an edge sends -------------------------------------------------- */

static void give(uint8_t count, const void *data, size_t size)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 4u << 20);
    ck_buf_put_u8(&buf, CK_FRAME_PACKED);
    ck_buf_put_u8(&buf, count);
    ck_buf_put(&buf, data, size);
    ck_replica_feed(p.clients[0].replica, p.clients[0].attempt, ck_bytes_of(buf.data, buf.size),
                    p.now_us);
    ck_buf_free(&buf);
}

static bool is_live(void)
{
    return ck_replica_state_of(p.clients[0].replica) == CK_SESSION_LIVE;
}

CK_TEST(packed, frames_that_cannot_be_unpacked_end_the_connection)
{
    static const struct {
        uint8_t count;
        const char *data;
        size_t size;
    } rows[] = {
        {5, "", 0},                             /* not the next one */
        {0, "\xff\xff\xff", 3},                 /* no deflate */
        {0, "\x01\x01\x00\xfe\xff\x05", 6},     /* the stream ends */
        {0, "\x00\x02\x00\xfd\xff\x05\x13", 7}, /* a frame longer than what there is */
        {0, "\x00\x01\x00\xfe\xff\x00", 6},     /* one of no bytes */
        {0, "\x00\x02\x00\xfd\xff\x01\x14", 7}, /* one that is not for all */
        {0, "\x00\x02\x00\xfd\xff\x01\x1b", 7}, /* packed twice */
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin(1);
        join("ada", true);
        CK_CHECK_ROW(row, is_live());
        give(rows[row].count, rows[row].data, rows[row].size);
        CK_CHECK_ROW(row, !is_live());
        ck_pair_run(&p, 20000000); /* and it comes again */
        CK_CHECK_ROW(row, is_live() && all_have_the_room());
        end();
    }
}

CK_TEST(packed, a_bomb_is_bounded)
{
    begin(1);
    join("ada", true);
    ck_deflater *d = NULL;
    CK_CHECK_EQ(ck_deflater_create(&ck_test_heap, &d), CHALK_OK);
    static const uint8_t zeros[1 << 20];
    ck_buf bomb;
    ck_buf_init(&bomb, &ck_test_heap, 1 << 20);
    const ck_packer *port = ck_deflater_port(d);
    for (int i = 0; i < 20; i++) {
        size_t from = bomb.size;
        CK_CHECK_EQ(port->pack(port->context, ck_bytes_of(zeros, sizeof zeros), i == 0, &bomb),
                    CHALK_OK);
        ck_buf_put(&bomb, "\x00\x00\xff\xff", 4);
        CK_CHECK(bomb.size > from && bomb.size < 100000);
    }
    uint64_t before = unpacked(0);
    give(0, bomb.data, bomb.size - 4);
    CK_CHECK(!is_live() && unpacked(0) == before);
    ck_buf_free(&bomb);
    ck_deflater_destroy(&d);
    end();
}

CK_TEST(packed, without_memory_frames_go_plain)
{
    for (size_t fail_at = 1; fail_at < 60; fail_at++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail_at);
        ck_deflater *d = NULL;
        ck_inflater *i = NULL;
        int status = ck_deflater_create(&heap.alloc, &d);
        status = status < 0 ? status : ck_inflater_create(&heap.alloc, &i);
        ck_buf out, back;
        ck_buf_init(&out, &heap.alloc, 10000);
        ck_buf_init(&back, &heap.alloc, 10000);
        if (status == CHALK_OK) {
            const ck_packer *pack = ck_deflater_port(d);
            const ck_unpacker *unpack = ck_inflater_port(i);
            status = pack->pack(pack->context, ck_bytes_of("hello", 5), true, &out);
            status = status < 0 ? status
                                : unpack->unpack(unpack->context, ck_bytes_of(out.data, out.size),
                                                 true, &back);
            CK_CHECK_ROW(fail_at, status < 0 || back.size == 5);
        }
        CK_CHECK_ROW(fail_at, status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        ck_buf_free(&out);
        ck_buf_free(&back);
        ck_deflater_destroy(&d);
        ck_inflater_destroy(&i);
        CK_CHECK_ROW(fail_at, heap.live == 0);
    }
}
