/* chalkrail room: a line client of a room, for scripts, tests and support. */
#include "cli/clock.h"
#include "cli/stop.h"
#include "cli/url.h"
#include "commands.h"
#include "room/room.h"

#include <inttypes.h>
#include <string.h>

#define TURN_MS  1000 /* between two looks when nothing wakes */
#define FINISH_S 60   /* what was asked for is waited for, at the end of the input */
#define LEAVE_MS 5000 /* the library takes at most half of it */

static const cli_choice roles[] = {
    {"owner", CHALK_ROLE_OWNER},         {"teacher", CHALK_ROLE_TEACHER},
    {"assistant", CHALK_ROLE_ASSISTANT}, {"student", CHALK_ROLE_STUDENT},
    {"observer", CHALK_ROLE_OBSERVER},   {0},
};

static const cli_option options[] = {
    {.name = "room",
     .value = "R",
     .kind = CLI_TEXT,
     .offset = offsetof(room_options, room),
     .required = true,
     .help = "the room's name"},
    {.name = "token",
     .value = "T",
     .kind = CLI_TEXT,
     .offset = offsetof(room_options, token),
     .group = "who",
     .help = "from \"chalkrail token\""},
    {.name = "name",
     .value = "N",
     .kind = CLI_TEXT,
     .offset = offsetof(room_options, name),
     .group = "who",
     .help = "who this is, at an edge without tokens"},
    {.name = "role",
     .value = "ROLE",
     .kind = CLI_CHOICE,
     .offset = offsetof(room_options, role),
     .choices = roles,
     .help = "there: owner, teacher, assistant, student or observer; default student"},
    {.name = "follow",
     .value = "URL",
     .kind = CLI_TEXT,
     .offset = offsetof(room_options, follow),
     .help = "plays a stream without a window and tells events when it has come to them"},
    {.name = "live",
     .kind = CLI_FLAG,
     .offset = offsetof(room_options, live),
     .help = "tells events as they arrive, whatever is followed"},
    {.name = "for",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(room_options, for_ms),
     .min = 100,
     .max = 7 * 24 * 3600 * 1000ull,
     .help = "leaves after this time, and not at the end of the input"},
    {.name = "give-up",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(room_options, give_up_ms),
     .min = 100,
     .max = 24 * 3600 * 1000ull,
     .help = "ends after this long without the edge; default: never"},
    {.name = "no-retry",
     .kind = CLI_FLAG,
     .offset = offsetof(room_options, no_retry),
     .help = "ends when the edge cannot be reached or is lost"},
    CLI_JSON(room_options, json),
    CLI_VERBOSE(room_options, verbose),
    {0},
};

static const char *const examples[] = {
    "room wss://edge.example.org --room maths --token TOKEN",
    "# at an edge without tokens, as its teacher; then: say Good morning",
    "room ws://127.0.0.1:8935 --room maths --name ada --role teacher",
    "# what is said in a minute, for a program to read",
    "room ws://127.0.0.1:8935 --room maths --name log --role observer --for 60 --json",
    NULL,
};

const cli_spec cmd_room_spec = {
    .name = "room",
    .summary = "take part in a room, line by line",
    .about =
        "Joins a room and stays there until the input ends, `leave`, SIGINT or --for. What\n"
        "happens is printed; each line of the input is something to do: \"say TEXT\",\n"
        "\"hand up\", \"history\" ...; \"help\" lists them. Lines wait until the room is joined,\n"
        "and at the end of the input what they ask for is waited for, at most 60 s.\n"
        "Exit code 0 when the room was joined and left as wanted and all that was asked for was\n"
        "answered, be it with a refusal; 1 otherwise.",
    .argument = "URL",
    .argument_help = "the edge: wss://, ws://, https:// or http://",
    .argument_offset = offsetof(room_options, url),
    .options = options,
    .examples = examples,
};

/* --- following a stream ---------------------------------------------------------------------- */

int room_follow_url(room_client *c, const char *url)
{
    int status = chalk_room_follow(c->session.session, 0);
    if (c->playback != 0) {
        (void)chalk_playback_remove(c->session.session, c->playback, NULL); /* it may have ended */
        c->playback = 0;
    }
    if (status < 0 || url == NULL) {
        return status;
    }
    chalk_playback_options play;
    chalk_playback_options_init(&play);
    play.url = url;
    status = chalk_playback_create(c->session.session, &play, &c->playback);
    return status < 0 ? status : chalk_room_follow(c->session.session, c->playback);
}

/* --- from beginning to end ------------------------------------------------------------------- */

static int join(room_client *c)
{
    const room_options *o = c->options;
    chalk_room_options room;
    chalk_room_options_init(&room);
    room.url = o->url;
    room.room = o->room;
    room.token = o->token;
    room.name = o->name;
    room.role = o->role;
    room.no_retry = o->no_retry;
    room.give_up_ms = (uint32_t)o->give_up_ms;
    room.present = o->live ? CHALK_PRESENT_LIVE : CHALK_PRESENT_WITH_MEDIA;
    int status = chalk_room_join(c->session.session, &room);
    if (status < 0) {
        bool usage = status == CHALK_ERR_INVALID_ARGUMENT; /* the rest was looked at before */
        return usage ? cli_wrong(&cmd_room_spec, "the room, name or token cannot be right")
                     : cli_fail_status(&c->report, status, "cannot join");
    }
    if (o->follow != NULL) {
        status = room_follow_url(c, o->follow);
    }
    return status < 0 ? cli_fail_status(&c->report, status, "cannot follow the stream") : CLI_DONE;
}

static void take_state(room_client *c, const chalk_event *event)
{
    bool live = event->state == CHALK_LINK_LIVE;
    c->was_live = c->was_live || live;
    c->token_refused = !live && (c->token_refused || event->cause == CHALK_ERR_DENIED);
    if (event->state == CHALK_LINK_CLOSED) {
        c->closed = true;
        c->cause = event->cause;
        (void)snprintf(c->why, sizeof c->why, "%s", event->text);
    }
}

static void take_events(room_client *c, uint32_t wait_ms)
{
    chalk_event event;
    chalk_room_event happened;
    int status = cli_session_event(c->session.session, &event, wait_ms);
    for (; status == CHALK_OK; status = chalk_session_next_event(c->session.session, &event)) {
        bool room = event.kind == CHALK_EVENT_ROOM;
        cli_event(&c->report, room ? "room" : NULL, &event);
        if (room) {
            take_state(c, &event);
        }
    }
    while (chalk_room_next_event(c->session.session, &happened) == CHALK_OK) {
        tell_event(c, &happened);
    }
}

/* For a page, or for all that was asked for. */
static bool is_waiting(room_client *c)
{
    chalk_room_info info = {.struct_size = sizeof info};
    if (c->waits && chalk_room_get_info(c->session.session, CHALK_VIEW_HEAD, &info) == CHALK_OK) {
        c->waits = info.pending > 0;
    }
    return c->waits || c->page != 0;
}

void room_finish(room_client *c, const char *by)
{
    c->finishing = true;
    c->finish_us = cli_now_us() + FINISH_S * 1000000ull;
    c->ended_by = by;
    c->waits = true;
}

/* A token that was refused stays so: nobody can give another one any more. */
static void finish(room_client *c)
{
    bool late = cli_now_us() >= c->finish_us;
    if (late) {
        cli_warn(&c->report, "what was asked for is not answered after %d s", FINISH_S);
    }
    c->leaving = late || c->token_refused || !is_waiting(c);
}

/* One line, when it is time for one. */
static void take_line(room_client *c)
{
    char line[LINE_MAX_BYTES];
    bool whole = true;
    if (!c->was_live || c->finishing || cli_now_us() < c->pause_us || is_waiting(c)) {
        return;
    }
    switch (lines_take(line, &whole)) {
    case LINE_READY:
        if (whole) {
            verbs_do(c, line);
        } else {
            tell_wrong(c, "a line of more than %d bytes is left out", LINE_MAX_BYTES - 2);
        }
        cli_wake(NULL); /* there may be another */
        break;
    case LINE_END:
        if (c->options->for_ms == 0) {
            room_finish(c, "input");
        }
        break;
    case LINE_NONE:
        break;
    }
}

static uint32_t wait_of(const room_client *c)
{
    uint64_t now_us = cli_now_us();
    uint64_t until_us = now_us + TURN_MS * 1000u;
    uint64_t end_us = c->began_us + c->options->for_ms * 1000;
    until_us = c->pause_us > now_us && c->pause_us < until_us ? c->pause_us : until_us;
    until_us = c->options->for_ms != 0 && end_us < until_us ? end_us : until_us;
    return until_us > now_us ? (uint32_t)((until_us - now_us) / 1000 + 1) : 0;
}

static void run(room_client *c)
{
    while (!c->closed && !c->leaving) {
        take_events(c, wait_of(c));
        take_line(c);
        if (c->finishing) {
            finish(c);
        }
        uint64_t now_us = cli_now_us();
        if (cli_interrupted()) {
            c->leaving = true;
            c->ended_by = "signal";
        } else if (c->options->for_ms != 0 && now_us - c->began_us >= c->options->for_ms * 1000) {
            c->leaving = true;
            c->ended_by = "time";
        }
    }
}

/* What is pending is waited for by the library; its end is told. */
static void leave(room_client *c)
{
    uint64_t until_us = cli_now_us() + LEAVE_MS * 1000u;
    (void)chalk_room_leave(c->session.session, NULL); /* it may have ended */
    while (!c->closed && cli_now_us() < until_us) {
        take_events(c, 0);
        cli_wait(50);
    }
    take_events(c, 0);
}

/* Why the edge did not let in, or let go. */
static const char *words_of_end(room_client *c)
{
    chalk_room_info info = {.struct_size = sizeof info};
    (void)chalk_room_get_info(c->session.session, CHALK_VIEW_HEAD, &info);
    switch (info.reason) {
    case CHALK_REASON_SUPERSEDED:
        return "the same participant has come in elsewhere (superseded)";
    case CHALK_REASON_TAKEN:
        return "the same participant is in elsewhere, and the room keeps the first (taken)";
    case CHALK_REASON_BANNED:
        return "this participant is banned (banned)";
    case CHALK_REASON_VERSION:
        return "the edge speaks another version (version)";
    default:
        return c->why;
    }
}

static int fail_end(room_client *c, const char *what)
{
    const char *why = words_of_end(c);
    if (why[0] == '\0') {
        return cli_fail_status(&c->report, c->cause, what);
    }
    c->report.status = c->cause;
    return cli_fail(&c->report, "%s: %s (%s)", what, why, chalk_error_name(c->cause));
}

static int judge(room_client *c)
{
    char shown[CLI_URL_TEXT_MAX];
    (void)cli_url_shown(c->options->url, shown, sizeof shown);
    int code = CLI_DONE;
    if (!c->was_live) {
        code = c->cause < 0 ? fail_end(c, shown)
                            : cli_fail(&c->report, "%s: the room was never joined", shown);
    } else if (c->ended_by == NULL || c->cause < 0) {
        code = fail_end(c, "the room has ended");
    }
    if (c->unsettled > 0) {
        code = cli_fail(&c->report, "left with %" PRIu64 " things asked for and not answered",
                        c->unsettled);
    }
    return code;
}

static int run_room(room_client *c)
{
    int code = cli_session_open(&c->session, &c->report) < 0 ? CLI_FAILED : join(c);
    if (code != CLI_DONE) {
        cli_summary_of_nothing(&c->report, code, chalk_error_name(c->report.status));
        return code;
    }
    if (!lines_start()) {
        return cli_fail(&c->report, "there is no thread to read the input");
    }
    run(c);
    leave(c);
    code = judge(c);
    tell_end(c, code);
    return code;
}

int cmd_room(int argc, char **argv)
{
    static const char *const schemes[] = {"ws", "wss", "http", "https", NULL};
    static const char *const played[] = {"rtmp", "rtmps", "http", "https", NULL};
    room_options o = {.role = CHALK_ROLE_STUDENT};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_room_spec, argc, argv, &o, &code)) {
        return code;
    }
    if (!cli_url_check(&cmd_room_spec, o.url, schemes)) {
        return CLI_USAGE;
    }
    char why[160];
    if (o.follow != NULL && !cli_url_valid(o.follow, played, why, sizeof why)) {
        return cli_wrong(&cmd_room_spec, "--follow: %s", why);
    }
    if (o.token == NULL && o.name == NULL) {
        return cli_wrong(&cmd_room_spec, "who is it? --token T, or --name N at an open edge");
    }
    room_client c = {.options = &o, .began_us = cli_now_us()};
    cli_report_init(&c.report, "room", o.json, o.verbose);
    code = run_room(&c);
    cli_session_close(&c.session);
    cli_report_end(&c.report);
    return code;
}
