/* The commands that a line can be. */
#include "cli/clock.h"
#include "cli/options.h"
#include "room/room.h"

#include <stdlib.h>
#include <string.h>

typedef struct verb {
    const char *name;
    const char *takes; /* for the help */
    const char *help;
    int (*run)(room_client *c, char *rest, chalk_intent_id *intent); /* a status */
} verb;

/* --- parts of a line ---------------------------------------------------------------------------
 */

/* Cuts the first word off; "" at the end. */
static char *word(char **rest)
{
    char *at = *rest + strspn(*rest, " \t");
    char *end = at + strcspn(at, " \t");
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return at;
}

static bool number(const char *text, uint64_t max, uint64_t *out)
{
    char *end = NULL;
    *out = strtoull(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && *out <= max;
}

/* A number that may be missing: then it is 0. */
static bool number_or_none(const char *text, uint64_t max, uint64_t *out)
{
    *out = 0;
    return text[0] == '\0' || number(text, max, out);
}

/* The index of a word in a list that ends with NULL; -1: it is none of them. */
static int choice(const char *text, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(text, names[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* "" or "on": 1, "off": 0; -1: neither. */
static int on_or_off(const char *text)
{
    static const char *const names[] = {"off", "on", "", NULL};
    int at = choice(text, names);
    return at == 2 ? 1 : at;
}

/* --- messages ------------------------------------------------------------------------------------
 */

static int do_say(room_client *c, char *rest, chalk_intent_id *intent)
{
    return chalk_chat_send(c->session.session, CHALK_TO_ALL, 0, rest, intent);
}

static int do_staff(room_client *c, char *rest, chalk_intent_id *intent)
{
    return chalk_chat_send(c->session.session, CHALK_TO_STAFF, 0, rest, intent);
}

static int do_to(room_client *c, char *rest, chalk_intent_id *intent)
{
    chalk_person_id who = look_who(c, word(&rest));
    return who != 0 ? chalk_chat_send(c->session.session, CHALK_TO_ONE, who, rest, intent)
                    : CHALK_ERR_NOT_FOUND;
}

static int do_delete(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const lanes[] = {"", "ordered", "crowd", NULL};
    uint64_t about;
    bool fine = number(word(&rest), UINT64_MAX, &about);
    int lane = choice(word(&rest), lanes);
    return fine && lane >= 0
               ? chalk_chat_delete(c->session.session,
                                   lane == 2 ? CHALK_LANE_CROWD : CHALK_LANE_ORDERED, about, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_history(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t count, before, crowd;
    (void)intent;
    bool fine = number_or_none(word(&rest), 200, &count) &&
                number_or_none(word(&rest), UINT64_MAX, &before) &&
                number_or_none(word(&rest), UINT64_MAX, &crowd);
    return fine ? chalk_chat_history(c->session.session, before, crowd,
                                     count != 0 ? (uint32_t)count : 50, &c->page)
                : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- people
 * ---------------------------------------------------------------------------------------- */

static int do_hand(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"down", "up", "", NULL};
    int up = choice(word(&rest), names);
    return chalk_class_hand(c->session.session, up == 2 ? 1 : up, intent);
}

static int do_lower(room_client *c, char *rest, chalk_intent_id *intent)
{
    return chalk_class_lower_hand(c->session.session, look_who(c, word(&rest)), intent);
}

/* WHO [off] */
static int about(room_client *c, char *rest, chalk_intent_id *intent,
                 int (*call)(chalk_session *, chalk_person_id, int, chalk_intent_id *))
{
    const char *name = word(&rest);
    bool all = strcmp(name, "all") == 0 && call == chalk_class_mute;
    chalk_person_id who = all ? 0 : look_who(c, name);
    return all || who != 0 ? call(c->session.session, who, on_or_off(word(&rest)), intent)
                           : CHALK_ERR_NOT_FOUND;
}

static int do_invite(room_client *c, char *rest, chalk_intent_id *intent)
{
    return about(c, rest, intent, chalk_class_invite);
}

static int do_mute(room_client *c, char *rest, chalk_intent_id *intent)
{
    return about(c, rest, intent, chalk_class_mute);
}

static int do_ban(room_client *c, char *rest, chalk_intent_id *intent)
{
    return about(c, rest, intent, chalk_class_ban);
}

static int do_answer(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"no", "yes", NULL};
    return chalk_class_answer(c->session.session, choice(word(&rest), names), intent);
}

static int do_role(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"",        "owner",    "teacher", "assistant",
                                        "student", "observer", NULL};
    chalk_person_id who = look_who(c, word(&rest));
    int role = choice(word(&rest), names);
    return role > 0 ? chalk_class_set_role(c->session.session, who, (uint32_t)role, intent)
                    : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_rights(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"chat", "speak", "share", "draw", "moderate", NULL};
    chalk_person_id who = look_who(c, word(&rest));
    uint32_t rights = 0;
    for (char *each = word(&rest); each[0] != '\0'; each = word(&rest)) {
        int right = choice(each, names);
        if (right < 0) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        rights |= 1u << right;
    }
    return chalk_class_set_rights(c->session.session, who, rights, intent);
}

static int do_ask(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"", "mute", "camera", NULL};
    chalk_person_id who = look_who(c, word(&rest));
    int what = choice(word(&rest), names);
    return what > 0 ? chalk_class_ask(c->session.session, who, (uint32_t)what, intent)
                    : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_slow(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t seconds;
    return number(word(&rest), 3600, &seconds)
               ? chalk_class_set_slow(c->session.session, (uint32_t)seconds, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_roster(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t count, after;
    (void)intent;
    bool fine =
        number_or_none(word(&rest), 200, &count) && number_or_none(word(&rest), UINT64_MAX, &after);
    return fine ? chalk_class_ask_roster(c->session.session, after,
                                         count != 0 ? (uint32_t)count : 200, &c->page)
                : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- the class
 * --------------------------------------------------------------------------------------- */

static int do_class(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"", "open", "live", "ended", "archived", NULL};
    int state = choice(word(&rest), names);
    return chalk_class_set_state(c->session.session, state > 0 ? (uint32_t)state : 0, intent);
}

static int do_notice(room_client *c, char *rest, chalk_intent_id *intent)
{
    return chalk_class_set_notice(c->session.session, rest, intent);
}

/* Cuts at the next '|', and spaces off both ends. */
static char *part(char **rest)
{
    char *at = *rest + strspn(*rest, " \t");
    char *end = at + strcspn(at, "|");
    *rest = *end != '\0' ? end + 1 : end;
    while (end > at && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '|')) {
        end--;
    }
    *end = '\0';
    return at;
}

static int open_poll(room_client *c, char *rest, int several, chalk_intent_id *intent)
{
    const char *question = part(&rest);
    const char *options[CHALK_CLASS_OPTIONS_MAX];
    uint32_t count = 0;
    while (*rest != '\0') {
        if (count == CHALK_CLASS_OPTIONS_MAX) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        options[count++] = part(&rest);
    }
    return chalk_class_open_poll(c->session.session, question, options, count, several, intent);
}

static int do_poll(room_client *c, char *rest, chalk_intent_id *intent)
{
    return open_poll(c, rest, 0, intent);
}

static int do_polls(room_client *c, char *rest, chalk_intent_id *intent)
{
    return open_poll(c, rest, 1, intent);
}

static int do_vote(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t poll, option;
    uint32_t choices = 0;
    if (!number(word(&rest), UINT64_MAX, &poll)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    for (char *each = word(&rest); each[0] != '\0'; each = word(&rest)) {
        if (!number(each, CHALK_CLASS_OPTIONS_MAX, &option) || option == 0) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        choices |= 1u << (option - 1);
    }
    return chalk_class_vote(c->session.session, poll, choices, intent);
}

static int do_endpoll(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t poll;
    return number(word(&rest), UINT64_MAX, &poll)
               ? chalk_class_end_poll(c->session.session, poll, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- the application's, and what is not kept
 * -------------------------------------------------------- */

static int send_app(room_client *c, char *rest, uint32_t lane, chalk_intent_id *intent)
{
    chalk_room_app_options own;
    chalk_room_app_options_init(&own);
    own.lane = lane;
    if (!number(word(&rest), UINT64_MAX, &own.value)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    own.text = rest;
    return chalk_room_send_app(c->session.session, &own, intent);
}

static int do_app(room_client *c, char *rest, chalk_intent_id *intent)
{
    return send_app(c, rest, CHALK_LANE_ORDERED, intent);
}

static int do_crowd(room_client *c, char *rest, chalk_intent_id *intent)
{
    return send_app(c, rest, CHALK_LANE_CROWD, intent);
}

static int do_show(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t key;
    (void)intent;
    return number(word(&rest), 7, &key)
               ? chalk_room_show(c->session.session, (uint32_t)key, rest, strlen(rest))
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_react(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)intent;
    return chalk_room_react(c->session.session, word(&rest));
}

static int do_report(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"", "heard", "muted", "no_device", "not_playing", NULL};
    uint64_t page;
    (void)intent;
    bool fine = number(word(&rest), UINT64_MAX, &page);
    int sound = choice(word(&rest), names);
    return fine && sound >= 0 ? chalk_room_report(c->session.session, page, (uint32_t)sound)
                              : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- this program
 * -------------------------------------------------------------------------------------- */

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
    const char *what = word(&rest);
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
    return chalk_room_set_token(c->session.session, word(&rest));
}

static int do_follow(room_client *c, char *rest, chalk_intent_id *intent)
{
    const char *url = word(&rest);
    (void)intent;
    return room_follow_url(c, strcmp(url, "off") == 0 ? NULL : url);
}

static int do_sleep(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t ms;
    (void)intent;
    if (!cli_duration(word(&rest), &ms)) {
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
    c->leaving = true;
    c->ended_by = "leave";
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

static const verb verbs[] = {
    {"say", "TEXT", "to all", do_say},
    {"staff", "TEXT", "to owner, teachers and assistants", do_staff},
    {"to", "WHO TEXT", "to one", do_to},
    {"delete", "NUMBER [crowd]", "takes a message back", do_delete},
    {"history", "[COUNT [BEFORE [BEFORE_CROWD]]]", "a page of earlier messages", do_history},
    {"hand", "up|down", "the own hand", do_hand},
    {"lower", "WHO", "takes somebody's hand down", do_lower},
    {"invite", "WHO [off]", "to speak", do_invite},
    {"answer", "yes|no", "to an invitation", do_answer},
    {"role", "WHO ROLE", "gives another role", do_role},
    {"rights", "WHO [chat] [speak] [share] [draw] [moderate]", "sets what somebody may", do_rights},
    {"mute", "WHO|all [off]", "from chatting", do_mute},
    {"ban", "WHO [off]", "from the room", do_ban},
    {"slow", "SECONDS", "between two messages of a student", do_slow},
    {"ask", "WHO mute|camera", "to mute the microphone, to stop the camera", do_ask},
    {"poll", "QUESTION | OPTION | OPTION ...", "opens a poll; one is chosen", do_poll},
    {"polls", "QUESTION | OPTION | OPTION ...", "opens a poll; several may be chosen", do_polls},
    {"vote", "POLL [N ...]", "for the first option: 1", do_vote},
    {"endpoll", "POLL", "takes no votes any more", do_endpoll},
    {"notice", "[TEXT]", "pins a text, or none", do_notice},
    {"class", "live|ended|archived", "goes on", do_class},
    {"app", "VALUE [TEXT]", "an application's event", do_app},
    {"crowd", "VALUE [TEXT]", "the same by the crowd lane", do_crowd},
    {"show", "KEY TEXT", "newest state of a key, 0 to 7", do_show},
    {"react", "EMOJI", "adds one up", do_react},
    {"report", "PAGE [heard|muted|no_device|not_playing]", "what is seen and heard", do_report},
    {"look", "people|hands|polls|streams|messages|info|stats|summary", "as it stands", look},
    {"roster", "[COUNT [AFTER]]", "a page of all who ever were here", do_roster},
    {"follow", "URL|off", "shows events with a stream, which is played without a window",
     do_follow},
    {"token", "TOKEN", "for this and later connections", do_token},
    {"sleep", "TIME", "before the next line is read", do_sleep},
    {"wait", "", "until what was asked for is done", do_wait},
    {"leave", "", "as the end of the input does", do_leave},
    {"help", "", "this", do_help},
};
#define VERBS (sizeof verbs / sizeof *verbs)

void verbs_help(FILE *out)
{
    for (size_t i = 0; i < VERBS; i++) {
        char usage[80];
        (void)snprintf(usage, sizeof usage, "%s %s", verbs[i].name, verbs[i].takes);
        (void)fprintf(out, "  %-44s %s\n", usage, verbs[i].help);
    }
    (void)fprintf(out, "  WHO is a name or #ID.\n");
}

static const verb *find_verb(const char *name)
{
    for (size_t i = 0; i < VERBS; i++) {
        if (strcmp(verbs[i].name, name) == 0) {
            return &verbs[i];
        }
    }
    return NULL;
}

static void tell_unknown(room_client *c, const char *typed)
{
    const char *names[VERBS];
    for (size_t i = 0; i < VERBS; i++) {
        names[i] = verbs[i].name;
    }
    const char *meant = cli_nearest(typed, names, VERBS);
    c->wrong++;
    if (meant != NULL) {
        cli_warn(&c->report, "there is no %s; did you mean %s?", typed, meant);
    } else {
        cli_warn(&c->report, "there is no %s; \"help\" lists what there is", typed);
    }
}

void verbs_do(room_client *c, char *line)
{
    char *rest = line;
    const char *name = word(&rest);
    if (name[0] == '\0' || name[0] == '#') {
        return;
    }
    const verb *v = find_verb(name);
    if (v == NULL) {
        tell_unknown(c, name);
        return;
    }
    chalk_intent_id intent = 0;
    int status = v->run(c, rest, &intent);
    if (status == CHALK_ERR_INVALID_ARGUMENT) {
        c->wrong++;
        cli_warn(&c->report, "%s takes: %s %s", v->name, v->name, v->takes);
    } else if (status < 0) {
        c->wrong++;
        cli_warn(&c->report, "%s: %s (%s)", v->name, chalk_error_text(status),
                 chalk_error_name(status));
    } else if (intent != 0) {
        tell_intent(c, v->name, intent);
    }
}
