/*
 * What a publisher lets through when the network is slower than its stream. A class that hears its
 * teacher late is worse off than one that sees a picture stand for a moment: above the limit
 * pictures are dropped up to the next key frame, and sound only when that did not suffice.
 *
 * A stream also begins here: with a key frame, and no sound before it (a player would wait for the
 * picture that belongs to it), but sound waits at most CK_GATE_PATIENCE_US for a picture.
 */
#ifndef CK_CORE_PUBLISH_GATE_H
#define CK_CORE_PUBLISH_GATE_H

#include <stdbool.h>
#include <stdint.h>

#define CK_GATE_PATIENCE_US 2000000
/* A key frame that was asked for is on its way for a while: it is not asked for again before. */
#define CK_GATE_ASK_AGAIN_US 500000

enum ck_gate_kind {
    CK_GATE_PICTURE = 1,
    CK_GATE_SOUND = 2,
};

typedef struct ck_gate_answer {
    bool send;
    bool drop_queued; /* drop the pictures that wait further down; they belong to the cut GOP */
    bool want_key;    /* ask the encoder for a key frame */
} ck_gate_answer;

typedef struct ck_gate {
    uint64_t limit_us;
    bool has_video;
    bool need_key;      /* pictures are dropped up to the next key frame */
    bool congested;     /* need_key because of the limit, not because of the beginning */
    bool sound_blocked; /* pictures alone did not suffice */
    bool begun;
    bool waiting; /* sound waits for the first picture since `wait_since_us` */
    int64_t wait_since_us;
    bool asked; /* for a key frame, at the picture of `asked_us` */
    int64_t asked_us;
    uint64_t dropped; /* packets of both kinds, since init */
} ck_gate;

/* limit_us: a backlog above it drops pictures; above twice as much, sound. */
void ck_gate_init(ck_gate *g, uint64_t limit_us, bool has_video);
/* The connection is new: the stream begins again. Counters are kept. */
void ck_gate_restart(ck_gate *g);
/* One packet of decoding time dts_us, with backlog_us of media not yet sent. */
ck_gate_answer ck_gate_offer(ck_gate *g, enum ck_gate_kind kind, bool key, int64_t dts_us,
                             uint64_t backlog_us);
/* A picture was lost beside the gate (a queue before or behind it was full): those that follow
 * refer to it, so they are dropped up to the next key frame. */
void ck_gate_lost_picture(ck_gate *g);

#endif
