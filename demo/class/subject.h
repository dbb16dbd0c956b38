/* What an event of somebody in the lesson is about: "student 1", "student 1, recording". */
#ifndef DEMO_CLASS_SUBJECT_H
#define DEMO_CLASS_SUBJECT_H

#include "chalkrail/event.h"

#include <stddef.h>

void subject_of_event(const char *who, const chalk_event *event, char *out, size_t size);

#endif
