#include "core/replica/release.h"

#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"

#include <string.h>

#define HEAD_BYTES 256u /* what an event costs besides its text */

void ck_release_init(ck_release *r, const ck_alloc *alloc)
{
    *r = (ck_release){.alloc = alloc};
}

static size_t cost_of(const ck_event *event)
{
    return HEAD_BYTES + event->text.size + event->data.size;
}

void ck_release_clear(ck_release *r)
{
    for (uint32_t i = 0; i < r->count; i++) {
        ck_free(r->alloc, r->held[(r->first + i) % r->size].bytes);
    }
    r->count = 0;
    r->bytes = 0;
    r->jumped = 0;
    r->due_us = 0;
}

void ck_release_free(ck_release *r)
{
    ck_release_clear(r);
    ck_free(r->alloc, r->held);
    ck_release_init(r, r->alloc);
}

static bool make_place(ck_release *r)
{
    if (r->count < r->size) {
        return true;
    }
    uint32_t size = r->size == 0 ? 16 : 2 * r->size;
    ck_held *grown = ck_new_array(r->alloc, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < r->count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): without places nothing is moved */
        grown[i] = r->held[(r->first + i) % r->size];
    }
    ck_free(r->alloc, r->held);
    r->held = grown;
    r->size = size;
    r->first = 0;
    return true;
}

int ck_release_push(ck_release *r, const ck_event *event, uint64_t now_us)
{
    size_t size = event->text.size + event->data.size;
    uint8_t *bytes = make_place(r) ? ck_new_array(r->alloc, CK_MAX(size, 1), 1) : NULL;
    if (bytes == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (event->text.size > 0) {
        memcpy(bytes, event->text.data, event->text.size);
    }
    if (event->data.size > 0) {
        memcpy(bytes + event->text.size, event->data.data, event->data.size);
    }
    r->due_us = CK_MAX(r->due_us, event->origin_us);
    ck_held held = {.event = *event, .bytes = bytes, .due_us = r->due_us, .since_us = now_us};
    held.event.text = ck_bytes_of(bytes, event->text.size);
    held.event.data = ck_bytes_of(bytes + event->text.size, event->data.size);
    r->held[(r->first + r->count) % r->size] = held;
    r->count++;
    r->bytes += cost_of(event);
    return CHALK_OK;
}

void ck_release_playing(ck_release *r, uint64_t room_us, uint64_t now_us)
{
    uint64_t passed = now_us > r->at_us ? now_us - r->at_us : 0;
    bool back = r->following && room_us < r->playing_us;
    bool ahead = r->following && room_us > r->playing_us + passed + CK_RELEASE_JUMP_US;
    if (back ? r->playing_us - room_us > CK_RELEASE_JUMP_US : ahead) {
        r->jumped = r->count;
    }
    r->following = true;
    r->playing_us = room_us;
    r->at_us = now_us;
}

void ck_release_unfollow(ck_release *r)
{
    r->jumped = r->following ? r->count : r->jumped;
    r->following = false;
}

/* Without fresh news playout is not trusted to have gone on for long: it may have stalled. */
static uint64_t playout_at(const ck_release *r, uint64_t now_us)
{
    uint64_t passed = now_us > r->at_us ? now_us - r->at_us : 0;
    return r->playing_us + CK_MIN(passed, CK_RELEASE_TRUST_US);
}

/* How the oldest may go out now; 0: it waits. */
static enum ck_release_how way_out(const ck_release *r, const ck_held *oldest, uint64_t now_us)
{
    if (r->jumped > 0) {
        return CK_RELEASE_JUMP;
    }
    if (!r->following) {
        return CK_RELEASE_LIVE;
    }
    if (playout_at(r, now_us) >= oldest->due_us) {
        return CK_RELEASE_IN_STEP;
    }
    bool bound = r->bytes > CK_RELEASE_MAX_BYTES || now_us - oldest->since_us >= CK_RELEASE_MAX_US;
    return bound ? CK_RELEASE_BOUND : (enum ck_release_how)0;
}

bool ck_release_pop(ck_release *r, uint64_t now_us, ck_released *out)
{
    if (r->count == 0) {
        return false;
    }
    const ck_held held = r->held[r->first];
    enum ck_release_how how = way_out(r, &held, now_us);
    if (how == (enum ck_release_how)0) {
        return false;
    }
    *out = (ck_released){.event = held.event, .bytes = held.bytes, .how = how};
    out->late_us = how == CK_RELEASE_IN_STEP ? playout_at(r, now_us) - held.due_us : 0;
    r->first = (r->first + 1) % r->size;
    r->count--;
    r->jumped -= r->jumped > 0;
    r->bytes -= cost_of(&held.event);
    return true;
}

uint64_t ck_release_next_deadline(const ck_release *r)
{
    if (r->count == 0) {
        return CK_NEVER;
    }
    const ck_held *oldest = &r->held[r->first];
    if (r->jumped > 0 || !r->following || r->bytes > CK_RELEASE_MAX_BYTES) {
        return oldest->since_us;
    }
    uint64_t bound_at = oldest->since_us + CK_RELEASE_MAX_US;
    uint64_t missing = oldest->due_us > r->playing_us ? oldest->due_us - r->playing_us : 0;
    return missing <= CK_RELEASE_TRUST_US ? CK_MIN(bound_at, r->at_us + missing) : bound_at;
}
