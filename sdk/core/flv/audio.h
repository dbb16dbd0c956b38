/*
 * The head of an audio body (Adobe FLV 10.1, annex E.4.2; Enhanced RTMP v2, "Enhanced Audio").
 * Audio tags of FLV files and audio messages of RTMP are the same.
 */
#ifndef CK_CORE_FLV_AUDIO_H
#define CK_CORE_FLV_AUDIO_H

#include "core/flv/fourcc.h"
#include "core/flv/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Legacy SoundFormat numbers that the code names. */
enum ck_flv_sound {
    CK_FLV_SOUND_MP3 = 2,
    CK_FLV_SOUND_ENHANCED = 9,
    CK_FLV_SOUND_AAC = 10,
    CK_FLV_SOUND_SPEEX = 11,
    CK_FLV_SOUND_MP3_8K = 14,
};

typedef struct ck_flv_audio {
    uint8_t packet_type;  /* enum ck_flv_packet */
    bool enhanced;        /* SoundFormat 9 */
    bool multitrack;      /* Enhanced only */
    uint8_t codec_id;     /* legacy SoundFormat 0-15; 9 with an Enhanced header */
    uint32_t fourcc;      /* CK_FOURCC_AAC for SoundFormat 10 too; 0 when there is none */
    uint32_t rate_hz;     /* as the head says; meaningless for AAC (see its config); 0 Enhanced */
    uint8_t sample_bits;  /* 8 or 16; 0 Enhanced */
    uint8_t channels;     /* 1 or 2; meaningless for AAC; 0 Enhanced */
    uint32_t nano_offset; /* ModEx: to add to the presentation time, 0 .. 999,999 ns */
    size_t payload_offset;
    size_t payload_size;
    const char *refused; /* static name of what is refused; NULL when the body is accepted */
} ck_flv_audio;

/* CHALK_OK for AAC, legacy or Enhanced, and Opus in one track, for an empty body (END: silence,
 * Enhanced RTMP v2) and for METADATA and OTHER packets. CHALK_ERR_CODEC_UNKNOWN when the head is
 * sound but names another codec or several tracks. CHALK_ERR_BAD_DATA when the head is cut. */
int ck_flv_audio_parse(const void *body, size_t size, ck_flv_audio *out);

bool ck_flv_audio_is_config(const void *body, size_t size); /* sequence header, any codec */

/* The Enhanced head of any codec: CONFIG, FRAMES or END. */
void ck_flv_write_audio_head(uint8_t out[CK_FLV_ENHANCED_HEAD], uint32_t fourcc,
                             enum ck_flv_packet packet_type);

#define CK_FLV_AAC_HEAD 2

/* The legacy head of an AAC body, CONFIG or FRAMES. Rate, size and channels are constants for AAC
 * (E.4.2.1: "44 kHz, 16 bit, stereo"); the truth is in the AudioSpecificConfig. */
void ck_flv_write_aac_head(uint8_t out[CK_FLV_AAC_HEAD], enum ck_flv_packet packet_type);

#endif
