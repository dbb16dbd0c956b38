/* Private to rtmp_conn*.c. */
#ifndef CK_EDGE_RTMP_CONN_INSIDE_H
#define CK_EDGE_RTMP_CONN_INSIDE_H

#include "core/rtmp/rtmp.h"
#include "edge/state.h"

typedef struct rtmp_conn {
    ck_conn base; /* first: a ck_conn is one of these */
    ck_rtmp *rtmp;
    char *app; /* of connect, with its query */
    char *tc_url;
    uint64_t play_request; /* waits for the hub to find the stream; 0: none */
    ck_hub_stream *published;
    ck_hub_reader *reader;
    ck_stream_name name;
    bool logged; /* why it ends was logged already */
} rtmp_conn;

ck_log *ck_rtmp_conn_log(const rtmp_conn *c);
const char *ck_rtmp_conn_peer(const rtmp_conn *c);
void ck_rtmp_conn_pump(ck_conn *base, uint64_t now_us);

/* Refuses a request, in the log too; why NULL: in the words of the status. */
void ck_rtmp_conn_reject(rtmp_conn *c, uint64_t request, int status, const char *why,
                         uint64_t now_us);
/* Each answers the request of its event, now or (play) when the hub has found the stream. */
void ck_rtmp_conn_connect(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us);
void ck_rtmp_conn_publish(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us);
void ck_rtmp_conn_play(rtmp_conn *c, const ck_rtmp_event *event, uint64_t now_us);

/* Faults that are counted when the connection has closed, however they came about. */
bool ck_rtmp_conn_is_broken(int status);
/* Ends a publish that was accepted and tells the publisher why; the words leave with the next pump.
 */
void ck_rtmp_conn_dismiss(rtmp_conn *c, int status, const char *why, uint64_t now_us);

#endif
