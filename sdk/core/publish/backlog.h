/*
 * How late a publisher is, in media time: the span between the newest packet handed over and the
 * oldest one that has not left the machine. Bytes alone mislead, as a key frame is fifty times a
 * still picture.
 */
#ifndef CK_CORE_PUBLISH_BACKLOG_H
#define CK_CORE_PUBLISH_BACKLOG_H

#include <stddef.h>
#include <stdint.h>

/* Packets remembered; when more are under way neighbours are merged, which overstates the span by
 * what one of the merged ones covers: up to 8 packets among 1,000. */
#define CK_BACKLOG_PACKETS 512

typedef struct ck_backlog_packet {
    uint64_t end_bytes; /* handed_bytes after it */
    int64_t dts_us;
} ck_backlog_packet;

typedef struct ck_backlog {
    uint64_t handed_bytes; /* in all */
    size_t first;
    size_t count;
    ck_backlog_packet packets[CK_BACKLOG_PACKETS];
} ck_backlog;

void ck_backlog_init(ck_backlog *b);
void ck_backlog_add(ck_backlog *b, size_t bytes, int64_t dts_us);
/* `unsent_bytes`: of everything added, what has not left. Microseconds; 0 when all has. */
uint64_t ck_backlog_span_us(ck_backlog *b, size_t unsent_bytes);

#endif
