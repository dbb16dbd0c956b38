/* Private to link*.c. */
#ifndef CK_MEDIA_LINK_INSIDE_H
#define CK_MEDIA_LINK_INSIDE_H

#include "runtime/media/link.h"
#include "runtime/media/wire.h"

#define CK_LINK_WORDS_MAX 159 /* bytes */

struct ck_link {
    ck_loop *loop;
    ck_link_config config;
    ck_link_host host;
    char *url; /* taken apart when it is needed: there may be thousands of links */
    ck_session session;
    ck_timer *timer;
    ck_stream *stream;
    ck_wire *wire;
    const ck_wire_ops *ops;
    uint32_t attempt; /* the one that stream and wire belong to */
    int depth;        /* calls under way that may produce outputs */

    uint64_t sent_before; /* bytes of earlier streams */
    uint64_t received_before;
    ck_wire_memory memory;
    char *words; /* the peer's own, of the latest failure; NULL: none */
};

/* Brackets whatever may give the session core something to say: it is heard when the outermost call
 * returns. */
void ck_link_enter(ck_link *l);
void ck_link_leave(ck_link *l);
uint64_t ck_link_now(const ck_link *l);

/* What a wire and a stream of this link report to. */
ck_wire_host ck_link_wire_host(ck_link *l);
ck_stream_events ck_link_stream_events(void);
/* The peer is done, and why in its words; NULL: it said nothing. */
void ck_link_peer_ended(ck_link *l, int status, const char *text);

void ck_link_forget_words(ck_link *l);

/* Whether the address is an HLS playlist rather than a stream. */
bool ck_link_is_playlist(const ck_url *url);

#endif
