/*
 * onMetaData, the script data that opens an FLV stream (Adobe FLV 10.1, annex E.5; Enhanced RTMP
 * v2, "Enhancing onMetaData").
 */
#ifndef CK_CORE_FLV_META_H
#define CK_CORE_FLV_META_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A field of 0 (an empty encoder) is absent: it is not written, and was not there when parsed. */
typedef struct ck_flv_meta {
    uint32_t width;  /* pixels */
    uint32_t height; /* pixels */
    double frame_rate;
    double video_kbps;
    uint32_t video_codec; /* legacy CodecID (7 is H.264) or a FourCC */
    uint32_t audio_codec; /* legacy SoundFormat (10 is AAC) or a FourCC */
    uint32_t audio_rate_hz;
    double audio_kbps;
    uint32_t audio_channels; /* 1 or 2 are also said as "stereo" */
    double duration_s;
    char encoder[64]; /* who wrote it, UTF-8 */
} ck_flv_meta;

/* Appends the string "onMetaData" and an ECMA array. For RTMP, put the string "@setDataFrame"
 * first with ck_amf_put_string. Errors are the buffer's. */
void ck_flv_meta_write(ck_buf *b, const ck_flv_meta *meta);

/* Reads a script body, with or without "@setDataFrame" in front. Members of other names and of
 * unexpected kinds are passed over; numbers out of range (negative, not finite) are left 0. Codec
 * names given as text of four letters ("avc1") are read as FourCCs. CHALK_ERR_NOT_FOUND when it
 * is script data of another name; CHALK_ERR_BAD_DATA when malformed. */
int ck_flv_meta_parse(const void *body, size_t size, ck_flv_meta *out);

#endif
