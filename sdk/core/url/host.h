/* Private to url: what may stand between "//" and the port (RFC 3986 section 3.2.2). */
#ifndef CK_CORE_URL_HOST_H
#define CK_CORE_URL_HOST_H

#include <stdbool.h>
#include <stddef.h>

/* An IPv6 address without brackets and zone: eight groups, or fewer with one "::", the last two
 * groups also as an IPv4 address. */
bool ck_host_is_ipv6(const char *text, size_t size);

/* A registered name or an IPv4 address: letters, digits, '-', '_' in labels of 1 to 63 bytes,
 * 253 in all; one dot may end it. */
bool ck_host_is_name(const char *text, size_t size);

#endif
