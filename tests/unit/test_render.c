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

CK_TEST(render, each_tool_looks_as_it_did_enlarged)
{
    for (size_t i = 0; i < ck_tool_count; i++) {
        look(&ck_tools[i], 2.5);
    }
}
