#include "core/replica/waiting.h"

#include "base/check.h"

#include <stddef.h>
#include <string.h>

/* The numbers among an event's members. */
static const uint16_t numbers[] = {
    offsetof(ck_replica_event, event.number),
    offsetof(ck_replica_event, event.order_us),
    offsetof(ck_replica_event, event.origin_us),
    offsetof(ck_replica_event, event.kind),
    offsetof(ck_replica_event, event.author),
    offsetof(ck_replica_event, event.target),
    offsetof(ck_replica_event, event.audience),
    offsetof(ck_replica_event, event.value),
    offsetof(ck_replica_event, event.about),
    offsetof(ck_replica_event, event.lane),
    offsetof(ck_replica_event, event.times),
    offsetof(ck_replica_event, event.counter),
    offsetof(ck_replica_event, event.epoch),
    offsetof(ck_replica_event, late_us),
    offsetof(ck_replica_event, id),
    offsetof(ck_replica_event, number),
};

/* And its texts. */
static const uint16_t texts[] = {
    offsetof(ck_replica_event, event.text),
    offsetof(ck_replica_event, event.data),
    offsetof(ck_replica_event, bytes),
};

/* Beside them: kind, how, reason and whether it was deleted. */
#define HEAD_MAX ((CK_COUNT_OF(numbers) + CK_COUNT_OF(texts) + 4) * CK_WIRE_VARINT_MAX)

static ck_bytes text_at(const ck_replica_event *event, size_t index)
{
    ck_bytes text;
    memcpy(&text, (const uint8_t *)event + texts[index], sizeof text);
    return text;
}

static size_t write_head(const ck_replica_event *event, uint8_t head[HEAD_MAX])
{
    uint8_t *at = ck_wire_write_varint(head, event->kind);
    at = ck_wire_write_varint(at, event->how);
    at = ck_wire_write_varint(at, event->reason);
    at = ck_wire_write_varint(at, event->event.deleted);
    for (size_t i = 0; i < CK_COUNT_OF(numbers); i++) {
        uint64_t number;
        memcpy(&number, (const uint8_t *)event + numbers[i], sizeof number);
        at = ck_wire_write_varint(at, number);
    }
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        at = ck_wire_write_varint(at, text_at(event, i).size);
    }
    return (size_t)(at - head);
}

ck_waiting *ck_waiting_new(const ck_alloc *alloc, const ck_replica_event *event)
{
    uint8_t head[HEAD_MAX];
    const size_t head_size = write_head(event, head);
    size_t size = head_size;
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        size += text_at(event, i).size; /* all are parts of one frame */
    }
    ck_waiting *w = ck_new(alloc, sizeof *w + size);
    if (w == NULL) {
        return NULL;
    }
    w->size = size;
    memcpy(w->bytes, head, head_size);
    uint8_t *at = w->bytes + head_size;
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        const ck_bytes text = text_at(event, i);
        if (text.size > 0) {
            memcpy(at, text.data, text.size);
            at += text.size;
        }
    }
    return w;
}

void ck_waiting_read(const ck_waiting *w, ck_replica_event *out)
{
    ck_reader in = ck_reader_of(w->bytes, w->size);
    size_t sizes[CK_COUNT_OF(texts)];
    *out = (ck_replica_event){.kind = (enum ck_replica_event_kind)ck_wire_get_varint(&in)};
    out->how = (enum ck_release_how)ck_wire_get_varint(&in);
    out->reason = (enum ck_reason)ck_wire_get_varint(&in);
    out->event.deleted = ck_wire_get_varint(&in) != 0;
    for (size_t i = 0; i < CK_COUNT_OF(numbers); i++) {
        const uint64_t number = ck_wire_get_varint(&in);
        memcpy((uint8_t *)out + numbers[i], &number, sizeof number);
    }
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        sizes[i] = (size_t)ck_wire_get_varint(&in);
    }
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        const ck_bytes text = ck_bytes_of(ck_read_bytes(&in, sizes[i]), sizes[i]);
        memcpy((uint8_t *)out + texts[i], &text, sizeof text);
    }
}
