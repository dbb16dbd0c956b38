/*
 * An opened media file: its picture and sound decoded and merged into the order in which they are
 * to be shown, over any number of passes. It keeps no time and has no thread.
 *
 * Thread: one at a time.
 */
#ifndef CK_PLATFORM_FILE_MEDIA_H
#define CK_PLATFORM_FILE_MEDIA_H

#include "platform/file/track.h"
#include "runtime/os/os.h"

typedef struct ck_media ck_media;

typedef struct ck_media_item {
    uint32_t media;  /* enum chalk_media */
    AVFrame *frame;  /* borrowed until ck_media_done; references may be taken */
    int64_t time_us; /* since the beginning of the first pass; never decreases within a track */
    int rotation_degrees; /* video: clockwise, to be applied when shown */
} ck_media_item;

/* Errors: IO (not there, not readable, a directory), NO_PERMISSION, BAD_DATA (not media, cut short
 * beyond use, or without picture and sound), TOO_LARGE (a picture over CHALK_PICTURE_SIDE_MAX),
 * CODEC_UNKNOWN, CODEC, NO_MEMORY. The log has FFmpeg's reason. */
int ck_media_open(const char *path, const ck_log *log, ck_media **out);
void ck_media_close(ck_media **media);

uint32_t ck_media_kinds(const ck_media *m); /* bits 1 << enum chalk_media */
/* The size that the container declares; false without a picture. */
bool ck_media_size(const ck_media *m, int32_t *width, int32_t *height);
/* Which tracks ck_media_next gives from now on. What is not wanted is not decoded; a track that is
 * wanted anew joins at the place where the others are. */
void ck_media_select(ck_media *m, uint32_t kinds);

/* The next frame in time, the same one until it is done with. END: the pass is over; IO: reading
 * failed; CODEC; NO_MEMORY. */
int ck_media_next(ck_media *m, ck_media_item *out);
void ck_media_done(ck_media *m, const ck_media_item *item);
/* Starts the next pass; its times go on where the last pass ended. END: the last pass gave nothing,
 * so neither would this one; IO: this file cannot be sought. */
int ck_media_rewind(ck_media *m);

#endif
