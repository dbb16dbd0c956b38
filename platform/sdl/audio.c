#include "platform/sdl/audio.h"

#include "chalkrail/errors.h"
#include "chalkrail/frame.h"
#include "chalkrail/runtime.h"

#include "base/text.h"

#include <string.h>
#include <uv.h>

/* 10.7 ms: drivers like powers of two, and voice wants short blocks. */
#define BUFFER_FRAMES 512

static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t lock;
static bool lock_works;

static void make_lock(void)
{
    lock_works = uv_mutex_init(&lock) == 0;
}

static bool enter(void)
{
    uv_once(&once, make_lock);
    if (lock_works) {
        uv_mutex_lock(&lock);
    }
    return lock_works;
}

static void leave(void)
{
    uv_mutex_unlock(&lock);
}

int ck_sdl_audio_acquire(const ck_log *log)
{
    if (!enter()) {
        return CHALK_ERR_NO_DEVICE;
    }
    /* Sound brings SDL's events with it, and those their handlers of SIGINT and SIGTERM. A host's
     * or user's own choice stands; otherwise the hint is as it was before once it has been read. */
    bool ours = SDL_GetHint(SDL_HINT_NO_SIGNAL_HANDLERS) == NULL;
    if (ours) {
        SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1");
    }
    int failed = SDL_InitSubSystem(SDL_INIT_AUDIO);
    if (ours) {
        SDL_ResetHint(SDL_HINT_NO_SIGNAL_HANDLERS);
    }
    int status = CHALK_OK;
    if (failed != 0) {
        ck_logf(log, CHALK_LOG_INFO, "sdl", "no sound here: %s", SDL_GetError());
        status = CHALK_ERR_NO_DEVICE;
    }
    leave();
    return status;
}

void ck_sdl_audio_release(void)
{
    if (enter()) {
        SDL_QuitSubSystem(SDL_INIT_AUDIO);
        leave();
    }
}

static void make_id(bool capture, const char *name, char id[CHALK_DEVICE_TEXT_MAX])
{
    ck_text text = ck_text_of(id, CHALK_DEVICE_TEXT_MAX);
    ck_text_add(&text, capture ? "sdl:mic:" : "sdl:speaker:");
    ck_text_add_n(&text, name, ck_utf8_valid_prefix(name, strlen(name)));
}

static bool is_default(bool capture, int index, const char *name)
{
    char *preferred = NULL;
    SDL_AudioSpec spec;
    if (SDL_GetDefaultAudioInfo(&preferred, &spec, capture) != 0 || preferred == NULL) {
        return index == 0; /* the driver does not tell */
    }
    bool same = strcmp(preferred, name) == 0;
    SDL_free(preferred);
    return same;
}

void ck_sdl_audio_list(bool capture, chalk_device *out, size_t capacity, size_t *count)
{
    if (!enter()) {
        return;
    }
    int found = SDL_GetNumAudioDevices(capture);
    for (int i = 0; i < found; i++) {
        const char *name = SDL_GetAudioDeviceName(i, capture);
        if (name == NULL) {
            continue;
        }
        if (*count < capacity) {
            chalk_device *d = &out[*count];
            *d = (chalk_device){0};
            d->kind = capture ? CHALK_DEVICE_MICROPHONE : CHALK_DEVICE_SPEAKER;
            d->is_default = is_default(capture, i, name);
            make_id(capture, name, d->id);
            ck_text text = ck_text_of(d->name, sizeof d->name);
            ck_text_add_n(&text, name, ck_utf8_valid_prefix(name, strlen(name)));
        }
        (*count)++;
    }
    leave();
}

/* The name by which SDL knows a listed device; borrowed until the list changes. NULL: not there. */
static const char *find_name(const char *id, bool capture)
{
    int found = SDL_GetNumAudioDevices(capture);
    for (int i = 0; i < found; i++) {
        char listed[CHALK_DEVICE_TEXT_MAX];
        const char *name = SDL_GetAudioDeviceName(i, capture);
        if (name == NULL) {
            continue;
        }
        make_id(capture, name, listed);
        if (strcmp(listed, id) == 0) {
            return name;
        }
    }
    return NULL;
}

/* SDL only has sentences; these words stand in those of its drivers. */
static int status_of_error(const char *text)
{
    if (strstr(text, "busy") != NULL) {
        return CHALK_ERR_DEVICE_BUSY;
    }
    if (strstr(text, "denied") != NULL || strstr(text, "not permitted") != NULL) {
        return CHALK_ERR_NO_PERMISSION;
    }
    return CHALK_ERR_NO_DEVICE;
}

static int open_locked(const char *id, bool capture, const SDL_AudioSpec *wanted, const ck_log *log,
                       SDL_AudioDeviceID *out)
{
    const char *name = NULL;
    if (id != NULL && id[0] != '\0') {
        name = find_name(id, capture);
        if (name == NULL) {
            return CHALK_ERR_NO_DEVICE;
        }
    } else if (SDL_GetNumAudioDevices(capture) == 0) { /* -1: a driver that cannot list */
        return CHALK_ERR_NO_DEVICE;
    }
    SDL_AudioSpec got;
    *out = SDL_OpenAudioDevice(name, capture, wanted, &got, 0);
    if (*out != 0) {
        return CHALK_OK;
    }
    ck_logf(log, CHALK_LOG_WARNING, "sdl", "%s cannot be opened: %s",
            capture ? "the microphone" : "the loudspeaker", SDL_GetError());
    return status_of_error(SDL_GetError());
}

int ck_sdl_audio_open(const char *id, bool capture, uint8_t channels, SDL_AudioCallback callback,
                      void *user, const ck_log *log, SDL_AudioDeviceID *out)
{
    const SDL_AudioSpec wanted = {
        .freq = CHALK_SAMPLE_RATE,
        .format = AUDIO_F32SYS,
        .channels = channels,
        .samples = BUFFER_FRAMES,
        .callback = callback,
        .userdata = user,
    };
    *out = 0;
    if (!enter()) {
        return CHALK_ERR_NO_DEVICE;
    }
    int status = open_locked(id, capture, &wanted, log, out);
    leave();
    return status;
}

void ck_sdl_audio_close(SDL_AudioDeviceID *device)
{
    if (*device == 0 || !enter()) {
        return;
    }
    SDL_CloseAudioDevice(*device);
    leave();
    *device = 0;
}
