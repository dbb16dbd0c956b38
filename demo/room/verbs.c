/* A line is a command: its words, the tables of commands, the help. */
#include "room/verbs.h"

#include "cli/clock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- parts of a line ------------------------------------------------------------------------- */

/* Cuts the first word off; "" at the end. */
char *verb_word(char **rest)
{
    char *at = *rest + strspn(*rest, " \t");
    char *end = at + strcspn(at, " \t");
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return at;
}

bool verb_number(const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *out <= max;
}

/* A number that may be missing: then it is 0. */
bool verb_number_or_none(const char *text, uint64_t max, uint64_t *out)
{
    *out = 0;
    return text[0] == '\0' || verb_number(text, max, out);
}

/* The index of a word in a list that ends with NULL; -1: it is none of them. */
int verb_choice(const char *text, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* "" or "on": 1, "off": 0; -1: neither. */
int verb_on_or_off(const char *text)
{
    static const char *const names[] = {"off", "on", "", NULL};
    int at = verb_choice(text, names);
    return at == 2 ? 1 : at;
}

/* --- this program ---------------------------------------------------------------------------- */

static int look(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const struct {
        const char *name;
        void (*run)(room_client *);
    } all[] = {
        {"people", look_people},   {"hands", look_hands},       {"polls", look_polls},
        {"streams", look_streams}, {"messages", look_messages}, {"info", look_info},
        {"stats", look_stats},     {"summary", look_summary},
    };
    const char *what = verb_word(&rest);
    (void)intent;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        if (strcmp(all[i].name, what) == 0) {
            all[i].run(c);
            return CHALK_OK;
        }
    }
    return CHALK_ERR_INVALID_ARGUMENT;
}

static int do_token(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)intent;
    return chalk_room_set_token(c->session.session, verb_word(&rest));
}

static int do_follow(room_client *c, char *rest, chalk_intent_id *intent)
{
    const char *url = verb_word(&rest);
    (void)intent;
    return room_follow_url(c, strcmp(url, "off") == 0 ? NULL : url);
}

static int do_sleep(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t ms;
    (void)intent;
    if (!cli_duration(verb_word(&rest), &ms)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    c->pause_us = cli_now_us() + ms * 1000;
    return CHALK_OK;
}

static int do_wait(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)rest;
    (void)intent;
    c->waits = true;
    return CHALK_OK;
}

static int do_leave(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)rest;
    (void)intent;
    room_finish(c, "leave");
    return CHALK_OK;
}

static int do_help(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)c;
    (void)rest;
    (void)intent;
    verbs_help(stderr);
    return CHALK_OK;
}

static const verb verbs_own[] = {
    {"look", "people|hands|polls|streams|messages|info|stats|summary", "as it stands", look},
    {"follow", "URL|off", "shows events with a stream, which is played without a window",
     do_follow},
    {"token", "TOKEN", "for this and later connections", do_token},
    {"sleep", "TIME", "before the next line is read", do_sleep},
    {"wait", "", "until what was asked for is done", do_wait},
    {"leave", "", "as the end of the input does", do_leave},
    {"help", "", "this", do_help},
    {0},
};
#define TABLES    3
#define VERBS_MAX 64 /* more than there are */
static const verb *const tables[TABLES] = {verbs_talk, verbs_class, verbs_own};

void verbs_help(FILE *out)
{
    for (size_t i = 0; i < TABLES; i++) {
        for (const verb *v = tables[i]; v->name != NULL; v++) {
            char usage[80];
            (void)snprintf(usage, sizeof usage, "%s %s", v->name, v->takes);
            (void)fprintf(out, "  %-44s %s\n", usage, v->help);
        }
    }
    (void)fprintf(out, "  WHO is a name or #ID.\n");
}

static const verb *find_verb(const char *name)
{
    for (size_t i = 0; i < TABLES; i++) {
        for (const verb *v = tables[i]; v->name != NULL; v++) {
            if (strcmp(v->name, name) == 0) {
                return v;
            }
        }
    }
    return NULL;
}

static void tell_unknown(room_client *c, const char *typed)
{
    const char *names[VERBS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < TABLES; i++) {
        for (const verb *v = tables[i]; v->name != NULL && count < VERBS_MAX; v++) {
            names[count++] = v->name;
        }
    }
    const char *meant = cli_nearest(typed, names, count);
    if (meant != NULL) {
        tell_wrong(c, "there is no %s; did you mean %s?", typed, meant);
    } else {
        tell_wrong(c, "there is no %s; \"help\" lists what there is", typed);
    }
}

void verbs_do(room_client *c, char *line)
{
    char *rest = line;
    const char *name = verb_word(&rest);
    if (name[0] == '\0' || name[0] == '#') {
        return;
    }
    const verb *v = find_verb(name);
    if (v == NULL) {
        tell_unknown(c, name);
        return;
    }
    chalk_intent_id intent = 0;
    const uint32_t text_max = v->text_max != 0 ? v->text_max : CHALK_ROOM_TEXT_MAX;
    const bool is_long = strlen(rest) > text_max; /* before it is cut into words */
    int status = v->run(c, rest, &intent);
    if (status == CHALK_ERR_INVALID_ARGUMENT && is_long) {
        tell_wrong(c, "%s: a text has at most %" PRIu32 " bytes", v->name, text_max);
    } else if (status == CHALK_ERR_INVALID_ARGUMENT) {
        tell_wrong(c, "%s takes: %s %s", v->name, v->name, v->takes);
    } else if (status < 0) {
        tell_wrong(c, "%s: %s (%s)", v->name, chalk_error_text(status), chalk_error_name(status));
    } else if (intent != 0) {
        tell_intent(c, v->name, intent);
    }
}
