/*
 * AES-128 of HLS (RFC 8216 section 4.3.2.4): CBC with PKCS #7 padding, in pieces as they come.
 *
 * Thread: one at a time.
 */
#ifndef CK_MEDIA_HLS_CIPHER_H
#define CK_MEDIA_HLS_CIPHER_H

#include "core/m3u8/hls.h"

typedef struct ck_hls_cipher ck_hls_cipher;

/* Where what was plain goes; an error of it ends the call and is its status. */
typedef int (*ck_hls_plain_fn)(void *user, const uint8_t *data, size_t size);

/* NO_MEMORY; UNSUPPORTED: the system's OpenSSL does not allow it. */
int ck_hls_cipher_open(const uint8_t key[CK_HLS_KEY_SIZE], const uint8_t iv[CK_HLS_KEY_SIZE],
                       ck_hls_cipher **out);
int ck_hls_cipher_take(ck_hls_cipher *c, const uint8_t *data, size_t size, ck_hls_plain_fn plain,
                       void *user);
/* All has come. BAD_DATA: what came is no whole number of blocks, or its padding is wrong, as it is
 * under another key. */
int ck_hls_cipher_end(ck_hls_cipher *c, ck_hls_plain_fn plain, void *user);
void ck_hls_cipher_close(ck_hls_cipher **c); /* NULL is accepted */

#endif
