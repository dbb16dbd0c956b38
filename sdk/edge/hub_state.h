/*
 * What the hub keeps, shared by hub.c (streams), hub_list.c (tags) and hub_reader.c (readers)
 * alone.
 *
 * A tag has a sequence number, from 1, never reused in its stream. The list of a stream holds
 * first_seq .. end_seq-1; a reader's cursor is the number of the tag it takes next, and each tag
 * counts the cursors that stand on it, so whether the oldest tag is still needed is known without
 * asking the readers.
 */
#ifndef CK_EDGE_HUB_STATE_H
#define CK_EDGE_HUB_STATE_H

#include "base/list.h"
#include "edge/hub.h"

/* Metadata and sequence headers that are in force at some tag. Never changed once made; a key frame
 * keeps those that decode it, so that a newcomer who starts there gets the right ones. */
typedef struct ck_hub_headers {
    uint32_t refs;
    uint64_t seq[CK_MEDIA_HEADERS]; /* the tag it came with; 0: there is none */
    ck_slice body[CK_MEDIA_HEADERS];
} ck_hub_headers;

typedef struct ck_hub_entry {
    ck_slice body;
    uint64_t arrival_us;
    ck_hub_headers *headers; /* of a key frame, one reference; else NULL */
    uint32_t timestamp_ms;
    uint32_t cursors; /* readers that take this tag next */
    uint8_t type;     /* enum ck_flv_type */
    uint8_t class;    /* enum ck_media_class */
} ck_hub_entry;

struct ck_hub_stream {
    ck_hub *hub;
    ck_list in_streams;
    ck_stream_name name;
    char owner[CHALK_NAME_MAX + 1];
    void *user;
    bool held;  /* its publisher has not given up the handle */
    bool ended; /* nothing more will come; not found by name any more */

    ck_hub_entry *slots; /* a ring: tag `seq` is in slot seq modulo capacity */
    size_t capacity;     /* a power of two, or 0 */
    uint64_t first_seq;
    uint64_t end_seq;
    uint64_t gop_seq; /* the last key frame while its GOP is kept; 0: none */
    uint64_t bytes;   /* of the whole list */
    uint32_t at_end;  /* readers that took everything */
    ck_hub_headers *headers;
    uint32_t last_timestamp_ms;

    ck_list readers;
    uint32_t reader_count;
    ck_list in_gathering;   /* sound waits that the hungry readers were not told of */
    uint64_t gather_due_us; /* when they are */

    ck_list in_wanting;    /* its publisher is to be asked for a key frame */
    bool wants_key;        /* a reader waits for one */
    uint64_t key_again_us; /* not asked for before */

    uint64_t opened_us;
    uint64_t last_tag_us;
    uint64_t heard_us;
    uint64_t kept_until_us; /* against the same owner, see ck_hub_publish */
    uint64_t received_bytes;
    uint64_t window_us; /* start of the span over which the rate is measured */
    uint64_t window_bytes;
    uint32_t kbps; /* of the span before */
    ck_media_video video;
    ck_media_audio audio;
};

struct ck_hub_reader {
    ck_hub *hub;
    ck_hub_stream *stream; /* NULL unless READING */
    void *user;
    enum ck_hub_reader_state state;
    ck_list in_stream; /* of its stream's readers, or of hub->waiting */
    ck_list in_ready;
    ck_list in_busy;
    ck_stream_name name;
    uint64_t cursor;
    uint64_t had[CK_MEDIA_HEADERS]; /* numbers of the headers it was given last */
    ck_hub_headers *headers;        /* still to be given where they differ; NULL: none */
    bool found;                     /* it has had a stream */
    bool hungry;        /* it was told AGAIN: it waits for the hub, not the hub for it */
    bool needs_key;     /* pictures are left out until the next key frame */
    bool skipping;      /* because it was too slow, so what is left out counts */
    uint64_t placed_us; /* when its cursor was last set, not moved by reading */
    uint64_t taken_us;  /* when it last took a tag, or could have begun to */
    uint64_t opened_us;
};

struct ck_hub {
    ck_hub_config config;
    ck_list streams;
    ck_list waiting; /* readers without a stream, in the order of their coming */
    ck_list ready;
    ck_list busy;      /* readers that are not hungry: those that may be falling behind */
    ck_list gathering; /* streams in the order of gather_due_us */
    ck_list wanting;   /* streams whose publishers are to be asked for key frames */
    uint32_t live_streams;
    uint64_t changes;  /* of which streams are live */
    uint64_t check_us; /* when `busy` is looked at next */
    ck_hub_stats stats;
};

/* hub_list.c */
ck_hub_entry *ck_hub_entry_at(const ck_hub_stream *s, uint64_t seq);
int ck_hub_list_append(ck_hub_stream *s, const ck_flv_tag *tag, enum ck_media_class class,
                       uint64_t now_us);
void ck_hub_list_trim(ck_hub_stream *s); /* drops what neither newcomers nor readers need */
void ck_hub_list_free(ck_hub_stream *s);
bool ck_hub_is_current_header(const ck_hub_stream *s, int index, ck_slice body);
void ck_hub_headers_unref(ck_hub *hub, ck_hub_headers **headers);

/* hub_reader.c */
void ck_hub_reader_attach(ck_hub_reader *r, ck_hub_stream *s, uint64_t now_us);
void ck_hub_reader_wake(ck_hub_reader *r, uint64_t now_us);
void ck_hub_reader_skip(ck_hub_reader *r, uint64_t now_us);
uint64_t ck_hub_readers_deadline(const ck_hub *hub); /* those that wait, those that lag */
void ck_hub_readers_on_deadline(ck_hub *hub, uint64_t now_us);

/* hub_shed.c: brings the memory of all lists below its limit; CHALK_ERR_NO_MEMORY. */
int ck_hub_shed(ck_hub *hub, uint64_t now_us);

/* hub.c */
void ck_hub_want_key(ck_hub_stream *s, uint64_t now_us); /* a reader can go on with nothing else */
ck_hub_stream *ck_hub_find(const ck_hub *hub, const ck_stream_name *name); /* NULL: none live */
void ck_hub_stream_release(ck_hub_stream *s); /* frees it when nobody holds or reads it */

#endif
