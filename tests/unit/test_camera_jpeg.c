/* The outside of JPEG pictures, byte by byte. */
#include "core/camera/jpeg.h"

#include "chalkrail/errors.h"

#include "base/check.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>

#define SOI_ "\xff\xd8"
#define APP_ "\xff\xe0\x00\x04\xff\xc0" /* looks like a frame header inside */
#define SOF_ "\xff\xc0\x00\x08\x08\x00\x10\x00\x20\x03"
#define DHT_ "\xff\xc4\x00\x03\x01"
#define SOS_ "\xff\xda\x00\x03\x00"
#define PIX_ "\x12\xff\x00\x34\xff\xd0\x56\xff\xd7"
#define EOI_ "\xff\xd9"

#define BYTES(text) text, sizeof(text) - 1

CK_TEST(camera_jpeg, table)
{
    static const struct {
        const char *data;
        size_t size;
        size_t end; /* 0: refused */
    } rows[] = {
        {BYTES(SOI_ APP_ DHT_ SOF_ SOS_ PIX_ EOI_), 39},
        {BYTES(SOI_ SOF_ SOS_ PIX_ EOI_ "\0\0\0"), 28},
        {BYTES(SOI_ SOF_ SOS_ PIX_), 26}, /* no end mark */
        {BYTES(SOI_ SOF_ SOS_ PIX_ "\xff"), 27},
        {BYTES(SOI_ "\xff\xff" SOF_ SOS_ PIX_ EOI_), 30}, /* fill bytes */
        {BYTES(SOI_ "\xff\xc2"
                    "\x00\x08\x08\x00\x10\x00\x20\x03" SOS_ EOI_),
         19},
        {BYTES(""), 0},
        {BYTES(SOI_), 0},
        {BYTES(SOI_ SOF_), 0},
        {BYTES(SOI_ SOS_ PIX_ EOI_), 0},           /* no frame */
        {BYTES(SOI_ SOF_ SOF_ SOS_ PIX_ EOI_), 0}, /* two */
        {BYTES(SOI_ SOF_ SOS_ PIX_ SOF_ EOI_), 0}, /* the second among the pixels */
        {BYTES(SOI_ SOF_ SOS_ PIX_ DHT_ EOI_), 0},
        {BYTES(SOI_ "\x12" SOF_ SOS_ PIX_ EOI_), 0},
        {BYTES(SOI_ "\xff\xe0\x00\x01" SOF_ SOS_ PIX_ EOI_), 0}, /* a length of less than itself */
        {BYTES(SOI_ "\xff\xe0\x7f\xff" SOF_ SOS_ PIX_ EOI_), 0}, /* beyond the end */
        {BYTES(SOI_ "\xff\xc0\x00\x08\x0c\x00\x10\x00\x20\x03" SOS_ EOI_), 0}, /* 12 bits */
        {BYTES(SOI_ "\xff\xc0\x00\x08\x08\x00\x00\x00\x20\x03" SOS_ EOI_), 0}, /* no rows */
        {BYTES(SOI_ "\xff\xc0\x00\x04\x08\x00" SOS_ EOI_), 0},
        {BYTES("\xff\xd9" SOF_ SOS_ PIX_ EOI_), 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_jpeg jpeg;
        int status = ck_jpeg_read((const uint8_t *)rows[i].data, rows[i].size, &jpeg);
        CK_CHECK_ROW(i, status == (rows[i].end != 0 ? CHALK_OK : CHALK_ERR_BAD_DATA));
        if (status == CHALK_OK) {
            CK_CHECK_ROW(i, jpeg.size == rows[i].end);
            CK_CHECK_ROW(i, jpeg.width == 32 && jpeg.height == 16);
        }
    }
}

/* Cut anywhere, in memory of just that size. */
CK_TEST(camera_jpeg, cut_short)
{
    static const char whole[] = SOI_ APP_ DHT_ SOF_ SOS_ PIX_ EOI_;
    const size_t pixels = sizeof whole - 1 - sizeof PIX_ + 1 - sizeof EOI_ + 1;
    for (size_t size = 0; size < sizeof whole - 1; size++) {
        uint8_t *data = malloc(size + 1);
        CK_CHECK(data != NULL);
        memcpy(data + 1, whole, size);
        ck_jpeg jpeg;
        int status = ck_jpeg_read(data + 1, size, &jpeg);
        CK_CHECK_ROW(size, status == (size >= pixels ? CHALK_OK : CHALK_ERR_BAD_DATA));
        CK_CHECK_ROW(size, status != CHALK_OK || jpeg.size <= size);
        free(data);
    }
}
