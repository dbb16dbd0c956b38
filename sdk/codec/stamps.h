/*
 * Remembers what belongs to a picture or sound while it is inside a codec. The codec library is
 * given sequence numbers in place of times: it passes them through, in whatever order it gives
 * things out, and cannot stumble over times that stand still or jump.
 */
#ifndef CK_CODEC_STAMPS_H
#define CK_CODEC_STAMPS_H

#include <stdint.h>

/* More than the 16 pictures by which H.264 may reorder; a power of two. */
#define CK_STAMPS_MAX 64

typedef struct ck_stamp {
    int64_t pts_us;
    uint64_t capture_us;
} ck_stamp;

typedef struct ck_stamps {
    ck_stamp slots[CK_STAMPS_MAX];
    int64_t next; /* sequence number of the next one */
} ck_stamps;

/* Returns the sequence number under which the stamp can be looked up. */
static inline int64_t ck_stamps_put(ck_stamps *s, ck_stamp stamp)
{
    s->slots[s->next & (CK_STAMPS_MAX - 1)] = stamp;
    return s->next++;
}

/* Of the last CK_STAMPS_MAX; anything else gives the stamp in that slot, never another's memory. */
static inline ck_stamp ck_stamps_get(const ck_stamps *s, int64_t sequence)
{
    return s->slots[sequence & (CK_STAMPS_MAX - 1)];
}

#endif
