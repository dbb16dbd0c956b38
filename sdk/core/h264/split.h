/*
 * Splits an Annex B byte stream that arrives in pieces of any size (a file, a pipe) into NAL units.
 * How the stream is cut into pieces does not change what comes out.
 *
 *     ck_h264_split_feed(&split, bytes, size);            then, until 0:
 *     while (ck_h264_split_next(&split, &nal) > 0) ...    and after the last piece:
 *     ck_h264_split_end(&split);                          the rest is a NAL unit too
 */
#ifndef CK_CORE_H264_SPLIT_H
#define CK_CORE_H264_SPLIT_H

#include "base/bytes.h"
#include "core/h264/nal.h"

typedef struct ck_h264_split {
    ck_buf pending;
    size_t start;   /* where the next NAL unit's start code begins in `pending` */
    size_t scanned; /* `pending` holds no further start code before this */
    bool ended;
    int status;
} ck_h264_split;

/* `nal_size_max`: bytes buffered at most (one piece and one unit); over it: CHALK_ERR_TOO_LARGE. */
void ck_h264_split_init(ck_h264_split *split, const ck_alloc *alloc, size_t nal_size_max);
void ck_h264_split_free(ck_h264_split *split);

/* CHALK_OK, CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE, CHALK_ERR_BAD_STATE after the end. Copies. */
int ck_h264_split_feed(ck_h264_split *split, const void *data, size_t size);
void ck_h264_split_end(ck_h264_split *split);

/* 1 and a NAL unit borrowed until the next call of any of these; 0: feed more, or the end;
 * CHALK_ERR_BAD_DATA: bytes before the first start code, or forbidden_zero_bit set. */
int ck_h264_split_next(ck_h264_split *split, ck_h264_nal *nal);

#endif
