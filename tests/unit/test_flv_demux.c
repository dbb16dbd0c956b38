#include "core/flv/demux.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/flv/audio.h"
#include "core/flv/mux.h"
#include "core/flv/video.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"

#include <stdlib.h>

static void put_tag(ck_buf *b, uint8_t type, uint32_t timestamp_ms, const char *body, size_t size)
{
    uint8_t head[CK_FLV_TAG_HEAD];
    uint8_t tail[CK_FLV_TAG_TAIL];
    CK_CHECK_EQ(ck_flv_write_tag_head(head, type, timestamp_ms, (uint32_t)size), CHALK_OK);
    ck_flv_write_tag_tail(tail, (uint32_t)size);
    ck_buf_put(b, head, sizeof head);
    ck_buf_put(b, body, size);
    ck_buf_put(b, tail, sizeof tail);
}

static void put_file_head(ck_buf *b)
{
    uint8_t head[CK_FLV_FILE_HEAD];
    ck_flv_write_file_head(head, true, true);
    ck_buf_put(b, head, sizeof head);
}

CK_TEST(flv, the_envelope_is_written_byte_for_byte)
{
    static const char expected[] = "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
                                   "\x09\x00\x00\x02\x34\x56\x78\x12\x00\x00\x00"
                                   "ab"
                                   "\x00\x00\x00\x0d";
    ck_buf b;
    uint8_t head[CK_FLV_TAG_HEAD];
    ck_buf_init(&b, &ck_test_heap, 1000);
    put_file_head(&b);
    put_tag(&b, CK_FLV_VIDEO, 0x12345678, "ab", 2);
    CK_CHECK_EQ(b.size, sizeof expected - 1);
    CK_CHECK_MEM(b.data, expected, b.size);
    CK_CHECK_EQ(ck_flv_write_tag_head(head, 10, 0, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_flv_write_tag_head(head, CK_FLV_AUDIO, 0, 0x1000000),
                CHALK_ERR_INVALID_ARGUMENT);
    ck_buf_free(&b);
}

CK_TEST(flv, tags_come_out_as_they_went_in)
{
    ck_buf b;
    ck_flv_demux d;
    ck_flv_tag tag;
    ck_buf_init(&b, &ck_test_heap, 1000);
    put_file_head(&b);
    put_tag(&b, CK_FLV_SCRIPT, 0, "script", 6);
    put_tag(&b, CK_FLV_AUDIO, 0xff000001, "", 0);
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap});
    CK_CHECK_EQ(ck_flv_demux_feed(&d, b.data, b.size), CHALK_OK);
    CK_CHECK_EQ(ck_flv_demux_poll_tag(&d, &tag), CHALK_OK);
    CK_CHECK(d.has_audio && d.has_video);
    CK_CHECK_EQ(tag.type, CK_FLV_SCRIPT);
    CK_CHECK_EQ(tag.body.size, 6);
    CK_CHECK_MEM(tag.body.data, "script", 6);
    ck_slice_unref(&tag.body);
    CK_CHECK_EQ(ck_flv_demux_feed(&d, b.data, b.size), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_flv_demux_poll_tag(&d, &tag), CHALK_OK);
    CK_CHECK_EQ(tag.type, CK_FLV_AUDIO);
    CK_CHECK_EQ(tag.timestamp_ms, 0xff000001);
    CK_CHECK_EQ(tag.body.size, 0);
    ck_slice_unref(&tag.body);
    CK_CHECK(!ck_flv_demux_is_between_tags(&d));
    CK_CHECK_EQ(ck_flv_demux_poll_tag(&d, &tag), CHALK_ERR_AGAIN);
    CK_CHECK(ck_flv_demux_is_between_tags(&d));
    CK_CHECK_EQ(d.wrong_trailers, 0);
    ck_flv_demux_free(&d);
    ck_buf_free(&b);
}

#define HEAD      "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
#define FLV(text) (text), sizeof(text) - 1

CK_TEST(flv, damage_is_tolerated_or_named)
{
    static const struct {
        const char *data;
        size_t size;
        int tags;
        int error; /* after the tags */
        uint64_t wrong_trailers, skipped;
    } rows[] = {
        {FLV(""), 0, CHALK_ERR_AGAIN, 0, 0},
        {FLV("FLV\x02\x05\x00\x00\x00\x09"), 0, CHALK_ERR_BAD_DATA, 0, 0},
        {FLV("RIFF\x05\x00\x00\x00\x09"), 0, CHALK_ERR_BAD_DATA, 0, 0},
        {FLV("FLV\x01\x05\x00\x00\x00\x08"), 0, CHALK_ERR_BAD_DATA, 0, 0},
        {FLV("FLV\x01\x05\x00\x00\x04\x01"), 0, CHALK_ERR_BAD_DATA, 0, 0},
        /* A longer file header is skipped. */
        {FLV("FLV\x01\x05\x00\x00\x00\x0bxy\x00\x00\x00\x00\x08\x00\x00\x01\x00\x00\x00\x00\x00\x00"
             "\x00z"),
         1, CHALK_ERR_AGAIN, 0, 0},
        /* Wrong sizes behind tags. */
        {FLV("FLV\x01\x05\x00\x00\x00\x09zzzz\x08\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z"
             "\x00\x00\x00\x00"),
         1, CHALK_ERR_AGAIN, 2, 0},
        /* An unknown type, right and wrong size behind it. */
        {FLV(HEAD "\x0a\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z\x00\x00\x00\x0c"), 0,
         CHALK_ERR_AGAIN, 0, 1},
        {FLV(HEAD "\x0a\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z\x00\x00\x00\x0d"), 0,
         CHALK_ERR_BAD_DATA, 1, 1},
        /* Encrypted; larger than the limit of this test (100 bytes). */
        {FLV(HEAD "\x28\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z"), 0, CHALK_ERR_CODEC_UNKNOWN, 0,
         0},
        {FLV(HEAD "\x08\x00\x00\x65\x00\x00\x00\x00\x00\x00\x00"), 0, CHALK_ERR_TOO_LARGE, 0, 0},
        {FLV(HEAD "\x08\x00\x00\x64\x00\x00\x00\x00\x00\x00\x00"), 0, CHALK_ERR_AGAIN, 0, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_demux d;
        ck_flv_tag tag;
        int tags = 0;
        int status;
        ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap, .body_max = 100});
        CK_CHECK_ROW(i, ck_flv_demux_feed(&d, rows[i].data, rows[i].size) == CHALK_OK);
        while ((status = ck_flv_demux_poll_tag(&d, &tag)) == CHALK_OK) {
            ck_slice_unref(&tag.body);
            tags++;
        }
        CK_CHECK_ROW(i, tags == rows[i].tags && status == rows[i].error);
        CK_CHECK_ROW(i, d.wrong_trailers == rows[i].wrong_trailers);
        CK_CHECK_ROW(i, d.skipped_tags == rows[i].skipped);
        bool final = rows[i].error != CHALK_ERR_AGAIN;
        CK_CHECK_ROW(i, ck_flv_demux_feed(&d, "", 0) == (final ? rows[i].error : CHALK_OK));
        CK_CHECK_ROW(i, ck_flv_demux_poll_tag(&d, &tag) == rows[i].error);
        ck_flv_demux_free(&d);
    }
}

CK_TEST(flv, demux_survives_exhausted_memory)
{
    static const char data[] = HEAD "\x08\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z\x00\x00\x00\x0c"
                                    "\x09\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00z";
    for (size_t fail_at = 1; fail_at <= 3; fail_at++) {
        ck_failing_alloc f;
        ck_flv_demux d;
        ck_flv_tag tag;
        size_t tags = 0;
        int status;
        ck_failing_alloc_init(&f, fail_at);
        ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &f.alloc});
        CK_CHECK_EQ(ck_flv_demux_feed(&d, data, sizeof data - 1), CHALK_OK);
        while ((status = ck_flv_demux_poll_tag(&d, &tag)) == CHALK_OK) {
            ck_slice_unref(&tag.body);
            tags++;
        }
        CK_CHECK_EQ(tags, fail_at - 1);
        CK_CHECK_EQ(status, fail_at < 3 ? CHALK_ERR_NO_MEMORY : CHALK_ERR_AGAIN);
        ck_flv_demux_free(&d);
        CK_CHECK_EQ(f.live, 0);
    }
}

CK_TEST(flv, a_tag_in_progress_is_freed)
{
    ck_failing_alloc f;
    ck_flv_demux d;
    ck_flv_tag tag;
    ck_failing_alloc_init(&f, 0);
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &f.alloc});
    CK_CHECK_EQ(ck_flv_demux_feed(&d, FLV(HEAD "\x08\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00zz")),
                CHALK_OK);
    CK_CHECK_EQ(ck_flv_demux_poll_tag(&d, &tag), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(f.live, 1);
    ck_flv_demux_free(&d);
    CK_CHECK_EQ(f.live, 0);
    CK_CHECK_EQ(ck_flv_demux_feed(&d, "", 0), CHALK_ERR_BAD_STATE);
}

/* Real files; counts from an independent walk over their tags. */
typedef struct file_row {
    const char *path;
    size_t audio, video, keys, configs, refused;
    uint32_t last_ms;
} file_row;

typedef struct tally {
    size_t audio, video, keys, configs, refused;
    uint32_t last_ms;
} tally;

static void count_tag(tally *t, const ck_flv_tag *tag)
{
    ck_flv_video v;
    ck_flv_audio a;
    const uint8_t *body = tag->body.data;
    int status = CHALK_OK;
    t->last_ms = tag->timestamp_ms;
    if (tag->type == CK_FLV_VIDEO) {
        t->video++;
        status = ck_flv_video_parse(body, tag->body.size, &v);
        t->keys += ck_flv_video_is_key(body, tag->body.size);
        t->configs += ck_flv_video_is_config(body, tag->body.size);
    } else if (tag->type == CK_FLV_AUDIO) {
        t->audio++;
        status = ck_flv_audio_parse(body, tag->body.size, &a);
        t->configs += ck_flv_audio_is_config(body, tag->body.size);
    }
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_CODEC_UNKNOWN);
    t->refused += status != CHALK_OK;
}

/* The bodies of a stand-in, by what they are. */
typedef struct bodies {
    size_t video_size, audio_size;
    const char *video_config, *key, *inter, *last_video;
    const char *audio_config, *second_audio, *sound;
} bodies;

static const bodies legacy = {5,
                              2,
                              "\x17\x00\x00\x00\x00",
                              "\x17\x01\x00\x00\x00",
                              "\x27\x01\x00\x00\x00",
                              "\x17\x02\x00\x00\x00",
                              "\xaf\x00",
                              "\xaf\x01",
                              "\xaf\x01"};
static const bodies enhanced = {5,
                                5,
                                "\x90"
                                "av01",
                                "\x91"
                                "av01",
                                "\xa1"
                                "av01",
                                "\xd4"
                                "av01",
                                "\x90Opus",
                                "\x94Opus",
                                "\x91Opus"};

static uint8_t *make_file(const file_row *row, size_t *size)
{
    const bodies *set = row->refused == 0 ? &legacy : &enhanced;
    size_t video_configs = row->configs - 1;
    ck_buf b;
    ck_buf_init(&b, &ck_test_heap, 1u << 20);
    put_file_head(&b);
    for (size_t i = 0; i < row->video; i++) {
        const char *body = set->inter;
        if (i < video_configs) {
            body = set->video_config;
        } else if (i < video_configs + row->keys) {
            body = set->key;
        } else if (i + 1 == row->video) {
            body = set->last_video;
        }
        put_tag(&b, CK_FLV_VIDEO, (uint32_t)i, body, set->video_size);
    }
    for (size_t i = 0; i < row->audio; i++) {
        const char *body = i == 0 ? set->audio_config : i == 1 ? set->second_audio : set->sound;
        uint32_t time_ms = i + 1 == row->audio ? row->last_ms : (uint32_t)i;
        put_tag(&b, CK_FLV_AUDIO, time_ms, body, set->audio_size);
    }
    *size = b.size;
    return b.data;
}

CK_TEST(flv, real_files)
{
    static const file_row rows[] = {
        {"media/srs/avatar.flv", 487, 284, 7, 2, 0, 11240},
        {"media/srs/bbb.flv", 433, 252, 4, 2, 0, 10040},
        {"media/ertmp/testsrc.flv", 503, 303, 1, 3, 302, 10001},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_flv_demux d;
        ck_flv_tag tag;
        tally t = {0};
        size_t size = 0;
        uint8_t *data = ck_data_load(rows[i].path, &size);
        if (data == NULL) {
            data = make_file(&rows[i], &size);
        }
        ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_test_heap});
        for (size_t at = 0; at < size; at += 1000) {
            CK_CHECK_ROW(i, ck_flv_demux_feed(&d, data + at, CK_MIN(size - at, 1000)) == CHALK_OK);
            while (ck_flv_demux_poll_tag(&d, &tag) == CHALK_OK) {
                count_tag(&t, &tag);
                ck_slice_unref(&tag.body);
            }
        }
        CK_CHECK_ROW(i, ck_flv_demux_is_between_tags(&d) && d.wrong_trailers == 0);
        CK_CHECK_EQ(t.audio, rows[i].audio);
        CK_CHECK_EQ(t.video, rows[i].video);
        CK_CHECK_EQ(t.keys, rows[i].keys);
        CK_CHECK_EQ(t.configs, rows[i].configs);
        CK_CHECK_EQ(t.refused, rows[i].refused);
        CK_CHECK_EQ(t.last_ms, rows[i].last_ms);
        ck_flv_demux_free(&d);
        free(data);
    }
}
