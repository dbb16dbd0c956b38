#include "core/http/delimit.h"

#include "base/text.h"
#include "core/http/chars.h"

#include <string.h>

/* What of a head says where its body ends. */
typedef struct delimiters {
    uint32_t hosts;
    uint32_t lengths;
    uint32_t codings;
    const char *length;
    const char *coding;
    bool close;
    bool keep_alive;
} delimiters;

static delimiters collect(const ck_http_head *head)
{
    delimiters d = {0};
    const char *name = NULL;
    const char *value = NULL;
    for (uint32_t i = 0; ck_http_head_at(head, i, &name, &value); i++) {
        size_t size = strlen(name);
        if (ck_http_equal(name, size, "host")) {
            d.hosts++;
        } else if (ck_http_equal(name, size, "content-length")) {
            d.lengths++;
            d.length = value;
        } else if (ck_http_equal(name, size, "transfer-encoding")) {
            d.codings++;
            d.coding = value;
        } else if (ck_http_equal(name, size, "connection")) {
            d.close |= ck_http_has_token(value, "close");
            d.keep_alive |= ck_http_has_token(value, "keep-alive");
        }
    }
    return d;
}

static enum ck_http_fault check(ck_http_head *head, const delimiters *d)
{
    bool request = head->side == CK_HTTP_REQUEST;
    if (request && (d->hosts > 1 || (d->hosts == 0 && head->minor_version > 0))) {
        return CK_HTTP_FAULT_HOST;
    }
    if (d->lengths > 0 && d->codings > 0) {
        return CK_HTTP_FAULT_LENGTH_AND_CODING;
    }
    if (d->lengths > 1) {
        return CK_HTTP_FAULT_TWO_LENGTHS;
    }
    if (d->lengths == 1 && !ck_text_u64(d->length, INT64_MAX, &head->content_length)) {
        return CK_HTTP_FAULT_LENGTH;
    }
    /* HTTP/1.0 has no codings: whoever relayed this did not understand it (RFC 9112 6.1). */
    bool chunked = d->codings == 1 && head->minor_version > 0 &&
                   ck_http_equal(d->coding, strlen(d->coding), "chunked");
    return d->codings > 0 && !chunked ? CK_HTTP_FAULT_CODING : CK_HTTP_FAULT_NONE;
}

enum ck_http_fault ck_http_delimit(ck_http_head *head)
{
    delimiters d = collect(head);
    head->content_length = 0;
    enum ck_http_fault fault = check(head, &d);
    if (fault != CK_HTTP_FAULT_NONE) {
        return fault;
    }
    bool response = head->side == CK_HTTP_RESPONSE;
    if (response && (head->status < 200 || head->status == 204 || head->status == 304)) {
        head->framing = CK_HTTP_NO_BODY;
    } else if (d.codings > 0) {
        head->framing = CK_HTTP_CHUNKED;
    } else if (d.lengths > 0) {
        head->framing = CK_HTTP_LENGTH;
    } else {
        head->framing = response ? CK_HTTP_UNTIL_CLOSE : CK_HTTP_NO_BODY;
    }
    bool by_default = head->minor_version > 0 ? !d.close : d.keep_alive && !d.close;
    head->keep_alive = by_default && head->framing != CK_HTTP_UNTIL_CLOSE;
    return CK_HTTP_FAULT_NONE;
}
