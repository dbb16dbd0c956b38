#include "core/aac/id3.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#include <string.h>

#define HEAD       10
#define FRAME_HEAD 10
#define STAMP_BITS 33

static const char owner[] = "com.apple.streaming.transportStreamTimestamp";

/* Four bytes of seven bits. */
static uint32_t syncsafe(uint32_t bytes)
{
    return (bytes & 0x7f) | (bytes >> 1 & 0x3f80) | (bytes >> 2 & 0x1fc000) |
           (bytes >> 3 & 0xfe00000);
}

static void read_private(ck_reader *in, size_t size, ck_id3 *out)
{
    const uint8_t *frame = ck_read_bytes(in, size);
    if (frame != NULL && size >= sizeof owner + 8 && memcmp(frame, owner, sizeof owner) == 0) {
        ck_reader stamp = ck_reader_of(frame + sizeof owner, 8);
        out->stamp = ck_read_be64(&stamp) & ((UINT64_C(1) << STAMP_BITS) - 1);
        out->has_stamp = true;
    }
}

static void read_frames(ck_reader *in, uint8_t version, ck_id3 *out)
{
    while (ck_reader_left(in) >= FRAME_HEAD && !in->failed && *in->at != 0) {
        const uint8_t *name = ck_read_bytes(in, 4);
        uint32_t size = ck_read_be32(in);
        size = version >= 4 ? syncsafe(size) : size;
        ck_read_skip(in, 2); /* flags */
        if (size > ck_reader_left(in)) {
            return;
        }
        if (memcmp(name, "PRIV", 4) == 0) {
            read_private(in, size, out);
        } else {
            ck_read_skip(in, size);
        }
    }
}

int ck_id3_parse(const uint8_t *data, size_t size, ck_id3 *out)
{
    memset(out, 0, sizeof *out);
    if (size < HEAD || memcmp(data, "ID3", 3) != 0) {
        return CHALK_ERR_NOT_FOUND;
    }
    uint8_t version = data[3], flags = data[5];
    size_t body = syncsafe(ck_load_be32(data + 6));
    out->size = HEAD + body + ((flags & 0x10) != 0 ? HEAD : 0); /* a footer repeats the head */
    if (out->size > size) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_reader in = ck_reader_of(data + HEAD, body);
    if ((flags & 0x40) != 0) { /* extended head, whose size counts itself in 2.4 alone */
        uint32_t extended = ck_read_be32(&in);
        extended = version >= 4 ? syncsafe(extended) : extended;
        ck_read_skip(&in, version >= 4 && extended >= 4 ? extended - 4 : extended);
    }
    if (!in.failed) {
        read_frames(&in, version, out);
    }
    return CHALK_OK;
}
