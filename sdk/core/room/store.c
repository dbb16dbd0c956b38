#include "core/room/store.h"

void ck_memory_store_init(ck_memory_store *s, const ck_alloc *alloc)
{
    *s = (ck_memory_store){.alloc = alloc};
}

void ck_memory_store_free(ck_memory_store *s)
{
    for (size_t i = 0; i < s->count; i++) {
        ck_slice_unref(&s->records[i].bytes);
    }
    ck_slice_unref(&s->checkpoint);
    ck_free(s->alloc, s->records);
    ck_memory_store_init(s, s->alloc);
}

uint64_t ck_memory_store_lease(ck_memory_store *s)
{
    return ++s->epoch;
}

enum ck_store_answer ck_memory_store_append(ck_memory_store *s, uint64_t epoch, uint64_t after,
                                            uint64_t to, ck_bytes record)
{
    if (epoch != s->epoch || after != s->to) {
        return CK_STORE_FENCED;
    }
    if (to == after) {
        return CK_STORE_COMMITTED;
    }
    if (s->count == s->size) {
        size_t size = s->size == 0 ? 16 : 2 * s->size;
        ck_record *grown = ck_resize_array(s->alloc, s->records, size, sizeof *grown);
        if (grown == NULL) {
            return CK_STORE_FULL;
        }
        s->records = grown;
        s->size = size;
    }
    ck_slice copy = ck_slice_copy(s->alloc, record.data, record.size);
    if (copy.data == NULL) {
        return CK_STORE_FULL;
    }
    s->records[s->count++] = (ck_record){after, to, copy};
    s->to = to;
    return CK_STORE_COMMITTED;
}

enum ck_store_answer ck_memory_store_checkpoint(ck_memory_store *s, uint64_t epoch, uint64_t to,
                                                ck_bytes state)
{
    if (epoch != s->epoch) {
        return CK_STORE_FENCED;
    }
    ck_slice copy = ck_slice_copy(s->alloc, state.data, state.size);
    if (copy.data == NULL) {
        return CK_STORE_FULL;
    }
    ck_slice_unref(&s->checkpoint);
    s->checkpoint = copy;
    s->checkpoint_to = to;
    size_t kept = 0;
    for (size_t i = 0; i < s->count; i++) {
        if (s->records[i].to > to) {
            s->records[kept++] = s->records[i];
        } else {
            ck_slice_unref(&s->records[i].bytes);
        }
    }
    s->count = kept;
    return CK_STORE_COMMITTED;
}
