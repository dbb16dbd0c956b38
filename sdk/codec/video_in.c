#include "codec/video_in.h"

#include "runtime/media/frame.h"

static bool side_fits(int32_t side)
{
    return side >= 2 && side <= CHALK_PICTURE_SIDE_MAX && side % 2 == 0;
}

int ck_video_check_config(const ck_encoder_config *config, uint32_t codec)
{
    const bool fits =
        config->codec == codec && config->hint >= CHALK_HINT_SLIDES &&
        config->hint <= CHALK_HINT_CAMERA && side_fits(config->width) &&
        side_fits(config->height) && config->fps_max >= 1 && config->fps_max <= 120 &&
        config->bitrate_kbps >= 1 &&
        (config->color == CHALK_COLOR_BT601_LIMITED || config->color == CHALK_COLOR_BT709_LIMITED);
    return fits ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

int ck_video_check_frame(const ck_encoder_config *config, const chalk_video_frame *frame)
{
    /* Another colour would be shown wrongly without anybody noticing: the stream states one. */
    const bool fits = frame->info.format == CHALK_PIXEL_I420 &&
                      frame->info.width == config->width && frame->info.height == config->height &&
                      frame->info.color == config->color;
    return fits ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

ck_video_color ck_video_color_of(uint32_t color)
{
    /* Primaries and transfer are BT.709's either way, being sRGB's as far as video can say it:
     * pictures come from desktops and cameras of this century. Only the matrix differs. */
    return (ck_video_color){1, 1, color == CHALK_COLOR_BT601_LIMITED ? 6 : 1};
}
