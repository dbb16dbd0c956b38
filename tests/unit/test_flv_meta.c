#include "core/flv/meta.h"
#include "core/flv/stamp.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/amf/amf.h"
#include "core/flv/fourcc.h"
#include "support/alloc.h"
#include "support/check.h"

#include <math.h>

static const ck_flv_meta full = {
    .width = 1920,
    .height = 1080,
    .frame_rate = 29.97,
    .video_kbps = 2500,
    .video_codec = 7,
    .audio_codec = 10,
    .audio_rate_hz = 48000,
    .audio_kbps = 128,
    .audio_channels = 2,
    .duration_s = 12.5,
    .encoder = "chalkrail",
};

static bool same(const ck_flv_meta *a, const ck_flv_meta *b)
{
    return a->width == b->width && a->height == b->height && a->frame_rate == b->frame_rate &&
           a->video_kbps == b->video_kbps && a->video_codec == b->video_codec &&
           a->audio_codec == b->audio_codec && a->audio_rate_hz == b->audio_rate_hz &&
           a->audio_kbps == b->audio_kbps && a->audio_channels == b->audio_channels &&
           a->duration_s == b->duration_s && strcmp(a->encoder, b->encoder) == 0;
}

CK_TEST(meta, what_is_written_is_read_with_and_without_set_data_frame)
{
    for (int prefix = 0; prefix < 2; prefix++) {
        ck_buf b;
        ck_flv_meta read;
        ck_buf_init(&b, &ck_test_heap, 1000);
        if (prefix != 0) {
            ck_amf_put_string(&b, "@setDataFrame");
        }
        ck_flv_meta_write(&b, &full);
        CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
        CK_CHECK_EQ(ck_flv_meta_parse(b.data, b.size, &read), CHALK_OK);
        CK_CHECK(same(&read, &full));
        ck_buf_free(&b);
    }
}

CK_TEST(meta, absent_fields_are_not_written)
{
    static const char expected[] = "\x02\x00\x0aonMetaData\x08\x00\x00\x00\x01"
                                   "\x00\x05width\x00\x40\x40\x00\x00\x00\x00\x00\x00"
                                   "\x00\x00\x09";
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 1000);
    ck_flv_meta_write(&b, &(ck_flv_meta){.width = 32});
    CK_CHECK_EQ(b.size, sizeof expected - 1);
    CK_CHECK_MEM(b.data, expected, b.size);
    ck_buf_free(&b);
}

/* The declared count of members is right, which some players rely on. */
CK_TEST(meta, the_count_is_right)
{
    ck_buf b;
    ck_amf_in in;
    ck_amf_item item;
    uint32_t keys = 0;
    ck_buf_init(&b, &ck_test_heap, 1000);
    ck_flv_meta_write(&b, &full);
    ck_amf_in_init(&in, b.data, b.size);
    CK_CHECK_EQ(ck_amf_skip(&in), CHALK_OK);
    CK_CHECK_EQ(ck_amf_next(&in, &item), CHALK_OK);
    uint32_t count = item.count;
    while (ck_amf_next(&in, &item) == CHALK_OK) {
        keys += item.kind == CK_AMF_KEY;
    }
    CK_CHECK_EQ(keys, count);
    CK_CHECK_EQ(count, 12);
    ck_buf_free(&b);
}

static void write_odd(ck_buf *b)
{
    ck_amf_put_string(b, "onMetaData");
    ck_amf_put_object(b);
    ck_amf_put_key_string(b, "videocodecid", "avc1");
    ck_amf_put_key_string(b, "audiocodecid", "aac");
    ck_amf_put_key_number(b, "width", -1);
    ck_amf_put_key_number(b, "height", 1e300);
    ck_amf_put_key_number(b, "framerate", -(double)INFINITY);
    ck_amf_put_key_string(b, "audiosamplerate", "48000");
    ck_amf_put_key_boolean(b, "stereo", false);
    ck_amf_put_key(b, "keyframes");
    ck_amf_put_object(b);
    ck_amf_put_key_number(b, "width", 5);
    ck_amf_put_end(b);
    ck_amf_put_key(b, "duration");
    ck_amf_put_strict_array(b, 1);
    ck_amf_put_number(b, 3);
    ck_amf_put_key_string(b, "encoder",
                          "a name of sixty-four bytes or more, which does not fit the field here");
    ck_amf_put_end(b);
}

CK_TEST(meta, odd_members_are_passed_over)
{
    ck_buf b;
    ck_flv_meta read;
    ck_buf_init(&b, &ck_test_heap, 1000);
    write_odd(&b);
    CK_CHECK_EQ(ck_flv_meta_parse(b.data, b.size, &read), CHALK_OK);
    ck_flv_meta expected = {.video_codec = CK_FOURCC_AVC, .audio_channels = 1};
    CK_CHECK(same(&read, &expected));
    ck_buf_free(&b);
}

CK_TEST(meta, refused)
{
    static const struct {
        const char *data;
        size_t size;
        int error;
    } rows[] = {
        {"", 0, CHALK_ERR_BAD_DATA},
        {"\x05", 1, CHALK_ERR_NOT_FOUND},
        {"\x02\x00\x04text\x05", 8, CHALK_ERR_NOT_FOUND},
        {"\x02\x00\x0aonMetaData", 13, CHALK_ERR_BAD_DATA},
        {"\x02\x00\x0aonMetaData\x05", 14, CHALK_ERR_BAD_DATA},
        {"\x02\x00\x0aonMetaData\x03", 14, CHALK_ERR_BAD_DATA},
        {"\x02\x00\x0aonMetaData\x03\x00\x00\x09", 17, CHALK_OK},
        {"\x02\x00\x0aonMetaData\x03\x00\x01z\x11", 18, CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_meta read;
        CK_CHECK_ROW(i, ck_flv_meta_parse(rows[i].data, rows[i].size, &read) == rows[i].error);
    }
}

CK_TEST(flv_stamp, is_read_as_written)
{
    const ck_flv_stamp stamp = {.room_us = UINT64_C(1700000000123456), .media_us = 98765};
    ck_flv_stamp read = {0};
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, CK_FLV_STAMP_SIZE_MAX);
    ck_flv_stamp_write(&b, &stamp);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    CK_CHECK_EQ(ck_flv_stamp_parse(b.data, b.size, &read), CHALK_OK);
    CK_CHECK_EQ(read.room_us, stamp.room_us);
    CK_CHECK_EQ(read.media_us, stamp.media_us);
    for (size_t size = 0; size < b.size - 3; size++) { /* without the object's end as well */
        CK_CHECK_ROW(size, ck_flv_stamp_parse(b.data, size, &read) < 0);
    }
    ck_buf_free(&b);
    ck_flv_meta meta = {0};
    ck_buf_init(&b, &ck_test_heap, 4096);
    ck_flv_meta_write(&b, &meta);
    CK_CHECK_EQ(ck_flv_stamp_parse(b.data, b.size, &read), CHALK_ERR_NOT_FOUND);
    ck_buf_free(&b);
}

CK_TEST(flv_stamp, times_that_a_double_cannot_tell_are_refused)
{
    static const double rows[] = {-1, 9007199254740992.0, 1e300};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_flv_stamp read;
        ck_buf b;
        ck_buf_init(&b, &ck_test_heap, 256);
        ck_amf_put_string(&b, "onChalkStamp");
        ck_amf_put_object(&b);
        ck_amf_put_key_number(&b, "room_us", rows[i]);
        ck_amf_put_key_number(&b, "media_us", 1);
        ck_amf_put_end(&b);
        CK_CHECK_ROW(i, ck_flv_stamp_parse(b.data, b.size, &read) == CHALK_ERR_BAD_DATA);
        ck_buf_free(&b);
    }
}
