/* What comes back: the status, redirections, the range, the body. */
#include "runtime/media/fetch_inside.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

/* After an answer: keeps the connection when both ends may use it again. */
static void complete(ck_fetch *f, bool whole)
{
    if (!whole || !f->head.keep_alive || f->body.framing == CK_HTTP_UNTIL_CLOSE) {
        ck_fetch_drop_stream(f);
    }
    ck_fetch_finish(f, CHALK_OK, "");
}

static int status_of(uint16_t code)
{
    switch (code) {
    case 200:
    case 201:
    case 206:
        return CHALK_OK;
    case 401:
    case 403:
        return CHALK_ERR_DENIED;
    case 404:
    case 410:
        return CHALK_ERR_NO_STREAM;
    case 429:
    case 503:
        return CHALK_ERR_REFUSED;
    case 409:
        return CHALK_ERR_BAD_STATE;
    case 413:
        return CHALK_ERR_TOO_LARGE;
    case 415:
        return CHALK_ERR_UNSUPPORTED;
    case 507:
        return CHALK_ERR_NO_SPACE;
    default:
        return CHALK_ERR_PROTOCOL;
    }
}

/* What was sent is at fault, or how it was asked for. */
static int status_of_answer(const ck_fetch *f)
{
    return f->put.data != NULL && f->head.status == 400 ? CHALK_ERR_BAD_DATA
                                                        : status_of(f->head.status);
}

void ck_fetch_refuse(ck_fetch *f, int status, const char *text)
{
    ck_fetch_drop_stream(f); /* the rest of its answer is of no use */
    ck_fetch_finish(f, status, text);
}

static void refuse_code(ck_fetch *f)
{
    char text[96];
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, "HTTP ");
    ck_text_add_u64(&t, f->head.status);
    ck_text_add(&t, " ");
    ck_text_add(&t, ck_http_head_reason(&f->head));
    ck_fetch_refuse(f, status_of_answer(f), text);
}

static bool redirects(uint16_t code)
{
    return code == 301 || code == 302 || code == 303 || code == 307 || code == 308;
}

static void follow(ck_fetch *f)
{
    const char *location = ck_http_head_get(&f->head, "Location");
    ck_url target;
    if (++f->redirects > CK_FETCH_REDIRECTS) {
        ck_fetch_refuse(f, CHALK_ERR_PROTOCOL, "too many redirections");
        return;
    }
    if (location == NULL || ck_url_resolve(&target, &f->url, location) < 0) {
        ck_fetch_refuse(f, CHALK_ERR_PROTOCOL, "a redirection that leads nowhere");
        return;
    }
    if (target.scheme != f->url.scheme) {
        ck_fetch_refuse(f, CHALK_ERR_UNSUPPORTED, "a redirection to another protocol");
        return;
    }
    f->url = target;
    ck_fetch_drop_stream(f); /* rather than reading the body that came with it */
    int status = ck_fetch_ask(f);
    if (status < 0) {
        ck_fetch_finish(f, status, "");
    }
}

/* What of the body is wanted. "bytes 100-199/1000" (RFC 9110 section 14.4). */
static bool accept_range(ck_fetch *f)
{
    f->skip = f->offset;
    f->left = f->length > 0 ? f->length : UINT64_MAX;
    if (f->head.status != 206) {
        return true;
    }
    const char *range = ck_http_head_get(&f->head, "Content-Range");
    char digits[24] = "";
    uint64_t first = 0;
    if (range != NULL && ck_text_starts(range, "bytes ")) {
        size_t size = strcspn(range + 6, "-");
        if (size < sizeof digits) {
            memcpy(digits, range + 6, size);
        }
    }
    f->skip = 0;
    return ck_text_u64(digits, UINT64_MAX, &first) && first == f->offset;
}

static void take_head(ck_fetch *f, ck_reader *in)
{
    int status = ck_http_head_feed(&f->head, in);
    if (status < 0) {
        ck_fetch_refuse(f, status == CHALK_ERR_NO_MEMORY ? status : CHALK_ERR_PROTOCOL,
                        ck_http_fault_text(f->head.fault));
        return;
    }
    if (status == 0) {
        return;
    }
    f->has_head = true;
    const char *coding = ck_http_head_get(&f->head, "Content-Encoding");
    if (redirects(f->head.status)) {
        follow(f);
    } else if (status_of(f->head.status) < 0) {
        refuse_code(f);
    } else if (coding != NULL && strcmp(coding, "identity") != 0) {
        ck_fetch_refuse(f, CHALK_ERR_UNSUPPORTED, "the server sends a compressed body");
    } else if (!accept_range(f)) {
        ck_fetch_refuse(f, CHALK_ERR_BAD_DATA, "the server sends another range than was asked for");
    } else {
        ck_http_body_init(&f->body, &f->head);
    }
}

static void take_part(ck_fetch *f, ck_http_part part)
{
    size_t skipped = (size_t)CK_MIN(f->skip, part.size);
    f->skip -= skipped;
    part.data += skipped;
    part.size = (size_t)CK_MIN(part.size - skipped, f->left);
    f->left -= f->left != UINT64_MAX ? part.size : 0;
    if (part.size > 0) {
        f->host.data(f->host.user, part.data, part.size);
    }
}

/* Nothing more is wanted of the body: where it ends here too, the connection can be kept. */
static void take_end(ck_fetch *f, int status)
{
    bool cut = f->skip > 0 || (f->left > 0 && f->left != UINT64_MAX);
    if (status == CHALK_ERR_END && cut) {
        ck_fetch_refuse(f, CHALK_ERR_BAD_DATA, "the resource is shorter than its range");
    } else if (status == CHALK_ERR_END || status >= 0) {
        complete(f, status == CHALK_ERR_END);
    } else {
        ck_fetch_refuse(f, CHALK_ERR_PROTOCOL, ck_http_fault_text(f->body.fault));
    }
}

static void take_body(ck_fetch *f, ck_reader *in)
{
    ck_http_part part;
    int status = ck_http_body_next(&f->body, in, &part);
    while (status == 1 && f->left > 0) {
        take_part(f, part);
        if (!f->busy || !f->has_head) {
            return; /* cancelled meanwhile */
        }
        status = ck_http_body_next(&f->body, in, &part);
    }
    if (status != 0 || f->left == 0) {
        take_end(f, status);
    }
}

void ck_fetch_take(ck_fetch *f, ck_stream *from, ck_reader *in)
{
    f->answered = true;
    if (!f->has_head) {
        take_head(f, in);
    }
    /* A redirection or a new request may have taken its place. */
    if (f->busy && f->has_head && f->stream == from) {
        take_body(f, in);
    }
}

bool ck_fetch_take_end_of_stream(ck_fetch *f)
{
    bool whole = f->busy && f->has_head && ck_http_body_end(&f->body) == CHALK_ERR_END &&
                 f->skip == 0 && (f->left == 0 || f->left == UINT64_MAX);
    if (whole) {
        complete(f, false);
    }
    return whole;
}
