/*
 * Where packets of a publication go: a server, a file, or the application. One contract for the
 * three; the client attaches takers to encodings, hands their packets on and learns of changes
 * through the host.
 *
 * Thread: create, stop, without and destroy: any one at a time (the session), and on a host-driven
 * loop the host's thread. Taking packets: encodings' threads. Host functions: the loop's thread or
 * the output's own, under no lock.
 */
#ifndef CK_MEDIA_OUTPUT_H
#define CK_MEDIA_OUTPUT_H

#include "chalkrail/event.h"
#include "chalkrail/output.h"

#include "core/session/session.h"
#include "runtime/media/encoding.h"
#include "runtime/net/loop.h"
#include "runtime/net/tls.h"

typedef struct ck_output ck_output;

typedef struct ck_output_change {
    uint32_t state; /* enum chalk_link_state */
    int cause;
    uint32_t origin; /* enum chalk_origin */
    uint64_t retry_in_us;
    const char *text; /* borrowed */
} ck_output_change;

typedef struct ck_output_host {
    void (*changed)(void *user, const ck_output_change *change); /* CLOSED is the last */
    void (*congested)(void *user, bool congested, uint64_t dropped);
    void (*want_key)(void *user);
    /* From now on it asks for the key frames that it needs (by want_key), or not, as at first. May
     * be NULL. */
    void (*asks_keys)(void *user, bool asks);
    void *user;
} ck_output_host;

typedef struct ck_output_config {
    const chalk_output_options *options; /* borrowed during create */
    uint32_t video_codec;                /* enum chalk_codec; 0: there is no picture */
    uint32_t audio_codec;                /* 0: there is no sound */
    ck_loop *loop;
    ck_tls *tls;
    const ck_codec_set *codecs;
    ck_stamp_clock *stamps; /* lives longer than the output; NULL: no stamps beside the media */
    const ck_log *log;
} ck_output_config;

typedef struct ck_output_ops {
    int (*create)(const ck_output_config *config, const ck_output_host *host, ck_output **out);
    void (*packet)(ck_output *o, uint32_t media, const ck_packet *packet);
    /* No packet of this medium comes any more, the rest goes on; may be NULL. */
    void (*without)(ck_output *o, uint32_t media);
    /* Asks for the end; CLOSED follows through the host, within two seconds. */
    void (*stop)(ck_output *o, uint32_t origin);
    void (*get_stats)(ck_output *o, chalk_output_stats *stats);
    void (*network_changed)(ck_output *o, bool online); /* may be NULL */
    void (*destroy)(ck_output **o);                     /* no host call comes any more; waits */
} ck_output_ops;

extern const ck_output_ops ck_output_url;
extern const ck_output_ops ck_output_file;
extern const ck_output_ops ck_output_app;

#endif
