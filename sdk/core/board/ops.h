/*
 * Operations on a board as bytes: the `data` of a board event. docs/PROTOCOL.md ("The board") says
 * what stands in each. One table (ops.c) serves reading and writing.
 *
 *     ck_board_op op = {.code = CK_BOARD_MOVE, .x = 64, .rest = ids};
 *     ck_board_op_write(&op, &buf);                reason = ck_board_op_read(data, &op);
 *
 * What varies in length is `rest`, written beforehand with the ck_board_put_ functions, and read
 * with the walkers below; reading an operation has walked it once, so a walker of what was read
 * does not fail. Plain functions; any thread.
 */
#ifndef CK_CORE_BOARD_OPS_H
#define CK_CORE_BOARD_OPS_H

#include "core/room/names.h"
#include "core/stroke/code.h"
#include "core/wire/wire.h"

#define CK_BOARD_COORD_MAX   (1 << 25) /* 1/64 px from the middle */
#define CK_BOARD_PAGE_NUMBER 4095u     /* the highest */
#define CK_BOARD_STROKES     64u       /* of an operation */
#define CK_BOARD_IDS         256u      /* objects of an operation */
#define CK_BOARD_RANGES      256u      /* erased, of a stroke */
#define CK_BOARD_NAMED       64u       /* participants that may draw on a page */
#define CK_BOARD_TEXT_MAX    8000u     /* bytes */
#define CK_BOARD_ALT_MAX     500u
#define CK_BOARD_SIDE_MAX    16384u /* pixels of an image */
#define CK_BOARD_PIXELS_MAX  64000000u
#define CK_BOARD_WIDTH_MAX   (1 << 16) /* of a line, 1/64 px */
#define CK_BOARD_SCALE_ONE   65536
#define CK_BOARD_SCALE_MAX   (64 * CK_BOARD_SCALE_ONE)
#define CK_BOARD_SCALE_MIN   (CK_BOARD_SCALE_ONE / 64)
#define CK_BOARD_ERASE_STEPS 64u /* of a range, between two points */
#define CK_BOARD_HASH        32u /* SHA-256 */

/* X(NAME, code, "name") */
#define CK_BOARD_CODE_LIST(X)                                                                      \
    X(DRAW, 1, "draw")                                                                             \
    X(PUT, 2, "put")                                                                               \
    X(DELETE, 3, "delete")                                                                         \
    X(MOVE, 4, "move")                                                                             \
    X(SCALE, 5, "scale")                                                                           \
    X(STYLE, 6, "style")                                                                           \
    X(ORDER, 7, "order")                                                                           \
    X(COPY, 8, "copy")                                                                             \
    X(ERASE, 9, "erase")                                                                           \
    X(CLEAR, 10, "clear")                                                                          \
    X(UNDO, 11, "undo")                                                                            \
    X(REDO, 12, "redo")                                                                            \
    X(PAGES, 13, "pages")                                                                          \
    X(BACKGROUND, 14, "background")                                                                \
    X(REMOVE, 15, "remove")                                                                        \
    X(PLACE, 16, "place")                                                                          \
    X(ACCESS, 17, "access")                                                                        \
    X(VIEW, 18, "view")

enum ck_board_code {
#define CK_BOARD_CODE_ENUM(name, value, text) CK_BOARD_##name = value,
    CK_BOARD_CODE_LIST(CK_BOARD_CODE_ENUM)
#undef CK_BOARD_CODE_ENUM
        CK_BOARD_CODES,
};

enum ck_board_kind {
    CK_BOARD_PEN = 1,
    CK_BOARD_MARKER,
    CK_BOARD_LINE,
    CK_BOARD_ARROW,
    CK_BOARD_RECTANGLE,
    CK_BOARD_ELLIPSE,
    CK_BOARD_TEXT,
    CK_BOARD_IMAGE,
    CK_BOARD_KINDS,
};

enum ck_board_mask {
    CK_BOARD_COLOUR = 1,
    CK_BOARD_FILL = 2,
    CK_BOARD_WIDTH = 4,
};

enum ck_board_ground {
    CK_BOARD_PLAIN = 0,
    CK_BOARD_GRID,
    CK_BOARD_LINES,
    CK_BOARD_PICTURE,
    CK_BOARD_DECK,
};

enum ck_board_access {
    CK_BOARD_ALL = 0,
    CK_BOARD_STAFF = 1,
    CK_BOARD_SOME = 2, /* staff and those named */
    CK_BOARD_OPEN = 4, /* added: also what others drew may be changed */
};

typedef struct ck_board_background {
    uint64_t kind; /* enum ck_board_ground */
    uint8_t hash[CK_BOARD_HASH];
    uint64_t deck_page; /* from 0 */
} ck_board_background;

/* Which members count says the code; the others are 0. */
typedef struct ck_board_op {
    uint64_t code, term, page, tool, kind, replaces, colour, fill, width, live;
    int64_t x, y, fx, fy;
    uint64_t mask, front, target_term, target_counter, target_index;
    uint64_t first, count, after, access, zoom;
    ck_board_background background;
    ck_bytes rest; /* borrowed */
} ck_board_op;

/* CK_REASON_NONE; INVALID: it is none, or a number makes no sense; TOO_LARGE: over a limit of this
 * file. */
enum ck_reason ck_board_op_read(ck_bytes data, ck_board_op *op);
void ck_board_op_write(const ck_board_op *op, ck_buf *out);
const char *ck_board_code_name(uint64_t code); /* "?" for what is none */
/* Whether what this makes, or of which `rest` tells, are objects by id. */
bool ck_board_op_has_ids(uint64_t code);

/* --- rest ---------------------------------------------------------------------------------- */

/* Rising. */
void ck_board_put_ids(ck_buf *out, const uint64_t *ids, uint32_t count);
typedef struct ck_board_ids {
    ck_reader in;
    uint32_t left;
    uint64_t at;
} ck_board_ids;
ck_board_ids ck_board_ids_of(ck_bytes rest);
bool ck_board_next_id(ck_board_ids *ids, uint64_t *id);

/* A stroke of a DRAW: its start in units from the one before (of the page), and coded points. */
void ck_board_put_stroke(ck_buf *out, int32_t x, int32_t y, ck_bytes points);
typedef struct ck_board_strokes {
    ck_reader in;
    int64_t x, y;
} ck_board_strokes;
ck_board_strokes ck_board_strokes_of(ck_bytes rest);
bool ck_board_next_stroke(ck_board_strokes *s, ck_bytes *points); /* begins at s->x, s->y, units */

/* What an ERASE takes of a stroke: `count` ranges [from, to), rising and apart. */
typedef struct ck_board_range {
    uint32_t from, to; /* CK_BOARD_ERASE_STEPS is from one point to the next */
} ck_board_range;
void ck_board_put_erased(ck_buf *out, uint64_t id, const ck_board_range *ranges, uint32_t count);
typedef struct ck_board_erased {
    ck_reader in;
    uint32_t left; /* ranges of this stroke */
    uint32_t end;
} ck_board_erased;
ck_board_erased ck_board_erased_of(ck_bytes rest);
bool ck_board_next_erased(ck_board_erased *e, uint64_t *id); /* skips ranges that are left */
bool ck_board_next_range(ck_board_erased *e, ck_board_range *range);

/* The body of a PUT, which stays with the object. */
typedef struct ck_board_body {
    int64_t x, y;  /* the other corner; an image's and a text's size on the page */
    uint64_t size; /* of a text: height of a line */
    uint64_t pixels_x, pixels_y;
    const uint8_t *hash; /* CK_BOARD_HASH bytes */
    ck_bytes text;       /* of a text; what an image shows */
} ck_board_body;
void ck_board_put_body(ck_buf *out, uint64_t kind, const ck_board_body *body);
enum ck_reason ck_board_read_body(uint64_t kind, ck_bytes bytes, ck_board_body *body);

/* Numbers as in every operation. */
void ck_board_put_signed(ck_buf *out, int64_t value);
int64_t ck_board_get_signed(ck_reader *r);

/* --- ids ----------------------------------------------------------------------------------- */

#define CK_BOARD_TERM_MAX    4095u
#define CK_BOARD_COUNTER_MAX ((1u << 29) - 1)

static inline uint64_t ck_board_id(uint64_t author, uint64_t term, uint64_t counter, uint64_t index)
{
    return author << 49 | term << 37 | counter << 8 | index;
}

static inline uint64_t ck_board_author_of(uint64_t id)
{
    return id >> 49;
}

static inline uint64_t ck_board_term_of(uint64_t id)
{
    return id >> 37 & CK_BOARD_TERM_MAX;
}

static inline uint64_t ck_board_counter_of(uint64_t id)
{
    return id >> 8 & CK_BOARD_COUNTER_MAX;
}

static inline uint64_t ck_board_index_of(uint64_t id)
{
    return id & 255;
}

#endif
