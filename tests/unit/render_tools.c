/* Each tool as it is used in tests: what is on the desk afterwards. */
#include "unit/render_tools.h"

#include "base/check.h"
#include "support/check.h"
#include "unit/render_support.h"

#define MISSING 8 /* an image that has not come */

/* --- one tool after the other ---------------------------------------------------------------- */

static void pen(ck_desk *d)
{
    CK_CHECK(ck_draw_wave(d, CK_BOARD_PEN, CK_TEST_BLUE, 4, 10, 10, true) != 0);
    CK_CHECK(ck_draw_dot(d, CK_TEST_RED, 6, 60, 6) != 0);
}

static void pen_even(ck_desk *d)
{
    CK_CHECK(ck_draw_wave(d, CK_BOARD_PEN, CK_TEST_BLACK, 2, 10, 10, false) != 0);
}

static void marker(ck_desk *d)
{
    pen_even(d);
    CK_CHECK(ck_draw_wave(d, CK_BOARD_MARKER, 0xffffd43b, 12, 10, 10, false) != 0);
}

static void erased(ck_desk *d)
{
    uint64_t id = ck_draw_wave(d, CK_BOARD_PEN, CK_TEST_BLUE, 4, 10, 10, true);
    CK_CHECK_EQ(ck_desk_erase(d, 1, id, 10 * 64 + 32, 20 * 64), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_erase(d, 1, id, 40 * 64, 45 * 64), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_undo(d, 1), CK_REASON_NONE); /* the second one */
}

static void line(ck_desk *d)
{
    CK_CHECK(ck_put_shape(d, CK_BOARD_LINE, CK_TEST_RED, 0, 3, (ck_place){10, 50, 100, -40}) != 0);
}

static void arrow(ck_desk *d)
{
    CK_CHECK(ck_put_shape(d, CK_BOARD_ARROW, CK_TEST_RED, 0, 3, (ck_place){10, 50, 95, -38}) != 0);
    CK_CHECK(ck_put_shape(d, CK_BOARD_ARROW, 0x8000ff00, 0, 4, (ck_place){60, 10, -50, 5}) != 0);
}

static void rectangle(ck_desk *d)
{
    CK_CHECK(ck_put_shape(d, CK_BOARD_RECTANGLE, CK_TEST_BLACK, 0x80ffd43b, 3,
                          (ck_place){10, 10, 60, 30}) != 0);
    CK_CHECK(ck_put_shape(d, CK_BOARD_RECTANGLE, CK_TEST_BLUE, 0, 2,
                          (ck_place){110, 50, -60, -30}) != 0);
}

static void ellipse(ck_desk *d)
{
    CK_CHECK(ck_put_shape(d, CK_BOARD_ELLIPSE, CK_TEST_BLACK, 0xff74c0fc, 2,
                          (ck_place){10, 10, 60, 40}) != 0);
    CK_CHECK(ck_put_shape(d, CK_BOARD_ELLIPSE, CK_TEST_RED, 0, 4, (ck_place){75, 15, 30, 30}) != 0);
}

/* Two lines of the author's; one that is a little too wide; one that was not broken. */
static void text(ck_desk *d)
{
    CK_CHECK(ck_put_text(d, "na\xc3\xafve \xce\xb1\xce\xb2\n\xd0\x96\xd1\x83\xd0\xba", 12, 0, 5,
                         2) != 0);
    CK_CHECK(ck_put_text(d, "drawn together", 12, 85, 5, 36) != 0);
    CK_CHECK(ck_put_text(d, "one two three four", 8, 30, 88, 2) != 0);
}

/* Chinese, broken by its author and by its width; Hebrew from the right; letters that join. */
static void scripts(ck_desk *d)
{
    CK_CHECK(ck_put_text(d, "\xe4\xbd\xa0\xe5\xa5\xbd\xef\xbc\x8c\n\xe4\xb8\x96\xe7\x95\x8c", 14, 0,
                         4, 2) != 0);
    CK_CHECK(
        ck_put_text(
            d,
            "\xe4\xba\x8c\xe6\xac\xa1\xe5\x87\xbd\xe6\x95\xb0\xe7\x9a\x84\xe5\x9b\xbe\xe5\x83\x8f",
            10, 42, 60, 2) != 0);
    CK_CHECK(ck_put_text(d, "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd7\xa2\xd7\x95\xd7\x9c\xd7\x9d", 9,
                         50, 4, 42) != 0);
    CK_CHECK(ck_put_text(d, "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7", 12, 0, 72, 38) != 0);
}

static void image(ck_desk *d)
{
    CK_CHECK(ck_put_image(d, CK_TOOLS_IMAGE, (ck_place){10, 10, 60, 30}) != 0);
    CK_CHECK(ck_put_image(d, MISSING, (ck_place){80, 10, 30, 40}) != 0);
}

static void transformed(ck_desk *d)
{
    uint64_t wave = ck_draw_wave(d, CK_BOARD_PEN, CK_TEST_BLUE, 3, 10, 5, true);
    uint64_t words = ck_put_text(d, "Ab", 16, 0, 60, 4);
    uint64_t picture = ck_put_image(d, CK_TOOLS_IMAGE, (ck_place){60, 20, 40, 20});
    ck_scale(d, wave, 10, 5, 0.5, 1.2);
    ck_scale(d, words, 60, 4, 2, 1);
    ck_scale(d, picture, 80, 20, -1, 1);
    CK_CHECK_EQ(ck_desk_move(d, 1, picture, 15 * 64, 15 * 64), CK_REASON_NONE);
}

static void grid(ck_desk *d)
{
    CK_CHECK(ck_set_ground(d, CK_BOARD_GRID, 0));
    pen_even(d);
}

static void lines(ck_desk *d)
{
    CK_CHECK(ck_set_ground(d, CK_BOARD_LINES, 0));
    pen_even(d);
}

static void paper(ck_desk *d)
{
    CK_CHECK(ck_set_ground(d, CK_BOARD_PICTURE, CK_TOOLS_IMAGE));
    pen_even(d);
}

/* The deck's page 3: twice as large as its pixels, for it was rendered half as sharp. */
static void deck(ck_desk *d)
{
    ck_board_op op = {.code = CK_BOARD_BACKGROUND, .page = 1};
    op.background = (ck_board_background){
        .kind = CK_BOARD_DECK, .hash = {CK_TOOLS_DECK}, .deck_page = CK_TOOLS_DECK_PAGE};
    CK_CHECK_EQ(ck_desk_do(d, 1, &op), CK_REASON_NONE);
    pen_even(d);
}

const ck_tool ck_tools[] = {
    {"pen", pen},     {"pen-even", pen_even}, {"marker", marker},           {"erased", erased},
    {"line", line},   {"arrow", arrow},       {"rectangle", rectangle},     {"ellipse", ellipse},
    {"text", text},   {"image", image},       {"transformed", transformed}, {"grid", grid},
    {"lines", lines}, {"paper", paper},       {"text-scripts", scripts},    {"deck", deck},
};
const size_t ck_tool_count = CK_COUNT_OF(ck_tools);
