/*
 * What a command tells, and where: its product on standard output, as lines for people or, with
 * --json, as one JSON object a line; warnings, errors and the library's log on standard error.
 *
 * Each JSON object has "type" (for example "ready", "event", "stats", "summary") and "time_s",
 * seconds since the command began.
 *
 * On a terminal cli_live() rewrites one line in place; otherwise it prints a line each time.
 * Functions may be called from any thread.
 */
#ifndef DEMO_CLI_REPORT_H
#define DEMO_CLI_REPORT_H

#include "chalkrail/event.h"

#include <cjson/cJSON.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct cli_report {
    const char *command; /* for "chalkrail COMMAND: ..." */
    bool json;
    bool verbose;
    bool tty;        /* standard output is a terminal */
    bool live_shown; /* a line without its end stands there; guarded by `lock` */
    int status;      /* the latest that was told as a failure; 0: none */
    uint64_t began_us;
    pthread_mutex_t lock; /* one line at a time */
} cli_report;

void cli_report_init(cli_report *r, const char *command, bool json, bool verbose);
/* Ends a live line. */
void cli_report_end(cli_report *r);

/* A line for people on standard output; nothing with --json. */
void cli_say(cli_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, but on a terminal it replaces the live line before it. */
void cli_live(cli_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "chalkrail COMMAND: ..." on standard error. */
void cli_warn(cli_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same; returns CLI_FAILED. */
int cli_fail(cli_report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* "chalkrail COMMAND: WHAT: the error's text (NAME); its advice", and keeps the status. Returns
 * CLI_FAILED. */
int cli_fail_status(cli_report *r, int status, const char *what);

/* A new object of a type, with its time; NULL without memory. */
cJSON *cli_json(cli_report *r, const char *type);
/* A whole number with all its digits; a double would be written as 1.79e+15 now and then. */
void cli_json_u64(cJSON *object, const char *name, uint64_t value);
/* Rounded to one decimal, so that a line of JSON stays readable. */
double cli_tenths(double value);
/* Prints an object as one line with --json, nothing otherwise; takes it (NULL is accepted). */
void cli_json_line(cli_report *r, cJSON *object);

/* With --json the summary of a command that could not begin: "ok" is false, there are no figures;
 * the cause is the report's status, where it has one. */
void cli_summary_of_nothing(cli_report *r, int code, const char *ended_by);

/* One event, for people or as JSON. `subject` is what the event is about ("student 1"); NULL: its
 * kind's name. Overflow is told as well. */
void cli_event(cli_report *r, const char *subject, const chalk_event *event);

/* Writes out what waits for standard output; the errno of its first failure, 0: it has had none.
 * After one a command is asked to stop. */
int cli_output_error(void);

/* chalk_log_fn: the library's log on standard error, tokens masked. `user` is the cli_report. */
void cli_log(void *user, int level, const char *module, const char *text);

#endif
