/*
 * A pipe carries the wish to wake up: it is all that a signal handler and the library's wakeup may
 * touch. It never fills up harmfully: a full pipe wakes just as well, so a failed write is ignored.
 */
#include "cli/stop.h"

#include "cli/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <unistd.h>

static int pipe_ends[2] = {-1, -1};
static atomic_bool stop_asked;
static atomic_uint taps;

void cli_wake(void *ignored)
{
    (void)ignored;
    int before = errno;
    ssize_t written = write(pipe_ends[1], "", 1);
    (void)written;
    errno = before;
}

void cli_interrupt(void)
{
    atomic_store(&stop_asked, true);
    cli_wake(NULL);
}

bool cli_interrupted(void)
{
    return atomic_load(&stop_asked);
}

static void on_signal(int number)
{
    (void)number;
    cli_interrupt();
}

static void on_tap(int number)
{
    (void)number;
    (void)atomic_fetch_add(&taps, 1);
    cli_wake(NULL);
}

bool cli_taps_install(void)
{
    struct sigaction tap = {.sa_handler = on_tap, .sa_flags = SA_RESTART};
    (void)sigemptyset(&tap.sa_mask);
    return sigaction(SIGUSR1, &tap, NULL) == 0;
}

bool cli_tapped(void)
{
    return atomic_exchange(&taps, 0) % 2 == 1;
}

static bool prepare_end(int end)
{
    int flags = fcntl(end, F_GETFL);
    return flags >= 0 && fcntl(end, F_SETFL, flags | O_NONBLOCK) == 0 &&
           fcntl(end, F_SETFD, FD_CLOEXEC) == 0;
}

static bool listen_to_signals(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};
    (void)sigemptyset(&action.sa_mask);
    return sigaction(SIGINT, &action, NULL) == 0 && sigaction(SIGTERM, &action, NULL) == 0;
}

bool cli_stop_install(void)
{
    if (pipe(pipe_ends) != 0 || !prepare_end(pipe_ends[0]) || !prepare_end(pipe_ends[1])) {
        return false;
    }
    /* A reader that goes away shows in the result of a write. */
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    (void)sigemptyset(&ignore.sa_mask);
    /* The second signal finds the system's own action, which ends the process. */
    return listen_to_signals((int)SA_RESETHAND) && sigaction(SIGPIPE, &ignore, NULL) == 0;
}

bool cli_stop_in_a_child(void)
{
    return listen_to_signals(0);
}

void cli_wait(uint32_t timeout_ms)
{
    struct pollfd end = {.fd = pipe_ends[0], .events = POLLIN};
    uint64_t until_us = cli_now_us() + (uint64_t)timeout_ms * 1000u;
    for (;;) {
        uint64_t now_us = cli_now_us();
        uint64_t left_ms = until_us > now_us ? (until_us - now_us + 999u) / 1000u : 0;
        int ready = poll(&end, 1, left_ms > 60000u ? 60000 : (int)left_ms);
        if (ready > 0 || cli_interrupted() || (ready == 0 && left_ms <= 60000u)) {
            break;
        }
    }
    char bytes[64];
    while (read(pipe_ends[0], bytes, sizeof bytes) == (ssize_t)sizeof bytes) {
    }
}
