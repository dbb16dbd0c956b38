/* Words for the numbers of events. */
#include "chalkrail/playback.h"

#include "base/check.h"

#include <stddef.h>

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
