/* The chalkrail program: finds the command and runs it. */
#include "cli/options.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "commands.h"

#include <errno.h>
#include <string.h>

static const cli_command commands[] = {
    {&cmd_edge_spec, cmd_edge},       {&cmd_token_spec, cmd_token},
    {&cmd_publish_spec, cmd_publish}, {&cmd_play_spec, cmd_play},
    {&cmd_room_spec, cmd_room},       {&cmd_load_spec, cmd_load},
    {&cmd_board_spec, cmd_board},     {&cmd_devices_spec, cmd_devices},
    {&cmd_demo_spec, cmd_demo},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static void print_usage(FILE *out)
{
    (void)fprintf(out, "usage: chalkrail COMMAND [OPTIONS]\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(out, "  %-10s%s\n", commands[i].spec->name, commands[i].spec->summary);
    }
    (void)fprintf(out,
                  "\nchalkrail COMMAND --help says more; chalkrail --version names the version."
                  "\n");
}

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].spec->name, name) == 0) {
            return &commands[i];
        }
    }
    return NULL;
}

static int unknown_command(const char *typed)
{
    const char *names[COMMANDS + 1] = {"help"};
    for (size_t i = 0; i < COMMANDS; i++) {
        names[i + 1] = commands[i].spec->name;
    }
    const char *meant = cli_nearest(typed, names, COMMANDS + 1);
    if (meant != NULL) {
        (void)fprintf(stderr, "chalkrail: there is no command %s; did you mean %s?\n", typed,
                      meant);
    } else {
        (void)fprintf(stderr, "chalkrail: there is no command %s\n", typed);
    }
    (void)fprintf(stderr, "Try: chalkrail --help\n");
    return CLI_USAGE;
}

/* `chalkrail help [COMMAND]`. */
static int help_command(int argc, char **argv)
{
    const cli_command *command = argc > 1 ? find_command(argv[1]) : NULL;
    if (argc > 1 && command == NULL) {
        return unknown_command(argv[1]);
    }
    if (command != NULL) {
        cli_help(command->spec, stdout);
    } else {
        print_usage(stdout);
    }
    return CLI_DONE;
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
    return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* What could not be written is a failure, whatever the command made of it; that a reader had enough
 * (`chalkrail ... | head`) is none. */
static int code_with_output(int code)
{
    int error = cli_output_error();
    if (code != CLI_DONE || error == 0 || error == EPIPE) {
        return code;
    }
    (void)fprintf(stderr, "chalkrail: cannot write to standard output: %s\n", strerror(error));
    return CLI_FAILED;
}

static int run(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return CLI_USAGE;
    }
    if (is_one_of(argv[1], "--help", "-h")) {
        print_usage(stdout);
        return CLI_DONE;
    }
    if (strcmp(argv[1], "help") == 0) {
        return help_command(argc - 1, argv + 1);
    }
    if (is_one_of(argv[1], "--version", "version")) {
        (void)printf("chalkrail %s\n", CHALKRAIL_VERSION);
        return CLI_DONE;
    }
    const cli_command *command = find_command(argv[1]);
    if (command == NULL) {
        return unknown_command(argv[1]);
    }
    if (!cli_stop_install()) {
        (void)fprintf(stderr, "chalkrail: the system has no descriptors left\n");
        return CLI_FAILED;
    }
    return command->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
    return code_with_output(run(argc, argv));
}
