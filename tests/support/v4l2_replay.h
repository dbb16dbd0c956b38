/*
 * Recorded cameras behind a ck_v4l2_port: they answer as recorded, give generated pictures at a
 * pace of their own, and fail on demand. The replay keeps to the kernel's rules (a buffer is queued
 * once, a format is not changed under buffers) and refuses what the kernel would refuse.
 *
 * Picture n has the luma 16 + n % 200 everywhere but for its upper left quarter, which has 235, and
 * the chroma 100 and 150; so a test can tell pictures, their order, and their rows and columns.
 *
 * Thread: any; one lock guards all.
 */
#ifndef CK_TESTS_V4L2_REPLAY_H
#define CK_TESTS_V4L2_REPLAY_H

#include "platform/linux/v4l2_port.h"

#include "support/v4l2_recording.h"

enum ck_replay_pictures {
    CK_REPLAY_GOOD = 0,
    CK_REPLAY_NONE,      /* it streams and gives nothing */
    CK_REPLAY_SHORT,     /* half of each is missing */
    CK_REPLAY_FLAGGED,   /* the driver says that each is broken */
    CK_REPLAY_DAMAGED,   /* MJPEG: bytes are overwritten, by seed */
    CK_REPLAY_NO_TABLES, /* MJPEG: without Huffman tables, as many cameras give it */
    CK_REPLAY_LIED,      /* MJPEG: the head claims 65500 x 65500 pixels */
};

typedef struct ck_replay ck_replay;

ck_replay *ck_replay_create(uint64_t period_us, uint64_t seed);
void ck_replay_destroy(ck_replay **replay);
const ck_v4l2_port *ck_replay_port(const ck_replay *r);

/* Plugs a camera in as a node, or takes it away; who watches is told. */
void ck_replay_plug(ck_replay *r, uint32_t node, const ck_recording *recording);
void ck_replay_unplug(ck_replay *r, uint32_t node);
/* What opening a node fails with (EACCES); 0: it does not. Who watches is told. */
void ck_replay_deny(ck_replay *r, uint32_t node, int error);
/* Another program streams from the node; NULL: no more. */
void ck_replay_hold(ck_replay *r, uint32_t node, const char *holder);
void ck_replay_pictures(ck_replay *r, enum ck_replay_pictures what);
/* The nth ioctl from now on fails with `error`, and `times` - 1 after it. */
void ck_replay_fail(ck_replay *r, unsigned nth, int error, unsigned times);
/* Every list of the cameras goes on for ever, with its last item. */
void ck_replay_endless(ck_replay *r);

unsigned ck_replay_given(ck_replay *r); /* pictures so far */
/* Descriptors and maps that were not given back; a test expects 0 at its end. */
unsigned ck_replay_leaks(ck_replay *r);

#endif
