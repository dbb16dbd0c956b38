/*
 * Writing heads of HTTP/1.1 messages (RFC 9112 3, 4 and 5). What would break the message (a line
 * break in a value, a space in a target) is refused, never escaped or passed on.
 */
#ifndef CK_CORE_HTTP_WRITE_H
#define CK_CORE_HTTP_WRITE_H

#include "base/bytes.h"

typedef struct ck_http_header {
    const char *name;
    const char *value;
} ck_http_header;

/* Appends "METHOD target HTTP/1.1", Host, the headers, an empty line. `host` as in the URL: a name
 * or address, with ":port" unless it is the scheme's own. CHALK_OK, CHALK_ERR_INVALID_ARGUMENT,
 * CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE; on an error *out has its old size. */
int ck_http_write_request(ck_buf *out, const char *method, const char *target, const char *host,
                          const ck_http_header *headers, size_t header_count);

/* Appends "HTTP/1.1 status reason", the headers, an empty line. `status` 100-999; the reason is the
 * registered one, empty for a code without. The same errors. */
int ck_http_write_response(ck_buf *out, int status, const ck_http_header *headers,
                           size_t header_count);

const char *ck_http_reason(int status); /* "Not Found"; "" when not registered here */

#endif
