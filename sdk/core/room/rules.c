#include "core/room/rules.h"

#include "base/check.h"
#include "core/room/inside.h"

#define ALL   (1u << CK_TO_ALL)
#define STAFF (1u << CK_TO_STAFF)
#define ONE   (1u << CK_TO_ONE)
#define SELF  (1u << CK_TO_SELF)

#define HAND_UP 1

#define TEXT 1u
#define DATA 2u

/* `rank` is the least role that may; `right` is needed as well. The target is a participant that
 * exists; where it may be missing, 0 stands for the author or for all. */
typedef struct rule {
    uint8_t rank;
    uint8_t right;
    uint8_t audiences;
    enum { NO_TARGET, MAY_HAVE_TARGET, NEEDS_TARGET } target;
    uint64_t value_max;
    bool after_class; /* also once the class has ended */
    uint8_t carries;  /* TEXT, DATA */
} rule;

/* Kinds that are not here are the edge's own. */
static const rule rules[] = {
    [CK_EVENT_CHAT] = {CK_ROLE_STUDENT, 0, ALL | STAFF | ONE, MAY_HAVE_TARGET, 0, true, TEXT},
    [CK_EVENT_DELETE] = {CK_ROLE_STUDENT, 0, ALL, NO_TARGET, 1, true},
    [CK_EVENT_ROLE] = {CK_ROLE_TEACHER, CK_RIGHT_MODERATE, ALL, NEEDS_TARGET, CK_ROLE_OBSERVER,
                       false},
    [CK_EVENT_RIGHTS] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ALL, NEEDS_TARGET, 31, false},
    [CK_EVENT_MUTE] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ALL, MAY_HAVE_TARGET, 1, true},
    [CK_EVENT_BAN] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ALL, NEEDS_TARGET, 1, true},
    [CK_EVENT_SLOW] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ALL, NO_TARGET, 3600, false},
    [CK_EVENT_HAND] = {CK_ROLE_STUDENT, 0, ALL, MAY_HAVE_TARGET, HAND_UP, false},
    [CK_EVENT_INVITE] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ALL, NEEDS_TARGET, 1, false},
    [CK_EVENT_ANSWER] = {CK_ROLE_OBSERVER, 0, ALL, NO_TARGET, 1, false},
    [CK_EVENT_ASK] = {CK_ROLE_ASSISTANT, CK_RIGHT_MODERATE, ONE, NEEDS_TARGET, 2, false},
    [CK_EVENT_POLL] = {CK_ROLE_ASSISTANT, 0, ALL, NO_TARGET, 1, false, TEXT | DATA},
    [CK_EVENT_VOTE] = {CK_ROLE_STUDENT, 0, SELF, NO_TARGET, (1u << CK_ROOM_OPTIONS) - 1, false},
    [CK_EVENT_POLL_END] = {CK_ROLE_ASSISTANT, 0, ALL, NO_TARGET, 0, true},
    [CK_EVENT_NOTICE] = {CK_ROLE_ASSISTANT, 0, ALL, NO_TARGET, 0, true, TEXT},
    [CK_EVENT_CLASS] = {CK_ROLE_TEACHER, 0, ALL, NO_TARGET, CK_CLASS_ARCHIVED, true},
    [CK_EVENT_APP] = {CK_ROLE_STUDENT, 0, ALL | STAFF | ONE, MAY_HAVE_TARGET, UINT64_MAX, false,
                      TEXT | DATA},
    [CK_EVENT_BOARD] = {CK_ROLE_STUDENT, CK_RIGHT_DRAW, ALL, NO_TARGET, 0, false, DATA},
};

static const ck_role_limits limits[] = {
    [CK_ROLE_OWNER] = {8000, 16384, 6000, 200, 7200, 240},
    [CK_ROLE_TEACHER] = {8000, 16384, 6000, 200, 7200, 240},
    [CK_ROLE_ASSISTANT] = {8000, 16384, 3000, 100, 7200, 240},
    [CK_ROLE_STUDENT] = {2000, 4096, 120, 10, 3600, 120},
    [CK_ROLE_OBSERVER] = {0, 0, 30, 5, 600, 40},
};

const ck_role_limits *ck_rules_limits(uint64_t role)
{
    return &limits[role >= CK_ROLE_OWNER && role <= CK_ROLE_OBSERVER ? role : CK_ROLE_OBSERVER];
}

static const rule *rule_of(uint64_t kind)
{
    return kind < CK_COUNT_OF(rules) && rules[kind].rank != 0 ? &rules[kind] : NULL;
}

/* The edge fills in what has one possible value, so clients need not say it, and takes out what the
 * kind does not carry: who may not chat says nothing by raising a hand. */
static bool has_right_form(const rule *r, ck_event *intent)
{
    intent->text = r->carries & TEXT ? intent->text : (ck_bytes){0};
    intent->data = r->carries & DATA ? intent->data : (ck_bytes){0};
    if (r->audiences == SELF) {
        intent->audience = CK_TO_SELF;
    } else if (r->audiences == ONE) {
        intent->audience = CK_TO_ONE;
    }
    bool needs_target = r->target == NEEDS_TARGET || intent->audience == CK_TO_ONE;
    bool target_fits =
        needs_target ? intent->target != 0 : r->target == MAY_HAVE_TARGET || intent->target == 0;
    return target_fits && intent->value <= r->value_max && (r->audiences >> intent->audience & 1);
}

/* Who may not speak to all may still ask for help. */
static bool is_muted(const ck_room *room, const ck_person *author, const ck_event *intent)
{
    return !(ck_room_rights(room, author) & CK_RIGHT_CHAT) && intent->audience != CK_TO_STAFF;
}

/* Students do not whisper, in words or in an application's data: nobody could moderate it. */
static bool is_whisper(const ck_room *room, const ck_person *author, const ck_event *intent)
{
    const ck_person *target = ck_room_find(room, intent->target);
    return intent->audience == CK_TO_ONE && !ck_role_is_staff(author->role) && target != NULL &&
           !ck_role_is_staff(target->role);
}

static enum ck_reason check_app(const ck_room *room, const ck_person *author,
                                const ck_event *intent)
{
    if (is_muted(room, author, intent)) { /* it may have a text, too */
        return CK_REASON_MUTED;
    }
    return is_whisper(room, author, intent) ? CK_REASON_DENIED : CK_REASON_NONE;
}

static enum ck_reason check_chat(const ck_room *room, const ck_person *author, ck_event *intent,
                                 uint64_t now_us)
{
    bool staff = ck_role_is_staff(author->role);
    if (intent->text.size == 0) {
        return CK_REASON_INVALID;
    }
    if (is_muted(room, author, intent)) {
        return CK_REASON_MUTED;
    }
    const ck_account *account = ck_room_account(room, author);
    if (!staff && intent->audience == CK_TO_ALL && account != NULL && account->chat_us > 0 &&
        now_us < account->chat_us + room->slow_s * 1000000) {
        return CK_REASON_PACE;
    }
    return is_whisper(room, author, intent) ? CK_REASON_DENIED : CK_REASON_NONE;
}

/* A message goes as it came: the deletion is for whom it was for. */
static enum ck_reason check_delete(const ck_room *room, const ck_person *author, ck_event *intent)
{
    const ck_said *said = ck_room_find_said(room, intent->value, intent->about);
    if (said == NULL || !ck_event_concerns(&said->event, author->id, author->role)) {
        return CK_REASON_NOT_FOUND;
    }
    bool moderates = ck_room_rights(room, author) & CK_RIGHT_MODERATE;
    if (said->event.author != author->id && !moderates) {
        return CK_REASON_DENIED;
    }
    intent->audience = said->event.audience;
    /* A mention is not a recipient; and who moderates a private message of another is told too. */
    bool privately = said->event.audience == CK_TO_ONE;
    intent->target = !privately                         ? 0
                     : said->event.author == author->id ? said->event.target
                                                        : said->event.author;
    return said->event.deleted ? CK_REASON_STATE : CK_REASON_NONE;
}

/* Nobody gives what they do not have, nor acts on somebody of their own rank or above. */
static enum ck_reason check_power(const ck_person *author, const ck_person *target,
                                  const ck_event *intent)
{
    if (target == NULL) {
        return CK_REASON_NONE;
    }
    if (target->role <= author->role && target->id != author->id) {
        return CK_REASON_DENIED;
    }
    if (intent->kind == CK_EVENT_ROLE &&
        (intent->value <= author->role || intent->value == 0 || target->id == author->id)) {
        return CK_REASON_DENIED;
    }
    if (intent->kind == CK_EVENT_RIGHTS && (intent->value & ~(uint64_t)author->rights)) {
        return CK_REASON_DENIED;
    }
    bool self_harm = target->id == author->id && intent->kind == CK_EVENT_BAN;
    return self_harm ? CK_REASON_INVALID : CK_REASON_NONE;
}

static enum ck_reason check_poll(const ck_room *room, const ck_event *intent)
{
    if (ck_poll_count_options(intent->data) < 1 || intent->text.size == 0) {
        return CK_REASON_INVALID;
    }
    for (uint32_t i = 0; i < CK_ROOM_POLLS; i++) {
        if (i >= room->poll_size || room->polls[i].id == 0 || room->polls[i].closed) {
            return CK_REASON_NONE;
        }
    }
    return CK_REASON_LIMIT;
}

static enum ck_reason check_vote(const ck_room *room, const ck_person *author,
                                 const ck_event *intent)
{
    const ck_poll *poll = ck_room_find_poll(room, intent->about);
    if (poll == NULL) {
        return CK_REASON_NOT_FOUND;
    }
    if (poll->closed) {
        return CK_REASON_STATE;
    }
    if (intent->kind != CK_EVENT_VOTE) {
        return CK_REASON_NONE;
    }
    bool one = (intent->value & (intent->value - 1)) == 0;
    bool known = intent->value >> poll->option_count == 0;
    if (!known || (!one && !poll->several)) {
        return CK_REASON_INVALID;
    }
    bool fits = room->vote_count < CK_ROOM_VOTES_MAX ||
                ck_room_find_vote(room, intent->about, author->id) != NULL;
    return fits ? CK_REASON_NONE : CK_REASON_LIMIT;
}

static enum ck_reason check_hand(const ck_person *author, const ck_event *intent)
{
    if (intent->target == 0 || intent->target == author->id) {
        return CK_REASON_NONE;
    }
    bool lowers = intent->value == 0 && ck_role_is_staff(author->role);
    return lowers ? CK_REASON_NONE : CK_REASON_DENIED;
}

static enum ck_reason check_board(const ck_room *room, const ck_person *author,
                                  const ck_event *intent)
{
    const ck_board_who who = {author->id, ck_role_is_staff(author->role), true};
    const ck_board_event event = {room->number + 1, author->id, intent->counter, intent->data};
    return ck_board_check(&room->board, &who, &event);
}

static enum ck_reason check_kind(const ck_room *room, const ck_person *author, ck_event *intent,
                                 uint64_t now_us)
{
    switch (intent->kind) {
    case CK_EVENT_CHAT:
        return check_chat(room, author, intent, now_us);
    case CK_EVENT_DELETE:
        return check_delete(room, author, intent);
    case CK_EVENT_ROLE:
    case CK_EVENT_RIGHTS:
    case CK_EVENT_MUTE:
    case CK_EVENT_BAN:
        return check_power(author, ck_room_find(room, intent->target), intent);
    case CK_EVENT_ASK:
        return intent->value == 0 ? CK_REASON_INVALID
                                  : check_power(author, ck_room_find(room, intent->target), intent);
    case CK_EVENT_POLL:
        return check_poll(room, intent);
    case CK_EVENT_VOTE:
    case CK_EVENT_POLL_END:
        return check_vote(room, author, intent);
    case CK_EVENT_HAND:
        return check_hand(author, intent);
    case CK_EVENT_ANSWER:
        return author->flags & CK_PERSON_INVITED ? CK_REASON_NONE : CK_REASON_STATE;
    case CK_EVENT_NOTICE:
        return intent->text.size <= CK_ROOM_NOTICE_MAX ? CK_REASON_NONE : CK_REASON_TOO_LARGE;
    case CK_EVENT_APP:
        return check_app(room, author, intent);
    case CK_EVENT_BOARD:
        return check_board(room, author, intent);
    case CK_EVENT_CLASS:
        return intent->value > room->class_state ? CK_REASON_NONE : CK_REASON_STATE;
    default:
        return CK_REASON_NONE;
    }
}

enum ck_reason ck_rules_check(const ck_room *room, const ck_person *author, ck_event *intent,
                              uint64_t now_us)
{
    const rule *r = rule_of(intent->kind);
    if (author->flags & CK_PERSON_BANNED) {
        return CK_REASON_BANNED;
    }
    if (r == NULL || !has_right_form(r, intent)) {
        return CK_REASON_INVALID;
    }
    if (author->role > r->rank || (author->rights & r->right) != r->right) {
        return CK_REASON_DENIED;
    }
    const ck_role_limits *most = ck_rules_limits(author->role);
    if (intent->text.size > most->text_max || intent->data.size > most->data_max) {
        return CK_REASON_TOO_LARGE;
    }
    bool over = room->class_state == CK_CLASS_ARCHIVED ||
                (room->class_state == CK_CLASS_ENDED && !r->after_class);
    if (over) {
        return CK_REASON_STATE;
    }
    if (intent->target != 0 && ck_room_find(room, intent->target) == NULL) {
        return CK_REASON_NOT_FOUND;
    }
    return check_kind(room, author, intent, now_us);
}
