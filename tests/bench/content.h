/*
 * What the screen of the benches shows: pictures by number, the same on every machine, so that what
 * a server relays can be compared with what was on the screen. Each picture carries its number in a
 * strip of blocks along its upper edge.
 */
#ifndef CK_TESTS_BENCH_CONTENT_H
#define CK_TESTS_BENCH_CONTENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chalkrail/frame.h"

#define CK_CONTENT_WIDTH  1280 /* where nothing else is said */
#define CK_CONTENT_HEIGHT 720
#define CK_CONTENT_FPS    30 /* of the screen */
#define CK_CONTENT_PARTS  2
#define CK_CONTENT_SCENES 5 /* of a lesson */

typedef struct ck_content ck_content;

/* kind: "still" (a slide), "slides" (one in 3 s), "slow-slides" (one in 5 s), "typing" (six letters
 * a second on a page of text), "scroll" (a page of text), "terminal" (three lines a second), or
 * "video" and "quarter" (of the slide's area), which want the name of a file of raw I420 pictures
 * of the size of the content, or of half its sides. "lesson-N" is all of these by turns, in an
 * order and for times that the seed N gives, and wants a quarter's film. `width` and `height` are
 * multiples of 16. NULL, and a line on standard error, when that cannot be. */
ck_content *ck_content_open(const char *kind, const char *file, int32_t width, int32_t height);
void ck_content_close(ck_content **content);

/* The number of the picture that is on the screen at this one: slides stay for many. */
uint32_t ck_content_number(const ck_content *content, uint32_t at);

/* For how many pictures of the screen this one stays; UINT32_MAX: for ever. */
uint32_t ck_content_stays(const ck_content *content, uint32_t number);

/* What a picture of a lesson shows: "slides", "typing"...; "" of all else. */
const char *ck_content_scene(const ck_content *content, uint32_t number);

/* Draws picture `number` as BGRA without padding. */
void ck_content_draw(ck_content *content, uint32_t number, uint32_t *pixels);

/* What differs between the picture `number` and the one before it on the screen; their count. */
size_t ck_content_changes(const ck_content *content, uint32_t number,
                          chalk_rect parts[CK_CONTENT_PARTS]);
/* Where text stands in every picture, to be looked at for sharpness. */
chalk_rect ck_content_text(const ck_content *content);

/* Reads the number from a picture's luma; false when the strip does not hold one. */
bool ck_content_read_number(const uint8_t *luma, size_t stride, uint32_t *number);

#endif
