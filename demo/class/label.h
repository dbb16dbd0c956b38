/* A text on a dark panel in an SDL window. */
#ifndef DEMO_CLASS_LABEL_H
#define DEMO_CLASS_LABEL_H

#include <SDL.h>
#include <stdbool.h>

#define LABEL_TEXT_MAX 512

typedef struct label {
    char text[LABEL_TEXT_MAX];
    int size;             /* of the font, in pixels */
    int width, height;    /* of the panel */
    SDL_Texture *texture; /* NULL: to be drawn */
} label;

void label_init(label *l, int size);
void label_free(label *l); /* before the renderer is destroyed */
/* True when the text is another one. */
bool label_set(label *l, const char *text);
/* Its upper left corner at (x, y), or its middle when `centred`. An empty one draws nothing. */
void label_draw(label *l, SDL_Renderer *renderer, int x, int y, bool centred);

#endif
