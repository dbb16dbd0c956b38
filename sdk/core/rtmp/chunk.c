#include "core/rtmp/chunk.h"

#include "base/bytes.h"
#include "core/rtmp/message.h"

#include <string.h>

/* The basic header: 1 to 3 bytes by the size of the chunk stream id (5.3.1.1). */
static size_t put_basic(uint8_t *out, unsigned format, uint32_t id)
{
    uint8_t top = (uint8_t)(format << 6);
    if (id < 64) {
        out[0] = (uint8_t)(top | id);
        return 1;
    }
    uint32_t rest = id - 64;
    if (rest < 256) {
        out[0] = top;
        out[1] = (uint8_t)rest;
        return 2;
    }
    out[0] = top | 1;
    out[1] = (uint8_t)rest;
    out[2] = (uint8_t)(rest >> 8);
    return 3;
}

static unsigned choose_format(const ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
                              uint32_t delta, uint32_t length)
{
    /* A delta from 2^24-1 up is either a clock that went back or one that would need an extended
     * delta: say the whole time instead. */
    if (!c->known || stream != c->stream || delta >= CK_RTMP_EXTENDED) {
        return 0;
    }
    if (type != c->type || length != c->length) {
        return 1;
    }
    return c->has_delta && delta == c->delta ? 3 : 2;
}

size_t ck_rtmp_chunk_begin(ck_rtmp_chunk_out *c, uint8_t type, uint32_t stream,
                           uint32_t timestamp_ms, uint32_t length, uint8_t *out)
{
    uint32_t delta = timestamp_ms - c->timestamp_ms;
    unsigned format = choose_format(c, type, stream, delta, length);
    uint32_t time = format == 0 ? timestamp_ms : delta;
    bool extended = time >= CK_RTMP_EXTENDED;
    size_t size = put_basic(out, format, c->id);
    if (format < 3) {
        ck_store_be24(out + size, extended ? CK_RTMP_EXTENDED : time);
        size += 3;
    }
    if (format < 2) {
        ck_store_be24(out + size, length);
        out[size + 3] = type;
        size += 4;
    }
    if (format == 0) {
        ck_store_le32(out + size, stream);
        size += 4;
    }
    if (extended) {
        ck_store_be32(out + size, time);
        size += 4;
    }
    *c = (ck_rtmp_chunk_out){.id = c->id,
                             .known = true,
                             .has_delta = format != 0,
                             .delta = delta,
                             .timestamp_ms = timestamp_ms,
                             .length = length,
                             .stream = stream,
                             .type = type};
    return size;
}

size_t ck_rtmp_chunk_continue(const ck_rtmp_chunk_out *c, uint8_t *out)
{
    size_t size = put_basic(out, 3, c->id);
    /* Deltas are never extended here, so what needs repeating is a type 0 chunk's own time. */
    if (!c->has_delta && c->timestamp_ms >= CK_RTMP_EXTENDED) {
        ck_store_be32(out + size, c->timestamp_ms);
        size += 4;
    }
    return size;
}
