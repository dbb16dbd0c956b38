/*
 * Encodings' threads put packets into the inbox and post one job; the loop's thread empties it into
 * the sender.
 *
 * Lock: `lock` guards its group of fields. It is a leaf. `sender`, `link` and the group named after
 * the loop belong to the loop's thread.
 *
 * A posted job may still be queued when the output is destroyed, so the memory is counted: one
 * reference is the owner's, one the job's.
 */
#include "runtime/media/output.h"

#include "base/check.h"
#include "runtime/media/link.h"
#include "runtime/media/packet_queue.h"
#include "runtime/media/sender.h"
#include "runtime/media/states.h"

#include <uv.h>

#define INBOX_PACKETS    1024
#define INBOX_BYTES      (32u << 20)
#define QUEUE_DEFAULT_MS 2000

struct ck_output {
    ck_output_host host;
    ck_loop *loop;
    char *url;
    ck_link_config link_config;
    int open_status;

    /* The loop's thread: */
    ck_link *link;
    ck_sender sender;
    bool live;
    bool lived; /* was live before: the next time is a reconnection */
    bool told_congested;

    uv_mutex_t lock;
    ck_packet_queue inbox;
    bool posted;
    bool destroyed;
    ck_job job;
    unsigned references;
    chalk_output_stats stats;
};

static void unref(ck_output *o)
{
    uv_mutex_lock(&o->lock);
    unsigned left = --o->references;
    uv_mutex_unlock(&o->lock);
    if (left > 0) {
        return;
    }
    ck_packet_queue_free(&o->inbox);
    ck_sender_free(&o->sender);
    uv_mutex_destroy(&o->lock);
    ck_free(&ck_heap, o->url);
    ck_free(&ck_heap, o);
}

/* --- loop thread: sending -------------------------------------------------------------------- */

static void tell_congestion(ck_output *o)
{
    const ck_gate *gate = &o->sender.gate;
    if (gate->congested != o->told_congested) {
        o->told_congested = gate->congested;
        o->host.congested(o->host.user, gate->congested, gate->dropped);
    }
}

static void send_media(ck_output *o, uint32_t media, const ck_packet *packet)
{
    ck_sender_result result = {0};
    if (o->live) {
        result = ck_sender_put(&o->sender, media, packet);
    }
    if (result.want_key) {
        o->host.want_key(o->host.user);
    }
    tell_congestion(o);
    uv_mutex_lock(&o->lock);
    uint64_t taken_back = CK_MIN(result.taken_back, o->stats.frames_sent);
    o->stats.frames_sent += (uint64_t)result.sent - taken_back;
    o->stats.frames_dropped += (uint64_t)!result.sent + taken_back;
    o->stats.congested = o->told_congested;
    uv_mutex_unlock(&o->lock);
}

static void update_stats(ck_output *o)
{
    if (o->link == NULL) {
        return;
    }
    uint64_t queue_us = o->live ? ck_sender_backlog_us(&o->sender) : 0;
    uint64_t sent = ck_link_bytes_sent(o->link);
    uv_mutex_lock(&o->lock);
    o->stats.queue_ms = (uint32_t)(queue_us / 1000);
    o->stats.bytes_sent = sent;
    uv_mutex_unlock(&o->lock);
}

static bool take(ck_output *o, uint32_t *media, ck_packet *packet)
{
    uv_mutex_lock(&o->lock);
    bool got = !o->destroyed && ck_packet_queue_take(&o->inbox, media, packet);
    o->posted = got;
    uv_mutex_unlock(&o->lock);
    return got;
}

static void empty_inbox(void *arg, bool cancelled)
{
    ck_output *o = arg;
    uint32_t media;
    ck_packet packet;
    while (!cancelled && take(o, &media, &packet)) {
        if (packet.config) {
            ck_sender_config(&o->sender, media, &packet);
        } else {
            send_media(o, media, &packet);
        }
        ck_packet_unref(&packet);
    }
    if (!cancelled) {
        update_stats(o);
    }
    unref(o);
}

/* --- loop thread: the link's states ---------------------------------------------------------- */

static void go_live(ck_output *o)
{
    o->live = true;
    ck_sender_restart(&o->sender);
    tell_congestion(o);
    if (o->host.asks_keys != NULL) {
        o->host.asks_keys(o->host.user, ck_link_asks_key_frames(o->link));
    }
    o->host.want_key(o->host.user);
}

static void link_key_frame(void *user)
{
    ck_output *o = user;
    o->host.want_key(o->host.user);
}

static void link_state(void *user, const ck_session_event *event, const char *text)
{
    ck_output *o = user;
    const ck_output_change change = {
        .state = ck_state_public(event->to),
        .cause = event->cause,
        .origin = ck_origin_public(event->origin),
        .retry_in_us = event->retry_in_us,
        .text = text,
    };
    o->live = false;
    bool again = change.state == CHALK_LINK_LIVE && o->lived;
    if (change.state == CHALK_LINK_LIVE) {
        o->lived = true;
        go_live(o);
    }
    uv_mutex_lock(&o->lock);
    uint32_t before = o->stats.state;
    o->stats.reconnects += again;
    o->stats.state = change.state;
    o->stats.cause = change.cause;
    o->stats.congested = o->told_congested;
    uv_mutex_unlock(&o->lock);
    update_stats(o);
    if (before != change.state || change.cause < 0) {
        o->host.changed(o->host.user, &change); /* last: after CLOSED the owner may destroy it */
    }
}

/* --- the owner's side ------------------------------------------------------------------------ */

static void open_link(void *arg)
{
    ck_output *o = arg;
    const ck_link_host host = {.state = link_state, .key_frame = link_key_frame, .user = o};
    o->open_status = ck_link_open(o->loop, &o->link_config, &host, &o->link);
    o->sender.link = o->link;
}

/* What needs no loop; on an error nothing is left. */
static int make(const ck_output_config *config, const ck_output_host *host, ck_output **out)
{
    const chalk_output_options *options = config->options;
    ck_output *o = ck_new(&ck_heap, sizeof *o);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->references = 1;
    o->host = *host;
    o->loop = config->loop;
    o->job = (ck_job){.fn = empty_inbox, .arg = o};
    int status = uv_mutex_init(&o->lock) == 0 ? CHALK_OK : CHALK_ERR_LIMIT;
    if (status < 0) {
        ck_free(&ck_heap, o);
        return status;
    }
    uint64_t queue_ms = options->queue_max_ms != 0 ? options->queue_max_ms : QUEUE_DEFAULT_MS;
    ck_sender_init(&o->sender, config->video_codec != 0, config->audio_codec != 0,
                   queue_ms * CK_US_PER_MS, config->stamps);
    o->stats.state = CHALK_LINK_CONNECTING;
    o->url = ck_strdup(&ck_heap, options->url);
    status = ck_packet_queue_init(&o->inbox, INBOX_PACKETS, INBOX_BYTES);
    if (o->url == NULL || status < 0) {
        unref(o);
        return CHALK_ERR_NO_MEMORY;
    }
    *out = o;
    return CHALK_OK;
}

static int url_create(const ck_output_config *config, const ck_output_host *host, ck_output **out)
{
    const chalk_output_options *options = config->options;
    int status = ck_link_check_url(options->url, CK_SESSION_PUBLISH);
    ck_output *o = NULL;
    if (status == CHALK_OK) {
        status = make(config, host, &o);
    }
    if (status != CHALK_OK) {
        return status;
    }
    o->link_config = (ck_link_config){
        .kind = CK_SESSION_PUBLISH,
        .url = o->url,
        .tls = config->tls,
        .video_codec = config->video_codec,
        .audio_codec = config->audio_codec,
        .no_retry = options->no_retry != 0,
        .give_up_after_us = (uint64_t)options->give_up_ms * CK_US_PER_MS,
        .log = config->log,
    };
    status = ck_loop_call(config->loop, open_link, o);
    status = status < 0 ? status : o->open_status;
    if (status < 0) {
        unref(o);
        return status;
    }
    *out = o;
    return CHALK_OK;
}

static void url_packet(ck_output *o, uint32_t media, const ck_packet *packet)
{
    uv_mutex_lock(&o->lock);
    bool put = ck_packet_queue_put(&o->inbox, media, packet);
    bool post = put && !o->posted && !o->destroyed;
    o->posted = o->posted || post;
    o->references += post;
    uv_mutex_unlock(&o->lock);
    if (post && ck_loop_post_job(o->loop, &o->job) < 0) {
        unref(o); /* the loop is going away: nobody will read the inbox again */
    }
}

typedef struct call {
    ck_output *output;
    enum ck_session_origin origin;
    uint32_t media;
    bool online;
} call;

static void stop_link(void *arg)
{
    const call *c = arg;
    ck_link_stop(c->output->link, c->origin);
}

static void url_stop(ck_output *o, uint32_t origin)
{
    call c = {.output = o, .origin = CK_ORIGIN_APP};
    if (origin == CHALK_ORIGIN_USER) {
        c.origin = CK_ORIGIN_USER;
    }
    (void)ck_loop_call(o->loop, stop_link, &c); /* fails only when all ends anyway */
}

static void drop_medium(void *arg)
{
    const call *c = arg;
    ck_sender_without(&c->output->sender, c->media);
}

static void url_without(ck_output *o, uint32_t media)
{
    call c = {.output = o, .media = media};
    (void)ck_loop_call(o->loop, drop_medium, &c); /* fails only when all ends anyway */
}

static void refresh(void *arg)
{
    update_stats(arg);
}

static void url_get_stats(ck_output *o, chalk_output_stats *stats)
{
    (void)ck_loop_call(o->loop, refresh, o); /* else the figures are those of a moment ago */
    uint32_t size = stats->struct_size;
    uv_mutex_lock(&o->lock);
    *stats = o->stats;
    stats->frames_dropped += o->inbox.dropped;
    uv_mutex_unlock(&o->lock);
    stats->struct_size = size;
}

static void tell_network(void *arg)
{
    const call *c = arg;
    ck_link_network_changed(c->output->link, c->online);
}

static void url_network_changed(ck_output *o, bool online)
{
    call c = {.output = o, .online = online};
    (void)ck_loop_call(o->loop, tell_network, &c); /* a hint */
}

static void free_link(void *arg)
{
    ck_output *o = arg;
    ck_link_free(&o->link);
}

static void url_destroy(ck_output **output)
{
    ck_output *o = *output;
    if (o == NULL) {
        return;
    }
    uv_mutex_lock(&o->lock);
    o->destroyed = true;
    uv_mutex_unlock(&o->lock);
    (void)ck_loop_call(o->loop, free_link, o); /* without a loop there is no link any more */
    unref(o);
    *output = NULL;
}

const ck_output_ops ck_output_url = {
    .create = url_create,
    .packet = url_packet,
    .without = url_without,
    .stop = url_stop,
    .get_stats = url_get_stats,
    .network_changed = url_network_changed,
    .destroy = url_destroy,
};
