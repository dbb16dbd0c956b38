/* AES-128 of HLS against what `openssl enc -aes-128-cbc` made, in pieces of any size. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "runtime/media/hls_cipher.h"
#include "support/check.h"

static const uint8_t key[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
static const uint8_t iv[16] = {15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0};
static const char plain_text[] = "sixteen bytes of!and some more of them";
static const uint8_t coded[48] = {
    0x63, 0x6b, 0x29, 0xb2, 0x65, 0x0d, 0x87, 0x18, 0x77, 0xf2, 0x34, 0x1f, 0x0e, 0x89, 0xf9, 0xba,
    0x71, 0xe6, 0x2c, 0x15, 0x90, 0x82, 0x60, 0xe0, 0x27, 0xc4, 0x17, 0x8b, 0x5d, 0xf8, 0x46, 0x12,
    0xb7, 0x78, 0xe5, 0xe7, 0xa1, 0xf2, 0xbd, 0xe1, 0x5e, 0x11, 0xd3, 0xcc, 0x0b, 0x0e, 0x35, 0x81};

typedef struct sink {
    uint8_t data[64];
    size_t size;
    int status; /* what it answers */
} sink;

static int take(void *user, const uint8_t *data, size_t size)
{
    sink *s = user;
    CK_CHECK(size <= sizeof s->data - s->size);
    memcpy(s->data + s->size, data, size);
    s->size += size;
    return s->status;
}

static int decrypt(const uint8_t *with, size_t size, size_t piece, sink *out)
{
    ck_hls_cipher *c = NULL;
    int status = ck_hls_cipher_open(with, iv, &c);
    for (size_t at = 0; at < size && status == CHALK_OK; at += piece) {
        status = ck_hls_cipher_take(c, coded + at, CK_MIN(piece, size - at), take, out);
    }
    status = status == CHALK_OK ? ck_hls_cipher_end(c, take, out) : status;
    ck_hls_cipher_close(&c);
    CK_CHECK(c == NULL);
    return status;
}

CK_TEST(hls_cipher, any_split_gives_the_same)
{
    for (size_t piece = 1; piece <= sizeof coded; piece++) {
        sink out = {.size = 0};
        CK_CHECK_ROW(piece, decrypt(key, sizeof coded, piece, &out) == CHALK_OK);
        CK_CHECK_ROW(piece, out.size == sizeof plain_text - 1);
        CK_CHECK_ROW(piece, memcmp(out.data, plain_text, out.size) == 0);
    }
}

CK_TEST(hls_cipher, what_does_not_fit)
{
    uint8_t other[16];
    memcpy(other, key, sizeof other);
    other[3] ^= 1;
    static const size_t cuts[] = {0, 1, 15, 16, 32, 47}; /* of a whole block the padding is wrong */
    for (size_t i = 0; i < CK_COUNT_OF(cuts); i++) {
        sink out = {.size = 0};
        CK_CHECK_ROW(i, decrypt(key, cuts[i], 7, &out) == CHALK_ERR_BAD_DATA);
    }
    sink out = {.size = 0};
    CK_CHECK_EQ(decrypt(other, sizeof coded, 48, &out), CHALK_ERR_BAD_DATA);
    out = (sink){.status = CHALK_ERR_TOO_LARGE};
    CK_CHECK_EQ(decrypt(key, sizeof coded, 48, &out), CHALK_ERR_TOO_LARGE);
}
