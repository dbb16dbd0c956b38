/* Commands: people, and what is done with a class. */
#include "room/verbs.h"

#include <string.h>

/* --- people ---------------------------------------------------------------------------------- */

static int do_hand(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"down", "up", "", NULL};
    int up = verb_choice(verb_word(&rest), names);
    return chalk_class_hand(c->session.session, up == 2 ? 1 : up, intent);
}

static int do_lower(room_client *c, char *rest, chalk_intent_id *intent)
{
    return chalk_class_lower_hand(c->session.session, look_who(c, verb_word(&rest)), intent);
}

/* WHO [off] */
static int about(room_client *c, char *rest, chalk_intent_id *intent,
                 int (*call)(chalk_session *, chalk_person_id, int, chalk_intent_id *))
{
    const char *name = verb_word(&rest);
    bool all = strcmp(name, "all") == 0 && call == chalk_class_mute;
    chalk_person_id who = all ? 0 : look_who(c, name);
    return all || who != 0 ? call(c->session.session, who, verb_on_or_off(verb_word(&rest)), intent)
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
    return chalk_class_answer(c->session.session, verb_choice(verb_word(&rest), names), intent);
}

static int do_role(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"",        "owner",    "teacher", "assistant",
                                        "student", "observer", NULL};
    chalk_person_id who = look_who(c, verb_word(&rest));
    int role = verb_choice(verb_word(&rest), names);
    return role > 0 ? chalk_class_set_role(c->session.session, who, (uint32_t)role, intent)
                    : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_rights(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"chat", "speak", "share", "draw", "moderate", NULL};
    chalk_person_id who = look_who(c, verb_word(&rest));
    uint32_t rights = 0;
    for (char *each = verb_word(&rest); each[0] != '\0'; each = verb_word(&rest)) {
        int right = verb_choice(each, names);
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
    chalk_person_id who = look_who(c, verb_word(&rest));
    int what = verb_choice(verb_word(&rest), names);
    return what > 0 ? chalk_class_ask(c->session.session, who, (uint32_t)what, intent)
                    : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_slow(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t seconds;
    return verb_number(verb_word(&rest), 3600, &seconds)
               ? chalk_class_set_slow(c->session.session, (uint32_t)seconds, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_roster(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t count, after;
    (void)intent;
    bool fine = verb_number_or_none(verb_word(&rest), 200, &count) &&
                verb_number_or_none(verb_word(&rest), UINT64_MAX, &after);
    return fine ? chalk_class_ask_roster(c->session.session, after,
                                         count != 0 ? (uint32_t)count : 200, &c->page)
                : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- the class ------------------------------------------------------------------------------- */

static int do_class(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"", "open", "live", "ended", "archived", NULL};
    int state = verb_choice(verb_word(&rest), names);
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
    if (!verb_number(verb_word(&rest), UINT64_MAX, &poll)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    for (char *each = verb_word(&rest); each[0] != '\0'; each = verb_word(&rest)) {
        if (!verb_number(each, CHALK_CLASS_OPTIONS_MAX, &option) || option == 0) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        choices |= 1u << (option - 1);
    }
    return chalk_class_vote(c->session.session, poll, choices, intent);
}

static int do_endpoll(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t poll;
    return verb_number(verb_word(&rest), UINT64_MAX, &poll)
               ? chalk_class_end_poll(c->session.session, poll, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

const verb verbs_class[] = {
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
    {"roster", "[COUNT [AFTER]]", "a page of all who ever were here", do_roster},
    {"poll", "QUESTION | OPTION | OPTION ...", "opens a poll; one is chosen", do_poll},
    {"polls", "QUESTION | OPTION | OPTION ...", "opens a poll; several may be chosen", do_polls},
    {"vote", "POLL [N ...]", "for the first option: 1", do_vote},
    {"endpoll", "POLL", "takes no votes any more", do_endpoll},
    {"notice", "[TEXT]", "pins a text, or none", do_notice, CHALK_ROOM_NOTICE_MAX},
    {"class", "live|ended|archived", "goes on", do_class},
    {0},
};
