#include "class/subject.h"

#include <stdio.h>

static const char *aspect(uint32_t kind)
{
    switch (kind) {
    case CHALK_EVENT_OUTPUT:
    case CHALK_EVENT_PLAYBACK:
        return NULL; /* the person's own state */
    case CHALK_EVENT_FIRST_PICTURE:
        return "first picture";
    default:
        return chalk_event_kind_name(kind);
    }
}

void subject_of_event(const char *who, const chalk_event *event, char *out, size_t size)
{
    const char *what = aspect(event->kind);
    snprintf(out, size, "%s%s%s", who, what != NULL ? ", " : "", what != NULL ? what : "");
}
