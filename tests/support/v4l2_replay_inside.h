/* The inside of the replay: v4l2_replay.c is the port and what a test tells it,
 * v4l2_replay_device.c what a device answers. With the lock held, throughout. */
#ifndef CK_TESTS_V4L2_REPLAY_INSIDE_H
#define CK_TESTS_V4L2_REPLAY_INSIDE_H

#include "support/v4l2_replay.h"

#include "base/rng.h"

#include <linux/videodev2.h>
#include <pthread.h>

#define REPLAY_NODES   8
#define REPLAY_FILES   16
#define REPLAY_BUFFERS 4

typedef struct replay_camera {
    bool plugged;
    int denied;
    char holder[64];
    ck_recording recording;
} replay_camera;

typedef struct replay_buffer {
    uint8_t *at; /* NULL: not mapped */
    bool queued;
} replay_buffer;

/* One opened descriptor: a timer that ticks once a picture. */
typedef struct replay_file {
    bool used;
    int fd;
    uint32_t node;
    struct v4l2_pix_format pix;
    uint32_t count; /* of buffers; 0: none are asked for */
    replay_buffer buffers[REPLAY_BUFFERS];
    bool streaming;
    uint64_t pictures;
} replay_file;

struct ck_replay {
    ck_v4l2_port port;
    pthread_mutex_t lock;
    uint64_t period_us;
    ck_rng rng;
    replay_camera cameras[REPLAY_NODES];
    replay_file files[REPLAY_FILES];
    int watch; /* the last that was given out; -1: none */
    unsigned watches;
    unsigned maps;
    enum ck_replay_pictures pictures;
    unsigned given;
    unsigned ioctls;
    unsigned fail_at; /* number of the ioctl; 0: none */
    unsigned fail_times;
    int fail_with;
    bool endless;
};

/* What an ioctl of a plugged in device gives: 0 or -errno. */
int ck_replay_answer(ck_replay *r, replay_file *f, unsigned long request, void *argument);

#endif
