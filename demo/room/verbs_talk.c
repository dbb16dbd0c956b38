/* Commands: messages, an application's events, what is not kept. */
#include "room/verbs.h"

#include <string.h>

/* --- messages -------------------------------------------------------------------------------- */

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
    chalk_person_id who = look_who(c, verb_word(&rest));
    return who != 0 ? chalk_chat_send(c->session.session, CHALK_TO_ONE, who, rest, intent)
                    : CHALK_ERR_NOT_FOUND;
}

static int do_delete(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const lanes[] = {"", "ordered", "crowd", NULL};
    uint64_t about;
    bool fine = verb_number(verb_word(&rest), UINT64_MAX, &about);
    int lane = verb_choice(verb_word(&rest), lanes);
    return fine && lane >= 0
               ? chalk_chat_delete(c->session.session,
                                   lane == 2 ? CHALK_LANE_CROWD : CHALK_LANE_ORDERED, about, intent)
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_history(room_client *c, char *rest, chalk_intent_id *intent)
{
    uint64_t count, before, crowd;
    (void)intent;
    bool fine = verb_number_or_none(verb_word(&rest), 200, &count) &&
                verb_number_or_none(verb_word(&rest), UINT64_MAX, &before) &&
                verb_number_or_none(verb_word(&rest), UINT64_MAX, &crowd);
    return fine ? chalk_chat_history(c->session.session, before, crowd,
                                     count != 0 ? (uint32_t)count : 50, &c->page)
                : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- the application's, and what is not kept ------------------------------------------------- */

static int send_app(room_client *c, char *rest, uint32_t lane, chalk_intent_id *intent)
{
    chalk_room_app_options own;
    chalk_room_app_options_init(&own);
    own.lane = lane;
    if (!verb_number(verb_word(&rest), UINT64_MAX, &own.value)) {
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
    return verb_number(verb_word(&rest), 7, &key)
               ? chalk_room_show(c->session.session, (uint32_t)key, rest, strlen(rest))
               : CHALK_ERR_INVALID_ARGUMENT;
}

static int do_react(room_client *c, char *rest, chalk_intent_id *intent)
{
    (void)intent;
    return chalk_room_react(c->session.session, verb_word(&rest));
}

static int do_report(room_client *c, char *rest, chalk_intent_id *intent)
{
    static const char *const names[] = {"", "heard", "muted", "no_device", "not_playing", NULL};
    uint64_t page;
    (void)intent;
    bool fine = verb_number(verb_word(&rest), UINT64_MAX, &page);
    int sound = verb_choice(verb_word(&rest), names);
    return fine && sound >= 0 ? chalk_room_report(c->session.session, page, (uint32_t)sound)
                              : CHALK_ERR_INVALID_ARGUMENT;
}

const verb verbs_talk[] = {
    {"say", "TEXT", "to all", do_say},
    {"staff", "TEXT", "to owner, teachers and assistants", do_staff},
    {"to", "WHO TEXT", "to one", do_to},
    {"delete", "NUMBER [crowd]", "takes a message back", do_delete},
    {"history", "[COUNT [BEFORE [BEFORE_CROWD]]]", "a page of earlier messages", do_history},
    {"app", "VALUE [TEXT]", "an application's event", do_app},
    {"crowd", "VALUE [TEXT]", "the same by the crowd lane", do_crowd},
    {"show", "KEY TEXT", "newest state of a key, 0 to 7", do_show, CHALK_ROOM_SHOW_MAX},
    {"react", "EMOJI", "adds one up", do_react, CHALK_ROOM_REACT_MAX},
    {"report", "PAGE [heard|muted|no_device|not_playing]", "what is seen and heard", do_report},
    {0},
};
