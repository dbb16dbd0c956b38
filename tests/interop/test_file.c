/* The file source against files that the ffmpeg program made. */
#include "platform/file/file.h"

#include "support/calm.h"
#include "support/child.h"
#include "support/sink.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libavutil/log.h>
#include <math.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define VIDEO (1u << CHALK_MEDIA_VIDEO)
#define AUDIO (1u << CHALK_MEDIA_AUDIO)

typedef struct folder {
    char path[64];
} folder;

static folder make_folder(void)
{
    folder f = {"/tmp/chalkrail-file-XXXXXX"};
    CK_CHECK(mkdtemp(f.path) != NULL);
    return f;
}

static void remove_folder(const folder *f)
{
    const char *const argv[] = {"rm", "-rf", f->path, NULL};
    CK_CHECK(ck_child_run(argv));
}

static const char *path_in(const folder *f, const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    return path;
}

/* Runs ffmpeg with arguments separated by single spaces, writing f/name. */
static void make_clip(const folder *f, const char *name, const char *arguments)
{
    char text[512];
    const char *argv[64] = {"ffmpeg", "-v", "error", "-y"};
    int count = 4;
    snprintf(text, sizeof text, "%s", arguments);
    for (char *word = text; word != NULL && *word != '\0';) {
        argv[count++] = word;
        word = strchr(word, ' ');
        if (word != NULL) {
            *word++ = '\0';
        }
    }
    argv[count] = path_in(f, name);
    CK_CHECK(ck_child_run(argv));
}

static int open_file(const char *path, uint32_t fps, uint32_t loop, ck_source **out)
{
    const chalk_source_options options = {
        .kind = CHALK_SOURCE_FILE, .path = path, .fps = fps, .loop = loop};
    *out = NULL;
    return ck_file_source.open(&options, NULL, out);
}

static ck_source *start_file(const char *path, uint32_t fps, uint32_t loop, uint32_t media,
                             ck_test_sink *sink)
{
    ck_source *source = NULL;
    CK_CHECK_EQ(open_file(path, fps, loop, &source), CHALK_OK);
    CK_CHECK_EQ(ck_file_source.start(source, media, &sink->sink), CHALK_OK);
    return source;
}

static bool is_near(int value, int wanted, int tolerance)
{
    return abs(value - wanted) <= tolerance;
}

typedef struct kind {
    const char *name;
    const char *arguments;
    uint32_t format; /* 0: no picture */
    uint32_t rate;   /* 0: no sound */
    uint32_t channels;
} kind;

#define RED   "-f lavfi -i color=red:s=320x240:r=15 "
#define SINE  "-f lavfi -i sine "
#define PLAIN "-pix_fmt yuv420p "

static const kind kinds[] = {
    {"a.mp4", RED SINE "-t 1 -c:v libx264 " PLAIN "-c:a aac", CHALK_PIXEL_I420, 44100, 1},
    {"b.webm", RED SINE "-ac 2 -t 1 -c:v libvpx -c:a libopus", CHALK_PIXEL_I420, 48000, 2},
    {"c.avi", RED "-t 1 -c:v mjpeg -pix_fmt yuvj420p", CHALK_PIXEL_I420, 0, 0},
    {"d.nut", RED "-t 1 -c:v rawvideo -pix_fmt nv12", CHALK_PIXEL_NV12, 0, 0},
    {"e.nut", RED "-t 1 -c:v rawvideo -pix_fmt bgra", CHALK_PIXEL_BGRA, 0, 0},
    {"f.png", RED "-frames:v 1 -pix_fmt rgb24", CHALK_PIXEL_I420, 0, 0},
    {"g.mkv", RED "-vf scale=321:241 -t 1 -c:v ffv1 -pix_fmt yuv444p10le", CHALK_PIXEL_I420, 0, 0},
    {"h.h264", RED "-t 1 -c:v libx264 -pix_fmt yuv420p", CHALK_PIXEL_I420, 0, 0},
    {"i.wav", SINE "-t 1 -ar 8000 -c:a pcm_u8", 0, 8000, 1},
    {"j.wav", SINE "-t 1 -ar 96000 -ac 6 -c:a pcm_s24le", 0, 96000, 6},
    {"k.mp3", SINE "-t 1 -c:a libmp3lame", 0, 44100, 1},
    {"l.flac", SINE "-t 1 -ac 2 -c:a flac", 0, 44100, 2},
};

/* Red is (81, 90, 240) in BT.601 limited range. */
static bool is_red(const chalk_video_info *info)
{
    const uint8_t *p = info->planes[0] + 100 * info->strides[0];
    if (info->format == CHALK_PIXEL_BGRA) {
        return p[400] < 4 && p[401] < 4 && p[402] > 250;
    }
    bool nv12 = info->format == CHALK_PIXEL_NV12;
    const uint8_t *u = info->planes[1] + 50 * info->strides[1] + (nv12 ? 100 : 50);
    const uint8_t *v = nv12 ? u + 1 : info->planes[2] + 50 * info->strides[2] + 50;
    return is_near(p[100], 81, 3) && is_near(*u, 90, 4) && is_near(*v, 240, 4);
}

/* lavfi's sine has a scale of 1/8; of 5.1 it fills the centre, which is not the first channel. */
static bool is_sine(const ck_test_sink *sink, const kind *k)
{
    double loudest = 0;
    for (size_t n = 0; n < sink->samples_count; n++) {
        loudest = fmax(loudest, fabs((double)sink->samples[n]));
    }
    return sink->blocks[0].rate == k->rate && sink->blocks[0].channels == k->channels &&
           (k->channels == 6 || (loudest > 0.05 && loudest < 0.2));
}

/* Lines in the log of a host that uses FFmpeg too, without those of decoders that libavformat tries
 * when a file is opened. */
static atomic_uint host_lines;

static void host_log(void *context, int level, const char *format, va_list args)
{
    const AVClass *class = context != NULL ? *(const AVClass *const *)context : NULL;
    bool tried = class != NULL && strcmp(class->class_name, "AVCodecContext") == 0;
    (void)format;
    (void)args;
    atomic_fetch_add(&host_lines, level <= AV_LOG_INFO && !tried);
}

/* Also: the log of a host that uses FFmpeg too is left to it, and gets nothing of ours. */
CK_TEST(file, kinds)
{
    folder f = make_folder();
    av_log_set_callback(host_log);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const kind *k = &kinds[i];
        ck_test_sink *sink = ck_test_sink_create();
        ck_test_notice notice;
        make_clip(&f, k->name, k->arguments);
        ck_source *source = start_file(path_in(&f, k->name), 30, 0, VIDEO | AUDIO, sink);
        CK_CHECK_ROW(i, ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 5000, &notice));
        CK_CHECK_ROW(i, notice.status == CHALK_ERR_END);
        uint32_t media = (k->format != 0 ? VIDEO : 0) | (k->rate != 0 ? AUDIO : 0);
        int32_t width = 0, height = 0;
        int sized = ck_file_source.size(source, &width, &height);
        CK_CHECK_ROW(i, ck_file_source.media_of(source) == media);
        CK_CHECK_ROW(i, sized == (k->format != 0 ? CHALK_OK : CHALK_ERR_UNSUPPORTED));
        ck_file_source.close(&source);
        CK_CHECK_ROW(i, (sink->pictures_count > 0) == (k->format != 0));
        CK_CHECK_ROW(i, (sink->blocks_count > 0) == (k->rate != 0));
        if (k->format != 0) {
            const chalk_video_info *info = &sink->newest->info;
            CK_CHECK_ROW(i, info->format == k->format);
            CK_CHECK_ROW(i, info->width == width && info->height == height);
            CK_CHECK_ROW(i, is_red(info));
        }
        CK_CHECK_ROW(i, k->rate == 0 || is_sine(sink, k));
        CK_CHECK_ROW(i, atomic_load(&host_lines) == 0);
        ck_test_sink_destroy(&sink);
    }
    av_log(NULL, AV_LOG_ERROR, "the host's own");
    CK_CHECK_EQ(atomic_load(&host_lines), 1);
    remove_folder(&f);
}

/* Each frame comes when its time has come, on one time line for both. */
CK_CALM_TEST(file, plays_in_real_time)
{
    ck_calm_watch();
    folder f = make_folder();
    ck_test_sink *sink = ck_test_sink_create();
    make_clip(&f, "a.mp4",
              "-f lavfi -i testsrc2=s=320x240:r=15 -f lavfi -i sine -t 2 -c:v libx264 -pix_fmt "
              "yuv420p -c:a aac");
    uint64_t started = ck_clock_us();
    ck_source *source = start_file(path_in(&f, "a.mp4"), 60, 0, VIDEO | AUDIO, sink);
    ck_test_notice notice;
    CK_CHECK(ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 5000, &notice));
    uint64_t took = notice.given_us - started;
    CK_CHECK(took > 1800000);
    uint64_t disturbed_us = ck_calm_worst_us();
    CK_CALM_ROW(took, took < 2400000, took < 2400000 + 5 * disturbed_us);
    CK_CHECK_EQ(sink->pictures_count, 30);
    for (size_t i = 0; i < sink->pictures_count; i++) {
        const ck_test_picture *p = &sink->pictures[i];
        CK_CHECK_ROW(i, p->given_us >= p->capture_us);
        uint64_t late_us = p->given_us - p->capture_us;
        CK_CALM_ROW(i, late_us < 100000, late_us < 100000 + 3 * disturbed_us);
        int64_t wanted = (int64_t)sink->pictures[0].capture_us + (int64_t)i * 1000000 / 15;
        CK_CHECK_ROW(i, llabs((int64_t)p->capture_us - wanted) < 1000);
    }
    uint64_t samples = 0;
    for (size_t i = 0; i < sink->blocks_count; i++) {
        const ck_test_block *b = &sink->blocks[i];
        CK_CHECK_ROW(i, i == 0 || b->capture_us > sink->blocks[i - 1].capture_us);
        CK_CHECK_ROW(i, b->given_us >= b->capture_us);
        samples += b->frames;
    }
    CK_CHECK(samples >= 2 * 44100 && samples < 2 * 44100 + 3000);
    int64_t apart = (int64_t)sink->blocks[0].capture_us - (int64_t)sink->pictures[0].capture_us;
    CK_CHECK(llabs(apart) < 30000);
    ck_file_source.close(&source);
    ck_test_sink_destroy(&sink);
    remove_folder(&f);
}

CK_TEST(file, gives_no_more_pictures_than_asked_for)
{
    static const struct {
        uint32_t file_fps, fps;
        size_t least, most;
    } rows[] = {{30, 15, 14, 16}, {25, 10, 9, 11}, {15, 30, 15, 15}, {30, 1, 1, 2}};
    folder f = make_folder();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char arguments[200];
        ck_test_sink *sink = ck_test_sink_create();
        ck_test_notice notice;
        snprintf(arguments, sizeof arguments,
                 "-f lavfi -i testsrc2=s=320x240:r=%u -t 1 -c:v libx264 -pix_fmt yuv420p",
                 rows[i].file_fps);
        make_clip(&f, "a.mp4", arguments);
        ck_source *source = start_file(path_in(&f, "a.mp4"), rows[i].fps, 0, VIDEO, sink);
        CK_CHECK_ROW(i, ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 5000, &notice));
        size_t count = ck_test_sink_pictures(sink);
        CK_CHECK_ROW(i, count >= rows[i].least && count <= rows[i].most);
        ck_file_source.close(&source);
        ck_test_sink_destroy(&sink);
    }
    remove_folder(&f);
}

CK_CALM_TEST(file, loops_without_a_gap)
{
    ck_calm_watch();
    folder f = make_folder();
    ck_test_sink *sink = ck_test_sink_create();
    make_clip(&f, "a.mkv",
              "-f lavfi -i testsrc2=s=320x240:r=20 -f lavfi -i sine=r=48000 -t 0.5 -c:v libx264 "
              "-pix_fmt yuv420p -c:a pcm_s16le");
    ck_source *source = start_file(path_in(&f, "a.mkv"), 60, 1, VIDEO | AUDIO, sink);
    CK_CHECK(ck_test_sink_wait_pictures(sink, 35, 6000));
    ck_file_source.close(&source);
    CK_CHECK_EQ(ck_test_sink_notices(sink), 0);
    uint64_t disturbed_us = ck_calm_worst_us();
    for (size_t i = 1; i < sink->pictures_count; i++) {
        uint64_t step = sink->pictures[i].capture_us - sink->pictures[i - 1].capture_us;
        CK_CALM_ROW(i, step > 45000 && step < 80000, step < 80000 + 3 * disturbed_us);
    }
    for (size_t i = 1; i < sink->blocks_count; i++) {
        uint64_t end = sink->blocks[i - 1].capture_us +
                       (uint64_t)sink->blocks[i - 1].frames * 1000000 / sink->blocks[i - 1].rate;
        int64_t gap = (int64_t)sink->blocks[i].capture_us - (int64_t)end;
        CK_CALM_ROW(i, llabs(gap) < 25000, llabs(gap) < 25000 + 3 * (int64_t)disturbed_us);
    }
    ck_test_sink_destroy(&sink);
    remove_folder(&f);
}

CK_TEST(file, goes_on_where_it_was_stopped)
{
    folder f = make_folder();
    ck_test_sink *sink = ck_test_sink_create();
    ck_test_notice notice;
    make_clip(&f, "a.mp4",
              "-f lavfi -i testsrc2=s=320x240:r=20 -t 1 -c:v libx264 -pix_fmt yuv420p");
    ck_source *source = start_file(path_in(&f, "a.mp4"), 60, 0, VIDEO, sink);
    CK_CHECK(ck_test_sink_wait_pictures(sink, 5, 2000));
    CK_CHECK_EQ(ck_file_source.start(source, VIDEO, &sink->sink), CHALK_ERR_BAD_STATE);
    ck_file_source.stop(source);
    size_t before = ck_test_sink_pictures(sink);
    ck_test_sleep_ms(500);
    CK_CHECK_EQ(ck_test_sink_pictures(sink), before);
    CK_CHECK_EQ(ck_file_source.start(source, VIDEO, &sink->sink), CHALK_OK);
    CK_CHECK(ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 4000, &notice));
    CK_CHECK_EQ(sink->pictures_count, 20); /* none is lost or given twice */
    CK_CHECK_EQ(ck_file_source.start(source, AUDIO, &sink->sink), CHALK_ERR_BAD_STATE);
    ck_file_source.stop(source);
    CK_CHECK_EQ(ck_file_source.start(source, AUDIO, &sink->sink), CHALK_ERR_UNSUPPORTED);
    ck_file_source.close(&source);
    ck_test_sink_destroy(&sink);
    remove_folder(&f);
}

/* A track that is wanted later joins at the place where the other one is. */
CK_CALM_TEST(file, second_track_joins_in_step)
{
    ck_calm_watch();
    static const char *const codecs[] = {"a.mp4", "a.mkv", "a.ts"};
    folder f = make_folder();
    for (size_t i = 0; i < 3; i++) {
        make_clip(&f, codecs[i],
                  "-f lavfi -i testsrc2=s=320x240:r=20 -f lavfi -i sine=r=48000 -t 2 -c:v libx264 "
                  "-g 200 -pix_fmt yuv420p -c:a aac");
        for (unsigned pause_ms = 0; pause_ms <= 600; pause_ms += 600) {
            ck_test_sink *sink = ck_test_sink_create();
            ck_test_notice notice;
            ck_source *source = start_file(path_in(&f, codecs[i]), 60, 0, VIDEO, sink);
            ck_test_sleep_ms(pause_ms);
            ck_file_source.stop(source);
            CK_CHECK_EQ(ck_file_source.media_of(source), VIDEO | AUDIO);
            size_t before = ck_test_sink_pictures(sink);
            CK_CHECK_EQ(ck_file_source.start(source, VIDEO | AUDIO, &sink->sink), CHALK_OK);
            CK_CHECK_ROW(i, ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 6000, &notice));
            ck_file_source.close(&source);
            CK_CHECK_ROW(i, sink->pictures_count == 40);
            CK_CHECK_ROW(i, before < 40 && sink->blocks_count > 0);
            /* Sound begins with the first picture of the second run. */
            int64_t apart =
                (int64_t)sink->blocks[0].capture_us - (int64_t)sink->pictures[before].capture_us;
            CK_CALM_ROW(i, llabs(apart) < 80000,
                        llabs(apart) < 80000 + 3 * (int64_t)ck_calm_worst_us());
            ck_test_sink_destroy(&sink);
        }
    }
    remove_folder(&f);
}

CK_TEST(file, says_how_a_phone_was_held)
{
    folder f = make_folder();
    ck_test_sink *sink = ck_test_sink_create();
    make_clip(&f, "a.mp4",
              "-f lavfi -i testsrc2=s=320x240:r=15 -t 0.3 -c:v libx264 -pix_fmt yuv420p");
    char turn[200];
    /* This ffmpeg takes the tag as degrees counterclockwise. */
    snprintf(turn, sizeof turn, "-i %s -c copy -metadata:s:v rotate=90", path_in(&f, "a.mp4"));
    make_clip(&f, "b.mp4", turn);
    ck_source *source = start_file(path_in(&f, "b.mp4"), 15, 0, VIDEO, sink);
    CK_CHECK(ck_test_sink_wait_pictures(sink, 1, 2000));
    ck_file_source.close(&source);
    CK_CHECK_EQ(sink->newest->info.rotation_degrees, 270);
    ck_test_sink_destroy(&sink);
    remove_folder(&f);
}

CK_TEST(file, follows_a_change_of_size)
{
    folder f = make_folder();
    ck_test_sink *sink = ck_test_sink_create();
    ck_test_notice notice;
    make_clip(&f, "a.h264", "-f lavfi -i testsrc2=s=320x240:r=15 -t 0.4 -c:v libx264");
    make_clip(&f, "b.h264", "-f lavfi -i testsrc2=s=640x360:r=15 -t 0.4 -c:v libx264");
    char command[300];
    snprintf(command, sizeof command, "cat %s/a.h264 %s/b.h264 > %s/c.h264", f.path, f.path,
             f.path);
    const char *const join[] = {"sh", "-c", command, NULL};
    CK_CHECK(ck_child_run(join));
    ck_source *source = start_file(path_in(&f, "c.h264"), 15, 0, VIDEO, sink);
    CK_CHECK(ck_test_sink_wait_notice(sink, 0, CK_SOURCE_RESIZED, 4000, &notice));
    CK_CHECK(ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 4000, &notice));
    CK_CHECK_EQ(sink->newest->info.width, 640);
    ck_file_source.close(&source);
    ck_test_sink_destroy(&sink);
    remove_folder(&f);
}

static void write_text(const folder *f, const char *name, const char *text)
{
    FILE *file = fopen(path_in(f, name), "w");
    CK_CHECK(file != NULL);
    fputs(text, file);
    fclose(file);
}

/* Keeps what is written to standard error while the body of a test runs. */
static int catch_stderr(const folder *f)
{
    int saved = dup(STDERR_FILENO);
    int file = open(path_in(f, "stderr"), O_CREAT | O_RDWR | O_TRUNC, 0600);
    dup2(file, STDERR_FILENO);
    close(file);
    return saved;
}

static off_t release_stderr(const folder *f, int saved)
{
    struct stat info = {0};
    dup2(saved, STDERR_FILENO);
    close(saved);
    CK_CHECK_EQ(stat(path_in(f, "stderr"), &info), 0);
    return info.st_size;
}

CK_TEST(file, bad_files_are_named_errors_and_nothing_is_printed)
{
    static const struct {
        const char *name;
        int status;
    } rows[] = {
        {"nowhere.mp4", CHALK_ERR_IO},     {".", CHALK_ERR_IO},
        {"text.mp4", CHALK_ERR_BAD_DATA},  {"empty.mp4", CHALK_ERR_BAD_DATA},
        {"cut.mp4", CHALK_ERR_BAD_DATA},   {"subtitles.srt", CHALK_ERR_BAD_DATA},
        {"noise.bin", CHALK_ERR_BAD_DATA},
    };
    folder f = make_folder();
    make_clip(&f, "whole.mp4",
              "-f lavfi -i testsrc2=s=320x240:r=15 -t 1 -c:v libx264 -pix_fmt yuv420p");
    write_text(&f, "text.mp4", "This is a letter and not a film.\n");
    write_text(&f, "empty.mp4", "");
    write_text(&f, "subtitles.srt", "1\n00:00:00,000 --> 00:00:01,000\nHello\n\n");
    char command[300];
    snprintf(command, sizeof command,
             "head -c 20000 %s/whole.mp4 > %s/cut.mp4; seq 60000 | gzip -n | tail -c 100000 > "
             "%s/noise.bin",
             f.path, f.path, f.path);
    const char *const cut[] = {"sh", "-c", command, NULL};
    CK_CHECK(ck_child_run(cut));
    int saved = catch_stderr(&f);
    int status[sizeof rows / sizeof rows[0]];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_source *source = NULL;
        status[i] = open_file(path_in(&f, rows[i].name), 0, 0, &source);
        ck_file_source.close(&source);
    }
    CK_CHECK_EQ(release_stderr(&f, saved), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CK_CHECK_ROW(i, status[i] == rows[i].status);
    }
    ck_source *source = NULL;
    CK_CHECK_EQ(open_file("", 0, 0, &source), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(open_file(NULL, 0, 0, &source), CHALK_ERR_INVALID_ARGUMENT);
    remove_folder(&f);
}

/* A playlist must not make the library open the network: nobody knocks at a port that listens. */
CK_TEST(file, playlists_reach_no_network)
{
    static const struct {
        const char *name; /* NULL: the address itself */
        const char *text; /* %d: the port */
        int status;
    } rows[] = {
        {NULL, "http://127.0.0.1:%d/a.mp4", CHALK_ERR_IO},
        {"list.m3u8",
         "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:%d/a.ts\n"
         "#EXT-X-ENDLIST\n",
         CHALK_ERR_BAD_DATA},
        {"list.ffconcat", "ffconcat version 1.0\nfile http://127.0.0.1:%d/a.ts\n",
         CHALK_ERR_NO_PERMISSION},
    };
    folder f = make_folder();
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    CK_CHECK_EQ(bind(listener, (struct sockaddr *)&address, size), 0);
    CK_CHECK_EQ(listen(listener, 4), 0);
    CK_CHECK_EQ(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, rows[i].text, ntohs(address.sin_port));
        if (rows[i].name != NULL) {
            write_text(&f, rows[i].name, text);
        }
        ck_source *source = NULL;
        int status =
            open_file(rows[i].name != NULL ? path_in(&f, rows[i].name) : text, 0, 0, &source);
        ck_file_source.close(&source);
        CK_CHECK_ROW(i, status == rows[i].status);
        struct pollfd waiting = {listener, POLLIN, 0};
        CK_CHECK_ROW(i, poll(&waiting, 1, 0) == 0);
    }
    close(listener);
    remove_folder(&f);
}

/* Damage in the middle costs a part of the picture, never the program or the rest of the file. */
CK_TEST(file, damage_in_the_middle_is_survived)
{
    folder f = make_folder();
    make_clip(&f, "a.ts",
              "-f lavfi -i testsrc2=s=320x240:r=15 -f lavfi -i sine -t 1 -c:v libx264 -g 5 "
              "-pix_fmt yuv420p -c:a aac");
    for (int seed = 1; seed <= 5; seed++) {
        FILE *file = fopen(path_in(&f, "a.ts"), "r+");
        CK_CHECK(file != NULL);
        fseek(file, 0, SEEK_END);
        long size = ftell(file);
        uint32_t state = (uint32_t)seed * 7919;
        for (int i = 0; i < 40; i++) {
            state = state * 1664525u + 1013904223u;
            fseek(file, (long)(state >> 4) % size, SEEK_SET);
            fputc((int)(state >> 20) & 0xff, file);
        }
        fclose(file);
        ck_test_sink *sink = ck_test_sink_create();
        ck_test_notice notice;
        ck_source *source = NULL;
        int status = open_file(path_in(&f, "a.ts"), 60, 0, &source);
        bool ended = false;
        if (status == CHALK_OK) {
            (void)ck_file_source.start(source, VIDEO | AUDIO, &sink->sink);
            ended = ck_test_sink_wait_notice(sink, 0, CK_SOURCE_ENDED, 15000, &notice);
        }
        ck_file_source.close(&source);
        CK_CHECK_ROW(seed, status == CHALK_ERR_BAD_DATA || ended);
        ck_test_sink_destroy(&sink);
    }
    remove_folder(&f);
}
