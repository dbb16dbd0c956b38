/* An event as a line for people, and as a JSON object. */
#include "cli/report.h"

#include "chalkrail/codec.h"
#include "chalkrail/playback.h"

#include <inttypes.h>
#include <stdio.h>

static const char *source_state_name(uint32_t state)
{
    static const char *const names[] = {"",       "running", "lost",    "resized", "ended",
                                        "hidden", "paused",  "resumed", "mirrored"};
    return state >= 1 && state <= CHALK_SOURCE_MIRRORED ? names[state] : "unknown";
}

/* The word for `state`, which means something else for every kind. */
static const char *state_name(const chalk_event *e)
{
    switch (e->kind) {
    case CHALK_EVENT_SOURCE:
        return source_state_name(e->state);
    case CHALK_EVENT_OUTPUT:
    case CHALK_EVENT_PLAYBACK:
    case CHALK_EVENT_ROOM:
        return chalk_link_state_name(e->state);
    case CHALK_EVENT_FREEZE:
    case CHALK_EVENT_CONGESTION:
    case CHALK_EVENT_RECORDING:
        return e->state == 1 ? "began" : "ended";
    case CHALK_EVENT_HINT:
        return e->state == CHALK_HINT_MOTION ? "motion" : "slides";
    case CHALK_EVENT_ROOM_SOURCE:
        return chalk_room_source_name(e->state);
    default:
        return "";
    }
}

/* What `value` says, in words; "" where it says nothing. */
static void describe_value(const chalk_event *e, char *out, size_t size)
{
    double seconds = (double)e->value / 1e6;
    bool link = e->kind == CHALK_EVENT_OUTPUT || e->kind == CHALK_EVENT_PLAYBACK ||
                e->kind == CHALK_EVENT_ROOM;
    out[0] = '\0';
    if (link && e->state == CHALK_LINK_WAITING) {
        (void)snprintf(out, size, "trying again in %.1f s", seconds);
    } else if (e->kind == CHALK_EVENT_FIRST_PICTURE) {
        (void)snprintf(out, size, "after %.3f s", seconds);
    } else if (e->kind == CHALK_EVENT_FREEZE && e->state == 0) {
        (void)snprintf(out, size, "after %.3f s", seconds);
    } else if (e->kind == CHALK_EVENT_CONGESTION) {
        (void)snprintf(out, size, "%" PRId64 " frames dropped", e->value);
    } else if (e->kind == CHALK_EVENT_ROOM_SOURCE && e->value != 0) {
        (void)snprintf(out, size, "before: %s", chalk_room_source_name((uint32_t)e->value));
    } else if (e->kind == CHALK_EVENT_OVERFLOW) {
        (void)snprintf(out, size, "%" PRId64 " events were not told", e->value);
    }
}

static void print_event(cli_report *r, const char *subject, const chalk_event *e)
{
    const char *state = state_name(e);
    char value[64], cause[128] = "";
    describe_value(e, value, sizeof value);
    if (e->cause < 0) {
        (void)snprintf(cause, sizeof cause, "%s (%s)", chalk_error_text(e->cause),
                       chalk_error_name(e->cause));
    }
    const char *parts[] = {cause, e->text, value};
    char line[512];
    size_t used =
        (size_t)snprintf(line, sizeof line, "%s%s%s", subject, state[0] != '\0' ? " " : "", state);
    const char *between = ": ";
    for (size_t i = 0; i < sizeof parts / sizeof *parts && used < sizeof line; i++) {
        if (parts[i][0] != '\0') {
            used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", between, parts[i]);
            between = "; ";
        }
    }
    cli_say(r, "%s", line);
}

static void add_event_json(cJSON *line, const char *subject, const chalk_event *e)
{
    cJSON_AddStringToObject(line, "kind", chalk_event_kind_name(e->kind));
    cJSON_AddStringToObject(line, "subject", subject);
    cJSON_AddStringToObject(line, "state", state_name(e));
    cJSON_AddStringToObject(line, "cause", chalk_error_name(e->cause));
    cJSON_AddStringToObject(line, "origin", chalk_origin_name(e->origin));
    cJSON_AddNumberToObject(line, "object", (double)e->object);
    cJSON_AddNumberToObject(line, "value", (double)e->value);
    cJSON_AddStringToObject(line, "text", e->text);
}

void cli_event(cli_report *r, const char *subject, const chalk_event *e)
{
    subject = subject != NULL ? subject : chalk_event_kind_name(e->kind);
    if (!r->json) {
        print_event(r, subject, e);
        return;
    }
    cJSON *line = cli_json(r, "event");
    if (line != NULL) {
        add_event_json(line, subject, e);
        cli_json_line(r, line);
    }
}
