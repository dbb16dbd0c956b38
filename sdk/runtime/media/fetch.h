/*
 * HTTP requests (GET, PUT) one after the other, over connections that are kept while the server
 * keeps them.
 *
 * Redirections are followed with the same scheme, CK_FETCH_REDIRECTS at most. Another host hears no
 * more than what the redirection itself names: nothing of the old URL goes there. A range is asked
 * for by its header; a server that knows none sends everything, and the range is cut out here.
 *
 * Errors in `done`: those of a connection (REFUSED, NAME_UNRESOLVED, TLS, TIMEOUT, DISCONNECTED:
 * cut in the middle of the answer, ...); DENIED (401, 403); NO_STREAM (404, 410); REFUSED (429,
 * 503); of a PUT BAD_DATA (400), BAD_STATE (409), TOO_LARGE (413), UNSUPPORTED (415), NO_SPACE
 * (507); UNSUPPORTED (redirected to another protocol, a coded body); BAD_DATA (the range that came
 * is another); PROTOCOL (any other status, broken HTTP, too many redirections). The text says
 * which.
 *
 * Thread: the loop's. Callbacks come from the loop's turn, never from inside a call, and may call
 * anything but ck_fetch_free.
 */
#ifndef CK_MEDIA_FETCH_H
#define CK_MEDIA_FETCH_H

#include "core/url/url.h"
#include "runtime/net/loop.h"
#include "runtime/net/stream.h"

#define CK_FETCH_REDIRECTS 5

typedef struct ck_fetch ck_fetch;

typedef struct ck_fetch_host {
    /* Brackets every turn in which something may happen; may free nothing of the fetch in `enter`,
     * and the fetch itself in `leave`. */
    void (*enter)(void *user);
    void (*leave)(void *user);
    void (*data)(void *user, const uint8_t *data, size_t size); /* of a body with status 200, 206 */
    void (*done)(void *user, int status, const char *text);
    void *user;
} ck_fetch_host;

/* `tls`: trust for https; borrowed. */
int ck_fetch_create(ck_loop *loop, ck_tls *tls, const ck_fetch_host *host, ck_fetch **out);
void ck_fetch_free(ck_fetch **f); /* no callback comes any more; NULL is accepted */

/* Lends an open connection to the host of `url` for its first request. It stays its owner's, who
 * destroys it after the fetch. */
void ck_fetch_lend(ck_fetch *f, ck_stream *stream, const ck_url *url);

/* `length` 0: everything from `offset` on. BAD_STATE while one is under way, INVALID_ARGUMENT, the
 * errors of ck_stream_connect. */
int ck_fetch_get(ck_fetch *f, const ck_url *url, uint64_t offset, uint64_t length);
/* Sends `body`, of which a reference is taken. Errors as ck_fetch_get. */
int ck_fetch_put(ck_fetch *f, const ck_url *url, ck_slice body);
uint64_t ck_fetch_sent(const ck_fetch *f);     /* bytes of that body, given to the transport */
void ck_fetch_cancel(ck_fetch *f);             /* `done` does not come */
const ck_url *ck_fetch_url(const ck_fetch *f); /* of the newest request, after redirections */
uint64_t ck_fetch_received(const ck_fetch *f); /* bytes, over connections of its own */

#endif
