/*
 * When the pointer of a shared screen is told to the room, and how: at most 60 places a second and
 * only when it moved, its shape once, and both again for those who cannot have them.
 *
 *     ck_pointer_sender_init(&s, alloc);
 *     ck_pointer_sender_shape(&s, &shape);            when it looks different
 *     ck_pointer_sender_feed(&s, visible, x, y);      as often as it is known
 *     while (ck_pointer_sender_poll_output(&s, now, &key, &data)) ...   to the latest lane
 *     at ck_pointer_sender_next_deadline: the same
 *
 * The lane keeps nothing and may leave things out, so what rests is told once more after
 * CK_POINTER_REST_US and then each CK_POINTER_KEEP_US; a shape that was told lately is not told
 * again when the pointer takes it anew.
 */
#ifndef CK_CORE_POINTER_SENDER_H
#define CK_CORE_POINTER_SENDER_H

#include "core/pointer/shape.h"

#define CK_POINTER_PERIOD_US 16667u /* between two places: 60 a second */
#define CK_POINTER_REST_US   250000u
#define CK_POINTER_KEEP_US   5000000u
#define CK_POINTER_SHAPE_US  30000000u /* a shape told before is told again */
/* Between two tellings of a shape for newcomers: so long for each who is here, within these. */
#define CK_POINTER_GUEST_US       10000u
#define CK_POINTER_GUEST_LEAST_US 250000u
#define CK_POINTER_GUEST_MOST_US  4000000u
#define CK_POINTER_KNOWN          8u /* shapes of which it is known when they were told */

typedef struct ck_pointer_told {
    uint64_t id; /* 0: none */
    uint64_t at_us;
} ck_pointer_told;

typedef struct ck_pointer_sender {
    const ck_alloc *alloc;
    ck_wire_shape head; /* of the present shape; id 0: there is none */
    ck_buf packed;
    uint32_t part; /* the next one to be told; head.parts: none is */
    ck_pointer_told known[CK_POINTER_KNOWN];
    ck_wire_pointer now;
    ck_wire_pointer told;
    uint64_t told_us;   /* 0: nothing was told */
    bool repeats;       /* what rests has not been told again yet */
    bool again;         /* it is to be told at once, moved or not */
    uint64_t guests_us; /* when somebody came who has no shape */
    uint64_t guest_us;  /* between two tellings for them */
    ck_buf out;
} ck_pointer_sender;

void ck_pointer_sender_init(ck_pointer_sender *s, const ck_alloc *alloc);
void ck_pointer_sender_free(ck_pointer_sender *s);

/* Errors of ck_shape_pack: then it has no shape, and is not seen. */
int ck_pointer_sender_shape(ck_pointer_sender *s, const ck_shape *shape);
/* Where it is, in pixels of its shape's picture. */
void ck_pointer_sender_feed(ck_pointer_sender *s, bool visible, uint32_t x, uint32_t y);
/* Somebody came, or the connection was lost: what was told before is not known to all. `here`:
 * people. */
void ck_pointer_sender_guest(ck_pointer_sender *s, uint64_t here, uint64_t now_us);

/* The next message that is due: `data` is borrowed until the next call. */
bool ck_pointer_sender_poll_output(ck_pointer_sender *s, uint64_t now_us, uint64_t *key,
                                   ck_bytes *data);
uint64_t ck_pointer_sender_next_deadline(const ck_pointer_sender *s);

#endif
