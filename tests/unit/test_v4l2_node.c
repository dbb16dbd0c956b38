/* What is read from recorded cameras: which nodes are cameras, their ids, their modes. */
#include "platform/linux/v4l2_node.h"
#include "platform/linux/v4l2_source.h"

#include "platform/linux/v4l2_holder.h"

#include "base/check.h"
#include "support/check.h"
#include "support/child.h"
#include "support/v4l2_replay.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define WEBCAM "v4l2:usb-0000:00:14.0-3:HD Webcam C920"

static void plug(ck_replay *r, uint32_t node, const char *name)
{
    ck_recording recording;
    ck_recording_load(CK_CAMERAS, name, &recording);
    ck_replay_plug(r, node, &recording);
}

static void finish(ck_replay **r)
{
    CK_CHECK_EQ(ck_replay_leaks(*r), 0);
    ck_replay_destroy(r);
}

/* Nodes in another order, as after a restart, change no id; what gives no pictures is no camera. */
CK_TEST(v4l2_node, ids)
{
    static const struct {
        const char *nodes[5];
        size_t count;
        struct {
            const char *id;
            int32_t width;
        } cameras[3];
    } rows[] = {
        {{NULL}, 0, {{0}}},
        {{"webcam.txt"}, 1, {{WEBCAM, 1920}}},
        {{"vivid.txt"}, 1, {{"v4l2:platform:vivid-000:vivid", 3840}}},
        {{"webcam.txt", "metadata.txt"}, 1, {{WEBCAM, 1920}}},
        {{"metadata.txt", "h264.txt", "raw.txt", "webcam.txt"},
         2,
         {{"v4l2:PCI:0000:03:00.0:Grabber 4:2:0", 1920}, {WEBCAM, 1920}}},
        {{"webcam.txt", "metadata.txt", "webcam.txt", NULL, "webcam.txt"},
         3,
         {{WEBCAM, 1920}, {WEBCAM "#2", 1920}, {WEBCAM "#3", 1920}}},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_replay *r = ck_replay_create(1000, 1);
        for (uint32_t n = 0; n < CK_COUNT_OF(rows[i].nodes); n++) {
            if (rows[i].nodes[n] != NULL) {
                plug(r, n, rows[i].nodes[n]);
            }
        }
        chalk_device devices[4];
        size_t count = 0;
        CK_CHECK_EQ(ck_v4l2_list(ck_replay_port(r), devices, 4, &count, NULL), CHALK_OK);
        CK_CHECK_ROW(i, count == rows[i].count);
        for (size_t d = 0; d < count; d++) {
            CK_CHECK_STR(devices[d].id, rows[i].cameras[d].id);
            CK_CHECK_ROW(i, devices[d].kind == CHALK_DEVICE_CAMERA);
            CK_CHECK_ROW(i, devices[d].is_default == (d == 0));
            CK_CHECK_ROW(i, devices[d].width == rows[i].cameras[d].width);
        }
        CK_CHECK_EQ(ck_v4l2_list(ck_replay_port(r), NULL, 0, &count, NULL), CHALK_OK);
        CK_CHECK_ROW(i, count == rows[i].count);
        finish(&r);
    }
}

CK_TEST(v4l2_node, modes_as_recorded)
{
    static const chalk_camera_mode expected[] = {
        {CHALK_CAMERA_YUYV, 640, 480, 30000},    {CHALK_CAMERA_YUYV, 640, 480, 24000},
        {CHALK_CAMERA_YUYV, 640, 480, 15000},    {CHALK_CAMERA_YUYV, 320, 240, 30000},
        {CHALK_CAMERA_YUYV, 1280, 720, 10000},   {CHALK_CAMERA_YUYV, 1280, 720, 5000},
        {CHALK_CAMERA_YUYV, 1920, 1080, 5000},   {CHALK_CAMERA_MJPEG, 640, 480, 30000},
        {CHALK_CAMERA_MJPEG, 640, 480, 15000},   {CHALK_CAMERA_MJPEG, 1280, 720, 60000},
        {CHALK_CAMERA_MJPEG, 1280, 720, 30000},  {CHALK_CAMERA_MJPEG, 1280, 720, 15000},
        {CHALK_CAMERA_MJPEG, 1920, 1080, 30000}, {CHALK_CAMERA_MJPEG, 1920, 1080, 5000},
    };
    ck_replay *r = ck_replay_create(1000, 1);
    plug(r, 0, "webcam.txt");
    chalk_camera_mode modes[64];
    size_t count = 0;
    CK_CHECK_EQ(ck_v4l2_list_modes(ck_replay_port(r), WEBCAM, modes, 64, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, CK_COUNT_OF(expected));
    CK_CHECK_MEM(modes, expected, sizeof expected);
    modes[2] = (chalk_camera_mode){0};
    CK_CHECK_EQ(ck_v4l2_list_modes(ck_replay_port(r), NULL, modes, 2, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, CK_COUNT_OF(expected));
    CK_CHECK_EQ(modes[2].width, 0);
    finish(&r);
}

static bool has(const chalk_camera_mode *modes, size_t count, chalk_camera_mode wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (memcmp(&modes[i], &wanted, sizeof wanted) == 0) {
            return true;
        }
    }
    return false;
}

CK_TEST(v4l2_node, ranges_are_listed_as_the_usual_sizes_and_rates)
{
    ck_replay *r = ck_replay_create(1000, 1);
    plug(r, 0, "raw.txt");
    chalk_camera_mode modes[256];
    size_t count = 0;
    CK_CHECK_EQ(ck_v4l2_list_modes(ck_replay_port(r), NULL, modes, 256, &count, NULL), CHALK_OK);
    CK_CHECK(has(modes, count, (chalk_camera_mode){CHALK_CAMERA_NV12, 1280, 720, 30000}));
    CK_CHECK(has(modes, count, (chalk_camera_mode){CHALK_CAMERA_NV12, 1920, 1080, 60000}));
    CK_CHECK(has(modes, count, (chalk_camera_mode){CHALK_CAMERA_I420, 640, 480, 29970}));
    CK_CHECK(!has(modes, count, (chalk_camera_mode){CHALK_CAMERA_NV12, 3840, 2160, 30000}));
    for (size_t i = 0; i < count; i++) {
        CK_CHECK_ROW(i, modes[i].width % 2 == 0); /* 641 is none */
    }
    finish(&r);
}

/* A recorded device: three of its 77 formats are taken, each with the same sizes and rates. */
CK_TEST(v4l2_node, modes_of_the_kernels_virtual_camera)
{
    ck_replay *r = ck_replay_create(1000, 1);
    plug(r, 0, "vivid.txt");
    chalk_camera_mode modes[256];
    size_t count = 0;
    CK_CHECK_EQ(ck_v4l2_list_modes(ck_replay_port(r), NULL, modes, 256, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count % 3, 0);
    for (size_t i = 0; i < count; i++) {
        static const uint32_t order[] = {CHALK_CAMERA_YUYV, CHALK_CAMERA_I420, CHALK_CAMERA_NV12};
        CK_CHECK_ROW(i, modes[i].format == order[i / (count / 3)]);
        CK_CHECK_ROW(i, modes[i].width == modes[i % (count / 3)].width);
    }
    CK_CHECK(has(modes, count, (chalk_camera_mode){CHALK_CAMERA_NV12, 1280, 720, 12500}));
    CK_CHECK(has(modes, count, (chalk_camera_mode){CHALK_CAMERA_YUYV, 320, 180, 12500}));
    finish(&r);
}

CK_TEST(v4l2_node, a_driver_whose_lists_never_end)
{
    ck_replay *r = ck_replay_create(1000, 1);
    plug(r, 0, "webcam.txt");
    ck_replay_endless(r);
    size_t count = 0;
    CK_CHECK_EQ(ck_v4l2_list_modes(ck_replay_port(r), NULL, NULL, 0, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, CK_V4L2_MODES_MAX);
    finish(&r);
}

CK_TEST(v4l2_node, finding)
{
    static const struct {
        const char *device;
        int denied; /* node 2, the webcam */
        int status;
        uint32_t node;
        const char *text; /* part of what is said */
    } rows[] = {
        {NULL, 0, CHALK_OK, 2, NULL},
        {"", 0, CHALK_OK, 2, NULL},
        {WEBCAM, 0, CHALK_OK, 2, NULL},
        {"/dev/video3", 0, CHALK_OK, 3, NULL},
        {"/dev/video0", 0, CHALK_ERR_UNSUPPORTED, 0, "no picture in a format"},
        {"/dev/video1", 0, CHALK_ERR_UNSUPPORTED, 0, "no camera"},
        {"/dev/video7", 0, CHALK_ERR_NO_DEVICE, 0, "not plugged in"},
        {"/dev/videoX", 0, CHALK_ERR_NO_DEVICE, 0, "not plugged in"},
        {"v4l2:none", 0, CHALK_ERR_NO_DEVICE, 0, "not plugged in"},
        {NULL, EACCES, CHALK_OK, 3, NULL},
        {WEBCAM, EACCES, CHALK_ERR_NO_PERMISSION, 0, "usermod -aG video"},
        {"/dev/video2", EACCES, CHALK_ERR_NO_PERMISSION, 0, "/dev/video2"},
        {"/dev/video2", EBUSY, CHALK_ERR_DEVICE_BUSY, 0, "cheese, process 7"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_replay *r = ck_replay_create(1000, 1);
        plug(r, 0, "h264.txt");
        plug(r, 1, "metadata.txt");
        plug(r, 2, "webcam.txt");
        plug(r, 3, "raw.txt");
        ck_replay_deny(r, 2, rows[i].denied);
        ck_replay_hold(r, 2, "cheese, process 7");
        static ck_v4l2_modes modes;
        ck_v4l2_node node;
        ck_v4l2_trouble trouble;
        int fd = -1;
        int status = ck_v4l2_find(ck_replay_port(r), rows[i].device, &node, &fd, &modes, &trouble);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, (fd >= 0) == (status == CHALK_OK));
        if (status == CHALK_OK) {
            CK_CHECK_ROW(i, node.number == rows[i].node && modes.count > 0);
            ck_replay_port(r)->close(ck_replay_port(r)->user, fd);
        } else {
            CK_CHECK_ROW(i, strstr(trouble.text, rows[i].text) != NULL);
        }
        finish(&r);
    }
}

/* Names that a driver left without an end, or not in UTF-8. */
CK_TEST(v4l2_node, names_are_cut_and_clean)
{
    ck_recording recording;
    ck_recording_load(CK_CAMERAS, "webcam.txt", &recording);
    memset(recording.card, 'x', sizeof recording.card - 1);
    memcpy(recording.bus, "a\xff\xfe", 4);
    ck_replay *r = ck_replay_create(1000, 1);
    ck_replay_plug(r, 0, &recording);
    chalk_device device;
    size_t count = 0;
    CK_CHECK_EQ(ck_v4l2_list(ck_replay_port(r), &device, 1, &count, NULL), CHALK_OK);
    CK_CHECK_EQ(count, 1);
    CK_CHECK_EQ(strlen(device.name), 31);
    CK_CHECK(strncmp(device.id, "v4l2:a:xxx", 10) == 0);
    finish(&r);
}

/* This program and another one have a file open; then that one alone; then nobody. */
CK_TEST(v4l2_node, who_has_it_open)
{
    static const char *const sleep_long[] = {"sleep", "60", NULL};
    char path[] = "/tmp/chalkrail-holder-XXXXXX", text[96], expected[96];
    int fd = mkstemp(path);
    CK_CHECK(fd >= 0);
    CK_CHECK(ck_v4l2_holder(path, text, sizeof text));
    CK_CHECK_STR(text, "this program");
    pid_t child = ck_child_start(sleep_long, fd);
    snprintf(expected, sizeof expected, "sleep, process %d", (int)child);
    for (int i = 0; i < 500 && (!ck_v4l2_holder(path, text, sizeof text) || text[0] != 's'); i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL); /* until it has become that */
    }
    CK_CHECK_STR(text, expected);
    close(fd);
    CK_CHECK(ck_v4l2_holder(path, text, sizeof text));
    CK_CHECK_STR(text, expected);
    ck_child_end(&child, SIGKILL);
    CK_CHECK(!ck_v4l2_holder(path, text, sizeof text));
    unlink(path);
}
