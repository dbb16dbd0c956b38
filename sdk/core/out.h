/*
 * What a stateful core wants written: a few header bytes of its own and a borrowed, counted piece
 * of payload. The transport writes head then body in one gathered write and drops its reference.
 */
#ifndef CK_CORE_OUT_H
#define CK_CORE_OUT_H

#include "base/slice.h"

#define CK_OUT_HEAD_MAX 32

typedef struct ck_out {
    uint8_t head[CK_OUT_HEAD_MAX];
    uint8_t head_size;
    ck_slice body; /* one reference, moves to the caller of poll_output; may be empty */
} ck_out;

#endif
