#include "core/pointer/qoi.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define MAGIC    0x716f6966u /* "qoif" */
#define HEAD     14u
#define TAIL     8u /* seven zeros and a one */
#define OP_INDEX 0x00u
#define OP_DIFF  0x40u
#define OP_LUMA  0x80u
#define OP_RUN   0xc0u
#define OP_RGB   0xfeu
#define OP_RGBA  0xffu
#define RUN_MAX  62u
#define PLACES   64u
#define RGBA     4u

typedef struct pixel {
    uint8_t b, g, r, a;
} pixel;

static const uint8_t tail[TAIL] = {0, 0, 0, 0, 0, 0, 0, 1};

static size_t place_of(pixel p)
{
    return (p.r * 3u + p.g * 5u + p.b * 7u + p.a * 11u) % PLACES;
}

static bool equals(pixel a, pixel b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* --- writing --------------------------------------------------------------------------------- */

static void write_run(ck_buf *out, uint32_t *run)
{
    if (*run > 0) {
        ck_buf_put_u8(out, (uint8_t)(OP_RUN | (*run - 1)));
        *run = 0;
    }
}

/* From one value to another, around 256: -128 to 127. */
static int step(uint8_t to, uint8_t from)
{
    return ((to - from + 128) & 255) - 128;
}

/* A pixel that has not been seen lately: the shortest way to tell it from the one before. */
static void write_pixel(ck_buf *out, pixel p, pixel before)
{
    int r = step(p.r, before.r), g = step(p.g, before.g), b = step(p.b, before.b);
    int rg = r - g, bg = b - g;
    if (p.a != before.a) {
        const uint8_t bytes[] = {OP_RGBA, p.r, p.g, p.b, p.a};
        ck_buf_put(out, bytes, sizeof bytes);
    } else if (r >= -2 && r < 2 && g >= -2 && g < 2 && b >= -2 && b < 2) {
        ck_buf_put_u8(out, (uint8_t)(OP_DIFF | (uint32_t)((r + 2) << 4 | (g + 2) << 2 | (b + 2))));
    } else if (g >= -32 && g < 32 && rg >= -8 && rg < 8 && bg >= -8 && bg < 8) {
        ck_buf_put_u8(out, (uint8_t)(OP_LUMA | (uint32_t)(g + 32)));
        ck_buf_put_u8(out, (uint8_t)((rg + 8) << 4 | (bg + 8)));
    } else {
        const uint8_t bytes[] = {OP_RGB, p.r, p.g, p.b};
        ck_buf_put(out, bytes, sizeof bytes);
    }
}

void ck_qoi_write(const uint8_t *bgra, uint32_t width, uint32_t height, ck_buf *out)
{
    pixel seen[PLACES] = {0}, before = {.a = 255};
    uint32_t run = 0;
    ck_buf_put_be32(out, MAGIC);
    ck_buf_put_be32(out, width);
    ck_buf_put_be32(out, height);
    ck_buf_put_u8(out, RGBA);
    ck_buf_put_u8(out, 0); /* sRGB with linear alpha */
    for (size_t i = 0; i < (size_t)width * height && !out->failed; i++) {
        pixel p;
        memcpy(&p, bgra + i * sizeof p, sizeof p);
        if (equals(p, before)) {
            run++;
            if (run == RUN_MAX) {
                write_run(out, &run);
            }
            continue;
        }
        write_run(out, &run);
        size_t place = place_of(p);
        if (equals(seen[place], p)) {
            ck_buf_put_u8(out, (uint8_t)(OP_INDEX | place));
        } else {
            seen[place] = p;
            write_pixel(out, p, before);
        }
        before = p;
    }
    write_run(out, &run);
    ck_buf_put(out, tail, sizeof tail);
}

/* --- reading --------------------------------------------------------------------------------- */

int ck_qoi_size(const uint8_t *data, size_t size, uint32_t side_max, uint32_t *width,
                uint32_t *height)
{
    ck_reader r = ck_reader_of(data, size);
    bool named = ck_read_be32(&r) == MAGIC;
    *width = ck_read_be32(&r);
    *height = ck_read_be32(&r);
    uint8_t channels = ck_read_u8(&r), space = ck_read_u8(&r);
    if (r.failed || !named || channels < 3 || channels > RGBA || space > 1) {
        return CHALK_ERR_BAD_DATA;
    }
    bool fits = *width >= 1 && *width <= side_max && *height >= 1 && *height <= side_max;
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

/* Returns how many more times the pixel comes. */
static uint32_t read_op(ck_reader *r, pixel seen[PLACES], pixel *p)
{
    uint8_t op = ck_read_u8(r);
    if (op == OP_RGB || op == OP_RGBA) {
        p->r = ck_read_u8(r);
        p->g = ck_read_u8(r);
        p->b = ck_read_u8(r);
        p->a = op == OP_RGBA ? ck_read_u8(r) : p->a;
        return 0;
    }
    switch (op & 0xc0u) {
    case OP_INDEX:
        *p = seen[op];
        return 0;
    case OP_DIFF:
        p->r = (uint8_t)(p->r + (op >> 4 & 3) - 2);
        p->g = (uint8_t)(p->g + (op >> 2 & 3) - 2);
        p->b = (uint8_t)(p->b + (op & 3) - 2);
        return 0;
    case OP_LUMA: {
        int g = (op & 63) - 32;
        uint8_t others = ck_read_u8(r);
        p->r = (uint8_t)(p->r + g + (others >> 4) - 8);
        p->b = (uint8_t)(p->b + g + (others & 15) - 8);
        p->g = (uint8_t)(p->g + g);
        return 0;
    }
    default:
        return op & 63u;
    }
}

int ck_qoi_read(const uint8_t *data, size_t size, uint8_t *bgra)
{
    uint32_t width, height, run = 0;
    int status = ck_qoi_size(data, size, UINT32_MAX, &width, &height);
    if (status < 0) {
        return status;
    }
    pixel seen[PLACES] = {0}, p = {.a = 255};
    ck_reader r = ck_reader_of(data + HEAD, size - HEAD);
    for (size_t i = 0; i < (size_t)width * height && !r.failed; i++) {
        if (run > 0) {
            run--;
        } else {
            run = read_op(&r, seen, &p);
            seen[place_of(p)] = p;
        }
        memcpy(bgra + i * sizeof p, &p, sizeof p);
    }
    const uint8_t *end = ck_read_bytes(&r, TAIL);
    bool whole = end != NULL && memcmp(end, tail, TAIL) == 0 && ck_reader_left(&r) == 0;
    return whole && run == 0 ? CHALK_OK : CHALK_ERR_BAD_DATA;
}
