/*
 * What changed on a page since one looked last: for who keeps something beside the board, such as
 * painted tiles or an application's own objects. The board tells nobody of its changes; this
 * compares, so undo, overlays that are laid anew, snapshots and presenting are changes like any.
 *
 *     ck_scene_init(&scene, &alloc);
 *     status = ck_scene_look(&scene, board, page);       when it may have changed
 *     while (ck_scene_next(&scene, &change)) ...
 *
 * The first look costs what the objects of the page do, and so does one after more changes than the
 * board remembers; others cost what was touched. One thread at a time.
 */
#ifndef CK_CORE_DRAWING_SCENE_H
#define CK_CORE_DRAWING_SCENE_H

#include "core/board/board.h"

enum ck_scene_what {
    CK_SCENE_ADDED = 1,
    CK_SCENE_CHANGED,
    CK_SCENE_REMOVED,
};

typedef struct ck_scene_change {
    enum ck_scene_what what;
    uint64_t id;
    ck_board_box before; /* of CHANGED and REMOVED: where it was */
    ck_board_box box;    /* of ADDED and CHANGED: where it is */
} ck_scene_change;

/* What is known of an object. */
typedef struct ck_scene_item {
    uint64_t id; /* 0: an empty place */
    uint64_t look;
    ck_board_box box;
    uint32_t round; /* of the look that saw it last */
} ck_scene_item;

typedef struct ck_scene {
    const ck_alloc *alloc;
    ck_scene_item *items; /* by id, each at the first free place from its hash on */
    uint32_t size, count; /* size: a power of 2, or 0 */
    uint32_t round;
    ck_scene_change *changes;
    uint32_t change_count, change_size, change_next;
    int status; /* of the look that goes on */
    /* Of the look before: */
    bool known; /* only what was touched since must be looked at */
    uint64_t page;
    ck_board_mark mark;              /* of the board, or of the one below it */
    uint64_t laid[CK_BOARD_TOUCHED]; /* what an overlay had */
    uint32_t laid_count;
} ck_scene;

void ck_scene_init(ck_scene *s, const ck_alloc *alloc);
void ck_scene_free(ck_scene *s);
/* Everything is ADDED again with the next look. */
void ck_scene_forget(ck_scene *s);
/* Compares with the look before, of another page or board too; what was not taken of that is lost.
 * CHALK_OK; CHALK_ERR_NO_MEMORY: all is forgotten, the next look begins anew. */
int ck_scene_look(ck_scene *s, const ck_board *board, uint64_t page);
bool ck_scene_next(ck_scene *s, ck_scene_change *out);

#endif
