/*
 * The pointer of whoever shares a screen, over the picture that is played: what was last seen of
 * it, with its image.
 *
 * Thread: one.
 */
#ifndef DEMO_CLASS_POINTER_H
#define DEMO_CLASS_POINTER_H

#include "chalkrail/frame.h"
#include "chalkrail/pointer.h"
#include "cli/room.h"

#include <stdbool.h>

typedef struct pointer {
    bool shown;
    chalk_pointer at;    /* in pixels of the picture */
    uint64_t image;      /* which shape `bgra` is; 0: none */
    chalk_person_id who; /* whose image it is */
    uint8_t bgra[CHALK_POINTER_SIDE_MAX * CHALK_POINTER_SIDE_MAX * 4];
} pointer;

/* Looks where it is over this picture, of the stream that `place` is beside; NULL: nothing is
 * played. True when it has to be drawn anew. */
bool pointer_look(pointer *p, chalk_session *session, const cli_room_place *place,
                  const chalk_video_frame *picture);

#endif
