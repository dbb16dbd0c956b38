/*
 * "ADDRESS:PORT" as an operator writes it: "127.0.0.1:1935", "[::1]:1935", "localhost:0".
 * Pure; any thread.
 */
#ifndef CK_EDGE_ADDRESS_H
#define CK_EDGE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#define CK_ADDRESS_HOST_MAX 46 /* the longest IPv6 address with its terminator */

typedef struct ck_address {
    char host[CK_ADDRESS_HOST_MAX]; /* numeric, without brackets */
    uint16_t port;
    bool loopback; /* 127.0.0.0/8, ::1, or the former mapped into IPv6 */
} ck_address;

/* "localhost" stands for 127.0.0.1. CHALK_ERR_INVALID_ARGUMENT. */
int ck_address_parse(ck_address *out, const char *text);

#endif
