/* Reads one HTTP message, whole and in pieces, and requires the same of both. */
#ifndef CK_TESTS_FUZZ_HTTP_H
#define CK_TESTS_FUZZ_HTTP_H

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/http/body.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

typedef struct fuzz_message {
    int head_status;
    int body_status;
    int end_status;
    enum ck_http_fault fault;
    uint64_t digest;
} fuzz_message;

static inline void fuzz_require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static inline void fuzz_mix(fuzz_message *m, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        m->digest = (m->digest ^ bytes[i]) * UINT64_C(0x100000001b3);
    }
}

static inline void fuzz_note_head(fuzz_message *m, const ck_http_head *head)
{
    const char *name = NULL;
    const char *value = NULL;
    fuzz_mix(m, ck_http_head_method(head), strlen(ck_http_head_method(head)));
    fuzz_mix(m, ck_http_head_target(head), strlen(ck_http_head_target(head)));
    fuzz_mix(m, ck_http_head_reason(head), strlen(ck_http_head_reason(head)));
    for (uint32_t i = 0; ck_http_head_at(head, i, &name, &value); i++) {
        fuzz_require(ck_http_head_get(head, name) != NULL);
        fuzz_mix(m, name, strlen(name) + 1);
        fuzz_mix(m, value, strlen(value) + 1);
    }
    fuzz_require(head->framing >= CK_HTTP_NO_BODY && head->framing <= CK_HTTP_UNTIL_CLOSE);
    fuzz_require(head->side == CK_HTTP_RESPONSE || head->framing != CK_HTTP_UNTIL_CLOSE);
}

static inline void fuzz_read_body(fuzz_message *m, ck_http_body *body, ck_reader *in)
{
    ck_http_part part;
    while ((m->body_status = ck_http_body_next(body, in, &part)) > 0) {
        fuzz_require(part.size > 0 && part.data + part.size <= in->end);
        fuzz_mix(m, part.data, part.size);
    }
}

static inline fuzz_message fuzz_read(enum ck_http_side side, const uint8_t *data, size_t size,
                                     size_t piece)
{
    fuzz_message m = {0};
    ck_http_head head;
    ck_http_body body = {0};
    ck_http_head_init(&head, side, &ck_test_heap);
    for (size_t at = 0; at < size && m.head_status >= 0 && m.body_status >= 0; at += piece) {
        ck_reader in = ck_reader_of(data + at, CK_MIN(piece, size - at));
        if (m.head_status == 0) {
            m.head_status = ck_http_head_feed(&head, &in);
            if (m.head_status > 0) {
                fuzz_note_head(&m, &head);
                ck_http_body_init(&body, &head);
            }
        }
        if (m.head_status > 0) {
            fuzz_read_body(&m, &body, &in);
        }
    }
    if (m.head_status > 0) {
        m.end_status = ck_http_body_end(&body);
    }
    m.fault = head.fault != CK_HTTP_FAULT_NONE ? head.fault : body.fault;
    fuzz_require((m.fault == CK_HTTP_FAULT_NONE) ==
                 (m.head_status >= 0 && m.end_status != CHALK_ERR_BAD_DATA &&
                  m.end_status != CHALK_ERR_TOO_LARGE));
    ck_http_head_free(&head);
    return m;
}

/* The first byte is the size of a piece. */
static inline int fuzz_message_one(enum ck_http_side side, const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    fuzz_message whole = fuzz_read(side, data + 1, size - 1, size);
    fuzz_message pieces = fuzz_read(side, data + 1, size - 1, (size_t)data[0] + 1);
    fuzz_require(whole.head_status == pieces.head_status);
    fuzz_require(whole.body_status == pieces.body_status);
    fuzz_require(whole.end_status == pieces.end_status);
    fuzz_require(whole.fault == pieces.fault && whole.digest == pieces.digest);
    return 0;
}

#endif
