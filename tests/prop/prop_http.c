/* HTTP: how the bytes arrive changes nothing, and what is written is read. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/http/body.h"
#include "core/http/write.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#define LIMIT 65536u

/* Everything that reading a message tells. */
typedef struct result {
    int head_status;
    int body_status;
    enum ck_http_fault fault;
    enum ck_http_framing framing;
    uint32_t headers;
    uint64_t text;    /* digest of names and values */
    uint64_t payload; /* digest of the body */
    size_t payload_size;
    size_t taken;
} result;

static uint64_t digest(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static void read_body(result *r, ck_http_body *body, ck_reader *in)
{
    ck_http_part part;
    while ((r->body_status = ck_http_body_next(body, in, &part)) > 0) {
        r->payload = digest(r->payload, part.data, part.size);
        r->payload_size += part.size;
    }
}

static void note_head(result *r, const ck_http_head *head)
{
    const char *name = NULL;
    const char *value = NULL;
    r->framing = head->framing;
    r->headers = ck_http_head_count(head);
    for (uint32_t i = 0; ck_http_head_at(head, i, &name, &value); i++) {
        r->text = digest(r->text, name, strlen(name) + 1);
        r->text = digest(r->text, value, strlen(value) + 1);
    }
}

static result read_message(enum ck_http_side side, const void *data, size_t size, ck_rng *rng,
                           size_t piece_max)
{
    result r = {0};
    ck_http_head head;
    ck_http_body body = {0};
    ck_http_head_init(&head, side, &ck_test_heap);
    for (size_t at = 0; at < size && r.head_status >= 0 && r.body_status >= 0;) {
        size_t piece = 1 + ck_rng_below(rng, piece_max);
        piece = CK_MIN(piece, size - at);
        ck_reader in = ck_reader_of((const uint8_t *)data + at, piece);
        if (r.head_status == 0) {
            r.head_status = ck_http_head_feed(&head, &in);
            if (r.head_status > 0) {
                note_head(&r, &head);
                ck_http_body_init(&body, &head);
            }
        }
        if (r.head_status > 0) {
            read_body(&r, &body, &in);
        }
        at += piece - ck_reader_left(&in);
        r.taken = at;
    }
    r.fault = head.fault != CK_HTTP_FAULT_NONE ? head.fault : body.fault;
    ck_http_head_free(&head);
    return r;
}

static void put_text(ck_buf *out, const char *text)
{
    ck_buf_put(out, text, strlen(text));
}

static void put_chunk(ck_buf *out, ck_rng *rng, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    ck_buf_put(out, &digits[size / 16], 1);
    ck_buf_put(out, &digits[size % 16], 1);
    put_text(out, ck_rng_below(rng, 4) == 0 ? ";a=b\r\n" : "\r\n");
    for (size_t i = 0; i < size; i++) {
        ck_buf_put_u8(out, (uint8_t)ck_rng_next(rng));
    }
    put_text(out, size > 0 ? "\r\n" : "");
}

/* A message that is mostly sound, and sometimes hurt in one place. */
static void put_message(ck_buf *out, ck_rng *rng, enum ck_http_side side)
{
    static const char *const fields[] = {
        "Content-Type: video/x-flv\r\n",
        "X:\r\n",
        "Connection: keep-alive\r\n",
        "Content-Length: 37\r\n",
        "Server: a b c\r\n",
        "Transfer-Encoding: chunked\r\n",
    };
    put_text(out, side == CK_HTTP_REQUEST ? "GET /a?b=c HTTP/1.1\r\nHost: h\r\n"
                                          : "HTTP/1.1 200 OK\r\n");
    for (uint64_t n = ck_rng_below(rng, 5); n > 0; n--) {
        put_text(out, fields[ck_rng_below(rng, CK_COUNT_OF(fields))]);
    }
    put_text(out, "\r\n");
    for (uint64_t n = ck_rng_below(rng, 6); n > 0; n--) {
        put_chunk(out, rng, 1 + ck_rng_below(rng, 250));
    }
    put_chunk(out, rng, 0);
    put_text(out, ck_rng_below(rng, 3) == 0 ? "T: 1\r\n\r\n" : "\r\n");
    if (ck_rng_below(rng, 3) == 0) {
        out->data[ck_rng_below(rng, out->size)] =
            (uint8_t) "\r\n :;,0f\x01z"[ck_rng_below(rng, 10)];
    }
}

CK_TEST(prop_http, any_split_gives_the_same_message)
{
    uint32_t complete = 0;
    uint32_t refused = 0;
    CK_FOR_SEEDS(seed, 3000)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_buf message;
        ck_buf_init(&message, &ck_test_heap, LIMIT);
        enum ck_http_side side = ck_rng_below(&rng, 2) == 0 ? CK_HTTP_REQUEST : CK_HTTP_RESPONSE;
        put_message(&message, &rng, side);
        result a = read_message(side, message.data, message.size, &rng, 1);
        result b =
            read_message(side, message.data, message.size, &rng, 1 + ck_rng_below(&rng, 200));
        CK_CHECK_ROW(seed, a.head_status == b.head_status && a.body_status == b.body_status);
        CK_CHECK_ROW(seed, a.fault == b.fault && a.framing == b.framing);
        CK_CHECK_ROW(seed, a.headers == b.headers && a.text == b.text);
        CK_CHECK_ROW(seed, a.payload == b.payload && a.payload_size == b.payload_size);
        CK_CHECK_ROW(seed, a.fault != CK_HTTP_FAULT_NONE || a.taken == b.taken);
        complete += a.body_status == CHALK_ERR_END;
        refused += a.fault != CK_HTTP_FAULT_NONE;
        ck_buf_free(&message);
    }
    CK_CHECK(ck_seed_env("CHALKRAIL_SEED") != 0 || (complete > 300 && refused > 300));
}

CK_TEST(prop_http, what_is_written_is_read)
{
    CK_FOR_SEEDS(seed, 500)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        char values[8][24] = {{0}};
        ck_http_header headers[8];
        size_t count = ck_rng_below(&rng, 9);
        for (size_t i = 0; i < count; i++) {
            size_t size = ck_rng_below(&rng, sizeof values[i] - 1);
            for (size_t k = 0; k < size; k++) {
                values[i][k] = (char)(0x21 + ck_rng_below(&rng, 0x5e));
            }
            headers[i] = (ck_http_header){"X-Value", values[i]};
        }
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, LIMIT);
        bool request = ck_rng_below(&rng, 2) == 0;
        int code = 200 + (int)ck_rng_below(&rng, 400);
        int written = request ? ck_http_write_request(&out, "GET", "/x?y", "h:1", headers, count)
                              : ck_http_write_response(&out, code, headers, count);
        CK_CHECK_ROW(seed, written == CHALK_OK);
        ck_http_head head;
        ck_http_head_init(&head, request ? CK_HTTP_REQUEST : CK_HTTP_RESPONSE, &ck_test_heap);
        ck_reader in = ck_reader_of(out.data, out.size);
        CK_CHECK_ROW(seed, ck_http_head_feed(&head, &in) == 1 && ck_reader_left(&in) == 0);
        CK_CHECK_ROW(seed, ck_http_head_count(&head) == count + request);
        for (size_t i = 0; i < count; i++) {
            const char *name = NULL;
            const char *value = NULL;
            CK_CHECK_ROW(seed, ck_http_head_at(&head, (uint32_t)i + request, &name, &value));
            CK_CHECK_ROW(seed, strcmp(name, "X-Value") == 0 && strcmp(value, values[i]) == 0);
        }
        CK_CHECK_ROW(seed, request || head.status == code);
        ck_http_head_free(&head);
        ck_buf_free(&out);
    }
}
