/*
 * Heads of HTTP/1.1 messages (RFC 9112), read incrementally, and how the body is delimited (6.3).
 *
 * Strict where leniency is how requests are smuggled (RFC 9112 11.2): CRLF only, no folded lines,
 * no white space before a colon, one Content-Length, never beside Transfer-Encoding. Each refusal
 * has a name of its own (ck_http_fault), beside the chalk_error.
 *
 *     ck_http_head_init(&head, CK_HTTP_RESPONSE, alloc);
 *     ck_reader in = ck_reader_of(bytes, size);
 *     status = ck_http_head_feed(&head, &in);     1: complete, the body begins at in.at; 0: more
 */
#ifndef CK_CORE_HTTP_HEAD_H
#define CK_CORE_HTTP_HEAD_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_HTTP_HEAD_MAX    16384u /* bytes of a head, interim responses included */
#define CK_HTTP_HEADERS_MAX 64u

enum ck_http_side {
    CK_HTTP_REQUEST = 1,
    CK_HTTP_RESPONSE = 2,
};

/* X(NAME, chalk_error, text) */
#define CK_HTTP_FAULT_LIST(X)                                                                      \
    X(START_LINE, BAD_DATA, "the first line is no HTTP/1.1 request or status line")                \
    X(VERSION, UNSUPPORTED, "an HTTP version other than 1.0 and 1.1")                              \
    X(METHOD, BAD_DATA, "the method is no token")                                                  \
    X(TARGET, BAD_DATA, "the target has characters it may not have")                               \
    X(LINE_END, BAD_DATA, "a line does not end in CR LF")                                          \
    X(FOLDED_LINE, BAD_DATA, "a header is folded over two lines")                                  \
    X(HEADER_NAME, BAD_DATA, "a header name is no token, or space stands before its colon")        \
    X(HEADER_VALUE, BAD_DATA, "a header value has control characters")                             \
    X(HOST, BAD_DATA, "the request has no Host or more than one")                                  \
    X(LENGTH, BAD_DATA, "Content-Length is no number")                                             \
    X(TWO_LENGTHS, BAD_DATA, "Content-Length stands there twice")                                  \
    X(LENGTH_AND_CODING, BAD_DATA, "Content-Length and Transfer-Encoding stand together")          \
    X(CODING, UNSUPPORTED, "a transfer coding other than chunked")                                 \
    X(HEAD_SIZE, TOO_LARGE, "the head is larger than 16 KB")                                       \
    X(HEADER_COUNT, TOO_LARGE, "there are more than 64 headers")                                   \
    X(CHUNK, BAD_DATA, "a chunk's size or end is malformed")                                       \
    X(CUT_SHORT, BAD_DATA, "the connection ended inside the message")                              \
    X(TRAILER, TOO_LARGE, "the trailer is too long")                                               \
    X(MEMORY, NO_MEMORY, "memory is exhausted")

enum ck_http_fault {
    CK_HTTP_FAULT_NONE = 0,
#define CK_HTTP_FAULT_ENUM(name, error, text) CK_HTTP_FAULT_##name,
    CK_HTTP_FAULT_LIST(CK_HTTP_FAULT_ENUM)
#undef CK_HTTP_FAULT_ENUM
};

const char *ck_http_fault_text(enum ck_http_fault fault); /* "" for none or out of range */
int ck_http_fault_error(enum ck_http_fault fault);        /* chalk_error; CHALK_OK for none */

/* How the body after a head is delimited. */
enum ck_http_framing {
    CK_HTTP_NO_BODY = 1,
    CK_HTTP_LENGTH, /* content_length bytes */
    CK_HTTP_CHUNKED,
    CK_HTTP_UNTIL_CLOSE, /* responses only */
};

typedef struct ck_http_field {
    uint16_t name; /* offsets into `text`, zero-terminated there */
    uint16_t value;
} ck_http_field;

typedef struct ck_http_head {
    /* Valid once ck_http_head_feed has returned 1. */
    uint16_t status;       /* response: 100-999 */
    uint8_t minor_version; /* 0 or 1 */
    bool keep_alive;       /* RFC 9112 9.3 */
    enum ck_http_framing framing;
    uint64_t content_length; /* CK_HTTP_LENGTH: bytes */
    enum ck_http_fault fault;

    /* Private. */
    enum ck_http_side side;
    ck_buf text;
    uint32_t consumed; /* bytes of interim responses already passed over */
    uint16_t line;     /* where the current line begins in `text` */
    uint16_t method;
    uint16_t target; /* response: the reason phrase */
    uint16_t field_count;
    bool has_start_line;
    bool done;
    ck_http_field fields[CK_HTTP_HEADERS_MAX];
} ck_http_head;

void ck_http_head_init(ck_http_head *head, enum ck_http_side side, const ck_alloc *alloc);
void ck_http_head_free(ck_http_head *head);

/* Takes bytes up to the end of the head. 1: complete; 0: all bytes are taken, more are needed;
 * below 0: ck_http_fault_error(head->fault), and again on every later call. Interim responses
 * (1xx but 101) are passed over. */
int ck_http_head_feed(ck_http_head *head, ck_reader *in);

/* Texts live as long as the head. */
const char *ck_http_head_method(const ck_http_head *head); /* request: "GET" */
const char *ck_http_head_target(const ck_http_head *head); /* request: "/live/room.flv?token=..." */
const char *ck_http_head_reason(const ck_http_head *head); /* response: "Not Found", may be "" */
/* The first header of that name, in any case; NULL when there is none. */
const char *ck_http_head_get(const ck_http_head *head, const char *name);
/* Whether the lists in all headers of that name have the token; case does not count. */
bool ck_http_head_has_token(const ck_http_head *head, const char *name, const char *token);
uint32_t ck_http_head_count(const ck_http_head *head);
/* The header at `index`, in the order received; false past the end. */
bool ck_http_head_at(const ck_http_head *head, uint32_t index, const char **name,
                     const char **value);

#endif
