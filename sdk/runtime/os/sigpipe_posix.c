#include "runtime/os/sigpipe.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

void ck_keep_sigpipe(void (*fn)(void *arg), void *arg)
{
    struct sigaction before;
    bool known = sigaction(SIGPIPE, NULL, &before) == 0;
    fn(arg);
    if (known) {
        (void)sigaction(SIGPIPE, &before, NULL);
    }
}
