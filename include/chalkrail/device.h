/*
 * chalkrail/device.h - what can be captured and heard on this machine.
 *
 * A device's id is stable: it names the same device after a restart of the program, and as far as
 * the system allows after one of the machine. Show `name` to people, store `id`.
 *
 *     chalk_device devices[64];
 *     size_t count = 0;
 *     if (chalk_devices_list(runtime, devices, 64, &count) == CHALK_OK)
 *         for (size_t i = 0; i < count && i < 64; i++) puts(devices[i].name);
 *
 * Thread: any. Lifetime: a listed device is a plain copy.
 */
#ifndef CHALKRAIL_DEVICE_H
#define CHALKRAIL_DEVICE_H

#include "chalkrail/runtime.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Longest id and name, with the terminating zero. */
#define CHALK_DEVICE_TEXT_MAX 128

enum chalk_device_kind {
    CHALK_DEVICE_SCREEN = 1,
    CHALK_DEVICE_WINDOW = 2,
    CHALK_DEVICE_MICROPHONE = 3,
    CHALK_DEVICE_SPEAKER = 4,
    CHALK_DEVICE_CAMERA = 5,
};

/* One device. A fixed size on purpose: lists of it are plain arrays. */
typedef struct chalk_device {
    uint32_t kind;       /* enum chalk_device_kind */
    uint32_t is_default; /* 1 for what is used when no id is given */
    int32_t x;           /* screens and windows: position on the desktop in pixels */
    int32_t y;
    int32_t width; /* screens and windows: pixels; cameras: of the largest picture, 0 while that
                      cannot be asked; 0 for sound */
    int32_t height;
    uint32_t reserved[6];             /* 0; for kinds to come, so that the size stays */
    char id[CHALK_DEVICE_TEXT_MAX];   /* UTF-8, for chalk_source_options.device and the like */
    char name[CHALK_DEVICE_TEXT_MAX]; /* UTF-8, for people */
} chalk_device;

/* How a camera hands its pictures over. */
enum chalk_camera_format {
    CHALK_CAMERA_I420 = 1,
    CHALK_CAMERA_NV12 = 2,
    CHALK_CAMERA_YUYV = 3,  /* 4:2:2, packed */
    CHALK_CAMERA_MJPEG = 4, /* each picture a JPEG */
};

/* One of the ways in which a camera can be run. A fixed size on purpose, as chalk_device. */
typedef struct chalk_camera_mode {
    uint32_t format; /* enum chalk_camera_format */
    int32_t width;   /* pixels */
    int32_t height;
    uint32_t fps_milli; /* pictures in 1000 seconds (29970: 29.97 a second); 0: not said */
} chalk_camera_mode;

/**
 * Lists screens, windows, microphones, speakers and cameras.
 *
 * @param runtime   the runtime; its log receives what could not be asked.
 * @param out       room for `capacity` devices; may be NULL when `capacity` is 0.
 * @param capacity  0..1024.
 * @param count     receives how many there are, which may be more than fit.
 * @return CHALK_OK, also when there are none: a machine without a display lists no screens. From
 *         the first call on, CHALK_EVENT_DEVICES tells the runtime's sessions that cameras came or
 *         went. Of microphones and speakers it does not: SDL tells that to whoever runs its event
 *         loop, which is the application's and not a library's to run. One in use that is lost is
 *         an event of its source or playback, and is taken again when it is back; who shows a list
 *         asks for it when it is opened.
 *
 * Errors: INVALID_ARGUMENT (fix the call).
 * Thread: any but the event wakeup; may block for some milliseconds while the system is asked.
 * Lifetime: copies; nothing to release.
 * Since: 0.1
 */
CHALK_API int chalk_devices_list(chalk_runtime *runtime, chalk_device *out, size_t capacity,
                                 size_t *count);

/**
 * Lists the formats, sizes and rates of a camera. A source chooses among them by itself (width,
 * height and fps of chalk_source_options); the list is for an application that lets people choose.
 *
 * @param runtime   the runtime; its log receives what could not be asked.
 * @param device    a camera's id; NULL or "": the default one.
 * @param out       room for `capacity` modes; may be NULL when `capacity` is 0.
 * @param capacity  0..1024.
 * @param count     receives how many there are, which may be more than fit.
 * @return CHALK_OK; the camera need not be free.
 *
 * Errors: INVALID_ARGUMENT (fix the call), NO_DEVICE (no such camera now; list devices),
 * NO_PERMISSION (tell the user; the log says what helps), DEVICE_BUSY (a driver that lets one
 * program in at a time), UNSUPPORTED (nothing knows cameras here), IO.
 * Thread: any but the event wakeup; may block for some milliseconds while the camera is asked.
 * Lifetime: copies; nothing to release.
 * Since: 0.1
 */
CHALK_API int chalk_camera_modes(chalk_runtime *runtime, const char *device, chalk_camera_mode *out,
                                 size_t capacity, size_t *count);

#ifdef __cplusplus
}
#endif
#endif
