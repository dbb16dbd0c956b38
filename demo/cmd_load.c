/* chalkrail load: a crowd of real students without screens, and whether the edge held. */
#include "cli/clock.h"
#include "cli/stop.h"
#include "cli/url.h"
#include "commands.h"
#include "load/load.h"
#include "load/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const cli_choice profiles[] = {
    {"lecture", LOAD_LECTURE},           {"lesson", LOAD_LESSON},
    {"chat-flood", LOAD_CHAT_FLOOD},     {"bell-rush", LOAD_BELL_RUSH},
    {"classroom10k", LOAD_CLASSROOM10K}, {0},
};

static const cli_choice media[] = {
    {"none", LOAD_MEDIA_NONE},
    {"receive", LOAD_MEDIA_RECEIVE},
    {"publish", LOAD_MEDIA_PUBLISH},
    {0},
};

static const char *const flv[] = {".flv", NULL};

static const cli_option options[] = {
    {.name = "edge",
     .value = "URL",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, edge),
     .help = "the edge: wss://, ws://, https:// or http://"},
    {.name = "secret",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, secret_file),
     .group = "tokens",
     .help = "the file that `chalkrail edge --secret` has; without it the edge is an open one"},
    {.name = "token-command",
     .value = "CMD",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, token_command),
     .group = "tokens",
     .help =
         "a program of yours that reads lines \"ROOM NAME ROLE\" and answers each with a token"},
    {.name = "plan",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, plan_file),
     .help = "JSON: these options, phases and faults; what is given here as well wins"},
    {.name = "rooms",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, rooms),
     .min = 1,
     .max = 10000,
     .heading = "Crowd",
     .help = "rooms; default 1"},
    {.name = "students",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, students),
     .min = 1,
     .max = 16000,
     .help = "students of each room; default 100"},
    {.name = "teachers",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, teachers),
     .min = 0,
     .max = 100,
     .help = "teachers of each room; default 1"},
    {.name = "room",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, room),
     .help = "rooms are NAME0, NAME1 ...; default load"},
    {.name = "ramp",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(load_options, ramp_ms),
     .min = 0,
     .max = 3600000,
     .help = "they come within this time; default 10s"},
    {.name = "for",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(load_options, for_ms),
     .min = 100,
     .max = 24 * 3600000ull,
     .help = "and stay this long after it; default 60s"},
    {.name = "profile",
     .value = "P",
     .kind = CLI_CHOICE,
     .offset = offsetof(load_options, profile),
     .choices = profiles,
     .help = "lecture, lesson, chat-flood, bell-rush or classroom10k; default lecture"},
    {.name = "replicas",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, replicas),
     .min = 1,
     .max = 100000,
     .help = "one in N keeps the whole room, and these are compared; default 100"},
    {.name = "seed",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, seed),
     .min = 0,
     .max = UINT32_MAX,
     .help = "another class; default 20260101"},
    {.name = "processes",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, processes),
     .min = 1,
     .max = LOAD_PROCESSES_MAX,
     .help = "default: one for 2,500 people, no more than processors"},
    {.name = "media",
     .value = "M",
     .kind = CLI_CHOICE,
     .offset = offsetof(load_options, media),
     .choices = media,
     .heading = "Media",
     .help = "none; receive: students watch, without decoding; publish: all publish. Default none"},
    {.name = "publish-file",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, publish_file),
     .endings = flv,
     .help = "sent in real time, over and over: by all, or by the first of each room"},
    {.name = "play",
     .value = "URL",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, play),
     .help = "what is watched instead of what the first of the room publishes"},
    {.name = "rtmp",
     .value = "URL",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, rtmp),
     .help = "where to publish; default rtmp://HOST:1935 with the edge's host"},
    {.name = "delay",
     .value = "TIME",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, delay_ms),
     .min = 0,
     .max = 10000,
     .heading = "A worse network, made in each student",
     .help = "each way; default 0"},
    {.name = "jitter",
     .value = "TIME",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, jitter_ms),
     .min = 0,
     .max = 10000,
     .help = "and up to so much more; default 0"},
    {.name = "loss",
     .value = "PERCENT",
     .kind = CLI_PERCENT,
     .offset = offsetof(load_options, loss_ppm),
     .min = 0,
     .max = 500000,
     .help = "lost on the way: comes 200 ms later and more, or the connection breaks; default 0"},
    {.name = "reconnects",
     .value = "N",
     .kind = CLI_NUMBER,
     .offset = offsetof(load_options, reconnects),
     .min = 0,
     .max = 60000,
     .help = "so many connections a minute are cut, of anybody; default 0"},
    {.name = "join-within",
     .value = "TIME",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, join_ms),
     .min = 1,
     .max = 3600000,
     .heading = "What must hold for 99 in 100",
     .help = "joining; default 3s"},
    {.name = "ordered-within",
     .value = "TIME",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, ordered_ms),
     .min = 1,
     .max = 3600000,
     .help = "from an author to everybody, ordered lane; default 450ms"},
    {.name = "crowd-within",
     .value = "TIME",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(load_options, crowd_ms),
     .min = 1,
     .max = 3600000,
     .help = "the same, crowd lane; default 1s"},
    {.name = "frozen-within",
     .value = "PERCENT",
     .kind = CLI_PERCENT,
     .offset = offsetof(load_options, frozen_ppm),
     .min = 0,
     .max = 1000000,
     .help = "of all the time that is watched, playing may stand still; default 0.5"},
    CLI_JSON(load_options, json),
    {.name = "junit",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(load_options, junit),
     .help = "writes the checks as JUnit XML, for CI"},
    CLI_VERBOSE(load_options, verbose),
    {0},
};

static const char *const examples[] = {
    "# a first run, beside `chalkrail edge --open`",
    "load --edge ws://127.0.0.1:8935 --students 200 --for 30s",
    "# the class of 10,000 that the figures are of",
    "load --edge wss://example.org --secret class.secret --students 10000 --profile classroom10k",
    "# a stream that 500 watch",
    "load --edge ws://127.0.0.1:8935 --students 500 --media receive --publish-file lesson.flv",
    "# a bad network",
    "load --edge ws://127.0.0.1:8935 --students 500 --delay 80ms --loss 0.5",
    "# every night",
    "load --plan nightly.json --junit load.xml",
    "# a thousand lessons of two",
    "load --edge ws://127.0.0.1:8935 --rooms 1000 --students 1 --profile lesson",
    NULL,
};

const cli_spec cmd_load_spec = {
    .name = "load",
    .summary = "fill rooms with students that need no screen, and judge the edge",
    .about =
        "Each student is a client of the library: it joins, writes, reacts, raises its hand, and\n"
        "what it is told is checked: nothing lost, doubled, out of order, altered or private.\n"
        "What is watched is received and timed, not decoded. The same seed is the same class.\n"
        "docs/LOAD.md is a guide.",
    .exit_codes = "0 all held, 1 something did not or could not be tried, 2 wrong usage, 3 this\n"
                  "machine was too slow, so nothing was measured",
    .options = options,
    .examples = examples,
};

/* Before hours have passed that nothing could be written of. */
static bool can_write(cli_report *report, const char *path)
{
    FILE *file = path != NULL ? fopen(path, "a") : NULL;
    if (path != NULL && file == NULL) {
        (void)cli_fail(report, "%s: %s", path, strerror(errno));
        return false;
    }
    return file == NULL || fclose(file) == 0;
}

static int run_load(cli_report *report, const load_options *o, const cli_secret *secret)
{
    static load_figures figures;   /* larger than a stack should be */
    static load_compared compared; /* and so is this */
    load_verdict verdict;
    uint32_t processes = 0;
    uint64_t began_us = cli_now_us();
    if (!can_write(report, o->junit) ||
        !load_run(report, o, secret, &figures, &compared, &processes)) {
        cli_summary_of_nothing(report, CLI_FAILED, "error");
        return CLI_FAILED;
    }
    load_judge(o, &figures, &compared, &verdict);
    load_tell(report, &figures, &compared, &verdict, processes);
    double seconds = (double)(cli_now_us() - began_us) / 1e6;
    if (o->junit != NULL && !load_write_junit(report, o->junit, &verdict, seconds)) {
        return CLI_FAILED;
    }
    return verdict.exit_code;
}

/* What the plan says are the defaults of the options. False: it was told what is wrong. */
static bool read_plan(int argc, char **argv, load_options *o)
{
    char why[512];
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        bool joined = strncmp(argv[i], "--plan=", 7) == 0;
        path = joined                                           ? argv[i] + 7
               : strcmp(argv[i], "--plan") == 0 && i + 1 < argc ? argv[i + 1]
                                                                : path;
    }
    if (path == NULL || load_plan_read(path, options, o, why, sizeof why)) {
        return true;
    }
    (void)cli_wrong(&cmd_load_spec, "--plan: %s", why);
    return false;
}

/* What the table cannot say. */
static bool fits_together(const load_options *o)
{
    static const char *const rooms[] = {"ws", "wss", "http", "https", NULL};
    static const char *const plays[] = {"http", "https", "rtmp", "rtmps", NULL};
    static const char *const publishes[] = {"rtmp", "rtmps", NULL};
    if (o->edge == NULL) {
        (void)cli_wrong(&cmd_load_spec, "--edge is missing");
        return false;
    }
    if (o->media == LOAD_MEDIA_PUBLISH && o->publish_file == NULL) {
        (void)cli_wrong(&cmd_load_spec, "--media publish needs --publish-file");
        return false;
    }
    if (o->media == LOAD_MEDIA_RECEIVE && o->publish_file == NULL && o->play == NULL) {
        (void)cli_wrong(&cmd_load_spec, "--media receive needs --publish-file or --play");
        return false;
    }
    if (o->media == LOAD_MEDIA_NONE && (o->publish_file != NULL || o->play != NULL)) {
        (void)cli_wrong(&cmd_load_spec, "--publish-file and --play need --media");
        return false;
    }
    return cli_url_check(&cmd_load_spec, o->edge, rooms) &&
           (o->play == NULL || cli_url_check(&cmd_load_spec, o->play, plays)) &&
           (o->rtmp == NULL || cli_url_check(&cmd_load_spec, o->rtmp, publishes));
}

static int run(load_options *o)
{
    cli_report report;
    cli_secret secret;
    cli_report_init(&report, "load", o->json, o->verbose);
    bool closed = o->secret_file != NULL;
    if (closed && !cli_secret_read(&report, o->secret_file, &secret)) {
        return CLI_FAILED;
    }
    int code = run_load(&report, o, closed ? &secret : NULL);
    if (closed) {
        cli_secret_wipe(&secret);
    }
    cli_report_end(&report);
    return code;
}

int cmd_load(int argc, char **argv)
{
    load_options o = {.room = "load",
                      .rooms = 1,
                      .students = 100,
                      .teachers = 1,
                      .profile = LOAD_LECTURE,
                      .seed = 20260101,
                      .replicas = 100,
                      .ramp_ms = 10000,
                      .for_ms = 60000,
                      .join_ms = 3000,
                      .ordered_ms = 450,
                      .crowd_ms = 1000,
                      .frozen_ppm = 5000};
    int code = CLI_USAGE;
    if (read_plan(argc, argv, &o) && cli_parse(&cmd_load_spec, argc, argv, &o, &code)) {
        load_plan_complete(&o);
        code = fits_together(&o) ? run(&o) : CLI_USAGE;
    }
    load_plan_free();
    return code;
}
