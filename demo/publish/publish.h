/* The parts of `chalkrail publish`: what is asked, what is sent, what is told of it. */
#ifndef DEMO_PUBLISH_PUBLISH_H
#define DEMO_PUBLISH_PUBLISH_H

#include "chalkrail/device.h"
#include "chalkrail/output.h"
#include "chalkrail/source.h"
#include "cli/clock.h"
#include "cli/options.h"
#include "cli/room.h"
#include "cli/session.h"

typedef struct publish_options {
    const char *url;
    const char *screen; /* NULL: not asked for; "": the default one */
    const char *window; /* id or part of its title */
    const char *region; /* of the screen; NULL: what --screen says */
    const char *camera; /* NULL: not asked for; "": the default one */
    const char *file;
    bool synthetic;
    bool loop;
    bool no_cursor;
    uint32_t cursor; /* enum chalk_cursor; 0: LANE in a room, else VIDEO */
    cli_room_wish room;
    bool no_border;
    const char *mic; /* NULL: what suits the picture; "none", "synthetic", "default" or an id */
    cli_size size;   /* 0: the source's */
    uint32_t fps;
    uint32_t bitrate_kbps;
    uint64_t gop_ms;
    uint32_t hint;
    uint32_t video_codec; /* enum chalk_codec; 0: H.264, */
    uint32_t audio_codec; /* AAC */
    const char *encoder;
    const char *record;
    uint64_t for_ms; /* 0: until asked to stop */
    bool no_retry;
    bool json;
    bool verbose;
} publish_options;

/* All the figures at one moment. */
typedef struct publish_figures {
    uint64_t at_us;
    chalk_output_stats output;
    chalk_encoding_stats video; /* zeros where there is none */
    chalk_encoding_stats audio;
} publish_figures;

typedef struct publish_run {
    const publish_options *options;
    cli_report *report;
    cli_session s;
    cli_room_place room;
    chalk_publication_id publication;
    chalk_source_id material; /* the picture's source; its end is the end of all */
    bool paused;              /* viewers see a card in its place */
    chalk_encoding_id video;  /* 0: none */
    chalk_encoding_id audio;
    chalk_output_id server; /* 0: not begun, or closed */
    chalk_output_id record;
    publish_figures figures;
    cli_meter meter; /* since the last second */
    cli_meter whole; /* since the start */
    bool was_live;
    bool record_failed;
    bool encoder_failed;
    int cause; /* why the server's output is not live, last heard */
    char cause_text[CHALK_EVENT_TEXT_MAX];
    const char *ended_by; /* "time", "signal", "source" or "error"; NULL: it runs */
} publish_run;

/* --screen's "DISPLAY", "DISPLAY,WxH+X+Y" or ",WxH+X+Y". False when it is none of them. */
bool publish_screen_parse(const char *text, char *device, size_t device_size, chalk_rect *region);

/* --region's "WxH+X+Y". */
bool publish_region_parse(const char *text, chalk_rect *region);

/* What of a list has a title: the one that is it, or contains it. */
typedef struct publish_window {
    const chalk_device *device; /* the last that was found; NULL: none */
    size_t found;
    bool whole; /* the title is all of its name */
} publish_window;

/* True when exactly one does. */
bool publish_window_choose(const char *title, const chalk_device *devices, size_t count,
                           publish_window *out);
/* The id of the window that --window means. Returns CLI_DONE, or CLI_FAILED after explaining why.
 */
int publish_window_find(publish_run *run, char id[CHALK_DEVICE_TEXT_MAX]);

/* Opens the sources, and makes tracks and encodings of them. Returns CLI_DONE, or CLI_FAILED after
 * explaining why. */
int publish_open_material(publish_run *run);

/* Makes SIGUSR1, and a "p" on a terminal, pause what is shown and let it go on. */
void publish_begin_pausing(publish_run *run);
/* Does that when it was asked for. */
void publish_heed_pause(publish_run *run);

/* Reads the figures; while the outputs are there, for those take theirs with them. */
void publish_read_figures(publish_run *run);
/* The same, and tells them; once a second. */
void publish_tell_figures(publish_run *run);
/* The last words, with the exit code. */
void publish_tell_summary(publish_run *run, int code);

#endif
