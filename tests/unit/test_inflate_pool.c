/* Unpacking once for all clients of a room in a process: as if each had an inflater of its own. */
#include "runtime/pack/pack.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <stdio.h>
#include <string.h>

#define SEATS  4
#define PIECES 12

typedef struct sent {
    ck_buf packed[PIECES];
} sent;

static ck_inflate_pool *pool;
static ck_inflate_seat *seats[SEATS];

static ck_bytes plain_of(const char *who, int piece, char out[64])
{
    int size = snprintf(out, 64, "%s says the same again and again, %d", who, piece);
    return ck_bytes_of(out, (size_t)size);
}

/* What an edge sends to a room in which `who` speaks from piece `from` on, and ada before. */
static void pack(sent *s, const char *who, int from)
{
    char text[64];
    ck_deflater *deflater = NULL;
    CK_CHECK_EQ(ck_deflater_create(&ck_test_heap, &deflater), CHALK_OK);
    const ck_packer *port = ck_deflater_port(deflater);
    for (int i = 0; i < PIECES; i++) {
        ck_buf_init(&s->packed[i], &ck_test_heap, 4096);
        ck_bytes plain = plain_of(i < from ? "ada" : who, i, text);
        CK_CHECK_EQ(port->pack(port->context, plain, i == 0, &s->packed[i]), CHALK_OK);
    }
    ck_deflater_destroy(&deflater);
}

static void forget(sent *s)
{
    for (int i = 0; i < PIECES; i++) {
        ck_buf_free(&s->packed[i]);
    }
}

static int give(uint32_t seat, const sent *s, int piece, ck_buf *out)
{
    const ck_unpacker *port = ck_inflate_seat_port(seats[seat]);
    ck_buf_clear(out);
    return port->unpack(port->context, ck_bytes_of(s->packed[piece].data, s->packed[piece].size),
                        piece == 0, out);
}

/* Whether a seat takes a piece for what it is. */
static bool takes(uint32_t seat, const sent *s, int piece, const char *who)
{
    char text[64];
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    ck_bytes plain = plain_of(who, piece, text);
    bool good = give(seat, s, piece, &out) == CHALK_OK && out.size == plain.size &&
                memcmp(out.data, plain.data, plain.size) == 0;
    ck_buf_free(&out);
    return good;
}

static void begin(const ck_alloc *alloc, uint32_t count)
{
    CK_CHECK_EQ(ck_inflate_pool_create(alloc, &pool), CHALK_OK);
    for (uint32_t i = 0; i < count; i++) {
        CK_CHECK_EQ(ck_inflate_seat_create(pool, &seats[i]), CHALK_OK);
    }
}

static void end(void)
{
    for (uint32_t i = 0; i < SEATS; i++) {
        ck_inflate_seat_destroy(&seats[i]);
    }
    ck_inflate_pool_destroy(&pool);
}

CK_TEST(inflate_pool, all_take_the_same_at_their_own_pace)
{
    static const int ahead[SEATS] = {0, 3, 1, 7};
    sent s;
    pack(&s, "ada", 0);
    begin(&ck_test_heap, SEATS);
    for (int turn = 0; turn < PIECES + 7; turn++) {
        for (uint32_t i = 0; i < SEATS; i++) {
            int piece = turn - 7 + ahead[i];
            if (piece >= 0 && piece < PIECES) {
                CK_CHECK_ROW(turn, takes(i, &s, piece, "ada"));
            }
        }
    }
    CK_CHECK(takes(1, &s, 0, "ada")); /* the room begins anew */
    end();
    forget(&s);
}

CK_TEST(inflate_pool, who_is_sent_something_else_parts_ways)
{
    sent ada, li;
    pack(&ada, "ada", 0);
    pack(&li, "li", 4);
    begin(&ck_test_heap, 3);
    for (int i = 0; i < PIECES; i++) {
        const char *other = i < 4 ? "ada" : "li";
        CK_CHECK_ROW(i, takes(0, &ada, i, "ada"));
        CK_CHECK_ROW(i, takes(1, &li, i, other));
        CK_CHECK_ROW(i, takes(2, &ada, i, "ada"));
    }
    end();
    forget(&ada);
    forget(&li);
}

/* The one that was ahead has left; what it took is still there for who parts ways from it. */
CK_TEST(inflate_pool, parts_ways_from_what_nobody_else_uses)
{
    sent ada, li;
    pack(&ada, "ada", 0);
    pack(&li, "li", 2);
    begin(&ck_test_heap, 2);
    for (int i = 0; i < 4; i++) {
        CK_CHECK_ROW(i, takes(0, &ada, i, "ada"));
        CK_CHECK_ROW(i, i >= 2 || takes(1, &li, i, "ada"));
    }
    ck_inflate_seat_destroy(&seats[0]);
    CK_CHECK(takes(1, &li, 2, "li") && takes(1, &li, 3, "li"));
    end();
    forget(&ada);
    forget(&li);
}

CK_TEST(inflate_pool, nonsense_is_refused_until_a_beginning)
{
    sent s;
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    pack(&s, "ada", 0);
    begin(&ck_test_heap, 2);
    CK_CHECK_EQ(give(0, &s, 3, &out), CHALK_ERR_BAD_DATA); /* nothing has begun */
    CK_CHECK(takes(0, &s, 0, "ada") && takes(1, &s, 0, "ada"));
    memset(s.packed[1].data, 0xff, s.packed[1].size);
    CK_CHECK_EQ(give(0, &s, 1, &out), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(give(0, &s, 2, &out), CHALK_ERR_BAD_DATA);
    CK_CHECK(takes(0, &s, 0, "ada") && takes(1, &s, 0, "ada"));
    end();
    ck_buf_free(&out);
    forget(&s);
}

CK_TEST(inflate_pool, what_is_kept_is_bounded)
{
    static uint8_t noise[16384];
    ck_counting_alloc heap;
    ck_deflater *deflater = NULL;
    ck_buf packed, out;
    ck_counting_alloc_init(&heap);
    CK_CHECK_EQ(ck_deflater_create(&ck_test_heap, &deflater), CHALK_OK);
    ck_buf_init(&packed, &ck_test_heap, 1 << 20);
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    begin(&heap.alloc, 2);
    const ck_unpacker *port = ck_inflate_seat_port(seats[0]);
    for (uint32_t i = 0; i < 64; i++) {
        for (size_t n = 0; n < sizeof noise; n++) {
            noise[n] = (uint8_t)((n * 2654435761u + i) >> 13);
        }
        ck_buf_clear(&packed);
        ck_buf_clear(&out);
        const ck_packer *packer = ck_deflater_port(deflater);
        CK_CHECK_EQ(
            packer->pack(packer->context, ck_bytes_of(noise, sizeof noise), i == 0, &packed),
            CHALK_OK);
        CK_CHECK_EQ(
            port->unpack(port->context, ck_bytes_of(packed.data, packed.size), i == 0, &out),
            CHALK_OK);
        CK_CHECK(out.size == sizeof noise && memcmp(out.data, noise, out.size) == 0);
    }
    CK_CHECK(heap.bytes < CK_INFLATE_POOL_BYTES + 65536);
    end();
    CK_CHECK_EQ(heap.bytes, 0);
    ck_buf_free(&packed);
    ck_buf_free(&out);
    ck_deflater_destroy(&deflater);
}

CK_TEST(inflate_pool, out_of_memory_says_so_and_loses_nothing)
{
    sent s;
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    pack(&s, "ada", 0);
    for (size_t fail_at = 4; fail_at < 40; fail_at++) { /* 1 to 3: pool and seats */
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail_at);
        begin(&heap.alloc, 2);
        bool lost[2] = {false, false};
        for (int i = 0; i < PIECES; i++) {
            for (uint32_t seat = 0; seat < 2; seat++) {
                int status = give(seat, &s, i, &out);
                CK_CHECK_ROW((int)fail_at, lost[seat] ? status < 0
                                                      : status == CHALK_OK ||
                                                            status == CHALK_ERR_NO_MEMORY ||
                                                            status == CHALK_ERR_BAD_DATA);
                lost[seat] = status < 0;
            }
        }
        end();
        CK_CHECK_ROW((int)fail_at, heap.live == 0);
    }
    ck_buf_free(&out);
    forget(&s);
}
