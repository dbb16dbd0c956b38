/* One RTMP connection: the protocol's core between its transport and the hub. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/rtmp_conn_inside.h"

#include <string.h>

#define CODEC_WORDS_MAX 96 /* bytes of "this server does not relay ..." */

static void release(ck_conn *base, uint64_t now_us)
{
    rtmp_conn *c = (rtmp_conn *)base;
    c->play_request = 0;
    ck_hub_read_close(&c->reader);
    ck_hub_unpublish(&c->published, now_us);
}

static void destroy(ck_conn *base)
{
    rtmp_conn *c = (rtmp_conn *)base;
    ck_rtmp_free(&c->rtmp);
    ck_free(&base->edge->budget.alloc, c->app);
    ck_free(&base->edge->budget.alloc, c->tc_url);
}

/* ---- events ---- */

static void take_media(rtmp_conn *c, const ck_flv_tag *tag, uint64_t now_us)
{
    const char *refused = NULL;
    /* Not the core's state: it may have read the end of the stream behind this tag already. */
    if (c->published == NULL) {
        return;
    }
    int status = ck_hub_send(c->published, tag, now_us, &refused);
    if (status == CHALK_ERR_CODEC_UNKNOWN && refused != NULL) {
        char words[CODEC_WORDS_MAX];
        ck_text text = ck_text_of(words, sizeof words);
        ck_text_add(&text, "this server does not relay ");
        ck_text_add(&text, refused);
        ck_rtmp_conn_dismiss(c, status, words, now_us);
    } else if (status < 0) {
        ck_rtmp_conn_dismiss(c, status, refused, now_us);
    }
}

static void take_closed(rtmp_conn *c, const ck_rtmp_event *event)
{
    int status = event->closed.status;
    if (ck_rtmp_conn_is_broken(status)) {
        ck_edge_refuse(c->base.edge, status);
    }
    ck_conn_end(&c->base, CK_EDGE_FAREWELL_MS, c->logged ? CHALK_OK : status, event->closed.text);
}

static void take_event(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us)
{
    switch (event->kind) {
    case CK_RTMP_EV_CONNECT_REQUEST:
        ck_rtmp_conn_connect(c, event, now_us);
        break;
    case CK_RTMP_EV_PUBLISH_REQUEST:
        ck_rtmp_conn_publish(c, event, now_us);
        break;
    case CK_RTMP_EV_PLAY_REQUEST:
        ck_rtmp_conn_play(c, event, now_us);
        break;
    case CK_RTMP_EV_STREAM_ENDED:
        release(&c->base, now_us);
        break;
    case CK_RTMP_EV_MEDIA:
        take_media(c, &event->media, now_us);
        break;
    case CK_RTMP_EV_KEY_FRAME:
        if (c->reader != NULL) {
            ck_hub_reader_want_key(c->reader, now_us);
        }
        break;
    case CK_RTMP_EV_CLOSED:
        take_closed(c, event);
        break;
    default: /* a client's events, and RTT: pings only ask whether anybody is there */
        break;
    }
}

static void take_events(rtmp_conn *c, uint64_t now_us)
{
    ck_rtmp_event event;
    while (!c->base.ending && ck_rtmp_poll_event(c->rtmp, &event)) {
        take_event(c, &event, now_us);
        ck_rtmp_event_free(&event);
    }
}

/* ---- output ---- */

static void answer_play(rtmp_conn *c, uint64_t now_us)
{
    uint64_t request = c->play_request;
    enum ck_hub_reader_state state = ck_hub_reader_state(c->reader);
    if (state == CK_HUB_WAITING) {
        return;
    }
    c->play_request = 0;
    if (state != CK_HUB_READING) {
        ck_rtmp_conn_reject(c, request, CHALK_ERR_NO_STREAM, NULL, now_us);
        ck_hub_read_close(&c->reader);
        return;
    }
    ck_logf(ck_rtmp_conn_log(c), 3, "edge", "rtmp %s: plays %s", ck_rtmp_conn_peer(c),
            c->name.path);
    ck_rtmp_accept(c->rtmp, request, now_us);
}

/* Gives the core the next tag of the hub; false when there is none. */
static bool give_tag(rtmp_conn *c, uint64_t now_us)
{
    ck_flv_tag tag;
    if (c->reader == NULL || c->play_request != 0) {
        return false;
    }
    int status = ck_hub_read(c->reader, now_us, &tag);
    if (status == CHALK_OK) {
        status = ck_rtmp_send(c->rtmp, &tag);
        ck_slice_unref(&tag.body);
        if (status == CHALK_OK) {
            return true;
        }
    }
    if (status == CHALK_ERR_END) {
        ck_hub_read_close(&c->reader);
        ck_rtmp_close(c->rtmp, now_us);
        return true; /* the core has its last words to say */
    }
    if (status != CHALK_ERR_AGAIN) {
        ck_conn_end(&c->base, 0, status, NULL);
    }
    return false;
}

void ck_rtmp_conn_pump(ck_conn *base, uint64_t now_us)
{
    rtmp_conn *c = (rtmp_conn *)base;
    ck_out out;
    if (c->play_request != 0) {
        answer_play(c, now_us);
    }
    if (c->reader != NULL && ck_hub_reader_state(c->reader) == CK_HUB_TOO_SLOW) {
        ck_conn_end(base, 0, CHALK_ERR_TIMEOUT, "the player cannot keep up");
    }
    while (!base->ending && ck_conn_room(base) > 0) {
        bool given = ck_rtmp_poll_output(c->rtmp, &out, now_us);
        if (given && !ck_conn_write(base, &out)) {
            return;
        }
        if (!given && !give_tag(c, now_us)) {
            break;
        }
    }
    take_events(c, now_us); /* the end that polling may have brought about */
}

void ck_rtmp_conn_ask_key(ck_conn *base, uint64_t now_us)
{
    rtmp_conn *c = (rtmp_conn *)base;
    /* UNSUPPORTED: this publisher makes key frames by time. */
    if (!base->ending && ck_rtmp_ask_key_frame(c->rtmp) == CHALK_OK) {
        ck_rtmp_conn_pump(base, now_us);
    }
}

static void on_data(void *user, ck_stream *stream, const uint8_t *data, size_t size)
{
    rtmp_conn *c = user;
    ck_edge *edge = c->base.edge;
    uint64_t now_us = ck_edge_now(edge);
    (void)stream;
    ck_conn_received(&c->base, size);
    if (c->published != NULL) {
        ck_hub_heard(c->published, now_us);
    }
    while (size > 0 && !c->base.ending) {
        size_t used = 0;
        int status = ck_rtmp_feed(c->rtmp, data, size, now_us, &used);
        take_events(c, now_us);
        if (status < 0) {
            break; /* the CLOSED event has told why */
        }
        data += used;
        size -= used;
    }
    if (!c->base.ending) {
        ck_rtmp_conn_pump(&c->base, now_us);
    }
    ck_edge_settle(edge);
}

/* ---- time ---- */

static void tick(ck_conn *base, uint64_t now_us)
{
    rtmp_conn *c = (rtmp_conn *)base;
    if (now_us >= ck_rtmp_next_deadline(c->rtmp)) {
        ck_rtmp_on_deadline(c->rtmp, now_us);
    }
    bool streaming = c->published != NULL || c->reader != NULL;
    uint64_t patience_us = c->published != NULL ? CK_EDGE_PUBLISHER_SILENCE_US : CK_EDGE_SILENCE_US;
    if (streaming && now_us - base->heard_us >= patience_us) {
        /* AGAIN: one is under way, and its deadline will tell. */
        (void)ck_rtmp_ping(c->rtmp, now_us);
    }
    ck_rtmp_conn_pump(base, now_us);
}

static void stop(ck_conn *base, uint64_t now_us)
{
    rtmp_conn *c = (rtmp_conn *)base;
    ck_hub_unpublish(&c->published, now_us);
    /* A player first gets what the hub still has, then its END brings the farewell. */
    if (c->reader == NULL || c->play_request != 0) {
        ck_rtmp_close(c->rtmp, now_us);
    }
    ck_rtmp_conn_pump(base, now_us);
}

static const ck_conn_kind kind = {
    .name = "rtmp",
    .data = on_data,
    .pump = ck_rtmp_conn_pump,
    .tick = tick,
    .stop = stop,
    .release = release,
    .destroy = destroy,
};

/* What is relayed (Enhanced RTMP v2, "fourCcList" and the maps beside it). */
#define RELAYED(fourcc_, audio_)                                                                   \
    {                                                                                              \
        .fourcc = fourcc_, .audio = audio_, .can = CK_RTMP_CAN_FORWARD                             \
    }
static const ck_rtmp_codec relayed[] = {
    RELAYED("avc1", false), RELAYED("hvc1", false), RELAYED("vvc1", false), RELAYED("vp08", false),
    RELAYED("vp09", false), RELAYED("av01", false), RELAYED("mp4a", true),  RELAYED("Opus", true),
    RELAYED("fLaC", true),  RELAYED(".mp3", true),  RELAYED("ac-3", true),  RELAYED("ec-3", true),
};

static int create_core(rtmp_conn *c, uint64_t now_us)
{
    uint64_t seed = 0;
    ck_rtmp_config config = {
        .alloc = &c->base.edge->budget.alloc,
        .role = CK_RTMP_SERVER,
        .codec_count = CK_COUNT_OF(relayed),
        .key_frames = true,
        .message_bytes_max = CK_EDGE_MESSAGE_MAX,
        .reassembly_bytes_max = CK_EDGE_REASSEMBLY_MAX,
        .chunk_size = CK_EDGE_CHUNK_SIZE,
        .setup_timeout_us = CK_EDGE_SETUP_US,
        .pong_timeout_us = CK_EDGE_PONG_US,
        .close_timeout_us = CK_EDGE_FAREWELL_MS * CK_US_PER_MS,
    };
    memcpy(config.codecs, relayed, sizeof relayed);
    int status = ck_entropy(&seed, sizeof seed);
    return status < 0 ? status : ck_rtmp_init(&c->rtmp, &config, seed, now_us);
}

int ck_rtmp_conn_accept(void *user, ck_socket socket, const char *peer)
{
    ck_edge *edge = user;
    rtmp_conn *c = NULL;
    int status = CHALK_ERR_LIMIT;
    if (ck_edge_connections(edge) < edge->connections_max) {
        c = ck_new(&edge->budget.alloc, sizeof *c);
        status = c != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        c->base.edge = edge;
        status = create_core(c, ck_edge_now(edge));
    }
    if (status == CHALK_OK) {
        status = ck_conn_open(edge, &c->base, &kind, socket);
    }
    if (status < 0) {
        ck_logf(&edge->log, 2, "edge", "rtmp %s: refused: %s", peer, chalk_error_text(status));
        ck_edge_refuse(edge, status);
        if (c != NULL) {
            destroy(&c->base);
            ck_free(&edge->budget.alloc, c);
        }
    }
    ck_edge_settle(edge);
    return status;
}
