#include "core/m3u8/attributes.h"

#include <string.h>

static ck_m3u8_span trimmed(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    while (end > at && (end[-1] == ' ' || end[-1] == '\t')) {
        end--;
    }
    return (ck_m3u8_span){at, (size_t)(end - at)};
}

ck_m3u8_attributes ck_m3u8_attributes_of(const char *text, size_t size)
{
    return (ck_m3u8_attributes){text, text + size};
}

/* The comma that ends the attribute beginning at `at`, or the end: commas in quotes do not. */
static const char *end_of(const char *at, const char *end)
{
    bool quoted = false;
    for (; at < end && (quoted || *at != ','); at++) {
        quoted = quoted != (*at == '"');
    }
    return at;
}

bool ck_m3u8_attributes_next(ck_m3u8_attributes *list, ck_m3u8_attribute *out)
{
    while (list->at < list->end) {
        const char *begin = list->at;
        const char *end = end_of(begin, list->end);
        list->at = end < list->end ? end + 1 : end;
        const char *equals = memchr(begin, '=', (size_t)(end - begin));
        if (equals == NULL) {
            continue;
        }
        out->name = trimmed(begin, equals);
        out->value = trimmed(equals + 1, end);
        out->quoted = out->value.size > 0 && out->value.data[0] == '"';
        if (out->quoted) {
            const char *first = out->value.data + 1;
            size_t left = out->value.size - 1;
            const char *close = memchr(first, '"', left);
            out->value = (ck_m3u8_span){first, close != NULL ? (size_t)(close - first) : left};
        }
        if (out->name.size > 0) {
            return true;
        }
    }
    return false;
}

bool ck_m3u8_span_is(ck_m3u8_span span, const char *text)
{
    return strlen(text) == span.size && memcmp(span.data, text, span.size) == 0;
}
