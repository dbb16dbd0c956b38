/*
 * The inside of runtimes and sessions, shared by the files of this folder.
 *
 * Locks, in the order in which they may be taken:
 *   runtime.lock    the runtime's list of sessions
 *   session.lock    every table of a session and what hangs on it; held by API calls, also while
 *                   they wait for the loop, so the loop's and the media threads never take it
 *   room.lock       a room (client/room.h); the loop's thread takes it without the session's
 *   session.pointer.lock  where the shared pointer is; sources' threads take it under their feed's
 *   runtime.tls_lock  the making of `tls`; a leaf
 *   runtime.inflaters' own lock; a leaf
 *   output.links_lock  the encodings that an output may ask for key frames
 *   session.events.lock  the event queue; a leaf
 * Media threads and the loop report through the event queue and through atomics alone; the loop
 * reaches all sessions when nobody holds runtime.lock, and tries again otherwise.
 *
 * A host-driven loop cannot be waited for from another thread than the host's. There the functions
 * that need it answer WRONG_THREAD, and what has closed is freed by the next call from the host's.
 */
#ifndef CK_CLIENT_CLIENT_H
#define CK_CLIENT_CLIENT_H

#include "chalkrail/output.h"
#include "chalkrail/playback.h"
#include "chalkrail/publication.h"
#include "chalkrail/runtime.h"
#include "chalkrail/session.h"
#include "chalkrail/source.h"

#include "client/events.h"
#include "client/pointer.h"
#include "runtime/media/capture.h"
#include "runtime/media/encoding.h"
#include "runtime/media/feed.h"
#include "runtime/media/link.h"
#include "runtime/media/observer.h"
#include "runtime/media/output.h"
#include "runtime/media/player.h"
#include "runtime/media/stamp_clock.h"
#include "runtime/net/fault.h"
#include "runtime/net/loop.h"
#include "runtime/net/tls.h"
#include "runtime/pack/pack.h"

#include <stdatomic.h>
#include <uv.h>

#define CK_OBJECTS CHALK_SESSION_OBJECTS_MAX

/* The request to end an object: 0 none, else its id; CK_REQUEST_OVER once the event that ends it
 * was made, so that a request either is in that event or is refused. */
typedef atomic_uint_fast64_t ck_client_request;
#define CK_REQUEST_OVER UINT64_MAX

#define CK_WATCHED_MAX 4

/* A backend whose devices come and go. */
typedef struct ck_client_watched {
    chalk_runtime *runtime;
    const ck_device_backend *backend;
} ck_client_watched;

/* On the loop's thread, but for `watching`. */
typedef struct ck_client_devices {
    atomic_bool watching; /* the list was asked for */
    ck_loop *loop;        /* the runtime's own pointer is cleared before the loop has ended */
    bool changed;         /* and will be said when it has settled */
    ck_timer *settled;
    ck_client_watched watched[CK_WATCHED_MAX];
} ck_client_devices;

struct chalk_runtime {
    ck_loop *loop;
    ck_log log;
    bool host_driven;
    uv_mutex_t lock;
    chalk_session *sessions;
    char *ca_file;
    ck_inflate_pool *inflaters; /* of the sessions' rooms */
    uv_mutex_t tls_lock;
    ck_tls *tls; /* made with the first URL that needs it */
    atomic_bool background;
    atomic_bool interrupted;
    ck_client_devices devices;
};

typedef struct ck_client_source {
    chalk_source_id id;
    chalk_session *session;
    uint32_t kind;
    ck_feed *feed;
    bool paused;
    atomic_uint state; /* enum chalk_source_state */
    atomic_int cause;
} ck_client_source;

typedef struct ck_client_publication {
    chalk_publication_id id;
    ck_timeline line;
    bool stamps;
} ck_client_publication;

typedef struct ck_client_track {
    chalk_track_id id;
    ck_client_publication *publication;
    ck_client_source *source; /* NULL: removed; black or silence */
    uint32_t media;
    uint32_t hint;
    bool muted;
} ck_client_track;

typedef struct ck_client_encoding {
    chalk_encoding_id id;
    chalk_session *session;
    ck_client_track *track;
    ck_encoding *encoding;
    uint32_t codec; /* enum chalk_codec */
    char *encoder;  /* asked for by name, or NULL */
    uint32_t users; /* outputs that take from it; it is fed while there are any */
    bool fed;
    ck_feed_taker taker;
} ck_client_encoding;

typedef struct ck_client_output {
    chalk_output_id id;
    chalk_session *session;
    ck_client_publication *publication; /* NULL: removed, the output is ending */
    const ck_output_ops *ops;
    ck_output *output;
    struct ck_prepared *prepared; /* sent instead of encodings; NULL: they are */
    struct ck_pacer *pacer;       /* the loop's thread */
    int pacer_status;
    uv_mutex_t links_lock;
    ck_client_encoding *encodings[CHALK_OUTPUT_ENCODINGS_MAX];
    ck_packet_taker takers[CHALK_OUTPUT_ENCODINGS_MAX];
    bool linked[CHALK_OUTPUT_ENCODINGS_MAX]; /* the taker is attached */
    bool asks_keys; /* of encodings: its server says when it needs a key frame */
    bool stopping;  /* asked to end; asking again would cut it short */
    ck_client_request request;
    atomic_bool closed;
} ck_client_output;

typedef struct ck_client_playback {
    chalk_playback_id id;
    chalk_session *session;
    ck_link *link;         /* loop thread */
    ck_player *player;     /* one of the two */
    ck_observer *observer; /* nothing is decoded */
    const ck_speaker_backend *speaker_backend;
    ck_speaker *speaker;
    bool muted;
    bool stopping; /* asked to end */
    bool lives;    /* loop thread: was live before */
    ck_client_request request;
    atomic_bool closed;
    atomic_uint state;
    atomic_int cause;
    int frozen_why;      /* the player's audio thread */
    atomic_int lost_why; /* the cause of the latest loss; CHALK_OK while live */
    atomic_uint reconnects;
    atomic_uint_fast64_t bytes_received;
} ck_client_playback;

/* What a session sends. */
typedef struct ck_client_objects {
    ck_client_source *sources[CK_OBJECTS];
    ck_client_publication *publications[CK_OBJECTS];
    ck_client_track *tracks[CK_OBJECTS];
    ck_client_encoding *encodings[CK_OBJECTS];
    ck_client_output *outputs[CK_OBJECTS];
} ck_client_objects;

/* And plays: a program that measures may have many sessions that only watch. */
typedef struct ck_client_playing {
    ck_client_playback *playbacks[CK_OBJECTS];
} ck_client_playing;

struct chalk_session {
    chalk_runtime *runtime;
    chalk_session *next; /* in the runtime's list */
    ck_events events;
    uv_mutex_t lock;
    uint64_t last_id;
    ck_fault_config faults;      /* of the connections that it makes; set before any */
    ck_stamp_clock stamps;       /* what its publications say that the time is */
    ck_client_pointer pointer;   /* of what its sources share */
    struct ck_client_room *room; /* NULL: none was joined */
    /* Its own from the first object on, until then empty ones for all, which are only read: who
     * takes part in a room alone pays for no tables. */
    ck_client_objects *objects;
    ck_client_playing *playing;
};

/* session.c: the tables become its own. False: no memory. */
bool ck_client_own_objects(chalk_session *s);
bool ck_client_own_playing(chalk_session *s);
int ck_client_no_place(const chalk_session *s); /* why there is none: LIMIT, NO_MEMORY */

/* For each table: its place of an id, and its first free place; NULL when there is none. */
#define CK_TABLE_FUNCTIONS(type, group, table, noun)                                               \
    static inline type **ck_find_##noun(chalk_session *s, uint64_t id)                             \
    {                                                                                              \
        for (size_t i = 0; id != 0 && i < CK_OBJECTS; i++) {                                       \
            type **place = &s->group->table[i];                                                    \
            if (*place != NULL && (*place)->id == id) {                                            \
                return place;                                                                      \
            }                                                                                      \
        }                                                                                          \
        return NULL;                                                                               \
    }                                                                                              \
    static inline type **ck_place_for_##noun(chalk_session *s)                                     \
    {                                                                                              \
        for (size_t i = 0; ck_client_own_##group(s) && i < CK_OBJECTS; i++) {                      \
            if (s->group->table[i] == NULL) {                                                      \
                return &s->group->table[i];                                                        \
            }                                                                                      \
        }                                                                                          \
        return NULL;                                                                               \
    }
CK_TABLE_FUNCTIONS(ck_client_source, objects, sources, source)
CK_TABLE_FUNCTIONS(ck_client_publication, objects, publications, publication)
CK_TABLE_FUNCTIONS(ck_client_track, objects, tracks, track)
CK_TABLE_FUNCTIONS(ck_client_encoding, objects, encodings, encoding)
CK_TABLE_FUNCTIONS(ck_client_output, objects, outputs, output)
CK_TABLE_FUNCTIONS(ck_client_playback, playing, playbacks, playback)
#undef CK_TABLE_FUNCTIONS

/* runtime.c: trust for TLS, made at need. Errors: TLS, NO_MEMORY. */
int ck_runtime_tls(chalk_runtime *runtime, ck_tls **out);
bool ck_runtime_reaches_loop(chalk_runtime *runtime); /* whether this thread may call the loop */

/* session.c: makes a request to end an object, or finds the one that was made. `out` NULL: nobody
 * wants to know. NOT_FOUND (the object has ended meanwhile), LIMIT (events have to be taken first).
 */
int ck_request_make(chalk_session *s, ck_client_request *slot, chalk_request_id *out);
/* The object ends: what its last event carries. */
uint64_t ck_request_end(ck_client_request *slot);

/* session.c: ends what the network or the disk has closed; with the lock held. */
void ck_client_reap(chalk_session *s);
/* Locks the session and reaps; every public function that takes ids begins with it. */
void ck_client_enter(chalk_session *s);
void ck_client_leave(chalk_session *s);
void ck_client_apply(chalk_session *s); /* the runtime's flags, after one of them changed */
void ck_client_network(chalk_session *s, bool online);

/* With the lock held: what session.c needs of the others. */
void ck_client_source_free(ck_client_source **place);
void ck_client_source_rest(ck_client_source *source);
/* An event of a source, whose state becomes it; any thread, without the lock too. */
void ck_client_source_say(ck_client_source *source, uint32_t state, int cause, const char *text);
void ck_client_encoding_free(ck_client_encoding **place); /* unlinks it from outputs */
/* One more, or one less, output takes from an encoding. */
void ck_client_encoding_use(ck_client_encoding *e);
void ck_client_encoding_unuse(ck_client_encoding *e);
void ck_client_output_unlink(ck_client_output *o, ck_client_encoding *e); /* NULL: from all */
void ck_client_output_stop(ck_client_output *o, uint32_t origin);
void ck_client_output_free(ck_client_output **place);
void ck_client_playback_stop(ck_client_playback *p);
void ck_client_playback_free(ck_client_playback **place);
void ck_client_playback_apply(ck_client_playback *p); /* mute, background */
/* What a profile and limits of the options mean; false: out of range. */
bool ck_client_delays(uint32_t latency, uint32_t min_ms, uint32_t max_ms, ck_player_delays *out);

/* Whether a struct from the application is one that this build understands. */
#define CK_KNOWN_SIZE(options) ((options)->struct_size >= sizeof *(options))

#endif
