/* What is sent of a picture that rests, in a clock of the test's own; damage that is added up. */
#include "base/check.h"
#include "base/rng.h"
#include "base/time.h"
#include "core/share/damage.h"
#include "core/share/motion.h"
#include "core/share/rest.h"
#include "core/share/scroll.h"
#include "support/check.h"

#include <string.h>

#define S     UINT64_C(1000000)
#define MS    UINT64_C(1000)
#define WHOLE 921600u /* pixels of 1280 x 720 */

static ck_rest rest_of(bool refines, bool free_repeats, uint64_t gop_us)
{
    const ck_rest_config config = {
        .period_us = S / 15, .gop_us = gop_us, .bitrate_kbps = 1000, .refines = refines};
    ck_rest r;
    ck_rest_init(&r, &config);
    r.free_repeats = free_repeats;
    return r;
}

static void change(ck_rest *r, uint32_t area, uint64_t bytes, bool key, uint64_t now_us)
{
    (void)ck_rest_changed(r, area, WHOLE, now_us);
    ck_rest_sent_change(r, key, bytes, now_us);
}

/* Carries out what falls due until then; the acts as letters, with their steps of quality. */
static const char *run(ck_rest *r, uint64_t until_us, char *out, size_t size)
{
    static const char letters[] = {[CK_REST_REPEAT] = 'r',
                                   [CK_REST_REFINE] = 'f',
                                   [CK_REST_KEY] = 'K',
                                   [CK_REST_SETTLE] = 'S'};
    size_t used = 0;
    for (;;) {
        enum ck_rest_act act = CK_REST_REPEAT;
        uint64_t due_us = ck_rest_next_deadline(r, &act);
        if (due_us > until_us || used + 2 >= size) {
            out[used] = '\0';
            return out;
        }
        out[used++] = letters[act];
        if (act == CK_REST_REFINE) {
            out[used++] = ck_rest_finer(r, act) == CK_REST_FINEST ? '2' : '1';
        }
        ck_rest_sent_act(r, act, act >= CK_REST_KEY, act == CK_REST_REPEAT ? 40 : 5000, due_us);
    }
}

CK_TEST(share_rest, a_change_is_brought_to_rest)
{
    static const struct {
        bool refines, free_repeats;
        uint64_t gop_us;
        uint32_t area;
        const char *first_s, *later; /* within a second; from then to 5.2 s */
    } rows[] = {
        {true, true, 0, WHOLE, "rf1f2rrrr", "rrrr"},
        {true, false, 0, WHOLE, "f1f2rr", "rrrr"},
        {true, true, 0, WHOLE / 100, "rrrrrrr", "rrrr"}, /* clean at once: repeats alone */
        {false, true, 0, WHOLE, "rrrrrrr", "f1rrr"},     /* coded once more as the rate allows */
        {false, false, 0, WHOLE, "f1", "rrrr"},
        {true, true, 2 * S, WHOLE, "rf1f2rrrrrr", "rrrrrKrrrrrrrrrKrrrrrr"},
        {true, false, 2 * S, WHOLE, "f1f2rr", "rKrKr"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rest r = rest_of(rows[i].refines, rows[i].free_repeats, rows[i].gop_us);
        enum ck_rest_act act;
        CK_CHECK_EQ(ck_rest_next_deadline(&r, &act), CK_NEVER);
        char acts[128];
        change(&r, rows[i].area, 20000, true, 10 * S);
        const char *first = run(&r, 11 * S, acts, sizeof acts);
        if (strcmp(first, rows[i].first_s) != 0) {
            CK_FAIL("row %zu: %s, expected %s", i, first, rows[i].first_s);
        }
        const char *later = run(&r, 15 * S + 200 * MS, acts, sizeof acts);
        if (strcmp(later, rows[i].later) != 0) {
            CK_FAIL("row %zu: then %s, expected %s", i, later, rows[i].later);
        }
    }
}

/* Who types gets no refinement in between: each letter is clean, and the encoder runs once for it.
 */
CK_TEST(share_rest, small_changes_are_clean_while_little_is_sent)
{
    ck_rest r = rest_of(true, true, 0);
    char acts[64];
    for (uint64_t at = 10 * S; at < 15 * S; at += 200 * MS) {
        CK_CHECK_EQ(ck_rest_changed(&r, 20 * 20, WHOLE, at), CK_REST_CLEAN);
        ck_rest_sent_change(&r, false, 600, at);
        CK_CHECK(strchr(run(&r, at + 199 * MS, acts, sizeof acts), 'f') == NULL);
    }
    /* Small, but so costly that the rate would not hold. */
    uint32_t coarse = 0;
    for (uint64_t at = 20 * S; at < 25 * S; at += 66 * MS) {
        coarse += ck_rest_changed(&r, WHOLE / 50, WHOLE, at) == 0;
        ck_rest_sent_change(&r, false, 12000, at);
    }
    CK_CHECK_ROW(coarse, coarse > 40);
    CK_CHECK_EQ(ck_rest_changed(&r, WHOLE / 20, WHOLE, 40 * S), 0); /* not small */
}

/* Out of the blue a change is pushed through players; in a film the next picture does that. */
CK_TEST(share_rest, an_isolated_change_is_pushed)
{
    static const struct {
        bool free_repeats;
        uint64_t apart_us; /* between two changes */
        bool pushed;
    } rows[] = {{true, S / 15, false}, {true, 500 * MS, true}, {false, 500 * MS, false}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rest r = rest_of(true, rows[i].free_repeats, 0);
        change(&r, WHOLE, 3000, true, 10 * S);
        uint64_t now_us = 10 * S + rows[i].apart_us;
        change(&r, WHOLE, 3000, false, now_us);
        enum ck_rest_act act = CK_REST_KEY;
        uint64_t due_us = ck_rest_next_deadline(&r, &act);
        CK_CHECK_ROW(i, (due_us == now_us) == rows[i].pushed);
        CK_CHECK_ROW(i, act == (rows[i].free_repeats ? CK_REST_REPEAT : CK_REST_REFINE));
        ck_rest_sent_act(&r, act, false, 40, due_us);
        CK_CHECK_ROW(i, ck_rest_next_deadline(&r, &act) >= now_us + 90 * MS);
    }
}

/* A newcomer's key frame in the middle of the schedule, made by the encoder, ends the refinement;
 * one that was sent again is no better than it was. */
CK_TEST(share_rest, key_frames_between)
{
    char acts[64];
    ck_rest r = rest_of(true, true, 0);
    change(&r, WHOLE, 20000, true, 10 * S);
    CK_CHECK_EQ(ck_rest_finer(&r, CK_REST_KEY), CK_REST_SETTLED);
    ck_rest_sent_act(&r, CK_REST_KEY, true, 60000, 10 * S + 50 * MS);
    CK_CHECK(strchr(run(&r, 11 * S, acts, sizeof acts), 'f') == NULL);
    r = rest_of(true, true, 0);
    change(&r, WHOLE, 20000, true, 10 * S);
    ck_rest_sent_act(&r, CK_REST_REPEAT, true, 20000, 10 * S + 50 * MS);
    CK_CHECK(strstr(run(&r, 11 * S, acts, sizeof acts), "f1f2") != NULL);
}

/* Key frames by time are as good as the picture, until it has settled: then one smaller one is
 * made. */
CK_TEST(share_rest, a_picture_that_rests_settles_once)
{
    char acts[256];
    ck_rest r = rest_of(true, true, 2 * S);
    change(&r, WHOLE, 20000, true, 10 * S);
    CK_CHECK(strchr(run(&r, 15 * S + 900 * MS, acts, sizeof acts), 'S') == NULL);
    CK_CHECK_EQ(ck_rest_finer(&r, CK_REST_KEY), CK_REST_FINEST);
    CK_CHECK_EQ(ck_rest_finer(&r, CK_REST_SETTLE), CK_REST_SETTLED);
    const char *long_rest = run(&r, 26 * S, acts, sizeof acts);
    const char *settled = strchr(long_rest, 'S');
    CK_CHECK(settled != NULL && strchr(settled + 1, 'S') == NULL);
    CK_CHECK(strchr(settled + 1, 'K') != NULL);
    CK_CHECK_EQ(ck_rest_finer(&r, CK_REST_KEY), CK_REST_SETTLED);
    change(&r, WHOLE, 20000, false, 26 * S);
    CK_CHECK_EQ(ck_rest_finer(&r, CK_REST_KEY), CK_REST_FINEST);
    r = rest_of(false, true, 2 * S); /* what is not refined has nothing to lose */
    change(&r, WHOLE, 20000, true, 10 * S);
    CK_CHECK(strchr(run(&r, 26 * S, acts, sizeof acts), 'S') == NULL);
}

/* Whatever comes when: what is due is never before what was sent, and silence is at most a second.
 */
CK_TEST(share_rest, there_is_always_a_next_picture_within_a_second)
{
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    for (int i = 0; i < 400; i++) {
        ck_rest r = rest_of((i & 1) != 0, (i & 2) != 0, (i & 4) != 0 ? 2 * S : 0);
        uint64_t now_us = 10 * S;
        change(&r, WHOLE, 1000, true, now_us);
        for (int k = 0; k < 60; k++) {
            enum ck_rest_act act = 0;
            uint64_t due_us = ck_rest_next_deadline(&r, &act);
            CK_CHECK(due_us <= now_us + CK_REST_REPEAT_US);
            bool pushed = r.pushes && r.further == 0; /* at once, and not again */
            CK_CHECK(due_us > now_us || act >= CK_REST_KEY || pushed);
            CK_CHECK(act >= CK_REST_REPEAT && act <= CK_REST_SETTLE);
            uint64_t late_us = ck_rng_next(&rng) % (100 * MS);
            if (due_us > now_us && ck_rng_next(&rng) % 4 == 0) {
                now_us += 1 + ck_rng_next(&rng) % (due_us - now_us);
                change(&r, (uint32_t)(ck_rng_next(&rng) % WHOLE), ck_rng_next(&rng) % 30000,
                       ck_rng_next(&rng) % 9 == 0, now_us);
            } else {
                now_us = CK_MAX(due_us, now_us) + late_us;
                ck_rest_sent_act(&r, act, act >= CK_REST_KEY, 100, now_us);
            }
        }
    }
}

/* --- damage --------------------------------------------------------------------------------------
 */

static bool covers(const ck_damage *d, int32_t x, int32_t y)
{
    for (uint32_t i = 0; i < d->count; i++) {
        const chalk_rect *r = &d->rects[i];
        if (x >= r->x && x < r->x + r->width && y >= r->y && y < r->y + r->height) {
            return true;
        }
    }
    return d->everything;
}

CK_TEST(share_damage, nothing_that_changed_is_lost)
{
    ck_rng rng;
    ck_rng_seed(&rng, 9);
    for (int round = 0; round < 50; round++) {
        ck_damage d = {0}, other = {0};
        chalk_rect added[150];
        CK_CHECK(!ck_damage_any(&d));
        for (size_t i = 0; i < CK_COUNT_OF(added); i++) {
            added[i] = (chalk_rect){
                (int32_t)(ck_rng_next(&rng) % 600), (int32_t)(ck_rng_next(&rng) % 300),
                (int32_t)(1 + ck_rng_next(&rng) % 40), (int32_t)(1 + ck_rng_next(&rng) % 40)};
            ck_damage_add_frame(i % 3 == 0 ? &other : &d, &added[i], 1);
        }
        ck_damage_merge(&d, &other);
        CK_CHECK(d.count <= CK_DAMAGE_MAX && ck_damage_any(&d));
        for (size_t i = 0; i < CK_COUNT_OF(added); i++) {
            CK_CHECK(covers(&d, added[i].x, added[i].y));
            CK_CHECK(covers(&d, added[i].x + added[i].width - 1, added[i].y + added[i].height - 1));
        }
        CK_CHECK(ck_damage_area(&d, 640, 340) <= 640 * 340);
    }
}

CK_TEST(share_damage, unknown_is_everything_and_stays_so)
{
    ck_damage d = {0};
    const chalk_rect caret = {10, 10, 2, 20}, line = {0, 8, 600, 30}, none = {5, 5, 0, 4};
    ck_damage_add(&d, none);
    CK_CHECK(!ck_damage_any(&d));
    ck_damage_add(&d, caret);
    ck_damage_add(&d, line); /* takes the caret's place */
    ck_damage_add(&d, caret);
    CK_CHECK_EQ(d.count, 1);
    CK_CHECK_EQ(ck_damage_area(&d, 640, 360), 600 * 30);
    ck_damage_add_frame(&d, NULL, 0);
    ck_damage_add(&d, caret);
    CK_CHECK(d.everything && d.count == 0);
    CK_CHECK_EQ(ck_damage_area(&d, 640, 360), 640 * 360);
    ck_damage_clear(&d);
    CK_CHECK(!ck_damage_any(&d));
}

/* --- slides or a film ----------------------------------------------------------------------------
 */

typedef struct scene {
    const char *what;
    double fps, part; /* of the picture, of each */
    bool scrolled;
    double seconds;
    enum ck_motion_kind then;
} scene;

CK_TEST(share_motion, tells_films_from_the_rest)
{
    static const scene scenes[] = {
        {"a film over everything", 15, 1.0, false, 4, CK_MOTION_FILM},
        {"a film in a quarter", 15, 0.25, false, 4, CK_MOTION_FILM},
        {"a film at 10 a second", 10, 0.3, false, 5, CK_MOTION_FILM},
        {"a film of a second", 15, 1.0, false, 1.2, CK_MOTION_SLIDES},
        {"scrolling", 15, 0.9, true, 20, CK_MOTION_SLIDES},
        {"typing", 8, 0.001, false, 20, CK_MOTION_SLIDES},
        {"the pointer", 30, 0.003, false, 20, CK_MOTION_SLIDES},
        {"a small animation", 15, 0.03, false, 20, CK_MOTION_SLIDES},
        {"slides", 0.5, 1.0, false, 20, CK_MOTION_SLIDES},
        {"slides leafed through", 3, 1.0, false, 10, CK_MOTION_SLIDES},
    };
    for (size_t i = 0; i < CK_COUNT_OF(scenes); i++) {
        ck_motion m;
        uint64_t now_us = 5 * S;
        ck_motion_init(&m, now_us);
        int changes = 0;
        for (int n = 0; n < scenes[i].seconds * scenes[i].fps; n++) {
            now_us += (uint64_t)(1e6 / scenes[i].fps);
            changes += ck_motion_picture(&m, (uint64_t)(scenes[i].part * WHOLE), WHOLE,
                                         scenes[i].scrolled, now_us);
        }
        if (m.kind != scenes[i].then || changes != (m.kind == CK_MOTION_FILM)) {
            CK_FAIL("%s: kind %d after %d changes", scenes[i].what, (int)m.kind, changes);
        }
    }
}

/* It comes to rest without another picture, once; a short pause of a film is none. */
CK_TEST(share_motion, a_film_that_ends)
{
    ck_motion m;
    uint64_t now_us = 5 * S;
    ck_motion_init(&m, now_us);
    CK_CHECK_EQ(ck_motion_next_deadline(&m), CK_NEVER);
    for (int round = 0; round < 2; round++) {
        for (int n = 0; n < 60; n++) {
            now_us += S / 15;
            (void)ck_motion_picture(&m, WHOLE, WHOLE, false, now_us);
        }
        CK_CHECK_EQ(m.kind, CK_MOTION_FILM);
        CK_CHECK_EQ(m.reason, CK_MOTION_MOVES);
        now_us += S; /* it was paused and goes on */
        (void)ck_motion_on_deadline(&m, now_us);
        CK_CHECK_EQ(m.kind, CK_MOTION_FILM);
    }
    uint64_t ended_us = now_us;
    int looks = 0;
    while (m.kind == CK_MOTION_FILM && looks++ < 10) {
        uint64_t due_us = ck_motion_next_deadline(&m);
        CK_CHECK(due_us > now_us && due_us < ended_us + 10 * S);
        now_us = due_us;
        bool changed = ck_motion_on_deadline(&m, now_us);
        CK_CHECK_EQ(changed, m.kind == CK_MOTION_SLIDES);
    }
    CK_CHECK_EQ(m.kind, CK_MOTION_SLIDES);
    CK_CHECK_EQ(m.reason, CK_MOTION_RESTS);
    CK_CHECK_EQ(ck_motion_next_deadline(&m), CK_NEVER);
    for (int n = 0; n < 60; n++) { /* a film, and then what is below it is scrolled */
        now_us += S / 15;
        (void)ck_motion_picture(&m, WHOLE, WHOLE, false, now_us);
    }
    for (int n = 0; n < 60; n++) {
        now_us += S / 15;
        (void)ck_motion_picture(&m, WHOLE, WHOLE, true, now_us);
    }
    CK_CHECK_EQ(m.kind, CK_MOTION_SLIDES);
    CK_CHECK_EQ(m.reason, CK_MOTION_SCROLLS);
    CK_CHECK(ck_motion_reason_text(m.reason)[0] != '\0');
}

#define PAGE_WIDTH 320
#define PAGE_ROWS  900
#define VIEW_ROWS  240

/* Lines of random "letters" on white paper. */
static void draw_paper(uint8_t *page, ck_rng *rng)
{
    memset(page, 235, PAGE_WIDTH * PAGE_ROWS);
    for (int y = 8; y < PAGE_ROWS; y++) {
        for (int x = 20; y % 16 < 9 && x < PAGE_WIDTH - 20; x++) {
            page[y * PAGE_WIDTH + x] = ck_rng_next(rng) % 3 == 0 ? 20 : 235;
        }
    }
}

CK_TEST(share_scroll, finds_the_way)
{
    static ck_scroll s;
    static uint8_t page[PAGE_WIDTH * PAGE_ROWS], view[PAGE_WIDTH * VIEW_ROWS];
    static const int ways[] = {3, 12, -7, 40, 0, -40, 1, 100};
    ck_rng rng;
    ck_rng_seed(&rng, 2);
    draw_paper(page, &rng);
    ck_scroll_init(&s);
    int top = 300;
    CK_CHECK_EQ(ck_scroll_feed(&s, page + top * PAGE_WIDTH, PAGE_WIDTH, PAGE_WIDTH, VIEW_ROWS), 0);
    for (size_t i = 0; i < CK_COUNT_OF(ways); i++) {
        top += ways[i];
        memcpy(view, page + top * PAGE_WIDTH, sizeof view);
        memset(view, 100, PAGE_WIDTH * 30); /* the head of the window stays */
        int32_t way = ck_scroll_feed(&s, view, PAGE_WIDTH, PAGE_WIDTH, VIEW_ROWS);
        CK_CHECK_ROW(i, way == (i == 0 ? way : -ways[i]));
    }
}

CK_TEST(share_scroll, films_slides_and_other_sizes_are_not_scrolled)
{
    static ck_scroll s;
    static uint8_t page[PAGE_WIDTH * PAGE_ROWS];
    ck_rng rng;
    ck_rng_seed(&rng, 4);
    ck_scroll_init(&s);
    for (int n = 0; n < 10; n++) {
        if (n % 2 == 0) {
            draw_paper(page, &rng); /* another slide */
        } else {
            for (size_t i = 0; i < sizeof page; i++) { /* a film with its grain */
                page[i] = (uint8_t)(i / 64 + i % 64 + ck_rng_next(&rng) % 4);
            }
        }
        CK_CHECK_ROW(n, ck_scroll_feed(&s, page, PAGE_WIDTH, PAGE_WIDTH, VIEW_ROWS) == 0);
    }
    CK_CHECK_EQ(ck_scroll_feed(&s, page, PAGE_WIDTH, PAGE_WIDTH, VIEW_ROWS - 2), 0);
    CK_CHECK_EQ(ck_scroll_feed(&s, page, PAGE_WIDTH, PAGE_WIDTH / 2, VIEW_ROWS - 2), 0);
    CK_CHECK_EQ(ck_scroll_feed(&s, page, 0, 16, CK_SCROLL_ROWS_MAX + 1), 0);
}
