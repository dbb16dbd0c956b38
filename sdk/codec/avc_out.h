/*
 * The end of every H.264 encoder: Annex B in, packets out.
 *
 * Parameter sets are taken out of the stream into an AVCDecoderConfigurationRecord. When an encoder
 * changes them, a packet with `config` set goes out before the picture that needs them. Delimiters,
 * filler and the encoder's own SEI (x264 writes its settings there) are dropped: SEI in a lesson is
 * the publisher's.
 *
 * It also decides when a key frame is due, because encoders count pictures and a lesson counts
 * seconds.
 */
#ifndef CK_CODEC_AVC_OUT_H
#define CK_CODEC_AVC_OUT_H

#include "base/bytes.h"
#include "codec/stamps.h"
#include "runtime/media/codec.h"

/* A picture larger than this is an encoder gone wrong: raw 8192x8192 I420 has 100 MB. */
#define CK_AVC_UNIT_MAX (64u << 20)

typedef struct ck_avc_out {
    ck_slice config; /* the record in force; its own reference */
    ck_buf scratch;
    ck_packet queue[2]; /* a new configuration, a picture */
    uint32_t queued;
    uint64_t gop_us;
    int64_t key_us; /* time of the last key frame */
    bool has_key;
    bool drained;
} ck_avc_out;

void ck_avc_out_init(ck_avc_out *o, uint64_t gop_us);
void ck_avc_out_free(ck_avc_out *o);

bool ck_avc_key_is_due(const ck_avc_out *o, int64_t pts_us);
/* Sets the record from an Annex B run of parameter sets. */
int ck_avc_out_config(ck_avc_out *o, const void *annex_b, size_t size);
/* One access unit in Annex B, copied; what is queued must have been received. */
int ck_avc_out_unit(ck_avc_out *o, const void *annex_b, size_t size, ck_stamp stamp);
int ck_avc_out_receive(ck_avc_out *o, ck_packet *out);

#endif
