/* What went wrong with a camera: a chalk_error, and a sentence for people that says what helps. */
#ifndef CK_PLATFORM_V4L2_TROUBLE_H
#define CK_PLATFORM_V4L2_TROUBLE_H

#include "chalkrail/event.h"

#include "platform/linux/v4l2_port.h"

typedef struct ck_v4l2_trouble {
    int status; /* CHALK_OK: nothing */
    char text[CHALK_EVENT_TEXT_MAX];
} ck_v4l2_trouble;

/* Notes what a call answered with -errno about a node. `doing`, such as "cannot set its format", is
 * said where the number alone tells too little. The node must not be open here any more, or this
 * program would be found to hold it. Returns the status. */
int ck_v4l2_trouble_of(ck_v4l2_trouble *t, const ck_v4l2_port *port, uint32_t node, int error,
                       const char *doing);
/* Notes a status and a sentence. Returns the status. */
int ck_v4l2_trouble_set(ck_v4l2_trouble *t, int status, const char *text);

#endif
