/* FLV: any split of the input gives the same tags, and what is written is read. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/avcc.h"
#include "core/flv/demux.h"
#include "core/flv/meta.h"
#include "core/flv/mux.h"
#include "core/flv/video.h"
#include "support/alloc.h"
#include "support/check.h"

#define TAGS 40

typedef struct film {
    ck_buf bytes;
    uint8_t type[TAGS];
    uint32_t timestamp_ms[TAGS];
    size_t body_at[TAGS]; /* in `bytes` */
    size_t body_size[TAGS];
} film;

static void put_random(ck_buf *b, ck_rng *rng, size_t size)
{
    uint8_t *room = ck_buf_extend(b, size);
    CK_CHECK(room != NULL);
    for (size_t i = 0; i < size; i++) {
        room[i] = (uint8_t)ck_rng_next(rng);
    }
}

static void make_film(film *f, ck_rng *rng)
{
    static const uint8_t types[] = {CK_FLV_AUDIO, CK_FLV_VIDEO, CK_FLV_SCRIPT};
    uint8_t head[CK_FLV_FILE_HEAD];
    uint8_t tail[CK_FLV_TAG_TAIL];
    ck_buf_init(&f->bytes, &ck_test_heap, 1u << 20);
    ck_flv_write_file_head(head, true, true);
    ck_buf_put(&f->bytes, head, CK_FLV_FILE_HEAD);
    for (size_t i = 0; i < TAGS; i++) {
        f->type[i] = types[ck_rng_below(rng, 3)];
        f->timestamp_ms[i] = (uint32_t)ck_rng_next(rng);
        f->body_size[i] = ck_rng_below(rng, 4) == 0 ? 0 : ck_rng_below(rng, 300);
        uint32_t size = (uint32_t)f->body_size[i];
        CK_CHECK_EQ(ck_flv_write_tag_head(head, f->type[i], f->timestamp_ms[i], size), CHALK_OK);
        ck_flv_write_tag_tail(tail, size);
        ck_buf_put(&f->bytes, head, CK_FLV_TAG_HEAD);
        f->body_at[i] = f->bytes.size;
        put_random(&f->bytes, rng, size);
        ck_buf_put(&f->bytes, tail, sizeof tail);
    }
    CK_CHECK_EQ(ck_buf_status(&f->bytes), CHALK_OK);
}

static void check_tag(const film *f, size_t i, const ck_flv_tag *tag)
{
    CK_CHECK(i < TAGS);
    CK_CHECK_ROW(i, tag->type == f->type[i] && tag->timestamp_ms == f->timestamp_ms[i]);
    CK_CHECK_ROW(i, tag->body.size == f->body_size[i]);
    CK_CHECK_ROW(i, memcmp(tag->body.data, f->bytes.data + f->body_at[i], tag->body.size) == 0);
}

/* Reads of 1 to `most` bytes. */
static void read_film(const film *f, ck_rng *rng, size_t most)
{
    ck_flv_demux d;
    ck_flv_tag tag;
    size_t tags = 0;
    size_t part;
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap});
    for (size_t at = 0; at < f->bytes.size; at += part) {
        part = 1 + ck_rng_below(rng, most);
        part = CK_MIN(part, f->bytes.size - at);
        CK_CHECK_EQ(ck_flv_demux_feed(&d, f->bytes.data + at, part), CHALK_OK);
        int status;
        while ((status = ck_flv_demux_poll_tag(&d, &tag)) == CHALK_OK) {
            check_tag(f, tags++, &tag);
            ck_slice_unref(&tag.body);
        }
        CK_CHECK_EQ(status, CHALK_ERR_AGAIN);
    }
    CK_CHECK_EQ(tags, TAGS);
    CK_CHECK(ck_flv_demux_is_between_tags(&d));
    ck_flv_demux_free(&d);
}

CK_TEST(prop_flv, any_split_gives_the_same_tags)
{
    static const size_t most[] = {1, 2, 7, 40, 1000, 1u << 20};
    for (uint64_t seed = 1; seed <= 20; seed++) {
        static film f;
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        make_film(&f, &rng);
        for (size_t i = 0; i < CK_COUNT_OF(most); i++) {
            read_film(&f, &rng, most[i]);
        }
        ck_buf_free(&f.bytes);
    }
}

CK_TEST(prop_flv, any_avc_head_is_read_as_written)
{
    ck_rng rng;
    ck_rng_seed(&rng, 3);
    for (size_t i = 0; i < 2000; i++) {
        uint8_t head[CK_FLV_AVC_HEAD];
        ck_flv_video v;
        bool key = ck_rng_below(&rng, 2) != 0;
        int32_t time_ms = (int32_t)ck_rng_below(&rng, 1u << 24) - (1 << 23);
        ck_flv_write_avc_head(head, key, CK_FLV_PACKET_FRAMES, time_ms);
        CK_CHECK_ROW(i, ck_flv_video_parse(head, sizeof head, &v) == CHALK_OK);
        CK_CHECK_ROW(i, v.composition_time_ms == time_ms);
        CK_CHECK_ROW(i, ck_flv_video_is_key(head, sizeof head) == key);
    }
}

/* Whatever stands behind the head: the payload is all of it, and nothing of the head. */
CK_TEST(prop_flv, any_enhanced_head_is_read_as_written)
{
    static const enum ck_flv_packet packets[] = {CK_FLV_PACKET_CONFIG, CK_FLV_PACKET_FRAMES,
                                                 CK_FLV_PACKET_END};
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    for (size_t i = 0; i < 2000; i++) {
        uint8_t body[CK_FLV_ENHANCED_HEAD + 64];
        size_t size = CK_FLV_ENHANCED_HEAD + ck_rng_below(&rng, 65);
        enum ck_flv_packet packet = packets[ck_rng_below(&rng, 3)];
        bool key = ck_rng_below(&rng, 2) != 0;
        ck_flv_video v;
        ck_flv_audio a;
        for (size_t k = CK_FLV_ENHANCED_HEAD; k < size; k++) {
            body[k] = (uint8_t)ck_rng_next(&rng);
        }
        ck_flv_write_video_head(body, CK_FOURCC_VP8, key, packet);
        CK_CHECK_ROW(i, ck_flv_video_parse(body, size, &v) == CHALK_OK && v.enhanced);
        CK_CHECK_ROW(i, v.fourcc == CK_FOURCC_VP8 && v.packet_type == packet);
        CK_CHECK_ROW(i, (v.frame_type == CK_FLV_FRAME_KEY) == key && v.composition_time_ms == 0);
        CK_CHECK_ROW(i, v.payload_offset == CK_FLV_ENHANCED_HEAD && v.nano_offset == 0);
        CK_CHECK_ROW(i, v.payload_offset + v.payload_size == size);
        ck_flv_write_audio_head(body, CK_FOURCC_OPUS, packet);
        CK_CHECK_ROW(i, ck_flv_audio_parse(body, size, &a) == CHALK_OK && a.enhanced);
        CK_CHECK_ROW(i, a.fourcc == CK_FOURCC_OPUS && a.packet_type == packet);
        CK_CHECK_ROW(i, a.payload_offset == CK_FLV_ENHANCED_HEAD);
        CK_CHECK_ROW(i, a.payload_offset + a.payload_size == size);
    }
}

static void random_meta(ck_flv_meta *m, ck_rng *rng)
{
    memset(m, 0, sizeof *m);
    m->width = (uint32_t)ck_rng_below(rng, 8192);
    m->height = (uint32_t)ck_rng_next(rng);
    m->frame_rate = ck_rng_unit(rng) * 240;
    m->video_kbps = ck_rng_unit(rng) * 1e5;
    m->video_codec = (uint32_t)ck_rng_next(rng);
    m->audio_codec = (uint32_t)ck_rng_below(rng, 16);
    m->audio_rate_hz = (uint32_t)ck_rng_below(rng, 96001);
    m->audio_kbps = (double)ck_rng_below(rng, 2);
    m->audio_channels = (uint32_t)ck_rng_below(rng, 9);
    m->duration_s = ck_rng_unit(rng) * 1e4;
    for (size_t i = 0, n = ck_rng_below(rng, sizeof m->encoder); i < n; i++) {
        m->encoder[i] = (char)(1 + ck_rng_below(rng, 255));
    }
}

CK_TEST(prop_flv, any_metadata_is_read_as_written)
{
    ck_rng rng;
    ck_rng_seed(&rng, 4);
    for (size_t i = 0; i < 500; i++) {
        ck_flv_meta in;
        ck_flv_meta out;
        ck_buf b;
        random_meta(&in, &rng);
        ck_buf_init(&b, &ck_test_heap, 4096);
        ck_flv_meta_write(&b, &in);
        CK_CHECK_ROW(i, ck_buf_status(&b) == CHALK_OK);
        CK_CHECK_ROW(i, ck_flv_meta_parse(b.data, b.size, &out) == CHALK_OK);
        CK_CHECK_ROW(i, memcmp(&in, &out, offsetof(ck_flv_meta, encoder)) == 0);
        CK_CHECK_ROW(i, strcmp(in.encoder, out.encoder) == 0);
        ck_buf_free(&b);
    }
}

static size_t random_units(ck_avcc_unit *units, size_t most, uint8_t header, uint8_t *pool,
                           ck_rng *rng)
{
    size_t count = 1 + ck_rng_below(rng, most);
    for (size_t i = 0; i < count; i++) {
        uint8_t *unit = pool + i * 64;
        size_t size = 4 + ck_rng_below(rng, 60);
        for (size_t k = 0; k < size; k++) {
            unit[k] = (uint8_t)ck_rng_next(rng);
        }
        unit[0] = header;
        units[i] = (ck_avcc_unit){unit, size};
    }
    return count;
}

CK_TEST(prop_flv, any_avc_record_is_read_as_written)
{
    static uint8_t pool[2][64 * 64];
    static const uint8_t length_sizes[] = {1, 2, 4};
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    for (size_t i = 0; i < 300; i++) {
        static ck_avcc in;
        static ck_avcc out;
        ck_buf b;
        memset(&in, 0, sizeof in);
        in.sps_count = (uint8_t)random_units(in.sps, CK_AVCC_SPS_MAX, 0x67, pool[0], &rng);
        in.pps_count = (uint8_t)random_units(in.pps, CK_AVCC_PPS_MAX, 0x68, pool[1], &rng);
        in.profile = ck_rng_below(&rng, 2) != 0 ? 66 : 100;
        in.level = (uint8_t)ck_rng_next(&rng);
        in.length_size = length_sizes[ck_rng_below(&rng, 3)];
        in.has_high = in.profile == 100;
        in.chroma_format = in.has_high ? (uint8_t)ck_rng_below(&rng, 4) : 1;
        in.luma_bits = in.has_high ? (uint8_t)(8 + ck_rng_below(&rng, 8)) : 8;
        in.chroma_bits = in.luma_bits;
        ck_buf_init(&b, &ck_test_heap, 1u << 16);
        ck_avcc_write(&b, &in);
        CK_CHECK_ROW(i, ck_buf_status(&b) == CHALK_OK);
        CK_CHECK_ROW(i, ck_avcc_parse(b.data, b.size, &out) == CHALK_OK);
        CK_CHECK_ROW(i, memcmp(&in, &out, offsetof(ck_avcc, sps)) == 0);
        for (size_t k = 0; k < in.sps_count; k++) {
            CK_CHECK_ROW(i, in.sps[k].size == out.sps[k].size &&
                                memcmp(in.sps[k].data, out.sps[k].data, in.sps[k].size) == 0);
        }
        for (size_t k = 0; k < in.pps_count; k++) {
            CK_CHECK_ROW(i, in.pps[k].size == out.pps[k].size &&
                                memcmp(in.pps[k].data, out.pps[k].data, in.pps[k].size) == 0);
        }
        ck_buf_free(&b);
    }
}
