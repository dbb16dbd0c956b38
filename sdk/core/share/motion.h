/*
 * Whether what is shared is to be kept sharp or kept fluent: slides and motion told apart by how
 * much of the picture changes, how often, and whether it was merely scrolled.
 *
 * Each picture of which a good part changed, other than by scrolling, adds one to a level that runs
 * dry within a second. A high level for a while is a film; a low one for a while is not any more.
 * Letters that are typed, a pointer, a small animation count for nothing; a slide counts once.
 *
 *     ck_motion_init(&m, now);
 *     if (ck_motion_picture(&m, area, whole, scrolled, now)) ... ck_motion_kind(&m) is another
 *     if (ck_motion_on_deadline(&m, now)) ...       at ck_motion_next_deadline or a little later
 *
 * Plain state. Times are microseconds on any one clock.
 */
#ifndef CK_CORE_SHARE_MOTION_H
#define CK_CORE_SHARE_MOTION_H

#include <stdbool.h>
#include <stdint.h>

enum ck_motion_kind {
    CK_MOTION_SLIDES = 1, /* so it begins */
    CK_MOTION_FILM,
};

/* Why it changed last. */
enum ck_motion_reason {
    CK_MOTION_NONE = 0,
    CK_MOTION_MOVES,   /* a good part changes many times a second */
    CK_MOTION_RESTS,   /* little changes any more */
    CK_MOTION_SCROLLS, /* what changes is scrolled */
};

typedef struct ck_motion {
    enum ck_motion_kind kind;
    enum ck_motion_reason reason;
    /* Private. */
    double level;        /* pictures that count, running dry */
    double scrolled;     /* pictures that were scrolled, the same */
    uint64_t at_us;      /* of both */
    uint64_t towards_us; /* since when it has looked like the other kind; UINT64_MAX: it does not */
} ck_motion;

void ck_motion_init(ck_motion *m, uint64_t now_us);
/* A picture of which `area` of `whole` pixels changed. True when the kind is another now. */
bool ck_motion_picture(ck_motion *m, uint64_t area, uint64_t whole, bool scrolled, uint64_t now_us);
/* Of the parts of a picture, what counts: smaller changes need not be looked at for scrolling. */
bool ck_motion_counts(uint64_t area, uint64_t whole);
bool ck_motion_on_deadline(ck_motion *m, uint64_t now_us); /* true as above */
/* When it has to be looked at without a picture; UINT64_MAX: never. */
uint64_t ck_motion_next_deadline(const ck_motion *m);
/* For people: "a large part changes many times a second". */
const char *ck_motion_reason_text(enum ck_motion_reason reason);

#endif
