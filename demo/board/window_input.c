/* What SDL tells: the pointer at its full rate, keys, text, files that are dropped. */
#include "board/window_inside.h"

#include <math.h>

#define NO_PRESSURE (-1.0)

/* --- places and times ------------------------------------------------------------------------ */

/* SDL says when an event came in its own milliseconds. */
static uint64_t time_of(const board_window *w, uint32_t ticks)
{
    uint32_t age_ms = SDL_GetTicks() - ticks;
    uint64_t now_us = chalk_runtime_now_us(w->session.runtime);
    return age_ms < 1000 ? now_us - age_ms * 1000ull : now_us;
}

static board_pointer pointer_at(const board_window *w, double x, double y, uint32_t ticks)
{
    SDL_Keymod mods = SDL_GetModState();
    return (board_pointer){
        .x = x * w->ratio - w->chrome.board.x,
        .y = y * w->ratio - w->chrome.board.y,
        .pressure = NO_PRESSURE,
        .at_us = time_of(w, ticks),
        .shift = (mods & KMOD_SHIFT) != 0,
        .ctrl = (mods & KMOD_CTRL) != 0,
    };
}

static bool is_on_board(const board_window *w, double x, double y)
{
    return ui_inside(&w->chrome.board, x * w->ratio, y * w->ratio);
}

/* --- commands -------------------------------------------------------------------------------- */

static void full_screen(board_window *w)
{
    uint32_t flags = w->full_screen ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP;
    if (SDL_SetWindowFullscreen(w->window, flags) == 0) {
        w->full_screen = !w->full_screen;
    }
}

static void command(board_window *w, enum board_command what, bool far)
{
    w->dirty = true;
    switch (what) {
    case COMMAND_NONE:
        break;
    case COMMAND_SAVE:
    case COMMAND_SAVE_AS:
        (void)board_view_do(w->view, COMMAND_ESCAPE, false); /* text that is typed is drawn */
        window_save(w, what == COMMAND_SAVE_AS);
        break;
    case COMMAND_OPEN:
        window_ask(w, DIALOG_OPEN);
        break;
    case COMMAND_EXPORT:
        (void)board_view_do(w->view, COMMAND_ESCAPE, false);
        window_ask(w, DIALOG_EXPORT);
        break;
    case COMMAND_IMAGE:
        window_ask(w, DIALOG_IMAGE);
        break;
    case COMMAND_HELP:
        w->help = true;
        w->help_first = 0;
        break;
    case COMMAND_FULL_SCREEN:
        full_screen(w);
        break;
    case COMMAND_QUIT:
        window_quit(w);
        break;
    default:
        (void)board_view_do(w->view, what, far);
        break;
    }
}

/* --- keys ------------------------------------------------------------------------------------ */

/* Lines of some systems end in two bytes. */
static void drop_returns(char *text)
{
    char *to = text;
    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\r') {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static void paste(board_window *w)
{
    char *text = SDL_GetClipboardText();
    if (text != NULL) {
        drop_returns(text);
        board_view_type(w->view, text);
    }
    SDL_free(text);
}

/* True: the key belongs to the text. */
static bool type_key(board_window *w, const SDL_Keysym *key)
{
    bool ctrl = (key->mod & (KMOD_CTRL | KMOD_GUI)) != 0;
    switch (key->sym) {
    case SDLK_RETURN:
    case SDLK_KP_ENTER:
        if (ctrl) {
            (void)board_view_do(w->view, COMMAND_ESCAPE, false);
        } else {
            board_view_edit(w->view, EDIT_BREAK);
        }
        return true;
    case SDLK_BACKSPACE:
        board_view_edit(w->view, EDIT_ERASE);
        return true;
    case SDLK_DELETE:
        board_view_edit(w->view, EDIT_DELETE);
        return true;
    case SDLK_LEFT:
        board_view_edit(w->view, EDIT_LEFT);
        return true;
    case SDLK_RIGHT:
        board_view_edit(w->view, EDIT_RIGHT);
        return true;
    case SDLK_HOME:
        board_view_edit(w->view, EDIT_HOME);
        return true;
    case SDLK_END:
        board_view_edit(w->view, EDIT_END);
        return true;
    case SDLK_v:
        if (ctrl) {
            paste(w);
        }
        return true;
    default:
        return !ctrl && key->sym != SDLK_ESCAPE && (key->sym & SDLK_SCANCODE_MASK) == 0;
    }
}

/* The rest of the keys, or what was there before. */
static void turn_help(board_window *w, bool ends)
{
    const ui_rect all = {0, 0, w->wide, w->high};
    w->help_first = ends ? 0 : help_next(&all, w->scale, w->help_first);
    w->help = w->help_first != 0;
}

static void key_pressed(board_window *w, const SDL_Keysym *key)
{
    if (w->composing) {
        return; /* the input method's */
    }
    w->dirty = true;
    if (w->dialog.purpose != DIALOG_NONE) {
        window_answered(w, dialog_key(&w->dialog, key));
        return;
    }
    if (w->help) {
        turn_help(w, key->sym == SDLK_ESCAPE);
        return;
    }
    if (!board_view_is_typing(w->view) || !type_key(w, key)) {
        command(w, board_command_of(key), (key->mod & KMOD_SHIFT) != 0);
    }
}

static void text_came(board_window *w, const char *text)
{
    w->composing = false;
    w->dirty = true;
    if (dialog_is_typing(&w->dialog)) {
        dialog_type(&w->dialog, text);
    } else if (w->dialog.purpose == DIALOG_NONE) {
        board_view_type(w->view, text);
    }
}

void window_text_input(board_window *w)
{
    bool wanted = dialog_is_typing(&w->dialog) || board_view_is_typing(w->view);
    if (wanted && board_view_is_typing(w->view)) {
        const ui_rect caret = board_view_caret(w->view);
        SDL_Rect r = {(int)((caret.x + w->chrome.board.x) / w->ratio),
                      (int)((caret.y + w->chrome.board.y) / w->ratio), (int)(caret.w / w->ratio),
                      (int)(caret.h / w->ratio)};
        SDL_SetTextInputRect(&r);
    }
    if (wanted != (SDL_IsTextInputActive() == SDL_TRUE)) {
        w->composing = false;
        (wanted ? SDL_StartTextInput : SDL_StopTextInput)();
    }
}

/* --- the pointer ----------------------------------------------------------------------------- */

static void press_around(board_window *w, double x, double y)
{
    const chrome_button *b = chrome_find(&w->chrome, x, y);
    int page = chrome_page_at(&w->chrome, board_view_state(w->view), x, y);
    if (b != NULL) {
        command(w, b->command, false);
    } else if (page >= 0) {
        board_view_go_to(w->view, (uint32_t)page);
    }
}

static void button_down(board_window *w, const SDL_MouseButtonEvent *e)
{
    w->dirty = true;
    if (w->dialog.purpose != DIALOG_NONE) {
        window_answered(w, dialog_press(&w->dialog, e->x * w->ratio, e->y * w->ratio));
    } else if (w->help) {
        turn_help(w, false);
    } else if (is_on_board(w, e->x, e->y) && e->button != SDL_BUTTON_RIGHT) {
        board_pointer at = pointer_at(w, e->x, e->y, e->timestamp);
        at.clicks = e->clicks;
        at.pans = e->button == SDL_BUTTON_MIDDLE;
        w->drags = true;
        (void)SDL_CaptureMouse(SDL_TRUE); /* a stroke may end outside */
        board_view_press(w->view, &at);
    } else if (e->button == SDL_BUTTON_LEFT) {
        press_around(w, e->x * w->ratio, e->y * w->ratio);
    }
}

static void button_up(board_window *w, const SDL_MouseButtonEvent *e)
{
    if (w->drags && e->button != SDL_BUTTON_RIGHT) {
        const board_pointer at = pointer_at(w, e->x, e->y, e->timestamp);
        w->drags = false;
        (void)SDL_CaptureMouse(SDL_FALSE);
        board_view_release(w->view, &at);
        w->dirty = true;
    }
}

static void hover(board_window *w, double x, double y)
{
    bool free_to = w->dialog.purpose == DIALOG_NONE && !w->help && !w->drags;
    const chrome_button *found = free_to ? chrome_find(&w->chrome, x, y) : NULL;
    if (found != w->hover) {
        w->hover = found;
        w->hover_us = chalk_runtime_now_us(w->session.runtime);
        w->dirty = true;
    }
}

static void moved(board_window *w, const SDL_MouseMotionEvent *e)
{
    const board_pointer at = pointer_at(w, e->x, e->y, e->timestamp);
    hover(w, e->x * w->ratio, e->y * w->ratio);
    if (w->drags || is_on_board(w, e->x, e->y)) {
        board_view_move(w->view, &at);
    } else {
        board_view_leave(w->view);
    }
}

static void wheel(board_window *w, const SDL_MouseWheelEvent *e)
{
    int x, y;
    SDL_GetMouseState(&x, &y);
    board_pointer at = pointer_at(w, x, y, e->timestamp);
    double sign = e->direction == SDL_MOUSEWHEEL_FLIPPED ? -1.0 : 1.0;
    double across = -sign * (double)e->preciseX, down = sign * (double)e->preciseY;
    if (is_on_board(w, x, y) && w->dialog.purpose == DIALOG_NONE && !w->help) {
        board_view_wheel(w->view, &at, at.shift ? down : across, at.shift ? 0 : down, at.ctrl);
    } else {
        chrome_scroll(&w->chrome, board_view_state(w->view), down);
    }
    w->dirty = true;
}

/* Touch screens and those tablets that say how hard is pressed; one finger draws. */
static void finger(board_window *w, const SDL_TouchFingerEvent *e)
{
    int wide, high;
    SDL_GetWindowSize(w->window, &wide, &high);
    double x = (double)e->x * wide, y = (double)e->y * high;
    board_pointer at = pointer_at(w, x, y, e->timestamp);
    at.pressure = e->pressure > 0 && e->pressure < 1 ? (double)e->pressure : NO_PRESSURE;
    at.clicks = 1;
    if (e->type == SDL_FINGERDOWN && !w->touches) {
        w->finger = e->fingerId;
        w->touches = is_on_board(w, x, y);
        if (w->touches) {
            board_view_press(w->view, &at);
        } else {
            press_around(w, x * w->ratio, y * w->ratio);
        }
    } else if (w->touches && e->fingerId == w->finger && e->type == SDL_FINGERMOTION) {
        board_view_move(w->view, &at);
    } else if (w->touches && e->fingerId == w->finger && e->type == SDL_FINGERUP) {
        w->touches = false;
        board_view_release(w->view, &at);
    }
    w->dirty = true;
}

void window_cursor(board_window *w)
{
    int x, y;
    const board_state *state = board_view_state(w->view);
    SDL_GetMouseState(&x, &y);
    bool free_to = w->dialog.purpose == DIALOG_NONE && !w->help;
    SDL_SystemCursor wanted = SDL_SYSTEM_CURSOR_ARROW;
    if (free_to && is_on_board(w, x, y)) {
        wanted = state->tool == TOOL_SELECT ? SDL_SYSTEM_CURSOR_ARROW
                 : state->tool == TOOL_HAND ? SDL_SYSTEM_CURSOR_SIZEALL
                 : state->tool == TOOL_TEXT ? SDL_SYSTEM_CURSOR_IBEAM
                                            : SDL_SYSTEM_CURSOR_CROSSHAIR;
    } else if (free_to && w->hover != NULL) {
        wanted = SDL_SYSTEM_CURSOR_HAND;
    }
    if (wanted != w->cursor || w->cursors[wanted] == NULL) {
        if (w->cursors[wanted] == NULL) {
            w->cursors[wanted] = SDL_CreateSystemCursor(wanted);
        }
        SDL_SetCursor(w->cursors[wanted]);
        w->cursor = wanted;
    }
}

/* --- all ------------------------------------------------------------------------------------- */

static void window_changed(board_window *w, const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
    case SDL_WINDOWEVENT_DISPLAY_CHANGED:
        window_resized(w);
        break;
    case SDL_WINDOWEVENT_LEAVE:
        hover(w, -1, -1);
        if (!w->drags) {
            board_view_leave(w->view);
        }
        break;
    case SDL_WINDOWEVENT_CLOSE:
        window_quit(w);
        break;
    default:
        break;
    }
    w->dirty = true;
}

static void drop(board_window *w, const SDL_DropEvent *e)
{
    int x, y;
    SDL_GetMouseState(&x, &y);
    const board_pointer at = pointer_at(w, x, y, e->timestamp);
    window_drop(w, e->file, is_on_board(w, x, y) ? &at : NULL);
    SDL_free(e->file);
    w->dirty = true;
}

void window_event(board_window *w, const SDL_Event *event)
{
    switch (event->type) {
    case SDL_KEYDOWN:
        key_pressed(w, &event->key.keysym);
        break;
    case SDL_TEXTINPUT:
        text_came(w, event->text.text);
        break;
    case SDL_TEXTEDITING:
        w->composing = event->edit.text[0] != '\0';
        board_view_compose(w->view, event->edit.text);
        break;
    case SDL_MOUSEBUTTONDOWN:
        if (event->button.which != SDL_TOUCH_MOUSEID) {
            button_down(w, &event->button);
        }
        break;
    case SDL_MOUSEBUTTONUP:
        button_up(w, &event->button);
        break;
    case SDL_MOUSEMOTION:
        if (event->motion.which != SDL_TOUCH_MOUSEID) {
            moved(w, &event->motion);
        }
        break;
    case SDL_MOUSEWHEEL:
        wheel(w, &event->wheel);
        break;
    case SDL_FINGERDOWN:
    case SDL_FINGERMOTION:
    case SDL_FINGERUP:
        finger(w, &event->tfinger);
        break;
    case SDL_DROPFILE:
        drop(w, &event->drop);
        break;
    case SDL_WINDOWEVENT:
        window_changed(w, &event->window);
        break;
    case SDL_QUIT:
        window_quit(w);
        break;
    default:
        break;
    }
}
