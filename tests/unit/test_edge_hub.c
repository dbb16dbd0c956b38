/* The hub: what a newcomer gets, who may publish, when a stream ends, what is refused. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "unit/edge_tags.h"

#define MS 1000ull
#define S  1000000ull

typedef struct fixture {
    ck_failing_alloc memory;
    ck_hub *hub;
    ck_stream_name name;
    ck_hub_stream *stream;
} fixture;

static void set_up(fixture *f)
{
    memset(f, 0, sizeof *f);
    ck_failing_alloc_init(&f->memory, 0);
    const ck_hub_config config = {.alloc = &f->memory.alloc,
                                  .streams_max = 2,
                                  .memory_max = 1 << 20,
                                  .gop_max_ms = 10000,
                                  .reader_max_ms = 3000};
    CK_CHECK_EQ(ck_hub_init(&f->hub, &config), CHALK_OK);
    f->name = name_of("maths/ada/screen");
}

static void tear_down(fixture *f, uint64_t now_us)
{
    ck_hub_unpublish(&f->stream, now_us);
    ck_hub_stats stats;
    ck_hub_get_stats(f->hub, &stats);
    CK_CHECK_EQ(stats.memory_bytes, 0);
    CK_CHECK_EQ(stats.streams, 0);
    CK_CHECK_EQ(stats.readers, 0);
    ck_hub_free(&f->hub);
    CK_CHECK_EQ(f->memory.live, 0);
}

static ck_hub_stream *publish(fixture *f, const char *owner, uint64_t now_us)
{
    ck_hub_stream *stream = NULL;
    void *replaced;
    CK_CHECK_EQ(ck_hub_publish(f->hub, &f->name, owner, f, now_us, &stream, &replaced), CHALK_OK);
    CK_CHECK(replaced == NULL);
    return stream;
}

static void send(fixture *f, enum ck_media_class class, uint32_t ms, uint8_t config,
                 uint32_t number)
{
    const tag_mark mark = {.config = config, .number = number};
    CK_CHECK_EQ(send_tag(f->stream, &f->memory.alloc, class, ms, mark, ms * MS), CHALK_OK);
}

/* Metadata, both headers, then `gops` groups of four pictures 100 ms apart with sound. */
static uint32_t send_lesson(fixture *f, int gops)
{
    uint32_t ms = 0;
    send(f, CK_MEDIA_META, 0, 1, 0);
    send(f, CK_MEDIA_VIDEO_CONFIG, 0, 1, 0);
    send(f, CK_MEDIA_AUDIO_CONFIG, 0, 1, 0);
    for (int i = 0; i < gops * 4; i++, ms += 100) {
        send(f, i % 4 == 0 ? CK_MEDIA_KEY : CK_MEDIA_INTER, ms, 1, (uint32_t)i);
        send(f, CK_MEDIA_AUDIO, ms + 10, 1, (uint32_t)i);
    }
    return ms;
}

/* Reads one tag, which must be of that class, and returns its mark. */
static tag_mark expect(ck_hub_reader *r, enum ck_media_class class, uint64_t now_us)
{
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_hub_read(r, now_us, &tag), CHALK_OK);
    CK_CHECK_EQ(tag_class(&tag), class);
    tag_mark mark = tag_read_mark(&tag);
    ck_slice_unref(&tag.body);
    return mark;
}

static void expect_status(ck_hub_reader *r, int status, uint64_t now_us)
{
    ck_flv_tag tag;
    CK_CHECK_EQ(ck_hub_read(r, now_us, &tag), status);
}

static ck_hub_reader *open_reader(fixture *f, uint64_t now_us)
{
    ck_hub_reader *r = NULL;
    CK_CHECK_EQ(ck_hub_read_open(f->hub, &f->name, f, now_us, &r), CHALK_OK);
    return r;
}

/* A newcomer of a GOP that was too long to be kept, and one that was moved, need a key frame: the
 * publisher is asked, at most once a second, again as long as pictures come without. */
CK_TEST(edge_hub, who_waits_for_a_key_frame_has_it_asked_for)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    ck_hub_reader *early = NULL, *late = NULL, *later = NULL;
    CK_CHECK_EQ(ck_hub_read_open(f.hub, &f.name, &early, 0, &early), CHALK_OK);
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL); /* the first picture is one */
    send(&f, CK_MEDIA_VIDEO_CONFIG, 0, 1, 0);
    send(&f, CK_MEDIA_KEY, 0, 1, 0);
    CK_CHECK_EQ(ck_hub_read_open(f.hub, &f.name, &late, 1 * S, &late), CHALK_OK);
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL); /* kept for it */
    for (uint32_t ms = 1000; ms <= 12000; ms += 1000) {
        send(&f, CK_MEDIA_INTER, ms, 1, ms);
    }
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL); /* nobody waits */
    CK_CHECK_EQ(ck_hub_read_open(f.hub, &f.name, &later, 12 * S, &later), CHALK_OK);
    CK_CHECK(ck_hub_poll_key(f.hub) == &f); /* its publisher */
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL);
    send(&f, CK_MEDIA_INTER, 12500, 1, 1);
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL); /* it was asked half a second ago */
    send(&f, CK_MEDIA_INTER, 13000, 1, 2);
    CK_CHECK(ck_hub_poll_key(f.hub) == &f);
    send(&f, CK_MEDIA_KEY, 13100, 1, 3);
    send(&f, CK_MEDIA_INTER, 15000, 1, 4);
    CK_CHECK(ck_hub_poll_key(f.hub) == NULL);
    ck_hub_reader_want_key(early, 15 * S); /* it has all it needs to play, but wants to record */
    CK_CHECK(ck_hub_poll_key(f.hub) == &f);
    CK_CHECK(expect(later, CK_MEDIA_VIDEO_CONFIG, 15 * S).config == 1);
    CK_CHECK(expect(later, CK_MEDIA_KEY, 15 * S).number == 3);
    ck_hub_read_close(&early);
    ck_hub_read_close(&late);
    ck_hub_read_close(&later);
    tear_down(&f, 16 * S);
}

CK_TEST(edge_hub, a_newcomer_gets_headers_and_the_last_group)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    uint64_t now_us = send_lesson(&f, 3) * MS;
    ck_hub_reader *r = open_reader(&f, now_us);
    CK_CHECK_EQ(ck_hub_reader_state(r), CK_HUB_READING);
    CK_CHECK(ck_hub_poll_ready(f.hub) == &f);
    expect(r, CK_MEDIA_META, now_us);
    expect(r, CK_MEDIA_VIDEO_CONFIG, now_us);
    expect(r, CK_MEDIA_AUDIO_CONFIG, now_us);
    for (uint32_t i = 8; i < 12; i++) {
        CK_CHECK_EQ(expect(r, i == 8 ? CK_MEDIA_KEY : CK_MEDIA_INTER, now_us).number, i);
        CK_CHECK_EQ(expect(r, CK_MEDIA_AUDIO, now_us).number, i);
    }
    expect_status(r, CHALK_ERR_AGAIN, now_us);
    CK_CHECK(ck_hub_poll_ready(f.hub) == NULL);
    send(&f, CK_MEDIA_INTER, 1200, 1, 12);
    CK_CHECK(ck_hub_poll_ready(f.hub) == &f);
    CK_CHECK_EQ(expect(r, CK_MEDIA_INTER, now_us).number, 12);
    ck_hub_read_close(&r);
    tear_down(&f, now_us);
}

CK_TEST(edge_hub, headers_carry_the_time_of_what_follows)
{
    fixture f;
    ck_flv_tag tag;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    uint64_t now_us = send_lesson(&f, 3) * MS;
    ck_hub_reader *r = open_reader(&f, now_us);
    for (int i = 0; i < 4; i++) {
        CK_CHECK_EQ(ck_hub_read(r, now_us, &tag), CHALK_OK);
        CK_CHECK_EQ(tag.timestamp_ms, tag.type == CK_FLV_SCRIPT ? 0 : 800);
        ck_slice_unref(&tag.body);
    }
    ck_hub_read_close(&r);
    tear_down(&f, now_us);
}

CK_TEST(edge_hub, a_group_is_decoded_with_its_own_headers)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    send(&f, CK_MEDIA_VIDEO_CONFIG, 0, 1, 0);
    send(&f, CK_MEDIA_KEY, 0, 1, 0);
    send(&f, CK_MEDIA_VIDEO_CONFIG, 100, 2, 0);
    ck_hub_reader *r = open_reader(&f, 0);
    CK_CHECK_EQ(expect(r, CK_MEDIA_VIDEO_CONFIG, 0).config, 1);
    CK_CHECK_EQ(expect(r, CK_MEDIA_KEY, 0).config, 1);
    CK_CHECK_EQ(expect(r, CK_MEDIA_VIDEO_CONFIG, 0).config, 2);
    send(&f, CK_MEDIA_KEY, 200, 2, 0);
    CK_CHECK_EQ(expect(r, CK_MEDIA_KEY, 0).config, 2);
    ck_hub_reader *late = open_reader(&f, 0);
    CK_CHECK_EQ(expect(late, CK_MEDIA_VIDEO_CONFIG, 0).config, 2);
    CK_CHECK_EQ(expect(late, CK_MEDIA_KEY, 0).config, 2);
    expect_status(late, CHALK_ERR_AGAIN, 0);
    ck_hub_read_close(&late);
    ck_hub_read_close(&r);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, repeated_headers_are_not_relayed)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    ck_hub_reader *r = open_reader(&f, 0);
    for (int i = 0; i < 3; i++) {
        send(&f, CK_MEDIA_VIDEO_CONFIG, 0, 1, 0);
    }
    expect(r, CK_MEDIA_VIDEO_CONFIG, 0);
    expect_status(r, CHALK_ERR_AGAIN, 0);
    ck_hub_read_close(&r);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, a_tag_is_stored_once_for_all_readers)
{
    fixture f;
    ck_hub_reader *r[8];
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    for (size_t i = 0; i < CK_COUNT_OF(r); i++) {
        r[i] = open_reader(&f, 0);
        expect_status(r[i], CHALK_ERR_AGAIN, 0);
    }
    ck_flv_tag sent = tag_make(&f.memory.alloc, CK_MEDIA_KEY, 0, (tag_mark){0}, 5000);
    CK_CHECK_EQ(ck_hub_send(f.stream, &sent, 0, NULL), CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(r); i++) {
        ck_flv_tag tag;
        CK_CHECK_EQ(ck_hub_read(r[i], 0, &tag), CHALK_OK);
        CK_CHECK(tag.body.data == sent.body.data);
        ck_slice_unref(&tag.body);
        ck_hub_read_close(&r[i]);
    }
    ck_slice_unref(&sent.body);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, without_a_kept_group_pictures_wait_for_a_key_frame)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    send(&f, CK_MEDIA_VIDEO_CONFIG, 0, 1, 0);
    send(&f, CK_MEDIA_KEY, 0, 1, 0);
    send(&f, CK_MEDIA_INTER, 10001, 1, 1); /* a span above gop_max_ms is forgotten */
    ck_hub_stats stats;
    ck_hub_get_stats(f.hub, &stats);
    CK_CHECK(stats.memory_bytes < 1000); /* the headers alone */
    ck_hub_reader *r = open_reader(&f, 11 * S);
    expect(r, CK_MEDIA_VIDEO_CONFIG, 11 * S);
    expect_status(r, CHALK_ERR_AGAIN, 11 * S);
    send(&f, CK_MEDIA_INTER, 11000, 1, 2);
    send(&f, CK_MEDIA_AUDIO, 11000, 1, 0);
    expect(r, CK_MEDIA_AUDIO, 11 * S);
    expect_status(r, CHALK_ERR_AGAIN, 11 * S);
    send(&f, CK_MEDIA_KEY, 12000, 1, 0);
    expect(r, CK_MEDIA_KEY, 12 * S);
    ck_hub_get_stats(f.hub, &stats);
    CK_CHECK_EQ(stats.frames_dropped, 0); /* it was early, not slow */
    ck_hub_read_close(&r);
    tear_down(&f, 12 * S);
}

CK_TEST(edge_hub, sound_alone_needs_no_key_frame)
{
    fixture f;
    bool audio;
    bool video;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    send(&f, CK_MEDIA_AUDIO_CONFIG, 0, 1, 0);
    send(&f, CK_MEDIA_AUDIO, 0, 1, 1);
    ck_hub_reader *r = open_reader(&f, 0);
    ck_hub_reader_flags(r, &audio, &video);
    CK_CHECK(audio && !video);
    expect(r, CK_MEDIA_AUDIO_CONFIG, 0);
    send(&f, CK_MEDIA_AUDIO, 20, 1, 2);
    CK_CHECK_EQ(expect(r, CK_MEDIA_AUDIO, 0).number, 2);
    ck_hub_read_close(&r);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, a_reader_waits_for_its_publisher)
{
    static const struct {
        uint64_t published_us;
        int status;
    } rows[] = {{1999 * MS, CHALK_ERR_AGAIN}, {2000 * MS, CHALK_ERR_NO_STREAM}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        fixture f;
        set_up(&f);
        ck_hub_reader *r = open_reader(&f, 0);
        expect_status(r, CHALK_ERR_AGAIN, 0);
        CK_CHECK_EQ(ck_hub_next_deadline(f.hub), 2000 * MS);
        ck_hub_on_deadline(f.hub, rows[i].published_us);
        f.stream = publish(&f, "ada", rows[i].published_us);
        CK_CHECK_ROW(i, ck_hub_poll_ready(f.hub) == &f);
        expect_status(r, rows[i].status, rows[i].published_us);
        ck_hub_read_close(&r);
        tear_down(&f, rows[i].published_us);
    }
}

CK_TEST(edge_hub, a_name_has_one_publisher)
{
    static const struct {
        const char *first;
        const char *second;
        uint64_t silence_us;
        int status;
    } rows[] = {
        {"ada", "ada", 0, CHALK_OK}, /* a reconnect must not be locked out */
        {"ada", "eve", 0, CHALK_ERR_NAME_TAKEN},
        {"ada", "eve", 4999 * MS, CHALK_ERR_NAME_TAKEN},
        {"ada", "eve", 5000 * MS, CHALK_OK},
        {"", "", 0, CHALK_ERR_NAME_TAKEN}, /* an open edge cannot tell them apart */
        {"", "", 2999 * MS, CHALK_ERR_NAME_TAKEN},
        {"", "", 3000 * MS, CHALK_OK},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        fixture f;
        ck_hub_stream *second = NULL;
        void *replaced = NULL;
        set_up(&f);
        f.stream = publish(&f, rows[i].first, 0);
        send(&f, CK_MEDIA_AUDIO, 1000, 1, 0);
        ck_hub_reader *r = open_reader(&f, 1 * S);
        uint64_t now_us = 1 * S + rows[i].silence_us;
        int status =
            ck_hub_publish(f.hub, &f.name, rows[i].second, &second, now_us, &second, &replaced);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, (replaced == &f) == (status == CHALK_OK));
        expect_status(r, status == CHALK_OK ? CHALK_ERR_END : CHALK_ERR_AGAIN, now_us);
        ck_hub_read_close(&r);
        ck_hub_unpublish(&second, now_us);
        tear_down(&f, now_us);
    }
}

CK_TEST(edge_hub, a_replaced_publisher_sends_nothing_more)
{
    fixture f;
    ck_hub_stream *second = NULL;
    void *replaced;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    CK_CHECK_EQ(ck_hub_publish(f.hub, &f.name, "ada", &second, 0, &second, &replaced), CHALK_OK);
    CK_CHECK_EQ(send_tag(f.stream, &f.memory.alloc, CK_MEDIA_KEY, 0, (tag_mark){0}, 0),
                CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(send_tag(second, &f.memory.alloc, CK_MEDIA_KEY, 0, (tag_mark){0}, 0), CHALK_OK);
    ck_hub_unpublish(&second, 0);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, a_stream_is_read_to_its_end)
{
    fixture f;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    ck_hub_reader *r = open_reader(&f, 0);
    expect_status(r, CHALK_ERR_AGAIN, 0);
    send(&f, CK_MEDIA_KEY, 0, 1, 0);
    send(&f, CK_MEDIA_INTER, 10, 1, 1);
    ck_hub_unpublish(&f.stream, 0);
    ck_hub_reader *late = open_reader(&f, 0);
    CK_CHECK_EQ(ck_hub_reader_state(late), CK_HUB_WAITING);
    expect(r, CK_MEDIA_KEY, 0);
    expect(r, CK_MEDIA_INTER, 0);
    expect_status(r, CHALK_ERR_END, 0);
    expect_status(r, CHALK_ERR_END, 0);
    ck_hub_read_close(&late);
    ck_hub_read_close(&r);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, what_is_refused_is_named)
{
    static const struct {
        uint8_t type;
        uint8_t bytes[8];
        size_t size;
        int status;
        const char *refused;
    } rows[] = {
        {CK_FLV_VIDEO, {0x17, 0x01, 0, 0, 0, 1}, 6, CHALK_OK, NULL},
        {CK_FLV_VIDEO, {0x90, 'h', 'v', 'c', '1', 1}, 6, CHALK_OK, NULL},
        {CK_FLV_VIDEO, {0x91, 'a', 'v', '0', '1', 1}, 6, CHALK_OK, NULL},
        {CK_FLV_VIDEO,
         {0x91, 'z', 'z', 'z', 'z', 1},
         6,
         CHALK_ERR_CODEC_UNKNOWN,
         "an unknown codec"},
        {CK_FLV_VIDEO, {0x12, 0x01, 0, 0, 0, 1}, 6, CHALK_ERR_CODEC_UNKNOWN, "Sorenson H.263"},
        {CK_FLV_VIDEO, {0x17}, 1, CHALK_ERR_BAD_DATA, NULL},
        {CK_FLV_AUDIO, {0xaf, 0x01, 1}, 3, CHALK_OK, NULL},
        {CK_FLV_AUDIO, {0x2f, 1, 2}, 3, CHALK_OK, NULL}, /* MP3 */
        {CK_FLV_AUDIO, {0x91, 'O', 'p', 'u', 's', 1}, 6, CHALK_OK, NULL},
        {CK_FLV_AUDIO, {0xb2, 1, 2}, 3, CHALK_ERR_CODEC_UNKNOWN, "Speex"},
        {CK_FLV_AUDIO, {0}, 0, CHALK_OK, NULL}, /* silence */
        {7, {1}, 1, CHALK_ERR_BAD_DATA, NULL},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        fixture f;
        const char *refused = "";
        set_up(&f);
        f.stream = publish(&f, "ada", 0);
        ck_flv_tag tag = {.type = rows[i].type,
                          .body = ck_slice_copy(&f.memory.alloc, rows[i].bytes, rows[i].size)};
        CK_CHECK_ROW(i, ck_hub_send(f.stream, &tag, 0, &refused) == rows[i].status);
        CK_CHECK_ROW(i, (refused == NULL) == (rows[i].refused == NULL));
        CK_CHECK_ROW(i, refused == NULL || strcmp(refused, rows[i].refused) == 0);
        ck_slice_unref(&tag.body);
        tear_down(&f, 0);
    }
}

CK_TEST(edge_hub, limits_are_kept)
{
    fixture f;
    ck_hub_stream *other[2] = {NULL, NULL};
    void *replaced;
    set_up(&f);
    f.stream = publish(&f, "ada", 0);
    const ck_stream_name names[] = {name_of("maths/bob/camera"), name_of("maths/ada/camera")};
    CK_CHECK_EQ(ck_hub_publish(f.hub, &names[0], "x", &f, 0, &other[0], &replaced), CHALK_OK);
    CK_CHECK_EQ(ck_hub_publish(f.hub, &names[1], "x", &f, 0, &other[1], &replaced),
                CHALK_ERR_LIMIT);
    ck_flv_tag tag =
        tag_make(&f.memory.alloc, CK_MEDIA_VIDEO_CONFIG, 0, (tag_mark){0}, CK_HUB_HEADER_MAX);
    CK_CHECK_EQ(ck_hub_send(f.stream, &tag, 0, NULL), CHALK_ERR_TOO_LARGE);
    ck_slice_unref(&tag.body);
    ck_hub_unpublish(&other[0], 0);
    tear_down(&f, 0);
}

CK_TEST(edge_hub, streams_are_described)
{
    fixture f;
    ck_hub_info info;
    const ck_hub_stream *at = NULL;
    set_up(&f);
    CK_CHECK(!ck_hub_next_stream(f.hub, &at));
    f.stream = publish(&f, "ada", 0);
    for (uint32_t ms = 0; ms <= 4000; ms += 10) { /* 113 bytes each 10 ms: 90 kbit/s */
        send(&f, ms == 0 ? CK_MEDIA_KEY : CK_MEDIA_INTER, ms, 1, ms);
    }
    CK_CHECK(ck_hub_next_stream(f.hub, &at));
    ck_hub_stream_info(at, 5 * S, &info);
    CK_CHECK_STR(info.name->path, "maths/ada/screen");
    CK_CHECK_STR(info.video.codec, "H.264");
    CK_CHECK_STR(info.audio.codec, "");
    CK_CHECK_EQ(info.kbps, 90);
    CK_CHECK_EQ(info.age_us, 5 * S);
    CK_CHECK_EQ(info.silent_us, 1 * S);
    CK_CHECK_EQ(info.gop_ms, 4000);
    ck_hub_stream_info(at, 100 * S, &info);
    CK_CHECK_EQ(info.kbps, 0);
    CK_CHECK(!ck_hub_next_stream(f.hub, &at));
    tear_down(&f, 5 * S);
}

static int small_lesson(ck_hub *hub, const ck_alloc *alloc)
{
    static const enum ck_media_class classes[] = {CK_MEDIA_META,         CK_MEDIA_VIDEO_CONFIG,
                                                  CK_MEDIA_AUDIO_CONFIG, CK_MEDIA_KEY,
                                                  CK_MEDIA_INTER,        CK_MEDIA_AUDIO};
    ck_stream_name name = name_of("maths/ada/screen");
    ck_hub_stream *stream = NULL;
    ck_hub_reader *reader = NULL;
    void *replaced;
    ck_flv_tag tag;
    int status = ck_hub_read_open(hub, &name, hub, 0, &reader);
    if (status == CHALK_OK) {
        status = ck_hub_publish(hub, &name, "ada", hub, 0, &stream, &replaced);
    }
    for (size_t i = 0; status == CHALK_OK && i < CK_COUNT_OF(classes); i++) {
        status = send_tag(stream, alloc, classes[i], 0, (tag_mark){0}, 0);
    }
    while (reader != NULL && ck_hub_read(reader, 0, &tag) == CHALK_OK) {
        ck_slice_unref(&tag.body);
    }
    ck_hub_read_close(&reader);
    ck_hub_unpublish(&stream, 0);
    return status;
}

CK_TEST(edge_hub, every_failed_allocation_is_reported_and_leaks_nothing)
{
    int status = CHALK_ERR_NO_MEMORY;
    for (size_t fail_at = 1; status != CHALK_OK; fail_at++) {
        ck_failing_alloc memory;
        ck_hub *hub = NULL;
        CK_CHECK(fail_at < 100);
        ck_failing_alloc_init(&memory, fail_at);
        const ck_hub_config config = {.alloc = &memory.alloc,
                                      .streams_max = 1,
                                      .memory_max = 1 << 20,
                                      .gop_max_ms = 10000,
                                      .reader_max_ms = 3000};
        status = ck_hub_init(&hub, &config);
        if (status == CHALK_OK) {
            status = small_lesson(hub, &memory.alloc);
        }
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        ck_hub_free(&hub);
        CK_CHECK_EQ(memory.live, 0);
    }
}
