/*
 * Keeps libavformat's log lines about a file off the host's standard error, without touching
 * FFmpeg's log, whose callback and level are the host's.
 *
 * A codec context has a log_level_offset for this; a container has none. But av_log looks for the
 * offset where the context's AVClass says that it is, and class and `opaque` of a container are
 * public members, the second the user's own: so the container is given a copy of its class that
 * names `opaque` as that place, and a number there that lifts every line above AV_LOG_TRACE.
 */
#ifndef CK_PLATFORM_FILE_QUIET_H
#define CK_PLATFORM_FILE_QUIET_H

#include <libavformat/avformat.h>

/* Added to the level of every line, which FFmpeg then finds not worth printing. (It keeps eight
 * bits of the sum, so more would wrap.) */
#define CK_AV_SILENT 64

/* `own` must live as long as the container. */
void ck_av_quiet_container(AVFormatContext *container, AVClass *own);

#endif
