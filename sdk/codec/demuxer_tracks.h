/*
 * What a demuxer makes of libavformat's packets: access units with 4-byte lengths and raw AAC
 * frames, each kind behind its configuration. FFmpeg's parsers are not used: they own codec
 * contexts that cannot be told to log less (av.h), and all they would do is done by core.
 */
#ifndef CK_CODEC_DEMUXER_TRACKS_H
#define CK_CODEC_DEMUXER_TRACKS_H

#include "codec/av.h"

#include "base/ring.h"
#include "core/aac/adts.h"
#include "runtime/media/packet.h"

#include <libavformat/avformat.h>

/* H.264 of MPEG-TS (Annex B, parameter sets in front of key frames) or of MP4. */
typedef struct ck_video_track {
    ck_buf config; /* the record that was given last */
    ck_buf unit;   /* scratch */
} ck_video_track;

/* AAC of MPEG-TS (ADTS, frames may lie across PES packets) or of MP4. */
typedef struct ck_sound_track {
    ck_adts_split split;
    uint8_t config[CK_AAC_CONFIG_MAX]; /* given last */
    int config_size;
    int64_t next_us; /* of the next frame */
    bool has_time;
} ck_sound_track;

/* Bytes of ADTS in whose first frame to begin is of `begins_us`; NULL: it follows what came before.
 * As below. */
int ck_sound_track_take_adts(ck_sound_track *t, const int64_t *begins_us, const void *data,
                             size_t size, ck_ring *out, const char **refused);

/* One packet in, up to a few hundred out, into a ring of ck_packet. CHALK_OK; CODEC_UNKNOWN with
 * the name in *refused; TOO_LARGE when the ring is full; NO_MEMORY. Broken ones are passed over. */
int ck_video_track_take(ck_video_track *t, const AVStream *stream, const AVPacket *packet,
                        ck_ring *out, const char **refused);
int ck_sound_track_take(ck_sound_track *t, const AVStream *stream, const AVPacket *packet,
                        ck_ring *out, const char **refused);

#endif
