#include "core/publish/backlog.h"

#include "base/check.h"

void ck_backlog_init(ck_backlog *b)
{
    b->handed_bytes = 0;
    b->first = 0;
    b->count = 0;
}

void ck_backlog_add(ck_backlog *b, size_t bytes, int64_t dts_us)
{
    b->handed_bytes += bytes;
    if (b->count == CK_BACKLOG_PACKETS) {
        /* The oldest two become one that keeps the older time and the newer end. */
        size_t second = (b->first + 1) % CK_BACKLOG_PACKETS;
        b->packets[second].dts_us = b->packets[b->first].dts_us;
        b->first = second;
        b->count--;
    }
    size_t at = (b->first + b->count) % CK_BACKLOG_PACKETS;
    b->packets[at].end_bytes = b->handed_bytes;
    b->packets[at].dts_us = dts_us;
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
