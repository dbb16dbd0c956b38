/*
 * The loudspeaker: SDL's callback pulls sound straight from the graph. A second thread only
 * watches: when the device is lost it closes it, goes on pulling in real time into nothing, so that
 * playback keeps its pace, and tries to open it again each second.
 *
 * Thread: `pull` runs in SDL's callback or, while the device is closed, on the watching thread,
 * never on both: closing waits for the callback. `called_us` alone is shared between the two.
 */
#include "platform/sdl/sdl.h"

#include "platform/sdl/audio.h"
#include "platform/sdl/speaker_delay.h"
#include "platform/worker.h"

#include "chalkrail/errors.h"

#include "base/text.h"
#include "base/time.h"

#include <stdatomic.h>

#define CHANNELS   CHALK_PLAYBACK_CHANNELS
#define WATCH_US   (200 * CK_US_PER_MS)
#define STALLED_US (5 * CK_US_PER_S)
#define REOPEN_US  CK_US_PER_S
#define BLOCK      480
#define BLOCK_US   (10 * CK_US_PER_MS)

struct ck_speaker {
    ck_worker watcher;
    ck_speaker_pull pull;
    ck_speaker_notice notice; /* or NULL; the watcher's */
    void *user;
    const ck_log *log;
    char id[CHALK_DEVICE_TEXT_MAX];
    bool acquired;
    SDL_AudioDeviceID device; /* 0 while it is lost; the watcher's after opening */
    ck_speaker_delay delay;   /* the puller's */
    atomic_uint_fast64_t called_us;
};

static void wanted(void *user, Uint8 *bytes, int size)
{
    ck_speaker *s = user;
    uint64_t now = ck_clock_us();
    uint32_t frames = (uint32_t)size / (CHANNELS * sizeof(float));
    atomic_store_explicit(&s->called_us, now, memory_order_relaxed);
    s->pull(s->user, (float *)(void *)bytes, frames, ck_speaker_delay_of(&s->delay, frames, now));
}

static int open_device(ck_speaker *s)
{
    s->delay = (ck_speaker_delay){0};
    int status = ck_sdl_audio_open(s->id, false, CHANNELS, wanted, s, s->log, &s->device);
    if (status == CHALK_OK) {
        atomic_store(&s->called_us, ck_clock_us());
        SDL_PauseAudioDevice(s->device, 0);
    }
    return status;
}

static bool is_lost(ck_speaker *s)
{
    uint64_t called = atomic_load_explicit(&s->called_us, memory_order_relaxed);
    return SDL_GetAudioDeviceStatus(s->device) == SDL_AUDIO_STOPPED ||
           ck_clock_us() > called + STALLED_US;
}

/* Pulls into nothing until the device is there again; false when told to stop. */
static bool stand_in(ck_speaker *s)
{
    float nowhere[BLOCK * CHANNELS];
    uint64_t next = ck_clock_us();
    uint64_t reopen = next + REOPEN_US;
    while (ck_worker_sleep_until(&s->watcher, next)) {
        next += BLOCK_US;
        s->pull(s->user, nowhere, BLOCK, BLOCK_US);
        if (ck_clock_us() < reopen) {
            continue;
        }
        if (open_device(s) == CHALK_OK) {
            return true;
        }
        reopen = ck_clock_us() + REOPEN_US;
    }
    return false;
}

static void say(ck_speaker *s, int status, const char *text)
{
    ck_logf(s->log, status < 0 ? CHALK_LOG_WARNING : CHALK_LOG_INFO, "sdl", "%s", text);
    if (s->notice != NULL) {
        s->notice(s->user, status, text);
    }
}

static void watch(void *user)
{
    ck_speaker *s = user;
    while (ck_worker_sleep_until(&s->watcher, ck_clock_us() + WATCH_US)) {
        if (!is_lost(s)) {
            continue;
        }
        ck_sdl_audio_close(&s->device);
        say(s, CHALK_ERR_NO_DEVICE, "the loudspeaker was lost");
        if (stand_in(s)) {
            say(s, CHALK_OK, "the loudspeaker is back");
        }
    }
    SDL_TLSCleanup(); /* SDL's error text of a thread that SDL did not make */
}

static void speaker_close(ck_speaker **speaker)
{
    ck_speaker *s = *speaker;
    if (s == NULL) {
        return;
    }
    ck_worker_stop(&s->watcher);
    ck_sdl_audio_close(&s->device);
    if (s->acquired) {
        ck_sdl_audio_release();
    }
    ck_worker_free(&s->watcher);
    ck_free(&ck_heap, s);
    *speaker = NULL;
}

static int speaker_open(const char *device, ck_speaker_pull pull, ck_speaker_notice notice,
                        void *user, const ck_log *log, ck_speaker **out)
{
    *out = NULL;
    ck_speaker *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_worker_init(&s->watcher);
    if (status != CHALK_OK) {
        ck_free(&ck_heap, s);
        return status;
    }
    s->pull = pull;
    s->notice = notice;
    s->user = user;
    s->log = log;
    if (device != NULL && !ck_text_copy(s->id, sizeof s->id, device)) {
        status = CHALK_ERR_NO_DEVICE; /* longer than any id */
        goto cleanup;
    }
    status = ck_sdl_audio_acquire(log);
    s->acquired = status == CHALK_OK;
    if (status == CHALK_OK) {
        status = open_device(s);
    }
    if (status == CHALK_OK) {
        status = ck_worker_start(&s->watcher, "chalk-speaker", watch, s);
    }
    if (status != CHALK_OK) {
        goto cleanup;
    }
    *out = s;
    return CHALK_OK;

cleanup:
    speaker_close(&s);
    return status;
}

const ck_speaker_backend ck_sdl_speaker = {"sdl-speaker", speaker_open, speaker_close};
