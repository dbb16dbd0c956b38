/* Which objects were touched of late: a ring of ids, for who would have to look at all of them. */
#include "core/board/inside.h"

/* The trail is the hash of all sums that the board went through: another board, or the same one
 * read anew, has another, so that a mark of one is no mark of the other. */
struct ck_board_touched {
    uint64_t id;
    uint64_t trail; /* before it */
};

void ck_board_touch(ck_board *b, uint64_t id)
{
    if (b->below != NULL) {
        return; /* what an overlay has is what was touched */
    }
    if (b->touched == NULL) { /* without memory nobody knows, and all is looked at */
        b->touched = ck_new_array(b->alloc, CK_BOARD_TOUCHED, sizeof *b->touched);
    }
    if (b->touched != NULL) {
        b->touched[b->touches % CK_BOARD_TOUCHED] = (ck_board_touched){id, b->trail};
    }
    b->touches++;
    b->trail = ck_board_mix(b->trail, b->sum);
}

void ck_board_touch_all(ck_board *b)
{
    b->touches += CK_BOARD_TOUCHED + 1;
    b->trail = ck_board_mix(b->trail, b->sum);
}

ck_board_mark ck_board_now(const ck_board *b)
{
    return (ck_board_mark){b->touches, b->trail};
}

bool ck_board_since(const ck_board *b, ck_board_mark mark, uint64_t ids[CK_BOARD_TOUCHED],
                    uint32_t *count)
{
    uint64_t passed = b->touches - mark.touches;
    *count = 0;
    if (mark.touches > b->touches || passed > CK_BOARD_TOUCHED ||
        (passed > 0 && b->touched == NULL)) {
        return false;
    }
    uint64_t trail = passed > 0 ? b->touched[mark.touches % CK_BOARD_TOUCHED].trail : b->trail;
    if (trail != mark.trail) {
        return false;
    }
    while (*count < passed) {
        ids[*count] = b->touched[(mark.touches + *count) % CK_BOARD_TOUCHED].id;
        ++*count;
    }
    return true;
}

bool ck_board_laid(const ck_board *overlay, uint64_t ids[CK_BOARD_TOUCHED], uint32_t *count)
{
    *count = 0;
    if (overlay->below == NULL) {
        return true;
    }
    if (overlay->own != NULL || overlay->count > CK_BOARD_TOUCHED) {
        return false;
    }
    for (uint32_t i = 0; i < overlay->bucket_count; i++) {
        for (const ck_board_object *o = overlay->ids[i]; o != NULL; o = o->id_next) {
            ids[(*count)++] = o->id;
        }
    }
    return true;
}
