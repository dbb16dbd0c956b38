/*
 * An FLV tag without its envelope. FLV files, HTTP-FLV and RTMP carry the same bodies (Adobe FLV
 * 10.1, annex E.4; Enhanced RTMP v2), so this is the one currency between demultiplexers, RTMP, the
 * edge's fan-out and the multiplexers: a body is received once and shared by every player.
 */
#ifndef CK_CORE_FLV_TAG_H
#define CK_CORE_FLV_TAG_H

#include "base/slice.h"

#include <stdint.h>

/* FLV tag types, equal to the RTMP message type ids. */
enum ck_flv_type {
    CK_FLV_AUDIO = 8,
    CK_FLV_VIDEO = 9,
    CK_FLV_SCRIPT = 18,
};

typedef struct ck_flv_tag {
    uint8_t type;          /* enum ck_flv_type */
    uint32_t timestamp_ms; /* decoding time; wraps after 49.7 days, compare by difference */
    ck_slice body;         /* one reference, owned by whoever holds the tag */
} ck_flv_tag;

#endif
