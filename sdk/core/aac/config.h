/*
 * AudioSpecificConfig, AAC's out-of-band header in FLV, RTMP and MP4 (ISO/IEC 14496-3:2019,
 * 1.6.2.1 and 4.4.1).
 */
#ifndef CK_CORE_AAC_CONFIG_H
#define CK_CORE_AAC_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Audio object types that the code names (table 1.17). */
enum ck_aac_object {
    CK_AAC_MAIN = 1,
    CK_AAC_LC = 2,
    CK_AAC_SSR = 3,
    CK_AAC_LTP = 4,
    CK_AAC_SBR = 5,
    CK_AAC_PS = 29,
};

typedef struct ck_aac_config {
    uint8_t object_type;        /* of the core layer: 2 also where SBR or PS come on top */
    uint32_t sample_rate_hz;    /* of the core layer; half the output's with SBR */
    uint8_t channel_config;     /* 1-7 (table 1.19); 0: see `refused` */
    uint8_t channels;           /* 1-6, 8; 0 with channel_config 0 */
    uint16_t frame_length;      /* samples of the core layer in a frame: 1024 or 960 */
    bool sbr;                   /* HE-AAC, signalled explicitly (1.6.5.2 or 1.6.5.3) */
    bool ps;                    /* HE-AAC v2: plays as stereo */
    uint32_t extension_rate_hz; /* output's rate with SBR, else 0 */
    const char *refused;        /* static name of what is refused; NULL when accepted */
} ck_aac_config;

/* CHALK_OK for AAC-LC, with or without SBR and PS. CHALK_ERR_CODEC_UNKNOWN for other object types
 * and for channels laid out in a program config element; `refused` names which.
 * CHALK_ERR_BAD_DATA when cut or reserved values are used. */
int ck_aac_config_parse(const void *data, size_t size, ck_aac_config *out);

#define CK_AAC_CONFIG_MAX 16

/* The bytes written to `out`, or CHALK_ERR_INVALID_ARGUMENT for what parse would not accept. SBR
 * and PS are signalled hierarchically (object type 5 or 29 first). Rates outside the table are
 * written with the escape. */
int ck_aac_config_write(uint8_t out[CK_AAC_CONFIG_MAX], const ck_aac_config *config);

/* Index into table 1.18 for a rate in Hz, or -1; rate for an index, or 0 for a reserved one. */
int ck_aac_rate_index(uint32_t rate_hz);
uint32_t ck_aac_rate_of_index(uint32_t index);
/* Channels of a channel configuration (table 1.19); 0 for 0 and reserved ones. */
uint8_t ck_aac_channels(uint32_t channel_config);

#endif
