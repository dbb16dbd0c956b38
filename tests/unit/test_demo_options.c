/* The command line: what is taken, what is refused and how that is explained. */
#include "cli/options.h"
#include "commands.h"
#include "support/check.h"

#include <stdlib.h>

#define WORDS_MAX 32

typedef struct fields {
    const char *url;
    bool json;
    uint32_t fps;
    const char *screen;
    const char *file;
    uint64_t for_ms, delay_ms;
    cli_size size;
    uint32_t hint;
    const char *name;
} fields;

static const cli_choice hints[] = {{"slides", 1}, {"motion", 2}, {NULL}};

static const cli_option table[] = {
    CLI_JSON(fields, json),
    {.name = "fps",
     .value = "N",
     .help = "pictures",
     .kind = CLI_NUMBER,
     .offset = offsetof(fields, fps),
     .min = 1,
     .max = 60},
    {.name = "screen",
     .value = "DISPLAY",
     .help = "screen",
     .kind = CLI_TEXT_OPTIONAL,
     .offset = offsetof(fields, screen),
     .group = "picture"},
    {.name = "file",
     .value = "FILE",
     .help = "file",
     .kind = CLI_TEXT,
     .offset = offsetof(fields, file),
     .group = "picture"},
    {.name = "for",
     .value = "TIME",
     .help = "time",
     .kind = CLI_DURATION,
     .offset = offsetof(fields, for_ms),
     .min = 100,
     .max = 3600000},
    {.name = "delay",
     .value = "TIME",
     .help = "time of milliseconds",
     .kind = CLI_DURATION,
     .with_unit = true,
     .offset = offsetof(fields, delay_ms),
     .max = 10000},
    {.name = "size",
     .value = "WxH",
     .help = "size",
     .kind = CLI_SIZE,
     .offset = offsetof(fields, size),
     .min = 16,
     .max = 4096},
    {.name = "hint",
     .value = "HINT",
     .help = "hint",
     .kind = CLI_CHOICE,
     .offset = offsetof(fields, hint),
     .choices = hints},
    {.name = "name",
     .value = "NAME",
     .help = "name",
     .kind = CLI_TEXT,
     .offset = offsetof(fields, name),
     .required = true},
    {0},
};

static const char *const examples[] = {"try rtmp://a/b --name x", NULL};

static const cli_spec spec = {
    .name = "try",
    .summary = "tries",
    .about = "Tries.",
    .argument = "URL",
    .argument_help = "an address",
    .argument_offset = offsetof(fields, url),
    .options = table,
    .examples = examples,
};

/* One run of the parser over words that blanks part. */
typedef struct run {
    char line[256];
    char *argv[WORDS_MAX];
    int argc;
    fields got;
    bool goes_on;
    int code;
    char *out;
    char *err;
    size_t out_size;
    size_t err_size;
} run;

static void run_words(run *r, const cli_spec *of, const char *line, void *into)
{
    *r = (run){0};
    CK_CHECK(strlen(line) < sizeof r->line);
    memcpy(r->line, line, strlen(line) + 1);
    char *rest = r->line;
    for (char *word; (word = strtok_r(rest, " ", &rest)) != NULL && r->argc < WORDS_MAX - 1;) {
        r->argv[r->argc++] = word;
    }
    FILE *out = open_memstream(&r->out, &r->out_size);
    FILE *err = open_memstream(&r->err, &r->err_size);
    CK_CHECK(out != NULL && err != NULL);
    r->goes_on =
        cli_parse_to(of, r->argc, r->argv, into != NULL ? into : &r->got, &r->code, out, err);
    (void)fclose(out);
    (void)fclose(err);
}

static void run_end(run *r)
{
    free(r->out);
    free(r->err);
}

CK_TEST(demo_options, values_reach_their_fields)
{
    run r;
    run_words(&r, &spec,
              "try rtmp://a/b --json --fps=25 --screen :0 --for 1.5 --size 640x360 --hint motion "
              "--name x",
              NULL);
    CK_CHECK(r.goes_on);
    CK_CHECK_STR(r.got.url, "rtmp://a/b");
    CK_CHECK(r.got.json);
    CK_CHECK_EQ(r.got.fps, 25);
    CK_CHECK_STR(r.got.screen, ":0");
    CK_CHECK_EQ(r.got.for_ms, 1500);
    CK_CHECK_EQ(r.got.size.width, 640);
    CK_CHECK_EQ(r.got.size.height, 360);
    CK_CHECK_EQ(r.got.hint, 2);
    CK_CHECK_EQ(r.err_size, 0);
    run_end(&r);
}

CK_TEST(demo_options, what_is_not_given_stays)
{
    run r = {0};
    fields into = {.fps = 15, .name = "was"};
    run_words(&r, &spec, "try u --name is", &into);
    CK_CHECK(r.goes_on);
    CK_CHECK_EQ(into.fps, 15);
    CK_CHECK_STR(into.name, "is");
    CK_CHECK(into.screen == NULL);
    run_end(&r);
}

CK_TEST(demo_options, an_optional_value_is_no_option_and_no_url)
{
    static const struct {
        const char *line;
        const char *screen;
        const char *url;
    } rows[] = {
        {"try --screen rtmp://a/b --name x", "", "rtmp://a/b"},
        {"try --screen --name x rtmp://a/b", "", "rtmp://a/b"},
        {"try --screen :1,2x2+0+0 rtmp://a/b --name x", ":1,2x2+0+0", "rtmp://a/b"},
        {"try rtmp://a/b --name x --screen", "", "rtmp://a/b"},
        {"try --screen=:1 --name x -- --odd", ":1", "--odd"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run r;
        run_words(&r, &spec, rows[i].line, NULL);
        CK_CHECK_ROW(i, r.goes_on);
        CK_CHECK_STR(r.got.screen, rows[i].screen);
        CK_CHECK_STR(r.got.url, rows[i].url);
        run_end(&r);
    }
}

CK_TEST(demo_options, mistakes_are_explained_in_one_line)
{
    static const struct {
        const char *line;
        const char *says;
    } rows[] = {
        {"try u --name x --fsp 3", "there is no option --fsp; did you mean --fps?"},
        {"try u --name x --sizes 2x2", "did you mean --size?"},
        {"try u --name x --hlep", "did you mean --help?"},
        {"try u --name x --zzzzzz", "there is no option --zzzzzz\n"},
        {"try u --name x --fps", "--fps wants a value: --fps N"},
        {"try u --name x --fps --json", "--fps wants a value"},
        {"try u --name x --fps 0", "--fps wants a number from 1 to 60, not \"0\""},
        {"try u --name x --fps 61", "from 1 to 60"},
        {"try u --name x --fps 15x", "from 1 to 60"},
        {"try u --name x --fps -3", "--fps wants a value"},
        {"try u --name x --fps=-3", "from 1 to 60"},
        {"try u --name x --fps 18446744073709551617", "from 1 to 60"},
        {"try u --name x --for 2", ""},
        {"try u --name x --for 2w", "--for wants a time from 100ms to 1h"},
        {"try u --name x --for 99ms", "from 100ms to 1h"},
        {"try u --name x --for 61m", "from 100ms to 1h"},
        {"try u --name x --delay 1.5", "--delay wants a time from 0ms to 10s, such as 80ms or 2s"},
        {"try u --name x --delay ms", "--delay wants a time"},
        {"try u --name x --delay 11s", "--delay wants a time"},
        {"try u --name x --delay 1.5s", ""},
        {"try u --name x --delay 0", ""},
        {"try u --name x --size 640", "--size wants WIDTHxHEIGHT"},
        {"try u --name x --size 641x360", "both even"},
        {"try u --name x --size 640x360x2", "WIDTHxHEIGHT"},
        {"try u --name x --size 8000x360", "from 16 to 4096"},
        {"try u --name x --hint film", "--hint wants one of slides motion, not \"film\""},
        {"try u --name x --json=1", "--json takes no value"},
        {"try u --name x --screen --file f", "--screen and --file exclude each other"},
        {"try u --name=", "--name wants a text that is not empty"},
        {"try u", "--name NAME is missing"},
        {"try --name x", "URL is missing"},
        {"try u v --name x", "\"v\" is one too many: it takes one URL"},
        {"try u --name x -f", "-f: options have two dashes"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run r;
        bool sound = rows[i].says[0] == '\0';
        run_words(&r, &spec, rows[i].line, NULL);
        CK_CHECK_ROW(i, r.goes_on == sound);
        CK_CHECK_ROW(i, r.code == (sound ? CLI_DONE : CLI_USAGE));
        CK_CHECK_ROW(i, strstr(r.err, rows[i].says) != NULL);
        CK_CHECK_ROW(i, sound || strncmp(r.err, "chalkrail try: ", 15) == 0);
        CK_CHECK_ROW(i, sound || strstr(r.err, "\nTry: chalkrail try --help\n") != NULL);
        CK_CHECK_ROW(i, r.out_size == 0);
        run_end(&r);
    }
}

CK_TEST(demo_options, help_shows_all_of_the_table)
{
    run r;
    run_words(&r, &spec, "try --fps nonsense --help", NULL);
    CK_CHECK(!r.goes_on);
    CK_CHECK_EQ(r.code, CLI_DONE);
    CK_CHECK_EQ(r.err_size, 0);
    for (const cli_option *o = table; o->name != NULL; o++) {
        char wanted[64];
        (void)snprintf(wanted, sizeof wanted, "  --%s", o->name);
        CK_CHECK_ROW(o - table, strstr(r.out, wanted) != NULL);
    }
    CK_CHECK(strstr(r.out, "  chalkrail try rtmp://a/b --name x\n") != NULL);
    CK_CHECK(strstr(r.out, "--screen [DISPLAY]") != NULL);
    CK_CHECK(strstr(r.out, "(1 to 60)") != NULL);
    CK_CHECK(strstr(r.out, "(100ms to 1h)") != NULL);
    run_end(&r);
}

/* Larger than the struct of any command. */
typedef union any_fields {
    max_align_t align;
    char bytes[1024];
} any_fields;

static void check_examples(const cli_spec *of)
{
    size_t found = 0;
    for (const char *const *line = of->examples; *line != NULL; line++) {
        if ((*line)[0] != '#') {
            run r;
            any_fields into = {0};
            run_words(&r, of, *line, &into);
            CK_CHECK_STR(r.err, "");
            CK_CHECK(r.goes_on);
            CK_CHECK_STR(r.argv[0], of->name);
            run_end(&r);
            found++;
        }
    }
    CK_CHECK(found > 0);
}

CK_TEST(demo_options, the_examples_of_every_help_parse)
{
    check_examples(&cmd_edge_spec);
    check_examples(&cmd_token_spec);
    check_examples(&cmd_publish_spec);
    check_examples(&cmd_devices_spec);
    check_examples(&cmd_play_spec);
    check_examples(&cmd_demo_spec);
    check_examples(&cmd_board_spec);
}
