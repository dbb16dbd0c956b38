/*
 * The demo's lesson: an edge, a teacher who shares a slide window or the screen, and two students,
 * one audible by HTTP-FLV and one muted by RTMP. It runs on one thread beside those of the library
 * and of the voice.
 */
#ifndef DEMO_CLASS_LESSON_H
#define DEMO_CLASS_LESSON_H

#include "class/lesson_report.h"
#include "class/slide_window.h"

#define LESSON_STUDENTS 2

typedef struct lesson_options {
    bool own_display; /* the display is ours alone: no windows for students */
    bool screen;      /* share the screen; on a display of others no slides are shown then */
    bool microphone;
    uint64_t for_ms;      /* after the teacher is live; 0: until closed */
    const char *snapshot; /* files; NULL: none */
    const char *recording;
} lesson_options;

typedef struct lesson {
    lesson_options options;
    cli_report *report;
    slide_window *slides; /* NULL: none are shown */
    bool slides_closed;   /* by their user */
    teacher teacher;
    student students[LESSON_STUDENTS];
    bool joined;        /* students were let in */
    uint64_t joined_us; /* cli_now_us */
    uint64_t updated_us;
    double first_picture_ms; /* since the command began; 0: none yet */
    cli_meter meter;
} lesson;

/* Opens slides and edge and begins to publish; false after saying why. SDL's video is up. Release
 * with lesson_close in any case. */
bool lesson_open(lesson *l, const lesson_options *options, cli_report *report);

/* Until its time is over, its windows are closed, or the program is asked to stop. */
void lesson_run(lesson *l);

/* Ends playbacks and recordings, writes the files, reports. Returns the exit code. */
int lesson_conclude(lesson *l);

void lesson_close(lesson *l);

#endif
