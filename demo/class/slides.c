#include "class/slides.h"

#include "class/marks.h"
#include "class/text.h"

#include <math.h>

/* Slides are laid out on a page of this size and scaled to the window. */
#define PAGE_WIDTH  1280.0
#define PAGE_HEIGHT 720.0
#define MARGIN      80.0
#define BULLETS_MAX 5

enum slide_figure { FIGURE_NONE = 1, FIGURE_TITLE, FIGURE_LINES, FIGURE_BARS };

typedef struct slide {
    enum slide_figure figure;
    const char *title;
    const char *chinese; /* shown where a font has it */
    const char *bullets[BULLETS_MAX];
} slide;

static const slide deck[] = {
    {FIGURE_TITLE,
     "Lines and slopes",
     "直线与斜率",
     {"Mathematics, grade 8", "Lesson 12 with Ms Li"}},
    {FIGURE_NONE,
     "What is a slope?",
     "什么是斜率？",
     {"How far a line climbs for each step to the right", "slope = rise ÷ run",
      "Upwards: positive. Downwards: negative", "A level line has slope 0",
      "An upright line has none: the run is 0"}},
    {FIGURE_LINES,
     "Same start, other slopes",
     "同一起点，不同斜率",
     {"y = 2x + 1 climbs two", "y = x + 1 climbs one", "y = 1 − x / 2 falls",
      "All of them pass (0, 1)"}},
    {FIGURE_BARS,
     "Who guessed which slope?",
     "你们的答案",
     {"Question 3 of last week", "2 is right: from (1, 3) to (4, 9)", "3 comes from run ÷ rise",
      "Now try (2, 1) to (6, 9)"}},
    {FIGURE_NONE,
     "Homework",
     "作业",
     {"Page 64, exercises 1 to 5", "Draw the line through (0, 2) and (3, 8)",
      "Find a slope in your street: stairs, a ramp, a roof", "Bring a photo on Thursday"}},
};

#define DECK (sizeof deck / sizeof deck[0])

static const text_style title_style = {"Sans Bold", 52, 0.09, 0.20, 0.36};
static const text_style bullet_style = {"Sans", 32, 0.13, 0.13, 0.16};
static const text_style label_style = {"Sans", 22, 0.35, 0.35, 0.40};
static const text_style chinese_style = {"Sans", 34, 0.55, 0.27, 0.07};

size_t slides_count(void)
{
    return DECK;
}

static void rectangle(cairo_t *c, double x, double y, double width, double height, double red,
                      double green, double blue)
{
    cairo_set_source_rgb(c, red, green, blue);
    cairo_rectangle(c, x, y, width, height);
    cairo_fill(c);
}

static void line(cairo_t *c, double x0, double y0, double x1, double y1)
{
    cairo_move_to(c, x0, y0);
    cairo_line_to(c, x1, y1);
    cairo_stroke(c);
}

/* --- figures --------------------------------------------------------------------------------- */

#define CHART_LEFT   720.0
#define CHART_TOP    200.0
#define CHART_WIDTH  480.0
#define CHART_HEIGHT 380.0

/* Units 0..8 to the right, -2..6 upwards. */
static double chart_x(double x)
{
    return CHART_LEFT + x * CHART_WIDTH / 8;
}

static double chart_y(double y)
{
    return CHART_TOP + (6 - y) * CHART_HEIGHT / 8;
}

static void draw_grid(cairo_t *c)
{
    cairo_set_line_width(c, 1);
    cairo_set_source_rgb(c, 0.84, 0.86, 0.89);
    for (int i = 0; i <= 8; i++) {
        line(c, chart_x(i), chart_y(-2), chart_x(i), chart_y(6));
        line(c, chart_x(0), chart_y(i - 2), chart_x(8), chart_y(i - 2));
    }
    cairo_set_line_width(c, 3);
    cairo_set_source_rgb(c, 0.25, 0.25, 0.30);
    line(c, chart_x(0), chart_y(0), chart_x(8), chart_y(0));
    line(c, chart_x(0), chart_y(-2), chart_x(0), chart_y(6));
    text_draw(c, &label_style, chart_x(8) - 16, chart_y(0) + 6, "x");
    text_draw(c, &label_style, chart_x(0) - 26, chart_y(6) - 6, "y");
}

static void draw_line_chart(cairo_t *c)
{
    draw_grid(c);
    cairo_set_line_width(c, 5);
    cairo_set_source_rgb(c, 0.80, 0.18, 0.18);
    line(c, chart_x(0), chart_y(1), chart_x(2.5), chart_y(6));
    cairo_set_source_rgb(c, 0.13, 0.45, 0.75);
    line(c, chart_x(0), chart_y(1), chart_x(5), chart_y(6));
    cairo_set_source_rgb(c, 0.16, 0.55, 0.25);
    line(c, chart_x(0), chart_y(1), chart_x(6), chart_y(-2));
    cairo_set_source_rgb(c, 0.25, 0.25, 0.30);
    cairo_arc(c, chart_x(0), chart_y(1), 8, 0, 2 * acos(-1));
    cairo_fill(c);
}

static void draw_bar_chart(cairo_t *c)
{
    static const double counts[] = {3, 14, 6, 2};
    static const char *const answers[] = {"1", "2", "3", "6"};
    static const char *const numbers[] = {"3", "14", "6", "2"};
    double slot = CHART_WIDTH / 4;
    for (int i = 0; i < 4; i++) {
        double height = counts[i] * CHART_HEIGHT / 15;
        double x = CHART_LEFT + slot * i + slot / 5;
        double y = CHART_TOP + CHART_HEIGHT - height;
        bool right = i == 1;
        rectangle(c, x, y, slot * 3 / 5, height, right ? 0.16 : 0.62, right ? 0.55 : 0.68,
                  right ? 0.25 : 0.76);
        text_draw(c, &label_style, x + slot / 4, y - 32, numbers[i]);
        text_draw(c, &label_style, x + slot / 4, CHART_TOP + CHART_HEIGHT + 10, answers[i]);
    }
    cairo_set_line_width(c, 3);
    cairo_set_source_rgb(c, 0.25, 0.25, 0.30);
    line(c, CHART_LEFT, CHART_TOP + CHART_HEIGHT, CHART_LEFT + CHART_WIDTH,
         CHART_TOP + CHART_HEIGHT);
}

/* --- pages ----------------------------------------------------------------------------------- */

static double bullet_top(size_t index)
{
    return 200 + 76 * (double)index;
}

static void draw_bullets(cairo_t *c, const slide *s)
{
    for (size_t i = 0; i < BULLETS_MAX && s->bullets[i] != NULL; i++) {
        cairo_set_source_rgb(c, 0.80, 0.45, 0.10);
        cairo_arc(c, MARGIN + 10, bullet_top(i) + 22, 8, 0, 2 * acos(-1));
        cairo_fill(c);
        text_draw(c, &bullet_style, MARGIN + 40, bullet_top(i), s->bullets[i]);
    }
}

static void draw_chinese(cairo_t *c, const slide *s, double x, double y)
{
    if (text_can_show(c, s->chinese)) {
        text_draw(c, &chinese_style, x, y, s->chinese);
    }
}

static void draw_title_page(cairo_t *c, const slide *s)
{
    static const text_style large = {"Sans Bold", 84, 1, 1, 1};
    static const text_style small = {"Sans", 34, 0.80, 0.87, 0.95};
    rectangle(c, 0, 0, PAGE_WIDTH, PAGE_HEIGHT, 0.09, 0.20, 0.36);
    rectangle(c, MARGIN, 390, 220, 8, 0.95, 0.62, 0.18);
    text_draw(c, &large, MARGIN, 180, s->title);
    draw_chinese(c, s, MARGIN, 305);
    text_draw(c, &small, MARGIN, 430, s->bullets[0]);
    text_draw(c, &small, MARGIN, 484, s->bullets[1]);
}

static void draw_page(cairo_t *c, const slide *s)
{
    rectangle(c, 0, 0, PAGE_WIDTH, PAGE_HEIGHT, 0.99, 0.99, 0.97);
    rectangle(c, 0, 0, 24, PAGE_HEIGHT, 0.09, 0.20, 0.36);
    text_draw(c, &title_style, MARGIN, 60, s->title);
    double width = 0, height = 0;
    text_measure(c, &title_style, s->title, &width, &height);
    draw_chinese(c, s, MARGIN + width + 40, 76);
    rectangle(c, MARGIN, 150, PAGE_WIDTH - 2 * MARGIN, 3, 0.95, 0.62, 0.18);
    draw_bullets(c, s);
    if (s->figure == FIGURE_LINES) {
        draw_line_chart(c);
    } else if (s->figure == FIGURE_BARS) {
        draw_bar_chart(c);
    }
}

void slides_draw(cairo_t *c, int32_t width, int32_t height, size_t index)
{
    const slide *s = &deck[index % DECK];
    cairo_save(c);
    cairo_scale(c, width / PAGE_WIDTH, height / PAGE_HEIGHT);
    if (s->figure == FIGURE_TITLE) {
        draw_title_page(c, s);
    } else {
        draw_page(c, s);
    }
    cairo_restore(c);
    int32_t strip = MARKS_STRIP_BLOCK * marks_block(width);
    rectangle(c, 0, height - strip, width, strip, 0.10, 0.11, 0.13);
}

/* Rests at one bullet after the other and glides from each to the next. */
void slides_pointer(size_t index, double part, int32_t width, int32_t height, int32_t *x,
                    int32_t *y)
{
    const slide *s = &deck[index % DECK];
    size_t stops = 0;
    while (stops < BULLETS_MAX && s->bullets[stops] != NULL) {
        stops++;
    }
    double place = part * (double)stops;
    double from = floor(place);
    double glide = (place - from) * 3; /* the first third of a stop's time is the way to it */
    double at = glide < 1 ? from - 1 + glide : from;
    double row = at < 0 ? 0 : at;
    bool title = s->figure == FIGURE_TITLE;
    double page_x = title ? 460 + 30 * row : 470 + 24 * sin(row * 2);
    double page_y = title ? 450 + 54 * row : 216 + 76 * row;
    *x = (int32_t)(page_x * width / PAGE_WIDTH);
    *y = (int32_t)(page_y * height / PAGE_HEIGHT);
}
