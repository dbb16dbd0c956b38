/* Bytes choose who connects, what they say, how the store answers and how time passes. */
#include "core/sequencer/sequencer.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include "base/check.h"

#include "chalkrail/errors.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PEOPLE 6

typedef struct run {
    ck_sequencer *s;
    ck_memory_store store;
    ck_reader r;
    uint64_t now;
    uint64_t epoch;
    uint64_t ids[PEOPLE];
    ck_sequencer_output waiting; /* an APPEND that is not answered */
} run;

static void tail(run *u)
{
    int status = CHALK_OK;
    if (u->store.checkpoint.data != NULL) {
        status = ck_sequencer_load_checkpoint(
            u->s, ck_bytes_of(u->store.checkpoint.data, u->store.checkpoint.size));
    }
    for (size_t i = 0; i < u->store.count && status == CHALK_OK; i++) {
        const ck_slice *bytes = &u->store.records[i].bytes;
        status = ck_sequencer_load(u->s, ck_bytes_of(bytes->data, bytes->size));
    }
    if (status < 0) {
        abort(); /* what it wrote itself */
    }
    ck_sequencer_open(u->s, u->now);
}

static void drain(run *u)
{
    ck_sequencer_output out;
    while (ck_sequencer_poll_output(u->s, &out)) {
        if (out.action == CK_SEQUENCER_TAIL) {
            tail(u);
        } else if (out.action == CK_SEQUENCER_APPEND) {
            if (u->waiting.bytes.data != NULL) {
                abort(); /* one at a time */
            }
            u->waiting = out;
            continue;
        } else if (out.action == CK_SEQUENCER_CHECKPOINT) {
            (void)ck_memory_store_checkpoint(&u->store, u->epoch, out.to,
                                             ck_bytes_of(out.bytes.data, out.bytes.size));
        } else if (out.action == CK_SEQUENCER_RENEW) {
            const ck_claims claims = {ck_bytes_of("a", 1), CK_ROLE_TEACHER, u->now + 5000};
            ck_sequencer_renew(u->s, out.connection, out.bytes.size % 2 ? &claims : NULL, u->now);
        } else if (out.action == CK_SEQUENCER_CLOSE) {
            ck_sequencer_gone(u->s, out.connection, u->now);
        }
        ck_slice_unref(&out.bytes);
    }
}

static void answer(run *u, uint8_t how)
{
    if (u->waiting.bytes.data == NULL) {
        return;
    }
    enum ck_store_answer said = CK_STORE_FULL;
    if (how % 8 != 0) {
        said = ck_memory_store_append(&u->store, u->epoch, u->waiting.after, u->waiting.to,
                                      ck_bytes_of(u->waiting.bytes.data, u->waiting.bytes.size));
    }
    uint64_t to = u->waiting.to;
    ck_slice_unref(&u->waiting.bytes);
    ck_sequencer_stored(u->s, to, said, u->now);
}

static void connect(run *u, uint8_t who)
{
    static const char *const names[PEOPLE] = {"a", "b", "c", "d", "e", "a"};
    const ck_claims claims = {{(const uint8_t *)names[who % PEOPLE], 1},
                              (enum ck_role)(1 + who / PEOPLE % 5)};
    if (ck_sequencer_connect(u->s, &claims, u->now, &u->ids[who % PEOPLE]) < 0) {
        u->ids[who % PEOPLE] = 0;
    }
}

static void turn(run *u)
{
    uint8_t what = ck_read_u8(&u->r), who = ck_read_u8(&u->r);
    uint64_t id = u->ids[who % PEOPLE];
    size_t size;
    switch (what % 8) {
    case 0:
        connect(u, who);
        break;
    case 1:
        ck_sequencer_gone(u->s, id, u->now);
        break;
    case 2:
        answer(u, who);
        break;
    case 3:
        ck_sequencer_stream(u->s, ck_bytes_of("a", 1), CK_MEDIA_SCREEN, who & 1, u->now);
        ck_sequencer_unsent(u->s, id, (size_t)who << (who % 16));
        break;
    default:
        size = ck_read_u8(&u->r);
        size = u->r.failed ? 0 : CK_MIN(size, ck_reader_left(&u->r));
        ck_sequencer_feed(u->s, id, ck_bytes_of(ck_read_bytes(&u->r, size), size), u->now);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    run u = {.r = ck_reader_of(data, size), .now = 1000000};
    ck_memory_store_init(&u.store, &ck_test_heap);
    u.epoch = ck_memory_store_lease(&u.store);
    uint8_t kind = ck_read_u8(&u.r);
    ck_deflater *deflater = NULL;
    if (ck_deflater_create(&ck_test_heap, &deflater) < 0) {
        return 0;
    }
    const ck_sequencer_config config = {
        .packer = ck_deflater_port(deflater),
        .pack_from = 1,
        .alloc = &ck_test_heap,
        .epoch = u.epoch,
        .unix_us = 2000000,
        .crowd_from = kind & 1 ? 1 : 100,
        .checkpoint_events = 1 + kind / 4,
        .keep_first_login = kind & 2,
        .chat_max = 20,
    };
    if (ck_sequencer_create(&config, u.now, &u.s) < 0) {
        ck_deflater_destroy(&deflater);
        return 0;
    }
    while (!u.r.failed && ck_reader_left(&u.r) > 0) {
        turn(&u);
        drain(&u);
        u.now += 1500;
        ck_sequencer_on_deadline(u.s, u.now);
        drain(&u);
        if (ck_sequencer_state_of(u.s) == CK_SEQUENCER_OPEN && u.store.to != 0 &&
            ck_sequencer_get_stats(u.s).head > u.store.to) {
            abort(); /* told more than was stored */
        }
    }
    ck_slice_unref(&u.waiting.bytes);
    ck_sequencer_destroy(&u.s);
    ck_deflater_destroy(&deflater);
    ck_memory_store_free(&u.store);
    return 0;
}
