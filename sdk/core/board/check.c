/* Who may do what, and what makes no sense: asked by the edge with rights, by applying without. */
#include "core/board/judge.h"

#include "base/check.h"

bool ck_board_may_draw(const ck_board *b, const ck_board_who *who, uint64_t number)
{
    const ck_board_page *page = ck_board_find_page(b, number);
    if (page == NULL || !who->draws) {
        return false;
    }
    uint8_t access = page->access & 3;
    if (who->staff || access == CK_BOARD_ALL) {
        return true;
    }
    for (uint32_t i = 0; i < page->named_count && access == CK_BOARD_SOME; i++) {
        if (page->named[i] == who->id) {
            return true;
        }
    }
    return false;
}

/* who NULL: rights are not asked. */
static bool may_change(const ck_board *b, const ck_board_who *who, const ck_board_object *o)
{
    if (who == NULL) {
        return true;
    }
    const ck_board_page *page = ck_board_find_page(b, o->page);
    bool own = ck_board_author_of(o->id) == who->id;
    bool open = page != NULL && (page->access & CK_BOARD_OPEN);
    return ck_board_may_draw(b, who, o->page) && (who->staff || own || open);
}

/* Whether the operation finds it: a deletion also takes over what another deleted. */
bool ck_board_finds(const ck_board *b, const ck_board_op *op, const ck_board_object *o)
{
    if (o == NULL || o->unmade || ck_board_was_cleared(b, o)) {
        return false;
    }
    return o->gone_by == 0 || op->code == CK_BOARD_DELETE;
}

static bool is_scale(int64_t scale)
{
    int64_t size = scale < 0 ? -scale : scale;
    return size >= CK_BOARD_SCALE_MIN && size <= CK_BOARD_SCALE_MAX;
}

bool ck_board_transform(const ck_board_op *op, const ck_board_object *o, ck_board_object *out)
{
    int64_t x = o->x + op->x, y = o->y + op->y, sx = o->sx, sy = o->sy;
    if (op->code == CK_BOARD_SCALE) {
        x = op->x + ck_board_scaled(o->x - op->x, op->fx);
        y = op->y + ck_board_scaled(o->y - op->y, op->fy);
        sx = ck_board_scaled(o->sx, op->fx);
        sy = ck_board_scaled(o->sy, op->fy);
    }
    if (x < -CK_BOARD_COORD_MAX || x > CK_BOARD_COORD_MAX || y < -CK_BOARD_COORD_MAX ||
        y > CK_BOARD_COORD_MAX || !is_scale(sx) || !is_scale(sy)) {
        return false;
    }
    *out = *o;
    out->x = (int32_t)x;
    out->y = (int32_t)y;
    out->sx = (int32_t)sx;
    out->sy = (int32_t)sy;
    const ck_board_box box = ck_board_box_of(out);
    const int32_t most = 2 * CK_BOARD_COORD_MAX;
    return box.left >= -most && box.top >= -most && box.right <= most && box.bottom <= most;
}

/* --- what is there ------------------------------------------------------------------------- */

static bool has_room(const ck_board *b, uint64_t page, size_t count, size_t bytes, size_t erased)
{
    const ck_board_page *on = ck_board_find_page(b, page);
    size_t all = b->count + (b->below != NULL ? b->below->count : 0);
    return on->count + count <= CK_BOARD_ON_PAGE_MAX && all + count <= CK_BOARD_OBJECTS_MAX &&
           b->body_bytes + bytes <= CK_BOARD_BODIES_MAX &&
           b->erased_count + erased <= CK_BOARD_ERASED_MAX;
}

static enum ck_reason judge_ids(const ck_board *b, const ck_board_who *who, const ck_board_op *op)
{
    ck_board_ids ids = ck_board_ids_of(op->rest);
    uint64_t id;
    size_t found = 0, bytes = 0, erased = 0;
    while (ck_board_next_id(&ids, &id)) {
        const ck_board_object *o = ck_board_find(b, id);
        ck_board_object moved;
        if (!ck_board_finds(b, op, o)) {
            continue;
        }
        found++;
        bytes += o->body_size;
        erased += o->erased_count;
        if (op->code != CK_BOARD_COPY && !may_change(b, who, o)) {
            return CK_REASON_DENIED;
        }
        bool moves =
            op->code == CK_BOARD_MOVE || op->code == CK_BOARD_SCALE || op->code == CK_BOARD_COPY;
        if (moves && !ck_board_transform(op, o, &moved)) {
            return CK_REASON_INVALID;
        }
    }
    if (found == 0) {
        return CK_REASON_NOT_FOUND;
    }
    bool fits = op->code != CK_BOARD_COPY || has_room(b, op->page, found, bytes, erased);
    return fits ? CK_REASON_NONE : CK_REASON_LIMIT;
}

static enum ck_reason judge_erased(const ck_board *b, const ck_board_who *who,
                                   const ck_board_op *op)
{
    ck_board_erased e = ck_board_erased_of(op->rest);
    uint64_t id;
    uint32_t found = 0;
    uint64_t added = 0;
    while (ck_board_next_erased(&e, &id)) {
        const ck_board_object *o = ck_board_find(b, id);
        if (!ck_board_finds(b, op, o)) {
            continue;
        }
        found++;
        if (o->kind > CK_BOARD_MARKER) {
            return CK_REASON_INVALID;
        }
        if (!may_change(b, who, o)) {
            return CK_REASON_DENIED;
        }
        added += e.left;
        if (o->erased_count + e.left > CK_BOARD_RANGES ||
            b->erased_count + added > CK_BOARD_ERASED_MAX) {
            return CK_REASON_LIMIT;
        }
    }
    return found > 0 ? CK_REASON_NONE : CK_REASON_NOT_FOUND;
}

static size_t count_strokes(ck_bytes rest)
{
    ck_board_strokes strokes = ck_board_strokes_of(rest);
    size_t count = 0;
    for (ck_bytes points; ck_board_next_stroke(&strokes, &points); count++) {
    }
    return count;
}

static enum ck_reason judge_making(const ck_board *b, const ck_board_who *who,
                                   const ck_board_op *op)
{
    size_t count = op->code == CK_BOARD_DRAW ? count_strokes(op->rest) : 1;
    if (ck_board_find_page(b, op->page) == NULL) {
        return CK_REASON_NOT_FOUND;
    }
    if (who != NULL && !ck_board_may_draw(b, who, op->page)) {
        return CK_REASON_DENIED;
    }
    if (op->code == CK_BOARD_COPY) {
        return judge_ids(b, who, op);
    }
    if (op->code == CK_BOARD_PUT && op->replaces != 0) {
        const ck_board_object *o = ck_board_find(b, op->replaces);
        if (!ck_board_finds(b, op, o) || o->page != op->page) {
            return CK_REASON_NOT_FOUND;
        }
        if (!may_change(b, who, o)) {
            return CK_REASON_DENIED;
        }
    }
    return has_room(b, op->page, count, op->rest.size, 0) ? CK_REASON_NONE : CK_REASON_LIMIT;
}

/* --- pages --------------------------------------------------------------------------------- */

static enum ck_reason judge_new_pages(const ck_board *b, const ck_board_op *op)
{
    if (op->first + op->count - 1 > CK_BOARD_PAGE_NUMBER) {
        return CK_REASON_INVALID;
    }
    if (b->page_count + op->count > CK_BOARD_PAGES_MAX) {
        return CK_REASON_LIMIT;
    }
    for (uint64_t i = 0; i < op->count; i++) {
        if (ck_board_find_page(b, op->first + i) != NULL) {
            return CK_REASON_STATE; /* somebody else was first */
        }
    }
    bool follows = op->after == 0 || ck_board_find_page(b, op->after) != NULL;
    return follows ? CK_REASON_NONE : CK_REASON_NOT_FOUND;
}

static enum ck_reason judge_page(const ck_board *b, const ck_board_op *op)
{
    bool leaves = op->code == CK_BOARD_VIEW && op->page == 0;
    if (op->code == CK_BOARD_PAGES) {
        return judge_new_pages(b, op);
    }
    if (!leaves && ck_board_find_page(b, op->page) == NULL) {
        return CK_REASON_NOT_FOUND;
    }
    if (op->code == CK_BOARD_REMOVE && b->page_count <= 1) {
        return CK_REASON_STATE; /* a board has a page */
    }
    if (op->code == CK_BOARD_VIEW && !leaves && op->zoom < CK_BOARD_SCALE_MIN) {
        return CK_REASON_INVALID;
    }
    bool after_none =
        op->code == CK_BOARD_PLACE && op->after != 0 && ck_board_find_page(b, op->after) == NULL;
    bool after_self = op->code == CK_BOARD_PLACE && op->after == op->page;
    return after_none ? CK_REASON_NOT_FOUND : after_self ? CK_REASON_INVALID : CK_REASON_NONE;
}

/* --- all of it ----------------------------------------------------------------------------- */

static enum ck_reason judge_undo(const ck_board *b, const ck_board_event *event,
                                 const ck_board_op *op)
{
    uint64_t id = ck_board_id(event->author, op->target_term, op->target_counter, op->target_index);
    uint64_t next = op->code == CK_BOARD_UNDO ? ck_board_undoable(b, event->author)
                                              : ck_board_redoable(b, event->author);
    return next != 0 && next == id ? CK_REASON_NONE : CK_REASON_NOT_FOUND;
}

/* So that no id is made twice: logins and their intents only go up. */
static enum ck_reason judge_author(const ck_board *b, const ck_board_event *event,
                                   const ck_board_op *op)
{
    const ck_board_author *author = ck_board_find_author(b, event->author);
    uint64_t term = author != NULL ? author->term : 0;
    if (event->author == 0 || event->author > CK_BOARD_AUTHORS_MAX || event->counter == 0 ||
        op->term == 0 || op->term < term || op->term > term + 1) {
        return CK_REASON_INVALID;
    }
    if (op->term == term && event->counter <= author->counter) {
        return CK_REASON_INVALID;
    }
    bool fits = event->counter <= CK_BOARD_COUNTER_MAX &&
                (author != NULL || b->author_count < CK_BOARD_AUTHORS_MAX);
    return fits ? CK_REASON_NONE : CK_REASON_LIMIT;
}

static enum ck_reason judge_code(const ck_board *b, const ck_board_who *who,
                                 const ck_board_event *event, const ck_board_op *op)
{
    switch (op->code) {
    case CK_BOARD_DRAW:
    case CK_BOARD_PUT:
    case CK_BOARD_COPY:
        return judge_making(b, who, op);
    case CK_BOARD_DELETE:
    case CK_BOARD_MOVE:
    case CK_BOARD_SCALE:
    case CK_BOARD_STYLE:
    case CK_BOARD_ORDER:
        return judge_ids(b, who, op);
    case CK_BOARD_ERASE:
        return judge_erased(b, who, op);
    case CK_BOARD_UNDO:
    case CK_BOARD_REDO:
        return judge_undo(b, event, op);
    default:
        return who == NULL || who->staff ? judge_page(b, op) : CK_REASON_DENIED;
    }
}

enum ck_reason ck_board_judge(const ck_board *b, const ck_board_who *who,
                              const ck_board_event *event, ck_board_op *op)
{
    enum ck_reason reason = ck_board_op_read(event->data, op);
    if (reason == CK_REASON_NONE && who != NULL && !who->draws) {
        return CK_REASON_DENIED;
    }
    if (reason == CK_REASON_NONE) {
        reason = judge_author(b, event, op);
    }
    return reason == CK_REASON_NONE ? judge_code(b, who, event, op) : reason;
}

enum ck_reason ck_board_check(const ck_board *b, const ck_board_who *who,
                              const ck_board_event *event)
{
    ck_board_op op;
    return ck_board_judge(b, who, event, &op);
}
