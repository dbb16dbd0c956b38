/* Which characters may stand where (RFC 9110 5.5, 5.6.2; RFC 9112 3). Private to core/http. */
#ifndef CK_CORE_HTTP_CHARS_H
#define CK_CORE_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>

bool ck_http_is_token(const char *text, size_t size);   /* not empty */
bool ck_http_is_visible(const char *text, size_t size); /* not empty, ASCII 21-7e */
bool ck_http_is_value(const char *text, size_t size);   /* no control characters but tab */
/* ASCII case does not count. */
bool ck_http_equal(const char *a, size_t a_size, const char *b);
/* Whether a list such as "keep-alive, Upgrade" has the token; case does not count. */
bool ck_http_has_token(const char *list, const char *token);

#endif
