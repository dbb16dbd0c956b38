/* The parts of the demo's lesson that need no display. */
#include "class/mp4.h"
#include "class/samples.h"
#include "class/snapshot.h"
#include "class/subject.h"
#include "support/check.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* --- samples --------------------------------------------------------------------------------- */

CK_TEST(demo_samples, percentiles)
{
    static const struct {
        int64_t values[6];
        size_t count;
        int64_t median, p95, largest;
    } rows[] = {
        {{0}, 0, 0, 0, 0},
        {{7}, 1, 7, 7, 7},
        {{3, -9, 5}, 3, 3, 5, 9},
        {{4, 1, 3, 2}, 4, 2, 4, 4},
        {{-1, -2, -3, -4, -5, -6}, 6, -4, -1, 6},
    };
    static samples s;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s.count = 0;
        for (size_t k = 0; k < rows[i].count; k++) {
            samples_add(&s, rows[i].values[k]);
        }
        CK_CHECK_ROW(i, samples_percentile(&s, 50) == rows[i].median);
        CK_CHECK_ROW(i, samples_percentile(&s, 95) == rows[i].p95);
        CK_CHECK_ROW(i, samples_max_abs(&s) == rows[i].largest);
    }
}

CK_TEST(demo_samples, the_newest_are_kept)
{
    static samples s;
    for (int i = 0; i < SAMPLES_MAX; i++) {
        samples_add(&s, -1000000);
    }
    for (int i = 1; i <= SAMPLES_MAX; i++) {
        samples_add(&s, i);
    }
    CK_CHECK_EQ(s.count, 2 * SAMPLES_MAX);
    CK_CHECK_EQ(samples_percentile(&s, 0), 1);
    CK_CHECK_EQ(samples_percentile(&s, 100), SAMPLES_MAX);
    CK_CHECK_EQ(samples_max_abs(&s), SAMPLES_MAX);
}

/* --- pictures -------------------------------------------------------------------------------- */

CK_TEST(demo_snapshot, colours)
{
    /* Y Cb Cr of ITU-T H.273's matrices for pure colours, rounded. */
    static const struct {
        uint32_t color;
        uint8_t y, cb, cr;
        uint8_t b, g, r;
    } rows[] = {
        {CHALK_COLOR_BT601_LIMITED, 16, 128, 128, 0, 0, 0},
        {CHALK_COLOR_BT601_LIMITED, 235, 128, 128, 255, 255, 255},
        {CHALK_COLOR_BT601_LIMITED, 81, 90, 240, 0, 0, 255},
        {CHALK_COLOR_BT601_LIMITED, 145, 54, 34, 0, 255, 0},
        {CHALK_COLOR_BT601_LIMITED, 41, 240, 110, 255, 0, 0},
        {CHALK_COLOR_BT709_LIMITED, 63, 102, 240, 0, 0, 255},
        {CHALK_COLOR_BT709_LIMITED, 173, 42, 26, 0, 255, 0},
        {CHALK_COLOR_BT709_LIMITED, 32, 240, 118, 255, 0, 0},
        {CHALK_COLOR_BT709_LIMITED, 0, 128, 128, 0, 0, 0},
        {CHALK_COLOR_BT709_LIMITED, 255, 128, 128, 255, 255, 255},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const uint8_t luma[] = {rows[i].y, rows[i].y}, cb[] = {rows[i].cb}, cr[] = {rows[i].cr};
        const uint8_t pair[] = {rows[i].cb, rows[i].cr};
        uint8_t planar[8] = {0}, interleaved[8] = {0};
        chalk_video_info info;
        chalk_video_info_init(&info);
        info.format = CHALK_PIXEL_I420;
        info.color = rows[i].color;
        info.width = 2;
        info.height = 1;
        info.planes[0] = luma;
        info.planes[1] = cb;
        info.planes[2] = cr;
        info.strides[0] = 2;
        info.strides[1] = info.strides[2] = 1;
        CK_CHECK_ROW(i, snapshot_pixels(&info, planar, 8) == CHALK_OK);
        info.format = CHALK_PIXEL_NV12;
        info.planes[1] = pair;
        info.strides[1] = 2;
        CK_CHECK_ROW(i, snapshot_pixels(&info, interleaved, 8) == CHALK_OK);
        CK_CHECK_ROW(i, memcmp(planar, interleaved, sizeof planar) == 0);
        CK_CHECK_ROW(i, abs(planar[4] - rows[i].b) <= 2 && abs(planar[5] - rows[i].g) <= 2 &&
                            abs(planar[6] - rows[i].r) <= 2);
    }
}

CK_TEST(demo_snapshot, refusals)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        {"/nowhere/at/all.png", CHALK_ERR_IO},
        {"/", CHALK_ERR_IO},
        {"/dev/full", CHALK_ERR_NO_SPACE},
    };
    uint8_t pixels[16 * 16 * 4] = {0};
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = info.height = 16;
    info.planes[0] = pixels;
    info.strides[0] = 64;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CK_CHECK_ROW(i, snapshot_write(frame, NULL, rows[i].path) == rows[i].status);
    }
    chalk_video_frame_unref(&frame);
    info.format = CHALK_PIXEL_NATIVE;
    CK_CHECK_EQ(snapshot_pixels(&info, pixels, 64), CHALK_ERR_UNSUPPORTED);
}

/* --- MP4 ------------------------------------------------------------------------------------- */

typedef struct file {
    uint8_t bytes[1024];
    size_t size;
} file;

static void put32(file *f, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8) {
        f->bytes[f->size++] = (uint8_t)(value >> shift);
    }
}

static size_t begin(file *f, const char *type)
{
    size_t at = f->size;
    put32(f, 0);
    memcpy(f->bytes + f->size, type, 4);
    f->size += 4;
    return at;
}

static void end(file *f, size_t at)
{
    size_t size = f->size;
    f->size = at;
    put32(f, (uint32_t)(size - at));
    f->size = size;
}

static void put_fields(file *f, const char *type, const uint32_t *fields, size_t count)
{
    size_t at = begin(f, type);
    for (size_t i = 0; i < count; i++) {
        put32(f, fields[i]);
    }
    end(f, at);
}

/* A track with its sample entry and so many samples in the movie box. */
static void put_track(file *f, uint32_t id, const char *entry, uint32_t count)
{
    const uint32_t header[] = {0, 0, 0, id};
    const uint32_t sizes[] = {0, 0, count};
    size_t track = begin(f, "trak");
    put_fields(f, "tkhd", header, 4);
    size_t media = begin(f, "mdia");
    size_t information = begin(f, "minf");
    size_t table = begin(f, "stbl");
    size_t description = begin(f, "stsd");
    put32(f, 0);
    put32(f, 1);
    end(f, begin(f, entry));
    end(f, description);
    put_fields(f, "stsz", sizes, 3);
    end(f, table);
    end(f, information);
    end(f, media);
    end(f, track);
}

static void put_fragment(file *f, uint32_t id, uint32_t count)
{
    const uint32_t header[] = {0, id};
    const uint32_t run[] = {0, count};
    size_t fragment = begin(f, "moof");
    size_t track = begin(f, "traf");
    put_fields(f, "tfhd", header, 2);
    put_fields(f, "trun", run, 2);
    end(f, track);
    end(f, fragment);
}

static file make_mp4(void)
{
    file f = {.size = 0};
    const uint32_t brand[] = {0x69736f6d, 0};
    put_fields(&f, "ftyp", brand, 2);
    size_t movie = begin(&f, "moov");
    put_track(&f, 1, "avc1", 5);
    put_track(&f, 2, "mp4a", 0);
    put_track(&f, 3, "text", 9);
    end(&f, movie);
    put_fragment(&f, 1, 30);
    put_fragment(&f, 2, 47);
    put_fragment(&f, 9, 1000); /* a track that is not there */
    return f;
}

static bool read_back(const uint8_t *bytes, size_t size, mp4_content *content)
{
    char path[] = "/tmp/chalkrail-mp4-XXXXXX";
    int fd = mkstemp(path);
    CK_CHECK(fd >= 0);
    CK_CHECK_EQ(write(fd, bytes, size), (ssize_t)size);
    close(fd);
    bool fine = mp4_read(path, content);
    (void)unlink(path);
    return fine;
}

CK_TEST(demo_mp4, counts_by_kind)
{
    file f = make_mp4();
    mp4_content content;
    CK_CHECK(read_back(f.bytes, f.size, &content));
    CK_CHECK_EQ(content.video_samples, 35);
    CK_CHECK_EQ(content.audio_samples, 47);
}

/* Cut anywhere, and with any byte changed, it ends and counts no more than there is. */
CK_TEST(demo_mp4, broken_files)
{
    file f = make_mp4();
    mp4_content content;
    for (size_t size = 0; size < f.size; size += 3) {
        (void)read_back(f.bytes, size, &content);
        CK_CHECK_ROW(size, content.video_samples <= 35 && content.audio_samples <= 47);
    }
    for (size_t i = 0; i < f.size; i++) {
        uint8_t before = f.bytes[i];
        f.bytes[i] = (uint8_t)(before ^ 0xff);
        (void)read_back(f.bytes, f.size, &content);
        f.bytes[i] = before;
    }
    CK_CHECK(!read_back((const uint8_t *)"no movie at all", 15, &content));
    CK_CHECK(!mp4_read("/nowhere/at/all.mp4", &content));
}

/* --- words ----------------------------------------------------------------------------------- */

CK_TEST(demo_subject, of_events)
{
    static const struct {
        uint32_t kind;
        const char *expected;
    } rows[] = {
        {CHALK_EVENT_PLAYBACK, "student 1"},
        {CHALK_EVENT_OUTPUT, "student 1"},
        {CHALK_EVENT_RECORDING, "student 1, recording"},
        {CHALK_EVENT_FIRST_PICTURE, "student 1, first picture"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        const chalk_event event = {.kind = rows[i].kind};
        subject_of_event("student 1", &event, text, sizeof text);
        CK_CHECK_STR(text, rows[i].expected);
    }
}
