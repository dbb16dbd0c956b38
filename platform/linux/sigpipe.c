#include "platform/linux/sigpipe.h"

#include <time.h>

static bool is_pending(void)
{
    sigset_t pending;
    sigemptyset(&pending);
    return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1;
}

void ck_sigpipe_block(ck_sigpipe *s)
{
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGPIPE);
    s->was_pending = is_pending();
    pthread_sigmask(SIG_BLOCK, &one, &s->before);
}

void ck_sigpipe_restore(const ck_sigpipe *s)
{
    if (!s->was_pending && is_pending()) {
        sigset_t one;
        sigemptyset(&one);
        sigaddset(&one, SIGPIPE);
        const struct timespec none = {0, 0};
        (void)sigtimedwait(&one, NULL, &none);
    }
    pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}
