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
