/* Private to the files of sequencer. */
#ifndef CK_CORE_SEQUENCER_INSIDE_H
#define CK_CORE_SEQUENCER_INSIDE_H

#include "core/sequencer/crowd.h"
#include "core/sequencer/sequencer.h"

#define CK_INBOX_MAX        4096u       /* intents */
#define CK_INBOX_BYTES      (1u << 20)  /* of them */
#define CK_INBOX_EACH       64u         /* of one connection */
#define CK_INBOX_OWN        1024u       /* of the edge's own, beyond the others */
#define CK_OUTPUTS_MAX      262144u     /* beyond, connections are closed as slow */
#define CK_KEPT_BYTES       (1u << 20)  /* of records, for who resumes */
#define CK_TAIL_RECORDS     1000u       /* of them, to one who resumes; else a snapshot */
#define CK_SPOTS            64u         /* between two ticks */
#define CK_UNSENT_LANES     (64u << 10) /* beyond: the ordered lane alone */
#define CK_UNSENT_MAX       (1u << 20)
#define CK_HELLO_US         10000000u /* from connecting to HELLO */
#define CK_HOUSE_US         1000000u  /* between two rounds of housekeeping */
#define CK_HASH_EVERY       32u       /* records between two hashes */
#define CK_ORIGIN_US        10000000u /* an origin time is at most so old */
#define CK_EPOCH_LEASES     4096u     /* so many leases in a row give no epoch twice */
#define CK_EPOCH_AHEAD_US   60000000u /* clocks of two edges differ by less */
#define CK_PROVE_US         2000000u /* a quiet room asks the store whether it still has the lease */
#define CK_BACK_US          1000000u  /* who finds the store full asks again after this */
#define CK_TOKEN            1000000u  /* one intent or frame, in a bucket */
#define CK_PACK_RESTART_US  10000000u /* between two beginnings of the packer's context */
#define CK_REPORT_MS        1000u     /* between two reports of a participant */
#define CK_REPORTERS        300u      /* of a large room about so many are asked for reports */
#define CK_SUMMARY_US       500000u
#define CK_BUNDLE           8u /* frames for all that go out in one turn */
#define CK_ROOM_FRAME_LIMIT (64u << 20)

enum connection_state {
    FREE = 0,
    GREETING, /* connected, nothing said */
    JOINING,  /* waits until what it builds on is committed */
    LIVE,
    CLOSED, /* CLOSE is on its way out */
};

/* So many frames or intents a minute, and some at once. */
typedef struct bucket {
    uint64_t tokens; /* in millionths */
    uint64_t at_us;
} bucket;

typedef struct connection {
    uint32_t generation; /* of the slot: ids are not used again */
    enum connection_state state;
    uint64_t person;
    size_t unsent;
    uint32_t packing; /* the packer's beginning that it has followed from; 0: none */
    bool unpacks;     /* can read PACKED */
    uint8_t role;     /* now, in the room */
    uint8_t token_role;
    /* Up to here it is what each frame for all looks at. */
    uint64_t expires_us; /* the token; CK_NEVER */
    char name[CK_NAME_BYTES + 1];
    uint32_t next_free;  /* slot + 1; 0: the last */
    uint32_t mail;       /* where what is for this one alone is gathered; 0: nothing yet */
    uint32_t next_staff; /* slot + 1; 0: the last */
    uint64_t epoch;
    uint64_t done;    /* of this login, also where nothing was stored */
    uint64_t blocked; /* this counter is awaited before all that are higher; 0: none */
    uint64_t hello_head, hello_crowd;
    uint64_t heard_us;
    bucket intents;
    bucket drawing;   /* intents on the board */
    bucket frames;    /* all others */
    uint32_t waiting; /* intents in the inbox */
    bool asks;        /* for a page; the newest request counts */
    ck_wire_ask asked;
    ck_wire_report report;
    uint64_t reported_us; /* 0: never */
    ck_slice status;      /* the application's, in presence */
} connection;

typedef struct waiting_intent {
    uint64_t connection;
    ck_slice frame;
} waiting_intent;

/* A committed record: as it was stored, and what everybody is sent of it. */
typedef struct kept_record {
    uint64_t after, to;
    uint64_t crowd_to;
    ck_slice stored;
    ck_slice shared; /* a BATCH frame; empty: not made yet */
} kept_record;

/* A frame for all. */
typedef struct shared {
    ck_slice bytes;
    bool lane;       /* left out for who reads slowly */
    uint64_t author; /* nothing is in it but newest states of this one, who has them; 0: more is */
} shared;

typedef struct spot {
    bool judged; /* by what was committed then */
    uint64_t author, key, at_us;
    uint8_t data[1024];
    uint16_t size;
} spot;

struct ck_sequencer {
    ck_sequencer_config config;
    const ck_alloc *alloc;
    enum ck_sequencer_state state;
    ck_room room; /* as committed, and while a record is written, with it */
    uint64_t created_us;
    bool opened;      /* once, and may have been loaded again since */
    uint64_t base_us; /* room time at created_us */
    connection *connections;
    uint32_t connection_count; /* slots in use, from 0 */
    uint32_t connection_size;
    uint32_t open_count;
    uint32_t joining_count;
    uint32_t first_free;  /* slot + 1; 0: none */
    uint32_t first_staff; /* while personal frames are made */
    waiting_intent *inbox;
    uint32_t inbox_count, inbox_size;
    size_t inbox_bytes;
    /* The record that is being written. */
    bool appending;
    uint64_t reload_us; /* the store was full: then begin again with what it has; CK_NEVER: no */
    ck_buf events, crowd_events;
    ck_event_writer writer, crowd_writer;
    uint64_t committed, committed_crowd;
    ck_slice record;
    kept_record *kept; /* oldest first */
    uint32_t kept_count, kept_size;
    size_t kept_bytes;
    uint32_t since_hash;
    uint32_t since_checkpoint;
    uint64_t flushed_us;
    uint64_t proven_us; /* when the store last took a record */
    uint64_t housed_us;
    bool hands_due; /* old ones are to be lowered with the next record */
    ck_rng rng;
    ck_crowd crowd;
    uint64_t crowd_us;
    spot spots[CK_SPOTS];
    uint32_t spot_count;
    uint64_t spots_us;
    bool presence_changed, summary_changed;
    uint64_t presence_us;
    uint64_t summed_us;
    bool counts_changed;
    uint64_t counted_us;
    shared bundle[CK_BUNDLE]; /* of this turn */
    uint32_t bundle_count;
    ck_buf pack_in, pack_out;
    uint32_t packing;         /* counts beginnings of the packer's context, from 1 */
    uint8_t packed_count;     /* of the frame sent last */
    uint64_t pack_restart_us; /* not before */
    uint32_t unpack_count;    /* connections that can unpack */
    uint32_t in_step_count;   /* of them: those that follow */
    ck_sequencer_output *outputs;
    uint32_t output_first, output_count, output_size;
    ck_sequencer_stats stats;
};

/* output.c: each takes the slice's reference. Out of memory loses the room (ck_seq_lose). */
void ck_seq_output(ck_sequencer *s, ck_sequencer_output output);
void ck_seq_send(ck_sequencer *s, connection *c, ck_slice bytes);
void ck_seq_send_frame(ck_sequencer *s, connection *c, enum ck_frame frame,
                       const ck_wire_type *type, const void *message);
ck_slice ck_seq_slice_of(ck_sequencer *s, ck_buf *buf); /* frees the buffer */
ck_buf ck_seq_buf(ck_sequencer *s);
void ck_seq_lose(ck_sequencer *s);

/* share.c */
/* To all that are LIVE, with the turn's other frames. Takes its bytes; without any nothing. */
void ck_seq_share(ck_sequencer *s, shared frame);
void ck_seq_send_shared(ck_sequencer *s, uint64_t now_us); /* ends the turn */
void ck_seq_drop_shared(ck_sequencer *s);
void ck_seq_may_unpack(ck_sequencer *s, connection *c); /* it is LIVE now */
void ck_seq_unpacks_no_more(ck_sequencer *s, connection *c);

/* personal.c */
void ck_seq_send_personal(ck_sequencer *s, connection *c, const ck_wire_batch *stored,
                          uint64_t after); /* of what concerns c alone, if anything does */
void ck_seq_send_all_personal(ck_sequencer *s, const ck_wire_batch *ordered,
                              const ck_wire_batch *crowd);

/* connection.c */
connection *ck_seq_find(ck_sequencer *s, uint64_t id);
uint64_t ck_seq_id_of(const ck_sequencer *s, const connection *c);
/* LIVE or JOINING; NULL: not here. */
connection *ck_seq_connection_of(const ck_sequencer *s, uint64_t person);
void ck_seq_close(ck_sequencer *s, connection *c, enum ck_reason reason);
void ck_seq_leave(ck_sequencer *s, connection *c); /* it is LIVE or JOINING no more */
void ck_seq_hello(ck_sequencer *s, connection *c, ck_bytes body, uint64_t now_us);
void ck_seq_welcome_all(ck_sequencer *s, uint64_t now_us);
void ck_seq_drop_silent(ck_sequencer *s, uint64_t now_us); /* and whose token has expired */
void ck_seq_reseat(ck_sequencer *s); /* after the state was made again from the store */

/* order.c */
bool ck_seq_put(ck_sequencer *s, ck_event *event, uint64_t now_us);
bool ck_seq_enroll(ck_sequencer *s, const ck_person *person, uint64_t now_us);
void ck_seq_queue_intent(ck_sequencer *s, connection *c, ck_bytes frame);
void ck_seq_queue_own(ck_sequencer *s, const ck_wire_event *intent); /* of the edge itself */
void ck_seq_answer_asked(ck_sequencer *s);
void ck_seq_flush(ck_sequencer *s, uint64_t now_us);
void ck_seq_refuse(ck_sequencer *s, connection *c, uint64_t counter, enum ck_reason reason);
void ck_seq_send_back(ck_sequencer *s, connection *c, uint64_t counter, enum ck_reason reason,
                      uint64_t wait_ms);
void ck_seq_clear_inbox(ck_sequencer *s);
/* How long until there are `cost` of them, in ms; 0: taken. */
uint64_t ck_seq_take_tokens(bucket *b, uint32_t per_minute, uint32_t burst, uint32_t cost,
                            uint64_t now_us);
uint64_t ck_seq_tick_us(const ck_sequencer *s);

/* publish.c */
int ck_seq_record_batches(ck_bytes record, ck_wire_batch *ordered, ck_wire_batch *crowd);
void ck_seq_keep(ck_sequencer *s, kept_record kept);
void ck_seq_forget_kept(ck_sequencer *s);
void ck_seq_publish(ck_sequencer *s, const kept_record *kept, uint64_t now_us);
void ck_seq_catch_up(ck_sequencer *s, connection *c);
void ck_seq_send_snapshot(ck_sequencer *s, connection *c);
void ck_seq_put_spot(ck_sequencer *s, const connection *c, const ck_wire_spot *wire,
                     uint64_t now_us);
void ck_seq_share_spots(ck_sequencer *s, uint64_t now_us);
bool ck_seq_has_right(const ck_sequencer *s, uint64_t who, uint8_t right);

/* presence.c, receipts.c */
bool ck_seq_is_large(const ck_sequencer *s);
uint64_t ck_seq_presence_at(const ck_sequencer *s); /* CK_NEVER: nothing to tell */
void ck_seq_set_status(ck_sequencer *s, connection *c, ck_bytes status);
void ck_seq_share_presence(ck_sequencer *s, uint64_t now_us);
bool ck_seq_shall_report(ck_sequencer *s, const connection *c);
uint64_t ck_seq_summary_at(const ck_sequencer *s);
void ck_seq_summarise(ck_sequencer *s, uint64_t now_us);

/* frames.c: what a client may send besides intents. */
void ck_seq_page(ck_sequencer *s, connection *c, const ck_wire_ask *ask);

/* sequencer.c: lanes that are due by due_us. */
void ck_seq_share_lanes(ck_sequencer *s, uint64_t now_us, uint64_t due_us);

#endif
