/*
 * URLs of media and rooms (RFC 3986): rtmp, rtmps, http, https, ws, wss.
 *
 * Accepted: a registered name, an IPv4 address, or an IPv6 address in brackets; a port; a path; a
 * query. A fragment is dropped, except in RTMP, which has none: there '#' belongs to the path.
 * Refused by name (`problem`): user names and passwords (they end in logs; use a token), IPv6
 * zones, white space and control characters (they would split a request), text above CK_URL_MAX.
 */
#ifndef CK_CORE_URL_URL_H
#define CK_CORE_URL_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_URL_MAX      2048 /* bytes of a URL without the terminator */
#define CK_URL_HOST_MAX 253

enum ck_url_scheme {
    CK_URL_RTMP = 1,
    CK_URL_RTMPS,
    CK_URL_HTTP,
    CK_URL_HTTPS,
    CK_URL_WS,
    CK_URL_WSS,
};

typedef struct ck_url {
    uint8_t scheme;                 /* enum ck_url_scheme */
    bool tls;                       /* rtmps, https, wss */
    bool ipv6;                      /* host is an IPv6 address */
    bool port_given;                /* false: the scheme's own */
    uint16_t port;                  /* 1-65535; defaults 1935, 443 (rtmps too), 80 */
    char host[CK_URL_HOST_MAX + 1]; /* lower case, without brackets */
    char path[CK_URL_MAX + 1];      /* "/" at least; still percent-encoded */
    char query[CK_URL_MAX + 1];     /* without '?'; still percent-encoded; "" when absent */
    bool has_query;                 /* distinguishes "/a?" from "/a" */
    const char *problem;            /* static text after an error, else NULL */
} ck_url;

/* CHALK_ERR_INVALID_ARGUMENT: malformed. CHALK_ERR_UNSUPPORTED: another scheme, a user name, an
 * IPv6 zone. CHALK_ERR_LIMIT: too long. `out->problem` says what is wrong in words. */
int ck_url_parse(ck_url *out, const char *text);

/* What a reference found in a document at `base` means (RFC 3986 section 5.2), "." and ".." taken
 * out of its path. `base` is of a scheme whose paths are hierarchical (http, https); out is not
 * base. The errors of ck_url_parse; LIMIT also when the result is too long. */
int ck_url_resolve(ck_url *out, const ck_url *base, const char *reference);

const char *ck_url_scheme_name(uint8_t scheme); /* "rtmp"...; "" for other values */

/* "host", "host:port" or "[v6]:port" as it stands in tcUrl and in HTTP's Host; the port is left
 * out when it is the scheme's own. CHALK_ERR_LIMIT when `out` is too small. */
int ck_url_authority(const ck_url *url, char *out, size_t size);

/* Decodes %XX. `out` is terminated; '+' stays '+' (tokens contain it). CHALK_ERR_INVALID_ARGUMENT
 * for a broken escape or %00; CHALK_ERR_LIMIT when `out` is too small. */
int ck_url_decode(char *out, size_t size, const char *text, size_t text_size);
/* Encodes all but RFC 3986's unreserved characters. CHALK_ERR_LIMIT when `out` is too small. */
int ck_url_encode(char *out, size_t size, const char *text);

/* The decoded value of the first parameter of that name in "a=1&b=2" (names are compared as they
 * stand). CHALK_ERR_NOT_FOUND, or as ck_url_decode. "a" without '=' has the value "". */
int ck_url_query(const char *query, const char *name, char *out, size_t size);

#endif
