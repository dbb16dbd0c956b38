#include "core/board/rest.h"

#include <stddef.h>
#include <string.h>

/* --- the table ----------------------------------------------------------------------------- */

enum field {
    END = 0,
    PAGE,
    LEADS,
    TOOL,
    KIND,
    REPLACES,
    COLOUR,
    FILL,
    WIDTH,
    LIVE,
    X,
    Y,
    FX,
    FY,
    MASK,
    FRONT,
    TERM,
    COUNTER,
    INDEX,
    FIRST,
    COUNT,
    AFTER,
    ACCESS,
    ZOOM,
    GROUND, /* several numbers and bytes */
    FIELDS,
};

typedef struct bounds {
    uint16_t offset;
    bool is_signed;
    uint64_t least;
    uint64_t most; /* of the magnitude */
} bounds;

#define U(name, least, most)                                                                       \
    {                                                                                              \
        offsetof(ck_board_op, name), false, least, most                                            \
    }
#define S(name, most)                                                                              \
    {                                                                                              \
        offsetof(ck_board_op, name), true, 0, most                                                 \
    }

static const bounds fields[FIELDS] = {
    [PAGE] = U(page, 1, CK_BOARD_PAGE_NUMBER),
    [LEADS] = U(page, 0, CK_BOARD_PAGE_NUMBER),
    [TOOL] = U(tool, 1, 15 + 16 * CK_STROKE_UNIT_MAX),
    [KIND] = U(kind, CK_BOARD_LINE, CK_BOARD_KINDS - 1),
    [REPLACES] = U(replaces, 0, UINT64_MAX),
    [COLOUR] = U(colour, 0, UINT32_MAX),
    [FILL] = U(fill, 0, UINT32_MAX),
    [WIDTH] = U(width, 0, CK_BOARD_WIDTH_MAX),
    [LIVE] = U(live, 0, UINT32_MAX),
    [X] = S(x, CK_BOARD_COORD_MAX),
    [Y] = S(y, CK_BOARD_COORD_MAX),
    [FX] = S(fx, CK_BOARD_SCALE_MAX),
    [FY] = S(fy, CK_BOARD_SCALE_MAX),
    [MASK] = U(mask, 1, 7),
    [FRONT] = U(front, 0, 1),
    [TERM] = U(target_term, 0, CK_BOARD_TERM_MAX),
    [COUNTER] = U(target_counter, 1, CK_BOARD_COUNTER_MAX),
    [INDEX] = U(target_index, 0, 255),
    [FIRST] = U(first, 1, CK_BOARD_PAGE_NUMBER),
    [COUNT] = U(count, 1, CK_BOARD_PAGE_NUMBER),
    [AFTER] = U(after, 0, CK_BOARD_PAGE_NUMBER),
    [ACCESS] = U(access, 0, CK_BOARD_SOME + CK_BOARD_OPEN),
    [ZOOM] = U(zoom, 0, CK_BOARD_SCALE_MAX),
};

/* What stands in each operation, after code and term; `rest` is what follows. */
static const uint8_t layouts[CK_BOARD_CODES][12] = {
    [CK_BOARD_DRAW] = {PAGE, TOOL, COLOUR, WIDTH, LIVE},
    [CK_BOARD_PUT] = {PAGE, KIND, REPLACES, COLOUR, FILL, WIDTH, X, Y},
    [CK_BOARD_DELETE] = {END},
    [CK_BOARD_MOVE] = {X, Y},
    [CK_BOARD_SCALE] = {X, Y, FX, FY},
    [CK_BOARD_STYLE] = {MASK, COLOUR, FILL, WIDTH},
    [CK_BOARD_ORDER] = {FRONT},
    [CK_BOARD_COPY] = {PAGE, X, Y},
    [CK_BOARD_ERASE] = {END},
    [CK_BOARD_CLEAR] = {PAGE},
    [CK_BOARD_UNDO] = {TERM, COUNTER, INDEX},
    [CK_BOARD_REDO] = {TERM, COUNTER, INDEX},
    [CK_BOARD_PAGES] = {FIRST, COUNT, AFTER, GROUND},
    [CK_BOARD_BACKGROUND] = {PAGE, GROUND},
    [CK_BOARD_REMOVE] = {PAGE},
    [CK_BOARD_PLACE] = {PAGE, AFTER},
    [CK_BOARD_ACCESS] = {PAGE, ACCESS},
    [CK_BOARD_VIEW] = {LEADS, X, Y, ZOOM},
};

const char *ck_board_code_name(uint64_t code)
{
    switch (code) {
#define NAME(name, value, text)                                                                    \
    case value:                                                                                    \
        return text;
        CK_BOARD_CODE_LIST(NAME)
    default:
        return "?";
    }
}

bool ck_board_op_has_ids(uint64_t code)
{
    return code >= CK_BOARD_DELETE && code <= CK_BOARD_COPY;
}

/* --- numbers ------------------------------------------------------------------------------- */

static void put_ground(ck_buf *out, const ck_board_background *b)
{
    ck_wire_put_varint(out, b->kind);
    if (b->kind >= CK_BOARD_PICTURE) {
        ck_buf_put(out, b->hash, sizeof b->hash);
    }
    if (b->kind == CK_BOARD_DECK) {
        ck_wire_put_varint(out, b->deck_page);
    }
}

static bool get_ground(ck_reader *r, ck_board_background *b)
{
    b->kind = ck_wire_get_varint(r);
    if (b->kind > CK_BOARD_DECK) {
        return false;
    }
    if (b->kind >= CK_BOARD_PICTURE) {
        const uint8_t *hash = ck_read_bytes(r, sizeof b->hash);
        if (hash == NULL) {
            return false;
        }
        memcpy(b->hash, hash, sizeof b->hash);
    }
    b->deck_page = b->kind == CK_BOARD_DECK ? ck_wire_get_varint(r) : 0;
    return b->deck_page <= UINT16_MAX;
}

static bool get_field(ck_reader *r, uint8_t field, ck_board_op *op)
{
    const bounds *b = &fields[field];
    if (field == GROUND) {
        return get_ground(r, &op->background);
    }
    void *at = (uint8_t *)op + b->offset;
    int64_t number = b->is_signed ? ck_board_get_signed(r) : 0;
    uint64_t value = b->is_signed ? ck_board_size_of(number) : ck_wire_get_varint(r);
    if (b->is_signed) {
        memcpy(at, &number, sizeof number);
    } else {
        memcpy(at, &value, sizeof value);
    }
    return value >= b->least && value <= b->most;
}

static void put_field(ck_buf *out, uint8_t field, const ck_board_op *op)
{
    const bounds *b = &fields[field];
    const void *at = (const uint8_t *)op + b->offset;
    if (field == GROUND) {
        put_ground(out, &op->background);
    } else if (b->is_signed) {
        int64_t value;
        memcpy(&value, at, sizeof value);
        ck_board_put_signed(out, value);
    } else {
        uint64_t value;
        memcpy(&value, at, sizeof value);
        ck_wire_put_varint(out, value);
    }
}

/* --- whole operations ---------------------------------------------------------------------- */

static enum ck_reason check_rest(const ck_board_op *op)
{
    ck_board_body body;
    switch (op->code) {
    case CK_BOARD_DRAW:
        return ck_board_check_strokes(op);
    case CK_BOARD_PUT:
        return ck_board_read_body(op->kind, op->rest, &body);
    case CK_BOARD_ERASE:
        return ck_board_check_erased(op->rest);
    case CK_BOARD_ACCESS:
        return ck_board_check_named(op);
    case CK_BOARD_SCALE:
        if (ck_board_size_of(op->fx) < CK_BOARD_SCALE_MIN ||
            ck_board_size_of(op->fy) < CK_BOARD_SCALE_MIN) {
            return CK_REASON_INVALID;
        }
        return ck_board_check_ids(op->rest);
    default:
        if (ck_board_op_has_ids(op->code)) {
            return ck_board_check_ids(op->rest);
        }
        return op->rest.size == 0 ? CK_REASON_NONE : CK_REASON_INVALID;
    }
}

enum ck_reason ck_board_op_read(ck_bytes data, ck_board_op *op)
{
    ck_reader r = ck_reader_of(data.data, data.size);
    *op = (ck_board_op){.code = ck_read_u8(&r)};
    op->term = ck_wire_get_varint(&r);
    if (op->code == 0 || op->code >= CK_BOARD_CODES || op->term > CK_BOARD_TERM_MAX) {
        return CK_REASON_INVALID;
    }
    for (const uint8_t *field = layouts[op->code]; *field != END; field++) {
        if (!get_field(&r, *field, op)) {
            return CK_REASON_INVALID;
        }
    }
    op->rest.size = ck_reader_left(&r);
    op->rest.data = op->rest.size > 0 ? ck_read_bytes(&r, op->rest.size) : NULL;
    return r.failed ? CK_REASON_INVALID : check_rest(op);
}

void ck_board_op_write(const ck_board_op *op, ck_buf *out)
{
    ck_buf_put_u8(out, (uint8_t)op->code);
    ck_wire_put_varint(out, op->term);
    for (const uint8_t *field = layouts[op->code]; *field != END; field++) {
        put_field(out, *field, op);
    }
    if (op->rest.size > 0) {
        ck_buf_put(out, op->rest.data, op->rest.size);
    }
}
