/* chalkrail demo: a lesson on this machine, to see that everything works. */
#include "class/display.h"
#include "class/lesson.h"
#include "class/screen.h"
#include "cli/options.h"
#include "commands.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DISPLAY_WIDTH  1280
#define DISPLAY_HEIGHT 720
#define DEFAULT_FOR_MS 20000
#define FILE_NAME_MAX  1024

typedef struct demo_options {
    bool headless;
    bool screen;
    bool mic;
    bool json;
    bool verbose;
    uint64_t for_ms; /* 0: not given */
    const char *out;
} demo_options;

static const cli_option options[] = {
    {.name = "headless",
     .kind = CLI_FLAG,
     .offset = offsetof(demo_options, headless),
     .help = "on a virtual display of its own, even if there is a real one"},
    {.name = "screen",
     .kind = CLI_FLAG,
     .offset = offsetof(demo_options, screen),
     .help = "share the whole screen instead of a slide window"},
    {.name = "mic",
     .kind = CLI_FLAG,
     .offset = offsetof(demo_options, mic),
     .help = "the microphone instead of a synthetic voice"},
    {.name = "for",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(demo_options, for_ms),
     .min = 1000,
     .max = 24 * 3600 * 1000,
     .help = "how long; default: until closed, without a display 20 s"},
    {.name = "out",
     .value = "DIR",
     .kind = CLI_TEXT,
     .offset = offsetof(demo_options, out),
     .help = "where student.png and student.mp4 are left; default chalkrail-demo"},
    CLI_JSON(demo_options, json),
    CLI_VERBOSE(demo_options, verbose),
    {0},
};

static const char *const examples[] = {
    "demo",
    "# the real screen and voice; nothing of them leaves this machine",
    "demo --screen --mic",
    "# for a machine without a display: report, snapshot, recording",
    "demo --headless --for 60 --json",
    NULL,
};

const cli_spec cmd_demo_spec = {
    .name = "demo",
    .summary = "a lesson on this machine: an edge, a teacher and two students",
    .about =
        "Starts an edge, a teacher who shares a slide window of the demo's own with a synthetic "
        "voice,\nand two students in windows, one audible and one muted, until the slide window "
        "is closed.\nWithout a display (or with --headless) it makes a virtual one, runs 20 s, "
        "and leaves a report,\na student's snapshot and a recording; with one it writes them "
        "when --for is given.\nSlides and voice carry marks: the report says how late pictures "
        "are, and how far from the\nsound. Exit code 1 when something is missing or out of "
        "bounds.",
    .options = options,
    .examples = examples,
};

/* --- where files go -------------------------------------------------------------------------- */

/* Like mkdir -p. */
static bool make_folder(const char *path)
{
    char part[FILE_NAME_MAX];
    size_t size = strlen(path);
    if (size >= sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(part, path, size + 1);
    for (size_t i = 1; i <= size; i++) {
        if (part[i] != '/' && part[i] != '\0') {
            continue;
        }
        part[i] = '\0';
        if (mkdir(part, 0777) != 0 && errno != EEXIST) {
            return false;
        }
        part[i] = i < size ? '/' : '\0';
    }
    return true;
}

typedef struct demo_files {
    char snapshot[FILE_NAME_MAX + 16];
    char recording[FILE_NAME_MAX + 16];
} demo_files;

static bool prepare_files(cli_report *report, const char *folder, demo_files *files)
{
    if (!make_folder(folder)) {
        cli_fail(report, "%s: %s", folder, strerror(errno));
        return false;
    }
    snprintf(files->snapshot, sizeof files->snapshot, "%s/student.png", folder);
    snprintf(files->recording, sizeof files->recording, "%s/student.mp4", folder);
    return true;
}

/* --- running --------------------------------------------------------------------------------- */

/* A display with SDL's video on it: the real one, or one of our own. */
static bool open_display(cli_report *report, const demo_options *o, display *own)
{
    char why[256];
    if (!o->headless && screen_open(true, why, sizeof why)) {
        return true;
    }
    if (!o->headless) {
        cli_say(report, "no display (%s): a virtual one is used", why);
    }
    if (!display_start(own, DISPLAY_WIDTH, DISPLAY_HEIGHT, why, sizeof why)) {
        cli_fail(report, "%s", why);
        return false;
    }
    if (!screen_open(true, why, sizeof why)) {
        cli_fail(report, "the virtual display cannot be used: %s", why);
        return false;
    }
    return true;
}

static int run_lesson(cli_report *report, const demo_options *o, bool own_display)
{
    static lesson l; /* large: it holds what was measured */
    demo_files files;
    bool with_files = own_display || o->for_ms > 0;
    if (with_files && !prepare_files(report, o->out, &files)) {
        return CLI_FAILED;
    }
    const lesson_options options_of_lesson = {
        .own_display = own_display,
        .screen = o->screen,
        .microphone = o->mic,
        .for_ms = o->for_ms > 0 ? o->for_ms
                  : own_display ? DEFAULT_FOR_MS
                                : 0,
        .snapshot = with_files ? files.snapshot : NULL,
        .recording = with_files ? files.recording : NULL,
    };
    int code = CLI_FAILED;
    if (lesson_open(&l, &options_of_lesson, report)) {
        lesson_run(&l);
        code = lesson_conclude(&l);
    }
    lesson_close(&l);
    return code;
}

int cmd_demo(int argc, char **argv)
{
    demo_options o = {.out = "chalkrail-demo"};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_demo_spec, argc, argv, &o, &code)) {
        return code;
    }
    cli_report report;
    display own = {0};
    cli_report_init(&report, "demo", o.json, o.verbose);
    code = open_display(&report, &o, &own) ? run_lesson(&report, &o, own.pid > 0) : CLI_FAILED;
    screen_close();
    display_stop(&own);
    cli_report_end(&report);
    return code;
}
