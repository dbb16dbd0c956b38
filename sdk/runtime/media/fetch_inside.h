/* Private to fetch*.c. */
#ifndef CK_MEDIA_FETCH_INSIDE_H
#define CK_MEDIA_FETCH_INSIDE_H

#include "core/http/body.h"
#include "runtime/media/fetch.h"

struct ck_fetch {
    ck_loop *loop;
    ck_tls *tls;
    ck_fetch_host host;
    ck_stream *stream;
    bool lent;      /* the stream is somebody else's */
    bool open;      /* it is connected */
    bool reused;    /* the request under way is not its first */
    uint32_t asked; /* requests sent on it */
    ck_url peer;    /* where the stream leads: scheme, host, port */
    uint64_t received_before;

    bool busy;
    ck_url url;   /* of the request under way, or of the last */
    ck_slice put; /* of a PUT */
    size_t put_sent;
    uint32_t redirects;
    uint64_t offset, length;
    uint64_t skip; /* bytes of the body before the range */
    uint64_t left; /* bytes of the range to come; UINT64_MAX: up to the end */
    bool has_head;
    bool answered; /* some byte of the answer has come */
    ck_http_head head;
    ck_http_body body;
};

int ck_fetch_ask(ck_fetch *f);          /* sends, or connects first */
void ck_fetch_drop_stream(ck_fetch *f); /* what is lent goes back, closed */
void ck_fetch_finish(ck_fetch *f, int status, const char *text);

/* Bytes of the answer to the request under way. */
void ck_fetch_take(ck_fetch *f, ck_stream *from, ck_reader *in);
/* The server closed its direction: true when that completed the answer. */
bool ck_fetch_take_end_of_stream(ck_fetch *f);
void ck_fetch_refuse(ck_fetch *f, int status, const char *text);

#endif
