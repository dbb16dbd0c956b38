/* chalk-bench-ssim: see usage below. */
#include "bench/content.h"
#include "support/ssim.h"

#include <libyuv/convert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  CK_CONTENT_WIDTH
#define HEIGHT CK_CONTENT_HEIGHT
#define LUMA   ((size_t)WIDTH * HEIGHT)
#define BYTES  (LUMA * 3 / 2)

static const char usage[] =
    "usage: chalk-bench-ssim scroll|slides|video [FILE.yuv] < PICTURES\n"
    "Compares 1280x720 I420 pictures on standard input with what chalk-bench-screen showed under\n"
    "their numbers. Prints one JSON object: pictures, distinct ones, those whose number could not "
    "be\n"
    "read, mean and least SSIM of the luma.\n";

typedef struct comparison {
    ck_content *content;
    uint32_t *drawn;    /* BGRA */
    uint8_t *reference; /* I420 */
    uint8_t *picture;   /* I420 */
    uint8_t *before;    /* luma of the picture before */
    uint32_t number;    /* of what is in `reference` */
    bool has_reference;
    uint32_t pictures, distinct, unread;
    double value, sum, least;
} comparison;

static void draw_reference(comparison *c, uint32_t number)
{
    if (c->has_reference && number == c->number) {
        return;
    }
    ck_content_draw(c->content, number, c->drawn);
    ARGBToI420((const uint8_t *)c->drawn, WIDTH * 4, c->reference, WIDTH, c->reference + LUMA,
               WIDTH / 2, c->reference + LUMA + LUMA / 4, WIDTH / 2, WIDTH, HEIGHT);
    c->distinct++;
    c->number = number;
    c->has_reference = true;
}

static void take_picture(comparison *c)
{
    uint32_t number = 0;
    c->pictures++;
    if (!ck_content_read_number(c->picture, WIDTH, &number)) {
        c->unread++;
        return;
    }
    /* A repeated picture is as good as it was. */
    if (c->has_reference && memcmp(c->picture, c->before, LUMA) == 0) {
        c->sum += c->value;
        return;
    }
    memcpy(c->before, c->picture, LUMA);
    draw_reference(c, number);
    c->value = ck_ssim((ck_luma){c->picture, WIDTH}, (ck_luma){c->reference, WIDTH}, WIDTH, HEIGHT);
    c->sum += c->value;
    c->least = fmin(c->least, c->value);
}

int main(int argc, char **argv)
{
    if (argc < 2 || argc > 3) {
        fputs(usage, stderr);
        return 2;
    }
    comparison c = {
        .content = ck_content_open(argv[1], argc == 3 ? argv[2] : NULL),
        .drawn = malloc(LUMA * sizeof *c.drawn),
        .reference = malloc(BYTES),
        .picture = malloc(BYTES),
        .before = malloc(LUMA),
        .least = 1,
    };
    bool ready = c.content != NULL && c.drawn != NULL && c.reference != NULL && c.picture != NULL &&
                 c.before != NULL;
    while (ready && fread(c.picture, BYTES, 1, stdin) == 1) {
        take_picture(&c);
    }
    uint32_t compared = c.pictures - c.unread;
    if (ready) {
        printf("{\"pictures\":%u,\"distinct\":%u,\"unread\":%u,\"ssim\":%.5f,\"least\":%.5f}\n",
               c.pictures, c.distinct, c.unread, compared > 0 ? c.sum / compared : 0, c.least);
    }
    ck_content_close(&c.content);
    free(c.drawn);
    free(c.reference);
    free(c.picture);
    free(c.before);
    return ready && compared > 0 ? 0 : 1;
}
