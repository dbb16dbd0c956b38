/* Runtimes, sessions, ids, limits and events: what needs no media. */
#include "api_support.h"

#include "chalkrail/device.h"
#include "support/check.h"
#include "support/wakeups.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

CK_TEST(api, names_are_words_and_never_null)
{
    CK_CHECK_STR(chalk_event_kind_name(CHALK_EVENT_OUTPUT), "output");
    CK_CHECK_STR(chalk_event_kind_name(0), "unknown");
    CK_CHECK_STR(chalk_event_kind_name(UINT32_MAX), "unknown");
    CK_CHECK_STR(chalk_link_state_name(CHALK_LINK_WAITING), "waiting");
    CK_CHECK_STR(chalk_link_state_name(99), "unknown");
    CK_CHECK_STR(chalk_origin_name(CHALK_ORIGIN_PEER), "peer");
    CK_CHECK_STR(chalk_origin_name(0), "unknown");
    CK_CHECK_STR(chalk_error_name(CHALK_ERR_NOT_FOUND), "NOT_FOUND");
    CK_CHECK_STR(chalk_error_name(7), "OK");
    CK_CHECK_STR(chalk_error_name(-9999), "UNKNOWN");
}

CK_TEST(api, runtime_refuses_what_it_does_not_understand)
{
    chalk_runtime *runtime = NULL;
    chalk_runtime_options options;
    CK_CHECK_EQ(chalk_runtime_create(NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    chalk_runtime_options_init(&options);
    options.struct_size = 4;
    CK_CHECK_EQ(chalk_runtime_create(&options, &runtime), CHALK_ERR_INVALID_ARGUMENT);
    chalk_runtime_options_init(&options);
    options.flags = 2;
    CK_CHECK_EQ(chalk_runtime_create(&options, &runtime), CHALK_ERR_INVALID_ARGUMENT);
    chalk_runtime_options_init(&options);
    options.log_level = 5;
    CK_CHECK_EQ(chalk_runtime_create(&options, &runtime), CHALK_ERR_INVALID_ARGUMENT);
    chalk_runtime_options_init(&options);
    options.ca_file = "/nonexistent/authorities.pem";
    CK_CHECK_EQ(chalk_runtime_create(&options, &runtime), CHALK_ERR_TLS);
    CK_CHECK(runtime == NULL);
    chalk_runtime_destroy(&runtime);
    chalk_runtime_destroy(NULL);
}

CK_TEST(api, library_and_headers_are_of_one_version)
{
    CK_CHECK_EQ(chalk_version(),
                CHALK_VERSION_MAJOR * 1000000 + CHALK_VERSION_MINOR * 1000 + CHALK_VERSION_PATCH);
}

CK_TEST(api, a_runtime_with_a_thread_is_not_polled)
{
    api a = api_open();
    CK_CHECK_EQ(chalk_runtime_poll(a.runtime), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_runtime_poll_fd(a.runtime), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_runtime_poll_timeout_ms(a.runtime), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_runtime_network_changed(a.runtime, 2), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_runtime_background(a.runtime, -1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_runtime_interrupted(NULL, 1), CHALK_ERR_INVALID_ARGUMENT);
    api_close(&a);
}

CK_TEST(api, a_runtime_takes_its_sessions_along)
{
    api a = api_open();
    (void)api_source(&a, CHALK_SOURCE_SYNTHETIC);
    chalk_session *other = NULL;
    CK_CHECK_EQ(chalk_session_create(a.runtime, NULL, &other), CHALK_OK);
    chalk_runtime_destroy(&a.runtime);
    CK_CHECK(a.runtime == NULL);
}

CK_TEST(api, session_refuses_queues_out_of_range)
{
    api a = api_open();
    static const struct {
        uint32_t events;
        int status;
    } rows[] = {{15, CHALK_ERR_INVALID_ARGUMENT},
                {16, CHALK_OK},
                {65536, CHALK_OK},
                {65537, CHALK_ERR_INVALID_ARGUMENT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_session *session = NULL;
        chalk_session_options options;
        chalk_session_options_init(&options);
        options.events_max = rows[i].events;
        CK_CHECK_ROW(i, chalk_session_create(a.runtime, &options, &session) == rows[i].status);
        chalk_session_destroy(&session);
    }
    api_close(&a);
}

CK_TEST(api, without_an_event_waiting_ends_with_again)
{
    api a = api_open();
    chalk_event event;
    CK_CHECK_EQ(chalk_session_next_event(a.session, &event), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, 0), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, 20), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, -1), CHALK_ERR_INVALID_ARGUMENT);
    api_close(&a);
}

CK_TEST(api, stale_ids_are_not_found_and_never_used_again)
{
    api a = api_open();
    chalk_source_id first = api_source(&a, CHALK_SOURCE_PUSH);
    CK_CHECK_EQ(chalk_source_remove(a.session, first), CHALK_OK);
    CK_CHECK_EQ(chalk_source_remove(a.session, first), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_source_remove(a.session, 0), CHALK_ERR_NOT_FOUND);
    chalk_source_id second = api_source(&a, CHALK_SOURCE_PUSH);
    CK_CHECK(second != first);
    const uint64_t gone = first;
    chalk_output_stats out = {.struct_size = sizeof out};
    chalk_encoding_stats enc = {.struct_size = sizeof enc, .frames_encoded = 7};
    chalk_playback_stats play = {.struct_size = sizeof play};
    chalk_video_sink *pictures = NULL;
    chalk_audio_sink *sound = NULL;
    CK_CHECK_EQ(chalk_track_mute(a.session, gone, 1), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_track_remove(a.session, gone), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_publication_remove(a.session, gone), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_encoding_remove(a.session, gone), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_encoding_request_key_frame(a.session, gone), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_encoding_get_stats(a.session, gone, &enc), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(enc.frames_encoded, 7); /* what was known last stays */
    CK_CHECK_EQ(chalk_output_remove(a.session, gone, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_output_get_stats(a.session, gone, &out), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_remove(a.session, gone, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_mute(a.session, gone, 1), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_record(a.session, gone, "x.mp4"), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_record_stop(a.session, gone, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_get_stats(a.session, gone, &play), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_video_sink_open(a.session, gone, &pictures), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_audio_sink_open(a.session, gone, &sound), CHALK_ERR_NOT_FOUND);
    api_close(&a);
}

CK_TEST(api, objects_are_limited_by_name)
{
    api a = api_open();
    chalk_publication_id id = 0;
    for (int i = 0; i < CHALK_SESSION_OBJECTS_MAX; i++) {
        CK_CHECK_EQ(chalk_publication_create(a.session, NULL, &id), CHALK_OK);
    }
    chalk_publication_id over = 0;
    CK_CHECK_EQ(chalk_publication_create(a.session, NULL, &over), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(chalk_publication_remove(a.session, id), CHALK_OK);
    CK_CHECK_EQ(chalk_publication_create(a.session, NULL, &over), CHALK_OK);
    api_close(&a);
}

CK_TEST(api, source_options_are_checked)
{
    api a = api_open();
    static const struct {
        chalk_source_options options;
        int status;
    } rows[] = {
        {{.kind = 0}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = 9}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_FILE}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_FILE, .path = "/nonexistent.mp4"}, CHALK_ERR_IO},
        {{.kind = CHALK_SOURCE_SYNTHETIC, .fps = 61}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SYNTHETIC, .width = 321, .height = 180}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SYNTHETIC, .width = 142, .height = 180}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SYNTHETIC, .width = 8194, .height = 180},
         CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SYNTHETIC, .width = 320}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SCREEN, .region = {0, 0, 10, 0}}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_SCREEN, .device = ":4711"}, CHALK_ERR_NO_DISPLAY},
        {{.kind = CHALK_SOURCE_CAMERA, .fps = 61}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_CAMERA, .device = "v4l2:nowhere:none"}, CHALK_ERR_NO_DEVICE},
        {{.kind = CHALK_SOURCE_NULL, .null_fault = 6}, CHALK_ERR_INVALID_ARGUMENT},
        {{.kind = CHALK_SOURCE_NULL, .null_fault = CHALK_NULL_FAULT_OPEN}, CHALK_ERR_NO_DEVICE},
        {{.kind = CHALK_SOURCE_NULL, .null_fault = CHALK_NULL_FAULT_BUSY}, CHALK_ERR_DEVICE_BUSY},
        {{.kind = CHALK_SOURCE_NULL}, CHALK_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_source_options options = rows[i].options;
        options.struct_size = sizeof options;
        chalk_source_id id = 0;
        CK_CHECK_ROW(i, chalk_source_create(a.session, &options, &id) == rows[i].status);
    }
    api_close(&a);
}

CK_TEST(api, tracks_and_encodings_are_checked)
{
    api a = api_open();
    chalk_source_id push = api_source(&a, CHALK_SOURCE_PUSH);
    chalk_publication_id publication = 0;
    CK_CHECK_EQ(chalk_publication_create(a.session, NULL, &publication), CHALK_OK);
    chalk_track_id track = 0;
    chalk_track_options options = {.struct_size = sizeof options, .source = push};
    CK_CHECK_EQ(chalk_track_create(a.session, publication, &options, &track),
                CHALK_ERR_INVALID_ARGUMENT);
    options.media = CHALK_MEDIA_VIDEO;
    options.hint = CHALK_HINT_VOICE;
    CK_CHECK_EQ(chalk_track_create(a.session, publication, &options, &track),
                CHALK_ERR_INVALID_ARGUMENT);
    options.hint = 0;
    CK_CHECK_EQ(chalk_track_create(a.session, push, &options, &track), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_track_create(a.session, publication, &options, &track), CHALK_OK);

    static const struct {
        chalk_encoding_options options;
        int status;
    } rows[] = {
        {{.codec = CHALK_CODEC_AAC}, CHALK_ERR_INVALID_ARGUMENT},
        {{.width = 15, .height = 16}, CHALK_ERR_INVALID_ARGUMENT},
        {{.width = 4098, .height = 16}, CHALK_ERR_INVALID_ARGUMENT},
        {{.width = 320}, CHALK_ERR_INVALID_ARGUMENT},
        {{.bitrate_kbps = 29}, CHALK_ERR_INVALID_ARGUMENT},
        {{.bitrate_kbps = 20001}, CHALK_ERR_INVALID_ARGUMENT},
        {{.gop_ms = 199}, CHALK_ERR_INVALID_ARGUMENT},
        {{.fps = 61}, CHALK_ERR_INVALID_ARGUMENT},
        {{.encoder = "libnothing"}, CHALK_ERR_UNSUPPORTED},
        {{.width = 320, .height = 180, .bitrate_kbps = 300, .gop_ms = 200, .fps = 60}, CHALK_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_encoding_options encoding = rows[i].options;
        encoding.struct_size = sizeof encoding;
        CK_CHECK_ROW(i, chalk_encoding_create(a.session, track, &encoding, NULL) == rows[i].status);
    }
    api_close(&a);
}

CK_TEST(api, output_options_are_checked)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_PUSH), true, true);
    chalk_publication_id empty = 0;
    CK_CHECK_EQ(chalk_publication_create(a.session, NULL, &empty), CHALK_OK);
    const struct {
        chalk_publication_id publication;
        chalk_output_options options;
        int status;
    } rows[] = {
        {s.publication, {0}, CHALK_ERR_INVALID_ARGUMENT},
        {s.publication, {.url = "rtmp://h/a/b", .path = "x.mp4"}, CHALK_ERR_INVALID_ARGUMENT},
        {s.publication, {.url = "rtmp://h/only"}, CHALK_ERR_INVALID_ARGUMENT},
        {s.publication, {.url = "not a url"}, CHALK_ERR_INVALID_ARGUMENT},
        {s.publication, {.url = "http://h/a.flv"}, CHALK_ERR_UNSUPPORTED},
        {s.publication, {.url = "srt://h:1"}, CHALK_ERR_UNSUPPORTED},
        {s.publication, {.path = "/tmp/x.avi"}, CHALK_ERR_UNSUPPORTED},
        {s.publication, {.path = "/nonexistent/x.mp4"}, CHALK_ERR_IO},
        {s.publication, {.url = "rtmp://h/a/b", .queue_max_ms = 100}, CHALK_ERR_INVALID_ARGUMENT},
        {s.publication, {.url = "rtmp://h/a/b", .encodings = {s.video, 999}}, CHALK_ERR_NOT_FOUND},
        {empty, {.url = "rtmp://h/a/b"}, CHALK_ERR_BAD_STATE},
        {12345, {.url = "rtmp://h/a/b"}, CHALK_ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_output_options options = rows[i].options;
        options.struct_size = sizeof options;
        chalk_output_id id = 0;
        CK_CHECK_ROW(i, chalk_output_create(a.session, rows[i].publication, &options, &id) ==
                            rows[i].status);
    }
    api_close(&a);
}

#define URL "rtmp://127.0.0.1:1/a/b"

CK_TEST(api, the_delay_is_changed_while_it_plays)
{
    api a = api_open();
    chalk_playback_options options = {.struct_size = sizeof options, .url = URL};
    options.delay_min_ms = 700; /* nothing came yet: that is what it would wait */
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a.session, &options, &id), CHALK_OK);
    static const struct {
        uint32_t latency, min_ms, max_ms;
        int status;
        uint32_t delay_ms;
    } rows[] = {
        {0, 700, 0, CHALK_OK, 700},
        {CHALK_LATENCY_SMOOTH, 0, 0, CHALK_OK, 300},
        {CHALK_LATENCY_SMOOTH, 0, 100, CHALK_OK, 100},
        {CHALK_LATENCY_LOW, 0, 0, CHALK_OK, 0},
        {CHALK_LATENCY_LOW, 900, 0, CHALK_OK, 900}, /* above the profile's greatest */
        {4, 0, 0, CHALK_ERR_INVALID_ARGUMENT, 900},
        {0, 300, 200, CHALK_ERR_INVALID_ARGUMENT, 900},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CK_CHECK_ROW(i, chalk_playback_set_latency(a.session, id, rows[i].latency, rows[i].min_ms,
                                                   rows[i].max_ms) == rows[i].status);
        chalk_playback_stats stats = {.struct_size = sizeof stats};
        CK_CHECK_EQ(chalk_playback_get_stats(a.session, id, &stats), CHALK_OK);
        CK_CHECK_ROW(i, stats.target_delay_ms == rows[i].delay_ms);
    }
    uint64_t time_us = 0;
    CK_CHECK_EQ(chalk_playback_room_time(a.session, id, 0, &time_us), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_playback_room_due(a.session, id, 0, &time_us), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_playback_room_due(a.session, id, 0, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_playback_room_time(a.session, id + 1, 0, &time_us), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_playback_set_latency(a.session, id + 1, 0, 0, 0), CHALK_ERR_NOT_FOUND);
    CK_CHECK_STR(chalk_room_source_name(CHALK_ROOM_MEASURED), "measured");
    chalk_video_sink *sink = NULL;
    CK_CHECK_EQ(chalk_video_sink_open(a.session, id, &sink), CHALK_OK);
    CK_CHECK_EQ(chalk_video_sink_set_display(sink, 16667, 5000), CHALK_OK);
    CK_CHECK_EQ(chalk_video_sink_set_display(sink, 1000001, 0), CHALK_ERR_INVALID_ARGUMENT);
    chalk_video_sink_close(&sink);
    api_close(&a);
}

CK_TEST(api, playback_options_are_checked)
{
    api a = api_open();
    static const struct {
        chalk_playback_options options;
        int status;
    } rows[] = {
        {{0}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = "rtmp://h"}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = "rtmp://user:secret@h/a/b"}, CHALK_ERR_UNSUPPORTED},
        {{.url = "ftp://h/a"}, CHALK_ERR_UNSUPPORTED},
        {{.url = URL, .latency = 4}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = URL, .delay_min_ms = 5001}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = URL, .delay_max_ms = 19}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = URL, .delay_max_ms = 10001}, CHALK_ERR_INVALID_ARGUMENT},
        {{.url = URL, .delay_min_ms = 101, .delay_max_ms = 100}, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        chalk_playback_options options = rows[i].options;
        options.struct_size = sizeof options;
        chalk_playback_id id = 0;
        CK_CHECK_ROW(i, chalk_playback_create(a.session, &options, &id) == rows[i].status);
    }
    api_close(&a);
}

CK_TEST(api, a_closed_port_is_told_and_tried_again)
{
    api a = api_open();
    chalk_playback_options options = {.struct_size = sizeof options,
                                      .url = "rtmp://127.0.0.1:1/a/b"};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a.session, &options, &id), CHALK_OK);
    chalk_event event = api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_WAITING);
    CK_CHECK_EQ(event.cause, CHALK_ERR_REFUSED);
    CK_CHECK_EQ(event.object, id);
    CK_CHECK(event.value >= 0);
    CK_CHECK_EQ(chalk_runtime_network_changed(a.runtime, 1), CHALK_OK);
    (void)api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_CONNECTING);
    chalk_request_id request = 0;
    CK_CHECK_EQ(chalk_playback_remove(a.session, id, &request), CHALK_OK);
    event = api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(event.request, request);
    CK_CHECK_EQ(event.cause, CHALK_OK);
    CK_CHECK_EQ(event.origin, CHALK_ORIGIN_USER);
    chalk_playback_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_playback_get_stats(a.session, id, &stats), CHALK_ERR_NOT_FOUND);
    api_close(&a);
}

CK_TEST(api, the_first_failure_ends_it_when_asked_to)
{
    api a = api_open();
    chalk_playback_options options = {
        .struct_size = sizeof options, .url = "http://127.0.0.1:1/a.flv", .no_retry = 1};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a.session, &options, &id), CHALK_OK);
    chalk_event event = api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(event.cause, CHALK_ERR_REFUSED);
    CK_CHECK_EQ(event.origin, CHALK_ORIGIN_SYSTEM);
    api_close(&a);
}

static void count_wakeup(void *user)
{
    atomic_fetch_add((atomic_int *)user, 1);
}

CK_TEST(api, a_full_queue_says_so_and_keeps_requests)
{
    api a = {0};
    atomic_int wakeups = 0;
    CK_CHECK_EQ(chalk_runtime_create(NULL, &a.runtime), CHALK_OK);
    chalk_session_options small;
    chalk_session_options_init(&small);
    small.events_max = 16;
    small.wakeup = count_wakeup;
    small.wakeup_user = &wakeups;
    CK_CHECK_EQ(chalk_session_create(a.runtime, &small, &a.session), CHALK_OK);
    chalk_playback_options options = {.struct_size = sizeof options,
                                      .url = "rtmp://127.0.0.1:1/a/b"};
    enum { COUNT = 20 };
    chalk_playback_id ids[COUNT];
    chalk_request_id requests[COUNT];
    for (int i = 0; i < COUNT; i++) {
        CK_CHECK_EQ(chalk_playback_create(a.session, &options, &ids[i]), CHALK_OK);
    }
    /* Each is refused, and told so, at once: more events than there is room. */
    uint64_t until_us = chalk_runtime_now_us(a.runtime) + 10000000;
    while (atomic_load(&wakeups) <= 16 && chalk_runtime_now_us(a.runtime) < until_us) {
        api_sleep_ms(5);
    }
    for (int i = 0; i < COUNT; i++) {
        CK_CHECK_EQ(chalk_playback_remove(a.session, ids[i], &requests[i]), CHALK_OK);
    }
    chalk_event event = api_wait(&a, CHALK_EVENT_OVERFLOW, 0);
    CK_CHECK(event.value > 0);
    int ended = 0;
    while (ended < COUNT) {
        event = api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
        CK_CHECK_EQ(event.request, requests[ended]);
        ended++;
    }
    CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, 50), CHALK_ERR_AGAIN);
    api_close(&a);
}

CK_TEST(api, the_wakeup_comes_with_each_event)
{
    api a = {0};
    atomic_int wakeups = 0;
    CK_CHECK_EQ(chalk_runtime_create(NULL, &a.runtime), CHALK_OK);
    chalk_session_options options;
    chalk_session_options_init(&options);
    options.wakeup = count_wakeup;
    options.wakeup_user = &wakeups;
    CK_CHECK_EQ(chalk_session_create(a.runtime, &options, &a.session), CHALK_OK);
    chalk_playback_options play = {
        .struct_size = sizeof play, .url = "rtmp://127.0.0.1:1/a/b", .no_retry = 1};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a.session, &play, &id), CHALK_OK);
    chalk_event event = {0};
    int events = 0;
    while (event.state != CHALK_LINK_CLOSED) {
        CK_CHECK_EQ(chalk_session_wait_event(a.session, &event, 10000), CHALK_OK);
        events++;
    }
    api_close(&a); /* the last event was there a moment before its wakeup */
    CK_CHECK_EQ(atomic_load(&wakeups), events);
}

CK_TEST(api, devices_are_counted_even_without_room)
{
    api a = api_open();
    size_t all = 0, none = 0;
    chalk_device *devices = calloc(1024, sizeof *devices);
    CK_CHECK_EQ(chalk_devices_list(a.runtime, devices, 1024, &all), CHALK_OK);
    CK_CHECK_EQ(chalk_devices_list(a.runtime, NULL, 0, &none), CHALK_OK);
    CK_CHECK_EQ(all, none);
    for (size_t i = 0; i < all; i++) {
        CK_CHECK_ROW(i, devices[i].kind >= CHALK_DEVICE_SCREEN &&
                            devices[i].kind <= CHALK_DEVICE_CAMERA);
        CK_CHECK_ROW(i, devices[i].id[0] != '\0' && devices[i].name[0] != '\0');
    }
    CK_CHECK_EQ(chalk_devices_list(a.runtime, devices, 1025, &all), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_devices_list(a.runtime, NULL, 1, &all), CHALK_ERR_INVALID_ARGUMENT);
    free(devices);
    api_close(&a);
}

/* A session with nothing to do, and one that was used and is idle again. */
CK_TEST(api, an_idle_runtime_sleeps)
{
    api a = api_open();
    api_sleep_ms(100);
    long before = ck_wakeups();
    api_sleep_ms(2000);
    CK_CHECK_EQ(ck_wakeups() - before, 0);
    chalk_playback_options play = {
        .struct_size = sizeof play, .url = "rtmp://127.0.0.1:1/a/b", .no_retry = 1};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(a.session, &play, &id), CHALK_OK);
    (void)api_wait(&a, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
    api_sleep_ms(500);
    before = ck_wakeups();
    api_sleep_ms(2000);
    CK_CHECK_EQ(ck_wakeups() - before, 0);
    api_close(&a);
}
