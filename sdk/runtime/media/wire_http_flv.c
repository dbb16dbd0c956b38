/* HTTP-FLV: one GET whose endless answer is an FLV file. Playing only. */
#include "runtime/media/wire.h"

#include "base/text.h"
#include "core/flv/demux.h"
#include "core/http/body.h"
#include "core/http/write.h"
#include "runtime/os/os.h"

#include <string.h>

#define REQUEST_MAX 8192

struct ck_wire {
    ck_stream *stream;
    ck_wire_host host;
    ck_http_head *head; /* until it is there whole */
    ck_http_body body;
    ck_flv_demux demux;
    bool over;
};

static int send_request(const ck_wire_config *config)
{
    char target[2 * CK_URL_MAX + 4];
    char authority[CK_URL_HOST_MAX + 16];
    ck_text text = ck_text_of(target, sizeof target);
    ck_text_add(&text, config->url->path);
    if (config->url->has_query) {
        ck_text_add(&text, "?");
        ck_text_add(&text, config->url->query);
    }
    int status = ck_url_authority(config->url, authority, sizeof authority);
    if (status < 0) {
        return status;
    }
    static const ck_http_header headers[] = {
        {"User-Agent", "Chalkrail"},
        {"Accept", "video/x-flv, */*"},
        {"Connection", "close"},
    };
    ck_buf request;
    ck_buf_init(&request, &ck_heap, REQUEST_MAX);
    status = ck_http_write_request(&request, "GET", target, authority, headers,
                                   sizeof headers / sizeof headers[0]);
    if (status == CHALK_OK) {
        status = ck_stream_write_copy(config->stream, request.data, request.size);
    }
    ck_buf_free(&request);
    return status;
}

static void forget_head(ck_wire *w)
{
    if (w->head != NULL) {
        ck_http_head_free(w->head);
        ck_free(&ck_heap, w->head);
        w->head = NULL;
    }
}

static void flv_free(ck_wire **w)
{
    if (*w != NULL) {
        forget_head(*w);
        ck_flv_demux_free(&(*w)->demux);
        ck_free(&ck_heap, *w);
        *w = NULL;
    }
}

static int flv_open(const ck_wire_config *config, ck_wire **out)
{
    ck_wire *w = ck_new(&ck_heap, sizeof *w);
    if (w == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    w->stream = config->stream;
    w->host = config->host;
    w->head = ck_new(&ck_heap, sizeof *w->head);
    ck_flv_demux_init(&w->demux,
                      &(ck_flv_demux_config){.alloc = &ck_heap, .body_keep = config->body_keep});
    int status = CHALK_ERR_NO_MEMORY;
    if (w->head != NULL) {
        ck_http_head_init(w->head, CK_HTTP_RESPONSE, &ck_heap);
        status = send_request(config);
    }
    if (status < 0) {
        flv_free(&w);
        return status;
    }
    *out = w;
    return CHALK_OK;
}

static void end_with(ck_wire *w, int status, const char *text)
{
    if (!w->over) {
        w->over = true;
        w->host.ended(w->host.user, status, text);
    }
}

/* What an HTTP status means for a player. Redirections are not followed: a token in the query would
 * go to a host that the user never named. */
static int status_of(uint16_t code)
{
    switch (code) {
    case 200:
        return CHALK_OK;
    case 401:
    case 403:
        return CHALK_ERR_DENIED;
    case 404:
    case 410:
        return CHALK_ERR_NO_STREAM;
    case 503:
    case 429:
        return CHALK_ERR_REFUSED;
    default:
        return code >= 300 && code < 400 ? CHALK_ERR_UNSUPPORTED : CHALK_ERR_PROTOCOL;
    }
}

/* The answer is not a stream: why. */
static void refuse(ck_wire *w, int status)
{
    char text[96];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, "HTTP ");
    ck_text_add_u64(&t, w->head->status);
    ck_text_add(&t, " ");
    ck_text_add(&t, ck_http_head_reason(w->head));
    end_with(w, status, text);
}

static void take_head(ck_wire *w, ck_reader *in)
{
    int status = ck_http_head_feed(w->head, in);
    if (status < 0) {
        end_with(w, status == CHALK_ERR_NO_MEMORY ? status : CHALK_ERR_PROTOCOL,
                 ck_http_fault_text(w->head->fault));
        return;
    }
    if (status == 0) {
        return;
    }
    status = status_of(w->head->status);
    if (status < 0) {
        refuse(w, status);
        return;
    }
    ck_http_body_init(&w->body, w->head);
    forget_head(w);
    w->host.accepted(w->host.user);
}

static void take_media(ck_wire *w, const ck_http_part *part)
{
    int status = ck_flv_demux_feed(&w->demux, part->data, part->size);
    ck_flv_tag tag;
    while (status == CHALK_OK && !w->over) {
        status = ck_flv_demux_poll_tag(&w->demux, &tag);
        if (status == CHALK_OK) {
            w->host.tag(w->host.user, &tag);
        }
    }
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        end_with(w, status, "the answer is not an FLV stream");
    }
}

static void flv_data(ck_wire *w, const uint8_t *data, size_t size, uint64_t now_us)
{
    (void)now_us;
    ck_reader in = ck_reader_of(data, size);
    if (!w->over && w->head != NULL) {
        take_head(w, &in);
    }
    while (!w->over && w->head == NULL) {
        ck_http_part part;
        int status = ck_http_body_next(&w->body, &in, &part);
        if (status == 1) {
            take_media(w, &part);
        } else if (status == 0) {
            return;
        } else {
            end_with(w, status == CHALK_ERR_END ? CHALK_ERR_PEER_CLOSED : CHALK_ERR_PROTOCOL,
                     ck_http_fault_text(w->body.fault));
        }
    }
}

static void flv_ended(ck_wire *w)
{
    end_with(w, CHALK_ERR_PEER_CLOSED, "");
}

static void flv_flush(ck_wire *w, uint64_t now_us)
{
    (void)w;
    (void)now_us;
}

static void flv_finish(ck_wire *w, uint64_t now_us)
{
    (void)now_us;
    w->over = true;
    w->host.finished(w->host.user); /* a player of HTTP just leaves */
}

static uint64_t flv_next_deadline(const ck_wire *w)
{
    (void)w;
    return CK_NEVER; /* the link's session core watches for silence */
}

static void flv_on_deadline(ck_wire *w, uint64_t now_us)
{
    (void)w;
    (void)now_us;
}

const ck_wire_ops ck_wire_http_flv = {
    .open = flv_open,
    .data = flv_data,
    .ended = flv_ended,
    .flush = flv_flush,
    .finish = flv_finish,
    .next_deadline = flv_next_deadline,
    .on_deadline = flv_on_deadline,
    .free = flv_free,
};
