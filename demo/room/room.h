/*
 * `chalkrail room`: a line client. One thread reads standard input and hands over a line at a time;
 * everything else, the library's calls and all that is printed, is the main thread's.
 */
#ifndef DEMO_ROOM_ROOM_H
#define DEMO_ROOM_ROOM_H

#include "chalkrail/chat.h"
#include "chalkrail/class.h"
#include "chalkrail/playback.h"
#include "cli/lines.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/session.h"

typedef struct room_options {
    const char *url;
    const char *room;
    const char *token;
    const char *name;
    const char *follow;
    uint32_t role;
    uint64_t for_ms;
    uint64_t give_up_ms;
    bool live;
    bool no_retry;
    bool json;
    bool verbose;
} room_options;

typedef struct room_client {
    const room_options *options;
    cli_report report;
    cli_session session;
    chalk_playback_id playback; /* 0: none */
    bool was_live;
    bool closed;
    bool finishing;     /* no line is taken any more; what was asked for is waited for: */
    uint64_t finish_us; /* until then */
    bool leaving;
    bool token_refused;             /* nothing is sent before there is another */
    const char *ended_by;           /* what made it leave; NULL: the room itself */
    int cause;                      /* of the end */
    char why[CHALK_EVENT_TEXT_MAX]; /* the same in words; "": there are none */
    chalk_request_id page;          /* asked for and not complete; 0: none */
    bool waits;                     /* no line is taken before all intents are answered */
    uint64_t began_us;
    uint64_t pause_us;  /* no line is taken before */
    uint64_t events;    /* of the room */
    uint64_t wrong;     /* lines that could not be done */
    uint64_t unsettled; /* intents that the room never answered */
} room_client;

/* --- verbs.c: what a line asks for ----------------------------------------------------------- */

void verbs_do(room_client *c, char *line); /* tells what is wrong with it */
void verbs_help(FILE *out);

/* --- look.c: what there is to see ------------------------------------------------------------ */

/* The participant of a name, or of "#7"; 0: nobody. */
chalk_person_id look_who(room_client *c, const char *text);
void look_people(room_client *c);
void look_hands(room_client *c);
void look_polls(room_client *c);
void look_streams(room_client *c);
void look_messages(room_client *c);
void look_info(room_client *c);
void look_stats(room_client *c);
void look_summary(room_client *c);
/* The newest summary into `line` (NULL: none) and as a line for people; false: none has come. */
bool look_add_summary(room_client *c, cJSON *line);

/* --- tell.c: what happened ------------------------------------------------------------------- */

void tell_event(room_client *c, const chalk_room_event *event);
/* A line of the input was begun as this intent. */
void tell_intent(room_client *c, const char *verb, chalk_intent_id intent);
void tell_end(room_client *c, int code);
/* A line of the input cannot be done; counted. */
void tell_wrong(room_client *c, const char *format, ...) __attribute__((format(printf, 2, 3)));
void tell_add_way(cJSON *line, uint32_t lane, uint32_t audience);
void tell_add_stats(room_client *c, cJSON *line);

/* cmd_room.c: takes no more lines, waits for what they asked for, leaves. `by` is static text. */
void room_finish(room_client *c, const char *by);
/* The same file: follows what is played at a URL, NULL: nothing. A status. */
int room_follow_url(room_client *c, const char *url);

#endif
