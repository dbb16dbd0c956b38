#include "board/dialog.h"

#include <math.h>
#include <string.h>

#define WIDE   520
#define HIGH   168
#define BUTTON 104

static const char *const titles[] = {
    [DIALOG_OPEN] = "Open a board",
    [DIALOG_SAVE] = "Save the board as",
    [DIALOG_EXPORT] = "Export this page as .png or .svg, or all pages as .pdf",
    [DIALOG_IMAGE] = "Put a picture (PNG, JPEG, WebP), or the pages of a PDF",
    [DIALOG_QUIT] = "Save what was drawn before the window closes?",
};
static const char *const verbs[] = {
    [DIALOG_OPEN] = "Open", [DIALOG_SAVE] = "Save", [DIALOG_EXPORT] = "Export",
    [DIALOG_IMAGE] = "Put", [DIALOG_QUIT] = "Save",
};

void dialog_begin(dialog *d, enum dialog_purpose purpose, const char *text)
{
    *d = (dialog){.purpose = purpose, .proposed = text[0] != '\0'};
    SDL_utf8strlcpy(d->text, text, sizeof d->text);
}

bool dialog_is_typing(const dialog *d)
{
    return d->purpose != DIALOG_NONE && d->purpose != DIALOG_QUIT;
}

/* The first change of a proposal takes it away; of any text, what was asked of it. */
static void begin_change(dialog *d)
{
    if (d->proposed) {
        d->text[0] = '\0';
    }
    d->proposed = false;
    d->replaces = false;
}

void dialog_type(dialog *d, const char *text)
{
    begin_change(d);
    size_t used = strlen(d->text);
    if (strlen(text) < sizeof d->text - used) {
        memcpy(d->text + used, text, strlen(text) + 1);
    }
}

static void erase(dialog *d)
{
    begin_change(d);
    size_t size = strlen(d->text);
    while (size > 0 && (d->text[--size] & 0xc0) == 0x80) {
    }
    d->text[size] = '\0';
}

enum dialog_answer dialog_key(dialog *d, const SDL_Keysym *key)
{
    bool asks = d->purpose == DIALOG_QUIT;
    switch (key->sym) {
    case SDLK_RETURN:
    case SDLK_KP_ENTER:
        return asks || d->text[0] != '\0' ? DIALOG_YES : DIALOG_WAITS;
    case SDLK_ESCAPE:
        return DIALOG_CANCEL;
    case SDLK_BACKSPACE:
        erase(d);
        return DIALOG_WAITS;
    case SDLK_RIGHT:
    case SDLK_END:
        d->proposed = false; /* as in any field: it stays, to be gone on with */
        return DIALOG_WAITS;
    case SDLK_s:
        return asks ? DIALOG_YES : DIALOG_WAITS;
    case SDLK_d:
        return asks ? DIALOG_NO : DIALOG_WAITS;
    case SDLK_v:
        if (!asks && (key->mod & (KMOD_CTRL | KMOD_GUI)) != 0) {
            char *pasted = SDL_GetClipboardText();
            dialog_type(d, pasted != NULL ? pasted : "");
            SDL_free(pasted);
        }
        return DIALOG_WAITS;
    default:
        return DIALOG_WAITS;
    }
}

enum dialog_answer dialog_press(const dialog *d, double x, double y)
{
    return ui_inside(&d->yes, x, y)                               ? DIALOG_YES
           : d->purpose == DIALOG_QUIT && ui_inside(&d->no, x, y) ? DIALOG_NO
           : ui_inside(&d->cancel, x, y)                          ? DIALOG_CANCEL
                                                                  : DIALOG_WAITS;
}

static void paint_button(cairo_t *c, const ui_rect *at, double s, bool main, const char *words)
{
    ui_fill(c, *at, 6 * s, main ? UI_ACCENT : UI_WHITE);
    if (!main) {
        ui_frame(c, *at, 6 * s, s, UI_EDGE);
    }
    ui_text(c, *at, UI_TEXT * s, main, main ? UI_WHITE : UI_INK, UI_CENTRE, words);
}

static void paint_field(const dialog *d, cairo_t *c, const ui_rect *at, double s)
{
    double wide = fmin(ui_text_width(c, UI_TEXT * s, false, d->text), at->w - 20 * s);
    ui_fill(c, *at, 4 * s, UI_WHITE);
    ui_frame(c, *at, 4 * s, 1.5 * s, UI_ACCENT);
    cairo_save(c);
    ui_round(c, *at, 4 * s);
    cairo_clip(c);
    /* The end of a long name is what is typed, so that is what is seen. */
    double all = ui_text_width(c, UI_TEXT * s, false, d->text);
    const ui_rect text = {at->x + 10 * s - (all - wide), at->y, all + s, at->h};
    if (d->proposed) {
        ui_fill(c, (ui_rect){text.x - 2 * s, at->y + 8 * s, all + 4 * s, at->h - 16 * s}, 2 * s,
                UI_GLOW);
    }
    ui_text(c, text, UI_TEXT * s, false, UI_INK, UI_LEFT, d->text);
    ui_colour(c, UI_INK, 1.0);
    cairo_rectangle(c, at->x + 11 * s + wide, at->y + 8 * s, fmax(1, s), at->h - 16 * s);
    cairo_fill(c);
    cairo_restore(c);
}

void dialog_paint(dialog *d, cairo_t *c, const ui_rect *area, double s)
{
    double wide = fmin(WIDE * s, area->w - 20 * s), high = HIGH * s;
    const ui_rect box = {round(area->x + (area->w - wide) / 2),
                         round(area->y + (area->h - high) / 3), wide, high};
    ui_colour(c, UI_INK, 0.25);
    cairo_rectangle(c, area->x, area->y, area->w, area->h);
    cairo_fill(c);
    ui_fill(c, box, 10 * s, UI_BAR);
    ui_frame(c, box, 10 * s, s, UI_EDGE);
    ui_text(c, (ui_rect){box.x + 20 * s, box.y + 16 * s, wide - 40 * s, 24 * s}, 15 * s, true,
            UI_INK, UI_LEFT, titles[d->purpose]);
    if (dialog_is_typing(d)) {
        const ui_rect field = {box.x + 20 * s, box.y + 54 * s, wide - 40 * s, 36 * s};
        paint_field(d, c, &field, s);
        if (d->replaces) {
            ui_text(c, (ui_rect){box.x + 20 * s, box.y + high - 52 * s, 220 * s, 34 * s},
                    UI_TEXT * s, false, UI_INK, UI_LEFT, "It is there already. Replace it?");
        }
    } else {
        ui_text(c, (ui_rect){box.x + 20 * s, box.y + 54 * s, wide - 40 * s, 36 * s}, UI_TEXT * s,
                false, UI_FAINT, UI_LEFT, "Enter or S saves, D does not, Escape goes on drawing.");
    }
    double y = box.y + high - 52 * s, step = (BUTTON + 10) * s, x = box.x + wide - 20 * s;
    d->yes = (ui_rect){x - BUTTON * s, y, BUTTON * s, 34 * s};
    d->no = (ui_rect){x - step - BUTTON * s, y, BUTTON * s, 34 * s};
    d->cancel =
        dialog_is_typing(d) ? d->no : (ui_rect){x - 2 * step - BUTTON * s, y, BUTTON * s, 34 * s};
    paint_button(c, &d->yes, s, true, d->replaces ? "Replace" : verbs[d->purpose]);
    paint_button(c, &d->cancel, s, false, "Cancel");
    if (!dialog_is_typing(d)) {
        paint_button(c, &d->no, s, false, "Do not save");
    }
}
