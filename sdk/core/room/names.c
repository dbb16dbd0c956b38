#include "core/room/names.h"

const char *ck_event_kind_name(uint64_t kind)
{
    switch (kind) {
#define NAME(name, value, text)                                                                    \
    case value:                                                                                    \
        return text;
        CK_EVENT_LIST(NAME)
    default:
        return "?";
    }
}

const char *ck_reason_name(uint64_t reason)
{
    switch (reason) {
    case CK_REASON_NONE:
        return "none";
        CK_REASON_LIST(NAME)
    default:
        return "?";
    }
}

const char *ck_sound_name(uint64_t sound)
{
    switch (sound) {
        CK_SOUND_LIST(NAME)
    default:
        return "?";
    }
}
