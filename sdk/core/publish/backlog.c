#include "core/publish/backlog.h"

#include "base/check.h"

void ck_backlog_init(ck_backlog *b)
{
    b->handed_bytes = 0;
    b->first = 0;
    b->count = 0;
}

static ck_backlog_packet *packet_at(ck_backlog *b, size_t index)
{
    return &b->packets[(b->first + index) % CK_BACKLOG_PACKETS];
}

/* Each two become one that keeps the older time and the newer end, so the error is spread evenly.
 */
static void merge_neighbours(ck_backlog *b)
{
    for (size_t i = 0; i < b->count / 2; i++) {
        ck_backlog_packet merged = *packet_at(b, 2 * i);
        merged.end_bytes = packet_at(b, 2 * i + 1)->end_bytes;
        *packet_at(b, i) = merged;
    }
    b->count /= 2;
}

void ck_backlog_add(ck_backlog *b, size_t bytes, int64_t dts_us)
{
    b->handed_bytes += bytes;
    if (b->count == CK_BACKLOG_PACKETS) {
        merge_neighbours(b);
    }
    ck_backlog_packet *newest = packet_at(b, b->count);
    newest->end_bytes = b->handed_bytes;
    newest->dts_us = dts_us;
    b->count++;
}

uint64_t ck_backlog_span_us(ck_backlog *b, size_t unsent_bytes)
{
    uint64_t sent = b->handed_bytes - CK_MIN(unsent_bytes, b->handed_bytes);
    while (b->count > 0 && b->packets[b->first].end_bytes <= sent) {
        b->first = (b->first + 1) % CK_BACKLOG_PACKETS;
        b->count--;
    }
    if (b->count == 0) {
        return 0;
    }
    size_t newest = (b->first + b->count - 1) % CK_BACKLOG_PACKETS;
    int64_t span = b->packets[newest].dts_us - b->packets[b->first].dts_us;
    return span > 0 ? (uint64_t)span : 0;
}
