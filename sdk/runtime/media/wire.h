/*
 * A wire is a protocol on one connection: RTMP, or HTTP carrying FLV, or HLS, which may open more.
 * It joins a sans-IO core to a ck_stream and speaks to the link in tags (in packets where the
 * protocol has no tags). It takes no decision about retrying: that is the link's session core.
 *
 * Thread: the loop's. Host functions are called from inside the wire's, and must not free it.
 */
#ifndef CK_MEDIA_WIRE_H
#define CK_MEDIA_WIRE_H

#include "core/flv/tag.h"
#include "core/session/session.h"
#include "core/url/url.h"
#include "runtime/media/codec.h"
#include "runtime/net/stream.h"

typedef struct ck_wire ck_wire;

typedef struct ck_wire_host {
    void (*accepted)(void *user);
    void (*tag)(void *user, ck_flv_tag *tag); /* takes the body's reference */
    /* The peer refused, ended or broke the stream; text: its own words or "". */
    void (*ended)(void *user, int status, const char *text);
    void (*key_frame)(void *user); /* the server asks for one */
    void (*finished)(void *user);  /* what `finish` asked for is done */
    /* HLS: one received packet, on a time line of its own; borrowed during the call. */
    void (*packet)(void *user, uint32_t media, const ck_packet *packet);
    /* Around callbacks of connections that the wire opened itself. `leave` may free the wire. */
    void (*enter)(void *user);
    void (*leave)(void *user);
    void *user;
} ck_wire_host;

/* What a wire leaves for the one of the next attempt; zero before the first. */
typedef struct ck_wire_memory {
    bool has_sequence;
    int64_t sequence; /* HLS: of the segment that comes next */
} ck_wire_memory;

typedef struct ck_wire_config {
    enum ck_session_kind kind;
    const ck_url *url;    /* copied or used up during open */
    uint32_t video_codec; /* publishing: enum chalk_codec of what will be sent; 0: none */
    uint32_t audio_codec;
    uint32_t body_keep; /* playing FLV by HTTP: bodies are cut after so many bytes; 0: whole */
    uint64_t seed;
    uint64_t now_us;
    ck_stream *stream; /* borrowed; lives longer than the wire */
    ck_wire_host host;
    /* HLS, which opens connections and takes segments apart: */
    ck_loop *loop;
    ck_tls *tls;                /* borrowed; NULL: nothing over TLS */
    const ck_codec_set *codecs; /* NULL: UNSUPPORTED */
    const ck_log *log;          /* may be NULL */
    ck_wire_memory *memory;     /* lives longer than the wire */
} ck_wire_config;

typedef struct ck_wire_ops {
    int (*open)(const ck_wire_config *config, ck_wire **out); /* the stream is connected */
    void (*data)(ck_wire *w, const uint8_t *data, size_t size, uint64_t now_us);
    void (*ended)(ck_wire *w);                  /* the peer closed its direction */
    void (*flush)(ck_wire *w, uint64_t now_us); /* writes while the stream has room */
    /* Publishing alone; NULL for a wire that only plays. */
    int (*send)(ck_wire *w, const ck_flv_tag *tag);
    /* Whether the server, once it accepted, asks for the key frames that it needs. NULL: no. */
    bool (*asks_key_frames)(const ck_wire *w);
    /* Playing: asks the server for a key frame; UNSUPPORTED, BAD_STATE. NULL: it cannot be asked.
     */
    int (*ask_key_frame)(ck_wire *w);
    size_t (*queued)(const ck_wire *w);  /* bytes sent but not given to the stream */
    size_t (*drop_pictures)(ck_wire *w); /* returns the bytes of their bodies */
    void (*finish)(ck_wire *w, uint64_t now_us);
    uint64_t (*next_deadline)(const ck_wire *w);
    void (*on_deadline)(ck_wire *w, uint64_t now_us);
    uint64_t (*received)(const ck_wire *w); /* bytes over connections of its own; NULL: none */
    void (*free)(ck_wire **w);
} ck_wire_ops;

extern const ck_wire_ops ck_wire_rtmp;
extern const ck_wire_ops ck_wire_http_flv;
extern const ck_wire_ops ck_wire_hls;

/* A wire gives the stream about this much ahead of the kernel and no more, so that what is not yet
 * there can still be reordered and dropped. */
#define CK_WIRE_AHEAD_BYTES 65536

#endif
