#include "core/drawing/drawing.h"

#include "chalkrail/errors.h"

void ck_drawing_init(ck_drawing *d, const ck_alloc *alloc)
{
    *d = (ck_drawing){.alloc = alloc};
}

void ck_drawing_free(ck_drawing *d)
{
    ck_board_free(&d->overlay);
}

/* No newer login of ours can draw while this one is the newest, so the term stays free. */
uint32_t ck_drawing_term(ck_drawing *d, const ck_replica *replica)
{
    uint64_t me = ck_replica_me(replica);
    const ck_room *head = ck_replica_head(replica);
    if (d->term == 0 && me != 0 && head->number != 0) {
        const ck_board_author *author = ck_board_find_author(&head->board, me);
        d->term = author != NULL ? author->term + 1 : 1;
    }
    return d->term;
}

static bool lay(ck_drawing *d, const ck_replica *replica)
{
    const ck_room *head = ck_replica_head(replica);
    const ck_event *event;
    ck_board_free(&d->overlay);
    if (ck_board_lay(&d->overlay, &head->board, d->alloc) < 0) {
        return false;
    }
    for (uint32_t i = 0; (event = ck_replica_pending(replica, i)) != NULL; i++) {
        const ck_board_event pending = {head->number + 1 + i, ck_replica_me(replica),
                                        event->counter, event->data};
        if (event->kind == CK_EVENT_BOARD && ck_board_apply(&d->overlay, &pending) < 0) {
            ck_board_free(&d->overlay);
            return false;
        }
    }
    return true;
}

const ck_board *ck_drawing_look(ck_drawing *d, const ck_replica *replica)
{
    const ck_room *head = ck_replica_head(replica);
    const ck_event *first = ck_replica_pending(replica, 0), *last = first, *next = first;
    for (uint32_t i = 1; next != NULL; i++) {
        last = next;
        next = ck_replica_pending(replica, i);
    }
    if (first == NULL) {
        ck_board_free(&d->overlay);
        return &head->board;
    }
    bool same = d->overlay.alloc != NULL && d->changes == head->board.changes &&
                d->head == head->number && d->first == first->counter && d->last == last->counter;
    d->changes = head->board.changes;
    d->head = head->number;
    d->first = first->counter;
    d->last = last->counter;
    return same || lay(d, replica) ? &d->overlay : &head->board;
}
