/*
 * Whatever people do on a board, in whatever pieces it is stored, read and gone on with: it is the
 * same board; nothing that is gone comes back but by an undo; undo and redo are each other's
 * opposite; pending work laid over it looks as it will look when it is accepted.
 */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"
#include "support/seeds.h"

#include "core/board/inside.h"

#include <string.h>

#define EVENTS  400
#define AUTHORS 6

typedef struct said {
    ck_board_event event;
    uint8_t data[2048];
    uint64_t code;
} said;

static said script[EVENTS];
static uint32_t script_count;

static ck_board_who who(uint64_t author)
{
    return (ck_board_who){author, author == 1, true};
}

/* One operation of anybody; false: it was refused. */
static bool try_any(ck_rng *rng, const ck_board *b, uint64_t counters[AUTHORS + 1], uint64_t author,
                    uint64_t number, said *out)
{
    ck_buf buf;
    const ck_board_who as = who(author);
    ck_buf_init(&buf, &ck_test_heap, sizeof out->data);
    ck_board_any_op(rng, b, author, 1, author == 1, &buf);
    CK_CHECK_EQ(ck_buf_status(&buf), CHALK_OK);
    memcpy(out->data, buf.data, buf.size);
    out->event =
        (ck_board_event){number, author, ++counters[author], ck_bytes_of(out->data, buf.size)};
    out->code = out->data[0];
    ck_buf_free(&buf);
    return ck_board_check(b, &as, &out->event) == CK_REASON_NONE;
}

static void apply(ck_board *b, const said *s)
{
    CK_CHECK_EQ(ck_board_apply(b, &s->event), CHALK_OK);
}

/* Applies a script that makes sense, and leaves it in `script`. */
static void play(ck_rng *rng, ck_board *b)
{
    uint64_t counters[AUTHORS + 1] = {0};
    script_count = 0;
    for (uint32_t i = 0; i < 3 * EVENTS && script_count < EVENTS; i++) {
        said *s = &script[script_count];
        if (try_any(rng, b, counters, 1 + ck_rng_below(rng, AUTHORS), script_count + 1, s)) {
            apply(b, s);
            script_count++;
        }
    }
}

/* What is seen: of an overlay too. */
static void add_hash(const ck_board_object *o, void *user)
{
    *(uint64_t *)user += ck_board_hash_object(o);
}

static uint64_t look(const ck_board *b)
{
    const ck_board_box all = {INT32_MIN / 2, INT32_MIN / 2, INT32_MAX / 2, INT32_MAX / 2};
    uint64_t seen = 0;
    for (uint32_t i = 0; ck_board_page_at(b, i) != 0; i++) {
        uint64_t page = ck_board_page_at(b, i), on_page = 0;
        ck_board_search(b, page, &all, add_hash, &on_page);
        seen = ck_board_mix(seen, on_page + page);
    }
    return seen;
}

static void store_and_read(ck_board *b)
{
    ck_buf bytes;
    uint64_t hash = ck_board_hash(b);
    ck_buf_init(&bytes, &ck_test_heap, 1 << 24);
    ck_board_write(b, &bytes);
    CK_CHECK_EQ(ck_buf_status(&bytes), CHALK_OK);
    CK_CHECK_EQ(ck_board_read(b, ck_bytes_of(bytes.data, bytes.size)), CHALK_OK);
    CK_CHECK(ck_board_hash(b) == hash);
    ck_buf_free(&bytes);
}

CK_TEST(board_any, a_snapshot_may_stand_anywhere)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_rng rng;
        ck_board one, other;
        ck_rng_seed(&rng, seed);
        ck_board_init(&one, &ck_test_heap);
        ck_board_init(&other, &ck_test_heap);
        play(&rng, &one);
        for (uint32_t i = 0; i < script_count; i++) {
            apply(&other, &script[i]);
            if (ck_rng_below(&rng, 20) == 0) {
                store_and_read(&other);
            }
        }
        CK_CHECK_ROW(seed, ck_board_hash(&one) == ck_board_hash(&other));
        CK_CHECK_ROW(seed, look(&one) == look(&other));
        ck_board_free(&one);
        ck_board_free(&other);
    }
}

/* Asked of every object before and after each operation. */
CK_TEST(board_any, nothing_comes_back_but_by_undo)
{
    CK_FOR_SEEDS(seed, 12)
    {
        ck_rng rng;
        ck_board b;
        static uint64_t gone[20000];
        uint64_t counters[AUTHORS + 1] = {0};
        ck_rng_seed(&rng, seed);
        ck_board_init(&b, &ck_test_heap);
        for (uint64_t number = 1; number <= EVENTS;) {
            said s;
            if (!try_any(&rng, &b, counters, 1 + ck_rng_below(&rng, AUTHORS), number, &s)) {
                counters[0]++;
                number += counters[0] > 3 * EVENTS ? EVENTS : 0;
                continue;
            }
            uint32_t count = 0;
            for (uint32_t i = 0; i < b.bucket_count; i++) {
                for (const ck_board_object *o = b.ids[i]; o != NULL; o = o->id_next) {
                    gone[count] = o->id;
                    count += !ck_board_is_there(&b, o) && count < CK_COUNT_OF(gone) - 1;
                }
            }
            apply(&b, &s);
            number++;
            bool back = s.code == CK_BOARD_UNDO || s.code == CK_BOARD_REDO;
            for (uint32_t i = 0; i < count && !back; i++) {
                const ck_board_object *o = ck_board_find(&b, gone[i]);
                CK_CHECK_ROW(seed, o == NULL || !ck_board_is_there(&b, o));
            }
        }
        ck_board_free(&b);
    }
}

static void go_back(ck_board *b, uint64_t author, uint64_t *counter, uint64_t number, bool redo)
{
    uint64_t id = redo ? ck_board_redoable(b, author) : ck_board_undoable(b, author);
    const ck_board_op op = {
        .code = redo ? CK_BOARD_REDO : CK_BOARD_UNDO,
        .term = 1,
        .target_term = 1,
        .target_counter = id >> 8 & CK_BOARD_COUNTER_MAX,
        .target_index = id & 255,
    };
    uint8_t data[32];
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, sizeof data);
    ck_board_op_write(&op, &buf);
    CK_CHECK_EQ(ck_buf_status(&buf), CHALK_OK);
    memcpy(data, buf.data, buf.size);
    const ck_board_event event = {number, author, ++*counter, ck_bytes_of(data, buf.size)};
    ck_buf_free(&buf);
    CK_CHECK_EQ(ck_board_apply(b, &event), CHALK_OK);
}

/* Of one author alone: all taken back is what was before, all done again is what was after; the
 * order in which others' work stands between does not matter. */
CK_TEST(board_any, undo_and_redo_are_opposites)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_rng rng;
        ck_board b;
        ck_rng_seed(&rng, seed);
        ck_board_init(&b, &ck_test_heap);
        play(&rng, &b);
        uint64_t author = 1 + ck_rng_below(&rng, AUTHORS), counter = 1000000, after = look(&b);
        uint32_t count = 0;
        const ck_board_author *own = ck_board_find_author(&b, author);
        while (ck_board_redoable(&b, author) != 0) {
            go_back(&b, author, &counter, 10000, true);
            after = look(&b);
        }
        while (ck_board_undoable(&b, author) != 0) {
            go_back(&b, author, &counter, 10000, false);
            count++;
        }
        CK_CHECK_ROW(seed, own == NULL || count == own->entry_count);
        for (uint32_t i = 0; i < count; i++) {
            go_back(&b, author, &counter, 10000, true);
        }
        CK_CHECK_ROW(seed, look(&b) == after);
        ck_board_free(&b);
    }
}

CK_TEST(board_any, pending_work_looks_as_it_will)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_rng rng;
        ck_board b, over;
        static said pending[40];
        ck_rng_seed(&rng, seed);
        ck_board_init(&b, &ck_test_heap);
        play(&rng, &b);
        uint64_t counters[AUTHORS + 1], author = 1 + ck_rng_below(&rng, AUTHORS);
        uint64_t hash = ck_board_hash(&b);
        for (uint32_t i = 0; i <= AUTHORS; i++) {
            counters[i] = 1000000;
        }
        CK_CHECK_EQ(ck_board_lay(&over, &b, &ck_test_heap), CHALK_OK);
        for (uint32_t i = 0; i < CK_COUNT_OF(pending); i++) {
            /* A client knows its overlay, and asks that. */
            said *s = &pending[i];
            s->code = 0;
            if (try_any(&rng, &b, counters, author, script_count + 1 + i, s)) {
                apply(&over, s);
            } else {
                s->code = 0;
            }
        }
        uint64_t seen = look(&over);
        CK_CHECK_ROW(seed, ck_board_hash(&b) == hash);
        ck_board_free(&over);
        for (uint32_t i = 0; i < CK_COUNT_OF(pending); i++) {
            if (pending[i].code != 0) {
                apply(&b, &pending[i]);
            }
        }
        CK_CHECK_ROW(seed, look(&b) == seen);
        ck_board_free(&b);
    }
}

CK_TEST(board_any, operations_are_written_as_they_are_read)
{
    CK_FOR_SEEDS(seed, 30)
    {
        ck_rng rng;
        ck_board b;
        ck_rng_seed(&rng, seed);
        ck_board_init(&b, &ck_test_heap);
        play(&rng, &b);
        for (uint32_t i = 0; i < script_count; i++) {
            ck_board_op op;
            ck_buf out;
            ck_buf_init(&out, &ck_test_heap, 4096);
            CK_CHECK_EQ(ck_board_op_read(script[i].event.data, &op), CK_REASON_NONE);
            ck_board_op_write(&op, &out);
            CK_CHECK_ROW(seed, out.size == script[i].event.data.size);
            CK_CHECK_ROW(seed, memcmp(out.data, script[i].data, out.size) == 0);
            ck_buf_free(&out);
        }
        ck_board_free(&b);
    }
}

/* Broken bytes are refused or mean what they say; whatever they are, everybody does the same. */
CK_TEST(board_any, broken_bytes_do_no_harm)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_rng rng;
        ck_board b, other;
        ck_buf bytes;
        ck_rng_seed(&rng, seed);
        ck_board_init(&b, &ck_test_heap);
        ck_board_init(&other, &ck_test_heap);
        play(&rng, &b);
        for (uint32_t i = 0; i < script_count; i++) {
            said *s = &script[i];
            if (ck_rng_below(&rng, 4) == 0) {
                s->data[ck_rng_below(&rng, s->event.data.size)] ^=
                    (uint8_t)(1u << ck_rng_below(&rng, 8));
            }
            apply(&b, s);
            apply(&other, s);
        }
        ck_board_free(&b);
        ck_board_init(&b, &ck_test_heap);
        ck_buf_init(&bytes, &ck_test_heap, 1 << 24);
        ck_board_write(&other, &bytes);
        for (int i = 0; i < 20 && bytes.size > 0; i++) {
            bytes.data[ck_rng_below(&rng, bytes.size)] ^= (uint8_t)(1u << ck_rng_below(&rng, 8));
            if (ck_board_read(&b, ck_bytes_of(bytes.data, bytes.size)) == CHALK_OK) {
                store_and_read(&b);
            }
        }
        ck_buf_free(&bytes);
        ck_board_free(&b);
        ck_board_free(&other);
    }
}
