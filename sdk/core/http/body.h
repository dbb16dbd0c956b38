/*
 * The body of an HTTP/1.1 message (RFC 9112 6 and 7.1), decoded incrementally over any split of
 * the input. Payload comes out as borrowed ranges of the bytes that went in; nothing is copied.
 *
 *     ck_reader in = ck_reader_of(bytes, size);
 *     while ((status = ck_http_body_next(&body, &in, &part)) > 0) { ... part.data, part.size ... }
 *     status 0: feed more; CHALK_ERR_END: the body is complete, the next message begins at in.at.
 */
#ifndef CK_CORE_HTTP_BODY_H
#define CK_CORE_HTTP_BODY_H

#include "core/http/head.h"

#define CK_HTTP_CHUNK_LINE_MAX 1024u /* bytes of one chunk-size line with its extensions */
#define CK_HTTP_TRAILER_MAX    8192u /* bytes of the trailer section */

typedef struct ck_http_part {
    const uint8_t *data; /* borrowed from the input */
    size_t size;         /* at least 1 */
} ck_http_part;

typedef struct ck_http_body {
    enum ck_http_framing framing;
    uint64_t left; /* bytes left of the body or of the current chunk */
    uint32_t line; /* bytes of the current line */
    uint32_t trailer;
    uint8_t state; /* private to body.c */
    enum ck_http_fault fault;
} ck_http_body;

/* For the body that follows a complete head. */
void ck_http_body_init(ck_http_body *body, const ck_http_head *head);

/* 1 and a part; 0: all bytes are taken, more are needed; CHALK_ERR_END: complete;
 * ck_http_fault_error(body->fault) on a fault, and again on every later call. */
int ck_http_body_next(ck_http_body *body, ck_reader *in, ck_http_part *part);

/* The connection ended. CHALK_ERR_END where that completes the body (until-close, or complete
 * already), CHALK_ERR_BAD_DATA with CK_HTTP_FAULT_CUT_SHORT where it cuts it. */
int ck_http_body_end(ck_http_body *body);

#endif
