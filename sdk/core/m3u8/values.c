/* The values of tags and attributes (RFC 8216 section 4.2). */
#include "core/m3u8/attributes.h"

#include "base/time.h"

#include <string.h>

#define SECONDS_MAX INT64_C(1000000000000)

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool ck_m3u8_u64(ck_m3u8_span span, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < span.size; i++) {
        uint64_t digit = (uint64_t)(span.data[i] - '0');
        if (!is_digit(span.data[i]) || value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    if (span.size == 0) {
        return false;
    }
    *out = value;
    return true;
}

/* Takes a sign off the front. */
static bool take_sign(ck_m3u8_span *span)
{
    bool minus = span->size > 0 && span->data[0] == '-';
    if (minus || (span->size > 0 && span->data[0] == '+')) {
        span->data++;
        span->size--;
    }
    return minus;
}

bool ck_m3u8_i64(ck_m3u8_span span, int64_t *out)
{
    uint64_t value = 0;
    bool minus = take_sign(&span);
    if (!ck_m3u8_u64(span, &value) || value > INT64_MAX) {
        return false;
    }
    *out = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

/* The digits behind a point as millionths. */
static bool millionths(ck_m3u8_span digits, int64_t *out)
{
    int64_t value = 0;
    for (size_t i = 0; i < 6 || i < digits.size; i++) {
        if (i < digits.size && !is_digit(digits.data[i])) {
            return false;
        }
        if (i < 6) {
            value = value * 10 + (i < digits.size ? digits.data[i] - '0' : 0);
        }
    }
    *out = value;
    return true;
}

bool ck_m3u8_seconds(ck_m3u8_span span, int64_t *out_us)
{
    bool minus = take_sign(&span);
    const char *point = span.size > 0 ? memchr(span.data, '.', span.size) : NULL;
    ck_m3u8_span whole = span, rest = {NULL, 0};
    int64_t fraction = 0;
    uint64_t seconds = 0;
    if (point != NULL) {
        whole.size = (size_t)(point - span.data);
        rest = (ck_m3u8_span){point + 1, span.size - whole.size - 1};
    }
    bool some = whole.size > 0 || rest.size > 0;
    bool ok = whole.size == 0 || ck_m3u8_u64(whole, &seconds);
    if (!some || !ok || seconds > SECONDS_MAX || !millionths(rest, &fraction)) {
        return false;
    }
    int64_t us = (int64_t)seconds * CK_US_PER_S + fraction;
    *out_us = minus ? -us : us;
    return true;
}

bool ck_m3u8_resolution(ck_m3u8_span span, uint32_t *width, uint32_t *height)
{
    uint64_t w = 0, h = 0;
    const char *x = span.size > 0 ? memchr(span.data, 'x', span.size) : NULL;
    if (x == NULL) {
        return false;
    }
    ck_m3u8_span left = {span.data, (size_t)(x - span.data)};
    ck_m3u8_span right = {x + 1, span.size - left.size - 1};
    if (!ck_m3u8_u64(left, &w) || !ck_m3u8_u64(right, &h) || w > UINT32_MAX || h > UINT32_MAX) {
        return false;
    }
    *width = (uint32_t)w;
    *height = (uint32_t)h;
    return true;
}

bool ck_m3u8_byterange(ck_m3u8_span span, uint64_t *length, bool *has_offset, uint64_t *offset)
{
    const char *at = span.size > 0 ? memchr(span.data, '@', span.size) : NULL;
    ck_m3u8_span count = {span.data, at != NULL ? (size_t)(at - span.data) : span.size};
    uint64_t size = 0, begin = 0;
    if (at != NULL && !ck_m3u8_u64((ck_m3u8_span){at + 1, span.size - count.size - 1}, &begin)) {
        return false;
    }
    if (!ck_m3u8_u64(count, &size) || size == 0 || begin > UINT64_MAX - size) {
        return false;
    }
    *length = size;
    *has_offset = at != NULL;
    if (at != NULL) {
        *offset = begin;
    }
    return true;
}

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool ck_m3u8_iv(ck_m3u8_span span, uint8_t out[16])
{
    uint8_t iv[16] = {0};
    bool marked = span.size >= 2 && span.data[0] == '0' && (span.data[1] | 0x20) == 'x';
    if (!marked || span.size == 2 || span.size > 34) {
        return false;
    }
    for (size_t i = 0; i < span.size - 2; i++) {
        int digit = hex_digit(span.data[span.size - 1 - i]);
        if (digit < 0) {
            return false;
        }
        iv[15 - i / 2] = (uint8_t)(iv[15 - i / 2] | digit << (i % 2 * 4));
    }
    memcpy(out, iv, sizeof iv);
    return true;
}

/* --- dates ----------------------------------------------------------------------------------- */

/* Takes `count` digits; -1 when they are not there. */
static int take_digits(ck_m3u8_span *s, size_t count)
{
    int value = 0;
    if (s->size < count) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(s->data[i])) {
            return -1;
        }
        value = value * 10 + (s->data[i] - '0');
    }
    s->data += count;
    s->size -= count;
    return value;
}

static bool take(ck_m3u8_span *s, char c)
{
    if (s->size == 0 || s->data[0] != c) {
        return false;
    }
    s->data++;
    s->size--;
    return true;
}

/* Days since 1970 in the proleptic Gregorian calendar (H. Hinnant, "chrono-compatible low-level
 * date algorithms"): years begin in March, so that the leap day is the last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static bool take_day(ck_m3u8_span *s, int64_t *days)
{
    int year = take_digits(s, 4);
    bool dashed = take(s, '-');
    int month = take_digits(s, 2);
    bool same = take(s, '-') == dashed;
    int day = take_digits(s, 2);
    if (year < 1970 || !same || month < 1 || month > 12 || day < 1 || day > 31) {
        return false;
    }
    *days = days_of(year, month, day);
    return true;
}

static bool take_time(ck_m3u8_span *s, int64_t *us)
{
    int hour = take_digits(s, 2);
    bool colons = take(s, ':');
    int minute = take_digits(s, 2);
    bool same = take(s, ':') == colons;
    int second = take_digits(s, 2);
    int64_t fraction = 0;
    /* 60: a leap second, which counts like the one after it. */
    if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || !same || second < 0 || second > 60) {
        return false;
    }
    if (take(s, '.') || take(s, ',')) {
        ck_m3u8_span digits = {s->data, 0};
        while (digits.size < s->size && is_digit(s->data[digits.size])) {
            digits.size++;
        }
        (void)millionths(digits, &fraction); /* digits alone: cannot fail */
        s->data += digits.size;
        s->size -= digits.size;
    }
    *us = ((int64_t)hour * 3600 + minute * 60 + second) * CK_US_PER_S + fraction;
    return true;
}

static bool take_zone(ck_m3u8_span *s, int64_t *us)
{
    bool west = take(s, '-');
    *us = 0;
    if (!west && !take(s, '+')) {
        return s->size == 0 || take(s, 'Z') || take(s, 'z');
    }
    int hour = take_digits(s, 2);
    bool colon = take(s, ':');
    int minute = s->size > 0 ? take_digits(s, 2) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || (colon && minute < 0)) {
        return false;
    }
    *us = (hour * 60 + minute) * INT64_C(60) * CK_US_PER_S * (west ? -1 : 1);
    return true;
}

bool ck_m3u8_date(ck_m3u8_span span, int64_t *out_us)
{
    int64_t days = 0, time_us = 0, zone_us = 0;
    bool ok = take_day(&span, &days) &&
              (take(&span, 'T') || take(&span, 't') || take(&span, ' ')) &&
              take_time(&span, &time_us) && take_zone(&span, &zone_us) && span.size == 0;
    if (!ok) {
        return false;
    }
    *out_us = days * 86400 * CK_US_PER_S + time_us - zone_us;
    return *out_us >= 0;
}
