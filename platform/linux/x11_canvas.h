/*
 * Pictures shared with the X server: up to CK_X11_BUFFERS buffers of one size, filled by the server
 * itself through MIT-SHM (or copied out of its answer where that is refused) and lent to the
 * outside as frames without another copy.
 *
 * A buffer is filled only while no frame shows it. Each remembers which rows of it are out of date,
 * so what is fetched is the band of rows that changed since this buffer was last used: a blinking
 * caret costs twenty rows, a still desktop none. Bands are of full width because the server writes
 * them without gaps.
 *
 * Thread: one thread, except that frames are released on any. A canvas lives until it is destroyed
 * and its last frame is gone.
 */
#ifndef CK_PLATFORM_X11_CANVAS_H
#define CK_PLATFORM_X11_CANVAS_H

#include "chalkrail/frame.h"

#include "platform/linux/x11_target.h"

/* One being filled, one newest, and what encoders of several tracks hold meanwhile. */
#define CK_X11_BUFFERS 6

typedef struct ck_x11_canvas ck_x11_canvas;
typedef struct ck_x11_buffer ck_x11_buffer;

/* CHALK_OK or CHALK_ERR_NO_MEMORY. Buffers are made when first needed, all of them out of date. */
int ck_x11_canvas_create(int32_t width, int32_t height, ck_x11_canvas **out);
/* `d`: the display whose server shares the buffers; may have gone. */
void ck_x11_canvas_destroy(ck_x11_canvas **canvas, const ck_x11_display *d);

/* Rows [top, bottom) changed on the server: every buffer is out of date there. */
void ck_x11_canvas_touch(ck_x11_canvas *canvas, int32_t top, int32_t bottom);
/* The same for one buffer that was drawn into by ourselves. */
void ck_x11_buffer_touch(ck_x11_buffer *buffer, int32_t top, int32_t bottom);

/* Gives a buffer that nobody reads, brought up to date. AGAIN: all are held by frames, try after
 * one was released; NO_DEVICE: the server refused, find the target anew; NO_DISPLAY: it is gone;
 * NO_MEMORY. */
int ck_x11_canvas_fetch(ck_x11_canvas *canvas, const ck_x11_display *d, const ck_x11_target *target,
                        ck_x11_buffer **out);
/* The pixels of a fetched buffer, rows of 4 * width bytes, to be drawn into before it is lent. */
uint8_t *ck_x11_buffer_pixels(ck_x11_buffer *buffer);
/* A frame that shows the buffer; several may show the same. CHALK_OK or CHALK_ERR_NO_MEMORY. */
int ck_x11_canvas_lend(ck_x11_canvas *canvas, ck_x11_buffer *buffer, uint64_t capture_us,
                       chalk_video_frame **out);

#endif
