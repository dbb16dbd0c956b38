/* "ADDRESS:PORT" on which to listen. */
#ifndef DEMO_CLI_ADDRESS_H
#define DEMO_CLI_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#define CLI_HOST_MAX 64

typedef struct cli_address {
    char host[CLI_HOST_MAX]; /* as it was written; an IPv6 address in brackets */
    uint16_t port;           /* 0: any free one */
    bool loopback;           /* reached from this machine alone */
    bool any;                /* 0.0.0.0 or [::]: every address of this machine */
} cli_address;

/* "127.0.0.1:1935", "localhost:0", "[::1]:1935"; false for anything else. */
bool cli_address_parse(const char *text, cli_address *out);

#endif
