/*
 * A board to draw on in tests: operations are made here as a client makes them, judged as the edge
 * judges them, and applied. Author 1 is staff; the others have the right to draw.
 */
#ifndef CK_TESTS_BOARD_H
#define CK_TESTS_BOARD_H

#include "base/rng.h"
#include "core/board/board.h"
#include "core/board/index.h"

#define CK_DESK_AUTHORS 32

typedef struct ck_desk {
    ck_board board;
    const ck_alloc *alloc;
    uint64_t number;                    /* of the last event */
    uint64_t counters[CK_DESK_AUTHORS]; /* of the author's last intent */
    uint32_t terms[CK_DESK_AUTHORS];    /* of the author's login */
    uint8_t data[20000];                /* of the last operation */
    size_t size;
    int status; /* of the last apply */
} ck_desk;

void ck_desk_init(ck_desk *d, const ck_alloc *alloc);
void ck_desk_free(ck_desk *d);
ck_board_who ck_desk_who(uint64_t author);

/* The operation with its term, as bytes in d->data; false: no memory. */
bool ck_desk_write(ck_desk *d, uint64_t author, const ck_board_op *op);
/* Judges and applies it. Its id, of index 0, is ck_desk_last(d, author). */
enum ck_reason ck_desk_do(ck_desk *d, uint64_t author, const ck_board_op *op);
uint64_t ck_desk_last(const ck_desk *d, uint64_t author);

/* The same for common ones. */
uint64_t ck_desk_stroke(ck_desk *d, uint64_t author, int32_t x, int32_t y); /* its id; 0: refused */
enum ck_reason ck_desk_ids(ck_desk *d, uint64_t author, ck_board_op op, const uint64_t *ids,
                           uint32_t count);
enum ck_reason ck_desk_delete(ck_desk *d, uint64_t author, uint64_t id);
enum ck_reason ck_desk_move(ck_desk *d, uint64_t author, uint64_t id, int32_t x, int32_t y);
enum ck_reason ck_desk_erase(ck_desk *d, uint64_t author, uint64_t id, uint32_t from, uint32_t to);
enum ck_reason ck_desk_undo(ck_desk *d, uint64_t author);
enum ck_reason ck_desk_redo(ck_desk *d, uint64_t author);
bool ck_desk_has(const ck_desk *d, uint64_t id); /* it is there */

/* Bytes of an operation that anybody might try, mostly sensible, on what is in `b`. */
void ck_board_any_op(ck_rng *rng, const ck_board *b, uint64_t author, uint32_t term, bool staff,
                     ck_buf *out);
/* Objects that are there, on all pages. */
uint32_t ck_board_count_there(const ck_board *b);

#endif
