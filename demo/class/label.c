#include "class/label.h"

#include "class/text.h"

#define PADDING 10
#define OPACITY 215

void label_init(label *l, int size)
{
    *l = (label){.size = size};
}

static void forget(label *l)
{
    SDL_DestroyTexture(l->texture);
    l->texture = NULL;
}

void label_free(label *l)
{
    if (l->texture != NULL) {
        forget(l);
    }
}

bool label_set(label *l, const char *text)
{
    if (SDL_strcmp(l->text, text) == 0) {
        return false;
    }
    SDL_utf8strlcpy(l->text, text, sizeof l->text);
    label_free(l);
    return true;
}

static cairo_surface_t *draw_panel(const label *l)
{
    const text_style style = {"Sans", l->size, 0.95, 0.95, 0.95};
    cairo_surface_t *probe = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    cairo_t *c = cairo_create(probe);
    double width = 0, height = 0;
    text_measure(c, &style, l->text, &width, &height);
    cairo_destroy(c);
    cairo_surface_destroy(probe);

    cairo_surface_t *panel = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)width + 2 * PADDING, (int)height + 2 * PADDING);
    c = cairo_create(panel);
    cairo_set_source_rgb(c, 0.08, 0.09, 0.11);
    cairo_paint(c);
    text_draw(c, &style, PADDING, PADDING, l->text);
    cairo_destroy(c);
    cairo_surface_flush(panel);
    return panel;
}

static void make_texture(label *l, SDL_Renderer *renderer)
{
    cairo_surface_t *panel = draw_panel(l);
    if (cairo_surface_status(panel) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(panel);
        return; /* no memory: nothing is shown this time */
    }
    l->width = cairo_image_surface_get_width(panel);
    l->height = cairo_image_surface_get_height(panel);
    l->texture = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STATIC,
                                   l->width, l->height);
    if (l->texture != NULL) {
        SDL_UpdateTexture(l->texture, NULL, cairo_image_surface_get_data(panel),
                          cairo_image_surface_get_stride(panel));
        SDL_SetTextureBlendMode(l->texture, SDL_BLENDMODE_BLEND);
        SDL_SetTextureAlphaMod(l->texture, OPACITY);
    }
    cairo_surface_destroy(panel);
}

void label_draw(label *l, SDL_Renderer *renderer, int x, int y, bool centred)
{
    if (l->text[0] == '\0') {
        return;
    }
    if (l->texture == NULL) {
        make_texture(l, renderer);
    }
    if (l->texture == NULL) {
        return;
    }
    const SDL_Rect place = {centred ? x - l->width / 2 : x, centred ? y - l->height / 2 : y,
                            l->width, l->height};
    SDL_RenderCopy(renderer, l->texture, NULL, &place);
}
