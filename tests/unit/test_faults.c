/*
 * A small class (an edge, a teacher who records, a student) over an operating system that fails:
 * each row is a fault at one of the runtime's ports. The class goes on, or recovers once the fault
 * is over, or says by name what failed; descriptors come back in every case.
 */
#include "api_support.h"

#include "base/check.h"
#include "chalkrail/edge.h"
#include "support/check.h"
#include "support/faults.h"
#include "support/folder.h"
#include "support/seeds.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#define PATIENCE_MS 15000

typedef struct class_room {
    char folder[CK_TEST_FOLDER_MAX], path[CK_TEST_FOLDER_MAX + 16];
    chalk_edge *edge;
    chalk_runtime *runtime;
    chalk_session *session;
    chalk_output_id url_output, file_output;
    chalk_playback_id playback;
    chalk_video_sink *pictures;
    unsigned seen;
    int file_cause; /* of the recording's end; 1: it has not ended */
} class_room;

static size_t descriptors(void)
{
    size_t count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (folder != NULL && readdir(folder) != NULL) {
        count++;
    }
    closedir(folder);
    return count;
}

/* ---- opening ---- */

static int open_edge(class_room *c)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    return chalk_edge_create(&options, &c->edge);
}

static int add_track(class_room *c, chalk_publication_id publication, chalk_source_id source,
                     uint32_t media)
{
    chalk_track_options track;
    chalk_track_options_init(&track);
    track.source = source;
    track.media = media;
    chalk_track_id id = 0;
    int status = chalk_track_create(c->session, publication, &track, &id);
    chalk_encoding_options encoding;
    chalk_encoding_options_init(&encoding);
    encoding.gop_ms = media == CHALK_MEDIA_VIDEO ? 500 : 0;
    return status < 0 ? status : chalk_encoding_create(c->session, id, &encoding, NULL);
}

static int publish(class_room *c, const char *host)
{
    chalk_source_options source;
    chalk_source_options_init(&source);
    source.kind = CHALK_SOURCE_SYNTHETIC;
    source.width = 320;
    source.height = 180;
    source.fps = 25;
    chalk_source_id source_id = 0;
    chalk_publication_id publication = 0;
    int status = chalk_source_create(c->session, &source, &source_id);
    status = status < 0 ? status : chalk_publication_create(c->session, NULL, &publication);
    status = status < 0 ? status : add_track(c, publication, source_id, CHALK_MEDIA_VIDEO);
    status = status < 0 ? status : add_track(c, publication, source_id, CHALK_MEDIA_AUDIO);
    char url[96];
    snprintf(url, sizeof url, "rtmp://%s:%d/room/teacher/screen", host,
             chalk_edge_rtmp_port(c->edge));
    chalk_output_options output;
    chalk_output_options_init(&output);
    output.url = url;
    status =
        status < 0 ? status : chalk_output_create(c->session, publication, &output, &c->url_output);
    output.url = NULL;
    output.path = c->path;
    return status < 0 ? status
                      : chalk_output_create(c->session, publication, &output, &c->file_output);
}

static int play(class_room *c, const char *host)
{
    char url[96];
    snprintf(url, sizeof url, "http://%s:%d/room/teacher/screen.flv", host,
             chalk_edge_http_port(c->edge));
    chalk_playback_options options;
    chalk_playback_options_init(&options);
    options.url = url;
    int status = chalk_playback_create(c->session, &options, &c->playback);
    return status < 0 ? status : chalk_video_sink_open(c->session, c->playback, &c->pictures);
}

/* The first failure, or CHALK_OK. What was opened before it is closed by class_close. */
static int class_open(class_room *c, const char *host)
{
    *c = (class_room){.file_cause = 1};
    ck_test_folder(c->folder);
    snprintf(c->path, sizeof c->path, "%s/class" FAULT_PATH_END, c->folder);
    int status = open_edge(c);
    status = status < 0 ? status : chalk_runtime_create(NULL, &c->runtime);
    status = status < 0 ? status : chalk_session_create(c->runtime, NULL, &c->session);
    status = status < 0 ? status : publish(c, host);
    return status < 0 ? status : play(c, host);
}

static void class_close(class_room *c)
{
    chalk_video_sink_close(&c->pictures);
    chalk_session_destroy(&c->session);
    chalk_runtime_destroy(&c->runtime);
    chalk_edge_destroy(&c->edge);
    unlink(c->path);
    rmdir(c->folder);
}

/* ---- living ---- */

static void take_events(class_room *c)
{
    chalk_event event;
    while (chalk_session_next_event(c->session, &event) == CHALK_OK) {
        bool closed = event.kind == CHALK_EVENT_OUTPUT && event.state == CHALK_LINK_CLOSED;
        if (closed && event.object == c->file_output) {
            c->file_cause = event.cause;
        }
    }
}

static bool class_goes_on(class_room *c, unsigned pictures)
{
    unsigned wanted = c->seen + pictures;
    for (int ms = 0; c->seen < wanted && ms < ck_test_patience_ms(PATIENCE_MS); ms += 5) {
        chalk_video_frame *frame = NULL;
        while (chalk_video_sink_take(c->pictures, &frame) == CHALK_OK) {
            chalk_video_frame_unref(&frame);
            c->seen++;
        }
        take_events(c);
        api_sleep_ms(5);
    }
    return c->seen >= wanted;
}

/* What the libraries open for good is open after this. */
static void warm_up(void)
{
    class_room c;
    CK_CHECK_EQ(class_open(&c, "localhost"), CHALK_OK);
    CK_CHECK(class_goes_on(&c, 5));
    class_close(&c);
}

/* ---- rows ---- */

enum outcome {
    GOES_ON = 1, /* while the fault lasts */
    RECOVERS,    /* once it is over */
};

typedef struct row {
    const char *name;
    fault faults[4];
    enum outcome outcome;
    int file_cause; /* of the recording; 0: it goes on */
} row;

static const row rows[] = {
    {"a few bytes are sent at a time", {{FAULT_SEND, FAULT_SHORT, .share = 200}}, GOES_ON, 0},
    {"a few bytes are received at a time", {{FAULT_RECEIVE, FAULT_SHORT}}, GOES_ON, 0},
    {"the kernel takes nothing, often", {{FAULT_SEND, EAGAIN, .share = 200}}, GOES_ON, 0},
    {"the kernel has nothing, often", {{FAULT_RECEIVE, EAGAIN, .share = 200}}, GOES_ON, 0},
    {"signals interrupt everything",
     {{FAULT_SEND, EINTR, .share = 128},
      {FAULT_RECEIVE, EINTR, .share = 128},
      {FAULT_ACCEPT, EINTR, .share = 128},
      {FAULT_WRITE, EINTR, .share = 64}},
     GOES_ON,
     0},
    {"connections are reset in sending", {{FAULT_SEND, ECONNRESET, .share = 24}}, RECOVERS, 0},
    {"connections are reset in receiving", {{FAULT_RECEIVE, ECONNRESET, .share = 24}}, RECOVERS, 0},
    {"no memory in the kernel", {{FAULT_SEND, ENOBUFS, .share = 24}}, RECOVERS, 0},
    {"no descriptor for those who come", {{FAULT_ACCEPT, EMFILE, .count = 5}}, GOES_ON, 0},
    {"those who come are gone", {{FAULT_ACCEPT, ECONNABORTED, .share = 200}}, GOES_ON, 0},
    {"no route", {{FAULT_CONNECT, ENETUNREACH}}, RECOVERS, 0},
    {"no free port", {{FAULT_CONNECT, EADDRNOTAVAIL}}, RECOVERS, 0},
    {"connecting times out", {{FAULT_CONNECT, ETIMEDOUT, .count = 2}}, GOES_ON, 0},
    {"a firewall refuses", {{FAULT_CONNECT, EACCES, .count = 2}}, GOES_ON, 0},
    {"names fail late, then no more", {{FAULT_RESOLVE, EAI_AGAIN, .count = 2}}, GOES_ON, 0},
    {"names fail", {{FAULT_RESOLVE, EAI_AGAIN}}, RECOVERS, 0},
    {"the disk is full", {{FAULT_WRITE, ENOSPC, .skip = 4}}, GOES_ON, CHALK_ERR_NO_SPACE},
    {"the disk fails", {{FAULT_WRITE, EIO, .skip = 2}}, GOES_ON, CHALK_ERR_IO},
    {"the disk cannot be written", {{FAULT_OPEN, EROFS}}, GOES_ON, CHALK_ERR_NO_PERMISSION},
    {"the folder is not ours", {{FAULT_OPEN, EACCES}}, GOES_ON, CHALK_ERR_NO_PERMISSION},
};

static void run_row(size_t i, uint64_t seed)
{
    class_room c;
    const row *r = &rows[i];
    unsigned count = 0;
    while (count < CK_COUNT_OF(r->faults) && r->faults[count].call != FAULT_NONE) {
        count++;
    }
    size_t before = descriptors();
    faults_set(r->faults, count, seed);
    CK_CHECK_ROW(i, class_open(&c, "localhost") == CHALK_OK);
    if (r->outcome == RECOVERS) {
        for (int ms = 0; ms < 400; ms += 20) {
            take_events(&c);
            api_sleep_ms(20);
        }
        CK_CHECK_ROW(i, faults_met(r->faults[0].call) > 0);
        faults_clear();
    }
    CK_CHECK_ROW(i, class_goes_on(&c, 10));
    for (int ms = 0; r->file_cause != 0 && c.file_cause == 1 && ms < PATIENCE_MS; ms += 20) {
        take_events(&c);
        api_sleep_ms(20);
    }
    CK_CHECK_ROW(i, c.file_cause == (r->file_cause != 0 ? r->file_cause : 1));
    CK_CHECK_ROW(i, faults_met(r->faults[0].call) > 0);
    faults_clear();
    class_close(&c);
    CK_CHECK_ROW(i, descriptors() == before);
}

CK_TEST(faults, of_the_network_and_the_disk)
{
    warm_up();
    CK_FOR_SEEDS(seed, 1)
    {
        for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
            run_row(i, seed);
        }
    }
}

/* Which end notices first is chance: an end whose sending is refused must not wait for the other's
 * silence to be noticed. */
CK_TEST(faults, resets_are_noticed_by_either_end)
{
    warm_up();
    CK_FOR_SEEDS(seed, 4)
    {
        for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
            if (rows[i].faults[0].what == ECONNRESET) {
                run_row(i, seed + 1);
            }
        }
    }
}

/* One call after the other is refused, until a class opens without. */
static void refuse_each(enum fault_call call, int what, unsigned least)
{
    unsigned met = 1, at = 0;
    warm_up();
    for (; met > 0; at++) {
        class_room c;
        size_t before = descriptors();
        faults_set(&(fault){call, what, .skip = at, .count = 1}, 1, at);
        int status = class_open(&c, "127.0.0.1");
        CK_CHECK_ROW(at, status <= 0 && strcmp(chalk_error_name(status), "") != 0);
        CK_CHECK_ROW(at, status == CHALK_OK || faults_met(call) == 1);
        bool opened = status == CHALK_OK;
        /* A refusal in the background is retried or told; the first turns go by under it. */
        api_sleep_ms(opened ? 50 : 0);
        met = faults_met(call);
        faults_clear();
        CK_CHECK_ROW(at, !opened || class_goes_on(&c, 2));
        class_close(&c);
        CK_CHECK_ROW(at, descriptors() == before);
    }
    CK_CHECK(at > least);
}

CK_TEST(faults, each_thread_refused)
{
    refuse_each(FAULT_THREAD, EAGAIN, 6);
}

static void set_limit(size_t descriptors_max)
{
    struct rlimit limit;
    CK_CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = descriptors_max;
    CK_CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* The process may have one descriptor, two, and so on, until a class opens and goes on. */
CK_TEST(faults, with_few_descriptors)
{
    struct rlimit usual;
    bool enough = false;
    CK_CHECK_EQ(getrlimit(RLIMIT_NOFILE, &usual), 0);
    warm_up();
    size_t before = descriptors();
    for (size_t more = 0; more < 64 && !enough; more++) {
        class_room c;
        set_limit(before + more);
        int status = class_open(&c, "127.0.0.1");
        CK_CHECK_ROW(more, status == CHALK_OK || status == CHALK_ERR_LIMIT);
        api_sleep_ms(status == CHALK_OK ? 50 : 0);
        set_limit(usual.rlim_cur);
        CK_CHECK_ROW(more, status < 0 || class_goes_on(&c, 2));
        enough = status == CHALK_OK;
        class_close(&c);
        CK_CHECK_ROW(more, descriptors() == before);
    }
    CK_CHECK(enough);
}

CK_TEST(faults, each_socket_refused)
{
    refuse_each(FAULT_SOCKET, EMFILE, 3);
}

CK_TEST(faults, without_entropy_nobody_is_let_in)
{
    class_room c;
    faults_set(
        &(fault){FAULT_ENTROPY, UV_EIO, .skip = 2 /* the edge's own: its rooms, their pictures */},
        1, 1);
    CK_CHECK_EQ(class_open(&c, "127.0.0.1"), CHALK_OK);
    api_sleep_ms(400);
    CK_CHECK(faults_met(FAULT_ENTROPY) > 0);
    chalk_edge_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_edge_get_stats(c.edge, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.publishers, 0);
    faults_clear();
    CK_CHECK(class_goes_on(&c, 2));
    class_close(&c);
}

/* libuv starts its threads with the first name, and would abort the process. */
CK_TEST(faults, the_first_name_without_threads)
{
    class_room c;
    CK_CHECK_EQ(class_open(&c, "127.0.0.1"), CHALK_OK);
    CK_CHECK(class_goes_on(&c, 2));
    chalk_video_sink_close(&c.pictures);
    faults_set(&(fault){FAULT_THREAD, EAGAIN, .skip = 2 /* the decoders' */}, 1, 1);
    CK_CHECK_EQ(play(&c, "localhost"), CHALK_OK);
    api_sleep_ms(200);
    CK_CHECK(faults_met(FAULT_THREAD) > 0);
    faults_clear();
    CK_CHECK(class_goes_on(&c, 2));
    class_close(&c);
}

CK_TEST(faults, the_wall_clock_is_set)
{
    class_room c;
    CK_CHECK_EQ(class_open(&c, "127.0.0.1"), CHALK_OK);
    CK_CHECK(class_goes_on(&c, 10));
    static const int64_t steps[] = {-3600, 3600, 86400 * 365, -86400 * 365, 0};
    for (size_t i = 0; i < CK_COUNT_OF(steps); i++) {
        faults_shift_wall(steps[i]);
        CK_CHECK_ROW(i, class_goes_on(&c, 10));
    }
    class_close(&c);
}

CK_TEST(faults, the_machine_was_asleep)
{
    class_room c;
    CK_CHECK_EQ(class_open(&c, "127.0.0.1"), CHALK_OK);
    CK_CHECK(class_goes_on(&c, 10));
    pid_t sleeper = getpid();
    pid_t waker = fork();
    if (waker == 0) {
        nanosleep(&(struct timespec){.tv_sec = 3}, NULL);
        kill(sleeper, SIGCONT);
        _exit(0);
    }
    CK_CHECK(waker > 0);
    raise(SIGSTOP);
    waitpid(waker, NULL, 0);
    CK_CHECK(class_goes_on(&c, 20));
    class_close(&c);
}
