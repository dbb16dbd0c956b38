/*
 * chalkrail/playback.h - receiving a stream: pictures and sound that an application shows.
 *
 * A playback connects to a URL, reconnects for ever unless told otherwise, buffers, decodes, and
 * keeps picture and sound in step. Sound goes to a speaker that the library opens, or is pulled by
 * the application from an audio sink. Pictures are taken from a video sink at the application's own
 * pace, best once per display refresh: the sink gives the newest frame that is due.
 *
 *     chalk_playback_options options;
 *     chalk_playback_options_init(&options);
 *     options.url = "http://127.0.0.1:8935/math/li/screen.flv";
 *     chalk_playback_create(session, &options, &playback);
 *     chalk_video_sink_open(session, playback, &pictures);
 *     if (chalk_video_sink_take(pictures, &frame) == CHALK_OK) draw(frame);
 *
 * What an http or https URL leads to shows in its path: one that ends in .m3u8 is an HLS playlist
 * (RFC 8216), anything else an FLV stream. Of HLS are played: MPEG-TS and fragmented MP4 with H.264
 * and AAC, live (from three target durations before the end) and on demand, master playlists (one
 * variant, chosen by bandwidth and codecs), byte ranges, discontinuities. Refused by name:
 * encryption, other codecs, sound in a playlist of its own (UNSUPPORTED, CODEC_UNKNOWN). A playlist
 * that ends closes the playback with the cause END. Its dates stand in for room time where the
 * pictures have none.
 *
 * A sink is opened on a playback but lives until it is closed: after the playback's end it gives
 * no more pictures, and silence.
 *
 * Thread: playbacks any, serial per session; sinks each have their own contract, below.
 * Lifetime: until chalk_playback_remove, or the CLOSED event.
 */
#ifndef CHALKRAIL_PLAYBACK_H
#define CHALKRAIL_PLAYBACK_H

#include "chalkrail/frame.h"
#include "chalkrail/session.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct chalk_video_sink chalk_video_sink;
typedef struct chalk_audio_sink chalk_audio_sink;

typedef struct chalk_playback_options {
    uint32_t struct_size; /* set by chalk_playback_options_init */
    uint32_t no_retry;    /* 1: the first failure ends it */
    const char *url;      /* rtmp://, rtmps://, http:// or https://; required */
    uint32_t delay_ms;    /* sound and picture kept in hand against jitter, 20..5000; 0: 200 */
    uint32_t use_speaker; /* 1: play through a speaker; 0: the application pulls, or nobody hears */
    const char *speaker;  /* id of the speaker; NULL or "": the default */
    uint32_t give_up_ms;  /* ends after this long without being live; 0: never */
    uint32_t muted;       /* 1: starts muted */
} chalk_playback_options;

/* Figures of one playback since it was created. */
typedef struct chalk_playback_stats {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_playback_stats) */
    uint32_t state;       /* enum chalk_link_state */
    int32_t cause;        /* why it is in this state */
    uint32_t width;       /* of the newest decoded picture; 0: none yet */
    uint32_t height;
    uint32_t delay_ms;   /* from arrival to being shown or heard, now */
    int32_t skew_us;     /* shown picture minus heard sound; > 0: the picture is ahead */
    uint32_t reconnects; /* times it became live again */
    uint64_t bytes_received;
    uint64_t frames_received; /* pictures */
    uint64_t frames_decoded;
    uint64_t frames_shown; /* taken from the video sink */
    uint64_t
        frames_dropped; /* never taken: too late, replaced by a newer one, or not decoded in time */
    uint64_t decode_errors;     /* access units that could not be decoded */
    uint64_t samples_played;    /* sound handed out, per channel, concealed ones included */
    uint64_t samples_concealed; /* of those, silence because nothing was there */
    uint64_t freezes;           /* times that sound or picture stood still */
    uint64_t freeze_us;         /* time they stood */
    uint64_t first_picture_us;  /* from creation to the first decoded picture; 0: none yet */
    uint64_t room_time_us;      /* room time of the picture shown last, from the stream's stamps or,
                                   without them, the playlist's dates; 0: it has neither */
    uint64_t decode_us;         /* processor time of decoding */
} chalk_playback_stats;

/**
 * Fills playback options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_playback_options_init(chalk_playback_options *options);

/**
 * Starts a playback.
 *
 * @param session  the session.
 * @param options  what to play; strings are copied.
 * @param out      receives the id.
 * @return CHALK_OK; connecting goes on in the background.
 *
 * Errors: INVALID_ARGUMENT (bad URL or a value out of range), UNSUPPORTED (scheme), TLS (the
 * trusted certificates cannot be read), LIMIT, NO_MEMORY, WRONG_THREAD. A speaker that cannot be
 * opened is not an error: CHALK_EVENT_DEVICE tells, and the playback goes on without sound.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: until chalk_playback_remove, or its CLOSED event (then the id is gone).
 * Since: 0.1
 */
CHALK_API int chalk_playback_create(chalk_session *session, const chalk_playback_options *options,
                                    chalk_playback_id *out);

/**
 * Ends a playback; a recording is completed.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param request   receives the request's id; may be NULL. The playback's CLOSED event carries it.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, LIMIT (256 requests whose events were not taken), WRONG_THREAD.
 * Thread: any, serial per session; on a host-driven runtime the thread that polls.
 * Lifetime: the id is gone after the CLOSED event.
 * Since: 0.1
 */
CHALK_API int chalk_playback_remove(chalk_session *session, chalk_playback_id playback,
                                    chalk_request_id *request);

/**
 * Mutes or unmutes what is heard; the sound goes on being received.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param muted     1: mute, 0: unmute.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT.
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_playback_mute(chalk_session *session, chalk_playback_id playback, int muted);

/**
 * Records what is received, as it is (nothing is encoded again), from the next key frame on.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param path      file, UTF-8: .mp4, .flv or .mkv; an existing one is replaced.
 * @return CHALK_OK. CHALK_EVENT_RECORDING tells when it begins and ends; a full disk ends it with
 * NO_SPACE and leaves the file playable up to there.
 *
 * Errors: NOT_FOUND, BAD_STATE (already recording), UNSUPPORTED (file type), IO, NO_PERMISSION,
 * NO_SPACE (the file cannot be made).
 * Thread: any, serial per session.
 * Lifetime: until chalk_playback_record_stop or the playback's end.
 * Since: 0.1
 */
CHALK_API int chalk_playback_record(chalk_session *session, chalk_playback_id playback,
                                    const char *path);

/**
 * Completes a recording.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param request   receives the request's id; may be NULL. The RECORDING event carries it.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, BAD_STATE (not recording), LIMIT (256 requests whose events were not taken).
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_playback_record_stop(chalk_session *session, chalk_playback_id playback,
                                         chalk_request_id *request);

/**
 * Reads a playback's state and figures.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param stats     `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (`struct_size` not set).
 * Thread: any, serial per session.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_playback_get_stats(chalk_session *session, chalk_playback_id playback,
                                       chalk_playback_stats *stats);

/**
 * Opens the sink that gives a playback's pictures. One per playback.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param out       receives the sink.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, BAD_STATE (it has one already), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: chalk_video_sink_close; it may outlive playback, session and runtime.
 * Since: 0.1
 */
CHALK_API int chalk_video_sink_open(chalk_session *session, chalk_playback_id playback,
                                    chalk_video_sink **out);

/**
 * Takes the newest picture that is due and was not taken before.
 *
 * @param sink   the sink.
 * @param frame  receives one reference.
 * @return CHALK_OK.
 *
 * Errors: AGAIN (nothing new is due: keep showing the last picture), END (the playback has ended).
 * Thread: the render thread, one at a time; takes a short lock, never waits for decoding.
 * Lifetime: release the frame with chalk_video_frame_unref.
 * Since: 0.1
 */
CHALK_API int chalk_video_sink_take(chalk_video_sink *sink, chalk_video_frame **frame);

/**
 * Closes a video sink and clears the pointer.
 *
 * @param sink  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any, when no other call on the sink is under way.
 * Lifetime: frames taken from it stay valid.
 * Since: 0.1
 */
CHALK_API void chalk_video_sink_close(chalk_video_sink **sink);

/**
 * Opens the sink from which the application pulls a playback's sound. One per playback, and only
 * without a speaker (chalk_playback_options.use_speaker 0).
 *
 * @param session   the session.
 * @param playback  the id.
 * @param out       receives the sink.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, BAD_STATE (it has one already, or plays through a speaker), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: chalk_audio_sink_close; it may outlive playback, session and runtime.
 * Since: 0.1
 */
CHALK_API int chalk_audio_sink_open(chalk_session *session, chalk_playback_id playback,
                                    chalk_audio_sink **out);

/**
 * Fills a buffer with the sound that is heard next; where there is none, with silence.
 *
 * @param sink      the sink.
 * @param samples   room for frames * CHALK_PLAYBACK_CHANNELS interleaved floats.
 * @param frames    samples per channel, 1..9600.
 * @param delay_us  time until the first of them is heard; 0 if unknown.
 * @return how many of the frames are real sound, 0..frames; the rest is silence.
 *
 * Errors: INVALID_ARGUMENT.
 * Thread: audio callback: takes no lock, allocates nothing; one thread at a time.
 * Lifetime: the caller's own buffer.
 * Since: 0.1
 */
CHALK_API int chalk_audio_sink_read(chalk_audio_sink *sink, float *samples, uint32_t frames,
                                    uint32_t delay_us);

/**
 * The stream time of the sound that chalk_audio_sink_read gave last.
 *
 * @param sink  the sink.
 * @return microseconds on the stream's time line of the sample after the last one given, the same
 * line as chalk_video_info.pts_us; INT64_MIN before the first real sound.
 *
 * Errors: none.
 * Thread: audio callback: the thread that reads.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int64_t chalk_audio_sink_pts_us(const chalk_audio_sink *sink);

/**
 * Closes an audio sink and clears the pointer.
 *
 * @param sink  address of the pointer; NULL or a pointer to NULL is accepted.
 *
 * Errors: none.
 * Thread: any, when no other call on the sink is under way.
 * Lifetime: the pointer is invalid afterwards.
 * Since: 0.1
 */
CHALK_API void chalk_audio_sink_close(chalk_audio_sink **sink);

#ifdef __cplusplus
}
#endif
#endif
