/*
 * The synthetic picture that chalkrail/source.h describes in its opening comment: two rows of 64
 * blocks (number, room time), a moving background, the flash at each whole second.
 *
 * I420, limited range. The background of a frame is a stripe pattern computed once and copied row
 * by row from a moving place, so a 720p picture costs some tenths of a millisecond.
 */
#ifndef CK_PLATFORM_PICTURE_H
#define CK_PLATFORM_PICTURE_H

#include "runtime/media/frame.h"

typedef struct ck_picture {
    int32_t width;
    int32_t height;
    uint8_t *luma;   /* one period longer than a row */
    uint8_t *chroma; /* the same for the halved planes */
} ck_picture;

/* Sides even, 144..CHALK_PICTURE_SIDE_MAX. CHALK_OK or CHALK_ERR_NO_MEMORY. */
int ck_picture_init(ck_picture *p, int32_t width, int32_t height);
void ck_picture_free(ck_picture *p);
/* Draws into an I420 frame of exactly that size. */
void ck_picture_draw(const ck_picture *p, chalk_video_frame *frame, uint64_t number,
                     uint64_t room_us);

#endif
