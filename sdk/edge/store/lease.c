/* Leases and their questions on the loop: asking, telling, closing. */
#include "edge/store/inside.h"

#include "base/check.h"
#include "core/journal/journal.h"

#include <string.h>

/* --- the common part of a store ------------------------------------------------------------ */

static void on_answers(void *arg, bool cancelled);

int ck_room_store_init(ck_room_store *store, const ck_room_store_ops *ops,
                       const ck_room_store_config *config)
{
    store->ops = ops;
    store->loop = config->loop;
    store->alloc = config->alloc != NULL ? config->alloc : &ck_heap;
    store->log = config->log;
    store->forgot = config->forgot;
    store->user = config->user;
    store->job = (ck_job){.fn = on_answers, .arg = store};
    ck_list_init(&store->leases);
    ck_list_init(&store->telling);
    ck_list_init(&store->answered);
    ck_list_init(&store->forgotten);
    if (uv_mutex_init(&store->lock) != 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_cond_init(&store->told) != 0) {
        uv_mutex_destroy(&store->lock);
        return CHALK_ERR_NO_MEMORY;
    }
    return CHALK_OK;
}

/* Tells of them, or with a store that goes away only frees them. */
static void end_forgotten(ck_room_store *store, ck_list *forgotten, bool tell)
{
    while (!ck_list_is_empty(forgotten)) {
        ck_forgotten *room = CK_LIST_OWNER(forgotten->next, ck_forgotten, link);
        ck_list_remove(&room->link);
        if (tell && store->forgot != NULL) {
            store->forgot(store->user, ck_bytes_of(room->name, room->size));
        }
        ck_free(store->alloc, room);
    }
}

void ck_room_store_free(ck_room_store *store)
{
    end_forgotten(store, &store->forgotten, false);
    uv_cond_destroy(&store->told);
    uv_mutex_destroy(&store->lock);
    ck_free(store->alloc, store);
}

void ck_room_store_get_stats(ck_room_store *store, ck_room_store_stats *out)
{
    uv_mutex_lock(&store->lock);
    *out = store->stats;
    uv_mutex_unlock(&store->lock);
    out->leases = store->lease_count;
}

int ck_room_store_forget(ck_room_store *store, ck_bytes name)
{
    return store->ops->forget(store, name);
}

/* --- answers ------------------------------------------------------------------------------- */

/* Under the lock. A loop that is going away takes no more jobs; then what is answered waits for
 * destroy. */
static void post(ck_room_store *store)
{
    if (!store->posted) {
        store->posted = ck_loop_post_job(store->loop, &store->job) == CHALK_OK;
    }
}

void ck_room_store_answer(ck_room_store *store, ck_list *asks)
{
    uv_mutex_lock(&store->lock);
    while (!ck_list_is_empty(asks)) {
        ck_list *link = asks->next;
        ck_list_remove(link);
        ck_list_append(&store->answered, link);
        store->untold += CK_LIST_OWNER(link, ck_ask, link)->tail.bytes;
    }
    if (!ck_list_is_empty(&store->answered)) {
        post(store);
    }
    uv_mutex_unlock(&store->lock);
}

void ck_room_store_tell_forgotten(ck_room_store *store, ck_list *forgotten)
{
    uv_mutex_lock(&store->lock);
    while (!ck_list_is_empty(forgotten)) {
        ck_list *link = forgotten->next;
        ck_list_remove(link);
        ck_list_append(&store->forgotten, link);
    }
    post(store);
    uv_mutex_unlock(&store->lock);
}

void ck_tail_free(ck_room_store *store, ck_tail *tail)
{
    for (size_t i = 0; i < tail->count; i++) {
        ck_slice_unref(&tail->records[i].bytes);
    }
    ck_slice_unref(&tail->state);
    ck_free(store->alloc, tail->records);
    *tail = (ck_tail){0};
}

static void lease_free(ck_lease *lease)
{
    lease->store->lease_count--;
    ck_list_remove(&lease->in_store);
    ck_free(lease->store->alloc, lease);
}

/* The question is the lease's again. False: the lease has gone with it. */
static bool take_back(ck_ask *ask)
{
    ck_lease *lease = ask->lease;
    ck_slice_unref(&ask->bytes);
    ask->under_way = false;
    lease->under_way--;
    if (lease->closed && lease->under_way == 0) {
        lease_free(lease);
        return false;
    }
    return !lease->closed;
}

static void end_tail(ck_room_store *store, ck_ask *ask)
{
    uv_mutex_lock(&store->lock);
    store->untold -= ask->tail.bytes;
    uv_cond_signal(&store->told);
    uv_mutex_unlock(&store->lock);
    ck_tail_free(store, &ask->tail);
    ck_lease *lease = ask->lease;
    int status = ask->status;
    if (take_back(ask)) {
        lease->events->tailed(lease->user, status);
    }
}

static bool tail_goes_on(const ck_ask *ask)
{
    return ask->status == CHALK_OK && !ask->lease->closed && ask->tail.told < ask->tail.count;
}

/* Tells some of it; the rest in later turns, so that a long one does not hold up other rooms. */
static void tell_tail(ck_room_store *store, ck_ask *ask)
{
    ck_tail *tail = &ask->tail;
    ck_lease *lease = ask->lease;
    size_t told = 0;
    if (tail->state.data != NULL && ask->status == CHALK_OK && !lease->closed) {
        const ck_bytes state = {tail->state.data, tail->state.size};
        lease->events->checkpoint(lease->user, tail->state_to, state);
        told = tail->state.size;
        ck_slice_unref(&tail->state);
    }
    while (told < CK_STORE_TURN_BYTES && tail_goes_on(ask)) {
        const ck_tail_record *r = &tail->records[tail->told++];
        told += r->bytes.size;
        lease->events->record(lease->user, r->after, r->to,
                              ck_bytes_of(r->bytes.data, r->bytes.size));
    }
    if (tail_goes_on(ask)) {
        ck_list_append(&store->telling, &ask->link);
    } else {
        end_tail(store, ask);
    }
}

static void tell(ck_room_store *store, ck_ask *ask)
{
    ck_lease *lease = ask->lease;
    const ck_ask was = *ask;
    if (was.kind == CK_ASK_TAIL) {
        tell_tail(store, ask);
        return;
    }
    if (!take_back(ask)) {
        return;
    }
    if (was.kind == CK_ASK_OPEN) {
        lease->open = was.status == CHALK_OK;
        lease->events->opened(lease->user, was.status, lease->open ? was.epoch : 0);
    } else if (was.kind == CK_ASK_APPEND) {
        lease->events->appended(lease->user, was.to, was.answer);
    }
}

static void tell_all(ck_room_store *store, ck_list *asks)
{
    while (!ck_list_is_empty(asks)) {
        ck_ask *ask = CK_LIST_OWNER(asks->next, ck_ask, link);
        ck_list_remove(&ask->link);
        tell(store, ask);
    }
}

static void on_answers(void *arg, bool cancelled)
{
    ck_room_store *store = arg;
    ck_list answered, forgotten, telling;
    ck_list_init(&answered);
    ck_list_init(&forgotten);
    uv_mutex_lock(&store->lock);
    store->posted = false;
    bool destroyed = store->destroyed;
    if (!cancelled) {
        ck_list_move(&store->answered, &answered);
        ck_list_move(&store->forgotten, &forgotten);
    }
    uv_mutex_unlock(&store->lock);
    if (destroyed) {
        store->ops->free(store);
    }
    if (destroyed || cancelled) {
        return;
    }
    end_forgotten(store, &forgotten, true);
    ck_list_move(&store->telling, &telling);
    tell_all(store, &telling);
    tell_all(store, &answered);
    if (!ck_list_is_empty(&store->telling)) {
        uv_mutex_lock(&store->lock);
        post(store);
        uv_mutex_unlock(&store->lock);
    }
}

void ck_room_store_destroy(ck_room_store **out)
{
    ck_room_store *store = *out;
    if (store == NULL) {
        return;
    }
    *out = NULL;
    for (ck_list *at = store->leases.next; at != &store->leases; at = at->next) {
        CK_LIST_OWNER(at, ck_lease, in_store)->closed = true;
    }
    store->ops->stop(store);
    ck_list left;
    ck_list_move(&store->answered, &left);
    tell_all(store, &left);
    ck_list_move(&store->telling, &left);
    tell_all(store, &left);
    while (!ck_list_is_empty(&store->leases)) { /* that had nothing under way */
        lease_free(CK_LIST_OWNER(store->leases.next, ck_lease, in_store));
    }
    uv_mutex_lock(&store->lock);
    store->destroyed = true;
    bool posted = store->posted;
    uv_mutex_unlock(&store->lock);
    if (!posted) {
        store->ops->free(store);
    }
}

/* --- questions ----------------------------------------------------------------------------- */

static void submit(ck_lease *lease, enum ck_ask_kind kind)
{
    ck_ask *ask = &lease->asks[kind];
    ask->under_way = true;
    ask->status = CHALK_OK;
    lease->under_way++;
    lease->store->ops->submit(lease->store, ask);
}

int ck_lease_open(ck_room_store *store, ck_bytes name, const ck_lease_events *events, void *user,
                  ck_lease **out)
{
    if (name.size == 0 || name.size > CK_STORE_NAME_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (store->lease_count >= CK_STORE_LEASES_MAX) {
        return CHALK_ERR_LIMIT;
    }
    ck_lease *lease = ck_new(store->alloc, sizeof *lease);
    if (lease == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    lease->store = store;
    lease->events = events;
    lease->user = user;
    lease->name_size = (uint8_t)name.size;
    memcpy(lease->name, name.data, name.size);
    for (int kind = 0; kind < CK_ASK_KINDS; kind++) {
        lease->asks[kind] = (ck_ask){.lease = lease, .kind = (enum ck_ask_kind)kind};
        ck_list_init(&lease->asks[kind].link);
    }
    ck_list_append(&store->leases, &lease->in_store);
    store->lease_count++;
    *out = lease;
    submit(lease, CK_ASK_OPEN);
    return CHALK_OK;
}

int ck_lease_tail(ck_lease *lease)
{
    if (!lease->open || lease->asks[CK_ASK_TAIL].under_way) {
        return CHALK_ERR_BAD_STATE;
    }
    submit(lease, CK_ASK_TAIL);
    return CHALK_OK;
}

int ck_lease_append(ck_lease *lease, uint64_t after, uint64_t to, ck_slice record)
{
    ck_ask *ask = &lease->asks[CK_ASK_APPEND];
    if (!lease->open || ask->under_way) {
        return CHALK_ERR_BAD_STATE;
    }
    if (to < after || record.size > CK_JOURNAL_BODY_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ask->after = after;
    ask->to = to;
    ask->bytes = record;
    submit(lease, CK_ASK_APPEND);
    return CHALK_OK;
}

int ck_lease_checkpoint(ck_lease *lease, uint64_t to, ck_slice state)
{
    ck_ask *ask = &lease->asks[CK_ASK_CHECKPOINT];
    if (!lease->open) {
        return CHALK_ERR_BAD_STATE;
    }
    if (ask->under_way) {
        return CHALK_ERR_AGAIN;
    }
    if (state.size == 0 || state.size > CK_JOURNAL_BODY_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ask->to = to;
    ask->bytes = state;
    submit(lease, CK_ASK_CHECKPOINT);
    return CHALK_OK;
}

void ck_lease_close(ck_lease **out)
{
    ck_lease *lease = *out;
    if (lease != NULL) {
        *out = NULL;
        lease->closed = true;
        submit(lease, CK_ASK_CLOSE);
    }
}
