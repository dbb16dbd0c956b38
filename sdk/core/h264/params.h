/*
 * Sequence and picture parameter sets (ITU-T H.264 clauses 7.3.2.1, 7.3.2.2 and annex E.1). Every
 * number is range-checked; a set outside the standard's ranges is CHALK_ERR_BAD_DATA.
 */
#ifndef CK_CORE_H264_PARAMS_H
#define CK_CORE_H264_PARAMS_H

#include "core/h264/nal.h"

/* 16,880 px a side and 139,264 macroblocks a frame: level 6.2, table A-1. */
#define CK_H264_SIZE_MAX 16880u

typedef struct ck_h264_sps {
    uint8_t id;                /* 0-31 */
    uint8_t profile_idc;       /* 66 baseline, 77 main, 100 high, ... */
    uint8_t constraints;       /* constraint_set0_flag is bit 7 */
    uint8_t level_idc;         /* 31 is level 3.1 */
    uint8_t chroma_format_idc; /* 0 grey, 1 4:2:0, 2 4:2:2, 3 4:4:4 */
    uint8_t bit_depth_luma;    /* 8-14 */
    uint8_t bit_depth_chroma;
    bool separate_planes;   /* 4:4:4 as three monochrome pictures */
    uint8_t frame_num_bits; /* 4-16, of frame_num in a slice header */
    uint8_t order_type;     /* pic_order_cnt_type, 0-2 */
    uint8_t order_lsb_bits; /* 4-16, of pic_order_cnt_lsb; 0 unless order_type is 0 */
    uint8_t max_ref_frames; /* 0-16 */
    bool frame_mbs_only;    /* false: the stream may be interlaced */

    uint32_t width; /* luma px shown, after cropping */
    uint32_t height;
    uint32_t coded_width; /* luma px coded, a multiple of 16 */
    uint32_t coded_height;
    uint32_t crop_left; /* luma px cut off the coded picture */
    uint32_t crop_right;
    uint32_t crop_top;
    uint32_t crop_bottom;

    uint32_t sar_width; /* sample aspect ratio; 0:0 is not stated */
    uint32_t sar_height;
    bool full_range;            /* false: limited, also when not stated */
    uint8_t colour_primaries;   /* table E-3; 2 is not stated */
    uint8_t transfer;           /* table E-4 */
    uint8_t matrix;             /* table E-5; 1 BT.709, 5 and 6 BT.601 */
    uint32_t num_units_in_tick; /* 0: no timing stated */
    uint32_t time_scale;        /* frames a second = time_scale / (2 * num_units_in_tick) */
    bool fixed_frame_rate;
    int8_t max_reorder_frames;      /* 0-16; -1: not stated and not implied by the profile */
    int8_t max_dec_frame_buffering; /* 0-16; -1: not stated */
} ck_h264_sps;

typedef struct ck_h264_pps {
    uint8_t id;     /* 0-255 */
    uint8_t sps_id; /* 0-31 */
    bool cabac;
    bool bottom_order;    /* bottom_field_pic_order_in_frame_present_flag */
    bool slice_groups;    /* more than one; nothing below was read then */
    bool weighted_pred;   /* P slices carry weights */
    bool deblock_control; /* slices say how they are deblocked */
    bool redundant;       /* redundant_pic_cnt_present_flag */
    int8_t init_qp;       /* 26 + pic_init_qp_minus26, -36..51 */
} ck_h264_pps;

/* `nal` begins with its header byte. CHALK_OK; CHALK_ERR_BAD_DATA for a set that is cut short, out
 * of range, or of another NAL type. *out is written only on success. */
int ck_h264_parse_sps(const void *nal, size_t size, ck_h264_sps *out);
int ck_h264_parse_pps(const void *nal, size_t size, ck_h264_pps *out);

#endif
