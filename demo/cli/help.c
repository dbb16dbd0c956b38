/* --help, made from the same table that is parsed. */
#include "cli/options.h"

#include "cli/value.h"

#include <string.h>

#define COLUMN 30 /* where the explanations begin */

static void print_pair(FILE *out, const char *left, const char *right)
{
    int width = (int)strlen(left) + 2;
    if (width + 2 > COLUMN) {
        (void)fprintf(out, "  %s\n%*s%s\n", left, COLUMN, "", right);
    } else {
        (void)fprintf(out, "  %s%*s%s\n", left, COLUMN - width, "", right);
    }
}

static void print_option(const cli_option *o, FILE *out)
{
    char left[96];
    if (o->value == NULL) {
        (void)snprintf(left, sizeof left, "--%s", o->name);
    } else if (o->kind == CLI_TEXT_OPTIONAL) {
        (void)snprintf(left, sizeof left, "--%s [%s]", o->name, o->value);
    } else {
        (void)snprintf(left, sizeof left, "--%s %s", o->name, o->value);
    }
    char range[80] = "";
    if (o->kind == CLI_NUMBER) {
        (void)snprintf(range, sizeof range, " (%llu to %llu)", (unsigned long long)o->min,
                       (unsigned long long)o->max);
    } else if (o->kind == CLI_DURATION) {
        char least[32], most[32];
        cli_duration_shown(o->min, least, sizeof least);
        cli_duration_shown(o->max, most, sizeof most);
        (void)snprintf(range, sizeof range, " (%s to %s)", least, most);
    }
    char right[256];
    (void)snprintf(right, sizeof right, "%s%s%s", o->help, range, o->required ? "; required" : "");
    print_pair(out, left, right);
}

static void print_examples(const cli_spec *spec, FILE *out)
{
    (void)fprintf(out, "\nExamples\n");
    for (const char *const *line = spec->examples; *line != NULL; line++) {
        if ((*line)[0] == '#') {
            (void)fprintf(out, "  %s\n", *line);
        } else {
            (void)fprintf(out, "  chalkrail %s\n", *line);
        }
    }
}

void cli_help(const cli_spec *spec, FILE *out)
{
    bool optional = spec->argument_optional;
    (void)fprintf(out, "usage: chalkrail %s%s%s%s%s%s\n\n%s\n", spec->name,
                  spec->argument != NULL ? " " : "", optional ? "[" : "",
                  spec->argument != NULL ? spec->argument : "", optional ? "]" : "",
                  spec->options[0].name != NULL ? " [OPTIONS]" : "", spec->about);
    if (spec->argument != NULL) {
        (void)fprintf(out, "\n");
        print_pair(out, spec->argument, spec->argument_help);
    }
    for (const cli_option *o = spec->options; o->name != NULL; o++) {
        if (o->heading != NULL) {
            (void)fprintf(out, "\n%s\n", o->heading);
        } else if (o == spec->options) {
            (void)fprintf(out, "\nOptions\n");
        }
        print_option(o, out);
    }
    print_pair(out, "--help", "this");
    if (spec->examples != NULL && spec->examples[0] != NULL) {
        print_examples(spec, out);
    }
    (void)fprintf(out, "\nExit codes: %s.\n",
                  spec->exit_codes != NULL ? spec->exit_codes : "0 done, 1 failed, 2 wrong usage");
}
