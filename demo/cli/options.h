/*
 * The command line as a table. One cli_spec describes a command: what it takes, in which ranges,
 * with which examples; parsing, --help, and the advice after a typing error are all made from it.
 *
 *     typedef struct options { uint32_t fps; bool json; const char *url; } options;
 *     static const cli_option table[] = {
 *         {.name = "fps", .value = "N", .help = "pictures a second", .kind = CLI_NUMBER,
 *          .offset = offsetof(options, fps), .min = 1, .max = 60},
 *         CLI_JSON(options, json),
 *         {0},
 *     };
 *     static const char *const examples[] = {"play rtmp://127.0.0.1/math/li/screen", NULL};
 *     const cli_spec cmd_play_spec = {.name = "play", .options = table, .examples = examples, ...};
 *
 *     options o = {.fps = 15};           // the defaults
 *     int code = 0;
 *     if (!cli_parse(&cmd_play_spec, argc, argv, &o, &code)) return code;
 *
 * Values are written to the fields at their offsets; what is not given stays as it was. Texts point
 * into argv.
 */
#ifndef DEMO_CLI_OPTIONS_H
#define DEMO_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What the program ends with. */
enum cli_exit {
    CLI_DONE = 0,   /* did what was asked */
    CLI_FAILED = 1, /* tried, and could not */
    CLI_USAGE = 2,  /* was asked for something that cannot be meant */
};

/* What an option's value is, and the type of the field that receives it. */
enum cli_kind {
    CLI_FLAG = 1,      /* no value; bool */
    CLI_TEXT,          /* const char *, never empty */
    CLI_TEXT_OPTIONAL, /* const char *; "" when given without a value. The next argument is the
                          value unless it begins with '-' or is a URL. */
    CLI_NUMBER,        /* uint32_t in min..max */
    CLI_DURATION, /* uint64_t milliseconds in min..max; "1.5", "90s", "30m", "2h", "7d", "200ms" */
    CLI_SIZE,     /* cli_size, each side in min..max and even; "1280x720" */
    CLI_CHOICE,   /* uint32_t, one of `choices` */
    CLI_PERCENT,  /* uint32_t parts per million in min..max; "0.5", "2%" */
};

typedef struct cli_size {
    int32_t width;
    int32_t height;
} cli_size;

/* A table of them ends with a NULL name. */
typedef struct cli_choice {
    const char *name;
    uint32_t value;
} cli_choice;

/* A table of them ends with a NULL name. */
typedef struct cli_option {
    const char *name;  /* without the dashes */
    const char *value; /* what stands for the value in the help; NULL for a flag */
    const char *help;  /* one line */
    enum cli_kind kind;
    size_t offset; /* of the field in the command's struct */
    uint64_t min;  /* numbers, durations (ms) and sizes */
    uint64_t max;
    const cli_choice *choices; /* CLI_CHOICE */
    const char *const
        *endings;        /* CLI_TEXT: what it may end with; the last is NULL. NULL: anything */
    const char *group;   /* options with the same group exclude each other; may be NULL */
    const char *heading; /* begins a new part of the help; may be NULL */
    bool required;
    bool with_unit; /* CLI_DURATION: a number alone is refused, for it may have been meant in ms */
} cli_option;

typedef struct cli_spec {
    const char *name;       /* of the command */
    const char *summary;    /* one line, for the list of commands */
    const char *about;      /* what it does, for its help; lines of at most 96 columns */
    const char *argument;   /* what stands for the one positional argument, such as "URL";
                               NULL: it takes none */
    bool argument_optional; /* else it is required */
    const char *argument_help;
    size_t argument_offset;      /* const char * */
    const cli_option *options;   /* ends with a NULL name */
    const char *exit_codes;      /* for its help; NULL: those that all commands have */
    const char *const *examples; /* each "play URL ..." without the program's name; a line that
                                    begins with '#' explains the next; ends with NULL */
} cli_spec;

/* What a recording may be named. */
extern const char *const cli_record_endings[];

/* Options that most commands have. */
#define CLI_JSON(type, field)                                                                      \
    {                                                                                              \
        .name = "json", .kind = CLI_FLAG, .offset = offsetof(type, field), .heading = "Output",    \
        .help = "one JSON object a line on standard output, nothing else there"                    \
    }
#define CLI_VERBOSE(type, field)                                                                   \
    {                                                                                              \
        .name = "verbose", .kind = CLI_FLAG, .offset = offsetof(type, field),                      \
        .help = "the library's log on standard error"                                              \
    }

/* Parses argv[1..argc), argv[0] being the command's name. True: run the command. False: it is over
 * and `code` is the exit code: 0 after --help (on standard output), CLI_USAGE after an error, which
 * was explained on standard error in one line with one of advice. */
bool cli_parse(const cli_spec *spec, int argc, char **argv, void *fields, int *code);

/* The same, writing where it is told; for tests. */
bool cli_parse_to(const cli_spec *spec, int argc, char **argv, void *fields, int *code, FILE *out,
                  FILE *err);

/* What `chalkrail COMMAND --help` shows. */
void cli_help(const cli_spec *spec, FILE *out);

/* For what a table cannot say: prints "chalkrail COMMAND: message" and the hint to --help on
 * standard error. Returns CLI_USAGE. */
int cli_wrong(const cli_spec *spec, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "90s", "1.5", "200ms", "30m", "2h", "7d" in milliseconds; a bare number is seconds. False when it
 * is none of these, or too large for 64 bits. */
bool cli_duration(const char *text, uint64_t *ms);

/* The one of `count` names that `typed` most probably stands for, or NULL when none is near. */
const char *cli_nearest(const char *typed, const char *const *names, size_t count);

#endif
