/* What changed on a page since one looked last. */
#include "chalkrail/errors.h"
#include "core/drawing/scene.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"

#define MANY 500

typedef struct stage {
    ck_desk desk;
    ck_scene scene;
} stage;

static void begin(stage *s)
{
    ck_desk_init(&s->desk, &ck_test_heap);
    ck_scene_init(&s->scene, &ck_test_heap);
}

static void end(stage *s)
{
    ck_scene_free(&s->scene);
    ck_desk_free(&s->desk);
}

static void look(stage *s)
{
    CK_CHECK_EQ(ck_scene_look(&s->scene, &s->desk.board, 1), CHALK_OK);
}

/* Looks; the only change. */
static ck_scene_change one(stage *s)
{
    ck_scene_change change, more;
    look(s);
    CK_CHECK(ck_scene_next(&s->scene, &change));
    CK_CHECK(!ck_scene_next(&s->scene, &more));
    return change;
}

static uint32_t count(stage *s, enum ck_scene_what what)
{
    ck_scene_change change;
    uint32_t found = 0;
    look(s);
    while (ck_scene_next(&s->scene, &change)) {
        found += change.what == what;
    }
    return found;
}

CK_TEST(scene, each_change_is_told_once)
{
    stage s;
    begin(&s);
    uint64_t id = ck_desk_stroke(&s.desk, 2, 0, 0);
    ck_scene_change change = one(&s);
    CK_CHECK(change.what == CK_SCENE_ADDED && change.id == id);
    CK_CHECK_EQ(count(&s, CK_SCENE_CHANGED), 0);

    const ck_board_box was = change.box;
    CK_CHECK_EQ(ck_desk_move(&s.desk, 2, id, 640, 0), CK_REASON_NONE);
    change = one(&s);
    CK_CHECK(change.what == CK_SCENE_CHANGED && change.id == id);
    CK_CHECK(change.before.left == was.left && change.box.left == was.left + 640);

    CK_CHECK_EQ(ck_desk_erase(&s.desk, 2, id, 64, 128), CK_REASON_NONE);
    CK_CHECK_EQ(one(&s).what, CK_SCENE_CHANGED);
    CK_CHECK_EQ(ck_desk_undo(&s.desk, 2), CK_REASON_NONE);
    CK_CHECK_EQ(one(&s).what, CK_SCENE_CHANGED);

    CK_CHECK_EQ(ck_desk_delete(&s.desk, 2, id), CK_REASON_NONE);
    change = one(&s);
    CK_CHECK(change.what == CK_SCENE_REMOVED && change.before.left == was.left + 640);
    CK_CHECK_EQ(ck_desk_undo(&s.desk, 2), CK_REASON_NONE);
    CK_CHECK_EQ(one(&s).what, CK_SCENE_ADDED);
    end(&s);
}

CK_TEST(scene, an_overlay_is_compared_with_what_lies_below)
{
    stage s;
    ck_board overlay;
    begin(&s);
    uint64_t id = ck_desk_stroke(&s.desk, 2, 0, 0);
    look(&s);
    const ck_board_op op = {.code = CK_BOARD_CLEAR, .page = 1};
    CK_CHECK(ck_desk_write(&s.desk, 1, &op));
    const ck_board_event clear = {s.desk.number + 1, 1, 1, ck_bytes_of(s.desk.data, s.desk.size)};
    CK_CHECK_EQ(ck_board_lay(&overlay, &s.desk.board, &ck_test_heap), CHALK_OK);
    CK_CHECK_EQ(ck_board_apply(&overlay, &clear), CHALK_OK);
    CK_CHECK_EQ(ck_scene_look(&s.scene, &overlay, 1), CHALK_OK);
    ck_scene_change change;
    CK_CHECK(ck_scene_next(&s.scene, &change));
    CK_CHECK(change.what == CK_SCENE_REMOVED && change.id == id);
    ck_board_free(&overlay);
    CK_CHECK_EQ(one(&s).what, CK_SCENE_ADDED); /* the room refused it */
    end(&s);
}

CK_TEST(scene, many_come_and_go)
{
    stage s;
    begin(&s);
    for (int32_t i = 0; i < MANY; i++) {
        CK_CHECK(ck_desk_stroke(&s.desk, 2, 10 * i, 0) != 0);
    }
    CK_CHECK_EQ(count(&s, CK_SCENE_ADDED), MANY);
    CK_CHECK_EQ(count(&s, CK_SCENE_ADDED), 0);
    const ck_board_op clear = {.code = CK_BOARD_CLEAR, .page = 1};
    CK_CHECK_EQ(ck_desk_do(&s.desk, 1, &clear), CK_REASON_NONE);
    uint64_t last = ck_desk_stroke(&s.desk, 2, 0, 0);
    CK_CHECK_EQ(count(&s, CK_SCENE_REMOVED), MANY);
    CK_CHECK_EQ(s.scene.count, 1);
    CK_CHECK_EQ(s.scene.size, 64); /* its memory is given back */
    ck_scene_forget(&s.scene);
    CK_CHECK_EQ(one(&s).id, last);
    end(&s);
}

CK_TEST(scene, without_memory_it_begins_anew)
{
    stage s;
    ck_failing_alloc failing;
    ck_desk_init(&s.desk, &ck_test_heap);
    for (int32_t i = 0; i < 100; i++) {
        CK_CHECK(ck_desk_stroke(&s.desk, 2, 10 * i, 0) != 0);
    }
    for (size_t fails = 1; fails < 6; fails++) {
        ck_failing_alloc_init(&failing, fails);
        ck_scene_init(&s.scene, &failing.alloc);
        int status = ck_scene_look(&s.scene, &s.desk.board, 1);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        CK_CHECK(status == CHALK_OK || (s.scene.count == 0 && s.scene.change_count == 0));
        ck_scene_free(&s.scene);
        CK_CHECK_EQ(failing.live, 0);
    }
    ck_desk_free(&s.desk);
}

/* --- looking at what was touched ------------------------------------------------------------- */

/* Operations of anybody, some refused; of an overlay, not judged. */
static void any_ops(stage *s, ck_rng *rng, ck_board *b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint64_t author = 1 + ck_rng_below(rng, 4);
        ck_buf data;
        ck_buf_init(&data, &ck_test_heap, 1 << 16);
        ck_board_any_op(rng, b, author, 1, author == 1, &data);
        const ck_board_event event = {s->desk.number + 1, author, s->desk.number + 1,
                                      ck_bytes_of(data.data, data.size)};
        const ck_board_who who = ck_desk_who(author);
        if (ck_board_check(b, &who, &event) == CK_REASON_NONE) {
            s->desk.number++;
            CK_CHECK_EQ(ck_board_apply(b, &event), CHALK_OK);
        }
        ck_buf_free(&data);
    }
}

/* Both know the same objects, looking alike. */
static bool same(const ck_scene *a, const ck_scene *b)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < a->size; i++) {
        for (uint32_t k = 0; k < b->size && a->items[i].id != 0; k++) {
            found += a->items[i].id == b->items[k].id && a->items[i].look == b->items[k].look;
        }
    }
    return found == a->count && a->count == b->count;
}

CK_TEST(scene, what_was_touched_is_all_that_changed)
{
    uint32_t quick = 0;
    for (uint32_t seed = 1; seed <= 30; seed++) {
        stage s;
        ck_rng rng;
        begin(&s);
        ck_rng_seed(&rng, seed);
        for (uint32_t i = 0; i < 60; i++) {
            ck_board overlay;
            ck_scene fresh;
            bool laid = ck_rng_below(&rng, 2) == 0;
            any_ops(&s, &rng, &s.desk.board, (uint32_t)ck_rng_below(&rng, i % 9 == 8 ? 60 : 4));
            const ck_board *b = &s.desk.board;
            CK_CHECK_EQ(ck_board_lay(&overlay, b, &ck_test_heap), CHALK_OK);
            if (laid) {
                any_ops(&s, &rng, &overlay, 1 + (uint32_t)ck_rng_below(&rng, 4));
                b = &overlay;
            }
            uint32_t round = s.scene.round;
            ck_scene_init(&fresh, &ck_test_heap);
            CK_CHECK_EQ(ck_scene_look(&s.scene, b, 1), CHALK_OK);
            CK_CHECK_EQ(ck_scene_look(&fresh, b, 1), CHALK_OK);
            CK_CHECK(same(&s.scene, &fresh));
            quick += s.scene.round == round;
            ck_scene_free(&fresh);
            ck_board_free(&overlay);
        }
        end(&s);
    }
    CK_CHECK(quick > 30 * 60 / 3);
}

CK_TEST(scene, another_board_is_looked_at_anew)
{
    stage s;
    ck_desk other;
    ck_scene_change change;
    begin(&s);
    ck_desk_init(&other, &ck_test_heap);
    uint64_t id = ck_desk_stroke(&s.desk, 2, 0, 0);
    CK_CHECK(ck_desk_stroke(&other, 3, 640, 0) != 0); /* as many touches */
    look(&s);
    CK_CHECK_EQ(ck_scene_look(&s.scene, &other.board, 1), CHALK_OK);
    CK_CHECK(ck_scene_next(&s.scene, &change) && ck_scene_next(&s.scene, &change));
    CK_CHECK(change.what == CK_SCENE_REMOVED && change.id == id);
    ck_desk_free(&other);
    end(&s);
}
