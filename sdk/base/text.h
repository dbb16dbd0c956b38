/*
 * Text built into a caller's fixed buffer: always terminated, cut (never overrun) when full, no
 * locale, no allocation. It stands in for snprintf, which pure code may not call.
 */
#ifndef CK_BASE_TEXT_H
#define CK_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_text {
    char *at;
    size_t size; /* of the buffer, at least 1 */
    size_t used; /* without the terminator */
    bool cut;
} ck_text;

ck_text ck_text_of(char *buffer, size_t size);
void ck_text_add(ck_text *t, const char *text); /* NULL adds nothing */
void ck_text_add_n(ck_text *t, const char *text, size_t size);
void ck_text_add_u64(ck_text *t, uint64_t value);
void ck_text_add_i64(ck_text *t, int64_t value);
void ck_text_add_hex(ck_text *t, const void *data, size_t size);
/* value with `decimals` (0-6) digits after the point, rounded half away from zero. */
void ck_text_add_fixed(ck_text *t, double value, int decimals);
void ck_text_add_json(ck_text *t, const char *text); /* quoted and escaped; bad UTF-8 as U+FFFD */

/* Bounded string helpers that C lacks. */
bool ck_text_equal(const char *a, const char *b); /* NULL equals NULL alone */
bool ck_text_starts(const char *text, const char *prefix);
bool ck_text_copy(char *out, size_t size, const char *text); /* false when cut */
/* Parses a whole decimal string; false unless every character is a digit and it fits `max`. */
bool ck_text_u64(const char *text, uint64_t max, uint64_t *out);
size_t ck_utf8_valid_prefix(const void *data, size_t size); /* bytes that are whole UTF-8 */

#endif
