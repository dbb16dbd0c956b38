/*
 * Where the buttons are. All sizes are px at scale 1, and come out as whole pixels. In a small
 * window they stand closer, so that all are there in the smallest.
 */
#include "board/chrome.h"

#include <math.h>

#define TOP     48
#define LEFT    104
#define RIGHT   164
#define BOTTOM  30
#define BUTTON  40
#define NARROW  28 /* of the top, in the smallest window */
#define FLAT    32 /* of the left */
#define LEAST_W 640
#define LEAST_H 480
#define ZOOM    60
#define GAP     4
#define TOP_GAP 2
#define MARGIN  10
#define SECTION 12
#define COLOUR  26
#define THUMB_W 132
#define THUMB_H 74

typedef struct top_button {
    enum board_command command; /* NONE: a gap between groups */
    enum ui_icon icon;
} top_button;

static const top_button from_left[] = {
    {COMMAND_OPEN, ICON_OPEN},   {COMMAND_SAVE, ICON_SAVE},    {COMMAND_EXPORT, ICON_EXPORT},
    {COMMAND_NONE, ICON_COUNT},  {COMMAND_UNDO, ICON_UNDO},    {COMMAND_REDO, ICON_REDO},
    {COMMAND_NONE, ICON_COUNT},  {COMMAND_DELETE, ICON_TRASH}, {COMMAND_DUPLICATE, ICON_COPY},
    {COMMAND_FRONT, ICON_FRONT}, {COMMAND_BACK, ICON_BACK},    {COMMAND_NONE, ICON_COUNT},
    {COMMAND_IMAGE, ICON_IMAGE}, {COMMAND_CLEAR, ICON_CLEAR},  {COMMAND_NONE, ICON_COUNT},
};
static const top_button from_right[] = {
    {COMMAND_HELP, ICON_HELP},    {COMMAND_NONE, ICON_COUNT},     {COMMAND_FOLLOW, ICON_FOLLOW},
    {COMMAND_LEAD, ICON_LEAD},    {COMMAND_NONE, ICON_COUNT},     {COMMAND_FIT, ICON_FIT},
    {COMMAND_ZOOM_IN, ICON_PLUS}, {COMMAND_ZOOM_ONE, ICON_COUNT}, {COMMAND_ZOOM_OUT, ICON_MINUS},
};
#define COUNT_OF(a) ((int)(sizeof(a) / sizeof *(a)))

static void add(chrome *c, double x, double y, double w, double h, enum chrome_kind kind,
                enum board_command command, enum ui_icon icon)
{
    double s = c->scale;
    const ui_rect at = {round(x * s), round(y * s), round(w * s), round(h * s)};
    c->buttons[c->count++] = (chrome_button){at, kind, command, icon};
}

/* Between what it is with room enough, and in the smallest window. */
static double between(double full, double least, double tight)
{
    return full + (least - full) * tight;
}

/* 0: all has its full size from `enough` on; 1: it is as small as it gets. */
static double tightness(double size, double enough, double least)
{
    return fmin(fmax((enough - size) / (enough - least), 0), 1);
}

static double top_wide(const top_button *b, double tight)
{
    return b->command == COMMAND_NONE ? between(SECTION, TOP_GAP, tight)
           : b->icon == ICON_COUNT    ? between(ZOOM, ZOOM - 8, tight)
                                      : between(BUTTON, NARROW, tight);
}

static double add_top(chrome *c, const top_button *b, double x, double tight)
{
    double wide = top_wide(b, tight), y = (TOP - BUTTON) / 2.0;
    if (b->command != COMMAND_NONE) {
        bool words = b->icon == ICON_COUNT;
        add(c, x, y, wide, BUTTON, words ? CHROME_ZOOM : CHROME_ICON, b->command, b->icon);
        wide += TOP_GAP;
    }
    return wide;
}

static void lay_top(chrome *c, double wide)
{
    double tight = tightness(wide, 880, LEAST_W), x = MARGIN, right = wide - MARGIN;
    for (int i = 0; i < COUNT_OF(from_left); i++) {
        x += add_top(c, &from_left[i], x, tight);
    }
    for (int i = 0; i < COUNT_OF(from_right); i++) {
        right -= top_wide(&from_right[i], tight);
        if (right < x) {
            return; /* narrower than a window can be, or of very large tools: keys do the rest */
        }
        (void)add_top(c, &from_right[i], right, tight);
        right -= TOP_GAP;
    }
}

static void lay_left(chrome *c, double high)
{
    double tight = tightness(high - TOP - BOTTOM, 512, LEAST_H - TOP - BOTTOM);
    double tool = between(BUTTON, FLAT, tight), gap = between(GAP, 2, tight);
    double section = between(SECTION, 6, tight), line = between(28, 24, tight);
    double y = TOP + between(MARGIN, 4, tight);
    for (int i = 0; i < TOOL_COUNT; i++) {
        double x = MARGIN + (i % 2) * (BUTTON + GAP);
        add(c, x, y, BUTTON, tool, CHROME_ICON, (enum board_command)(COMMAND_TOOL + i),
            (enum ui_icon)(ICON_SELECT + i));
        y += i % 2 == 1 ? tool + gap : 0;
    }
    y += section;
    for (int i = 0; i < BOARD_COLOURS; i++) {
        add(c, MARGIN + (i % 3) * (COLOUR + 3), y, COLOUR, COLOUR, CHROME_COLOUR,
            (enum board_command)(COMMAND_COLOUR + i), ICON_COUNT);
        y += i % 3 == 2 ? COLOUR + 3 : 0;
    }
    y += section;
    for (int i = 0; i < BOARD_WIDTHS; i++) {
        add(c, MARGIN + (i % 2) * (BUTTON + GAP), y, BUTTON, line, CHROME_WIDTH,
            (enum board_command)(COMMAND_WIDTH + i), ICON_COUNT);
        y += i % 2 == 1 ? line + gap : 0;
    }
    y += section;
    add(c, MARGIN, y, BUTTON, tool, CHROME_ICON, COMMAND_FILL, ICON_FILL);
    add(c, MARGIN + BUTTON + GAP, y, BUTTON, tool, CHROME_ICON, COMMAND_GROUND, ICON_GROUND);
}

static void lay_right(chrome *c, double wide, double high)
{
    double y = high - BOTTOM - MARGIN - BUTTON, x = wide - RIGHT + MARGIN + 6;
    add(c, x, y, BUTTON, BUTTON, CHROME_ICON, COMMAND_PAGE_ADD, ICON_PLUS);
    add(c, x + THUMB_W - BUTTON, y, BUTTON, BUTTON, CHROME_ICON, COMMAND_PAGE_REMOVE, ICON_TRASH);
}

void chrome_layout(chrome *c, int wide, int high, double scale)
{
    double scrolled = c->scrolled;
    double w = wide / scale, h = high / scale;
    *c = (chrome){.scale = scale, .scrolled = scrolled};
    double top = round(TOP * scale), left = round(LEFT * scale), right = round(RIGHT * scale);
    double bottom = round(BOTTOM * scale);
    c->top = (ui_rect){0, 0, wide, top};
    c->left = (ui_rect){0, top, left, high - top - bottom};
    c->right = (ui_rect){wide - right, top, right, high - top - bottom};
    c->bottom = (ui_rect){0, high - bottom, wide, bottom};
    c->board = (ui_rect){left, top, fmax(wide - left - right, 1), fmax(high - top - bottom, 1)};
    c->thumb_wide = round(THUMB_W * scale);
    c->thumb_high = round(THUMB_H * scale);
    c->thumb_step = c->thumb_high + round(26 * scale);
    c->pages =
        (ui_rect){c->right.x, c->right.y + MARGIN * scale, right,
                  fmax(c->right.h - (2 * MARGIN + BUTTON + GAP) * scale - MARGIN * scale, 0)};
    lay_top(c, w);
    lay_left(c, h);
    lay_right(c, w, h);
}

const chrome_button *chrome_find(const chrome *c, double x, double y)
{
    for (int i = 0; i < c->count; i++) {
        if (ui_inside(&c->buttons[i].at, x, y)) {
            return &c->buttons[i];
        }
    }
    return NULL;
}

int chrome_page_at(const chrome *c, const board_state *state, double x, double y)
{
    if (!ui_inside(&c->pages, x, y)) {
        return -1;
    }
    int index = (int)floor((y - c->pages.y + c->scrolled) / c->thumb_step);
    return index >= 0 && index < (int)state->pages ? index : -1;
}

static void keep_inside(chrome *c, const board_state *state)
{
    double most = fmax(state->pages * c->thumb_step - c->pages.h, 0);
    c->scrolled = fmin(fmax(c->scrolled, 0), most);
}

void chrome_scroll(chrome *c, const board_state *state, double notches)
{
    c->scrolled -= notches * c->thumb_step / 2;
    keep_inside(c, state);
}

void chrome_show_page(chrome *c, const board_state *state)
{
    double top = state->page_index * c->thumb_step;
    c->scrolled = fmin(c->scrolled, top);
    c->scrolled = fmax(c->scrolled, top + c->thumb_step - c->pages.h);
    keep_inside(c, state);
}
