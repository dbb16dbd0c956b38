/*
 * SHA-1 (RFC 3174), for the accept key of RFC 6455 alone: there it proves that the server speaks
 * WebSocket, not that anybody is trusted. Private to core/ws.
 */
#ifndef CK_CORE_WS_SHA1_H
#define CK_CORE_WS_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define CK_SHA1_BYTES 20

void ck_sha1(const void *data, size_t size, uint8_t out[CK_SHA1_BYTES]);

#endif
