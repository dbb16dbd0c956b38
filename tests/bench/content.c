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

#define MARK_SIDE   16
#define MARK_BITS   32 /* 24 of the number, 8 that check it */
#define NUMBER_MASK 0xffffffu

#define PAGES           6 /* of the scrolled document, and slides */
#define SCROLL_STEP     6 /* rows between two pictures: 180 a second */
#define LETTER_PICTURES (CK_CONTENT_FPS / 6)
#define LETTERS         960 /* until the page that is typed on is empty again */
#define LETTERS_A_LINE  80
#define LETTER_WIDTH    10 /* at 1280 x 720, as all that is drawn */
#define LETTER_HEIGHT   22
#define TYPED_X         100
#define TYPED_Y         330

#define TERMINAL_STEP 27 /* rows, which is a line */
#define TERMINAL_STAY (CK_CONTENT_FPS / 3)

enum kind { STILL, SLIDES, SLOW_SLIDES, TYPING, SCROLL, TERMINAL, VIDEO, QUARTER, KINDS };
static const char *const names[KINDS] = {"still",  "slides",   "slow-slides", "typing",
                                         "scroll", "terminal", "video",       "quarter"};

/* Of a lesson. */
#define SEGMENTS     256
#define SEGMENT_S    20 /* at least, and as many more at most twice */
#define LESSON_PARTS "lesson-"

typedef struct segment {
    uint32_t begin; /* its first picture of the screen */
    uint32_t scene;
} segment;

static const struct {
    const char *name;
    enum kind kind;
} scenes[CK_CONTENT_SCENES] = {
    {"slides", SLOW_SLIDES}, {"editor", TYPING}, {"terminal", TERMINAL},
    {"browser", QUARTER},    {"idle", STILL},
};

struct ck_content {
    ck_content *scenes[CK_CONTENT_SCENES]; /* of a lesson; NULL of all else */
    segment segments[SEGMENTS];
    enum kind kind;
    int32_t width, height;
    uint32_t *pixels; /* the page, or the slides one after the other */
    uint8_t *video;   /* mapped file */
    size_t video_size;
};

static size_t page_pixels(const ck_content *c)
{
    return (size_t)c->width * (size_t)c->height;
}

static double scale_of(const ck_content *c)
{
    return c->width / 1280.0;
}

/* --- the number in the picture ----------------------------------------------------------------
 */

static uint32_t mark_of(uint32_t number)
{
    uint32_t n = number & NUMBER_MASK;
    uint32_t check = (n ^ n >> 8 ^ n >> 16 ^ 0x5a) & 0xff;
    return n << 8 | check;
}

static void draw_mark(const ck_content *content, uint32_t number, uint32_t *pixels)
{
    uint32_t mark = mark_of(number);
    for (int y = 0; y < MARK_SIDE; y++) {
        for (int x = 0; x < MARK_SIDE * MARK_BITS; x++) {
            bool set = mark >> (MARK_BITS - 1 - x / MARK_SIDE) & 1;
            pixels[(size_t)y * (size_t)content->width + (size_t)x] =
                set ? 0xffffffffu : 0xff000000u;
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

static cairo_t *open_drawing(const ck_content *content, uint32_t *pixels, int rows)
{
    cairo_surface_t *surface = cairo_image_surface_create_for_data(
        (unsigned char *)pixels, CAIRO_FORMAT_RGB24, content->width, rows, content->width * 4);
    cairo_t *c = cairo_create(surface);
    cairo_surface_destroy(surface);
    cairo_scale(c, scale_of(content), scale_of(content));
    return c;
}

static bool close_drawing(cairo_t *c)
{
    bool drawn = cairo_status(c) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(c);
    return drawn;
}

static bool is_document(const ck_content *content)
{
    return content->kind == SCROLL || content->kind == TYPING || content->kind == TERMINAL;
}

static bool draw_pages(ck_content *content)
{
    content->pixels = calloc(PAGES * page_pixels(content), sizeof *content->pixels);
    if (content->pixels == NULL) {
        return false;
    }
    if (is_document(content)) {
        cairo_t *c = open_drawing(content, content->pixels, PAGES * content->height);
        draw_page(c);
        return close_drawing(c);
    }
    for (int i = 0; i < PAGES; i++) {
        uint32_t *at = content->pixels + (size_t)i * page_pixels(content);
        cairo_t *c = open_drawing(content, at, content->height);
        draw_slide(c, i);
        if (!close_drawing(c)) {
            return false;
        }
    }
    return true;
}

/* --- typing -----------------------------------------------------------------------------------
 */

static uint32_t letter_count(uint32_t number)
{
    return number / LETTER_PICTURES % LETTERS;
}

/* The page's upper half, a sheet below it, and on that as many letters as were typed. */
static void draw_typing(const ck_content *content, uint32_t number, uint32_t *pixels)
{
    memcpy(pixels, content->pixels, page_pixels(content) * sizeof *pixels);
    cairo_t *c = open_drawing(content, pixels, content->height);
    set_color(c, 0xffffff);
    cairo_rectangle(c, 0, TYPED_Y - LETTER_HEIGHT, 1280, 720);
    cairo_fill(c);
    set_color(c, 0x202020);
    cairo_select_font_face(c, "Monospace", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, 16);
    for (uint32_t i = 0; i < letter_count(number); i++) {
        const char letter[] = {(char)('a' + i * 7 % 26), '\0'};
        cairo_move_to(c, TYPED_X + i % LETTERS_A_LINE * LETTER_WIDTH,
                      TYPED_Y + i / LETTERS_A_LINE * LETTER_HEIGHT);
        cairo_show_text(c, letter);
    }
    (void)close_drawing(c);
}

/* Around the letter that picture `number` has and the one before has not. */
static chalk_rect letter_place(const ck_content *content, uint32_t number)
{
    uint32_t last = letter_count(number) - 1;
    double k = scale_of(content);
    double x = k * (TYPED_X + last % LETTERS_A_LINE * LETTER_WIDTH - LETTER_WIDTH);
    double y = k * (TYPED_Y + last / LETTERS_A_LINE * LETTER_HEIGHT - LETTER_HEIGHT);
    return (chalk_rect){(int32_t)x, (int32_t)y, (int32_t)(k * 3 * LETTER_WIDTH),
                        (int32_t)(k * 2 * LETTER_HEIGHT)};
}

/* The page from a row on, beginning again at its end. */
static void draw_scrolled(const ck_content *content, size_t row, uint32_t *pixels)
{
    size_t width = (size_t)content->width, rows = PAGES * (size_t)content->height;
    size_t first = row % rows;
    size_t before_end = CK_MIN((size_t)content->height, rows - first);
    memcpy(pixels, content->pixels + first * width, before_end * width * sizeof *pixels);
    memcpy(pixels + before_end * width, content->pixels,
           ((size_t)content->height - before_end) * width * sizeof *pixels);
}

/* --- video ------------------------------------------------------------------------------------
 */

static int32_t video_width(const ck_content *content)
{
    return content->kind == QUARTER ? content->width / 2 : content->width;
}

static int32_t video_height(const ck_content *content)
{
    return content->kind == QUARTER ? content->height / 2 : content->height;
}

static size_t video_bytes(const ck_content *content)
{
    return (size_t)video_width(content) * (size_t)video_height(content) * 3 / 2;
}

static bool map_video(ck_content *content, const char *file)
{
    int fd = file != NULL ? open(file, O_RDONLY | O_CLOEXEC) : -1;
    struct stat about;
    if (fd < 0) {
        return false;
    }
    if (fstat(fd, &about) == 0 && (size_t)about.st_size >= video_bytes(content)) {
        void *mapped = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        content->video = mapped != MAP_FAILED ? mapped : NULL;
        content->video_size = (size_t)about.st_size;
    }
    close(fd);
    return content->video != NULL;
}

/* A quarter's film runs at the lower right of a slide. */
static chalk_rect video_place(const ck_content *content)
{
    int32_t width = video_width(content), height = video_height(content);
    return (chalk_rect){content->width - width, content->height - height, width, height};
}

static void draw_video(const ck_content *content, uint32_t number, uint32_t *pixels)
{
    chalk_rect place = video_place(content);
    size_t luma = (size_t)place.width * (size_t)place.height;
    size_t pictures = content->video_size / video_bytes(content);
    const uint8_t *y = content->video + number % pictures * video_bytes(content);
    const uint8_t *u = y + luma, *v = u + luma / 4;
    uint32_t *to = pixels + (ptrdiff_t)place.y * content->width + place.x;
    I420ToARGB(y, place.width, u, place.width / 2, v, place.width / 2, (uint8_t *)to,
               content->width * 4, place.width, place.height);
}

/* --- all kinds --------------------------------------------------------------------------------
 */

static bool is_video(enum kind kind)
{
    return kind == VIDEO || kind == QUARTER;
}

/* --- a lesson ---------------------------------------------------------------------------------
 */

/* No scene follows itself. */
static void plan_lesson(ck_content *content, uint64_t seed)
{
    ck_rng rng;
    ck_rng_seed(&rng, seed);
    uint32_t at = 0, scene = 0;
    for (size_t i = 0; i < SEGMENTS; i++) {
        content->segments[i] = (segment){at, scene};
        at += CK_CONTENT_FPS * (uint32_t)(SEGMENT_S + ck_rng_next(&rng) % (2 * SEGMENT_S));
        scene = (scene + 1 + (uint32_t)(ck_rng_next(&rng) % (CK_CONTENT_SCENES - 1))) %
                CK_CONTENT_SCENES;
    }
}

static const segment *segment_of(const ck_content *content, uint32_t number)
{
    size_t i = 0;
    while (i + 1 < SEGMENTS && content->segments[i + 1].begin <= number) {
        i++;
    }
    return &content->segments[i];
}

static ck_content *open_lesson(const char *seed, const char *file, int32_t width, int32_t height)
{
    ck_content *content = calloc(1, sizeof *content);
    bool ready = content != NULL;
    for (size_t i = 0; ready && i < CK_CONTENT_SCENES; i++) {
        content->scenes[i] = ck_content_open(names[scenes[i].kind], file, width, height);
        ready = content->scenes[i] != NULL;
    }
    if (!ready) {
        ck_content_close(&content);
        return NULL;
    }
    content->width = width;
    content->height = height;
    plan_lesson(content, strtoull(seed, NULL, 10));
    return content;
}

const char *ck_content_scene(const ck_content *content, uint32_t number)
{
    return content->scenes[0] != NULL ? scenes[segment_of(content, number)->scene].name : "";
}

ck_content *ck_content_open(const char *kind, const char *file, int32_t width, int32_t height)
{
    if (strncmp(kind, LESSON_PARTS, strlen(LESSON_PARTS)) == 0) {
        return open_lesson(kind + strlen(LESSON_PARTS), file, width, height);
    }
    ck_content *content = calloc(1, sizeof *content);
    size_t i = 0;
    while (i < KINDS && strcmp(names[i], kind) != 0) {
        i++;
    }
    if (content == NULL || i == KINDS) {
        fprintf(stderr, "no content is called %s\n", kind);
        free(content);
        return NULL;
    }
    content->kind = (enum kind)i;
    content->width = width;
    content->height = height;
    bool ready = content->kind == VIDEO || draw_pages(content);
    ready = ready && (!is_video(content->kind) || map_video(content, file));
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
    for (size_t i = 0; i < CK_CONTENT_SCENES; i++) {
        ck_content_close(&(*content)->scenes[i]);
    }
    free((*content)->pixels);
    if ((*content)->video != NULL) {
        munmap((*content)->video, (*content)->video_size);
    }
    free(*content);
    *content = NULL;
}

/* Pictures of the screen for which a slide or a page stays; 0: for ever. */
static uint32_t stay_of(const ck_content *content)
{
    static const uint32_t stays[KINDS] = {
        0, 3 * CK_CONTENT_FPS, 5 * CK_CONTENT_FPS, LETTER_PICTURES, 1, TERMINAL_STAY, 1, 1};
    return stays[content->kind];
}

uint32_t ck_content_number(const ck_content *content, uint32_t at)
{
    if (content->scenes[0] != NULL) {
        const segment *s = segment_of(content, at);
        return s->begin + ck_content_number(content->scenes[s->scene], at - s->begin);
    }
    uint32_t stay = stay_of(content);
    return stay == 0 ? 0 : at / stay * stay;
}

uint32_t ck_content_stays(const ck_content *content, uint32_t number)
{
    if (content->scenes[0] != NULL) {
        const segment *s = segment_of(content, number);
        bool last = s + 1 == content->segments + SEGMENTS;
        uint32_t left = last ? UINT32_MAX : s[1].begin - number;
        return CK_MIN(left, ck_content_stays(content->scenes[s->scene], number - s->begin));
    }
    uint32_t stay = stay_of(content);
    return stay == 0 ? UINT32_MAX : stay;
}

static size_t slide_of(const ck_content *content, uint32_t number)
{
    bool moves = content->kind == SLIDES || content->kind == SLOW_SLIDES;
    return moves ? number / stay_of(content) % PAGES : 0;
}

void ck_content_draw(ck_content *content, uint32_t number, uint32_t *pixels)
{
    if (content->scenes[0] != NULL) {
        const segment *s = segment_of(content, number);
        ck_content_draw(content->scenes[s->scene], number - s->begin, pixels);
        draw_mark(content, number, pixels);
        return;
    }
    switch (content->kind) {
    case SCROLL:
        draw_scrolled(content, (size_t)number * SCROLL_STEP, pixels);
        break;
    case TERMINAL:
        draw_scrolled(content, (size_t)(number / TERMINAL_STAY) * TERMINAL_STEP, pixels);
        break;
    case TYPING:
        draw_typing(content, number, pixels);
        break;
    case VIDEO:
        draw_video(content, number, pixels);
        break;
    default:
        memcpy(pixels, content->pixels + slide_of(content, number) * page_pixels(content),
               page_pixels(content) * sizeof *pixels);
        if (content->kind == QUARTER) {
            draw_video(content, number, pixels);
        }
        break;
    }
    draw_mark(content, number, pixels);
}

size_t ck_content_changes(const ck_content *content, uint32_t number,
                          chalk_rect parts[CK_CONTENT_PARTS])
{
    if (content->scenes[0] != NULL) {
        const segment *s = segment_of(content, number);
        return ck_content_changes(content->scenes[s->scene], number - s->begin, parts);
    }
    parts[0] = (chalk_rect){0, 0, content->width, content->height};
    bool letter = content->kind == TYPING && letter_count(number) > 0;
    if (number == 0 || (!letter && content->kind != QUARTER)) {
        return 1;
    }
    parts[0] = (chalk_rect){0, 0, MARK_SIDE * MARK_BITS, MARK_SIDE};
    parts[1] = letter ? letter_place(content, number) : video_place(content);
    return 2;
}

chalk_rect ck_content_text(const ck_content *content)
{
    double k = scale_of(content);
    /* Slides have it at the left, documents all over the width. */
    bool lesson = content->scenes[0] != NULL; /* what all its scenes have in common */
    double bottom = lesson ? 300 : content->kind == QUARTER ? 350 : 640;
    double right = is_document(content) && !lesson ? 1180 : 780;
    chalk_rect text = {(int32_t)(k * 80), (int32_t)(k * 60), (int32_t)(k * (right - 80)),
                       (int32_t)(k * (bottom - 60))};
    return content->kind == VIDEO ? (chalk_rect){0, 0, content->width, content->height} : text;
}
