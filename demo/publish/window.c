/* Which window is meant: by its id, or by what its title says. */
#include "publish/publish.h"

#include "chalkrail/device.h"

#include <stdio.h>
#include <string.h>

#define DEVICES_MAX 1024 /* as many as the library lists */

static bool is_id(const char *text)
{
    return strncmp(text, "0x", 2) == 0 || strncmp(text, "x11win:", 7) == 0;
}

bool publish_window_choose(const char *title, const chalk_device *devices, size_t count,
                           publish_window *out)
{
    *out = (publish_window){0};
    for (size_t i = 0; i < count; i++) {
        const chalk_device *d = &devices[i];
        if (d->kind != CHALK_DEVICE_WINDOW || strstr(d->name, title) == NULL) {
            continue;
        }
        bool whole = strcmp(d->name, title) == 0;
        if (whole && !out->whole) {
            out->found = 0; /* those that merely contain it do not count any more */
        }
        if (whole || !out->whole) {
            out->device = d;
            out->found++;
            out->whole = whole;
        }
    }
    return out->found == 1;
}

int publish_window_find(publish_run *run, char id[CHALK_DEVICE_TEXT_MAX])
{
    static chalk_device devices[DEVICES_MAX]; /* one thread asks, once */
    const char *asked = run->options->window;
    if (is_id(asked)) {
        (void)snprintf(id, CHALK_DEVICE_TEXT_MAX, "%s", asked);
        return CLI_DONE;
    }
    size_t count = 0;
    int status = chalk_devices_list(run->s.runtime, devices, DEVICES_MAX, &count);
    if (status < 0) {
        return cli_fail_status(run->report, status, "cannot list the windows");
    }
    publish_window window;
    if (publish_window_choose(asked, devices, count < DEVICES_MAX ? count : DEVICES_MAX, &window)) {
        (void)snprintf(id, CHALK_DEVICE_TEXT_MAX, "%s", window.device->id);
        return CLI_DONE;
    }
    if (window.found == 0) {
        return cli_fail(run->report,
                        "no window has \"%s\" in its title; `chalkrail devices` lists them", asked);
    }
    return cli_fail(run->report,
                    "several windows have \"%s\" in their titles; name one by its id, which "
                    "`chalkrail devices` lists",
                    asked);
}
