#include "core/camera/fit.h"

#include "chalkrail/frame.h"

#include "base/check.h"

#define WHOLE             1000 /* permille */
#define LARGE_COST_MAX    300
#define FAST_COST_MAX     30
#define LARGE_COST_A_TIME 40
#define FAST_COST_A_TIME  10

static bool is_side(int32_t side)
{
    return side >= 2 && side <= CHALK_PICTURE_SIDE_MAX && side % 2 == 0;
}

bool ck_camera_mode_is_sane(const chalk_camera_mode *mode)
{
    return is_side(mode->width) && is_side(mode->height) && mode->format >= CHALK_CAMERA_I420 &&
           mode->format <= CHALK_CAMERA_MJPEG && mode->fps_milli <= CK_CAMERA_FPS_MILLI_MAX;
}

static int64_t area(int64_t width, int64_t height)
{
    return width * height;
}

/* Pixels of the camera's that the wished picture would show, shape kept: all of a smaller picture,
 * what remains of a larger one after it was shrunk. */
static int64_t shown_area(const chalk_camera_mode *mode, const ck_camera_wish *wish)
{
    int64_t w = mode->width, h = mode->height;
    if (w <= wish->width && h <= wish->height) {
        return area(w, h);
    }
    int64_t across = w * wish->height, down = h * wish->width;
    return across > down ? area(wish->width, down / w) : area(across / h, wish->height);
}

static int64_t size_cost(const chalk_camera_mode *mode, const ck_camera_wish *wish)
{
    int64_t wanted = area(wish->width, wish->height);
    int64_t missing = WHOLE - WHOLE * shown_area(mode, wish) / wanted;
    int64_t has = area(mode->width, mode->height);
    int64_t beyond = has > wanted ? LARGE_COST_A_TIME * (has - wanted) / wanted : 0;
    return 7 * missing / 10 + CK_MIN(beyond, (int64_t)LARGE_COST_MAX);
}

static int64_t rate_cost(const chalk_camera_mode *mode, const ck_camera_wish *wish)
{
    int64_t wanted = (int64_t)wish->fps * 1000;
    int64_t has = mode->fps_milli;
    if (has == 0) {
        return 0; /* the driver does not say: nothing speaks against it */
    }
    if (has >= wanted) {
        return CK_MIN(FAST_COST_A_TIME * (has - wanted) / wanted, (int64_t)FAST_COST_MAX);
    }
    int64_t missing = WHOLE - WHOLE * has / wanted;
    return 3 * missing * missing / (2 * WHOLE);
}

static int64_t format_cost(uint32_t format)
{
    return format == CHALK_CAMERA_MJPEG ? 30 : format == CHALK_CAMERA_YUYV ? 5 : 0;
}

size_t ck_camera_fit(const chalk_camera_mode *modes, size_t count, const ck_camera_wish *wish)
{
    size_t best = count;
    int64_t lowest = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        if (!ck_camera_mode_is_sane(&modes[i])) {
            continue;
        }
        int64_t cost =
            size_cost(&modes[i], wish) + rate_cost(&modes[i], wish) + format_cost(modes[i].format);
        if (cost < lowest) {
            lowest = cost;
            best = i;
        }
    }
    return best;
}
