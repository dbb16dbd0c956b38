/* What each tool looks like: beside pictures that were looked at. */
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/golden.h"
#include "unit/render_support.h"
#include "unit/render_tools.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct stage {
    ck_desk desk;
    ck_images *images;
    ck_painter *painter;
} stage;

static const ck_place everything = {0, 0, CK_TOOLS_WIDE, CK_TOOLS_HIGH};

static void begin(stage *s)
{
    ck_golden_init();
    ck_desk_init(&s->desk, &ck_test_heap);
    CK_CHECK_EQ(ck_images_create(&ck_test_heap, &s->images), CHALK_OK);
    CK_CHECK_EQ(ck_painter_create(&ck_test_heap, &s->painter), CHALK_OK);
    ck_painter_set_images(s->painter, s->images);
    CK_CHECK(ck_fill_image(s->images, CK_TOOLS_IMAGE));
    CK_CHECK(ck_fill_deck(s->images, CK_TOOLS_DECK, CK_TOOLS_DECK_PAGE, 0.5));
}

static void end(stage *s)
{
    CK_CHECK_EQ(s->desk.status, CHALK_OK);
    ck_painter_destroy(&s->painter);
    ck_images_destroy(&s->images);
    ck_desk_free(&s->desk);
}

static void look(const ck_tool *t, double scale)
{
    stage s;
    char name[64];
    begin(&s);
    t->use(&s.desk);
    cairo_surface_t *picture = ck_picture(s.painter, &s.desk.board, everything, scale);
    (void)snprintf(name, sizeof name, "%s-%d", t->name, (int)(scale * 100));
    bool same = ck_golden_check(name, picture);
    cairo_surface_destroy(picture);
    end(&s);
    if (!same) {
        CK_FAIL("%s looks otherwise", name);
    }
}

CK_TEST(render, each_tool_looks_as_it_did)
{
    for (size_t i = 0; i < ck_tool_count; i++) {
        look(&ck_tools[i], 1.0);
    }
}

/* Sharp enough is what the device can show, in steps; what is there and is not is shown meanwhile.
 */
CK_TEST(render, a_page_of_a_deck_is_wanted_as_sharp_as_it_is_shown)
{
    static const struct {
        double there, shown, wanted; /* 0: nothing is wanted */
    } rows[] = {
        {0.5, 0.4, 0.0},   {0.5, 1.0, 1.0}, {1.0, 1.0, 0.0},
        {1.0, 1.1, 1.414}, {2.0, 1.9, 0.0}, {2.0, 100.0, 4.0},
    };
    stage s;
    begin(&s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const ck_image_key key = {.hash = {CK_TOOLS_DECK}, .deck = true, .page = 5};
        ck_image image;
        ck_image_want want = {.scale = 0.0};
        CK_CHECK(ck_fill_deck(s.images, CK_TOOLS_DECK, 5, rows[i].there));
        CK_CHECK(ck_images_get(s.images, &key, rows[i].shown, &image));
        CK_CHECK(image.wide == 40 / rows[i].there && image.high == 20 / rows[i].there);
        bool wanted = ck_images_wanted(s.images, 0, &want);
        if (wanted != (rows[i].wanted > 0) || want.scale < rows[i].wanted - 0.001 ||
            want.scale > rows[i].wanted + 0.001) {
            CK_FAIL("row %zu: %f", i, want.scale);
        }
        CK_CHECK(ck_fill_deck(s.images, CK_TOOLS_DECK, 5, 0.25)); /* it is all that there is */
        CK_CHECK(ck_images_get(s.images, &key, rows[i].shown, &image));
        CK_CHECK(!wanted || !ck_images_wanted(s.images, 0, &want));
        ck_images_unwant(s.images, &key);
    }
    end(&s);
}

CK_TEST(render, each_tool_looks_as_it_did_enlarged)
{
    for (size_t i = 0; i < ck_tool_count; i++) {
        look(&ck_tools[i], 2.5);
    }
}
