#include "chalkrail/errors.h"
#include "core/http/body.h"
#include "support/check.h"

#include "base/check.h"

static ck_http_body body_of(enum ck_http_framing framing, uint64_t length)
{
    ck_http_head head = {.framing = framing, .content_length = length};
    ck_http_body body;
    ck_http_body_init(&body, &head);
    return body;
}

typedef struct row {
    enum ck_http_framing framing;
    uint64_t length;
    const char *in;
    const char *out;
    int status;       /* when the input is used up or the body over */
    const char *rest; /* input left for the next message */
    int end;          /* of ck_http_body_end then */
} row;

#define MORE 0
#define END  CHALK_ERR_END
#define BAD  CHALK_ERR_BAD_DATA

static const row rows[] = {
    {CK_HTTP_NO_BODY, 0, "abc", "", END, "abc", END},
    {CK_HTTP_LENGTH, 0, "abc", "", END, "abc", END},
    {CK_HTTP_LENGTH, 3, "abcd", "abc", END, "d", END},
    {CK_HTTP_LENGTH, 5, "abcd", "abcd", MORE, "", BAD},
    {CK_HTTP_UNTIL_CLOSE, 0, "abcd", "abcd", MORE, "", END},
    {CK_HTTP_UNTIL_CLOSE, 0, "", "", MORE, "", END},
    {CK_HTTP_CHUNKED, 0, "", "", MORE, "", BAD},
    {CK_HTTP_CHUNKED, 0, "0\r\n\r\nGET", "", END, "GET", END},
    {CK_HTTP_CHUNKED, 0, "3\r\nabc\r\n0\r\n\r\n", "abc", END, "", END},
    {CK_HTTP_CHUNKED, 0, "3\r\nabc\r\n00a\r\n0123456789\r\n0\r\n\r\n!", "abc0123456789", END, "!",
     END},
    {CK_HTTP_CHUNKED, 0, "A\r\n0123456789\r\n", "0123456789", MORE, "", BAD},
    {CK_HTTP_CHUNKED, 0, "3;name=\"v\" ; x\r\nabc\r\n0 \r\n\r\n", "abc", END, "", END},
    {CK_HTTP_CHUNKED, 0, "1\r\na\r\n0\r\nX-Sum: 1\r\nY: 2\r\n\r\nz", "a", END, "z", END},
    {CK_HTTP_CHUNKED, 0, "3\r\nab", "ab", MORE, "", BAD},
    {CK_HTTP_CHUNKED, 0, "\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "g\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "-1\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "0x1\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, " 1\r\na", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, ";a\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1\na\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1\rXa\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1;\x01\r\na\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1;a\na\r\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1\r\nab\r\n", "a", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1\r\na\n", "a", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "1\r\na\rX", "a", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "0\r\nX: 1\n", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "0\r\nX: 1\rY", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "0\r\n\rY", "", BAD, NULL, BAD},
    {CK_HTTP_CHUNKED, 0, "fffffffffffffffff\r\n", "", BAD, NULL, BAD},
};

CK_TEST(http_body, follows_the_table)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const row *r = &rows[i];
        ck_http_body body = body_of(r->framing, r->length);
        ck_reader in = ck_reader_of(r->in, strlen(r->in));
        ck_http_part part;
        char out[64];
        size_t size = 0;
        int status;
        while ((status = ck_http_body_next(&body, &in, &part)) > 0) {
            CK_CHECK_ROW(i, part.size > 0 && size + part.size < sizeof out);
            memcpy(out + size, part.data, part.size);
            size += part.size;
        }
        CK_CHECK_ROW(i, status == r->status);
        CK_CHECK_ROW(i, size == strlen(r->out) && memcmp(out, r->out, size) == 0);
        if (r->rest != NULL) {
            CK_CHECK_ROW(i, ck_reader_left(&in) == strlen(r->rest));
            CK_CHECK_ROW(i, body.fault == CK_HTTP_FAULT_NONE);
        }
        CK_CHECK_ROW(i, ck_http_body_end(&body) == r->end);
        CK_CHECK_ROW(i, ck_http_body_next(&body, &in, &part) == r->end);
    }
}

CK_TEST(http_body, names_its_faults)
{
    static const struct {
        const char *in;
        enum ck_http_fault fault;
    } table[] = {
        {"g\r\n", CK_HTTP_FAULT_CHUNK},
        {"0\r\na\n", CK_HTTP_FAULT_LINE_END},
        {"5\r\nab", CK_HTTP_FAULT_CUT_SHORT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        ck_http_body body = body_of(CK_HTTP_CHUNKED, 0);
        ck_reader in = ck_reader_of(table[i].in, strlen(table[i].in));
        ck_http_part part;
        while (ck_http_body_next(&body, &in, &part) > 0) {
        }
        ck_http_body_end(&body);
        CK_CHECK_ROW(i, body.fault == table[i].fault);
    }
}

/* Feeds `start`, then `more` until something happens. */
static enum ck_http_fault fault_of_endless(const char *start, const char *more, size_t *fed)
{
    ck_http_body body = body_of(CK_HTTP_CHUNKED, 0);
    ck_http_part part;
    ck_reader in = ck_reader_of(start, strlen(start));
    int status = ck_http_body_next(&body, &in, &part);
    for (*fed = 0; status == 0 && *fed < 1 << 20; *fed += strlen(more)) {
        in = ck_reader_of(more, strlen(more));
        status = ck_http_body_next(&body, &in, &part);
    }
    return body.fault;
}

CK_TEST(http_body, takes_any_number_of_chunks)
{
    ck_http_body body = body_of(CK_HTTP_CHUNKED, 0);
    ck_http_part part;
    for (size_t i = 0; i < 2000; i++) {
        ck_reader in = ck_reader_of("1;x\r\na\r\n", 8);
        CK_CHECK_ROW(i, ck_http_body_next(&body, &in, &part) == 1 && part.size == 1);
        CK_CHECK_ROW(i, ck_http_body_next(&body, &in, &part) == 0);
    }
}

CK_TEST(http_body, is_bounded_between_chunks)
{
    size_t fed;
    CK_CHECK_EQ(fault_of_endless("", "0", &fed), CK_HTTP_FAULT_CHUNK);
    CK_CHECK_EQ(fed, CK_HTTP_CHUNK_LINE_MAX + 1);
    CK_CHECK_EQ(fault_of_endless("1;", "x", &fed), CK_HTTP_FAULT_CHUNK);
    CK_CHECK_EQ(fed, CK_HTTP_CHUNK_LINE_MAX - 1);
    CK_CHECK_EQ(fault_of_endless("0\r\n", "a: b\r\n", &fed), CK_HTTP_FAULT_TRAILER);
    CK_CHECK(fed < CK_HTTP_TRAILER_MAX * 2);
}
