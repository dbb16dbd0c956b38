/*
 * The room of a session: a replica (core/replica) on the runtime's loop, over a WebSocket.
 *
 *   any thread          take: lock, act on the replica; give: unlock, post a job
 *   the loop's thread   the job, the timer, the WebSocket: lock, feed, carry out, unlock, tell
 *
 * `lock` guards all below it. It is taken after the session's and before the leaves of players and
 * event queues; the loop takes it without the session's. The application is told of events without
 * it, for what it does to be woken is its own.
 *
 * Counted: the session holds a reference, and so does what runs on the loop while it runs or waits
 * there. What belongs to the loop (WebSocket, timer) goes there: when the room closes, or when the
 * session detaches it.
 */
#ifndef CK_CLIENT_ROOM_H
#define CK_CLIENT_ROOM_H

#include "client/assets.h"
#include "client/board.h"
#include "client/client.h"
#include "client/pointer.h"
#include "core/replica/replica.h"
#include "core/room/page.h"
#include "core/url/url.h"
#include "runtime/net/ws_client.h"

#include "chalkrail/chat.h"
#include "chalkrail/class.h"

#define CK_CLIENT_NAME             72          /* of a participant, as public structs have it */
#define CK_CLIENT_ROOM_ANSWER_MS   10000       /* the edge's time for one */
#define CK_CLIENT_ROOM_UNSETTLED   512         /* intents whose SETTLED was not taken */
#define CK_CLIENT_ROOM_MESSAGE_MAX (16u << 20) /* bytes that the edge may send at once */
#define CK_CLIENT_ROOM_LEAVE_MS    2000        /* for what is pending when the room is left */
#define CK_CLIENT_ROOM_GOODBYE_MS  400         /* for the closing handshake */

/* A change of the connection that the application is to be told of. */
typedef struct ck_client_room_change {
    uint32_t state; /* enum chalk_link_state */
    int cause;
    uint32_t origin;
    uint32_t reason; /* enum chalk_room_reason */
    uint64_t retry_in_us;
} ck_client_room_change;

typedef struct ck_client_room_ask {
    chalk_request_id request; /* 0: none */
    ck_wire_ask what;
    uint64_t until_us;
    int failed; /* why no page will come; CHALK_OK: it may */
} ck_client_room_ask;

/* A page that is being given out, event by event. */
typedef struct ck_client_room_page {
    chalk_request_id request;      /* 0: none */
    uint64_t before, before_crowd; /* where the next page of the history ends */
    bool more;
    ck_page_reader events;
    ck_wire_list people;
} ck_client_room_page;

/* An edge of one's own, for a board without one: room_local.c. */
typedef struct ck_client_local ck_client_local;

typedef struct ck_client_room {
    /* Constant. */
    ck_loop *loop;
    ck_events *events;
    ck_stamp_clock *stamps;
    ck_fault_config faults;     /* of its connections */
    ck_client_pointer *pointer; /* the session's own */
    ck_tls *tls;
    char *edge;   /* its URL; ck_client_room_read_url */
    bool secure;  /* it is reached by TLS */
    char *name;   /* the room's */
    char *person; /* at an open edge, else NULL */
    uint32_t role;
    uint64_t intent_base; /* an intent's public id is this and the replica's */
    ck_client_request request;
    atomic_uint references;
    ck_job job;

    uv_mutex_t lock;
    bool detached;        /* the session goes: nothing begins, nothing is told */
    uint64_t last_intent; /* the newest one's public id */
    ck_replica *replica;
    ck_inflate_seat *seat; /* the replica's, among the inflaters of the runtime */
    ck_client_board board;
    ck_client_assets *assets; /* NULL: none was asked for yet */
    ck_client_local *local;   /* NULL: an edge has the room */
    ck_pointers pointers;     /* over the screens of others */
    char *token;              /* NULL: an open edge */
    bool token_waits;         /* it was refused: nothing is tried before there is another */
    bool token_wanted;        /* the application is to be told */
    uint64_t token_warned_us; /* the expiry that it was told of */

    ck_timer *timer;
    ck_ws *ws;
    uint32_t attempt;
    bool opened;         /* this WebSocket */
    char *refusal;       /* the edge's words, with which it refused it; NULL: none */
    uint64_t goodbye_us; /* our close frame is sent, and its answer waited for until then; 0: not */
    uint64_t bytes_sent, bytes_received;
    uint64_t messages_received, bytes_framing;

    ck_client_room_change now;  /* as told */
    ck_client_room_change end;  /* to be told once the WebSocket is gone */
    ck_client_room_change live; /* is told once the state is here, where `live_waits` */
    bool live_waits;
    bool lived; /* was told to be live */
    uint32_t reconnects;
    bool leaving; /* asked to; what is pending is waited for */
    uint64_t leave_by_us;
    bool left;   /* asked for */
    int fault;   /* why it cannot go on here; CHALK_OK: it can */
    bool ended;  /* the replica is closed */
    bool closed; /* nothing of the loop's is left, and the end is being told */

    bool presents;
    ck_player *player;            /* one reference; NULL: nothing is followed */
    ck_client_playback *playback; /* whose it is; goes after ck_client_room_forget */
    uint64_t playing_us;          /* room time that was played when it moved last */
    uint64_t moved_us;            /* when that was */
    bool rests;                   /* its stream has stopped, until it comes again */
    chalk_playback_id followed;
    ck_wire_report report; /* page and sound as the application says */
    uint64_t report_at_us;

    uint32_t reason; /* the last enum chalk_room_reason that the edge gave */

    bool woken;                /* the application knows that there are events */
    bool lost;                 /* one could not be given out for want of memory */
    enum ck_reason told_held;  /* why intents wait, as the application was told */
    uint32_t told_left;        /* pending intents whose end was told when the room closed */
    ck_client_room_ask ask;    /* the edge keeps one */
    ck_client_room_page *page; /* NULL: none was asked for yet */
    ck_buf event_text, chat_text, poll_text; /* what the application borrows */
} ck_client_room;

/* --- room.c ---------------------------------------------------------------------------------- */

/* Locks session and room. BAD_STATE: none was joined, or (`alive`) it has ended or is being left;
 * then nothing is locked. */
int ck_client_room_take(chalk_session *s, bool alive, ck_client_room **out);
/* Unlocks; `acted`: the loop is to carry out what came of it. */
void ck_client_room_give(chalk_session *s, ck_client_room *room, bool acted);
void ck_client_room_unref(ck_client_room *room);
/* Joins, once the options are known to be good. `url`: of the edge; NULL: the room is `local`,
 * which is taken on success. BAD_STATE, TLS, LIMIT, NO_MEMORY. */
int ck_client_room_enter(chalk_session *s, const chalk_room_options *options, const ck_url *url,
                         ck_client_local *local);

/* With the session's lock, without the room's; `room` may be NULL. */
void ck_client_room_stop(ck_client_room *room); /* begins to leave */
bool ck_client_room_is_closed(ck_client_room *room);
/* The session ends: nothing is told any more. Clears the place. */
void ck_client_room_free(ck_client_room **place);
void ck_client_room_network(ck_client_room *room, bool online);
void ck_client_room_heard(ck_client_room *room); /* whether sound is heard may have changed */
void ck_client_room_forget(ck_client_room *room, chalk_playback_id playback); /* it goes */

/* --- room_host.c: the loop's thread but for _post -------------------------------------------- */

void ck_client_room_post(ck_client_room *room); /* any thread: the loop looks what there is to do */
void ck_client_room_job(void *room, bool cancelled);
void ck_client_room_turn(ck_client_room *room); /* without the lock: all there is to do */
void ck_client_room_detach(void *room);         /* what is the loop's goes */

/* --- room_wire.c: the loop's thread, with the lock ------------------------------------------- */

void ck_client_room_open(ck_client_room *room, uint32_t attempt, uint64_t now_us);
void ck_client_room_send(ck_client_room *room, ck_slice *bytes, uint64_t now_us);
void ck_client_room_cut(ck_client_room *room);
/* Stalls its connection until then, or cuts it (0). The loop's thread, without the lock. */
int ck_client_room_disturb(ck_client_room *room, uint64_t until_us);
/* The address of an edge: ws, wss, or what its pages are at; its path is cut to what stands before
 * /rooms. INVALID_ARGUMENT, UNSUPPORTED. Any thread. */
int ck_client_room_read_url(const char *text, ck_url *out);
/* The HTTP-FLV URL of a stream; false: it cannot be told. */
bool ck_client_room_stream_url(const ck_client_room *room, const char *person, uint64_t media,
                               char *out, size_t size);

/* --- room_local.c: with the lock ------------------------------------------------------------- */

/* A room with this state (ck_room_write), in which nobody is. NO_MEMORY, BAD_DATA, TOO_LARGE. */
int ck_client_local_create(ck_bytes state, uint64_t now_us, ck_client_local **out);
void ck_client_local_destroy(ck_client_local **local);
void ck_client_local_open(ck_client_room *room, uint64_t now_us);
void ck_client_local_send(ck_client_room *room, ck_bytes frame, uint64_t now_us);
void ck_client_local_close(ck_client_room *room, uint64_t now_us);
/* What it has to say is given to the replica; false: nothing was. */
bool ck_client_local_run(ck_client_room *room, uint64_t now_us);
uint64_t ck_client_local_next_deadline(const ck_client_local *local); /* NULL: never */

/* Where a file of its board is. */
bool ck_client_room_asset_url(const ck_client_room *room, const uint8_t *hash, ck_url *out);

/* --- room_follow.c: with the lock ------------------------------------------------------------ */

void ck_client_room_playing(ck_client_room *room, uint64_t now_us); /* where playout is */
/* When that has to be told again. */
uint64_t ck_client_room_playing_at(ck_client_room *room, uint64_t now_us);
void ck_client_room_unfollow(ck_client_room *room, uint64_t now_us);

/* --- room_view.c: with the lock -------------------------------------------------------------- */

/* The name of a participant; "": nobody's. */
void ck_client_room_name(const ck_client_room *room, uint64_t id, char out[CK_CLIENT_NAME]);
/* The author's. Who is not known here signs with the message. */
void ck_client_room_author(const ck_client_room *room, const ck_event *event,
                           char out[CK_CLIENT_NAME]);
const ck_room *ck_client_room_state(const ck_client_room *room, uint32_t view);
/* Takes the room to look at a view of it. INVALID_ARGUMENT: no such view; BAD_STATE. */
int ck_client_room_look(chalk_session *s, uint32_t view, ck_client_room **room,
                        const ck_room **out);
/* room_people.c, with the lock. False: unknown in that view. */
bool ck_client_room_person(const ck_client_room *room, uint32_t view, uint64_t id, ck_person *out);

/* --- room_act.c ------------------------------------------------------------------------------ */

/* With the lock: adds an intent; `out` may be NULL. LIMIT, NO_MEMORY, BAD_STATE. */
int ck_client_room_add(ck_client_room *room, const ck_event *intent, uint64_t now_us,
                       chalk_intent_id *out);
/* Takes the room, adds the intent, gives it. */
int ck_client_room_intend(chalk_session *s, const ck_event *intent, chalk_intent_id *out);
/* The same for a page; the answers are events. */
int ck_client_room_ask_page(chalk_session *s, const ck_wire_ask *ask, chalk_request_id *out);
/* A string of `least` to `most` bytes of UTF-8; false: it is none. */
bool ck_client_room_text(const char *text, size_t least, size_t most, ck_bytes *out);

#endif
