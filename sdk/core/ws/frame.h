/*
 * Frames of RFC 6455 5.2 as bytes. A frame's head has 2 to 14 bytes; its payload follows, masked
 * when a client sends.
 */
#ifndef CK_CORE_WS_FRAME_H
#define CK_CORE_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_WS_HEAD_MIN    2
#define CK_WS_HEAD_MAX    14
#define CK_WS_MASK_BYTES  4
#define CK_WS_CONTROL_MAX 125 /* bytes of payload of a close, ping or pong: 5.5 */

enum ck_ws_opcode {
    CK_WS_CONTINUATION = 0x0,
    CK_WS_TEXT = 0x1,
    CK_WS_BINARY = 0x2,
    CK_WS_CLOSE = 0x8,
    CK_WS_PING = 0x9,
    CK_WS_PONG = 0xa,
};

typedef struct ck_ws_frame {
    bool fin;
    uint8_t reserved; /* RSV1-3 as 4, 2, 1 */
    uint8_t opcode;   /* enum ck_ws_opcode, or one that is not defined */
    bool masked;
    uint8_t mask[CK_WS_MASK_BYTES];
    uint64_t size; /* bytes of payload */
} ck_ws_frame;

/* How long the head is that begins with these CK_WS_HEAD_MIN bytes. */
size_t ck_ws_frame_head_size(const uint8_t *start);
/* Reads a whole head. False: the length takes more bytes than it needs, or has its top bit set. */
bool ck_ws_frame_read(ck_ws_frame *out, const uint8_t *head);
/* Writes a head; the bytes written. */
size_t ck_ws_frame_write(const ck_ws_frame *frame, uint8_t out[CK_WS_HEAD_MAX]);

/* Masks or unmasks (5.3) `size` bytes that stand at `offset` of the payload. `out` may be `in`. */
void ck_ws_mask(uint8_t *out, const uint8_t *in, size_t size, const uint8_t mask[CK_WS_MASK_BYTES],
                uint64_t offset);

/* Whether a close frame may carry this code: 7.4, and those registered since. */
bool ck_ws_code_may_travel(uint16_t code);

#endif
