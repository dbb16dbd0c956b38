/* What can be undone and redone. Entries stand in two lists: of all, by age, and of their author;
 * of an author, those that are undone stand behind those that are not. */
#include "core/board/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

/* --- authors ------------------------------------------------------------------------------- */

static uint32_t author_index(const ck_board *b, uint64_t id)
{
    uint32_t low = 0, high = b->author_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (b->authors[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ck_board_author *ck_board_own_author(const ck_board *b, uint64_t id)
{
    uint32_t at = author_index(b, id);
    return at < b->author_count && b->authors[at].id == id ? &b->authors[at] : NULL;
}

const ck_board_author *ck_board_find_author(const ck_board *b, uint64_t id)
{
    const ck_board_author *author = ck_board_own_author(b, id);
    return author == NULL && b->below != NULL ? ck_board_own_author(b->below, id) : author;
}

void ck_board_take_author(ck_board *b, const ck_board_author *author)
{
    b->sum -= ck_board_hash_author(author);
}

void ck_board_add_author(ck_board *b, const ck_board_author *author)
{
    b->sum += ck_board_hash_author(author);
}

static size_t entry_size(uint32_t count)
{
    return sizeof(ck_board_entry) + count * sizeof(ck_board_ref);
}

/* An overlay's author comes with all that it could undo below. */
static int copy_author(ck_board *b, const ck_board_author *from, ck_board_author *to)
{
    to->term = from->term;
    to->counter = from->counter;
    for (const ck_board_entry *e = from->oldest; e != NULL; e = e->author_next) {
        ck_board_entry *copy = ck_new(b->alloc, entry_size(e->count));
        if (copy == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        memcpy(copy, e, entry_size(e->count));
        int status = ck_board_append_entry(b, copy);
        if (status < 0) {
            return status;
        }
    }
    return CHALK_OK;
}

ck_board_author *ck_board_author_place(ck_board *b, uint64_t id)
{
    ck_board_author *author = ck_board_own_author(b, id);
    if (author != NULL || b->author_count == CK_BOARD_AUTHORS_MAX) {
        return author;
    }
    if (b->author_count == b->author_size) {
        uint32_t size = b->author_size == 0 ? 4 : 2 * b->author_size;
        ck_board_author *grown = ck_resize_array(b->alloc, b->authors, size, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        b->authors = grown;
        b->author_size = size;
    }
    author = &b->authors[author_index(b, id)];
    memmove(author + 1, author, (size_t)(b->authors + b->author_count - author) * sizeof *author);
    *author = (ck_board_author){.id = id};
    b->author_count++;
    const ck_board_author *from = b->below != NULL ? ck_board_own_author(b->below, id) : NULL;
    if (from != NULL && copy_author(b, from, author) < 0) {
        return NULL;
    }
    ck_board_add_author(b, author);
    return author;
}

/* --- lists --------------------------------------------------------------------------------- */

ck_board_entry *ck_board_entry_new(ck_board *b, enum ck_board_doing doing, uint32_t count)
{
    ck_board_entry *entry = ck_new(b->alloc, entry_size(count));
    if (entry != NULL) {
        entry->doing = (uint8_t)doing;
    }
    return entry;
}

int ck_board_append_entry(ck_board *b, ck_board_entry *entry)
{
    ck_board_author *author = ck_board_own_author(b, entry->author);
    if (author == NULL) {
        author = ck_board_author_place(b, entry->author);
    }
    if (author == NULL) {
        ck_free(b->alloc, entry);
        return CHALK_ERR_NO_MEMORY;
    }
    entry->next = entry->author_next = NULL;
    entry->before = b->newest;
    *(b->newest != NULL ? &b->newest->next : &b->oldest) = entry;
    b->newest = entry;
    entry->author_before = author->newest;
    *(author->newest != NULL ? &author->newest->author_next : &author->oldest) = entry;
    author->newest = entry;
    author->entry_count++;
    b->entry_count++;
    b->ref_count += entry->count;
    b->sum += ck_board_hash_entry(entry);
    return CHALK_OK;
}

static void take_out(ck_board *b, ck_board_entry *entry)
{
    ck_board_author *author = ck_board_own_author(b, entry->author);
    *(entry->before != NULL ? &entry->before->next : &b->oldest) = entry->next;
    *(entry->next != NULL ? &entry->next->before : &b->newest) = entry->before;
    *(entry->author_before != NULL ? &entry->author_before->author_next : &author->oldest) =
        entry->author_next;
    *(entry->author_next != NULL ? &entry->author_next->author_before : &author->newest) =
        entry->author_before;
    author->entry_count--;
    b->entry_count--;
    b->ref_count -= entry->count;
    b->sum -= ck_board_hash_entry(entry);
}

/* --- forgetting ---------------------------------------------------------------------------- */

static void purge_if_gone(ck_board *b, uint64_t id, uint64_t by)
{
    ck_board_object *o = ck_board_own(b, id);
    if (o != NULL && o->gone_by == by) {
        ck_board_purge(b, o);
    }
}

static void purge_if_unmade(ck_board *b, uint64_t id)
{
    ck_board_object *o = ck_board_own(b, id);
    if (o != NULL && o->unmade) {
        ck_board_purge(b, o);
    }
}

static void settle_erased(ck_board *b, const ck_board_entry *entry)
{
    void (*settle)(ck_board *, ck_board_object *, uint64_t) =
        entry->undone ? ck_board_unerase : ck_board_settle_erased;
    for (uint32_t i = 0; i < entry->count; i++) {
        ck_board_object *o = ck_board_own(b, entry->refs[i].id);
        if (o != NULL) {
            ck_board_begin(b, o);
            settle(b, o, entry->number);
            ck_board_end(b, o);
        }
    }
}

/* What only this entry kept is gone for good. */
static void forget(ck_board *b, ck_board_entry *entry)
{
    take_out(b, entry);
    bool makes = entry->doing == CK_DID_MAKE || entry->doing == CK_DID_REPLACE;
    bool deletes = entry->doing == CK_DID_DELETE;
    if (makes && entry->undone) {
        purge_if_unmade(b, entry->refs[0].id);
        for (uint32_t i = 1; i < entry->count && entry->doing == CK_DID_MAKE; i++) {
            purge_if_unmade(b, entry->refs[i].id);
        }
    } else if (entry->doing == CK_DID_REPLACE) {
        purge_if_gone(b, entry->refs[1].id, entry->number);
    } else if (deletes && !entry->undone) {
        for (uint32_t i = 0; i < entry->count; i++) {
            purge_if_gone(b, entry->refs[i].id, entry->number);
        }
    } else if (entry->doing == CK_DID_ERASE) {
        settle_erased(b, entry);
    } else if (entry->doing == CK_DID_CLEAR && !entry->undone) {
        ck_board_clear_for_good(b, entry->page, entry->number);
    }
    ck_free(b->alloc, entry);
}

int ck_board_remember(ck_board *b, ck_board_entry *entry, uint64_t author)
{
    ck_board_author *own = ck_board_own_author(b, author);
    CK_INVARIANT(own != NULL, return CHALK_ERR_NO_MEMORY);
    while (own->newest != NULL && own->newest->undone) {
        forget(b, own->newest);
    }
    if (entry->count == 0 && entry->doing != CK_DID_CLEAR) {
        ck_free(b->alloc, entry);
        return CHALK_OK;
    }
    entry->author = author;
    int status = ck_board_append_entry(b, entry);
    while (own->entry_count > CK_BOARD_UNDO_EACH) {
        forget(b, own->oldest);
    }
    while (b->entry_count > CK_BOARD_UNDO_ALL || b->ref_count > CK_BOARD_UNDO_REFS) {
        forget(b, b->oldest);
    }
    return status;
}

void ck_board_forget_all(ck_board *b)
{
    while (b->oldest != NULL) {
        ck_board_entry *next = b->oldest->next;
        ck_free(b->alloc, b->oldest);
        b->oldest = next;
    }
    ck_free(b->alloc, b->authors);
}

/* --- what is next -------------------------------------------------------------------------- */

ck_board_entry *ck_board_next_undo(const ck_board *b, uint64_t author)
{
    const ck_board_author *own = ck_board_find_author(b, author);
    ck_board_entry *at = own != NULL ? own->newest : NULL;
    while (at != NULL && at->undone) {
        at = at->author_before;
    }
    return at;
}

ck_board_entry *ck_board_next_redo(const ck_board *b, uint64_t author)
{
    const ck_board_author *own = ck_board_find_author(b, author);
    ck_board_entry *at = ck_board_next_undo(b, author);
    at = at != NULL ? at->author_next : own != NULL ? own->oldest : NULL;
    return at;
}

uint64_t ck_board_undoable(const ck_board *b, uint64_t author)
{
    const ck_board_entry *entry = ck_board_next_undo(b, author);
    return entry != NULL ? entry->id : 0;
}

uint64_t ck_board_redoable(const ck_board *b, uint64_t author)
{
    const ck_board_entry *entry = ck_board_next_redo(b, author);
    return entry != NULL ? entry->id : 0;
}

/* --- undoing ------------------------------------------------------------------------------- */

static bool add_to(int32_t *value, int32_t step)
{
    int64_t sum = (int64_t)*value + step;
    if (sum < -2 * CK_BOARD_COORD_MAX || sum > 2 * CK_BOARD_COORD_MAX) {
        return false; /* others moved it on, to the edge of the world */
    }
    *value = (int32_t)sum;
    return true;
}

static void set_back(uint32_t *value, int32_t from, int32_t to)
{
    if (*value == (uint32_t)to) {
        *value = (uint32_t)from;
    }
}

/* Takes back (or does again, with `again`) what the entry did to one object, where it is still so.
 */
static void change_back(ck_board_object *o, const ck_board_entry *entry, const ck_board_ref *ref,
                        bool again)
{
    const int32_t *n = ref->numbers;
    int from = again ? 1 : 0, to = 1 - from;
    switch (entry->doing) {
    case CK_DID_TRANSFORM:
        (void)add_to(&o->x, again ? n[0] : -n[0]);
        (void)add_to(&o->y, again ? n[1] : -n[1]);
        o->sx = o->sx == n[2 + to] ? n[2 + from] : o->sx;
        o->sy = o->sy == n[4 + to] ? n[4 + from] : o->sy;
        break;
    case CK_DID_STYLE:
        if (entry->mask & CK_BOARD_COLOUR) {
            set_back(&o->colour, n[from], n[to]);
        }
        if (entry->mask & CK_BOARD_FILL) {
            set_back(&o->fill, n[2 + from], n[2 + to]);
        }
        if (entry->mask & CK_BOARD_WIDTH) {
            set_back(&o->width, n[4 + from], n[4 + to]);
        }
        break;
    case CK_DID_ORDER:
        o->z = o->z == n[to] ? n[from] : o->z;
        break;
    default:
        break;
    }
}

static void make_back(ck_board_object *o, const ck_board_entry *entry, uint32_t index, bool again)
{
    bool made = entry->doing == CK_DID_MAKE || (entry->doing == CK_DID_REPLACE && index == 0);
    if (made) {
        o->unmade = !again;
    } else if (entry->doing == CK_DID_ERASE) {
        ck_board_hide_erased(o, entry->number, !again);
    } else if (!again && o->gone_by == entry->number) {
        o->gone_by = 0;
    } else if (again && o->gone_by == 0) {
        o->gone_by = entry->number;
    }
}

static void flip(ck_board *b, ck_board_entry *entry, bool again)
{
    b->sum -= ck_board_hash_entry(entry);
    entry->undone = !again;
    b->sum += ck_board_hash_entry(entry);
    if (entry->doing == CK_DID_CLEAR) {
        ck_board_recompute_cleared(b, entry->page);
    }
    for (uint32_t i = 0; i < entry->count; i++) {
        ck_board_object *o = ck_board_own(b, entry->refs[i].id);
        if (o == NULL) {
            continue;
        }
        ck_board_begin(b, o);
        if (entry->doing >= CK_DID_TRANSFORM && entry->doing <= CK_DID_ORDER) {
            change_back(o, entry, &entry->refs[i], again);
        } else {
            make_back(o, entry, i, again);
        }
        ck_board_end(b, o);
    }
}

void ck_board_undo(ck_board *b, ck_board_entry *entry)
{
    flip(b, entry, false);
}

void ck_board_redo(ck_board *b, ck_board_entry *entry)
{
    flip(b, entry, true);
}
