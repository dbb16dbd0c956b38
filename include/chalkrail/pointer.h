/*
 * chalkrail/pointer.h - the mouse pointer of a shared screen, apart from its picture.
 *
 * Who shares a screen or window with CHALK_CURSOR_LANE (chalkrail/source.h) and is in a room, with
 * the right to share, tells all there where the pointer is, up to 60 times a second, and once what
 * it looks like. So a pointer that moves over a still slide costs no picture, and is fluent where
 * pictures are rare. Who watches draws it over the picture:
 *
 *     while (chalk_room_next_event(session, &event) == CHALK_OK) ...   // takes what has come
 *     chalk_pointer pointer = {.struct_size = sizeof pointer};
 *     if (chalk_pointer_get(session, teacher, info.width, info.height, &pointer) == CHALK_OK)
 *         draw(image_of(pointer.shape), pointer.left, pointer.top, pointer.right, pointer.bottom);
 *
 * It is in step with the playback that the room follows (chalk_room_follow), as everything in a
 * room is, and not to be seen while the source is paused, hidden, or ended.
 *
 * What has come is taken into account as its event (CHALK_ROOM_EVENT_POINTER) is taken.
 *
 * Thread: any, serial per session. Lifetime: plain copies.
 */
#ifndef CHALKRAIL_POINTER_H
#define CHALKRAIL_POINTER_H

#include "chalkrail/room_event.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CHALK_POINTER_SIDE_MAX 128 /* of its image, pixels */

/* Places are in pixels of the picture that is played, from its upper left corner. */
typedef struct chalk_pointer {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_pointer) */
    uint32_t moves;       /* 1: it is on its way: look again with the next refresh */
    chalk_person_id who;
    uint64_t shape;      /* names its image; another one is another image */
    int32_t shape_width; /* of the image, pixels, 1..CHALK_POINTER_SIDE_MAX */
    int32_t shape_height;
    double x; /* its point */
    double y;
    double left; /* where the image goes, also beyond the picture, where it is to be cut */
    double top;
    double right;
    double bottom;
    char name[72]; /* who's */
} chalk_pointer;

/**
 * Where somebody's pointer is now.
 *
 * @param session  the session; in a room, or in one that has ended.
 * @param who      the participant; 0: whoever told of one last.
 * @param width    of the picture that is played, not turned; pixels, 2..CHALK_PICTURE_SIDE_MAX.
 * @param height   the same. A picture that was scaled on its way lies in it as large as it can, in
 * the middle, and the pointer accordingly.
 * @param out      `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (`struct_size` not set, a size out of range), NOT_FOUND (none is to be
 * seen: draw none), BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_pointer_get(chalk_session *session, chalk_person_id who, int32_t width,
                                int32_t height, chalk_pointer *out);

/**
 * Reads the image of somebody's pointer, once for each `shape`.
 *
 * @param session  the session.
 * @param who      the participant, from chalk_pointer_get.
 * @param shape    from chalk_pointer_get.
 * @param bgra     receives rows of 4 * shape_width bytes: blue, green, red, alpha; the colour is
 * not multiplied by alpha.
 * @param size     bytes of `bgra`, at least 4 * shape_width * shape_height.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (too little room), NOT_FOUND (it looks different by now, or is not to be
 * seen: chalk_pointer_get tells), BAD_STATE (no room was joined).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_pointer_pixels(chalk_session *session, chalk_person_id who, uint64_t shape,
                                   void *bgra, size_t size);

#ifdef __cplusplus
}
#endif
#endif
