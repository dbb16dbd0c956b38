/* Frames for all that came packed. */
#include "core/replica/inside.h"

/* Each with its size before it. A frame may end the connection; then the rest is not ours. */
static bool take_all(ck_replica *r, uint64_t packed_size, uint64_t now_us)
{
    const uint32_t attempt = r->attempt;
    ck_reader in = ck_reader_of(r->unpacked.data, r->unpacked.size);
    while (ck_reader_left(&in) > 0 && r->attempt == attempt && r->welcomed) {
        uint64_t size = ck_wire_get_varint(&in);
        if (in.failed || size == 0 || size > ck_reader_left(&in)) {
            return false;
        }
        const ck_bytes frame = {ck_read_bytes(&in, (size_t)size), (size_t)size};
        ck_rep_count_frame(r, frame.data[0], size * packed_size / r->unpacked.size);
        if (!ck_rep_take_shared(r, frame, now_us)) {
            return false;
        }
    }
    return true;
}

bool ck_rep_take_packed(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    const ck_unpacker *unpacker = r->config.unpacker;
    ck_reader in = ck_reader_of(body.data, body.size);
    uint8_t count = ck_read_u8(&in);
    if (unpacker == NULL || in.failed || body.size > CK_PACKED_MAX ||
        (count != 0 && count != r->packed_next)) {
        return false;
    }
    r->packed_next = (uint8_t)(count % CK_PACKED_COUNTS + 1);
    ck_buf_clear(&r->unpacked);
    const ck_bytes packed = {in.at, ck_reader_left(&in)};
    if (unpacker->unpack(unpacker->context, packed, count == 0, &r->unpacked) < 0) {
        return false;
    }
    r->stats.unpacked++;
    r->stats.packed_bytes += body.size;
    r->stats.unpacked_bytes += r->unpacked.size;
    bool well_formed = take_all(r, body.size, now_us);
    ck_buf_free(&r->unpacked); /* nothing is kept for the next: a crowd is many replicas */
    return well_formed;
}
