/* Publishing through the public API into callbacks and files, with real encoders. */
#include "api_support.h"

#include "support/check.h"
#include "support/folder.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a callback output received, and whether the rules were kept. */
typedef struct received {
    atomic_int pictures, keys, sounds, configs, broken;
    int64_t last_dts[2];
    bool has_config[2];
} received;

static void take_packet(void *user, const chalk_packet *packet)
{
    received *r = user;
    int media = packet->codec == CHALK_CODEC_AAC || packet->codec == CHALK_CODEC_OPUS;
    if (packet->config) {
        r->has_config[media] = true;
        atomic_fetch_add(&r->configs, 1);
        return;
    }
    bool first = r->last_dts[media] == INT64_MIN;
    bool ok = r->has_config[media] && packet->size > 0 && packet->pts_us >= packet->dts_us &&
              packet->dts_us >= 0 && packet->dts_us > r->last_dts[media] && (!first || packet->key);
    r->last_dts[media] = packet->dts_us;
    atomic_fetch_add(&r->broken, !ok);
    atomic_fetch_add(media ? &r->sounds : &r->pictures, 1);
    atomic_fetch_add(&r->keys, media == 0 && packet->key);
}

static chalk_output_id to_callback(api *a, chalk_publication_id publication, received *r)
{
    memset(r, 0, sizeof *r);
    r->last_dts[0] = r->last_dts[1] = INT64_MIN;
    chalk_output_options options;
    chalk_output_options_init(&options);
    options.packet = take_packet;
    options.packet_user = r;
    chalk_output_id id = 0;
    CK_CHECK_EQ(chalk_output_create(a->session, publication, &options, &id), CHALK_OK);
    return id;
}

static bool reached(api *a, atomic_int *counter, int wanted)
{
    uint64_t until = chalk_runtime_now_us(a->runtime) + 10000000;
    while (atomic_load(counter) < wanted && chalk_runtime_now_us(a->runtime) < until) {
        api_sleep_ms(5);
    }
    return atomic_load(counter) >= wanted;
}

static void end_output(api *a, chalk_output_id id)
{
    chalk_request_id request = 0;
    CK_CHECK_EQ(chalk_output_remove(a->session, id, &request), CHALK_OK);
    chalk_event event = api_wait(a, CHALK_EVENT_OUTPUT, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(event.request, request);
    CK_CHECK_EQ(event.object, id);
    CK_CHECK_EQ(event.cause, CHALK_OK);
    CK_CHECK_EQ(event.origin, CHALK_ORIGIN_USER);
}

CK_TEST(publish_api, packets_come_configured_keyed_and_in_order)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, true);
    received r;
    chalk_output_id id = to_callback(&a, s.publication, &r);
    chalk_event event = api_wait(&a, CHALK_EVENT_ENCODER, 0);
    CK_CHECK_EQ(event.cause, CHALK_OK);
    CK_CHECK(event.text[0] != '\0');
    CK_CHECK(reached(&a, &r.pictures, 20));
    CK_CHECK(reached(&a, &r.sounds, 40));
    end_output(&a, id);
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    CK_CHECK_EQ(atomic_load(&r.configs), 2);
    chalk_encoding_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_encoding_get_stats(a.session, s.video, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.width, 320);
    CK_CHECK_EQ(stats.height, 180);
    CK_CHECK(stats.frames_encoded >= 20 && stats.bytes_encoded > 0);
    CK_CHECK(strlen(stats.encoder) > 0);
    api_close(&a);
}

/* A stream of VP8 and Opus beside the one of H.264 and AAC that api_publish makes. */
static api_stream publish_free_codecs(api *a)
{
    api_stream s = api_publish(a, api_source(a, CHALK_SOURCE_SYNTHETIC), true, true);
    CK_CHECK_EQ(chalk_encoding_remove(a->session, s.video), CHALK_OK);
    CK_CHECK_EQ(chalk_encoding_remove(a->session, s.audio), CHALK_OK);
    chalk_encoding_options options;
    chalk_encoding_options_init(&options);
    options.codec = CHALK_CODEC_VP8;
    options.width = 320;
    options.height = 180;
    CK_CHECK_EQ(chalk_encoding_create(a->session, s.video_track, &options, &s.video), CHALK_OK);
    CK_CHECK_EQ(chalk_encoding_create(a->session, s.audio_track, &options, NULL),
                CHALK_ERR_INVALID_ARGUMENT); /* a codec of the other media */
    chalk_encoding_options_init(&options);
    options.codec = CHALK_CODEC_OPUS;
    CK_CHECK_EQ(chalk_encoding_create(a->session, s.audio_track, &options, &s.audio), CHALK_OK);
    CK_CHECK_EQ(chalk_encoding_create(a->session, s.video_track, &options, NULL),
                CHALK_ERR_INVALID_ARGUMENT);
    options.codec = CHALK_CODEC_OPUS + 1;
    CK_CHECK_EQ(chalk_encoding_create(a->session, s.audio_track, &options, NULL),
                CHALK_ERR_INVALID_ARGUMENT);
    return s;
}

CK_TEST(publish_api, vp8_and_opus_go_where_they_can)
{
    static const char *const refused[] = {"/tmp/ck-codecs.mp4", "/tmp/ck-codecs.flv"};
    api a = api_open();
    api_stream s = publish_free_codecs(&a);
    received r;
    chalk_output_id id = to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 10));
    CK_CHECK(reached(&a, &r.sounds, 20));
    end_output(&a, id);
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    CK_CHECK_EQ(atomic_load(&r.configs), 2);
    chalk_encoding_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_encoding_get_stats(a.session, s.audio, &stats), CHALK_OK);
    CK_CHECK_STR(stats.encoder, "libopus");
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        chalk_output_options options;
        chalk_output_options_init(&options);
        options.path = refused[i];
        CK_CHECK_EQ(chalk_output_create(a.session, s.publication, &options, &id),
                    CHALK_ERR_UNSUPPORTED);
        CK_CHECK(access(refused[i], F_OK) != 0); /* nothing was made, or replaced */
    }
    api_close(&a);
}

CK_TEST(publish_api, each_output_begins_with_a_key_frame)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, false);
    received first, second;
    (void)to_callback(&a, s.publication, &first);
    CK_CHECK(reached(&a, &first.pictures, 5));
    chalk_output_id id = to_callback(&a, s.publication, &second);
    CK_CHECK(reached(&a, &second.keys, 1));
    CK_CHECK(reached(&a, &second.pictures, 3));
    end_output(&a, id);
    int had = atomic_load(&first.pictures);
    CK_CHECK(reached(&a, &first.pictures, had + 5)); /* the other goes on */
    CK_CHECK_EQ(atomic_load(&first.broken), 0);
    api_close(&a);
}

CK_TEST(publish_api, a_key_frame_comes_when_asked_for)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, false);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 4));
    int keys = atomic_load(&r.keys);
    CK_CHECK_EQ(chalk_encoding_request_key_frame(a.session, s.video), CHALK_OK);
    int pictures = atomic_load(&r.pictures);
    CK_CHECK(reached(&a, &r.keys, keys + 1));
    CK_CHECK(atomic_load(&r.pictures) - pictures <= 4); /* well before the next two seconds */
    CK_CHECK_EQ(chalk_encoding_set_bitrate(a.session, s.video, 29), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_encoding_set_bitrate(a.session, s.video, 200), CHALK_OK);
    api_close(&a);
}

CK_TEST(publish_api, a_removed_source_leaves_black_and_silence)
{
    api a = api_open();
    chalk_source_id source = api_source(&a, CHALK_SOURCE_SYNTHETIC);
    api_stream s = api_publish(&a, source, true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 5));
    CK_CHECK(reached(&a, &r.sounds, 5));
    CK_CHECK_EQ(chalk_source_remove(a.session, source), CHALK_OK);
    int pictures = atomic_load(&r.pictures), sounds = atomic_load(&r.sounds);
    CK_CHECK(reached(&a, &r.pictures, pictures + 2));
    CK_CHECK(reached(&a, &r.sounds, sounds + 60));
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    api_close(&a);
}

CK_TEST(publish_api, a_track_changes_its_source_without_a_break)
{
    api a = api_open();
    chalk_source_id one = api_source(&a, CHALK_SOURCE_SYNTHETIC);
    chalk_source_id two = api_source(&a, CHALK_SOURCE_NULL);
    api_stream s = api_publish(&a, one, true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 5));
    CK_CHECK_EQ(chalk_track_set_source(a.session, s.video_track, two), CHALK_OK);
    CK_CHECK_EQ(chalk_track_set_source(a.session, s.audio_track, two), CHALK_OK);
    CK_CHECK_EQ(chalk_track_set_source(a.session, s.audio_track, 4711), CHALK_ERR_NOT_FOUND);
    int pictures = atomic_load(&r.pictures), sounds = atomic_load(&r.sounds);
    CK_CHECK(reached(&a, &r.pictures, pictures + 5));
    CK_CHECK(reached(&a, &r.sounds, sounds + 20));
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    CK_CHECK_EQ(atomic_load(&r.configs), 2);
    api_close(&a);
}

CK_TEST(publish_api, what_the_application_pushes_is_encoded)
{
    api a = api_open();
    chalk_source_id push = api_source(&a, CHALK_SOURCE_PUSH);
    chalk_source_id other = api_source(&a, CHALK_SOURCE_NULL);
    api_stream s = api_publish(&a, push, true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    enum { WIDTH = 322, HEIGHT = 182 };
    static uint8_t pixels[WIDTH * HEIGHT * 4];
    static float tone[480];
    memset(pixels, 0x80, sizeof pixels);
    chalk_source_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_source_get_stats(a.session, push, &stats), CHALK_OK);
    CK_CHECK(stats.state == CHALK_SOURCE_RUNNING && stats.width == 0 && stats.height == 0);
    CK_CHECK_EQ(stats.media, 1u << CHALK_MEDIA_VIDEO | 1u << CHALK_MEDIA_AUDIO);
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = WIDTH;
    info.height = HEIGHT;
    info.planes[0] = pixels;
    info.strides[0] = WIDTH * 4;
    for (int i = 0; i < 100; i++) {
        chalk_video_frame *frame = NULL;
        CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
        CK_CHECK_EQ(chalk_source_push_video(a.session, push, frame), CHALK_OK);
        CK_CHECK_EQ(chalk_source_push_video(a.session, other, frame), CHALK_ERR_BAD_STATE);
        chalk_video_frame_unref(&frame);
        CK_CHECK(frame == NULL);
        CK_CHECK_EQ(chalk_source_push_audio(a.session, push, tone, 480, 48000, 1, 0), CHALK_OK);
        api_sleep_ms(10);
    }
    CK_CHECK_EQ(chalk_source_push_audio(a.session, push, tone, 0, 48000, 1, 0),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_source_push_audio(a.session, push, tone, 480, 7999, 1, 0),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_source_push_audio(a.session, push, tone, 480, 48000, 9, 0),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK(reached(&a, &r.pictures, 15));
    CK_CHECK(reached(&a, &r.sounds, 30));
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    CK_CHECK_EQ(chalk_source_get_stats(a.session, push, &stats), CHALK_OK);
    CK_CHECK(stats.width == WIDTH && stats.height == HEIGHT);
    stats.struct_size = 0;
    CK_CHECK_EQ(chalk_source_get_stats(a.session, push, &stats), CHALK_ERR_INVALID_ARGUMENT);
    api_close(&a);
}

CK_TEST(publish_api, faults_of_a_source_are_events)
{
    static const struct {
        uint32_t fault;
        uint32_t states[2]; /* 0: no further event expected */
    } rows[] = {
        {CHALK_NULL_FAULT_LOST, {CHALK_SOURCE_LOST, CHALK_SOURCE_RUNNING}},
        {CHALK_NULL_FAULT_END, {CHALK_SOURCE_ENDED, 0}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        api a = api_open();
        chalk_source_options options = {.struct_size = sizeof options,
                                        .kind = CHALK_SOURCE_NULL,
                                        .width = 320,
                                        .height = 180,
                                        .null_fault = rows[i].fault,
                                        .null_fault_after_ms = 300};
        chalk_source_id source = 0;
        CK_CHECK_EQ(chalk_source_create(a.session, &options, &source), CHALK_OK);
        api_stream s = api_publish(&a, source, true, true);
        received r;
        (void)to_callback(&a, s.publication, &r);
        for (size_t k = 0; k < 2 && rows[i].states[k] != 0; k++) {
            chalk_event event = api_wait(&a, CHALK_EVENT_SOURCE, rows[i].states[k]);
            CK_CHECK_ROW(i, event.object == source && event.origin == CHALK_ORIGIN_SYSTEM);
            chalk_source_stats stats = {.struct_size = sizeof stats};
            CK_CHECK_EQ(chalk_source_get_stats(a.session, source, &stats), CHALK_OK);
            CK_CHECK_ROW(i, stats.state == rows[i].states[k] && stats.cause == event.cause);
            CK_CHECK_ROW(i, stats.width == 320 && stats.height == 180);
        }
        int sounds = atomic_load(&r.sounds);
        CK_CHECK(reached(&a, &r.sounds, sounds + 30));
        CK_CHECK_ROW(i, atomic_load(&r.broken) == 0);
        api_close(&a);
    }
}

CK_TEST(publish_api, a_paused_source_keeps_the_stream_going)
{
    api a = api_open();
    chalk_source_id source = api_source(&a, CHALK_SOURCE_SYNTHETIC);
    api_stream s = api_publish(&a, source, true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 5));
    for (int paused = 1; paused >= 0; paused--) {
        uint32_t state = paused == 1 ? CHALK_SOURCE_PAUSED : CHALK_SOURCE_RESUMED;
        CK_CHECK_EQ(chalk_source_pause(a.session, source, paused), CHALK_OK);
        CK_CHECK_EQ(chalk_source_pause(a.session, source, paused), CHALK_OK); /* told once */
        chalk_event event = api_wait(&a, CHALK_EVENT_SOURCE, 0);
        CK_CHECK(event.object == source && event.state == state);
        CK_CHECK_EQ(event.origin, CHALK_ORIGIN_USER);
        int pictures = atomic_load(&r.pictures), sounds = atomic_load(&r.sounds);
        CK_CHECK(reached(&a, &r.pictures, pictures + 2));
        CK_CHECK(reached(&a, &r.sounds, sounds + 30));
        CK_CHECK_EQ(atomic_load(&r.broken), 0);
    }
    CK_CHECK_EQ(chalk_source_pause(a.session, source, 2), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_source_pause(a.session, s.video, 1), CHALK_ERR_NOT_FOUND);
    api_close(&a);
}

CK_TEST(publish_api, muting_keeps_the_stream_going)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 5));
    CK_CHECK_EQ(chalk_track_mute(a.session, s.video_track, 1), CHALK_OK);
    CK_CHECK_EQ(chalk_track_mute(a.session, s.audio_track, 1), CHALK_OK);
    CK_CHECK_EQ(chalk_track_mute(a.session, s.audio_track, 2), CHALK_ERR_INVALID_ARGUMENT);
    int pictures = atomic_load(&r.pictures), sounds = atomic_load(&r.sounds);
    CK_CHECK(reached(&a, &r.pictures, pictures + 5));
    CK_CHECK(reached(&a, &r.sounds, sounds + 20));
    CK_CHECK_EQ(chalk_runtime_background(a.runtime, 1), CHALK_OK);
    CK_CHECK_EQ(chalk_runtime_interrupted(a.runtime, 1), CHALK_OK);
    sounds = atomic_load(&r.sounds);
    CK_CHECK(reached(&a, &r.sounds, sounds + 60)); /* silence goes on */
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    api_close(&a);
}

static uint64_t captured(api *a, chalk_encoding_id encoding)
{
    chalk_encoding_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_encoding_get_stats(a->session, encoding, &stats), CHALK_OK);
    return stats.frames_captured;
}

CK_TEST(publish_api, in_the_background_pictures_rest_and_sound_goes_on)
{
    api a = api_open();
    api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, true);
    received r;
    (void)to_callback(&a, s.publication, &r);
    CK_CHECK(reached(&a, &r.pictures, 5));
    CK_CHECK_EQ(chalk_runtime_background(a.runtime, 1), CHALK_OK);
    uint64_t pictures = captured(&a, s.video), sounds = captured(&a, s.audio);
    CK_CHECK(reached(&a, &r.sounds, atomic_load(&r.sounds) + 60)); /* more than a second of it */
    CK_CHECK_EQ(captured(&a, s.video), pictures);
    CK_CHECK(captured(&a, s.audio) > sounds);
    CK_CHECK_EQ(chalk_runtime_background(a.runtime, 0), CHALK_OK);
    uint64_t until = chalk_runtime_now_us(a.runtime) + 10000000;
    while (captured(&a, s.video) == pictures && chalk_runtime_now_us(a.runtime) < until) {
        api_sleep_ms(10);
    }
    CK_CHECK(captured(&a, s.video) > pictures);
    CK_CHECK_EQ(atomic_load(&r.broken), 0);
    api_close(&a);
}

CK_TEST(publish_api, a_file_is_complete_when_its_event_comes)
{
    static const char *const endings[] = {"mp4", "flv", "mkv"};
    for (size_t i = 0; i < 3; i++) {
        api a = api_open();
        api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, true);
        char folder[CK_TEST_FOLDER_MAX], path[64], command[512];
        ck_test_folder(folder);
        snprintf(path, sizeof path, "%s/out.%s", folder, endings[i]);
        chalk_output_options options = {.struct_size = sizeof options, .path = path};
        chalk_output_id id = 0;
        CK_CHECK_EQ(chalk_output_create(a.session, s.publication, &options, &id), CHALK_OK);
        (void)api_wait(&a, CHALK_EVENT_OUTPUT, CHALK_LINK_LIVE);
        chalk_output_stats stats = {.struct_size = sizeof stats};
        while (chalk_output_get_stats(a.session, id, &stats) == CHALK_OK &&
               stats.frames_sent < 90) {
            api_sleep_ms(20);
        }
        end_output(&a, id);
        snprintf(command, sizeof command,
                 "ffmpeg -v warning -i %s -f null - 2>&1 | grep -q . && exit 1; "
                 "test \"$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 %s | "
                 "sort | tr '\\n' ' ')\" = 'aac h264 '",
                 path, path);
        CK_CHECK_ROW(i, system(command) == 0);
        unlink(path);
        rmdir(folder);
        api_close(&a);
    }
}

CK_TEST(publish_api, everything_may_be_destroyed_while_it_runs)
{
    for (int round = 0; round < 5; round++) {
        api a = api_open();
        api_stream s = api_publish(&a, api_source(&a, CHALK_SOURCE_SYNTHETIC), true, true);
        received r;
        (void)to_callback(&a, s.publication, &r);
        chalk_output_options url = {.struct_size = sizeof url, .url = "rtmp://127.0.0.1:1/a/b"};
        chalk_output_id id = 0;
        CK_CHECK_EQ(chalk_output_create(a.session, s.publication, &url, &id), CHALK_OK);
        api_sleep_ms(round * 30);
        if (round % 2 == 0) {
            CK_CHECK_EQ(chalk_encoding_remove(a.session, s.video), CHALK_OK);
            CK_CHECK_EQ(chalk_track_remove(a.session, s.audio_track), CHALK_OK);
            CK_CHECK_EQ(chalk_publication_remove(a.session, s.publication), CHALK_OK);
        }
        api_close(&a);
    }
}
