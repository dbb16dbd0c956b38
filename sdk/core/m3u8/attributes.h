/*
 * Attribute lists of playlist tags (RFC 8216 section 4.2): NAME=value,NAME="text",...
 *
 *     ck_m3u8_attributes list = ck_m3u8_attributes_of(text, size);
 *     while (ck_m3u8_attributes_next(&list, &attribute)) { ... }
 *
 * Everything is borrowed from the text.
 */
#ifndef CK_CORE_M3U8_ATTRIBUTES_H
#define CK_CORE_M3U8_ATTRIBUTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A part of a line, not terminated. */
typedef struct ck_m3u8_span {
    const char *data;
    size_t size;
} ck_m3u8_span;

typedef struct ck_m3u8_attribute {
    ck_m3u8_span name;
    ck_m3u8_span value; /* without its quotes */
    bool quoted;
} ck_m3u8_attribute;

typedef struct ck_m3u8_attributes {
    const char *at;
    const char *end;
} ck_m3u8_attributes;

ck_m3u8_attributes ck_m3u8_attributes_of(const char *text, size_t size);
/* False at the end. What has no '=' or no name is passed over; a quote that is never closed ends
 * with the line. White space around names and values is left out, though the RFC has none there. */
bool ck_m3u8_attributes_next(ck_m3u8_attributes *list, ck_m3u8_attribute *out);

bool ck_m3u8_span_is(ck_m3u8_span span, const char *text);

/* Values (same section). False, and *out untouched, when the span is not one of the kind or does
 * not fit. */
bool ck_m3u8_u64(ck_m3u8_span span, uint64_t *out); /* decimal-integer */
bool ck_m3u8_i64(ck_m3u8_span span, int64_t *out);  /* with a sign; the RFC has none */
/* decimal-floating-point seconds, with or without sign, as microseconds; digits after the sixth
 * are cut. At most 10^12 seconds. */
bool ck_m3u8_seconds(ck_m3u8_span span, int64_t *out_us);
bool ck_m3u8_resolution(ck_m3u8_span span, uint32_t *width, uint32_t *height); /* 1280x720 */
/* "LENGTH[@OFFSET]" (section 4.3.2.2); *has_offset false: *offset is untouched. */
bool ck_m3u8_byterange(ck_m3u8_span span, uint64_t *length, bool *has_offset, uint64_t *offset);
/* hexadecimal-sequence of at most 16 bytes, aligned at the end: 0x...; section 5.2 of IVs. */
bool ck_m3u8_iv(ck_m3u8_span span, uint8_t out[16]);
/* A date and time of ISO 8601 as microseconds since 1970: "2026-11-20T07:30:00.123Z", with an
 * offset of hours and minutes instead of Z, or none (then it is taken as UTC). Years 1970-9999. */
bool ck_m3u8_date(ck_m3u8_span span, int64_t *out_us);

#endif
