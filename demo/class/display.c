#include "class/display.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MS  10000
#define END_TRIES 200 /* of 10 ms */
#define NOT_THERE 127

/* In the child. It ends with us however we end, but not by the Ctrl-C that is meant for us: we
 * close our windows first. */
static void become_server(const char *const argv[], pid_t parent)
{
    (void)setpgid(0, 0);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) {
        _exit(NOT_THERE);
    }
    int nothing = open("/dev/null", O_RDWR);
    if (nothing >= 0) {
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO);
        dup2(nothing, STDERR_FILENO);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execvp(argv[0], (char *const *)(void *)argv);
    _exit(NOT_THERE);
}

/* The server writes its number and a line end once it accepts connections. -1: it never did. */
static int read_number(int fd)
{
    char text[12];
    size_t used = 0;
    struct pollfd readable = {fd, POLLIN, 0};
    while (used + 1 < sizeof text) {
        int ready = poll(&readable, 1, START_MS);
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        if (ready != 1 || read(fd, text + used, 1) != 1) {
            return -1;
        }
        if (text[used] == '\n') {
            text[used] = '\0';
            return (int)strtol(text, NULL, 10);
        }
        used++;
    }
    return -1;
}

static pid_t start_server(int width, int height, const int fds[2])
{
    char fd_text[12], screen[32];
    snprintf(fd_text, sizeof fd_text, "%d", fds[1]);
    snprintf(screen, sizeof screen, "%dx%dx24", width, height);
    const char *const argv[] = {"Xvfb", "-displayfd", fd_text, "-screen",  "0",
                                screen, "-nolisten",  "tcp",   "-noreset", NULL};
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        close(fds[0]);
        become_server(argv, parent);
    }
    return pid;
}

/* True when the child is gone; `code` is what it ended with. */
static bool reap(pid_t pid, int options, int *code)
{
    int status = 0;
    pid_t got = waitpid(pid, &status, options);
    *code = got == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return got == pid || (got < 0 && errno == ECHILD);
}

bool display_start(display *d, int width, int height, char *why, size_t why_size)
{
    int fds[2];
    *d = (display){0};
    if (pipe(fds) != 0) {
        snprintf(why, why_size, "no descriptor is left for a virtual display");
        return false;
    }
    (void)fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    pid_t pid = start_server(width, height, fds);
    close(fds[1]);
    int number = pid > 0 ? read_number(fds[0]) : -1;
    close(fds[0]);
    if (number >= 0) {
        d->pid = pid;
        snprintf(d->name, sizeof d->name, ":%d", number);
        return setenv("DISPLAY", d->name, 1) == 0;
    }
    int code = -1;
    if (pid > 0) {
        (void)kill(pid, SIGKILL);
        (void)reap(pid, 0, &code);
    }
    snprintf(why, why_size, "%s",
             code == NOT_THERE ? "there is no display, and no Xvfb to make one: install xvfb"
                               : "the virtual display (Xvfb) did not start; \"Xvfb :99\" says why");
    return false;
}

void display_stop(display *d)
{
    if (d->pid <= 0) {
        return;
    }
    int code;
    bool gone = false;
    (void)kill(d->pid, SIGTERM);
    for (int i = 0; i < END_TRIES && !gone; i++) {
        const struct timespec wait = {0, 10 * 1000 * 1000};
        gone = reap(d->pid, WNOHANG, &code);
        if (!gone) {
            (void)nanosleep(&wait, NULL);
        }
    }
    if (!gone) {
        (void)kill(d->pid, SIGKILL);
        (void)reap(d->pid, 0, &code);
    }
    d->pid = 0;
}
