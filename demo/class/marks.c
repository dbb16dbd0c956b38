#include "class/marks.h"

#include <math.h>

#define BLOCKS_ACROSS   160
#define BITS            64
#define LEFT            4 /* blocks from the left edge */
#define NUMBER_UP       5 /* blocks from the lower edge to a row's upper side */
#define TIME_UP         3
#define FLASH_SIDE      4
#define FLASH_FROM_EDGE 8 /* blocks from the right edge to the flash's left side */
#define FLASH_UP        5

#define DARK_BELOW   90
#define BRIGHT_ABOVE 160
#define CLICK_LEVEL  0.25f /* between the loudest voice and the click, coding noise allowed */
#define QUIET_FRAMES (CHALK_SAMPLE_RATE / 2)

int32_t marks_block(int32_t width)
{
    return width / BLOCKS_ACROSS;
}

/* --- drawing --------------------------------------------------------------------------------- */

static void fill(uint8_t *pixels, int32_t stride, chalk_rect area, bool white)
{
    for (int32_t y = area.y; y < area.y + area.height; y++) {
        uint8_t *row = pixels + (ptrdiff_t)y * stride + (ptrdiff_t)area.x * 4;
        for (int32_t i = 0; i < area.width * 4; i++) {
            row[i] = white ? 255 : 0;
        }
    }
}

static void draw_row(uint8_t *pixels, int32_t stride, int32_t block, int32_t top, uint64_t value)
{
    for (int32_t bit = 0; bit < BITS; bit++) {
        const chalk_rect square = {(LEFT + bit) * block, top, block, block};
        fill(pixels, stride, square, (value >> (BITS - 1 - bit) & 1) != 0);
    }
}

static chalk_rect flash_area(int32_t width, int32_t height)
{
    int32_t block = marks_block(width);
    return (chalk_rect){width - FLASH_FROM_EDGE * block, height - FLASH_UP * block,
                        FLASH_SIDE * block, FLASH_SIDE * block};
}

chalk_rect marks_draw(uint8_t *pixels, int32_t stride, int32_t width, int32_t height,
                      uint64_t number, uint64_t room_us)
{
    int32_t block = marks_block(width);
    const chalk_rect touched = {0, height - NUMBER_UP * block, width, FLASH_SIDE * block};
    if (block == 0 || touched.y < 0) {
        return (chalk_rect){0};
    }
    draw_row(pixels, stride, block, height - NUMBER_UP * block, number);
    draw_row(pixels, stride, block, height - TIME_UP * block, room_us);
    fill(pixels, stride, flash_area(width, height), room_us % 1000000 < MARKS_FLASH_US);
    return touched;
}

/* --- reading --------------------------------------------------------------------------------- */

static bool has_luma(const chalk_video_info *p)
{
    bool planar = p->format == CHALK_PIXEL_I420 || p->format == CHALK_PIXEL_NV12;
    int32_t block = marks_block(p->width);
    return planar && block > 0 && p->height >= MARKS_STRIP_BLOCK * block;
}

/* Mean of the middle of a square, where coding hurts least. */
static int level_of(const chalk_video_info *p, chalk_rect square)
{
    int32_t margin = square.width / 4;
    int sum = 0, count = 0;
    for (int32_t y = square.y + margin; y < square.y + square.height - margin; y++) {
        const uint8_t *row = p->planes[0] + (ptrdiff_t)y * p->strides[0];
        for (int32_t x = square.x + margin; x < square.x + square.width - margin; x++) {
            sum += row[x];
            count++;
        }
    }
    return count > 0 ? sum / count : -1;
}

static int bit_of(int level)
{
    return level >= 0 && level < DARK_BELOW ? 0 : level > BRIGHT_ABOVE ? 1 : -1;
}

static bool read_row(const chalk_video_info *p, int32_t blocks_up, uint64_t *out)
{
    int32_t block = marks_block(p->width);
    uint64_t value = 0;
    for (int32_t i = 0; i < BITS; i++) {
        const chalk_rect square = {(LEFT + i) * block, p->height - blocks_up * block, block, block};
        int bit = bit_of(level_of(p, square));
        if (bit < 0) {
            return false;
        }
        value = value << 1 | (uint64_t)bit;
    }
    *out = value;
    return true;
}

bool marks_read(const chalk_video_info *picture, uint64_t *number, uint64_t *room_us)
{
    return has_luma(picture) && read_row(picture, NUMBER_UP, number) &&
           read_row(picture, TIME_UP, room_us);
}

int marks_flash(const chalk_video_info *picture)
{
    if (!has_luma(picture)) {
        return -1;
    }
    return bit_of(level_of(picture, flash_area(picture->width, picture->height)));
}

/* --- listening ------------------------------------------------------------------------------- */

int32_t marks_hear(marks_ear *ear, const float *samples, uint32_t frames, uint32_t channels)
{
    int32_t found = -1;
    for (uint32_t i = 0; i < frames; i++) {
        bool loud = fabsf(samples[(size_t)i * channels]) > CLICK_LEVEL;
        if (loud && ear->quiet >= QUIET_FRAMES && found < 0) {
            found = (int32_t)i;
        }
        ear->quiet = loud ? 0 : ear->quiet + (ear->quiet < QUIET_FRAMES);
    }
    return found;
}
