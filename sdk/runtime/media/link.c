/*
 * The session core decides, this file carries out: it opens streams and wires when told, reports
 * what became of them, and keeps one timer for the earliest deadline.
 *
 * Inputs may arrive from inside a wire or a stream callback, so the outputs of the session core are
 * pulled only when the outermost call returns (enter/leave): nothing is freed under a caller's
 * feet.
 */
#include "runtime/media/link_inside.h"

#include "base/check.h"

/* A server that takes nothing for so long is gone, though its machine may still hold the
 * connection. */
#define STUCK_MS 10000

uint64_t ck_link_now(const ck_link *l)
{
    return ck_loop_now_us(l->loop);
}

/* --- what the session core asks for ---------------------------------------------------------- */

static void open_transport(ck_link *l, uint32_t attempt)
{
    l->attempt = attempt;
    ck_link_forget_words(l); /* those of an earlier attempt do not explain this one */
    ck_url url;
    (void)ck_url_parse(&url, l->url); /* checked when the link was opened */
    const ck_stream_config config = {
        .loop = l->loop,
        .events = ck_link_stream_events(),
        .user = l,
        .tls = url.tls ? l->config.tls : NULL,
        .write_timeout_ms = STUCK_MS,
        .drained_bytes = CK_WIRE_AHEAD_BYTES / 2,
        /* A change right behind a repeated picture would wait for that one's acknowledgement. */
        .acknowledges = l->config.kind == CK_SESSION_PLAY && !l->config.headers_only,
    };
    int status = ck_stream_connect(&config, url.host, url.port, &l->stream);
    if (status == CHALK_OK) {
        status = ck_stream_make_faults(l->stream, &l->config.faults, attempt);
    }
    if (status < 0) {
        ck_stream_destroy(&l->stream);
        ck_session_transport_failed(&l->session, attempt, status, ck_link_now(l));
    }
}

static void start_wire(ck_link *l)
{
    uint64_t seed = 0;
    (void)ck_entropy(&seed, sizeof seed); /* without entropy the handshake is merely guessable */
    ck_url url;
    (void)ck_url_parse(&url, l->url); /* checked when the link was opened */
    const ck_wire_config config = {
        .kind = l->config.kind,
        .url = &url,
        .video_codec = l->config.video_codec,
        .audio_codec = l->config.audio_codec,
        .body_keep = l->config.headers_only ? CK_LINK_HEADERS : 0,
        .seed = seed,
        .now_us = ck_link_now(l),
        .stream = l->stream,
        .host = ck_link_wire_host(l),
        .loop = l->loop,
        .tls = l->config.tls,
        .codecs = l->config.codecs,
        .log = l->config.log,
        .memory = &l->memory,
    };
    int status = l->ops->open(&config, &l->wire);
    if (status < 0) {
        ck_session_peer_closed(&l->session, l->attempt, status, ck_link_now(l));
    } else {
        l->ops->flush(l->wire, ck_link_now(l));
    }
}

static void close_transport(ck_link *l)
{
    l->sent_before = ck_link_bytes_sent(l);
    l->received_before = ck_link_bytes_received(l);
    if (l->wire != NULL) {
        l->ops->free(&l->wire);
    }
    ck_stream_destroy(&l->stream);
}

static void finish_wire(ck_link *l)
{
    if (l->wire == NULL) {
        ck_session_finished(&l->session, l->attempt, ck_link_now(l));
        return;
    }
    l->ops->finish(l->wire, ck_link_now(l));
    if (l->wire != NULL) {
        l->ops->flush(l->wire, ck_link_now(l));
    }
}

static void carry_out(ck_link *l, const ck_session_output *output)
{
    switch (output->action) {
    case CK_SESSION_OPEN:
        open_transport(l, output->attempt);
        break;
    case CK_SESSION_START:
        start_wire(l);
        break;
    case CK_SESSION_FINISH:
        finish_wire(l);
        break;
    case CK_SESSION_CLOSE:
        close_transport(l);
        break;
    }
}

static void set_timer(ck_link *l)
{
    uint64_t due = ck_session_next_deadline(&l->session);
    if (l->wire != NULL) {
        due = CK_MIN(due, l->ops->next_deadline(l->wire));
    }
    ck_timer_set(l->timer, due);
}

static void pump(ck_link *l)
{
    ck_session_output output;
    l->depth++;
    while (ck_session_poll_output(&l->session, &output)) {
        carry_out(l, &output);
    }
    l->depth--;
    set_timer(l);
    ck_session_event event;
    while (ck_session_poll_event(&l->session, &event)) {
        l->host.state(l->host.user, &event, l->words != NULL ? l->words : "");
    }
}

void ck_link_enter(ck_link *l)
{
    l->depth++;
}

void ck_link_leave(ck_link *l)
{
    if (--l->depth == 0) {
        pump(l);
    }
}

static void on_timer(void *user, uint64_t now_us)
{
    ck_link *l = user;
    ck_link_enter(l);
    ck_session_on_deadline(&l->session, now_us);
    if (l->wire != NULL && l->ops->next_deadline(l->wire) <= now_us) {
        l->ops->on_deadline(l->wire, now_us);
    }
    ck_link_leave(l);
}

/* --- the header's functions ------------------------------------------------------------------ */

static const ck_wire_ops *ops_of(const char *text)
{
    ck_url url;
    (void)ck_url_parse(&url, text); /* it was checked */
    bool rtmp = url.scheme == CK_URL_RTMP || url.scheme == CK_URL_RTMPS;
    return rtmp ? &ck_wire_rtmp : ck_link_is_playlist(&url) ? &ck_wire_hls : &ck_wire_http_flv;
}

int ck_link_open(ck_loop *loop, const ck_link_config *config, const ck_link_host *host,
                 ck_link **out)
{
    int status = ck_link_check_url(config->url, config->kind);
    if (status < 0) {
        return status;
    }
    ck_link *l = ck_new(&ck_heap, sizeof *l);
    if (l == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    l->loop = loop;
    l->config = *config;
    l->host = *host;
    l->config.url = NULL;
    l->ops = ops_of(config->url);
    l->url = ck_strdup(&ck_heap, config->url);
    const ck_session_config session = {
        .kind = config->kind,
        .no_retry = config->no_retry,
        .give_up_after_us = config->give_up_after_us,
    };
    uint64_t seed = 0;
    (void)ck_entropy(&seed, sizeof seed); /* without it the back-off is merely less spread */
    status = l->url != NULL ? ck_session_init(&l->session, &session, seed, ck_link_now(l))
                            : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = ck_timer_create(loop, on_timer, l, &l->timer);
    }
    if (status < 0) {
        ck_free(&ck_heap, l->url);
        ck_free(&ck_heap, l);
        return status;
    }
    *out = l;
    ck_link_enter(l);
    (void)ck_session_start(&l->session, CK_ORIGIN_USER, ck_link_now(l)); /* IDLE: cannot fail */
    ck_link_leave(l);
    return CHALK_OK;
}

void ck_link_stop(ck_link *l, enum ck_session_origin origin)
{
    ck_link_enter(l);
    ck_session_stop(&l->session, origin, ck_link_now(l));
    ck_link_leave(l);
}

void ck_link_fail(ck_link *l, int status, const char *text)
{
    ck_link_enter(l);
    ck_link_peer_ended(l, status, text);
    ck_link_leave(l);
}

int ck_link_stall(ck_link *l, uint64_t until_us)
{
    return l->stream != NULL ? ck_stream_stall(l->stream, until_us) : CHALK_OK;
}

void ck_link_free(ck_link **link)
{
    ck_link *l = *link;
    if (l == NULL) {
        return;
    }
    if (l->wire != NULL) {
        l->ops->free(&l->wire);
    }
    ck_stream_destroy(&l->stream);
    ck_timer_destroy(&l->timer);
    ck_link_forget_words(l);
    ck_free(&ck_heap, l->url);
    ck_free(&ck_heap, l);
    *link = NULL;
}

int ck_link_send(ck_link *l, const ck_flv_tag *tag)
{
    if (l->wire == NULL || l->ops->send == NULL) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_link_enter(l);
    int status = l->ops->send(l->wire, tag);
    if (status == CHALK_OK) {
        l->ops->flush(l->wire, ck_link_now(l));
    }
    ck_link_leave(l);
    return status;
}

size_t ck_link_unsent_bytes(const ck_link *l)
{
    size_t queued = l->wire != NULL && l->ops->queued != NULL ? l->ops->queued(l->wire) : 0;
    return queued + (l->stream != NULL ? ck_stream_unsent(l->stream) : 0);
}

size_t ck_link_drop_pictures(ck_link *l)
{
    bool can = l->wire != NULL && l->ops->drop_pictures != NULL;
    return can ? l->ops->drop_pictures(l->wire) : 0;
}

bool ck_link_asks_key_frames(const ck_link *l)
{
    return l->wire != NULL && l->ops->asks_key_frames != NULL && l->ops->asks_key_frames(l->wire);
}

int ck_link_ask_key_frame(ck_link *l)
{
    if (l->wire == NULL) {
        return CHALK_ERR_BAD_STATE;
    }
    if (l->ops->ask_key_frame == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_link_enter(l);
    int status = l->ops->ask_key_frame(l->wire);
    if (status == CHALK_OK) {
        l->ops->flush(l->wire, ck_link_now(l));
    }
    ck_link_leave(l);
    return status;
}

void ck_link_network_changed(ck_link *l, bool online)
{
    ck_link_enter(l);
    ck_session_network_changed(&l->session, online ? CK_NETWORK_UP : CK_NETWORK_DOWN,
                               ck_link_now(l));
    ck_link_leave(l);
}

void ck_link_background(ck_link *l, bool in_background)
{
    ck_session_background(&l->session, in_background);
}

static ck_stream_stats stats_of(const ck_link *l)
{
    ck_stream_stats stats = {0};
    if (l->stream != NULL) {
        ck_stream_get_stats(l->stream, &stats);
    }
    return stats;
}

uint64_t ck_link_bytes_sent(const ck_link *l)
{
    return l->sent_before + stats_of(l).sent;
}

uint64_t ck_link_bytes_received(const ck_link *l)
{
    uint64_t own = l->wire != NULL && l->ops->received != NULL ? l->ops->received(l->wire) : 0;
    return l->received_before + stats_of(l).received + own;
}
