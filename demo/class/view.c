#include "class/view.h"

#include "chalkrail/event.h"
#include "class/label.h"

#define TEXT_SIZE    18
#define MESSAGE_SIZE 28
#define FIGURES_AT   12 /* pixels from the corner */

struct view {
    SDL_Window *window;
    SDL_Renderer *renderer;
    SDL_Texture *picture;
    const pointer *pointer; /* over it; NULL: none was ever set */
    SDL_Texture *arrow;     /* its image, */
    uint64_t arrow_shape;   /* of which this is the name, */
    chalk_person_id arrow_who;
    chalk_video_info shape; /* of the picture in the texture; planes are not used */
    SDL_YUV_CONVERSION_MODE conversion;
    label message;
    label figures;
    char title[128];
    bool covering;
    bool figures_on;
    bool full_screen;
    bool fit;
    bool vsync;
    bool changed;
};

/* --- life ------------------------------------------------------------------------------------ */

static SDL_Renderer *make_renderer(SDL_Window *window, bool vsync)
{
    SDL_Renderer *r = SDL_CreateRenderer(window, -1, vsync ? SDL_RENDERER_PRESENTVSYNC : 0);
    return r != NULL ? r : SDL_CreateRenderer(window, -1, SDL_RENDERER_SOFTWARE);
}

view *view_open(const view_options *options)
{
    view *v = SDL_calloc(1, sizeof *v);
    if (v == NULL) {
        SDL_OutOfMemory();
        return NULL;
    }
    SDL_strlcpy(v->title, options->title, sizeof v->title);
    v->fit = options->fit;
    v->changed = true;
    v->window = SDL_CreateWindow(options->title, options->x, options->y, options->width,
                                 options->height, SDL_WINDOW_RESIZABLE);
    v->renderer = v->window != NULL ? make_renderer(v->window, options->vsync) : NULL;
    if (v->renderer == NULL) {
        view_close(&v);
        return NULL;
    }
    SDL_RendererInfo info = {0};
    v->vsync = SDL_GetRendererInfo(v->renderer, &info) == 0 &&
               (info.flags & SDL_RENDERER_PRESENTVSYNC) != 0;
    label_init(&v->message, MESSAGE_SIZE);
    label_init(&v->figures, TEXT_SIZE);
    SDL_SetWindowMinimumSize(v->window, 160, 90);
    return v;
}

void view_close(view **window)
{
    view *v = *window;
    if (v == NULL) {
        return;
    }
    label_free(&v->message);
    label_free(&v->figures);
    SDL_DestroyTexture(v->picture);
    SDL_DestroyTexture(v->arrow);
    SDL_DestroyRenderer(v->renderer);
    SDL_DestroyWindow(v->window);
    SDL_free(v);
    *window = NULL;
}

/* --- events ---------------------------------------------------------------------------------- */

static void toggle_full_screen(view *v)
{
    uint32_t flags = v->full_screen ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP;
    if (SDL_SetWindowFullscreen(v->window, flags) == 0) {
        v->full_screen = !v->full_screen;
        v->changed = true;
    }
}

static enum view_action key_pressed(view *v, SDL_Keycode key)
{
    switch (key) {
    case SDLK_F1:
        v->figures_on = !v->figures_on;
        v->changed = true;
        return VIEW_NONE;
    case SDLK_f:
    case SDLK_F11:
        toggle_full_screen(v);
        return VIEW_NONE;
    case SDLK_m:
        return VIEW_MUTE;
    case SDLK_q:
    case SDLK_ESCAPE:
        return VIEW_CLOSE;
    default:
        return VIEW_NONE;
    }
}

enum view_action view_event(view *v, const SDL_Event *event)
{
    uint32_t id = SDL_GetWindowID(v->window);
    switch (event->type) {
    case SDL_KEYDOWN:
        return event->key.windowID == id && event->key.repeat == 0
                   ? key_pressed(v, event->key.keysym.sym)
                   : VIEW_NONE;
    case SDL_MOUSEBUTTONDOWN:
        if (event->button.windowID == id && event->button.button == SDL_BUTTON_LEFT &&
            event->button.clicks == 2) {
            toggle_full_screen(v);
        }
        return VIEW_NONE;
    case SDL_WINDOWEVENT:
        v->changed = v->changed || event->window.windowID == id;
        return event->window.windowID == id && event->window.event == SDL_WINDOWEVENT_CLOSE
                   ? VIEW_CLOSE
                   : VIEW_NONE;
    default:
        return VIEW_NONE;
    }
}

/* --- the picture ----------------------------------------------------------------------------- */

static uint32_t texture_format(uint32_t format)
{
    return format == CHALK_PIXEL_I420   ? SDL_PIXELFORMAT_IYUV
           : format == CHALK_PIXEL_NV12 ? SDL_PIXELFORMAT_NV12
           : format == CHALK_PIXEL_BGRA ? SDL_PIXELFORMAT_ARGB8888
                                        : SDL_PIXELFORMAT_UNKNOWN;
}

static int upload(SDL_Texture *t, const chalk_video_info *p)
{
    switch (p->format) {
    case CHALK_PIXEL_I420:
        return SDL_UpdateYUVTexture(t, NULL, p->planes[0], p->strides[0], p->planes[1],
                                    p->strides[1], p->planes[2], p->strides[2]);
    case CHALK_PIXEL_NV12:
        return SDL_UpdateNVTexture(t, NULL, p->planes[0], p->strides[0], p->planes[1],
                                   p->strides[1]);
    default:
        return SDL_UpdateTexture(t, NULL, p->planes[0], p->strides[0]);
    }
}

static bool is_upright(const chalk_video_info *p)
{
    return p->rotation_degrees % 180 == 0;
}

/* The window takes the picture's size, as far as its display has room. */
static void fit_window(view *v, const chalk_video_info *p)
{
    SDL_Rect room = {0, 0, p->width, p->height};
    int display = SDL_GetWindowDisplayIndex(v->window);
    (void)SDL_GetDisplayUsableBounds(display, &room); /* unknown: no limit */
    double width = is_upright(p) ? p->width : p->height;
    double height = is_upright(p) ? p->height : p->width;
    double scale = SDL_min(1.0, SDL_min(room.w / width, room.h / height));
    SDL_SetWindowSize(v->window, (int)(width * scale), (int)(height * scale));
}

static bool make_texture(view *v, const chalk_video_info *p)
{
    if (v->picture != NULL && v->shape.format == p->format && v->shape.width == p->width &&
        v->shape.height == p->height) {
        return true;
    }
    SDL_DestroyTexture(v->picture);
    SDL_SetHint(SDL_HINT_RENDER_SCALE_QUALITY, "linear");
    v->picture = SDL_CreateTexture(v->renderer, texture_format(p->format),
                                   SDL_TEXTUREACCESS_STREAMING, p->width, p->height);
    if (v->fit && v->picture != NULL) {
        v->fit = false;
        fit_window(v, p);
    }
    return v->picture != NULL;
}

int view_show(view *v, chalk_video_frame *frame)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    int status = chalk_video_frame_info(frame, &info);
    if (status < 0) {
        return status;
    }
    if (texture_format(info.format) == SDL_PIXELFORMAT_UNKNOWN) {
        return CHALK_ERR_UNSUPPORTED;
    }
    /* One mode for all windows of SDL: it is set again whenever a picture is handed over or drawn.
     */
    v->conversion = info.color == CHALK_COLOR_BT709_LIMITED ? SDL_YUV_CONVERSION_BT709
                                                            : SDL_YUV_CONVERSION_BT601;
    SDL_SetYUVConversionMode(v->conversion);
    if (!make_texture(v, &info) || upload(v->picture, &info) != 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    v->shape = info;
    v->changed = true;
    return CHALK_OK;
}

/* --- text ------------------------------------------------------------------------------------ */

const char *view_words(uint32_t link_state, bool has_picture, int cause)
{
    if (link_state == CHALK_LINK_CLOSED) {
        return "ended";
    }
    if (has_picture) {
        return link_state == CHALK_LINK_LIVE ? "live" : "reconnecting";
    }
    bool nobody = link_state == CHALK_LINK_LIVE || cause == CHALK_ERR_NO_STREAM;
    return nobody ? "waiting for the teacher" : "connecting";
}

void view_set_state(view *v, const char *text, bool covering)
{
    char title[192];
    SDL_snprintf(title, sizeof title, "%s - %s", v->title, text);
    if (SDL_strcmp(title, SDL_GetWindowTitle(v->window)) != 0) {
        SDL_SetWindowTitle(v->window, title);
    }
    bool other = label_set(&v->message, text);
    v->changed = v->changed || other || v->covering != covering;
    v->covering = covering;
}

void view_set_figures(view *v, const char *text)
{
    bool other = label_set(&v->figures, text);
    v->changed = v->changed || (other && v->figures_on);
}

bool view_wants_figures(const view *v)
{
    return v->figures_on;
}

void view_set_pointer(view *v, const pointer *p)
{
    v->pointer = p;
    v->changed = true;
}

/* --- drawing --------------------------------------------------------------------------------- */

/* Without memory for its image there is none. */
static void make_arrow(view *v, const pointer *p)
{
    if (v->arrow != NULL && v->arrow_shape == p->image && v->arrow_who == p->who) {
        return;
    }
    SDL_DestroyTexture(v->arrow);
    v->arrow = SDL_CreateTexture(v->renderer, SDL_PIXELFORMAT_ARGB8888, SDL_TEXTUREACCESS_STATIC,
                                 p->at.shape_width, p->at.shape_height);
    if (v->arrow != NULL) {
        SDL_UpdateTexture(v->arrow, NULL, p->bgra, 4 * p->at.shape_width);
        SDL_SetTextureBlendMode(v->arrow, SDL_BLENDMODE_BLEND);
        v->arrow_shape = p->image;
        v->arrow_who = p->who;
    }
}

/* Over the picture, whose place in the window this is; cut where the picture ends. */
static void draw_pointer(view *v, const SDL_Rect *picture)
{
    const pointer *p = v->pointer;
    if (p == NULL || !p->shown || v->shape.rotation_degrees != 0) {
        return;
    }
    make_arrow(v, p);
    const float across = (float)picture->w / (float)v->shape.width;
    const float down = (float)picture->h / (float)v->shape.height;
    const SDL_FRect place = {
        .x = (float)picture->x + (float)p->at.left * across,
        .y = (float)picture->y + (float)p->at.top * down,
        .w = (float)(p->at.right - p->at.left) * across,
        .h = (float)(p->at.bottom - p->at.top) * down,
    };
    SDL_RenderSetClipRect(v->renderer, picture);
    SDL_RenderCopyF(v->renderer, v->arrow, NULL, &place);
    SDL_RenderSetClipRect(v->renderer, NULL);
}

static void draw_picture(view *v, int width, int height)
{
    bool upright = is_upright(&v->shape);
    double seen_width = upright ? v->shape.width : v->shape.height;
    double seen_height = upright ? v->shape.height : v->shape.width;
    double scale = SDL_min(width / seen_width, height / seen_height);
    /* Turned about its middle, the texture keeps its own sides. */
    SDL_Rect place = {.w = (int)(v->shape.width * scale), .h = (int)(v->shape.height * scale)};
    place.x = (width - place.w) / 2;
    place.y = (height - place.h) / 2;
    SDL_SetYUVConversionMode(v->conversion);
    SDL_RenderCopyEx(v->renderer, v->picture, NULL, &place, v->shape.rotation_degrees, NULL,
                     SDL_FLIP_NONE);
    draw_pointer(v, &place);
}

bool view_draw(view *v)
{
    if (!v->changed || (SDL_GetWindowFlags(v->window) & SDL_WINDOW_MINIMIZED) != 0) {
        return false;
    }
    v->changed = false;
    int width = 0, height = 0;
    SDL_GetRendererOutputSize(v->renderer, &width, &height);
    SDL_SetRenderDrawColor(v->renderer, 0, 0, 0, 255);
    SDL_RenderClear(v->renderer);
    if (v->picture != NULL) {
        draw_picture(v, width, height);
    }
    if (v->covering) {
        label_draw(&v->message, v->renderer, width / 2, height / 2, true);
    }
    if (v->figures_on) {
        label_draw(&v->figures, v->renderer, FIGURES_AT, FIGURES_AT, false);
    }
    SDL_RenderPresent(v->renderer);
    return v->vsync;
}

uint32_t view_refresh_us(const view *v)
{
    SDL_DisplayMode mode = {0};
    int display = SDL_GetWindowDisplayIndex(v->window);
    bool known = display >= 0 && SDL_GetCurrentDisplayMode(display, &mode) == 0;
    return known && mode.refresh_rate > 0 ? 1000000u / (uint32_t)mode.refresh_rate : 0;
}
