/* What the wire and the stream report, for the session core. */
#include "runtime/media/link_inside.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

#define FAREWELL_MS 1500 /* within the two seconds that the session core gives a graceful end */

void ck_link_forget_words(ck_link *l)
{
    ck_free(&ck_heap, l->words);
    l->words = NULL;
}

/* A peer's words end in logs and terminals, so they are cut at what is not UTF-8 and keep no
 * control characters. Without memory there are none. */
static void keep_words(ck_link *l, const char *text)
{
    ck_link_forget_words(l);
    size_t size = text != NULL ? CK_MIN(strlen(text), CK_LINK_WORDS_MAX) : 0;
    size = size > 0 ? ck_utf8_valid_prefix(text, size) : 0;
    l->words = size > 0 ? ck_new(&ck_heap, size + 1) : NULL;
    if (l->words == NULL) {
        return;
    }
    for (size_t i = 0; i < size; i++) {
        bool control = (unsigned char)text[i] < 0x20 || text[i] == 0x7f;
        l->words[i] = control ? ' ' : text[i];
    }
}

/* --- from the wire --------------------------------------------------------------------------- */

static void wire_accepted(void *user)
{
    ck_link *l = user;
    ck_link_forget_words(l);
    ck_session_accepted(&l->session, l->attempt, ck_link_now(l));
}

static void wire_tag(void *user, ck_flv_tag *tag)
{
    ck_link *l = user;
    ck_session_media_progress(&l->session, l->attempt, ck_link_now(l));
    if (l->host.tag != NULL) {
        l->host.tag(l->host.user, tag);
    } else {
        ck_slice_unref(&tag->body);
    }
}

static void wire_packet(void *user, uint32_t media, const ck_packet *packet)
{
    ck_link *l = user;
    ck_session_media_progress(&l->session, l->attempt, ck_link_now(l));
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
    ck_link_enter(user);
}

static void wire_leave(void *user)
{
    ck_link_leave(user);
}

void ck_link_peer_ended(ck_link *l, int status, const char *text)
{
    keep_words(l, text);
    ck_session_peer_closed(&l->session, l->attempt, status, ck_link_now(l));
}

static void wire_ended(void *user, int status, const char *text)
{
    ck_link_peer_ended(user, status, text);
}

/* What was said last has only been queued: a publisher waits until it has left and the server
 * closed as well, which comes as the stream's end. A player need not. */
static void wire_finished(void *user)
{
    ck_link *l = user;
    if (l->config.kind == CK_SESSION_PUBLISH && l->stream != NULL) {
        ck_stream_close(l->stream, FAREWELL_MS, CHALK_OK);
    } else {
        ck_session_finished(&l->session, l->attempt, ck_link_now(l));
    }
}

/* --- from the stream ------------------------------------------------------------------------- */

static void stream_opened(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    ck_link_enter(l);
    ck_session_transport_opened(&l->session, l->attempt, ck_link_now(l));
    ck_link_leave(l);
}

static void stream_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    (void)s;
    ck_link *l = user;
    ck_link_enter(l);
    if (l->wire != NULL) {
        l->ops->data(l->wire, data, size, ck_link_now(l));
    }
    ck_link_leave(l);
}

static void stream_ended(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    ck_link_enter(l);
    if (l->wire != NULL) {
        l->ops->ended(l->wire);
    } else {
        ck_session_transport_failed(&l->session, l->attempt, CHALK_ERR_DISCONNECTED,
                                    ck_link_now(l));
    }
    ck_link_leave(l);
}

static void stream_drained(void *user, ck_stream *s)
{
    (void)s;
    ck_link *l = user;
    ck_link_enter(l);
    if (l->wire != NULL) {
        l->ops->flush(l->wire, ck_link_now(l));
    }
    ck_link_leave(l);
}

static void stream_closed(void *user, ck_stream *s, int status)
{
    (void)s;
    ck_link *l = user;
    ck_link_enter(l);
    ck_session_transport_failed(&l->session, l->attempt,
                                status < 0 ? status : CHALK_ERR_DISCONNECTED, ck_link_now(l));
    ck_link_leave(l);
}

ck_wire_host ck_link_wire_host(ck_link *l)
{
    return (ck_wire_host){
        .accepted = wire_accepted,
        .tag = wire_tag,
        .ended = wire_ended,
        .key_frame = wire_key_frame,
        .finished = wire_finished,
        .packet = wire_packet,
        .enter = wire_enter,
        .leave = wire_leave,
        .user = l,
    };
}

ck_stream_events ck_link_stream_events(void)
{
    return (ck_stream_events){stream_opened, stream_data, stream_ended, stream_drained,
                              stream_closed};
}
