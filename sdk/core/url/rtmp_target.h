/*
 * What an RTMP connection needs of a URL: the application (connect's `app`), the stream name
 * (publish's and play's argument) and tcUrl.
 *
 * A single URL, as ffmpeg takes it: the first path segment is the application, all that follows
 * the slash behind it, query included, is the stream name, sent as it stands:
 *     rtmp://host/live/ROOM/ALICE/screen?token=T   app "live", stream "ROOM/ALICE/screen?token=T"
 * (ffmpeg itself takes two segments as the application when there are three or more. A server
 * should therefore join app and stream name and not rely on where they part.)
 *
 * Server and stream key in two fields, as OBS has them: the application is the whole path of the
 * server with its query, and the key is the stream name, sent as it stands:
 *     rtmp://host/live/ROOM  +  ALICE?token=T      app "live/ROOM", stream "ALICE?token=T"
 */
#ifndef CK_CORE_URL_RTMP_TARGET_H
#define CK_CORE_URL_RTMP_TARGET_H

#include "core/url/url.h"

#define CK_RTMP_APP_MAX    512
#define CK_RTMP_TC_URL_MAX (CK_RTMP_APP_MAX + CK_URL_HOST_MAX + 20)

typedef struct ck_rtmp_target {
    char app[CK_RTMP_APP_MAX + 1];       /* "live"; no slash at either end */
    char stream[CK_URL_MAX + 1];         /* never empty */
    char tc_url[CK_RTMP_TC_URL_MAX + 1]; /* "rtmp://host/live" */
    const char *problem;                 /* static text after an error, else NULL */
} ck_rtmp_target;

/* From a parsed rtmp or rtmps URL. CHALK_ERR_INVALID_ARGUMENT when it is of another scheme or
 * names no application or no stream; CHALK_ERR_LIMIT when a part is too long. */
int ck_rtmp_target_from_url(const ck_url *url, ck_rtmp_target *out);

/* From OBS's two fields: the parsed server URL and the key. Errors as above; a key with control
 * characters is CHALK_ERR_INVALID_ARGUMENT. */
int ck_rtmp_target_from_key(const ck_url *server, const char *key, ck_rtmp_target *out);

#endif
