/*
 * chalkrail/frame.h - pictures and sound as an application sees them.
 *
 * Video travels as reference-counted frames: a renderer takes one from a playback, an application
 * that captures by itself pushes them into a source. Sound needs no object: it is interleaved
 * 32-bit float in -1..1, 48,000 frames a second, handed over in the caller's own buffers.
 *
 * Times are microseconds: `capture_us` on the runtime's monotonic clock (chalk_runtime_now_us),
 * `pts_us` on the stream's own time line.
 *
 *     chalk_video_info info;
 *     chalk_video_info_init(&info);
 *     if (chalk_video_frame_info(frame, &info) == CHALK_OK) draw(info.planes, info.strides);
 *     chalk_video_frame_unref(&frame);
 *
 * Thread: a frame may be used and released on any thread; its pixels never change after it was
 * handed over. Lifetime: frames outlive the playback, session and runtime that they came from.
 */
#ifndef CHALKRAIL_FRAME_H
#define CHALKRAIL_FRAME_H

#include "chalkrail/errors.h"

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Samples a second and channels of all sound that crosses the API towards the application. */
#define CHALK_SAMPLE_RATE       48000
#define CHALK_PLAYBACK_CHANNELS 2

/* Largest picture accepted anywhere, in pixels a side. A larger one is CHALK_ERR_INVALID_ARGUMENT
 * when the application made it, CHALK_ERR_TOO_LARGE when it came from a file or a peer. */
#define CHALK_PICTURE_SIDE_MAX 8192

/* A reference-counted picture. */
typedef struct chalk_video_frame chalk_video_frame;

/* How pixels lie in memory. */
enum chalk_pixel_format {
    CHALK_PIXEL_I420 = 1,   /* three planes: Y, U, V; chroma halved both ways */
    CHALK_PIXEL_NV12 = 2,   /* two planes: Y, interleaved UV */
    CHALK_PIXEL_BGRA = 3,   /* one plane, bytes B G R A */
    CHALK_PIXEL_NATIVE = 4, /* no planes: `native` is a handle of the system's */
};

/* What the numbers mean as colour (ITU-T H.273). */
enum chalk_color {
    CHALK_COLOR_BT601_LIMITED = 1, /* matrix 6, 16-235 */
    CHALK_COLOR_BT709_LIMITED = 2, /* matrix 1, 16-235 */
    CHALK_COLOR_SRGB_FULL = 3,     /* RGB formats */
};

typedef struct chalk_rect {
    int32_t x;      /* pixels from the left edge */
    int32_t y;      /* pixels from the top edge */
    int32_t width;  /* pixels, > 0 */
    int32_t height; /* pixels, > 0 */
} chalk_rect;

/* What a frame is. Everything it points to lives as long as the caller's reference. */
typedef struct chalk_video_info {
    uint32_t struct_size;      /* set by chalk_video_info_init */
    uint32_t format;           /* enum chalk_pixel_format */
    uint32_t color;            /* enum chalk_color; 0 when creating: by size, as players assume */
    uint32_t rotation_degrees; /* 0, 90, 180 or 270, clockwise, to be applied when shown */
    int32_t width;             /* pixels, 1..CHALK_PICTURE_SIDE_MAX */
    int32_t height;            /* pixels, 1..CHALK_PICTURE_SIDE_MAX */
    const uint8_t *planes[3];  /* NULL where the format has fewer */
    int32_t strides[3];        /* bytes from row to row, >= the row's own bytes */
    void *native;              /* CHALK_PIXEL_NATIVE alone */
    uint64_t capture_us;       /* runtime clock; 0 when creating: now */
    int64_t pts_us;            /* stream time of a played frame; ignored when creating */
    uint32_t damage_count;     /* rectangles that changed since the previous frame; 0: unknown */
    const chalk_rect *damage;  /* damage_count of them, inside the picture */
} chalk_video_info;

/**
 * Fills a chalk_video_info with its size and zeros.
 *
 * @param info  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_video_info_init(chalk_video_info *info);

/**
 * Makes a frame out of an application's pixels, to be pushed into a source.
 *
 * @param info     format, size, planes and strides (or `native`), capture time, damage (at most 64
 *                 rectangles; more are taken as "everything").
 * @param release  called once, on any thread, when the last reference is gone and the pixels may be
 *                 reused; NULL to have the pixels copied now.
 * @param user     passed to `release`.
 * @param out      receives one reference.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (a plane is missing, a stride too short, a size out of range: fix the
 * call), UNSUPPORTED (a native handle without `release`: keep it alive yourself), NO_MEMORY. On an
 * error `release` was not called.
 * Thread: any.
 * Lifetime: unref the frame with chalk_video_frame_unref; with `release` the pixels must stay until
 * it is called.
 * Since: 0.1
 */
CHALK_API int chalk_video_frame_create(const chalk_video_info *info, void (*release)(void *user),
                                       void *user, chalk_video_frame **out);

/**
 * Takes one more reference.
 *
 * @param frame  a live frame; NULL gives NULL.
 * @return the same frame.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: each reference needs its own chalk_video_frame_unref.
 * Since: 0.1
 */
CHALK_API chalk_video_frame *chalk_video_frame_ref(chalk_video_frame *frame);

/**
 * Gives one reference back and clears the caller's pointer.
 *
 * @param frame  address of the pointer; NULL, or a pointer to NULL, is accepted.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the frame may be gone when this returns.
 * Since: 0.1
 */
CHALK_API void chalk_video_frame_unref(chalk_video_frame **frame);

/**
 * Describes a frame.
 *
 * @param frame  a live frame.
 * @param info   initialised by chalk_video_info_init; filled in.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (NULL, or `struct_size` not set).
 * Thread: any.
 * Lifetime: the pointers in `info` are borrowed until the caller's reference is given back.
 * Since: 0.1
 */
CHALK_API int chalk_video_frame_info(const chalk_video_frame *frame, chalk_video_info *info);

#ifdef __cplusplus
}
#endif
#endif
