/*
 * Names of streams: ROOM/PARTICIPANT/screen and ROOM/PARTICIPANT/camera, as they come in RTMP's
 * application and stream name and in HTTP's path, and the token that travels in a query.
 *
 * RTMP clients disagree on where the application ends: of rtmp://host/a/b/c some take "a", some
 * "a/b" as the application. So application and stream name are joined by a slash and split again.
 *
 * Pure functions; any thread.
 */
#ifndef CK_EDGE_NAME_H
#define CK_EDGE_NAME_H

#include "chalkrail/edge.h"
#include "core/room/name.h"

#include <stdbool.h>

enum ck_stream_kind {
    CK_KIND_SCREEN = 1,
    CK_KIND_CAMERA = 2,
};

#define CK_STREAM_NAME_MAX (2 * CHALK_NAME_MAX + 8) /* bytes of "ROOM/NAME/camera" */

typedef struct ck_stream_name {
    char room[CHALK_NAME_MAX + 1];
    char name[CHALK_NAME_MAX + 1]; /* the participant */
    enum ck_stream_kind kind;
    char path[CK_STREAM_NAME_MAX + 1]; /* "ROOM/NAME/screen": one stream, one text */
} ck_stream_name;

/* "screen" or "camera"; "" for other values. */
const char *ck_kind_name(enum ck_stream_kind kind);

/* From a path of three segments, percent-encoded or not; slashes at either end are ignored, a query
 * must be cut off before. CHALK_ERR_INVALID_ARGUMENT with *why (static text) set otherwise. */
int ck_stream_name_parse(ck_stream_name *out, const char *path, const char **why);

/* From RTMP's connect and publish or play; either may have a query. Errors as above. */
int ck_stream_name_of_rtmp(ck_stream_name *out, const char *app, const char *stream,
                           const char **why);

/* The path of "/ROOM/NAME/screen.flv" (without query). CHALK_ERR_NOT_FOUND when it does not end in
 * ".flv", else as above. */
int ck_stream_name_of_http(ck_stream_name *out, const char *path, const char **why);

/* The token of the first of `count` texts whose query has one ("a/b?token=T&x=1"); "" when none
 * has. CHALK_ERR_INVALID_ARGUMENT: one is there but too long or badly escaped; `out` is "" then. */
int ck_token_find(char out[CHALK_TOKEN_MAX], const char *const *texts, int count);

#endif
