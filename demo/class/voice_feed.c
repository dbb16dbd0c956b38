#include "class/voice.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct voice_feed {
    chalk_session *session;
    chalk_source_id source;
    room_clock clock;
    voice voice;
    pthread_t thread;
    atomic_bool stop;
};

static void sleep_us(uint64_t us)
{
    const struct timespec wait = {(time_t)(us / 1000000), (long)(us % 1000000 * 1000)};
    (void)nanosleep(&wait, NULL); /* cut short: the loop looks at the clock again */
}

static void *speak(void *user)
{
    voice_feed *f = user;
    uint64_t block_us = room_clock_now_us(&f->clock) / VOICE_BLOCK_US * VOICE_BLOCK_US;
    while (!atomic_load(&f->stop)) {
        /* A block can be handed over when its last sample was "recorded". */
        uint64_t now_us = room_clock_now_us(&f->clock);
        if (now_us < block_us + VOICE_BLOCK_US) {
            sleep_us(block_us + VOICE_BLOCK_US - now_us);
            continue;
        }
        float samples[VOICE_BLOCK];
        voice_render(&f->voice, block_us, samples);
        /* An error means that the source is gone, and with it the lesson. */
        if (chalk_source_push_audio(f->session, f->source, samples, VOICE_BLOCK, CHALK_SAMPLE_RATE,
                                    1, room_clock_runtime_us(&f->clock, block_us)) < 0) {
            return NULL;
        }
        block_us += VOICE_BLOCK_US;
    }
    return NULL;
}

voice_feed *voice_start(chalk_session *session, chalk_source_id source, const room_clock *clock)
{
    voice_feed *f = calloc(1, sizeof *f);
    if (f == NULL) {
        return NULL;
    }
    f->session = session;
    f->source = source;
    f->clock = *clock;
    voice_init(&f->voice);
    if (pthread_create(&f->thread, NULL, speak, f) != 0) {
        free(f);
        return NULL;
    }
    return f;
}

void voice_stop(voice_feed **feed)
{
    voice_feed *f = *feed;
    if (f == NULL) {
        return;
    }
    atomic_store(&f->stop, true);
    pthread_join(f->thread, NULL);
    free(f);
    *feed = NULL;
}
