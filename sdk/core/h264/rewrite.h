/*
 * One pass over an access unit that changes its framing, drops what the next reader does not want,
 * and adds parameter sets and an SEI message (ITU-T H.264 clause 7.4.1.2.3 for the order).
 *
 * Encoder to FLV:  {.from = CK_H264_ANNEX_B, .to = CK_H264_AVCC_4, .drop = CK_H264_DROP_FOR_FLV,
 *                   .sei = stamp}
 * FLV to decoder:  {.from = CK_H264_AVCC_4, .to = CK_H264_ANNEX_B, .sps = ..., .pps = ...}
 */
#ifndef CK_CORE_H264_REWRITE_H
#define CK_CORE_H264_REWRITE_H

#include "base/bytes.h"
#include "core/h264/nal.h"

/* Bit of a NAL type in ck_h264_rewrite.drop. */
#define CK_H264_BIT(type)           (UINT32_C(1) << (type))
#define CK_H264_DROP_AUD            CK_H264_BIT(CK_H264_AUD)
#define CK_H264_DROP_FILLER         CK_H264_BIT(CK_H264_FILLER)
#define CK_H264_DROP_PARAMETER_SETS (CK_H264_BIT(CK_H264_SPS) | CK_H264_BIT(CK_H264_PPS))
/* FLV carries parameter sets in its sequence header, and needs no delimiters. */
#define CK_H264_DROP_FOR_FLV (CK_H264_DROP_AUD | CK_H264_DROP_FILLER | CK_H264_DROP_PARAMETER_SETS)

/* A NAL unit without framing, header byte included; borrowed for the call; size 0 is none. */
typedef struct ck_h264_span {
    const uint8_t *data;
    size_t size;
} ck_h264_span;

typedef struct ck_h264_rewrite {
    enum ck_h264_framing from;
    enum ck_h264_framing to;
    uint32_t drop;    /* CK_H264_BIT(type) of each type to leave out */
    ck_h264_span sps; /* both are put in front of a key frame, after its AUD, unless it keeps an */
    ck_h264_span pps; /* SPS and a PPS of its own */
    ck_h264_span sei; /* put before the first VCL or prefix unit, after all that stands there */
} ck_h264_rewrite;

/* Appends the rewritten access unit to *out. Returns the number of NAL units written. `drop` acts
 * on what the input holds; what is inserted is kept. On an error *out has its old size.
 *
 * CHALK_ERR_BAD_DATA    the input's framing is broken, or a unit holds a bare start code and so
 *                       cannot be written as Annex B
 * CHALK_ERR_NOT_FOUND   an SEI was to be inserted, but the access unit has no picture
 * CHALK_ERR_TOO_LARGE   a unit does not fit the length field, or the result out's limit
 * CHALK_ERR_NO_MEMORY, CHALK_ERR_INVALID_ARGUMENT (unknown framing) */
int ck_h264_rewrite_unit(const ck_h264_rewrite *how, const void *data, size_t size, ck_buf *out);

/* The plain conversions, nothing dropped and nothing added. */
int ck_h264_to_avcc(const void *data, size_t size, enum ck_h264_framing to, ck_buf *out);
int ck_h264_to_annex_b(const void *data, size_t size, enum ck_h264_framing from, ck_buf *out);

/* Appends one NAL unit in the given framing (Annex B: a 4-byte start code). The same errors. */
int ck_h264_put_nal(ck_buf *out, enum ck_h264_framing framing, const void *data, size_t size);

#endif
