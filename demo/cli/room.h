/*
 * The room beside a stream: where it is and who one is there, from --room, --token and --name and
 * from what the stream's URL says already; and taking part in it.
 */
#ifndef DEMO_CLI_ROOM_H
#define DEMO_CLI_ROOM_H

#include "chalkrail/room.h"
#include "cli/options.h"
#include "cli/report.h"

#define CLI_ROOM_TEXT_MAX 1024 /* bytes of an address, or a token */

typedef struct cli_room_wish {
    const char
        *room; /* --room: URL of an edge, or a room's name at the stream's host; NULL: none */
    const char *token;
    const char *name;
} cli_room_wish;

typedef struct cli_room_place {
    bool wanted;
    char edge[CLI_ROOM_TEXT_MAX];
    char room[CHALK_NAME_MAX + 1];
    char owner[CHALK_NAME_MAX + 1]; /* whose the stream is, by its URL; "": not known */
    char token[CLI_ROOM_TEXT_MAX];  /* "": the edge is an open one, */
    char name[CHALK_NAME_MAX + 1];  /* and this is who one is there */
} cli_room_place;

/* The three options; `type` has a cli_room_wish as `field`. */
#define CLI_ROOM(type, field)                                                                      \
    {.name = "room",                                                                               \
     .value = "URL|NAME",                                                                          \
     .kind = CLI_TEXT,                                                                             \
     .offset = offsetof(type, field.room),                                                         \
     .heading = "Room",                                                                            \
     .help = "takes part in the room beside it: URL of the edge, or a room at the URL's host"},    \
        {.name = "token",                                                                          \
         .value = "T",                                                                             \
         .kind = CLI_TEXT,                                                                         \
         .offset = offsetof(type, field.token),                                                    \
         .group = "who",                                                                           \
         .help = "for the room; default: that of the URL"},                                        \
    {                                                                                              \
        .name = "name", .value = "N", .kind = CLI_TEXT, .offset = offsetof(type, field.name),      \
        .group = "who", .help = "who this is in the room of an edge without tokens"                \
    }

/* Where the room is, beside a stream whose URL has been checked; `owner`: who publishes it, and not
 * somebody who watches. False after saying what is wrong with the options. Without --room nothing
 * is wanted. */
bool cli_room_find(const cli_spec *spec, const cli_room_wish *wish, const char *stream, bool owner,
                   cli_room_place *out);

/* Joins it, at an open edge as `role`. CLI_DONE, also when nothing is wanted; or CLI_FAILED after
 * saying why. */
int cli_room_join(const cli_room_place *place, chalk_session *session, uint32_t role,
                  cli_report *report);

/* Takes what has happened there; what this program shows of it is asked for when it is drawn. */
void cli_room_take(const cli_room_place *place, chalk_session *session);

#endif
