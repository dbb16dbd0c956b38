/* What a lesson of the demo came to, for people and as JSON, and whether it is good enough. */
#ifndef DEMO_CLASS_LESSON_REPORT_H
#define DEMO_CLASS_LESSON_REPORT_H

#include "class/mp4.h"
#include "class/student.h"
#include "class/teacher.h"

#define LESSON_SKEW_MAX_US 40000

typedef struct lesson_result {
    const student *students;
    size_t student_count;
    chalk_encoding_stats encoding;
    chalk_output_stats output;
    const char *encoder;
    double seconds;          /* that the lesson lasted */
    double first_picture_ms; /* since the program began; 0: none */
    double cpu_percent;      /* of one processor, the whole process */
    uint64_t drawings;       /* of the slide window */
    bool marks;              /* slides and voice carried marks that a student could measure */
    const char *snapshot;    /* file; NULL: not written */
    const char *recording;   /* file; NULL: not asked for */
    mp4_content recorded;    /* what is in it */
} lesson_result;

/* Prints the table, or one JSON object of type "summary". */
void lesson_report_print(cli_report *report, const lesson_result *result);

/* CLI_DONE, or CLI_FAILED after saying what is out of bounds. */
int lesson_report_judge(cli_report *report, const lesson_result *result);

#endif
