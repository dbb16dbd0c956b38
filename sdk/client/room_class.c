/* What is done with a class: each is one intent. */
#include "client/room.h"

#include "base/check.h"

_Static_assert((int)CHALK_ROLE_OBSERVER == (int)CK_ROLE_OBSERVER &&
                   (int)CHALK_RIGHT_MODERATE == (int)CK_RIGHT_MODERATE &&
                   (int)CHALK_TO_SELF == (int)CK_TO_SELF + (int)CHALK_TO_ALL &&
                   (int)CHALK_LANE_CROWD == (int)CK_LANE_CROWD + (int)CHALK_LANE_ORDERED &&
                   (int)CHALK_CLASS_ARCHIVED == (int)CK_CLASS_ARCHIVED + (int)CHALK_CLASS_OPEN,
               "the public numbers are the protocol's, or one above");

#define RIGHTS_ALL                                                                                 \
    (CHALK_RIGHT_CHAT | CHALK_RIGHT_SPEAK | CHALK_RIGHT_SHARE | CHALK_RIGHT_DRAW |                 \
     CHALK_RIGHT_MODERATE)
#define SLOW_MAX_S   3600
#define OPTION_BYTES 1000

static int intend(chalk_session *s, bool sane, const ck_event *event, chalk_intent_id *intent)
{
    return sane ? ck_client_room_intend(s, event, intent) : CHALK_ERR_INVALID_ARGUMENT;
}

/* Something about one participant that is so or not. */
static int set(chalk_session *s, uint64_t kind, chalk_person_id who, int on, bool sane,
               chalk_intent_id *intent)
{
    const ck_event event = {.kind = kind, .target = who, .value = on != 0};
    return intend(s, sane && (on == 0 || on == 1), &event, intent);
}

int chalk_class_hand(chalk_session *s, int up, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_HAND, 0, up, true, intent);
}

int chalk_class_lower_hand(chalk_session *s, chalk_person_id who, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_HAND, who, 0, who != 0, intent);
}

int chalk_class_invite(chalk_session *s, chalk_person_id who, int on, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_INVITE, who, on, who != 0, intent);
}

int chalk_class_answer(chalk_session *s, int yes, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_ANSWER, 0, yes, true, intent);
}

int chalk_class_mute(chalk_session *s, chalk_person_id who, int on, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_MUTE, who, on, true, intent);
}

int chalk_class_ban(chalk_session *s, chalk_person_id who, int on, chalk_intent_id *intent)
{
    return set(s, CK_EVENT_BAN, who, on, who != 0, intent);
}

int chalk_class_set_role(chalk_session *s, chalk_person_id who, uint32_t role,
                         chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_ROLE, .target = who, .value = role};
    bool sane = who != 0 && role >= CHALK_ROLE_OWNER && role <= CHALK_ROLE_OBSERVER;
    return intend(s, sane, &event, intent);
}

int chalk_class_set_rights(chalk_session *s, chalk_person_id who, uint32_t rights,
                           chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_RIGHTS, .target = who, .value = rights};
    return intend(s, who != 0 && (rights & ~(uint32_t)RIGHTS_ALL) == 0, &event, intent);
}

int chalk_class_set_slow(chalk_session *s, uint32_t seconds, chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_SLOW, .value = seconds};
    return intend(s, seconds <= SLOW_MAX_S, &event, intent);
}

int chalk_class_ask(chalk_session *s, chalk_person_id who, uint32_t what, chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_ASK, .target = who, .value = what};
    bool sane = who != 0 && (what == CHALK_ASK_MUTE_MICROPHONE || what == CHALK_ASK_STOP_CAMERA);
    return intend(s, sane, &event, intent);
}

/* Each option as a varint length and a text. */
static bool put_options(ck_buf *out, const char *const *options, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_bytes option;
        if (!ck_client_room_text(options[i], 1, OPTION_BYTES, &option)) {
            return false;
        }
        ck_wire_put_varint(out, option.size);
        ck_buf_put(out, option.data, option.size);
    }
    return true;
}

int chalk_class_open_poll(chalk_session *s, const char *question, const char *const *options,
                          uint32_t count, int several, chalk_intent_id *intent)
{
    ck_event event = {.kind = CK_EVENT_POLL, .value = several != 0};
    bool sane = ck_client_room_text(question, 1, CK_TEXT_MAX, &event.text) && options != NULL &&
                count > 0 && count <= CHALK_CLASS_OPTIONS_MAX && (several == 0 || several == 1);
    if (!sane) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_buf packed;
    ck_buf_init(&packed, &ck_heap, CK_DATA_MAX);
    int status =
        put_options(&packed, options, count) ? ck_buf_status(&packed) : CHALK_ERR_INVALID_ARGUMENT;
    if (status == CHALK_OK) {
        event.data = ck_bytes_of(packed.data, packed.size);
        status = ck_client_room_intend(s, &event, intent);
    }
    ck_buf_free(&packed);
    return status;
}

int chalk_class_vote(chalk_session *s, uint64_t poll, uint32_t choices, chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_VOTE, .about = poll, .value = choices};
    return intend(s, poll != 0 && choices >> CHALK_CLASS_OPTIONS_MAX == 0, &event, intent);
}

int chalk_class_end_poll(chalk_session *s, uint64_t poll, chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_POLL_END, .about = poll};
    return intend(s, poll != 0, &event, intent);
}

int chalk_class_set_notice(chalk_session *s, const char *text, chalk_intent_id *intent)
{
    ck_event event = {.kind = CK_EVENT_NOTICE};
    bool sane = ck_client_room_text(text, 0, CHALK_ROOM_NOTICE_MAX, &event.text);
    return intend(s, sane, &event, intent);
}

int chalk_class_set_state(chalk_session *s, uint32_t state, chalk_intent_id *intent)
{
    const ck_event event = {.kind = CK_EVENT_CLASS, .value = state - CHALK_CLASS_OPEN};
    return intend(s, state > CHALK_CLASS_OPEN && state <= CHALK_CLASS_ARCHIVED, &event, intent);
}

int chalk_class_ask_roster(chalk_session *s, chalk_person_id after, uint32_t count,
                           chalk_request_id *request)
{
    const ck_wire_ask ask = {.what = CK_ASK_ROSTER, .before = after, .count = count};
    return ck_client_room_ask_page(s, &ask, request);
}
