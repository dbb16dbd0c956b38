/*
 * The head of a video body (Adobe FLV 10.1, annex E.4.3; Enhanced RTMP v2, "Enhanced Video").
 * Video tags of FLV files and video messages of RTMP are the same.
 *
 *     ck_flv_video v;
 *     status = ck_flv_video_parse(tag.body.data, tag.body.size, &v);
 *     if (status == CHALK_ERR_CODEC_UNKNOWN) log(v.refused);              // "HEVC"
 *     payload = ck_slice_part(tag.body, v.payload_offset, v.payload_size);
 */
#ifndef CK_CORE_FLV_VIDEO_H
#define CK_CORE_FLV_VIDEO_H

#include "core/flv/fourcc.h"
#include "core/flv/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ck_flv_frame {
    CK_FLV_FRAME_KEY = 1,
    CK_FLV_FRAME_INTER = 2,
    CK_FLV_FRAME_DISPOSABLE = 3,
    CK_FLV_FRAME_GENERATED_KEY = 4,
    CK_FLV_FRAME_COMMAND = 5,
};

typedef struct ck_flv_video {
    uint8_t frame_type;          /* enum ck_flv_frame as sent, 0-7 */
    uint8_t packet_type;         /* enum ck_flv_packet */
    bool enhanced;               /* IsExVideoHeader */
    bool multitrack;             /* Enhanced only */
    uint8_t codec_id;            /* legacy CodecID 0-15; 0 with an Enhanced header */
    uint32_t fourcc;             /* CK_FOURCC_AVC for CodecID 7 too; 0 when there is none */
    int32_t composition_time_ms; /* presentation minus decoding time, -2^23 .. 2^23-1 */
    uint32_t nano_offset;        /* ModEx: to add to the presentation time, 0 .. 999,999 ns */
    size_t payload_offset;       /* what follows the head, in bytes from the body's start */
    size_t payload_size;
    const char *refused; /* static name of what is refused; NULL when the body is accepted */
} ck_flv_video;

/* CHALK_OK for H.264, with a legacy or an Enhanced head, and VP8 in one track, and for COMMAND,
 * METADATA and OTHER packets, which carry no picture. CHALK_ERR_CODEC_UNKNOWN when the head is
 * sound but names another codec or several tracks: all fields are filled, `refused` says which.
 * CHALK_ERR_BAD_DATA when the head is cut or its values are reserved. */
int ck_flv_video_parse(const void *body, size_t size, ck_flv_video *out);

/* For code that keeps or drops bodies without decoding them: any codec, malformed gives false. */
bool ck_flv_video_is_key(const void *body, size_t size);    /* coded frames that start a GOP */
bool ck_flv_video_is_config(const void *body, size_t size); /* sequence header */

/* The Enhanced head of a codec without composition times (all but H.264, HEVC and VVC): CONFIG,
 * FRAMES or END. */
void ck_flv_write_video_head(uint8_t out[CK_FLV_ENHANCED_HEAD], uint32_t fourcc, bool key,
                             enum ck_flv_packet packet_type);

#define CK_FLV_AVC_HEAD 5

/* The legacy head of an H.264 body. `packet_type` is CONFIG, FRAMES or END; the composition time
 * is clamped to 24 bits and written as 0 unless the packet is FRAMES. */
void ck_flv_write_avc_head(uint8_t out[CK_FLV_AVC_HEAD], bool key, enum ck_flv_packet packet_type,
                           int32_t composition_time_ms);

#endif
