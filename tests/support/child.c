#include "support/child.h"

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void become(const char *const argv[], int keep_fd)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDIN_FILENO);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    if (keep_fd >= 0) {
        fcntl(keep_fd, F_SETFD, 0);
    }
    execvp(argv[0], (char *const *)(void *)argv);
    _exit(127);
}

pid_t ck_child_start(const char *const argv[], int keep_fd)
{
    pid_t pid = fork();
    if (pid == 0) {
        become(argv, keep_fd);
    }
    return pid;
}

void ck_child_end(pid_t *pid, int signal_number)
{
    if (*pid > 0) {
        kill(*pid, signal_number);
        waitpid(*pid, NULL, 0);
    }
    *pid = -1;
}

bool ck_child_run(const char *const argv[])
{
    pid_t pid = ck_child_start(argv, -1);
    int status = 0;
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
           WEXITSTATUS(status) == 0;
}
