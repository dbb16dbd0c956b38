#include "sim/plot.h"

#include "base/check.h"

#include <stdio.h>

#define WIDTH  1000u
#define LEFT   100u
#define HEIGHT 180u
#define GAP    50u
#define TOP    50u
#define PANELS 3u
#define TICK_S 5u

typedef struct curve {
    const char *name;
    const char *colour;
    uint32_t (*value)(const ck_lesson_sample *sample);
} curve;

static uint32_t delay_of(const ck_lesson_sample *s)
{
    return s->delay_ms;
}

static uint32_t target_of(const ck_lesson_sample *s)
{
    return s->target_ms;
}

static uint32_t buffered_of(const ck_lesson_sample *s)
{
    return s->buffered_ms;
}

static uint32_t rate_of(const ck_lesson_sample *s)
{
    return s->kbps;
}

static const struct {
    const char *unit;
    curve curves[2];
} panels[PANELS] = {
    {"ms",
     {{"end to end delay", "#1f77b4", delay_of}, {"target of playout", "#ff7f0e", target_of}}},
    {"ms", {{"buffered", "#2ca02c", buffered_of}, {NULL, NULL, NULL}}},
    {"kbit/s", {{"received", "#9467bd", rate_of}, {NULL, NULL, NULL}}},
};

static uint32_t most_of(const ck_lesson_report *r, size_t panel)
{
    uint32_t most = 10;
    for (size_t c = 0; c < CK_COUNT_OF(panels[panel].curves); c++) {
        const curve *line = &panels[panel].curves[c];
        for (size_t i = 0; line->name != NULL && i < r->sample_count; i++) {
            most = CK_MAX(most, line->value(&r->samples[i]));
        }
    }
    return most;
}

static size_t x_of(const ck_lesson_report *r, size_t i)
{
    return LEFT + i * (WIDTH - LEFT - 20) / CK_MAX(r->sample_count, 1);
}

static void draw_freezes(FILE *f, const ck_lesson_report *r, size_t top)
{
    for (size_t i = 0; i < r->sample_count; i++) {
        size_t stood = CK_MIN((r->samples[i].stood_ms * 1000u) / CK_LESSON_EVERY_US, i);
        if (r->samples[i].stood_ms > 0) {
            fprintf(f, "<rect x='%zu' y='%zu' width='%zu' height='%u' fill='#ddd'/>\n",
                    x_of(r, i - stood), top, CK_MAX(x_of(r, i) - x_of(r, i - stood), 1), HEIGHT);
        }
    }
    for (size_t i = 0; i < r->sample_count; i++) {
        if (r->samples[i].frozen) {
            fprintf(f, "<rect x='%zu' y='%zu' width='%zu' height='%u' fill='#fdd'/>\n", x_of(r, i),
                    top, CK_MAX(x_of(r, i + 1) - x_of(r, i), 1), HEIGHT);
        }
    }
}

static void draw_curve(FILE *f, const ck_lesson_report *r, const curve *c, uint32_t most,
                       size_t top)
{
    fprintf(f, "<polyline fill='none' stroke='%s' points='", c->colour);
    for (size_t i = 0; i < r->sample_count; i++) {
        fprintf(f, "%zu,%zu ", x_of(r, i),
                top + HEIGHT - (size_t)c->value(&r->samples[i]) * HEIGHT / most);
    }
    fputs("'/>\n", f);
}

static void draw_panel(FILE *f, const ck_lesson_report *r, size_t panel)
{
    size_t top = TOP + panel * (HEIGHT + GAP);
    uint32_t most = most_of(r, panel);
    draw_freezes(f, r, top);
    fprintf(f,
            "<rect x='%u' y='%zu' width='%u' height='%u' fill='none' stroke='#888'/>\n"
            "<text x='%u' y='%zu' text-anchor='end'>%u %s</text>\n"
            "<text x='%u' y='%zu' text-anchor='end'>0</text>\n",
            LEFT, top, WIDTH - LEFT - 20, HEIGHT, LEFT - 6, top + 12, most, panels[panel].unit,
            LEFT - 6, top + HEIGHT);
    for (size_t c = 0; c < CK_COUNT_OF(panels[panel].curves); c++) {
        const curve *line = &panels[panel].curves[c];
        if (line->name != NULL) {
            draw_curve(f, r, line, most, top);
            fprintf(f, "<text x='%zu' y='%zu' fill='%s'>%s</text>\n", LEFT + 10 + c * 200, top - 6,
                    line->colour, line->name);
        }
    }
}

static void draw_seconds(FILE *f, const ck_lesson_report *r)
{
    const size_t a_tick = TICK_S * 1000000 / CK_LESSON_EVERY_US;
    for (size_t i = 0; i <= r->sample_count; i += a_tick) {
        fprintf(f, "<text x='%zu' y='%u' text-anchor='middle'>%zu s</text>\n", x_of(r, i),
                TOP + PANELS * (HEIGHT + GAP) - GAP + 18, i / a_tick * TICK_S);
    }
}

bool ck_plot_write(const char *path, const char *title, const ck_lesson_report *r)
{
    FILE *f = fopen(path, "w");
    if (f == NULL) {
        return false;
    }
    unsigned height = TOP + PANELS * (HEIGHT + GAP);
    fprintf(f,
            "<svg xmlns='http://www.w3.org/2000/svg' width='%u' height='%u' "
            "font-family='DejaVu Sans, sans-serif' font-size='12'>\n"
            "<rect width='%u' height='%u' fill='#fff'/>\n<text x='%u' y='20'>%s, %zu s; red: sound "
            "not as received; grey: the picture stands</text>\n",
            WIDTH, height, WIDTH, height, LEFT, title,
            r->sample_count * CK_LESSON_EVERY_US / 1000000);
    for (size_t panel = 0; panel < PANELS; panel++) {
        draw_panel(f, r, panel);
    }
    draw_seconds(f, r);
    fputs("</svg>\n", f);
    bool written = ferror(f) == 0;
    return fclose(f) == 0 && written;
}
