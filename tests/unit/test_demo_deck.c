/* Decks of the demo: what poppler makes of a PDF, within limits, and pages that come of it. */
#include "api_support.h"

#include "board/deck.h"
#include "board/pdf.h"
#include "board/thumbs.h"
#include "chalkrail/board_file.h"
#include "chalkrail/board_view.h"
#include "support/check.h"
#include "support/drawn.h"

#include <cairo-pdf.h>
#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Two pages of 300 x 150 pt: a red square at 30, 30, then a blue one. */
static void make_pdf(ck_drawn *f)
{
    f->size = 0;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(ck_drawn_append, f, 300, 150);
    cairo_t *cr = cairo_create(surface);
    for (int page = 0; page < 2; page++) {
        cairo_set_source_rgb(cr, page == 0, 0, page == 1);
        cairo_rectangle(cr, 30, 30, 60, 60);
        cairo_fill(cr);
        cairo_show_page(cr);
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}

static int render(pdf *p, uint32_t page, double scale, pdf_picture *out)
{
    pdf_job job;
    int status = pdf_render(p, page, scale, &job);
    for (bool ends = status < 0; !ends; ends = status != CHALK_ERR_AGAIN) {
        api_sleep_ms(2);
        status = pdf_poll(&job, out);
    }
    return status;
}

static bool has(const pdf_picture *p, double x, double y, int red, int green, int blue)
{
    const uint8_t *at = p->pixels + ((size_t)y * p->wide + (size_t)x) * 4;
    return at[2] == red && at[1] == green && at[0] == blue && at[3] == 255;
}

CK_TEST(deck, a_page_is_rendered_as_large_as_it_is_shown)
{
    ck_drawn f;
    pdf p;
    make_pdf(&f);
    CK_CHECK_EQ(pdf_open(f.bytes, f.size, &p), CHALK_OK);
    CK_CHECK_EQ(p.pages, 2);
    CK_CHECK_EQ(p.width_mpt, 300000);
    for (double scale = 0.5; scale <= 2.0; scale *= 2) {
        pdf_picture picture = {0};
        CK_CHECK_EQ(render(&p, 1, scale, &picture), CHALK_OK);
        CK_CHECK_EQ(picture.wide, (uint32_t)(400 * scale));
        CK_CHECK_EQ(picture.high, (uint32_t)(200 * scale));
        CK_CHECK(has(&picture, 41 * scale + 1, 41 * scale + 1, 0, 0, 255));
        CK_CHECK(has(&picture, 118 * scale - 1, 118 * scale - 1, 0, 0, 255));
        CK_CHECK(has(&picture, 122 * scale + 1, 60 * scale, 255, 255, 255));
        free(picture.pixels);
    }
    pdf_close(&p);
}

#define FORMS 9u

/* A page of that size, on which forms draw each other: ten times ten times ten ... */
static size_t make_hostile(char *out, size_t size, const char *box)
{
    int used = snprintf(out, size,
                        "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R"
                        "/Resources<</XObject<</F 5 0 R>>>>>>endobj\n"
                        "4 0 obj<</Length 4>>stream\n/F Do\nendstream endobj\n",
                        box);
    for (unsigned i = 0; i < FORMS; i++) {
        static const char each[] = "/F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do /F Do";
        const char *draws = i + 1 < FORMS ? each : "0 0 500 500 re f";
        used += snprintf(out + used, size - (size_t)used,
                         "%u 0 obj<</Type/XObject/Subtype/Form/BBox[0 0 500 500]/Resources"
                         "<</XObject<</F %u 0 R>>>>/Length %zu>>stream\n%s\nendstream endobj\n",
                         i + 5, i + 6, strlen(draws), draws);
    }
    used += snprintf(out + used, size - (size_t)used, "trailer<</Root 1 0 R>>\n");
    return (size_t)used;
}

CK_TEST(deck, a_hostile_file_hurts_nobody)
{
    static char text[8192];
    pdf p;
    pdf_job job;
    pdf_picture picture = {0};
    CK_CHECK_EQ(pdf_open((const uint8_t *)"%PDF-1.4\nnonsense", 17, &p), CHALK_ERR_BAD_DATA);
    size_t size = make_hostile(text, sizeof text, "0 0 500 500");
    CK_CHECK_EQ(pdf_open((const uint8_t *)text, size, &p), CHALK_OK);
    CK_CHECK_EQ(pdf_render(&p, 0, 1.0, &job), CHALK_OK);
    job.due_ms -= DECK_SECONDS * 1000 - 500; /* a test cannot wait so long */
    int status = CHALK_ERR_AGAIN;
    for (int i = 0; i < 2000 && status == CHALK_ERR_AGAIN; i++) {
        status = pdf_poll(&job, &picture);
        api_sleep_ms(2);
    }
    CK_CHECK_EQ(status, CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(job.child, 0);
    CK_CHECK_EQ(render(&p, 5, 1.0, &picture), CHALK_ERR_BAD_DATA); /* there is no such page */
    pdf_close(&p);
    /* A kilometre: smaller than it was asked for. */
    size = make_hostile(text, sizeof text, "0 0 2834645 2834645");
    CK_CHECK_EQ(pdf_open((const uint8_t *)text, size, &p), CHALK_OK);
    CK_CHECK_EQ(pdf_render(&p, 0, 4.0, &job), CHALK_OK);
    CK_CHECK(job.scale * 2834645 * 4 / 3 < 4001);
    pdf_cancel(&job);
    pdf_close(&p);
}

static int run(decks *d, chalk_canvas *canvas)
{
    int status = CHALK_ERR_AGAIN;
    for (int i = 0; i < 5000 && status == CHALK_ERR_AGAIN; i++) {
        status = decks_run(d, canvas);
        api_sleep_ms(2);
    }
    return status;
}

static void write_to(const char *path, const ck_drawn *f)
{
    FILE *out = fopen(path, "wb");
    CK_CHECK(out != NULL);
    CK_CHECK_EQ(fwrite(f->bytes, 1, f->size, out), f->size);
    fclose(out);
}

typedef struct lesson {
    api a;
    decks *d;
    char path[32];
} lesson;

/* A board whose pages 2 and 3 are a deck. */
static void begin_lesson(lesson *l)
{
    static ck_drawn f;
    memcpy(l->path, "/tmp/deck-XXXXXX", sizeof "/tmp/deck-XXXXXX");
    int fd = mkstemp(l->path);
    CK_CHECK(fd >= 0);
    close(fd);
    make_pdf(&f);
    write_to(l->path, &f);
    l->a = api_open();
    CK_CHECK_EQ(chalk_board_open(l->a.session, NULL, 0), CHALK_OK);
    (void)api_wait(&l->a, CHALK_EVENT_ROOM, CHALK_LINK_LIVE);
    l->d = decks_new(l->a.session);
    CK_CHECK(l->d != NULL);
    CK_CHECK_EQ(decks_import(l->d, "/no/such/file", 1), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(decks_import(l->d, l->path, 1), CHALK_OK);
    CK_CHECK_EQ(run(l->d, NULL), CHALK_OK);
}

static void end_lesson(lesson *l)
{
    decks_free(&l->d);
    api_close(&l->a);
    (void)remove(l->path);
}

CK_TEST(deck, a_file_becomes_pages_that_are_painted)
{
    static uint8_t pixels[120][200][4];
    lesson l;
    begin_lesson(&l);
    chalk_board_page third = {.struct_size = sizeof third};
    CK_CHECK_EQ(chalk_board_get_page(l.a.session, CHALK_VIEW_HEAD, 2, &third), CHALK_OK);
    CK_CHECK(third.background.kind == CHALK_GROUND_DECK && third.background.deck_page == 1);
    chalk_canvas *canvas = NULL;
    CK_CHECK_EQ(chalk_canvas_create(l.a.session, CHALK_VIEW_HEAD, &canvas), CHALK_OK);
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = third.number, .zoom = 1.0, .wide = 200, .high = 120};
    CK_CHECK_EQ(chalk_canvas_set_view(canvas, &view), CHALK_OK);
    const uint8_t blue[3] = {255, 0, 0};
    for (int i = 0; i < 2000 && memcmp(pixels[60][60], blue, sizeof blue) != 0; i++) {
        CK_CHECK_EQ(chalk_canvas_paint(canvas, 5000, &pixels[0][0][0], sizeof pixels[0], NULL),
                    CHALK_OK);
        (void)decks_run(l.d, canvas);
        api_sleep_ms(2);
    }
    CK_CHECK_MEM(pixels[60][60], blue, sizeof blue);
    CK_CHECK(pixels[10][10][0] == 255 && pixels[10][10][2] == 255);
    chalk_canvas_destroy(&canvas);
    end_lesson(&l);
}

CK_TEST(deck, the_small_picture_of_a_page_shows_its_deck)
{
    lesson l;
    board_thumbs t;
    begin_lesson(&l);
    CK_CHECK(board_thumbs_init(&t, l.a.session));
    board_thumbs_resize(&t, 128, 72); /* a tenth */
    for (uint32_t i = 1; i <= 2; i++) {
        const uint8_t expected[3] = {i == 2 ? 255 : 0, 0, i == 1 ? 255 : 0};
        chalk_board_page page = {.struct_size = sizeof page};
        CK_CHECK_EQ(chalk_board_get_page(l.a.session, CHALK_VIEW_HEAD, i, &page), CHALK_OK);
        for (int turn = 0; turn < 2000 && !board_thumbs_paint(&t, page.number, 7); turn++) {
            api_sleep_ms(2);
        }
        CK_CHECK(!board_thumbs_is_stale(&t, page.number, 7));
        cairo_surface_t *picture = board_thumbs_get(&t, page.number);
        const uint8_t *at = cairo_image_surface_get_data(picture) +
                            8 * cairo_image_surface_get_stride(picture) + 8 * 4;
        CK_CHECK_MEM(at, expected, sizeof expected);
    }
    board_thumbs_free(&t);
    end_lesson(&l);
}
