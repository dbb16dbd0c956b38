/* What socket_posix.c needs from the file of its system. Private to runtime/os. */
#ifndef CK_RUNTIME_OS_SOCKET_POSIX_H
#define CK_RUNTIME_OS_SOCKET_POSIX_H

#include "runtime/os/socket.h"

#include <sys/socket.h>

/* Flags of every sendmsg: a peer that went away is an error, never SIGPIPE. */
#define CK_SEND_FLAGS MSG_NOSIGNAL

/* A TCP socket, non-blocking and closed on exec from its first moment; -1 and errno. */
int ck_socket_open(int family);

#endif
