/* The H.264 decoder: limits, damage, order, and the standard's own streams. */
#include "unit/codec_support.h"

#include "support/check.h"
#include "support/data.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/rng.h"
#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"

#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const ck_decoder_backend *h264(void)
{
    return ck_test_decoder(CHALK_CODEC_H264);
}

/* Writes bits, most significant first: enough for a sequence parameter set. */
typedef struct bits {
    uint8_t bytes[64];
    size_t used; /* bits */
} bits;

static void put(bits *b, uint32_t value, unsigned count)
{
    for (unsigned i = count; i-- > 0;) {
        b->bytes[b->used / 8] |= (uint8_t)(((value >> i) & 1u) << (7 - b->used % 8));
        b->used++;
    }
}

static void put_ue(bits *b, uint32_t value)
{
    unsigned length = 0;
    while ((value + 1) >> (length + 1) != 0) {
        length++;
    }
    put(b, 0, length);
    put(b, value + 1, length + 1);
}

/* A record with a baseline SPS of that many macroblocks. */
static ck_slice record_of(uint32_t mb_width, uint32_t mb_height)
{
    bits sps = {.bytes = {0}};
    put(&sps, 0x67, 8);
    put(&sps, 66, 8);
    put(&sps, 0, 8);
    put(&sps, 62, 8);
    put_ue(&sps, 0); /* id */
    put_ue(&sps, 0); /* log2_max_frame_num - 4 */
    put_ue(&sps, 2); /* pic_order_cnt_type */
    put_ue(&sps, 1); /* max_num_ref_frames */
    put(&sps, 0, 1);
    put_ue(&sps, mb_width - 1);
    put_ue(&sps, mb_height - 1);
    put(&sps, 1, 1); /* frame_mbs_only_flag */
    put(&sps, 1, 1);
    put(&sps, 0, 2); /* no cropping, no VUI */
    put(&sps, 1, 1); /* stop bit */
    bits pps = {.bytes = {0}};
    put(&pps, 0x68, 8);
    put_ue(&pps, 0);
    put_ue(&pps, 0);
    put(&pps, 0, 2);
    put_ue(&pps, 0);
    put_ue(&pps, 0);
    put_ue(&pps, 0);
    put(&pps, 0, 3);
    put_ue(&pps, 0);
    put_ue(&pps, 0);
    put_ue(&pps, 0);
    put(&pps, 0, 3);
    put(&pps, 1, 1);
    /* By hand: the library's own writer refuses sizes that no level allows. */
    ck_buf out;
    ck_buf_init(&out, &ck_heap, 4096);
    ck_buf_put(&out, (const uint8_t[]){1, 66, 0, 62, 0xff, 0xe1}, 6);
    ck_buf_put_be16(&out, (uint16_t)((sps.used + 7) / 8));
    ck_buf_put(&out, sps.bytes, (sps.used + 7) / 8);
    ck_buf_put_u8(&out, 1);
    ck_buf_put_be16(&out, (uint16_t)((pps.used + 7) / 8));
    ck_buf_put(&out, pps.bytes, (pps.used + 7) / 8);
    ck_slice slice = ck_slice_copy(&ck_heap, out.data, out.size);
    ck_buf_free(&out);
    return slice;
}

typedef struct limit_row {
    uint32_t mb_width, mb_height;
    int expected;
} limit_row;

static const limit_row limit_rows[] = {
    {20, 15, CHALK_OK},
    {512, 272, CHALK_OK},           /* 8192 x 4352: level 6.2's largest */
    {512, 273, CHALK_ERR_BAD_DATA}, /* more than any level has */
    {513, 1, CHALK_ERR_TOO_LARGE},
    {1, 513, CHALK_ERR_TOO_LARGE},
};

CK_TEST(codec_h264, pictures_over_the_limit_are_refused_unseen)
{
    for (size_t i = 0; i < sizeof(limit_rows) / sizeof(limit_rows[0]); i++) {
        ck_slice record = record_of(limit_rows[i].mb_width, limit_rows[i].mb_height);
        ck_decoder *d = NULL;
        CK_CHECK_ROW(i, h264()->open(CHALK_CODEC_H264, record, NULL, &d) == limit_rows[i].expected);
        CK_CHECK_ROW(i, (d != NULL) == (limit_rows[i].expected == CHALK_OK));
        h264()->close(&d);
        /* The same in mid-stream: refused, and what was in force stays. */
        ck_slice small = record_of(20, 15);
        CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, small, NULL, &d), CHALK_OK);
        const ck_packet change = {.codec = CHALK_CODEC_H264, .config = true, .payload = record};
        CK_CHECK_ROW(i, h264()->send(d, &change) == limit_rows[i].expected);
        h264()->close(&d);
        ck_slice_unref(&small);
        ck_slice_unref(&record);
    }
}

CK_TEST(codec_h264, wrong_configurations_and_packets)
{
    static const uint8_t bad_record[] = {1, 66, 0, 30, 0xff, 0xe1, 0, 9, 0x67};
    static const uint8_t bad_unit[] = {0, 0, 0, 9, 0x65, 1};
    ck_decoder *d = NULL;
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_AAC, (ck_slice){0}, NULL, &d), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(
        h264()->open(CHALK_CODEC_H264, ck_slice_static(bad_record, sizeof(bad_record)), NULL, &d),
        CHALK_ERR_BAD_DATA);
    CK_CHECK(d == NULL);
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d), CHALK_OK);
    ck_packet packet = {.codec = CHALK_CODEC_AAC, .key = true};
    CK_CHECK_EQ(h264()->send(d, &packet), CHALK_ERR_INVALID_ARGUMENT);
    packet.codec = CHALK_CODEC_H264;
    CK_CHECK_EQ(h264()->send(d, &packet), CHALK_ERR_BAD_DATA);
    packet.payload = ck_slice_static(bad_unit, sizeof(bad_unit));
    CK_CHECK_EQ(h264()->send(d, &packet), CHALK_ERR_BAD_DATA);
    ck_audio_block block;
    CK_CHECK_EQ(h264()->receive_audio(d, &block), CHALK_ERR_UNSUPPORTED);
    h264()->close(&d);
    h264()->close(&d);
}

/* Twelve pictures, a key frame every fourth. */
#define CLIP 12

typedef struct clip {
    ck_packet packets[CLIP];
    ck_slice config;
} clip;

static void make_clip(clip *c)
{
    const ck_encoder_backend *backend = ck_codecs.encoders[0];
    const ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, 320, 240);
    ck_encoder *e = NULL;
    ck_encoder_info info;
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
    c->config = ck_slice_ref(info.config);
    for (int i = 0; i < CLIP; i++) {
        chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 320, 240, i);
        CK_CHECK_EQ(backend->send_video(e, in, i * INT64_C(66667), i % 4 == 0), CHALK_OK);
        CK_CHECK_EQ(backend->receive(e, &c->packets[i]), CHALK_OK);
        chalk_video_frame_unref(&in);
    }
    backend->close(&e);
}

static void free_clip(clip *c)
{
    for (int i = 0; i < CLIP; i++) {
        ck_packet_unref(&c->packets[i]);
    }
    ck_slice_unref(&c->config);
}

/* Takes what is ready; the count of pictures, each whole in size. */
static int take_all(ck_decoder *d)
{
    int count = 0;
    chalk_video_frame *frame = NULL;
    while (h264()->receive_video(d, &frame) == CHALK_OK) {
        CK_CHECK(frame->info.width >= 1 && frame->info.width <= CHALK_PICTURE_SIDE_MAX);
        count++;
        chalk_video_frame_unref(&frame);
    }
    return count;
}

CK_TEST(codec_h264, nothing_is_decoded_before_a_key_frame)
{
    clip c;
    make_clip(&c);
    ck_decoder *d = NULL;
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, c.config, NULL, &d), CHALK_OK);
    for (int round = 0; round < 2; round++) {
        for (int i = 1; i < CLIP; i++) {
            CK_CHECK_EQ(h264()->send(d, &c.packets[i]), CHALK_OK);
            CK_CHECK_EQ(take_all(d), i >= 4);
        }
        h264()->reset(d);
    }
    CK_CHECK_EQ(h264()->send(d, &c.packets[0]), CHALK_OK);
    CK_CHECK_EQ(h264()->drain(d), CHALK_OK);
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(h264()->receive_video(d, &frame), CHALK_OK);
    chalk_video_frame *kept = chalk_video_frame_ref(frame);
    chalk_video_frame_unref(&frame);
    CK_CHECK_EQ(h264()->receive_video(d, &frame), CHALK_ERR_END);
    /* A picture outlives its decoder. */
    h264()->close(&d);
    CK_CHECK(kept->info.planes[0][100] > 0);
    chalk_video_frame_unref(&kept);
    free_clip(&c);
}

/* A record whose PPS holds a bare start code passes the checks of a record, but cannot be written
 * as Annex B. What was in force stays, also over a reset. */
CK_TEST(codec_h264, a_refused_configuration_changes_nothing)
{
    clip c;
    make_clip(&c);
    ck_avcc record;
    ck_buf bytes;
    CK_CHECK_EQ(ck_avcc_parse(c.config.data, c.config.size, &record), CHALK_OK);
    static const uint8_t bare[] = {0x68, 0, 0, 1, 0x80};
    record.pps[0] = (ck_avcc_unit){bare, sizeof(bare)};
    record.pps_count = 1;
    ck_buf_init(&bytes, &ck_heap, 4096);
    ck_avcc_write(&bytes, &record);
    ck_decoder *d = NULL;
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, c.config, NULL, &d), CHALK_OK);
    const ck_packet change = {.codec = CHALK_CODEC_H264,
                              .config = true,
                              .payload = ck_slice_static(bytes.data, bytes.size)};
    CK_CHECK_EQ(h264()->send(d, &change), CHALK_ERR_BAD_DATA);
    h264()->reset(d);
    CK_CHECK_EQ(h264()->send(d, &c.packets[0]), CHALK_OK);
    CK_CHECK_EQ(take_all(d), 1);
    h264()->close(&d);
    ck_buf_free(&bytes);
    free_clip(&c);
}

static ck_packet damaged(const ck_packet *packet, ck_rng *rng)
{
    ck_packet copy = *packet;
    copy.payload = ck_slice_copy(&ck_heap, packet->payload.data, packet->payload.size);
    CK_CHECK_EQ(copy.payload.size, packet->payload.size);
    uint8_t *bytes = ck_slice_mutable(copy.payload);
    const uint64_t kind = ck_rng_below(rng, 4);
    for (uint64_t i = 0; i < 1 + kind * 8; i++) {
        /* Mostly inside the units, sometimes in a length. */
        const size_t from = ck_rng_below(rng, 8) == 0 ? 0 : CK_MIN(5u, copy.payload.size - 1);
        bytes[from + ck_rng_below(rng, copy.payload.size - from)] ^= (uint8_t)ck_rng_next(rng);
    }
    if (kind == 3) {
        copy.payload.size = 1 + ck_rng_below(rng, copy.payload.size);
    }
    return copy;
}

/* Damage of every kind: errors with names, no crash, nothing written anywhere, and the next key
 * frame is decoded as if nothing had been. */
CK_TEST(codec_h264, damage_is_survived_in_silence)
{
    clip c;
    make_clip(&c);
    ck_decoder *d = NULL;
    ck_rng rng;
    ck_rng_seed(&rng, 11);
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, c.config, NULL, &d), CHALK_OK);
    FILE *log = tmpfile();
    fflush(stderr);
    const int saved = dup(2);
    dup2(fileno(log), 2);
    int refused = 0;
    for (int i = 0; i < 600; i++) {
        ck_packet packet = damaged(&c.packets[ck_rng_below(&rng, CLIP)], &rng);
        const int status = h264()->send(d, &packet);
        refused += status != CHALK_OK;
        if (status != CHALK_OK && status != CHALK_ERR_BAD_DATA && status != CHALK_ERR_AGAIN) {
            CK_FAIL("packet %d: %d", i, status);
        }
        take_all(d);
        ck_packet_unref(&packet);
    }
    fflush(stderr);
    dup2(saved, 2);
    close(saved);
    CK_CHECK_EQ(lseek(fileno(log), 0, SEEK_END), 0);
    fclose(log);
    CK_CHECK(refused > 20);

    /* After a reset it is as good as new. */
    h264()->reset(d);
    ck_decoder *fresh = NULL;
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, c.config, NULL, &fresh), CHALK_OK);
    for (int i = 0; i < 4; i++) {
        chalk_video_frame *a = NULL, *b = NULL;
        CK_CHECK_EQ(h264()->send(d, &c.packets[i]), CHALK_OK);
        CK_CHECK_EQ(h264()->receive_video(d, &a), CHALK_OK);
        CK_CHECK_EQ(h264()->send(fresh, &c.packets[i]), CHALK_OK);
        CK_CHECK_EQ(h264()->receive_video(fresh, &b), CHALK_OK);
        CK_CHECK(ck_test_psnr(a, b) > 90);
        chalk_video_frame_unref(&a);
        chalk_video_frame_unref(&b);
    }
    h264()->close(&fresh);
    h264()->close(&d);
    free_clip(&c);
}

/* ---- conformance streams ---- */

typedef struct unit_run {
    ck_buf bytes; /* one access unit, AVCC */
    bool has_picture;
    bool key;
} unit_run;

typedef struct digest {
    struct AVMD5 *md5;
    int pictures;
} digest;

static void add_picture(digest *to, const chalk_video_frame *f)
{
    for (int p = 0; p < 3; p++) {
        const int32_t width = p == 0 ? f->info.width : f->info.width / 2;
        const int32_t height = p == 0 ? f->info.height : f->info.height / 2;
        for (int32_t y = 0; y < height; y++) {
            av_md5_update(to->md5, f->info.planes[p] + (ptrdiff_t)y * f->info.strides[p],
                          (size_t)width);
        }
    }
    to->pictures++;
}

static void take_pictures(ck_decoder *d, digest *to)
{
    chalk_video_frame *frame = NULL;
    while (h264()->receive_video(d, &frame) == CHALK_OK) {
        add_picture(to, frame);
        chalk_video_frame_unref(&frame);
    }
}

static void send_run(ck_decoder *d, unit_run *run, digest *to)
{
    if (run->has_picture) {
        const ck_packet packet = {
            .codec = CHALK_CODEC_H264,
            .key = run->key,
            .payload = ck_slice_static(run->bytes.data, run->bytes.size),
        };
        CK_CHECK_EQ(h264()->send(d, &packet), CHALK_OK);
        take_pictures(d, to);
        ck_buf_clear(&run->bytes);
        run->has_picture = false;
        run->key = false;
    }
}

/* True for the first NAL unit of the next access unit (clause 7.4.1.2.3; the first bit of a slice
 * header is set where first_mb_in_slice is 0). */
static bool begins_unit(const ck_h264_nal *nal)
{
    return (nal->type >= CK_H264_SEI && nal->type <= CK_H264_AUD) ||
           (ck_h264_is_vcl(nal->type) && nal->size > 1 && (nal->data[1] & 0x80) != 0);
}

/* Decodes a whole Annex B stream and writes the MD5 of its pictures. */
static int decode_stream(const uint8_t *data, size_t size, char md5[33])
{
    ck_decoder *d = NULL;
    digest to = {.md5 = av_md5_alloc()};
    unit_run run = {.key = true};
    CK_CHECK_EQ(h264()->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d), CHALK_OK);
    av_md5_init(to.md5);
    ck_buf_init(&run.bytes, &ck_heap, 1 << 24);
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_ANNEX_B, data, size);
    ck_h264_nal nal;
    while (ck_h264_walk_next(&walk, &nal) > 0) {
        if (run.has_picture && begins_unit(&nal)) {
            send_run(d, &run, &to);
        }
        CK_CHECK(ck_h264_put_nal(&run.bytes, CK_H264_AVCC_4, nal.data, nal.size) >= 0);
        run.has_picture = run.has_picture || ck_h264_is_vcl(nal.type);
        run.key = run.key || nal.type == CK_H264_IDR;
    }
    send_run(d, &run, &to);
    CK_CHECK_EQ(h264()->drain(d), CHALK_OK);
    take_pictures(d, &to);
    uint8_t sum[16];
    av_md5_final(to.md5, sum);
    for (int i = 0; i < 16; i++) {
        snprintf(md5 + 2 * i, 3, "%02x", sum[i]);
    }
    av_free(to.md5);
    ck_buf_free(&run.bytes);
    h264()->close(&d);
    return to.pictures;
}

/* Without the data: a clip of our own, whose pictures are counted. */
static void decode_stand_in(void)
{
    clip c;
    make_clip(&c);
    ck_avcc record;
    ck_buf stream;
    ck_buf_init(&stream, &ck_heap, 1 << 24);
    CK_CHECK_EQ(ck_avcc_parse(c.config.data, c.config.size, &record), CHALK_OK);
    ck_h264_put_nal(&stream, CK_H264_ANNEX_B, record.sps[0].data, record.sps[0].size);
    ck_h264_put_nal(&stream, CK_H264_ANNEX_B, record.pps[0].data, record.pps[0].size);
    for (int i = 0; i < CLIP; i++) {
        CK_CHECK(ck_h264_to_annex_b(c.packets[i].payload.data, c.packets[i].payload.size,
                                    CK_H264_AVCC_4, &stream) > 0);
    }
    char md5[33];
    CK_CHECK_EQ(decode_stream(stream.data, stream.size, md5), CLIP);
    ck_buf_free(&stream);
    free_clip(&c);
}

static const char *const streams[] = {
    "BA1_Sony_D.jsv", "BA_MW_D.264",  "CI_MW_D.264",   "MIDR_MW_D.264", "MPS_MW_A.264",
    "NL1_Sony_D.jsv", "NRF_MW_E.264", "SVA_BA1_B.264", "SVA_NL1_B.264",
};

CK_TEST(codec_h264, conformance_streams_decode_to_the_bit)
{
    size_t size = 0;
    char *expected = (char *)ck_data_load("media/h264/expected_md5.json", &size);
    if (expected == NULL) {
        decode_stand_in();
        return;
    }
    expected = realloc(expected, size + 1);
    expected[size] = '\0';
    for (size_t i = 0; i < sizeof(streams) / sizeof(streams[0]); i++) {
        char path[128], md5[33];
        snprintf(path, sizeof(path), "media/h264/%s", streams[i]);
        uint8_t *data = ck_data_load(path, &size);
        CK_CHECK_ROW(i, data != NULL);
        const int pictures = decode_stream(data, size, md5);
        free(data);
        if (strstr(expected, md5) == NULL) {
            CK_FAIL("%s: %d pictures, MD5 %s is not the expected one", streams[i], pictures, md5);
        }
    }
    free(expected);
}
