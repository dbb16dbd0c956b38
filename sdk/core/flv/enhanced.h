/*
 * Private to flv: the part of the Enhanced heads that audio and video share (Enhanced RTMP v2,
 * "ExAudioTagHeader" and "ExVideoTagHeader").
 */
#ifndef CK_CORE_FLV_ENHANCED_H
#define CK_CORE_FLV_ENHANCED_H

#include "base/bytes.h"
#include "core/flv/packet.h"

#define CK_FLV_EX_MOD_EX 7 /* both AudioPacketType and VideoPacketType */

typedef struct ck_flv_enhanced {
    uint8_t packet; /* AudioPacketType or VideoPacketType on the wire, 0-15 */
    bool multitrack;
    uint32_t fourcc; /* of the first track */
    uint32_t nano_offset;
} ck_flv_enhanced;

/* Both set the reader's `failed` when the head is cut. */

/* With e->packet from the first byte: passes the ModEx blocks, which end in another packet type. */
void ck_flv_read_mod_ex(ck_reader *r, ck_flv_enhanced *e);

/* Then: multitrack head if e->packet is `multitrack_packet`, and the FourCC. */
void ck_flv_read_fourcc(ck_reader *r, uint8_t multitrack_packet, ck_flv_enhanced *e);

/* `first` is the first byte's upper half; CONFIG, FRAMES and END have one number in both media. */
void ck_flv_write_enhanced(uint8_t out[CK_FLV_ENHANCED_HEAD], uint8_t first, uint32_t fourcc,
                           enum ck_flv_packet packet_type);

#endif
