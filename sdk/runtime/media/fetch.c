#include "runtime/media/fetch_inside.h"

#include "base/check.h"
#include "base/text.h"
#include "core/http/write.h"
#include "runtime/os/os.h"

#include <string.h>

#define REQUEST_MAX 8192
#define STUCK_MS    8000    /* to connect; a request that is not taken */
#define PIECE       262144u /* of a body, given to the transport at a time */

static int connect_to(ck_fetch *f);

/* --- the connection -------------------------------------------------------------------------- */

static uint64_t stream_received(const ck_fetch *f)
{
    ck_stream_stats stats = {0};
    if (f->stream != NULL && !f->lent) {
        ck_stream_get_stats(f->stream, &stats);
    }
    return stats.received;
}

void ck_fetch_drop_stream(ck_fetch *f)
{
    f->received_before += stream_received(f);
    if (f->lent && f->stream != NULL) {
        ck_stream_set_events(f->stream, &(ck_stream_events){0}, NULL);
        ck_stream_close(f->stream, 0, CHALK_OK);
        f->stream = NULL;
    } else {
        ck_stream_destroy(&f->stream);
    }
    f->lent = false;
    f->open = false;
    f->asked = 0;
}

static bool leads_there(const ck_fetch *f)
{
    return f->stream != NULL && f->peer.tls == f->url.tls && f->peer.port == f->url.port &&
           strcmp(f->peer.host, f->url.host) == 0;
}

void ck_fetch_finish(ck_fetch *f, int status, const char *text)
{
    f->busy = false;
    ck_slice_unref(&f->put);
    f->host.done(f->host.user, status, text);
}

/* The connection broke. One that was idle may have been closed before it got the request: that is
 * asked again, once. */
static void lost(ck_fetch *f, int status, const char *text)
{
    bool retry = f->busy && f->reused && !f->answered;
    ck_fetch_drop_stream(f);
    if (!f->busy) {
        return;
    }
    if (retry) {
        status = connect_to(f);
        text = "";
    }
    if (!retry || status < 0) {
        ck_fetch_finish(f, status, text);
    }
}

/* --- asking ---------------------------------------------------------------------------------- */

static void write_range(ck_fetch *f, char *out, size_t size)
{
    ck_text t = ck_text_of(out, size);
    ck_text_add(&t, "bytes=");
    ck_text_add_u64(&t, f->offset);
    ck_text_add(&t, "-");
    if (f->length > 0) {
        ck_text_add_u64(&t, f->offset + f->length - 1);
    }
}

/* The next piece of the body. */
static int send_piece(ck_fetch *f)
{
    ck_slice piece = ck_slice_part(f->put, f->put_sent, PIECE);
    size_t size = piece.size;
    int status = size > 0 ? ck_stream_write(f->stream, &piece, 1) : CHALK_OK;
    ck_slice_unref(&piece);
    f->put_sent += status == CHALK_OK ? size : 0;
    return status;
}

static int send_request(ck_fetch *f)
{
    char target[2 * CK_URL_MAX + 4];
    char authority[CK_URL_HOST_MAX + 16];
    char range[64], length[24];
    ck_text text = ck_text_of(target, sizeof target);
    ck_text_add(&text, f->url.path);
    ck_text_add(&text, f->url.has_query ? "?" : "");
    ck_text_add(&text, f->url.query);
    int status = ck_url_authority(&f->url, authority, sizeof authority);
    if (status < 0) {
        return status;
    }
    write_range(f, range, sizeof range);
    bool puts = f->put.data != NULL;
    ck_text digits = ck_text_of(length, sizeof length);
    ck_text_add_u64(&digits, f->put.size);
    const ck_http_header headers[] = {
        {"User-Agent", "Chalkrail"},
        {"Accept", "*/*"},
        {"Accept-Encoding", "identity"},
        {puts ? "Content-Length" : "Range", puts ? length : range},
    };
    bool last = puts || f->offset > 0 || f->length > 0;
    ck_buf request;
    ck_buf_init(&request, &ck_heap, REQUEST_MAX);
    status = ck_http_write_request(&request, puts ? "PUT" : "GET", target, authority, headers,
                                   CK_COUNT_OF(headers) - !last);
    if (status == CHALK_OK) {
        status = ck_stream_write_copy(f->stream, request.data, request.size);
    }
    ck_buf_free(&request);
    f->put_sent = 0;
    if (status == CHALK_OK && puts) {
        status = send_piece(f);
    }
    f->reused = f->asked > 0;
    f->asked++;
    return status;
}

static void prepare(ck_fetch *f)
{
    ck_http_head_free(&f->head);
    ck_http_head_init(&f->head, CK_HTTP_RESPONSE, &ck_heap);
    f->has_head = false;
    f->answered = false;
}

int ck_fetch_ask(ck_fetch *f)
{
    prepare(f);
    if (!leads_there(f)) {
        ck_fetch_drop_stream(f);
        return connect_to(f);
    }
    return f->open ? send_request(f) : CHALK_OK;
}

/* --- callbacks of the stream ----------------------------------------------------------------- */

static void on_opened(void *user, ck_stream *s)
{
    (void)s;
    ck_fetch *f = user;
    f->host.enter(f->host.user);
    f->open = true;
    int status = f->busy ? send_request(f) : CHALK_OK;
    if (status < 0) {
        ck_fetch_refuse(f, status, "");
    }
    f->host.leave(f->host.user);
}

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    ck_fetch *f = user;
    ck_reader in = ck_reader_of(data, size);
    f->host.enter(f->host.user);
    if (!f->busy) {
        ck_fetch_drop_stream(f); /* nobody asked: it cannot be trusted any more */
    } else {
        ck_fetch_take(f, s, &in);
    }
    f->host.leave(f->host.user);
}

static void on_drained(void *user, ck_stream *s)
{
    (void)s;
    ck_fetch *f = user;
    f->host.enter(f->host.user);
    int status = f->busy && f->open ? send_piece(f) : CHALK_OK;
    if (status < 0) {
        ck_fetch_refuse(f, status, "");
    }
    f->host.leave(f->host.user);
}

static void on_ended(void *user, ck_stream *s)
{
    (void)s;
    ck_fetch *f = user;
    f->host.enter(f->host.user);
    if (!ck_fetch_take_end_of_stream(f)) {
        lost(f, CHALK_ERR_DISCONNECTED, "the server cut its answer short");
    }
    f->host.leave(f->host.user);
}

static void on_closed(void *user, ck_stream *s, int status)
{
    (void)s;
    ck_fetch *f = user;
    f->host.enter(f->host.user);
    lost(f, status < 0 ? status : CHALK_ERR_DISCONNECTED, "");
    f->host.leave(f->host.user);
}

static const ck_stream_events events = {.opened = on_opened,
                                        .data = on_data,
                                        .drained = on_drained,
                                        .ended = on_ended,
                                        .closed = on_closed};

static int connect_to(ck_fetch *f)
{
    const ck_stream_config config = {
        .loop = f->loop,
        .events = events,
        .user = f,
        .tls = f->url.tls ? f->tls : NULL,
        .connect_timeout_ms = STUCK_MS,
        .write_timeout_ms = STUCK_MS,
    };
    if (f->url.tls && f->tls == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    f->peer = f->url;
    return ck_stream_connect(&config, f->url.host, f->url.port, &f->stream);
}

/* --- the header's functions ------------------------------------------------------------------ */

int ck_fetch_create(ck_loop *loop, ck_tls *tls, const ck_fetch_host *host, ck_fetch **out)
{
    ck_fetch *f = ck_new(&ck_heap, sizeof *f);
    if (f == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    f->loop = loop;
    f->tls = tls;
    f->host = *host;
    ck_http_head_init(&f->head, CK_HTTP_RESPONSE, &ck_heap);
    *out = f;
    return CHALK_OK;
}

void ck_fetch_free(ck_fetch **fetch)
{
    ck_fetch *f = *fetch;
    if (f != NULL) {
        ck_fetch_drop_stream(f);
        ck_slice_unref(&f->put);
        ck_http_head_free(&f->head);
        ck_free(&ck_heap, f);
        *fetch = NULL;
    }
}

void ck_fetch_lend(ck_fetch *f, ck_stream *stream, const ck_url *url)
{
    ck_fetch_drop_stream(f);
    f->stream = stream;
    f->lent = true;
    f->open = true;
    f->peer = *url;
    ck_stream_set_events(stream, &events, f);
}

int ck_fetch_get(ck_fetch *f, const ck_url *url, uint64_t offset, uint64_t length)
{
    if (f->busy) {
        return CHALK_ERR_BAD_STATE;
    }
    if (length > 0 && offset > UINT64_MAX - length) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    f->url = *url;
    f->offset = offset;
    f->length = length;
    f->redirects = 0;
    int status = ck_fetch_ask(f);
    f->busy = status == CHALK_OK;
    return status;
}

int ck_fetch_put(ck_fetch *f, const ck_url *url, ck_slice body)
{
    if (f->busy) {
        return CHALK_ERR_BAD_STATE;
    }
    f->put = ck_slice_ref(body);
    int status = ck_fetch_get(f, url, 0, 0);
    if (status < 0) {
        ck_slice_unref(&f->put);
    }
    return status;
}

uint64_t ck_fetch_sent(const ck_fetch *f)
{
    return f->put_sent;
}

void ck_fetch_cancel(ck_fetch *f)
{
    if (f->busy) {
        f->busy = false;
        ck_slice_unref(&f->put);
        ck_fetch_drop_stream(f);
    }
}

const ck_url *ck_fetch_url(const ck_fetch *f)
{
    return &f->url;
}

uint64_t ck_fetch_received(const ck_fetch *f)
{
    return f->received_before + stream_received(f);
}
