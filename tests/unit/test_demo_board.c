/* What stands around the board in its window, at every size that a window can have. */
#include "board/chrome.h"
#include "board/help.h"
#include "support/check.h"

static bool is_within(const ui_rect *r, const ui_rect *all)
{
    return r->x >= all->x && r->y >= all->y && r->x + r->w <= all->x + all->w &&
           r->y + r->h <= all->y + all->h;
}

static bool is_apart(const ui_rect *a, const ui_rect *b)
{
    return a->x + a->w <= b->x || b->x + b->w <= a->x || a->y + a->h <= b->y || b->y + b->h <= a->y;
}

static bool is_in_its_panel(const chrome *c, const ui_rect *at)
{
    return is_within(at, &c->top) || is_within(at, &c->left) || is_within(at, &c->right);
}

CK_TEST(demo_board, every_button_is_there_and_apart_from_the_others)
{
    static const int sizes[][2] = {{640, 480}, {640, 900}, {700, 520},  {800, 600},
                                   {879, 570}, {900, 600}, {1280, 800}, {3840, 2160}};
    chrome full;
    chrome_layout(&full, 1280, 800, 1.0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (double scale = 1.0; scale <= 2.0; scale += 0.5) {
            chrome c = {0};
            chrome_layout(&c, (int)(sizes[i][0] * scale), (int)(sizes[i][1] * scale), scale);
            CK_CHECK_ROW(i, c.count == full.count);
            for (int b = 0; b < c.count; b++) {
                CK_CHECK_ROW(i, is_in_its_panel(&c, &c.buttons[b].at));
                for (int other = 0; other < b; other++) {
                    CK_CHECK_ROW(i, is_apart(&c.buttons[b].at, &c.buttons[other].at));
                }
            }
        }
    }
}

/* In how many steps all keys are shown. */
static int steps(double wide, double high, double scale)
{
    const ui_rect area = {0, 0, wide, high};
    int count = 1, first = 0;
    while ((first = help_next(&area, scale, first)) != 0 && count < 10) {
        count++;
    }
    return count;
}

CK_TEST(demo_board, all_keys_are_shown_as_large_as_words_are)
{
    CK_CHECK_EQ(steps(1280, 800, 1.0), 1);
    CK_CHECK_EQ(steps(900, 600, 1.0), 2);
    CK_CHECK_EQ(steps(640, 480, 1.0), 3);
    CK_CHECK_EQ(steps(1280, 960, 2.0), 3);
    CK_CHECK_EQ(steps(100, 100, 4.0), 3);
}
