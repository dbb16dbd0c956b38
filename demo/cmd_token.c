/* chalkrail token: prints a token, alone on its line, for scripts to take. */
#include "cli/secret.h"
#include "cli/stop.h"
#include "commands.h"

#include <time.h>

typedef struct token_options {
    const char *secret;
    const char *room;
    const char *name;
    uint32_t role;
    uint64_t ttl_ms;
} token_options;

static const cli_choice roles[] = {
    {"owner", CHALK_ROLE_OWNER},         {"teacher", CHALK_ROLE_TEACHER},
    {"assistant", CHALK_ROLE_ASSISTANT}, {"student", CHALK_ROLE_STUDENT},
    {"observer", CHALK_ROLE_OBSERVER},   {NULL},
};

static const cli_option options[] = {
    {.name = "secret",
     .value = "FILE",
     .kind = CLI_TEXT,
     .offset = offsetof(token_options, secret),
     .required = true,
     .help = "the file that `chalkrail edge --secret` has"},
    {.name = "room",
     .value = "ROOM",
     .kind = CLI_TEXT,
     .offset = offsetof(token_options, room),
     .required = true,
     .help = "the class"},
    {.name = "name",
     .value = "NAME",
     .kind = CLI_TEXT,
     .offset = offsetof(token_options, name),
     .required = true,
     .help = "who bears it"},
    {.name = "role",
     .value = "ROLE",
     .kind = CLI_CHOICE,
     .offset = offsetof(token_options, role),
     .choices = roles,
     .required = true,
     .help = "owner, teacher, assistant (these publish), student, observer"},
    {.name = "ttl",
     .value = "TIME",
     .kind = CLI_DURATION,
     .offset = offsetof(token_options, ttl_ms),
     .min = 1000,
     .max = 3650ull * 86400000,
     .help = "how long it is valid, such as 90s, 30m, 2h, 7d; default 2h"},
    {0},
};

static const char *const examples[] = {
    "# for the teacher Li, for a double lesson",
    "token --secret class.secret --room math --name li --role teacher --ttl 90m",
    "# for everybody who watches, for a week",
    "token --secret class.secret --room math --name guest --role observer --ttl 7d",
    NULL,
};

const cli_spec cmd_token_spec = {
    .name = "token",
    .summary = "print a token that lets somebody into a class",
    .about =
        "Prints a token on standard output and nothing else. It is what an edge that was started\n"
        "with the same secret asks for: rtmp://HOST:1935/ROOM/NAME/screen?token=TOKEN",
    .options = options,
    .examples = examples,
};

static int print_token(cli_report *r, const token_options *o, const cli_secret *secret)
{
    char token[CHALK_TOKEN_MAX];
    uint64_t expires_s = (uint64_t)time(NULL) + o->ttl_ms / 1000;
    int status = chalk_token_create(secret->bytes, secret->size, o->room, o->name, o->role,
                                    expires_s, token, sizeof token);
    if (status == CHALK_ERR_INVALID_ARGUMENT) {
        return cli_wrong(
            &cmd_token_spec,
            "a room and a name are 1 to %d bytes of letters, digits, '.', '_', '-' and "
            "whatever is not ASCII",
            CHALK_NAME_MAX);
    }
    if (status < 0) {
        return cli_fail_status(r, status, "cannot make a token");
    }
    cli_say(r, "%s", token);
    return cli_interrupted() ? CLI_FAILED : CLI_DONE; /* nobody took it */
}

int cmd_token(int argc, char **argv)
{
    token_options o = {.ttl_ms = 2 * 3600000};
    int code = CLI_DONE;
    if (!cli_parse(&cmd_token_spec, argc, argv, &o, &code)) {
        return code;
    }
    cli_report report;
    cli_secret secret;
    cli_report_init(&report, "token", false, false);
    if (!cli_secret_read(&report, o.secret, &secret)) {
        return CLI_FAILED;
    }
    code = print_token(&report, &o, &secret);
    cli_secret_wipe(&secret);
    return code;
}
