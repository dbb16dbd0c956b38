/* The hub with many readers of one stream: sound waits for a picture, within a limit. */
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "unit/edge_tags.h"

#define MS   1000ull
#define MANY CK_HUB_GATHER_READERS

typedef struct hall {
    ck_failing_alloc memory;
    ck_hub *hub;
    ck_hub_stream *stream;
    ck_stream_name name;
    ck_hub_reader *readers[MANY];
    uint32_t count;
    uint32_t sent;
} hall;

static void send(hall *h, enum ck_media_class class, uint32_t ms)
{
    const tag_mark mark = {.number = h->sent++};
    CK_CHECK_EQ(send_tag(h->stream, &h->memory.alloc, class, ms, mark, ms * MS), CHALK_OK);
}

/* How many readers were told since it was last asked. */
static uint32_t told(hall *h)
{
    uint32_t count = 0;
    while (ck_hub_poll_ready(h->hub) != NULL) {
        count++;
    }
    return count;
}

/* Takes what one reader gets now; how many tags that were. */
static uint32_t drain(ck_hub_reader *reader, uint64_t now_us, int end)
{
    uint32_t count = 0;
    ck_flv_tag tag;
    int status;
    while ((status = ck_hub_read(reader, now_us, &tag)) == CHALK_OK) {
        ck_slice_unref(&tag.body);
        count++;
    }
    CK_CHECK_EQ(status, end);
    return count;
}

/* What each reader got, which must be the same for all. */
static uint32_t drain_all(hall *h, uint64_t now_us)
{
    uint32_t first = drain(h->readers[0], now_us, CHALK_ERR_AGAIN);
    for (uint32_t i = 1; i < h->count; i++) {
        CK_CHECK_EQ(drain(h->readers[i], now_us, CHALK_ERR_AGAIN), first);
    }
    return first;
}

static void enter(hall *h, uint32_t count, uint64_t now_us)
{
    for (uint32_t i = 0; i < count; i++) {
        CK_CHECK_EQ(ck_hub_read_open(h->hub, &h->name, h, now_us, &h->readers[h->count]), CHALK_OK);
        h->count++;
    }
}

/* A stream with a picture and this many readers, who have taken all there is at 0 ms. */
static void set_up(hall *h, uint32_t count)
{
    void *replaced;
    memset(h, 0, sizeof *h);
    ck_failing_alloc_init(&h->memory, 0);
    h->name = name_of("maths/ada/screen");
    const ck_hub_config config = {.alloc = &h->memory.alloc,
                                  .streams_max = 2,
                                  .memory_max = 1 << 20,
                                  .gop_max_ms = 10000,
                                  .reader_max_ms = 3000};
    CK_CHECK_EQ(ck_hub_init(&h->hub, &config), CHALK_OK);
    CK_CHECK_EQ(ck_hub_publish(h->hub, &h->name, "ada", h, 0, &h->stream, &replaced), CHALK_OK);
    send(h, CK_MEDIA_VIDEO_CONFIG, 0);
    send(h, CK_MEDIA_AUDIO_CONFIG, 0);
    send(h, CK_MEDIA_KEY, 0);
    enter(h, count, 0);
    CK_CHECK_EQ(told(h), count);
    CK_CHECK_EQ(drain_all(h, 0), 3);
}

static void tear_down(hall *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        ck_hub_read_close(&h->readers[i]);
    }
    ck_hub_unpublish(&h->stream, 0);
    ck_hub_free(&h->hub);
    CK_CHECK_EQ(h->memory.live, 0);
}

CK_TEST(edge_hub_gather, few_hear_at_once)
{
    hall h;
    set_up(&h, MANY - 1);
    send(&h, CK_MEDIA_AUDIO, 20);
    CK_CHECK_EQ(told(&h), MANY - 1);
    CK_CHECK_EQ(ck_hub_next_deadline(h.hub) <= 20 * MS, true); /* they are busy: looked after */
    CK_CHECK_EQ(drain_all(&h, 20 * MS), 1);
    CK_CHECK(ck_hub_next_deadline(h.hub) == CK_NEVER);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, sound_leaves_with_the_next_picture)
{
    hall h;
    set_up(&h, MANY);
    send(&h, CK_MEDIA_AUDIO, 20);
    send(&h, CK_MEDIA_AUDIO, 41);
    CK_CHECK_EQ(told(&h), 0);
    send(&h, CK_MEDIA_INTER, 60);
    CK_CHECK_EQ(told(&h), MANY);
    CK_CHECK_EQ(drain_all(&h, 60 * MS), 3);
    CK_CHECK(ck_hub_next_deadline(h.hub) == CK_NEVER);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, sound_alone_waits_to_its_limit)
{
    hall h;
    set_up(&h, MANY);
    const uint64_t due_us = 20 * MS + CK_HUB_GATHER_MS * MS;
    send(&h, CK_MEDIA_AUDIO, 20);
    send(&h, CK_MEDIA_AUDIO, 41);
    CK_CHECK_EQ(ck_hub_next_deadline(h.hub), due_us);
    ck_hub_on_deadline(h.hub, due_us - 1);
    CK_CHECK_EQ(told(&h), 0);
    ck_hub_on_deadline(h.hub, due_us);
    CK_CHECK_EQ(told(&h), MANY);
    CK_CHECK_EQ(drain_all(&h, due_us), 2);
    send(&h, CK_MEDIA_AUDIO, 200); /* a limit of its own */
    CK_CHECK_EQ(ck_hub_next_deadline(h.hub), 200 * MS + CK_HUB_GATHER_MS * MS);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, who_asks_by_itself_waits_too)
{
    hall h;
    set_up(&h, MANY);
    send(&h, CK_MEDIA_AUDIO, 20);
    CK_CHECK_EQ(drain(h.readers[0], 30 * MS, CHALK_ERR_AGAIN), 0);
    send(&h, CK_MEDIA_INTER, 60);
    CK_CHECK_EQ(drain_all(&h, 60 * MS), 2);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, a_newcomer_begins_at_once)
{
    hall h;
    set_up(&h, MANY - 1);
    enter(&h, 1, 0);
    CK_CHECK_EQ(told(&h), 1);
    send(&h, CK_MEDIA_AUDIO, 20);
    CK_CHECK_EQ(drain(h.readers[MANY - 1], 20 * MS, CHALK_ERR_AGAIN), 4);
    CK_CHECK_EQ(drain(h.readers[0], 20 * MS, CHALK_ERR_AGAIN), 0);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, when_many_are_few_nobody_waits)
{
    hall h;
    set_up(&h, MANY);
    send(&h, CK_MEDIA_AUDIO, 20);
    h.count--;
    ck_hub_read_close(&h.readers[h.count]);
    send(&h, CK_MEDIA_AUDIO, 41);
    CK_CHECK_EQ(told(&h), MANY - 1);
    CK_CHECK_EQ(drain_all(&h, 41 * MS), 2);
    tear_down(&h);
}

CK_TEST(edge_hub_gather, the_end_of_a_stream_is_told_at_once)
{
    hall h;
    set_up(&h, MANY);
    send(&h, CK_MEDIA_AUDIO, 20);
    ck_hub_unpublish(&h.stream, 30 * MS);
    CK_CHECK_EQ(told(&h), MANY);
    for (uint32_t i = 0; i < h.count; i++) {
        CK_CHECK_EQ(drain(h.readers[i], 30 * MS, CHALK_ERR_END), 1);
    }
    CK_CHECK(ck_hub_next_deadline(h.hub) == CK_NEVER);
    tear_down(&h);
}
