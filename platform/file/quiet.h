/*
 * Keeps FFmpeg's own log lines off the host's standard error while one of our threads is inside
 * libavformat, whose contexts (unlike a codec's) cannot be silenced one by one.
 *
 * Process side effect: the first file source to be opened installs a log callback in libavutil. It
 * drops what is logged between begin and end on the same thread and hands everything else to
 * FFmpeg's default callback. A host that sets a callback of its own afterwards keeps that one, and
 * then sees our lines too.
 */
#ifndef CK_PLATFORM_FILE_QUIET_H
#define CK_PLATFORM_FILE_QUIET_H

void ck_av_quiet_begin(void); /* may be nested */
void ck_av_quiet_end(void);

#endif
