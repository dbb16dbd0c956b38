#include "core/h264/still.h"

#include "chalkrail/errors.h"
#include "core/h264/bits.h"
#include "core/h264/rewrite.h"
#include "core/h264/skip_run.h"

#define REFERENCE_P 0x41 /* nal_ref_idc 2, a slice that is not IDR */
#define ALL_P       5    /* slice_type: P, and so are all slices of this picture */
#define ORDER_STEP  2    /* picture order from frame to frame */
#define LENGTH_SIZE 4

static bool stream_fits(const ck_h264_sps *sps, const ck_h264_pps *pps)
{
    return sps->frame_mbs_only && sps->chroma_format_idc == 1 && sps->max_ref_frames == 1 &&
           sps->order_type != 1 && pps->sps_id == sps->id && !pps->slice_groups && !pps->redundant;
}

void ck_h264_still_configure(ck_h264_still *s, const void *sps, size_t sps_size, const void *pps,
                             size_t pps_size)
{
    *s = (ck_h264_still){0};
    s->fits = ck_h264_parse_sps(sps, sps_size, &s->sps) == CHALK_OK &&
              ck_h264_parse_pps(pps, pps_size, &s->pps) == CHALK_OK &&
              stream_fits(&s->sps, &s->pps);
}

/* What of a slice header is read and moved. */
typedef struct slice_numbers {
    uint32_t first_mb;
    uint32_t type;
    uint32_t pps_id;
    uint32_t frame_num;
    uint32_t order_lsb;
} slice_numbers;

static uint32_t mask_of(unsigned bits)
{
    return (UINT32_C(1) << bits) - 1;
}

/* Leaves `b` behind what was read. */
static int read_numbers(const ck_h264_still *s, bool idr, ck_h264_bits *b, slice_numbers *out)
{
    out->first_mb = ck_h264_bits_ue(b);
    out->type = ck_h264_bits_ue_max(b, 9);
    out->pps_id = ck_h264_bits_ue_max(b, 255);
    out->frame_num = ck_h264_bits_u(b, s->sps.frame_num_bits);
    if (idr) {
        ck_h264_bits_ue(b); /* idr_pic_id */
    }
    out->order_lsb = s->sps.order_type == 0 ? ck_h264_bits_u(b, s->sps.order_lsb_bits) : 0;
    return b->failed ? CHALK_ERR_BAD_DATA : CHALK_OK;
}

/* The rest begins at the same bit of a byte on both sides, for numbers keep their length. */
static void copy_rest(ck_h264_bits *from, ck_h264_writer *to)
{
    ck_h264_write_u(to, from->left, from->byte & mask_of(from->left));
    while (from->at < from->end) {
        uint8_t byte = ck_h264_bits_byte(from);
        if (from->failed) {
            return; /* a prevention byte at the very end: cabac_zero_words, which say nothing */
        }
        ck_h264_write_byte(to, byte);
    }
}

static int move_slice(const ck_h264_still *s, const ck_h264_nal *nal, ck_buf *out)
{
    ck_h264_bits b = ck_h264_bits_of(nal->data + 1, nal->size - 1);
    slice_numbers n;
    if (read_numbers(s, false, &b, &n) < 0) {
        return CHALK_ERR_BAD_DATA;
    }
    n.frame_num += s->made;
    n.order_lsb += ORDER_STEP * s->made;
    ck_h264_writer w = ck_h264_writer_of(out);
    ck_h264_write_byte(&w, nal->data[0]);
    ck_h264_write_ue(&w, n.first_mb);
    ck_h264_write_ue(&w, n.type);
    ck_h264_write_ue(&w, n.pps_id);
    ck_h264_write_u(&w, s->sps.frame_num_bits, n.frame_num & mask_of(s->sps.frame_num_bits));
    if (s->sps.order_type == 0) {
        ck_h264_write_u(&w, s->sps.order_lsb_bits, n.order_lsb & mask_of(s->sps.order_lsb_bits));
    }
    copy_rest(&b, &w);
    return ck_buf_status(out);
}

static int put_moved_slice(const ck_h264_still *s, const ck_h264_nal *nal, ck_buf *out)
{
    size_t length_at = out->size;
    ck_buf_put_be32(out, 0);
    int status = move_slice(s, nal, out);
    if (status == CHALK_OK) {
        ck_store_be32(out->data + length_at, (uint32_t)(out->size - length_at - LENGTH_SIZE));
    }
    return status;
}

/* Remembers the numbers of the first slice of an access unit, as it will be sent. */
static int note_numbers(ck_h264_still *s, const ck_h264_nal *nal)
{
    bool idr = nal->type == CK_H264_IDR;
    ck_h264_bits b = ck_h264_bits_of(nal->data + 1, nal->size - 1);
    slice_numbers n;
    if ((!idr && nal->type != CK_H264_SLICE) || read_numbers(s, idr, &b, &n) < 0) {
        return CHALK_ERR_BAD_DATA; /* data partitioning, or broken */
    }
    if (idr) {
        s->made = 0;
        s->able = true;
    }
    if (nal->ref_idc != 0) {
        s->frame_num = n.frame_num + s->made;
    }
    s->order_lsb = n.order_lsb + ORDER_STEP * s->made;
    return CHALK_OK;
}

static int note_unit(ck_h264_still *s, const void *unit, size_t size)
{
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_AVCC_4, unit, size);
    ck_h264_nal nal;
    int status;
    while ((status = ck_h264_walk_next(&walk, &nal)) > 0) {
        if (ck_h264_is_vcl(nal.type)) {
            return note_numbers(s, &nal);
        }
    }
    return status; /* no picture: nothing to note */
}

int ck_h264_still_pass(ck_h264_still *s, const void *unit, size_t size, ck_buf *out)
{
    if (!s->fits) {
        return 0;
    }
    int status = note_unit(s, unit, size);
    if (status < 0) {
        s->able = false;
        return status;
    }
    if (s->made == 0) {
        return 0;
    }
    size_t old_size = out->size;
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_AVCC_4, unit, size);
    ck_h264_nal nal;
    while (status == CHALK_OK && ck_h264_walk_next(&walk, &nal) > 0) {
        status = nal.type == CK_H264_SLICE
                     ? put_moved_slice(s, &nal, out)
                     : ck_h264_put_nal(out, CK_H264_AVCC_4, nal.data, nal.size);
    }
    if (status < 0) {
        out->size = old_size;
        s->able = false;
        return status;
    }
    return 1;
}

static void write_header(const ck_h264_still *s, ck_h264_writer *w)
{
    const ck_h264_sps *sps = &s->sps;
    const ck_h264_pps *pps = &s->pps;
    ck_h264_write_ue(w, 0); /* first_mb_in_slice */
    ck_h264_write_ue(w, ALL_P);
    ck_h264_write_ue(w, pps->id);
    ck_h264_write_u(w, sps->frame_num_bits, (s->frame_num + 1) & mask_of(sps->frame_num_bits));
    if (sps->order_type == 0) {
        ck_h264_write_u(w, sps->order_lsb_bits,
                        (s->order_lsb + ORDER_STEP) & mask_of(sps->order_lsb_bits));
        if (pps->bottom_order) {
            ck_h264_write_se(w, 0); /* delta_pic_order_cnt_bottom */
        }
    }
    ck_h264_write_u(w, 1, 1); /* num_ref_idx_active_override_flag: one reference, whatever */
    ck_h264_write_ue(w, 0);   /* the PPS says */
    ck_h264_write_u(w, 1, 0); /* ref_pic_list_modification_flag_l0 */
    if (pps->weighted_pred) {
        ck_h264_write_ue(w, 0); /* luma_log2_weight_denom, then chroma's: weights are 1 */
        ck_h264_write_ue(w, 0);
        ck_h264_write_u(w, 2, 0); /* luma_weight_l0_flag, chroma_weight_l0_flag */
    }
    ck_h264_write_u(w, 1, 0); /* adaptive_ref_pic_marking_mode_flag */
    if (pps->cabac) {
        ck_h264_write_ue(w, CK_H264_SKIP_RUN_INIT_IDC);
    }
    ck_h264_write_se(w, CK_H264_SKIP_RUN_QP - pps->init_qp);
    if (pps->deblock_control) {
        ck_h264_write_ue(w, 1); /* disable_deblocking_filter_idc: not at all */
    }
}

int ck_h264_still_make(ck_h264_still *s, ck_buf *out)
{
    if (!s->able) {
        return CHALK_ERR_BAD_STATE;
    }
    uint32_t macroblocks = s->sps.coded_width / 16 * (s->sps.coded_height / 16);
    size_t old_size = out->size;
    ck_buf_put_be32(out, 0);
    ck_h264_writer w = ck_h264_writer_of(out);
    ck_h264_write_byte(&w, REFERENCE_P);
    write_header(s, &w);
    if (s->pps.cabac) {
        ck_h264_write_skip_run_cabac(&w, macroblocks);
    } else {
        ck_h264_write_skip_run_cavlc(&w, macroblocks);
    }
    int status = ck_buf_status(out);
    if (status < 0) {
        out->size = old_size;
        return status;
    }
    ck_store_be32(out->data + old_size, (uint32_t)(out->size - old_size - LENGTH_SIZE));
    s->made++;
    s->frame_num++;
    s->order_lsb += ORDER_STEP;
    return CHALK_OK;
}
