/*
 * The wire schema of a room, whole: chalkrail.room.1. docs/PROTOCOL.md ("Rooms") says what each
 * field means and when each frame is sent; here are the numbers, and structs and tables come from
 * them.
 *
 * A WebSocket message is one frame: a byte that names its kind, then a message in the encoding of
 * wire.h. Numbers are never used again for something else. What is added gets a new number; older
 * ends skip it.
 *
 *     FIELD(number, kind, name, limit)
 */
#ifndef CK_CORE_ROOM_SCHEMA_H
#define CK_CORE_ROOM_SCHEMA_H

#include "core/wire/wire.h"

#define CK_ROOM_VERSION   1
#define CK_ROOM_FRAME_MAX 65536u /* bytes of a client's frame; snapshots of the edge are larger */

#define CK_U64                UINT64_MAX
#define CK_TEXT_MAX           8000u  /* bytes of a text */
#define CK_DATA_MAX           16384u /* bytes of an application's data */
#define CK_NAME_BYTES         64u
#define CK_STATUS_MAX         64u
#define CK_EMOJI_MAX          32u
#define CK_MOVED_URL_MAX      1024u
#define CK_PACKED_COUNTS      127u       /* after it 1 follows again */
#define CK_PACKED_MAX         (2u << 20) /* bytes of a PACKED frame, and of what it unpacks to */
#define CK_BOARD_SNAPSHOT_MAX (12u << 20)

/* Frames: X(NAME, byte, message). Those from 16 on are the edge's. */
#define CK_FRAME_LIST(X)                                                                           \
    X(HELLO, 1, hello)                                                                             \
    X(INTENT, 2, event)                                                                            \
    X(LATEST, 3, spot)                                                                             \
    X(REACT, 4, reaction)                                                                          \
    X(REPORT, 5, report)                                                                           \
    X(ASK, 6, ask)                                                                                 \
    X(PING, 7, ping)                                                                               \
    X(RENEW, 8, renew)                                                                             \
    X(STATUS, 9, status)                                                                           \
    X(WELCOME, 16, welcome)                                                                        \
    X(REFUSED, 17, refused)                                                                        \
    X(SNAPSHOT, 18, snapshot)                                                                      \
    X(BATCH, 19, batch)                                                                            \
    X(PERSONAL, 20, batch)                                                                         \
    X(CROWD, 21, batch)                                                                            \
    X(PRESENCE, 22, presence)                                                                      \
    X(SUMMARY, 23, summary)                                                                        \
    X(PAGE, 24, page)                                                                              \
    X(PONG, 25, ping)                                                                              \
    X(BYE, 26, bye)                                                                                \
    X(RENEWED, 28, renewed)

/* What happens in a room. Of an intent the edge reads kind, audience, target, about, value, text,
 * data, counter and at_us alone. */
#define CK_MESSAGE_event(FIELD)                                                                    \
    FIELD(1, UINT, kind, 255)                                                                      \
    FIELD(2, UINT, author, CK_U64)  /* participant; 0: the edge */                                 \
    FIELD(3, UINT, target, CK_U64)  /* participant */                                              \
    FIELD(4, UINT, skip, CK_U64)    /* numbers left out since the event before */                  \
    FIELD(5, UINT, step_us, CK_U64) /* order time since the event before */                        \
    FIELD(6, UINT, lag_us, CK_U64)  /* order time minus origin time */                             \
    FIELD(7, UINT, audience, 3)                                                                    \
    FIELD(8, UINT, value, CK_U64)                                                                  \
    FIELD(9, TEXT, text, CK_TEXT_MAX)                                                              \
    FIELD(10, BYTES, data, CK_DATA_MAX)                                                            \
    FIELD(11, UINT, counter, CK_U64) /* of the author's intents; 0: none */                        \
    FIELD(12, UINT, about, CK_U64)   /* number of a message or poll */                             \
    FIELD(13, UINT, lane, 1)                                                                       \
    FIELD(14, UINT, times, CK_U64) /* repeats merged into this one */                              \
    FIELD(15, UINT, at_us, CK_U64) /* an intent's origin time */                                   \
    FIELD(16, UINT, epoch, CK_U64) /* of the author's login; in the store alone */                 \
    FIELD(17, UINT, deleted, 1)    /* of a message in a snapshot or page */

/* Newest state of something: a cursor, a pointer, a stroke in progress; four keys from
 * CK_SPOT_KEYS_APP on are the application's own, those behind belong to a shared screen. */
#define CK_SPOT_PEN        3u /* of this key what waits is continued, not replaced */
#define CK_SPOT_KEYS_APP   4u
#define CK_SPOT_KEYS_SHARE 8u
#define CK_SPOT_POINTER    8u /* message `pointer` */
#define CK_SPOT_SHAPE      9u /* and the keys behind it: a part of a message `shape` each */
#define CK_SPOT_SHAPES     7u
#define CK_MESSAGE_spot(FIELD)                                                                     \
    FIELD(1, UINT, author, CK_U64)                                                                 \
    FIELD(2, UINT, key, 15)                                                                        \
    FIELD(3, UINT, at_us, CK_U64) /* in LATEST */                                                  \
    FIELD(4, BYTES, data, 1024)                                                                    \
    FIELD(5, SINT, off_us, INT64_MAX) /* in a BATCH: after its `base_us` */

/* Where the pointer of a shared screen is: pixels of the picture that its shape is at home on. */
#define CK_SHAPE_IDS 0x0fffffffu
#define CK_MESSAGE_pointer(FIELD)                                                                  \
    FIELD(1, UINT, shape, CK_SHAPE_IDS) /* 0: it is not to be seen */                              \
    FIELD(2, UINT, x, 16383)                                                                       \
    FIELD(3, UINT, y, 16383)

/* A part of what it looks like; all but `part` and `data` is the same in each. */
#define CK_MESSAGE_shape(FIELD)                                                                    \
    FIELD(1, UINT, id, CK_SHAPE_IDS)                                                               \
    FIELD(2, UINT, width, 16384) /* of the picture */                                              \
    FIELD(3, UINT, height, 16384)                                                                  \
    FIELD(4, UINT, x, 255) /* of the point, from the corner of the image; the picture's pixels */  \
    FIELD(5, UINT, y, 255)                                                                         \
    FIELD(6, UINT, scale, 8) /* pixels of the picture for one of the image */                      \
    FIELD(7, UINT, part, 6)                                                                        \
    FIELD(8, UINT, parts, 7)                                                                       \
    FIELD(9, BYTES, data, 960) /* of the image, in the format QOI */

#define CK_MESSAGE_reaction(FIELD)                                                                 \
    FIELD(1, TEXT, text, CK_EMOJI_MAX)                                                             \
    FIELD(2, UINT, times, CK_U64)

#define CK_MESSAGE_hello(FIELD)                                                                    \
    FIELD(1, UINT, version, CK_U64)                                                                \
    FIELD(2, UINT, epoch, CK_U64) /* of the welcome before; 0: a new login */                      \
    FIELD(3, UINT, head, CK_U64)  /* number of the last event; 0: a snapshot is wanted */          \
    FIELD(4, UINT, crowd, CK_U64) /* number of the last crowd message */                           \
    FIELD(5, UINT, packs, 1)      /* can read PACKED */

#define CK_MESSAGE_welcome(FIELD)                                                                  \
    FIELD(1, UINT, version, CK_U64)                                                                \
    FIELD(2, UINT, me, CK_U64)                                                                     \
    FIELD(3, UINT, epoch, CK_U64)                                                                  \
    FIELD(4, UINT, head, CK_U64) /* what follows reaches up to here */                             \
    FIELD(5, UINT, crowd, CK_U64)                                                                  \
    FIELD(6, UINT, done, CK_U64) /* intents of this login up to here are settled */                \
    FIELD(7, UINT, room_us, CK_U64)                                                                \
    FIELD(8, UINT, role, 255)                                                                      \
    FIELD(9, UINT, report_ms, CK_U64)   /* reports no more often; 0: does not report */            \
    FIELD(10, UINT, expires_us, CK_U64) /* room time at which the token ends; 0: never */

#define CK_MESSAGE_refused(FIELD)                                                                  \
    FIELD(1, UINT, counter, CK_U64)                                                                \
    FIELD(2, UINT, reason, 255)                                                                    \
    FIELD(3, UINT, wait_ms, CK_U64) /* 0: settled; else this one and all behind come again */

/* (from, to] of a lane. */
#define CK_MESSAGE_batch(FIELD)                                                                    \
    FIELD(1, UINT, from, CK_U64)                                                                   \
    FIELD(2, UINT, to, CK_U64)                                                                     \
    FIELD(3, UINT, base_us, CK_U64)                                                                \
    FIELD(4, LIST, events, 65536)                                                                  \
    FIELD(5, LIST, spots, 4096)                                                                    \
    FIELD(6, BYTES, hash, 8) /* of the public state at `to` */                                     \
    FIELD(7, UINT, hidden, CK_U64)                                                                 \
    FIELD(8, LIST, reactions, 64)                                                                  \
    FIELD(9, UINT, lane, 1) /* in the store */                                                     \
    /* CROWD: what is shown (lines.h); `events` are the application's */                           \
    FIELD(10, BYTES, lines, CK_PACKED_MAX)                                                         \
    FIELD(11, BYTES, again, CK_PACKED_MAX)                                                         \
    FIELD(12, UINT, span, CK_U64) /* if not 0: `from` is `to` minus this */

#define CK_MESSAGE_person(FIELD)                                                                   \
    FIELD(1, UINT, id, CK_U64)                                                                     \
    FIELD(2, TEXT, name, CK_NAME_BYTES)                                                            \
    FIELD(3, UINT, role, 255)                                                                      \
    FIELD(4, UINT, rights, 255)                                                                    \
    FIELD(5, UINT, flags, 255)                                                                     \
    FIELD(6, UINT, hand, CK_U64)                                                                   \
    FIELD(7, UINT, hand_us, CK_U64)                                                                \
    FIELD(8, UINT, epoch, CK_U64) /* in the store alone, as `done` */                              \
    FIELD(9, UINT, done, CK_U64)                                                                   \
    FIELD(10, UINT, token_role, 255)

#define CK_MESSAGE_poll(FIELD)                                                                     \
    FIELD(1, UINT, id, CK_U64)                                                                     \
    FIELD(2, TEXT, question, CK_TEXT_MAX)                                                          \
    FIELD(3, BYTES, options, CK_DATA_MAX) /* each a length and a text */                           \
    FIELD(4, BYTES, counts, 128)          /* packed */                                             \
    FIELD(5, UINT, closed, 1)                                                                      \
    FIELD(6, UINT, several, 1)

#define CK_MESSAGE_vote(FIELD)                                                                     \
    FIELD(1, UINT, poll, CK_U64)                                                                   \
    FIELD(2, UINT, who, CK_U64)                                                                    \
    FIELD(3, UINT, choices, CK_U64)

#define CK_MESSAGE_stream(FIELD)                                                                   \
    FIELD(1, UINT, who, CK_U64)                                                                    \
    FIELD(2, UINT, media, 255)                                                                     \
    FIELD(3, UINT, since_us, CK_U64)

#define CK_MESSAGE_snapshot(FIELD)                                                                 \
    FIELD(1, UINT, number, CK_U64)                                                                 \
    FIELD(2, UINT, crowd, CK_U64)                                                                  \
    FIELD(3, UINT, order_us, CK_U64)                                                               \
    FIELD(4, BYTES, chat_hash, 8)                                                                  \
    FIELD(5, UINT, class_state, 255)                                                               \
    FIELD(6, UINT, begun_us, CK_U64)                                                               \
    FIELD(7, UINT, muted, 1)                                                                       \
    FIELD(8, UINT, slow_s, CK_U64)                                                                 \
    FIELD(9, TEXT, notice, CK_TEXT_MAX)                                                            \
    FIELD(10, LIST, people, 65536)                                                                 \
    FIELD(11, LIST, polls, 64)                                                                     \
    FIELD(12, LIST, streams, 256)                                                                  \
    FIELD(13, LIST, votes, 65536)                                                                  \
    FIELD(14, LIST, ordered, 65536) /* messages, oldest first, as events */                        \
    FIELD(15, LIST, crowded, 65536)                                                                \
    FIELD(16, UINT, next_id, CK_U64)                                                               \
    FIELD(17, BYTES, board, CK_BOARD_SNAPSHOT_MAX)

/* Where somebody stands, and what staff hear about it. */
#define CK_MESSAGE_report(FIELD)                                                                   \
    FIELD(1, UINT, playing_us, CK_U64) /* room time; 0: plays nothing */                           \
    FIELD(2, UINT, page, CK_U64)                                                                   \
    FIELD(3, UINT, sound, 255) /* enum ck_sound */

#define CK_MESSAGE_summary(FIELD)                                                                  \
    FIELD(1, UINT, people, CK_U64)                                                                 \
    FIELD(2, UINT, reported, CK_U64)                                                               \
    FIELD(3, UINT, page, CK_U64)                                                                   \
    FIELD(4, UINT, see_page, CK_U64)                                                               \
    FIELD(5, UINT, oldest_ms, CK_U64)                                                              \
    FIELD(6, UINT, hear, CK_U64)                                                                   \
    FIELD(7, BYTES, deaf, 80) /* packed: up to 8 participants that do not hear */                  \
    FIELD(8, BYTES, blind, 80)                                                                     \
    FIELD(9, BYTES, deaf_why, 80) /* packed: what each of `deaf` said of its sound */

#define CK_MESSAGE_here(FIELD)                                                                     \
    FIELD(1, UINT, id, CK_U64)                                                                     \
    FIELD(2, UINT, gone, 1)                                                                        \
    FIELD(3, TEXT, name, CK_NAME_BYTES)                                                            \
    FIELD(4, UINT, role, 255)                                                                      \
    FIELD(5, BYTES, status, CK_STATUS_MAX)

/* In PRESENCE: what an application says of its owner, as it is now. */
#define CK_MESSAGE_status(FIELD) FIELD(1, BYTES, data, CK_STATUS_MAX)

#define CK_MESSAGE_presence(FIELD)                                                                 \
    FIELD(1, UINT, count, CK_U64)                                                                  \
    FIELD(2, UINT, whole, 1) /* who is not in it is not here */                                    \
    FIELD(3, LIST, people, 65536)

#define CK_MESSAGE_ask(FIELD)                                                                      \
    FIELD(1, UINT, request, CK_U64)                                                                \
    FIELD(2, UINT, what, 3)                                                                        \
    FIELD(3, UINT, before, CK_U64) /* history: a number; roster: after this participant */         \
    FIELD(4, UINT, count, 200)                                                                     \
    FIELD(5, UINT, before_crowd, CK_U64) /* history: a number of the crowd lane */

#define CK_MESSAGE_page(FIELD)                                                                     \
    FIELD(1, UINT, request, CK_U64)                                                                \
    FIELD(2, UINT, from, CK_U64) /* the first event's number minus 1 */                            \
    FIELD(3, UINT, base_us, CK_U64)                                                                \
    FIELD(4, LIST, events, 256)                                                                    \
    FIELD(5, LIST, people, 256)                                                                    \
    FIELD(6, UINT, more, 1)                                                                        \
    FIELD(7, LIST, crowded, 256) /* of the crowd lane, beside `events` of the ordered one */

#define CK_MESSAGE_ping(FIELD)                                                                     \
    FIELD(1, UINT, sent_us, CK_U64) /* the client's clock, given back */                           \
    FIELD(2, UINT, room_us, CK_U64)                                                                \
    FIELD(3, UINT, head, CK_U64) /* PONG: everything up to here was sent before it */

#define CK_MESSAGE_bye(FIELD)                                                                      \
    FIELD(1, UINT, reason, 255)                                                                    \
    FIELD(2, UINT, wait_ms, CK_U64)                                                                \
    FIELD(3, TEXT, url, CK_MOVED_URL_MAX) /* MOVED: where to */

#define CK_MESSAGE_renew(FIELD) FIELD(1, TEXT, token, 1024)

#define CK_MESSAGE_renewed(FIELD) FIELD(1, UINT, expires_us, CK_U64) /* room time */

#define CK_MESSAGE_LIST(X)                                                                         \
    X(event)                                                                                       \
    X(spot)                                                                                        \
    X(pointer)                                                                                     \
    X(shape)                                                                                       \
    X(reaction)                                                                                    \
    X(hello)                                                                                       \
    X(welcome)                                                                                     \
    X(refused)                                                                                     \
    X(batch)                                                                                       \
    X(person)                                                                                      \
    X(poll)                                                                                        \
    X(vote)                                                                                        \
    X(stream)                                                                                      \
    X(snapshot)                                                                                    \
    X(report)                                                                                      \
    X(summary)                                                                                     \
    X(here)                                                                                        \
    X(presence)                                                                                    \
    X(ask)                                                                                         \
    X(page)                                                                                        \
    X(ping)                                                                                        \
    X(bye)                                                                                         \
    X(renew)                                                                                       \
    X(status)                                                                                      \
    X(renewed)

/* struct ck_wire_event ... and ck_type_event ... */
#define CK_SCHEMA_STRUCT(name)                                                                     \
    typedef struct ck_wire_##name {                                                                \
        CK_MESSAGE_##name(CK_WIRE_MEMBER)                                                          \
    } ck_wire_##name;                                                                              \
    extern const ck_wire_type ck_type_##name;
CK_MESSAGE_LIST(CK_SCHEMA_STRUCT)
#undef CK_SCHEMA_STRUCT

enum ck_frame {
#define CK_FRAME_ENUM(name, byte, message) CK_FRAME_##name = byte,
    CK_FRAME_LIST(CK_FRAME_ENUM)
#undef CK_FRAME_ENUM
    /* Frames for all, compressed together. No message, for it is what there is most of: a byte
     * `count`, 0 where the context begins anew, then 1 to CK_PACKED_COUNTS over and over; and what
     * is packed (pack.h), each frame with its size as a varint before it. */
    CK_FRAME_PACKED = 27,
};

/* The fields of lists, for ck_wire_add. */
enum ck_list_field {
    CK_LIST_BATCH_EVENTS = 4,
    CK_LIST_BATCH_SPOTS = 5,
    CK_LIST_BATCH_REACTIONS = 8,
    CK_LIST_SNAPSHOT_PEOPLE = 10,
    CK_LIST_SNAPSHOT_POLLS = 11,
    CK_LIST_SNAPSHOT_STREAMS = 12,
    CK_LIST_SNAPSHOT_VOTES = 13,
    CK_LIST_SNAPSHOT_ORDERED = 14,
    CK_LIST_SNAPSHOT_CROWDED = 15,
    CK_LIST_PRESENCE_PEOPLE = 3,
    CK_LIST_PAGE_EVENTS = 4,
    CK_LIST_PAGE_PEOPLE = 5,
    CK_LIST_PAGE_CROWDED = 7,
};

/* The table of a frame's message; NULL for a byte that is none. */
const ck_wire_type *ck_frame_type(uint8_t byte);

/* Appends a frame: the byte and the message. */
void ck_frame_put(ck_buf *out, enum ck_frame frame, const ck_wire_type *type, const void *message);

#endif
