/*
 * base64url without padding (RFC 4648, 5; RFC 7515, 2). Decoding is strict: no padding, no white
 * space, and the unused bits of the last character are 0, so that each value has one text.
 */
#ifndef CK_EDGE_BASE64URL_H
#define CK_EDGE_BASE64URL_H

#include "base/text.h"

#include <stdint.h>

void ck_base64url_add(ck_text *out, const void *data, size_t size);

/* The bytes written; CHALK_ERR_BAD_DATA, or CHALK_ERR_TOO_LARGE when `out` cannot hold them. */
int ck_base64url_decode(uint8_t *out, size_t out_size, const char *text, size_t size);

#endif
