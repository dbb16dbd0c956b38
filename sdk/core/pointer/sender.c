#include "core/pointer/sender.h"

#include "base/check.h"
#include "base/time.h"

#define MESSAGE_MAX (CK_SHAPE_PART_BYTES + 64u)

void ck_pointer_sender_init(ck_pointer_sender *s, const ck_alloc *alloc)
{
    *s = (ck_pointer_sender){.alloc = alloc};
    ck_buf_init(&s->packed, alloc, CK_SHAPE_BYTES);
    ck_buf_init(&s->out, alloc, MESSAGE_MAX);
}

void ck_pointer_sender_free(ck_pointer_sender *s)
{
    ck_buf_free(&s->packed);
    ck_buf_free(&s->out);
}

int ck_pointer_sender_shape(ck_pointer_sender *s, const ck_shape *shape)
{
    int status = ck_shape_pack(s->alloc, shape, &s->head, &s->packed);
    if (status < 0) {
        s->head = (ck_wire_shape){0};
    }
    s->part = (uint32_t)s->head.parts;
    s->now.shape = s->now.shape != 0 ? s->head.id : 0;
    return status;
}

void ck_pointer_sender_feed(ck_pointer_sender *s, bool visible, uint32_t x, uint32_t y)
{
    bool inside = visible && x < s->head.width && y < s->head.height;
    s->now = inside ? (ck_wire_pointer){.shape = s->head.id, .x = x, .y = y}
                    : (ck_wire_pointer){.x = s->now.x, .y = s->now.y};
}

void ck_pointer_sender_guest(ck_pointer_sender *s, uint64_t here, uint64_t now_us)
{
    const uint64_t most = CK_POINTER_GUEST_MOST_US / CK_POINTER_GUEST_US;
    s->guests_us = CK_MAX(now_us, 1);
    s->guest_us = CK_MAX(CK_MIN(here, most) * CK_POINTER_GUEST_US, CK_POINTER_GUEST_LEAST_US);
}

/* --- when ------------------------------------------------------------------------------------ */

static const ck_pointer_told *find_told(const ck_pointer_sender *s)
{
    for (size_t i = 0; i < CK_POINTER_KNOWN; i++) {
        if (s->known[i].id == s->head.id) {
            return &s->known[i];
        }
    }
    return NULL;
}

static uint64_t shape_due(const ck_pointer_sender *s)
{
    if (s->now.shape == 0) {
        return CK_NEVER;
    }
    const ck_pointer_told *told = find_told(s);
    if (told == NULL) {
        return 0;
    }
    uint64_t due_us = told->at_us + CK_POINTER_SHAPE_US;
    uint64_t guests_us = CK_MAX(s->guests_us, told->at_us + s->guest_us);
    return s->guests_us > told->at_us ? CK_MIN(due_us, guests_us) : due_us;
}

static bool has_moved(const ck_pointer_sender *s)
{
    bool there = s->now.shape != 0;
    return s->now.shape != s->told.shape ||
           (there && (s->now.x != s->told.x || s->now.y != s->told.y));
}

static uint64_t place_due(const ck_pointer_sender *s)
{
    if (s->again) {
        return 0;
    }
    if (has_moved(s)) {
        return s->told_us != 0 ? s->told_us + CK_POINTER_PERIOD_US : 0;
    }
    if (s->repeats) {
        return s->told_us + CK_POINTER_REST_US;
    }
    return s->now.shape != 0 ? s->told_us + CK_POINTER_KEEP_US : CK_NEVER;
}

uint64_t ck_pointer_sender_next_deadline(const ck_pointer_sender *s)
{
    if (s->now.shape != 0 && s->part < s->head.parts) {
        return 0;
    }
    return CK_MIN(shape_due(s), place_due(s));
}

/* --- what ------------------------------------------------------------------------------------ */

/* In the place of the one that was told longest ago. */
static void note_told(ck_pointer_sender *s, uint64_t now_us)
{
    ck_pointer_told *place = &s->known[0];
    for (size_t i = 0; i < CK_POINTER_KNOWN; i++) {
        if (s->known[i].id == s->head.id) {
            place = &s->known[i];
            break;
        }
        place = s->known[i].at_us < place->at_us ? &s->known[i] : place;
    }
    *place = (ck_pointer_told){s->head.id, CK_MAX(now_us, 1)};
}

/* A message that finds no memory is lost, as one on the way may be. */
static bool give(ck_pointer_sender *s, const ck_wire_type *type, const void *message,
                 ck_bytes *data)
{
    ck_buf_clear(&s->out);
    ck_wire_encode(type, message, &s->out);
    *data = ck_bytes_of(s->out.data, s->out.size);
    return ck_buf_status(&s->out) == 0;
}

static bool give_part(ck_pointer_sender *s, uint64_t *key, ck_bytes *data)
{
    ck_wire_shape message = s->head;
    size_t from = (size_t)s->part * CK_SHAPE_PART_BYTES;
    message.part = s->part;
    message.data =
        ck_bytes_of(s->packed.data + from, CK_MIN(s->packed.size - from, CK_SHAPE_PART_BYTES));
    *key = CK_SPOT_SHAPE + s->part;
    s->part++;
    return give(s, &ck_type_shape, &message, data);
}

static bool give_place(ck_pointer_sender *s, uint64_t now_us, uint64_t *key, ck_bytes *data)
{
    s->repeats = s->again || has_moved(s);
    s->again = false;
    s->told = s->now;
    s->told_us = CK_MAX(now_us, 1);
    *key = CK_SPOT_POINTER;
    /* Where it is does not matter while it is not seen. */
    const ck_wire_pointer hidden = {0};
    return give(s, &ck_type_pointer, s->now.shape != 0 ? &s->now : &hidden, data);
}

bool ck_pointer_sender_poll_output(ck_pointer_sender *s, uint64_t now_us, uint64_t *key,
                                   ck_bytes *data)
{
    if (now_us >= shape_due(s)) {
        note_told(s, now_us);
        s->part = 0;
        s->again = true; /* who gets the shape gets the place */
    }
    if (s->now.shape != 0 && s->part < s->head.parts) {
        return give_part(s, key, data);
    }
    return now_us >= place_due(s) && give_place(s, now_us, key, data);
}
