/*
 * A student of the demo: the real player, with a window or without one, and what can be measured at
 * its end of the line by the marks in slides and voice (class/marks.h).
 *
 * Without a window it takes pictures and pulls sound in real time, as a program that shows and
 * plays them would. With one the sound goes to the speaker, so that clicks are not measured.
 *
 * Thread: the one that called SDL_Init.
 */
#ifndef DEMO_CLASS_STUDENT_H
#define DEMO_CLASS_STUDENT_H

#include "class/figures.h"
#include "class/marks.h"
#include "class/room_clock.h"
#include "class/samples.h"
#include "class/view.h"
#include "cli/report.h"

#define STUDENT_PAIRS 8

/* Flashes or clicks that wait for their counterpart. */
typedef struct student_ticks {
    int64_t pts_us[STUDENT_PAIRS];    /* on the stream's time line */
    uint64_t shown_us[STUDENT_PAIRS]; /* when it was shown or heard, runtime clock */
    uint32_t count;
} student_ticks;

typedef struct student_options {
    const char *name;
    const char *url;
    const char *record;         /* file; NULL: none */
    const cli_room_place *room; /* borrowed while it joins */
    bool muted;
    bool window;
    int x, y;                /* of the window */
    bool marks;              /* the stream carries marks: measure */
    const room_clock *clock; /* borrowed */
    cli_report *report;      /* borrowed */
} student_options;

typedef struct student {
    student_options options;
    uint64_t joined_us; /* cli_now_us */
    chalk_session *session;
    chalk_playback_id playback;
    cli_room_place room;
    pointer pointer; /* the teacher's */
    chalk_video_sink *pictures;
    chalk_audio_sink *sound; /* NULL with a window, or when muted */
    bool measured_sound;     /* clicks could be heard by the program */
    view *window;
    bool muted;
    bool closed;        /* the playback has ended */
    bool window_closed; /* by its user */
    uint32_t link_state;
    int cause; /* what went wrong last */
    char media[CHALK_EVENT_TEXT_MAX];

    figures figures;
    chalk_video_frame *newest;
    chalk_video_frame *kept; /* for the snapshot */

    uint64_t heard_us; /* when the next block of sound is due; 0: not yet */
    marks_ear ear;
    int flash; /* of the picture before */
    student_ticks flashes, clicks;
    samples latency;     /* drawn to taken, microseconds */
    samples skew_stream; /* flash minus click on the stream's time line; > 0: the picture is late */
    samples skew_shown;  /* the same as shown and heard */
    uint64_t unreadable; /* pictures whose marks could not be read */

    bool recording;
    bool recorded;     /* completed */
    int record_status; /* why it ended */
} student;

/* Begins; false after saying why. Release with student_leave in any case. */
bool student_join(student *s, const student_options *options, chalk_runtime *runtime);

/* Takes pictures, pulls sound, handles events. `keep`: a picture taken now is fit for the snapshot.
 */
void student_tick(student *s, bool keep);
/* Looks at an event of SDL's. */
void student_event(student *s, const SDL_Event *event);
/* Once a second: reads the figures, and shows them. */
void student_update(student *s);

/* Received on average. */
double student_kbps(const student *s);

/* Ends the playback, and with it the recording; waits for both. */
void student_finish(student *s);
/* Releases everything; may be called on one that is all zeros. */
void student_leave(student *s);

#endif
