/*
 * What is shown of a crowd, as short as it can be: rows of varints and texts, without tags, behind
 * each other in one field of a CROWD frame. Half of what a large room costs is this.
 *
 *     lines:  skip, author, target, times, size, text, size, name    a message
 *     again:  skip, back, times                                      a message was said again
 *
 * As in a list of events a number is `skip` + 1 above the one before it, the first above the
 * frame's `from`; `back` is how far below it the message stands that is meant. Plain functions.
 */
#ifndef CK_CORE_ROOM_LINES_H
#define CK_CORE_ROOM_LINES_H

#include "core/room/events.h"

typedef struct ck_line_writer {
    ck_buf *lines;
    ck_buf *again;
    uint64_t line_number, again_number; /* begin as `from` */
} ck_line_writer;

/* number, author, target, times, text, and the author's name as data. */
void ck_line_write(ck_line_writer *w, const ck_event *event);
/* number, about, times. */
void ck_line_write_again(ck_line_writer *w, const ck_event *event);

typedef struct ck_line_reader {
    ck_reader lines, again;
    uint64_t line_number, again_number;
    uint64_t at_us; /* of all */
} ck_line_reader;

ck_line_reader ck_line_reader_of(const ck_wire_batch *crowd);
/* The next one, as a CHAT or a REPEAT of the crowd lane: 1, 0 at the end, CHALK_ERR_BAD_DATA.
 * Texts are borrowed. */
int ck_line_read(ck_line_reader *r, ck_event *event);

#endif
