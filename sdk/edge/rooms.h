/*
 * The rooms of an edge: WebSockets at /rooms/ROOM, one ck_sequencer for each room that somebody is
 * in, and a store behind them. What is spoken is in docs/PROTOCOL.md ("Rooms").
 *
 * A room is loaded by the first who comes, and unloaded when nobody was there for CK_ROOM_IDLE_US;
 * the store has it then. Loop thread, for everything.
 */
#ifndef CK_EDGE_ROOMS_H
#define CK_EDGE_ROOMS_H

#include "edge/assets/assets.h"
#include "edge/room_store.h"
#include "edge/state.h"

#define CK_ROOM_IDLE_US        (60 * CK_US_PER_S)
#define CK_ROOM_OWN_MAX        8u          /* connections of one participant to one room */
#define CK_ROOM_QUEUE_BYTES    (16u << 20) /* of one: a snapshot, and what comes behind it */
#define CK_ROOM_QUEUE_MESSAGES 8000u
#define CK_ROOM_JOIN_BYTES     (32u << 20) /* a second, of one room, to those who come in */
#define CK_ROOM_JOIN_BURST     (8u << 20)
#define CK_ROOM_JOIN_COST      (1u << 20)           /* that of the first one, which is not known */
#define CK_ROOM_HELLO_US       (10 * CK_US_PER_S)   /* a HELLO waits its turn, or for the room */
#define CK_ROOM_WATCH_US       (100 * CK_US_PER_MS) /* between two looks at slow readers */
#define CK_ROOM_STUCK_US       (10 * CK_US_PER_S)   /* then one that takes nothing is closed */
#define CK_ROOM_STUCK_BYTES    65536u               /* if more than this waits for it */
#define CK_ROOM_REASONS        32u                  /* counters by reason, 0 to 31 */
#define CK_ROOM_FRAMES         32u                  /* counters by frame */
#define CK_ROOM_CLOSE_CODE     4000u                /* of a WebSocket; the reason of BYE is added */
#define CK_ROOM_PROTOCOL       "chalkrail.room.1"

typedef struct ck_rooms ck_rooms;

typedef struct ck_room_figures {
    uint32_t rooms;       /* loaded now */
    uint32_t connections; /* now */
    uint32_t people;      /* present now, in all rooms */
    uint64_t opened;      /* rooms that were loaded */
    uint64_t accepted;    /* events */
    uint64_t repeated;    /* intents that had been settled already */
    uint64_t hidden;      /* crowd messages not shown to everybody */
    uint64_t snapshots;
    uint64_t resumed;
    uint64_t flooded; /* frames besides intents that came too fast */
    uint64_t packed_from_bytes, packed_bytes;
    uint64_t lanes_skipped; /* frames that slow readers were spared */
    uint64_t slow_closed;
    uint64_t refused_by[CK_ROOM_REASONS]; /* intents */
    uint64_t ended_by[CK_ROOM_REASONS];   /* connections, by the reason of BYE */
    uint64_t frames[CK_ROOM_FRAMES];      /* sent, by kind */
    uint64_t frame_bytes[CK_ROOM_FRAMES];
    uint64_t commits;   /* records that the store took */
    uint64_t commit_us; /* how long that took, summed */
    uint64_t commits_refused;
    ck_room_store_stats store;
} ck_room_figures;

/* Serves WebSockets from here on. `data`: the folder in which rooms are kept; NULL: in memory.
 * CHALK_ERR_NO_MEMORY, CHALK_ERR_CANCELLED; of the folder: DEVICE_BUSY, BAD_DATA, NO_SPACE,
 * NO_PERMISSION, IO, LIMIT. */
int ck_rooms_create(ck_edge *edge, const char *data, ck_rooms **out);
/* The WebSockets must have gone before. NULL is accepted. */
void ck_rooms_destroy(ck_rooms **rooms);

/* Tells rooms of streams that began or ended. */
void ck_rooms_settle(ck_rooms *rooms);
/* The edge stops: everybody is told to come again. */
void ck_rooms_stop(ck_rooms *rooms);

uint32_t ck_rooms_connections(const ck_rooms *rooms);
/* Loaded, and present in them: cheap, for every turn of the loop. */
void ck_rooms_count(const ck_rooms *rooms, uint32_t *loaded, uint32_t *people);
void ck_rooms_get_figures(const ck_rooms *rooms, ck_room_figures *out);

ck_assets_stats ck_rooms_assets(const ck_rooms *rooms);

/* GET /rooms/ROOM: its state as JSON, for staff. */
void ck_room_page(ck_edge *edge, const char *room, const ck_httpd_request *request,
                  ck_httpd_reply *reply);

/* GET /rooms/ROOM/assets/HASH: a file of its board. Origin and host were looked at. */
void ck_asset_page(ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply);

#endif
