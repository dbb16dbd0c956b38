/*
 * A random walk over the hub: publishers come and go, send, change their headers; readers come,
 * read at their own pace or not at all, leave. Whatever happens, each reader decodes: no picture
 * without its key frame and every picture between, no frame under a header that is not its own,
 * sound never backwards; and memory stays below its limit and is all given back.
 */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"
#include "unit/edge_tags.h"

#define MS         1000ull
#define PUBLISHERS 3
#define READERS    12
#define STEPS      20000
#define MEMORY_MAX 40000

typedef struct publisher {
    ck_hub_stream *stream;
    ck_stream_name name;
    uint8_t life; /* which of its streams */
    uint8_t config;
    uint16_t gop;
    uint32_t picture;
    uint32_t sound;
    uint32_t ms;
    bool has_key;
} publisher;

typedef struct reader {
    ck_hub_reader *reader;
    uint32_t pace; /* of 100 chances to read */
    int life;      /* of the stream it reads, -1: not known yet */
    int video_config;
    int audio_config;
    bool has_picture;
    uint16_t gop;
    uint32_t picture;
    uint32_t sound;
} reader;

typedef struct walk {
    ck_failing_alloc memory;
    ck_rng rng;
    ck_hub *hub;
    uint64_t now_us;
    publisher publishers[PUBLISHERS];
    reader readers[READERS];
    uint64_t read_count;
    uint64_t pictures_read;
} walk;

static void send(walk *w, publisher *p, enum ck_media_class class, uint32_t number)
{
    tag_mark mark = {.stream = p->life, .config = p->config, .gop = p->gop, .number = number};
    size_t padding = ck_rng_below(&w->rng, 600);
    ck_flv_tag tag = tag_make(&w->memory.alloc, class, p->ms, mark, padding);
    CK_CHECK_EQ(ck_hub_send(p->stream, &tag, w->now_us, NULL), CHALK_OK);
    ck_slice_unref(&tag.body);
}

static void send_headers(walk *w, publisher *p)
{
    p->config++;
    p->has_key = false;
    send(w, p, CK_MEDIA_VIDEO_CONFIG, 0);
    send(w, p, CK_MEDIA_AUDIO_CONFIG, 0);
}

static void step_publisher(walk *w, publisher *p)
{
    void *replaced;
    uint64_t dice = ck_rng_below(&w->rng, 1000);
    if (p->stream == NULL) {
        if (dice < 200) {
            CK_CHECK_EQ(ck_hub_publish(w->hub, &p->name, "x", p, w->now_us, &p->stream, &replaced),
                        CHALK_OK);
            p->life++;
            send_headers(w, p);
        }
        return;
    }
    p->ms += 20;
    if (dice < 3) {
        ck_hub_unpublish(&p->stream, w->now_us);
    } else if (dice < 10) {
        send_headers(w, p);
    } else if (dice < 60 || !p->has_key) {
        p->gop++;
        p->picture = 0;
        p->has_key = true;
        send(w, p, CK_MEDIA_KEY, 0);
    } else if (dice < 500) {
        send(w, p, CK_MEDIA_INTER, ++p->picture);
    } else {
        send(w, p, CK_MEDIA_AUDIO, ++p->sound);
    }
}

static void check_tag(reader *r, const ck_flv_tag *tag)
{
    enum ck_media_class class = tag_class(tag);
    tag_mark mark = tag_read_mark(tag);
    CK_CHECK(r->life == -1 || r->life == mark.stream);
    r->life = mark.stream;
    switch (class) {
    case CK_MEDIA_VIDEO_CONFIG:
        CK_CHECK(mark.config != r->video_config);
        r->video_config = mark.config;
        break;
    case CK_MEDIA_AUDIO_CONFIG:
        r->audio_config = mark.config;
        break;
    case CK_MEDIA_KEY:
        CK_CHECK_EQ(mark.config, r->video_config);
        r->has_picture = true;
        r->gop = mark.gop;
        r->picture = 0;
        break;
    case CK_MEDIA_INTER:
        CK_CHECK(r->has_picture && mark.config == r->video_config);
        CK_CHECK_EQ(mark.gop, r->gop);
        CK_CHECK_EQ(mark.number, r->picture + 1);
        r->picture = mark.number;
        break;
    case CK_MEDIA_AUDIO:
        CK_CHECK_EQ(mark.config, r->audio_config);
        CK_CHECK(mark.number > r->sound);
        r->sound = mark.number;
        break;
    default:
        CK_FAIL("a tag of class %d", (int)class);
    }
}

static void step_reader(walk *w, reader *r)
{
    ck_flv_tag tag;
    if (r->reader == NULL) {
        const publisher *p = &w->publishers[ck_rng_below(&w->rng, PUBLISHERS)];
        uint32_t pace = (uint32_t)ck_rng_below(&w->rng, 4) * 33;
        *r = (reader){.pace = pace, .life = -1, .video_config = -1, .audio_config = -1};
        CK_CHECK_EQ(ck_hub_read_open(w->hub, &p->name, r, w->now_us, &r->reader), CHALK_OK);
        return;
    }
    if (ck_rng_below(&w->rng, 2000) == 0) {
        ck_hub_read_close(&r->reader);
        return;
    }
    while (ck_rng_below(&w->rng, 100) < r->pace) {
        int status = ck_hub_read(r->reader, w->now_us, &tag);
        if (status == CHALK_ERR_AGAIN) {
            return;
        }
        if (status != CHALK_OK) {
            ck_hub_read_close(&r->reader);
            return;
        }
        check_tag(r, &tag);
        w->read_count++;
        w->pictures_read += tag.type == CK_FLV_VIDEO;
        ck_slice_unref(&tag.body);
    }
}

static void set_up(walk *w, uint64_t seed)
{
    static const char *const paths[PUBLISHERS] = {"a/x/screen", "a/x/camera", "b/y/screen"};
    memset(w, 0, sizeof *w);
    ck_failing_alloc_init(&w->memory, 0);
    ck_rng_seed(&w->rng, seed);
    const ck_hub_config config = {.alloc = &w->memory.alloc,
                                  .streams_max = PUBLISHERS,
                                  .memory_max = MEMORY_MAX,
                                  .gop_max_ms = 2000,
                                  .reader_max_ms = 500};
    CK_CHECK_EQ(ck_hub_init(&w->hub, &config), CHALK_OK);
    for (int i = 0; i < PUBLISHERS; i++) {
        w->publishers[i].name = name_of(paths[i]);
    }
}

static void tear_down(walk *w)
{
    for (int i = 0; i < READERS; i++) {
        ck_hub_read_close(&w->readers[i].reader);
    }
    for (int i = 0; i < PUBLISHERS; i++) {
        ck_hub_unpublish(&w->publishers[i].stream, w->now_us);
    }
    ck_hub_stats stats;
    ck_hub_get_stats(w->hub, &stats);
    CK_CHECK_EQ(stats.memory_bytes, 0);
    /* The walk is only worth something when it went everywhere. */
    CK_CHECK_ROW(w->read_count, w->read_count > 10000 && w->pictures_read > 1000);
    CK_CHECK_ROW(stats.frames_dropped, stats.frames_dropped > 100);
    CK_CHECK_ROW(stats.readers_closed, stats.readers_closed > 10);
    ck_hub_free(&w->hub);
    CK_CHECK_EQ(w->memory.live, 0);
}

CK_TEST(edge_hub_walk, every_reader_can_decode_what_it_gets)
{
    CK_FOR_SEEDS(seed, 8)
    {
        walk w;
        set_up(&w, seed);
        for (int step = 0; step < STEPS; step++) {
            ck_hub_stats stats;
            w.now_us += ck_rng_below(&w.rng, 5 * MS);
            step_publisher(&w, &w.publishers[ck_rng_below(&w.rng, PUBLISHERS)]);
            for (int i = 0; i < 4; i++) {
                step_reader(&w, &w.readers[ck_rng_below(&w.rng, READERS)]);
            }
            while (ck_hub_poll_ready(w.hub) != NULL) {
            }
            if (w.now_us >= ck_hub_next_deadline(w.hub)) {
                ck_hub_on_deadline(w.hub, w.now_us);
            }
            ck_hub_get_stats(w.hub, &stats);
            CK_CHECK(stats.memory_bytes <= MEMORY_MAX);
        }
        tear_down(&w);
    }
}
