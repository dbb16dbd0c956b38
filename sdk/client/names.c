/* Words for the numbers of events. */
#include "chalkrail/playback.h"
#include "chalkrail/room.h"

#include "base/check.h"
#include "core/room/names.h"

#include <stddef.h>

#define SAME_WHAT(name, value, text)                                                               \
    _Static_assert((int)CHALK_WHAT_##name == (value), "the public numbers are the protocol's");
CK_EVENT_LIST(SAME_WHAT)

/* Two reasons have the word "slow". */
#define CHALK_REASON_SLOW CHALK_REASON_SLOW_READER
#define SAME_REASON(name, value, text)                                                             \
    _Static_assert((int)CHALK_REASON_##name == (value), "the public numbers are the protocol's");
CK_REASON_LIST(SAME_REASON)

#define SAME_SOUND(name, value, text)                                                              \
    _Static_assert((int)CHALK_SOUND_##name == (value), "the public numbers are the protocol's");
#define CHALK_SOUND_UNKNOWN 0
CK_SOUND_LIST(SAME_SOUND)

static const char *name_of(const char *const *names, size_t count, uint32_t value)
{
    return value < count && names[value] != NULL ? names[value] : "unknown";
}

const char *chalk_event_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [CHALK_EVENT_OVERFLOW] = "overflow",
        [CHALK_EVENT_SOURCE] = "source",
        [CHALK_EVENT_ENCODER] = "encoder",
        [CHALK_EVENT_OUTPUT] = "output",
        [CHALK_EVENT_PLAYBACK] = "playback",
        [CHALK_EVENT_MEDIA] = "media",
        [CHALK_EVENT_FIRST_PICTURE] = "first_picture",
        [CHALK_EVENT_FREEZE] = "freeze",
        [CHALK_EVENT_RECORDING] = "recording",
        [CHALK_EVENT_DEVICE] = "device",
        [CHALK_EVENT_CONGESTION] = "congestion",
        [CHALK_EVENT_ROOM_SOURCE] = "room_source",
        [CHALK_EVENT_DEVICES] = "devices",
        [CHALK_EVENT_HINT] = "hint",
        [CHALK_EVENT_ROOM] = "room",
    };
    return name_of(names, CK_COUNT_OF(names), kind);
}

const char *chalk_link_state_name(uint32_t state)
{
    static const char *const names[] = {
        [CHALK_LINK_CONNECTING] = "connecting", [CHALK_LINK_LIVE] = "live",
        [CHALK_LINK_WAITING] = "waiting",       [CHALK_LINK_STOPPING] = "stopping",
        [CHALK_LINK_CLOSED] = "closed",
    };
    return name_of(names, CK_COUNT_OF(names), state);
}

const char *chalk_origin_name(uint32_t origin)
{
    static const char *const names[] = {
        [CHALK_ORIGIN_USER] = "user",
        [CHALK_ORIGIN_APP] = "app",
        [CHALK_ORIGIN_SYSTEM] = "system",
        [CHALK_ORIGIN_PEER] = "peer",
    };
    return name_of(names, CK_COUNT_OF(names), origin);
}

const char *chalk_room_source_name(uint32_t source)
{
    static const char *const names[] = {
        [0] = "none",
        [CHALK_ROOM_PICTURE] = "picture",
        [CHALK_ROOM_DATA] = "data",
        [CHALK_ROOM_PLAYLIST] = "playlist",
        [CHALK_ROOM_MEASURED] = "measured",
    };
    return name_of(names, CK_COUNT_OF(names), source);
}

const char *chalk_role_name(uint32_t role)
{
    static const char *const names[] = {
        [CHALK_ROLE_OWNER] = "owner",         [CHALK_ROLE_TEACHER] = "teacher",
        [CHALK_ROLE_ASSISTANT] = "assistant", [CHALK_ROLE_STUDENT] = "student",
        [CHALK_ROLE_OBSERVER] = "observer",
    };
    return name_of(names, CK_COUNT_OF(names), role);
}

const char *chalk_room_event_kind_name(uint32_t kind)
{
    static const char *const names[] = {
        [CHALK_ROOM_EVENT_RESET] = "reset",       [CHALK_ROOM_EVENT_HAPPENED] = "happened",
        [CHALK_ROOM_EVENT_SETTLED] = "settled",   [CHALK_ROOM_EVENT_SHOWN] = "shown",
        [CHALK_ROOM_EVENT_REACTION] = "reaction", [CHALK_ROOM_EVENT_HIDDEN] = "hidden",
        [CHALK_ROOM_EVENT_PRESENCE] = "presence", [CHALK_ROOM_EVENT_SUMMARY] = "summary",
        [CHALK_ROOM_EVENT_PAST] = "past",         [CHALK_ROOM_EVENT_PERSON] = "person",
        [CHALK_ROOM_EVENT_PAGE] = "page",         [CHALK_ROOM_EVENT_TOKEN] = "token",
        [CHALK_ROOM_EVENT_HELD] = "held",         [CHALK_ROOM_EVENT_POINTER] = "pointer",
        [CHALK_ROOM_EVENT_ASSET] = "asset",
    };
    return name_of(names, CK_COUNT_OF(names), kind);
}

const char *chalk_room_how_name(uint32_t how)
{
    static const char *const names[] = {
        [CHALK_HOW_LIVE] = "live",
        [CHALK_HOW_IN_STEP] = "in_step",
        [CHALK_HOW_BOUND] = "bound",
        [CHALK_HOW_JUMP] = "jump",
    };
    return name_of(names, CK_COUNT_OF(names), how);
}

const char *chalk_room_what_name(uint32_t what)
{
    const char *name = ck_event_kind_name(what);
    return name[0] != '?' ? name : "unknown";
}

const char *chalk_room_reason_name(uint32_t reason)
{
    const char *name = reason == CHALK_REASON_LEFT ? "left" : ck_reason_name(reason);
    return name[0] != '?' ? name : "unknown";
}
