#include "board/command.h"

#define TOOL(name) ((enum board_command)(COMMAND_TOOL + TOOL_##name))
#define COLOUR(n)  ((enum board_command)(COMMAND_COLOUR + (n)))
#define CTRL       KMOD_CTRL
#define SHIFT      KMOD_SHIFT

/* Okabe and Ito's colours, which people with every kind of colour vision tell apart, and grey. */
const uint32_t board_colours[BOARD_COLOURS] = {0xff000000, 0xffd55e00, 0xff0072b2,
                                               0xff009e73, 0xffe69f00, 0xffcc79a7,
                                               0xff56b4e9, 0xfff0e442, 0xff7f7f7f};
const char *const board_colour_names[BOARD_COLOURS] = {
    "Black", "Vermilion", "Blue", "Teal", "Orange", "Pink", "Sky blue", "Yellow", "Grey",
};
const double board_widths[BOARD_WIDTHS] = {2, 4, 8, 16};

const board_command_row board_commands[] = {
    {TOOL(SELECT), SDLK_v, 0, "V", "Select, move, scale", 0},
    {TOOL(HAND), SDLK_h, 0, "H", "Move the view (or middle button)", 0},
    {TOOL(PEN), SDLK_p, 0, "P", "Pen", 0},
    {TOOL(MARKER), SDLK_m, 0, "M", "Marker", 0},
    {TOOL(ERASER), SDLK_e, 0, "E", "Erase parts of strokes", 0},
    {TOOL(REMOVER), SDLK_e, SHIFT, "Shift+E", "Erase whole shapes", 0},
    {TOOL(LINE), SDLK_l, 0, "L", "Line", 0},
    {TOOL(ARROW), SDLK_a, 0, "A", "Arrow", 0},
    {TOOL(RECTANGLE), SDLK_r, 0, "R", "Rectangle (Shift: square)", 0},
    {TOOL(ELLIPSE), SDLK_o, 0, "O", "Ellipse (Shift: circle)", 0},
    {TOOL(TEXT), SDLK_t, 0, "T", "Text; Escape ends it", 0},
    {TOOL(LASER), SDLK_k, 0, "K", "Laser pointer", 0},
    {COMMAND_IMAGE, SDLK_i, 0, "I", "Image (also: drop a file)", 0},
    {COLOUR(0), SDLK_1, 0, "1 - 9", "Colour, also of the selection", 0},
    {COLOUR(1), SDLK_2, 0, NULL, NULL, 0},
    {COLOUR(2), SDLK_3, 0, NULL, NULL, 0},
    {COLOUR(3), SDLK_4, 0, NULL, NULL, 0},
    {COLOUR(4), SDLK_5, 0, NULL, NULL, 0},
    {COLOUR(5), SDLK_6, 0, NULL, NULL, 0},
    {COLOUR(6), SDLK_7, 0, NULL, NULL, 0},
    {COLOUR(7), SDLK_8, 0, NULL, NULL, 0},
    {COLOUR(8), SDLK_9, 0, NULL, NULL, 0},
    {COMMAND_THINNER, SDLK_LEFTBRACKET, 0, "[", "Thinner line", 0},
    {COMMAND_THICKER, SDLK_RIGHTBRACKET, 0, "]", "Thicker line", 0},
    {COMMAND_FILL, SDLK_f, 0, "F", "Filled shapes on and off", 0},

    {COMMAND_UNDO, SDLK_z, CTRL, "Ctrl+Z", "Undo one's own last work", 1},
    {COMMAND_REDO, SDLK_y, CTRL, "Ctrl+Y", "Do it again", 1},
    {COMMAND_REDO, SDLK_z, CTRL | SHIFT, NULL, NULL, 1},
    {COMMAND_DELETE, SDLK_DELETE, 0, "Delete", "Delete what is selected", 1},
    {COMMAND_DELETE, SDLK_BACKSPACE, 0, NULL, NULL, 1},
    {COMMAND_DUPLICATE, SDLK_d, CTRL, "Ctrl+D", "Duplicate", 1},
    {COMMAND_FRONT, SDLK_UP, CTRL, "Ctrl+Up", "Bring to the front", 1},
    {COMMAND_BACK, SDLK_DOWN, CTRL, "Ctrl+Down", "Send to the back", 1},
    {COMMAND_SELECT_ALL, SDLK_a, CTRL, "Ctrl+A", "Select all", 1},
    {COMMAND_NEXT, SDLK_TAB, 0, "Tab", "Next object, told in words", 1},
    {COMMAND_PREVIOUS, SDLK_TAB, SHIFT, "Shift+Tab", "The object before", 1},
    {COMMAND_LEFT, SDLK_LEFT, 0, "Arrow keys", "Move the selection, or the view", 1},
    {COMMAND_RIGHT, SDLK_RIGHT, 0, NULL, NULL, 1},
    {COMMAND_UP, SDLK_UP, 0, NULL, NULL, 1},
    {COMMAND_DOWN, SDLK_DOWN, 0, NULL, NULL, 1},
    {COMMAND_CLEAR, SDLK_DELETE, CTRL, "Ctrl+Delete", "Clear the page", 1},
    {COMMAND_PAGE_NEXT, SDLK_PAGEDOWN, 0, "Page Down", "Next page", 1},
    {COMMAND_PAGE_PREVIOUS, SDLK_PAGEUP, 0, "Page Up", "Page before", 1},
    {COMMAND_PAGE_ADD, SDLK_n, CTRL, "Ctrl+N", "New page", 1},
    {COMMAND_PAGE_REMOVE, SDLK_DELETE, CTRL | SHIFT, "Ctrl+Shift+Del", "Remove the page", 1},
    {COMMAND_GROUND, SDLK_g, 0, "G", "Background: plain, grid, lines", 1},

    {COMMAND_ZOOM_IN, SDLK_EQUALS, CTRL, "Ctrl++", "Closer (also: Ctrl and wheel)", 2},
    {COMMAND_ZOOM_IN, SDLK_PLUS, CTRL, NULL, NULL, 2},
    {COMMAND_ZOOM_IN, SDLK_EQUALS, CTRL | SHIFT, NULL, NULL, 2},
    {COMMAND_ZOOM_IN, SDLK_KP_PLUS, CTRL, NULL, NULL, 2},
    {COMMAND_ZOOM_OUT, SDLK_MINUS, CTRL, "Ctrl+-", "Farther away", 2},
    {COMMAND_ZOOM_OUT, SDLK_KP_MINUS, CTRL, NULL, NULL, 2},
    {COMMAND_ZOOM_ONE, SDLK_0, CTRL, "Ctrl+0", "100 %, back to the corner", 2},
    {COMMAND_FIT, SDLK_w, 0, "W", "The whole page in the window", 2},
    {COMMAND_LEAD, SDLK_l, CTRL, "Ctrl+L", "Share one's view, or cease to", 2},
    {COMMAND_FOLLOW, SDLK_f, CTRL, "Ctrl+F", "Follow the shared view, or leave", 2},
    {COMMAND_SAVE, SDLK_s, CTRL, "Ctrl+S", "Save the board to its file", 2},
    {COMMAND_SAVE_AS, SDLK_s, CTRL | SHIFT, "Ctrl+Shift+S", "Save to another file", 2},
    {COMMAND_OPEN, SDLK_o, CTRL, "Ctrl+O", "Open a board (also: drop a file)", 2},
    {COMMAND_EXPORT, SDLK_e, CTRL, "Ctrl+E", "Export as PNG, SVG or PDF", 2},
    {COMMAND_FULL_SCREEN, SDLK_F11, 0, "F11", "Full screen", 2},
    {COMMAND_HELP, SDLK_F1, 0, "F1 or ?", "These keys", 2},
    {COMMAND_HELP, SDLK_QUESTION, 0, NULL, NULL, 2},
    {COMMAND_HELP, SDLK_QUESTION, SHIFT, NULL, NULL, 2},
    {COMMAND_HELP, SDLK_SLASH, SHIFT, NULL, NULL, 2},
    {COMMAND_ESCAPE, SDLK_ESCAPE, 0, "Escape", "End text, selection, this help", 2},
    {COMMAND_QUIT, SDLK_q, CTRL, "Ctrl+Q", "Quit", 2},
    {COMMAND_NONE, 0, 0, NULL, NULL, 0},
};

/* A key of a keyboard with other letters does what the key at its place does on a Latin one. */
static SDL_Keycode latin(const SDL_Keysym *key)
{
    bool letter = key->scancode >= SDL_SCANCODE_A && key->scancode <= SDL_SCANCODE_Z;
    bool foreign = key->sym > 127 && (key->sym & SDLK_SCANCODE_MASK) == 0;
    return letter && foreign ? SDLK_a + (int)(key->scancode - SDL_SCANCODE_A) : key->sym;
}

enum board_command board_command_of(const SDL_Keysym *key)
{
    SDL_Keycode sym = latin(key);
    bool ctrl = (key->mod & (KMOD_CTRL | KMOD_GUI)) != 0, shift = (key->mod & KMOD_SHIFT) != 0;
    if ((key->mod & KMOD_ALT) != 0 && (key->mod & KMOD_MODE) == 0) {
        return COMMAND_NONE; /* the window manager's */
    }
    for (const board_command_row *row = board_commands; row->command != COMMAND_NONE; row++) {
        if (row->key == sym && ((row->mods & CTRL) != 0) == ctrl &&
            ((row->mods & SHIFT) != 0) == shift) {
            return row->command;
        }
    }
    /* Shift with an arrow moves farther. */
    return shift && !ctrl && sym >= SDLK_RIGHT && sym <= SDLK_UP
               ? board_command_of(&(SDL_Keysym){.sym = sym})
               : COMMAND_NONE;
}

const board_command_row *board_command_find(enum board_command command)
{
    for (const board_command_row *row = board_commands; row->command != COMMAND_NONE; row++) {
        if (row->command == command && row->words != NULL) {
            return row;
        }
    }
    return NULL;
}
