/*
 * Keeps SIGPIPE from reaching the host while a foreign library (xcb) writes to a socket whose other
 * end may be gone: blocked for the calling thread, and a signal that was raised meanwhile is
 * swallowed before the old mask returns. No handler is installed.
 */
#ifndef CK_PLATFORM_SIGPIPE_H
#define CK_PLATFORM_SIGPIPE_H

#include <signal.h>
#include <stdbool.h>

typedef struct ck_sigpipe {
    sigset_t before;
    bool was_pending; /* the host's own, to be left alone */
} ck_sigpipe;

void ck_sigpipe_block(ck_sigpipe *s);
void ck_sigpipe_restore(const ck_sigpipe *s);

#endif
