/*
 * The inside of the camera source: what its two files share. v4l2_source.c opens, starts and stops
 * it, v4l2_run.c is its thread.
 *
 * Thread: open, start, stop and close belong to one owner. Between start and stop everything but
 * `width` and `height`, which may be asked for at any time, belongs to the source's thread.
 */
#ifndef CK_PLATFORM_V4L2_INSIDE_H
#define CK_PLATFORM_V4L2_INSIDE_H

#include "platform/linux/v4l2_source.h"
#include "platform/linux/v4l2_unpack.h"
#include "platform/worker.h"

#include <stdatomic.h>

struct ck_source {
    ck_worker worker;
    ck_source_sink sink;
    const ck_log *log;
    const ck_v4l2_port *port;
    ck_v4l2_timing timing;
    char id[CHALK_DEVICE_TEXT_MAX];
    ck_camera_wish wish;
    ck_v4l2_stream stream;
    ck_v4l2_unpack *unpack;
    ck_frame_pool *black;
    int wake_fd;         /* eventfd: tells the thread's poll(2) to look at the worker */
    int watch_fd;        /* tells of nodes that come and go; negative: there is none */
    int lost;            /* the status that was told last; CHALK_OK: it gives pictures */
    uint64_t allowed_us; /* capture time before which no picture is passed on */
    uint64_t given_us;   /* when the last picture was, black ones included */
    uint64_t good_us;    /* when the last good one came */
    bool came_broken;    /* pictures came since then, but none that is one */
    uint32_t color;      /* of the last stream: black has it too, or the encoder would refuse it */
    atomic_int width;
    atomic_int height;
};

/* Opens the stream of the camera that was asked for; on a failure `trouble` says why. */
int ck_v4l2_open_stream(ck_source *s, ck_v4l2_trouble *trouble);
/* Takes over the stream's size and colour; true when the size is another. */
bool ck_v4l2_update_size(ck_source *s);
/* The thread: returns when it is told to stop. */
void ck_v4l2_run(void *source);

#endif
