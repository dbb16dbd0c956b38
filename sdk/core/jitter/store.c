#include "core/jitter/store.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define SIZE_FIRST 8u

int ck_jitter_store_init(ck_jitter_store *s, const ck_alloc *alloc, uint32_t most)
{
    *s = (ck_jitter_store){.size = CK_MIN(SIZE_FIRST, most), .most = most, .alloc = alloc};
    s->ring = ck_new_array(alloc, s->size, sizeof *s->ring);
    return s->ring != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

void ck_jitter_store_clear(ck_jitter_store *s)
{
    while (s->count > 0) {
        ck_jitter_store_drop(s);
    }
}

void ck_jitter_store_free(ck_jitter_store *s)
{
    ck_jitter_store_clear(s);
    ck_free(s->alloc, s->ring);
    s->ring = NULL;
}

static ck_jitter_entry *at(const ck_jitter_store *s, uint32_t index)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): there is always room for one */
    return &s->ring[(s->first + index) % s->size];
}

const ck_jitter_entry *ck_jitter_store_at(const ck_jitter_store *s, uint32_t index)
{
    return index < s->count ? at(s, index) : NULL;
}

/* Where an entry belongs, searched from the newest: that is where nearly all go. */
static uint32_t place_of(const ck_jitter_store *s, const ck_jitter_entry *e, bool *twice)
{
    uint32_t index = s->count;
    while (index > 0 && at(s, index - 1)->number > e->number) {
        index--;
    }
    /* Time must rise with the numbers, or playing would go back. */
    bool before = index > 0 &&
                  (at(s, index - 1)->number == e->number || at(s, index - 1)->pts_us >= e->pts_us);
    bool after = index < s->count && at(s, index)->pts_us <= e->pts_us;
    *twice = before || after;
    return index;
}

/* Without memory it stays as it is. */
static void resize(ck_jitter_store *s, uint32_t size)
{
    ck_jitter_entry *ring = ck_new_array(s->alloc, size, sizeof *ring);
    if (ring == NULL) {
        return;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        ring[i] = *at(s, i);
    }
    ck_free(s->alloc, s->ring);
    s->ring = ring;
    s->size = size;
    s->first = 0;
}

/* Room for one more where there may be, and not much more than is needed. */
static void fit(ck_jitter_store *s)
{
    if (s->count == s->size && s->size < s->most) {
        resize(s, CK_MIN(2 * s->size, s->most));
    } else if (s->size > SIZE_FIRST && s->count < s->size / 4) {
        resize(s, s->size / 2);
    }
}

enum ck_jitter_kept ck_jitter_store_put(ck_jitter_store *s, const ck_jitter_entry *e)
{
    fit(s);
    bool twice;
    uint32_t index = place_of(s, e, &twice);
    if (twice) {
        return CK_JITTER_DOUBLE;
    }
    enum ck_jitter_kept kept = CK_JITTER_KEPT;
    if (s->count == s->size) {
        if (index == 0) {
            return CK_JITTER_DOUBLE; /* older than all of a full buffer */
        }
        ck_jitter_store_drop(s);
        index--;
        kept = CK_JITTER_PUSHED_OUT;
    }
    for (uint32_t i = s->count; i > index; i--) {
        *at(s, i) = *at(s, i - 1);
    }
    *at(s, index) = *e;
    s->count++;
    return kept;
}

ck_jitter_entry ck_jitter_store_take(ck_jitter_store *s)
{
    ck_jitter_entry e = *at(s, 0);
    s->first = (s->first + 1) % s->size;
    s->count--;
    return e;
}

void ck_jitter_store_drop(ck_jitter_store *s)
{
    ck_jitter_entry e = ck_jitter_store_take(s);
    ck_slice_unref(&e.payload);
}
