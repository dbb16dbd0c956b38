/*
 * Others' pens as they move: strokes that are not the board's yet.
 *
 *     ck_pens_feed(&pens, author, data, size, now)       a spot of key CK_SPOT_PEN
 *     ck_pens_drawn(&pens, author, op)                   a DRAW that was applied
 *     ck_pens_run(&pens, now)                            each frame
 *     for (i = 0; (s = ck_pens_at(&pens, i)) != NULL; i++) ...
 *
 * A stroke whose DRAW does not come, for it was refused or its author has gone, goes by itself.
 * One thread at a time; times are µs and do not fall.
 */
#ifndef CK_CORE_DRAWING_PENS_H
#define CK_CORE_DRAWING_PENS_H

#include "core/board/ops.h"
#include "core/stroke/pace.h"

#define CK_PENS_AUTHORS   64u  /* the one silent for longest makes room */
#define CK_PENS_STROKES   128u /* the oldest makes room */
#define CK_PENS_SAMPLES   4096u
#define CK_PENS_KEYS      (UINT64_C(1) << 63) /* the lowest key */
#define CK_PENS_SILENT_US 10000000u           /* a stroke that nothing comes of */

typedef struct ck_pens_stroke {
    struct ck_pens_stroke *next;
    uint64_t key; /* this stroke's alone among those that there are */
    uint64_t author;
    uint8_t number; /* low bits */
    ck_live_style style;
    ck_live_sample *samples;
    uint32_t count, size;
    bool has_tip;
    ck_live_sample tip; /* where the pen is, past the samples */
    uint64_t moved_us;
} ck_pens_stroke;

typedef struct ck_pens_pen {
    uint64_t author;
    uint64_t heard_us;
    ck_pace pace;
} ck_pens_pen;

typedef struct ck_pens {
    const ck_alloc *alloc;
    ck_pens_pen **pens; /* CK_PENS_AUTHORS places; NULL: nobody was heard yet */
    uint32_t pen_count;
    ck_pens_stroke *strokes; /* the newest first */
    uint32_t stroke_count;
} ck_pens;

void ck_pens_init(ck_pens *p, const ck_alloc *alloc);
void ck_pens_free(ck_pens *p);
/* CHALK_OK; CHALK_ERR_BAD_DATA: what stands before the fault counts; CHALK_ERR_NO_MEMORY: it is
 * not shown. */
int ck_pens_feed(ck_pens *p, uint64_t author, const void *data, size_t size, uint64_t now_us);
/* Strokes that were seen live are the board's now; other operations are passed over. */
void ck_pens_drawn(ck_pens *p, uint64_t author, const ck_board_op *op);
void ck_pens_run(ck_pens *p, uint64_t now_us);
/* Borrowed until the next call; NULL: there are not so many. */
const ck_pens_stroke *ck_pens_at(const ck_pens *p, uint32_t index);

#endif
