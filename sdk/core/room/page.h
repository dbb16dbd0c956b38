/*
 * A page of history: messages of both lanes as one list, in the order of room time. Used by one
 * thread at a time.
 */
#ifndef CK_CORE_ROOM_PAGE_H
#define CK_CORE_ROOM_PAGE_H

#include "core/room/events.h"

typedef struct ck_page_reader {
    ck_event_reader readers[2]; /* by lane */
    ck_event next[2];
    int has[2];
} ck_page_reader;

/* `page` and the bytes that it was decoded from must stay while it is read. */
void ck_page_read_begin(ck_page_reader *r, const ck_wire_page *page);
/* 1, 0 at the end, CHALK_ERR_BAD_DATA, CHALK_ERR_TOO_LARGE. The lane is set; `data` of a message
 * of the crowd is its author's name. */
int ck_page_read(ck_page_reader *r, ck_event *event);

#endif
