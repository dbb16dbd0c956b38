/*
 * The hub: which streams exist, who reads them, and what each reader gets next. It decides;
 * sockets, protocols and tokens are its callers'. Time is passed in, so the same decisions run in a
 * test under a virtual clock.
 *
 *     publisher:  ck_hub_publish(hub, "maths/ada/screen", "ada", conn, now, &stream, &replaced);
 *                 ck_hub_send(stream, &tag, now, NULL);  ...  ck_hub_unpublish(&stream, now);
 *     reader:     ck_hub_read_open(hub, "maths/ada/screen", conn, now, &reader);
 *                 while (transport has room && ck_hub_read(reader, now, &tag) == CHALK_OK) { ... }
 *     host:       after every call that changed something:
 *                 while ((user = ck_hub_poll_ready(hub)) != NULL) let that reader read;
 *                 while ((user = ck_hub_poll_key(hub)) != NULL) ask it for a key frame;
 *                 at ck_hub_next_deadline(): ck_hub_on_deadline(hub, now), then the same.
 *
 * A stream keeps one list of tags; a reader is a position in it, so a tag is stored once however
 * many read it. The list reaches back to the last key frame (a newcomer sees a picture at once) and
 * to the slowest reader, whichever is older. A newcomer gets metadata and sequence headers as they
 * were in force at that key frame, then the key frame and what followed.
 *
 * A reader is behind by the age of the oldest tag it has not taken, counted from when it could have
 * taken it. Beyond reader_max_ms it is moved forward: to the last key frame when it stands before
 * that, else to the end, where sound goes on at once and pictures with the next key frame; sound
 * and picture are skipped alike, so they stay in step. A reader that has taken nothing at all for
 * three times as long, while there was something, is closed.
 *
 * What a stream costs is mostly the number of writes, one for each tag and reader. Where many read
 * a stream its sound therefore waits for the next picture, at most CK_HUB_GATHER_MS: its readers
 * are made ready with that picture or then. Pictures never wait.
 *
 * When all lists together exceed memory_max, readers that make the largest list long are moved,
 * slowest first, then kept GOPs are dropped.
 *
 * Ownership: tags are shared, never copied: ck_hub_send takes a reference of its own, ck_hub_read
 * gives one to the caller. Streams and readers are handles of who opened them; a stream outlives
 * its publisher until its last reader has read it to the end.
 * Pure; one thread at a time.
 */
#ifndef CK_EDGE_HUB_H
#define CK_EDGE_HUB_H

#include "base/alloc.h"
#include "base/time.h"
#include "core/flv/tag.h"
#include "edge/media.h"
#include "edge/name.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_hub ck_hub;
typedef struct ck_hub_stream ck_hub_stream;
typedef struct ck_hub_reader ck_hub_reader;

/* A name is taken over from a publisher of whom nothing was heard for so long: by others, and by
 * somebody who may be the same (the same participant, or anybody where there are no tokens). */
#define CK_HUB_TAKEOVER_MS      5000
#define CK_HUB_TAKEOVER_SAME_MS 3000
#define CK_HUB_KEEP_MS          60000  /* see ck_hub_publish */
#define CK_HUB_WAIT_MS          2000   /* a reader waits so long for its publisher */
#define CK_HUB_CHECK_MS         100    /* how often lagging readers are looked at */
#define CK_HUB_GATHER_READERS   100u   /* from so many readers on sound waits */
#define CK_HUB_GATHER_MS        70     /* a little more than between two of 15 pictures a second */
#define CK_HUB_KEY_MS           1000   /* between two requests for a key frame of a stream */
#define CK_HUB_HEADER_MAX       65536u /* bytes of metadata or a sequence header */
#define CK_HUB_TAG_COST         96u    /* bytes counted per kept tag on top of its body */

typedef struct ck_hub_config {
    const ck_alloc *alloc;
    uint32_t streams_max;
    uint64_t memory_max;    /* bytes of all lists */
    uint32_t gop_max_ms;    /* a GOP longer than this is not kept for newcomers */
    uint32_t reader_max_ms; /* see above */
} ck_hub_config;

/* CHALK_ERR_NO_MEMORY, CHALK_ERR_INVALID_ARGUMENT (a limit of 0). */
int ck_hub_init(ck_hub **hub, const ck_hub_config *config);
/* Every stream and reader must be released before. Clears *hub; NULL is accepted. */
void ck_hub_free(ck_hub **hub);

/* ---- publishing ---- */

/*
 * Opens a stream. `owner` names the token's participant, "" where there are no tokens; `user` is
 * given back as *replaced when somebody takes the name over. When the name is published already:
 * the same owner replaces the earlier publisher at once (its connection may be dead without anybody
 * knowing yet), others only once nothing was heard of it for CK_HUB_TAKEOVER_MS. The replaced
 * stream has ended, its readers are told so; its publisher still has to be unpublished.
 *
 * Two devices of one participant must not displace each other for ever. A publisher that replaced
 * one that was alive keeps the name against the same owner, too, until CK_HUB_KEEP_MS have passed
 * without anybody asking for it, or nothing was heard of it for CK_HUB_TAKEOVER_SAME_MS: the newest
 * stays, the displaced one is refused as often as it comes back.
 * CHALK_ERR_NAME_TAKEN, CHALK_ERR_LIMIT (streams_max), CHALK_ERR_NO_MEMORY.
 */
int ck_hub_publish(ck_hub *hub, const ck_stream_name *name, const char *owner, void *user,
                   uint64_t now_us, ck_hub_stream **out, void **replaced);

/*
 * Appends a tag. CHALK_ERR_CODEC_UNKNOWN (*refused says which, static text), CHALK_ERR_BAD_DATA,
 * CHALK_ERR_TOO_LARGE (a header above CK_HUB_HEADER_MAX), CHALK_ERR_NO_MEMORY (also: over
 * memory_max with nothing left to drop), CHALK_ERR_BAD_STATE (replaced). `refused` may be NULL.
 */
int ck_hub_send(ck_hub_stream *stream, const ck_flv_tag *tag, uint64_t now_us,
                const char **refused);

/* Bytes came from its publisher, media or not: who shows a picture that does not change is there.
 */
void ck_hub_heard(ck_hub_stream *stream, uint64_t now_us);

/* Ends the stream and gives up the handle; NULL is accepted. */
void ck_hub_unpublish(ck_hub_stream **stream, uint64_t now_us);

/* Ends every stream: readers get END after what is kept, publishers keep their handles. */
void ck_hub_end_all(ck_hub *hub, uint64_t now_us);

/* ---- reading ---- */

/* A position in a stream, which may not exist yet. CHALK_ERR_NO_MEMORY. */
int ck_hub_read_open(ck_hub *hub, const ck_stream_name *name, void *user, uint64_t now_us,
                     ck_hub_reader **out);

enum ck_hub_reader_state {
    CK_HUB_WAITING = 1, /* nobody publishes the stream yet */
    CK_HUB_READING,
    CK_HUB_ENDED,    /* all was read, or nobody published in time */
    CK_HUB_TOO_SLOW, /* to be closed */
};
enum ck_hub_reader_state ck_hub_reader_state(const ck_hub_reader *reader);

/*
 * The next tag; its body is the caller's. CHALK_ERR_AGAIN: nothing now, the reader will be ready
 * again. Final: CHALK_ERR_END (the stream ended), CHALK_ERR_NO_STREAM (nobody published within
 * CK_HUB_WAIT_MS), CHALK_ERR_TIMEOUT (too slow).
 */
int ck_hub_read(ck_hub_reader *reader, uint64_t now_us, ck_flv_tag *tag);

/* What an FLV file header should announce, as far as it is known; both when nothing is. */
void ck_hub_reader_flags(const ck_hub_reader *reader, bool *has_audio, bool *has_video);

/* The reader wants a key frame beside those that come; it is asked for as if it waited for one. */
void ck_hub_reader_want_key(ck_hub_reader *reader, uint64_t now_us);

void ck_hub_read_close(ck_hub_reader **reader); /* NULL is accepted */

/* The `user` of a reader that should read or be closed; NULL when there is none left. */
void *ck_hub_poll_ready(ck_hub *hub);

/* The `user` of a publisher that should be asked for a key frame, because a reader waits for one;
 * NULL when there is none left. A stream comes at most each CK_HUB_KEY_MS. Publishers that make key
 * frames by time alone need not be asked. */
void *ck_hub_poll_key(ck_hub *hub);

uint64_t ck_hub_next_deadline(const ck_hub *hub);
void ck_hub_on_deadline(ck_hub *hub, uint64_t now_us);

/* ---- looking ---- */

/* Rises whenever a stream begins or ends. */
uint64_t ck_hub_changes(const ck_hub *hub);

typedef struct ck_hub_stats {
    uint32_t streams;
    uint32_t readers;
    uint64_t memory_bytes;   /* of all lists and headers now */
    uint64_t frames_dropped; /* pictures and sound frames not given to readers that were too slow */
    uint64_t readers_closed; /* TOO_SLOW */
    uint64_t tags_received;
} ck_hub_stats;
void ck_hub_get_stats(const ck_hub *hub, ck_hub_stats *out);

typedef struct ck_hub_info {
    const ck_stream_name *name; /* borrowed from the stream */
    ck_media_video video;
    ck_media_audio audio;
    uint64_t age_us;    /* since it was published */
    uint64_t silent_us; /* since its last tag, or since it was published */
    uint64_t received_bytes;
    uint32_t kbps; /* of the last seconds */
    uint32_t readers;
    uint32_t gop_ms; /* span kept for newcomers */
} ck_hub_info;
/* The published streams in the order of their opening: *at NULL begins; false at the end. Nothing
 * may change in between. */
bool ck_hub_next_stream(const ck_hub *hub, const ck_hub_stream **at);
void ck_hub_stream_info(const ck_hub_stream *stream, uint64_t now_us, ck_hub_info *out);

#endif
