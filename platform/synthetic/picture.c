#include "platform/synthetic/picture.h"

#include "base/check.h"
#include "base/time.h"
#include "runtime/os/os.h"

#include <stdbool.h>
#include <string.h>

/* Luma 16..235 is black to white in limited range; chroma 128 is no colour. */
#define BLACK   16
#define WHITE   235
#define NEUTRAL 128

/* The stripes keep clear of black and white, so no background is mistaken for a block. */
#define STRIPE_LOW    60
#define STRIPE_HEIGHT 127
#define PERIOD        256
#define CHROMA_SWING  40
#define PIXELS_A_STEP 2 /* how far the background moves from one frame to the next */

#define BLOCKS_ACROSS  72
#define BITS           64
#define FIRST_BLOCK    4
#define NUMBER_ROW     1
#define TIME_ROW       3
#define FLASH_BLOCKS   8
#define FLASH_LASTS_US (CK_US_PER_S / 10)

/* 0..PERIOD/2 and back: no edges, so an encoder spends its bits on the blocks. */
static int triangle(int position)
{
    int phase = position % PERIOD;
    return phase < PERIOD / 2 ? phase : PERIOD - 1 - phase;
}

int ck_picture_init(ck_picture *p, int32_t width, int32_t height)
{
    *p = (ck_picture){.width = width, .height = height};
    p->luma = ck_new_array(&ck_heap, (size_t)width + PERIOD, 1);
    p->chroma = ck_new_array(&ck_heap, (size_t)width / 2 + PERIOD, 1);
    if (p->luma == NULL || p->chroma == NULL) {
        ck_picture_free(p);
        return CHALK_ERR_NO_MEMORY;
    }
    for (int i = 0; i < width + PERIOD; i++) {
        p->luma[i] = (uint8_t)(STRIPE_LOW + triangle(i) * STRIPE_HEIGHT / (PERIOD / 2));
    }
    for (int i = 0; i < width / 2 + PERIOD; i++) {
        int swing = triangle(i) * 2 * CHROMA_SWING / (PERIOD / 2);
        p->chroma[i] = (uint8_t)(NEUTRAL - CHROMA_SWING + swing);
    }
    return CHALK_OK;
}

void ck_picture_free(ck_picture *p)
{
    ck_free(&ck_heap, p->luma);
    ck_free(&ck_heap, p->chroma);
    *p = (ck_picture){0};
}

/* Row y shows the pattern from (y + shift) on, which draws slanting stripes that wander. */
static void draw_stripes(chalk_video_frame *frame, int plane, const uint8_t *pattern,
                         int32_t columns, int32_t rows, uint64_t shift)
{
    uint8_t *row = ck_frame_plane(frame, plane);
    for (int32_t y = 0; y < rows; y++) {
        memcpy(row, pattern + (shift + (uint64_t)y) % PERIOD, (size_t)columns);
        row += frame->info.strides[plane];
    }
}

/* Clipped above and below: blocks grow with the width alone, so they do not fit a very flat
 * picture. */
static void fill(chalk_video_frame *frame, int plane, chalk_rect area, uint8_t value)
{
    int32_t rows = plane == 0 ? frame->info.height : frame->info.height / 2;
    int32_t top = CK_MAX(area.y, 0);
    int32_t bottom = CK_MIN(area.y + area.height, rows);
    for (int32_t y = top; y < bottom; y++) {
        uint8_t *row = ck_frame_plane(frame, plane) + (ptrdiff_t)y * frame->info.strides[plane];
        memset(row + area.x, value, (size_t)area.width);
    }
}

/* Takes the colour out of an area, rounded outwards to whole chroma samples. */
static void fill_neutral(chalk_video_frame *frame, chalk_rect area)
{
    int32_t x = area.x / 2;
    int32_t y = area.y / 2;
    const chalk_rect half = {x, y, (area.x + area.width + 1) / 2 - x,
                             (area.y + area.height + 1) / 2 - y};
    fill(frame, 1, half, NEUTRAL);
    fill(frame, 2, half, NEUTRAL);
}

static void draw_number(chalk_video_frame *frame, int32_t block, int32_t row, uint64_t value)
{
    const chalk_rect strip = {FIRST_BLOCK * block, row * block, BITS * block, block};
    fill_neutral(frame, strip);
    for (int32_t bit = 0; bit < BITS; bit++) {
        bool one = (value >> (BITS - 1 - bit) & 1) != 0;
        const chalk_rect square = {strip.x + bit * block, strip.y, block, block};
        fill(frame, 0, square, one ? WHITE : BLACK);
    }
}

static void draw_flash(const ck_picture *p, chalk_video_frame *frame, int32_t block, bool lit)
{
    int32_t side = FLASH_BLOCKS * block;
    const chalk_rect square = {p->width - side, p->height - side, side, side};
    fill_neutral(frame, square);
    fill(frame, 0, square, lit ? WHITE : BLACK);
}

void ck_picture_draw(const ck_picture *p, chalk_video_frame *frame, uint64_t number,
                     uint64_t room_us)
{
    uint64_t shift = number * PIXELS_A_STEP;
    int32_t block = p->width / BLOCKS_ACROSS;
    draw_stripes(frame, 0, p->luma, p->width, p->height, shift);
    draw_stripes(frame, 1, p->chroma, p->width / 2, p->height / 2, shift / 2);
    draw_stripes(frame, 2, p->chroma, p->width / 2, p->height / 2, shift / 2 + PERIOD / 2);
    draw_number(frame, block, NUMBER_ROW, number);
    draw_number(frame, block, TIME_ROW, room_us);
    draw_flash(p, frame, block, room_us % CK_US_PER_S < FLASH_LASTS_US);
}
