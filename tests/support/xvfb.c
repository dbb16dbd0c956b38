#include "support/xvfb.h"

#include "support/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define START_MS 15000

/* The server writes its display number and a line end once it accepts connections. */
static bool read_number(int fd, int *number)
{
    char text[16] = "";
    size_t used = 0;
    struct pollfd readable = {fd, POLLIN, 0};
    while (used + 1 < sizeof text && poll(&readable, 1, START_MS) == 1) {
        ssize_t got = read(fd, text + used, 1);
        if (got != 1) {
            return false;
        }
        if (text[used] == '\n') {
            char *end = NULL;
            *number = (int)strtol(text, &end, 10);
            return end == text + used && used > 0;
        }
        used++;
    }
    return false;
}

bool ck_xvfb_start(ck_xvfb *x, const char *size, const char *without, const char *display)
{
    int fds[2];
    x->pid = -1;
    if (pipe(fds) != 0) {
        return false;
    }
    fcntl(fds[0], F_SETFD, FD_CLOEXEC);
    fcntl(fds[1], F_SETFD, FD_CLOEXEC);
    char fd_text[12];
    snprintf(fd_text, sizeof fd_text, "%d", fds[1]);
    const char *argv[16] = {"Xvfb", "-displayfd", fd_text, "-screen", "0",
                            size,   "-nolisten",  "tcp",   "-noreset"};
    int count = 9;
    if (without != NULL) {
        argv[count++] = "-extension";
        argv[count++] = without;
    }
    if (display != NULL) {
        argv[count++] = display;
    }
    x->pid = ck_child_start(argv, fds[1]);
    close(fds[1]);
    int number = -1;
    bool ready = read_number(fds[0], &number);
    close(fds[0]);
    if (!ready) {
        ck_xvfb_kill(x);
        return false;
    }
    snprintf(x->display, sizeof x->display, ":%d", number);
    return true;
}

void ck_xvfb_kill(ck_xvfb *x)
{
    ck_child_end(&x->pid, SIGKILL);
}
