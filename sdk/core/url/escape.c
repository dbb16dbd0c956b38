#include "core/url/url.h"

#include "chalkrail/errors.h"

#include <string.h>

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte at text[at], decoded, or -1. `*used` is how many characters it took. */
static int decode_one(const char *text, size_t left, size_t *used)
{
    *used = 1;
    if (text[0] != '%') {
        return (unsigned char)text[0];
    }
    *used = 3;
    if (left < 3 || hex_value(text[1]) < 0 || hex_value(text[2]) < 0) {
        return -1;
    }
    int value = hex_value(text[1]) << 4 | hex_value(text[2]);
    return value != 0 ? value : -1;
}

int ck_url_decode(char *out, size_t size, const char *text, size_t text_size)
{
    size_t written = 0;
    for (size_t at = 0, used = 0; at < text_size; at += used) {
        int byte = decode_one(text + at, text_size - at, &used);
        if (byte < 0) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
        if (written + 1 >= size) {
            return CHALK_ERR_LIMIT;
        }
        out[written++] = (char)byte;
    }
    if (size == 0) {
        return CHALK_ERR_LIMIT;
    }
    out[written] = '\0';
    return CHALK_OK;
}

/* RFC 3986 section 2.3. */
static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

int ck_url_encode(char *out, size_t size, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t written = 0;
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        size_t needed = is_unreserved(*text) ? 1 : 3;
        if (written + needed >= size) {
            return CHALK_ERR_LIMIT;
        }
        if (needed == 1) {
            out[written++] = *text;
            continue;
        }
        out[written++] = '%';
        out[written++] = digits[byte >> 4];
        out[written++] = digits[byte & 15];
    }
    if (size == 0) {
        return CHALK_ERR_LIMIT;
    }
    out[written] = '\0';
    return CHALK_OK;
}

int ck_url_query(const char *query, const char *name, char *out, size_t size)
{
    size_t name_size = strlen(name);
    while (*query != '\0') {
        const char *amp = strchr(query, '&');
        size_t pair = amp != NULL ? (size_t)(amp - query) : strlen(query);
        const char *equals = memchr(query, '=', pair);
        size_t key = equals != NULL ? (size_t)(equals - query) : pair;
        if (key == name_size && memcmp(query, name, key) == 0) {
            size_t skip = equals != NULL ? key + 1 : key;
            return ck_url_decode(out, size, query + skip, pair - skip);
        }
        query += pair + (amp != NULL);
    }
    return CHALK_ERR_NOT_FOUND;
}
