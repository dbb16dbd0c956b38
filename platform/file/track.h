/*
 * One stream of a file and its decoder: packets in, decoded frames out, each with its place on a
 * time line that starts at 0 with the file.
 *
 * Thread: one at a time. Frames are FFmpeg's; times are microseconds.
 */
#ifndef CK_PLATFORM_FILE_TRACK_H
#define CK_PLATFORM_FILE_TRACK_H

#include "base/ring.h"

#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>

/* Packets that wait while the other track is read for; a file interleaved worse than this plays one
 * track at a time. Of a track that is not wanted as many of the newest are kept. */
#define CK_TRACK_PACKETS_MAX 1024

typedef struct ck_track {
    int index; /* of the stream in its container; -1: the file has no such track */
    const AVStream *stream;
    AVCodecContext *decoder;
    ck_ring packets; /* of AVPacket *, owned */
    AVFrame *frame;  /* the next frame when `ready` */
    bool wanted;     /* somebody takes this track's frames */
    bool ready;
    bool draining;    /* the decoder was told that nothing more comes */
    bool finished;    /* the decoder gave its last frame */
    int64_t start_us; /* of the container, subtracted from every time */
    int64_t time_us;  /* of `frame` */
    int64_t end_us;   /* of the last frame decoded: its time and length */
    int64_t from_us;  /* frames before this time are decoded and dropped */
} ck_track;

/* Opens a decoder for the container's best stream of a type. CHALK_OK also when it has none (index
 * -1); CODEC_UNKNOWN: no decoder in this FFmpeg; CODEC: it failed to open; NO_MEMORY. */
int ck_track_open(ck_track *t, AVFormatContext *container, enum AVMediaType type);
void ck_track_close(ck_track *t);

bool ck_track_exists(const ck_track *t);
bool ck_track_has_room(const ck_track *t);
/* Takes the packet's content; an unwanted track that is full forgets its oldest packet for it.
 * False when there is no room or no memory. */
bool ck_track_put(ck_track *t, AVPacket *packet);
/* Decodes until a frame is ready. AGAIN: it needs a packet; END: no frame is left (only after
 * `last`: the container has no more packets); CODEC: the decoder is broken; NO_MEMORY. Damaged
 * packets are skipped. */
int ck_track_decode(ck_track *t, bool last);
/* Frames before `from_us` will be decoded and dropped. */
void ck_track_skip(ck_track *t, int64_t from_us);
/* Forgets everything, before packets of the file's beginning are put again. */
void ck_track_flush(ck_track *t);

#endif
