/*
 * The whiteboard: the fold of a room's board events. README.md says what the operations mean, ops.h
 * how they stand in an event.
 *
 *     reason = ck_board_check(&board, &who, &event)       the edge, before it orders an event
 *     status = ck_board_apply(&board, &event)             everybody, in order
 *     for (o = page->first; o != NULL; o = o->page_next)  if (ck_board_is_there(&board, o)) ...
 *
 * Applying never judges rights. What makes no sense (an object that is gone, a page that is not
 * there) changes nothing, the same for everybody. Objects, pages and bodies are borrowed until the
 * next call that changes the board. One thread at a time.
 */
#ifndef CK_CORE_BOARD_BOARD_H
#define CK_CORE_BOARD_BOARD_H

#include "base/list.h"
#include "core/board/ops.h"

#define CK_BOARD_PAGES_MAX   1000u
#define CK_BOARD_ON_PAGE_MAX 100000u /* objects on a page, with those that can still be undone */
#define CK_BOARD_OBJECTS_MAX 130000u
/* With these a snapshot stays below 12 MB, and a room's below the 16 MB of a frame. */
#define CK_BOARD_BODIES_MAX  (4u << 20) /* bytes */
#define CK_BOARD_TOUCHED     32u        /* ids of objects that were touched last, kept */
#define CK_BOARD_ERASED_MAX  65536u     /* erased ranges of all objects */
#define CK_BOARD_AUTHORS_MAX 16384u
#define CK_BOARD_UNDO_EACH   100u   /* operations of an author that can be undone */
#define CK_BOARD_UNDO_ALL    4096u  /* of all */
#define CK_BOARD_UNDO_REFS   65536u /* objects that these touched */

typedef struct ck_board ck_board;

/* In world coordinates, 1/64 px; edges belong to it. */
typedef struct ck_board_box {
    int32_t left, top, right, bottom;
} ck_board_box;

/* Of an erasure whose operation is undone, and may be redone: beside `by`. */
#define CK_BOARD_HIDDEN (UINT64_C(1) << 63)

/* A range that operation `by` erased; 0: for good. */
typedef struct ck_board_erasure {
    uint64_t by; /* number of the event */
    ck_board_range range;
} ck_board_erasure;

typedef struct ck_board_object {
    uint64_t id;
    uint64_t born;    /* number of the event that made it */
    uint64_t gone_by; /* number of the event that deleted it; 0: none */
    uint64_t body_hash;
    struct ck_board_object *id_next; /* in its bucket */
    struct ck_board_object *page_before, *page_next;
    struct ck_board_object *cell_before, *cell_next; /* index.c */
    ck_board_erasure *erased;
    const uint8_t *body; /* behind the object, or that of the board below */
    uint32_t body_size;
    uint32_t erased_count;
    int32_t x, y;     /* where (0, 0) of the body is */
    int32_t sx, sy;   /* CK_BOARD_SCALE_ONE; negative: mirrored */
    ck_board_box box; /* of the body, before scale and place, without its line's width */
    uint32_t colour, fill, width;
    int32_t z; /* higher is nearer; ids decide between equal ones */
    uint16_t page;
    uint8_t kind; /* enum ck_board_kind */
    uint8_t unit; /* of a stroke's points */
    bool unmade;  /* what made it is undone */
} ck_board_object;

typedef struct ck_board_page {
    const ck_board *home;           /* an overlay uses the pages below it until it changes them */
    struct ck_board_page *own_next; /* of the same home */
    uint16_t number;
    uint8_t access; /* enum ck_board_access */
    uint8_t named_count;
    uint64_t named[CK_BOARD_NAMED];
    ck_board_background background;
    uint64_t cleared;              /* what was born up to this event is not there */
    uint64_t floor;                /* the same, and no undo changes that */
    ck_board_object *first, *last; /* in order of birth */
    uint32_t count;
    int32_t front, back; /* the outermost places given */
} ck_board_page;

typedef struct ck_board_view {
    uint64_t leader; /* participant; 0: nobody leads */
    uint16_t page;
    int32_t x, y;
    uint32_t zoom; /* CK_BOARD_SCALE_ONE */
} ck_board_view;

/* One operation that can be undone or redone: private to history.c, whom it belongs to aside. */
typedef struct ck_board_entry ck_board_entry;

typedef struct ck_board_author {
    uint64_t id;
    uint32_t term;    /* of the newest login that drew; 0: none */
    uint32_t counter; /* of its newest intent that drew */
    uint32_t entry_count;
    ck_board_entry *oldest, *newest;
} ck_board_author;

typedef struct ck_board_touched ck_board_touched; /* private to touched.c */

struct ck_board {
    const ck_alloc *alloc;
    const ck_board *below;   /* of an overlay */
    ck_board_object **ids;   /* buckets by id */
    ck_board_object **cells; /* buckets by place */
    uint32_t bucket_count;   /* of both: a power of 2, or 0 */
    uint32_t count;          /* objects, those not there counted */
    size_t body_bytes;
    uint32_t erased_count; /* ranges of all objects */
    ck_board_page *own;    /* its own pages, in no order */
    ck_board_page **pages; /* by number */
    uint16_t *order;       /* numbers, as pages follow each other */
    uint32_t page_size, page_count;
    ck_board_author *authors; /* by id */
    uint32_t author_count, author_size;
    ck_board_entry *oldest, *newest; /* of all authors */
    uint32_t entry_count, ref_count;
    ck_board_view view;
    uint64_t sum;              /* of the hashes of all objects, pages, authors, entries */
    uint64_t changes;          /* grows with every change */
    ck_board_touched *touched; /* a ring; NULL: nothing was touched, or there is no memory */
    uint64_t touches, trail;   /* how many in all; what the board went through */
};

/* Who does something, as far as the board asks. */
typedef struct ck_board_who {
    uint64_t id;
    bool staff;
    bool draws; /* has the right to */
} ck_board_who;

/* A board event. */
typedef struct ck_board_event {
    uint64_t number;
    uint64_t author;
    uint64_t counter; /* of the intent */
    ck_bytes data;
} ck_board_event;

/* A board with page 1, which takes no memory yet, so this cannot fail. */
void ck_board_init(ck_board *b, const ck_alloc *alloc);
void ck_board_free(ck_board *b); /* and to be used again after ck_board_init */

/* CHALK_OK; CHALK_ERR_NO_MEMORY: the board is to be thrown away. */
int ck_board_apply(ck_board *b, const ck_board_event *event);
/* CK_REASON_NONE: it may be done now, and will change something. */
enum ck_reason ck_board_check(const ck_board *b, const ck_board_who *who,
                              const ck_board_event *event);
/* Equal boards have equal hashes: of what is seen, and of what undo would do. */
uint64_t ck_board_hash(const ck_board *b);

/* --- looking ------------------------------------------------------------------------------- */

const ck_board_page *ck_board_find_page(const ck_board *b, uint64_t number); /* NULL: none */
/* The number of the index-th page; 0: none. */
uint16_t ck_board_page_at(const ck_board *b, uint32_t index);
ck_board_object *ck_board_find(const ck_board *b, uint64_t id); /* also what is not there */
bool ck_board_is_there(const ck_board *b, const ck_board_object *o);
bool ck_board_may_draw(const ck_board *b, const ck_board_who *who, uint64_t page);
const ck_board_author *ck_board_find_author(const ck_board *b, uint64_t id);
/* The id of what this author could undo (or redo) next; 0: nothing. */
uint64_t ck_board_undoable(const ck_board *b, uint64_t author);
uint64_t ck_board_redoable(const ck_board *b, uint64_t author);
/* With half the width of its line around it. */
ck_board_box ck_board_box_of(const ck_board_object *o);
/* A point of its body in the world. */
void ck_board_place_point(const ck_board_object *o, int64_t x, int64_t y, int32_t *wx, int32_t *wy);
/* Whether a stroke is erased at a step (CK_BOARD_ERASE_STEPS is from one point to the next). */
bool ck_board_is_erased(const ck_board_object *o, uint32_t step);
uint64_t ck_board_body_bytes(const ck_board *b);

/* An object for people who do not see it: "pen stroke, red, 120 x 40 px at 300, 200". */
void ck_board_describe(const ck_board_object *o, char *out, size_t size);
const char *ck_board_colour_name(uint32_t colour);

/* --- what was touched of late --------------------------------------------------------------- */

/* A moment of a board that is no overlay. */
typedef struct ck_board_mark {
    uint64_t touches, trail;
} ck_board_mark;

ck_board_mark ck_board_now(const ck_board *b);
/* Ids of the objects that were touched since, some more than once: no other is otherwise than it
 * was, or has come or gone. False: that is not known, for there were too many, or a page was
 * cleared or removed, or the mark is of another board. */
bool ck_board_since(const ck_board *b, ck_board_mark mark, uint64_t ids[CK_BOARD_TOUCHED],
                    uint32_t *count);
/* Ids of the objects that an overlay has of its own; none of a board that is none. False: that is
 * not all that it changes, or there are too many. */
bool ck_board_laid(const ck_board *overlay, uint64_t ids[CK_BOARD_TOUCHED], uint32_t *count);

/* --- overlays ------------------------------------------------------------------------------ */

/* Lays an empty overlay over `below`, which must not change while it is used; when it has changed
 * the overlay is freed or laid again, no more. What is applied to it changes it alone. CHALK_OK,
 * CHALK_ERR_NO_MEMORY. */
int ck_board_lay(ck_board *overlay, const ck_board *below, const ck_alloc *alloc);

/* --- snapshots ----------------------------------------------------------------------------- */

void ck_board_write(const ck_board *b, ck_buf *out);
/* Replaces the board. CHALK_OK; errors leave it empty: BAD_DATA, TOO_LARGE, NO_MEMORY. */
int ck_board_read(ck_board *b, ck_bytes snapshot);

#endif
