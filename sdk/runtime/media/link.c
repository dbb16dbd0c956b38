/*
 * The session core decides, this file carries out: it opens streams and wires when told, reports
 * what became of them, and keeps one timer for the earliest deadline.
 *
 * Inputs may arrive from inside a wire or a stream callback, so the outputs of the session core are
 * pulled only when the outermost call returns (enter/leave): nothing is freed under a caller's
 * feet.
 */
#include "runtime/media/link.h"

#include "base/check.h"
#include "base/text.h"
#include "core/url/rtmp_target.h"
#include "runtime/media/wire.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 160
/* A server that takes nothing for so long is gone, though its machine may still hold the
 * connection. */
#define STUCK_MS    10000
#define FAREWELL_MS 1500 /* within the two seconds that the session core gives a graceful end */

struct ck_link {
    ck_loop *loop;
    ck_link_config config;
    ck_link_host host;
    ck_url url;
    ck_session session;
    ck_timer *timer;
    ck_stream *stream;
    ck_wire *wire;
    const ck_wire_ops *ops;
    uint32_t attempt; /* the one that stream and wire belong to */
    int depth;        /* calls under way that may produce outputs */

    uint64_t sent_before; /* bytes of earlier streams */
    uint64_t received_before;
    ck_wire_memory memory;
    char words[WORDS_MAX]; /* the peer's own, of the latest failure */
};

static void pump(ck_link *l);

static void enter(ck_link *l)
{
    l->depth++;
}

static void leave(ck_link *l)
{
    if (--l->depth == 0) {
        pump(l);
    }
}

static uint64_t now_of(const ck_link *l)
{
    return ck_loop_now_us(l->loop);
}

/* A peer's words end in logs and terminals, so they are cut at what is not UTF-8 and keep no
 * control characters. */
static void keep_words(ck_link *l, const char *text)
{
    text = text != NULL ? text : "";
    size_t size = ck_utf8_valid_prefix(text, CK_MIN(strlen(text), sizeof l->words - 1));
    for (size_t i = 0; i < size; i++) {
        bool control = (unsigned char)text[i] < 0x20 || text[i] == 0x7f;
        l->words[i] = control ? ' ' : text[i];
    }
    l->words[size] = '\0';
}

/* --- from the wire --------------------------------------------------------------------------- */

static void wire_accepted(void *user)
{
    ck_link *l = user;
    l->words[0] = '\0';
    ck_session_accepted(&l->session, l->attempt, now_of(l));
}

static void wire_tag(void *user, ck_flv_tag *tag)
{
    ck_link *l = user;
    ck_session_media_progress(&l->session, l->attempt, now_of(l));
    if (l->host.tag != NULL) {
        l->host.tag(l->host.user, tag);
    } else {
        ck_slice_unref(&tag->body);
    }
}

static void wire_packet(void *user, uint32_t media, const ck_packet *packet)
{
    ck_link *l = user;
    ck_session_media_progress(&l->session, l->attempt, now_of(l));
    if (l->host.packet != NULL) {
        l->host.packet(l->host.user, media, packet);
    }
}

static void wire_key_frame(void *user)
{
    ck_link *l = user;
    if (l->host.key_frame != NULL) {
        l->host.key_frame(l->host.user);
    }
}

static void wire_enter(void *user)
{
    enter(user);
}

static void wire_leave(void *user)
{
    leave(user);
}

static void wire_ended(void *user, int status, const char *text)
{
    ck_link *l = user;
    keep_words(l, text);
    ck_session_peer_closed(&l->session, l->attempt, status, now_of(l));
}

/* What was said last has only been queued: a publisher waits until it has left and the server
 * closed as well, which comes as the stream's end. A player need not. */
static void wire_finished(void *user)
{
    ck_link *l = user;
    if (l->config.kind == CK_SESSION_PUBLISH && l->stream != NULL) {
        ck_stream_close(l->stream, FAREWELL_MS, CHALK_OK);
    } else {
        ck_session_finished(&l->session, l->attempt, now_of(l));
    }
}

/* --- from the stream ------------------------------------------------------------------------- */

static void stream_opened(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    enter(l);
    ck_session_transport_opened(&l->session, l->attempt, now_of(l));
    leave(l);
}

static void stream_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    (void)s;
    ck_link *l = user;
    enter(l);
    if (l->wire != NULL) {
        l->ops->data(l->wire, data, size, now_of(l));
    }
    leave(l);
}

static void stream_ended(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    enter(l);
    if (l->wire != NULL) {
        l->ops->ended(l->wire);
    } else {
        ck_session_transport_failed(&l->session, l->attempt, CHALK_ERR_DISCONNECTED, now_of(l));
    }
    leave(l);
}

static void stream_drained(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    enter(l);
    if (l->wire != NULL) {
        l->ops->flush(l->wire, now_of(l));
    }
    leave(l);
}

static void stream_closed(void *user, ck_stream *s, int status)
{
    (void)s;
    ck_link *l = user;
    enter(l);
    ck_session_transport_failed(&l->session, l->attempt,
                                status < 0 ? status : CHALK_ERR_DISCONNECTED, now_of(l));
    leave(l);
}

/* --- what the session core asks for ---------------------------------------------------------- */

static void open_transport(ck_link *l, uint32_t attempt)
{
    l->attempt = attempt;
    l->words[0] = '\0'; /* those of an earlier attempt do not explain this one */
    const ck_stream_config config = {
        .loop = l->loop,
        .events = {stream_opened, stream_data, stream_ended, stream_drained, stream_closed},
        .user = l,
        .tls = l->url.tls ? l->config.tls : NULL,
        .write_timeout_ms = STUCK_MS,
        .drained_bytes = CK_WIRE_AHEAD_BYTES / 2,
    };
    int status = ck_stream_connect(&config, l->url.host, l->url.port, &l->stream);
    if (status < 0) {
        ck_session_transport_failed(&l->session, attempt, status, now_of(l));
    }
}

static void start_wire(ck_link *l)
{
    uint64_t seed = 0;
    (void)ck_entropy(&seed, sizeof seed); /* without entropy the handshake is merely guessable */
    const ck_wire_config config = {
        .kind = l->config.kind,
        .url = &l->url,
        .video_codec = l->config.video_codec,
        .audio_codec = l->config.audio_codec,
        .seed = seed,
        .now_us = now_of(l),
        .stream = l->stream,
        .host = {.accepted = wire_accepted,
                 .tag = wire_tag,
                 .ended = wire_ended,
                 .key_frame = wire_key_frame,
                 .finished = wire_finished,
                 .packet = wire_packet,
                 .enter = wire_enter,
                 .leave = wire_leave,
                 .user = l},
        .loop = l->loop,
        .tls = l->config.tls,
        .codecs = l->config.codecs,
        .log = l->config.log,
        .memory = &l->memory,
    };
    int status = l->ops->open(&config, &l->wire);
    if (status < 0) {
        ck_session_peer_closed(&l->session, l->attempt, status, now_of(l));
    } else {
        l->ops->flush(l->wire, now_of(l));
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
        ck_session_finished(&l->session, l->attempt, now_of(l));
        return;
    }
    l->ops->finish(l->wire, now_of(l));
    if (l->wire != NULL) {
        l->ops->flush(l->wire, now_of(l));
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
        l->host.state(l->host.user, &event, l->words);
    }
}

static void on_timer(void *user, uint64_t now_us)
{
    ck_link *l = user;
    enter(l);
    ck_session_on_deadline(&l->session, now_us);
    if (l->wire != NULL && l->ops->next_deadline(l->wire) <= now_us) {
        l->ops->on_deadline(l->wire, now_us);
    }
    leave(l);
}

/* --- the header's functions ------------------------------------------------------------------ */

int ck_link_check_url(const char *text, enum ck_session_kind kind)
{
    ck_url url;
    int status = text != NULL ? ck_url_parse(&url, text) : CHALK_ERR_INVALID_ARGUMENT;
    if (status < 0) {
        return status;
    }
    if (url.scheme == CK_URL_RTMP || url.scheme == CK_URL_RTMPS) {
        ck_rtmp_target target;
        return ck_rtmp_target_from_url(&url, &target);
    }
    bool http = url.scheme == CK_URL_HTTP || url.scheme == CK_URL_HTTPS;
    return http && kind == CK_SESSION_PLAY ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
}

static bool is_playlist(const ck_url *url)
{
    static const char end[] = ".m3u8";
    size_t size = strlen(url->path);
    bool http = url->scheme == CK_URL_HTTP || url->scheme == CK_URL_HTTPS;
    return http && size >= sizeof end && strcmp(url->path + size - (sizeof end - 1), end) == 0;
}

bool ck_link_is_hls(const char *text)
{
    ck_url url;
    return text != NULL && ck_url_parse(&url, text) == CHALK_OK && is_playlist(&url);
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
    (void)ck_url_parse(&l->url, config->url); /* checked above */
    l->config.url = NULL;
    bool rtmp = l->url.scheme == CK_URL_RTMP || l->url.scheme == CK_URL_RTMPS;
    l->ops = rtmp ? &ck_wire_rtmp : is_playlist(&l->url) ? &ck_wire_hls : &ck_wire_http_flv;
    const ck_session_config session = {
        .kind = config->kind,
        .no_retry = config->no_retry,
        .give_up_after_us = config->give_up_after_us,
    };
    uint64_t seed = 0;
    (void)ck_entropy(&seed, sizeof seed); /* without it the back-off is merely less spread */
    status = ck_session_init(&l->session, &session, seed, now_of(l));
    if (status == CHALK_OK) {
        status = ck_timer_create(loop, on_timer, l, &l->timer);
    }
    if (status < 0) {
        ck_free(&ck_heap, l);
        return status;
    }
    *out = l;
    enter(l);
    (void)ck_session_start(&l->session, CK_ORIGIN_USER, now_of(l)); /* IDLE: cannot fail */
    leave(l);
    return CHALK_OK;
}

void ck_link_stop(ck_link *l, enum ck_session_origin origin)
{
    enter(l);
    ck_session_stop(&l->session, origin, now_of(l));
    leave(l);
}

void ck_link_fail(ck_link *l, int status, const char *text)
{
    enter(l);
    wire_ended(l, status, text);
    leave(l);
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
    ck_free(&ck_heap, l);
    *link = NULL;
}

int ck_link_send(ck_link *l, const ck_flv_tag *tag)
{
    if (l->wire == NULL || l->ops->send == NULL) {
        return CHALK_ERR_BAD_STATE;
    }
    enter(l);
    int status = l->ops->send(l->wire, tag);
    if (status == CHALK_OK) {
        l->ops->flush(l->wire, now_of(l));
    }
    leave(l);
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

void ck_link_network_changed(ck_link *l, bool online)
{
    enter(l);
    ck_session_network_changed(&l->session, online ? CK_NETWORK_UP : CK_NETWORK_DOWN, now_of(l));
    leave(l);
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
