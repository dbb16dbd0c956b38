/* Which parts of strokes an eraser takes. */
#include "chalkrail/errors.h"
#include "core/drawing/rub.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"

#define LONG 1000 /* units of 1/4 px, from one point to the other */

static ck_desk d;
static ck_buf out;

static void begin(void)
{
    ck_desk_init(&d, &ck_test_heap);
    ck_buf_init(&out, &ck_test_heap, 16384);
}

static void end(void)
{
    ck_buf_free(&out);
    ck_desk_free(&d);
}

/* From (0, y) to the right, 250 px; a line of 2 px. */
static uint64_t draw(uint64_t author, int32_t y)
{
    const ck_stroke_point points[] = {{0, 0, 8}, {LONG, 0, 8}};
    ck_buf coded, rest;
    ck_buf_init(&coded, &ck_test_heap, 4096);
    ck_buf_init(&rest, &ck_test_heap, 4096);
    ck_stroke_encode(points, 2, &coded);
    ck_board_put_stroke(&rest, 0, y * 4, ck_bytes_of(coded.data, coded.size));
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .page = 1,
                            .tool = CK_BOARD_PEN | CK_STROKE_UNIT << 4,
                            .colour = 0xff000000,
                            .width = 128,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    CK_CHECK_EQ(ck_desk_do(&d, author, &op), CK_REASON_NONE);
    ck_buf_free(&coded);
    ck_buf_free(&rest);
    return ck_desk_last(&d, author);
}

static int rub(int32_t ax, int32_t ay, int32_t bx, int32_t by, int32_t radius, uint64_t author)
{
    const ck_rub_way way = {ax * 64, ay * 64, bx * 64, by * 64, radius * 64};
    ck_buf_clear(&out);
    return ck_rub_over(&d.board, 1, &way, author, &out);
}

/* The only range of the only stroke. */
static ck_board_range range_of(uint64_t expected)
{
    ck_board_erased e = ck_board_erased_of(ck_bytes_of(out.data, out.size));
    ck_board_range range, more;
    uint64_t id = 0;
    CK_CHECK(ck_board_next_erased(&e, &id) && id == expected);
    CK_CHECK(ck_board_next_range(&e, &range) && !ck_board_next_range(&e, &more));
    CK_CHECK(!ck_board_next_erased(&e, &id));
    return range;
}

CK_TEST(rub, what_is_touched_goes)
{
    begin();
    uint64_t id = draw(2, 0);
    CK_CHECK_EQ(rub(125, -50, 125, 50, 10, 0), 1);
    const ck_board_range range = range_of(id);
    /* 125 px is half of the way; 11 px with the line's own half width are 2.8 steps. */
    CK_CHECK(range.from >= 28 && range.from <= 30 && range.to >= 34 && range.to <= 36);
    CK_CHECK_EQ(rub(125, 12, 300, 12, 10, 0), 0);
    CK_CHECK_EQ(rub(0, 0, 250, 0, 10, 0), 1);
    CK_CHECK(range_of(id).from == 0 && range_of(id).to == CK_BOARD_ERASE_STEPS);
    end();
}

CK_TEST(rub, what_is_erased_is_not_erased_again)
{
    begin();
    uint64_t id = draw(2, 0);
    CK_CHECK_EQ(ck_desk_erase(&d, 2, id, 0, 40), CK_REASON_NONE);
    CK_CHECK_EQ(rub(0, 0, 250, 0, 10, 0), 1);
    CK_CHECK(range_of(id).from == 40 && range_of(id).to == CK_BOARD_ERASE_STEPS);
    CK_CHECK_EQ(rub(50, 0, 60, 0, 10, 0), 0);
    CK_CHECK_EQ(ck_desk_undo(&d, 2), CK_REASON_NONE);
    CK_CHECK_EQ(rub(50, 0, 60, 0, 10, 0), 1);
    end();
}

CK_TEST(rub, others_strokes_are_left_alone)
{
    begin();
    uint64_t id = draw(2, 0);
    (void)draw(3, 4);
    CK_CHECK_EQ(rub(100, 0, 110, 0, 10, 2), 1);
    CK_CHECK(range_of(id).from > 0);
    CK_CHECK_EQ(rub(100, 0, 110, 0, 10, 0), 2);
    end();
}

/* Whatever is rubbed at once, a student may send it. */
CK_TEST(rub, an_operation_has_its_bounds)
{
    begin();
    for (int32_t i = 0; i < 600; i++) {
        (void)draw(2, i);
    }
    CK_CHECK(rub(125, -10, 125, 700, 20, 0) > 100);
    CK_CHECK(out.size < 4000);
    const ck_board_op op = {.code = CK_BOARD_ERASE, .rest = ck_bytes_of(out.data, out.size)};
    CK_CHECK_EQ(ck_desk_do(&d, 2, &op), CK_REASON_NONE);
    end();
}
