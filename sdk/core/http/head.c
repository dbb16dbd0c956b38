#include "core/http/head.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/http/chars.h"
#include "core/http/delimit.h"

#include <string.h>

const char *ck_http_fault_text(enum ck_http_fault fault)
{
    static const char *const texts[] = {"",
#define FAULT_TEXT(name, error, text) text,
                                        CK_HTTP_FAULT_LIST(FAULT_TEXT)
#undef FAULT_TEXT
    };
    unsigned index = (unsigned)fault;
    return index < CK_COUNT_OF(texts) ? texts[index] : "";
}

int ck_http_fault_error(enum ck_http_fault fault)
{
    static const int errors[] = {CHALK_OK,
#define FAULT_ERROR(name, error, text) CHALK_ERR_##error,
                                 CK_HTTP_FAULT_LIST(FAULT_ERROR)
#undef FAULT_ERROR
    };
    unsigned index = (unsigned)fault;
    return index < CK_COUNT_OF(errors) ? errors[index] : CHALK_ERR_BAD_STATE;
}

void ck_http_head_init(ck_http_head *head, enum ck_http_side side, const ck_alloc *alloc)
{
    *head = (ck_http_head){.side = side};
    ck_buf_init(&head->text, alloc, CK_HTTP_HEAD_MAX);
}

void ck_http_head_free(ck_http_head *head)
{
    ck_buf_free(&head->text);
    head->field_count = 0;
    head->done = false;
}

static char *text_at(const ck_http_head *head, size_t offset)
{
    return (char *)head->text.data + offset;
}

/* "HTTP/1.0" and "HTTP/1.1"; a later 1.x promises to be understood as 1.1 (RFC 9110 2.5). */
static enum ck_http_fault parse_version(ck_http_head *head, const char *text, size_t size)
{
    bool digits = size == 8 && memcmp(text, "HTTP/", 5) == 0 && text[5] >= '0' && text[5] <= '9' &&
                  text[6] == '.' && text[7] >= '0' && text[7] <= '9';
    if (!digits) {
        return CK_HTTP_FAULT_START_LINE;
    }
    head->minor_version = text[7] == '0' ? 0 : 1;
    return text[5] == '1' ? CK_HTTP_FAULT_NONE : CK_HTTP_FAULT_VERSION;
}

/* method SP target SP version; the spaces become terminators. */
static enum ck_http_fault parse_request_line(ck_http_head *head, char *line, size_t size)
{
    char *target = memchr(line, ' ', size);
    if (target == NULL) {
        return CK_HTTP_FAULT_START_LINE;
    }
    size_t method_size = (size_t)(target - line);
    *target++ = '\0';
    char *version = memchr(target, ' ', size - method_size - 1);
    if (version == NULL) {
        return CK_HTTP_FAULT_START_LINE;
    }
    size_t target_size = (size_t)(version - target);
    *version++ = '\0';
    if (!ck_http_is_token(line, method_size)) {
        return CK_HTTP_FAULT_METHOD;
    }
    if (!ck_http_is_visible(target, target_size)) {
        return CK_HTTP_FAULT_TARGET;
    }
    head->method = head->line;
    head->target = (uint16_t)(target - text_at(head, 0));
    return parse_version(head, version, size - method_size - target_size - 2);
}

/* version SP 3DIGIT [SP reason]; some servers leave the last space out with the reason. */
static enum ck_http_fault parse_status_line(ck_http_head *head, const char *line, size_t size)
{
    if (size < 12 || line[8] != ' ' || (size > 12 && line[12] != ' ')) {
        return CK_HTTP_FAULT_START_LINE;
    }
    uint16_t status = 0;
    for (int i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9') {
            return CK_HTTP_FAULT_START_LINE;
        }
        status = (uint16_t)(status * 10 + (line[i] - '0'));
    }
    size_t reason = size > 12 ? 13 : 12;
    if (status < 100 || !ck_http_is_value(line + reason, size - reason)) {
        return CK_HTTP_FAULT_START_LINE;
    }
    head->status = status;
    head->target = (uint16_t)(head->line + reason);
    return parse_version(head, line, 8);
}

static enum ck_http_fault parse_field(ck_http_head *head, char *line, size_t size)
{
    if (line[0] == ' ' || line[0] == '\t') {
        return CK_HTTP_FAULT_FOLDED_LINE;
    }
    if (head->field_count == CK_HTTP_HEADERS_MAX) {
        return CK_HTTP_FAULT_HEADER_COUNT;
    }
    char *colon = memchr(line, ':', size);
    if (colon == NULL || !ck_http_is_token(line, (size_t)(colon - line))) {
        return CK_HTTP_FAULT_HEADER_NAME;
    }
    char *value = colon + 1;
    char *end = line + size;
    while (value < end && (*value == ' ' || *value == '\t')) {
        value++;
    }
    while (end > value && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    if (!ck_http_is_value(value, (size_t)(end - value))) {
        return CK_HTTP_FAULT_HEADER_VALUE;
    }
    *colon = '\0';
    *end = '\0';
    head->fields[head->field_count++] = (ck_http_field){
        .name = head->line,
        .value = (uint16_t)(value - text_at(head, 0)),
    };
    return CK_HTTP_FAULT_NONE;
}

/* Forgets what was read, but not how much it was: the limit covers interim responses too. */
static void begin_again(ck_http_head *head)
{
    head->consumed += (uint32_t)head->text.size;
    ck_buf_clear(&head->text);
    head->line = 0;
    head->field_count = 0;
    head->has_start_line = false;
}

static enum ck_http_fault end_of_head(ck_http_head *head)
{
    if (!head->has_start_line) {
        /* RFC 9112 2.2: an empty line before a request is left over from the one before. */
        begin_again(head);
        return head->side == CK_HTTP_REQUEST ? CK_HTTP_FAULT_NONE : CK_HTTP_FAULT_START_LINE;
    }
    enum ck_http_fault fault = ck_http_delimit(head);
    bool interim = head->side == CK_HTTP_RESPONSE && head->status < 200 && head->status != 101;
    if (fault == CK_HTTP_FAULT_NONE && interim) {
        begin_again(head);
        return CK_HTTP_FAULT_NONE;
    }
    head->done = true;
    return fault;
}

/* The line from head->line to the end of the text is whole, its LF included. */
static enum ck_http_fault parse_line(ck_http_head *head)
{
    char *line = text_at(head, head->line);
    size_t size = head->text.size - head->line;
    if (size < 2 || line[size - 2] != '\r') {
        return CK_HTTP_FAULT_LINE_END;
    }
    size -= 2;
    line[size] = '\0';
    if (size == 0) {
        return end_of_head(head);
    }
    enum ck_http_fault fault;
    if (head->has_start_line) {
        fault = parse_field(head, line, size);
    } else if (head->side == CK_HTTP_REQUEST) {
        fault = parse_request_line(head, line, size);
    } else {
        fault = parse_status_line(head, line, size);
    }
    head->has_start_line = true;
    head->line = (uint16_t)head->text.size;
    return fault;
}

/* Takes the rest of one line, or as much of it as there is. */
static enum ck_http_fault take_line(ck_http_head *head, ck_reader *in)
{
    size_t left = ck_reader_left(in);
    const uint8_t *lf = memchr(in->at, '\n', left);
    size_t size = lf != NULL ? (size_t)(lf - in->at) + 1 : left;
    if (size > CK_HTTP_HEAD_MAX - head->consumed - head->text.size) {
        return CK_HTTP_FAULT_HEAD_SIZE;
    }
    ck_buf_put(&head->text, ck_read_bytes(in, size), size);
    if (ck_buf_status(&head->text) < 0) {
        return CK_HTTP_FAULT_MEMORY;
    }
    return lf != NULL ? parse_line(head) : CK_HTTP_FAULT_NONE;
}

int ck_http_head_feed(ck_http_head *head, ck_reader *in)
{
    while (head->fault == CK_HTTP_FAULT_NONE && !head->done && ck_reader_left(in) > 0) {
        head->fault = take_line(head, in);
    }
    if (head->fault != CK_HTTP_FAULT_NONE) {
        return ck_http_fault_error(head->fault);
    }
    return head->done ? 1 : 0;
}

const char *ck_http_head_method(const ck_http_head *head)
{
    return head->done && head->side == CK_HTTP_REQUEST ? text_at(head, head->method) : "";
}

const char *ck_http_head_target(const ck_http_head *head)
{
    return head->done && head->side == CK_HTTP_REQUEST ? text_at(head, head->target) : "";
}

const char *ck_http_head_reason(const ck_http_head *head)
{
    return head->done && head->side == CK_HTTP_RESPONSE ? text_at(head, head->target) : "";
}

uint32_t ck_http_head_count(const ck_http_head *head)
{
    return head->field_count;
}

bool ck_http_head_at(const ck_http_head *head, uint32_t index, const char **name,
                     const char **value)
{
    if (index >= head->field_count) {
        return false;
    }
    *name = text_at(head, head->fields[index].name);
    *value = text_at(head, head->fields[index].value);
    return true;
}

const char *ck_http_head_get(const ck_http_head *head, const char *name)
{
    const char *at = NULL;
    const char *value = NULL;
    for (uint32_t i = 0; ck_http_head_at(head, i, &at, &value); i++) {
        if (ck_http_equal(at, strlen(at), name)) {
            return value;
        }
    }
    return NULL;
}

bool ck_http_head_has_token(const ck_http_head *head, const char *name, const char *token)
{
    const char *at = NULL;
    const char *value = NULL;
    bool found = false;
    for (uint32_t i = 0; !found && ck_http_head_at(head, i, &at, &value); i++) {
        found = ck_http_equal(at, strlen(at), name) && ck_http_has_token(value, token);
    }
    return found;
}
