#include "core/http/body.h"

#include "base/check.h"
#include "chalkrail/errors.h"

/* Where in the body the next byte stands. */
enum place {
    DATA = 1,
    FIRST_DIGIT, /* of a chunk size */
    DIGITS,
    EXTENSION,
    SIZE_LF,
    DATA_CR,
    DATA_LF,
    TRAILER_FIRST, /* first byte of a trailer line */
    TRAILER_LINE,
    TRAILER_LF,
    LAST_LF,
    DONE,
};

void ck_http_body_init(ck_http_body *body, const ck_http_head *head)
{
    *body = (ck_http_body){.framing = head->framing, .state = DONE};
    switch (head->framing) {
    case CK_HTTP_LENGTH:
        body->left = head->content_length;
        body->state = body->left > 0 ? DATA : DONE;
        break;
    case CK_HTTP_CHUNKED:
        body->state = FIRST_DIGIT;
        break;
    case CK_HTTP_UNTIL_CLOSE:
        body->left = UINT64_MAX;
        body->state = DATA;
        break;
    case CK_HTTP_NO_BODY:
        break;
    }
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9') {
        return byte - '0';
    }
    uint8_t lower = byte | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* chunk-size [chunk-ext] CRLF, RFC 9112 7.1. */
static enum place step_size(ck_http_body *body, uint8_t byte)
{
    int digit = hex_digit(byte);
    if (++body->line > CK_HTTP_CHUNK_LINE_MAX) {
        body->fault = CK_HTTP_FAULT_CHUNK;
    } else if (body->state == EXTENSION) {
        if (byte == '\r') {
            return SIZE_LF;
        }
        body->fault = byte < 0x20 && byte != '\t' ? CK_HTTP_FAULT_CHUNK : CK_HTTP_FAULT_NONE;
        return EXTENSION;
    } else if (digit >= 0 && body->left >> 56 == 0) {
        body->left = body->left << 4 | (uint64_t)digit;
        return DIGITS;
    } else if (body->state == DIGITS && byte == '\r') {
        return SIZE_LF;
    } else if (body->state == DIGITS && (byte == ';' || byte == ' ' || byte == '\t')) {
        return EXTENSION;
    } else {
        body->fault = CK_HTTP_FAULT_CHUNK;
    }
    return (enum place)body->state;
}

static enum place step_trailer(ck_http_body *body, uint8_t byte)
{
    if (++body->trailer > CK_HTTP_TRAILER_MAX) {
        body->fault = CK_HTTP_FAULT_TRAILER;
    } else if (byte == '\r') {
        return body->state == TRAILER_FIRST ? LAST_LF : TRAILER_LF;
    } else if (byte == '\n') {
        body->fault = CK_HTTP_FAULT_LINE_END;
    }
    return TRAILER_LINE;
}

/* A byte that must be `wanted`. */
static enum place step_fixed(ck_http_body *body, uint8_t byte, uint8_t wanted, enum place next)
{
    if (byte != wanted) {
        body->fault = CK_HTTP_FAULT_CHUNK;
    }
    return next;
}

static enum place step(ck_http_body *body, uint8_t byte)
{
    switch ((enum place)body->state) {
    case FIRST_DIGIT:
    case DIGITS:
    case EXTENSION:
        return step_size(body, byte);
    case SIZE_LF:
        body->line = 0;
        return step_fixed(body, byte, '\n', body->left > 0 ? DATA : TRAILER_FIRST);
    case DATA_CR:
        return step_fixed(body, byte, '\r', DATA_LF);
    case DATA_LF:
        return step_fixed(body, byte, '\n', FIRST_DIGIT);
    case TRAILER_FIRST:
    case TRAILER_LINE:
        return step_trailer(body, byte);
    case TRAILER_LF:
        return step_fixed(body, byte, '\n', TRAILER_FIRST);
    case LAST_LF:
        return step_fixed(body, byte, '\n', DONE);
    case DATA:
    case DONE:
        break;
    }
    return (enum place)body->state;
}

static void take_part(ck_http_body *body, ck_reader *in, ck_http_part *part)
{
    size_t size = (size_t)CK_MIN((uint64_t)ck_reader_left(in), body->left);
    *part = (ck_http_part){ck_read_bytes(in, size), size};
    if (body->framing == CK_HTTP_UNTIL_CLOSE) {
        return;
    }
    body->left -= size;
    if (body->left == 0) {
        body->state = body->framing == CK_HTTP_CHUNKED ? DATA_CR : DONE;
    }
}

int ck_http_body_next(ck_http_body *body, ck_reader *in, ck_http_part *part)
{
    while (body->fault == CK_HTTP_FAULT_NONE && body->state != DONE) {
        if (ck_reader_left(in) == 0) {
            return 0;
        }
        if (body->state == DATA) {
            take_part(body, in, part);
            return 1;
        }
        body->state = (uint8_t)step(body, ck_read_u8(in));
    }
    return body->fault != CK_HTTP_FAULT_NONE ? ck_http_fault_error(body->fault) : CHALK_ERR_END;
}

int ck_http_body_end(ck_http_body *body)
{
    if (body->framing == CK_HTTP_UNTIL_CLOSE) {
        body->state = DONE;
    }
    if (body->fault == CK_HTTP_FAULT_NONE && body->state != DONE) {
        body->fault = CK_HTTP_FAULT_CUT_SHORT;
    }
    return body->fault != CK_HTTP_FAULT_NONE ? ck_http_fault_error(body->fault) : CHALK_ERR_END;
}
