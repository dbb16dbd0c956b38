#include "bench/content.h"

#include "base/check.h"
#include "base/rng.h"

#include <cairo.h>
#include <fcntl.h>
#include <libyuv/convert_argb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define WIDTH  CK_CONTENT_WIDTH
#define HEIGHT CK_CONTENT_HEIGHT

#define MARK_SIDE   16
#define MARK_BITS   32 /* 24 of the number, 8 that check it */
#define NUMBER_MASK 0xffffffu

#define PAGE_HEIGHT     4320
#define SCROLL_STEP     6 /* rows between two pictures: 180 a second */
#define SLIDES          6
#define SLIDE_PICTURES  (3 * CK_CONTENT_FPS)
#define VIDEO_BYTES     (WIDTH * HEIGHT * 3 / 2)
#define PIXELS_PER_PAGE ((size_t)WIDTH * HEIGHT)

enum kind { KIND_SCROLL, KIND_SLIDES, KIND_VIDEO };

struct ck_content {
    enum kind kind;
    uint32_t *pixels; /* the page, or the slides one after the other */
    uint8_t *video;   /* mapped file */
    size_t video_size;
};

/* --- the number in the picture ----------------------------------------------------------------
 */

static uint32_t mark_of(uint32_t number)
{
    uint32_t n = number & NUMBER_MASK;
    uint32_t check = (n ^ n >> 8 ^ n >> 16 ^ 0x5a) & 0xff;
    return n << 8 | check;
}

static void draw_mark(uint32_t number, uint32_t *pixels)
{
    uint32_t mark = mark_of(number);
    for (int y = 0; y < MARK_SIDE; y++) {
        for (int x = 0; x < MARK_SIDE * MARK_BITS; x++) {
            bool set = mark >> (MARK_BITS - 1 - x / MARK_SIDE) & 1;
            pixels[(size_t)y * WIDTH + (size_t)x] = set ? 0xffffffffu : 0xff000000u;
        }
    }
}

bool ck_content_read_number(const uint8_t *luma, size_t stride, uint32_t *number)
{
    uint32_t mark = 0;
    for (size_t i = 0; i < MARK_BITS; i++) {
        uint8_t middle = luma[MARK_SIDE / 2 * stride + i * MARK_SIDE + MARK_SIDE / 2];
        mark = mark << 1 | (middle > 126);
    }
    *number = mark >> 8;
    return mark == mark_of(*number);
}

/* --- pages ------------------------------------------------------------------------------------
 */

static const char *const words[] = {
    "the",   "slope", "of",    "a",      "line",  "through", "two",  "points",  "is",
    "ratio", "rise",  "run",   "where",  "both",  "axes",    "have", "equal",   "scales",
    "and",   "every", "pupil", "draws",  "first", "before",  "it",   "becomes", "an",
    "angle", "y",     "=",     "mx + c", "with",  "m",       "as",   "tangent", "here",
};

static void set_color(cairo_t *c, uint32_t rgb)
{
    cairo_set_source_rgb(c, (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0,
                         (rgb & 0xff) / 255.0);
}

/* Random words from x on until the line is full. */
static void draw_line(cairo_t *c, ck_rng *rng, double x, double y, double right)
{
    cairo_text_extents_t extents;
    char word[32];
    while (x < right) {
        snprintf(word, sizeof word, "%s ", words[ck_rng_next(rng) % CK_COUNT_OF(words)]);
        cairo_text_extents(c, word, &extents);
        cairo_move_to(c, x, y);
        cairo_show_text(c, word);
        x += extents.x_advance;
    }
}

/* A picture as documents have them: soft shades, and a few hard edges. */
static void draw_figure(cairo_t *c, double x, double y, double width, double height)
{
    cairo_pattern_t *shade = cairo_pattern_create_linear(x, y, x + width, y + height);
    cairo_pattern_add_color_stop_rgb(shade, 0, 0.95, 0.75, 0.35);
    cairo_pattern_add_color_stop_rgb(shade, 1, 0.15, 0.35, 0.60);
    cairo_rectangle(c, x, y, width, height);
    cairo_set_source(c, shade);
    cairo_fill(c);
    cairo_pattern_destroy(shade);
    for (int i = 0; i < 7; i++) {
        double bar = height * (0.2 + 0.1 * ((i * 5) % 7));
        set_color(c, i % 2 == 0 ? 0xc0392b : 0x1e8449);
        cairo_rectangle(c, x + width * (i + 0.5) / 8, y + height - bar, width / 12, bar);
        cairo_fill(c);
    }
}

static void draw_page(cairo_t *c)
{
    ck_rng rng;
    ck_rng_seed(&rng, 11);
    set_color(c, 0xffffff);
    cairo_paint(c);
    for (int section = 0; section < 6; section++) {
        double top = 60 + section * 720.0;
        set_color(c, 0x1a5276);
        cairo_select_font_face(c, "Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
        cairo_set_font_size(c, 34);
        draw_line(c, &rng, 80, top, 600);
        set_color(c, 0x202020);
        cairo_select_font_face(c, "Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
        cairo_set_font_size(c, 18);
        for (int line = 0; line < 23; line++) {
            bool beside = line > 12;
            draw_line(c, &rng, 80, top + 50 + line * 27, beside ? 620 : 1120);
        }
        draw_figure(c, 800, top + 400, 380, 230);
    }
}

static void draw_slide(cairo_t *c, int slide)
{
    ck_rng rng;
    ck_rng_seed(&rng, 100 + (uint64_t)slide);
    set_color(c, slide % 2 == 0 ? 0xfdfefe : 0x17202a);
    cairo_paint(c);
    uint32_t ink = slide % 2 == 0 ? 0x212f3d : 0xf4f6f7;
    cairo_select_font_face(c, "Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    set_color(c, slide % 2 == 0 ? 0x922b21 : 0xf5b041);
    cairo_set_font_size(c, 54);
    draw_line(c, &rng, 90, 130, 900);
    cairo_select_font_face(c, "Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, 30);
    for (int line = 0; line < 6; line++) {
        set_color(c, ink);
        cairo_arc(c, 105, 225 + line * 70, 6, 0, 6.2832);
        cairo_fill(c);
        draw_line(c, &rng, 130, 235 + line * 70, 600);
    }
    draw_figure(c, 800, 220, 400, 360);
}

static bool draw_pages(ck_content *content)
{
    int pages = content->kind == KIND_SCROLL ? PAGE_HEIGHT / HEIGHT : SLIDES;
    content->pixels = calloc((size_t)pages * PIXELS_PER_PAGE, sizeof *content->pixels);
    if (content->pixels == NULL) {
        return false;
    }
    int surfaces = content->kind == KIND_SCROLL ? 1 : SLIDES;
    int rows = content->kind == KIND_SCROLL ? PAGE_HEIGHT : HEIGHT;
    for (int i = 0; i < surfaces; i++) {
        unsigned char *at = (unsigned char *)(content->pixels + (size_t)i * PIXELS_PER_PAGE);
        cairo_surface_t *surface =
            cairo_image_surface_create_for_data(at, CAIRO_FORMAT_RGB24, WIDTH, rows, WIDTH * 4);
        cairo_t *c = cairo_create(surface);
        if (content->kind == KIND_SCROLL) {
            draw_page(c);
        } else {
            draw_slide(c, i);
        }
        bool drawn = cairo_status(c) == CAIRO_STATUS_SUCCESS;
        cairo_destroy(c);
        cairo_surface_destroy(surface);
        if (!drawn) {
            return false;
        }
    }
    return true;
}

/* --- video ------------------------------------------------------------------------------------
 */

static bool map_video(ck_content *content, const char *file)
{
    int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    struct stat about;
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &about) == 0 && about.st_size >= VIDEO_BYTES) {
        void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        content->video = mapped != MAP_FAILED ? mapped : NULL;
        content->video_size = (size_t)about.st_size;
    }
    close(fd);
    return content->video != NULL;
}

static void draw_video(const ck_content *content, uint32_t number, uint32_t *pixels)
{
    size_t pictures = content->video_size / VIDEO_BYTES;
    const uint8_t *y = content->video + number % pictures * VIDEO_BYTES;
    const uint8_t *u = y + PIXELS_PER_PAGE, *v = u + PIXELS_PER_PAGE / 4;
    I420ToARGB(y, WIDTH, u, WIDTH / 2, v, WIDTH / 2, (uint8_t *)pixels, WIDTH * 4, WIDTH, HEIGHT);
}

/* --- all kinds --------------------------------------------------------------------------------
 */

ck_content *ck_content_open(const char *kind, const char *file)
{
    static const char *const names[] = {"scroll", "slides", "video"};
    ck_content *content = calloc(1, sizeof *content);
    size_t i = 0;
    while (i < CK_COUNT_OF(names) && strcmp(names[i], kind) != 0) {
        i++;
    }
    if (content == NULL || i == CK_COUNT_OF(names)) {
        fprintf(stderr, "no content is called %s\n", kind);
        free(content);
        return NULL;
    }
    content->kind = (enum kind)i;
    bool ready = content->kind == KIND_VIDEO ? map_video(content, file) : draw_pages(content);
    if (!ready) {
        fprintf(stderr, "the content %s cannot be made\n", kind);
        ck_content_close(&content);
    }
    return content;
}

void ck_content_close(ck_content **content)
{
    if (*content == NULL) {
        return;
    }
    free((*content)->pixels);
    if ((*content)->video != NULL) {
        munmap((*content)->video, (*content)->video_size);
    }
    free(*content);
    *content = NULL;
}

uint32_t ck_content_number(const ck_content *content, uint32_t at)
{
    return content->kind == KIND_SLIDES ? at / SLIDE_PICTURES * SLIDE_PICTURES : at;
}

void ck_content_draw(ck_content *content, uint32_t number, uint32_t *pixels)
{
    size_t slide = number / SLIDE_PICTURES % SLIDES;
    size_t first = (size_t)number * SCROLL_STEP % PAGE_HEIGHT;
    size_t before_end = CK_MIN((size_t)HEIGHT, PAGE_HEIGHT - first);
    switch (content->kind) {
    case KIND_SCROLL:
        memcpy(pixels, content->pixels + first * WIDTH, before_end * WIDTH * sizeof *pixels);
        memcpy(pixels + before_end * WIDTH, content->pixels,
               (HEIGHT - before_end) * WIDTH * sizeof *pixels);
        break;
    case KIND_SLIDES:
        memcpy(pixels, content->pixels + slide * PIXELS_PER_PAGE, PIXELS_PER_PAGE * sizeof *pixels);
        break;
    case KIND_VIDEO:
        draw_video(content, number, pixels);
        break;
    }
    draw_mark(number, pixels);
}
