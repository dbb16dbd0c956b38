/* Rooms in memory: the model of a store (core/room/store.h) for each, answered in the next turn. */
#include "edge/store/table.h"

typedef struct memory_room {
    ck_named named;
    ck_memory_store stored;
    uint32_t leases;
} memory_room;

typedef struct memory_rooms {
    ck_room_store store;
    ck_table rooms;
} memory_rooms;

static void room_free(memory_rooms *m, memory_room *room)
{
    ck_table_remove(&m->rooms, &room->named);
    ck_memory_store_free(&room->stored);
    ck_free(m->store.alloc, room);
}

static void open_room(memory_rooms *m, ck_ask *ask)
{
    ck_lease *lease = ask->lease;
    memory_room *room = (memory_room *)ck_table_find(&m->rooms, ck_lease_name(lease));
    if (room == NULL) {
        room = ck_new(m->store.alloc, sizeof *room);
        if (room == NULL) {
            ask->status = CHALK_ERR_NO_MEMORY;
            return;
        }
        ck_memory_store_init(&room->stored, m->store.alloc);
        ck_table_add(&m->rooms, &room->named, ck_lease_name(lease));
    }
    room->leases++;
    lease->room = room;
    lease->epoch = ck_memory_store_lease(&room->stored);
    ask->epoch = lease->epoch;
}

static int read_tail(memory_rooms *m, const ck_memory_store *stored, ck_tail *tail)
{
    *tail = (ck_tail){.state_to = stored->checkpoint_to};
    tail->records = ck_new_array(m->store.alloc, stored->count + 1, sizeof *tail->records);
    if (tail->records == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < stored->count; i++) {
        const ck_record *r = &stored->records[i];
        tail->records[i] =
            (ck_tail_record){.after = r->after, .to = r->to, .bytes = ck_slice_ref(r->bytes)};
    }
    tail->count = stored->count;
    tail->state = ck_slice_ref(stored->checkpoint);
    return CHALK_OK;
}

/* Of what the model answers. All is on one thread here, so no lock is needed. */
static void count(memory_rooms *m, const ck_ask *ask)
{
    ck_room_store_stats *stats = &m->store.stats;
    bool committed = ask->answer == CK_STORE_COMMITTED && ask->to > ask->after;
    stats->appends += committed;
    stats->commits += committed;
    stats->bytes += committed ? ask->bytes.size : 0;
    stats->fenced += ask->answer == CK_STORE_FENCED;
    stats->full += ask->answer == CK_STORE_FULL;
}

static void carry_out(memory_rooms *m, ck_ask *ask)
{
    ck_lease *lease = ask->lease;
    memory_room *room = lease->room;
    const ck_bytes bytes = {ask->bytes.data, ask->bytes.size};
    switch (ask->kind) {
    case CK_ASK_OPEN:
        open_room(m, ask);
        break;
    case CK_ASK_TAIL:
        ask->status = read_tail(m, &room->stored, &ask->tail);
        break;
    case CK_ASK_APPEND:
        ask->answer =
            ck_memory_store_append(&room->stored, lease->epoch, ask->after, ask->to, bytes);
        count(m, ask);
        break;
    case CK_ASK_CHECKPOINT:
        m->store.stats.failures += ck_memory_store_checkpoint(&room->stored, lease->epoch, ask->to,
                                                              bytes) == CK_STORE_FULL;
        break;
    case CK_ASK_CLOSE:
    case CK_ASK_KINDS:
        if (room != NULL) {
            room->leases--;
        }
        break;
    }
}

static void submit(ck_room_store *store, ck_ask *ask)
{
    memory_rooms *m = (memory_rooms *)store;
    ck_list asks;
    ck_list_init(&asks);
    carry_out(m, ask);
    ck_list_append(&asks, &ask->link);
    store->stats.rooms = (uint32_t)m->rooms.count;
    ck_room_store_answer(store, &asks);
}

static int forget(ck_room_store *store, ck_bytes name)
{
    memory_rooms *m = (memory_rooms *)store;
    memory_room *room = (memory_room *)ck_table_find(&m->rooms, name);
    if (room == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    if (room->leases > 0) {
        return CHALK_ERR_BAD_STATE;
    }
    room_free(m, room);
    store->stats.rooms = (uint32_t)m->rooms.count;
    return CHALK_OK;
}

static void stop(ck_room_store *store)
{
    (void)store; /* everything is carried out when it is asked for */
}

static void memory_free(ck_room_store *store)
{
    memory_rooms *m = (memory_rooms *)store;
    ck_named *room;
    while ((room = ck_table_next(&m->rooms, NULL)) != NULL) {
        room_free(m, (memory_room *)room);
    }
    ck_table_free(&m->rooms);
    ck_room_store_free(store);
}

static const ck_room_store_ops ops = {
    .submit = submit, .forget = forget, .stop = stop, .free = memory_free};

int ck_memory_rooms_create(const ck_room_store_config *config, ck_room_store **out)
{
    const ck_alloc *alloc = config->alloc != NULL ? config->alloc : &ck_heap;
    if (config->loop == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    memory_rooms *m = ck_new(alloc, sizeof *m);
    if (m == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_table_init(&m->rooms, alloc);
    if (status == CHALK_OK) {
        status = ck_room_store_init(&m->store, &ops, config);
    }
    if (status < 0) {
        ck_table_free(&m->rooms);
        ck_free(alloc, m);
        return status;
    }
    *out = &m->store;
    return CHALK_OK;
}
