/*
 * chalkrail/playback.h - receiving a stream: pictures and sound that an application shows.
 *
 * A playback connects to a URL, reconnects for ever unless told otherwise, buffers, decodes, and
 * keeps picture and sound in step. How long media waits follows the network: so long that only a
 * chosen share of it comes too late, which is what a latency profile sets. To make up lost time
 * sound is played up to a quarter faster without a change of pitch; what is more than a second
 * behind is skipped to the newest key frame; sound that is missing is made up and faded. Sound goes
 * to a speaker that the library opens, or is pulled by the application from an audio sink. Pictures
 * are taken from a video sink at the application's own pace, best once per display refresh: the
 * sink gives the newest frame that is due.
 *
 *     chalk_playback_options options;
 *     chalk_playback_options_init(&options);
 *     options.url = "http://127.0.0.1:8935/math/li/screen.flv";
 *     chalk_playback_create(session, &options, &playback);
 *     chalk_video_sink_open(session, playback, &pictures);
 *     if (chalk_video_sink_take(pictures, &frame) == CHALK_OK) draw(frame);
 *
 * RTMP and HTTP-FLV carry H.264, AAC, VP8 and Opus; a stream of anything else ends with
 * CODEC_UNKNOWN and its name.
 *
 * What an http or https URL leads to shows in its path: one that ends in .m3u8 is an HLS playlist
 * (RFC 8216), anything else an FLV stream. Of HLS are played: MPEG-TS and fragmented MP4 with H.264
 * and AAC, packed AAC, segments encrypted with AES-128, live (from three target durations before
 * the end) and on demand, master playlists (one variant, chosen by bandwidth and codecs), byte
 * ranges, discontinuities. Refused by name: other encryption, other codecs, sound in a playlist of
 * its own (UNSUPPORTED, CODEC_UNKNOWN). A playlist that ends closes the playback with the cause
 * END. Its dates stand in for room time where the pictures have none.
 *
 * A playback that does not decode (no_decoding) plays all the same, by the headers of what comes:
 * its figures and events are those of a playback whose pictures are taken as they become due and
 * whose sound is taken by a device without delay. A picture counts as decoded when it has come,
 * decode_us stays 0, room time is not known, and CHALK_EVENT_FREEZE comes when something is
 * received again. It has no thread and no sinks, cannot be recorded or followed by a room, and
 * takes about 18 KB (HTTP-FLV; media that are received whole at other protocols pass through
 * memory).
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

/* How delay is weighed against sound that comes too late to be played as received. All of them
 * follow the network; on one that is calm they differ little. */
enum chalk_latency_profile {
    CHALK_LATENCY_LOW = 1,      /* conversation: 2 % may come too late, at most 500 ms are waited */
    CHALK_LATENCY_BALANCED = 2, /* a lesson: 0.5 %, at most 2 s */
    CHALK_LATENCY_SMOOTH = 3,   /* a film, a bad network: 0.1 %, at least 300 ms and at most 5 s */
};

/* Where room time comes from, best first. What is extrapolated between two statements is off by at
 * most 200 parts per million of the time since the last. */
enum chalk_room_source {
    CHALK_ROOM_PICTURE =
        1,               /* stamps in the pictures (SEI): within 10 ms of the publisher's clock */
    CHALK_ROOM_DATA = 2, /* data messages beside the media (AMF): the same; not every server
                            relays them */
    CHALK_ROOM_PLAYLIST = 3, /* dates of a playlist (HLS): as good as the packager's, often 0.5 s */
    CHALK_ROOM_MEASURED = 4, /* nothing is stated: the time of arrival less the delay that is
                                measured here. What passed before, capture, encoding and the way,
                                is not in it: room time is told too late by that, often 50 to
                                500 ms */
};

typedef struct chalk_playback_options {
    uint32_t struct_size;  /* set by chalk_playback_options_init */
    uint32_t no_retry;     /* 1: the first failure ends it */
    const char *url;       /* rtmp://, rtmps://, http:// or https://; required */
    uint32_t latency;      /* enum chalk_latency_profile; 0: balanced */
    uint32_t delay_min_ms; /* least time from arrival to the ear and eye, 0..5000; 0: the profile's.
                              Equal to the greatest, it is a fixed delay */
    uint32_t delay_max_ms; /* greatest, 20..10000 and not below the least; 0: the profile's, or the
                              least where that is more. A device that takes more than this is played
                              on all the same, with 20 ms for the network */
    uint32_t use_speaker; /* 1: play through a speaker; 0: the application pulls, or nobody hears */
    const char *speaker;  /* id of the speaker; NULL or "": the default */
    uint32_t give_up_ms;  /* ends after this long without being live; 0: never */
    uint32_t muted;       /* 1: starts muted */
    uint32_t no_decoding; /* 1: what comes is received, taken apart and timed, but not decoded: for
                             programs with very many playbacks that measure. Without a speaker */
} chalk_playback_options;

/* Figures of one playback since it was created. */
typedef struct chalk_playback_stats {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_playback_stats) */
    uint32_t state;       /* enum chalk_link_state */
    int32_t cause;        /* why it is in this state */
    uint32_t width;       /* of the newest decoded picture; 0: none yet */
    uint32_t height;
    uint32_t delay_ms;        /* from arrival to being shown or heard, now */
    uint32_t target_delay_ms; /* what that is brought to: what arrivals need, within the limits */
    int32_t skew_us;          /* shown picture minus heard sound; > 0: the picture is ahead */
    uint32_t reconnects;      /* times it became live again */
    uint32_t room_source;     /* enum chalk_room_source that room time comes from; 0: none yet */
    uint64_t bytes_received;
    uint64_t frames_received; /* pictures */
    uint64_t frames_decoded;
    uint64_t frames_shown; /* taken from the video sink */
    uint64_t
        frames_dropped; /* never taken: too late, replaced by a newer one, or not decoded in time */
    uint64_t decode_errors;     /* access units that could not be decoded */
    uint64_t samples_played;    /* sound handed out, per channel, concealed ones included */
    uint64_t samples_concealed; /* of those, made up or silence because nothing was there */
    uint64_t freezes;           /* times that playing stood still, each with an event */
    uint64_t freeze_us;         /* time it stood */
    uint64_t freeze_count;      /* pictures shown for longer than 3 times as long as usual, and at
                                   least 150 ms longer */
    uint64_t total_freezes_us;  /* how long those were shown */
    uint64_t total_inter_frame_delay_us; /* time between pictures shown, all of it */
    /* The jitter buffer's; sound, in samples per channel at 48 kHz. */
    uint64_t packets_received;         /* of sound */
    uint64_t total_samples_received;   /* all it gave out, concealed ones included */
    uint64_t concealed_samples;        /* of those, made up because nothing was there in time */
    uint64_t silent_concealed_samples; /* of those, quiet noise: it was missing for long */
    uint64_t concealment_events;       /* times that began */
    uint64_t inserted_samples_for_deceleration;
    uint64_t removed_samples_for_acceleration;
    uint64_t jitter_buffer_emitted_count;   /* samples played as received */
    uint64_t jitter_buffer_delay_us;        /* what they waited, summed over samples */
    uint64_t jitter_buffer_target_delay_us; /* the same of what was aimed at */
    uint64_t skipped_us;                    /* sound skipped to make up lost time */
    uint64_t first_picture_us; /* from creation to the first decoded picture; 0: none yet */
    uint64_t room_time_us; /* room time of the picture shown last; without pictures, of the sound
                              now heard; 0: not known */
    uint64_t decode_us;    /* processor time of decoding */
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
 * Changes how delay is weighed against lateness, from now on; the way there is played a little
 * faster or slower.
 *
 * @param session       the session.
 * @param playback      the id.
 * @param latency       enum chalk_latency_profile; 0: balanced.
 * @param delay_min_ms  as in the options.
 * @param delay_max_ms  as in the options.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT (out of range, or the least above the greatest).
 * Thread: any, serial per session.
 * Lifetime: -
 * Since: 0.1
 */
CHALK_API int chalk_playback_set_latency(chalk_session *session, chalk_playback_id playback,
                                         uint32_t latency, uint32_t delay_min_ms,
                                         uint32_t delay_max_ms);

/**
 * Records what is received, as it is (nothing is encoded again), from the next key frame on, which
 * a Chalkrail edge is asked for over RTMP. In the first second of a stream it is recorded from its
 * first key frame on.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param path      file, UTF-8: .mp4, .flv or .mkv; an existing one is replaced.
 * @return CHALK_OK. CHALK_EVENT_RECORDING tells when it begins and ends; a full disk ends it with
 * NO_SPACE and leaves the file playable up to there.
 *
 * Errors: NOT_FOUND, BAD_STATE (already recording), UNSUPPORTED (file type, a playback that does
 * not decode, or a codec that such a file does not hold; one that comes later ends the recording
 * with it), IO, NO_PERMISSION, NO_SPACE (the file cannot be made).
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
 * What time it was in the room when that was taken which is presented at a given time.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param at_us     runtime clock (chalk_runtime_now_us), usually now; some seconds around now are
 * sensible.
 * @param room_us   receives room time, microseconds since the Unix epoch. Its error is that of the
 * source in use (chalk_playback_stats.room_source, CHALK_EVENT_ROOM_SOURCE): see
 * enum chalk_room_source.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT, AGAIN (nothing is presented yet, or no room time is known),
 * UNSUPPORTED (it does not decode).
 * Thread: any, serial per session.
 * Lifetime: the answer holds until playout speeds up, skips or stands still.
 * Since: 0.1
 */
CHALK_API int chalk_playback_room_time(chalk_session *session, chalk_playback_id playback,
                                       uint64_t at_us, uint64_t *room_us);

/**
 * When that is presented which was taken at a room time: the inverse of chalk_playback_room_time.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param room_us   room time.
 * @param at_us     receives runtime clock; before now: it has been presented already. 0 where that
 * was before the clock began.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, INVALID_ARGUMENT, AGAIN (nothing is presented yet, or no room time is known),
 * UNSUPPORTED (it does not decode).
 * Thread: any, serial per session.
 * Lifetime: the answer holds until playout speeds up, skips or stands still.
 * Since: 0.1
 */
CHALK_API int chalk_playback_room_due(chalk_session *session, chalk_playback_id playback,
                                      uint64_t room_us, uint64_t *at_us);

/**
 * The name of a source of room time, such as "picture", for logs and JSON.
 *
 * @param source  enum chalk_room_source.
 * @return a lower-case word; "none" for 0, "unknown" for any other value.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: static text.
 * Since: 0.1
 */
CHALK_API const char *chalk_room_source_name(uint32_t source);

/**
 * Opens the sink that gives a playback's pictures. One per playback.
 *
 * @param session   the session.
 * @param playback  the id.
 * @param out       receives the sink.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND, BAD_STATE (it has one already), UNSUPPORTED (it does not decode), NO_MEMORY.
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
 * Tells of the display that pictures are shown on, so that the one is chosen that fits its next
 * refresh. Without, a picture is due when its time has come.
 *
 * @param sink        the sink.
 * @param refresh_us  period of its refresh, 0..1000000; 0: unknown.
 * @param lit_us      from taking a picture to its being seen, 0..1000000.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT.
 * Thread: any; takes a short lock.
 * Lifetime: until it is told otherwise.
 * Since: 0.1
 */
CHALK_API int chalk_video_sink_set_display(chalk_video_sink *sink, uint32_t refresh_us,
                                           uint32_t lit_us);

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
 * Errors: NOT_FOUND, BAD_STATE (it has one already, or plays through a speaker), UNSUPPORTED (it
 * does not decode), NO_MEMORY.
 * Thread: any, serial per session.
 * Lifetime: chalk_audio_sink_close; it may outlive playback, session and runtime.
 * Since: 0.1
 */
CHALK_API int chalk_audio_sink_open(chalk_session *session, chalk_playback_id playback,
                                    chalk_audio_sink **out);

/**
 * Fills a buffer with the sound that is heard next; where there is none, with silence. While it is
 * not called for half a second or more, pictures go on without the sound.
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
