#include "cli/value.h"

#include <string.h>

#define FIELD(fields, option, type) ((type *)(void *)((char *)(fields) + (option)->offset))

/* Decimal digits alone; strtoull by itself would take signs and blanks. */
static bool read_number(const char **text, uint64_t *out)
{
    uint64_t value = 0;
    const char *at = *text;
    if (*at < '0' || *at > '9') {
        return false;
    }
    for (; *at >= '0' && *at <= '9'; at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *text = at;
    *out = value;
    return true;
}

static const struct unit {
    const char *name;
    uint64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}, {"", 1000}};

/* The digits after a point, in thousandths. */
static bool read_fraction(const char **text, uint64_t *thousandths)
{
    *thousandths = 0;
    if (**text != '.') {
        return true;
    }
    (*text)++;
    if (**text < '0' || **text > '9') {
        return false;
    }
    for (uint64_t weight = 100; **text >= '0' && **text <= '9'; (*text)++, weight /= 10) {
        *thousandths += (uint64_t)(**text - '0') * weight;
    }
    return true;
}

bool cli_duration(const char *text, uint64_t *ms)
{
    uint64_t whole, thousandths;
    if (!read_number(&text, &whole) || !read_fraction(&text, &thousandths)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (strcmp(text, units[i].name) == 0 && whole < UINT64_MAX / units[i].ms - 1) {
            *ms = whole * units[i].ms + thousandths * units[i].ms / 1000;
            return true;
        }
    }
    return false;
}

void cli_duration_shown(uint64_t ms, char *out, size_t out_size)
{
    static const size_t largest_first[] = {4, 3, 2, 1};
    for (size_t i = 0; i < sizeof largest_first / sizeof *largest_first; i++) {
        const struct unit *unit = &units[largest_first[i]];
        if (ms > 0 && ms % unit->ms == 0) {
            (void)snprintf(out, out_size, "%llu%s", (unsigned long long)(ms / unit->ms),
                           unit->name);
            return;
        }
    }
    (void)snprintf(out, out_size, "%llums", (unsigned long long)ms);
}

static bool set_number(const cli_option *o, const char *text, void *fields, char *why, size_t size)
{
    const char *at = text;
    uint64_t value;
    if (!read_number(&at, &value) || *at != '\0' || value < o->min || value > o->max) {
        (void)snprintf(why, size, "a number from %llu to %llu", (unsigned long long)o->min,
                       (unsigned long long)o->max);
        return false;
    }
    *FIELD(fields, o, uint32_t) = (uint32_t)value;
    return true;
}

static bool set_percent(const cli_option *o, const char *text, void *fields, char *why, size_t size)
{
    uint64_t whole = 0, thousandths = 0;
    const char *at = text;
    bool read = read_number(&at, &whole) && read_fraction(&at, &thousandths) && whole <= 100;
    at += read && *at == '%';
    uint64_t ppm = whole * 10000 + thousandths * 10;
    if (!read || *at != '\0' || ppm < o->min || ppm > o->max) {
        (void)snprintf(why, size, "percent from %g to %g, such as 0.5", (double)o->min / 10000,
                       (double)o->max / 10000);
        return false;
    }
    *FIELD(fields, o, uint32_t) = (uint32_t)ppm;
    return true;
}

static bool set_duration(const cli_option *o, const char *text, void *fields, char *why,
                         size_t size)
{
    uint64_t ms;
    bool has_unit = text[0] != '\0' && text[strspn(text, "0123456789.")] != '\0';
    if (!cli_duration(text, &ms) || ms < o->min || ms > o->max ||
        (o->with_unit && !has_unit && ms != 0)) {
        char least[32], most[32];
        cli_duration_shown(o->min, least, sizeof least);
        cli_duration_shown(o->max, most, sizeof most);
        (void)snprintf(why, size, "a time from %s to %s, such as %s", least, most,
                       o->with_unit ? "80ms or 2s, with its unit" : "90s, 30m or 2h");
        return false;
    }
    *FIELD(fields, o, uint64_t) = ms;
    return true;
}

static bool set_size(const cli_option *o, const char *text, void *fields, char *why, size_t size)
{
    const char *at = text;
    uint64_t width = 0, height = 0;
    bool two = read_number(&at, &width) && *at++ == 'x' && read_number(&at, &height) && *at == '\0';
    bool fits = two && width >= o->min && width <= o->max && height >= o->min && height <= o->max &&
                width % 2 == 0 && height % 2 == 0;
    if (!fits) {
        (void)snprintf(why, size, "WIDTHxHEIGHT, both even and from %llu to %llu, such as 1280x720",
                       (unsigned long long)o->min, (unsigned long long)o->max);
        return false;
    }
    *FIELD(fields, o, cli_size) = (cli_size){(int32_t)width, (int32_t)height};
    return true;
}

static bool set_choice(const cli_option *o, const char *text, void *fields, char *why, size_t size)
{
    size_t used = (size_t)snprintf(why, size, "one of");
    for (const cli_choice *c = o->choices; c->name != NULL; c++) {
        if (strcmp(text, c->name) == 0) {
            *FIELD(fields, o, uint32_t) = c->value;
            return true;
        }
        if (used < size) {
            used += (size_t)snprintf(why + used, size - used, " %s", c->name);
        }
    }
    return false;
}

const char *const cli_record_endings[] = {".mp4", ".mkv", ".flv", NULL};

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), end = strlen(ending);
    return size > end && strcmp(text + size - end, ending) == 0;
}

static bool set_text(const cli_option *o, const char *text, void *fields, char *why, size_t size)
{
    if (text[0] == '\0') {
        (void)snprintf(why, size, "a text that is not empty");
        return false;
    }
    *FIELD(fields, o, const char *) = text;
    if (o->endings == NULL) {
        return true;
    }
    size_t used = (size_t)snprintf(why, size, "a name that ends in");
    for (const char *const *e = o->endings; *e != NULL; e++) {
        if (ends_with(text, *e)) {
            return true;
        }
        if (used < size) {
            used +=
                (size_t)snprintf(why + used, size - used, "%s %s", e[1] == NULL ? " or" : "", *e);
        }
    }
    return false;
}

bool cli_value_set(const cli_option *o, const char *text, void *fields, char *why, size_t why_size)
{
    switch (o->kind) {
    case CLI_NUMBER:
        return set_number(o, text, fields, why, why_size);
    case CLI_DURATION:
        return set_duration(o, text, fields, why, why_size);
    case CLI_PERCENT:
        return set_percent(o, text, fields, why, why_size);
    case CLI_SIZE:
        return set_size(o, text, fields, why, why_size);
    case CLI_CHOICE:
        return set_choice(o, text, fields, why, why_size);
    case CLI_TEXT:
        return set_text(o, text, fields, why, why_size);
    case CLI_TEXT_OPTIONAL:
        *FIELD(fields, o, const char *) = text;
        return true;
    case CLI_FLAG:
        *FIELD(fields, o, bool) = true;
        return true;
    }
    return false;
}
