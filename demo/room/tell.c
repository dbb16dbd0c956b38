/* What happened in a room, as lines for people or as JSON. */
#include "cli/clock.h"
#include "room/room.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* --- JSON ------------------------------------------------------------------------------------ */

/* Numbers that are 0 and texts that are empty are left out. */
static void add_number(cJSON *line, const char *name, uint64_t value)
{
    if (value != 0) {
        cli_json_u64(line, name, value);
    }
}

static void add_text(cJSON *line, const char *name, const char *text)
{
    if (text[0] != '\0') {
        cJSON_AddStringToObject(line, name, text);
    }
}

/* To whom, and by which lane. */
void tell_add_way(cJSON *line, uint32_t lane, uint32_t audience)
{
    static const char *const lanes[] = {"", "ordered", "crowd"};
    static const char *const audiences[] = {"", "all", "staff", "one", "self"};
    add_text(line, "lane", lane <= CHALK_LANE_CROWD ? lanes[lane] : "");
    add_text(line, "audience", audience <= CHALK_TO_SELF ? audiences[audience] : "");
}

/* Any bytes, which JSON has no other way for. */
static void add_data(cJSON *line, const uint8_t *data, size_t size)
{
    char *hex = size > 0 ? malloc(2 * size + 1) : NULL;
    for (size_t i = 0; hex != NULL && i < size; i++) {
        (void)snprintf(hex + 2 * i, 3, "%02x", data[i]);
    }
    add_text(line, "data_hex", hex != NULL ? hex : "");
    free(hex);
}

static void add_kind(room_client *c, const chalk_room_event *e, cJSON *line)
{
    switch (e->kind) {
    case CHALK_ROOM_EVENT_HAPPENED:
    case CHALK_ROOM_EVENT_PAST:
        cJSON_AddStringToObject(line, "what", chalk_room_what_name(e->what));
        tell_add_way(line, e->lane, e->audience);
        break;
    case CHALK_ROOM_EVENT_SETTLED:
    case CHALK_ROOM_EVENT_HELD:
        cJSON_AddStringToObject(line, "reason", chalk_room_reason_name(e->reason));
        break;
    case CHALK_ROOM_EVENT_PAGE:
    case CHALK_ROOM_EVENT_TOKEN:
        cJSON_AddStringToObject(line, "cause", chalk_error_name(e->cause));
        break;
    case CHALK_ROOM_EVENT_SUMMARY:
        (void)look_add_summary(c, line);
        break;
    default:
        break;
    }
    if (e->kind == CHALK_ROOM_EVENT_HAPPENED || e->kind == CHALK_ROOM_EVENT_SHOWN ||
        e->kind == CHALK_ROOM_EVENT_POINTER) {
        cJSON_AddStringToObject(line, "how", chalk_room_how_name(e->how));
        add_number(line, "late_us", e->late_us);
    }
}

static void tell_json(room_client *c, const chalk_room_event *e)
{
    cJSON *line = cli_json(&c->report, "room");
    if (line == NULL) {
        return;
    }
    cJSON_AddStringToObject(line, "kind", chalk_room_event_kind_name(e->kind));
    add_kind(c, e, line);
    add_number(line, "number", e->number);
    add_number(line, "author", e->author);
    add_text(line, "name", e->name);
    add_number(line, "target", e->target);
    add_number(line, "value", e->value);
    add_number(line, "on", e->on);
    add_number(line, "about", e->about);
    add_number(line, "times", e->times);
    add_number(line, "intent", e->intent);
    add_number(line, "request", e->request);
    add_number(line, "order_us", e->order_us);
    add_number(line, "origin_us", e->origin_us);
    add_text(line, "text", e->text);
    add_data(line, e->data, e->data_size);
    cli_json_line(&c->report, line);
}

/* --- lines ----------------------------------------------------------------------------------- */

static void name_of(room_client *c, chalk_person_id id, char *out, size_t size)
{
    chalk_room_person person = {.struct_size = sizeof person};
    if (id != 0 &&
        chalk_class_get_person(c->session.session, CHALK_VIEW_HEAD, id, &person) == CHALK_OK) {
        (void)snprintf(out, size, "%s", person.name);
    } else {
        (void)snprintf(out, size, id != 0 ? "#%" PRIu64 : "everybody", id);
    }
}

static void say_chat(room_client *c, const chalk_room_event *e, const char *mark)
{
    char whom[96] = "", times[32] = "", target[80];
    if (e->audience == CHALK_TO_STAFF) {
        (void)snprintf(whom, sizeof whom, " to staff");
    } else if (e->audience == CHALK_TO_ONE) {
        name_of(c, e->target, target, sizeof target);
        (void)snprintf(whom, sizeof whom, " to %s", target);
    }
    if (e->times > 1) {
        (void)snprintf(times, sizeof times, " (x %" PRIu64 ")", e->times);
    }
    bool gone = e->kind == CHALK_ROOM_EVENT_PAST && e->on != 0;
    cli_say(&c->report, "%s%" PRIu64 " %s%s: %s%s", mark, e->number, e->name, whom,
            gone ? "(taken back)" : e->text, times);
}

static void say_happened(room_client *c, const chalk_room_event *e, const char *mark)
{
    char target[80];
    if (e->what == CHALK_WHAT_CHAT) {
        say_chat(c, e, mark);
        return;
    }
    name_of(c, e->target, target, sizeof target);
    cli_say(&c->report, "%s%" PRIu64 " %s%s%s%s%s: on %u, value %" PRIu64 ", about %" PRIu64 "%s%s",
            mark, e->number, chalk_room_what_name(e->what), e->name[0] != '\0' ? " by " : "",
            e->name, e->target != 0 ? ", " : "", e->target != 0 ? target : "", e->on, e->value,
            e->about, e->text[0] != '\0' ? ": " : "", e->text);
}

static void say_reset(room_client *c, const chalk_room_event *e)
{
    if (e->value > 0) {
        cli_say(&c->report, "%" PRIu64 " events are not told: look at what there is", e->value);
    }
}

static void say_held(room_client *c, const chalk_room_event *e)
{
    if (e->reason == CHALK_REASON_NONE) {
        cli_say(&c->report, "the edge takes again what is said");
    } else {
        cli_say(&c->report, "the edge takes nothing now (%s); it is tried again",
                chalk_room_reason_name(e->reason));
    }
}

/* What a student may send; staff's longer ones are refused before they are sent. */
static const char limits[] = ": a student's text has at most 2,000 bytes, data 4,096";

static void tell_line(room_client *c, const chalk_room_event *e)
{
    cli_report *r = &c->report;
    switch (e->kind) {
    case CHALK_ROOM_EVENT_HAPPENED:
        say_happened(c, e, "");
        break;
    case CHALK_ROOM_EVENT_PAST:
        say_happened(c, e, "before: ");
        break;
    case CHALK_ROOM_EVENT_SETTLED:
        if (e->reason != CHALK_REASON_NONE) {
            cli_say(r, "intent %" PRIu64 ": %s%s", e->intent, chalk_room_reason_name(e->reason),
                    e->reason == CHALK_REASON_TOO_LARGE ? limits : "");
        }
        break;
    case CHALK_ROOM_EVENT_PERSON:
        cli_say(r, "#%" PRIu64 " %s, %s%s", e->target, e->name, chalk_role_name((uint32_t)e->value),
                e->on != 0 ? ", here" : "");
        break;
    case CHALK_ROOM_EVENT_SHOWN:
        cli_say(r, "%s shows %" PRIu64 ": %.*s", e->name, e->value, (int)e->data_size,
                (const char *)e->data);
        break;
    case CHALK_ROOM_EVENT_REACTION:
        cli_say(r, "%s x %" PRIu64, e->text, e->times);
        break;
    case CHALK_ROOM_EVENT_SUMMARY:
        look_summary(c);
        break;
    case CHALK_ROOM_EVENT_RESET:
        say_reset(c, e);
        break;
    case CHALK_ROOM_EVENT_HELD:
        say_held(c, e);
        break;
    case CHALK_ROOM_EVENT_PRESENCE:
        cli_say(r, "%" PRIu64 " here", e->value);
        break;
    case CHALK_ROOM_EVENT_HIDDEN:
        cli_say(r, "%" PRIu64 " messages of the crowd are not shown", e->times);
        break;
    case CHALK_ROOM_EVENT_PAGE:
        if (e->cause < 0) {
            cli_say(r, "no page: %s", chalk_error_text(e->cause));
        } else if (e->on != 0) {
            cli_say(r, "there is more: history COUNT %" PRIu64 " %" PRIu64, e->number, e->about);
        }
        break;
    case CHALK_ROOM_EVENT_TOKEN:
        cli_say(r, e->on != 0 ? "the new token is good" : "a new token is wanted");
        break;
    default:
        break;
    }
}

void tell_event(room_client *c, const chalk_room_event *e)
{
    c->events++;
    if (e->kind == CHALK_ROOM_EVENT_PAGE && e->request == c->page) {
        c->page = 0;
    }
    c->unsettled += e->kind == CHALK_ROOM_EVENT_SETTLED && e->reason == CHALK_REASON_LEFT;
    if (c->report.json) {
        tell_json(c, e);
    } else {
        tell_line(c, e);
    }
}

void tell_intent(room_client *c, const char *verb, chalk_intent_id intent)
{
    cJSON *line = c->report.json ? cli_json(&c->report, "intent") : NULL;
    if (line != NULL) {
        cJSON_AddStringToObject(line, "verb", verb);
        cli_json_u64(line, "intent", intent);
        cli_json_line(&c->report, line);
    }
}

void tell_wrong(room_client *c, const char *format, ...)
{
    char text[256];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    c->wrong++;
    cli_warn(&c->report, "%s", text);
    cJSON *line = c->report.json ? cli_json(&c->report, "wrong") : NULL;
    if (line != NULL) {
        cJSON_AddStringToObject(line, "text", text);
        cli_json_line(&c->report, line);
    }
}

/* --- the end --------------------------------------------------------------------------------- */

void tell_add_stats(room_client *c, cJSON *line)
{
    chalk_room_stats s = {.struct_size = sizeof s};
    if (line == NULL || chalk_room_get_stats(c->session.session, &s) < 0) {
        return;
    }
    cli_json_u64(line, "head", s.head);
    cli_json_u64(line, "presented", s.presented);
    cJSON_AddNumberToObject(line, "pending", s.pending);
    cJSON_AddNumberToObject(line, "held", s.held);
    cJSON_AddNumberToObject(line, "reconnects", s.reconnects);
    cli_json_u64(line, "rtt_us", s.rtt_us);
    cli_json_u64(line, "clock_error_us", s.clock_error_us);
    cli_json_u64(line, "bytes_sent", s.bytes_sent);
    cli_json_u64(line, "bytes_received", s.bytes_received);
    cli_json_u64(line, "gaps", s.gaps);
    cli_json_u64(line, "mismatches", s.mismatches);
    cli_json_u64(line, "snapshots", s.snapshots);
    cli_json_u64(line, "intents_resent", s.intents_resent);
    cli_json_u64(line, "messages_hidden", s.messages_hidden);
    cli_json_u64(line, "events_dropped", s.events_dropped);
}

void tell_end(room_client *c, int code)
{
    cJSON *line = c->report.json ? cli_json(&c->report, "summary") : NULL;
    if (line != NULL) {
        cJSON_AddBoolToObject(line, "ok", code == CLI_DONE);
        cJSON_AddNumberToObject(line, "exit_code", code);
        cJSON_AddStringToObject(line, "ended_by", c->ended_by != NULL ? c->ended_by : "room");
        cJSON_AddStringToObject(line, "cause", chalk_error_name(c->cause));
        add_text(line, "text", c->why);
        cli_json_u64(line, "unsettled", c->unsettled);
        cli_json_u64(line, "events", c->events);
        cli_json_u64(line, "wrong_lines", c->wrong);
        tell_add_stats(c, line);
        cli_json_line(&c->report, line);
    }
}
