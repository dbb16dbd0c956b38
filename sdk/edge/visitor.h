/*
 * Which browsers may use an open edge, and read without a token what any edge shows on its own
 * machine. What keeps a page of the web out there is where the page came from: the name that it
 * asked for (a name of its own that was made to point at 127.0.0.1, "DNS rebinding") and its
 * Origin. Pure; any thread.
 */
#ifndef CK_EDGE_VISITOR_H
#define CK_EDGE_VISITOR_H

#include <stdbool.h>

#define CK_ORIGIN_MAX 128 /* of a page on this machine, with its terminator */

/* A Host header (RFC 9110 7.2) that names this machine: localhost or a numeric loopback address,
 * with or without a port. NULL, from what is no browser, is accepted too. */
bool ck_visitor_asks_this_machine(const char *host);

/* What Access-Control-Allow-Origin may say to a page of that Origin (NULL: none was sent): "*"
 * where tokens decide; on an open edge the origin itself when it is this machine's, else NULL. */
const char *ck_visitor_allowed_origin(bool open, const char *origin);

#endif
