/*
 * Living with FFmpeg inside somebody else's program.
 *
 * FFmpeg's log is global: its level and callback belong to the host and are left alone. Codec and
 * resampler contexts carry an offset that is added to the level of each of their messages, and
 * CK_AV_SILENT lifts every one above AV_LOG_TRACE, so the default callback prints nothing of ours.
 * What went wrong is said through ck_log instead, in our own words and once. (Format contexts have
 * no such offset: muxer.c checks what it hands over, so that there is nothing to complain about.)
 */
#ifndef CK_CODEC_AV_H
#define CK_CODEC_AV_H

#include <libavcodec/avcodec.h>

#include "runtime/os/os.h"

#define CK_AV_SILENT 64

/* A chalk_error for an AVERROR: AGAIN, END, NO_MEMORY, BAD_DATA, NO_SPACE, NO_PERMISSION, IO; for
 * everything else `otherwise`. */
int ck_av_status(int averror, int otherwise);

/* "libx264: cannot open: Invalid argument" */
void ck_av_log(const ck_log *log, int level, const char *what, const char *failed, int averror);

/* A context that keeps quiet; NULL without memory. */
AVCodecContext *ck_av_context(const AVCodec *codec);

#endif
