/* The API from several threads at once, and its promises about requests: labelled "race", so that
 * it also runs under ThreadSanitizer. */
#include "api_support.h"

#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

typedef struct shared {
    api a;
    atomic_bool stop;
    chalk_source_id source;
    chalk_publication_id publication;
} shared;

static void *change_the_world(void *arg)
{
    shared *s = arg;
    for (int i = 0; !atomic_load(&s->stop); i++) {
        CK_CHECK_EQ(chalk_runtime_network_changed(s->a.runtime, i % 2), CHALK_OK);
        CK_CHECK_EQ(chalk_runtime_background(s->a.runtime, i % 2), CHALK_OK);
        CK_CHECK_EQ(chalk_runtime_interrupted(s->a.runtime, i % 2), CHALK_OK);
    }
    return NULL;
}

static void *take_events(void *arg)
{
    shared *s = arg;
    chalk_event event;
    while (!atomic_load(&s->stop)) {
        (void)chalk_session_wait_event(s->a.session, &event, 10);
    }
    return NULL;
}

static void *push_media(void *arg)
{
    shared *s = arg;
    static const float sound[480];
    while (!atomic_load(&s->stop)) {
        int status = chalk_source_push_audio(s->a.session, s->source, sound, 480, 48000, 1, 0);
        CK_CHECK_EQ(status, CHALK_OK);
        api_sleep_ms(1);
    }
    return NULL;
}

/* rtmps and https, because trust is made with the first of them, under a lock of its own. */
static void come_and_go(shared *s)
{
    static const char *const urls[] = {"rtmps://127.0.0.1:1/a/b", "https://127.0.0.1:1/a.flv"};
    for (int i = 0; i < 40; i++) {
        chalk_playback_options play;
        chalk_playback_options_init(&play);
        play.url = urls[i % 2];
        chalk_playback_id playback = 0;
        CK_CHECK_EQ(chalk_playback_create(s->a.session, &play, &playback), CHALK_OK);
        chalk_output_options options;
        chalk_output_options_init(&options);
        options.url = urls[0];
        chalk_output_id output = 0;
        CK_CHECK_EQ(chalk_output_create(s->a.session, s->publication, &options, &output), CHALK_OK);
        (void)chalk_playback_mute(s->a.session, playback, i % 2);
        /* Neither retries for ever nor is gone: both are NOT_FOUND at worst. */
        int status = chalk_playback_remove(s->a.session, playback, NULL);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NOT_FOUND);
        status = chalk_output_remove(s->a.session, output, NULL);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NOT_FOUND);
    }
}

CK_TEST(client_threads, calls_from_many_threads_neither_race_nor_block_each_other)
{
    static shared s;
    s.a = api_open();
    s.source = api_source(&s.a, CHALK_SOURCE_PUSH);
    s.publication = api_publish(&s.a, s.source, false, true).publication;
    atomic_store(&s.stop, false);
    pthread_t threads[3];
    CK_CHECK_EQ(pthread_create(&threads[0], NULL, change_the_world, &s), 0);
    CK_CHECK_EQ(pthread_create(&threads[1], NULL, take_events, &s), 0);
    CK_CHECK_EQ(pthread_create(&threads[2], NULL, push_media, &s), 0);
    come_and_go(&s);
    atomic_store(&s.stop, true);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
    }
    api_close(&s.a);
}

static chalk_playback_id play(api *a)
{
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = "rtmp://127.0.0.1:1/a/b";
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a->session, &options, &id), CHALK_OK);
    return id;
}

/* Places for the ends of requests are reserved, so an application that takes no events is stopped
 * before one could be lost. */
CK_TEST(client_threads, requests_are_bounded_and_each_is_told_once)
{
    enum { MOST = 256 };
    api a = api_open();
    static chalk_request_id requests[MOST];
    for (int i = 0; i < MOST; i++) {
        CK_CHECK_EQ(chalk_playback_remove(a.session, play(&a), &requests[i]), CHALK_OK);
    }
    chalk_playback_id one_more = play(&a);
    chalk_request_id request = 0;
    CK_CHECK_EQ(chalk_playback_remove(a.session, one_more, &request), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(request, 0);
    int told = 0;
    chalk_event event;
    while (told < MOST && chalk_session_wait_event(a.session, &event, 5000) == CHALK_OK) {
        if (event.request != 0) {
            CK_CHECK_ROW(told, event.request == requests[told]);
            told++;
        }
    }
    CK_CHECK_EQ(told, MOST);
    CK_CHECK_EQ(chalk_playback_remove(a.session, one_more, &request), CHALK_OK);
    do {
        CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, 5000), CHALK_OK);
    } while (event.request == 0);
    CK_CHECK_EQ(event.request, request);
    api_close(&a);
}

CK_TEST(client_threads, a_sink_is_one_at_a_time)
{
    api a = api_open();
    chalk_playback_id id = play(&a);
    chalk_video_sink *pictures = NULL, *more_pictures = NULL;
    chalk_audio_sink *sound = NULL, *more_sound = NULL;
    for (int round = 0; round < 3; round++) { /* a closed one makes room for the next */
        CK_CHECK_EQ(chalk_video_sink_open(a.session, id, &pictures), CHALK_OK);
        CK_CHECK_EQ(chalk_video_sink_open(a.session, id, &more_pictures), CHALK_ERR_BAD_STATE);
        CK_CHECK_EQ(chalk_audio_sink_open(a.session, id, &sound), CHALK_OK);
        CK_CHECK_EQ(chalk_audio_sink_open(a.session, id, &more_sound), CHALK_ERR_BAD_STATE);
        chalk_video_sink_close(&pictures);
        chalk_audio_sink_close(&sound);
    }
    CK_CHECK(pictures == NULL && sound == NULL && more_pictures == NULL && more_sound == NULL);
    api_close(&a);
}
