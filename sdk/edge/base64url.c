#include "edge/base64url.h"

#include "chalkrail/errors.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void ck_base64url_add(ck_text *out, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint32_t bits = 0;
    int count = 0; /* bits not written yet */
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 6; count -= 6) {
            ck_text_add_n(out, &alphabet[bits >> (count - 6) & 63], 1);
        }
    }
    if (count > 0) {
        ck_text_add_n(out, &alphabet[bits << (6 - count) & 63], 1);
    }
}

static int value_of(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '-' ? 62 : c == '_' ? 63 : -1;
}

int ck_base64url_decode(uint8_t *out, size_t out_size, const char *text, size_t size)
{
    size_t used = 0;
    uint32_t bits = 0;
    int count = 0;
    if (size % 4 == 1) {
        return CHALK_ERR_BAD_DATA;
    }
    for (size_t i = 0; i < size; i++) {
        int value = value_of(text[i]);
        if (value < 0) {
            return CHALK_ERR_BAD_DATA;
        }
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        count += 6;
        if (count >= 8) {
            if (used == out_size) {
                return CHALK_ERR_TOO_LARGE;
            }
            count -= 8;
            out[used++] = (uint8_t)(bits >> count);
        }
    }
    uint32_t unused = bits & ((1u << count) - 1);
    return unused == 0 ? (int)used : CHALK_ERR_BAD_DATA;
}
