#include "core/h264/params.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/h264/bits.h"

#define NOT_STATED    2 /* tables E-3 to E-5 */
#define FRAME_MBS_MAX 139264u
#define EXTENDED_SAR  255

/* Profiles whose SPS carries the chroma format and scaling lists, clause 7.3.2.1.1. */
static bool has_high_syntax(uint8_t profile_idc)
{
    static const uint8_t profiles[] = {100, 110, 122, 244, 44,  83, 86,
                                       118, 128, 138, 139, 134, 135};
    for (size_t i = 0; i < CK_COUNT_OF(profiles); i++) {
        if (profiles[i] == profile_idc) {
            return true;
        }
    }
    return false;
}

static void skip_scaling_list(ck_h264_bits *b, int size)
{
    int32_t last = 8;
    int32_t next = 8;
    for (int i = 0; i < size && !b->failed; i++) {
        if (next != 0) {
            int32_t delta = ck_h264_bits_se(b);
            b->failed |= delta < -128 || delta > 127;
            next = b->failed ? 0 : (last + delta + 256) % 256;
        }
        last = next == 0 ? last : next;
    }
}

static bool parse_high_syntax(ck_h264_bits *b, ck_h264_sps *s)
{
    s->chroma_format_idc = (uint8_t)ck_h264_bits_ue_max(b, 3);
    bool separate_planes = s->chroma_format_idc == 3 && ck_h264_bits_flag(b);
    s->bit_depth_luma = (uint8_t)(8 + ck_h264_bits_ue_max(b, 6));
    s->bit_depth_chroma = (uint8_t)(8 + ck_h264_bits_ue_max(b, 6));
    ck_h264_bits_flag(b); /* qpprime_y_zero_transform_bypass_flag */
    if (ck_h264_bits_flag(b)) {
        int lists = s->chroma_format_idc == 3 ? 12 : 8;
        for (int i = 0; i < lists; i++) {
            if (ck_h264_bits_flag(b)) {
                skip_scaling_list(b, i < 6 ? 16 : 64);
            }
        }
    }
    return separate_planes;
}

static void parse_picture_order(ck_h264_bits *b, ck_h264_sps *s)
{
    s->order_type = (uint8_t)ck_h264_bits_ue_max(b, 2);
    if (s->order_type == 0) {
        s->order_lsb_bits = (uint8_t)(4 + ck_h264_bits_ue_max(b, 12));
    } else if (s->order_type == 1) {
        ck_h264_bits_flag(b);
        ck_h264_bits_se(b);
        ck_h264_bits_se(b);
        uint32_t count = ck_h264_bits_ue_max(b, 255);
        for (uint32_t i = 0; i < count && !b->failed; i++) {
            ck_h264_bits_se(b);
        }
    }
}

/* frame_cropping, in units that depend on chroma format and interlacing (clause 7.4.2.1.1). */
static void parse_cropping(ck_h264_bits *b, ck_h264_sps *s)
{
    if (ck_h264_bits_flag(b)) {
        bool planar = s->separate_planes || s->chroma_format_idc == 0;
        uint32_t unit_x = !planar && s->chroma_format_idc < 3 ? 2 : 1;
        uint32_t unit_y = !planar && s->chroma_format_idc == 1 ? 2 : 1;
        unit_y *= s->frame_mbs_only ? 1 : 2;
        s->crop_left = unit_x * ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX);
        s->crop_right = unit_x * ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX);
        s->crop_top = unit_y * ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX);
        s->crop_bottom = unit_y * ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX);
    }
    if (s->crop_left + s->crop_right >= s->coded_width ||
        s->crop_top + s->crop_bottom >= s->coded_height) {
        b->failed = true;
        return;
    }
    s->width = s->coded_width - s->crop_left - s->crop_right;
    s->height = s->coded_height - s->crop_top - s->crop_bottom;
}

static void parse_size(ck_h264_bits *b, ck_h264_sps *s)
{
    uint32_t mbs_wide = 1 + ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX / 16 - 1);
    uint32_t units_high = 1 + ck_h264_bits_ue_max(b, CK_H264_SIZE_MAX / 16 - 1);
    s->frame_mbs_only = ck_h264_bits_flag(b);
    uint32_t mbs_high = units_high * (s->frame_mbs_only ? 1 : 2);
    if (mbs_high > CK_H264_SIZE_MAX / 16 || mbs_wide * mbs_high > FRAME_MBS_MAX) {
        b->failed = true;
    }
    s->coded_width = mbs_wide * 16;
    s->coded_height = mbs_high * 16;
    if (!s->frame_mbs_only) {
        ck_h264_bits_flag(b); /* mb_adaptive_frame_field_flag */
    }
    ck_h264_bits_flag(b); /* direct_8x8_inference_flag */
}

static void parse_aspect(ck_h264_bits *b, ck_h264_sps *s)
{
    static const uint8_t ratios[][2] = {
        {0, 0},   {1, 1},   {12, 11}, {10, 11}, {16, 11},  {40, 33}, {24, 11}, {20, 11}, {32, 11},
        {80, 33}, {18, 11}, {15, 11}, {64, 33}, {160, 99}, {4, 3},   {3, 2},   {2, 1},
    };
    if (!ck_h264_bits_flag(b)) {
        return;
    }
    uint32_t idc = ck_h264_bits_u(b, 8);
    if (idc == EXTENDED_SAR) {
        s->sar_width = ck_h264_bits_u(b, 16);
        s->sar_height = ck_h264_bits_u(b, 16);
    } else if (idc < CK_COUNT_OF(ratios)) {
        s->sar_width = ratios[idc][0];
        s->sar_height = ratios[idc][1];
    }
}

static void parse_video_signal(ck_h264_bits *b, ck_h264_sps *s)
{
    if (!ck_h264_bits_flag(b)) {
        return;
    }
    ck_h264_bits_u(b, 3); /* video_format */
    s->full_range = ck_h264_bits_flag(b);
    if (ck_h264_bits_flag(b)) {
        s->colour_primaries = (uint8_t)ck_h264_bits_u(b, 8);
        s->transfer = (uint8_t)ck_h264_bits_u(b, 8);
        s->matrix = (uint8_t)ck_h264_bits_u(b, 8);
    }
}

static void parse_timing(ck_h264_bits *b, ck_h264_sps *s)
{
    if (!ck_h264_bits_flag(b)) {
        return;
    }
    uint32_t units = ck_h264_bits_u(b, 32);
    uint32_t scale = ck_h264_bits_u(b, 32);
    bool fixed = ck_h264_bits_flag(b);
    /* Zero in either is forbidden, yet seen; it is then as if no timing were stated. */
    if (units != 0 && scale != 0) {
        s->num_units_in_tick = units;
        s->time_scale = scale;
        s->fixed_frame_rate = fixed;
    }
}

/* hrd_parameters, annex E.1.2. */
static void skip_hrd(ck_h264_bits *b)
{
    uint32_t count = 1 + ck_h264_bits_ue_max(b, 31);
    ck_h264_bits_u(b, 8);
    for (uint32_t i = 0; i < count && !b->failed; i++) {
        ck_h264_bits_ue(b);
        ck_h264_bits_ue(b);
        ck_h264_bits_flag(b);
    }
    ck_h264_bits_u(b, 20);
}

static void parse_vui(ck_h264_bits *b, ck_h264_sps *s)
{
    parse_aspect(b, s);
    if (ck_h264_bits_flag(b)) {
        ck_h264_bits_flag(b); /* overscan_appropriate_flag */
    }
    parse_video_signal(b, s);
    if (ck_h264_bits_flag(b)) {
        ck_h264_bits_ue_max(b, 5); /* chroma_sample_loc_type */
        ck_h264_bits_ue_max(b, 5);
    }
    parse_timing(b, s);
    bool nal_hrd = ck_h264_bits_flag(b);
    if (nal_hrd) {
        skip_hrd(b);
    }
    bool vcl_hrd = ck_h264_bits_flag(b);
    if (vcl_hrd) {
        skip_hrd(b);
    }
    if (nal_hrd || vcl_hrd) {
        ck_h264_bits_flag(b); /* low_delay_hrd_flag */
    }
    ck_h264_bits_flag(b); /* pic_struct_present_flag */
    if (ck_h264_bits_flag(b)) {
        ck_h264_bits_flag(b);
        ck_h264_bits_ue_max(b, 16);
        ck_h264_bits_ue_max(b, 16);
        ck_h264_bits_ue_max(b, 16);
        ck_h264_bits_ue_max(b, 16);
        s->max_reorder_frames = (int8_t)ck_h264_bits_ue_max(b, 16);
        s->max_dec_frame_buffering = (int8_t)ck_h264_bits_ue_max(b, 16);
        b->failed |= s->max_reorder_frames > s->max_dec_frame_buffering;
    }
}

/* Where the stream does not say, profile and picture order can still rule reordering out: baseline
 * has no B slices; picture order type 2 is decoding order; intra profiles have nothing to wait for
 * (annex E.2.1, max_num_reorder_frames). */
static int8_t implied_reorder(const ck_h264_sps *s)
{
    bool intra_only = (s->constraints & 0x10) != 0 &&
                      (s->profile_idc == 44 || s->profile_idc == 86 || s->profile_idc == 100 ||
                       s->profile_idc == 110 || s->profile_idc == 122 || s->profile_idc == 244);
    return s->profile_idc == 66 || s->order_type == 2 || intra_only ? 0 : -1;
}

int ck_h264_parse_sps(const void *nal, size_t size, ck_h264_sps *out)
{
    ck_h264_nal head;
    if (ck_h264_nal_of(nal, size, &head) < 0 || head.type != CK_H264_SPS) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_h264_bits b = ck_h264_bits_of(head.data + 1, size - 1);
    ck_h264_sps s = {
        .chroma_format_idc = 1,
        .bit_depth_luma = 8,
        .bit_depth_chroma = 8,
        .colour_primaries = NOT_STATED,
        .transfer = NOT_STATED,
        .matrix = NOT_STATED,
        .max_dec_frame_buffering = -1,
    };
    s.profile_idc = ck_h264_bits_byte(&b);
    s.constraints = ck_h264_bits_byte(&b);
    s.level_idc = ck_h264_bits_byte(&b);
    s.id = (uint8_t)ck_h264_bits_ue_max(&b, 31);
    s.separate_planes = has_high_syntax(s.profile_idc) && parse_high_syntax(&b, &s);
    s.frame_num_bits = (uint8_t)(4 + ck_h264_bits_ue_max(&b, 12));
    parse_picture_order(&b, &s);
    s.max_ref_frames = (uint8_t)ck_h264_bits_ue_max(&b, 16);
    ck_h264_bits_flag(&b); /* gaps_in_frame_num_value_allowed_flag */
    parse_size(&b, &s);
    parse_cropping(&b, &s);
    s.max_reorder_frames = implied_reorder(&s);
    if (ck_h264_bits_flag(&b)) {
        parse_vui(&b, &s);
    }
    if (b.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = s;
    return CHALK_OK;
}

/* What stands behind the slice groups and that a slice header depends on. */
static void parse_coding(ck_h264_bits *b, ck_h264_pps *p)
{
    ck_h264_bits_ue_max(b, 31); /* num_ref_idx_l0_default_active_minus1, and of list 1 */
    ck_h264_bits_ue_max(b, 31);
    p->weighted_pred = ck_h264_bits_flag(b);
    ck_h264_bits_u(b, 2); /* weighted_bipred_idc */
    int32_t qp = ck_h264_bits_se(b);
    b->failed |= qp < -62 || qp > 25;
    p->init_qp = (int8_t)(b->failed ? 0 : 26 + qp);
    ck_h264_bits_se(b); /* pic_init_qs_minus26 */
    ck_h264_bits_se(b); /* chroma_qp_index_offset */
    p->deblock_control = ck_h264_bits_flag(b);
    ck_h264_bits_flag(b); /* constrained_intra_pred_flag */
    p->redundant = ck_h264_bits_flag(b);
}

int ck_h264_parse_pps(const void *nal, size_t size, ck_h264_pps *out)
{
    ck_h264_nal head;
    if (ck_h264_nal_of(nal, size, &head) < 0 || head.type != CK_H264_PPS) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_h264_bits b = ck_h264_bits_of(head.data + 1, size - 1);
    ck_h264_pps p = {0};
    p.id = (uint8_t)ck_h264_bits_ue_max(&b, 255);
    p.sps_id = (uint8_t)ck_h264_bits_ue_max(&b, 31);
    p.cabac = ck_h264_bits_flag(&b);
    p.bottom_order = ck_h264_bits_flag(&b);
    p.slice_groups = ck_h264_bits_ue_max(&b, 7) > 0;
    if (!p.slice_groups) {
        parse_coding(&b, &p);
    }
    if (b.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = p;
    return CHALK_OK;
}
