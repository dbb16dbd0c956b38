/* chalk-bench-ssim: see usage below. */
#include "bench/content.h"
#include "support/ssim.h"

#include <libyuv/convert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-bench-ssim KIND [WxH] [--series] [FILE.yuv] < PICTURES\n"
    "Compares I420 pictures on standard input with what chalk-bench-screen showed under their\n"
    "numbers. Prints one JSON object: pictures, distinct ones, those whose number could not be "
    "read,\n"
    "mean and least SSIM of the luma; of the text alone the mean SSIM of the first picture with "
    "each\n"
    "number and of the last, and the least between two neighbours of one number.\n"
    "--series prints such an object for each number, too, with its scene of a lesson.\n";

typedef struct comparison {
    ck_content *content;
    int width, height;
    size_t luma;        /* bytes of a plane */
    uint32_t *drawn;    /* BGRA */
    uint8_t *reference; /* I420 */
    uint8_t *picture;   /* I420 */
    uint8_t *before;    /* luma of the picture before */
    uint32_t number;    /* of what is in `reference` */
    bool has_reference;
    bool series;
    uint32_t pictures, distinct, unread;
    double number_first, number_least; /* of the number in hand: its text at first; the whole */
    double value, sum, least;
    double text, first_sum, last_sum, neighbours; /* of the text */
} comparison;

static double compare(const comparison *c, const uint8_t *a, const uint8_t *b, chalk_rect part)
{
    size_t offset = (size_t)part.y * (size_t)c->width + (size_t)part.x;
    size_t stride = (size_t)c->width;
    return ck_ssim((ck_luma){a + offset, stride}, (ck_luma){b + offset, stride}, part.width,
                   part.height);
}

static void print_number(const comparison *c)
{
    if (c->series && c->has_reference) {
        printf("{\"number\":%u,\"stays\":%u,\"scene\":\"%s\",\"first\":%.4f,\"last\":%.4f,"
               "\"least\":%.4f}\n",
               c->number, ck_content_stays(c->content, c->number),
               ck_content_scene(c->content, c->number), c->number_first, c->text, c->number_least);
    }
}

/* True when it is another than before. */
static bool draw_reference(comparison *c, uint32_t number)
{
    if (c->has_reference && number == c->number) {
        return false;
    }
    ck_content_draw(c->content, number, c->drawn);
    ARGBToI420((const uint8_t *)c->drawn, c->width * 4, c->reference, c->width,
               c->reference + c->luma, c->width / 2, c->reference + c->luma + c->luma / 4,
               c->width / 2, c->width, c->height);
    print_number(c);
    c->last_sum += c->has_reference ? c->text : 0; /* of the one that is over */
    c->distinct++;
    c->number = number;
    c->has_reference = true;
    return true;
}

static void take_picture(comparison *c)
{
    uint32_t number = 0;
    c->pictures++;
    if (!ck_content_read_number(c->picture, (size_t)c->width, &number)) {
        c->unread++;
        return;
    }
    /* A repeated picture is as good as it was. */
    if (c->has_reference && memcmp(c->picture, c->before, c->luma) == 0) {
        c->sum += c->value;
        return;
    }
    chalk_rect text = ck_content_text(c->content);
    bool other = draw_reference(c, number);
    if (!other) {
        c->neighbours = fmin(c->neighbours, compare(c, c->picture, c->before, text));
    }
    memcpy(c->before, c->picture, c->luma);
    c->value = compare(c, c->picture, c->reference, (chalk_rect){0, 0, c->width, c->height});
    c->text = compare(c, c->picture, c->reference, text);
    c->first_sum += other ? c->text : 0;
    c->number_first = other ? c->text : c->number_first;
    c->number_least = other ? c->value : fmin(c->number_least, c->value);
    c->sum += c->value;
    c->least = fmin(c->least, c->value);
}

static void print_result(comparison *c)
{
    uint32_t compared = c->pictures - c->unread;
    double numbers = c->distinct > 0 ? c->distinct : 1;
    c->last_sum += c->text;
    print_number(c);
    printf("{\"pictures\":%u,\"distinct\":%u,\"unread\":%u,\"ssim\":%.5f,\"least\":%.5f,"
           "\"text_first\":%.5f,\"text_last\":%.5f,\"neighbours\":%.5f}\n",
           c->pictures, c->distinct, c->unread, compared > 0 ? c->sum / compared : 0, c->least,
           c->first_sum / numbers, c->last_sum / numbers, c->neighbours);
}

int main(int argc, char **argv)
{
    comparison c = {
        .width = CK_CONTENT_WIDTH, .height = CK_CONTENT_HEIGHT, .least = 1, .neighbours = 1};
    const char *file = NULL;
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--series") == 0) {
            c.series = true;
        } else if (sscanf(argv[i], "%dx%d", &c.width, &c.height) != 2) {
            file = argv[i];
        }
    }
    if (argc < 2 || c.width < 320 || c.width > 4096 || c.height < 160 || c.height > 2304) {
        fputs(usage, stderr);
        return 2;
    }
    c.luma = (size_t)c.width * (size_t)c.height;
    c.content = ck_content_open(argv[1], file, c.width, c.height);
    c.drawn = malloc(c.luma * sizeof *c.drawn);
    c.reference = malloc(c.luma * 3 / 2);
    c.picture = malloc(c.luma * 3 / 2);
    c.before = malloc(c.luma);
    bool ready = c.content != NULL && c.drawn != NULL && c.reference != NULL && c.picture != NULL &&
                 c.before != NULL;
    while (ready && fread(c.picture, c.luma * 3 / 2, 1, stdin) == 1) {
        take_picture(&c);
    }
    bool compared = c.pictures > c.unread;
    if (ready) {
        print_result(&c);
    }
    ck_content_close(&c.content);
    free(c.drawn);
    free(c.reference);
    free(c.picture);
    free(c.before);
    return ready && compared ? 0 : 1;
}
