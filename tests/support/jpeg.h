/* JPEG pictures as cameras give them: 4:2:2, full range, the standard Huffman tables. */
#ifndef CK_TESTS_JPEG_H
#define CK_TESTS_JPEG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Luma 50 * (number + 1), 235 in the upper left quarter; chroma 100 and 150. number: 0..3. Kept
 * until the program's end. Not for several threads at once. */
const uint8_t *ck_jpeg_picture(int width, int height, uint64_t number, bool tables, size_t *size);

/* Overwrites the size in the frame header. */
void ck_jpeg_claim_size(uint8_t *jpeg, size_t size, uint16_t width, uint16_t height);

#endif
