/*
 * Codecs by FourCC, the one name that FLV's legacy numbers and the Enhanced headers share
 * (Enhanced RTMP v2, "Enhanced Audio" and "Enhanced Video").
 */
#ifndef CK_CORE_FLV_FOURCC_H
#define CK_CORE_FLV_FOURCC_H

#include <stdint.h>

#define CK_FOURCC(a, b, c, d)                                                                      \
    ((uint32_t)(uint8_t)(a) << 24 | (uint32_t)(uint8_t)(b) << 16 | (uint32_t)(uint8_t)(c) << 8 |   \
     (uint32_t)(uint8_t)(d))

#define CK_FOURCC_AVC  CK_FOURCC('a', 'v', 'c', '1')
#define CK_FOURCC_HEVC CK_FOURCC('h', 'v', 'c', '1')
#define CK_FOURCC_VVC  CK_FOURCC('v', 'v', 'c', '1')
#define CK_FOURCC_VP8  CK_FOURCC('v', 'p', '0', '8')
#define CK_FOURCC_VP9  CK_FOURCC('v', 'p', '0', '9')
#define CK_FOURCC_AV1  CK_FOURCC('a', 'v', '0', '1')

#define CK_FOURCC_AAC  CK_FOURCC('m', 'p', '4', 'a')
#define CK_FOURCC_OPUS CK_FOURCC('O', 'p', 'u', 's')
#define CK_FOURCC_FLAC CK_FOURCC('f', 'L', 'a', 'C')
#define CK_FOURCC_MP3  CK_FOURCC('.', 'm', 'p', '3')
#define CK_FOURCC_AC3  CK_FOURCC('a', 'c', '-', '3')
#define CK_FOURCC_EAC3 CK_FOURCC('e', 'c', '-', '3')

/* "H.264", "HEVC", "Opus"...; "an unknown codec" for every other value. Static text. */
const char *ck_fourcc_name(uint32_t fourcc);

#endif
