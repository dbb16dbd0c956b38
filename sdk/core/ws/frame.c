#include "core/ws/frame.h"

#include "base/bytes.h"

#include <string.h>

#define FIN     0x80u
#define MASKED  0x80u
#define SIZE_16 126u /* the length follows in 2 bytes */
#define SIZE_64 127u /* or in 8 */

size_t ck_ws_frame_head_size(const uint8_t *start)
{
    unsigned length = start[1] & 0x7fu;
    size_t extended = length == SIZE_16 ? 2 : length == SIZE_64 ? 8 : 0;
    return CK_WS_HEAD_MIN + extended + ((start[1] & MASKED) != 0 ? CK_WS_MASK_BYTES : 0);
}

bool ck_ws_frame_read(ck_ws_frame *out, const uint8_t *head)
{
    unsigned length = head[1] & 0x7fu;
    ck_reader in = ck_reader_of(head, ck_ws_frame_head_size(head));
    ck_read_skip(&in, CK_WS_HEAD_MIN);
    *out = (ck_ws_frame){
        .fin = (head[0] & FIN) != 0,
        .reserved = head[0] >> 4 & 7,
        .opcode = head[0] & 0xf,
        .masked = (head[1] & MASKED) != 0,
        .size = length == SIZE_16   ? ck_read_be16(&in)
                : length == SIZE_64 ? ck_read_be64(&in)
                                    : length,
    };
    if (out->masked) {
        memcpy(out->mask, in.at, CK_WS_MASK_BYTES);
    }
    bool short_form = out->size < SIZE_16;
    bool minimal = length == SIZE_64   ? out->size > UINT16_MAX && out->size <= INT64_MAX
                   : length == SIZE_16 ? !short_form
                                       : true;
    return minimal;
}

size_t ck_ws_frame_write(const ck_ws_frame *frame, uint8_t out[CK_WS_HEAD_MAX])
{
    size_t used = CK_WS_HEAD_MIN;
    unsigned masked = frame->masked ? MASKED : 0;
    out[0] = (uint8_t)((frame->fin ? FIN : 0) | (unsigned)frame->reserved << 4 | frame->opcode);
    if (frame->size < SIZE_16) {
        out[1] = (uint8_t)(masked | frame->size);
    } else if (frame->size <= UINT16_MAX) {
        out[1] = (uint8_t)(masked | SIZE_16);
        ck_store_be16(out + used, (uint16_t)frame->size);
        used += 2;
    } else {
        out[1] = (uint8_t)(masked | SIZE_64);
        ck_store_be32(out + used, (uint32_t)(frame->size >> 32));
        ck_store_be32(out + used + 4, (uint32_t)frame->size);
        used += 8;
    }
    if (frame->masked) {
        memcpy(out + used, frame->mask, CK_WS_MASK_BYTES);
        used += CK_WS_MASK_BYTES;
    }
    return used;
}

void ck_ws_mask(uint8_t *out, const uint8_t *in, size_t size, const uint8_t mask[CK_WS_MASK_BYTES],
                uint64_t offset)
{
    uint8_t turned[8];
    for (size_t i = 0; i < sizeof turned; i++) {
        turned[i] = mask[(offset + i) % CK_WS_MASK_BYTES];
    }
    /* Eight bytes at a time; the mask comes round every four. */
    uint64_t key;
    memcpy(&key, turned, sizeof key);
    size_t at = 0;
    for (; size - at >= sizeof key; at += sizeof key) {
        uint64_t word;
        memcpy(&word, in + at, sizeof word);
        word ^= key;
        memcpy(out + at, &word, sizeof word);
    }
    for (; at < size; at++) {
        out[at] = in[at] ^ turned[at % sizeof turned];
    }
}

bool ck_ws_code_may_travel(uint16_t code)
{
    bool registered = code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return registered || (code >= 3000 && code <= 4999);
}
