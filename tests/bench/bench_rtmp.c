/* RTMP: a publisher and a server, bytes carried from one to the other as a transport would. */
#include "bench/bench.h"

#include "chalkrail/errors.h"

#include "core/rtmp/rtmp.h"
#include "support/alloc.h"

#define MESSAGES   2000u
#define BODY_BYTES 4000u

typedef struct link {
    ck_rtmp *client;
    ck_rtmp *server;
    bool streaming;
    uint64_t arrived; /* messages */
    uint64_t now_us;
} link;

static void on_event(link *l, ck_rtmp *who, ck_rtmp_event *event)
{
    switch (event->kind) {
    case CK_RTMP_EV_CONNECT_REQUEST:
    case CK_RTMP_EV_PUBLISH_REQUEST:
        ck_rtmp_accept(who, event->request, l->now_us);
        break;
    case CK_RTMP_EV_PUBLISH_STARTED:
        l->streaming = true;
        break;
    case CK_RTMP_EV_MEDIA:
        l->arrived++;
        break;
    default:
        break;
    }
    ck_rtmp_event_free(event);
}

static void deliver(link *l, ck_rtmp *to, const uint8_t *data, size_t size)
{
    while (size > 0) {
        size_t used = 0;
        int status = ck_rtmp_feed(to, data, size, l->now_us, &used);
        ck_rtmp_event event;
        while (ck_rtmp_poll_event(to, &event)) {
            on_event(l, to, &event);
        }
        if (status < 0) {
            return;
        }
        data += used;
        size -= used;
    }
}

/* Carries everything that one side has to write; false when it had nothing. */
static bool carry(link *l, ck_rtmp *from, ck_rtmp *to)
{
    bool any = false;
    ck_out out;
    while (ck_rtmp_poll_output(from, &out, l->now_us)) {
        deliver(l, to, out.head, out.head_size);
        deliver(l, to, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
        any = true;
    }
    return any;
}

static void settle(link *l)
{
    bool any = true;
    while (any) {
        any = carry(l, l->client, l->server);
        any = carry(l, l->server, l->client) || any;
    }
}

static bool open_link(link *l)
{
    *l = (link){.now_us = 1};
    ck_rtmp_config client = {
        .alloc = &ck_test_heap,
        .role = CK_RTMP_CLIENT,
        .mode = CK_RTMP_PUBLISH,
        .tc_url = "rtmp://localhost/live",
        .app = "live",
        .stream = "bench",
    };
    ck_rtmp_config server = {.alloc = &ck_test_heap, .role = CK_RTMP_SERVER};
    if (ck_rtmp_init(&l->client, &client, 1, l->now_us) == CHALK_OK &&
        ck_rtmp_init(&l->server, &server, 2, l->now_us) == CHALK_OK) {
        settle(l);
    }
    return l->streaming;
}

static size_t run_link(uint64_t *units)
{
    link l;
    ck_flv_tag tag = {.type = CK_FLV_VIDEO, .body = ck_slice_new(&ck_test_heap, BODY_BYTES)};
    bool ok = open_link(&l) && tag.body.data != NULL;
    if (ok) {
        ck_bench_fill(ck_slice_mutable(tag.body), BODY_BYTES, 3);
    }
    for (uint32_t i = 0; ok && i < MESSAGES; i++) {
        l.now_us += 40000;
        tag.timestamp_ms = i * 40;
        ok = ck_rtmp_send(l.client, &tag) == CHALK_OK;
        settle(&l);
    }
    *units = l.arrived;
    ck_slice_unref(&tag.body);
    ck_rtmp_free(&l.client);
    ck_rtmp_free(&l.server);
    return ok && *units == MESSAGES ? (size_t)MESSAGES * BODY_BYTES : 0;
}

const ck_bench ck_bench_rtmp_link = {"rtmp_link", "message of 4,000 bytes, sent and received",
                                     run_link};
