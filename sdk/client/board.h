/*
 * The whiteboard of a room, as the application draws on it and looks at it: a pen and a view of
 * pending work (core/drawing) beside the room's replica. What is here is guarded by the room's
 * lock.
 */
#ifndef CK_CLIENT_BOARD_H
#define CK_CLIENT_BOARD_H

#include "core/drawing/drawing.h"
#include "core/drawing/pen.h"
#include "core/drawing/pens.h"

/* What one draws oneself, from the first stroke on: most people in a large room never do. */
typedef struct ck_client_pen {
    ck_pen pen;
    uint64_t at_us; /* of the newest sample: the pen's times do not fall */
    ck_buf draw;    /* the pen's operation, with its memory: */
    bool waits;     /* the replica had no room for it yet */
    ck_buf live;    /* a chunk of the pen's, with its memory */
} ck_client_pen;

typedef struct ck_client_board {
    ck_drawing drawing;
    ck_client_pen *own; /* NULL: not yet */
    ck_pens others;     /* their pens, as they move */
    ck_buf text;        /* what the application borrows */
} ck_client_board;

struct ck_client_room;

void ck_client_board_init(ck_client_board *board);
void ck_client_board_free(ck_client_board *board);

/* --- with the lock --------------------------------------------------------------------------- */

/* Whether the pen has an operation that found no room in the replica. */
bool ck_client_board_waits(const ck_client_board *board);
/* What the pen has to say goes to the replica; `flush`: also strokes that wait for others. */
void ck_client_board_pump(struct ck_client_room *room, bool flush, uint64_t now_us);
/* When that is due again. */
uint64_t ck_client_board_due(const struct ck_client_room *room, uint64_t now_us);

/* An event that the application is about to be told of: others' pens, and what becomes of them. */
void ck_client_board_hear(struct ck_client_room *room, const ck_replica_event *event,
                          uint64_t now_us);

/* --- board_copy.c ---------------------------------------------------------------------------- */

/* Copies the board of a view, for work that takes long; at the head with what is pending. `out` is
 * an empty board; `number` receives that of its last event and may be NULL. To be given with
 * `acted`. NO_MEMORY, TOO_LARGE. */
int ck_client_board_copy(struct ck_client_room *room, uint32_t view, ck_board *out,
                         uint64_t *number);

/* --- board_view.c ---------------------------------------------------------------------------- */

/* NULL: no such view. */
const ck_board *ck_client_board_of(struct ck_client_room *room, uint32_t view);
/* Changes when the view's board may have. */
uint64_t ck_client_board_version(const struct ck_client_room *room, uint32_t view);

/* Whether this participant may change what others drew there. */
bool ck_client_board_is_open(struct ck_client_room *room, const ck_board *board, uint64_t page);

/* px to 1/64 px; false: out of the world, or no number. */
bool ck_client_board_units(double px, int64_t *out);

#endif
