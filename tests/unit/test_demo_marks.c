/* The marks of the demo's slides and voice: what is drawn and said is read and heard. */
#include "class/marks.h"
#include "class/voice.h"
#include "support/check.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

typedef struct page {
    int32_t width, height;
    uint8_t *pixels; /* B G R X */
    uint8_t *luma;
    chalk_video_info info;
} page;

/* A strip as the slides have it, under a bright page. */
static page make_page(int32_t width, int32_t height)
{
    page p = {.width = width, .height = height};
    size_t size = (size_t)width * (size_t)height;
    p.pixels = malloc(size * 4);
    p.luma = malloc(size);
    CK_CHECK(p.pixels != NULL && p.luma != NULL);
    int32_t strip = height - MARKS_STRIP_BLOCK * marks_block(width);
    for (size_t i = 0; i < size; i++) {
        memset(p.pixels + i * 4, (int32_t)(i / (size_t)width) < strip ? 250 : 27, 4);
    }
    chalk_video_info_init(&p.info);
    p.info.format = CHALK_PIXEL_I420;
    p.info.width = width;
    p.info.height = height;
    p.info.planes[0] = p.luma;
    p.info.strides[0] = width;
    return p;
}

static void free_page(page *p)
{
    free(p->pixels);
    free(p->luma);
}

/* To limited range, with noise of up to `noise` levels as a coder leaves it. */
static void encode(page *p, int noise)
{
    size_t size = (size_t)p->width * (size_t)p->height;
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        int wobble = noise > 0 ? (int)(state >> 16) % (2 * noise + 1) - noise : 0;
        int level = 16 + p->pixels[i * 4] * 219 / 255 + wobble;
        p->luma[i] = (uint8_t)(level < 0 ? 0 : level > 255 ? 255 : level);
    }
}

CK_TEST(demo_marks, read_what_was_drawn)
{
    static const struct {
        int32_t width, height;
        uint64_t number, room_us;
        int noise;
    } rows[] = {
        {1280, 720, 0, 0, 0},
        {1280, 720, 1, 1795158196532999, 0},
        {1280, 720, UINT64_MAX, UINT64_MAX, 20},
        {1920, 1080, 0x5555555555555555, 0xaaaaaaaaaaaaaaaa, 40},
        {640, 360, 12345, 1795158196000000, 30},
        {1366, 768, 7, 1795158196099999, 30},
        {1002, 37, 99, 3, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        page p = make_page(rows[i].width, rows[i].height);
        chalk_rect touched =
            marks_draw(p.pixels, p.width * 4, p.width, p.height, rows[i].number, rows[i].room_us);
        CK_CHECK_ROW(i, touched.x == 0 && touched.width == p.width && touched.y >= 0 &&
                            touched.y + touched.height <= p.height);
        encode(&p, rows[i].noise);
        uint64_t number = 1, room_us = 1;
        CK_CHECK_ROW(i, marks_read(&p.info, &number, &room_us));
        CK_CHECK_ROW(i, number == rows[i].number && room_us == rows[i].room_us);
        CK_CHECK_ROW(i, marks_flash(&p.info) == (rows[i].room_us % 1000000 < MARKS_FLASH_US));
        free_page(&p);
    }
}

CK_TEST(demo_marks, nothing_is_read_where_nothing_is)
{
    uint64_t number, room_us;
    page p = make_page(1280, 720);
    memset(p.pixels, 128, (size_t)p.width * (size_t)p.height * 4);
    encode(&p, 10);
    CK_CHECK(!marks_read(&p.info, &number, &room_us));
    CK_CHECK_EQ(marks_flash(&p.info), -1);
    p.info.format = CHALK_PIXEL_BGRA;
    CK_CHECK(!marks_read(&p.info, &number, &room_us));
    CK_CHECK_EQ(marks_flash(&p.info), -1);
    free_page(&p);
}

/* Smaller than its marks: nothing is drawn, nothing read. */
CK_TEST(demo_marks, small_pictures)
{
    static const int32_t sizes[][2] = {{100, 100}, {159, 90}, {1280, 30}, {16, 2}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t number, room_us;
        page p = make_page(sizes[i][0], sizes[i][1]);
        chalk_rect touched = marks_draw(p.pixels, p.width * 4, p.width, p.height, 1, 1);
        CK_CHECK_ROW(i, touched.width == 0);
        encode(&p, 0);
        CK_CHECK_ROW(i, !marks_read(&p.info, &number, &room_us));
        CK_CHECK_ROW(i, marks_flash(&p.info) == -1);
        free_page(&p);
    }
}

/* --- sound ----------------------------------------------------------------------------------- */

#define SECONDS 4
#define TOTAL   (SECONDS * CHALK_SAMPLE_RATE)

static float sound[TOTAL];

static void speak(uint64_t room_us)
{
    voice v;
    voice_init(&v);
    for (int i = 0; i < TOTAL; i += VOICE_BLOCK) {
        voice_render(&v, room_us, sound + i);
        room_us += VOICE_BLOCK_US;
    }
}

/* Where clicks begin when the sound comes in pieces of `size`; returns how many. */
static int hear(uint32_t size, int32_t *at, int room)
{
    marks_ear ear = {0};
    int found = 0;
    for (uint32_t from = 0; from < TOTAL; from += size) {
        uint32_t count = TOTAL - from < size ? TOTAL - from : size;
        int32_t index = marks_hear(&ear, sound + from, count, 1);
        if (index >= 0) {
            CK_CHECK(found < room);
            at[found++] = (int32_t)from + index;
        }
    }
    return found;
}

CK_TEST(demo_marks, clicks_at_whole_seconds)
{
    int32_t at[SECONDS + 1];
    speak(1795158196400000); /* 0.4 s into a second */
    int found = hear(480, at, SECONDS + 1);
    CK_CHECK_EQ(found, SECONDS);
    for (int i = 0; i < found; i++) {
        CK_CHECK_ROW(i, at[i] == CHALK_SAMPLE_RATE * 6 / 10 + i * CHALK_SAMPLE_RATE);
    }
}

CK_TEST(demo_marks, any_split_is_heard_alike)
{
    static const uint32_t sizes[] = {1, 7, 64, 441, 480, 1024, 9600, 23999};
    int32_t whole[SECONDS + 1], split[SECONDS + 1];
    speak(1795158196400000);
    int expected = hear(960, whole, SECONDS + 1);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        CK_CHECK_ROW(i, hear(sizes[i], split, SECONDS + 1) == expected);
        CK_CHECK_ROW(i, memcmp(whole, split, (size_t)expected * sizeof whole[0]) == 0);
    }
}

CK_TEST(demo_marks, the_voice_is_never_taken_for_a_click)
{
    speak(1795158196400000);
    float loudest = 0;
    double power = 0;
    for (int i = 0; i < TOTAL; i++) {
        int behind = (i + CHALK_SAMPLE_RATE * 4 / 10) % CHALK_SAMPLE_RATE;
        if (behind >= CHALK_SAMPLE_RATE * MARKS_CLICK_US / 1000000) {
            loudest = fmaxf(loudest, fabsf(sound[i]));
            power += (double)sound[i] * sound[i];
        }
    }
    CK_CHECK(loudest <= MARKS_VOICE_MAX);
    CK_CHECK(loudest > 0.02f);             /* there is a voice */
    CK_CHECK(sqrt(power / TOTAL) > 0.005); /* that can be heard */
}
