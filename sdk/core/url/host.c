#include "core/url/host.h"

#include "core/url/url.h"

#include <stdint.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_label_character(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

static bool is_ipv4(const char *text, size_t size)
{
    size_t at = 0;
    for (int part = 0; part < 4; part++) {
        uint32_t value = 0;
        size_t start = at;
        while (at < size && is_digit(text[at]) && at - start < 3) {
            value = value * 10 + (uint32_t)(text[at++] - '0');
        }
        bool leading_zero = at - start > 1 && text[start] == '0';
        if (at == start || value > 255 || leading_zero) {
            return false;
        }
        if (part < 3 && (at == size || text[at++] != '.')) {
            return false;
        }
    }
    return at == size;
}

static size_t hex_run(const char *text, size_t size)
{
    size_t n = 0;
    while (n < size && is_hex(text[n])) {
        n++;
    }
    return n;
}

bool ck_host_is_ipv6(const char *text, size_t size)
{
    int groups = 0;
    bool gap = size >= 2 && text[0] == ':' && text[1] == ':';
    size_t at = gap ? 2 : 0;
    while (at < size) {
        size_t run = hex_run(text + at, size - at);
        if (at + run < size && text[at + run] == '.') {
            groups += 2;
            return is_ipv4(text + at, size - at) && (gap ? groups < 8 : groups == 8);
        }
        if (run < 1 || run > 4) {
            return false;
        }
        groups++;
        at += run;
        if (at == size) {
            break;
        }
        if (text[at++] != ':' || at == size) {
            return false;
        }
        if (text[at] == ':') {
            if (gap) {
                return false;
            }
            gap = true;
            at++;
        }
    }
    return gap ? groups < 8 : groups == 8;
}

bool ck_host_is_name(const char *text, size_t size)
{
    size_t label = 0;
    if (size == 0 || size > CK_URL_HOST_MAX) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '.') {
            if (label == 0) {
                return false;
            }
            label = 0;
        } else if (!is_label_character(text[i]) || ++label > 63) {
            return false;
        }
    }
    return true;
}
