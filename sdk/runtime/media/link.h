/*
 * A link is one stream to or from a server, over as many connections as it takes: the session core
 * decides, net opens and writes, a protocol core (RTMP, HTTP and FLV, HLS) speaks. Outputs send
 * through it, playbacks receive.
 *
 * Thread: everything here runs on the loop thread of the ck_loop it was opened on, callbacks
 * included. A callback may call any function of the link but ck_link_free.
 */
#ifndef CK_MEDIA_LINK_H
#define CK_MEDIA_LINK_H

#include "core/flv/tag.h"
#include "core/session/session.h"
#include "runtime/media/codec.h"
#include "runtime/net/fault.h"
#include "runtime/net/loop.h"
#include "runtime/net/stream.h"
#include "runtime/os/os.h"

#define CK_LINK_HEADERS 512 /* bytes of a tag: its heads, and a configuration whole */

typedef struct ck_link ck_link;

typedef struct ck_link_host {
    /* Every change of state; CLOSED is the last call of the link. `text`: the peer's own words or
     * "", borrowed. */
    void (*state)(void *user, const ck_session_event *event, const char *text);
    /* Publishing: the server needs a key frame. NULL: not of interest. */
    void (*key_frame)(void *user);
    /* Playing: one received tag; the callee takes the body's reference. */
    void (*tag)(void *user, ck_flv_tag *tag);
    /* Playing HLS: one received packet, borrowed. NULL: HLS is not played. */
    void (*packet)(void *user, uint32_t media, const ck_packet *packet);
    void *user;
} ck_link_host;

typedef struct ck_link_config {
    enum ck_session_kind kind;
    const char *url;      /* checked by ck_link_check_url; copied */
    ck_tls *tls;          /* trust for rtmps and https; borrowed for the link's life */
    uint32_t video_codec; /* publishing: enum chalk_codec of what will be sent; 0: none. A server */
    uint32_t audio_codec; /* that must announce it and does not ends the link: CODEC_UNKNOWN */
    bool no_retry;
    uint64_t give_up_after_us; /* 0: never */
    ck_fault_config faults;    /* zero: none */
    bool headers_only; /* playing FLV by HTTP: bodies may be cut after CK_LINK_HEADERS bytes */
    const ck_codec_set *codecs; /* for HLS; borrowed */
    const ck_log *log;
} ck_link_config;

/* Whether a link of this kind can be opened to `url`: CHALK_OK, INVALID_ARGUMENT (not a URL, no
 * stream name), UNSUPPORTED (scheme, or publishing by HTTP). Any thread. */
int ck_link_check_url(const char *url, enum ck_session_kind kind);

/* Whether the URL is played as HLS: http or https, and its path ends in .m3u8. Any thread. */
bool ck_link_is_hls(const char *url);

int ck_link_open(ck_loop *loop, const ck_link_config *config, const ck_link_host *host,
                 ck_link **out);
void ck_link_stop(ck_link *link, enum ck_session_origin origin); /* ends with state CLOSED */
/* What came over the link is of no use (CODEC_UNKNOWN ...): ends or retries as the status says. */
void ck_link_fail(ck_link *link, int status, const char *text);
int ck_link_stall(ck_link *link, uint64_t until_us); /* see ck_stream_stall */
void ck_link_free(ck_link **link);                   /* at any time; no callback comes any more */

/* Publishing, when LIVE: takes its own reference. AGAIN (the queue is full: nothing was taken),
 * BAD_STATE (not connected), TOO_LARGE, NO_MEMORY. */
int ck_link_send(ck_link *link, const ck_flv_tag *tag);
/* When LIVE: whether the server asks for the key frames that it needs, so that none have to be made
 * by time. */
bool ck_link_asks_key_frames(const ck_link *link);
/* Playing: asks the server for a key frame. UNSUPPORTED: it cannot be asked, its key frames come by
 * time or with a newcomer; BAD_STATE: it plays nothing yet. */
int ck_link_ask_key_frame(ck_link *link);
/* Bytes given to ck_link_send that have not left this machine's kernel. */
size_t ck_link_unsent_bytes(const ck_link *link);
/* Drops queued pictures that are not partly out, the newest ones; the bytes of their bodies. */
size_t ck_link_drop_pictures(ck_link *link);

void ck_link_network_changed(ck_link *link, bool online);
void ck_link_background(ck_link *link, bool in_background);
uint64_t ck_link_bytes_sent(const ck_link *link);
uint64_t ck_link_bytes_received(const ck_link *link);

#endif
