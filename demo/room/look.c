/* A room as it stands: what `look` shows. */
#include "room/room.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

chalk_person_id look_who(room_client *c, const char *text)
{
    chalk_room_person person = {.struct_size = sizeof person};
    if (text[0] == '#') {
        return strtoull(text + 1, NULL, 10);
    }
    while (chalk_class_next_person(c->session.session, CHALK_VIEW_HEAD, person.id, &person) ==
           CHALK_OK) {
        if (strcmp(person.name, text) == 0) {
            return person.id;
        }
    }
    return 0;
}

static void tell_person(room_client *c, const chalk_room_person *p)
{
    cli_say(&c->report, "#%" PRIu64 " %s, %s%s%s%s%s%s", p->id, p->name, chalk_role_name(p->role),
            p->flags & CHALK_PERSON_SELF ? ", you" : "",
            p->flags & CHALK_PERSON_HERE ? ", here" : "", p->hand != 0 ? ", hand up" : "",
            p->flags & CHALK_PERSON_MUTED ? ", muted" : "",
            p->flags & CHALK_PERSON_BANNED ? ", banned" : "");
    cJSON *line = c->report.json ? cli_json(&c->report, "person") : NULL;
    if (line != NULL) {
        cli_json_u64(line, "id", p->id);
        cJSON_AddStringToObject(line, "name", p->name);
        cJSON_AddStringToObject(line, "role", chalk_role_name(p->role));
        cJSON_AddNumberToObject(line, "rights", p->rights);
        cJSON_AddBoolToObject(line, "self", (p->flags & CHALK_PERSON_SELF) != 0);
        cJSON_AddBoolToObject(line, "here", (p->flags & CHALK_PERSON_HERE) != 0);
        cJSON_AddBoolToObject(line, "muted", (p->flags & CHALK_PERSON_MUTED) != 0);
        cJSON_AddBoolToObject(line, "banned", (p->flags & CHALK_PERSON_BANNED) != 0);
        cJSON_AddBoolToObject(line, "hand", p->hand != 0);
        cli_json_line(&c->report, line);
    }
}

void look_people(room_client *c)
{
    chalk_room_person p = {.struct_size = sizeof p};
    while (chalk_class_next_person(c->session.session, CHALK_VIEW_HEAD, p.id, &p) == CHALK_OK) {
        tell_person(c, &p);
    }
}

void look_hands(room_client *c)
{
    chalk_room_person p = {.struct_size = sizeof p};
    while (chalk_class_next_hand(c->session.session, CHALK_VIEW_HEAD, p.hand, &p) == CHALK_OK) {
        tell_person(c, &p);
    }
}

static void add_poll_options(const chalk_room_poll *p, cJSON *line)
{
    cJSON *options = cJSON_AddArrayToObject(line, "options");
    for (uint32_t i = 0; options != NULL && i < p->option_count; i++) {
        cJSON *option = cJSON_CreateObject();
        cJSON_AddStringToObject(option, "text", p->options[i]);
        cli_json_u64(option, "count", p->counts[i]);
        cJSON_AddItemToArray(options, option);
    }
}

static void tell_poll(room_client *c, const chalk_room_poll *p)
{
    cli_say(&c->report, "poll %" PRIu64 "%s: %s", p->id, p->closed ? " (ended)" : "", p->question);
    for (uint32_t i = 0; i < p->option_count; i++) {
        cli_say(&c->report, "  %u %s: %" PRIu64 "%s", i + 1, p->options[i], p->counts[i],
                p->own_vote >> i & 1 ? ", chosen" : "");
    }
    cJSON *line = c->report.json ? cli_json(&c->report, "poll") : NULL;
    if (line != NULL) {
        cli_json_u64(line, "id", p->id);
        cJSON_AddStringToObject(line, "question", p->question);
        cJSON_AddBoolToObject(line, "closed", p->closed != 0);
        cJSON_AddBoolToObject(line, "several", p->several != 0);
        cli_json_u64(line, "own_vote", p->own_vote);
        add_poll_options(p, line);
        cli_json_line(&c->report, line);
    }
}

void look_polls(room_client *c)
{
    chalk_room_poll p = {.struct_size = sizeof p};
    while (chalk_class_next_poll(c->session.session, CHALK_VIEW_PRESENTED, p.id, &p) == CHALK_OK) {
        tell_poll(c, &p);
    }
}

/* Without its address, which has the token in it. */
void look_streams(room_client *c)
{
    chalk_room_stream s = {.struct_size = sizeof s};
    for (uint32_t i = 0;
         chalk_room_get_stream(c->session.session, CHALK_VIEW_HEAD, i, &s) == CHALK_OK; i++) {
        const char *media = s.media == CHALK_ROOM_SCREEN ? "screen" : "camera";
        cli_say(&c->report, "%s publishes a %s", s.name, media);
        cJSON *line = c->report.json ? cli_json(&c->report, "stream") : NULL;
        if (line != NULL) {
            cli_json_u64(line, "who", s.who);
            cJSON_AddStringToObject(line, "name", s.name);
            cJSON_AddStringToObject(line, "media", media);
            cli_json_u64(line, "since_us", s.since_us);
            cli_json_line(&c->report, line);
        }
    }
}

void look_messages(room_client *c)
{
    chalk_room_message m = {.struct_size = sizeof m};
    for (uint32_t i = 0;
         chalk_chat_get(c->session.session, CHALK_VIEW_PRESENTED, i, &m) == CHALK_OK; i++) {
        cli_say(&c->report, "%" PRIu64 " %s: %s", m.number, m.name,
                m.deleted != 0 ? "(taken back)" : m.text);
        cJSON *line = c->report.json ? cli_json(&c->report, "message") : NULL;
        if (line != NULL) {
            cli_json_u64(line, "number", m.number);
            cli_json_u64(line, "author", m.author);
            cli_json_u64(line, "target", m.target);
            tell_add_way(line, m.lane, m.audience);
            cli_json_u64(line, "times", m.times);
            cli_json_u64(line, "order_us", m.order_us);
            cli_json_u64(line, "origin_us", m.origin_us);
            cJSON_AddStringToObject(line, "name", m.name);
            cJSON_AddStringToObject(line, "text", m.text);
            cJSON_AddBoolToObject(line, "deleted", m.deleted != 0);
            cli_json_line(&c->report, line);
        }
    }
}

static const char *class_name(uint32_t state)
{
    static const char *const names[] = {"", "open", "live", "ended", "archived"};
    return state <= CHALK_CLASS_ARCHIVED ? names[state] : "";
}

void look_info(room_client *c)
{
    chalk_room_info i = {.struct_size = sizeof i};
    if (chalk_room_get_info(c->session.session, CHALK_VIEW_HEAD, &i) < 0) {
        return;
    }
    cli_say(&c->report,
            "%s; class %s; you are #%" PRIu64 ", %s; %" PRIu64 " here, %u hands, %u polls, %u "
            "streams, %u messages, event %" PRIu64 "%s%s",
            chalk_link_state_name(i.state), class_name(i.class_state), i.me,
            chalk_role_name(i.role), i.here, i.hands, i.polls, i.streams, i.messages, i.number,
            i.notice[0] != '\0' ? "; notice: " : "", i.notice);
    cJSON *line = c->report.json ? cli_json(&c->report, "info") : NULL;
    if (line != NULL) {
        cJSON_AddStringToObject(line, "state", chalk_link_state_name(i.state));
        cJSON_AddStringToObject(line, "class", class_name(i.class_state));
        cli_json_u64(line, "me", i.me);
        cJSON_AddStringToObject(line, "role", chalk_role_name(i.role));
        cJSON_AddNumberToObject(line, "rights", i.rights);
        cli_json_u64(line, "here", i.here);
        cJSON_AddNumberToObject(line, "people", i.people);
        cJSON_AddNumberToObject(line, "hands", i.hands);
        cJSON_AddNumberToObject(line, "messages", i.messages);
        cli_json_u64(line, "number", i.number);
        cJSON_AddStringToObject(line, "notice", i.notice);
        cli_json_line(&c->report, line);
    }
}

void look_stats(room_client *c)
{
    chalk_room_stats s = {.struct_size = sizeof s};
    cJSON *line = c->report.json ? cli_json(&c->report, "stats") : NULL;
    if (line != NULL) {
        tell_add_stats(c, line);
        cli_json_line(&c->report, line);
    } else if (chalk_room_get_stats(c->session.session, &s) == CHALK_OK) {
        cli_say(&c->report,
                "event %" PRIu64 ", presented %" PRIu64 ", %u pending, %u reconnects, round trip "
                "%.1f ms, %" PRIu64 " bytes out, %" PRIu64 " in",
                s.head, s.presented, s.pending, s.reconnects, (double)s.rtt_us / 1000, s.bytes_sent,
                s.bytes_received);
    }
}

bool look_add_summary(room_client *c, cJSON *line)
{
    char text[512];
    chalk_room_summary s = {.struct_size = sizeof s};
    if (chalk_room_get_summary(c->session.session, &s) < 0 ||
        chalk_room_summary_text(c->session.session, text, sizeof text) < 0) {
        return false;
    }
    cli_say(&c->report, "%s", text);
    if (line != NULL) {
        cli_json_u64(line, "people", s.people);
        cli_json_u64(line, "reported", s.reported);
        cli_json_u64(line, "page", s.page);
        cli_json_u64(line, "see_page", s.see_page);
        cli_json_u64(line, "hear", s.hear);
        cJSON_AddNumberToObject(line, "oldest_ms", s.oldest_ms);
        cJSON_AddStringToObject(line, "text", text);
    }
    return true;
}

void look_summary(room_client *c)
{
    cJSON *line = c->report.json ? cli_json(&c->report, "receipts") : NULL;
    if (look_add_summary(c, line)) {
        cli_json_line(&c->report, line);
    } else {
        cli_say(&c->report, "no summary: staff get one when somebody reports");
        cJSON_Delete(line);
    }
}
