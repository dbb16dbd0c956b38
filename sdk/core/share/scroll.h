/*
 * Whether a picture is the one before moved up or down: rows are compared by their hashes, so it
 * sees whole-pixel scrolling over (nearly) the full width, as documents and web pages do.
 */
#ifndef CK_CORE_SHARE_SCROLL_H
#define CK_CORE_SHARE_SCROLL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_SCROLL_ROWS_MAX 2304
#define CK_SCROLL_SLOTS    4096 /* a power of two, more than rows */

typedef struct ck_scroll {
    uint32_t rows; /* of the picture before; 0: there is none */
    uint32_t width;
    uint32_t hashes[CK_SCROLL_ROWS_MAX];
    uint32_t next[CK_SCROLL_ROWS_MAX]; /* hashes of the picture being looked at */
    uint16_t slots[CK_SCROLL_SLOTS];   /* row + 1 with such a hash; 0: none */
    uint16_t votes[2 * CK_SCROLL_ROWS_MAX];
} ck_scroll;

void ck_scroll_init(ck_scroll *s);
/* Takes a luma plane and returns by how many rows most of what changed was moved (down: above 0);
 * 0: not scrolled, or nothing to compare with. Pictures higher than CK_SCROLL_ROWS_MAX: 0. */
int32_t ck_scroll_feed(ck_scroll *s, const uint8_t *luma, size_t stride, uint32_t width,
                       uint32_t height);

#endif
