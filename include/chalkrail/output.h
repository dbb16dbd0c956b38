/*
 * chalkrail/output.h - where a publication goes: a server, a file, or the application.
 *
 * An output takes encodings of its publication: those it was told, or the first of picture and of
 * sound; or a stream that was prepared before. A URL output connects, reconnects for ever unless
 * told otherwise, and tells its state in CHALK_EVENT_OUTPUT. When the network is slower than the
 * stream, it drops pictures up to the next key frame rather than growing late; sound is kept as
 * long as that suffices.
 *
 * H.264 and AAC go everywhere. VP8 and Opus go to servers that announce them when they are
 * connected to (Enhanced RTMP; Chalkrail's own edge does): any other ends the output with
 * CODEC_UNKNOWN and says so in the event's text. Files: .mkv holds both, .mp4 Opus, .flv neither.
 *
 *     chalk_output_options options;
 *     chalk_output_options_init(&options);
 *     options.url = "rtmp://127.0.0.1:1935/math/li/screen";
 *     chalk_output_id output = 0;
 *     int status = chalk_output_create(session, publication, &options, &output);
 *
 * Thread: any, serial per session. Lifetime: until its CLOSED event.
 */
#ifndef CHALKRAIL_OUTPUT_H
#define CHALKRAIL_OUTPUT_H

#include "chalkrail/publication.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* One encoded access unit as an application callback gets it; borrowed during the call. */
typedef struct chalk_packet {
    uint32_t struct_size; /* set by the library */
    uint32_t codec;       /* enum chalk_codec */
    uint32_t key;         /* 1: decoding may start here */
    uint32_t config;      /* 1: `data` is the decoder's configuration: AVCDecoderConfigurationRecord
                             of ISO/IEC 14496-15, AudioSpecificConfig of ISO/IEC 14496-3,
                             VPCodecConfigurationRecord (VP8), OpusHead of RFC 7845 */
    int64_t pts_us;       /* presentation time on the publication's time line */
    int64_t dts_us;       /* decoding time */
    const uint8_t *data;  /* H.264: NAL units each behind a 4-byte length; VP8: one frame; AAC: one
                             raw frame; Opus: one packet */
    size_t size;          /* bytes */
} chalk_packet;

/* Called on a thread of the library's, one packet at a time, configuration first. Must not call
 * back into the library; a slow callback delays this output alone. */
typedef void (*chalk_packet_fn)(void *user, const chalk_packet *packet);

/* Most encodings in an output: FLV and RTMP carry one picture and one sound. */
#define CHALK_OUTPUT_ENCODINGS_MAX 2

/* A stream that was encoded beforehand: an FLV file with H.264 or VP8 and AAC or Opus, as
 * `ffmpeg -i FILE -c copy OUT.flv` makes it, kept in memory. Any number of outputs of any session
 * send one at the same time, over and over, at the pace of its time stamps. */
typedef struct chalk_prepared chalk_prepared;

typedef struct chalk_output_options {
    uint32_t struct_size;   /* set by chalk_output_options_init */
    uint32_t no_retry;      /* URL: 1: the first failure ends it */
    const char *url;        /* rtmp:// or rtmps://; exactly one of url, path, packet must be set */
    const char *path;       /* file, UTF-8: .mp4, .flv or .mkv; an existing one is replaced */
    chalk_packet_fn packet; /* the application's callback */
    void *packet_user;      /* passed to `packet` */
    chalk_encoding_id encodings[CHALK_OUTPUT_ENCODINGS_MAX]; /* 0: the first of each media */
    uint32_t queue_max_ms; /* URL: unsent media above this drops pictures, 200..10000; 0: 2000 */
    uint32_t give_up_ms;   /* URL: ends after this long without being live; 0: never */
    const chalk_prepared *prepared; /* URL: sent instead of encodings, of which the publication
                                       needs none; NULL: encodings are */
} chalk_output_options;

/* Figures of one output since it was created. */
typedef struct chalk_output_stats {
    uint32_t struct_size;    /* set by the caller to sizeof(chalk_output_stats) */
    uint32_t state;          /* enum chalk_link_state */
    int32_t cause;           /* why it is in this state */
    uint32_t queue_ms;       /* media not yet sent: ours, TLS's and the kernel's */
    uint32_t congested;      /* 1: pictures are dropped until the next key frame */
    uint32_t reconnects;     /* times it became live again */
    uint64_t bytes_sent;     /* payload and protocol */
    uint64_t frames_sent;    /* pictures and sound frames */
    uint64_t frames_dropped; /* because the queue was too long */
} chalk_output_stats;

/**
 * Fills output options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_output_options_init(chalk_output_options *options);

/**
 * Reads a prepared stream into memory.
 *
 * @param path  FLV file, UTF-8, at most 256 MB and a million packets.
 * @param out   receives it.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NOT_FOUND, NO_PERMISSION, IO (it cannot be read), TOO_LARGE, BAD_DATA
 * (no FLV file, or a damaged one), CODEC_UNKNOWN (it holds another codec), NO_MEDIA (nothing that
 * decoding could begin with), NO_MEMORY.
 * Thread: any; reads the file before it returns.
 * Lifetime: chalk_prepared_close; outputs that send it keep it as long as they do.
 * Since: 0.1
 */
CHALK_API int chalk_prepared_open(const char *path, chalk_prepared **out);

/**
 * Gives a prepared stream up and clears the pointer.
 *
 * @param prepared  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any, when no call with it is under way.
 * Lifetime: outputs that send it go on.
 * Since: 0.1
 */
CHALK_API void chalk_prepared_close(chalk_prepared **prepared);

/**
 * Adds an output; it begins at once.
 *
 * @param session      the session.
 * @param publication  the publication, with at least one encoding.
 * @param options      where to; strings are copied.
 * @param out          receives the id.
 * @return CHALK_OK; connecting goes on in the background.
 *
 * Errors: NOT_FOUND (publication or a named encoding), BAD_STATE (no encodings yet),
 * INVALID_ARGUMENT (bad URL, not exactly one target, two encodings of one media, a prepared stream
 * beside named encodings or to anything but a URL), UNSUPPORTED
 * (scheme, file type, or a codec that such a file does not hold), TLS (rtmps: the trusted
 * certificates cannot be read), IO, NO_PERMISSION or NO_SPACE (the file cannot be made), LIMIT,
 * NO_MEMORY, WRONG_THREAD (URL).
 * Thread: any, serial per session; to a URL on a host-driven runtime: the thread that polls.
 * Lifetime: until chalk_output_remove, or its CLOSED event (then the id is gone).
 * Since: 0.1
 */
CHALK_API int chalk_output_create(chalk_session *session, chalk_publication_id publication,
                                  const chalk_output_options *options, chalk_output_id *out);

/**
 * Ends an output gracefully: what is queued is sent or written for at most two seconds.
 *
 * @param session  the session.
 * @param output   the id.
 * @param request  receives the request's id; may be NULL. The output's CLOSED event carries it.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, LIMIT (256 requests whose events were not taken), WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: the id is gone after the CLOSED event.
 * Since: 0.1
 */
CHALK_API int chalk_output_remove(chalk_session *session, chalk_output_id output,
                                  chalk_request_id *request);

/**
 * Reads an output's state and figures.
 *
 * @param session  the session.
 * @param output   the id.
 * @param stats    `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (`struct_size` not set).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_output_get_stats(chalk_session *session, chalk_output_id output,
                                     chalk_output_stats *stats);

#ifdef __cplusplus
}
#endif
#endif
