/* Pictures of recorded cameras, from the driver's buffers to frames. */
#include "platform/linux/v4l2_stream.h"
#include "platform/linux/v4l2_unpack.h"

#include "base/check.h"
#include "support/check.h"
#include "support/seeds.h"
#include "support/v4l2_replay.h"

#include <errno.h>
#include <linux/videodev2.h>
#include <poll.h>

typedef struct stage {
    ck_replay *replay;
    ck_v4l2_stream stream;
    ck_v4l2_unpack *unpack;
} stage;

static void open_stage(stage *s, const ck_recording *recording, ck_camera_wish wish, uint64_t seed)
{
    ck_v4l2_trouble trouble;
    s->replay = ck_replay_create(1000, seed);
    ck_replay_plug(s->replay, 0, recording);
    CK_CHECK_EQ(ck_v4l2_stream_open(&s->stream, ck_replay_port(s->replay), NULL, &wish, &trouble),
                CHALK_OK);
    CK_CHECK_EQ(ck_v4l2_stream_start(&s->stream), 0);
    CK_CHECK_EQ(ck_v4l2_unpack_create(&s->unpack), CHALK_OK);
}

static void close_stage(stage *s)
{
    ck_v4l2_stream_stop(&s->stream);
    ck_v4l2_stream_close(&s->stream);
    ck_v4l2_unpack_destroy(&s->unpack);
    CK_CHECK_EQ(ck_replay_leaks(s->replay), 0);
    ck_replay_destroy(&s->replay);
}

static int next_frame(stage *s, chalk_video_frame **out)
{
    ck_v4l2_picture picture;
    int error = -EAGAIN;
    for (int i = 0; i < 2000 && error == -EAGAIN; i++) {
        struct pollfd fd = {s->stream.fd, POLLIN, 0};
        (void)poll(&fd, 1, 100);
        error = ck_v4l2_stream_take(&s->stream, &picture);
    }
    CK_CHECK_EQ(error, 0);
    *out = NULL;
    int status = ck_v4l2_unpack_picture(s->unpack, &s->stream.shape, &picture, out);
    CK_CHECK_EQ((*out != NULL), (status == CHALK_OK));
    CK_CHECK_EQ(ck_v4l2_stream_give_back(&s->stream, &picture), 0);
    CK_CHECK_EQ(ck_v4l2_stream_give_back(&s->stream, &picture), -EINVAL); /* it is the driver's */
    return status;
}

static bool near(int value, int expected)
{
    return value >= expected - 2 && value <= expected + 2;
}

static void check_picture(size_t row, const chalk_video_frame *f, int corner, int luma, int u,
                          int v)
{
    const chalk_video_info *i = &f->info;
    const int w = i->width, h = i->height;
    const bool nv12 = i->format == CHALK_PIXEL_NV12;
    for (int y = 0; y < h; y++) {
        for (int x = 0; x < w; x++) {
            bool edge = x >= w / 2 - 8 && x < w / 2 + 8; /* JPEG's blocks */
            edge = edge || (y >= h / 2 - 8 && y < h / 2 + 8);
            int expected = x < w / 2 && y < h / 2 ? corner : luma;
            CK_CHECK_ROW(row, edge || near(i->planes[0][y * i->strides[0] + x], expected));
        }
    }
    const uint8_t *chroma = i->planes[1] + (h / 2 - 1) * i->strides[1] + (nv12 ? w - 2 : w / 2 - 1);
    const uint8_t *other =
        nv12 ? chroma + 1 : i->planes[2] + (h / 2 - 1) * i->strides[2] + w / 2 - 1;
    CK_CHECK_ROW(row, near(*chroma, u) && near(*other, v));
}

/* The third picture of each kind: luma 18, or 150 of JPEG. */
static const struct {
    const char *camera;
    ck_camera_wish wish;
    uint32_t quantization; /* 0: what the camera's colorspace means */
    uint32_t ycbcr_enc;
    enum ck_replay_pictures pictures;
    uint32_t format, pixels;
    int32_t width, height;
    int corner, luma, u, v;
    uint32_t color;
} formats[] = {
    {"webcam.txt",
     {640, 480, 30},
     0,
     0,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_YUYV,
     CHALK_PIXEL_I420,
     640,
     480,
     235,
     18,
     100,
     150,
     CHALK_COLOR_BT601_LIMITED},
    {"webcam.txt",
     {640, 480, 30},
     0,
     V4L2_YCBCR_ENC_709,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_YUYV,
     CHALK_PIXEL_I420,
     640,
     480,
     235,
     18,
     100,
     150,
     CHALK_COLOR_BT709_LIMITED},
    {"webcam.txt",
     {640, 480, 30},
     V4L2_QUANTIZATION_FULL_RANGE,
     0,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_YUYV,
     CHALK_PIXEL_I420,
     640,
     480,
     218,
     31,
     103,
     147,
     CHALK_COLOR_BT601_LIMITED},
    {"raw.txt",
     {1280, 720, 30},
     0,
     0,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_NV12,
     CHALK_PIXEL_NV12,
     1280,
     720,
     235,
     18,
     100,
     150,
     CHALK_COLOR_BT709_LIMITED},
    {"raw.txt",
     {1280, 720, 30},
     V4L2_QUANTIZATION_FULL_RANGE,
     0,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_NV12,
     CHALK_PIXEL_I420,
     1280,
     720,
     218,
     31,
     103,
     147,
     CHALK_COLOR_BT709_LIMITED},
    {"webcam.txt",
     {1280, 720, 30},
     0,
     0,
     CK_REPLAY_GOOD,
     CHALK_CAMERA_MJPEG,
     CHALK_PIXEL_I420,
     1280,
     720,
     218,
     145,
     103,
     147,
     CHALK_COLOR_BT601_LIMITED},
    {"webcam.txt",
     {1280, 720, 30},
     0,
     0,
     CK_REPLAY_NO_TABLES,
     CHALK_CAMERA_MJPEG,
     CHALK_PIXEL_I420,
     1280,
     720,
     218,
     145,
     103,
     147,
     CHALK_COLOR_BT601_LIMITED},
};

CK_TEST(v4l2_unpack, every_format)
{
    for (size_t i = 0; i < CK_COUNT_OF(formats); i++) {
        ck_recording recording;
        ck_recording_load(CK_CAMERAS, formats[i].camera, &recording);
        recording.quantization = formats[i].quantization;
        recording.ycbcr_enc = formats[i].ycbcr_enc;
        stage s;
        open_stage(&s, &recording, formats[i].wish, 1);
        ck_replay_pictures(s.replay, formats[i].pictures);
        CK_CHECK_ROW(i, s.stream.shape.mode.format == formats[i].format);
        for (int n = 0; n < 3; n++) {
            chalk_video_frame *frame;
            CK_CHECK_EQ(next_frame(&s, &frame), CHALK_OK);
            CK_CHECK_ROW(i, frame->info.format == formats[i].pixels);
            CK_CHECK_ROW(i, frame->info.width == formats[i].width);
            CK_CHECK_ROW(i, frame->info.height == formats[i].height);
            CK_CHECK_ROW(i, frame->info.color == formats[i].color);
            if (n == 2) {
                check_picture(i, frame, formats[i].corner, formats[i].luma, formats[i].u,
                              formats[i].v);
            }
            chalk_video_frame_unref(&frame);
        }
        close_stage(&s);
    }
}

CK_TEST(v4l2_unpack, what_is_no_picture)
{
    static const struct {
        uint32_t width;
        enum ck_replay_pictures pictures;
    } rows[] = {
        {640, CK_REPLAY_SHORT},    {640, CK_REPLAY_FLAGGED}, {1280, CK_REPLAY_SHORT},
        {1280, CK_REPLAY_FLAGGED}, {1280, CK_REPLAY_LIED},
    };
    ck_recording recording;
    ck_recording_load(CK_CAMERAS, "webcam.txt", &recording);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        stage s;
        chalk_video_frame *frame;
        ck_camera_wish wish = {(int32_t)rows[i].width, rows[i].width == 640 ? 480 : 720, 30};
        open_stage(&s, &recording, wish, 1);
        CK_CHECK_EQ(next_frame(&s, &frame), CHALK_OK);
        chalk_video_frame_unref(&frame);
        ck_replay_pictures(s.replay, rows[i].pictures);
        CK_CHECK_ROW(i, next_frame(&s, &frame) == CHALK_ERR_BAD_DATA);
        ck_replay_pictures(s.replay, CK_REPLAY_GOOD); /* and the next one is whole */
        CK_CHECK_ROW(i, next_frame(&s, &frame) == CHALK_OK);
        chalk_video_frame_unref(&frame);
        close_stage(&s);
    }
}

/* Bytes of a JPEG overwritten: a picture of the right size, or a refusal, and none of it in the
 * way of the next. */
CK_TEST(v4l2_unpack, damaged_jpeg)
{
    unsigned refused = 0;
    ck_recording recording;
    ck_recording_load(CK_CAMERAS, "webcam.txt", &recording);
    CK_FOR_SEEDS(seed, 20)
    {
        stage s;
        open_stage(&s, &recording, (ck_camera_wish){1280, 720, 30}, seed);
        ck_replay_pictures(s.replay, CK_REPLAY_DAMAGED);
        for (int n = 0; n < 10; n++) {
            chalk_video_frame *frame;
            int status = next_frame(&s, &frame);
            CK_CHECK_ROW(seed, status == CHALK_OK || status == CHALK_ERR_BAD_DATA);
            CK_CHECK_ROW(seed, frame == NULL || frame->info.width == 1280);
            refused += status != CHALK_OK;
            chalk_video_frame_unref(&frame);
        }
        ck_replay_pictures(s.replay, CK_REPLAY_GOOD);
        chalk_video_frame *frame;
        CK_CHECK_ROW(seed, next_frame(&s, &frame) == CHALK_OK);
        chalk_video_frame_unref(&frame);
        close_stage(&s);
    }
    CK_CHECK(refused > 20);
}

/* Each call of opening and starting refused in turn: said, and nothing left behind. */
CK_TEST(v4l2_unpack, opening_fails_at_each_call)
{
    ck_recording recording;
    ck_recording_load(CK_CAMERAS, "webcam.txt", &recording);
    unsigned failures = 0;
    for (unsigned nth = 1; nth < 80; nth++) {
        ck_replay *r = ck_replay_create(1000, 1);
        ck_v4l2_stream s;
        ck_v4l2_trouble trouble = {0};
        const ck_camera_wish wish = {640, 480, 30};
        ck_replay_plug(r, 0, &recording);
        ck_replay_fail(r, nth, EIO, 1);
        int status = ck_v4l2_stream_open(&s, ck_replay_port(r), NULL, &wish, &trouble);
        CK_CHECK_ROW(nth, ck_v4l2_stream_is_open(&s) == (status == CHALK_OK));
        CK_CHECK_ROW(nth, status == CHALK_OK || trouble.text[0] != '\0');
        CK_CHECK_ROW(nth, status == CHALK_OK || status == trouble.status);
        failures += status != CHALK_OK;
        ck_v4l2_stream_close(&s);
        CK_CHECK_ROW(nth, ck_replay_leaks(r) == 0);
        ck_replay_destroy(&r);
    }
    CK_CHECK(failures >= 7); /* capabilities, G_FMT, S_FMT, REQBUFS, four QUERYBUF */
}
