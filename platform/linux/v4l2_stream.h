/*
 * One camera that was opened, set to a mode, and gives pictures in buffers shared with the driver.
 *
 *     open -> start -> take, give_back, take, give_back, ... -> stop -> start ... -> close
 *
 * Opening claims the camera (its buffers), so that it is known at once whether another program has
 * it; its light goes on with start. Thread: one at a time.
 */
#ifndef CK_PLATFORM_V4L2_STREAM_H
#define CK_PLATFORM_V4L2_STREAM_H

#include "core/camera/fit.h"
#include "platform/linux/v4l2_node.h"

#define CK_V4L2_BUFFERS_MAX 8

/* What the bytes of a picture are, as the driver set it. */
typedef struct ck_v4l2_shape {
    chalk_camera_mode mode;
    uint32_t stride; /* bytes from row to row of the first plane; nothing for MJPEG */
    uint32_t size;   /* bytes of a whole picture, for MJPEG the most that it may have */
    uint32_t color;  /* enum chalk_color, for pictures that are not MJPEG */
    bool full_range; /* 0-255 */
} ck_v4l2_shape;

typedef struct ck_v4l2_buffer {
    uint8_t *at; /* NULL: not mapped */
    size_t length;
} ck_v4l2_buffer;

typedef struct ck_v4l2_stream {
    const ck_v4l2_port *port;
    int fd; /* -1: closed */
    ck_v4l2_node node;
    ck_v4l2_shape shape;
    uint32_t count; /* of buffers */
    ck_v4l2_buffer buffers[CK_V4L2_BUFFERS_MAX];
} ck_v4l2_stream;

/* One picture as it came, borrowed until it is given back. */
typedef struct ck_v4l2_picture {
    uint32_t index;
    const uint8_t *data;
    size_t size;
    uint64_t capture_us; /* clock of ck_clock_us(); 0: the driver states no time on it */
    bool broken;         /* the driver says so, or it is shorter than a picture */
} ck_v4l2_picture;

/* Opens `device` (as ck_v4l2_find) in the mode that fits best. On a failure the stream is closed,
 * and `trouble` says why. */
int ck_v4l2_stream_open(ck_v4l2_stream *s, const ck_v4l2_port *port, const char *device,
                        const ck_camera_wish *wish, ck_v4l2_trouble *trouble);
void ck_v4l2_stream_close(ck_v4l2_stream *s);
bool ck_v4l2_stream_is_open(const ck_v4l2_stream *s);

/* 0 or -errno, for all three. take: -EAGAIN when no picture waits. */
int ck_v4l2_stream_start(ck_v4l2_stream *s);
int ck_v4l2_stream_take(ck_v4l2_stream *s, ck_v4l2_picture *out);
int ck_v4l2_stream_give_back(ck_v4l2_stream *s, const ck_v4l2_picture *picture);
void ck_v4l2_stream_stop(ck_v4l2_stream *s);

#endif
