#include "room_pair.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/room/summary.h"

#include <string.h>

int ck_pair_init(ck_room_pair *p, const ck_alloc *alloc, const ck_sequencer_config *config)
{
    *p = (ck_room_pair){.alloc = alloc, .config = *config, .answer = CK_STORE_COMMITTED};
    p->now_us = 1000000;
    p->config.alloc = alloc;
    ck_memory_store_init(&p->store, alloc);
    return ck_pair_restart(p);
}

int ck_pair_restart(ck_room_pair *p)
{
    ck_sequencer_destroy(&p->sequencer);
    for (uint32_t i = 0; i < p->count; i++) {
        ck_pair_cut(p, i);
    }
    p->config.epoch = p->epoch = ck_memory_store_lease(&p->store);
    p->config.unix_us = CK_PAIR_UNIX_US + p->now_us;
    int status = ck_sequencer_create(&p->config, p->now_us, &p->sequencer);
    ck_pair_run(p, 0);
    return status;
}

void ck_pair_free(ck_room_pair *p)
{
    ck_slice_unref(&p->unanswered.bytes);
    ck_sequencer_destroy(&p->sequencer);
    for (uint32_t i = 0; i < p->count; i++) {
        ck_replica_destroy(&p->clients[i].replica);
    }
    ck_memory_store_free(&p->store);
}

int ck_pair_join(ck_room_pair *p, const char *name, enum ck_role role,
                 const ck_replica_config *config)
{
    ck_replica_config with = *config;
    with.alloc = p->alloc;
    ck_pair_client *c = &p->clients[p->count];
    *c = (ck_pair_client){.name = name, .role = role};
    int status = ck_replica_create(&with, p->count + 1, p->now_us, &c->replica);
    if (status == CHALK_OK) {
        p->count++;
        status = ck_replica_start(c->replica, p->now_us);
        ck_pair_run(p, 100000);
    }
    return status;
}

static void drop(ck_room_pair *p, ck_pair_client *c)
{
    if (c->connection != 0 && p->sequencer != NULL) {
        ck_sequencer_gone(p->sequencer, c->connection, p->now_us);
    }
    c->connection = 0;
}

void ck_pair_cut(ck_room_pair *p, uint32_t client)
{
    ck_pair_client *c = &p->clients[client];
    drop(p, c);
    if (c->attempt != 0) {
        ck_replica_failed(c->replica, c->attempt, CHALK_ERR_DISCONNECTED, p->now_us);
    }
}

/* --- carrying out ---------------------------------------------------------------------------- */

static void open(ck_room_pair *p, ck_pair_client *c, uint32_t attempt)
{
    const ck_claims claims = {{(const uint8_t *)c->name, strlen(c->name)}, c->role, c->expires_us};
    c->attempt = attempt;
    if (c->unplugged || p->sequencer == NULL ||
        ck_sequencer_connect(p->sequencer, &claims, p->now_us, &c->connection) < 0) {
        ck_replica_failed(c->replica, attempt, CHALK_ERR_REFUSED, p->now_us);
    } else {
        ck_replica_opened(c->replica, attempt, p->now_us);
    }
}

static bool pump_client(ck_room_pair *p, ck_pair_client *c)
{
    ck_replica_output out;
    bool any = false;
    while (ck_replica_poll_output(c->replica, &out)) {
        any = true;
        if (out.action == CK_REPLICA_OPEN) {
            open(p, c, out.attempt);
        } else if (out.action == CK_REPLICA_CLOSE) {
            drop(p, c);
        } else if (c->connection != 0 && p->sequencer != NULL) {
            ck_sequencer_feed(p->sequencer, c->connection,
                              ck_bytes_of(out.bytes.data, out.bytes.size), p->now_us);
        }
        ck_slice_unref(&out.bytes);
    }
    ck_replica_event event;
    while (ck_replica_poll_event(c->replica, &event)) {
        ck_wire_summary sum;
        if (event.kind == CK_REPLICA_SUMMARY && ck_replica_summary(c->replica, &sum)) {
            ck_text text = ck_text_of(c->summary, sizeof c->summary);
            ck_summary_text(&sum, ck_replica_head(c->replica), &text);
        }
        ck_told *told = &c->told[c->told_count++ % CK_PAIR_TOLD];
        *told = (ck_told){.event = event};
        size_t size = CK_MIN(event.event.text.size, sizeof told->text - 1);
        if (size > 0) {
            memcpy(told->text, event.event.text.data, size);
        }
    }
    return any;
}

static void answer(ck_room_pair *p, const ck_sequencer_output *out)
{
    enum ck_store_answer said = p->answer;
    if (said == CK_STORE_COMMITTED) {
        said = ck_memory_store_append(&p->store, p->epoch, out->after, out->to,
                                      ck_bytes_of(out->bytes.data, out->bytes.size));
    }
    ck_sequencer_stored(p->sequencer, out->to, said, p->now_us);
}

static void load(ck_room_pair *p)
{
    const ck_slice *state = &p->store.checkpoint;
    int status = CHALK_OK;
    if (state->data != NULL) {
        status = ck_sequencer_load_checkpoint(p->sequencer, ck_bytes_of(state->data, state->size));
    }
    for (size_t i = 0; i < p->store.count && status == CHALK_OK; i++) {
        const ck_slice *bytes = &p->store.records[i].bytes;
        status = ck_sequencer_load(p->sequencer, ck_bytes_of(bytes->data, bytes->size));
    }
    if (status == CHALK_OK) {
        ck_sequencer_open(p->sequencer, p->now_us);
    }
}

static ck_pair_client *client_of(ck_room_pair *p, uint64_t connection)
{
    for (uint32_t i = 0; i < p->count; i++) {
        if (p->clients[i].connection == connection) {
            return &p->clients[i];
        }
    }
    return NULL;
}

static void carry_out(ck_room_pair *p, ck_sequencer_output *out)
{
    ck_pair_client *c = client_of(p, out->connection);
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        if (c != NULL) {
            ck_replica_feed(c->replica, c->attempt, ck_bytes_of(out->bytes.data, out->bytes.size),
                            p->now_us);
        }
        break;
    case CK_SEQUENCER_CLOSE:
        ck_sequencer_gone(p->sequencer, out->connection, p->now_us);
        if (c != NULL) {
            c->connection = 0;
            ck_replica_failed(c->replica, c->attempt, CHALK_ERR_DISCONNECTED, p->now_us);
        }
        break;
    case CK_SEQUENCER_TAIL:
        load(p);
        break;
    case CK_SEQUENCER_APPEND:
        if (p->silent) {
            p->unanswered = *out;
            return;
        }
        answer(p, out);
        break;
    case CK_SEQUENCER_RENEW:
        ck_sequencer_renew(p->sequencer, out->connection,
                           p->renewal.name.size > 0 ? &p->renewal : NULL, p->now_us);
        break;
    case CK_SEQUENCER_CHECKPOINT:
        (void)ck_memory_store_checkpoint(&p->store, p->epoch, out->to,
                                         ck_bytes_of(out->bytes.data, out->bytes.size));
        break;
    }
    ck_slice_unref(&out->bytes);
}

static void pump(ck_room_pair *p)
{
    bool any = true;
    for (int turn = 0; any && turn < 1000; turn++) {
        ck_sequencer_output out;
        any = false;
        while (p->sequencer != NULL && ck_sequencer_poll_output(p->sequencer, &out)) {
            any = true;
            carry_out(p, &out);
        }
        for (uint32_t i = 0; i < p->count; i++) {
            any = pump_client(p, &p->clients[i]) || any;
        }
    }
}

static uint64_t next_deadline(const ck_room_pair *p)
{
    uint64_t at = p->sequencer != NULL ? ck_sequencer_next_deadline(p->sequencer) : CK_NEVER;
    for (uint32_t i = 0; i < p->count; i++) {
        at = CK_MIN(at, ck_replica_next_deadline(p->clients[i].replica));
    }
    return at;
}

void ck_pair_run(ck_room_pair *p, uint64_t us)
{
    uint64_t until = p->now_us + us;
    pump(p);
    for (uint64_t at = next_deadline(p); at <= until; at = next_deadline(p)) {
        p->now_us = CK_MAX(p->now_us, at);
        if (p->sequencer != NULL) {
            ck_sequencer_on_deadline(p->sequencer, p->now_us);
        }
        for (uint32_t i = 0; i < p->count; i++) {
            ck_replica_on_deadline(p->clients[i].replica, p->now_us);
        }
        pump(p);
    }
    p->now_us = until;
}

/* --- doing and seeing ------------------------------------------------------------------------ */

uint64_t ck_pair_do(ck_room_pair *p, uint32_t client, const ck_event *intent)
{
    uint64_t id = 0;
    int status = ck_replica_intend(p->clients[client].replica, intent, p->now_us, &id);
    ck_pair_run(p, 100000);
    return status < 0 ? 0 : id;
}

uint64_t ck_pair_say(ck_room_pair *p, uint32_t client, const char *text)
{
    const ck_event event = {.kind = CK_EVENT_CHAT, .text = ck_bytes_of(text, strlen(text))};
    return ck_pair_do(p, client, &event);
}

const ck_told *ck_pair_settled(const ck_room_pair *p, uint32_t client, uint64_t id)
{
    const ck_pair_client *c = &p->clients[client];
    for (uint32_t i = 0; i < CK_MIN(c->told_count, CK_PAIR_TOLD); i++) {
        if (c->told[i].event.kind == CK_REPLICA_SETTLED && c->told[i].event.id == id) {
            return &c->told[i];
        }
    }
    return NULL;
}

enum ck_reason ck_pair_reason(const ck_room_pair *p, uint32_t client, uint64_t id)
{
    const ck_told *told = ck_pair_settled(p, client, id);
    return told != NULL ? told->event.reason : CK_PAIR_OPEN;
}

uint64_t ck_pair_number(const ck_room_pair *p, uint32_t client, uint64_t id)
{
    const ck_told *told = ck_pair_settled(p, client, id);
    return told != NULL ? told->event.number : 0;
}

const ck_told *ck_pair_told(const ck_room_pair *p, uint32_t client, enum ck_event_kind kind)
{
    const ck_pair_client *c = &p->clients[client];
    for (uint32_t i = CK_MIN(c->told_count, CK_PAIR_TOLD); i > 0; i--) {
        const ck_replica_event *event = &c->told[i - 1].event;
        if (event->kind == CK_REPLICA_EVENT && event->event.kind == kind) {
            return &c->told[i - 1];
        }
    }
    return NULL;
}
