/* A runtime whose loop the application drives itself. */
#include "api_support.h"

#include "support/check.h"

#include <poll.h>
#include <pthread.h>

#define PATIENCE_MS 10000

/* Sleeps as a host may: until the loop's descriptor or its time says that there is work. */
static void wait_for_work(chalk_runtime *runtime)
{
    struct pollfd loop = {.fd = chalk_runtime_poll_fd(runtime), .events = POLLIN};
    int wait_ms = chalk_runtime_poll_timeout_ms(runtime);
    (void)poll(&loop, 1, wait_ms < PATIENCE_MS ? wait_ms : PATIENCE_MS);
}

CK_TEST(api_host, a_host_drives_the_loop_itself)
{
    chalk_runtime *runtime = NULL;
    chalk_session *session = NULL;
    chalk_runtime_options options;
    chalk_runtime_options_init(&options);
    options.flags = CHALK_RUNTIME_HOST_DRIVEN;
    CK_CHECK_EQ(chalk_runtime_create(&options, &runtime), CHALK_OK);
    CK_CHECK(chalk_runtime_poll_fd(runtime) >= 0);
    CK_CHECK_EQ(chalk_runtime_poll(runtime), CHALK_OK);
    CK_CHECK_EQ(chalk_runtime_poll_timeout_ms(runtime), INT32_MAX); /* nothing is due */
    CK_CHECK_EQ(chalk_session_create(runtime, NULL, &session), CHALK_OK);
    chalk_event event;
    CK_CHECK_EQ(chalk_session_wait_event(session, &event, 10), CHALK_ERR_BAD_STATE);
    chalk_playback_options play = {
        .struct_size = sizeof play, .url = "rtmp://127.0.0.1:1/a/b", .no_retry = 1};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(session, &play, &id), CHALK_OK);
    bool closed = false;
    uint64_t until =
        chalk_runtime_now_us(runtime) + (uint64_t)ck_test_patience_ms(PATIENCE_MS) * 1000u;
    while (!closed && chalk_runtime_now_us(runtime) < until) {
        wait_for_work(runtime);
        CK_CHECK_EQ(chalk_runtime_poll(runtime), CHALK_OK);
        while (chalk_session_next_event(session, &event) == CHALK_OK) {
            closed = closed || event.state == CHALK_LINK_CLOSED;
        }
    }
    CK_CHECK(closed);
    CK_CHECK_EQ(event.cause, CHALK_ERR_REFUSED);
    chalk_session_destroy(&session);
    chalk_runtime_destroy(&runtime);
}

/* What a thread that does not drive the loop is told. */
typedef struct stranger {
    chalk_session *session;
    chalk_publication_id publication;
    chalk_track_id track;
    chalk_encoding_id encoding;
    chalk_output_id output;
    int status[6];
} stranger;

static void *call_from_elsewhere(void *arg)
{
    stranger *s = arg;
    chalk_playback_options play = {.struct_size = sizeof play, .url = "rtmp://127.0.0.1:1/a/b"};
    chalk_playback_id playback = 0;
    s->status[0] = chalk_playback_create(s->session, &play, &playback);
    s->status[1] = chalk_output_remove(s->session, s->output, NULL);
    s->status[2] = chalk_encoding_remove(s->session, s->encoding);
    s->status[3] = chalk_track_remove(s->session, s->track);
    s->status[4] = chalk_publication_remove(s->session, s->publication);
    chalk_output_options url = {.struct_size = sizeof url, .url = "rtmp://127.0.0.1:1/a/b"};
    chalk_output_id output = 0;
    s->status[5] = chalk_output_create(s->session, s->publication, &url, &output);
    return NULL;
}

CK_TEST(api_host, a_host_driven_loop_is_reached_from_one_thread)
{
    api a = {0};
    chalk_runtime_options options;
    chalk_runtime_options_init(&options);
    options.flags = CHALK_RUNTIME_HOST_DRIVEN;
    CK_CHECK_EQ(chalk_runtime_create(&options, &a.runtime), CHALK_OK);
    CK_CHECK_EQ(chalk_session_create(a.runtime, NULL, &a.session), CHALK_OK);
    api_stream made = api_publish(&a, api_source(&a, CHALK_SOURCE_PUSH), true, false);
    stranger s = {a.session, made.publication, made.video_track, made.video, 0, {0}};
    chalk_output_options url = {.struct_size = sizeof url, .url = "rtmp://127.0.0.1:1/a/b"};
    CK_CHECK_EQ(chalk_output_create(a.session, s.publication, &url, &s.output), CHALK_OK);
    pthread_t other;
    CK_CHECK_EQ(pthread_create(&other, NULL, call_from_elsewhere, &s), 0);
    CK_CHECK_EQ(pthread_join(other, NULL), 0);
    for (size_t i = 0; i < sizeof s.status / sizeof s.status[0]; i++) {
        CK_CHECK_ROW(i, s.status[i] == CHALK_ERR_WRONG_THREAD);
    }
    CK_CHECK_EQ(chalk_track_remove(a.session, s.track), CHALK_OK);
    CK_CHECK_EQ(chalk_publication_remove(a.session, s.publication), CHALK_OK);
    api_close(&a);
}
