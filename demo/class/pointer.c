#include "class/pointer.h"

#include <string.h>

/* Who publishes the stream that is played; 0: it is none of the room's, so whoever shares one. */
static chalk_person_id owner_of(chalk_session *session, const cli_room_place *place)
{
    chalk_room_stream stream = {.struct_size = sizeof stream};
    for (uint32_t i = 0;
         chalk_room_get_stream(session, CHALK_VIEW_PRESENTED, i, &stream) == CHALK_OK; i++) {
        if (strcmp(stream.name, place->owner) == 0) {
            return stream.who;
        }
    }
    return 0;
}

static bool find(chalk_session *session, const cli_room_place *place,
                 const chalk_video_frame *picture, chalk_pointer *out)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    *out = (chalk_pointer){.struct_size = sizeof *out};
    return place->wanted && picture != NULL && chalk_video_frame_info(picture, &info) == CHALK_OK &&
           info.rotation_degrees == 0 &&
           chalk_pointer_get(session, owner_of(session, place), info.width, info.height, out) ==
               CHALK_OK;
}

/* Its image, when that is another one; false: it looks different by now. */
static bool read_image(pointer *p, chalk_session *session, const chalk_pointer *at)
{
    if (p->image == at->shape && p->who == at->who) {
        return true;
    }
    p->image = 0;
    if (chalk_pointer_pixels(session, at->who, at->shape, p->bgra, sizeof p->bgra) < 0) {
        return false;
    }
    p->image = at->shape;
    p->who = at->who;
    return true;
}

bool pointer_look(pointer *p, chalk_session *session, const cli_room_place *place,
                  const chalk_video_frame *picture)
{
    chalk_pointer at;
    bool shown = find(session, place, picture, &at) && read_image(p, session, &at);
    bool same =
        shown == p->shown && (!shown || (at.left == p->at.left && at.top == p->at.top &&
                                         at.right == p->at.right && at.shape == p->at.shape));
    p->shown = shown;
    p->at = at;
    return !same;
}
