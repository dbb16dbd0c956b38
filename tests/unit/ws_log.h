/*
 * What a WebSocket core told and said, as text: "T5:hello" and "B2:00ff" are messages, "end STATUS
 * CODE FAULT" is the end; what it wants written is "pong:68690a", "close:03e8", unmasked.
 */
#ifndef CK_TESTS_WS_LOG_H
#define CK_TESTS_WS_LOG_H

#include "base/text.h"
#include "core/ws/conn.h"

#define WS_LOG_SHOWN 24 /* bytes of a payload that are shown */

typedef struct ws_log {
    char events[1024];
    char outputs[1024];
    ck_text event_text;
    ck_text output_text;
} ws_log;

void ws_log_init(ws_log *log);
/* Feeds in pieces of 1 to `piece_max` bytes, or all at once for 0, and notes what comes of it. */
void ws_log_feed(ws_log *log, ck_ws_conn *c, const void *data, size_t size, size_t piece_max,
                 uint64_t now_us);
void ws_log_poll(ws_log *log, ck_ws_conn *c); /* events, then outputs */

#endif
