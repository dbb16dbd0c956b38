/* Ranges and defaults of options, and device ids of X11. */
#include "platform/linux/x11_target.h"
#include "platform/options.h"

#include "support/check.h"

#include <stdlib.h>

CK_TEST(options, shape)
{
    static const struct {
        int32_t width, height;
        uint32_t fps;
        int status;
        ck_generated_shape shape;
    } rows[] = {
        {0, 0, 0, CHALK_OK, {1280, 720, 15}},
        {144, 144, 1, CHALK_OK, {144, 144, 1}},
        {8192, 8192, 60, CHALK_OK, {8192, 8192, 60}},
        {142, 144, 1, CHALK_ERR_INVALID_ARGUMENT, {0}},
        {144, 142, 1, CHALK_ERR_INVALID_ARGUMENT, {0}},
        {145, 144, 1, CHALK_ERR_INVALID_ARGUMENT, {0}},
        {8194, 144, 1, CHALK_ERR_INVALID_ARGUMENT, {0}},
        {-2, 144, 1, CHALK_ERR_INVALID_ARGUMENT, {0}},
        {1280, 720, 61, CHALK_ERR_INVALID_ARGUMENT, {0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {
            .width = rows[i].width, .height = rows[i].height, .fps = rows[i].fps};
        ck_generated_shape shape;
        CK_CHECK_ROW(i, ck_options_shape(&options, &shape) == rows[i].status);
        if (rows[i].status == CHALK_OK) {
            CK_CHECK_ROW(i, shape.width == rows[i].shape.width);
            CK_CHECK_ROW(i, shape.height == rows[i].shape.height);
            CK_CHECK_ROW(i, shape.fps == rows[i].shape.fps);
        }
    }
}

CK_TEST(options, x11_ids)
{
    enum { S = CHALK_SOURCE_SCREEN, W = CHALK_SOURCE_WINDOW };
    static const struct {
        uint32_t kind;
        const char *device;
        int status;
        const char *display;
        const char *output;
        xcb_window_t window;
    } rows[] = {
        {S, NULL, CHALK_OK, ":7", "", 0},
        {S, "", CHALK_OK, ":7", "", 0},
        {S, ":3", CHALK_OK, ":3", "", 0},
        {S, "host:3.1", CHALK_OK, "host:3.1", "", 0},
        {S, "x11::0:HDMI-1", CHALK_OK, ":0", "HDMI-1", 0},
        {S, "x11:host:0.0:DP-2", CHALK_OK, "host:0.0", "DP-2", 0},
        {S, "x11::0:", CHALK_OK, ":0", "", 0},
        {S, "x11:", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {S, "x11::", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "x11win::0:0x1a2B", CHALK_OK, ":0", "", 0x1a2b},
        {W, "0xffffffff", CHALK_OK, ":7", "", 0xffffffff},
        {W, "", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, NULL, CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "0x", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "0x0", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "0x123456789", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "0x12g4", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "1234", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
        {W, "x11win:0x12", CHALK_ERR_INVALID_ARGUMENT, NULL, NULL, 0},
    };
    setenv("DISPLAY", ":7", 1);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {.kind = rows[i].kind, .device = rows[i].device};
        ck_x11_spec spec;
        CK_CHECK_ROW(i, ck_x11_spec_parse(&options, &spec) == rows[i].status);
        if (rows[i].status == CHALK_OK) {
            CK_CHECK_STR(spec.display, rows[i].display);
            CK_CHECK_STR(spec.output, rows[i].output);
            CK_CHECK_ROW(i, spec.window == rows[i].window);
        }
    }
    unsetenv("DISPLAY");
    chalk_source_options options = {.kind = S};
    ck_x11_spec spec;
    CK_CHECK_EQ(ck_x11_spec_parse(&options, &spec), CHALK_ERR_NO_DISPLAY);
}

CK_TEST(options, x11_regions)
{
    static const struct {
        chalk_rect region;
        int status;
    } rows[] = {
        {{0, 0, 0, 0}, CHALK_OK},
        {{10, 20, 30, 40}, CHALK_OK},
        {{32767, 32767, 32767, 32767}, CHALK_OK},
        {{-1, 0, 10, 10}, CHALK_ERR_INVALID_ARGUMENT},
        {{0, -1, 10, 10}, CHALK_ERR_INVALID_ARGUMENT},
        {{0, 0, 1, 10}, CHALK_ERR_INVALID_ARGUMENT},
        {{0, 0, 10, 0}, CHALK_ERR_INVALID_ARGUMENT},
        {{0, 0, -10, 10}, CHALK_ERR_INVALID_ARGUMENT},
        {{INT32_MAX, 0, INT32_MAX, 10}, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = {
            .kind = CHALK_SOURCE_SCREEN, .device = ":0", .region = rows[i].region};
        ck_x11_spec spec;
        CK_CHECK_ROW(i, ck_x11_spec_parse(&options, &spec) == rows[i].status);
    }
}
