/* A board made of bytes that anybody may have written. */
#include "core/board/snapshot.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/board/rest.h"

#include <string.h>

/* A number up to `most`; more fails the reader. */
static uint64_t get(ck_reader *r, uint64_t most)
{
    uint64_t value = ck_wire_get_varint(r);
    r->failed = r->failed || value > most;
    return r->failed ? 0 : value;
}

static int64_t get_signed(ck_reader *r, int64_t most)
{
    int64_t value = ck_board_get_signed(r);
    r->failed = r->failed || value > most || value < -most;
    return r->failed ? 0 : value;
}

static uint64_t get_id(ck_reader *r, uint64_t before)
{
    uint64_t folded = ck_wire_get_varint(r);
    return before + (folded & 1 ? 0 - (folded >> 1) : folded >> 1);
}

/* 0: no author of the board, so no id. */
static uint64_t get_told_id(ck_reader *r, ck_snap_ids *ids)
{
    uint64_t author = ck_wire_get_varint(r);
    uint64_t *last = ck_snap_last(ids, author);
    uint64_t id = last != NULL ? get_id(r, *last) : 0;
    if (ck_board_author_of(id) != author || id == 0) {
        r->failed = true;
        return 0;
    }
    return *last = id;
}

/* Below what a page's front and back may be there is room for a thousand million more. */
#define Z_MOST (INT32_MAX / 2)

static int read_page(ck_board *b, ck_reader *r, uint32_t place, uint32_t *count)
{
    ck_board_page page = {.number = (uint16_t)get(r, CK_BOARD_PAGE_NUMBER)};
    page.access = (uint8_t)get(r, CK_BOARD_SOME + CK_BOARD_OPEN);
    page.named_count = (uint8_t)get(r, CK_BOARD_NAMED);
    for (uint32_t i = 0; i < page.named_count; i++) {
        page.named[i] = ck_wire_get_varint(r);
    }
    page.background.kind = get(r, CK_BOARD_DECK);
    if (page.background.kind >= CK_BOARD_PICTURE) {
        const uint8_t *hash = ck_read_bytes(r, CK_BOARD_HASH);
        memcpy(page.background.hash, hash != NULL ? hash : page.background.hash,
               hash != NULL ? CK_BOARD_HASH : 0);
        page.background.deck_page = get(r, 2 * UINT16_MAX);
    }
    page.floor = get(r, INT64_MAX);
    page.cleared = page.floor + get(r, INT64_MAX);
    page.front = (int32_t)get_signed(r, Z_MOST);
    page.back = (int32_t)get_signed(r, Z_MOST);
    *count = (uint32_t)get(r, CK_BOARD_ON_PAGE_MAX);
    if (r->failed || page.number == 0 ||
        (b->page_size > 0 && ck_board_find_page(b, page.number) != NULL)) {
        return CHALK_ERR_BAD_DATA;
    }
    return ck_board_add_page(b, &page, place);
}

static int read_authors(ck_board *b, ck_reader *r)
{
    uint64_t count = get(r, CK_BOARD_AUTHORS_MAX), before = 0;
    for (uint64_t i = 0; i < count; i++) {
        ck_board_author read = {.id = get(r, CK_BOARD_AUTHORS_MAX)};
        read.term = (uint32_t)get(r, CK_BOARD_TERM_MAX);
        read.counter = (uint32_t)get(r, CK_BOARD_COUNTER_MAX);
        if (r->failed || read.id <= before) {
            return CHALK_ERR_BAD_DATA;
        }
        before = read.id;
        ck_board_author *author = ck_board_author_place(b, read.id);
        if (author == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        ck_board_take_author(b, author);
        *author = read;
        ck_board_add_author(b, author);
    }
    return CHALK_OK;
}

static bool is_scale(int32_t scale)
{
    return scale != 0 && ck_board_size_of(scale) <= CK_BOARD_SCALE_MAX;
}

/* Undoing takes these for true: they must be what an operation can have done. */
static bool are_sound(uint8_t doing, const int32_t n[6])
{
    const uint64_t most = 4 * CK_BOARD_COORD_MAX;
    switch (doing) {
    case CK_DID_TRANSFORM:
        return ck_board_size_of(n[0]) <= most && ck_board_size_of(n[1]) <= most && is_scale(n[2]) &&
               is_scale(n[3]) && is_scale(n[4]) && is_scale(n[5]);
    case CK_DID_STYLE:
        return n[4] >= 0 && n[4] <= CK_BOARD_WIDTH_MAX && n[5] >= 0 && n[5] <= CK_BOARD_WIDTH_MAX;
    default:
        return true;
    }
}

static void read_refs(ck_reader *r, ck_board_entry *entry, uint32_t count)
{
    uint64_t before = entry->id;
    for (entry->count = 0; entry->count < count && !r->failed; entry->count++) {
        ck_board_ref *ref = &entry->refs[entry->count];
        ref->id = before = get_id(r, before);
        for (int k = 0; k < 6 && ck_board_has_numbers(entry->doing); k++) {
            ref->numbers[k] = (int32_t)get_signed(r, (int64_t)INT32_MAX + 1);
        }
        r->failed = r->failed || !are_sound(entry->doing, ref->numbers);
    }
}

static int read_entry(ck_board *b, ck_reader *r, ck_snap_ids *ids)
{
    uint64_t id = get_told_id(r, ids), number = get(r, INT64_MAX), what = get(r, 255);
    uint64_t doing = what >> 4, said = get(r, CK_BOARD_PAGE_NUMBER);
    bool clear = doing == CK_DID_CLEAR, plain = doing == CK_DID_MAKE && said == 0;
    uint32_t count = clear ? 0 : plain ? 1 : (uint32_t)said;
    bool fits = doing > 0 && doing < CK_DID_KINDS && (clear || count > 0) &&
                count <= CK_BOARD_IDS && (doing != CK_DID_REPLACE || count == 2) &&
                b->ref_count + count <= CK_BOARD_UNDO_REFS;
    if (r->failed || !fits) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_board_entry *entry = ck_board_entry_new(b, (enum ck_board_doing)doing, count);
    if (entry == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    entry->id = id;
    entry->author = ck_board_author_of(id);
    entry->number = number + (b->newest != NULL ? b->newest->number : 0);
    entry->mask = what >> 1 & 7;
    entry->undone = what & 1;
    entry->page = (uint16_t)(clear ? said : 0);
    if (plain) {
        entry->refs[0].id = id;
        entry->count = 1;
    } else {
        read_refs(r, entry, count);
    }
    if (r->failed || entry->number > INT64_MAX) {
        ck_free(b->alloc, entry);
        return CHALK_ERR_BAD_DATA;
    }
    return ck_board_append_entry(b, entry);
}

static int read_erased(ck_board *b, ck_reader *r, ck_board_object *o)
{
    uint64_t count = get(r, CK_BOARD_RANGES);
    const uint64_t most = CK_STROKE_POINTS_MAX * CK_BOARD_ERASE_STEPS;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t by = get(r, INT64_MAX), from = get(r, most), size = get(r, most);
        if (r->failed || from + size > most || size == 0) {
            return CHALK_ERR_BAD_DATA;
        }
        const ck_board_range range = {(uint32_t)from, (uint32_t)(from + size)};
        int status = ck_board_erase(b, o, by >> 1, range);
        if (status < 0) {
            return status;
        }
        ck_board_hide_erased(o, by >> 1, by & 1);
    }
    return CHALK_OK;
}

/* The members of a style, a place and so on; the erased parts come after. */
static void read_members(ck_reader *r, uint32_t flags, ck_board_object *o)
{
    if (!(flags & CK_SNAP_SAME_STYLE)) {
        uint8_t kind = ck_read_u8(r);
        o->kind = kind & 15;
        o->unit = kind >> 4;
        o->colour = (uint32_t)get(r, UINT32_MAX);
        o->width = (uint32_t)get(r, CK_BOARD_WIDTH_MAX);
    }
    const int64_t most = 2 * CK_BOARD_COORD_MAX;
    int64_t step =
        flags & CK_SNAP_IN_UNITS && o->unit <= CK_STROKE_UNIT_MAX ? INT64_C(1) << o->unit : 1;
    int64_t x = o->x + get_signed(r, 2 * most) * step, y = o->y + get_signed(r, 2 * most) * step;
    r->failed = r->failed || x < -most || x > most || y < -most || y > most;
    o->x = (int32_t)(r->failed ? 0 : x);
    o->y = (int32_t)(r->failed ? 0 : y);
    o->z = (int32_t)(flags & CK_SNAP_NEXT_IN_FRONT ? (int64_t)o->z + (o->z < INT32_MAX)
                                                   : get_signed(r, INT32_MAX));
    o->sx =
        (int32_t)(flags & CK_SNAP_SCALED ? get_signed(r, CK_BOARD_SCALE_MAX) : CK_BOARD_SCALE_ONE);
    o->sy =
        (int32_t)(flags & CK_SNAP_SCALED ? get_signed(r, CK_BOARD_SCALE_MAX) : CK_BOARD_SCALE_ONE);
    o->fill = (uint32_t)(flags & CK_SNAP_FILLED ? get(r, UINT32_MAX) : 0);
    o->gone_by = flags & CK_SNAP_GONE ? get(r, INT64_MAX) : 0;
    o->unmade = (flags & CK_SNAP_UNMADE) != 0;
}

/* `o` is the one before, and becomes this one. */
static int read_object(ck_board *b, ck_reader *r, ck_snap_ids *ids, ck_board_object *o)
{
    uint32_t flags = ck_read_u8(r);
    o->id = get_told_id(r, ids);
    o->born += get(r, INT64_MAX - o->born);
    read_members(r, flags, o);
    ck_board_object parts = {0};
    int status = flags & CK_SNAP_ERASED ? read_erased(b, r, &parts) : CHALK_OK;
    uint64_t size = status == CHALK_OK ? get(r, ck_reader_left(r)) : 0;
    o->body = ck_read_bytes(r, (size_t)size);
    o->body_size = (uint32_t)size;
    bool sound = !r->failed && o->kind > 0 && o->kind < CK_BOARD_KINDS && o->sx != 0 &&
                 o->sy != 0 && o->unit <= CK_STROKE_UNIT_MAX && ck_board_find(b, o->id) == NULL &&
                 ck_board_measure(o->kind, ck_bytes_of(o->body, o->body_size), o->unit, &o->box);
    if (status == CHALK_OK && !sound) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK &&
        (b->count >= CK_BOARD_OBJECTS_MAX || b->body_bytes + o->body_size > CK_BOARD_BODIES_MAX ||
         b->erased_count > CK_BOARD_ERASED_MAX)) {
        status = CHALK_ERR_TOO_LARGE;
    }
    ck_board_object *made = status == CHALK_OK ? ck_board_add(b, o) : NULL;
    if (made == NULL) {
        ck_free(b->alloc, parts.erased);
        return status < 0 ? status : CHALK_ERR_NO_MEMORY;
    }
    ck_board_begin(b, made);
    made->erased = parts.erased;
    made->erased_count = parts.erased_count;
    ck_board_end(b, made);
    return CHALK_OK;
}

static int read_objects(ck_board *b, ck_reader *r, ck_snap_ids *ids, const uint32_t *counts)
{
    int status = CHALK_OK;
    for (uint32_t i = 0; i < b->page_count; i++) {
        ck_board_object before = {0};
        before.page = b->order[i];
        for (uint32_t k = 0; k < counts[i] && status == CHALK_OK; k++) {
            status = read_object(b, r, ids, &before);
        }
    }
    return status;
}

static void read_view(ck_board *b, ck_reader *r)
{
    b->view.leader = get(r, CK_BOARD_AUTHORS_MAX);
    b->view.page = (uint16_t)get(r, CK_BOARD_PAGE_NUMBER);
    b->view.x = (int32_t)get_signed(r, CK_BOARD_COORD_MAX);
    b->view.y = (int32_t)get_signed(r, CK_BOARD_COORD_MAX);
    b->view.zoom = (uint32_t)get(r, CK_BOARD_SCALE_MAX);
}

static int read_all(ck_board *b, ck_reader *r, uint32_t *counts, uint32_t pages)
{
    int status = CHALK_OK;
    for (uint32_t i = 0; i < pages && status == CHALK_OK; i++) {
        status = read_page(b, r, i, &counts[i]);
    }
    if (status == CHALK_OK) {
        status = read_authors(b, r);
    }
    ck_snap_ids of_entries = ck_snap_ids_of(b), of_objects = ck_snap_ids_of(b);
    if (status == CHALK_OK && (of_entries.last == NULL || of_objects.last == NULL)) {
        status = CHALK_ERR_NO_MEMORY;
    }
    uint64_t entries = status == CHALK_OK ? get(r, CK_BOARD_UNDO_ALL) : 0;
    for (uint64_t i = 0; i < entries && status == CHALK_OK; i++) {
        status = read_entry(b, r, &of_entries);
    }
    if (status == CHALK_OK) {
        read_view(b, r);
        status = read_objects(b, r, &of_objects, counts);
    }
    ck_free(b->alloc, of_entries.last);
    ck_free(b->alloc, of_objects.last);
    bool whole = !r->failed && ck_reader_left(r) == 0;
    return status == CHALK_OK && !whole ? CHALK_ERR_BAD_DATA : status;
}

int ck_board_read(ck_board *b, ck_bytes snapshot)
{
    const ck_alloc *alloc = b->alloc;
    uint64_t changes = b->changes + 1;
    ck_board_free(b);
    ck_board_init(b, alloc);
    b->changes = changes;
    if (snapshot.size == 0) {
        return CHALK_OK;
    }
    ck_reader r = ck_reader_of(snapshot.data, snapshot.size);
    uint64_t version = ck_wire_get_varint(&r), pages = get(&r, CK_BOARD_PAGES_MAX);
    if (r.failed || version != CK_SNAP_VERSION) {
        return CHALK_ERR_BAD_DATA;
    }
    uint32_t *counts = ck_new_array(alloc, pages + 1, sizeof *counts);
    int status = counts != NULL ? read_all(b, &r, counts, (uint32_t)pages) : CHALK_ERR_NO_MEMORY;
    ck_free(alloc, counts);
    if (status < 0) {
        ck_board_free(b);
        ck_board_init(b, alloc);
        b->changes = changes;
    }
    return status;
}
