/*
 * The simple handshake (RTMP 1.0, 5.2): version, 1536 bytes with a time and random ones, their
 * echo.
 *
 *   client  C0 C1 ........ C2        C0, S0: version 3
 *   server  ....... S0 S1 S2 ...     C1, S1: time (4), zero (4), random (1528)
 *                                    C2 echoes S1, S2 echoes C1
 *
 * A peer that puts a digest into C1 (the "complex" handshake of Flash) gets the plain echo too,
 * which every such client in use accepts. The peer's echo is not compared: servers that answer with
 * digests do not send one.
 */
#ifndef CK_CORE_RTMP_HANDSHAKE_H
#define CK_CORE_RTMP_HANDSHAKE_H

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/rng.h"
#include "core/rtmp/sender.h"

#include <stdbool.h>

#define CK_RTMP_HANDSHAKE_SIZE 1536

enum ck_rtmp_handshake_step {
    CK_RTMP_HANDSHAKE_VERSION = 1, /* waits for C0 or S0 */
    CK_RTMP_HANDSHAKE_FIRST,       /* C1 or S1 */
    CK_RTMP_HANDSHAKE_ECHO,        /* C2 or S2 */
    CK_RTMP_HANDSHAKE_DONE,
};

typedef struct ck_rtmp_handshake {
    bool server;
    enum ck_rtmp_handshake_step step;
    size_t have;   /* bytes of the step's block */
    ck_slice peer; /* C1 or S1 as it comes; handed on as its own echo */
} ck_rtmp_handshake;

/* Both queue what is to be sent in `out`. Errors: NO_MEMORY; of feed also PROTOCOL (the peer does
 * not speak RTMP, or as a server not version 3). feed returns 1 when the handshake is done, 0 when
 * all of the input was taken and more is needed. */
int ck_rtmp_handshake_start(ck_rtmp_handshake *h, bool server, const ck_alloc *alloc, ck_rng *rng,
                            uint32_t now_ms, ck_rtmp_sender *out);
int ck_rtmp_handshake_feed(ck_rtmp_handshake *h, const ck_alloc *alloc, ck_rng *rng,
                           uint32_t now_ms, ck_reader *in, ck_rtmp_sender *out);
void ck_rtmp_handshake_free(ck_rtmp_handshake *h);

#endif
