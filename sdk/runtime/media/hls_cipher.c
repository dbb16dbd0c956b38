#include "runtime/media/hls_cipher.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "runtime/os/os.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#define PIECE 4096

struct ck_hls_cipher {
    EVP_CIPHER_CTX *context;
};

int ck_hls_cipher_open(const uint8_t key[CK_HLS_KEY_SIZE], const uint8_t iv[CK_HLS_KEY_SIZE],
                       ck_hls_cipher **out)
{
    ck_hls_cipher *c = ck_new(&ck_heap, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->context = EVP_CIPHER_CTX_new();
    int status = c->context != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK &&
        EVP_DecryptInit_ex(c->context, EVP_aes_128_cbc(), NULL, key, iv) != 1) {
        status = CHALK_ERR_UNSUPPORTED;
    }
    ERR_clear_error(); /* the queue is the thread's and may be looked at by the host */
    if (status < 0) {
        ck_hls_cipher_close(&c);
        return status;
    }
    *out = c;
    return CHALK_OK;
}

void ck_hls_cipher_close(ck_hls_cipher **cipher)
{
    ck_hls_cipher *c = *cipher;
    if (c != NULL) {
        EVP_CIPHER_CTX_free(c->context);
        ck_free(&ck_heap, c);
        *cipher = NULL;
    }
}

int ck_hls_cipher_take(ck_hls_cipher *c, const uint8_t *data, size_t size, ck_hls_plain_fn plain,
                       void *user)
{
    uint8_t out[PIECE + CK_HLS_KEY_SIZE];
    int status = CHALK_OK;
    while (size > 0 && status == CHALK_OK) {
        int part = (int)CK_MIN(size, PIECE);
        int count = 0;
        if (EVP_DecryptUpdate(c->context, out, &count, data, part) != 1) {
            ERR_clear_error();
            return CHALK_ERR_BAD_DATA;
        }
        data += part;
        size -= (size_t)part;
        status = count > 0 ? plain(user, out, (size_t)count) : CHALK_OK;
    }
    return status;
}

int ck_hls_cipher_end(ck_hls_cipher *c, ck_hls_plain_fn plain, void *user)
{
    uint8_t out[CK_HLS_KEY_SIZE];
    int count = 0;
    if (EVP_DecryptFinal_ex(c->context, out, &count) != 1) {
        ERR_clear_error();
        return CHALK_ERR_BAD_DATA;
    }
    return count > 0 ? plain(user, out, (size_t)count) : CHALK_OK;
}
