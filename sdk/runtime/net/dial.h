/*
 * Finding a connection to a host: resolves the name off the thread, then tries the addresses in the
 * order of RFC 8305 (families alternate, the next attempt CK_CONNECT_STAGGER_MS after the last one
 * or as soon as none is under way) and keeps the first that connects. Private to runtime/net.
 *
 * Thread: loop. Lifetime: a dial frees itself after its callback or ck_dial_cancel; until then it
 * keeps the loop alive.
 */
#ifndef CK_RUNTIME_NET_DIAL_H
#define CK_RUNTIME_NET_DIAL_H

#include "runtime/net/loop_internal.h"
#include "runtime/os/socket.h"

typedef struct ck_dial ck_dial;

/* Once, in a later turn. CHALK_OK and a socket, which the callee takes; else CK_SOCKET_NONE and
 * the error of the last attempt. The dial is gone when it is called. */
typedef void (*ck_dial_fn)(void *user, int status, ck_socket socket);

/* CHALK_ERR_NO_MEMORY, CHALK_ERR_INVALID_ARGUMENT (host empty or longer than CK_HOST_MAX). */
int ck_dial_start(ck_loop *loop, const char *host, uint16_t port, ck_dial_fn fn, void *user,
                  ck_dial **out);
void ck_dial_cancel(ck_dial **dial); /* no callback any more; NULL is accepted */

#endif
