/*
 * BSD sockets. What differs between the systems that have them (creating without a race, send
 * tuning, queue sizes) is in socket_<os>.c. Calls interrupted by a signal are repeated.
 */
#include "runtime/os/socket_posix.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "runtime/os/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/uio.h>
#include <unistd.h>
#include <uv.h>

static socklen_t address_size(const struct sockaddr *address)
{
    return address->sa_family == AF_INET6 ? (socklen_t)sizeof(struct sockaddr_in6)
                                          : (socklen_t)sizeof(struct sockaddr_in);
}

int ck_socket_connect(const struct sockaddr *address, ck_socket *out)
{
    *out = CK_SOCKET_NONE;
    int fd = ck_socket_open(address->sa_family);
    if (fd < 0) {
        return ck_error_of_errno(errno);
    }
    int status = CHALK_OK;
    if (connect(fd, address, address_size(address)) != 0) {
        /* After EINTR the attempt goes on in the background, exactly as after EINPROGRESS. */
        status =
            errno == EINPROGRESS || errno == EINTR ? CHALK_ERR_AGAIN : ck_error_of_errno(errno);
    }
    if (status != CHALK_OK && status != CHALK_ERR_AGAIN) {
        close(fd);
        return status;
    }
    *out = fd;
    return status;
}

static int parse_address(const char *text, uint16_t port, struct sockaddr_storage *out)
{
    if (uv_ip4_addr(text, port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(text, port, (struct sockaddr_in6 *)out) == 0) {
        return CHALK_OK;
    }
    return CHALK_ERR_INVALID_ARGUMENT;
}

int ck_socket_listen(const char *address, uint16_t port, int backlog, ck_socket *out)
{
    *out = CK_SOCKET_NONE;
    struct sockaddr_storage where = {0};
    if (parse_address(address, port, &where) < 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int fd = ck_socket_open(where.ss_family);
    if (fd < 0) {
        return ck_error_of_errno(errno);
    }
    /* A server that restarts must not wait for connections of its former life to expire. */
    int on = 1;
    int off = 0;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (where.ss_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    const struct sockaddr *name = (const struct sockaddr *)&where;
    if (bind(fd, name, address_size(name)) != 0 || listen(fd, backlog) != 0) {
        /* An address that is not this machine's is a wrong argument here, not a lost route. */
        int status = errno == EADDRNOTAVAIL ? CHALK_ERR_INVALID_ARGUMENT : ck_error_of_errno(errno);
        close(fd);
        return status;
    }
    *out = fd;
    return CHALK_OK;
}

int ck_socket_take_error(ck_socket s)
{
    int number = 0;
    socklen_t size = sizeof number;
    if (getsockopt((int)s, SOL_SOCKET, SO_ERROR, &number, &size) != 0) {
        number = errno;
    }
    return ck_error_of_errno(number);
}

int ck_socket_send(ck_socket s, const ck_io_piece *pieces, size_t count, size_t *sent)
{
    struct iovec vectors[CK_IO_PIECES_MAX];
    *sent = 0;
    count = CK_MIN(count, (size_t)CK_IO_PIECES_MAX);
    for (size_t i = 0; i < count; i++) {
        /* The kernel only reads through these: iovec has no const form. */
        vectors[i] = (struct iovec){(void *)(uintptr_t)pieces[i].data, pieces[i].size};
    }
    struct msghdr message = {.msg_iov = vectors};
    message.msg_iovlen = count;
    ssize_t size = 0;
    do {
        size = sendmsg((int)s, &message, CK_SEND_FLAGS);
    } while (size < 0 && errno == EINTR);
    if (size < 0) {
        return errno == EWOULDBLOCK ? CHALK_ERR_AGAIN : ck_error_of_errno(errno);
    }
    *sent = (size_t)size;
    return CHALK_OK;
}

int ck_socket_receive(ck_socket s, void *data, size_t size, size_t *received)
{
    *received = 0;
    ssize_t got = 0;
    do {
        got = recv((int)s, data, size, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return errno == EWOULDBLOCK ? CHALK_ERR_AGAIN : ck_error_of_errno(errno);
    }
    *received = (size_t)got;
    return CHALK_OK;
}

void ck_socket_shutdown_send(ck_socket s)
{
    /* It fails only where the connection is gone, which the next read tells. */
    (void)shutdown((int)s, SHUT_WR);
}

void ck_socket_close(ck_socket *s)
{
    if (*s != CK_SOCKET_NONE) {
        /* Not repeated after EINTR: the descriptor is gone and may already be somebody else's. */
        (void)close((int)*s);
        *s = CK_SOCKET_NONE;
    }
}

void ck_socket_reset(ck_socket *s)
{
    if (*s != CK_SOCKET_NONE) {
        struct linger at_once = {.l_onoff = 1, .l_linger = 0};
        (void)setsockopt((int)*s, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
        ck_socket_close(s);
    }
}

static uint16_t format_address(const struct sockaddr_storage *address, char *out, size_t size)
{
    char numeric[64] = "";
    bool is_v6 = address->ss_family == AF_INET6;
    uint16_t port = 0;
    if (is_v6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        port = ntohs(in6->sin6_port);
        (void)uv_ip6_name(in6, numeric, sizeof numeric);
    } else {
        const struct sockaddr_in *in4 = (const struct sockaddr_in *)address;
        port = ntohs(in4->sin_port);
        (void)uv_ip4_name(in4, numeric, sizeof numeric);
    }
    ck_text text = ck_text_of(out, size);
    ck_text_add(&text, is_v6 ? "[" : "");
    ck_text_add(&text, numeric);
    ck_text_add(&text, is_v6 ? "]:" : ":");
    ck_text_add_u64(&text, port);
    return port;
}

uint16_t ck_socket_local_port(ck_socket s)
{
    char ignored[CK_ADDRESS_TEXT_MAX];
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    if (getsockname((int)s, (struct sockaddr *)&address, &size) != 0) {
        return 0;
    }
    return format_address(&address, ignored, sizeof ignored);
}

bool ck_socket_local_text(ck_socket s, char *out, size_t size)
{
    struct sockaddr_storage address = {0};
    socklen_t address_bytes = sizeof address;
    out[0] = '\0';
    if (getsockname((int)s, (struct sockaddr *)&address, &address_bytes) != 0) {
        return false;
    }
    (void)format_address(&address, out, size);
    return true;
}

bool ck_socket_peer_text(ck_socket s, char *out, size_t size)
{
    struct sockaddr_storage address = {0};
    socklen_t address_bytes = sizeof address;
    out[0] = '\0';
    if (getpeername((int)s, (struct sockaddr *)&address, &address_bytes) != 0) {
        return false;
    }
    (void)format_address(&address, out, size);
    return true;
}
