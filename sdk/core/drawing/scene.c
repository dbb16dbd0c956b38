#include "core/drawing/scene.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/board/index.h"

#include <string.h>

#define LEAST 64u /* places */

void ck_scene_init(ck_scene *s, const ck_alloc *alloc)
{
    *s = (ck_scene){.alloc = alloc};
}

void ck_scene_forget(ck_scene *s)
{
    ck_free(s->alloc, s->items);
    s->items = NULL;
    s->size = s->count = 0;
    s->change_count = s->change_next = 0;
    s->known = false;
}

void ck_scene_free(ck_scene *s)
{
    ck_scene_forget(s);
    ck_free(s->alloc, s->changes);
    s->changes = NULL;
    s->change_size = 0;
}

/* --- how an object looks --------------------------------------------------------------------- */

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

static uint64_t pair(int32_t a, int32_t b)
{
    return (uint64_t)(uint32_t)a << 32 | (uint32_t)b;
}

static uint64_t look_of(const ck_board_object *o)
{
    uint64_t hash = mix(o->body_hash, pair(o->x, o->y));
    hash = mix(hash, pair(o->sx, o->sy));
    hash = mix(hash, (uint64_t)o->colour << 32 | o->fill);
    hash = mix(hash, pair((int32_t)o->width, o->z));
    for (uint32_t i = 0; i < o->erased_count; i++) {
        if ((o->erased[i].by & CK_BOARD_HIDDEN) == 0) {
            hash = mix(hash, (uint64_t)o->erased[i].range.from << 32 | o->erased[i].range.to);
        }
    }
    return hash;
}

/* --- what is known --------------------------------------------------------------------------- */

static uint32_t first_place_of(const ck_scene *s, uint64_t id)
{
    return (uint32_t)(mix(id, 1) >> 32) & (s->size - 1);
}

/* The id's place, or the empty one where it would stand. */
static ck_scene_item *place_of(const ck_scene *s, uint64_t id)
{
    uint32_t at = first_place_of(s, id);
    while (s->items[at].id != 0 && s->items[at].id != id) {
        at = (at + 1) & (s->size - 1);
    }
    return &s->items[at];
}

/* In a table of `size` places, without those that the last round did not see. */
static bool rebuild(ck_scene *s, uint32_t size, bool seen_alone)
{
    ck_scene_item *old = s->items;
    uint32_t old_size = s->size;
    ck_scene_item *items = ck_new_array(s->alloc, size, sizeof *items);
    if (items == NULL) {
        return false;
    }
    s->items = items;
    s->size = size;
    for (uint32_t i = 0; i < old_size; i++) {
        if (old[i].id != 0 && (!seen_alone || old[i].round == s->round)) {
            *place_of(s, old[i].id) = old[i];
        }
    }
    ck_free(s->alloc, old);
    return true;
}

static void tell(ck_scene *s, const ck_scene_change *change)
{
    if (s->change_count == s->change_size) {
        uint32_t size = CK_MAX(LEAST, 2 * s->change_size);
        ck_scene_change *grown = ck_resize_array(s->alloc, s->changes, size, sizeof *grown);
        if (grown == NULL) {
            s->status = CHALK_ERR_NO_MEMORY;
            return;
        }
        s->changes = grown;
        s->change_size = size;
    }
    s->changes[s->change_count++] = *change;
}

static void see(const ck_board_object *o, void *user)
{
    ck_scene *s = user;
    bool full = s->count * 2 >= s->size;
    if (s->status == CHALK_OK && full && !rebuild(s, CK_MAX(LEAST, s->size * 2), false)) {
        s->status = CHALK_ERR_NO_MEMORY;
    }
    if (s->status < 0) {
        return;
    }
    ck_scene_item *item = place_of(s, o->id);
    const ck_scene_item now = {o->id, look_of(o), ck_board_box_of(o), s->round};
    ck_scene_change change = {.id = o->id, .before = item->box, .box = now.box};
    change.what = item->id == 0 ? CK_SCENE_ADDED : CK_SCENE_CHANGED;
    bool same = item->id != 0 && item->look == now.look;
    s->count += item->id == 0;
    *item = now;
    if (!same) {
        tell(s, &change);
    }
}

static void miss_others(ck_scene *s)
{
    uint32_t missed = 0;
    for (uint32_t i = 0; i < s->size; i++) {
        const ck_scene_item *item = &s->items[i];
        if (item->id != 0 && item->round != s->round) {
            const ck_scene_change change = {
                .what = CK_SCENE_REMOVED, .id = item->id, .before = item->box};
            tell(s, &change);
            missed++;
        }
    }
    s->count -= missed;
    uint32_t size = s->size;
    while (size > LEAST && s->count * 8 < size) {
        size /= 2;
    }
    if (missed > 0 && !rebuild(s, size, true)) {
        s->status = CHALK_ERR_NO_MEMORY;
    }
}

/* At once what all of a page will need: less to be moved. Without memory it grows as it goes. */
static void reserve(ck_scene *s, const ck_board_page *page)
{
    uint32_t size = LEAST, count = page != NULL ? page->count : 0;
    while (size < 2 * count) {
        size *= 2;
    }
    if (s->count == 0 && size > s->size) {
        (void)rebuild(s, size, false);
    }
}

static void look_at_all(ck_scene *s, const ck_board *board, uint64_t page)
{
    const ck_board_box world = {INT32_MIN / 2, INT32_MIN / 2, INT32_MAX / 2, INT32_MAX / 2};
    s->round++;
    reserve(s, ck_board_find_page(board, page));
    ck_board_search(board, page, &world, see, s);
    if (s->status == CHALK_OK) {
        miss_others(s);
    }
}

/* --- what was touched ------------------------------------------------------------------------ */

/* Those behind it that would not be found any more close up. */
static void take_out(ck_scene *s, ck_scene_item *item)
{
    uint32_t hole = (uint32_t)(item - s->items), at = hole, mask = s->size - 1;
    for (;;) {
        at = (at + 1) & mask;
        if (s->items[at].id == 0) {
            break;
        }
        uint32_t home = first_place_of(s, s->items[at].id);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            s->items[hole] = s->items[at];
            hole = at;
        }
    }
    s->items[hole].id = 0;
    s->count--;
}

static void look_at_one(ck_scene *s, const ck_board *board, uint64_t id)
{
    const ck_board_object *o = ck_board_find(board, id);
    if (o != NULL && o->page == s->page && ck_board_is_there(board, o)) {
        see(o, s);
        return;
    }
    ck_scene_item *item = s->size > 0 ? place_of(s, id) : NULL;
    if (item != NULL && item->id != 0) {
        const ck_scene_change change = {.what = CK_SCENE_REMOVED, .id = id, .before = item->box};
        tell(s, &change);
        take_out(s, item);
    }
}

/* False: all must be looked at. */
static bool look_at_touched(ck_scene *s, const ck_board *board, const ck_board *base,
                            const uint64_t *laid, uint32_t laid_count)
{
    uint64_t ids[CK_BOARD_TOUCHED];
    uint32_t count;
    if (!s->known || !ck_board_since(base, s->mark, ids, &count)) {
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        look_at_one(s, board, ids[i]);
    }
    for (uint32_t i = 0; i < s->laid_count; i++) {
        look_at_one(s, board, s->laid[i]); /* as it is below, if it is not laid over any more */
    }
    for (uint32_t i = 0; i < laid_count; i++) {
        look_at_one(s, board, laid[i]);
    }
    return true;
}

int ck_scene_look(ck_scene *s, const ck_board *board, uint64_t page)
{
    const ck_board *base = board->below != NULL ? board->below : board;
    uint64_t laid[CK_BOARD_TOUCHED];
    uint32_t laid_count;
    bool plain = ck_board_laid(board, laid, &laid_count);
    s->change_count = s->change_next = 0;
    s->status = CHALK_OK;
    s->known = s->known && plain && s->page == page;
    s->page = page;
    if (!look_at_touched(s, board, base, laid, laid_count)) {
        look_at_all(s, board, page);
    }
    s->known = plain;
    s->mark = ck_board_now(base);
    memcpy(s->laid, laid, laid_count * sizeof *laid);
    s->laid_count = laid_count;
    if (s->status < 0) {
        ck_scene_forget(s);
    }
    return s->status;
}

bool ck_scene_next(ck_scene *s, ck_scene_change *out)
{
    if (s->change_next == s->change_count) {
        return false;
    }
    *out = s->changes[s->change_next++];
    return true;
}
