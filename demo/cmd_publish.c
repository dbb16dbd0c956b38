/* chalkrail publish: sends a screen, a window, a camera, a file or a test picture to an RTMP
 * server. */
#include "chalkrail/publication.h"
#include "cli/stop.h"
#include "cli/url.h"
#include "commands.h"
#include "publish/publish.h"

#include <stdlib.h>
#include <string.h>

#define SECOND_US        1000000
#define CLOSE_TIMEOUT_US 5000000 /* the library's own is 2 s; the rest is for a full disk */
#define HEIGHT_MAX       2304    /* of an encoded picture */

/* --- what a table of options cannot check ------------------------------------------------------
 */

static bool check_options(publish_options *o, cli_report *r, int *code)
{
    static const char *const schemes[] = {"rtmp", "rtmps", NULL};
    char device[CHALK_EVENT_TEXT_MAX];
    chalk_rect region;
    *code = CLI_USAGE;
    if (!cli_url_check(&cmd_publish_spec, o->url, schemes)) {
        return false;
    }
    if (o->screen != NULL && !publish_screen_parse(o->screen, device, sizeof device, &region)) {
        (void)cli_wrong(&cmd_publish_spec,
                        "--screen wants DISPLAY[,WxH+X+Y], such as "
                        ":0,1280x720+0+0, not \"%s\"",
                        o->screen);
        return false;
    }
    bool other = o->window != NULL || o->camera != NULL || o->file != NULL || o->synthetic;
    if (o->region != NULL && (other || !publish_region_parse(o->region, &region))) {
        (void)cli_wrong(&cmd_publish_spec, other ? "--region is for a screen alone"
                                                 : "--region wants WxH+X+Y, such as 1280x720+0+0");
        return false;
    }
    if (o->size.height > HEIGHT_MAX) {
        (void)cli_wrong(&cmd_publish_spec, "--size is at most 4096x%d", HEIGHT_MAX);
        return false;
    }
    if (o->cursor > CHALK_CURSOR_VIDEO && o->room.room == NULL) {
        (void)cli_wrong(&cmd_publish_spec, "a lane is a room's: --cursor lane wants --room");
        return false;
    }
    if (o->loop && o->file == NULL) {
        (void)cli_wrong(&cmd_publish_spec, "--loop is for --file alone");
        return false;
    }
    bool chosen = o->screen != NULL || o->window != NULL || o->camera != NULL || o->file != NULL ||
                  o->synthetic;
    const char *display = getenv("DISPLAY");
    if (!chosen && (display == NULL || display[0] == '\0')) {
        r->status = CHALK_ERR_NO_DISPLAY;
        *code = cli_fail(r, "there is no display to share (DISPLAY is not set); say what to send: "
                            "--synthetic, --camera, --file FILE or --screen DISPLAY");
        return false;
    }
    if (!chosen) {
        o->screen = "";
    }
    return true;
}

/* --- what happens while it runs ----------------------------------------------------------------
 */

static void end(publish_run *run, const char *by)
{
    if (run->ended_by == NULL) {
        run->ended_by = by;
    }
}

static void on_server(publish_run *run, const chalk_event *e)
{
    cli_event(run->report, "server", e);
    run->was_live = run->was_live || e->state == CHALK_LINK_LIVE;
    if (e->state == CHALK_LINK_LIVE) {
        run->cause = CHALK_OK;
    } else if (e->cause < 0) {
        run->cause = e->cause;
        (void)snprintf(run->cause_text, sizeof run->cause_text, "%s", e->text);
    }
    if (e->state == CHALK_LINK_CLOSED) {
        run->server = 0;
        end(run, "error");
    }
}

static void on_record(publish_run *run, const chalk_event *e)
{
    cli_event(run->report, "recording", e);
    if (e->state == CHALK_LINK_CLOSED) {
        run->record = 0;
        run->record_failed = e->cause < 0;
    }
    if (e->cause < 0) {
        cli_warn(run->report, "the recording ended: %s (%s)%s", chalk_error_text(e->cause),
                 chalk_error_name(e->cause), run->ended_by == NULL ? "; the stream goes on" : "");
    }
}

static void on_encoder(publish_run *run, const chalk_event *e)
{
    bool video = e->object == run->video;
    cli_event(run->report, video ? "picture encoder" : "sound encoder", e);
    chalk_encoding_stats stats = {.struct_size = sizeof stats};
    bool known = chalk_encoding_get_stats(run->s.session, e->object, &stats) == CHALK_OK;
    if (e->cause < 0 && known && stats.encoder[0] == '\0') {
        run->encoder_failed = true;
        run->cause = e->cause;
        end(run, "error");
    }
}

static void on_event(publish_run *run, const chalk_event *e)
{
    if (e->kind == CHALK_EVENT_OUTPUT && e->object == run->server) {
        on_server(run, e);
    } else if (e->kind == CHALK_EVENT_OUTPUT && e->object == run->record) {
        on_record(run, e);
    } else if (e->kind == CHALK_EVENT_ENCODER) {
        on_encoder(run, e);
    } else if (e->kind == CHALK_EVENT_SOURCE) {
        bool material = e->object == run->material;
        cli_event(run->report, material ? "source" : "sound source", e);
        if (material && e->state == CHALK_SOURCE_ENDED) {
            end(run, "source");
        }
    } else {
        cli_event(run->report, e->kind == CHALK_EVENT_ROOM ? "room" : NULL, e);
    }
}

static void follow(publish_run *run)
{
    uint64_t next_us = run->whole.wall_us + SECOND_US;
    uint64_t until_us = UINT64_MAX;
    if (run->options->for_ms > 0) {
        until_us = run->whole.wall_us + run->options->for_ms * 1000;
    }
    while (run->ended_by == NULL) {
        uint64_t now_us = cli_now_us();
        uint64_t wake_us = next_us < until_us ? next_us : until_us;
        uint32_t wait_ms = now_us < wake_us ? (uint32_t)((wake_us - now_us + 999) / 1000) : 0;
        chalk_event event;
        if (cli_session_event(run->s.session, &event, wait_ms) == CHALK_OK) {
            on_event(run, &event);
        }
        cli_room_take(&run->room, run->s.session);
        publish_heed_pause(run);
        now_us = cli_now_us();
        if (now_us >= next_us) {
            publish_tell_figures(run);
            next_us += SECOND_US;
        }
        if (cli_interrupted()) {
            end(run, "signal");
        } else if (now_us >= until_us) {
            end(run, "time");
        }
    }
}

/* Ends both outputs and waits until they are closed, so that what was queued is sent and written.
 */
static void close_outputs(publish_run *run)
{
    uint64_t until_us = cli_now_us() + CLOSE_TIMEOUT_US;
    (void)chalk_output_remove(run->s.session, run->server, NULL); /* 0 or gone: not found */
    (void)chalk_output_remove(run->s.session, run->record, NULL);
    while ((run->server != 0 || run->record != 0) && cli_now_us() < until_us) {
        chalk_event event;
        int status = chalk_session_wait_event(run->s.session, &event, 100);
        if (status == CHALK_OK) {
            on_event(run, &event);
        }
    }
}

/* --- the beginning and the end -----------------------------------------------------------------
 */

/* What a recording of these codecs is named. */
static const char *record_advice(const publish_options *o)
{
    return o->video_codec == CHALK_CODEC_VP8 ? "VP8 takes a name that ends in .mkv"
                                             : "Opus takes a name that ends in .mkv or .mp4";
}

static int open_outputs(publish_run *run)
{
    const publish_options *o = run->options;
    chalk_output_options output;
    if (o->record != NULL) {
        chalk_output_options_init(&output);
        output.path = o->record;
        int status = chalk_output_create(run->s.session, run->publication, &output, &run->record);
        if (status == CHALK_ERR_UNSUPPORTED) {
            run->report->status = status;
            return cli_fail(run->report, "%s cannot be recorded into: %s", o->record,
                            record_advice(o));
        }
        if (status < 0) {
            return cli_fail_status(run->report, status, "cannot record");
        }
    }
    chalk_output_options_init(&output);
    output.url = o->url;
    output.no_retry = o->no_retry;
    int status = chalk_output_create(run->s.session, run->publication, &output, &run->server);
    return status < 0 ? cli_fail_status(run->report, status, "cannot publish there") : CLI_DONE;
}

static const char *advice_for(const publish_run *run)
{
    switch (run->cause) {
    case CHALK_ERR_DENIED:
        /* Only a server that speaks of names is not helped by another token. */
        if (strstr(run->cause_text, "the stream's name") != NULL) {
            return "another token would not help: see what the server says, and check the URL";
        }
        return "make a token for this room and name with `chalkrail token ... --role teacher` and "
               "append it: URL?token=TOKEN";
    case CHALK_ERR_CODEC_UNKNOWN:
        return "leave --video-codec and --audio-codec out: H.264 and AAC go to every server";
    case CHALK_ERR_NAME_TAKEN:
        return "choose another name, or end the other stream";
    case CHALK_ERR_REFUSED:
        return "is the server running, and is this its port?";
    case CHALK_ERR_NAME_UNRESOLVED:
        return "is the host's name right, and is there a network?";
    default:
        return chalk_error_advice(run->cause);
    }
}

static int explain_end(publish_run *run)
{
    bool asked = strcmp(run->ended_by, "error") != 0;
    if (run->encoder_failed) {
        return cli_fail(run->report, "no encoder works: %s (%s)", chalk_error_text(run->cause),
                        chalk_error_name(run->cause));
    }
    if (asked && run->was_live) {
        return run->record_failed ? CLI_FAILED : CLI_DONE;
    }
    if (run->cause == CHALK_OK) {
        return cli_fail(run->report, "it was never live");
    }
    char url[CLI_URL_TEXT_MAX];
    return cli_fail(run->report, "%s: %s (%s)%s%s; %s",
                    cli_url_shown(run->options->url, url, sizeof url), chalk_error_text(run->cause),
                    chalk_error_name(run->cause), run->cause_text[0] != '\0' ? ": " : "",
                    run->cause_text, advice_for(run));
}

static int publish(publish_run *run)
{
    int code = publish_open_material(run);
    if (code == CLI_DONE) {
        code = cli_room_join(&run->room, run->s.session, CHALK_ROLE_TEACHER, run->report);
    }
    if (code == CLI_DONE) {
        code = open_outputs(run);
    }
    if (code != CLI_DONE) {
        cli_summary_of_nothing(run->report, code, "error");
        return code;
    }
    char url[CLI_URL_TEXT_MAX];
    cli_say(run->report, "publishing to %s", cli_url_shown(run->options->url, url, sizeof url));
    cli_meter_start(&run->whole);
    run->meter = run->whole;
    publish_begin_pausing(run);
    run->figures.at_us = run->whole.wall_us;
    follow(run);
    publish_read_figures(run);
    close_outputs(run);
    code = explain_end(run);
    publish_tell_summary(run, code);
    return code;
}

int cmd_publish(int argc, char **argv)
{
    publish_options o = {0};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_publish_spec, argc, argv, &o, &code)) {
        return code;
    }
    cli_report report;
    cli_report_init(&report, "publish", o.json, o.verbose);
    if (!check_options(&o, &report, &code)) {
        if (code == CLI_FAILED) {
            cli_summary_of_nothing(&report, code, "error");
        }
        return code;
    }
    publish_run run = {.options = &o, .report = &report};
    if (!cli_room_find(&cmd_publish_spec, &o.room, o.url, true, &run.room)) {
        return CLI_USAGE;
    }
    if (cli_session_open(&run.s, &report) < 0) {
        cli_summary_of_nothing(&report, CLI_FAILED, "error");
        return CLI_FAILED;
    }
    code = publish(&run);
    cli_session_close(&run.s);
    cli_report_end(&report);
    return code;
}
