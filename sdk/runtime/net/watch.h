/*
 * A descriptor of the system's that is waited for on the loop, for news that come rarely: it costs
 * nothing until there are some.
 *
 * Thread: loop. Lifetime: until it is destroyed, or the loop is.
 */
#ifndef CK_RUNTIME_NET_WATCH_H
#define CK_RUNTIME_NET_WATCH_H

#include "runtime/net/loop.h"

typedef struct ck_watch ck_watch;

/* Calls `readable` while the descriptor has something to read; it is to read it. Takes the
 * descriptor on success, and closes it at the end. CHALK_ERR_NO_MEMORY, CHALK_ERR_UNSUPPORTED (it
 * cannot be waited for), CHALK_ERR_CANCELLED. */
int ck_watch_create(ck_loop *loop, int fd, void (*readable)(void *user, int fd), void *user,
                    ck_watch **out);
void ck_watch_destroy(ck_watch **watch); /* no call comes after this; NULL is accepted */

#endif
