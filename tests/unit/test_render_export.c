/* A page as a file. */
#include "chalkrail/errors.h"
#include "render/export.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/golden.h"
#include "unit/render_support.h"

#include <string.h>

typedef struct stage {
    ck_desk desk;
    ck_painter *painter;
    ck_buf file;
    size_t room; /* bytes after which writing fails; 0: never */
    size_t read;
} stage;

static void begin(stage *s)
{
    *s = (stage){0};
    ck_golden_init();
    ck_desk_init(&s->desk, &ck_test_heap);
    ck_buf_init(&s->file, &ck_test_heap, 1 << 24);
    CK_CHECK_EQ(ck_painter_create(&ck_test_heap, &s->painter), CHALK_OK);
    CK_CHECK(ck_draw_wave(&s->desk, CK_BOARD_PEN, CK_TEST_BLUE, 4, 10, 10, true) != 0);
    CK_CHECK(ck_put_text(&s->desk, "abc", 12, 0, 5, 2) != 0);
}

static void end(stage *s)
{
    ck_painter_destroy(&s->painter);
    ck_buf_free(&s->file);
    ck_desk_free(&s->desk);
}

static ck_export page_of(const stage *s)
{
    return (ck_export){
        .board = &s->desk.board, .page = 1, .box = {0, 0, 120 * 64, 60 * 64}, .scale = 2.0};
}

static int keep(void *user, const uint8_t *data, size_t size)
{
    stage *s = user;
    if (s->room > 0 && s->file.size + size > s->room) {
        return CHALK_ERR_LIMIT;
    }
    ck_buf_put(&s->file, data, size);
    return ck_buf_status(&s->file);
}

static bool has(const stage *s, const char *text)
{
    size_t size = strlen(text);
    for (size_t at = 0; at + size <= s->file.size; at++) {
        if (memcmp(s->file.data + at, text, size) == 0) {
            return true;
        }
    }
    return false;
}

static cairo_status_t next(void *user, unsigned char *data, unsigned int size)
{
    stage *s = user;
    if (size > s->file.size - s->read) {
        return CAIRO_STATUS_READ_ERROR;
    }
    memcpy(data, s->file.data + s->read, size);
    s->read += size;
    return CAIRO_STATUS_SUCCESS;
}

CK_TEST(render_export, a_png_is_what_is_painted)
{
    stage s;
    begin(&s);
    const ck_export e = page_of(&s);
    CK_CHECK_EQ(ck_export_png(s.painter, &e, keep, &s), CHALK_OK);
    cairo_surface_t *read = cairo_image_surface_create_from_png_stream(next, &s);
    cairo_surface_t *painted = ck_picture(s.painter, &s.desk.board, (ck_place){0, 0, 120, 60}, 2.0);
    CK_CHECK(ck_golden_difference(read, painted) == 0.0);
    cairo_surface_destroy(read);
    cairo_surface_destroy(painted);
    end(&s);
}

CK_TEST(render_export, an_svg_is_lines_not_pixels)
{
    stage s;
    begin(&s);
    const ck_export e = page_of(&s);
    CK_CHECK_EQ(ck_export_svg(s.painter, &e, keep, &s), CHALK_OK);
    CK_CHECK(has(&s, "width=\"240px\" height=\"120px\""));
    CK_CHECK(has(&s, "</svg>"));
    CK_CHECK(!has(&s, "data:image"));
    end(&s);
}

CK_TEST(render_export, a_pdf_has_every_page)
{
    stage s;
    begin(&s);
    ck_export e = page_of(&s);
    const ck_board_op pages = {.code = CK_BOARD_PAGES, .first = 2, .count = 2, .after = 1};
    CK_CHECK_EQ(ck_desk_do(&s.desk, 1, &pages), CK_REASON_NONE);
    CK_CHECK_EQ(ck_export_pdf(s.painter, &e, true, keep, &s), CHALK_OK);
    CK_CHECK(memcmp(s.file.data, "%PDF-", 5) == 0);
    CK_CHECK(has(&s, "/Count 3"));
    ck_buf_clear(&s.file);
    CK_CHECK_EQ(ck_export_pdf(s.painter, &e, false, keep, &s), CHALK_OK);
    CK_CHECK(has(&s, "/Count 1"));
    end(&s);
}

CK_TEST(render_export, what_cannot_be_written_says_why)
{
    stage s;
    begin(&s);
    const ck_export e = page_of(&s);
    s.room = 20;
    CK_CHECK_EQ(ck_export_png(s.painter, &e, keep, &s), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_export_svg(s.painter, &e, keep, &s), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_export_pdf(s.painter, &e, true, keep, &s), CHALK_ERR_LIMIT);
    end(&s);
}

CK_TEST(render_export, what_makes_no_picture_is_refused)
{
    stage s;
    begin(&s);
    ck_export e = page_of(&s);
    e.scale = 1000.0;
    CK_CHECK_EQ(ck_export_png(s.painter, &e, keep, &s), CHALK_ERR_TOO_LARGE);
    e.scale = 100.0; /* each side fits */
    CK_CHECK_EQ(ck_export_png(s.painter, &e, keep, &s), CHALK_ERR_TOO_LARGE);
    e.scale = 1e-12;
    CK_CHECK_EQ(ck_export_png(s.painter, &e, keep, &s), CHALK_OK); /* of a pixel */
    ck_buf_clear(&s.file);
    e.scale = 0.0;
    CK_CHECK_EQ(ck_export_svg(s.painter, &e, keep, &s), CHALK_ERR_INVALID_ARGUMENT);
    e.scale = 1.0;
    e.box.right = e.box.left;
    CK_CHECK_EQ(ck_export_pdf(s.painter, &e, false, keep, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(s.file.size, 0);
    end(&s);
}

CK_TEST(render_export, the_extent_is_that_of_all_there_is)
{
    stage s;
    ck_board_box box;
    begin(&s);
    CK_CHECK(ck_put_shape(&s.desk, CK_BOARD_RECTANGLE, CK_TEST_RED, 0, 1,
                          (ck_place){-500, 100, 900, 50}) != 0);
    CK_CHECK(ck_painter_extent(&s.desk.board, 1, &box));
    CK_CHECK_EQ(box.left, -500 * 64 - 64);
    CK_CHECK_EQ(box.right, 400 * 64 + 64);
    CK_CHECK_EQ(box.bottom, 150 * 64 + 64);
    CK_CHECK(!ck_painter_extent(&s.desk.board, 2, &box));
    end(&s);
}
