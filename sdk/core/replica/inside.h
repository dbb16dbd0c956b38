/* Private to the files of replica. */
#ifndef CK_CORE_REPLICA_INSIDE_H
#define CK_CORE_REPLICA_INSIDE_H

#include "base/ring.h"
#include "core/replica/replica.h"
#include "core/replica/waiting.h"

#define CK_IN_FLIGHT    32u /* intents sent and not answered */
#define CK_PING_FIRST   5u  /* quick ones, to set the clock */
#define CK_PING_FAST_US 200000u
#define CK_PING_US      10000000u
#define CK_HERE_BYTES   (256u << 10) /* of who is here; of more, the first are known to be */

/* Places to begin with: most participants are students of a crowd, to whom little is told. */
#define CK_OUTPUTS_FIRST 8u
#define CK_OUTPUTS_KEPT  4u /* of them for what opens and closes */

typedef struct pending_intent {
    ck_event event; /* counter: its id */
    uint8_t *bytes;
} pending_intent;

struct ck_replica {
    ck_replica_config config;
    const ck_alloc *alloc;
    ck_session session;
    ck_clock clock;
    ck_room head;
    ck_room *presented; /* NULL: the head is what is presented */
    ck_release release;
    uint32_t attempt; /* of the transport in use; 0: none */
    bool welcomed;    /* on this transport */
    enum ck_reason bye;
    /* Who we are. */
    uint64_t me, role, epoch;
    uint64_t crowd;       /* the last crowd message heard of */
    uint64_t crowd_told;  /* shown or counted as hidden up to here */
    uint64_t crowd_since; /* no frame is missing since here */
    /* Until the head has come to where the room was when it let us in. */
    bool catching_up;
    bool afresh; /* a snapshot is wanted */
    uint64_t catch_up_head, catch_up_done;
    /* Intents. */
    pending_intent *pending; /* a ring that grows up to CK_REPLICA_PENDING */
    uint32_t pending_first, pending_count, pending_size;
    size_t pending_bytes;
    uint64_t next_counter, sent_counter;
    uint64_t send_again_us;
    enum ck_reason sent_back; /* why the oldest ones are sent again; NONE: they are not */
    ck_buf stash;             /* the newest PERSONAL frame's body, until a BATCH covers it */
    uint64_t stash_from, stash_to;
    /* Time. */
    uint64_t hello_us, ping_us, report_every_us, reported_us;
    uint32_t pings;
    ck_wire_report report;
    bool reports, report_changed;
    uint8_t status[CK_STATUS_MAX]; /* our own */
    size_t status_size;
    uint64_t expires_us;
    ck_buf moved_to;
    ck_buf unpacked;
    uint8_t packed_next;  /* count of the frame that follows; 0: one that begins anew */
    ck_buf here;          /* who is, as the newest PRESENCE lists them */
    uint64_t here_people; /* all of them, also those who are not told of */
    bool summarised;      /* one has come: */
    ck_buf summary;       /* the newest one's message */
    /* Queues. */
    ck_ring outputs;        /* ck_replica_output; grows up to CK_REPLICA_OUTPUTS */
    uint32_t settled_count; /* SETTLED events among those that wait */
    bool overrun;           /* something could not be queued: the connection is to go */
    ck_waiting *oldest;     /* event for the app; NULL: none */
    ck_waiting *newest;
    ck_waiting *lent; /* the event polled last: its texts are borrowed */
    uint32_t event_count;
    uint64_t dropped; /* events since the last RESET that said so */
    ck_replica_stats stats;
    ck_lateness *lateness; /* CK_REPLICA_KINDS of them, beside `presented` */
};

/* replica.c */
void ck_rep_send_status(ck_replica *r);

/* packed.c */
bool ck_rep_take_packed(ck_replica *r, ck_bytes body, uint64_t now_us); /* false: not as it must */

/* receive.c: a frame for all. False: it is none, or not well-formed. */
void ck_rep_count_frame(ck_replica *r, uint8_t kind, uint64_t bytes);
bool ck_rep_take_shared(ck_replica *r, ck_bytes frame, uint64_t now_us);

/* queue.c */
void ck_rep_output(ck_replica *r, ck_replica_output output);
void ck_rep_send(ck_replica *r, enum ck_frame frame, const ck_wire_type *type, const void *message);
/* Copies it with its texts; drops what finds no place. */
void ck_rep_emit(ck_replica *r, const ck_replica_event *event);
void ck_rep_drop_events(ck_replica *r); /* at the end */
void ck_rep_pump_session(ck_replica *r, uint64_t now_us);
/* The copy does not fit what came: from the head on once more, or from nothing. */
void ck_rep_resync(ck_replica *r, bool afresh, int cause, uint64_t now_us);

/* intents.c */
void ck_rep_send_pending(ck_replica *r, uint64_t now_us);
void ck_rep_settle(ck_replica *r, uint64_t counter, enum ck_reason reason, uint64_t number);
void ck_rep_send_back(ck_replica *r, const ck_wire_refused *refused, uint64_t now_us);
void ck_rep_caught_up(ck_replica *r, uint64_t now_us);
void ck_rep_drop_pending(ck_replica *r);

/* merge.c */
void ck_rep_take_personal(ck_replica *r, ck_bytes body, uint64_t now_us);
void ck_rep_take_batch(ck_replica *r, ck_bytes body, uint64_t now_us);
void ck_rep_take_crowd(ck_replica *r, ck_bytes body, uint64_t now_us);
void ck_rep_take_snapshot(ck_replica *r, ck_bytes body, uint64_t now_us);
void ck_rep_present_due(ck_replica *r, uint64_t now_us);

#endif
