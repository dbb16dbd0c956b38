/* chalkrail devices: what can be shared, heard and listened to here. */
#include "chalkrail/device.h"
#include "cli/session.h"
#include "commands.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 1024 /* as many as the library lists */

typedef struct devices_options {
    bool json;
    bool verbose;
} devices_options;

static const cli_option options[] = {
    CLI_JSON(devices_options, json),
    CLI_VERBOSE(devices_options, verbose),
    {0},
};

static const char *const examples[] = {
    "devices",
    "# each with its id, position and size, for a program to read",
    "devices --json",
    NULL,
};

const cli_spec cmd_devices_spec = {
    .name = "devices",
    .summary = "list screens, windows, microphones and speakers",
    .about = "Lists what `chalkrail publish` can share (--screen, --window, --mic) and where\n"
             "`chalkrail play` can be heard. An id names the same device again after a restart.",
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
    {CHALK_DEVICE_MICROPHONE, "microphone", "Microphones (--mic ID)", "none"},
    {CHALK_DEVICE_SPEAKER, "speaker", "Speakers", "none"},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static void print_device(cli_report *r, const chalk_device *d)
{
    const char *mark = d->is_default ? "*" : " ";
    if (d->width > 0) {
        cli_say(r, "%s %-32s %dx%d+%d+%d  %s", mark, d->id, (int)d->width, (int)d->height,
                (int)d->x, (int)d->y, d->name);
    } else {
        cli_say(r, "%s %-32s %s", mark, d->id, d->name);
    }
}

static void print_devices(cli_report *r, const chalk_device *devices, size_t count)
{
    for (size_t k = 0; k < KINDS; k++) {
        size_t found = 0;
        cli_say(r, "%s%s", k > 0 ? "\n" : "", kinds[k].title);
        for (size_t i = 0; i < count; i++) {
            if (devices[i].kind == kinds[k].kind) {
                print_device(r, &devices[i]);
                found++;
            }
        }
        if (found == 0) {
            cli_say(r, "  %s", kinds[k].none);
        }
    }
    cli_say(r, "\n* is used when none is named");
}

static void add_device_json(cJSON *line, const chalk_device *d)
{
    for (size_t k = 0; k < KINDS; k++) {
        if (kinds[k].kind == d->kind) {
            cJSON_AddStringToObject(line, "kind", kinds[k].name);
        }
    }
    cJSON_AddStringToObject(line, "id", d->id);
    cJSON_AddStringToObject(line, "name", d->name);
    cJSON_AddBoolToObject(line, "default", d->is_default != 0);
    if (d->width > 0) {
        cJSON_AddNumberToObject(line, "x", d->x);
        cJSON_AddNumberToObject(line, "y", d->y);
        cJSON_AddNumberToObject(line, "width", d->width);
        cJSON_AddNumberToObject(line, "height", d->height);
    }
}

static void json_devices(cli_report *r, const chalk_device *devices, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cJSON *line = cli_json(r, "device");
        if (line != NULL) {
            add_device_json(line, &devices[i]);
        }
        cli_json_line(r, line);
    }
    cJSON *line = cli_json(r, "summary");
    if (line != NULL) {
        cJSON_AddNumberToObject(line, "devices", (double)count);
    }
    cli_json_line(r, line);
}

static int list_devices(cli_report *r, chalk_runtime *runtime, chalk_device *devices)
{
    size_t count = 0;
    int status = chalk_devices_list(runtime, devices, DEVICES_MAX, &count);
    if (status < 0) {
        return cli_fail_status(r, status, "cannot list devices");
    }
    count = count < DEVICES_MAX ? count : DEVICES_MAX;
    if (r->json) {
        json_devices(r, devices, count);
    } else {
        print_devices(r, devices, count);
    }
    return CLI_DONE;
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
    chalk_device *devices = calloc(DEVICES_MAX, sizeof *devices);
    if (devices == NULL) {
        return cli_fail_status(&report, CHALK_ERR_NO_MEMORY, "cannot list devices");
    }
    cli_session s;
    code = CLI_FAILED;
    if (cli_session_open(&s, &report) == CHALK_OK) {
        code = list_devices(&report, s.runtime, devices);
        cli_session_close(&s);
    }
    free(devices);
    return code;
}
