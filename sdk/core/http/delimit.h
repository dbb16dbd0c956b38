/* How the body after a head is delimited (RFC 9112 6.3), and what is refused. Private to core/http.
 */
#ifndef CK_CORE_HTTP_DELIMIT_H
#define CK_CORE_HTTP_DELIMIT_H

#include "core/http/head.h"

/* Fills framing, content_length and keep_alive from the fields of a whole head. */
enum ck_http_fault ck_http_delimit(ck_http_head *head);

#endif
