/* The erased ranges of a stroke, in order of their places: those of an operation that can be undone
 * stand by themselves, those that are for good are one where they touch. */
#include "core/board/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

static bool comes_before(const ck_board_erasure *a, const ck_board_erasure *b)
{
    uint64_t a_by = a->by & ~CK_BOARD_HIDDEN, b_by = b->by & ~CK_BOARD_HIDDEN;
    return a->range.from != b->range.from ? a->range.from < b->range.from : a_by < b_by;
}

bool ck_board_is_erased(const ck_board_object *o, uint32_t step)
{
    for (uint32_t i = 0; i < o->erased_count; i++) {
        bool hidden = (o->erased[i].by & CK_BOARD_HIDDEN) != 0;
        if (!hidden && o->erased[i].range.from <= step && step < o->erased[i].range.to) {
            return true;
        }
    }
    return false;
}

int ck_board_erase(ck_board *b, ck_board_object *o, uint64_t by, ck_board_range range)
{
    ck_board_erasure *grown =
        ck_resize_array(b->alloc, o->erased, (size_t)o->erased_count + 1, sizeof *grown);
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    o->erased = grown;
    const ck_board_erasure added = {by, range};
    uint32_t at = o->erased_count;
    while (at > 0 && comes_before(&added, &grown[at - 1])) {
        grown[at] = grown[at - 1];
        at--;
    }
    grown[at] = added;
    o->erased_count++;
    b->erased_count++;
    return CHALK_OK;
}

void ck_board_hide_erased(ck_board_object *o, uint64_t by, bool hide)
{
    for (uint32_t i = 0; i < o->erased_count; i++) {
        if ((o->erased[i].by & ~CK_BOARD_HIDDEN) == by) {
            o->erased[i].by = hide ? by | CK_BOARD_HIDDEN : by;
        }
    }
}

void ck_board_unerase(ck_board *b, ck_board_object *o, uint64_t by)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < o->erased_count; i++) {
        if ((o->erased[i].by & ~CK_BOARD_HIDDEN) != by) {
            o->erased[kept++] = o->erased[i];
        }
    }
    b->erased_count -= o->erased_count - kept;
    o->erased_count = kept;
    if (kept == 0) {
        ck_free(b->alloc, o->erased);
        o->erased = NULL;
    }
}

void ck_board_settle_erased(ck_board *b, ck_board_object *o, uint64_t by)
{
    uint32_t kept = 0;
    ck_board_erasure *last = NULL; /* of those that are for good */
    for (uint32_t i = 0; i < o->erased_count; i++) {
        ck_board_erasure e = o->erased[i];
        e.by = e.by == by ? 0 : e.by;
        bool joins = e.by == 0 && last != NULL && e.range.from <= last->range.to;
        if (joins) {
            last->range.to = CK_MAX(last->range.to, e.range.to);
            continue;
        }
        o->erased[kept] = e;
        last = e.by == 0 ? &o->erased[kept] : last;
        kept++;
    }
    b->erased_count -= o->erased_count - kept;
    o->erased_count = kept;
    /* `by` may have changed the order of two that begin at the same point. */
    for (uint32_t i = 1; i < kept; i++) {
        for (uint32_t k = i; k > 0 && comes_before(&o->erased[k], &o->erased[k - 1]); k--) {
            ck_board_erasure swapped = o->erased[k];
            o->erased[k] = o->erased[k - 1];
            o->erased[k - 1] = swapped;
        }
    }
}
