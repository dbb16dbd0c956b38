/*
 * The microphone: SDL's callback copies into a lock-free ring, a thread of ours delivers from it.
 *
 * A device that is lost is closed and tried again each second; silence takes its place meanwhile,
 * so the stream of sound never stops.
 *
 * Thread: open, start, stop and close belong to one owner; between start and stop everything but
 * the ring's producing end belongs to the source's thread.
 */
#include "platform/sdl/sdl.h"

#include "platform/sdl/audio.h"
#include "platform/sdl/capture_clock.h"
#include "platform/sdl/sample_ring.h"
#include "platform/worker.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define POLL_US      (5 * CK_US_PER_MS)
#define SILENT_BLOCK 480
#define BLOCK_US     (10 * CK_US_PER_MS)
#define BLOCK_MAX    4800
#define STALLED_US   (5 * CK_US_PER_S) /* a server may need seconds to begin */
#define SUSPENDED_US CK_US_PER_S
#define REOPEN_US    CK_US_PER_S

struct ck_source {
    ck_worker worker;
    ck_source_sink sink;
    const ck_log *log;
    char id[CHALK_DEVICE_TEXT_MAX];
    bool acquired;
    SDL_AudioDeviceID device; /* 0 while it cannot be opened */
    bool lost;                /* from its loss until it is heard again */
    ck_capture_clock clock;
    uint64_t heard_us;  /* when the last chunk came */
    uint64_t next_us;   /* capture time that follows what was delivered */
    uint64_t reopen_us; /* when to try again */
    float block[BLOCK_MAX];
    ck_sample_ring ring;
};

static void captured(void *user, Uint8 *bytes, int size)
{
    ck_source *s = user;
    const float *samples = (const float *)(const void *)bytes; /* SDL aligns its buffers */
    (void)ck_sample_ring_write(&s->ring, samples, (uint32_t)size / sizeof(float), ck_clock_us());
}

static void deliver(ck_source *s, uint32_t frames, uint64_t capture_us)
{
    const ck_audio_block block = {
        .samples = s->block,
        .frames = frames,
        .rate = CHALK_SAMPLE_RATE,
        .channels = 1,
        .capture_us = capture_us,
    };
    s->next_us = capture_us + (uint64_t)frames * 125 / 6;
    s->sink.audio(s->sink.user, &block);
}

static void say(ck_source *s, int what, int status, const char *text)
{
    s->sink.notice(s->sink.user, what, status, text);
}

static void deliver_heard(ck_source *s, uint64_t now)
{
    ck_sample_chunk chunk;
    while (ck_sample_ring_read(&s->ring, s->block, BLOCK_MAX, &chunk)) {
        s->heard_us = now;
        if (s->lost) {
            s->lost = false;
            say(s, CK_SOURCE_RECOVERED, CHALK_OK, "the microphone is back");
        }
        deliver(s, chunk.count,
                ck_capture_clock_place(&s->clock, chunk.first, chunk.count, chunk.at_us));
    }
}

static void deliver_silence(ck_source *s, uint64_t now)
{
    memset(s->block, 0, SILENT_BLOCK * sizeof s->block[0]);
    if (now > s->next_us + SUSPENDED_US) {
        s->next_us = now; /* the process slept: nobody waits for the silence of that time */
    }
    while (s->next_us + BLOCK_US <= now) {
        deliver(s, SILENT_BLOCK, s->next_us);
    }
}

static bool is_lost(const ck_source *s, uint64_t now)
{
    return SDL_GetAudioDeviceStatus(s->device) == SDL_AUDIO_STOPPED ||
           now > s->heard_us + STALLED_US;
}

static int open_device(ck_source *s)
{
    ck_sample_ring_reset(&s->ring);
    s->clock = (ck_capture_clock){0};
    return ck_sdl_audio_open(s->id, true, 1, captured, s, s->log, &s->device);
}

static void lose(ck_source *s, uint64_t now)
{
    ck_sdl_audio_close(&s->device);
    s->reopen_us = now + REOPEN_US;
    if (!s->lost) {
        s->lost = true;
        say(s, CK_SOURCE_LOST, CHALK_ERR_NO_DEVICE, "the microphone was lost");
    }
}

static void try_again(ck_source *s)
{
    if (open_device(s) == CHALK_OK) {
        s->heard_us = ck_clock_us();
        SDL_PauseAudioDevice(s->device, 0);
    } else {
        s->reopen_us = ck_clock_us() + REOPEN_US;
    }
}

static void microphone_body(void *user)
{
    ck_source *s = user;
    uint64_t next = ck_clock_us();
    while (ck_worker_sleep_until(&s->worker, next)) {
        uint64_t now = ck_clock_us();
        next = now + POLL_US;
        if (s->device != 0) {
            deliver_heard(s, now);
            if (is_lost(s, now)) {
                lose(s, now);
            }
        } else if (now >= s->reopen_us) {
            try_again(s);
        }
        if (s->lost) {
            deliver_silence(s, now);
        }
    }
    SDL_TLSCleanup(); /* SDL's error text of a thread that SDL did not make */
}

static void microphone_stop(ck_source *s)
{
    ck_worker_stop(&s->worker);
    if (s->device != 0) {
        SDL_PauseAudioDevice(s->device, 1);
    }
}

static void microphone_close(ck_source **source)
{
    ck_source *s = *source;
    if (s == NULL) {
        return;
    }
    microphone_stop(s);
    ck_sdl_audio_close(&s->device);
    if (s->acquired) {
        ck_sdl_audio_release();
    }
    ck_worker_free(&s->worker);
    ck_free(&ck_heap, s);
    *source = NULL;
}

static int microphone_open(const chalk_source_options *options, const ck_log *log, ck_source **out)
{
    ck_source *s = ck_new(&ck_heap, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_worker_init(&s->worker);
    if (status != CHALK_OK) {
        ck_free(&ck_heap, s);
        return status;
    }
    s->log = log;
    if (options->device != NULL && !ck_text_copy(s->id, sizeof s->id, options->device)) {
        status = CHALK_ERR_NO_DEVICE; /* longer than any id */
        goto cleanup;
    }
    status = ck_sdl_audio_acquire(log);
    s->acquired = status == CHALK_OK;
    if (status == CHALK_OK) {
        status = open_device(s);
    }
    if (status != CHALK_OK) {
        goto cleanup;
    }
    *out = s;
    return CHALK_OK;

cleanup:
    microphone_close(&s);
    return status;
}

static int microphone_size(ck_source *s, int32_t *width, int32_t *height)
{
    (void)s;
    *width = 0;
    *height = 0;
    return CHALK_ERR_UNSUPPORTED;
}

static int microphone_start(ck_source *s, uint32_t media, const ck_source_sink *sink)
{
    if ((media & 1u << CHALK_MEDIA_AUDIO) == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (s->worker.running) {
        return CHALK_ERR_BAD_STATE;
    }
    s->sink = *sink;
    s->heard_us = ck_clock_us();
    s->next_us = s->heard_us;
    s->lost = s->device == 0; /* it was lost before it was stopped */
    s->clock = (ck_capture_clock){0};
    if (s->device != 0) {
        /* No callback runs while paused, so the ring is nobody's. */
        ck_sample_ring_reset(&s->ring);
        SDL_PauseAudioDevice(s->device, 0);
    }
    return ck_worker_start(&s->worker, "chalk-mic", microphone_body, s);
}

const ck_source_backend ck_sdl_microphone = {
    .name = "sdl-microphone",
    .kind = CHALK_SOURCE_MICROPHONE,
    .media = 1u << CHALK_MEDIA_AUDIO,
    .open = microphone_open,
    .size = microphone_size,
    .start = microphone_start,
    .stop = microphone_stop,
    .close = microphone_close,
};
