#include "class/player.h"

#include "class/screen.h"
#include "cli/options.h"
#include "cli/stop.h"
#include "cli/url.h"

#define TAKE_MS   5 /* between looks for a picture */
#define UPDATE_US 1000000
#define READ_US   100000 /* a stream that ends takes its figures with it */
#define FINISH_US 5000000

/* --- opening --------------------------------------------------------------------------------- */

static void open_window(player *p)
{
    char why[256], title[CLI_URL_TEXT_MAX];
    const view_options window = {
        .title = cli_url_shown(p->options->url, title, sizeof title),
        .x = (int)SDL_WINDOWPOS_UNDEFINED,
        .y = (int)SDL_WINDOWPOS_UNDEFINED,
        .width = 960,
        .height = 540,
        .fit = true,
        .vsync = true,
    };
    p->has_screen = screen_open(false, why, sizeof why);
    if (p->has_screen) {
        p->window = view_open(&window);
        SDL_strlcpy(why, SDL_GetError(), sizeof why);
    }
    if (p->window == NULL) {
        cli_warn(&p->report, "no display (%s): playing without a window, as with --headless", why);
    }
}

/* The recording cannot be, or ends here; playing goes on. */
static void tell_no_recording(player *p, int status)
{
    if (status == CHALK_ERR_UNSUPPORTED) {
        cli_fail(&p->report,
                 "%s cannot hold these codecs (%s); VP8 takes a name that ends in .mkv, Opus .mkv "
                 "or .mp4",
                 p->options->record, chalk_error_name(status));
    } else {
        cli_fail_status(&p->report, status, p->options->record);
    }
    cli_warn(&p->report, "the recording ends here; playing goes on");
}

static int fail_to_play(player *p, int status)
{
    char shown[CLI_URL_TEXT_MAX];
    if (status != CHALK_ERR_INVALID_ARGUMENT) {
        return cli_fail_status(&p->report, status, "cannot play");
    }
    p->report.status = status;
    return cli_fail(&p->report,
                    "%s is not the address of a stream; such are rtmp://HOST/ROOM/NAME/screen and "
                    "http://HOST/ROOM/NAME/screen.flv",
                    cli_url_shown(p->options->url, shown, sizeof shown));
}

static int start_playback(player *p)
{
    const player_options *o = p->options;
    chalk_playback_options wanted;
    chalk_playback_options_init(&wanted);
    wanted.url = o->url;
    wanted.latency = o->latency;
    wanted.delay_min_ms = o->delay_min_ms;
    wanted.delay_max_ms = o->delay_max_ms;
    wanted.use_speaker = p->window != NULL || o->speaker != NULL;
    wanted.speaker = o->speaker;
    wanted.no_retry = o->no_retry;
    wanted.muted = o->mute;
    int status = chalk_playback_create(p->session.session, &wanted, &p->playback);
    if (status < 0) {
        return fail_to_play(p, status);
    }
    status = chalk_video_sink_open(p->session.session, p->playback, &p->pictures);
    if (status == CHALK_OK && o->record != NULL) {
        status = chalk_playback_record(p->session.session, p->playback, o->record);
        p->recording = status == CHALK_OK;
        p->record_status = status;
        if (status == CHALK_ERR_UNSUPPORTED) { /* the stream was quick to tell its codecs */
            tell_no_recording(p, status);
            status = CHALK_OK;
        }
    }
    if (status == CHALK_OK && p->window != NULL) {
        (void)chalk_video_sink_set_display(p->pictures, view_refresh_us(p->window), 0);
    }
    if (status == CHALK_OK && p->room.wanted) {
        int code = cli_room_join(&p->room, p->session.session, CHALK_ROLE_STUDENT, &p->report);
        if (code != CLI_DONE) {
            return code;
        }
        status = chalk_room_follow(p->session.session, p->playback);
    }
    if (status == CHALK_ERR_NOT_FOUND) {
        return CLI_DONE; /* it has failed already: its last event says why */
    }
    return status < 0 ? cli_fail_status(&p->report, status, o->record != NULL ? o->record : o->url)
                      : CLI_DONE;
}

int player_open(player *p, const player_options *o)
{
    p->options = o;
    p->muted = o->mute;
    p->link_state = CHALK_LINK_CONNECTING;
    cli_report_init(&p->report, "play", o->json, o->verbose);
    if (!o->headless) {
        open_window(p);
    }
    if (cli_session_open(&p->session, &p->report) < 0) {
        return CLI_FAILED;
    }
    p->began_us = cli_now_us();
    p->updated_us = p->began_us;
    figures_start(&p->figures);
    return start_playback(p);
}

/* --- what happened --------------------------------------------------------------------------- */

static void handle_recording(player *p, const chalk_event *e)
{
    p->recording = e->state == 1;
    p->recorded = p->recorded || e->state == 1;
    p->record_status = e->cause;
    if (e->cause < 0) {
        tell_no_recording(p, e->cause);
    }
}

static void handle_event(player *p, const chalk_event *e)
{
    if (e->kind == CHALK_EVENT_PLAYBACK) {
        p->link_state = e->state;
        p->closed = p->closed || e->state == CHALK_LINK_CLOSED;
        bool told = e->cause < 0 || e->state == CHALK_LINK_LIVE;
        p->cause = told ? e->cause : p->cause;
        /* A playback that is gone has no figures to read. */
        p->figures.now.state = p->link_state;
        p->figures.now.cause = p->cause;
    }
    /* The stream may be gone before this program looks for the picture. */
    p->seen = p->seen || e->kind == CHALK_EVENT_FIRST_PICTURE;
    cli_event(&p->report, e->kind == CHALK_EVENT_ROOM ? "room" : NULL, e);
    if (e->kind == CHALK_EVENT_RECORDING) {
        handle_recording(p, e);
    }
}

static void handle_window_events(player *p)
{
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        enum view_action action = view_event(p->window, &event);
        if (action == VIEW_CLOSE || event.type == SDL_QUIT) {
            p->quit = true;
        } else if (action == VIEW_MUTE) {
            p->muted = !p->muted;
            /* Gone: there is nothing to mute. */
            (void)chalk_playback_mute(p->session.session, p->playback, p->muted);
        }
    }
}

/* --- showing --------------------------------------------------------------------------------- */

static void take_picture(player *p)
{
    chalk_video_frame *frame = NULL;
    if (p->pictures == NULL || chalk_video_sink_take(p->pictures, &frame) != CHALK_OK) {
        return;
    }
    chalk_video_frame_unref(&p->newest);
    p->newest = frame;
    p->seen = true;
    if (p->window != NULL && view_show(p->window, frame) < 0) {
        cli_warn(&p->report, "a picture cannot be shown: %s", SDL_GetError());
        p->quit = true;
    }
}

/* Over a stream that is live alone: what stays of another one is a picture. */
static void take_pointer(player *p)
{
    cli_room_take(&p->room, p->session.session);
    bool live = p->link_state == CHALK_LINK_LIVE;
    bool changed = p->room.wanted &&
                   pointer_look(&p->pointer, p->session.session, &p->room, live ? p->newest : NULL);
    if (changed && p->window != NULL) {
        view_set_pointer(p->window, &p->pointer);
    }
}

static void show_state(player *p)
{
    const char *words = view_words(p->link_state, p->newest != NULL, p->cause);
    char text[160];
    bool live = p->link_state == CHALK_LINK_LIVE && p->newest != NULL;
    bool wrong = !live && p->cause < 0 && p->cause != CHALK_ERR_NO_STREAM;
    SDL_snprintf(text, sizeof text, "%s%s%s%s", words, wrong ? ": " : "",
                 wrong ? chalk_error_text(p->cause) : "", p->muted ? " (muted)" : "");
    view_set_state(p->window, text, !live);
}

static void update(player *p)
{
    char text[512];
    if (!figures_update(&p->figures, p->session.session, p->playback)) {
        return;
    }
    if (p->window != NULL) {
        figures_overlay(&p->figures, chalk_link_state_name(p->link_state), text, sizeof text);
        view_set_figures(p->window, text);
    }
    if (p->report.json) {
        cJSON *line = cli_json(&p->report, "stats");
        figures_json(&p->figures, line);
        cli_json_line(&p->report, line);
    } else if (p->options->stats || !p->report.tty) {
        figures_line(&p->figures, text, sizeof text);
        cli_live(&p->report, "%s", text);
    }
}

/* True: it waited for the display's refresh. */
static bool draw_window(player *p)
{
    handle_window_events(p);
    show_state(p);
    return view_draw(p->window);
}

static void keep_figures(player *p)
{
    uint64_t now_us = cli_now_us();
    if (now_us >= p->updated_us + UPDATE_US) {
        p->updated_us += UPDATE_US;
        update(p);
    } else if (now_us >= p->read_us + READ_US) {
        p->read_us = now_us;
        (void)figures_read(&p->figures, p->session.session, p->playback); /* gone: these stand */
    }
}

static bool is_over(const player *p)
{
    uint64_t for_us = p->options->for_ms * 1000;
    bool late = for_us > 0 && cli_now_us() >= p->began_us + for_us;
    return late || p->quit || p->closed || cli_interrupted();
}

void player_run(player *p)
{
    while (!is_over(p)) {
        chalk_event event;
        while (cli_session_event(p->session.session, &event, 0) == CHALK_OK) {
            handle_event(p, &event);
        }
        take_picture(p);
        take_pointer(p);
        keep_figures(p);
        if (p->window == NULL || !draw_window(p)) {
            cli_wait(TAKE_MS);
        }
    }
}

/* --- ending ---------------------------------------------------------------------------------- */

/* Waits until the playback and its recording have ended. */
void player_finish(player *p)
{
    update(p);
    if (!p->closed) {
        (void)chalk_playback_remove(p->session.session, p->playback,
                                    NULL); /* gone: it ends as well */
    }
    chalk_event event;
    uint64_t until_us = cli_now_us() + FINISH_US;
    while ((!p->closed || p->recording) && cli_now_us() < until_us) {
        if (chalk_session_wait_event(p->session.session, &event, 100) == CHALK_OK) {
            handle_event(p, &event);
        }
    }
}

void player_close(player *p)
{
    chalk_video_frame_unref(&p->newest);
    chalk_video_sink_close(&p->pictures);
    cli_session_close(&p->session);
    view_close(&p->window);
    if (p->has_screen) {
        screen_close();
    }
    cli_report_end(&p->report);
}
