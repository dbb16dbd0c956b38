/*
 * chalkrail/source.h - where pictures and sound come from.
 *
 * A source is a screen, a window, a camera, a microphone, a file, a generator, or the application
 * itself. It belongs to a session and is named by an id. Any number of tracks may draw on one
 * source; it captures while at least one of them runs.
 *
 *     chalk_source_options options;
 *     chalk_source_options_init(&options);
 *     options.kind = CHALK_SOURCE_SCREEN;
 *     options.cursor = CHALK_CURSOR_VIDEO;
 *     chalk_source_id screen = 0;
 *     int status = chalk_source_create(session, &options, &screen);
 *
 * A device that is lost later does not end the source: a CHALK_EVENT_SOURCE event tells, and it
 * goes on by itself when the device returns. Meanwhile viewers see the last picture of a screen or
 * a window and black in the place of a camera, and hear silence.
 *
 * The synthetic source draws, over a moving background, two rows of 64 square blocks each, most
 * significant bit first, black 0 and white 1: upper row the frame's number, lower row its room time
 * (microseconds since the Unix epoch). A block is width/72 pixels wide and high (rounded down), the
 * rows begin 4 blocks from the left edge, the first one block from the top and the second three.
 * Its sound is a quiet tone with a click of 5 ms (2 kHz, half scale) that starts at each whole
 * second of room time; the square of eight by eight blocks at the lower right is white for the
 * first 100 ms of each second and black otherwise.
 *
 * Thread: any, serial per session. Lifetime: until chalk_source_remove or the session's end.
 */
#ifndef CHALKRAIL_SOURCE_H
#define CHALKRAIL_SOURCE_H

#include "chalkrail/frame.h"
#include "chalkrail/session.h"

#ifdef __cplusplus
extern "C" {
#endif

enum chalk_source_kind {
    CHALK_SOURCE_SCREEN = 1,     /* video: a whole display, one monitor, or a region of it */
    CHALK_SOURCE_WINDOW = 2,     /* video: one window, followed when it moves or is resized */
    CHALK_SOURCE_MICROPHONE = 3, /* audio */
    CHALK_SOURCE_FILE = 4,       /* both: whatever FFmpeg reads, in real time */
    CHALK_SOURCE_SYNTHETIC = 5,  /* both: pictures and clicks that carry their own time */
    CHALK_SOURCE_PUSH = 6,       /* both: what the application pushes */
    CHALK_SOURCE_NULL = 7,       /* both: black and silence, with faults on demand */
    CHALK_SOURCE_CAMERA = 8,     /* video */
};

/* What a null source does wrong, `null_fault_after_ms` after its start (at once when opening). */
enum chalk_null_fault {
    CHALK_NULL_FAULT_NONE = 0,
    CHALK_NULL_FAULT_OPEN = 1,  /* cannot be opened: CHALK_ERR_NO_DEVICE */
    CHALK_NULL_FAULT_BUSY = 2,  /* cannot be opened: CHALK_ERR_DEVICE_BUSY */
    CHALK_NULL_FAULT_LOST = 3,  /* lost for one second, then back */
    CHALK_NULL_FAULT_STALL = 4, /* delivers nothing for one second, says nothing */
    CHALK_NULL_FAULT_END = 5,   /* ends, as a file or a closed window does */
};

/* Where the mouse pointer of a screen or window goes. */
enum chalk_cursor {
    CHALK_CURSOR_NONE = 0,
    CHALK_CURSOR_VIDEO = 1, /* into the picture: seen everywhere, and each move is a new picture */
    CHALK_CURSOR_LANE = 2,  /* apart from it, to the room that the session is in, from where others
                               draw it over the picture (chalkrail/pointer.h) */
    CHALK_CURSOR_BOTH = 3,  /* for a room whose stream is also watched by others */
};

typedef struct chalk_source_options {
    uint32_t struct_size; /* set by chalk_source_options_init */
    uint32_t kind;        /* enum chalk_source_kind; required */
    const char *device;   /* SCREEN: id from the list, or an X display such as ":0"; WINDOW: id;
                             MICROPHONE: id; CAMERA: id, or a node such as "/dev/video0". NULL or "":
                             the default. */
    const char *path;     /* FILE: path, UTF-8 */
    chalk_rect region;    /* SCREEN: part of it in pixels; width 0: all of it */
    int32_t width;        /* SYNTHETIC, NULL: picture size, even, 144..CHALK_PICTURE_SIDE_MAX;
                             CAMERA: the size wished for, of which the nearest mode is taken;
                             0 with height 0: 1280 x 720 */
    int32_t height;
    uint32_t fps;                 /* most pictures a second, 1..60; 0: 15, CAMERA 30 */
    uint32_t cursor;              /* SCREEN, WINDOW: enum chalk_cursor */
    uint32_t loop;                /* FILE: 1 starts over at the end */
    uint32_t null_fault;          /* NULL: enum chalk_null_fault */
    uint32_t null_fault_after_ms; /* NULL: 0..3600000 */
    uint32_t border;              /* SCREEN, WINDOW: 1 shows a border around what is shared, where
                                     there is room beside it; viewers do not see it */
} chalk_source_options;

/* What a source is doing, and what it gives. */
typedef struct chalk_source_stats {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_source_stats) */
    uint32_t state;       /* enum chalk_source_state but those of events alone */
    int32_t cause;        /* why it is in this state; CHALK_OK: nothing is wrong */
    uint32_t media;       /* what it can deliver: a bit 1 << n for each enum chalk_media n */
    int32_t width;        /* of the pictures that will come, pixels; 0: none, or not known before
                             the application pushes one */
    int32_t height;
} chalk_source_stats;

/**
 * Fills source options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL. `kind` is left 0 and must be set.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_source_options_init(chalk_source_options *options);

/**
 * Opens a source. Nothing is captured before a running track asks for it.
 *
 * @param session  the session it belongs to.
 * @param options  what to open; strings are copied.
 * @param out      receives the id, never 0.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (fix the options), NO_DISPLAY, NO_DEVICE, DEVICE_BUSY, NO_PERMISSION
 * (tell the user, with the log's line on who holds a camera or what helps; offer another source),
 * IO, BAD_DATA, TOO_LARGE, CODEC_UNKNOWN or CODEC (the file cannot be read, or holds nothing that
 * can be decoded), UNSUPPORTED (no such source, or not of such pixels, on this system), LIMIT (64
 * sources a session; descriptors or threads), NO_MEMORY.
 * Thread: any, serial per session; may block while a device opens.
 * Lifetime: until chalk_source_remove or the session is destroyed.
 * Since: 0.1
 */
CHALK_API int chalk_source_create(chalk_session *session, const chalk_source_options *options,
                                  chalk_source_id *out);

/**
 * Stops and closes a source. Tracks that draw on it go on with black or silence.
 *
 * @param session  the session it belongs to.
 * @param source   the id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (already gone; nothing to do).
 * Thread: any, serial per session; waits for the source's thread.
 * Lifetime: the id is never used again.
 * Since: 0.1
 */
CHALK_API int chalk_source_remove(chalk_session *session, chalk_source_id source);

/**
 * Pauses a source, or lets it go on. While it is paused viewers see a card (two bars) and hear
 * silence; the stream and the device go on. Told by an event of state PAUSED or RESUMED.
 *
 * @param session  the session it belongs to.
 * @param source   the id.
 * @param paused   1: pause, 0: go on.
 * @return CHALK_OK, also when it was so already.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT, NO_MEMORY (it goes on as it was).
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_source_pause(chalk_session *session, chalk_source_id source, int paused);

/**
 * Reads a source's state and shape.
 *
 * @param session  the session it belongs to.
 * @param source   the id.
 * @param stats    `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (`struct_size` not set).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_source_get_stats(chalk_session *session, chalk_source_id source,
                                     chalk_source_stats *stats);

/**
 * Hands a picture to a PUSH source.
 *
 * @param session  the session it belongs to.
 * @param source   the id of a CHALK_SOURCE_PUSH source.
 * @param frame    the picture; the library takes a reference of its own.
 * @return CHALK_OK, also when nobody encodes at the moment and the picture is dropped.
 *
 * Errors: NOT_FOUND, BAD_STATE (not a PUSH source), UNSUPPORTED (a native frame that this build's
 * encoders cannot take: push I420, NV12 or BGRA).
 * Thread: any one thread at a time per source; never blocks on encoding.
 * Lifetime: the caller keeps and releases its own reference.
 * Since: 0.1
 */
CHALK_API int chalk_source_push_video(chalk_session *session, chalk_source_id source,
                                      chalk_video_frame *frame);

/**
 * Hands sound to a PUSH source.
 *
 * @param session     the session it belongs to.
 * @param source      the id of a CHALK_SOURCE_PUSH source.
 * @param samples     frames * channels interleaved floats, -1..1.
 * @param frames      samples per channel, 1..96000.
 * @param rate        Hz, 8000..192000.
 * @param channels    1..8; more than two are mixed down.
 * @param capture_us  runtime time of the first sample; 0: now.
 * @return CHALK_OK, also when nobody encodes at the moment and the sound is dropped.
 *
 * Errors: NOT_FOUND, BAD_STATE (not a PUSH source), INVALID_ARGUMENT.
 * Thread: any one thread at a time per source; takes a lock, so not from an audio callback.
 * Lifetime: the samples are copied.
 * Since: 0.1
 */
CHALK_API int chalk_source_push_audio(chalk_session *session, chalk_source_id source,
                                      const float *samples, uint32_t frames, uint32_t rate,
                                      uint32_t channels, uint64_t capture_us);

#ifdef __cplusplus
}
#endif
#endif
