/*
 * A recorder writes encoded packets into a file, from the first key frame on and with time starting
 * at 0. It serves file outputs and the recording of a playback alike. Where the packets' time line
 * breaks (a stream that came back may count anew) the file's goes on, with the next key frame.
 *
 * Thread: any; `began` and `ended` come on the recorder's own thread; destroy not from it.
 */
#ifndef CK_MEDIA_RECORDER_H
#define CK_MEDIA_RECORDER_H

#include "runtime/media/codec.h"

typedef struct ck_recorder ck_recorder;

typedef struct ck_recorder_config {
    const ck_codec_set *codecs;
    const char *path;     /* copied */
    bool has_video;       /* expected; a medium whose configuration does not come within */
    bool has_audio;       /* CK_RECORDER_PATIENCE_US of the first packet is left out */
    uint32_t video_codec; /* enum chalk_codec; 0: shows when it comes */
    uint32_t audio_codec;
    void (*began)(void *user);
    void (*ended)(void *user, int status); /* once; the file is complete as far as it goes */
    void *user;
} ck_recorder_config;

/* Longer than an encoding waits for the first picture of a source before it sends black. */
#define CK_RECORDER_PATIENCE_US 4000000

/* UNSUPPORTED (extension, or a codec that such a file cannot hold), IO, NO_PERMISSION, NO_SPACE:
 * the file cannot be made. */
int ck_recorder_create(const ck_recorder_config *config, ck_recorder **out);
void ck_recorder_put(ck_recorder *r, uint32_t media, const ck_packet *packet);
void ck_recorder_finish(ck_recorder *r);    /* does not wait */
uint64_t ck_recorder_bytes(ck_recorder *r); /* payload written */
uint64_t ck_recorder_frames(ck_recorder *r);
uint64_t ck_recorder_dropped(ck_recorder *r);
void ck_recorder_destroy(ck_recorder **r); /* finishes and waits */

#endif
