#include "publish/publish.h"

#include <string.h>

#define SIDE_MAX 32767 /* of an X screen */

/* A number that ends at `end`; moves behind that. */
static bool read_side(const char **at, char end, int32_t *out)
{
    int32_t value = 0;
    const char *digit = *at;
    for (; *digit >= '0' && *digit <= '9' && value <= SIDE_MAX; digit++) {
        value = value * 10 + (*digit - '0');
    }
    bool fine = digit > *at && value <= SIDE_MAX && *digit == end;
    *at = digit + (end != '\0');
    *out = value;
    return fine;
}

bool publish_region_parse(const char *at, chalk_rect *out)
{
    return read_side(&at, 'x', &out->width) && read_side(&at, '+', &out->height) &&
           read_side(&at, '+', &out->x) && read_side(&at, '\0', &out->y) && out->width >= 2 &&
           out->height >= 2;
}

bool publish_screen_parse(const char *text, char *device, size_t device_size, chalk_rect *region)
{
    *region = (chalk_rect){0};
    const char *comma = strrchr(text, ',');
    size_t size = comma != NULL ? (size_t)(comma - text) : strlen(text);
    if (size >= device_size) {
        return false;
    }
    memcpy(device, text, size);
    device[size] = '\0';
    return comma == NULL || publish_region_parse(comma + 1, region);
}
