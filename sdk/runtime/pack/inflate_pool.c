/* One inflater for all clients of a room in this process. */
#include "base/check.h"
#include "base/list.h"
#include "chalkrail/errors.h"
#include "runtime/pack/pack.h"

#include <string.h>
#include <uv.h>

typedef struct piece {
    uint8_t *bytes; /* as it came, and behind it what came of it */
    size_t packed, plain;
} piece;

/* What was sent to a room since it began anew. */
typedef struct chain {
    ck_list link;
    ck_inflater *inflater;
    bool shared; /* pieces are kept, for others to take */
    bool failed; /* the next piece could not be unpacked, or not be kept */
    uint32_t users;
    size_t first; /* pieces before these are not kept any more */
    piece *pieces;
    size_t count, size;
    size_t bytes;
} chain;

struct ck_inflate_pool {
    const ck_alloc *alloc;
    uv_mutex_t lock; /* a leaf */
    ck_list chains;
    uint32_t seats;
};

struct ck_inflate_seat {
    ck_inflate_pool *pool;
    ck_unpacker port;
    chain *chain; /* NULL: only a beginning is taken */
    size_t at;    /* pieces taken */
};

/* --- chains: with the lock ------------------------------------------------------------------- */

static void drop_oldest(ck_inflate_pool *p, chain *c)
{
    c->bytes -= c->pieces[0].packed + c->pieces[0].plain;
    ck_free(p->alloc, c->pieces[0].bytes);
    memmove(c->pieces, c->pieces + 1, --c->count * sizeof *c->pieces);
    c->first++;
}

static void release(ck_inflate_pool *p, chain *c)
{
    if (c == NULL || --c->users > 0) {
        return;
    }
    while (c->count > 0) {
        drop_oldest(p, c);
    }
    ck_list_remove(&c->link);
    ck_inflater_destroy(&c->inflater);
    ck_free(p->alloc, c->pieces);
    ck_free(p->alloc, c);
}

static void leave_chain(ck_inflate_seat *s)
{
    release(s->pool, s->chain);
    s->chain = NULL;
}

static void join_chain(ck_inflate_seat *s, chain *c)
{
    c->users++;
    s->chain = c;
    s->at = 0;
}

static int make_chain(ck_inflate_seat *s, bool shared)
{
    ck_inflate_pool *p = s->pool;
    chain *c = ck_new(p->alloc, sizeof *c);
    if (c == NULL || ck_inflater_create(p->alloc, &c->inflater) < 0) {
        ck_free(p->alloc, c);
        return CHALK_ERR_NO_MEMORY;
    }
    c->shared = shared;
    ck_list_init(&c->link);
    ck_list_append(&p->chains, &c->link);
    join_chain(s, c);
    return CHALK_OK;
}

static bool is_same(const piece *one, ck_bytes in)
{
    return one->packed == in.size && (in.size == 0 || memcmp(one->bytes, in.data, in.size) == 0);
}

static chain *find_chain(const ck_inflate_pool *p, ck_bytes in)
{
    for (ck_list *at = p->chains.next; at != &p->chains; at = at->next) {
        chain *c = CK_LIST_OWNER(at, chain, link);
        if (c->shared && !c->failed && c->first == 0 && c->count > 0 &&
            is_same(&c->pieces[0], in)) {
            return c;
        }
    }
    return NULL;
}

static int keep(ck_inflate_pool *p, chain *c, ck_bytes in, ck_bytes plain)
{
    if (c->count == c->size) {
        size_t size = c->size == 0 ? 8 : 2 * c->size;
        piece *grown = ck_resize_array(p->alloc, c->pieces, size, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        c->pieces = grown;
        c->size = size;
    }
    uint8_t *bytes = ck_new_array(p->alloc, CK_MAX(in.size + plain.size, 1), 1);
    if (bytes == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (in.size > 0) {
        memcpy(bytes, in.data, in.size);
    }
    if (plain.size > 0) {
        memcpy(bytes + in.size, plain.data, plain.size);
    }
    c->pieces[c->count++] = (piece){bytes, in.size, plain.size};
    c->bytes += in.size + plain.size;
    while (c->bytes > CK_INFLATE_POOL_BYTES && c->count > 1) {
        drop_oldest(p, c);
    }
    return CHALK_OK;
}

/* --- pieces: with the lock ------------------------------------------------------------------- */

static int inflate_next(ck_inflate_pool *p, chain *c, ck_bytes in, ck_buf *out)
{
    const ck_unpacker *port = ck_inflater_port(c->inflater);
    const size_t before = out->size;
    int status = port->unpack(port->context, in, c->first + c->count == 0, out);
    if (status == CHALK_OK && c->shared) {
        status = keep(p, c, in, ck_bytes_of(out->data + before, out->size - before));
    } else if (status == CHALK_OK) {
        c->first++;
    }
    c->failed = status < 0;
    return status;
}

/* What it took so far is unpacked once more, for itself. */
static int part_ways(ck_inflate_seat *s)
{
    chain *old = s->chain;
    const size_t taken = s->at;
    ck_buf ignored;
    int status = old->first == 0 ? make_chain(s, false) : CHALK_ERR_BAD_DATA;
    if (status < 0) {
        return status;
    }
    ck_buf_init(&ignored, s->pool->alloc, SIZE_MAX / 2);
    for (; status == CHALK_OK && s->at < taken; s->at++) {
        const piece *one = &old->pieces[s->at];
        ck_buf_clear(&ignored);
        status = inflate_next(s->pool, s->chain, ck_bytes_of(one->bytes, one->packed), &ignored);
    }
    ck_buf_free(&ignored);
    release(s->pool, old);
    return status;
}

static int take(ck_inflate_seat *s, ck_bytes in, ck_buf *out)
{
    chain *c = s->chain;
    if (c == NULL || c->failed || s->at < c->first) {
        return CHALK_ERR_BAD_DATA;
    }
    if (c->shared && s->at < c->first + c->count) {
        const piece *one = &c->pieces[s->at - c->first];
        if (is_same(one, in)) {
            s->at++;
            ck_buf_put(out, one->bytes + one->packed, one->plain);
            return ck_buf_status(out);
        }
        int status = part_ways(s);
        if (status < 0) {
            return status;
        }
    }
    s->at++;
    return inflate_next(s->pool, s->chain, in, out);
}

static int begin(ck_inflate_seat *s, ck_bytes in)
{
    leave_chain(s);
    chain *c = find_chain(s->pool, in);
    if (c == NULL) {
        return make_chain(s, s->pool->seats > 1);
    }
    join_chain(s, c);
    return CHALK_OK;
}

static int unpack(void *context, ck_bytes in, bool restart, ck_buf *out)
{
    ck_inflate_seat *s = context;
    uv_mutex_lock(&s->pool->lock);
    int status = restart ? begin(s, in) : CHALK_OK;
    if (status == CHALK_OK) {
        status = take(s, in, out);
    }
    if (status < 0) {
        leave_chain(s);
    }
    uv_mutex_unlock(&s->pool->lock);
    return status;
}

/* --- pools and seats ------------------------------------------------------------------------- */

int ck_inflate_pool_create(const ck_alloc *alloc, ck_inflate_pool **out)
{
    ck_inflate_pool *p = ck_new(alloc, sizeof *p);
    *out = NULL;
    if (p == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_mutex_init(&p->lock) != 0) {
        ck_free(alloc, p);
        return CHALK_ERR_LIMIT;
    }
    p->alloc = alloc;
    ck_list_init(&p->chains);
    *out = p;
    return CHALK_OK;
}

void ck_inflate_pool_destroy(ck_inflate_pool **pool)
{
    ck_inflate_pool *p = *pool;
    if (p == NULL) {
        return;
    }
    CK_INVARIANT(p->seats == 0 && ck_list_is_empty(&p->chains), return );
    uv_mutex_destroy(&p->lock);
    ck_free(p->alloc, p);
    *pool = NULL;
}

int ck_inflate_seat_create(ck_inflate_pool *p, ck_inflate_seat **out)
{
    ck_inflate_seat *s = ck_new(p->alloc, sizeof *s);
    *out = s;
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    *s = (ck_inflate_seat){.pool = p, .port = {.unpack = unpack, .context = s}};
    uv_mutex_lock(&p->lock);
    p->seats++;
    uv_mutex_unlock(&p->lock);
    return CHALK_OK;
}

const ck_unpacker *ck_inflate_seat_port(const ck_inflate_seat *s)
{
    return &s->port;
}

void ck_inflate_seat_destroy(ck_inflate_seat **seat)
{
    ck_inflate_seat *s = *seat;
    if (s == NULL) {
        return;
    }
    ck_inflate_pool *p = s->pool;
    uv_mutex_lock(&p->lock);
    leave_chain(s);
    p->seats--;
    uv_mutex_unlock(&p->lock);
    ck_free(p->alloc, s);
    *seat = NULL;
}
