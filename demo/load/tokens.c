#include "load/tokens.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* One socket is both ends of the command: what is written to one that has gone is an error then,
 * and no signal. */
static pid_t start(const char *command, int *end)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
        return -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)dup2(ends[1], STDIN_FILENO);
        (void)dup2(ends[1], STDOUT_FILENO);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return -1;
    }
    *end = ends[0];
    return pid;
}

static bool ask(int end, const char *line)
{
    size_t size = strlen(line);
    return send(end, line, size, MSG_NOSIGNAL) == (ssize_t)size;
}

/* A line of at most CHALK_TOKEN_MAX bytes; one question is under way at a time, so nothing comes
 * behind its end. */
static bool hear(int end, char answer[CHALK_TOKEN_MAX])
{
    size_t used = 0;
    struct pollfd fd = {.fd = end, .events = POLLIN};
    while (used < CHALK_TOKEN_MAX - 1 && poll(&fd, 1, LOAD_TOKEN_MS) == 1) {
        ssize_t got = read(end, answer + used, CHALK_TOKEN_MAX - 1 - used);
        if (got <= 0) {
            return false;
        }
        used += (size_t)got;
        if (answer[used - 1] == '\n') {
            answer[strcspn(answer, "\r\n")] = '\0';
            return answer[0] != '\0';
        }
        answer[used] = '\0';
    }
    return false;
}

static bool get_one(int end, load_student *s)
{
    char line[256], answer[CHALK_TOKEN_MAX] = "", name[LOAD_NAME_SIZE];
    load_student_name(s->staff, s->number, name);
    (void)snprintf(line, sizeof line, "%s%u %s %s\n", s->hall->options->room, s->room, name,
                   s->staff ? "teacher" : "student");
    if (!ask(end, line) || !hear(end, answer)) {
        return false;
    }
    s->token = strdup(answer);
    return s->token != NULL;
}

int load_tokens_get(cli_report *report, const char *command, load_student *students, uint32_t count)
{
    int end = -1, how = 0;
    pid_t pid = start(command, &end);
    bool got = pid > 0;
    for (uint32_t i = 0; got && i < count; i++) {
        got = get_one(end, &students[i]);
    }
    if (pid > 0) {
        (void)close(end);
        (void)kill(pid, SIGTERM); /* it has nothing more to say */
        while (waitpid(pid, &how, 0) < 0 && errno == EINTR) {
        }
    }
    if (!got) {
        (void)cli_fail(report, "--token-command: no token came (it is given \"ROOM NAME ROLE\" a "
                               "line, and answers with a line)");
    }
    return got ? CHALK_OK : CHALK_ERR_IO;
}
