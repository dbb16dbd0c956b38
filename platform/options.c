#include "platform/options.h"

#include <stdbool.h>

#define FPS_MAX        60
#define FPS_DEFAULT    15
#define SIDE_MIN       144
#define WIDTH_DEFAULT  1280
#define HEIGHT_DEFAULT 720

int ck_options_fps(const chalk_source_options *options, uint32_t *fps)
{
    if (options->fps > FPS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *fps = options->fps != 0 ? options->fps : FPS_DEFAULT;
    return CHALK_OK;
}

static bool side_is_fine(int32_t side)
{
    return side >= SIDE_MIN && side <= CHALK_PICTURE_SIDE_MAX && side % 2 == 0;
}

int ck_options_shape(const chalk_source_options *options, ck_generated_shape *shape)
{
    shape->width = options->width != 0 ? options->width : WIDTH_DEFAULT;
    shape->height = options->height != 0 ? options->height : HEIGHT_DEFAULT;
    if (!side_is_fine(shape->width) || !side_is_fine(shape->height)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return ck_options_fps(options, &shape->fps);
}
