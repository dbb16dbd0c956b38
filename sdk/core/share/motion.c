#include "core/share/motion.h"

#include "base/check.h"
#include "base/time.h"

#include <math.h>

#define GOOD_PART 16u /* one in so many of the picture */
#define DRY_S     1.0 /* after this, 1/e of a level is left */
/* At a steady rate the level is about that many pictures a second. */
#define FILM_LEVEL   6.0
#define SLIDES_LEVEL 3.0
/* A person scrolls, and a transition of slides runs, for a shorter time. */
#define FILM_US   1500000u
#define SLIDES_US 1000000u

void ck_motion_init(ck_motion *m, uint64_t now_us)
{
    *m = (ck_motion){.kind = CK_MOTION_SLIDES, .at_us = now_us, .towards_us = CK_NEVER};
}

bool ck_motion_counts(uint64_t area, uint64_t whole)
{
    return area * GOOD_PART >= whole;
}

static void run_dry(ck_motion *m, uint64_t now_us)
{
    if (now_us <= m->at_us) {
        return;
    }
    double left = exp(-(double)(now_us - m->at_us) / 1e6 / DRY_S);
    m->level *= left;
    m->scrolled *= left;
    m->at_us = now_us;
}

static bool change(ck_motion *m, enum ck_motion_kind kind, enum ck_motion_reason reason)
{
    m->kind = kind;
    m->reason = reason;
    m->towards_us = CK_NEVER;
    return true;
}

/* Looks at the level and the time since it is on the other side. */
static bool judge(ck_motion *m, uint64_t now_us)
{
    bool slides = m->kind == CK_MOTION_SLIDES;
    bool other = slides ? m->level >= FILM_LEVEL : m->level < SLIDES_LEVEL;
    if (!other) {
        m->towards_us = CK_NEVER;
        return false;
    }
    m->towards_us = CK_MIN(m->towards_us, now_us);
    if (now_us - m->towards_us < (slides ? FILM_US : SLIDES_US)) {
        return false;
    }
    if (slides) {
        return change(m, CK_MOTION_FILM, CK_MOTION_MOVES);
    }
    bool scrolls = m->scrolled >= SLIDES_LEVEL;
    return change(m, CK_MOTION_SLIDES, scrolls ? CK_MOTION_SCROLLS : CK_MOTION_RESTS);
}

bool ck_motion_picture(ck_motion *m, uint64_t area, uint64_t whole, bool scrolled, uint64_t now_us)
{
    run_dry(m, now_us);
    if (ck_motion_counts(area, whole)) {
        m->level += scrolled ? 0.0 : 1.0;
        m->scrolled += scrolled ? 1.0 : 0.0;
    }
    return judge(m, now_us);
}

bool ck_motion_on_deadline(ck_motion *m, uint64_t now_us)
{
    run_dry(m, now_us);
    return judge(m, now_us);
}

uint64_t ck_motion_next_deadline(const ck_motion *m)
{
    if (m->kind == CK_MOTION_SLIDES) {
        return CK_NEVER; /* only a picture can change that */
    }
    if (m->towards_us != CK_NEVER) {
        return m->towards_us + SLIDES_US;
    }
    /* When the level will have run down, a millisecond later for rounding. */
    double seconds = DRY_S * log(CK_MAX(m->level / SLIDES_LEVEL, 1.0));
    return m->at_us + (uint64_t)(seconds * 1e6) + CK_US_PER_MS;
}

const char *ck_motion_reason_text(enum ck_motion_reason reason)
{
    switch (reason) {
    case CK_MOTION_MOVES:
        return "a large part of the picture changes many times a second";
    case CK_MOTION_RESTS:
        return "little changes any more";
    case CK_MOTION_SCROLLS:
        return "what changes is scrolled";
    default:
        return "";
    }
}
