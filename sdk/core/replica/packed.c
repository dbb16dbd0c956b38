/* Frames for all that came packed. */
#include "core/replica/inside.h"

/* Each with its size before it. A frame may end the connection; then the rest is not ours. */
static bool take_all(ck_replica *r, uint64_t now_us)
{
    const uint32_t attempt = r->attempt;
    ck_reader in = ck_reader_of(r->unpacked.data, r->unpacked.size);
    while (ck_reader_left(&in) > 0 && r->attempt == attempt && r->welcomed) {
        uint64_t size = ck_wire_get_varint(&in);
        if (in.failed || size == 0 || size > ck_reader_left(&in)) {
            return false;
        }
        const ck_bytes frame = {ck_read_bytes(&in, (size_t)size), (size_t)size};
        if (!ck_rep_take_shared(r, frame, now_us)) {
            return false;
        }
    }
    return true;
}

bool ck_rep_take_packed(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    ck_wire_packed packed;
    const ck_unpacker *unpacker = r->config.unpacker;
    if (unpacker == NULL || ck_wire_decode(&ck_type_packed, body, &packed) < 0 ||
        (packed.count != 0 && packed.count != r->packed_next)) {
        return false;
    }
    r->packed_next = packed.count + 1;
    ck_buf_clear(&r->unpacked);
    if (unpacker->unpack(unpacker->context, packed.data, packed.count == 0, &r->unpacked) < 0) {
        return false;
    }
    r->stats.unpacked++;
    r->stats.packed_bytes += packed.data.size;
    r->stats.unpacked_bytes += r->unpacked.size;
    return take_all(r, now_us);
}
