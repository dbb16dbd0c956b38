/*
 * What a tag means to a relay: whether decoding can begin with it, whether it describes what
 * follows, and which codec it is. Codecs are relayed when they are known by name, decoded or not:
 * a player that cannot decode HEVC says so itself, but what nobody can name is refused here.
 *
 * Pure functions; any thread.
 */
#ifndef CK_EDGE_MEDIA_H
#define CK_EDGE_MEDIA_H

#include "core/flv/tag.h"

#include <stdbool.h>
#include <stdint.h>

enum ck_media_class {
    CK_MEDIA_META = 0,     /* onMetaData; the three headers come first and count from 0 */
    CK_MEDIA_VIDEO_CONFIG, /* video sequence header */
    CK_MEDIA_AUDIO_CONFIG, /* audio sequence header */
    CK_MEDIA_KEY,          /* a picture that decoding can begin with */
    CK_MEDIA_INTER,        /* any other coded picture */
    CK_MEDIA_AUDIO,        /* coded sound */
    CK_MEDIA_DATA,         /* relayed in order, nothing depends on it: other script data, hints */
    CK_MEDIA_NOTHING,      /* not relayed: empty bodies */
};

#define CK_MEDIA_HEADERS 3 /* META, VIDEO_CONFIG, AUDIO_CONFIG */

/* CHALK_OK with *class set; CHALK_ERR_CODEC_UNKNOWN with *refused naming what is not relayed
 * (static text); CHALK_ERR_BAD_DATA for a cut head or an unknown tag type. */
int ck_media_classify(const ck_flv_tag *tag, enum ck_media_class *class, const char **refused);

typedef struct ck_media_video {
    const char *codec; /* "H.264"; "" when there is no picture */
    uint32_t width;    /* px; 0: not known */
    uint32_t height;
} ck_media_video;

typedef struct ck_media_audio {
    const char *codec; /* "AAC"; "" when there is no sound */
    uint32_t rate_hz;  /* 0: not known */
    uint32_t channels; /* 0: not known */
} ck_media_audio;

/* Describes the codec of any video or audio tag; size and rate come from a sequence header alone.
 * Fields that the tag does not tell are left as they were. */
void ck_media_describe_video(const ck_flv_tag *tag, ck_media_video *out);
void ck_media_describe_audio(const ck_flv_tag *tag, ck_media_audio *out);

#endif
