/* One encoded picture (H.264, VP8) or piece of sound (AAC, Opus), the currency between encoders and
 * outputs, and between demultiplexers and decoders. */
#ifndef CK_MEDIA_PACKET_H
#define CK_MEDIA_PACKET_H

#include "chalkrail/codec.h"

#include "base/slice.h"

#include <stdbool.h>

typedef struct ck_packet {
    uint32_t codec;      /* enum chalk_codec */
    bool key;            /* decoding may start here; always true for sound */
    bool config;         /* payload is the decoder's configuration record, not media */
    int64_t pts_us;      /* presentation time on the stream's time line */
    int64_t dts_us;      /* decoding time, <= pts_us, never decreasing within a track */
    uint64_t capture_us; /* runtime clock; 0 when unknown (received packets: arrival) */
    uint64_t room_us;    /* received: room time of its taking as the playlist tells; 0: unknown */
    ck_slice payload;    /* H.264: NAL units each behind a 4-byte length; VP8: one frame; AAC: one
                            raw frame; Opus: one packet. A configuration: see ck_encoder_info */
} ck_packet;

ck_packet ck_packet_ref(const ck_packet *packet);
void ck_packet_unref(ck_packet *packet);

#endif
