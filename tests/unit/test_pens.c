/* Others' pens as they move, and what becomes of their strokes. */
#include "base/check.h"
#include "base/rng.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/drawing/pen.h"
#include "core/drawing/pens.h"
#include "support/alloc.h"
#include "support/check.h"

#include <string.h>

#define ADA 3
#define MS  1000u

typedef struct stage {
    ck_pen pen; /* the author's */
    ck_pens pens;
    uint64_t now_us;
    int32_t x;
} stage;

static const ck_live_style style = {1, CK_BOARD_PEN, 0xff000000, 128};

static void begin(stage *s)
{
    const ck_pen_config config = {.alloc = &ck_test_heap};
    *s = (stage){.now_us = 1000 * MS};
    CK_CHECK_EQ(ck_pen_init(&s->pen, &config), CHALK_OK);
    ck_pens_init(&s->pens, &ck_test_heap);
}

static void end(stage *s)
{
    ck_pen_free(&s->pen);
    ck_pens_free(&s->pens);
}

/* Time passes; what the author shows arrives. */
static void pass(stage *s, uint64_t ms)
{
    for (uint64_t i = 0; i < ms; i += 10) {
        ck_buf chunk;
        ck_buf_init(&chunk, &ck_test_heap, CK_LIVE_BYTES);
        s->now_us += 10 * MS;
        if (s->pen.down) {
            s->x += 64;
            CK_CHECK_EQ(ck_pen_move(&s->pen, s->x, (s->x * 7) % 320, 0.5, s->now_us), CHALK_OK);
        }
        if (ck_pen_poll_live(&s->pen, s->now_us, &chunk)) {
            CK_CHECK_EQ(ck_pens_feed(&s->pens, ADA, chunk.data, chunk.size, s->now_us), CHALK_OK);
        }
        ck_pens_run(&s->pens, s->now_us);
        ck_buf_free(&chunk);
    }
}

static void down(stage *s)
{
    CK_CHECK_EQ(ck_pen_down(&s->pen, &style, 1.0, s->x, 0, 0.5, s->now_us), CHALK_OK);
}

static void up(stage *s)
{
    CK_CHECK_EQ(ck_pen_up(&s->pen, s->x, 0, 0.5, s->now_us), CHALK_OK);
}

CK_TEST(pens, a_stroke_is_seen_until_it_is_the_boards)
{
    stage s;
    ck_board_op op;
    begin(&s);
    down(&s);
    pass(&s, 400);
    const ck_pens_stroke *seen = ck_pens_at(&s.pens, 0);
    CK_CHECK(seen != NULL && seen->author == ADA && seen->style.width == 128);
    CK_CHECK(seen->count > 3 && seen->key >= CK_PENS_KEYS && ck_pens_at(&s.pens, 1) == NULL);
    uint32_t count = seen->count;
    pass(&s, 100);
    CK_CHECK(ck_pens_at(&s.pens, 0)->count > count);
    up(&s);
    pass(&s, 100);
    down(&s);
    pass(&s, 300);
    CK_CHECK(ck_pens_at(&s.pens, 1) != NULL);
    up(&s);
    pass(&s, 300);
    CK_CHECK(ck_pens_at(&s.pens, 1) != NULL); /* both wait for their DRAW */
    ck_pen_flush(&s.pen);
    CK_CHECK(ck_pen_poll_draw(&s.pen, s.now_us, &op));
    ck_pens_drawn(&s.pens, ADA + 1, &op); /* not theirs */
    CK_CHECK(ck_pens_at(&s.pens, 1) != NULL);
    ck_pens_drawn(&s.pens, ADA, &op);
    CK_CHECK(ck_pens_at(&s.pens, 0) == NULL);
    pass(&s, 100);
    CK_CHECK(ck_pens_at(&s.pens, 0) == NULL);
    end(&s);
}

/* Between two samples the pen goes on moving. */
CK_TEST(pens, the_tip_moves_with_every_frame)
{
    stage s;
    uint32_t moved = 0;
    int32_t last = -1;
    begin(&s);
    s.pen.config.live_us = 250 * MS;
    down(&s);
    pass(&s, 1500);
    for (int i = 0; i < 50; i++) {
        pass(&s, 10);
        const ck_pens_stroke *seen = ck_pens_at(&s.pens, 0);
        CK_CHECK(seen != NULL);
        int32_t x = seen->has_tip ? seen->tip.x : seen->samples[seen->count - 1].x;
        CK_CHECK(x >= last);
        moved += x > last;
        last = x;
    }
    CK_CHECK(moved > 40);
    end(&s);
}

CK_TEST(pens, what_nothing_comes_of_goes)
{
    stage s;
    begin(&s);
    down(&s);
    pass(&s, 500);
    up(&s);
    pass(&s, 1000);
    CK_CHECK(ck_pens_at(&s.pens, 0) != NULL);
    s.now_us += CK_PENS_SILENT_US;
    ck_pens_run(&s.pens, s.now_us);
    CK_CHECK(ck_pens_at(&s.pens, 0) == NULL);
    end(&s);
}

CK_TEST(pens, there_are_so_many_and_no_more)
{
    stage s;
    ck_buf chunk;
    begin(&s);
    down(&s);
    s.now_us += 100 * MS;
    ck_buf_init(&chunk, &ck_test_heap, CK_LIVE_BYTES);
    CK_CHECK(ck_pen_poll_live(&s.pen, s.now_us, &chunk));
    for (uint64_t author = 1; author <= 3 * CK_PENS_AUTHORS; author++) {
        CK_CHECK_EQ(ck_pens_feed(&s.pens, author, chunk.data, chunk.size, s.now_us + author),
                    CHALK_OK);
        ck_pens_run(&s.pens, s.now_us + 200 * MS + author * MS);
    }
    CK_CHECK_EQ(s.pens.pen_count, CK_PENS_AUTHORS);
    CK_CHECK_EQ(s.pens.stroke_count, CK_PENS_STROKES);
    ck_buf_free(&chunk);
    end(&s);
}

CK_TEST(pens, without_memory_they_are_not_shown)
{
    ck_failing_alloc failing;
    ck_buf chunk;
    stage s;
    begin(&s);
    down(&s);
    ck_buf_init(&chunk, &ck_test_heap, CK_LIVE_BYTES);
    s.now_us += 100 * MS;
    CK_CHECK(ck_pen_poll_live(&s.pen, s.now_us, &chunk));
    for (size_t fails = 1; fails < 5; fails++) {
        ck_pens pens;
        ck_failing_alloc_init(&failing, fails);
        ck_pens_init(&pens, &failing.alloc);
        int status = ck_pens_feed(&pens, ADA, chunk.data, chunk.size, s.now_us);
        CK_CHECK_EQ(status, fails <= 2 ? CHALK_ERR_NO_MEMORY : CHALK_OK);
        ck_pens_run(&pens, s.now_us + 500 * MS);
        ck_pens_free(&pens);
        CK_CHECK_EQ(failing.live, 0);
    }
    ck_buf_free(&chunk);
    end(&s);
}

/* --- four messages a second ------------------------------------------------------------------ */

#define FRAME_US  16667u
#define WIRE_US   250000u /* between two frames of a large room */
#define SECONDS   20
#define SPEED     400.0 /* units a second: 100 px */
#define JUMP_MOST 1.6   /* of what the pen moves in a frame */
#define MESSAGES  256

typedef struct message {
    uint8_t data[CK_LIVE_BYTES];
    size_t size;
    uint64_t at_us; /* when it arrives */
} message;

typedef struct wire {
    message messages[MESSAGES];
    uint32_t sent, heard;
    uint64_t frame_us; /* the edge's next one */
    ck_buf waits;      /* for it */
} wire;

/* What the author sends waits for the room's tick, and then is up to `late_us` on its way. */
static void send(stage *s, wire *w, ck_rng *rng, uint32_t late_us)
{
    ck_buf chunk;
    ck_buf_init(&chunk, &ck_test_heap, CK_LIVE_BYTES);
    if (ck_pen_poll_live(&s->pen, s->now_us, &chunk)) {
        ck_buf_put(&w->waits, chunk.data, chunk.size);
    }
    ck_buf_free(&chunk);
    if (s->now_us >= w->frame_us && w->waits.size > 0 && w->sent < MESSAGES) {
        message *m = &w->messages[w->sent++];
        CK_CHECK(w->waits.size <= sizeof m->data);
        memcpy(m->data, w->waits.data, w->waits.size);
        m->size = w->waits.size;
        m->at_us = s->now_us + 20 * MS + (late_us > 0 ? ck_rng_below(rng, late_us) : 0);
        m->at_us = w->sent > 1 ? CK_MAX(m->at_us, m[-1].at_us) : m->at_us; /* one connection */
        ck_buf_clear(&w->waits);
    }
    while (s->now_us >= w->frame_us) {
        w->frame_us += WIRE_US;
    }
}

static void hear(stage *s, wire *w)
{
    for (; w->heard < w->sent && w->messages[w->heard].at_us <= s->now_us; w->heard++) {
        const message *m = &w->messages[w->heard];
        CK_CHECK_EQ(ck_pens_feed(&s->pens, ADA, m->data, m->size, s->now_us), CHALK_OK);
    }
}

/* Where others see the pen, in units; below 0: nowhere. */
static double seen_at(stage *s)
{
    ck_pens_run(&s->pens, s->now_us);
    const ck_pens_stroke *seen = ck_pens_at(&s->pens, 0);
    return seen == NULL ? -1 : seen->has_tip ? seen->tip.x : seen->samples[seen->count - 1].x;
}

/* An author at 60 samples a second, a screen at 60 frames: in no second does the pen stand still in
 * more than half of the frames, and in no frame does it jump. */
static void watch(uint32_t late_us)
{
    static wire w;
    stage s;
    ck_rng rng;
    double last = -1, most = 0;
    uint32_t moved = 0, frames = 0, moved_least = UINT32_MAX;
    begin(&s);
    ck_rng_seed(&rng, late_us + 1);
    w = (wire){.frame_us = s.now_us};
    ck_buf_init(&w.waits, &ck_test_heap, 1 << 16);
    s.pen.config.live_us = WIRE_US;
    down(&s);
    const uint64_t start_us = s.now_us;
    while (s.now_us < start_us + SECONDS * 1000 * MS) {
        s.now_us += FRAME_US;
        s.x = (int32_t)(16 * SPEED * (double)(s.now_us - start_us) / 1e6); /* 1/64 px */
        CK_CHECK_EQ(ck_pen_move(&s.pen, s.x, 0, 0.5, s.now_us), CHALK_OK);
        send(&s, &w, &rng, late_us);
        hear(&s, &w);
        double at = seen_at(&s);
        if (s.now_us > start_us + 3000 * MS) { /* how late it comes is known by now */
            moved += at > last;
            most = CK_MAX(most, at - last);
            CK_CHECK(at >= last);
            if (++frames % 60 == 0) {
                moved_least = CK_MIN(moved_least, moved);
                moved = 0;
            }
        }
        last = at;
    }
    CK_CHECK(moved_least >= 30);
    CK_CHECK(most <= JUMP_MOST * SPEED * FRAME_US / 1e6);
    CK_CHECK(16 * last >= s.x - 16 * SPEED); /* and it is not a second behind */
    ck_buf_free(&w.waits);
    end(&s);
}

CK_TEST(pens, four_messages_a_second_make_a_pen_that_moves)
{
    watch(0);
}

CK_TEST(pens, it_moves_also_where_messages_are_late)
{
    watch(60 * MS);
    watch(150 * MS);
}

/* A pen that is held still sends nothing; afterwards it is not behind by as long as it rested. */
CK_TEST(pens, a_rest_is_not_waited_for)
{
    static wire w;
    stage s;
    ck_rng rng;
    begin(&s);
    ck_rng_seed(&rng, 1);
    w = (wire){.frame_us = s.now_us};
    ck_buf_init(&w.waits, &ck_test_heap, 1 << 16);
    s.pen.config.live_us = WIRE_US;
    down(&s);
    for (uint32_t frame = 0; frame < 300; frame++) {
        s.now_us += FRAME_US;
        bool rests = frame >= 100 && frame < 170; /* 1.2 s */
        if (!rests) {
            s.x += 64;
            CK_CHECK_EQ(ck_pen_move(&s.pen, s.x, 0, 0.5, s.now_us), CHALK_OK);
        }
        send(&s, &w, &rng, 0);
        hear(&s, &w);
        double at = seen_at(&s);
        if (frame == 230) { /* a second after it */
            CK_CHECK(16 * at >= s.x - 64 * 45);
        }
    }
    ck_buf_free(&w.waits);
    end(&s);
}
