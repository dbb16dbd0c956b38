/* Where a board comes from and where it goes: rooms, files, what is asked before. */
#include "board/window_inside.h"

#include "cli/url.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_MAX (16u << 20) /* the board takes no larger ones */

bool window_is_own(const board_window *w)
{
    return w->options->edge == NULL;
}

bool window_is_saved(const board_window *w)
{
    return !window_is_own(w) || board_view_edits(w->view) == w->saved_edits;
}

void window_name(board_window *w)
{
    char title[sizeof w->title];
    const char *slash = strrchr(w->path, '/');
    const char *file = w->path[0] == '\0' ? "New board" : slash != NULL ? slash + 1 : w->path;
    (void)snprintf(title, sizeof title, "%s%s - Chalkrail board",
                   window_is_own(w) ? file : w->options->room, window_is_saved(w) ? "" : " *");
    if (strcmp(title, w->title) != 0) {
        (void)snprintf(w->title, sizeof w->title, "%s", title);
        SDL_SetWindowTitle(w->window, w->title);
    }
}

/* --- beginning ------------------------------------------------------------------------------- */

static bool join(board_window *w)
{
    const board_options *o = w->options;
    chalk_room_options room;
    chalk_room_options_init(&room);
    room.url = o->edge;
    room.room = o->room;
    room.token = o->token;
    room.name = o->name;
    room.role = o->role;
    room.present = CHALK_PRESENT_LIVE;
    int status = chalk_room_join(w->session.session, &room);
    if (status < 0) {
        (void)cli_fail_status(w->report, status, "cannot join the room");
    }
    return status == CHALK_OK;
}

/* A path at which there is nothing yet is where a new board will be saved. */
static int open_path(board_window *w, const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    int status = board_file_read(path, CHALK_BOARD_FILE_MAX, &data, &size);
    bool missing = status == CHALK_ERR_IO && errno == ENOENT;
    if (status == CHALK_OK && size == 0) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK || missing) {
        status = board_file_open(w->session.session, data, size);
    }
    if (status == CHALK_OK) {
        (void)snprintf(w->path, sizeof w->path, "%s", path);
    }
    free(data);
    return status;
}

static bool make_view(board_window *w)
{
    w->view = board_view_create(w->session.runtime, w->session.session);
    w->has_thumbs = board_thumbs_init(&w->thumbs, w->session.session);
    if (w->view == NULL || !w->has_thumbs) {
        (void)cli_fail_status(w->report, CHALK_ERR_NO_MEMORY, "cannot show the board");
    }
    return w->view != NULL && w->has_thumbs;
}

/* It waits by itself until the room is there. */
static void import_deck(board_window *w, bool begun)
{
    if (begun && w->options->deck != NULL) {
        board_view_import(w->view, w->options->deck);
    }
}

bool window_begin(board_window *w)
{
    const char *file = w->options->file;
    int status = CHALK_OK;
    if (!make_view(w)) {
        return false;
    }
    if (!window_is_own(w)) {
        bool joined = join(w);
        import_deck(w, joined);
        return joined;
    }
    status = file != NULL ? open_path(w, file) : chalk_board_open(w->session.session, NULL, 0);
    if (status < 0 && file != NULL) {
        (void)board_file_fail(w->report, status, file);
    } else if (status < 0) {
        (void)cli_fail_status(w->report, status, "cannot begin a board");
    }
    import_deck(w, status == CHALK_OK);
    return status == CHALK_OK;
}

/* --- other files ----------------------------------------------------------------------------- */

/* The board that is there goes on until the file is known to be one; then its room is left, and the
 * file opened when that has ended. */
static void open_other(board_window *w, const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    uint32_t ignored;
    if (!window_is_own(w)) {
        board_view_say(w->view, "In a class a board cannot be replaced by a file.");
        return;
    }
    if (!window_is_saved(w)) {
        board_view_say(w->view, "Save this board first: Ctrl+S.");
        return;
    }
    int status = board_file_read(path, CHALK_BOARD_FILE_MAX, &data, &size);
    if (status == CHALK_OK) {
        status = chalk_board_file_assets(data, size, NULL, 0, &ignored);
        status = status == CHALK_ERR_TOO_LARGE && ignored > 0 ? CHALK_OK : status;
    }
    free(data);
    if (status < 0) {
        board_view_say(w->view, "%s: %s.", path,
                       status == CHALK_ERR_BAD_DATA ? "is no board, or damaged"
                                                    : chalk_error_text(status));
        return;
    }
    (void)snprintf(w->next, sizeof w->next, "%s", path);
    w->reopens = chalk_room_leave(w->session.session, NULL) == CHALK_OK;
}

void window_reopen(board_window *w)
{
    w->reopens = false;
    w->ended = false;
    int status = open_path(w, w->next);
    if (status < 0) {
        w->path[0] = '\0';
        status = chalk_board_open(w->session.session, NULL, 0);
        board_view_say(w->view, "%s cannot be opened any more.", w->next);
    }
    w->quits = w->quits || status < 0;
    w->saved_edits = board_view_edits(w->view);
    board_view_go_to(w->view, 0);
}

static void put_image(board_window *w, const char *path, const board_pointer *at)
{
    uint8_t *data = NULL;
    size_t size = 0;
    int status = board_file_read(path, IMAGE_MAX, &data, &size);
    if (status == CHALK_OK) {
        status = board_view_put_image(w->view, data, size, at);
    }
    free(data);
    if (status < 0) {
        board_view_say(w->view, "%s: %s.", path,
                       status == CHALK_ERR_UNSUPPORTED ? "is no PNG, JPEG or WebP picture"
                       : status == CHALK_ERR_IO        ? strerror(errno)
                                                       : chalk_error_text(status));
    }
}

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), less = strlen(ending);
    return size > less && SDL_strcasecmp(text + size - less, ending) == 0;
}

static bool is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

void window_drop(board_window *w, const char *path, const board_pointer *at)
{
    if (ends_with(path, BOARD_ENDING)) {
        open_other(w, path);
    } else if (ends_with(path, ".pdf") || is_folder(path)) {
        board_view_import(w->view, path);
    } else {
        put_image(w, path, at);
    }
}

/* --- saving and exporting -------------------------------------------------------------------- */

static void save(board_window *w, const char *path)
{
    uint64_t edits = board_view_edits(w->view);
    int status = board_file_save(w->session.session, path);
    if (status < 0) {
        board_view_say(w->view, "%s was not saved: %s.", path,
                       status == CHALK_ERR_IO ? strerror(errno) : chalk_error_text(status));
        w->quits_after_save = false;
        return;
    }
    w->saved_edits = edits;
    if (path != w->path) {
        (void)snprintf(w->path, sizeof w->path, "%s", path);
    }
    board_view_say(w->view, "Saved: %s", path);
    w->quits = w->quits || w->quits_after_save;
}

void window_save(board_window *w, bool elsewhere)
{
    if (w->path[0] == '\0' || elsewhere) {
        window_ask(w, DIALOG_SAVE);
    } else {
        save(w, w->path);
    }
}

static void export_to(board_window *w, const char *path)
{
    const board_state *state = board_view_state(w->view);
    uint32_t page = ends_with(path, ".pdf") ? 0 : state->page;
    int status = board_file_export(w->session.session, path, 0, page, 1.0);
    if (status == CHALK_OK) {
        board_view_say(w->view, "Exported: %s", path);
    } else {
        board_view_say(w->view, "%s was not exported: %s.", path,
                       status == CHALK_ERR_UNSUPPORTED ? "name it .png, .svg or .pdf"
                       : status == CHALK_ERR_NOT_FOUND ? "nothing is on the page"
                       : status == CHALK_ERR_IO        ? strerror(errno)
                                                       : chalk_error_text(status));
    }
}

/* --- asking ---------------------------------------------------------------------------------- */

void window_ask(board_window *w, enum dialog_purpose purpose)
{
    char text[DIALOG_TEXT] = "";
    size_t stem = strlen(w->path) - (ends_with(w->path, BOARD_ENDING) ? strlen(BOARD_ENDING) : 0);
    if (purpose == DIALOG_SAVE) {
        (void)snprintf(text, sizeof text, "%s",
                       w->path[0] != '\0' ? w->path : "board" BOARD_ENDING);
    } else if (purpose == DIALOG_EXPORT) {
        (void)snprintf(text, sizeof text, "%.*s.png", (int)(stem > 0 ? stem : 5),
                       stem > 0 ? w->path : "board");
    }
    dialog_begin(&w->dialog, purpose, text);
    w->help = false;
    w->dirty = true;
}

static void carry_out(board_window *w, enum dialog_purpose purpose, const char *text)
{
    switch (purpose) {
    case DIALOG_OPEN:
        open_other(w, text);
        break;
    case DIALOG_SAVE:
        save(w, text);
        break;
    case DIALOG_EXPORT:
        export_to(w, text);
        break;
    case DIALOG_IMAGE:
        window_drop(w, text, NULL);
        break;
    case DIALOG_QUIT:
        w->quits_after_save = true;
        window_save(w, false);
        break;
    case DIALOG_NONE:
        break;
    }
}

/* Whether a file of somebody's would be lost by writing there. The board's own is to be written. */
static bool loses_a_file(const board_window *w)
{
    const dialog *d = &w->dialog;
    bool writes = d->purpose == DIALOG_SAVE || d->purpose == DIALOG_EXPORT;
    return writes && !d->replaces && strcmp(d->text, w->path) != 0 && access(d->text, F_OK) == 0;
}

void window_answered(board_window *w, enum dialog_answer answer)
{
    if (answer == DIALOG_WAITS) {
        return;
    }
    if (answer == DIALOG_YES && loses_a_file(w)) {
        w->dialog.replaces = true;
        w->dirty = true;
        return;
    }
    const dialog asked = w->dialog;
    w->dialog = (dialog){0};
    w->dirty = true;
    if (answer == DIALOG_YES) {
        carry_out(w, asked.purpose, asked.text);
    } else if (answer == DIALOG_NO) {
        w->quits = true;
    } else {
        w->quits_after_save = false;
    }
}

void window_quit(board_window *w)
{
    (void)board_view_do(w->view, COMMAND_ESCAPE, false); /* text that is typed is drawn */
    if (window_is_saved(w)) {
        w->quits = true;
    } else {
        window_ask(w, DIALOG_QUIT);
    }
}
