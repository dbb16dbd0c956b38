/*
 * Puts a publication's packets on a link: metadata and configurations first, then what the gate
 * lets through. An output's part on the loop's thread.
 *
 * Thread: the loop's, as the link it sends on.
 */
#ifndef CK_MEDIA_SENDER_H
#define CK_MEDIA_SENDER_H

#include "core/publish/backlog.h"
#include "core/publish/gate.h"
#include "runtime/media/link.h"
#include "runtime/media/packet.h"
#include "runtime/media/stamp_clock.h"

/* A medium whose configuration does not come for so long (in media time) is not waited for; it
 * joins when it comes. Longer than an encoding waits for a source's first picture before it sends
 * black. */
#define CK_SENDER_PATIENCE_US 4000000

/* Pictures that can wait in the protocol's queue and still be counted when they are dropped there.
 */
#define CK_SENDER_PICTURES 1024

typedef struct ck_sender_result {
    bool sent;
    bool want_key;       /* ask the encoder for a key frame */
    uint64_t taken_back; /* pictures sent earlier that were dropped from the queue */
} ck_sender_result;

typedef struct ck_sender {
    ck_link *link;          /* borrowed; set by the owner once it is open */
    ck_stamp_clock *stamps; /* borrowed; NULL: no stamps beside the media */
    bool expects_video, expects_audio;
    ck_gate gate;
    ck_backlog backlog;
    ck_packet video_config, audio_config;
    bool headers_sent;
    bool stamped; /* at `stamp_us` of the stream; see core/flv/stamp.h */
    int64_t stamp_us;
    struct {
        uint32_t bytes;
        bool config;
    } pictures[CK_SENDER_PICTURES]; /* the newest ones sent, a ring */
    size_t picture_count;           /* ever */
    bool waiting;                   /* for configurations, since the packet of `wait_since_us` */
    int64_t wait_since_us;
} ck_sender;

/* limit_us: as ck_gate_init. */
void ck_sender_init(ck_sender *s, bool has_video, bool has_audio, uint64_t limit_us,
                    ck_stamp_clock *stamps);
void ck_sender_free(ck_sender *s);
void ck_sender_restart(ck_sender *s); /* the link is live, for the first time or again */
/* No packet of this medium will come any more: what is left is not held up by it. */
void ck_sender_without(ck_sender *s, uint32_t media);
void ck_sender_config(ck_sender *s, uint32_t media, const ck_packet *config);
/* One packet of a live link. */
ck_sender_result ck_sender_put(ck_sender *s, uint32_t media, const ck_packet *packet);
/* How late the stream is: media not yet sent, in microseconds. */
uint64_t ck_sender_backlog_us(ck_sender *s);

#endif
