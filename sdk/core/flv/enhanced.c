#include "core/flv/enhanced.h"

#define EX_SEQUENCE_START  0
#define EX_CODED_FRAMES    1
#define EX_SEQUENCE_END    2
#define MOD_EX_NANO_OFFSET 0
#define NANO_OFFSET_MAX    999999u

void ck_flv_read_mod_ex(ck_reader *r, ck_flv_enhanced *e)
{
    while (e->packet == CK_FLV_EX_MOD_EX && !r->failed) {
        size_t size = (size_t)ck_read_u8(r) + 1;
        if (size == 256) {
            size = (size_t)ck_read_be16(r) + 1;
        }
        const uint8_t *data = ck_read_bytes(r, size);
        uint8_t types = ck_read_u8(r);
        e->packet = types & 0x0f;
        if (data != NULL && types >> 4 == MOD_EX_NANO_OFFSET && size >= 3) {
            uint32_t nano = ck_load_be24(data);
            e->nano_offset = nano <= NANO_OFFSET_MAX ? nano : NANO_OFFSET_MAX;
        }
    }
}

void ck_flv_read_fourcc(ck_reader *r, uint8_t multitrack_packet, ck_flv_enhanced *e)
{
    if (e->packet == multitrack_packet) {
        uint8_t types = ck_read_u8(r);
        e->multitrack = true;
        e->packet = types & 0x0f;
        if (e->packet == multitrack_packet) {
            /* Forbidden by the specification, and it would hide the packet's type. */
            r->failed = true;
        }
        /* Where each track has its own codec the first track's FourCC stands first: the same
         * place, so no case for ManyTracksManyCodecs is needed. */
    }
    e->fourcc = ck_read_be32(r);
}

void ck_flv_write_enhanced(uint8_t out[CK_FLV_ENHANCED_HEAD], uint8_t first, uint32_t fourcc,
                           enum ck_flv_packet packet_type)
{
    uint8_t type = packet_type == CK_FLV_PACKET_CONFIG   ? EX_SEQUENCE_START
                   : packet_type == CK_FLV_PACKET_FRAMES ? EX_CODED_FRAMES
                                                         : EX_SEQUENCE_END;
    out[0] = (uint8_t)(first | type);
    ck_store_be32(out + 1, fourcc);
}
