/*
 * The outside of a JPEG picture (ITU-T T.81, annex B), looked at before a decoder is: a camera's
 * picture that was damaged on its way may claim any size, or hold a second head where its pixels
 * should be. Pixels themselves are not looked at.
 */
#ifndef CK_CORE_CAMERA_JPEG_H
#define CK_CORE_CAMERA_JPEG_H

#include <stddef.h>
#include <stdint.h>

typedef struct ck_jpeg {
    int32_t width; /* pixels, 1..65535 */
    int32_t height;
    size_t size; /* bytes up to the end of the image; cameras pad what follows */
} ck_jpeg;

/* CHALK_OK, or CHALK_ERR_BAD_DATA: it does not begin with an image, a segment runs out of the data,
 * there is no scan or not exactly one frame header of 8 bits before it, or a marker stands among
 * the pixels that has no business there. An image whose end mark is missing goes to the end of the
 * data. */
int ck_jpeg_read(const uint8_t *data, size_t size, ck_jpeg *out);

#endif
