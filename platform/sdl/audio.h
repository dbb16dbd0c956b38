/*
 * SDL's audio subsystem, shared with the host: initialised while somebody here needs it, by SDL's
 * own count, so that a host that uses SDL too is not disturbed. No signal handlers, no video, no
 * event loop. Device ids are "sdl:mic:NAME" and "sdl:speaker:NAME"; SDL itself numbers devices of
 * equal name.
 *
 * Thread: any; one lock serialises initialising, listing, opening and closing, because SDL does
 * not. A host must not call SDL_Init or SDL_Quit at the same moment on another thread.
 */
#ifndef CK_PLATFORM_SDL_AUDIO_H
#define CK_PLATFORM_SDL_AUDIO_H

#include "chalkrail/device.h"

#include "runtime/os/os.h"

#include <SDL.h>

#include <stdbool.h>

/* CHALK_OK, or NO_DEVICE when no driver works here. Each success is released once. */
int ck_sdl_audio_acquire(const ck_log *log);
void ck_sdl_audio_release(void);

/* Appends the devices of one direction; call between acquire and release. */
void ck_sdl_audio_list(bool capture, chalk_device *out, size_t capacity, size_t *count);

/* Opens a device by id ("" or NULL: the default), paused, 48 kHz float. Errors: NO_DEVICE,
 * DEVICE_BUSY, NO_PERMISSION. Call between acquire and release. */
int ck_sdl_audio_open(const char *id, bool capture, uint8_t channels, SDL_AudioCallback callback,
                      void *user, const ck_log *log, SDL_AudioDeviceID *out);
/* After it returned the callback is not called again. 0 is accepted. */
void ck_sdl_audio_close(SDL_AudioDeviceID *device);

#endif
