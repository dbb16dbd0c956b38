#include "core/drawing/pens.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define LEAST 64u /* samples */

void ck_pens_init(ck_pens *p, const ck_alloc *alloc)
{
    *p = (ck_pens){.alloc = alloc};
}

static void remove_at(ck_pens *p, ck_pens_stroke **place)
{
    ck_pens_stroke *s = *place;
    *place = s->next;
    p->stroke_count--;
    ck_free(p->alloc, s->samples);
    ck_free(p->alloc, s);
}

void ck_pens_free(ck_pens *p)
{
    while (p->strokes != NULL) {
        remove_at(p, &p->strokes);
    }
    for (uint32_t i = 0; i < p->pen_count; i++) {
        ck_free(p->alloc, p->pens[i]);
    }
    ck_free(p->alloc, p->pens);
    p->pens = NULL;
    p->pen_count = 0;
}

/* --- pens ------------------------------------------------------------------------------------ */

static ck_pens_pen *find_pen(const ck_pens *p, uint64_t author)
{
    for (uint32_t i = 0; i < p->pen_count; i++) {
        if (p->pens[i]->author == author) {
            return p->pens[i];
        }
    }
    return NULL;
}

static ck_pens_pen *add_pen(ck_pens *p)
{
    if (p->pens == NULL) {
        /* NOLINTNEXTLINE(bugprone-sizeof-expression): an array of pointers */
        p->pens = ck_new_array(p->alloc, CK_PENS_AUTHORS, sizeof *p->pens);
    }
    ck_pens_pen *pen = p->pens != NULL ? ck_new(p->alloc, sizeof *pen) : NULL;
    if (pen != NULL) {
        p->pens[p->pen_count++] = pen;
    }
    return pen;
}

static ck_pens_pen *need_pen(ck_pens *p, uint64_t author)
{
    ck_pens_pen *pen = find_pen(p, author);
    if (pen == NULL && p->pen_count < CK_PENS_AUTHORS) {
        pen = add_pen(p);
    } else if (pen == NULL) {
        pen = p->pens[0];
        for (uint32_t i = 1; i < p->pen_count; i++) {
            pen = p->pens[i]->heard_us < pen->heard_us ? p->pens[i] : pen;
        }
    }
    if (pen != NULL && pen->author != author) {
        *pen = (ck_pens_pen){.author = author};
        ck_pace_init(&pen->pace);
    }
    return pen;
}

int ck_pens_feed(ck_pens *p, uint64_t author, const void *data, size_t size, uint64_t now_us)
{
    ck_pens_pen *pen = need_pen(p, author);
    if (pen == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    pen->heard_us = now_us;
    return ck_pace_feed(&pen->pace, data, size, now_us);
}

/* --- strokes --------------------------------------------------------------------------------- */

static uint64_t key_of(uint64_t author, uint8_t number)
{
    return CK_PENS_KEYS | author << 8 | number;
}

static ck_pens_stroke **place_of(ck_pens *p, uint64_t key)
{
    ck_pens_stroke **place = &p->strokes;
    while (*place != NULL && (*place)->key != key) {
        place = &(*place)->next;
    }
    return place;
}

static ck_pens_stroke *begin(ck_pens *p, uint64_t author, const ck_pace_sample *sample)
{
    if (p->stroke_count == CK_PENS_STROKES) {
        ck_pens_stroke **oldest = &p->strokes;
        /* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): so many strokes are in the list */
        while ((*oldest)->next != NULL) {
            oldest = &(*oldest)->next;
        }
        remove_at(p, oldest);
    }
    ck_pens_stroke *s = ck_new(p->alloc, sizeof *s);
    if (s != NULL) {
        s->key = key_of(author, sample->stroke);
        s->author = author;
        s->number = sample->stroke;
        s->style = sample->style;
        s->next = p->strokes;
        p->strokes = s;
        p->stroke_count++;
    }
    return s;
}

static void add(ck_pens *p, uint64_t author, const ck_pace_sample *sample, uint64_t now_us)
{
    ck_pens_stroke **place = place_of(p, key_of(author, sample->stroke));
    if (*place != NULL && (sample->live.what & CK_LIVE_DOWN) != 0) {
        remove_at(p, place); /* another one of the same low bits */
        place = place_of(p, key_of(author, sample->stroke));
    }
    ck_pens_stroke *s = *place != NULL ? *place : begin(p, author, sample);
    if (s != NULL && s->count == s->size && s->size < CK_PENS_SAMPLES) {
        uint32_t size = CK_MAX(LEAST, 2 * s->size);
        ck_live_sample *grown = ck_resize_array(p->alloc, s->samples, size, sizeof *grown);
        s->samples = grown != NULL ? grown : s->samples;
        s->size = grown != NULL ? size : s->size;
    }
    if (s != NULL && s->count < s->size) { /* else its finished stroke will do */
        s->samples[s->count++] = sample->live;
        s->moved_us = now_us;
        s->has_tip = false;
    }
}

void ck_pens_drawn(ck_pens *p, uint64_t author, const ck_board_op *op)
{
    ck_board_strokes strokes = ck_board_strokes_of(op->rest);
    ck_bytes points;
    uint32_t last = (uint32_t)op->live;
    ck_pens_pen *pen = find_pen(p, author);
    if (op->code != CK_BOARD_DRAW || op->live == 0) {
        return;
    }
    for (uint32_t i = 0; ck_board_next_stroke(&strokes, &points); i++) {
        last = (uint32_t)op->live + i;
    }
    if (pen != NULL) {
        ck_pace_drop(&pen->pace, last);
    }
    for (ck_pens_stroke **place = &p->strokes; *place != NULL;) {
        ck_pens_stroke *s = *place;
        if (s->author == author && (uint8_t)((uint8_t)last - s->number) < 128) {
            remove_at(p, place);
        } else {
            place = &s->next;
        }
    }
}

static void run(ck_pens *p, ck_pens_pen *pen, uint64_t now_us)
{
    ck_pace_sample sample;
    while (ck_pace_next(&pen->pace, now_us, &sample)) {
        add(p, pen->author, &sample, now_us);
    }
    if (ck_pace_tip(&pen->pace, &sample)) {
        ck_pens_stroke *s = *place_of(p, key_of(pen->author, sample.stroke));
        if (s != NULL) {
            s->has_tip = true;
            s->tip = sample.live;
        }
    }
}

void ck_pens_run(ck_pens *p, uint64_t now_us)
{
    for (uint32_t i = 0; i < p->pen_count; i++) {
        run(p, p->pens[i], now_us);
    }
    for (ck_pens_stroke **place = &p->strokes; *place != NULL;) {
        if ((*place)->moved_us + CK_PENS_SILENT_US < now_us) {
            remove_at(p, place);
        } else {
            place = &(*place)->next;
        }
    }
}

const ck_pens_stroke *ck_pens_at(const ck_pens *p, uint32_t index)
{
    const ck_pens_stroke *s = p->strokes;
    for (; s != NULL && index > 0; index--) {
        s = s->next;
    }
    return s;
}
