/*
 * chalkrail/publication.h - sending a stream: source -> track -> encoding -> output.
 *
 * A publication is one stream with one time line, for example a teacher's screen and voice. It has
 * tracks (what is carried and where it comes from), each track one or more encodings (how it is
 * compressed), and outputs (chalkrail/output.h: where it goes). All of them can be added and
 * removed while it runs. Nothing is captured or encoded before an output is there.
 *
 *     chalk_publication_create(session, NULL, &publication);
 *     chalk_track_options track;
 *     chalk_track_options_init(&track);
 *     track.source = screen;
 *     track.media = CHALK_MEDIA_VIDEO;
 *     chalk_track_create(session, publication, &track, &video);
 *     chalk_encoding_create(session, video, NULL, NULL);      // defaults by hint
 *     chalk_output_create(session, publication, &output, &id); // it runs
 *
 * Thread: any, serial per session. Lifetime: until chalk_publication_remove or the session's end.
 */
#ifndef CHALKRAIL_PUBLICATION_H
#define CHALKRAIL_PUBLICATION_H

#include "chalkrail/codec.h"
#include "chalkrail/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_publication_options {
    uint32_t struct_size; /* set by chalk_publication_options_init */
    uint32_t no_stamps; /* 1: no room time in the pictures (SEI); 0: on each key frame and second */
} chalk_publication_options;

typedef struct chalk_track_options {
    uint32_t struct_size;   /* set by chalk_track_options_init */
    uint32_t media;         /* enum chalk_media; required */
    chalk_source_id source; /* required */
    uint32_t hint;  /* enum chalk_hint; AUTO for pictures alone; 0: SLIDES for screens and windows,
                       CAMERA for other  pictures, VOICE for sound */
    uint32_t muted; /* 1: starts muted: black or silence is sent */
} chalk_track_options;

typedef struct chalk_encoding_options {
    uint32_t struct_size;  /* set by chalk_encoding_options_init */
    uint32_t codec;        /* enum chalk_codec; 0: H264 for video, AAC for audio, which every server
                              and file takes; VP8 and OPUS: see chalkrail/output.h */
    int32_t width;         /* video: even, 16..4096; 0 with height 0: the source's, made to fit */
    int32_t height;        /* video: even, 16..2304 */
    uint32_t fps;          /* video: most frames a second, 1..60; 0: what the source gives, at most
                              30 */
    uint32_t bitrate_kbps; /* target, video 30..20000, audio 16..320; 0: by hint and size */
    uint32_t gop_ms;       /* video: longest time between key frames, 200..60000; 0: 2000. Where all
                              outputs go to servers that ask for key frames, as Chalkrail's edge
                              does, none is made by time of a picture that rests. */
    uint32_t channels;     /* audio: 1 or 2; 0: 1 for voice, 2 for music */
    const char *encoder;   /* "auto" or NULL: software, then hardware; "software": never hardware;
                              "hardware": hardware where it works, else software; or the name of
                              one, such as "libx264" or "h264_vaapi", and no other */
} chalk_encoding_options;

/* Figures of one encoding since it began. */
typedef struct chalk_encoding_stats {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_encoding_stats) */
    uint32_t width;       /* video: of the encoded picture */
    uint32_t height;
    uint32_t bitrate_kbps;    /* target now */
    uint64_t frames_captured; /* arrived from the source (audio: blocks) */
    uint64_t frames_dropped;  /* replaced by a newer one before they were encoded */
    uint64_t frames_encoded;  /* video: pictures, repeated ones included; audio: packets, of 21 ms
                                 (AAC) or 20 ms (Opus) */
    uint64_t key_frames_encoded;
    uint64_t bytes_encoded;
    uint64_t encode_us; /* processor time of conversion and encoding */
    char encoder[32];   /* name of the encoder in use */
} chalk_encoding_stats;

/**
 * Fills publication options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_publication_options_init(chalk_publication_options *options);

/**
 * Fills track options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL. `media` and `source` must be set.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_track_options_init(chalk_track_options *options);

/**
 * Fills encoding options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_encoding_options_init(chalk_encoding_options *options);

/**
 * Creates an empty publication.
 *
 * @param session  the session it belongs to.
 * @param options  NULL for the defaults.
 * @param out      receives the id.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, LIMIT, NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until chalk_publication_remove or the session's end.
 * Since: 0.1
 */
CHALK_API int chalk_publication_create(chalk_session *session,
                                       const chalk_publication_options *options,
                                       chalk_publication_id *out);

/**
 * Ends a publication: its outputs are ended gracefully, its tracks and encodings go with it.
 *
 * @param session      the session.
 * @param publication  the id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls. Waits for the
 * encoders (not for the network).
 * Lifetime: the ids of its tracks, encodings and outputs are gone; each output still ends with a
 * CLOSED event.
 * Since: 0.1
 */
CHALK_API int chalk_publication_remove(chalk_session *session, chalk_publication_id publication);

/**
 * Adds a track.
 *
 * @param session      the session.
 * @param publication  where it is added.
 * @param options      what it carries.
 * @param out          receives the id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (publication or source), INVALID_ARGUMENT, UNSUPPORTED (the source has no such
 * media), LIMIT, NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until chalk_track_remove or the publication's end.
 * Since: 0.1
 */
CHALK_API int chalk_track_create(chalk_session *session, chalk_publication_id publication,
                                 const chalk_track_options *options, chalk_track_id *out);

/**
 * Ends a track and its encodings.
 *
 * @param session  the session.
 * @param track    the id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls. Waits for its
 * encoders.
 * Lifetime: the id and its encodings' ids are gone. Outputs that carried them go on with the rest.
 * Since: 0.1
 */
CHALK_API int chalk_track_remove(chalk_session *session, chalk_track_id track);

/**
 * Mutes or unmutes a track: muted sound is silence, a muted picture is black. The stream goes on.
 *
 * @param session  the session.
 * @param track    the id.
 * @param muted    1: mute, 0: unmute.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT.
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_track_mute(chalk_session *session, chalk_track_id track, int muted);

/**
 * Lets a track draw on another source from now on, without a break in the stream.
 *
 * @param session  the session.
 * @param track    the id.
 * @param source   a source that has the track's media.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, UNSUPPORTED (the source has no such media).
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_track_set_source(chalk_session *session, chalk_track_id track,
                                     chalk_source_id source);

/**
 * The encoders of this build by name, for `encoder` of chalk_encoding_options. One of a driver that
 * this machine has not is among them, and fails when it is tried.
 *
 * @param codec  enum chalk_codec.
 * @param index  0 to the first for which nothing comes.
 * @return Its name, such as "libx264"; "" when there is none, or the codec is not known.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static.
 * Since: 0.1
 */
CHALK_API const char *chalk_encoder_name(uint32_t codec, uint32_t index);

/**
 * Adds an encoding to a track. Which encoder was chosen, and why, comes as CHALK_EVENT_ENCODER
 * when the first frame is encoded.
 *
 * @param session  the session.
 * @param track    the track.
 * @param options  NULL for the defaults of the track's hint; strings are copied.
 * @param out      receives the id; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (out of range, or a codec of the other media), UNSUPPORTED
 * (no such encoder in this build), LIMIT, NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: until chalk_encoding_remove or the track's end.
 * Since: 0.1
 */
CHALK_API int chalk_encoding_create(chalk_session *session, chalk_track_id track,
                                    const chalk_encoding_options *options, chalk_encoding_id *out);

/**
 * Ends an encoding. Outputs that carried it go on with the rest.
 *
 * @param session   the session.
 * @param encoding  the id.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls. Waits for the
 * encoder.
 * Lifetime: the id is gone.
 * Since: 0.1
 */
CHALK_API int chalk_encoding_remove(chalk_session *session, chalk_encoding_id encoding);

/**
 * Changes the target bitrate from the next frame on, without a key frame.
 *
 * @param session       the session.
 * @param encoding      the id.
 * @param bitrate_kbps  video 30..20000, audio 16..320.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT.
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_encoding_set_bitrate(chalk_session *session, chalk_encoding_id encoding,
                                         uint32_t bitrate_kbps);

/**
 * Makes the next picture a key frame.
 *
 * @param session   the session.
 * @param encoding  a video encoding.
 * @return CHALK_OK, also for sound, where every frame is one.
 *
 * Errors: NOT_FOUND.
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_encoding_request_key_frame(chalk_session *session, chalk_encoding_id encoding);

/**
 * Reads an encoding's figures.
 *
 * @param session   the session.
 * @param encoding  the id.
 * @param stats     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (`struct_size` not set).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_encoding_get_stats(chalk_session *session, chalk_encoding_id encoding,
                                       chalk_encoding_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
