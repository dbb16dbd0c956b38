/* Private to the files of board. */
#ifndef CK_CORE_BOARD_INSIDE_H
#define CK_CORE_BOARD_INSIDE_H

#include "core/board/board.h"

/* --- history.c ----------------------------------------------------------------------------- */

enum ck_board_doing {
    CK_DID_MAKE = 1, /* refs: what was made */
    CK_DID_DELETE,
    CK_DID_REPLACE,   /* the first was made, the second deleted */
    CK_DID_TRANSFORM, /* numbers: dx, dy, sx from, to, sy from, to */
    CK_DID_STYLE,     /* numbers: colour from, to, fill from, to, width from, to */
    CK_DID_ORDER,     /* numbers: z from, to */
    CK_DID_ERASE,
    CK_DID_CLEAR,
    CK_DID_KINDS,
};

typedef struct ck_board_ref {
    uint64_t id;
    int32_t numbers[6];
} ck_board_ref;

struct ck_board_entry {
    ck_board_entry *before, *next;               /* of all, by age */
    ck_board_entry *author_before, *author_next; /* of its author */
    uint64_t author;
    uint64_t id;     /* ck_board_id of author, term, counter and place */
    uint64_t number; /* of the event */
    uint16_t page;   /* of a CLEAR */
    uint8_t doing;
    uint8_t mask; /* of a STYLE */
    bool undone;
    uint32_t count;
    ck_board_ref refs[];
};

/* Of this board alone, not of the one below; NULL. */
ck_board_author *ck_board_own_author(const ck_board *b, uint64_t id);
/* The author's place, made if need be. NULL: no memory, or too many. */
ck_board_author *ck_board_author_place(ck_board *b, uint64_t id);
void ck_board_take_author(ck_board *b, const ck_board_author *author); /* out of the sum */
void ck_board_add_author(ck_board *b, const ck_board_author *author);  /* into the sum */
/* A new entry, with room for `count` refs, not in the history yet. NULL: no memory. */
ck_board_entry *ck_board_entry_new(ck_board *b, enum ck_board_doing doing, uint32_t count);
/* Takes the entry: forgets what could be redone, and the oldest ones beyond the limits. An entry
 * that touched nothing is not kept. CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_board_remember(ck_board *b, ck_board_entry *entry, uint64_t author);
/* The same, behind all others, without forgetting any: of a snapshot. */
int ck_board_append_entry(ck_board *b, ck_board_entry *entry);
void ck_board_undo(ck_board *b, ck_board_entry *entry);
void ck_board_redo(ck_board *b, ck_board_entry *entry);
ck_board_entry *ck_board_next_undo(const ck_board *b, uint64_t author);
ck_board_entry *ck_board_next_redo(const ck_board *b, uint64_t author);
void ck_board_forget_all(ck_board *b);

/* --- objects.c ----------------------------------------------------------------------------- */

/* With a copy of the body, of page `o->page`; every other member is that of `o`. NULL: no memory.
 */
ck_board_object *ck_board_add(ck_board *b, const ck_board_object *o);
void ck_board_purge(ck_board *b, ck_board_object *o);
/* To be changed in this board: of an overlay, a copy of what is below. NULL: no memory, or none. */
ck_board_object *ck_board_own(ck_board *b, uint64_t id);
/* Around a change: out of the sum and the index, and in again. */
void ck_board_begin(ck_board *b, ck_board_object *o);
void ck_board_end(ck_board *b, ck_board_object *o);
void ck_board_purge_all(ck_board *b);
/* A body's box; false: the body is none. */
bool ck_board_measure(uint64_t kind, ck_bytes body, uint32_t unit, ck_board_box *box);
/* Rounded down, also below 0, so that every machine agrees. */
int64_t ck_board_scaled(int64_t value, int64_t scale);
bool ck_board_was_cleared(const ck_board *b, const ck_board_object *o);

/* --- touched.c ----------------------------------------------------------------------------- */

/* After the change, when the sum has it. */
void ck_board_touch(ck_board *b, uint64_t id);
void ck_board_touch_all(ck_board *b); /* of a page */

/* --- erased.c ------------------------------------------------------------------------------ */

int ck_board_erase(ck_board *b, ck_board_object *o, uint64_t by, ck_board_range range);
/* Ranges of an operation are not erased for now, or are again. */
void ck_board_hide_erased(ck_board_object *o, uint64_t by, bool hide);
/* Ranges of an operation go, or are for good. */
void ck_board_unerase(ck_board *b, ck_board_object *o, uint64_t by);
void ck_board_settle_erased(ck_board *b, ck_board_object *o, uint64_t by);

/* --- pages.c ------------------------------------------------------------------------------- */

int ck_board_need_first_page(ck_board *b);
ck_board_page *ck_board_own_page(ck_board *b, uint64_t number); /* NULL: no memory, or none */
int ck_board_add_page(ck_board *b, const ck_board_page *page, uint32_t place);
void ck_board_remove_page(ck_board *b, uint64_t number);
void ck_board_place_page(ck_board *b, uint64_t number, uint64_t after);
uint32_t ck_board_place_of(const ck_board *b, uint64_t number); /* page_count: nowhere */
/* Highest active CLEAR of the page. */
void ck_board_recompute_cleared(ck_board *b, uint64_t number);
void ck_board_clear_for_good(ck_board *b, uint64_t number, uint64_t event);
void ck_board_begin_page(ck_board *b, const ck_board_page *page);
void ck_board_end_page(ck_board *b, const ck_board_page *page);
void ck_board_free_pages(ck_board *b);

/* --- hash.c -------------------------------------------------------------------------------- */

uint64_t ck_board_mix(uint64_t hash, uint64_t value);
uint64_t ck_board_hash_bytes(uint64_t hash, const void *data, size_t size);
uint64_t ck_board_hash_object(const ck_board_object *o);
uint64_t ck_board_hash_page(const ck_board_page *page);
uint64_t ck_board_hash_author(const ck_board_author *author);
uint64_t ck_board_hash_entry(const ck_board_entry *entry);

/* --- index.c ------------------------------------------------------------------------------- */

void ck_board_index_add(ck_board *b, ck_board_object *o);
void ck_board_index_remove(ck_board *b, ck_board_object *o);
uint32_t ck_board_id_bucket(uint64_t id, uint32_t count);

#endif
