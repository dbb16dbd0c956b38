/* The edge of the demo's lesson and the teacher who publishes to it. */
#ifndef DEMO_CLASS_TEACHER_H
#define DEMO_CLASS_TEACHER_H

#include "chalkrail/edge.h"
#include "chalkrail/output.h"
#include "chalkrail/source.h"
#include "class/voice.h"
#include "cli/report.h"
#include "cli/room.h"
#include "cli/session.h"

#define TEACHER_URL_MAX (CHALK_TOKEN_MAX + 128)

typedef struct teacher_options {
    const char *window; /* title of the window to share; NULL: the whole screen */
    bool microphone;    /* the default microphone; otherwise the synthetic voice */
} teacher_options;

typedef struct teacher {
    chalk_edge *edge;
    unsigned char secret[32];
    cli_session session;
    cli_room_place room; /* of the lesson */
    room_clock clock;
    voice_feed *voice;
    chalk_source_id picture, sound;
    chalk_publication_id publication;
    chalk_encoding_id video, audio;
    chalk_output_id output;
    uint32_t link_state;
    int cause; /* why the link is in its state */
    bool paused;
    bool shared_ended;                  /* the shared window was closed */
    char encoder[CHALK_EVENT_TEXT_MAX]; /* the picture's, and why that one */
    uint64_t live_us;                   /* when it became live first, runtime clock; 0: not yet */
} teacher;

/* Starts the edge, on loopback and with a secret of its own, and the library. False after saying
 * why. Release with teacher_leave in any case. */
bool teacher_open(teacher *t, cli_report *report);

/* Begins to publish; false after saying why. */
bool teacher_publish(teacher *t, const teacher_options *options, cli_report *report);

/* A URL with a token by which a student of this name plays the lesson; by RTMP, or HTTP-FLV. */
bool teacher_play_url(const teacher *t, const char *name, bool http, char *out, size_t size);

/* The room beside such a URL, as who plays it there is. */
bool teacher_room(const teacher *t, const char *url, bool owner, cli_room_place *out);

/* Handles what happened. */
void teacher_tick(teacher *t, cli_report *report);

/* Pauses the picture, or lets it go on. */
void teacher_pause(teacher *t);

/* Reads the figures of picture and output; zeros where there are none. */
void teacher_figures(teacher *t, chalk_encoding_stats *encoding, chalk_output_stats *output);

void teacher_leave(teacher *t);

#endif
