/* The list of microphones and loudspeakers. */
#include "platform/sdl/sdl.h"

#include "platform/sdl/audio.h"

static int sdl_list(chalk_device *out, size_t capacity, size_t *count, const ck_log *log)
{
    if (ck_sdl_audio_acquire(log) == CHALK_OK) {
        ck_sdl_audio_list(true, out, capacity, count);
        ck_sdl_audio_list(false, out, capacity, count);
        ck_sdl_audio_release();
    }
    return CHALK_OK;
}

const ck_device_backend ck_sdl_devices = {.name = "sdl", .list = sdl_list};
