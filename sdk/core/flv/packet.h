/*
 * What a video or audio body carries, in one list for legacy and Enhanced headers.
 */
#ifndef CK_CORE_FLV_PACKET_H
#define CK_CORE_FLV_PACKET_H

#define CK_FLV_ENHANCED_HEAD 5 /* bytes of an Enhanced head that is written: types and FourCC */

enum ck_flv_packet {
    CK_FLV_PACKET_CONFIG =
        1,                /* sequence header: AVCDecoderConfigurationRecord, AudioSpecificConfig */
    CK_FLV_PACKET_FRAMES, /* coded frames */
    CK_FLV_PACKET_END,    /* end of sequence; for audio also an empty body, "silence" */
    CK_FLV_PACKET_METADATA, /* Enhanced: AMF about colour (video) or channels (audio) */
    CK_FLV_PACKET_COMMAND,  /* video frame type 5: a seek hint without a picture */
    CK_FLV_PACKET_OTHER,    /* a packet type that the specification reserves: ignore it */
};

#endif
