/* The hub under readers that do not keep up, and at the limit of its memory. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "unit/edge_tags.h"

#define MS      1000ull
#define S       1000000ull
#define STEP_MS 20

typedef struct room {
    ck_failing_alloc memory;
    ck_hub *hub;
    ck_hub_stream *stream;
    ck_stream_name name;
    uint32_t gop_ms;
    uint32_t now_ms;
    tag_mark picture;
    tag_mark sound;
} room;

static void set_up(room *r, uint32_t gop_ms, uint64_t memory_max)
{
    void *replaced;
    memset(r, 0, sizeof *r);
    ck_failing_alloc_init(&r->memory, 0);
    r->gop_ms = gop_ms;
    r->name = name_of("maths/ada/screen");
    const ck_hub_config config = {.alloc = &r->memory.alloc,
                                  .streams_max = 8,
                                  .memory_max = memory_max,
                                  .gop_max_ms = 60000,
                                  .reader_max_ms = 3000};
    CK_CHECK_EQ(ck_hub_init(&r->hub, &config), CHALK_OK);
    CK_CHECK_EQ(ck_hub_publish(r->hub, &r->name, "ada", r, 0, &r->stream, &replaced), CHALK_OK);
    CK_CHECK_EQ(send_tag(r->stream, &r->memory.alloc, CK_MEDIA_VIDEO_CONFIG, 0, r->picture, 0),
                CHALK_OK);
}

static void tear_down(room *r)
{
    ck_hub_unpublish(&r->stream, r->now_ms * MS);
    ck_hub_free(&r->hub);
    CK_CHECK_EQ(r->memory.live, 0);
}

/* Publishes until `until_ms`: a picture and a piece of sound every 20 ms. */
static void run(room *r, uint32_t until_ms)
{
    for (; r->now_ms < until_ms; r->now_ms += STEP_MS) {
        bool key = r->now_ms % r->gop_ms == 0;
        r->picture.number = key ? 0 : r->picture.number + 1;
        r->picture.gop = (uint16_t)(r->picture.gop + key);
        r->sound.number++;
        uint64_t now_us = r->now_ms * MS;
        ck_hub_on_deadline(r->hub, now_us);
        CK_CHECK_EQ(send_tag(r->stream, &r->memory.alloc, key ? CK_MEDIA_KEY : CK_MEDIA_INTER,
                             r->now_ms, r->picture, now_us),
                    CHALK_OK);
        CK_CHECK_EQ(
            send_tag(r->stream, &r->memory.alloc, CK_MEDIA_AUDIO, r->now_ms, r->sound, now_us),
            CHALK_OK);
    }
    ck_hub_on_deadline(r->hub, r->now_ms * MS);
}

static ck_hub_reader *open_reader(room *r)
{
    ck_hub_reader *reader = NULL;
    CK_CHECK_EQ(ck_hub_read_open(r->hub, &r->name, r, r->now_ms * MS, &reader), CHALK_OK);
    return reader;
}

static int read_one(room *r, ck_hub_reader *reader, enum ck_media_class *class, tag_mark *mark)
{
    ck_flv_tag tag;
    int status = ck_hub_read(reader, r->now_ms * MS, &tag);
    if (status == CHALK_OK) {
        *class = tag_class(&tag);
        *mark = tag_read_mark(&tag);
        ck_slice_unref(&tag.body);
    }
    return status;
}

static uint32_t drain(room *r, ck_hub_reader *reader)
{
    enum ck_media_class class;
    tag_mark mark;
    uint32_t count = 0;
    while (read_one(r, reader, &class, &mark) == CHALK_OK) {
        count++;
    }
    return count;
}

static ck_hub_stats stats_of(const room *r)
{
    ck_hub_stats stats;
    ck_hub_get_stats(r->hub, &stats);
    return stats;
}

CK_TEST(edge_hub_slow, how_far_behind_decides)
{
    /* A reader is up to date at 1,000 ms, then reads nothing until `until_ms`. */
    static const struct {
        uint32_t gop_ms;
        uint32_t until_ms;
        int status;
        enum ck_media_class class; /* of the next tag */
        bool drops;
    } rows[] = {
        {1000, 3800, CHALK_OK, CK_MEDIA_KEY, false}, /* within its time it gets all */
        {1000, 4200, CHALK_OK, CK_MEDIA_KEY, true},
        {1000, 9800, CHALK_OK, CK_MEDIA_KEY, true},
        {1000, 10200, CHALK_ERR_TIMEOUT, 0, true},
        {60000, 3800, CHALK_OK, CK_MEDIA_INTER, false},
        {60000, 4200, CHALK_OK, CK_MEDIA_AUDIO, true}, /* sound goes on without a key frame */
        {60000, 10200, CHALK_ERR_TIMEOUT, 0, true},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        room r;
        enum ck_media_class class = 0;
        tag_mark mark = {0};
        set_up(&r, rows[i].gop_ms, 64 << 20);
        ck_hub_reader *reader = open_reader(&r);
        run(&r, 1000);
        CK_CHECK_ROW(i, drain(&r, reader) == 101);
        run(&r, rows[i].until_ms);
        int status = read_one(&r, reader, &class, &mark);
        CK_CHECK_ROW(i, status == rows[i].status);
        CK_CHECK_ROW(i, status != CHALK_OK || class == rows[i].class);
        CK_CHECK_ROW(i, (stats_of(&r).frames_dropped > 0) == rows[i].drops);
        CK_CHECK_ROW(i, stats_of(&r).readers_closed == (status == CHALK_ERR_TIMEOUT ? 1 : 0));
        ck_hub_read_close(&reader);
        tear_down(&r);
    }
}

CK_TEST(edge_hub_slow, sound_and_picture_are_skipped_alike)
{
    room r;
    enum ck_media_class class;
    tag_mark mark;
    set_up(&r, 1000, 64 << 20);
    ck_hub_reader *reader = open_reader(&r);
    run(&r, 1000);
    drain(&r, reader);
    uint32_t heard = r.sound.number;
    run(&r, 4180);
    CK_CHECK_EQ(read_one(&r, reader, &class, &mark), CHALK_OK);
    CK_CHECK_EQ(class, CK_MEDIA_KEY);
    CK_CHECK_EQ(mark.number, 0);
    uint32_t group = mark.gop;
    CK_CHECK_EQ(read_one(&r, reader, &class, &mark), CHALK_OK);
    CK_CHECK_EQ(class, CK_MEDIA_AUDIO);
    CK_CHECK_EQ(mark.number, (group - 1) * 50 + 1); /* the sound of that very moment */
    CK_CHECK_EQ(stats_of(&r).frames_dropped, 2 * (mark.number - 1 - heard));
    ck_hub_read_close(&reader);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, inside_a_long_group_sound_goes_on_and_pictures_wait)
{
    room r;
    enum ck_media_class class;
    tag_mark mark;
    set_up(&r, 6000, 64 << 20);
    ck_hub_reader *reader = open_reader(&r);
    run(&r, 1000);
    drain(&r, reader);
    run(&r, 4200);
    drain(&r, reader);
    run(&r, 6000);
    while (read_one(&r, reader, &class, &mark) == CHALK_OK) {
        CK_CHECK_EQ(class, CK_MEDIA_AUDIO);
    }
    run(&r, 6020);
    CK_CHECK_EQ(read_one(&r, reader, &class, &mark), CHALK_OK);
    CK_CHECK_EQ(class, CK_MEDIA_KEY);
    ck_hub_read_close(&reader);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, what_was_there_before_is_not_the_newcomers_fault)
{
    room r;
    set_up(&r, 8000, 64 << 20);
    run(&r, 7900);
    ck_hub_reader *reader = open_reader(&r);
    run(&r, 8100 + 100); /* the oldest tag it has not read is 8 s old, it waits 0.3 s */
    CK_CHECK(drain(&r, reader) > 790);
    CK_CHECK_EQ(stats_of(&r).frames_dropped, 0);
    ck_hub_read_close(&reader);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, one_that_reads_a_little_stays)
{
    room r;
    enum ck_media_class class;
    tag_mark mark;
    set_up(&r, 1000, 64 << 20);
    ck_hub_reader *reader = open_reader(&r);
    for (uint32_t ms = 500; ms <= 30000; ms += 500) { /* 20 of the 50 tags of each half second */
        run(&r, ms);
        for (int i = 0; i < 20; i++) {
            CK_CHECK_EQ(read_one(&r, reader, &class, &mark), CHALK_OK);
        }
    }
    CK_CHECK_EQ(stats_of(&r).readers_closed, 0);
    CK_CHECK(stats_of(&r).frames_dropped > 0);
    ck_hub_read_close(&reader);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, a_quiet_stream_closes_nobody)
{
    room r;
    set_up(&r, 1000, 64 << 20);
    ck_hub_reader *reader = open_reader(&r);
    run(&r, 1000);
    drain(&r, reader);
    CK_CHECK_EQ(ck_hub_next_deadline(r.hub), CK_NEVER); /* nobody is behind: no wake-ups */
    r.now_ms = 61000;
    ck_hub_on_deadline(r.hub, r.now_ms * MS);
    run(&r, 61020);
    CK_CHECK(drain(&r, reader) > 0);
    CK_CHECK_EQ(stats_of(&r).readers_closed, 0);
    ck_hub_read_close(&reader);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, memory_is_bounded_and_the_slowest_pays)
{
    room r;
    const uint64_t limit = 30000;
    set_up(&r, 200, limit);
    ck_hub_reader *good = open_reader(&r);
    ck_hub_reader *slow = open_reader(&r);
    for (uint32_t ms = 20; ms <= 2800; ms += 20) { /* 430 bytes each 20 ms, never 3 s behind */
        run(&r, ms);
        CK_CHECK(stats_of(&r).memory_bytes <= limit);
        CK_CHECK(drain(&r, good) >= 2);
    }
    uint64_t dropped = stats_of(&r).frames_dropped;
    CK_CHECK(dropped > 0);
    drain(&r, slow);
    run(&r, 2820);
    CK_CHECK_EQ(drain(&r, slow), 2);
    CK_CHECK_EQ(stats_of(&r).frames_dropped, dropped);
    ck_hub_read_close(&good);
    ck_hub_read_close(&slow);
    tear_down(&r);
}

CK_TEST(edge_hub_slow, one_stream_cannot_crowd_out_the_others)
{
    room r;
    ck_hub_stream *small = NULL;
    void *replaced;
    ck_stream_name name = name_of("maths/bob/camera");
    set_up(&r, 60000, 100000);
    CK_CHECK_EQ(ck_hub_publish(r.hub, &name, "bob", &r, 0, &small, &replaced), CHALK_OK);
    CK_CHECK_EQ(send_tag(small, &r.memory.alloc, CK_MEDIA_VIDEO_CONFIG, 0, (tag_mark){0}, 0),
                CHALK_OK);
    CK_CHECK_EQ(send_tag(small, &r.memory.alloc, CK_MEDIA_KEY, 0, (tag_mark){0}, 0), CHALK_OK);
    run(&r, 30000); /* 1,500 pictures without a key frame: 645 KB */
    CK_CHECK(stats_of(&r).memory_bytes <= 100000);
    ck_hub_reader *reader = NULL;
    CK_CHECK_EQ(ck_hub_read_open(r.hub, &name, &r, 0, &reader), CHALK_OK);
    CK_CHECK_EQ(drain(&r, reader), 2);
    ck_hub_read_close(&reader);
    ck_hub_unpublish(&small, 0);
    tear_down(&r);
}
