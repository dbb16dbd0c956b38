/* A lesson through the public API alone: a synthetic teacher, the embedded edge, players. */
#include "api_support.h"
#include "skew_log.h"

#include "chalkrail/edge.h"
#include "support/calm.h"
#include "support/folder.h"
#include "support/marks.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define WIDTH        640
#define HEIGHT       360
#define DEVICE_US    20000
#define PATIENCE_MS  15000
#define PICTURES_MAX 1024

/* --- the edge and the teacher ------------------------------------------------------------------
 */

static chalk_edge *edge_start(int rtmp_port, int http_port)
{
    char rtmp[32], http[32];
    snprintf(rtmp, sizeof rtmp, "127.0.0.1:%d", rtmp_port);
    snprintf(http, sizeof http, "127.0.0.1:%d", http_port);
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = rtmp;
    options.http = http;
    chalk_edge *edge = NULL;
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    return edge;
}

static chalk_output_id teach(api *a, int rtmp_port)
{
    chalk_source_options source_options;
    chalk_source_options_init(&source_options);
    source_options.kind = CHALK_SOURCE_SYNTHETIC;
    source_options.width = WIDTH;
    source_options.height = HEIGHT;
    source_options.fps = 25;
    chalk_source_id source = 0;
    CK_CHECK_EQ(chalk_source_create(a->session, &source_options, &source), CHALK_OK);
    chalk_publication_id publication = 0;
    CK_CHECK_EQ(chalk_publication_create(a->session, NULL, &publication), CHALK_OK);
    for (uint32_t media = CHALK_MEDIA_VIDEO; media <= CHALK_MEDIA_AUDIO; media++) {
        chalk_track_options track_options;
        chalk_track_options_init(&track_options);
        track_options.source = source;
        track_options.media = media;
        chalk_track_id track = 0;
        CK_CHECK_EQ(chalk_track_create(a->session, publication, &track_options, &track), CHALK_OK);
        chalk_encoding_options encoding_options;
        chalk_encoding_options_init(&encoding_options);
        encoding_options.gop_ms = media == CHALK_MEDIA_VIDEO ? 1000 : 0;
        encoding_options.bitrate_kbps = media == CHALK_MEDIA_VIDEO ? 1000 : 96;
        CK_CHECK_EQ(chalk_encoding_create(a->session, track, &encoding_options, NULL), CHALK_OK);
    }
    char url[96];
    snprintf(url, sizeof url, "rtmp://127.0.0.1:%d/room/teacher/screen", rtmp_port);
    chalk_output_options output_options;
    chalk_output_options_init(&output_options);
    output_options.url = url;
    chalk_output_id output = 0;
    CK_CHECK_EQ(chalk_output_create(a->session, publication, &output_options, &output), CHALK_OK);
    return output;
}

/* --- the audience -------------------------------------------------------------------------------
 */

typedef struct student {
    chalk_playback_id id;
    chalk_video_sink *pictures;
    chalk_audio_sink *sound;
    uint64_t read_next_us;
    uint64_t last_number;
    unsigned seen, unreadable, disordered;
    int64_t latency_us[PICTURES_MAX]; /* from the picture's own room time to being seen */
    uint64_t told_worst_us;           /* room time told by the player against the picture's own */
    skew_log log;
} student;

static uint64_t wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void join(student *s, api *a, const char *url)
{
    memset(s, 0, sizeof *s);
    skew_log_init(&s->log);
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = url;
    CK_CHECK_EQ(chalk_playback_create(a->session, &options, &s->id), CHALK_OK);
    CK_CHECK_EQ(chalk_video_sink_open(a->session, s->id, &s->pictures), CHALK_OK);
    CK_CHECK_EQ(chalk_audio_sink_open(a->session, s->id, &s->sound), CHALK_OK);
    s->read_next_us = chalk_runtime_now_us(a->runtime);
}

static void leave(student *s)
{
    chalk_video_sink_close(&s->pictures);
    chalk_audio_sink_close(&s->sound);
}

static chalk_playback_stats stats_of(student *s, api *a)
{
    chalk_playback_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_playback_get_stats(a->session, s->id, &stats), CHALK_OK);
    return stats;
}

static void read_picture(student *s, api *a, chalk_video_frame *frame)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    CK_CHECK_EQ(chalk_video_frame_info(frame, &info), CHALK_OK);
    const ck_marks_view view = {info.planes[0], info.strides[0], info.width, info.height, 0};
    uint64_t number, room_us, now_us = wall_us();
    skew_log_see(&s->log, ck_marks_flash(&view), chalk_runtime_now_us(a->runtime));
    if (!ck_marks_read(&view, &number, &room_us)) {
        s->unreadable++;
        return;
    }
    /* The same again is a key frame that was asked for between two pictures. */
    s->disordered += s->seen > 0 && number < s->last_number;
    s->last_number = number;
    uint64_t told_us = stats_of(s, a).room_time_us;
    uint64_t apart = told_us > room_us ? told_us - room_us : room_us - told_us;
    s->told_worst_us = apart > s->told_worst_us ? apart : s->told_worst_us;
    if (s->seen < PICTURES_MAX) {
        s->latency_us[s->seen] = (int64_t)(now_us - room_us);
    }
    s->seen++;
}

static void attend(student *s, api *a)
{
    chalk_video_frame *frame = NULL;
    while (chalk_video_sink_take(s->pictures, &frame) == CHALK_OK) {
        read_picture(s, a, frame);
        chalk_video_frame_unref(&frame);
    }
    uint64_t now_us = chalk_runtime_now_us(a->runtime);
    while (s->read_next_us <= now_us) {
        if (now_us - s->read_next_us > DEVICE_US) {
            s->read_next_us = now_us; /* this program was away, and the device ran dry */
        }
        float out[SKEW_READ * CHALK_PLAYBACK_CHANNELS];
        uint64_t heard_us = s->read_next_us + DEVICE_US;
        uint32_t delay_us = (uint32_t)(heard_us - now_us);
        CK_CHECK(chalk_audio_sink_read(s->sound, out, SKEW_READ, delay_us) >= 0);
        skew_log_hear(&s->log, out, heard_us);
        s->read_next_us += 10000;
    }
}

/* Until each of them has seen that many more pictures; false when patience ends. */
static bool lesson_goes_on(student *students, size_t count, api *a, unsigned pictures)
{
    unsigned wanted[16];
    for (size_t i = 0; i < count; i++) {
        wanted[i] = students[i].seen + pictures;
    }
    uint64_t limit_us =
        chalk_runtime_now_us(a->runtime) + (uint64_t)ck_test_patience_ms(PATIENCE_MS) * 1000;
    bool all = false;
    while (!all && chalk_runtime_now_us(a->runtime) < limit_us) {
        all = true;
        for (size_t i = 0; i < count; i++) {
            attend(&students[i], a);
            all = all && students[i].seen >= wanted[i];
        }
        api_sleep_ms(2);
    }
    return all;
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static int64_t median_latency(student *s)
{
    size_t count = s->seen < PICTURES_MAX ? s->seen : PICTURES_MAX;
    qsort(s->latency_us, count, sizeof s->latency_us[0], by_size);
    return s->latency_us[count / 2];
}

static void urls(char rtmp[96], char http[96], chalk_edge *edge)
{
    snprintf(rtmp, 96, "rtmp://127.0.0.1:%d/room/teacher/screen", chalk_edge_rtmp_port(edge));
    snprintf(http, 96, "http://127.0.0.1:%d/room/teacher/screen.flv", chalk_edge_http_port(edge));
}

/* --- the lessons --------------------------------------------------------------------------------
 */

CK_CALM_TEST(lesson, is_seen_and_heard_in_step_by_both_ways)
{
    static student students[2];
    ck_calm_watch();
    chalk_edge *edge = edge_start(0, 0);
    char rtmp[96], http[96];
    urls(rtmp, http, edge);
    api teacher = api_open(), class = api_open();
    chalk_output_id output = teach(&teacher, chalk_edge_rtmp_port(edge));
    join(&students[0], &class, rtmp);
    join(&students[1], &class, http);
    CK_CHECK(lesson_goes_on(students, 2, &class, 100));
    uint64_t disturbed_us = ck_calm_worst_us();
    for (size_t i = 0; i < 2; i++) {
        student *s = &students[i];
        uint64_t worst_us;
        CK_CHECK_ROW(i, s->disordered == 0);
        CK_CHECK_ROW(s->unreadable, s->unreadable <= 1);
        size_t compared = skew_log_compare(&s->log, &worst_us);
        CK_CALM_ROW(compared, compared >= 2, compared >= 1);
        CK_CALM_ROW(worst_us, worst_us <= SKEW_MAX_US, worst_us <= SKEW_MAX_US + 3 * disturbed_us);
        CK_CALM_ROW(s->told_worst_us, s->told_worst_us <= 40000,
                    s->told_worst_us <= 40000 + 3 * disturbed_us);
        int64_t latency_us = median_latency(s); /* 200 ms of it is the player's delay */
        CK_CALM_BETWEEN(latency_us, 100000, 600000, 50000, 1500000);
        chalk_playback_stats stats = stats_of(s, &class);
        CK_CHECK_ROW(i, stats.state == CHALK_LINK_LIVE && stats.reconnects == 0);
        CK_CHECK_ROW(i, stats.decode_errors == 0 && stats.width == WIDTH);
        CK_CHECK_ROW(i, stats.frames_shown >= 100 && stats.room_time_us > 0);
    }
    chalk_output_stats sent = {.struct_size = sizeof sent};
    CK_CHECK_EQ(chalk_output_get_stats(teacher.session, output, &sent), CHALK_OK);
    CK_CHECK_EQ(sent.state, CHALK_LINK_LIVE);
    CK_CHECK_EQ(sent.congested, 0);
    leave(&students[0]);
    leave(&students[1]);
    api_close(&class);
    api_close(&teacher);
    chalk_edge_destroy(&edge);
}

CK_CALM_TEST(lesson, outlives_a_restart_of_the_edge)
{
    static student students[2];
    ck_calm_watch();
    chalk_edge *edge = edge_start(0, 0);
    int rtmp_port = chalk_edge_rtmp_port(edge), http_port = chalk_edge_http_port(edge);
    char rtmp[96], http[96];
    urls(rtmp, http, edge);
    api teacher = api_open(), class = api_open();
    chalk_output_id output = teach(&teacher, rtmp_port);
    join(&students[0], &class, rtmp);
    join(&students[1], &class, http);
    CK_CHECK(lesson_goes_on(students, 2, &class, 30));
    chalk_edge_destroy(&edge);
    chalk_event lost = api_wait(&teacher, CHALK_EVENT_OUTPUT, CHALK_LINK_WAITING);
    CK_CHECK(lost.cause < 0 && lost.object == output);
    edge = edge_start(rtmp_port, http_port);
    CK_CHECK_EQ(chalk_runtime_network_changed(teacher.runtime, 1), CHALK_OK);
    CK_CHECK_EQ(chalk_runtime_network_changed(class.runtime, 1), CHALK_OK);
    CK_CHECK(lesson_goes_on(students, 2, &class, 60));
    chalk_output_stats sent = {.struct_size = sizeof sent};
    CK_CHECK_EQ(chalk_output_get_stats(teacher.session, output, &sent), CHALK_OK);
    CK_CHECK_EQ(sent.reconnects, 1);
    for (size_t i = 0; i < 2; i++) {
        chalk_playback_stats stats = stats_of(&students[i], &class);
        CK_CHECK_ROW(i, stats.reconnects >= 1 && stats.decode_errors == 0);
        CK_CHECK_ROW(i, students[i].disordered == 0);
        CK_CALM_ROW(i, students[i].told_worst_us <= 40000,
                    students[i].told_worst_us <= 40000 + 3 * ck_calm_worst_us());
        leave(&students[i]);
    }
    api_close(&class);
    api_close(&teacher);
    chalk_edge_destroy(&edge);
}

CK_TEST(lesson, ten_students_see_it_and_leave_one_by_one)
{
    enum { COUNT = 10 };
    static student students[COUNT];
    chalk_edge *edge = edge_start(0, 0);
    char rtmp[96], http[96];
    urls(rtmp, http, edge);
    api teacher = api_open(), class = api_open();
    (void)teach(&teacher, chalk_edge_rtmp_port(edge));
    for (int i = 0; i < COUNT; i++) {
        join(&students[i], &class, i % 2 == 0 ? rtmp : http);
    }
    CK_CHECK(lesson_goes_on(students, COUNT, &class, 25));
    for (int i = 0; i < COUNT; i++) {
        CK_CHECK_ROW(i, stats_of(&students[i], &class).decode_errors == 0);
        CK_CHECK_ROW(i, students[i].disordered == 0);
        chalk_request_id request = 0, again = 0;
        CK_CHECK_EQ(chalk_playback_remove(class.session, students[i].id, &request), CHALK_OK);
        int status = chalk_playback_remove(class.session, students[i].id, &again);
        CK_CHECK(status == CHALK_ERR_NOT_FOUND || (status == CHALK_OK && again == request));
        chalk_event closed = api_wait(&class, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
        CK_CHECK_EQ(closed.request, request);
        CK_CHECK_EQ(closed.object, students[i].id);
        CK_CHECK_EQ(closed.cause, CHALK_OK);
    }
    for (int i = 0; i < COUNT; i++) { /* sinks outlive their playbacks: soon nothing more comes */
        chalk_video_frame *frame = NULL;
        int status = CHALK_ERR_AGAIN;
        for (int k = 0; k < 2000 && status != CHALK_ERR_END; k++) {
            status = chalk_video_sink_take(students[i].pictures, &frame);
            chalk_video_frame_unref(&frame);
            api_sleep_ms(status == CHALK_ERR_AGAIN ? 1 : 0);
        }
        CK_CHECK_EQ(status, CHALK_ERR_END);
    }
    api_close(&class);
    for (int i = 0; i < COUNT; i++) {
        float out[SKEW_READ * CHALK_PLAYBACK_CHANNELS];
        CK_CHECK_EQ(chalk_audio_sink_read(students[i].sound, out, SKEW_READ, 0), 0);
        leave(&students[i]);
    }
    api_close(&teacher);
    chalk_edge_destroy(&edge);
}

CK_TEST(lesson, a_recording_is_complete_when_the_playback_has_ended)
{
    static student s;
    chalk_edge *edge = edge_start(0, 0);
    char rtmp[96], http[96];
    urls(rtmp, http, edge);
    char folder[CK_TEST_FOLDER_MAX], path[64], command[256];
    ck_test_folder(folder);
    snprintf(path, sizeof path, "%s/out.mp4", folder);
    api teacher = api_open(), class = api_open();
    (void)teach(&teacher, chalk_edge_rtmp_port(edge));
    join(&s, &class, rtmp);
    CK_CHECK_EQ(chalk_playback_record(class.session, s.id, "/nonexistent/a.mp4"), CHALK_ERR_IO);
    CK_CHECK_EQ(chalk_playback_record(class.session, s.id, path), CHALK_OK);
    CK_CHECK_EQ(chalk_playback_record(class.session, s.id, path), CHALK_ERR_BAD_STATE);
    CK_CHECK(lesson_goes_on(&s, 1, &class, 50));
    chalk_request_id stop = 0, again = 0;
    CK_CHECK_EQ(chalk_playback_record_stop(class.session, s.id, &stop), CHALK_OK);
    CK_CHECK_EQ(chalk_playback_record_stop(class.session, s.id, &again), CHALK_ERR_BAD_STATE);
    chalk_event event = api_wait(&class, CHALK_EVENT_RECORDING, 0);
    while (event.state == 1) {
        event = api_wait(&class, CHALK_EVENT_RECORDING, 0);
    }
    CK_CHECK_EQ(event.request, stop);
    CK_CHECK_EQ(event.cause, CHALK_OK);
    snprintf(command, sizeof command,
             "ffprobe -v error -count_packets -show_entries stream=codec_name,nb_read_packets "
             "-of csv=p=0 %s | grep -q ,",
             path);
    CK_CHECK_EQ(system(command), 0);
    CK_CHECK_EQ(chalk_playback_record(class.session, s.id, path), CHALK_OK);
    CK_CHECK(lesson_goes_on(&s, 1, &class, 30));
    CK_CHECK_EQ(chalk_playback_remove(class.session, s.id, NULL), CHALK_OK);
    do { /* it ends by itself with the playback, also when the application makes no further call */
        event = api_wait(&class, CHALK_EVENT_RECORDING, 0);
    } while (event.state == 1);
    CK_CHECK_EQ(event.request, 0);
    CK_CHECK_EQ(event.cause, CHALK_OK);
    leave(&s);
    api_close(&class);
    api_close(&teacher);
    chalk_edge_destroy(&edge);
    unlink(path);
    rmdir(folder);
}
