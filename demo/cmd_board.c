/* chalkrail board: the whiteboard in a window, and boards as pictures, documents and words. */
#include "board/deck.h"
#include "board/files.h"
#include "board/text_form.h"
#include "board/window.h"
#include "cli/clock.h"
#include "cli/stop.h"
#include "cli/url.h"
#include "commands.h"

#include "chalkrail/role.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_US  10000000 /* a board of one's own is there at once */
#define PAGE_MAX 1000

static const cli_choice roles[] = {
    {"owner", CHALK_ROLE_OWNER},         {"teacher", CHALK_ROLE_TEACHER},
    {"assistant", CHALK_ROLE_ASSISTANT}, {"student", CHALK_ROLE_STUDENT},
    {"observer", CHALK_ROLE_OBSERVER},   {0},
};

static const cli_option options[] = {
    {.name = "png",
     .value = "OUT",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, png),
     .heading = "Without a window",
     .help = "writes a page of FILE as a picture; \"-\" is standard output"},
    {.name = "svg",
     .value = "OUT",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, svg),
     .help = "writes a page as a drawing"},
    {.name = "pdf",
     .value = "OUT",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, pdf),
     .help = "writes all pages as a document, or the one of --page"},
    {.name = "text",
     .kind = CLI_FLAG,
     .offset = offsetof(board_options, text),
     .help = "tells in words what is on the pages, for screen readers"},
    {.name = "page",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(board_options, page),
     .min = 1,
     .max = PAGE_MAX,
     .help = "the page meant; the first is 1"},
    {.name = "scale",
     .value = "PERCENT",
     .kind = CLI_NUMBER,
     .offset = offsetof(board_options, scale),
     .min = 1,
     .max = 1600,
     .help = "size of what is written; default 100"},
    {.name = "edge",
     .value = "URL",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, edge),
     .heading = "In a class",
     .help = "joins a room of this edge: wss://, ws://, https:// or http://"},
    {.name = "room",
     .value = "R",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, room),
     .help = "the room's name"},
    {.name = "token",
     .value = "T",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, token),
     .group = "who",
     .help = "from \"chalkrail token\""},
    {.name = "name",
     .value = "N",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, name),
     .group = "who",
     .help = "who this is, at an edge without tokens"},
    {.name = "role",
     .value = "ROLE",
     .kind = CLI_CHOICE,
     .offset = offsetof(board_options, role),
     .choices = roles,
     .help = "there: owner, teacher, assistant, student or observer; default student"},
    {.name = "deck",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(board_options, deck),
     .help = "a PDF, a picture or a folder of pictures becomes pages; for staff"},
    {.name = "ui-scale",
     .value = "PERCENT",
     .kind = CLI_NUMBER,
     .offset = offsetof(board_options, ui_scale),
     .min = 50,
     .max = 400,
     .heading = "Output",
     .help = "size of the window's tools and words; default 100"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(board_options, json),
     .help = "one JSON object a line: with FILE alone each object, else what happens"},
    CLI_VERBOSE(board_options, verbose),
    {0},
};

static const char *const examples[] = {
    "board",
    "# a board that is there, or will be saved there",
    "board lesson.chalk",
    "board lesson.chalk --pdf lesson.pdf",
    "board lesson.chalk --png page2.png --page 2 --scale 200",
    "board lesson.chalk --text",
    "board --deck slides.pdf",
    "board lesson.chalk --deck slides.pdf --pdf lesson.pdf",
    "board --edge wss://edge.example.org --room maths --token TOKEN",
    NULL,
};

const cli_spec cmd_board_spec = {
    .name = "board",
    .summary = "draw on a whiteboard, alone or with a class",
    .about =
        "Opens the whiteboard in a window: F1 shows its keys. Without --edge nobody else sees it,\n"
        "and Ctrl+S saves it to a file; with --edge it is the board of a class. With --png, "
        "--svg,\n"
        "--pdf, --text or --json it opens no window and writes what FILE has, and --deck after "
        "it.\n"
        "Exit code 0 when the window was closed or all was written, 1 otherwise.",
    .argument = "FILE",
    .argument_help = "a board (" BOARD_ENDING "); \"-\" is standard input",
    .argument_optional = true,
    .argument_offset = offsetof(board_options, file),
    .options = options,
    .examples = examples,
};

/* --- without a window ------------------------------------------------------------------------ */

/* A NULL path: an empty board. */
static int read_board(chalk_session *session, const char *path)
{
    uint8_t *data = NULL;
    size_t size = 0;
    if (path == NULL) {
        return chalk_board_open(session, NULL, 0);
    }
    int status = board_file_read(path, CHALK_BOARD_FILE_MAX, &data, &size);
    if (status == CHALK_OK) {
        status = size > 0 ? board_file_open(session, data, size) : CHALK_ERR_BAD_DATA;
    }
    free(data);
    return status;
}

static int open_board(chalk_session *session, cli_report *r, const char *path)
{
    chalk_event event;
    const char *name = path != NULL ? path : "an empty board";
    uint64_t until_us = cli_now_us() + OPEN_US;
    int status = read_board(session, path);
    if (status < 0) {
        return board_file_fail(r, status, name);
    }
    while (cli_now_us() < until_us && !cli_interrupted()) {
        if (cli_session_event(session, &event, 100) == CHALK_OK && event.kind == CHALK_EVENT_ROOM &&
            event.state == CHALK_LINK_LIVE) {
            return CLI_DONE;
        }
    }
    return cli_fail(r, "%s could not be opened in time", name);
}

/* A deck after all that is there. */
static int add_deck(chalk_session *session, cli_report *r, const char *path)
{
    chalk_board_info info = {.struct_size = sizeof info};
    chalk_board_page last = {.struct_size = sizeof last};
    decks *d = decks_new(session);
    int status =
        d != NULL ? chalk_board_get_info(session, CHALK_VIEW_HEAD, &info) : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = chalk_board_get_page(session, CHALK_VIEW_HEAD, info.pages - 1, &last);
    }
    if (status == CHALK_OK) {
        status = decks_import(d, path, last.number);
    }
    for (bool busy = status == CHALK_OK; busy && !cli_interrupted(); cli_wait(busy ? 2 : 0)) {
        status = decks_run(d, NULL);
        busy = status == CHALK_ERR_AGAIN;
    }
    decks_free(&d);
    return status == CHALK_OK ? CLI_DONE : cli_fail(r, "%s: %s", path, decks_trouble(status));
}

/* The number of a page; 0: there are not so many. */
static uint32_t number_of(chalk_session *session, uint32_t page)
{
    chalk_board_page found = {.struct_size = sizeof found};
    int status = chalk_board_get_page(session, CHALK_VIEW_HEAD, page - 1, &found);
    return status == CHALK_OK ? found.number : 0;
}

static int export_one(chalk_session *session, cli_report *r, const char *path, uint32_t format,
                      uint32_t page, double scale)
{
    if (path == NULL) {
        return CLI_DONE;
    }
    int status = board_file_export(session, path, format, page, scale);
    return status == CHALK_OK              ? CLI_DONE
           : status == CHALK_ERR_NOT_FOUND ? cli_fail(r, "%s: nothing is on the page", path)
           : status == CHALK_ERR_TOO_LARGE ? cli_fail(r,
                                                      "%s: the page is too large for that; "
                                                      "a smaller --scale helps",
                                                      path)
                                           : board_file_fail(r, status, path);
}

static const char *name_of(const board_options *o)
{
    return o->file != NULL ? o->file : o->deck;
}

static int write_all(chalk_session *session, cli_report *r, const board_options *o)
{
    uint32_t page = o->page != 0 ? number_of(session, o->page) : 0;
    uint32_t first = o->page != 0 ? page : number_of(session, 1);
    double scale = o->scale / 100.0;
    if (o->page != 0 && page == 0) {
        return cli_fail(r, "%s has no page %u", name_of(o), (unsigned)o->page);
    }
    int code = export_one(session, r, o->png, CHALK_EXPORT_PNG, first, scale);
    code = code == CLI_DONE ? export_one(session, r, o->svg, CHALK_EXPORT_SVG, first, scale) : code;
    code = code == CLI_DONE ? export_one(session, r, o->pdf, CHALK_EXPORT_PDF, page, scale) : code;
    if (code == CLI_DONE && (o->text || o->json)) {
        int status = text_form_tell(session, r, o->page);
        code = status < 0 ? board_file_fail(r, status, name_of(o)) : CLI_DONE;
    }
    return code;
}

static int run_without_window(const board_options *o, cli_report *r)
{
    cli_session s;
    if (cli_session_open(&s, r) < 0) {
        return CLI_FAILED;
    }
    int code = open_board(s.session, r, o->file);
    if (code == CLI_DONE && o->deck != NULL) {
        code = add_deck(s.session, r, o->deck);
    }
    if (code == CLI_DONE) {
        code = write_all(s.session, r, o);
    }
    cli_session_close(&s);
    return code;
}

/* --- options --------------------------------------------------------------------------------- */

static int check(const board_options *o, bool writes)
{
    static const char *const schemes[] = {"ws", "wss", "http", "https", NULL};
    if (writes && o->file == NULL && o->deck == NULL) {
        return cli_wrong(&cmd_board_spec, "which board? FILE or --deck is missing");
    }
    if (writes && o->edge != NULL) {
        return cli_wrong(&cmd_board_spec, "--edge opens a window; save the board there first");
    }
    if (o->edge != NULL && !cli_url_check(&cmd_board_spec, o->edge, schemes)) {
        return CLI_USAGE;
    }
    if (o->edge != NULL && o->file != NULL) {
        return cli_wrong(&cmd_board_spec, "the board of a class is not that of a file");
    }
    if ((o->edge != NULL) != (o->room != NULL)) {
        return cli_wrong(&cmd_board_spec, "--edge and --room go together");
    }
    if (o->edge != NULL && o->token == NULL && o->name == NULL) {
        return cli_wrong(&cmd_board_spec, "who is it? --token T, or --name N at an open edge");
    }
    if (o->edge == NULL && (o->token != NULL || o->name != NULL)) {
        return cli_wrong(&cmd_board_spec, "--token and --name need --edge");
    }
    return CLI_DONE;
}

static bool goes_out(const char *path)
{
    return path != NULL && strcmp(path, "-") == 0;
}

int cmd_board(int argc, char **argv)
{
    board_options o = {.role = CHALK_ROLE_STUDENT, .scale = 100};
    cli_report report;
    int code = CLI_DONE;
    if (!cli_parse(&cmd_board_spec, argc, argv, &o, &code)) {
        return code;
    }
    bool exports = o.png != NULL || o.svg != NULL || o.pdf != NULL;
    bool writes = exports || o.text || o.page != 0 || (o.json && o.file != NULL);
    code = check(&o, writes);
    if (code != CLI_DONE) {
        return code;
    }
    if (o.page != 0 && !exports && !o.text && !o.json) {
        return cli_wrong(&cmd_board_spec, "--page needs --png, --svg, --pdf, --text or --json");
    }
    if (goes_out(o.png) + goes_out(o.svg) + goes_out(o.pdf) > (o.text || o.json ? 0 : 1)) {
        return cli_wrong(&cmd_board_spec, "two things cannot both go to standard output");
    }
    cli_report_init(&report, "board", o.json, o.verbose);
    if (o.deck != NULL && access(o.deck, R_OK) < 0) {
        return board_file_fail(&report, CHALK_ERR_IO, o.deck);
    }
    code = writes ? run_without_window(&o, &report) : board_window_run(&o, &report);
    cli_report_end(&report);
    return code;
}
