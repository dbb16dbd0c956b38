#include "client/pointer.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "client/room.h"
#include "core/fit/fit.h"

#include "chalkrail/pointer.h"

#include <string.h>

int ck_client_pointer_init(ck_client_pointer *pointer)
{
    pointer->sender = NULL;
    return uv_mutex_init(&pointer->lock) == 0 ? CHALK_OK : CHALK_ERR_LIMIT;
}

void ck_client_pointer_free(ck_client_pointer *pointer)
{
    if (pointer->sender != NULL) {
        ck_pointer_sender_free(pointer->sender);
        ck_free(&ck_heap, pointer->sender);
    }
    uv_mutex_destroy(&pointer->lock);
}

/* --- from the source ------------------------------------------------------------------------- */

/* With the lock. Of several sources the one in whose picture the pointer is tells where. */
static bool is_of(ck_client_pointer *pointer, uint64_t source, const ck_source_pointer *sample)
{
    if (sample->visible || sample->shape != NULL) {
        pointer->source = source;
    }
    return pointer->source == source;
}

/* With the lock. Most people share nothing. False: there is no memory, and nothing is told. */
static bool has_sender(ck_client_pointer *pointer)
{
    if (pointer->sender == NULL) {
        pointer->sender = ck_new(&ck_heap, sizeof *pointer->sender);
        if (pointer->sender == NULL) {
            return false;
        }
        ck_pointer_sender_init(pointer->sender, &ck_heap);
        pointer->live = false; /* it is still to be told who is here */
    }
    return true;
}

void ck_client_pointer_take(ck_client_pointer *pointer, uint64_t source,
                            const ck_source_pointer *sample)
{
    uv_mutex_lock(&pointer->lock);
    if (is_of(pointer, source, sample) && has_sender(pointer)) {
        if (sample->shape != NULL) {
            (void)ck_pointer_sender_shape(pointer->sender, sample->shape); /* else it has none */
        }
        ck_pointer_sender_feed(pointer->sender, sample->visible, sample->x, sample->y);
        if (pointer->room != NULL) {
            ck_client_room_post(pointer->room);
        }
    }
    uv_mutex_unlock(&pointer->lock);
}

void ck_client_pointer_lead(ck_client_pointer *pointer, ck_client_room *room)
{
    uv_mutex_lock(&pointer->lock);
    pointer->room = room;
    pointer->live = false;
    uv_mutex_unlock(&pointer->lock);
}

/* --- to the room ----------------------------------------------------------------------------- */

static bool may_share(const ck_client_room *room)
{
    ck_person me;
    return ck_replica_state_of(room->replica) == CK_SESSION_LIVE &&
           ck_replica_look(room->replica, ck_replica_me(room->replica), &me) &&
           (ck_room_rights(ck_replica_head(room->replica), &me) & CK_RIGHT_SHARE) != 0;
}

/* Who comes has heard nothing, and who comes back may have missed something. */
static void look_for_guests(ck_client_room *room, ck_client_pointer *pointer, uint64_t now_us)
{
    bool live = may_share(room);
    uint64_t here = ck_replica_here(room->replica);
    if (live && (!pointer->live || here > pointer->here)) {
        ck_pointer_sender_guest(pointer->sender, here, now_us);
    }
    pointer->live = live;
    pointer->here = here;
}

void ck_client_pointer_pump(ck_client_room *room, uint64_t now_us)
{
    ck_client_pointer *pointer = room->pointer;
    uint64_t key;
    ck_bytes data;
    uv_mutex_lock(&pointer->lock);
    if (pointer->sender != NULL) {
        look_for_guests(room, pointer, now_us);
    }
    while (pointer->live && ck_pointer_sender_poll_output(pointer->sender, now_us, &key, &data)) {
        ck_replica_show(room->replica, key, data, now_us);
    }
    uv_mutex_unlock(&pointer->lock);
}

uint64_t ck_client_pointer_due(ck_client_room *room)
{
    ck_client_pointer *pointer = room->pointer;
    uv_mutex_lock(&pointer->lock);
    bool tells = pointer->live && !room->ended;
    uint64_t due_us = tells ? ck_pointer_sender_next_deadline(pointer->sender) : CK_NEVER;
    uv_mutex_unlock(&pointer->lock);
    return due_us;
}

/* --- those of others ------------------------------------------------------------------------- */

bool ck_client_pointer_hear(ck_client_room *room, const ck_replica_event *event, uint64_t now_us)
{
    const ck_event *what = &event->event;
    if (event->kind == CK_REPLICA_EVENT && what->kind == CK_EVENT_STREAM && !(what->value & 1)) {
        ck_pointers_hide(&room->pointers, what->target);
    }
    if (event->kind != CK_REPLICA_SPOT || what->value < CK_SPOT_KEYS_SHARE) {
        return false;
    }
    /* What is wrong in it, or finds no memory, is not shown. */
    (void)ck_pointers_feed(&room->pointers, what->author, what->value, what->data, now_us);
    return true;
}

/* In a picture of another size, in which the source's lies as the encoder's converter lays it. */
static void fill(const ck_client_room *room, const ck_pointers_seen *seen, int32_t width,
                 int32_t height, chalk_pointer *out)
{
    const ck_shape *s = seen->shape;
    const ck_fit fit =
        ck_fit_of((int32_t)s->picture_width, (int32_t)s->picture_height, width & ~1, height & ~1);
    const double across = (double)fit.inner.width / fit.source_width;
    const double down = (double)fit.inner.height / fit.source_height;
    const double x = fit.inner.x + seen->x * across, y = fit.inner.y + seen->y * down;
    const double left = x - s->hot_x * across, top = y - s->hot_y * down;
    *out = (chalk_pointer){
        .struct_size = out->struct_size,
        .moves = seen->moves,
        .who = seen->author,
        .shape = seen->id,
        .shape_width = (int32_t)s->width,
        .shape_height = (int32_t)s->height,
        .x = x,
        .y = y,
        .left = left,
        .top = top,
        .right = left + (double)s->width * s->scale * across,
        .bottom = top + (double)s->height * s->scale * down,
    };
    ck_client_room_name(room, seen->author, out->name);
}

static bool is_side(int32_t side)
{
    return side >= 2 && side <= CHALK_PICTURE_SIDE_MAX;
}

int chalk_pointer_get(chalk_session *s, chalk_person_id who, int32_t width, int32_t height,
                      chalk_pointer *out)
{
    ck_client_room *room;
    ck_pointers_seen seen;
    if (out == NULL || !CK_KNOWN_SIZE(out) || !is_side(width) || !is_side(height)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    bool found = !room->closed && ck_pointers_at(&room->pointers, who, ck_clock_us(), &seen);
    if (found) {
        fill(room, &seen, width, height, out);
    }
    ck_client_room_give(s, room, false);
    return found ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

int chalk_pointer_pixels(chalk_session *s, chalk_person_id who, uint64_t shape, void *bgra,
                         size_t size)
{
    ck_client_room *room;
    ck_pointers_seen seen;
    if (bgra == NULL || who == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    bool found = ck_pointers_at(&room->pointers, who, ck_clock_us(), &seen) && seen.id == shape;
    size_t needed = found ? (size_t)seen.shape->width * seen.shape->height * 4 : 0;
    if (found && size >= needed) {
        memcpy(bgra, seen.shape->bgra, needed);
    }
    ck_client_room_give(s, room, false);
    return !found ? CHALK_ERR_NOT_FOUND : size < needed ? CHALK_ERR_INVALID_ARGUMENT : CHALK_OK;
}
