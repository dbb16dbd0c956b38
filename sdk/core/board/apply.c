/* What each operation changes. */
#include "core/board/apply.h"
#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

/* --- making -------------------------------------------------------------------------------- */

static uint64_t id_of(const ck_board_doing_now *d, uint32_t index)
{
    return ck_board_id(d->event->author, d->op->term, d->event->counter, index);
}

static int remember(const ck_board_doing_now *d, ck_board_entry *entry, uint32_t index)
{
    entry->id = id_of(d, index);
    entry->number = d->event->number;
    return ck_board_remember(d->b, entry, d->event->author);
}

static int32_t next_in_front(const ck_board_doing_now *d, uint64_t number)
{
    ck_board_page *page = ck_board_own_page(d->b, number);
    if (page == NULL) {
        return 0;
    }
    ck_board_begin_page(d->b, page);
    page->front++;
    ck_board_end_page(d->b, page);
    return page->front;
}

/* Makes one, and remembers it with what it replaces. */
static int make(const ck_board_doing_now *d, ck_board_object *o, uint32_t index)
{
    o->id = id_of(d, index);
    o->born = d->event->number;
    o->page = (uint16_t)d->op->page;
    if (!ck_board_measure(o->kind, ck_bytes_of(o->body, o->body_size), o->unit, &o->box)) {
        return CHALK_OK;
    }
    if (ck_board_own_page(d->b, o->page) == NULL || ck_board_add(d->b, o) == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_entry *entry = ck_board_entry_new(d->b, CK_DID_MAKE, 1);
    if (entry == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    entry->refs[0].id = o->id;
    entry->count = 1;
    return remember(d, entry, index);
}

static int draw(const ck_board_doing_now *d)
{
    const ck_board_op *op = d->op;
    ck_board_strokes strokes = ck_board_strokes_of(op->rest);
    ck_bytes points;
    int status = CHALK_OK;
    for (uint32_t i = 0; status == CHALK_OK && ck_board_next_stroke(&strokes, &points); i++) {
        const int64_t step = INT64_C(1) << (op->tool >> 4);
        ck_board_object o = {
            .kind = (uint8_t)(op->tool & 15),
            .unit = (uint8_t)(op->tool >> 4),
            .body = points.data,
            .body_size = (uint32_t)points.size,
            .x = (int32_t)(strokes.x * step),
            .y = (int32_t)(strokes.y * step),
            .sx = CK_BOARD_SCALE_ONE,
            .sy = CK_BOARD_SCALE_ONE,
            .colour = (uint32_t)op->colour,
            .width = (uint32_t)op->width,
            .z = next_in_front(d, op->page),
        };
        status = make(d, &o, i);
    }
    return status;
}

/* Beside its making, the deletion of what it stands for: one entry, undone as one. */
static int replace(const ck_board_doing_now *d, ck_board_object *o)
{
    ck_board_object *old = ck_board_own(d->b, d->op->replaces);
    ck_board_entry *entry = ck_board_entry_new(d->b, CK_DID_REPLACE, 2);
    if (old == NULL || entry == NULL) {
        ck_free(d->b->alloc, entry);
        return CHALK_ERR_NO_MEMORY;
    }
    o->z = old->z;
    if (ck_board_add(d->b, o) == NULL) {
        ck_free(d->b->alloc, entry);
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_begin(d->b, old);
    old->gone_by = d->event->number;
    ck_board_end(d->b, old);
    entry->refs[0].id = o->id;
    entry->refs[1].id = old->id;
    entry->count = 2;
    return remember(d, entry, 0);
}

static int put(const ck_board_doing_now *d)
{
    const ck_board_op *op = d->op;
    ck_board_object o = {
        .id = id_of(d, 0),
        .born = d->event->number,
        .page = (uint16_t)op->page,
        .kind = (uint8_t)op->kind,
        .body = op->rest.data,
        .body_size = (uint32_t)op->rest.size,
        .x = (int32_t)op->x,
        .y = (int32_t)op->y,
        .sx = CK_BOARD_SCALE_ONE,
        .sy = CK_BOARD_SCALE_ONE,
        .colour = (uint32_t)op->colour,
        .fill = (uint32_t)op->fill,
        .width = (uint32_t)op->width,
    };
    if (op->replaces == 0) {
        o.z = next_in_front(d, op->page);
        return make(d, &o, 0);
    }
    return ck_board_measure(o.kind, op->rest, 0, &o.box) ? replace(d, &o) : CHALK_OK;
}

/* --- changing what is there ---------------------------------------------------------------- */

static int copy_one(const ck_board_doing_now *d, const ck_board_object *from, ck_board_entry *entry)
{
    ck_board_object o;
    if (!ck_board_transform(d->op, from, &o)) {
        return CHALK_OK;
    }
    o.id = id_of(d, entry->count);
    o.born = d->event->number;
    o.page = (uint16_t)d->op->page;
    o.z = next_in_front(d, d->op->page);
    o.erased = NULL;
    o.erased_count = 0;
    ck_board_object *made = ck_board_add(d->b, &o);
    if (made == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    entry->refs[entry->count++].id = o.id;
    ck_board_begin(d->b, made);
    int status = CHALK_OK;
    for (uint32_t i = 0; i < from->erased_count && status == CHALK_OK; i++) {
        if (!(from->erased[i].by & CK_BOARD_HIDDEN)) {
            status = ck_board_erase(d->b, made, 0, from->erased[i].range);
        }
    }
    ck_board_settle_erased(d->b, made, 0);
    ck_board_end(d->b, made);
    return status;
}

static void transform_one(const ck_board_doing_now *d, ck_board_object *o, ck_board_ref *ref)
{
    ck_board_object to;
    if (ck_board_transform(d->op, o, &to)) {
        const int32_t numbers[6] = {to.x - o->x, to.y - o->y, o->sx, to.sx, o->sy, to.sy};
        memcpy(ref->numbers, numbers, sizeof numbers);
        o->x = to.x;
        o->y = to.y;
        o->sx = to.sx;
        o->sy = to.sy;
    }
}

static void style_one(const ck_board_doing_now *d, ck_board_object *o, ck_board_ref *ref)
{
    const ck_board_op *op = d->op;
    const int32_t numbers[6] = {(int32_t)o->colour, (int32_t)(uint32_t)op->colour,
                                (int32_t)o->fill,   (int32_t)(uint32_t)op->fill,
                                (int32_t)o->width,  (int32_t)(uint32_t)op->width};
    memcpy(ref->numbers, numbers, sizeof numbers);
    o->colour = op->mask & CK_BOARD_COLOUR ? (uint32_t)op->colour : o->colour;
    o->fill = op->mask & CK_BOARD_FILL ? (uint32_t)op->fill : o->fill;
    o->width = op->mask & CK_BOARD_WIDTH ? (uint32_t)op->width : o->width;
}

static int order_one(const ck_board_doing_now *d, ck_board_object *o, ck_board_ref *ref)
{
    ck_board_page *page = ck_board_own_page(d->b, o->page);
    if (page == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_begin_page(d->b, page);
    int32_t z = d->op->front ? ++page->front : --page->back;
    ck_board_end_page(d->b, page);
    ref->numbers[0] = o->z;
    ref->numbers[1] = z;
    o->z = z;
    return CHALK_OK;
}

static int change_one(const ck_board_doing_now *d, uint64_t id, ck_board_entry *entry)
{
    ck_board_object *o = ck_board_own(d->b, id);
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (d->op->code == CK_BOARD_COPY) {
        return copy_one(d, o, entry);
    }
    ck_board_ref *ref = &entry->refs[entry->count++];
    int status = CHALK_OK;
    ref->id = id;
    ck_board_begin(d->b, o);
    switch (d->op->code) {
    case CK_BOARD_DELETE:
        o->gone_by = d->event->number;
        break;
    case CK_BOARD_STYLE:
        style_one(d, o, ref);
        break;
    case CK_BOARD_ORDER:
        status = order_one(d, o, ref);
        break;
    default:
        transform_one(d, o, ref);
        break;
    }
    ck_board_end(d->b, o);
    return status;
}

static int change(const ck_board_doing_now *d)
{
    static const uint8_t doings[CK_BOARD_CODES] = {
        [CK_BOARD_DELETE] = CK_DID_DELETE,   [CK_BOARD_MOVE] = CK_DID_TRANSFORM,
        [CK_BOARD_SCALE] = CK_DID_TRANSFORM, [CK_BOARD_STYLE] = CK_DID_STYLE,
        [CK_BOARD_ORDER] = CK_DID_ORDER,     [CK_BOARD_COPY] = CK_DID_MAKE,
    };
    ck_board_ids ids = ck_board_ids_of(d->op->rest);
    ck_board_entry *entry = ck_board_entry_new(d->b, doings[d->op->code], ids.left);
    uint64_t id;
    int status = entry != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    while (status == CHALK_OK && ck_board_next_id(&ids, &id)) {
        if (ck_board_finds(d->b, d->op, ck_board_find(d->b, id))) {
            status = change_one(d, id, entry);
        }
    }
    if (status < 0) {
        ck_free(d->b->alloc, entry);
        return status;
    }
    entry->mask = (uint8_t)d->op->mask;
    return remember(d, entry, 0);
}

static int erase_one(const ck_board_doing_now *d, ck_board_erased *e, uint64_t id)
{
    ck_board_object *o = ck_board_own(d->b, id);
    ck_board_range range;
    if (o == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = CHALK_OK;
    ck_board_begin(d->b, o);
    while (status == CHALK_OK && ck_board_next_range(e, &range)) {
        status = ck_board_erase(d->b, o, d->event->number, range);
    }
    ck_board_end(d->b, o);
    return status;
}

static uint32_t count_erased(ck_bytes rest)
{
    ck_board_erased e = ck_board_erased_of(rest);
    uint64_t id;
    uint32_t count = 0;
    while (ck_board_next_erased(&e, &id)) {
        count++;
    }
    return count;
}

static int erase(const ck_board_doing_now *d)
{
    ck_board_entry *entry = ck_board_entry_new(d->b, CK_DID_ERASE, count_erased(d->op->rest));
    ck_board_erased e = ck_board_erased_of(d->op->rest);
    uint64_t id;
    int status = entry != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    while (status == CHALK_OK && ck_board_next_erased(&e, &id)) {
        if (ck_board_finds(d->b, d->op, ck_board_find(d->b, id))) {
            entry->refs[entry->count++].id = id;
            status = erase_one(d, &e, id);
        }
    }
    if (status < 0) {
        ck_free(d->b->alloc, entry);
        return status;
    }
    return remember(d, entry, 0);
}

/* --- all of it ----------------------------------------------------------------------------- */

static int apply_code(const ck_board_doing_now *d)
{
    switch (d->op->code) {
    case CK_BOARD_DRAW:
        return draw(d);
    case CK_BOARD_PUT:
        return put(d);
    case CK_BOARD_ERASE:
        return erase(d);
    case CK_BOARD_CLEAR:
        return ck_board_do_clear(d);
    case CK_BOARD_UNDO:
        ck_board_undo(d->b, ck_board_next_undo(d->b, d->event->author));
        return CHALK_OK;
    case CK_BOARD_REDO:
        ck_board_redo(d->b, ck_board_next_redo(d->b, d->event->author));
        return CHALK_OK;
    case CK_BOARD_PAGES:
        return ck_board_do_new_pages(d);
    case CK_BOARD_REMOVE:
        ck_board_remove_page(d->b, d->op->page);
        return CHALK_OK;
    case CK_BOARD_PLACE:
        ck_board_place_page(d->b, d->op->page, d->op->after);
        return CHALK_OK;
    case CK_BOARD_BACKGROUND:
    case CK_BOARD_ACCESS:
        return ck_board_do_change_page(d);
    case CK_BOARD_VIEW:
        ck_board_do_view(d);
        return CHALK_OK;
    default:
        return change(d);
    }
}

static int count_author(const ck_board_doing_now *d)
{
    ck_board_author *author = ck_board_author_place(d->b, d->event->author);
    if (author == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_take_author(d->b, author);
    author->term = (uint32_t)d->op->term;
    author->counter = (uint32_t)d->event->counter;
    ck_board_add_author(d->b, author);
    return CHALK_OK;
}

int ck_board_apply(ck_board *b, const ck_board_event *event)
{
    ck_board_op op;
    int status = ck_board_need_first_page(b);
    if (status < 0 || ck_board_judge(b, NULL, event, &op) != CK_REASON_NONE) {
        return status;
    }
    const ck_board_doing_now d = {b, event, &op};
    b->changes++;
    status = count_author(&d);
    return status == CHALK_OK ? apply_code(&d) : status;
}
