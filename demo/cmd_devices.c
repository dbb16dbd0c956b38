/* chalkrail devices: what can be shared, heard and listened to here. */
#include "chalkrail/device.h"
#include "cli/session.h"
#include "cli/stop.h"
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 1024 /* as many as the library lists */
#define MODES_MAX   512
#define WAIT_MS     60000 /* nothing is due; an event or a signal ends the wait */

typedef struct devices_options {
    bool watch;
    bool json;
    bool verbose;
} devices_options;

static const cli_option options[] = {
    {.name = "watch",
     .kind = CLI_FLAG,
     .offset = offsetof(devices_options, watch),
     .help = "list them again when cameras come or go, until Ctrl-C"},
    CLI_JSON(devices_options, json),
    CLI_VERBOSE(devices_options, verbose),
    {0},
};

static const char *const examples[] = {
    "devices",
    "# each with its id, position and size, cameras with their modes, for a program to read",
    "devices --json",
    NULL,
};

const cli_spec cmd_devices_spec = {
    .name = "devices",
    .summary = "list screens, windows, cameras, microphones and speakers",
    .about =
        "Lists what `chalkrail publish` can share (--screen, --window, --camera, --mic) and\n"
        "where `chalkrail play` can be heard. An id names the same device again after a restart.",
    .options = options,
    .examples = examples,
};

static const struct kind {
    uint32_t kind;
    const char *name;
    const char *title;
    const char *none;
} kinds[] = {
    {CHALK_DEVICE_SCREEN, "screen", "Screens (--screen ID)", "none: no display can be opened"},
    {CHALK_DEVICE_WINDOW, "window", "Windows (--window ID)", "none"},
    {CHALK_DEVICE_CAMERA, "camera", "Cameras (--camera ID)", "none"},
    {CHALK_DEVICE_MICROPHONE, "microphone", "Microphones (--mic ID)", "none"},
    {CHALK_DEVICE_SPEAKER, "speaker", "Speakers", "none"},
};
#define KINDS (sizeof kinds / sizeof *kinds)

typedef struct listing {
    cli_report *report;
    chalk_runtime *runtime;
    chalk_device *devices;
    size_t count;
    chalk_camera_mode *modes; /* of the camera at hand */
} listing;

/* A camera that is unplugged meanwhile has none. */
static size_t read_modes(const listing *l, const chalk_device *d)
{
    size_t count = 0;
    if (chalk_camera_modes(l->runtime, d->id, l->modes, MODES_MAX, &count) < 0) {
        return 0;
    }
    return count < MODES_MAX ? count : MODES_MAX;
}

static const char *format_name(uint32_t format)
{
    static const char *const names[] = {
        [CHALK_CAMERA_I420] = "i420",
        [CHALK_CAMERA_NV12] = "nv12",
        [CHALK_CAMERA_YUYV] = "yuyv",
        [CHALK_CAMERA_MJPEG] = "mjpeg",
    };
    return format < sizeof names / sizeof *names && names[format] != NULL ? names[format]
                                                                          : "unknown";
}

static bool same_picture(const chalk_camera_mode *a, const chalk_camera_mode *b)
{
    return a->format == b->format && a->width == b->width && a->height == b->height;
}

/* A line for each format and size, with all its rates. */
static void print_modes(const listing *l, size_t count)
{
    for (size_t i = 0; i < count;) {
        const chalk_camera_mode *m = &l->modes[i];
        char rates[256] = "";
        size_t used = 0;
        for (; i < count && same_picture(m, &l->modes[i]); i++) {
            if (l->modes[i].fps_milli > 0 && used < sizeof rates - 16) {
                used += (size_t)snprintf(rates + used, sizeof rates - used, " %g",
                                         l->modes[i].fps_milli / 1000.0);
            }
        }
        cli_say(l->report, "    %-5s %dx%d at%s", format_name(m->format), (int)m->width,
                (int)m->height, used > 0 ? rates : " its own rate");
    }
}

static void print_device(const listing *l, const chalk_device *d)
{
    cli_report *r = l->report;
    const char *mark = d->is_default ? "*" : " ";
    if (d->kind == CHALK_DEVICE_CAMERA) {
        cli_say(r, "%s %-32s %s", mark, d->id, d->name);
        print_modes(l, read_modes(l, d));
    } else if (d->width > 0) {
        cli_say(r, "%s %-32s %dx%d+%d+%d  %s", mark, d->id, (int)d->width, (int)d->height,
                (int)d->x, (int)d->y, d->name);
    } else {
        cli_say(r, "%s %-32s %s", mark, d->id, d->name);
    }
}

static void print_devices(const listing *l)
{
    cli_report *r = l->report;
    for (size_t k = 0; k < KINDS; k++) {
        size_t found = 0;
        cli_say(r, "%s%s", k > 0 ? "\n" : "", kinds[k].title);
        for (size_t i = 0; i < l->count; i++) {
            if (l->devices[i].kind == kinds[k].kind) {
                print_device(l, &l->devices[i]);
                found++;
            }
        }
        if (found == 0) {
            cli_say(r, "  %s", kinds[k].none);
        }
    }
    cli_say(r, "\n* is used when none is named");
}

static void add_modes_json(cJSON *line, const listing *l, size_t count)
{
    cJSON *list = cJSON_AddArrayToObject(line, "modes");
    for (size_t i = 0; list != NULL && i < count; i++) {
        const chalk_camera_mode *m = &l->modes[i];
        cJSON *mode = cJSON_CreateObject();
        cJSON_AddStringToObject(mode, "format", format_name(m->format));
        cJSON_AddNumberToObject(mode, "width", m->width);
        cJSON_AddNumberToObject(mode, "height", m->height);
        cJSON_AddNumberToObject(mode, "fps", m->fps_milli / 1000.0); /* 0: it does not say */
        cJSON_AddItemToArray(list, mode);
    }
}

static void add_device_json(cJSON *line, const listing *l, const chalk_device *d)
{
    for (size_t k = 0; k < KINDS; k++) {
        if (kinds[k].kind == d->kind) {
            cJSON_AddStringToObject(line, "kind", kinds[k].name);
        }
    }
    cJSON_AddStringToObject(line, "id", d->id);
    cJSON_AddStringToObject(line, "name", d->name);
    cJSON_AddBoolToObject(line, "default", d->is_default != 0);
    if (d->kind == CHALK_DEVICE_CAMERA) {
        add_modes_json(line, l, read_modes(l, d));
    } else if (d->width > 0) {
        cJSON_AddNumberToObject(line, "x", d->x);
        cJSON_AddNumberToObject(line, "y", d->y);
    }
    if (d->width > 0) {
        cJSON_AddNumberToObject(line, "width", d->width);
        cJSON_AddNumberToObject(line, "height", d->height);
    }
}

static void json_devices(const listing *l)
{
    cli_report *r = l->report;
    for (size_t i = 0; i < l->count; i++) {
        cJSON *line = cli_json(r, "device");
        if (line != NULL) {
            add_device_json(line, l, &l->devices[i]);
        }
        cli_json_line(r, line);
    }
    cJSON *line = cli_json(r, "summary");
    if (line != NULL) {
        cJSON_AddNumberToObject(line, "devices", (double)l->count);
    }
    cli_json_line(r, line);
}

static int list_devices(listing *l)
{
    int status = chalk_devices_list(l->runtime, l->devices, DEVICES_MAX, &l->count);
    if (status < 0) {
        return cli_fail_status(l->report, status, "cannot list devices");
    }
    l->count = l->count < DEVICES_MAX ? l->count : DEVICES_MAX;
    if (l->report->json) {
        json_devices(l);
    } else {
        print_devices(l);
    }
    return CLI_DONE;
}

static int watch_devices(listing *l, chalk_session *session)
{
    int code = list_devices(l);
    while (code == CLI_DONE && !cli_interrupted()) {
        chalk_event event;
        if (cli_session_event(session, &event, WAIT_MS) != CHALK_OK) {
            continue;
        }
        cli_event(l->report, NULL, &event);
        if (event.kind == CHALK_EVENT_DEVICES) {
            code = list_devices(l);
        }
    }
    return code;
}

int cmd_devices(int argc, char **argv)
{
    devices_options o = {0};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_devices_spec, argc, argv, &o, &code)) {
        return code;
    }
    cli_report report;
    cli_report_init(&report, "devices", o.json, o.verbose);
    listing l = {.report = &report,
                 .devices = calloc(DEVICES_MAX, sizeof *l.devices),
                 .modes = calloc(MODES_MAX, sizeof *l.modes)};
    cli_session s;
    code = CLI_FAILED;
    if (l.devices == NULL || l.modes == NULL) {
        code = cli_fail_status(&report, CHALK_ERR_NO_MEMORY, "cannot list devices");
    } else if (cli_session_open(&s, &report) == CHALK_OK) {
        l.runtime = s.runtime;
        code = o.watch ? watch_devices(&l, s.session) : list_devices(&l);
        cli_session_close(&s);
    }
    free(l.devices);
    free(l.modes);
    return code;
}
