/*
 * One's own side of a room's board: the board with pending work laid over it, and the term under
 * which this login's objects get their ids.
 *
 *     const ck_board *board = ck_drawing_look(&drawing, replica);
 *     op.term = ck_drawing_term(&drawing, replica);
 *     ck_board_op_write(&op, &data);   ck_replica_intend(replica, &intent, now, &counter);
 *     id of the first object made:  ck_board_id(me, op.term, counter, 0)
 *
 * One for each replica. One thread at a time, the replica's.
 */
#ifndef CK_CORE_DRAWING_DRAWING_H
#define CK_CORE_DRAWING_DRAWING_H

#include "core/replica/replica.h"

typedef struct ck_drawing {
    const ck_alloc *alloc;
    ck_board overlay; /* alloc NULL: there is none */
    uint32_t term;    /* 0: not known yet */
    /* What the overlay was made of. */
    uint64_t changes, head, first, last;
} ck_drawing;

void ck_drawing_init(ck_drawing *d, const ck_alloc *alloc);
void ck_drawing_free(ck_drawing *d);

/* The head's board as it will be when what is pending has been accepted. Borrowed until the next
 * call here or of the replica. Where memory is short, without what is pending. */
const ck_board *ck_drawing_look(ck_drawing *d, const ck_replica *replica);

/* Of this login, the same from its first use on; 0: the room is not known yet. */
uint32_t ck_drawing_term(ck_drawing *d, const ck_replica *replica);

#endif
