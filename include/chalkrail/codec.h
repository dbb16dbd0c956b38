/*
 * chalkrail/codec.h - names of codecs and of what a picture or a sound is for.
 *
 * A content hint is the one thing an application says about its material; the library derives
 * encoder settings, frame rate and the order of degradation from it.
 *
 *     options.hint = CHALK_HINT_SLIDES; // sharp text, few frames
 *
 * Thread: not applicable (constants only). Lifetime: not applicable.
 */
#ifndef CHALKRAIL_CODEC_H
#define CHALKRAIL_CODEC_H

#include "chalkrail/export.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a track carries. */
enum chalk_media {
    CHALK_MEDIA_VIDEO = 1,
    CHALK_MEDIA_AUDIO = 2,
};

enum chalk_codec {
    CHALK_CODEC_H264 = 1, /* ITU-T H.264, up to High profile */
    CHALK_CODEC_AAC = 2,  /* ISO/IEC 14496-3, AAC-LC */
    CHALK_CODEC_VP8 = 3,  /* RFC 6386; over RTMP and HTTP-FLV with Enhanced headers alone */
    CHALK_CODEC_OPUS = 4, /* RFC 6716; the same */
};

/* What the material is, hence what to keep when the network cannot carry all of it. */
enum chalk_hint {
    CHALK_HINT_SLIDES = 1, /* text and drawings: size is kept, frames are dropped */
    CHALK_HINT_MOTION = 2, /* a film in the shared desktop: frames are kept, sharpness gives */
    CHALK_HINT_CAMERA = 3, /* a face */
    CHALK_HINT_VOICE = 4,  /* speech */
    CHALK_HINT_MUSIC = 5,  /* music and shared system sound */
    CHALK_HINT_AUTO = 6,   /* pictures: SLIDES, and MOTION while a film plays, as the pictures tell;
                              CHALK_EVENT_HINT says when and why */
};

#ifdef __cplusplus
}
#endif
#endif
