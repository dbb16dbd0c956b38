#include "base/text.h"

#include "base/check.h"

#include <string.h>

ck_text ck_text_of(char *buffer, size_t size)
{
    CK_INVARIANT(buffer != NULL && size > 0, return ((ck_text){buffer, 0, 0, true}));
    buffer[0] = '\0';
    return (ck_text){buffer, size, 0, false};
}

/* The most bytes, at most `room`, that do not end within a UTF-8 character. */
static size_t whole_characters(const char *text, size_t size, size_t room)
{
    if (size <= room) {
        return size;
    }
    while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80) {
        room--;
    }
    return room;
}

void ck_text_add_n(ck_text *t, const char *text, size_t size)
{
    if (t->cut || size == 0) {
        return;
    }
    size_t taken = whole_characters(text, size, t->size - 1 - t->used);
    memcpy(t->at + t->used, text, taken);
    t->used += taken;
    t->at[t->used] = '\0';
    /* Nothing is added behind a cut: a text with a hole in it would lie. */
    t->cut = taken < size;
}

void ck_text_add(ck_text *t, const char *text)
{
    if (text != NULL) {
        ck_text_add_n(t, text, strlen(text));
    }
}

/* Decimal digits of `value`, at least `width` of them. */
static void add_digits(ck_text *t, uint64_t value, size_t width)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0 || sizeof digits - at < width);
    ck_text_add_n(t, digits + at, sizeof digits - at);
}

void ck_text_add_u64(ck_text *t, uint64_t value)
{
    add_digits(t, value, 1);
}

void ck_text_add_i64(ck_text *t, int64_t value)
{
    if (value < 0) {
        ck_text_add_n(t, "-", 1);
    }
    add_digits(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 1);
}

void ck_text_add_hex(ck_text *t, const void *data, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) {
        char pair[2] = {digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        ck_text_add_n(t, pair, sizeof pair);
    }
}

/* Rounds half up; the caller has checked 0 <= value < 2^63. */
static uint64_t rounded(double value)
{
    uint64_t whole = (uint64_t)value;
    return whole + (value - (double)whole >= 0.5);
}

void ck_text_add_fixed(ck_text *t, double value, int decimals)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000};
    size_t places = (size_t)CK_CLAMP(decimals, 0, 6);
    double magnitude = value < 0 ? -value : value;
    if (!(magnitude < 0x1.0p63)) {
        /* NaN too comes here. Nothing measured is this large; a word says so more plainly. */
        ck_text_add(t, value > 0 ? "inf" : value < 0 ? "-inf" : "nan");
        return;
    }
    uint64_t scale = powers[places];
    double scaled = magnitude * (double)scale;
    uint64_t whole = (uint64_t)magnitude;
    uint64_t fraction = 0;
    if (scaled < 0x1.0p63) {
        whole = rounded(scaled) / scale;
        fraction = rounded(scaled) % scale;
    }
    if (value < 0 && (whole | fraction) != 0) {
        ck_text_add_n(t, "-", 1);
    }
    add_digits(t, whole, 1);
    if (places > 0) {
        ck_text_add_n(t, ".", 1);
        add_digits(t, fraction, places);
    }
}

/* Length of the well-formed UTF-8 character at `p` (RFC 3629 section 4), 0 when there is none. */
static size_t utf8_length(const uint8_t *p, size_t left)
{
    uint8_t first = p[0];
    if (first < 0x80) {
        return 1;
    }
    size_t length = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : 4;
    if (first < 0xc2 || first > 0xf4 || left < length) {
        return 0;
    }
    /* The second byte's range rules out overlong forms, surrogates and values past U+10FFFF. */
    uint8_t lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < lowest || p[1] > highest) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
    }
    return length;
}

static void add_json_escape(ck_text *t, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char letters[] = "\"\\bfnrt";
    const char *found = memchr(plain, c, sizeof plain - 1);
    if (found != NULL) {
        char pair[2] = {'\\', letters[found - plain]};
        ck_text_add_n(t, pair, sizeof pair);
        return;
    }
    ck_text_add(t, "\\u00");
    ck_text_add_hex(t, &c, 1);
}

void ck_text_add_json(ck_text *t, const char *text)
{
    const uint8_t *p = (const uint8_t *)(text != NULL ? text : "");
    size_t left = strlen((const char *)p);
    ck_text_add_n(t, "\"", 1);
    while (left > 0) {
        size_t length = utf8_length(p, left);
        if (length == 0) {
            ck_text_add(t, "\xef\xbf\xbd");
            length = 1;
        } else if (*p < 0x20 || *p == '"' || *p == '\\') {
            add_json_escape(t, (char)*p);
        } else {
            ck_text_add_n(t, (const char *)p, length);
        }
        p += length;
        left -= length;
    }
    ck_text_add_n(t, "\"", 1);
}

bool ck_text_equal(const char *a, const char *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    return strcmp(a, b) == 0;
}

bool ck_text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool ck_text_copy(char *out, size_t size, const char *text)
{
    ck_text t = ck_text_of(out, size);
    ck_text_add(&t, text);
    return !t.cut;
}

bool ck_text_u64(const char *text, uint64_t max, uint64_t *out)
{
    uint64_t value = 0;
    if (*text == '\0') {
        return false;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return false;
        }
        uint64_t digit = (uint64_t)(*text - '0');
        if (digit > max || value > (max - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

size_t ck_utf8_valid_prefix(const void *data, size_t size)
{
    const uint8_t *p = data;
    size_t done = 0;
    while (done < size) {
        size_t length = utf8_length(p + done, size - done);
        if (length == 0) {
            break;
        }
        done += length;
    }
    return done;
}
