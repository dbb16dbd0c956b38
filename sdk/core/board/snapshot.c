/* A board as bytes: pages in their order, authors, what can be undone, then each page's objects in
 * order of birth, told as differences from the one before. */
#include "core/board/snapshot.h"

static void put_id(ck_buf *out, uint64_t id, uint64_t before)
{
    uint64_t step = id - before;
    bool back = step > INT64_MAX;
    ck_wire_put_varint(out, back ? (0 - step) << 1 | 1 : step << 1);
}

/* Author and difference: consecutive ids of one author are near each other. */
static void put_told_id(ck_buf *out, ck_snap_ids *ids, uint64_t id)
{
    uint64_t *last = ck_snap_last(ids, ck_board_author_of(id));
    if (last == NULL) {
        out->failed = true;
        return;
    }
    ck_wire_put_varint(out, ck_board_author_of(id));
    put_id(out, id, *last);
    *last = id;
}

static void put_page(const ck_board_page *page, ck_buf *out)
{
    ck_wire_put_varint(out, page->number);
    ck_wire_put_varint(out, page->access);
    ck_wire_put_varint(out, page->named_count);
    for (uint32_t i = 0; i < page->named_count; i++) {
        ck_wire_put_varint(out, page->named[i]);
    }
    ck_wire_put_varint(out, page->background.kind);
    if (page->background.kind >= CK_BOARD_PICTURE) {
        ck_buf_put(out, page->background.hash, CK_BOARD_HASH);
        ck_wire_put_varint(out, page->background.deck_page);
    }
    ck_wire_put_varint(out, page->floor);
    ck_wire_put_varint(out, page->cleared - page->floor);
    ck_board_put_signed(out, page->front);
    ck_board_put_signed(out, page->back);
    ck_wire_put_varint(out, page->count);
}

/* One object made, its own: the usual case. */
static bool is_plain(const ck_board_entry *entry)
{
    return entry->doing == CK_DID_MAKE && entry->count == 1 && entry->refs[0].id == entry->id;
}

static void put_entry(const ck_board_entry *entry, uint64_t number, ck_snap_ids *ids, ck_buf *out)
{
    uint64_t before = entry->id;
    put_told_id(out, ids, entry->id);
    ck_wire_put_varint(out, entry->number - number);
    ck_wire_put_varint(out,
                       (uint64_t)entry->doing << 4 | (uint64_t)entry->mask << 1 | entry->undone);
    if (entry->doing == CK_DID_CLEAR) {
        ck_wire_put_varint(out, entry->page);
        return;
    }
    ck_wire_put_varint(out, is_plain(entry) ? 0 : entry->count);
    for (uint32_t i = 0; i < entry->count && !is_plain(entry); i++) {
        put_id(out, entry->refs[i].id, before);
        before = entry->refs[i].id;
        for (int k = 0; k < 6 && ck_board_has_numbers(entry->doing); k++) {
            ck_board_put_signed(out, entry->refs[i].numbers[k]);
        }
    }
}

static void put_erased(const ck_board_object *o, ck_buf *out)
{
    ck_wire_put_varint(out, o->erased_count);
    for (uint32_t i = 0; i < o->erased_count; i++) {
        const ck_board_erasure *e = &o->erased[i];
        ck_wire_put_varint(out, (e->by & ~CK_BOARD_HIDDEN) << 1 | ((e->by & CK_BOARD_HIDDEN) != 0));
        ck_wire_put_varint(out, e->range.from);
        ck_wire_put_varint(out, e->range.to - e->range.from);
    }
}

static uint32_t flags_of(const ck_board_object *o, const ck_board_object *before)
{
    bool same = o->kind == before->kind && o->unit == before->unit && o->colour == before->colour &&
                o->width == before->width;
    int64_t step = INT64_C(1) << o->unit;
    bool units =
        o->x % step == 0 && o->y % step == 0 && before->x % step == 0 && before->y % step == 0;
    bool scaled = o->sx != CK_BOARD_SCALE_ONE || o->sy != CK_BOARD_SCALE_ONE;
    return (same ? CK_SNAP_SAME_STYLE : 0u) | (units ? CK_SNAP_IN_UNITS : 0u) |
           (o->z == (int64_t)before->z + 1 ? CK_SNAP_NEXT_IN_FRONT : 0u) |
           (scaled ? CK_SNAP_SCALED : 0u) | (o->fill != 0 ? CK_SNAP_FILLED : 0u) |
           (o->gone_by != 0 ? CK_SNAP_GONE : 0u) | (o->unmade ? CK_SNAP_UNMADE : 0u) |
           (o->erased_count > 0 ? CK_SNAP_ERASED : 0u);
}

static void put_object(const ck_board_object *o, const ck_board_object *before, ck_snap_ids *ids,
                       ck_buf *out)
{
    uint32_t flags = flags_of(o, before);
    int64_t step = flags & CK_SNAP_IN_UNITS ? INT64_C(1) << o->unit : 1;
    ck_buf_put_u8(out, (uint8_t)flags);
    put_told_id(out, ids, o->id);
    ck_wire_put_varint(out, o->born - before->born);
    if (!(flags & CK_SNAP_SAME_STYLE)) {
        ck_buf_put_u8(out, (uint8_t)(o->kind | o->unit << 4));
        ck_wire_put_varint(out, o->colour);
        ck_wire_put_varint(out, o->width);
    }
    ck_board_put_signed(out, ((int64_t)o->x - before->x) / step);
    ck_board_put_signed(out, ((int64_t)o->y - before->y) / step);
    if (!(flags & CK_SNAP_NEXT_IN_FRONT)) {
        ck_board_put_signed(out, o->z);
    }
    if (flags & CK_SNAP_SCALED) {
        ck_board_put_signed(out, o->sx);
        ck_board_put_signed(out, o->sy);
    }
    if (flags & CK_SNAP_FILLED) {
        ck_wire_put_varint(out, o->fill);
    }
    if (flags & CK_SNAP_GONE) {
        ck_wire_put_varint(out, o->gone_by);
    }
    if (flags & CK_SNAP_ERASED) {
        put_erased(o, out);
    }
    ck_wire_put_varint(out, o->body_size);
    ck_buf_put(out, o->body, o->body_size);
}

static void put_objects(const ck_board_page *page, ck_snap_ids *ids, ck_buf *out)
{
    static const ck_board_object none = {0};
    const ck_board_object *before = &none;
    for (const ck_board_object *o = page->first; o != NULL; o = o->page_next) {
        put_object(o, before, ids, out);
        before = o;
    }
}

void ck_board_write(const ck_board *b, ck_buf *out)
{
    ck_wire_put_varint(out, CK_SNAP_VERSION);
    ck_wire_put_varint(out, b->page_count);
    for (uint32_t i = 0; i < b->page_count; i++) {
        put_page(b->pages[b->order[i]], out);
    }
    ck_wire_put_varint(out, b->author_count);
    for (uint32_t i = 0; i < b->author_count; i++) {
        ck_wire_put_varint(out, b->authors[i].id);
        ck_wire_put_varint(out, b->authors[i].term);
        ck_wire_put_varint(out, b->authors[i].counter);
    }
    ck_wire_put_varint(out, b->entry_count);
    ck_snap_ids entries = ck_snap_ids_of(b), objects = ck_snap_ids_of(b);
    for (const ck_board_entry *e = b->oldest; e != NULL; e = e->next) {
        put_entry(e, e->before != NULL ? e->before->number : 0, &entries, out);
    }
    ck_wire_put_varint(out, b->view.leader);
    ck_wire_put_varint(out, b->view.page);
    ck_board_put_signed(out, b->view.x);
    ck_board_put_signed(out, b->view.y);
    ck_wire_put_varint(out, b->view.zoom);
    for (uint32_t i = 0; i < b->page_count; i++) {
        put_objects(b->pages[b->order[i]], &objects, out);
    }
    ck_free(b->alloc, entries.last);
    ck_free(b->alloc, objects.last);
}
