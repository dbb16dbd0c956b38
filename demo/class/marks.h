/*
 * Marks by which a receiver measures a lesson: blocks in the slides that carry their own time, and
 * a flash and a click at each whole second.
 *
 * The lowest six blocks of a slide are a dark strip. In it lie two rows of 64 square blocks, most
 * significant bit first, black 0 and white 1: the upper row is the drawing's number, the lower row
 * its room time (microseconds since the Unix epoch). A block is width/160 pixels wide and high,
 * rounded down; the rows begin 4 blocks from the left edge, 5 and 3 blocks above the lower edge.
 * The square of four by four blocks that lies 4 blocks from the right edge and 5 above the lower
 * one is the flash: white for the first 100 ms of each second of room time, black otherwise.
 *
 * The click is 5 ms of 2 kHz at half scale, from each whole second of room time on; nothing else in
 * the voice is louder than MARKS_VOICE_MAX.
 *
 * Everything here is pure: it reads and writes the caller's memory alone.
 */
#ifndef DEMO_CLASS_MARKS_H
#define DEMO_CLASS_MARKS_H

#include "chalkrail/frame.h"

#include <stdbool.h>
#include <stddef.h>

#define MARKS_FLASH_US    100000
#define MARKS_STRIP_BLOCK 6 /* height of the strip in blocks */
#define MARKS_CLICK_US    5000
#define MARKS_CLICK_HZ    2000
#define MARKS_CLICK_SCALE 0.5f
#define MARKS_VOICE_MAX   0.15f

/* Side of a block in a picture of this width, in pixels; 0: too small for marks. */
int32_t marks_block(int32_t width);

/* Draws the blocks and the flash of `room_us` into pixels of 4 bytes B G R X; `stride` in bytes.
 * The caller has painted the strip. Returns what was touched. */
chalk_rect marks_draw(uint8_t *pixels, int32_t stride, int32_t width, int32_t height,
                      uint64_t number, uint64_t room_us);

/* Reads number and room time out of a picture with a luma plane (I420 or NV12, limited range).
 * False when a block is neither black nor white, or there is no such plane. */
bool marks_read(const chalk_video_info *picture, uint64_t *number, uint64_t *room_us);

/* 1: the flash is lit, 0: it is dark, -1: neither. */
int marks_flash(const chalk_video_info *picture);

/* Finds clicks in sound that comes in pieces of any size. All zeros is a good start. */
typedef struct marks_ear {
    uint32_t quiet; /* samples since the last loud one */
} marks_ear;

/* The index of the first sample of a click that begins in these samples, or -1. A click has at
 * least half a second without one before it, so a piece of less than that holds one at most. Only
 * the first channel is looked at; 48 kHz. */
int32_t marks_hear(marks_ear *ear, const float *samples, uint32_t frames, uint32_t channels);

#endif
