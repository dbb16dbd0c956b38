/* FLV from a peer, bodies included: the first byte chooses the split, which must change nothing. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/demux.h"
#include "core/flv/meta.h"
#include "core/flv/stamp.h"
#include "core/flv/video.h"
#include "support/alloc.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct tally {
    uint64_t hash;
    size_t tags;
    int status;
} tally;

static void mix(tally *t, uint64_t value)
{
    t->hash = (t->hash ^ value) * UINT64_C(0x100000001b3);
}

static void check_payload(size_t offset, size_t payload, size_t size, int status)
{
    if (status != CHALK_ERR_BAD_DATA && (offset > size || offset + payload != size)) {
        abort();
    }
}

static void parse_body(const ck_flv_tag *tag)
{
    const uint8_t *body = tag->body.data;
    size_t size = tag->body.size;
    ck_flv_video v;
    ck_flv_audio a;
    ck_flv_meta meta;
    int status = ck_flv_video_parse(body, size, &v);
    check_payload(v.payload_offset, v.payload_size, size, status);
    if ((status == CHALK_ERR_CODEC_UNKNOWN) != (v.refused != NULL)) {
        abort();
    }
    status = ck_flv_audio_parse(body, size, &a);
    check_payload(a.payload_offset, a.payload_size, size, status);
    if (tag->type == CK_FLV_SCRIPT) {
        ck_flv_stamp stamp;
        (void)ck_flv_meta_parse(body, size, &meta);
        (void)ck_flv_stamp_parse(body, size, &stamp);
    }
}

static tally demux(const uint8_t *data, size_t size, size_t part)
{
    ck_flv_demux d;
    ck_flv_tag tag;
    tally t = {0};
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap, .body_max = 1u << 16});
    for (size_t at = 0; at < size; at += part) {
        if (ck_flv_demux_feed(&d, data + at, CK_MIN(part, size - at)) != CHALK_OK) {
            break;
        }
        while ((t.status = ck_flv_demux_poll_tag(&d, &tag)) == CHALK_OK) {
            parse_body(&tag);
            mix(&t, tag.timestamp_ms ^ (uint64_t)tag.type << 32);
            for (size_t i = 0; i < tag.body.size; i++) {
                mix(&t, tag.body.data[i]);
            }
            t.tags++;
            ck_slice_unref(&tag.body);
        }
    }
    ck_flv_demux_free(&d);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    tally split = demux(data + 1, size - 1, (size_t)data[0] % 64 + 1);
    tally whole = demux(data + 1, size - 1, size);
    if (split.hash != whole.hash || split.tags != whole.tags || split.status != whole.status) {
        abort();
    }
    return 0;
}
