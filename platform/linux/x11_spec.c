/* Reading device ids; asks no server. */
#include "platform/linux/x11_target.h"

#include "base/text.h"

#include <string.h>

#define SCREEN_PREFIX "x11:"
#define WINDOW_PREFIX "x11win:"

/* Copies what stands before the last colon of `text` and returns what stands behind it. */
static const char *split_display(const char *text, char display[CHALK_DEVICE_TEXT_MAX])
{
    const char *colon = strrchr(text, ':');
    size_t size = colon != NULL ? (size_t)(colon - text) : 0;
    if (size == 0 || size >= CHALK_DEVICE_TEXT_MAX) {
        return NULL;
    }
    memcpy(display, text, size);
    display[size] = '\0';
    return colon + 1;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* "0x" and 1 to 8 hexadecimal digits, nothing else; the id 0 is no window. */
static bool parse_window(const char *text, xcb_window_t *out)
{
    size_t length = strlen(text);
    if (!ck_text_starts(text, "0x") || length < 3 || length > 10) {
        return false;
    }
    uint32_t value = 0;
    for (const char *c = text + 2; *c != '\0'; c++) {
        int digit = hex_digit(*c);
        if (digit < 0) {
            return false;
        }
        value = value << 4 | (uint32_t)digit;
    }
    *out = value;
    return value != 0;
}

static int parse_screen(const char *device, ck_x11_spec *out)
{
    if (!ck_text_starts(device, SCREEN_PREFIX)) {
        return ck_x11_display_name(device, out->display) ? CHALK_OK : CHALK_ERR_NO_DISPLAY;
    }
    const char *output = split_display(device + strlen(SCREEN_PREFIX), out->display);
    if (output == NULL || !ck_text_copy(out->output, sizeof out->output, output)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return CHALK_OK;
}

static int parse_window_id(const char *device, ck_x11_spec *out)
{
    const char *window = device;
    if (ck_text_starts(device, WINDOW_PREFIX)) {
        window = split_display(device + strlen(WINDOW_PREFIX), out->display);
    } else if (!ck_x11_display_name(NULL, out->display)) {
        return CHALK_ERR_NO_DISPLAY;
    }
    bool fine = window != NULL && parse_window(window, &out->window);
    return fine ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

static bool region_is_fine(chalk_rect r)
{
    if (r.width == 0) {
        return true;
    }
    bool place = r.x >= 0 && r.y >= 0 && r.x <= INT16_MAX && r.y <= INT16_MAX;
    bool sides = r.width >= 2 && r.height >= 2 && r.width <= INT16_MAX && r.height <= INT16_MAX;
    return place && sides;
}

int ck_x11_spec_parse(const chalk_source_options *options, ck_x11_spec *out)
{
    const char *device = options->device != NULL ? options->device : "";
    *out = (ck_x11_spec){.kind = options->kind};
    if (options->kind == CHALK_SOURCE_WINDOW) {
        return parse_window_id(device, out);
    }
    if (!region_is_fine(options->region)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    out->region = options->region;
    return parse_screen(device, out);
}
