/*
 * The slice data of a P slice in which every macroblock is skipped (ITU-T H.264 clause 7.3.4): the
 * whole picture as it was.
 */
#ifndef CK_CORE_H264_SKIP_RUN_H
#define CK_CORE_H264_SKIP_RUN_H

#include "core/h264/bits.h"

/* What the slice header must have said for ck_h264_write_skip_run_cabac. */
#define CK_H264_SKIP_RUN_QP       26
#define CK_H264_SKIP_RUN_INIT_IDC 0

/* By CAVLC, trailing bits included; `w` stands behind the slice header. */
void ck_h264_write_skip_run_cavlc(ck_h264_writer *w, uint32_t macroblocks);
/* By CABAC, alignment before and stop bit behind it included. `macroblocks` is at least 1. */
void ck_h264_write_skip_run_cabac(ck_h264_writer *w, uint32_t macroblocks);

#endif
