/*
 * The crowd lane: what many people say at once, as much of it as a person can read. What is said
 * between two frames is merged where the text is the same, and what was shown in the last seconds
 * is told as said again; of the rest so many are shown as the rate allows, and the others are
 * counted. Nothing is dropped from the history: this chooses what is shown.
 */
#ifndef CK_CORE_SEQUENCER_CROWD_H
#define CK_CORE_SEQUENCER_CROWD_H

#include "base/rng.h"
#include "core/room/events.h"

#define CK_CROWD_TEXTS        256u /* different ones between two frames; of more a sample */
#define CK_CROWD_REACTIONS    32u
#define CK_CROWD_RECENT       64u /* texts that were shown, of at most so many bytes, */
#define CK_CROWD_RECENT_BYTES 48u
#define CK_CROWD_RECENT_US    10000000u /* so lately */
#define CK_CROWD_EVERY_US     600000u
#define CK_CROWD_SAVED_US     1000000u /* of what was not shown before, so much may be made up for */

typedef struct ck_crowd_entry {
    ck_event event; /* the first one that said it */
    char *text;
    uint64_t times;
    uint64_t rank; /* the higher is shown */
} ck_crowd_entry;

typedef struct ck_crowd_reaction {
    char text[CK_EMOJI_MAX];
    uint32_t size;
    uint64_t times;
} ck_crowd_reaction;

typedef struct ck_crowd_recent {
    uint8_t text[CK_CROWD_RECENT_BYTES];
    size_t size;
    uint64_t number;
    uint64_t at_us;
} ck_crowd_recent;

/* Small rooms do without. */
typedef struct ck_crowd_tables {
    ck_crowd_entry entries[CK_CROWD_TEXTS];
    ck_crowd_recent recent[CK_CROWD_RECENT]; /* a ring */
    uint32_t recent_next;
} ck_crowd_tables;

typedef struct ck_crowd {
    const ck_alloc *alloc;
    ck_rng rng;
    uint32_t per_s;
    uint64_t allowed; /* messages that may be shown, in millionths */
    uint64_t from, to;
    uint64_t uncounted;             /* messages that found no place */
    struct ck_crowd_tables *tables; /* NULL: nobody has said anything yet */
    uint32_t count;
    ck_crowd_reaction reactions[CK_CROWD_REACTIONS];
    uint32_t reaction_count;
} ck_crowd;

void ck_crowd_init(ck_crowd *c, const ck_alloc *alloc, uint32_t per_s, uint64_t seed);
void ck_crowd_free(ck_crowd *c);
void ck_crowd_clear(ck_crowd *c, uint64_t to); /* forgets all up to here */
/* The state was made again, and the lane ends here: what waits to be shown still does, and what
 * came to light meanwhile counts as hidden. */
void ck_crowd_resume(ck_crowd *c, uint64_t to);
void ck_crowd_add(ck_crowd *c, const ck_event *event, bool staff);
/* What was deleted is shown no more, nor said again; who said the same with it is hidden too. */
void ck_crowd_delete(ck_crowd *c, uint64_t number);
void ck_crowd_react(ck_crowd *c, ck_bytes text);
bool ck_crowd_is_empty(const ck_crowd *c);

/* Appends a CROWD frame, `passed_us` after the one before, and begins anew; gives the number of
 * messages that it hides. */
uint64_t ck_crowd_write(ck_crowd *c, uint64_t passed_us, ck_buf *out);

#endif
