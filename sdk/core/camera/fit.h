/*
 * Which of a camera's modes serves a wish best. A pure function: the same list and the same wish
 * give the same mode on every system.
 *
 * Every mode has a price, the cheapest is taken, of equals the first. A price of 1000 stands for
 * "of no use in this respect". What it adds up, in this order of weight:
 *
 *   rate too low      1.5 x the square of what is missing: half the rate costs 375, a third 667
 *   picture too small 0.7 x what is missing, where only those pixels count that the wished picture
 *                     would show (black bars and enlarged pixels are missing ones)
 *   picture too large 40 for each further picture's worth of pixels, at most 300
 *   format            what it takes to unpack: MJPEG 30, YUYV 5, planar ones nothing
 *   rate too high     10 for each further multiple, at most 30: what is not wanted is not unpacked
 */
#ifndef CK_CORE_CAMERA_FIT_H
#define CK_CORE_CAMERA_FIT_H

#include "chalkrail/device.h"

#include <stdbool.h>

/* A higher rate is a driver's mistake. */
#define CK_CAMERA_FPS_MILLI_MAX 1000000u

typedef struct ck_camera_wish {
    int32_t width; /* pixels, 1..CHALK_PICTURE_SIDE_MAX */
    int32_t height;
    uint32_t fps; /* 1..1000 */
} ck_camera_wish;

/* Sides within 2..CHALK_PICTURE_SIDE_MAX and even, a known format, a rate within the limit. */
bool ck_camera_mode_is_sane(const chalk_camera_mode *mode);

/* The index of the mode that serves best; `count` when none of them is sane. */
size_t ck_camera_fit(const chalk_camera_mode *modes, size_t count, const ck_camera_wish *wish);

#endif
