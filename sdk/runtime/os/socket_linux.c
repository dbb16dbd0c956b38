/* Linux: flags set atomically on creation, TCP_NOTSENT_LOWAT, and the queue ioctls of tcp(7). */
#define _GNU_SOURCE
#include "runtime/os/socket_posix.h"

#include "chalkrail/errors.h"
#include "runtime/os/error.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/ioctl.h>

int ck_socket_open(int family)
{
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
}

int ck_socket_accept(ck_socket listener, ck_socket *out)
{
    *out = CK_SOCKET_NONE;
    int fd = -1;
    do {
        fd = accept4((int)listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        /* A connection that died in the backlog concerns nobody: take the next one. */
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED || errno == EPROTO));
    if (fd < 0) {
        return errno == EWOULDBLOCK ? CHALK_ERR_AGAIN : ck_error_of_errno(errno);
    }
    *out = fd;
    return CHALK_OK;
}

void ck_socket_tune(ck_socket s, uint32_t notsent_lowat_bytes)
{
    int on = 1;
    int lowat = (int)(notsent_lowat_bytes & 0x7fffffffu);
    (void)setsockopt((int)s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (lowat > 0) {
        (void)setsockopt((int)s, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &lowat, sizeof lowat);
    }
}

void ck_socket_acknowledge(ck_socket s)
{
    int on = 1;
    (void)setsockopt((int)s, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

void ck_socket_kernel_queue(ck_socket s, size_t *unsent, size_t *unacked)
{
    int never_sent = 0;
    int not_acknowledged = 0;
    bool known = ioctl((int)s, SIOCOUTQNSD, &never_sent) == 0 &&
                 ioctl((int)s, SIOCOUTQ, &not_acknowledged) == 0;
    *unsent = known && never_sent > 0 ? (size_t)never_sent : 0;
    *unacked = known && not_acknowledged > 0 ? (size_t)not_acknowledged : 0;
}
