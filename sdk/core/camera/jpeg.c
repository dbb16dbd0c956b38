#include "core/camera/jpeg.h"

#include "chalkrail/errors.h"

#include "base/bytes.h"

#include <stdbool.h>

/* Markers of table B.1, their second byte. */
#define SOF0     0xc0
#define DHT      0xc4
#define JPG      0xc8
#define DAC      0xcc
#define SOF_LAST 0xcf
#define RST0     0xd0
#define RST7     0xd7
#define SOI      0xd8
#define EOI      0xd9
#define SOS      0xda

/* The next marker; fill bytes before it are allowed. */
static bool read_marker(ck_reader *r, uint8_t *marker)
{
    if (ck_read_u8(r) != 0xff) {
        return false;
    }
    do {
        *marker = ck_read_u8(r);
    } while (*marker == 0xff && !r->failed);
    return !r->failed && *marker != 0;
}

static bool is_frame(uint8_t marker)
{
    return marker >= SOF0 && marker <= SOF_LAST && marker != DHT && marker != JPG && marker != DAC;
}

/* The body of a segment, behind its length. */
static bool read_segment(ck_reader *r, ck_reader *body)
{
    uint16_t length = ck_read_be16(r);
    const uint8_t *at = length >= 2 ? ck_read_bytes(r, length - 2u) : NULL;
    if (at == NULL) {
        return false;
    }
    *body = ck_reader_of(at, length - 2u);
    return true;
}

static bool read_frame(ck_reader *body, ck_jpeg *out)
{
    uint8_t bits = ck_read_u8(body);
    out->height = ck_read_be16(body);
    out->width = ck_read_be16(body);
    return !body->failed && bits == 8 && out->width > 0 && out->height > 0;
}

/* Among pixels 0xff is followed by 0, by a restart mark, or by the end (F.1.2.3). */
static bool read_scan(const uint8_t *data, size_t size, size_t at, ck_jpeg *out)
{
    out->size = size;
    for (; at + 1 < size; at++) {
        uint8_t next = data[at + 1];
        if (data[at] != 0xff || next == 0 || next == 0xff || (next >= RST0 && next <= RST7)) {
            continue;
        }
        out->size = at + 2;
        return next == EOI;
    }
    return true;
}

int ck_jpeg_read(const uint8_t *data, size_t size, ck_jpeg *out)
{
    ck_reader r = ck_reader_of(data, size), body;
    uint8_t marker;
    bool framed = false;
    *out = (ck_jpeg){0};
    if (!read_marker(&r, &marker) || marker != SOI) {
        return CHALK_ERR_BAD_DATA;
    }
    while (read_marker(&r, &marker) && read_segment(&r, &body)) {
        if (is_frame(marker)) {
            if (framed || !read_frame(&body, out)) {
                return CHALK_ERR_BAD_DATA;
            }
            framed = true;
        } else if (marker == SOS) {
            size_t at = size - ck_reader_left(&r);
            bool sound = framed && read_scan(data, size, at, out);
            return sound ? CHALK_OK : CHALK_ERR_BAD_DATA;
        }
    }
    return CHALK_ERR_BAD_DATA;
}
