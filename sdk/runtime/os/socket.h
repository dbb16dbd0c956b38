/*
 * The few socket calls that differ between systems, as plain functions over a descriptor. Nothing
 * here blocks; waiting is the loop's. Every socket made here is non-blocking, closed on exec, and
 * never raises SIGPIPE.
 *
 * Counts are in bytes. Failures are chalk_error values; CHALK_ERR_AGAIN means "not now".
 */
#ifndef CK_RUNTIME_OS_SOCKET_H
#define CK_RUNTIME_OS_SOCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sockaddr;

typedef intptr_t ck_socket;
#define CK_SOCKET_NONE ((ck_socket)-1)

/* "255.255.255.255:65535" or "[IPv6%scope]:port" with its terminator. */
#define CK_ADDRESS_TEXT_MAX 80

typedef struct ck_io_piece {
    const void *data;
    size_t size;
} ck_io_piece;
#define CK_IO_PIECES_MAX 64 /* in one ck_socket_send */

/* Starts connecting; CHALK_ERR_AGAIN when it goes on in the background (the usual case), CHALK_OK
 * when it is done already. *out is open in both cases and CK_SOCKET_NONE in all others. */
int ck_socket_connect(const struct sockaddr *address, ck_socket *out);

/* Binds and listens on a numeric address ("127.0.0.1", "::", "0.0.0.0"; "::" takes IPv4 too where
 * the system can). Port 0: the kernel chooses. */
int ck_socket_listen(const char *address, uint16_t port, int backlog, ck_socket *out);

/* CHALK_ERR_AGAIN: nobody is waiting; CHALK_ERR_LIMIT: no descriptor left, try later. */
int ck_socket_accept(ck_socket listener, ck_socket *out);

/* The pending error of a socket, taken away from it (SO_ERROR). */
int ck_socket_take_error(ck_socket s);

/* Writes as much as fits of at most CK_IO_PIECES_MAX pieces: the count in *sent. */
int ck_socket_send(ck_socket s, const ck_io_piece *pieces, size_t count, size_t *sent);

/* *received 0 with CHALK_OK: the peer has ended its direction. */
int ck_socket_receive(ck_socket s, void *data, size_t size, size_t *received);

void ck_socket_shutdown_send(ck_socket s); /* FIN after what is in the kernel's buffer */
void ck_socket_close(ck_socket *s);        /* clears it; CK_SOCKET_NONE is accepted */
void ck_socket_reset(ck_socket *s);        /* the same with RST: unsent bytes are thrown away */

/* Sends at once what is small (no Nagle) and keeps at most about notsent_lowat_bytes unsent in the
 * kernel before it asks to wait (0: the system's default). Best effort: no error. */
void ck_socket_tune(ck_socket s, uint32_t notsent_lowat_bytes);

/* Acknowledges at once what was received last, not up to 40 ms later (RFC 9293, 3.8.6.3). Best
 * effort, and for that once: to be called after each receive. */
void ck_socket_acknowledge(ck_socket s);

/* What the kernel holds: `unsent` was never sent, `unacked` includes what is in flight. 0 where the
 * system cannot tell. */
void ck_socket_kernel_queue(ck_socket s, size_t *unsent, size_t *unacked);

uint16_t ck_socket_local_port(ck_socket s); /* 0 on failure */
bool ck_socket_local_text(ck_socket s, char *out, size_t size);
bool ck_socket_peer_text(ck_socket s, char *out, size_t size); /* "" and false on failure */

#endif
