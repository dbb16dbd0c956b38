#include "cli/options.h"

#include "cli/value.h"

#include <stdarg.h>
#include <string.h>

#define OPTIONS_MAX 32

/* One run over argv. */
typedef struct parser {
    const cli_spec *spec;
    int argc;
    char **argv;
    int at;             /* index of the argument being read */
    bool only_argument; /* behind "--" */
    bool has_argument;
    uint32_t given; /* bit i: option i was given */
    void *fields;
    FILE *err;
} parser;

static bool wrong_va(const cli_spec *spec, FILE *err, const char *format, va_list list)
{
    (void)fprintf(err, "chalkrail %s: ", spec->name);
    (void)vfprintf(err, format, list);
    (void)fprintf(err, "\nTry: chalkrail %s --help\n", spec->name);
    return false;
}

static bool wrong(const parser *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool wrong(const parser *p, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)wrong_va(p->spec, p->err, format, list);
    va_end(list);
    return false;
}

int cli_wrong(const cli_spec *spec, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    (void)wrong_va(spec, stderr, format, list);
    va_end(list);
    return CLI_USAGE;
}

/* --- one option ------------------------------------------------------------------------------ */

static bool unknown_option(const parser *p, const char *typed, size_t size)
{
    const char *names[OPTIONS_MAX + 1] = {"help"};
    size_t count = 1;
    for (const cli_option *o = p->spec->options; o->name != NULL && count <= OPTIONS_MAX; o++) {
        names[count++] = o->name;
    }
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)size, typed);
    const char *meant = cli_nearest(name, names, count);
    if (meant != NULL) {
        return wrong(p, "there is no option --%s; did you mean --%s?", name, meant);
    }
    return wrong(p, "there is no option --%s", name);
}

/* Marks option `index` as given; another one of its group may not be. */
static bool mark_given(parser *p, size_t index)
{
    const cli_option *options = p->spec->options;
    const char *group = options[index].group;
    for (size_t i = 0; group != NULL && i < OPTIONS_MAX && options[i].name != NULL; i++) {
        bool other = i != index && (p->given & (1u << i)) != 0;
        if (other && options[i].group != NULL && strcmp(options[i].group, group) == 0) {
            return wrong(p, "--%s and --%s exclude each other", options[i].name,
                         options[index].name);
        }
    }
    p->given |= 1u << index;
    return true;
}

/* Whether the argument behind an option can be its value. "-" alone is a text. */
static bool is_value(const cli_option *option, const char *text)
{
    bool is_option = text[0] == '-' && text[1] != '\0';
    bool is_url = strstr(text, "://") != NULL;
    return !is_option && !(option->kind == CLI_TEXT_OPTIONAL && is_url);
}

static bool set_value(parser *p, const cli_option *option, const char *text)
{
    char why[160] = "";
    if (!cli_value_set(option, text, p->fields, why, sizeof why)) {
        return wrong(p, "--%s wants %s, not \"%s\"", option->name, why, text);
    }
    return true;
}

/* `inside` is the value behind "=", or NULL. */
static bool take_option(parser *p, size_t index, const char *inside)
{
    const cli_option *option = &p->spec->options[index];
    if (!mark_given(p, index)) {
        return false;
    }
    if (option->kind == CLI_FLAG) {
        return inside == NULL ? set_value(p, option, "")
                              : wrong(p, "--%s takes no value", option->name);
    }
    bool next = p->at + 1 < p->argc && is_value(option, p->argv[p->at + 1]);
    if (inside == NULL && next) {
        inside = p->argv[++p->at];
    }
    if (inside == NULL && option->kind != CLI_TEXT_OPTIONAL) {
        return wrong(p, "--%s wants a value: --%s %s", option->name, option->name, option->value);
    }
    return set_value(p, option, inside != NULL ? inside : "");
}

static bool read_option(parser *p, const char *typed)
{
    size_t size = strcspn(typed, "=");
    const cli_option *options = p->spec->options;
    for (size_t i = 0; i < OPTIONS_MAX && options[i].name != NULL; i++) {
        if (strlen(options[i].name) == size && memcmp(options[i].name, typed, size) == 0) {
            return take_option(p, i, typed[size] == '=' ? typed + size + 1 : NULL);
        }
    }
    return unknown_option(p, typed, size);
}

/* --- the whole line -------------------------------------------------------------------------- */

static bool read_argument(parser *p, const char *text)
{
    if (p->spec->argument == NULL) {
        return wrong(p, "\"%s\" is one too many: it takes options alone", text);
    }
    if (p->has_argument) {
        return wrong(p, "\"%s\" is one too many: it takes one %s", text, p->spec->argument);
    }
    if (text[0] == '\0') {
        return wrong(p, "%s is empty", p->spec->argument);
    }
    p->has_argument = true;
    *(const char **)(void *)((char *)p->fields + p->spec->argument_offset) = text;
    return true;
}

static bool read_one(parser *p)
{
    const char *text = p->argv[p->at];
    if (p->only_argument || text[0] != '-' || text[1] == '\0') {
        return read_argument(p, text);
    }
    if (strcmp(text, "--") == 0) {
        p->only_argument = true;
        return true;
    }
    if (text[1] != '-') {
        return wrong(p, "%s: options have two dashes, as in --help", text);
    }
    return read_option(p, text + 2);
}

static bool is_complete(const parser *p)
{
    const cli_option *options = p->spec->options;
    for (size_t i = 0; i < OPTIONS_MAX && options[i].name != NULL; i++) {
        if (options[i].required && (p->given & (1u << i)) == 0) {
            return wrong(p, "--%s %s is missing", options[i].name, options[i].value);
        }
    }
    if (p->spec->argument != NULL && !p->spec->argument_optional && !p->has_argument) {
        return wrong(p, "%s is missing", p->spec->argument);
    }
    return true;
}

static bool asks_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            return true;
        }
    }
    return false;
}

bool cli_parse_to(const cli_spec *spec, int argc, char **argv, void *fields, int *code, FILE *out,
                  FILE *err)
{
    if (asks_help(argc, argv)) {
        cli_help(spec, out);
        *code = CLI_DONE;
        return false;
    }
    parser p = {.spec = spec, .argc = argc, .argv = argv, .fields = fields, .err = err};
    *code = CLI_USAGE;
    for (p.at = 1; p.at < argc; p.at++) {
        if (!read_one(&p)) {
            return false;
        }
    }
    if (!is_complete(&p)) {
        return false;
    }
    *code = CLI_DONE;
    return true;
}

bool cli_parse(const cli_spec *spec, int argc, char **argv, void *fields, int *code)
{
    return cli_parse_to(spec, argc, argv, fields, code, stdout, stderr);
}
