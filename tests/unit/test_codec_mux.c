/* Files: what other programs read back, and what goes wrong. */
#include "unit/codec_support.h"

#include "support/check.h"

#include <libavformat/avformat.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define S INT64_C(1000000)

typedef struct lesson {
    const ck_encoder_backend *video_backend, *audio_backend;
    ck_encoder *video, *audio;
    ck_muxer_track tracks[2];
} lesson;

static void open_lesson(lesson *l)
{
    const ck_encoder_config video = ck_test_video_config(CHALK_HINT_SLIDES, 320, 240);
    const ck_encoder_config audio = {.codec = CHALK_CODEC_AAC,
                                     .hint = CHALK_HINT_VOICE,
                                     .bitrate_kbps = 64,
                                     .rate = 48000,
                                     .channels = 1};
    ck_encoder_info info;
    l->video_backend = ck_codecs.encoders[0];
    l->audio_backend = ck_test_encoder("aac");
    CK_CHECK_EQ(l->video_backend->open(&video, NULL, &l->video), CHALK_OK);
    CK_CHECK_EQ(l->audio_backend->open(&audio, NULL, &l->audio), CHALK_OK);
    CK_CHECK_EQ(l->video_backend->info(l->video, &info), CHALK_OK);
    l->tracks[0] = (ck_muxer_track){.codec = CHALK_CODEC_H264, .config = info.config};
    CK_CHECK_EQ(l->audio_backend->info(l->audio, &info), CHALK_OK);
    l->tracks[1] = (ck_muxer_track){.codec = CHALK_CODEC_AAC, .config = info.config};
}

static void close_lesson(lesson *l)
{
    l->video_backend->close(&l->video);
    l->audio_backend->close(&l->audio);
}

/* Writes seconds of lesson from `start_us`; the first status that is no success ends it. */
static int write_lesson(lesson *l, ck_muxer *m, int64_t start_us, int seconds)
{
    static const float quiet[3200];
    int status = CHALK_OK;
    for (int n = 0; n < seconds * 15 && status == CHALK_OK; n++) {
        const int64_t pts_us = start_us + n * S / 15;
        ck_packet packet;
        chalk_video_frame *frame = ck_test_picture(CK_SCENE_SLIDE, 320, 240, n / 10);
        CK_CHECK_EQ(l->video_backend->send_video(l->video, frame, pts_us, n % 30 == 0), CHALK_OK);
        chalk_video_frame_unref(&frame);
        while (status == CHALK_OK && l->video_backend->receive(l->video, &packet) == CHALK_OK) {
            status = ck_codecs.muxer_write(m, 0, &packet);
            ck_packet_unref(&packet);
        }
        const ck_audio_block block = {
            .samples = quiet, .frames = 3200, .rate = 48000, .channels = 1, .pts_us = pts_us};
        CK_CHECK_EQ(l->audio_backend->send_audio(l->audio, &block), CHALK_OK);
        while (status == CHALK_OK && l->audio_backend->receive(l->audio, &packet) == CHALK_OK) {
            status = ck_codecs.muxer_write(m, 1, &packet);
            ck_packet_unref(&packet);
        }
    }
    return status;
}

typedef struct seen {
    int packets[2];
    double first_s[2], last_s[2];
    int width, height, rate;
} seen;

/* Reads a file back with libavformat. */
static bool read_back(const char *path, seen *out)
{
    AVFormatContext *format = NULL;
    memset(out, 0, sizeof(*out));
    if (avformat_open_input(&format, path, NULL, NULL) < 0) {
        return false;
    }
    CK_CHECK(avformat_find_stream_info(format, NULL) >= 0);
    CK_CHECK_EQ(format->nb_streams, 2);
    AVPacket *packet = av_packet_alloc();
    while (av_read_frame(format, packet) >= 0) {
        const AVStream *stream = format->streams[packet->stream_index];
        const int track = stream->codecpar->codec_type == AVMEDIA_TYPE_VIDEO ? 0 : 1;
        const double time_s = (double)packet->pts * av_q2d(stream->time_base);
        out->first_s[track] = out->packets[track]++ == 0 ? time_s : out->first_s[track];
        out->last_s[track] = time_s;
        if (track == 0) {
            out->width = stream->codecpar->width;
            out->height = stream->codecpar->height;
        } else {
            out->rate = stream->codecpar->sample_rate;
        }
        av_packet_unref(packet);
    }
    av_packet_free(&packet);
    avformat_close_input(&format);
    return true;
}

static void make_path(char out[64], const char *extension)
{
    snprintf(out, 64, "/tmp/ck-mux-%ld%s", (long)getpid(), extension);
}

CK_TEST(codec_mux, files_read_back_as_written)
{
    static const char *const extensions[] = {".mp4", ".flv", ".mkv"};
    for (size_t i = 0; i < 3; i++) {
        char path[64];
        make_path(path, extensions[i]);
        lesson l;
        open_lesson(&l);
        ck_muxer *m = NULL;
        CK_CHECK_ROW(i, ck_codecs.muxer_open(path, l.tracks, 2, &m) == CHALK_OK);
        CK_CHECK_ROW(i, write_lesson(&l, m, 0, 5) == CHALK_OK);
        CK_CHECK_ROW(i, ck_codecs.muxer_close(&m) == CHALK_OK);
        CK_CHECK(m == NULL);
        seen s;
        CK_CHECK_ROW(i, read_back(path, &s));
        CK_CHECK_ROW(i, s.packets[0] == 75 && s.packets[1] >= 232);
        CK_CHECK_ROW(i, s.width == 320 && s.height == 240 && s.rate == 48000);
        /* Both tracks keep their places: the sound's priming is 21 ms ahead of the first picture.
         */
        const double ahead = s.first_s[0] - s.first_s[1];
        if (ahead < 0.019 || ahead > 0.024) {
            CK_FAIL("%s: picture from %.3f s, sound from %.3f s", extensions[i], s.first_s[0],
                    s.first_s[1]);
        }
        CK_CHECK_ROW(i, s.first_s[0] >= -0.001 && s.first_s[0] < 0.024);
        CK_CHECK_ROW(i, s.last_s[0] - s.first_s[0] > 4.92 && s.last_s[0] - s.first_s[0] < 4.95);
        close_lesson(&l);
        unlink(path);
    }
}

/* What a kill leaves behind: the file is copied while it is being written. */
CK_TEST(codec_mux, an_unfinished_mp4_plays)
{
    char path[64];
    make_path(path, "-cut.mp4");
    lesson l;
    open_lesson(&l);
    ck_muxer *m = NULL;
    CK_CHECK_EQ(ck_codecs.muxer_open(path, l.tracks, 2, &m), CHALK_OK);
    CK_CHECK_EQ(write_lesson(&l, m, 0, 8), CHALK_OK);
    seen s;
    CK_CHECK(read_back(path, &s));
    CK_CHECK(s.last_s[0] > 3.0 && s.last_s[1] > 3.0);
    CK_CHECK_EQ(ck_codecs.muxer_close(&m), CHALK_OK);
    close_lesson(&l);
    unlink(path);
}

CK_TEST(codec_mux, times_that_stand_still_are_spread)
{
    char path[64];
    make_path(path, "-still.mp4");
    lesson l;
    open_lesson(&l);
    ck_muxer *m = NULL;
    CK_CHECK_EQ(ck_codecs.muxer_open(path, l.tracks, 1, &m), CHALK_OK);
    static const int64_t times[] = {5 * S, 5 * S, 5 * S, 4 * S, 6 * S};
    for (int i = 0; i < 5; i++) {
        chalk_video_frame *frame = ck_test_picture(CK_SCENE_SLIDE, 320, 240, i);
        ck_packet packet;
        CK_CHECK_EQ(l.video_backend->send_video(l.video, frame, i * S, i == 0), CHALK_OK);
        CK_CHECK_EQ(l.video_backend->receive(l.video, &packet), CHALK_OK);
        packet.pts_us = packet.dts_us = times[i];
        CK_CHECK_EQ(ck_codecs.muxer_write(m, 0, &packet), CHALK_OK);
        ck_packet_unref(&packet);
        chalk_video_frame_unref(&frame);
    }
    CK_CHECK_EQ(ck_codecs.muxer_close(&m), CHALK_OK);
    close_lesson(&l);
    unlink(path);
}

CK_TEST(codec_mux, refusals)
{
    lesson l;
    open_lesson(&l);
    static const struct {
        const char *path;
        int expected;
    } rows[] = {
        {"/tmp/ck-mux.txt", CHALK_ERR_UNSUPPORTED}, {"/tmp/ck-mux", CHALK_ERR_UNSUPPORTED},
        {"/tmp/ck-mux.avi", CHALK_ERR_UNSUPPORTED}, {"/nowhere/at/all.mp4", CHALK_ERR_IO},
        {"/proc/self/ck.mp4", CHALK_ERR_IO},        {NULL, CHALK_ERR_INVALID_ARGUMENT},
    };
    ck_muxer *m = NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CK_CHECK_ROW(i, ck_codecs.muxer_open(rows[i].path, l.tracks, 2, &m) == rows[i].expected);
        CK_CHECK_ROW(i, m == NULL);
    }
    CK_CHECK_EQ(ck_codecs.muxer_open("/tmp/ck-mux.mp4", l.tracks, 0, &m),
                CHALK_ERR_INVALID_ARGUMENT);
    const ck_muxer_track broken = {.codec = CHALK_CODEC_H264,
                                   .config = ck_slice_static("\x01\x42", 2)};
    char path[64];
    make_path(path, "-broken.mp4");
    CK_CHECK_EQ(ck_codecs.muxer_open(path, &broken, 1, &m), CHALK_ERR_BAD_DATA);
    unlink(path);

    make_path(path, "-other.mp4");
    CK_CHECK_EQ(ck_codecs.muxer_open(path, l.tracks, 2, &m), CHALK_OK);
    ck_packet config = {.codec = CHALK_CODEC_H264, .config = true, .payload = l.tracks[0].config};
    CK_CHECK_EQ(ck_codecs.muxer_write(m, 0, &config), CHALK_OK); /* the same again */
    config.payload = l.tracks[1].config;
    CK_CHECK_EQ(ck_codecs.muxer_write(m, 0, &config), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(ck_codecs.muxer_write(m, 2, &config), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_codecs.muxer_close(&m), CHALK_OK);
    CK_CHECK_EQ(ck_codecs.muxer_close(&m), CHALK_OK);
    unlink(path);
    close_lesson(&l);
}

/* /dev/full takes nothing: the error is named, once and for all, and nothing hangs. */
CK_TEST(codec_mux, a_full_disk_is_named)
{
    char path[64];
    make_path(path, "-full.mkv");
    CK_CHECK_EQ(symlink("/dev/full", path), 0);
    lesson l;
    open_lesson(&l);
    ck_muxer *m = NULL;
    int status = ck_codecs.muxer_open(path, l.tracks, 2, &m);
    if (status == CHALK_OK) {
        status = write_lesson(&l, m, 0, 20);
        const int closed = ck_codecs.muxer_close(&m);
        status = status != CHALK_OK ? status : closed;
    }
    CK_CHECK_EQ(status, CHALK_ERR_NO_SPACE);
    close_lesson(&l);
    unlink(path);
}
