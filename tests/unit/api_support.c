#include "api_support.h"

#include "support/check.h"

#include <time.h>

#define PATIENCE_MS 10000

api api_open(void)
{
    api a = {0};
    CK_CHECK_EQ(chalk_runtime_create(NULL, &a.runtime), CHALK_OK);
    CK_CHECK_EQ(chalk_session_create(a.runtime, NULL, &a.session), CHALK_OK);
    return a;
}

void api_close(api *a)
{
    chalk_session_destroy(&a->session);
    chalk_runtime_destroy(&a->runtime);
    CK_CHECK(a->session == NULL && a->runtime == NULL);
}

chalk_event api_wait(api *a, uint32_t kind, uint32_t state)
{
    chalk_event event;
    uint64_t until =
        chalk_runtime_now_us(a->runtime) + (uint64_t)ck_test_patience_ms(PATIENCE_MS) * 1000;
    while (chalk_runtime_now_us(a->runtime) < until) {
        if (chalk_session_wait_event(a->session, &event, 1000) == CHALK_OK && event.kind == kind &&
            (state == 0 || event.state == state)) {
            return event;
        }
    }
    CK_FAIL("no event %s in state %u in time", chalk_event_kind_name(kind), state);
    return event;
}

void api_sleep_ms(int ms)
{
    nanosleep(&(struct timespec){ms / 1000, (long)(ms % 1000) * 1000000}, NULL);
}

chalk_source_id api_source(api *a, uint32_t kind)
{
    chalk_source_options options;
    chalk_source_options_init(&options);
    options.kind = kind;
    options.width = kind == CHALK_SOURCE_SYNTHETIC || kind == CHALK_SOURCE_NULL ? 320 : 0;
    options.height = options.width != 0 ? 180 : 0;
    chalk_source_id id = 0;
    CK_CHECK_EQ(chalk_source_create(a->session, &options, &id), CHALK_OK);
    CK_CHECK(id != 0);
    return id;
}

static chalk_encoding_id add(api *a, chalk_publication_id publication, chalk_source_id source,
                             uint32_t media, chalk_track_id *track)
{
    chalk_track_options options;
    chalk_track_options_init(&options);
    options.source = source;
    options.media = media;
    chalk_encoding_id encoding = 0;
    CK_CHECK_EQ(chalk_track_create(a->session, publication, &options, track), CHALK_OK);
    CK_CHECK_EQ(chalk_encoding_create(a->session, *track, NULL, &encoding), CHALK_OK);
    return encoding;
}

api_stream api_publish(api *a, chalk_source_id source, bool video, bool audio)
{
    api_stream s = {0};
    CK_CHECK_EQ(chalk_publication_create(a->session, NULL, &s.publication), CHALK_OK);
    if (video) {
        s.video = add(a, s.publication, source, CHALK_MEDIA_VIDEO, &s.video_track);
    }
    if (audio) {
        s.audio = add(a, s.publication, source, CHALK_MEDIA_AUDIO, &s.audio_track);
    }
    return s;
}
