/*
 * The author's pen: samples of an input device go in, live chunks and finished strokes come out.
 *
 *     ck_pen_down(&pen, &style, x, y, pressure, now)      then _move, then _up
 *     while (ck_pen_poll_live(&pen, now, &data))          ck_replica_show(replica, CK_SPOT_PEN,
 * ...) while (ck_pen_poll_draw(&pen, now, &op))            with a term: ck_board_op_write,
 * ck_replica_intend at ck_pen_next_deadline(&pen)                       poll again
 *
 * A finished stroke waits for others of its kind, so that they share an operation: CK_PEN_HOLD_US
 * after the pen was lifted, CK_PEN_AGE_US and CK_PEN_TOGETHER strokes at most, or until
 * ck_pen_flush. A stroke of more than CK_PEN_SAMPLES samples goes on as another. Poll after each
 * call; one thread; times are µs and do not fall.
 */
#ifndef CK_CORE_DRAWING_PEN_H
#define CK_CORE_DRAWING_PEN_H

#include "core/board/ops.h"
#include "core/stroke/filter.h"
#include "core/stroke/live.h"

#define CK_PEN_SAMPLES  1000u
#define CK_PEN_TOGETHER 16u
#define CK_PEN_WAITING  64u /* finished strokes that nobody polled: then no new one begins */
#define CK_PEN_HOLD_US  600000u
#define CK_PEN_AGE_US   4000000u
#define CK_PEN_LIVE_US  50000u /* usual time between two chunks */

typedef struct ck_pen_config {
    const ck_alloc *alloc;
    uint32_t live_us;  /* between two chunks; 0: CK_PEN_LIVE_US. The larger the room, the rarer: up
                          to 250 ms */
    uint32_t data_max; /* bytes of an operation that the role may send; 0: 4,096 */
} ck_pen_config;

typedef struct ck_pen_stroke {
    ck_live_style style;
    uint32_t unit;
    uint32_t live; /* its number */
    int32_t x, y;  /* of its start, in units */
    uint8_t *points;
    size_t size;
    uint64_t ended_us;
} ck_pen_stroke;

typedef struct ck_pen {
    ck_pen_config config;
    bool down;
    ck_live_style style;
    double zoom; /* of the author's view: what is a pixel to them */
    ck_stroke_filter filter;
    ck_stroke_sample *samples; /* of the stroke in progress */
    uint32_t count;
    int32_t raw_x, raw_y;
    uint64_t raw_us;
    uint8_t width;
    bool pressed; /* the device knows pressure */
    /* Live. */
    ck_live_sample waiting[CK_LIVE_SAMPLES];
    uint32_t waiting_count;
    uint32_t live_next;                   /* number of the next sample to be sent */
    uint32_t live_stroke;                 /* number of the newest stroke */
    ck_live_sample live_last;             /* the newest one sent, if live_next is not 0 */
    ck_live_style told;                   /* the style that was told last */
    ck_live_style styles[CK_PEN_WAITING]; /* of strokes whose samples wait, by number */
    uint64_t begun_us;                    /* of the first sample ever; 0: none */
    uint64_t waits_us;                    /* since when something waits */
    /* Finished. */
    ck_pen_stroke finished[CK_PEN_WAITING];
    uint32_t finished_count;
    bool flush;
    ck_buf rest; /* of the operation polled last */
} ck_pen;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_pen_init(ck_pen *p, const ck_pen_config *config);
void ck_pen_free(ck_pen *p);

/* Coordinates are 1/64 px of the page; `pressure` 0 to 1, or below 0 where the device knows none;
 * `zoom` is screen pixels for a pixel of the page. CHALK_OK; CHALK_ERR_BAD_STATE: it is down;
 * CHALK_ERR_LIMIT: too many finished ones wait; CHALK_ERR_INVALID_ARGUMENT: out of the world;
 * CHALK_ERR_NO_MEMORY. */
int ck_pen_down(ck_pen *p, const ck_live_style *style, double zoom, int32_t x, int32_t y,
                double pressure, uint64_t now_us);
/* CHALK_ERR_BAD_STATE: it is not down. What is out of the world is moved to its edge. */
int ck_pen_move(ck_pen *p, int32_t x, int32_t y, double pressure, uint64_t now_us);
int ck_pen_up(ck_pen *p, int32_t x, int32_t y, double pressure, uint64_t now_us);
/* What is finished goes out with the next poll: before anything else is done on the board. */
void ck_pen_flush(ck_pen *p);

/* Appends a chunk, if one is due. */
bool ck_pen_poll_live(ck_pen *p, uint64_t now_us, ck_buf *out);
/* An operation without its term, if one is due; its rest is borrowed until the next poll. */
bool ck_pen_poll_draw(ck_pen *p, uint64_t now_us, ck_board_op *op);
uint64_t ck_pen_next_deadline(const ck_pen *p); /* CK_NEVER: nothing waits */

#endif
