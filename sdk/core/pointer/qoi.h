/*
 * Small images as bytes, without loss: the Quite OK Image format (qoiformat.org,
 * specification 1.0), which is a page long, makes a mouse pointer a few hundred bytes and is read
 * by anybody.
 *
 * Pixels are bytes B G R A, rows one after the other, colour not premultiplied by alpha. Plain
 * functions; any thread.
 */
#ifndef CK_CORE_POINTER_QOI_H
#define CK_CORE_POINTER_QOI_H

#include "base/bytes.h"

/* Appends the image; what went wrong, such as the buffer's limit, is in ck_buf_status. */
void ck_qoi_write(const uint8_t *bgra, uint32_t width, uint32_t height, ck_buf *out);

/* CHALK_OK; BAD_DATA: no such image, cut short; TOO_LARGE: a side of 0 or over `side_max`. */
int ck_qoi_size(const uint8_t *data, size_t size, uint32_t side_max, uint32_t *width,
                uint32_t *height);

/* Reads an image whose size ck_qoi_size found good; `bgra` has room for it. BAD_DATA: cut short, or
 * longer than the image. */
int ck_qoi_read(const uint8_t *data, size_t size, uint8_t *bgra);

#endif
