#include "support/golden.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEAN_MOST 0.25  /* of 255 */
#define FAR       48    /* of 255: not a rounding */
#define FAR_SHARE 0.001 /* of the pixels */

typedef struct difference {
    double mean;
    double far; /* share of the pixels */
} difference;

void ck_golden_init(void)
{
    setenv("FONTCONFIG_FILE", CK_GOLDEN_FOLDER "/fonts.conf", 1);
}

static bool same_size(cairo_surface_t *a, cairo_surface_t *b)
{
    return cairo_image_surface_get_width(a) == cairo_image_surface_get_width(b) &&
           cairo_image_surface_get_height(a) == cairo_image_surface_get_height(b) &&
           cairo_image_surface_get_width(a) > 0;
}

static difference compare(cairo_surface_t *a, cairo_surface_t *b)
{
    size_t wide = (size_t)cairo_image_surface_get_width(a);
    size_t high = (size_t)cairo_image_surface_get_height(a);
    uint64_t sum = 0, far = 0;
    if (!same_size(a, b)) {
        return (difference){1e9, 1.0};
    }
    for (size_t y = 0; y < high; y++) {
        const uint8_t *left =
            cairo_image_surface_get_data(a) + y * (size_t)cairo_image_surface_get_stride(a);
        const uint8_t *right =
            cairo_image_surface_get_data(b) + y * (size_t)cairo_image_surface_get_stride(b);
        for (size_t i = 0; i < wide * 4; i++) {
            int off = i % 4 == 3 ? 0 : abs(left[i] - right[i]);
            sum += (uint64_t)off;
            far += off > FAR;
        }
    }
    double colours = 3.0 * (double)(wide * high);
    return (difference){(double)sum / colours, (double)far / colours};
}

double ck_golden_difference(cairo_surface_t *a, cairo_surface_t *b)
{
    return compare(a, b).mean;
}

bool ck_golden_check(const char *name, cairo_surface_t *picture)
{
    char path[512];
    const char *mode = getenv("CHALKRAIL_GOLDEN");
    cairo_surface_flush(picture);
    (void)snprintf(path, sizeof path, "%s/%s.png", CK_GOLDEN_FOLDER, name);
    if (mode != NULL && strcmp(mode, "write") == 0) {
        return cairo_surface_write_to_png(picture, path) == CAIRO_STATUS_SUCCESS;
    }
    cairo_surface_t *golden = cairo_image_surface_create_from_png(path);
    difference d = compare(golden, picture);
    cairo_surface_destroy(golden);
    bool same = d.mean <= MEAN_MOST && d.far <= FAR_SHARE;
    if (!same) {
        (void)snprintf(path, sizeof path, "golden-%s.png", name);
        (void)cairo_surface_write_to_png(picture, path);
        fprintf(stderr, "%s: mean difference %.3f, far off %.5f\n", name, d.mean, d.far);
    }
    return same;
}
