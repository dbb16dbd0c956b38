/* Private to the files of rooms: rooms.c (the table), room_host.c (one room), room_joins.c (coming
 * in), room_peer.c (a connection), room_streams.c (who publishes). */
#ifndef CK_EDGE_ROOMS_INSIDE_H
#define CK_EDGE_ROOMS_INSIDE_H

#include "core/sequencer/sequencer.h"
#include "edge/assets/assets.h"
#include "edge/room_gate.h"
#include "edge/rooms.h"
#include "runtime/pack/pack.h"

#define CK_ROOM_OWN_SLOTS 8192u

typedef struct ck_room_host ck_room_host;

/* A connection to a room. Lives from `opened` to `closed` of its WebSocket. */
typedef struct ck_room_peer {
    ck_rooms *rooms;
    ck_room_host *host; /* NULL: it has been let go, and only its WebSocket has still to close */
    ck_ws *ws;
    uint64_t id;        /* in the sequencer; 0: it is not known there yet */
    uint64_t caught_up; /* turn of the room in which it was sent a snapshot or tail */
    size_t unasked;     /* bytes given to its transport since that was last asked */
    uint8_t reason;     /* of the BYE that it was sent */
    bool deaf;          /* a frame found no place: what comes behind it must not be sent */
    bool welcome;       /* it was welcomed */
    bool greeted;       /* its HELLO went to the sequencer */
    /* Up to here it is what each frame looks at. */
    ck_list in_host;
    ck_list in_joining;
    ck_list in_watched;
    ck_room_guest guest;
    uint32_t own_slot; /* of the rooms' own_counts */
    ck_slice waiting;  /* its HELLO, until its turn comes */
    uint64_t waits_us; /* since when */
    size_t unsent;     /* when it was asked */
    uint64_t moved_us; /* when something of it had left */
    size_t allowed;    /* of what is unsent: came at once, as it joined */
} ck_room_peer;

/* A stream that the room was told of. */
typedef struct ck_room_stream {
    char name[CHALK_NAME_MAX + 1];
    enum ck_stream_kind kind;
    bool seen; /* still published */
} ck_room_stream;

/*
 *     (created) ---> OPENING ---> the store gave a lease ---> HOSTED ---> freed
 *                       |                                       |  nobody there for a while,
 *                       +---- it could not be had --> freed     +-- or lost
 */
struct ck_room_host {
    ck_rooms *rooms;
    ck_list in_rooms;
    char name[CHALK_NAME_MAX + 1];
    ck_lease *lease;
    ck_sequencer *sequencer; /* NULL: OPENING */
    ck_deflater *deflater;   /* of the frames that all get */
    ck_timer *timer;
    ck_list peers;
    ck_list joining;     /* peers whose HELLO waits, in its order */
    int64_t join_credit; /* bytes that may be sent to who comes in, at join_us */
    uint64_t join_us;
    size_t join_cost;  /* bytes that one is sent, as it is expected */
    uint32_t greeting; /* peers that are not welcome yet */
    uint32_t peer_count;
    ck_room_peer **by_slot; /* of the sequencer's ids */
    uint32_t slot_count;
    uint32_t people;      /* as they are counted in the figures */
    uint64_t turn;        /* counts ck_host_pump */
    uint64_t empty_us;    /* since when nobody is there; CK_NEVER: somebody is */
    int load_status;      /* of what the store tells */
    uint64_t appended_us; /* when the record that is being stored was given away */
    ck_room_stream told[CK_ROOM_STREAMS];
    uint32_t told_count;
    uint32_t told_people;  /* how many were enrolled when streams were told last */
    uint64_t told_changes; /* ck_hub_changes then */
};

struct ck_rooms {
    ck_edge *edge;
    const ck_alloc *alloc;
    ck_room_store *store;
    uint32_t rooms_max;
    ck_list hosts;
    uint32_t host_count;
    ck_list left; /* rooms that a store in memory has and nobody is in, oldest first */
    uint32_t left_count;
    bool forgets;
    ck_assets *assets;
    ck_list uploads; /* asset_page.c */
    ck_list watched; /* peers whose transport may not keep up */
    ck_timer *watch_timer;
    uint32_t peer_count;
    uint16_t own_counts[CK_ROOM_OWN_SLOTS]; /* peers in rooms, by hash: at least a participant's */
    bool stopping;
    uint64_t streams_seen; /* ck_hub_changes when rooms were told last */
    ck_room_gate gate;
    ck_room_figures past; /* counters of sequencers are here once those have gone */
};

/* rooms.c */
ck_room_host *ck_rooms_find(const ck_rooms *rooms, const char *name); /* NULL: not loaded */
/* Loads it where it is not. CHALK_ERR_LIMIT, CHALK_ERR_NO_MEMORY. */
int ck_rooms_enter(ck_rooms *rooms, const char *name, ck_room_host **out);
bool ck_rooms_have_place(const ck_rooms *rooms);
/* The store is full: one that keeps its rooms in memory forgets the one left longest ago. */
void ck_rooms_make_room(ck_rooms *rooms);
/* The room has been unloaded. */
void ck_rooms_left(ck_rooms *rooms, const char *name);

/* room_host.c */
int ck_host_create(ck_rooms *rooms, const char *name, ck_room_host **out);
/* Lets everybody go, with a reason, and frees it. */
void ck_host_end(ck_room_host *host, enum ck_reason reason);
bool ck_host_is_open(const ck_room_host *host); /* its state can be looked at */
void ck_host_remove(ck_room_host *host, ck_room_peer *peer);
void ck_host_set_timer(ck_room_host *host);
/* Carries out what the sequencer wants. The host may be gone afterwards. */
void ck_host_pump(ck_room_host *host);

/* room_joins.c */
int ck_host_add(ck_room_host *host, ck_room_peer *peer);
void ck_host_hear(ck_room_host *host, ck_room_peer *peer, ck_bytes frame);
void ck_host_connect_all(ck_room_host *host); /* those that came before the room was there */
void ck_host_greet(ck_room_host *host);       /* lets in whose turn it is */
void ck_host_give_up(ck_room_host *host);     /* sends away those that have waited too long */
uint64_t ck_host_greets_at(const ck_room_host *host); /* when one of both is due */
void ck_host_welcomed(ck_room_host *host, ck_room_peer *peer);
void ck_host_pay(ck_room_host *host, const ck_room_peer *peer, size_t size);
/* `peer` NULL: it has gone. */
void ck_host_renew(ck_room_host *host, ck_room_peer *peer, ck_bytes renewed);

/* room_streams.c: tells the sequencer who publishes, once they are enrolled. */
void ck_host_tell_streams(ck_room_host *host);

/* room_peer.c */
extern const ck_ws_events ck_room_peer_events;
/* Takes the reference. */
void ck_peer_send(ck_room_peer *peer, ck_slice bytes);
/* Says BYE, where the sequencer has not, and closes when what was sent is out. */
void ck_peer_end(ck_room_peer *peer, enum ck_reason reason);
void ck_peers_watch(ck_rooms *rooms); /* looks at the slow ones */

/* asset_page.c: /rooms/ROOM/assets/HASH. */
int ck_asset_page_install(ck_rooms *rooms);

/* room_figures.c */
void ck_figures_add(ck_room_figures *figures, const ck_sequencer *sequencer);
void ck_figures_set_people(ck_room_host *host, uint32_t people);
void ck_figures_sent(ck_room_figures *figures, ck_bytes frame);

#endif
