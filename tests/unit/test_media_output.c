/* A URL output against a server that reads slowly, disappears, or gets only half of what was
 * announced. Packets are made up: nobody decodes them here. */
#include "media_server.h"

#include "base/check.h"
#include "runtime/media/output.h"
#include "support/check.h"

#include <stdio.h>

typedef struct publisher {
    ck_loop *loop;
    media_server server;
    ck_output *output;
    unsigned live, closed, congested, relieved, keys_wanted;
    int cause;
    int64_t now_us; /* of the stream made up */
    bool key_next;
    uint64_t given; /* packets that are no configuration */
} publisher;

static void on_changed(void *user, const ck_output_change *change)
{
    publisher *p = user;
    p->live += change->state == CHALK_LINK_LIVE;
    p->closed += change->state == CHALK_LINK_CLOSED;
    p->cause = change->cause;
}

static void on_congested(void *user, bool congested, uint64_t dropped)
{
    publisher *p = user;
    p->congested += congested;
    p->relieved += !congested;
    CK_CHECK(!congested || dropped > 0);
}

static void on_want_key(void *user)
{
    publisher *p = user;
    p->keys_wanted++;
    p->key_next = true;
}

static void open_publisher(publisher *p, bool video, bool audio)
{
    memset(p, 0, sizeof *p);
    p->loop = net_loop();
    p->server = (media_server){.kind = SERVER_RTMP};
    media_server_start(&p->server, p->loop);
    char url[64];
    snprintf(url, sizeof url, "rtmp://127.0.0.1:%u/a/b", media_server_port(&p->server));
    const chalk_output_options options = {
        .struct_size = sizeof options, .url = url, .queue_max_ms = 500};
    const ck_output_config config = {.options = &options,
                                     .video_codec = video ? CHALK_CODEC_H264 : 0,
                                     .audio_codec = audio ? CHALK_CODEC_AAC : 0,
                                     .loop = p->loop};
    const ck_output_host host = {
        .changed = on_changed, .congested = on_congested, .want_key = on_want_key, .user = p};
    CK_CHECK_EQ(ck_output_url.create(&config, &host, &p->output), CHALK_OK);
}

static void close_publisher(publisher *p)
{
    ck_output_url.destroy(&p->output);
    media_server_stop(&p->server);
    net_settle(p->loop);
    ck_loop_destroy(&p->loop);
}

static chalk_output_stats stats_of(publisher *p)
{
    chalk_output_stats stats = {.struct_size = sizeof stats};
    ck_output_url.get_stats(p->output, &stats);
    return stats;
}

static void put(publisher *p, uint32_t media, bool key, bool config, size_t size)
{
    static const uint8_t bytes[1 << 17];
    const ck_packet packet = {
        .codec = media == CHALK_MEDIA_VIDEO ? CHALK_CODEC_H264 : CHALK_CODEC_AAC,
        .key = key,
        .config = config,
        .pts_us = config ? 0 : p->now_us,
        .dts_us = config ? 0 : p->now_us,
        .payload = ck_slice_static(bytes, size),
    };
    ck_output_url.packet(p->output, media, &packet);
    p->given += !config;
}

static void put_configs(publisher *p)
{
    put(p, CHALK_MEDIA_VIDEO, true, true, 40);
    put(p, CHALK_MEDIA_AUDIO, true, true, 2);
}

/* 40 ms of a stream: a picture and two frames of sound, then a turn of the loop. */
static void play_40_ms(publisher *p, size_t picture_size)
{
    put(p, CHALK_MEDIA_AUDIO, true, false, 200);
    put(p, CHALK_MEDIA_VIDEO, p->key_next, false, picture_size);
    p->key_next = false;
    p->now_us += 20000;
    put(p, CHALK_MEDIA_AUDIO, true, false, 200);
    p->now_us += 20000;
    (void)ck_loop_poll(p->loop);
}

static bool is_live(void *arg)
{
    return ((publisher *)arg)->live > 0;
}

static bool is_live_again(void *arg)
{
    return ((publisher *)arg)->live > 1;
}

static bool is_closed(void *arg)
{
    return ((publisher *)arg)->closed > 0;
}

/* Every picture refers to the one before it: after a gap there must be a key frame. */
static void check_groups(const publisher *p)
{
    const media_server *s = &p->server;
    uint32_t last_ms = 0;
    bool any = false;
    for (size_t i = 0; i < s->tag_count; i++) {
        const server_tag *t = &s->tags[i];
        if (t->type != CK_FLV_VIDEO || t->config) {
            continue;
        }
        bool follows = any && t->timestamp_ms - last_ms <= 40;
        CK_CHECK_ROW(i, follows || t->key);
        any = true;
        last_ms = t->timestamp_ms;
    }
}

CK_TEST(media_output, headers_come_first_and_carry_the_time_of_what_follows)
{
    static publisher p;
    open_publisher(&p, true, true);
    net_wait(p.loop, is_live, &p);
    CK_CHECK(p.keys_wanted > 0);
    p.now_us = INT64_C(3600000000); /* the publication has run for an hour */
    put(&p, CHALK_MEDIA_VIDEO, true, true, 40);
    play_40_ms(&p, 1000); /* the sound's configuration is still missing */
    put(&p, CHALK_MEDIA_AUDIO, true, true, 2);
    for (int i = 0; i < 10; i++) {
        p.key_next = p.key_next || i == 0;
        play_40_ms(&p, 1000);
    }
    net_settle(p.loop);
    const server_tag *t = p.server.tags;
    CK_CHECK(p.server.tag_count > 10);
    CK_CHECK_EQ(t[0].type, CK_FLV_SCRIPT);
    CK_CHECK(t[1].type == CK_FLV_AUDIO || t[1].type == CK_FLV_VIDEO);
    CK_CHECK(t[1].config && t[2].config && t[1].type != t[2].type);
    for (size_t i = 0; i < p.server.tag_count; i++) {
        CK_CHECK_ROW(i, t[i].timestamp_ms >= 3600000 && t[i].timestamp_ms < 3601000);
    }
    check_groups(&p);
    CK_CHECK_EQ(p.congested, 0);
    chalk_output_stats stats = stats_of(&p);
    CK_CHECK_EQ(stats.frames_sent + stats.frames_dropped, 33);
    CK_CHECK(stats.frames_sent >= 29 && stats.bytes_sent > 10000);
    CK_CHECK_EQ(stats.reconnects, 0);
    close_publisher(&p);
}

CK_TEST(media_output, a_medium_that_never_comes_holds_up_nothing)
{
    static publisher p;
    for (int told = 0; told < 2; told++) {
        open_publisher(&p, true, true);
        net_wait(p.loop, is_live, &p);
        put(&p, CHALK_MEDIA_AUDIO, true, true, 2);
        if (told == 1) {
            ck_output_url.without(p.output, CHALK_MEDIA_VIDEO);
        }
        for (int i = 0; i < 250 && p.server.tag_count == 0; i++) {
            put(&p, CHALK_MEDIA_AUDIO, true, false, 200);
            p.now_us += 20000;
            (void)ck_loop_poll(p.loop);
        }
        net_settle(p.loop);
        CK_CHECK_ROW(told, p.server.tag_count >= 2);
        CK_CHECK_ROW(p.now_us, told == 1 ? p.now_us < 1000000 : p.now_us >= 4000000);
        put(&p, CHALK_MEDIA_VIDEO, true, true, 40); /* late, but welcome */
        p.key_next = true;
        size_t before = p.server.tag_count;
        play_40_ms(&p, 1000);
        net_settle(p.loop);
        unsigned pictures = 0;
        for (size_t i = before; i < p.server.tag_count; i++) {
            pictures += p.server.tags[i].type == CK_FLV_VIDEO;
        }
        CK_CHECK_ROW(told, pictures == 2); /* its configuration and itself */
        close_publisher(&p);
    }
}

CK_TEST(media_output, a_slow_server_costs_whole_groups_of_pictures_and_then_recovers)
{
    static publisher p;
    bool changed = false;
    open_publisher(&p, true, true);
    net_wait(p.loop, is_live, &p);
    put_configs(&p);
    for (int i = 0; i < 25; i++) {
        play_40_ms(&p, 20000);
    }
    net_settle(p.loop);
    CK_CHECK_EQ(p.congested, 0);
    CK_CHECK(p.server.stream != NULL);
    ck_stream_pause(p.server.stream); /* what the kernels hold fills up, then our queue */
    for (int i = 0; i < 2000 && p.congested == 0; i++) {
        if (stats_of(&p).queue_ms >= 200 && !changed) {
            changed = true; /* a new configuration gets into the queue that will be dropped */
            put(&p, CHALK_MEDIA_VIDEO, true, true, 77);
        }
        play_40_ms(&p, 60000);
    }
    CK_CHECK_EQ(p.congested, 1);
    CK_CHECK_EQ(stats_of(&p).congested, 1);
    CK_CHECK(stats_of(&p).queue_ms >= 100);
    for (int i = 0; i < 50; i++) {
        play_40_ms(&p, 60000);
    }
    CK_CHECK(p.server.stream != NULL);
    ck_stream_resume(p.server.stream);
    for (int i = 0; i < 500 && p.relieved < p.congested; i++) {
        net_settle(p.loop);
        play_40_ms(&p, 20000);
    }
    CK_CHECK_EQ(p.relieved, p.congested);
    for (int i = 0; i < 25; i++) {
        play_40_ms(&p, 20000);
        net_settle(p.loop);
    }
    check_groups(&p);
    CK_CHECK(changed);
    bool configured = false;
    for (size_t i = 0; i < p.server.tag_count; i++) {
        const server_tag *t = &p.server.tags[i];
        configured = configured || (t->config && t->type == CK_FLV_VIDEO && t->size == 77 + 5);
    }
    CK_CHECK(configured);
    uint64_t arrived = 0; /* is what counts as sent, though some of it was taken back */
    for (size_t i = 0; i < p.server.tag_count; i++) {
        arrived += p.server.tags[i].type != CK_FLV_SCRIPT && !p.server.tags[i].config;
    }
    CK_CHECK_EQ(stats_of(&p).frames_sent, arrived);
    CK_CHECK_EQ(stats_of(&p).frames_sent + stats_of(&p).frames_dropped, p.given);
    CK_CHECK_EQ(stats_of(&p).congested, 0);
    CK_CHECK_EQ(stats_of(&p).queue_ms, 0);
    ck_output_url.stop(p.output, CHALK_ORIGIN_USER);
    net_wait(p.loop, is_closed, &p);
    CK_CHECK_EQ(p.cause, CHALK_OK);
    CK_CHECK_EQ(p.server.ended, 1);
    close_publisher(&p);
}

CK_TEST(media_output, what_is_queued_is_sent_before_the_end)
{
    static publisher p;
    open_publisher(&p, true, true);
    net_wait(p.loop, is_live, &p);
    put_configs(&p);
    p.key_next = true;
    for (int i = 0; i < 10; i++) { /* 400 ms and 1 MB, without a turn of the loop in between */
        put(&p, CHALK_MEDIA_VIDEO, i == 0, false, 100000);
        p.now_us += 40000;
    }
    (void)ck_loop_poll(p.loop);
    ck_output_url.stop(p.output, CHALK_ORIGIN_USER);
    net_wait(p.loop, is_closed, &p);
    net_settle(p.loop);
    CK_CHECK_EQ(p.cause, CHALK_OK);
    CK_CHECK_EQ(p.server.ended, 1);
    size_t pictures = 0;
    for (size_t i = 0; i < p.server.tag_count; i++) {
        pictures += p.server.tags[i].type == CK_FLV_VIDEO && !p.server.tags[i].config;
    }
    CK_CHECK_EQ(pictures, stats_of(&p).frames_sent);
    CK_CHECK_EQ(pictures, 10);
    close_publisher(&p);
}

CK_TEST(media_output, after_a_reconnection_the_stream_begins_anew)
{
    static publisher p;
    open_publisher(&p, true, true);
    net_wait(p.loop, is_live, &p);
    put_configs(&p);
    for (int i = 0; i < 25; i++) {
        play_40_ms(&p, 1000);
    }
    net_settle(p.loop);
    size_t before = p.server.tag_count;
    media_server_cut(&p.server);
    while (p.live < 2) {
        play_40_ms(&p, 1000); /* goes nowhere, and is counted */
        net_step(p.loop);
    }
    net_wait(p.loop, is_live_again, &p);
    for (int i = 0; i < 25; i++) {
        play_40_ms(&p, 1000);
    }
    net_settle(p.loop);
    const server_tag *t = p.server.tags + before;
    CK_CHECK_EQ(t[0].type, CK_FLV_SCRIPT);
    CK_CHECK(t[1].config && t[2].config);
    check_groups(&p);
    CK_CHECK_EQ(stats_of(&p).reconnects, 1);
    CK_CHECK(stats_of(&p).frames_dropped > 0);
    CK_CHECK_EQ(p.congested, 0); /* a pause is none */
    close_publisher(&p);
}

CK_TEST(media_output, packets_that_nobody_fetches_are_bounded)
{
    static publisher p;
    open_publisher(&p, true, true);
    net_wait(p.loop, is_live, &p);
    put_configs(&p);
    for (int i = 0; i < 5000; i++) { /* the loop is busy elsewhere */
        put(&p, CHALK_MEDIA_VIDEO, i % 50 == 0, false, 100);
        p.now_us += 1000;
    }
    CK_CHECK(stats_of(&p).frames_dropped >= 5000 - 1024);
    for (int i = 0; i < 100; i++) {
        play_40_ms(&p, 100);
        net_settle(p.loop);
    }
    check_groups(&p);
    CK_CHECK(p.server.tag_count > 300);
    close_publisher(&p);
}

CK_TEST(media_output, it_may_be_destroyed_with_work_on_its_way)
{
    static publisher p;
    for (int when = 0; when < 4; when++) {
        open_publisher(&p, true, true);
        if (when >= 1) {
            net_wait(p.loop, is_live, &p);
        }
        put_configs(&p);
        play_40_ms(&p, 1000);
        if (when >= 2) {
            ck_output_url.stop(p.output, CHALK_ORIGIN_USER);
        }
        put(&p, CHALK_MEDIA_AUDIO, true, false, 100); /* a job waits in the loop */
        if (when == 3) {
            net_wait(p.loop, is_closed, &p);
            put(&p, CHALK_MEDIA_AUDIO, true, false, 100);
        }
        close_publisher(&p);
    }
}
