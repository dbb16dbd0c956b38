/* What the two files of a connection share. Private to core/ws. */
#ifndef CK_CORE_WS_CONN_INTERNAL_H
#define CK_CORE_WS_CONN_INTERNAL_H

#include "core/ws/conn.h"

#define CK_WS_NO_CODE 1005 /* RFC 6455 7.4.1: a close frame without a code */

/* conn.c: the end, in order and by a fault. */
void ck_ws_conn_peer_closes(ck_ws_conn *c, uint16_t code);
void ck_ws_conn_fail(ck_ws_conn *c, enum ck_ws_fault fault);

/* conn_receive.c: goes through what was fed; true: `event` has a message. */
bool ck_ws_conn_receive(ck_ws_conn *c, ck_ws_event *event);

#endif
