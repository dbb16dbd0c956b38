/* Everything that can be done in the board's window, by a key, a button or both. One table makes
 * the keys, the tooltips and the help. */
#ifndef DEMO_BOARD_COMMAND_H
#define DEMO_BOARD_COMMAND_H

#include <SDL.h>
#include <stdbool.h>
#include <stdint.h>

enum board_tool {
    TOOL_SELECT = 0,
    TOOL_HAND,
    TOOL_PEN,
    TOOL_MARKER,
    TOOL_ERASER,  /* of parts of strokes */
    TOOL_REMOVER, /* of whole shapes */
    TOOL_LINE,
    TOOL_ARROW,
    TOOL_RECTANGLE,
    TOOL_ELLIPSE,
    TOOL_TEXT,
    TOOL_LASER,
    TOOL_COUNT,
};

#define BOARD_COLOURS 9
#define BOARD_WIDTHS  4

/* Tools, colours and widths follow from their first ones. */
enum board_command {
    COMMAND_NONE = 0,
    COMMAND_TOOL,
    COMMAND_COLOUR = COMMAND_TOOL + TOOL_COUNT,
    COMMAND_WIDTH = COMMAND_COLOUR + BOARD_COLOURS,
    COMMAND_THINNER = COMMAND_WIDTH + BOARD_WIDTHS,
    COMMAND_THICKER,
    COMMAND_FILL,
    COMMAND_UNDO,
    COMMAND_REDO,
    COMMAND_DELETE,
    COMMAND_DUPLICATE,
    COMMAND_FRONT,
    COMMAND_BACK,
    COMMAND_SELECT_ALL,
    COMMAND_NEXT,
    COMMAND_PREVIOUS,
    COMMAND_LEFT,
    COMMAND_RIGHT,
    COMMAND_UP,
    COMMAND_DOWN,
    COMMAND_CLEAR,
    COMMAND_PAGE_NEXT,
    COMMAND_PAGE_PREVIOUS,
    COMMAND_PAGE_ADD,
    COMMAND_PAGE_REMOVE,
    COMMAND_GROUND,
    COMMAND_ZOOM_IN,
    COMMAND_ZOOM_OUT,
    COMMAND_ZOOM_ONE,
    COMMAND_FIT,
    COMMAND_LEAD,
    COMMAND_FOLLOW,
    COMMAND_SAVE,
    COMMAND_SAVE_AS,
    COMMAND_OPEN,
    COMMAND_EXPORT,
    COMMAND_IMAGE,
    COMMAND_FULL_SCREEN,
    COMMAND_HELP,
    COMMAND_ESCAPE,
    COMMAND_QUIT,
    COMMAND_COUNT,
};

typedef struct board_command_row {
    enum board_command command;
    SDL_Keycode key;
    uint16_t mods;     /* KMOD_CTRL, KMOD_SHIFT */
    const char *keys;  /* as people read them */
    const char *words; /* what it does */
    int column;        /* of the help, 0..2 */
} board_command_row;

/* Ends with COMMAND_NONE. A row without `words` is another key for the row before it. */
extern const board_command_row board_commands[];

/* Of a key that was pressed; COMMAND_NONE: it does nothing. */
enum board_command board_command_of(const SDL_Keysym *key);
/* What is said of a command: "Pen" and "P"; NULL: it has no row. */
const board_command_row *board_command_find(enum board_command command);

extern const char *const board_colour_names[BOARD_COLOURS];
extern const uint32_t board_colours[BOARD_COLOURS]; /* 0xAARRGGBB */
extern const double board_widths[BOARD_WIDTHS];     /* px of the page */

#endif
