#include "core/rtmp/handshake.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define VERSION 3
/* From here up a first byte may be text (an HTTP request, say); 5.2.2 forbids it. */
#define VERSION_TEXT 32

static const uint8_t version_byte[1] = {VERSION};

/* C0 C1, or S0 S1. */
static int put_first(const ck_alloc *alloc, ck_rng *rng, uint32_t now_ms, ck_rtmp_sender *out)
{
    ck_slice block = ck_slice_new(alloc, CK_RTMP_HANDSHAKE_SIZE);
    if (block.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    uint8_t *bytes = ck_slice_mutable(block);
    ck_store_be32(bytes, now_ms);
    ck_store_be32(bytes + 4, 0);
    for (size_t i = 8; i < CK_RTMP_HANDSHAKE_SIZE; i += 8) {
        uint64_t random = ck_rng_next(rng);
        ck_store_be32(bytes + i, (uint32_t)(random >> 32));
        ck_store_be32(bytes + i + 4, (uint32_t)random);
    }
    ck_rtmp_sender_put_raw(out, version_byte, sizeof version_byte, block);
    return CHALK_OK;
}

int ck_rtmp_handshake_start(ck_rtmp_handshake *h, bool server, const ck_alloc *alloc, ck_rng *rng,
                            uint32_t now_ms, ck_rtmp_sender *out)
{
    *h = (ck_rtmp_handshake){.server = server, .step = CK_RTMP_HANDSHAKE_VERSION};
    return server ? CHALK_OK : put_first(alloc, rng, now_ms, out);
}

void ck_rtmp_handshake_free(ck_rtmp_handshake *h)
{
    ck_slice_unref(&h->peer);
}

/* A server answers versions it does not know with its own and lets the client decide (5.2.2). */
static int take_version(ck_rtmp_handshake *h, const ck_alloc *alloc, uint8_t version)
{
    if (h->server ? version >= VERSION_TEXT : version != VERSION) {
        return CHALK_ERR_PROTOCOL;
    }
    h->peer = ck_slice_new(alloc, CK_RTMP_HANDSHAKE_SIZE);
    if (h->peer.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    h->step = CK_RTMP_HANDSHAKE_FIRST;
    return CHALK_OK;
}

/* Copies into `to` (NULL: nowhere) until a block is whole. */
static bool take_block(ck_rtmp_handshake *h, ck_reader *in, uint8_t *to)
{
    size_t size = CK_MIN(ck_reader_left(in), CK_RTMP_HANDSHAKE_SIZE - h->have);
    if (to != NULL) {
        memcpy(to + h->have, in->at, size);
    }
    in->at += size;
    h->have += size;
    if (h->have < CK_RTMP_HANDSHAKE_SIZE) {
        return false;
    }
    h->have = 0;
    return true;
}

static int answer_first(ck_rtmp_handshake *h, const ck_alloc *alloc, ck_rng *rng, uint32_t now_ms,
                        ck_rtmp_sender *out)
{
    int status = h->server ? put_first(alloc, rng, now_ms, out) : CHALK_OK;
    if (status == CHALK_OK) {
        ck_rtmp_sender_put_raw(out, NULL, 0, h->peer);
        h->peer = (ck_slice){NULL, NULL, 0};
        h->step = CK_RTMP_HANDSHAKE_ECHO;
    }
    return status;
}

int ck_rtmp_handshake_feed(ck_rtmp_handshake *h, const ck_alloc *alloc, ck_rng *rng,
                           uint32_t now_ms, ck_reader *in, ck_rtmp_sender *out)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && ck_reader_left(in) > 0 && h->step != CK_RTMP_HANDSHAKE_DONE) {
        if (h->step == CK_RTMP_HANDSHAKE_VERSION) {
            status = take_version(h, alloc, *in->at++);
        } else if (h->step == CK_RTMP_HANDSHAKE_FIRST) {
            if (take_block(h, in, ck_slice_mutable(h->peer))) {
                status = answer_first(h, alloc, rng, now_ms, out);
            }
        } else if (take_block(h, in, NULL)) {
            h->step = CK_RTMP_HANDSHAKE_DONE;
        }
    }
    return status < 0 ? status : h->step == CK_RTMP_HANDSHAKE_DONE;
}
