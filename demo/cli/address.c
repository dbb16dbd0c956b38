#include "cli/address.h"

#include <arpa/inet.h>
#include <string.h>

static bool read_port(const char *text, uint16_t *out)
{
    uint32_t port = 0;
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9' || port > UINT16_MAX) {
            return false;
        }
        port = port * 10 + (uint32_t)(text[i] - '0');
    }
    *out = (uint16_t)port;
    return size > 0 && port <= UINT16_MAX;
}

static bool classify_v6(const char *inside, cli_address *out)
{
    struct in6_addr address;
    if (inet_pton(AF_INET6, inside, &address) != 1) {
        return false;
    }
    out->loopback = IN6_IS_ADDR_LOOPBACK(&address);
    out->any = IN6_IS_ADDR_UNSPECIFIED(&address);
    return true;
}

static bool classify_v4(const char *host, cli_address *out)
{
    struct in_addr address;
    if (inet_pton(AF_INET, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, &address) != 1) {
        return false;
    }
    uint32_t bits = ntohl(address.s_addr);
    out->loopback = bits >> 24 == 127;
    out->any = bits == 0;
    return true;
}

bool cli_address_parse(const char *text, cli_address *out)
{
    const char *colon = strrchr(text, ':');
    size_t size = colon != NULL ? (size_t)(colon - text) : 0;
    *out = (cli_address){0};
    if (size == 0 || size >= sizeof out->host || !read_port(colon + 1, &out->port)) {
        return false;
    }
    memcpy(out->host, text, size);
    if (text[0] != '[') {
        return classify_v4(out->host, out);
    }
    char inside[CLI_HOST_MAX];
    if (size < 3 || text[size - 1] != ']') {
        return false;
    }
    memcpy(inside, text + 1, size - 2);
    inside[size - 2] = '\0';
    return classify_v6(inside, out);
}
