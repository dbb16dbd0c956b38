/* Microphones and loudspeakers through SDL2's audio, on every system that SDL2 knows. */
#ifndef CK_PLATFORM_SDL_H
#define CK_PLATFORM_SDL_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_sdl_microphone;
extern const ck_speaker_backend ck_sdl_speaker;
extern const ck_device_backend ck_sdl_devices;

#endif
