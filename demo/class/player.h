/*
 * What `chalkrail play` does between its options and its verdict: a playback with a window or
 * without one, its figures, a recording.
 *
 * Thread: one, which becomes the one of SDL's video.
 */
#ifndef DEMO_CLASS_PLAYER_H
#define DEMO_CLASS_PLAYER_H

#include "class/figures.h"
#include "class/view.h"
#include "cli/room.h"
#include "cli/session.h"

typedef struct player_options {
    const char *url;
    bool headless;
    const char *snapshot;
    const char *record;
    uint64_t for_ms;
    uint32_t latency; /* enum chalk_latency_profile; 0: balanced */
    uint32_t delay_min_ms, delay_max_ms;
    bool mute;
    cli_room_wish room;
    const char *speaker;
    bool no_retry;
    bool stats;
    bool json;
    bool verbose;
} player_options;

typedef struct player {
    const player_options *options; /* borrowed */
    cli_report report;
    cli_session session;
    cli_room_place room;
    pointer pointer;
    chalk_playback_id playback;
    chalk_video_sink *pictures;
    chalk_video_frame *newest;
    view *window; /* NULL: headless */
    bool has_screen;
    bool muted;
    bool seen;   /* a picture at least */
    bool quit;   /* by its user */
    bool closed; /* the playback has ended */
    bool recording;
    bool recorded;     /* at least a part of the stream is in the file */
    int record_status; /* what ended the recording */
    uint32_t link_state;
    int cause;
    uint64_t began_us, updated_us, read_us;
    figures figures;
} player;

/* Begins to play; CLI_DONE, or CLI_FAILED after saying why. Release with player_close in any case.
 */
int player_open(player *p, const player_options *options);
/* Until its time is over, it is told to end, or the stream has ended for good (`closed`). */
void player_run(player *p);
/* Ends playback and recording, and waits for both. */
void player_finish(player *p);
void player_close(player *p);

#endif
