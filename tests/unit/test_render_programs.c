/* SVG and PDF as other programs paint them: what they show is what the PNG shows. */
#include "chalkrail/errors.h"
#include "render/export.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/child.h"
#include "support/folder.h"
#include "support/golden.h"
#include "support/ssim.h"
#include "unit/render_support.h"
#include "unit/render_tools.h"

#include <stdio.h>
#include <stdlib.h>

#define SCALE      2.0
#define SSIM_LEAST 0.98
#define PATH       (CK_TEST_FOLDER_MAX + 64)

typedef struct stage {
    char folder[CK_TEST_FOLDER_MAX];
    ck_desk desk;
    ck_images *images;
    ck_painter *painter;
} stage;

static void begin(stage *s)
{
    ck_golden_init();
    ck_test_folder(s->folder);
    ck_desk_init(&s->desk, &ck_test_heap);
    CK_CHECK_EQ(ck_images_create(&ck_test_heap, &s->images), CHALK_OK);
    CK_CHECK_EQ(ck_painter_create(&ck_test_heap, &s->painter), CHALK_OK);
    ck_painter_set_images(s->painter, s->images);
    CK_CHECK(ck_fill_image(s->images, CK_TOOLS_IMAGE));
    CK_CHECK(ck_fill_deck(s->images, CK_TOOLS_DECK, CK_TOOLS_DECK_PAGE, 1.0));
}

static void end(stage *s)
{
    ck_painter_destroy(&s->painter);
    ck_images_destroy(&s->images);
    ck_desk_free(&s->desk);
}

static int write_on(void *user, const uint8_t *data, size_t size)
{
    return fwrite(data, 1, size, user) == size ? CHALK_OK : CHALK_ERR_IO;
}

static void path_of(const stage *s, const char *name, char out[PATH])
{
    (void)snprintf(out, PATH, "%s/%s", s->folder, name);
}

/* board.png, board.svg and board.pdf. */
static void write_files(const stage *s)
{
    const ck_export e = {.board = &s->desk.board,
                         .page = 1,
                         .box = {0, 0, CK_TOOLS_WIDE * 64, CK_TOOLS_HIGH * 64},
                         .scale = SCALE};
    static const char *const names[] = {"board.png", "board.svg", "board.pdf"};
    for (int i = 0; i < 3; i++) {
        char path[PATH];
        path_of(s, names[i], path);
        FILE *file = fopen(path, "wb");
        CK_CHECK(file != NULL);
        int status = i == 0   ? ck_export_png(s->painter, &e, write_on, file)
                     : i == 1 ? ck_export_svg(s->painter, &e, write_on, file)
                              : ck_export_pdf(s->painter, &e, false, write_on, file);
        CK_CHECK_EQ(status, CHALK_OK);
        CK_CHECK_EQ(fclose(file), 0);
    }
}

/* svg.png and pdf.png. */
static void run_programs(const stage *s)
{
    char svg[PATH], pdf[PATH], from_svg[PATH], from_pdf[PATH];
    path_of(s, "board.svg", svg);
    path_of(s, "board.pdf", pdf);
    path_of(s, "svg.png", from_svg);
    path_of(s, "pdf", from_pdf);
    const char *const rsvg[] = {"rsvg-convert", "-o", from_svg, svg, NULL};
    /* A point of the PDF is a pixel. */
    const char *const poppler[] = {"pdftoppm",    "-r", "72",     "-png",
                                   "-singlefile", pdf,  from_pdf, NULL};
    CK_CHECK(ck_child_run(rsvg));
    CK_CHECK(ck_child_run(poppler));
}

static cairo_surface_t *read(const stage *s, const char *name)
{
    char path[PATH];
    path_of(s, name, path);
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
    CK_CHECK_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    return surface;
}

/* Of one channel of colours, as a plane; the caller's. */
static uint8_t *plane_of(cairo_surface_t *surface, int channel)
{
    int wide = cairo_image_surface_get_width(surface);
    int high = cairo_image_surface_get_height(surface);
    uint8_t *out = malloc((size_t)wide * (size_t)high);
    CK_CHECK(out != NULL);
    for (int y = 0; y < high; y++) {
        const uint8_t *row = cairo_image_surface_get_data(surface) +
                             (size_t)y * (size_t)cairo_image_surface_get_stride(surface);
        for (int x = 0; x < wide; x++) {
            out[(size_t)y * (size_t)wide + (size_t)x] = row[4 * x + channel];
        }
    }
    return out;
}

/* The least of the three colours'. */
static double likeness(cairo_surface_t *a, cairo_surface_t *b)
{
    int wide = cairo_image_surface_get_width(a), high = cairo_image_surface_get_height(a);
    double least = 1.0;
    if (cairo_image_surface_get_width(b) != wide || cairo_image_surface_get_height(b) != high) {
        return 0.0;
    }
    for (int channel = 0; channel < 3; channel++) {
        uint8_t *left = plane_of(a, channel), *right = plane_of(b, channel);
        double ssim =
            ck_ssim((ck_luma){left, (size_t)wide}, (ck_luma){right, (size_t)wide}, wide, high);
        least = ssim < least ? ssim : least;
        free(left);
        free(right);
    }
    return least;
}

static void compare(const ck_tool *tool)
{
    stage s;
    begin(&s);
    tool->use(&s.desk);
    write_files(&s);
    run_programs(&s);
    cairo_surface_t *png = read(&s, "board.png"), *svg = read(&s, "svg.png");
    cairo_surface_t *pdf = read(&s, "pdf.png");
    double of_svg = likeness(png, svg), of_pdf = likeness(png, pdf);
    if (of_svg < SSIM_LEAST || of_pdf < SSIM_LEAST) {
        CK_FAIL("%s: SSIM %.4f as SVG, %.4f as PDF", tool->name, of_svg, of_pdf);
    }
    cairo_surface_destroy(png);
    cairo_surface_destroy(svg);
    cairo_surface_destroy(pdf);
    end(&s);
}

CK_TEST(render_programs, every_tool_looks_alike_in_other_programs)
{
    ck_test_folders_begin();
    for (size_t i = 0; i < ck_tool_count; i++) {
        compare(&ck_tools[i]);
    }
    ck_test_folders_end();
}
