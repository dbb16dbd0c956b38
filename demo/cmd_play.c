/* chalkrail play: shows a stream in a window, or plays it without one. */
#include "class/player.h"
#include "class/snapshot.h"
#include "cli/options.h"
#include "cli/url.h"
#include "commands.h"

static const cli_choice latencies[] = {
    {"low", CHALK_LATENCY_LOW},
    {"balanced", CHALK_LATENCY_BALANCED},
    {"smooth", CHALK_LATENCY_SMOOTH},
    {0},
};

static const cli_option options[] = {
    {.name = "headless",
     .kind = CLI_FLAG,
     .offset = offsetof(player_options, headless),
     .help = "no window, and no sound unless --speaker names where"},
    {.name = "for",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(player_options, for_ms),
     .min = 100,
     .max = 7 * 24 * 3600 * 1000ull,
     .help = "ends after this time; default: when told to"},
    {.name = "snapshot",
     .value = "F.png",
     .kind = CLI_TEXT,
     .offset = offsetof(player_options, snapshot),
     .help = "writes the last picture to a file"},
    {.name = "record",
     .value = "F.mp4",
     .kind = CLI_TEXT,
     .offset = offsetof(player_options, record),
     .endings = cli_record_endings,
     .help = "writes the stream to a file as it comes: .mp4, .mkv or .flv; VP8 takes .mkv"},
    {.name = "latency",
     .value = "HOW",
     .kind = CLI_CHOICE,
     .offset = offsetof(player_options, latency),
     .choices = latencies,
     .help = "low, balanced or smooth: delay against sound that comes too late; default balanced"},
    {.name = "delay-min",
     .value = "MS",
     .kind = CLI_NUMBER,
     .offset = offsetof(player_options, delay_min_ms),
     .min = 1,
     .max = 5000,
     .help = "waited at least; default: as little as the network allows"},
    {.name = "delay-max",
     .value = "MS",
     .kind = CLI_NUMBER,
     .offset = offsetof(player_options, delay_max_ms),
     .min = 20,
     .max = 10000,
     .help = "waited at most; default: 500, 2000 or 5000 by --latency"},
    {.name = "mute",
     .kind = CLI_FLAG,
     .offset = offsetof(player_options, mute),
     .help = "starts without sound; M switches it on"},
    {.name = "speaker",
     .value = "ID",
     .kind = CLI_TEXT,
     .offset = offsetof(player_options, speaker),
     .help = "a speaker from \"chalkrail devices\"; default: the system's"},
    CLI_ROOM(player_options, room),
    {.name = "no-retry",
     .kind = CLI_FLAG,
     .offset = offsetof(player_options, no_retry),
     .help = "ends with the stream, or when it is lost, instead of waiting for it"},
    {.name = "stats",
     .kind = CLI_FLAG,
     .offset = offsetof(player_options, stats),
     .heading = "Output",
     .help = "a line with figures each second, as when the output is no terminal"},
    {.name = "json",
     .kind = CLI_FLAG,
     .offset = offsetof(player_options, json),
     .help = "one JSON object a line on standard output, nothing else there"},
    CLI_VERBOSE(player_options, verbose),
    {0},
};

static const char *const examples[] = {
    "play http://127.0.0.1:8935/math/li/screen.flv",
    "play https://example.org/lesson/master.m3u8",
    "play \"rtmp://127.0.0.1/math/li/screen?token=TOKEN\" --latency low --delay-max 300",
    "# with the teacher's pointer, told apart from the picture",
    "play \"http://127.0.0.1:8935/math/li/screen.flv?token=TOKEN\" --room math",
    "# what a student would see, without one",
    "play rtmp://127.0.0.1/math/li/screen --headless --for 30 --snapshot seen.png --json",
    NULL,
};

const cli_spec cmd_play_spec = {
    .name = "play",
    .summary = "show a stream, or record it",
    .about = "Plays any RTMP(S), HTTP(S)-FLV or HLS stream with H.264 and AAC; RTMP and FLV also\n"
             "with VP8 and Opus. HLS is where the path of the URL ends in .m3u8.\n"
             "Keys: F1 figures, F or F11 (or a double click) full screen, M mute, Esc or Q end.\n"
             "Exit code 0 when something was seen or heard and the end was wanted, 1 otherwise.",
    .argument = "URL",
    .argument_help = "rtmp://, rtmps://, http:// or https:// (FLV, HLS)",
    .argument_offset = offsetof(player_options, url),
    .options = options,
    .examples = examples,
};

static int write_snapshot(player *p)
{
    if (p->newest == NULL) {
        return cli_fail(&p->report, "%s was not written: there was no picture",
                        p->options->snapshot);
    }
    int status = snapshot_write(p->newest, &p->pointer, p->options->snapshot);
    return status < 0 ? cli_fail_status(&p->report, status, p->options->snapshot) : CLI_DONE;
}

static int judge(player *p, bool ended_by_itself)
{
    bool wanted = !ended_by_itself || p->cause == CHALK_OK || p->cause == CHALK_ERR_PEER_CLOSED ||
                  p->cause == CHALK_ERR_END;
    int code = CLI_DONE;
    if (!p->seen && !figures_played(&p->figures)) {
        char shown[CLI_URL_TEXT_MAX];
        (void)cli_url_shown(p->options->url, shown, sizeof shown);
        code = p->cause < 0 ? cli_fail_status(&p->report, p->cause, shown)
                            : cli_fail(&p->report, "%s: nothing was seen or heard", shown);
    } else if (!wanted) {
        code = cli_fail_status(&p->report, p->cause, "the stream ended");
    }
    if (p->options->snapshot != NULL && write_snapshot(p) != CLI_DONE) {
        code = CLI_FAILED;
    }
    if (p->options->record != NULL && (!p->recorded || p->record_status < 0)) {
        cli_warn(&p->report, "%s is %s", p->options->record,
                 p->recorded ? "not complete" : "empty: no key frame came");
        code = CLI_FAILED;
    }
    return code;
}

static void tell_summary(player *p, int code)
{
    cJSON *line = p->report.json ? cli_json(&p->report, "summary") : NULL;
    if (line == NULL) {
        return;
    }
    figures_json(&p->figures, line);
    figures_json_number(line, "seconds", (double)(cli_now_us() - p->began_us) / 1e6);
    cJSON_AddBoolToObject(line, "ok", code == CLI_DONE);
    cJSON_AddNumberToObject(line, "exit_code", code);
    cJSON_AddStringToObject(line, "ended_by", chalk_error_name(p->cause));
    cli_json_line(&p->report, line);
}

int cmd_play(int argc, char **argv)
{
    static const char *const schemes[] = {"rtmp", "rtmps", "http", "https", NULL};
    player_options o = {0};
    player p = {0};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_play_spec, argc, argv, &o, &code)) {
        return code;
    }
    if (!cli_url_check(&cmd_play_spec, o.url, schemes)) {
        return CLI_USAGE;
    }
    if (o.delay_max_ms != 0 && o.delay_min_ms > o.delay_max_ms) {
        return cli_wrong(&cmd_play_spec, "--delay-min is above --delay-max");
    }
    if (!cli_room_find(&cmd_play_spec, &o.room, o.url, false, &p.room)) {
        return CLI_USAGE;
    }
    code = player_open(&p, &o);
    if (code == CLI_DONE) {
        player_run(&p);
        bool ended_by_itself = p.closed;
        player_finish(&p);
        code = judge(&p, ended_by_itself);
        tell_summary(&p, code);
    } else {
        cli_summary_of_nothing(&p.report, code, chalk_error_name(p.report.status));
    }
    player_close(&p);
    return code;
}
