/* What viewers see in the place of a source that is paused or shows nothing: two bars on dark grey.
 */
#ifndef CK_MEDIA_CARD_H
#define CK_MEDIA_CARD_H

#include "runtime/media/frame.h"

/* A picture of I420 with one reference. Sides are made even; 0: 1280 x 720. `color`: that of the
 * source's pictures, so that the encoder stays; 0 and sRGB: BT.601. Errors: NO_MEMORY. */
int ck_card_create(int32_t width, int32_t height, uint32_t color, chalk_video_frame **out);

#endif
