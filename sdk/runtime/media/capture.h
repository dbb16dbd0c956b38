/*
 * The contract between the media graph and the operating system's (or a synthetic) devices. runtime
 * owns it, platform/ implements it: one const table a backend, in the order of preference in
 * platform/platform.c. The client hands the tables to the graph.
 *
 * A source delivers from a thread of its own. Between `start` and the return of `stop` it calls the
 * sink's functions one at a time; after `stop` returned, never again. No function of a sink may be
 * called from an audio device's callback: a microphone copies there into a lock-free ring and
 * delivers from its thread.
 */
#ifndef CK_MEDIA_CAPTURE_H
#define CK_MEDIA_CAPTURE_H

#include "chalkrail/device.h"
#include "chalkrail/source.h"

#include "core/pointer/shape.h"
#include "runtime/media/codec.h"

/* What a source says besides frames. */
enum ck_source_notice {
    CK_SOURCE_LOST = 1, /* device, display or file gone, session locked; goes on trying by itself */
    CK_SOURCE_RECOVERED = 2,
    CK_SOURCE_RESIZED = 3,  /* pictures have another size from now on */
    CK_SOURCE_HIDDEN = 5,   /* there, but not shown (a minimised window); RECOVERED follows */
    CK_SOURCE_MIRRORED = 6, /* the application's own windows are in the picture; told once */
    CK_SOURCE_ENDED = 4,    /* the file ended, the window was closed: nothing more will come */
};

/* The pointer apart from the picture, of a source that was opened with CHALK_CURSOR_LANE. */
typedef struct ck_source_pointer {
    bool visible;  /* its point is in the picture, and the system shows it */
    uint32_t x, y; /* the point, pixels of the picture; while it is visible */
    /* What it looks like, borrowed during the call; the picture's size is in it. NULL: as at the
     * last call, and the picture has the size that it had then. */
    const ck_shape *shape;
} ck_source_pointer;

typedef struct ck_source_sink {
    void (*video)(void *user, chalk_video_frame *frame);    /* takes the reference */
    void (*audio)(void *user, const ck_audio_block *block); /* borrowed during the call */
    /* status: why, as a chalk_error (0 for RECOVERED, RESIZED); text: for people, borrowed */
    void (*notice)(void *user, int what, int status, const char *text);
    /* When it moved, looks different, or is (not) seen any more; at most 60 times a second, no
     * matter when pictures come. The first call after LOST, RESIZED and `start` has a shape. */
    void (*pointer)(void *user, const ck_source_pointer *pointer);
    void *user;
} ck_source_sink;

typedef struct ck_source ck_source;

typedef struct ck_source_backend {
    const char *name;
    uint32_t kind;  /* enum chalk_source_kind that it serves */
    uint32_t media; /* bits 1 << enum chalk_media that it can deliver */
    /* The bits that this one delivers, where sources of the kind differ; NULL: `media`. */
    uint32_t (*media_of)(const ck_source *s);
    /* Opens without delivering; a clear error now rather than silence later. Strings in `options`
     * are borrowed during the call. */
    int (*open)(const chalk_source_options *options, const ck_log *log, ck_source **out);
    /* The size of the pictures that will come (may change later, with a notice); UNSUPPORTED
     * without pictures. Any thread, at any time. */
    int (*size)(ck_source *s, int32_t *width, int32_t *height);
    /* `media`: the bits wanted. */
    int (*start)(ck_source *s, uint32_t media, const ck_source_sink *sink);
    void (*stop)(ck_source *s); /* joins its thread */
    void (*close)(ck_source **s);
} ck_source_backend;

/* A loudspeaker pulls sound: `pull` fills exactly `frames` interleaved stereo float samples at
 * 48 kHz and returns; it runs in the device's callback, so it takes no lock and allocates nothing.
 * `delay_us` is the time until the first of these samples is heard. */
typedef void (*ck_speaker_pull)(void *user, float *out, uint32_t frames, uint32_t delay_us);
/* The device was lost (`status` is why, a chalk_error) or is back (CHALK_OK); sound is pulled at
 * its pace all the while. On a thread of the speaker's own, never in the device's callback. `text`
 * is for people, borrowed. */
typedef void (*ck_speaker_notice)(void *user, int status, const char *text);
typedef struct ck_speaker ck_speaker;

typedef struct ck_speaker_backend {
    const char *name;
    /* device: a stable id from the list; NULL or "" for the system's default. notice: may be NULL.
     */
    int (*open)(const char *device, ck_speaker_pull pull, ck_speaker_notice notice, void *user,
                const ck_log *log, ck_speaker **out);
    void (*close)(ck_speaker **s); /* after it returned neither callback comes any more */
} ck_speaker_backend;

/* Appends what it finds to `out`; finding nothing is CHALK_OK. */
typedef struct ck_device_backend {
    const char *name;
    int (*list)(chalk_device *out, size_t capacity, size_t *count, const ck_log *log);
    /* As chalk_camera_modes; NULL where a backend knows no cameras. */
    int (*camera_modes)(const char *device, chalk_camera_mode *out, size_t capacity, size_t *count,
                        const ck_log *log);
    /* A descriptor that becomes readable when the list may have changed; negative: there is none.
     * NULL, as both below: changes are not told. */
    int (*watch)(void);
    bool (*watched)(int fd); /* empties it; true when the list has changed */
    void (*unwatch)(int fd);
} ck_device_backend;

/* One table for a build; defined in platform/platform.c. NULL ends each list. */
typedef struct ck_platform {
    const ck_source_backend *const *sources;
    const ck_speaker_backend *const *speakers;
    const ck_device_backend *const *devices;
} ck_platform;

extern const ck_platform ck_this_platform;

#endif
