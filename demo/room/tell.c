/* What happened in a room, as lines for people or as JSON. */
#include "cli/clock.h"
#include "room/room.h"

#include <inttypes.h>
#include <string.h>

/* --- JSON ------------------------------------------------------------------------------------ */

/* Numbers that are 0 and texts that are empty are left out. */
static void add_number(cJSON *line, const char *name, uint64_t value)
{
    if (value != 0) {
        cJSON_AddNumberToObject(line, name, (double)value);
    }
}

static void add_text(cJSON *line, const char *name, const char *text)
{
    if (text[0] != '\0') {
        cJSON_AddStringToObject(line, name, text);
    }
}

static const char *audience_name(uint32_t audience)
{
    static const char *const names[] = {"", "all", "staff", "one", "self"};
    return audience <= CHALK_TO_SELF ? names[audience] : "";
}

static const char *lane_name(uint32_t lane)
{
    static const char *const names[] = {"", "ordered", "crowd"};
    return lane <= CHALK_LANE_CROWD ? names[lane] : "";
}

static void tell_json(room_client *c, const chalk_room_event *e)
{
    cJSON *line = cli_json(&c->report, "room");
    if (line == NULL) {
        return;
    }
    bool happened = e->kind == CHALK_ROOM_EVENT_HAPPENED || e->kind == CHALK_ROOM_EVENT_PAST;
    cJSON_AddStringToObject(line, "kind", chalk_room_event_kind_name(e->kind));
    if (happened) {
        cJSON_AddStringToObject(line, "what", chalk_room_what_name(e->what));
        add_text(line, "lane", lane_name(e->lane));
        add_text(line, "audience", audience_name(e->audience));
    }
    if (e->kind == CHALK_ROOM_EVENT_SETTLED || e->kind == CHALK_ROOM_EVENT_HELD) {
        cJSON_AddStringToObject(line, "reason", chalk_room_reason_name(e->reason));
    }
    if (e->kind == CHALK_ROOM_EVENT_HAPPENED) {
        cJSON_AddStringToObject(line, "how", chalk_room_how_name(e->how));
        add_number(line, "late_us", e->late_us);
    }
    if (e->kind == CHALK_ROOM_EVENT_PAGE || e->kind == CHALK_ROOM_EVENT_TOKEN) {
        cJSON_AddStringToObject(line, "cause", chalk_error_name(e->cause));
    }
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
            cli_say(r, "intent %" PRIu64 ": %s", e->intent, chalk_room_reason_name(e->reason));
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
    case CHALK_ROOM_EVENT_HELD:
        say_held(c, e);
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
        cJSON_AddNumberToObject(line, "intent", (double)intent);
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
    cJSON_AddNumberToObject(line, "head", (double)s.head);
    cJSON_AddNumberToObject(line, "presented", (double)s.presented);
    cJSON_AddNumberToObject(line, "pending", s.pending);
    cJSON_AddNumberToObject(line, "held", s.held);
    cJSON_AddNumberToObject(line, "reconnects", s.reconnects);
    cJSON_AddNumberToObject(line, "rtt_us", (double)s.rtt_us);
    cJSON_AddNumberToObject(line, "clock_error_us", (double)s.clock_error_us);
    cJSON_AddNumberToObject(line, "bytes_sent", (double)s.bytes_sent);
    cJSON_AddNumberToObject(line, "bytes_received", (double)s.bytes_received);
    cJSON_AddNumberToObject(line, "gaps", (double)s.gaps);
    cJSON_AddNumberToObject(line, "mismatches", (double)s.mismatches);
    cJSON_AddNumberToObject(line, "snapshots", (double)s.snapshots);
    cJSON_AddNumberToObject(line, "intents_resent", (double)s.intents_resent);
    cJSON_AddNumberToObject(line, "messages_hidden", (double)s.messages_hidden);
    cJSON_AddNumberToObject(line, "events_dropped", (double)s.events_dropped);
}

void tell_end(room_client *c, int code)
{
    cJSON *line = c->report.json ? cli_json(&c->report, "summary") : NULL;
    if (line != NULL) {
        cJSON_AddBoolToObject(line, "ok", code == CLI_DONE);
        cJSON_AddNumberToObject(line, "exit_code", code);
        cJSON_AddStringToObject(line, "ended_by", c->ended_by != NULL ? c->ended_by : "room");
        cJSON_AddStringToObject(line, "cause", chalk_error_name(c->cause));
        cJSON_AddNumberToObject(line, "events", (double)c->events);
        cJSON_AddNumberToObject(line, "wrong_lines", (double)c->wrong);
        tell_add_stats(c, line);
        cli_json_line(&c->report, line);
    }
}
