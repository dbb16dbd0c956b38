#include "core/http/chars.h"

#include <stdint.h>
#include <string.h>

static bool is_alpha_num(uint8_t c)
{
    uint8_t lower = c | 0x20;
    return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

bool ck_http_is_token(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)text[i];
        if (!is_alpha_num(c) && (c == 0 || strchr("!#$%&'*+-.^_`|~", c) == NULL)) {
            return false;
        }
    }
    return size > 0;
}

bool ck_http_is_visible(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)text[i];
        if (c < 0x21 || c > 0x7e) {
            return false;
        }
    }
    return size > 0;
}

bool ck_http_is_value(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)text[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f) {
            return false;
        }
    }
    return true;
}

static uint8_t fold(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool ck_http_equal(const char *a, size_t a_size, const char *b)
{
    if (strlen(b) != a_size) {
        return false;
    }
    for (size_t i = 0; i < a_size; i++) {
        if (fold(a[i]) != fold(b[i])) {
            return false;
        }
    }
    return true;
}

bool ck_http_has_token(const char *list, const char *token)
{
    while (*list != '\0') {
        size_t size = strcspn(list, ",");
        const char *at = list;
        size_t left = size;
        for (; left > 0 && (*at == ' ' || *at == '\t'); at++) {
            left--;
        }
        while (left > 0 && (at[left - 1] == ' ' || at[left - 1] == '\t')) {
            left--;
        }
        if (ck_http_equal(at, left, token)) {
            return true;
        }
        list += size + (list[size] == ',');
    }
    return false;
}
